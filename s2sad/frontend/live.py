"""Live functions: names are resolved in the closure, the globals and the builtins, at the time they are asked for."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from s2sad import custom
from s2sad.applied import Applied, holds_functions, inside, is_cached
from s2sad.errors import DifferentiationError, S2sadError
from s2sad.frontend.builtin import library_unit
from s2sad.frontend.carried import is_carried, is_carried_error
from s2sad.frontend.classes import class_called, class_of, instance_of
from s2sad.frontend.given import Given, applied
from s2sad.frontend.library import (
    is_derivative,
    is_library,
    is_library_module,
    is_operator,
    library_import,
    library_member,
    library_module,
    library_name,
)
from s2sad.frontend.source import source_of, why_no_function
from s2sad.frontend.unit import (
    Binding,
    BoundMethod,
    ByHand,
    Class,
    Data,
    Derived,
    Imported,
    Items,
    Library,
    Makers,
    Module,
    Ruled,
    Rules,
    TextRule,
    Unit,
    Unresolved,
    User,
)
from s2sad.rules import helpers
from s2sad.slots import loaded, resolve_slot, step

__all__ = ["LiveScope", "class_with_key", "resolve_slot", "unique_key", "unit_of"]

Path = tuple[str, ...]


def unit_of(function: object) -> Unit:
    """The unit of a Python function; its names are resolved when its scope is asked.

    S101: no source; S102: the source is not what runs; S103: what is given to it cannot be resolved.
    """
    if isinstance(function, MethodType):
        return _Reached().bound_method(function)
    return _Reached().with_rules(function, ())


def class_with_key(key: str) -> Class | None:
    """The class of an object that was met as an argument; None if there is none any more."""
    return class_called(key, _Reached())


class LiveScope:
    """The names that a live function reads."""

    def __init__(self, function: FunctionType, path: Path, reached: _Reached) -> None:
        self.function = function
        self._path = path
        self._reached = reached
        reached.homes.setdefault(id(function.__globals__), path)

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
        return self._reached.member(module, attr)

    def default(self, parameter: str) -> Binding:
        """The default value of a parameter, which was computed when the function was defined."""
        try:
            value = step(self.function, "default", parameter)
        except KeyError:
            return Unresolved(f"the parameter `{parameter}` has no default")
        return self._binding(value, "default", parameter)

    def imported(self, what: Imported) -> Binding:
        """What an import in the function brings."""
        return self._reached.imported(self.function.__globals__, what)

    def _binding(self, value: object, kind: str, name: str) -> Binding:
        return self._reached.binding(value, (*self._path, kind, name))


class RuleScope:
    """The names in the text of a rule: `space` are those of the module where it stands."""

    def __init__(self, space: Mapping[str, Any], path: Path, reached: _Reached) -> None:
        self._space = space
        self._path = path
        self._reached = reached

    def lookup(self, name: str) -> Binding:
        """What `name` stands for now."""
        if name in self._space:
            home = self._reached.homes.get(id(self._space))
            path = (*self._path, "rule", name) if home is None else (*home, "global", name)
            return self._reached.binding(self._space[name], path)
        if hasattr(builtins, name):
            return Library(name)
        return Unresolved(f"the name `{name}` is not defined where the rule stands")

    def member(self, module: Module, attr: str) -> Binding:
        """What `module.attr` stands for now."""
        return self._reached.member(module, attr)

    def default(self, parameter: str) -> Binding:
        """A rule has no defaults."""
        return Unresolved(f"the parameter `{parameter}` has no default")

    def imported(self, what: Imported) -> Binding:
        """A rule imports nothing."""
        return Unresolved(f"a rule cannot import `{what.dotted}`")


class _Reached:
    """The functions and modules that were met on the way from one differentiated function, each with its path."""

    def __init__(self) -> None:
        self._units: dict[FunctionType, Unit] = {}
        self._by_hand: dict[custom.ByHand, Unit] = {}
        self._keys: set[str] = set()
        self.modules: dict[str, tuple[ModuleType, Path]] = {}
        #: By the identity of a module's globals, the path to a function that has them.
        self.homes: dict[int, Path] = {}

    def unit(self, function: object, path: Path) -> Unit:
        if isinstance(function, FunctionType) and function in self._units:
            return self._units[function]
        unit = self._new_unit(function, path)
        assert isinstance(function, FunctionType)
        self._units[function] = unit
        return unit

    def _new_unit(self, function: object, path: Path) -> Unit:
        source = source_of(function)
        assert isinstance(function, FunctionType)
        scope = LiveScope(function, path, self)
        wrapper = "__wrapped__" in vars(function) and function.__name__.isidentifier()
        around = function.__qualname__.split(".")[:-1]
        inside = around[-1] if around and not around[-1].endswith(">") else ""
        own = function.__name__ if wrapper else source.node.name
        name = f"{inside}_{own.strip('_')}" if inside else own
        return Unit(self._key(function), name, source.node, source.file, source.lines, scope, inside=inside)

    def bound_method(self, method: MethodType) -> Unit:
        """The unit of a method, its first parameter bound to the object."""
        receiver = self.binding(method.__self__, ("attr", "__self__"))
        unit = self.with_rules(method.__func__, ("attr", "__func__"))
        return replace(unit, name=method.__name__.strip("_"), receiver=receiver)

    def with_rules(self, function: object, path: Path) -> Unit:
        """The unit of a function with what is said of it for its derivatives, and with what it is given."""
        if isinstance(function, Applied | partial):
            return self._applied(function, path)
        if (inner := inside(function)) is not None:
            return self.with_rules(inner[1], (*path, "attr", inner[0]))
        if (dotted := library_name(function)) is not None and (unit := library_unit(dotted)) is not None:
            return unit
        if isinstance(function, custom.ByHand):
            if function not in self._by_hand:
                self._by_hand[function] = self._unit_by_hand(function, path)
            return self._by_hand[function]
        if isinstance(function, FunctionType) and function not in self._units and custom.declared_for(function):
            unit = self._new_unit(function, path)
            slot = path or ("self", function.__name__)
            value = Data(function.__name__, function, has_value=True, slot=slot)
            by_hand = ByHand(declared=self._declared(function, path), value=value)
            self._units[function] = replace(unit, by_hand=by_hand)
        return self.unit(function, path)

    def _applied(self, function: Applied | partial[Any], path: Path) -> Unit:
        """The unit of a function with arguments given beforehand."""
        if isinstance(function, Applied):
            base = self.with_rules(function.function, (*path, "attr", "function"))
            values = {name: self.given(value, name, name, path) for name, value in function.given.items()}
            given = Given(values=values, args=function.args, keywords=function.keywords)
            return applied(base, given, self._own_key(base.key))
        base = self.with_rules(function.func, (*path, "attr", "func"))
        names = [arg.arg for arg in (*base.node.args.posonlyargs, *base.node.args.args)]
        names += [f"{base.name}_given"] * len(function.args)
        positional = tuple(
            self.given(value, names[number], str(number), path) for number, value in enumerate(function.args)
        )
        defaults = {name: self.given(value, name, name, path) for name, value in function.keywords.items()}
        return applied(base, Given(positional, defaults=defaults), self._own_key(base.key))

    def given(self, value: object, name: str, place: str, path: Path) -> Binding:
        """What a value that is given to the parameter `name` is for the program."""
        found = self.binding(value, (*path, "given", place))
        if isinstance(found, Unresolved):
            raise DifferentiationError("S103", f"cannot resolve what is given to `{name}`: {found.reason}")
        match found:
            case Data():
                return replace(found, name=name)
            case Library():
                return replace(found, spelled=False)
        return found

    def _unit_by_hand(self, function: custom.ByHand, path: Path) -> Unit:
        inner, slot = function.__wrapped__, (*path, "attr", "__wrapped__")
        if isinstance(inner, custom.ByHand):
            base = self.with_rules(inner, slot)
            base = replace(base, key=self._own_key(base.key))
        else:
            base = self._new_unit(inner, slot)
        old = base.by_hand or ByHand(value=Data(base.name, inner, has_value=True, slot=slot))
        given = (getattr(function, name) for name in ("jvp", "forward", "backward"))
        jvp, forward, backward = (
            None if rule is None else self.with_rules(rule, (*path, "attr", name))
            for name, rule in zip(("jvp", "forward", "backward"), given, strict=True)
        )
        by_hand = replace(
            old,
            jvp=jvp or old.jvp,
            forward=forward or old.forward,
            backward=backward or old.backward,
            nondiff=function.nondiff or old.nondiff,
            recompute=function.recompute or old.recompute,
            declared=self._declared(function, path) or old.declared,
        )
        return replace(base, by_hand=by_hand)

    def _declared(self, function: object, path: Path) -> Rules:
        return tuple(self._rule(one, path) for one in custom.declared_for(function))

    def _rule(self, declared: custom.Declared, path: Path) -> TextRule | Makers:
        if declared.kind == "rule":
            return TextRule(declared.signature, declared.text, RuleScope(declared.space, path, self))
        makers = tuple(
            None if maker is None else self.unit(maker, (*path, "maker", f"{declared.kind} {number}"))
            for number, maker in enumerate(declared.makers)
        )
        return Makers(declared.kind, makers, declared.argnums)

    def member(self, module: Module, attr: str) -> Binding:
        """What `module.attr` stands for now."""
        found = self.modules.get(module.key)
        if found is None:
            value = getattr(sys.modules.get(module.dotted), attr, None)
            binding = library_member(module.dotted, attr)
            rules = self._declared(value, ()) if callable(value) else ()
            return Ruled(binding, rules) if rules else binding
        value, path = found
        try:
            return self.binding(getattr(value, attr), (*path, "attr", attr))
        except AttributeError:
            return Unresolved(f"module `{module.dotted}` has no attribute `{attr}`")

    def imported(self, space: dict[str, Any], what: Imported) -> Binding:
        """What an import in a function with these globals brings. The module is loaded now if it is not yet."""
        if not what.level and is_library(what.dotted) and not _is_hidden(what.dotted):
            return library_import(what.bound) if what.attr is None else library_member(what.dotted, what.attr)
        try:
            module = loaded(space, what.dotted, what.level, (what.attr,) if what.attr else ())
            module = module if what.is_whole or what.attr else sys.modules[what.dotted]
            value = getattr(module, what.attr) if what.attr else module
        except (ImportError, AttributeError) as error:
            return Unresolved(str(error))
        path = ("import", module.__name__)
        return self.binding(value, (*path, "attr", what.attr) if what.attr else path)

    def binding(self, value: object, path: Path) -> Binding:
        """What a value found at `path` is for the program."""
        if callable(value) and not isinstance(value, FunctionType | custom.ByHand) and custom.declared_for(value):
            found = self._plain_binding(value, path)
            if isinstance(found, Unresolved):
                found = Data(path[-1], value, has_value=True, slot=path)
            return Ruled(found, self._declared(value, path))
        return self._plain_binding(value, path)

    def _plain_binding(self, value: object, path: Path) -> Binding:
        match value:
            case ModuleType():
                return self._module(value, path)
            case _ if is_operator(value):
                return Library(f"s2sad.{value.__name__}")
            case _ if is_derivative(value):
                return self._derived(value, path)
            case _ if (dotted := library_name(value)) is not None:
                return Library(dotted)
            case FunctionType() if value.__code__ is _MANAGER:
                return Data(path[-1], value, has_value=True, slot=path)
            case _ if (inner := inside(value)) is not None:
                found = self.binding(inner[1], (*path, "attr", inner[0]))
                return (
                    replace(found, unit=replace(found.unit, cached=True))
                    if isinstance(found, User) and is_cached(value)
                    else found
                )
            case FunctionType() | custom.ByHand() | partial():
                try:
                    return self._function(value, path)
                except S2sadError as error:
                    return Unresolved(error.reason)
            case type() if issubclass(value, BaseException):
                if is_carried_error(value):
                    return Library(value.__name__)
                return Data(path[-1], value, has_value=True, slot=path)
            case tuple() | list() | dict() if holds_functions(value):
                return self._items(value, path)
            case type():
                return class_of(value, path, self)
            case MethodType():
                return self._bound(value, path)
            case _ if (instance := instance_of(value, path, self)) is not None:
                return instance
            case _ if callable(value):
                return Unresolved(why_no_function(value)[0])
        return Data(path[-1], value, has_value=True, slot=path)

    def _items(self, value: tuple[Any, ...] | list[Any] | dict[Any, Any], path: Path) -> Binding:
        """A container with functions by what is in it."""
        parts = value if isinstance(value, dict) else dict(enumerate(value))
        named = {key: self.binding(part, (*path, "item", str(key))) for key, part in parts.items()}
        for key, found in named.items():
            if isinstance(found, Unresolved):
                return found
            if isinstance(found, Data):
                named[key] = replace(found, name=f"{path[-1]}_{key}" if str(key).isidentifier() else f"{path[-1]}_item")
        return Items(type(value).__name__, tuple(named), tuple(named.values()))

    def _bound(self, method: MethodType, path: Path) -> Binding:
        receiver, name = method.__self__, method.__func__.__name__
        if getattr(getattr(receiver, name, None), "__func__", None) is not method.__func__:
            return Unresolved(f"`{name}` is a method that its object has under another name")
        return BoundMethod(self.binding(receiver, (*path, "attr", "__self__")), name)

    def _function(self, function: FunctionType | custom.ByHand | partial[Any], path: Path) -> Binding:
        if isinstance(function, FunctionType) and self._is_helper(function, path):
            return Library(function.__name__)
        return User(self.with_rules(function, path))

    def _is_helper(self, function: FunctionType, path: Path) -> bool:
        known = helpers.known(function.__name__)
        return known and is_carried(source_of(function).node, LiveScope(function, path, self))

    def _derived(self, derivative: Any, path: Path) -> Binding:
        options = derivative.options
        wrt = options.wrt[0] if options.bare else options.wrt
        function = self.binding(derivative.__wrapped__, (*path, "attr", "__wrapped__"))
        return function if isinstance(function, Unresolved) else Derived(options.mode, wrt, options.has_aux, function)

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
        return self._own_key(key)

    def _own_key(self, wished: str) -> str:
        key = unique_key(wished, self._keys)
        self._keys.add(key)
        return key


# ------------------------------------------------------------------ questions

#: The code of every function that `contextlib.contextmanager` makes of a generator: only a `with` calls it.
_MANAGER = contextmanager(lambda: iter(())).__code__


def _is_hidden(dotted: str) -> bool:
    """True if a module of the user's is found where a library's would be."""
    top = dotted.partition(".")[0]
    library_import(top)
    module = sys.modules.get(top)
    return module is not None and not is_library_module(module)


def _names_of(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    yield from code.co_freevars
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_of(constant)


def unique_key(name: str, taken: Container[str]) -> str:
    """`name`, numbered if it is taken."""
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name}#{count}"
    return candidate
