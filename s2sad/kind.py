"""Abstract values: what is known of an expression's type and shape.

A dimension is known by its size in each of a few *worlds*, assignments of sizes to the symbols `m`, `n`, … that stand for
the dimensions of the arguments. Two dimensions are the same when their sizes agree in every world (identity testing by
evaluation, Schwartz 1980), so `u[2:]` and `u[:-2]` agree without any algebra on shapes, and the shape of `np.f(x)` is
found by calling `np.f` on small arrays.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from s2sad.naming import part_name

__all__ = [
    "CLASSES",
    "SOME",
    "WORLDS",
    "Array",
    "Derived",
    "Dict",
    "Dim",
    "ExactPattern",
    "FunctionValue",
    "Key",
    "Kind",
    "Library",
    "List",
    "Never",
    "Number",
    "Other",
    "Pattern",
    "Record",
    "RecordClass",
    "Sequence",
    "Unknown",
    "canonical",
    "common",
    "constant_dim",
    "described",
    "dims_of",
    "dtype_of",
    "first_varying",
    "is_basic_size",
    "is_complex",
    "is_rigid",
    "item_of",
    "items_of",
    "join",
    "join_all",
    "kind_at",
    "leaves_of",
    "map_dims",
    "may_be_active",
    "may_be_one",
    "may_be_stretched",
    "same_shape",
    "symbol",
    "taken",
    "varying_number",
    "with_integers",
    "with_sizes",
    "without_varying",
]

#: Sizes of the first symbols, one triple each. Their sums are equal, so of two symbols neither is the larger in all worlds: a
#: slice `x[:len(y)]` is then as long as neither `x` nor `y`.
_SIZES = (
    (12, 19, 29), (21, 28, 11), (27, 16, 17), (14, 31, 15), (24, 11, 25), (17, 22, 21), (31, 15, 14), (19, 27, 14),
    (13, 24, 23), (28, 13, 19), (16, 26, 18), (23, 20, 17), (11, 30, 19), (30, 12, 18), (20, 14, 26), (18, 32, 10),
)  # fmt: skip
WORLDS = 3

#: The size in each world, or None where nothing is known.
Dim = tuple[int, ...] | None

#: What a part of a container goes by: a position, a dict's key, the name of a field.
Key = str | int


#: Where the symbols of integer arguments begin, apart from those of dimensions, and those for sizes that vary.
_INTEGERS, _FIRST_VARYING = 48, 96


def symbol(index: int) -> tuple[int, ...]:
    """The sizes of the symbol number `index`."""
    if index < len(_SIZES):
        return _SIZES[index]
    return _more()[index - len(_SIZES)] if index < _INTEGERS else _numbers()[index - _INTEGERS]


@lru_cache(maxsize=1)
def _more() -> list[tuple[int, ...]]:
    """More sizes of the same sum."""
    pairs = ((a, b) for a in range(10, 33) for b in range(10, 33) if 10 <= 60 - a - b <= 32)
    found = [(a, b, 60 - a - b) for a, b in pairs if (a, b, 60 - a - b) not in _SIZES and a != b]
    return [found[place * 71 % len(found)] for place in range(_INTEGERS - len(_SIZES))]


@lru_cache(maxsize=1)
def _numbers() -> list[tuple[int, ...]]:
    """Numbers that may be 1, or more than any size: in one world they are smaller than all sizes, in one larger, so that a
    slice `x[:n]` is as long as neither `x` nor `n`. Of two of them neither is the larger in all worlds, for their sums are
    equal; the order is one in which those that stand together are no sums, differences or multiples of each other.
    """
    sides = ((small, large, 100 - small - large) for small in (3, 4, 5) for large in range(12 - small, 89))
    found = sorted({side[turn:] + side[:turn] for side in sides for turn in range(3) if min(side[1:]) > 6})
    return [found[(5 + place * 169) % len(found)] for place in range(288)]


def constant_dim(size: int) -> Dim:
    return (size,) * WORLDS


def loose(dim: tuple[int, ...]) -> tuple[int, ...]:
    """A symbol that may be 1: in one of the worlds it is."""
    return (1, *dim[1:])


#: The numbers of the symbols for sizes that vary from round to round of a loop; each may be loose.
_VARYING = {symbol(_FIRST_VARYING + number): number for number in range(240)}
_LOOSE = {loose(dim): number for dim, number in _VARYING.items()}


def varying(number: int) -> Dim:
    """The symbol for a size that varies with this number; None where there is none left."""
    return symbol(_FIRST_VARYING + number) if number < len(_VARYING) else None


def varying_number(dim: Dim) -> int:
    """The number of a symbol for a size that varies, -1 for every other size."""
    return -1 if dim is None else _VARYING.get(dim, _LOOSE.get(dim, -1))


#: The size of some of the elements of an array, which may be one: elsewhere it is another size.
SOME: Dim = loose(symbol(_FIRST_VARYING + len(_VARYING) - 1))


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
class Record(Kind):
    """A container whose parts have names: `type` is dict, dataclass, namedtuple or object (of a class that is neither),
    `name` that of the class, `made` what identifies the class.
    """

    type: str
    name: str
    keys: tuple[Key, ...]
    items: tuple[Kind, ...]
    made: str = ""

    @property
    def has_attributes(self) -> bool:
        return self.type != "dict"


@dataclass(frozen=True)
class RecordClass(Kind):
    """A class, mostly of a dataclass or namedtuple; `defaults` are the kinds of its fields' defaults, None where there is
    none. `made` identifies it.
    """

    type: str
    name: str
    keys: tuple[str, ...]
    defaults: tuple[Kind | None, ...]
    made: str = ""


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
class FunctionValue(Kind):
    """A function as a value: which one, and what it captures, by name. `target` is the key of a function of the program, the
    dotted name of a library's (Library), or a derivative (Derived).
    """

    target: str | Library | Derived
    names: tuple[str, ...] = ()
    captured: tuple[Kind, ...] = ()


@dataclass(frozen=True)
class Library:
    """A library's function as the target of a function value."""

    dotted: str


