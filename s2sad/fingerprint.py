"""What a derivative depends on, found from live code objects without parsing: a second process needs no frontend.

Names are found generously: a global counts if its name occurs in the function at all, be it as an attribute. That costs
now and then a regeneration, never a stale derivative.
"""

from __future__ import annotations

import builtins
import dis
import linecache
import os
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from s2sad import __version__, custom
from s2sad.applied import Applied, holds_functions, inside
from s2sad.slots import loaded

try:  # `hashlib` takes longer to load than all else that a cached derivative needs: it loads OpenSSL.
    from _sha2 import sha256  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found, no-redef, unused-ignore]
    except ImportError:
        from hashlib import sha256

__all__ = ["Fingerprint", "Watch", "digest", "fingerprint", "sha256", "stamp"]

_LIBRARIES = frozenset({"numpy", "scipy", "s2sad"})
_STDLIB = os.path.dirname(os.__file__)
_BUILTINS: dict[str, object] = vars(builtins)
_MEMO_SIZE = 4096


class Watch:
    """Where the things were found that a derivative depends on, and what they were."""

    __slots__ = ("absent", "cells", "functions", "lists", "names", "root")

    def __init__(self, root: object) -> None:
        self.root = _identity(root)
        self.names: list[tuple[Any, object, object]] = []
        self.absent: list[tuple[Mapping[str, object], str]] = []
        self.cells: list[tuple[Any, object]] = []
        self.functions: list[tuple[FunctionType, CodeType, object]] = []
        self.lists: list[tuple[Any, int]] = []

    def holds(self, root: object) -> bool:
        """True if everything is still what it was.

        `root` is the function itself: it is not kept here, so that a watch does not keep it alive.
        """
        try:
            for space, name, seen in self.names:
                if space[name] is not seen:
                    return False
            for cell, seen in self.cells:
                if cell.cell_contents is not seen:
                    return False
        except (LookupError, ValueError):
            return False
        return self._code_holds(root)

    def _code_holds(self, root: object) -> bool:
        # IPython's autoreload and other hot reloaders replace `__code__` in place.
        if self.root is not None and (
            root.__code__ is not self.root[0] or root.__defaults__ is not self.root[1]  # type: ignore[attr-defined]
        ):
            return False
        for function, code, defaults in self.functions:
            if function.__code__ is not code or function.__defaults__ is not defaults:
                return False
        for space, name in self.absent:
            if name in space:
                return False
        return all(len(values) == length for values, length in self.lists) if self.lists else True


@dataclass(frozen=True)
class Fingerprint:
    """`code` identifies everything reached, `source` the text of it alone (the same for every Python version).

    `data` are the values reached that are no functions, in a fixed order.
    """

    code: str
    source: str
    data: tuple[object, ...]
    watch: Watch


def digest(*parts: object) -> str:
    """The SHA-256 of the parts' representations, in hexadecimal."""
    return str(sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest())


def fingerprint(function: object, classes: Iterable[type] = ()) -> Fingerprint:
    """Everything that the derivative of `function` depends on, and a watch over it; `classes` are those of its arguments.

    >>> def double(x):
    ...     return 2 * x
    >>> fingerprint(double).code == fingerprint(double).code
    True
    """
    walk = _Walk(function)
    walk.run(classes)
    return Fingerprint(digest(walk.parts), digest(walk.texts), tuple(walk.data), walk.watch)


@cache
def stamp() -> str:
    """Identifies the generator: its version and its files as they stand.

    The version alone does not tell a changed working copy, whose cached derivatives would then be those of yesterday.
    """
    files = sorted(_files(os.path.dirname(__file__)))
    return digest(__version__, np.__version__, sys.version_info[:2], files)


