"""Live functions: names are resolved in the closure, the globals and the builtins, at the time they are asked for."""

from __future__ import annotations

from collections.abc import Container, Iterator
from types import CodeType, FunctionType, ModuleType

from s2sad.errors import DifferentiationError, S2sadError
from s2sad.frontend.library import (
    is_library_module,
    is_operator,
    library_member,
    library_module,
    library_name,
    why_no_operator,
)
from s2sad.frontend.source import source_of, why_no_function
from s2sad.frontend.unit import Binding, Data, Library, Module, Unit, Unresolved, User
from s2sad.slots import resolve_slot, step

__all__ = ["LiveScope", "resolve_slot", "unique_key", "unit_of"]

Path = tuple[str, ...]


def unit_of(function: object) -> Unit:
    """The unit of a Python function; its names are resolved when its scope is asked.

    S101: no source; S102: the source is not what runs; S103: the function is a decorator's wrapper around another one.
    """
    return _Reached().unit(function, ())


class LiveScope:
    """The names that a live function reads."""

    def __init__(self, function: FunctionType, path: Path, reached: _Reached) -> None:
        self.function = function
        self._path = path
        self._reached = reached

    def lookup(self, name: str) -> Binding:
        """What the free name `name` stands for now."""
        function = self.function
        if name.startswith("__") and not name.endswith("__") and name not in _names_of(function.__code__):
            return Unresolved(f"`{name}` is a private name of a class")
        if name in function.__code__.co_freevars:
            try:
                return self._binding(step(function, "closure", name), "closure", name)
            except ValueError:
                return Unresolved(f"the variable `{name}` of the enclosing function has no value yet")
        try:
            return self._binding(step(function, "global", name), "global", name)
        except KeyError:
            return Unresolved(f"the name `{name}` is not defined")

    def member(self, module: Module, attr: str) -> Binding:
        """What `module.attr` stands for now."""
        found = self._reached.modules.get(module.key)
        if found is None:
            return library_member(module.dotted, attr)
        value, path = found
        try:
            return self._reached.binding(getattr(value, attr), (*path, "attr", attr))
        except AttributeError:
            return Unresolved(f"module `{module.dotted}` has no attribute `{attr}`")

    def default(self, parameter: str) -> Binding:
        """The default value of a parameter, which was computed when the function was defined."""
        try:
            value = step(self.function, "default", parameter)
        except KeyError:
            return Unresolved(f"the parameter `{parameter}` has no default")
        return self._binding(value, "default", parameter)

    def _binding(self, value: object, kind: str, name: str) -> Binding:
        return self._reached.binding(value, (*self._path, kind, name))


class _Reached:
    """The functions and modules that were met on the way from one differentiated function, each with its path."""

    def __init__(self) -> None:
        self._units: dict[FunctionType, Unit] = {}
        self._keys: set[str] = set()
        self.modules: dict[str, tuple[ModuleType, Path]] = {}

    def unit(self, function: object, path: Path) -> Unit:
        if isinstance(function, FunctionType) and function in self._units:
            return self._units[function]
        if isinstance(function, FunctionType) and _is_wrapper(function):
            raise _wrapped(function)
        source = source_of(function)
        assert isinstance(function, FunctionType)
        scope = LiveScope(function, path, self)
        unit = Unit(self._key(function), source.node.name, source.node, source.file, source.lines, scope)
        self._units[function] = unit
        return unit

    def binding(self, value: object, path: Path) -> Binding:
        """What a value found at `path` is for the program."""
        match value:
            case ModuleType():
                return self._module(value, path)
            case _ if is_operator(value):
                return Unresolved(why_no_operator(value))
            case _ if (dotted := library_name(value)) is not None:
                return Library(dotted)
            case FunctionType():
                try:
                    return User(self.unit(value, path))
                except S2sadError as error:
                    return Unresolved(error.reason)
            case _ if callable(value):
                return Unresolved(why_no_function(value)[0])
        return Data(path[-1], value, has_value=True, slot=path)

    def _module(self, module: ModuleType, path: Path) -> Module:
        if is_library_module(module):
            return library_module(module)
        for key, (known, _) in self.modules.items():
            if known is module:
                return Module(module.__name__, key)
        key = unique_key(module.__name__, self.modules.keys())
        self.modules[key] = (module, path)
        return Module(module.__name__, key)

    def _key(self, function: FunctionType) -> str:
        key = f"{function.__module__}:{function.__qualname__}"
        if "<" in function.__qualname__:
            key = f"{key}@{function.__code__.co_firstlineno}"
        key = unique_key(key, self._keys)
        self._keys.add(key)
        return key


# ------------------------------------------------------------------ questions


def _names_of(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    yield from code.co_freevars
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_of(constant)


def _is_wrapper(function: FunctionType) -> bool:
    original = function.__dict__.get("__wrapped__")
    return original is not None and getattr(original, "__code__", None) is not function.__code__


def _wrapped(function: FunctionType) -> DifferentiationError:
    name = function.__name__
    reason = f"`{name}` is wrapped by a decorator: what runs is `{function.__code__.co_qualname}`, not its source"
    return DifferentiationError("S103", reason, rewrite=f"differentiate what is inside: {name}.__wrapped__")


def unique_key(name: str, taken: Container[str]) -> str:
    """`name`, numbered if it is taken."""
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name}#{count}"
    return candidate
