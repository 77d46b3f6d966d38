"""One derivative for one pattern of arguments: from the cache if it is there, else generated; loaded with its data."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

from s2sad import __version__, cache
from s2sad.applied import name_of
from s2sad.fingerprint import digest, fingerprint, stamp
from s2sad.kind import Array, Dim, Kind, List, Number, Other, Pattern, Record, Sequence, constant_dim
from s2sad.naming import root_name
from s2sad.observed import classes_in, kind_of_data, kind_of_value
from s2sad.options import Options
from s2sad.parameters import parameters_of
from s2sad.slots import resolve_slot

__all__ = ["Kinds", "Request", "Specialisation", "exclusive", "kinds_of", "part_by_part", "shown", "specialise"]

Kinds = tuple[tuple[str, Kind], ...]


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked for: the derivative of the user's function `root`, which `expression` makes, for parameters of these
    kinds.

    `pattern` is what `kinds` was made with; there are no `kinds` where nothing is known yet. With `exact` the text must
    show the numbers bound now.
    """

    root: Callable[..., Any]
    options: Options
    expression: str
    kinds: Kinds
    pattern: Pattern
    exact: bool = False


@dataclass(frozen=True, eq=False)
class Specialisation:
    """A generated function, loaded, and the kinds of the parameters it was made for.

    `exact` is false if the text shows other numbers than are bound now: a global was rebound since it was generated.
    """

    function: FunctionType
    entry: cache.Entry
    kinds: Kinds
    pattern: Pattern
    exact: bool