def _files(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir() and entry.name != "__pycache__":
                yield from _files(entry.path)
            elif entry.name.endswith(".py"):
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns


# ---------------------------------------------------------------------- code


def _identity(function: object) -> tuple[CodeType, object] | None:
    return (function.__code__, function.__defaults__) if isinstance(function, FunctionType) else None


#: What an import names: the module, the dots in front of it, what is taken from it.
_Import = tuple[str, int, tuple[str, ...]]


class _Described(NamedTuple):
    """A code object, its digest, its text, and the names and imports in it."""

    code: CodeType
    digest: str
    text: str
    names: tuple[str, ...]
    imports: tuple[_Import, ...]


#: By the identity of a code object, which is kept so that no other can take its place: what `_described` says of it.
_MEMO: dict[int, _Described] = {}


def _described(code: CodeType, space: dict[str, Any]) -> _Described:
    found = _MEMO.get(id(code))
    if found is None:
        if len(_MEMO) >= _MEMO_SIZE:
            _MEMO.clear()
        text = _text(code, space)
        names = tuple(dict.fromkeys(name for part in _nested(code) for name in part.co_names))
        imports = tuple(one for part in _nested(code) if _imports_something(part) for one in _imports(part))
        found = _MEMO[id(code)] = _Described(code, digest(_constant(code), _file(code), text), text, names, imports)
    return found


def _imports_something(code: CodeType) -> bool:
    return dis.opmap["IMPORT_NAME"] in code.co_code[::2]


def _imports(code: CodeType) -> Iterator[_Import]:
    """The imports in a piece of code: two constants, the level and the names, stand in front of each."""
    lines = [line for line in dis.get_instructions(code) if line.opname != "EXTENDED_ARG"]
    for level, names, line in zip(lines, lines[1:], lines[2:], strict=False):
        if line.opname == "IMPORT_NAME":
            yield line.argval, level.argval, names.argval or ()


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _constant(value: object) -> object:
    """A representation that is the same in every process: no addresses, no order of a set."""
    if isinstance(value, CodeType):
        names = value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars
        shape = value.co_argcount, value.co_posonlyargcount, value.co_kwonlyargcount, value.co_flags
        return value.co_qualname, value.co_code, names, shape, tuple(map(_constant, value.co_consts))
    if isinstance(value, tuple):
        return "tuple", tuple(map(_constant, value))
    if isinstance(value, frozenset):
        return "frozenset", tuple(sorted(repr(_constant(item)) for item in value))
    return type(value).__name__, repr(value)


def _file(code: CodeType) -> str:
    """The file's name where it has one: the header of what is generated shows it."""
    name = os.path.basename(code.co_filename)
    return name if name.endswith(".py") else ""


def _text(code: CodeType, space: dict[str, Any]) -> str:
    """The lines of a function, with the decorators and the comments in it."""
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, space)
    last = max(line or 0 for part in _nested(code) for _, _, line in part.co_lines())
    return "".join(lines[code.co_firstlineno - 1 : last])


# ------------------------------------------------------------ whose code it is


@cache
def _is_library(top: str) -> bool:
    """True for NumPy, SciPy, s2sad and the standard library: their functions are known by name and version."""
    if top in _LIBRARIES:
        return True
    if top not in sys.stdlib_module_names:
        return False
    # A user's own `code.py` or `profile.py` hides the library's.
    file = getattr(sys.modules.get(top), "__file__", None)
    return file is None or file.startswith(_STDLIB)


@cache
def _version_of_package(top: str) -> str | None:
    """The version of an installed package, None for the user's own code."""
    module = sys.modules.get(top)
    file = getattr(module, "__file__", None) or ""
    if f"{os.sep}site-packages{os.sep}" in file or f"{os.sep}dist-packages{os.sep}" in file:
        return str(getattr(module, "__version__", ""))
    return None


def _top(value: object) -> str:
    """The top-level package where a function, class or module was made."""
    name = getattr(value, "__name__" if isinstance(value, ModuleType) else "__module__", None)
    # Text run by `exec` with bare globals says "builtins", which has no function written in Python.
    if isinstance(value, FunctionType) and name == "builtins":
        return ""
    return name.partition(".")[0] if isinstance(name, str) else ""


# ---------------------------------------------------------------------- walk


_Owner = tuple[object, Mapping[str, object]]


