"""Abstract values: what is known of an expression's type and shape.

A dimension is known by its size in each of a few *worlds*, assignments of sizes to the symbols `m`, `n`, … that stand for
the dimensions of the arguments. Two dimensions are the same when their sizes agree in every world (identity testing by
evaluation, Schwartz 1980), so `u[2:]` and `u[:-2]` agree without any algebra on shapes, and the shape of `np.f(x)` is
found by calling `np.f` on small arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "WORLDS",
    "Array",
    "Dim",
    "Kind",
    "List",
    "Never",
    "Number",
    "Other",
    "Pattern",
    "Sequence",
    "Unknown",
    "canonical",
    "constant_dim",
    "described",
    "dims_of",
    "dtype_of",
    "is_rigid",
    "join",
    "kind_of_value",
    "map_dims",
    "may_be_active",
    "same_shape",
    "symbol",
    "with_integers",
    "with_sizes",
]

#: Sizes of the symbols, one triple each. Their sums are equal, so of two symbols neither is the larger in all worlds: a
#: slice `x[:n]` is then as long as neither `x` nor `n`.
_SIZES = (
    (12, 19, 29), (21, 28, 11), (27, 16, 17), (14, 31, 15), (24, 11, 25), (17, 22, 21), (31, 15, 14), (19, 27, 14),
    (13, 24, 23), (28, 13, 19), (16, 26, 18), (23, 20, 17), (11, 30, 19), (30, 12, 18), (20, 14, 26), (18, 32, 10),
)  # fmt: skip
WORLDS = 3

#: The size in each world, or None where nothing is known.
Dim = tuple[int, ...] | None


def symbol(index: int) -> Dim:
    """The sizes of the symbol number `index`."""
    base = _SIZES[index % len(_SIZES)]
    shift = index // len(_SIZES)
    return tuple(size + 7 * shift * (world + 1) for world, size in enumerate(base))


def constant_dim(size: int) -> Dim:
    return (size,) * WORLDS


@dataclass(frozen=True)
class Kind:
    """What is known of a value."""


@dataclass(frozen=True)
class Number(Kind):
    """A scalar: Python's own (`dtype` is float, int, bool or complex) or NumPy's (float64, int32, …).

    `values` holds the value in each world where it is known (literals, sizes).
    """

    dtype: str
    values: tuple[Any, ...] | None = None

    @property
    def is_python(self) -> bool:
        return self.dtype in ("float", "int", "bool", "complex")


@dataclass(frozen=True)
class Array(Kind):
    """A NumPy array of known rank."""

    dtype: str
    shape: tuple[Dim, ...]


@dataclass(frozen=True)
class Sequence(Kind):
    """A tuple or list of known length, element by element."""

    type: str
    items: tuple[Kind, ...]


@dataclass(frozen=True)
class List(Kind):
    """A list of elements of one kind."""

    item: Kind
    length: Dim = None


@dataclass(frozen=True)
class Other(Kind):
    """Something that carries no derivative: a string, None, a function, a module."""

    name: str


@dataclass(frozen=True)
class Unknown(Kind):
    """Anything. Unknown values with the same `token` have the same shape."""

    token: str | None = None


@dataclass(frozen=True)
class Never(Kind):
    """No value: what a recursive call returns before anything is known of it."""


def same_shape(a: Kind, b: Kind) -> bool:
    """True if both certainly have the same shape."""
    match a, b:
        case Number(), Number():
            return True
        case Array(shape=s), Array(shape=t):
            return s == t and None not in s
        case (Number(), Array(shape=())) | (Array(shape=()), Number()):
            return True
        case Unknown(token=s), Unknown(token=t):
            return s is not None and s == t
        case Sequence(items=s), Sequence(items=t):
            return len(s) == len(t) and all(map(same_shape, s, t))
        case List(item=s, length=m), List(item=t, length=n):
            return m is not None and m == n and same_shape(s, t)
    return False


def dtype_of(kind: Kind) -> str | None:
    match kind:
        case Number(dtype=d) | Array(dtype=d):
            return d
    return None


def may_be_active(kind: Kind) -> bool:
    """True if a value of this kind can carry a derivative."""
    match kind:
        case Number(dtype=d) | Array(dtype=d):
            return d.startswith(("float", "complex", "longdouble", "clongdouble"))
        case Sequence(items=items):
            return any(map(may_be_active, items))
        case List(item=item):
            return may_be_active(item)
        case Other():
            return False
    return True


def described(kind: Kind) -> str:
    """A kind in a message."""
    match kind:
        case Number(dtype=name) | Other(name=name):
            return "None" if name == "NoneType" else f"of type {name}"
        case Array(dtype=dtype):
            return f"an array of {dtype}"
        case Sequence(type=name):
            return f"a {name}"
    return f"of type {type(kind).__name__.lower()}"


_PYTHON_ORDER = ("bool", "int", "float", "complex")


def join(a: Kind, b: Kind) -> Kind:
    """What is known of a value that is either `a` or `b`."""
    if a == b:
        return a
    match a, b:
        case (Never(), other) | (other, Never()):
            return other
        case Number(dtype=s), Number(dtype=t):
            if s == t:
                return Number(s)
            if s in _PYTHON_ORDER and t in _PYTHON_ORDER:
                return Number(max(s, t, key=_PYTHON_ORDER.index))
            return Number(np.result_type(np.dtype(s), np.dtype(t)).name)
        case Array(dtype=d, shape=s), Array(dtype=e, shape=t) if d == e and len(s) == len(t):
            return Array(d, tuple(m if m == n else None for m, n in zip(s, t, strict=True)))
        case Sequence(type=s, items=p), Sequence(type=t, items=q) if s == t and len(p) == len(q):
            return Sequence(s, tuple(map(join, p, q)))
        case Sequence(type="list", items=p), Sequence(type="list", items=q):
            return List(_join_all(p + q))
        case (Sequence(type="list", items=p), List(item=q)) | (List(item=q), Sequence(type="list", items=p)):
            return List(_join_all((*p, q)))
        case List(item=p, length=m), List(item=q, length=n):
            return List(join(p, q), m if m == n else None)
        case Other(), Other():
            return Other("value")
    return Unknown()


def _join_all(kinds: tuple[Kind, ...]) -> Kind:
    if not kinds:
        return Unknown()
    result = kinds[0]
    for kind in kinds[1:]:
        result = join(result, kind)
    return result


#: Where the symbols of integer arguments begin, apart from those of dimensions.
_INTEGERS = 48


def canonical(kinds: dict[str, Kind]) -> tuple[dict[str, Kind], dict[Dim, Dim]]:
    """The kinds of a call's arguments with their sizes numbered in order of appearance: only which are equal and which
    are 1 is left, so that calls of one pattern share it. Also the numbering, from old sizes to new.
    """
    sizes: dict[Dim, Dim] = {}

    def numbered(dim: Dim) -> Dim:
        if dim is None or dim == constant_dim(1):
            return dim
        return sizes.setdefault(dim, symbol(len(sizes)))

    return with_integers({name: map_dims(kind, numbered) for name, kind in kinds.items()}), sizes


def with_integers(kinds: dict[str, Kind]) -> dict[str, Kind]:
    """The kinds of a call's arguments, an integer among them being a size that goes by the symbol of its position."""
    return {
        name: Number("int", symbol(_INTEGERS + position)) if isinstance(kind, Number) and kind.dtype == "int" else kind
        for position, (name, kind) in enumerate(kinds.items())
    }