@dataclass(frozen=True)
class Derived:
    """The derivative of a target; `wrt` is as it was written."""

    mode: str
    wrt: Any
    has_aux: bool
    target: str | Library | Derived


@dataclass(frozen=True)
class Unknown(Kind):
    """Anything. Unknown values with the same `token` have the same shape."""

    token: str | None = None


@dataclass(frozen=True)
class Dict(Unknown):
    """A dict whose keys are not known, and nothing of its elements."""


@dataclass(frozen=True)
class Never(Kind):
    """No value: what a recursive call returns before anything is known of it."""


def items_of(kind: Kind) -> tuple[tuple[Key, Kind], ...] | None:
    """The parts of a container whose parts are known one by one; None for everything else."""
    match kind:
        case Sequence(items=items):
            return tuple(enumerate(items))
        case Record(keys=keys, items=items):
            return tuple(zip(keys, items, strict=True))
    return None


def item_of(kind: Kind, key: object) -> Key | None:
    """What the part of a container goes by that `key`, an index or an attribute, selects; None if there is none.

    >>> item_of(Sequence("tuple", (Number("float"), Number("float"))), -1)
    1
    """
    match kind:
        case Sequence(items=items) if type(key) is int and -len(items) <= key < len(items):
            return key % len(items)
        case Record(type="namedtuple", keys=keys) if type(key) is int and -len(keys) <= key < len(keys):
            return keys[key]
        case Record(keys=keys):
            return next((own for own in keys if own == key and type(own) is type(key)), None)
    return None


def kind_at(kind: Kind, keys: Iterable[object]) -> Kind | None:
    """The kind of the part of a container that `keys` lead to, from the outside in; None where it is not known."""
    for wished in keys:
        key = item_of(kind, wished)
        if key is None:
            return None
        kind = dict(items_of(kind) or ())[key]
    return kind


def leaves_of(name: str, kind: Kind) -> Iterator[tuple[str, Kind]]:
    """What a container called `name` is made of in the end, under names such as `params["layers"][0].W`."""
    parts = items_of(kind)
    if parts is None:
        yield name, kind
        return
    for key, item in parts:
        yield from leaves_of(part_name(name, key, isinstance(kind, Record) and kind.has_attributes), item)