class _Walk:
    """Collects, breadth first, what can be reached from a function."""

    def __init__(self, root: object) -> None:
        self.root = root
        self.home = _top(root)
        self.parts: list[object] = []
        self.texts: list[str] = []
        self.data: list[object] = []
        self.watch = Watch(root)
        # Functions, and what has attributes. Not recursion: objects may be linked to a long chain.
        self._pending: deque[FunctionType | _Owner] = deque()
        self._seen: dict[object, object] = {}
        # The names in all functions so far, and what has attributes: any of these may be asked for any of those.
        self._names: dict[str, None] = {}
        self._owners: list[_Owner] = []

    def run(self, classes: Iterable[type]) -> None:
        self.watch.names.append((custom.LATEST, "declared", custom.LATEST["declared"]))
        self._value("", self.root)
        for made in classes:
            self._value("argument", made)
        self._work()
        # A rule for a library's function, which is called as an attribute of its module.
        while new := [one for one in custom.all_declared() if self._is_new_rule(one)]:
            for one in new:
                self._declared(one)
            self._work()

    def _work(self) -> None:
        while self._pending:
            match self._pending.popleft():
                case (owner, space):
                    self._members(owner, space, tuple(self._names))
                case function:
                    self._function(function)

    def _first_time(self, key: object, value: object) -> bool:
        if key in self._seen:
            return False
        self._seen[key] = value  # kept, so that its id stays its own
        return True

    def _function(self, function: FunctionType) -> None:
        code, described, text, names, imports = _described(function.__code__, function.__globals__)
        self.parts.append((function.__module__, function.__qualname__, described))
        self.texts.append(text)
        for one in imports:
            self._imported(function.__globals__, one)
        if function is not self.root:
            self.watch.functions.append((function, code, function.__defaults__))
        for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._value("default", value)
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            self._cell(name, cell)
        self._read(function.__globals__, names)

    def _imported(self, space: dict[str, Any], what: _Import) -> None:
        """A module that is imported inside of a function. It is loaded here: what it has belongs to the function."""
        dotted, level, names = what
        if not level and _is_library(dotted.partition(".")[0]):
            return
        try:
            module = loaded(space, dotted, level, names)
        except ImportError as error:
            self.parts.append(("import", dotted, level, type(error).__name__))
            return
        self.watch.names.append((sys.modules, module.__name__, module))
        self._value(dotted, module)

    def _read(self, space: dict[str, Any], names: tuple[str, ...]) -> None:
        """Follow the names that are read where `space` are the globals."""
        self._members(space, space, names)
        self._builtins(space, names)
        new = [name for name in names if name not in self._names]
        self._names.update(dict.fromkeys(new))
        for owner, held in self._owners:
            self._members(owner, held, new)

    def _cell(self, name: str, cell: Any) -> None:
        try:
            value = cell.cell_contents
        except ValueError:  # not assigned yet: never the same again
            self.watch.cells.append((cell, None))
            return
        self.watch.cells.append((cell, value))
        self._value(name, value)

    def _builtins(self, space: dict[str, Any], names: tuple[str, ...]) -> None:
        for name in names:
            if name in _BUILTINS and name not in space and self._first_time((id(space), name), space):
                self.watch.absent.append((space, name))

    def _owner(self, owner: object, space: Mapping[str, object]) -> None:
        self._owners.append((owner, space))
        self._pending.append((owner, space))

    def _members(self, owner: object, space: Mapping[str, object], names: Iterable[str]) -> None:
        """What `space` holds under these names, in their order."""
        for name in names:
            if name in space and self._first_time((id(owner), name), owner):
                value = space[name]
                self.watch.names.append((space, name, value))
                self._value(name, value)

    def _value(self, name: str, value: object) -> None:
        if isinstance(value, MethodType):
            self._value(name, value.__func__)
            self._value(name, value.__self__)
        elif isinstance(value, staticmethod | classmethod):
            self._value(name, value.__func__)
        elif isinstance(value, property):
            self._value(name, value.fget)
            self._value(name, value.fset)
        elif isinstance(value, partial):
            for part in (value.func, *value.args):
                self._value(name, part)
            self._items(value.keywords)
            self.parts.append((name, "partial", len(value.args), tuple(value.keywords)))
        elif isinstance(value, Applied):
            for part in (value.function, *value.given.values()):
                self._value(name, part)
            self.parts.append((name, "applied", tuple(value.given), value.args, value.keywords))
        elif (found := inside(value)) is not None:
            self._value(name, found[1])
        elif isinstance(value, FunctionType | type | ModuleType) or callable(value):
            self._callable(name, value)
        else:
            self._data(name, value)

    def _callable(self, name: str, value: object) -> None:
        """A function, class or module, or an object that can be called."""
        self.parts.append((name, type(value).__name__, _top(value), getattr(value, "__name__", "")))
        for one in custom.declared_for(value):
            self._declared(one)
        if isinstance(value, custom.ByHand):
            self._by_hand(value)
        elif _top(type(value)) == "s2sad" and hasattr(value, "__wrapped__"):
            self.parts.append(repr(getattr(value, "options", None)))
            self._value(name, value.__wrapped__)
        elif _is_library(_top(value)) or self._is_foreign(value) or not self._first_time(id(value), value):
            return
        elif isinstance(value, FunctionType):
            self._pending.append(value)
        elif isinstance(value, type):
            self._class(value)
        elif isinstance(value, ModuleType):
            self._owner(value, vars(value))
        elif hasattr(value, "__wrapped__"):
            self._value(name, value.__wrapped__)
        else:
            self._object(value)

    def _by_hand(self, value: custom.ByHand) -> None:
        """A function and its derivatives by hand."""
        if not self._first_time(("by hand", id(value)), value):
            return
        self.parts.append((type(value).__name__, value.nondiff))
        space = vars(value)
        for name in ("__wrapped__", "nondiff", "jvp", "forward", "backward"):
            self.watch.names.append((space, name, space[name]))
            if callable(space[name]):
                self._value(name, space[name])

    def _is_new_rule(self, declared: custom.Declared) -> bool:
        name = getattr(declared.function, "__name__", None)
        return name in self._names and ("rule", id(declared)) not in self._seen

    def _declared(self, declared: custom.Declared) -> None:
        """A rule and what its text, or the functions in it, read."""
        if not self._first_time(("rule", id(declared)), declared):
            return
        self.parts.append((declared.kind, declared.signature, declared.text, declared.argnums))
        self.texts.append(declared.signature + declared.text)
        for maker in declared.makers:
            if maker is not None:
                self._value("maker", maker)
        if declared.kind == "rule":
            self._read(declared.space, tuple(dict.fromkeys(re.findall(r"[^\W\d]\w*", declared.text))))

    def _is_foreign(self, value: object) -> bool:
        """True for an installed package other than the function's own: its version stands for its code."""
        top = _top(value)
        version = None if top == self.home else _version_of_package(top)
        if version is None:
            return False
        self.parts.append((top, version))
        return True

    def _data(self, name: str, value: object) -> None:
        self.parts.append((name, type(value).__name__))
        self.data.append(value)
        if isinstance(value, list):
            self.watch.lists.append((value, len(value)))
        if holds_functions(value) and self._first_time(("items", id(value)), value):
            self._items(value)
        if hasattr(value, "__dict__") and self._first_time(id(value), value):
            self._object(value)

    def _items(self, value: Any) -> None:
        """What a container with functions holds."""
        parts = value if isinstance(value, dict) else dict(enumerate(value))
        self.parts.append(tuple(parts))
        self.watch.lists.append((value, len(value)))
        for key, part in parts.items():
            if not isinstance(value, tuple):
                self.watch.names.append((value, key, part))
            self._value(str(key), part)

    def _object(self, value: object) -> None:
        """An instance: its methods and attributes."""
        kind = type(value)
        if not _is_library(_top(kind)) and not self._is_foreign(kind):
            if self._first_time(id(kind), kind):
                self._class(kind)
            self._owner(value, getattr(value, "__dict__", {}))

    def _class(self, value: type) -> None:
        for base in reversed(value.__mro__):
            if not _is_library(_top(base)) and not self._is_foreign(base):
                # All methods: operators and constructors are called without being named.
                self._members(base, vars(base), [name for name, member in vars(base).items() if _is_method(member)])
                self._owner(base, vars(base))


def _is_method(member: object) -> bool:
    return isinstance(member, FunctionType | staticmethod | classmethod | property)