def with_sizes(kind: Kind, sizes: Mapping[Dim, Dim]) -> Kind:
    """`kind` with its dimensions replaced; those that are not in `sizes` are unknown, but 1 is 1."""
    if isinstance(kind, Number):
        return Number(kind.dtype)
    if isinstance(kind, Sequence):
        return Sequence(kind.type, tuple(with_sizes(item, sizes) for item in kind.items))
    return map_dims(kind, lambda dim: dim if dim == constant_dim(1) else sizes.get(dim))


def dims_of(kind: Kind) -> Iterator[Dim]:
    """The dimensions in a kind."""
    match kind:
        case Array(shape=shape):
            yield from shape
        case Sequence(items=items):
            for item in items:
                yield from dims_of(item)
        case List(item=item, length=length):
            yield length
            yield from dims_of(item)


def is_rigid(dim: Dim) -> bool:
    """True for a size that is certainly not 1, so that broadcasting never stretches it: symbols and numbers."""
    return dim is not None and dim != constant_dim(1) and (len(set(dim)) == 1 or dim in _SYMBOLS)


def map_dims(kind: Kind, function: Callable[[Dim], Dim]) -> Kind:
    match kind:
        case Array(dtype=dtype, shape=shape):
            return Array(dtype, tuple(map(function, shape)))
        case Sequence(type=name, items=items):
            return Sequence(name, tuple(map_dims(item, function) for item in items))
        case List(item=item, length=length):
            return List(map_dims(item, function), function(length))
    return kind


_SYMBOLS = frozenset(symbol(index) for index in range(_INTEGERS))


class Pattern:
    """Numbers the sizes met in a call's arguments: equal sizes share a symbol, 1 stays 1."""

    def __init__(self) -> None:
        self._symbols: dict[int, Dim] = {}
        self._count = 0

    def fresh(self) -> Dim:
        self._count += 1
        return symbol(self._count - 1)

    def dim(self, size: int) -> Dim:
        if size == 1:
            return constant_dim(1)
        if size not in self._symbols:
            self._symbols[size] = self.fresh()
        return self._symbols[size]


def kind_of_value(value: object, pattern: Pattern) -> Kind:
    """The kind of a run-time value, its sizes numbered by `pattern`."""
    match value:
        case bool() | int() | float() | complex() if type(value) in (bool, int, float, complex):
            return Number(type(value).__name__)
        case np.ndarray():
            return Array(value.dtype.name, tuple(pattern.dim(size) for size in value.shape))
        case np.generic():
            return Number(value.dtype.name)
        case tuple() if type(value) is tuple:
            return Sequence("tuple", tuple(kind_of_value(item, pattern) for item in value))
        case list() if type(value) is list:
            kinds = tuple(kind_of_value(item, pattern) for item in value)
            if len(set(kinds)) == 1:
                return List(kinds[0], pattern.dim(len(kinds)))
            return Sequence("list", kinds)
    return Other(type(value).__name__)