def taken(kind: Kind, index: tuple[Kind, ...]) -> Kind | None:
    """The kind of what integer arrays of one shape, and numbers, take out of an array; None for other indices."""
    shapes = {own.shape for own in index if isinstance(own, Array)}
    whole = all(isinstance(own, Array | Number) and own.dtype.startswith("int") for own in index)
    if not isinstance(kind, Array) or len(shapes) != 1 or not whole or len(index) > len(kind.shape):
        return None
    return Array(kind.dtype, (*shapes.pop(), *kind.shape[len(index) :]))


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
        case Record(keys=k, items=s), Record(keys=l, items=t):
            return k == l and all(map(same_shape, s, t))
        case List(item=s, length=m), List(item=t, length=n):
            return m is not None and m == n and same_shape(s, t)
    return False


def dtype_of(kind: Kind) -> str | None:
    match kind:
        case Number(dtype=d) | Array(dtype=d):
            return d
    return None


def is_complex(dtype: str | None) -> bool:
    """True for the name of a complex type."""
    return dtype is not None and dtype.startswith(("complex", "clongdouble"))


def may_be_active(kind: Kind) -> bool:
    """True if a value of this kind can carry a derivative."""
    match kind:
        case Number(dtype=d) | Array(dtype=d):
            return d.startswith(("float", "complex", "longdouble", "clongdouble"))
        case Sequence(items=items) | Record(items=items):
            return any(map(may_be_active, items))
        case List(item=item):
            return may_be_active(item)
        case FunctionValue(captured=captured):
            return any(map(may_be_active, captured))
        case Other() | RecordClass():
            return False
    return True


def described(kind: Kind) -> str:
    """A kind in a message."""
    match kind:
        case Number(dtype=name) | Other(name=name):
            return "None" if name == "NoneType" else f"of type {name}"
        case Array(dtype=dtype):
            return f"an array of {dtype}"
        case Sequence(type=name) | Record(type="dict" as name):
            return f"a {name}"
        case Record(name=name):
            return f"of type {name}"
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
        case Record(items=p), Record(items=q) if replace(a, items=q) == b:
            return replace(a, items=tuple(map(join, p, q)))
        case Record(type="dict") | Dict(), Record(type="dict") | Dict():
            return Dict()
        case Sequence(type="list", items=p), Sequence(type="list", items=q):
            return List(join_all(p + q))
        case (Sequence(type="list", items=p), List(item=q)) | (List(item=q), Sequence(type="list", items=p)):
            return List(join_all((*p, q)))
        case List(item=p, length=m), List(item=q, length=n):
            return List(join(p, q), m if m == n else None)
        case Other(), Other():
            return Other("value")
    return Unknown()


def join_all(kinds: tuple[Kind, ...]) -> Kind:
    """What is known of a value of which one of `kinds` is known."""
    if not kinds:
        return Unknown()
    result = kinds[0]
    for kind in kinds[1:]:
        result = join(result, kind)
    return result


def common(kinds: tuple[Kind, ...], numbers: range) -> Kind:
    """What is known of a value that is one of `kinds`, one after the other. Sizes that vary go by the symbols with these
    `numbers`: by the same one if they vary alike, as the rows of the matrices and the lengths of the vectors do in a list
    of pairs of such.
    """
    joined = join_all(kinds)
    count = len(list(dims_of(joined)))
    rows = [tuple(dims_of(kind)) for kind in kinds]
    if any(len(row) != count for row in rows):
        return joined
    columns = list(zip(*rows, strict=True))
    symbols: dict[tuple[Dim, ...], Dim] = {}
    for column in columns:
        if len(set(column)) > 1 and None not in column and column not in symbols:
            new = varying(numbers[len(symbols)]) if len(symbols) < len(numbers) else None
            symbols[column] = loose(new) if new is not None and constant_dim(1) in column else new
    found = iter(columns)
    return map_dims(joined, lambda dim: symbols.get(column, dim) if (column := next(found)) else dim)