class _Exclusive:
    """One thread at a time generates: the formatter is not known to be safe in threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        if hasattr(os, "register_at_fork"):
            # A forked child does not inherit the thread that holds the lock.
            os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()


exclusive = _Exclusive()


def kinds_of(values: Mapping[str, Any], pattern: Pattern) -> Kinds:
    """The kinds of parameters, by name, in order."""
    return tuple((name, kind_of_value(value, pattern)) for name, value in values.items())


def part_by_part(kinds: Kinds, values: Mapping[str, Any], options: Options) -> Kinds:
    """The kinds of parameters with each element of a list by itself where a Jacobian is asked with respect to it, whose
    derivatives come one by one, or a derivative with respect to a part of it.
    """
    names: set[str] = set()
    level: Options | None = options
    while level is not None:
        names |= {root_name(name) for name in level.wrt if name not in values or level.mode in _PART_BY_PART}
        level = level.inner
    return tuple((name, _parts(kind, values[name]) if name in names else kind) for name, kind in kinds)


_PART_BY_PART = ("jacfwd", "jacrev", "jacobian", "hessian")


def _parts(kind: Kind, value: Any) -> Kind:
    match kind:
        case List(item=item):
            return Sequence("list", tuple(_parts(item, part) for part in value))
        case Sequence(type=name, items=items):
            return Sequence(name, tuple(map(_parts, items, value)))
        case Record(type="dict", keys=keys, items=items):
            return replace(kind, items=tuple(_parts(item, value[key]) for key, item in zip(keys, items, strict=True)))
        case Record(keys=keys, items=items):
            parts = (getattr(value, str(key)) for key in keys)
            return replace(kind, items=tuple(map(_parts, items, parts)))
    return kind


def specialise(request: Request) -> Specialisation:
    """The derivative asked for, in a new instance of its module: the data it reads are those of `request.root`.

    Numbers and strings among the data are written into the text, but do not change what it does. So where a global was
    rebound to another number, the text made before in this process is taken, unless an `exact` one is asked for.
    S2sadError if it cannot be generated.
    """
    found = fingerprint(request.root, classes_in(kind for _, kind in request.kinds))
    pattern = deepcopy(request.pattern)
    data = tuple(kind_of_data(value, pattern) for value in found.data)
    alike = digest(stamp(), request.expression, request.options, request.kinds, data, found.code)
    key = digest(alike, tuple(map(_literal, found.data)))
    where = cache.stem(
        str(getattr(request.root, "__module__", None)), name_of(request.root), _modes(request.options), key
    )
    entry = _known(key) or (None if request.exact else _known(alike)) or cache.load(where, key)
    if entry is None:
        entry = cache.store(where, _generated(request, key, found.source))
    _remember(entry, alike)
    return Specialisation(_instance(request, entry, where), entry, request.kinds, request.pattern, entry.key == key)


def _literal(value: object) -> object:
    """A value as the text may show it."""
    if type(value) is tuple:
        return tuple(map(_literal, value))
    return repr(value) if type(value) in (bool, int, float, complex, str, type(None)) else ""


def _instance(request: Request, entry: cache.Entry, where: str) -> FunctionType:
    data = {name: resolve_slot(request.root, slot) for name, slot in entry.data}
    # In front, a package of no one: what a module is called tells the fingerprint whose code it is.
    space = cache.namespace(entry, f"s2sad_generated.{where.replace(os.sep, '.')}", data)
    function = space[entry.name]
    assert isinstance(function, FunctionType)
    # The objects themselves: an expression may give another value now than when the function was defined.
    inputs = parameters_of(request.root)
    if function.__defaults__ is not None:
        function.__defaults__ = tuple(inputs.defaults[name] for name in inputs.positional if name in inputs.defaults)
    if function.__kwdefaults__ is not None:
        function.__kwdefaults__ = {name: inputs.defaults[name] for name in function.__kwdefaults__}
    return function


#: Entries read or written in this process, by key: lambdas made again and again share one.
_ENTRIES: dict[tuple[str, str], cache.Entry] = {}
_ENTRIES_SIZE = 512


def _known(key: str) -> cache.Entry | None:
    return _ENTRIES.get((cache.directory(), key))


def _remember(entry: cache.Entry, alike: str) -> None:
    if len(_ENTRIES) >= _ENTRIES_SIZE:
        _ENTRIES.clear()
    place = cache.directory()
    _ENTRIES[place, entry.key] = _ENTRIES[place, alike] = entry


def _generated(request: Request, key: str, source: str) -> cache.Entry:
    # Late, because they are heavy: a cached derivative needs neither.
    from s2sad.frontend.live import unit_of
    from s2sad.pipeline import derive

    unit = unit_of(request.root)
    header = _header(request, f"{unit.file}:{unit.name}", source)
    made = derive(unit, request.options, dict(request.kinds), deepcopy(request.pattern), header)
    data = tuple((one.name, tuple(one.slot)) for one in made.data)
    report = tuple((name, tuple(lines)) for name, lines in vars(made.report).items())
    return cache.Entry("", key, made.text, made.name, data, report)


def _header(request: Request, origin: str, source: str) -> tuple[str, ...]:
    """What the generated file says of itself. No date and no absolute path: the same input gives the same bytes."""
    options = request.options
    return (
        f"made by s2sad {__version__} from {origin}",
        f"source: {source[:16]}",
        f"options: {_options_text(options)}",
        f"made again by: {request.expression}",
    )


def _modes(options: Options) -> str:
    """The operators, as the name of a derivative of a derivative has them."""
    return options.mode if options.inner is None else f"{_modes(options.inner)}_{options.mode}"


def _options_text(options: Options) -> str:
    own = f"mode={options.mode}, wrt={','.join(options.wrt)}{', has_aux' if options.has_aux else ''}"
    own += f", outputs={','.join(options.outputs)}" if options.outputs else ""
    return own if options.inner is None else f"{own}; of {_options_text(options.inner)}"


# ---------------------------------------------------------------------- shown


def shown(kinds: Kinds) -> str:
    """Kinds as a person reads them: `w: float64[m, n], x: float64[n]`."""
    letters: dict[Dim, str] = {}
    return ", ".join(f"{name}: {_shown(kind, letters)}" for name, kind in kinds)


def _shown(kind: Kind, letters: dict[Dim, str]) -> str:
    match kind:
        case Number(dtype=dtype):
            return dtype
        case Array(dtype=dtype, shape=shape):
            return f"{dtype}[{', '.join(_letter(dim, letters) for dim in shape)}]"
        case List(item=item, length=length):
            return f"list of {_letter(length, letters)} {_shown(item, letters)}"
        case Sequence(type=made, items=items):
            return f"{made}({', '.join(_shown(item, letters) for item in items)})"
        case Record(type=made, name=name, keys=keys, items=items):
            parts = ", ".join(f"{key}: {_shown(item, letters)}" for key, item in zip(keys, items, strict=True))
            return f"{{{parts}}}" if made == "dict" else f"{name}({parts})"
        case Other(name=name):
            return name
    return "unknown"


def _letter(dim: Dim, letters: dict[Dim, str]) -> str:
    if dim == constant_dim(1):
        return "1"
    names = "mnklpqrstuvw"
    count = len(letters)
    return letters.setdefault(dim, names[count % len(names)] + str(count // len(names) or ""))