def without_varying(kind: Kind, first: int) -> Kind:
    """`kind` with the varying sizes from the number `first` on unknown."""
    return map_dims(kind, lambda dim: None if varying_number(dim) >= first else dim)


def first_varying(kinds: Iterable[Kind]) -> int:
    """The first number of a varying size from which on none is in `kinds`."""
    return max((varying_number(dim) for kind in kinds for dim in dims_of(kind)), default=-1) + 1


def canonical(kinds: dict[str, Kind], *, with_numbers: bool = False) -> tuple[dict[str, Kind], dict[Dim, Dim]]:
    """The kinds of a call's arguments with their sizes numbered in order of appearance: only which are equal and which
    are 1, or with `with_numbers` any number, is left, so that calls of one pattern share it. Also the numbering, from old
    sizes to new.
    """
    sizes: dict[Dim, Dim] = {}

    def numbered(dim: Dim) -> Dim:
        if dim is None or dim == constant_dim(1) or (with_numbers and len(set(dim)) == 1):
            return dim
        new = symbol(len(sizes))
        return sizes.setdefault(dim, loose(new) if 1 in dim else new)

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
    if isinstance(kind, Sequence | Record):
        return replace(kind, items=tuple(with_sizes(item, sizes) for item in kind.items))
    return map_dims(kind, lambda dim: dim if dim == constant_dim(1) else sizes.get(dim))


def dims_of(kind: Kind) -> Iterator[Dim]:
    """The dimensions in a kind."""
    match kind:
        case Array(shape=shape):
            yield from shape
        case Sequence(items=items) | Record(items=items):
            for item in items:
                yield from dims_of(item)
        case List(item=item, length=length):
            yield from dims_of(item)
            yield length
        case FunctionValue(captured=captured):
            for item in captured:
                yield from dims_of(item)


def is_rigid(dim: Dim) -> bool:
    """True for a size that is certainly not 1, so that broadcasting never stretches it: symbols and numbers."""
    return is_basic_size(dim) and dim != constant_dim(1)


def is_basic_size(dim: Dim) -> bool:
    """True for the size of an argument, or one that is a number."""
    return dim is not None and (len(set(dim)) == 1 or dim in _SYMBOLS)


def may_be_one(dim: Dim) -> bool:
    """True for a size of which nothing excludes that it is 1, as that of `x[2:]` is where `x` has three elements."""
    return not is_rigid(dim) and not (varying_number(dim) >= 0 and dim is not None and 1 not in dim)


def may_be_stretched(have: Dim, want: Dim) -> bool:
    """True if an axis of the size `have` may have to be stretched to the size `want`."""
    one = constant_dim(1)
    if want in (have, one):
        return False
    return have == one or (want is not None and may_be_one(have))


def map_dims(kind: Kind, function: Callable[[Dim], Dim]) -> Kind:
    match kind:
        case Array(dtype=dtype, shape=shape):
            return Array(dtype, tuple(map(function, shape)))
        case Sequence(items=items) | Record(items=items):
            return replace(kind, items=tuple(map_dims(item, function) for item in items))
        case List(item=item, length=length):
            return List(map_dims(item, function), function(length))
        case FunctionValue(captured=captured):
            return replace(kind, captured=tuple(map_dims(item, function) for item in captured))
    return kind


_SYMBOLS = frozenset(symbol(index) for index in range(_INTEGERS))


class Pattern:
    """Numbers the sizes met in a call's arguments: equal sizes share a symbol, 1 stays 1. `inside` are the objects, by their
    identity, whose attributes are being looked at: they may refer to each other in a circle.
    """

    def __init__(self) -> None:
        self.inside: list[int] = []
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


class ExactPattern(Pattern):
    """Takes sizes for what they are."""

    def dim(self, size: int) -> Dim:
        return constant_dim(size)


# --------------------------------------------------------------------- classes

#: The classes of the objects met so far, by what identifies them.
CLASSES: WeakValueDictionary[str, type] = WeakValueDictionary()
_NO_USERS = frozenset({"builtins", "numpy", "scipy", "s2sad"}) | sys.stdlib_module_names - {"__main__"}
_HOOKS = ("__getattr__", "__getattribute__", "__setattr__", "__delattr__")
