"""Values for the parameters of a function: given as text, or drawn for declared kinds."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from s2sad.cli.problems import UsageError
from s2sad.frontend.annotations import kinds_of, parameters
from s2sad.frontend.unit import Unit
from s2sad.kind import (
    Array,
    Dim,
    Kind,
    List,
    Number,
    Other,
    Pattern,
    Record,
    Sequence,
    Unknown,
    constant_dim,
    dims_of,
    symbol,
)

__all__ = ["is_large", "literal", "sample_values", "split_assignments", "split_sizes", "wave"]

#: The sizes of letters that are not given, by their order; all others are drawn between these bounds, where most
#: functions are defined.
_SIZES = (3, 4, 2, 5)
_LOW, _HIGH = 0.1, 0.9
_LARGE = 64


def split_assignments(texts: Iterable[str], option: str = "--at") -> dict[str, str]:
    """The texts `NAME=VALUE` as a table."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier() or not value.strip():
            raise UsageError(
                f"`{option} {text}` is not understood: write NAME=VALUE, for example {option} 'x=[1.0, 2.0]'"
            )
        found[name.strip()] = value.strip()
    return found


def split_sizes(texts: Iterable[str]) -> dict[str, int]:
    """The sizes of letters: `m=3`."""
    found = split_assignments(texts, "--size")
    for letter, size in found.items():
        if not re.fullmatch(r"\d+", size):
            raise UsageError(f"`--size {letter}={size}`: a size is a whole number, as in --size m=3")
    return {letter: int(size) for letter, size in found.items()}


def literal(name: str, text: str) -> Any:
    """The value of a literal of Python's."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        raise UsageError(
            f"`--at {name}={text}`: this is no literal of Python's, such as 2.0, [1.0, 2.0] or (1, 'a')"
        ) from None


def sample_values(
    unit: Unit,
    args: Mapping[str, str],
    given: Mapping[str, str],
    sizes: Mapping[str, int],
    read: Callable[[str, str], Any] = literal,
) -> dict[str, Any]:
    """The values of the parameters that are `given` or have no default.

    `args` are kinds as text, which win over annotations. Values that are not given are drawn, the same in every run.
    UsageError if a parameter has neither a value nor a kind.
    """
    names, kinds = parameters(unit), _kinds(unit, args, sizes)
    for name in given:
        if name not in names:
            raise UsageError(f"`{unit.node.name}` has no parameter `{name}`: it takes {', '.join(names)}")
    random, values = np.random.default_rng(0), {}
    optional = _with_defaults(unit)
    for name in names:
        if name in given:
            values[name] = _as_kind(name, read(name, given[name]), kinds.get(name, Unknown()))
        elif name not in optional or name in args:
            values[name] = _drawn(name, kinds.get(name, Unknown()), random)
    return values


def _with_defaults(unit: Unit) -> set[str]:
    arguments = unit.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    named = positional[len(positional) - len(arguments.defaults) :]
    only = [param for param, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default]
    return {param.arg for param in (*named, *only)}


# ------------------------------------------------------------------------ sizes


def _kinds(unit: Unit, args: Mapping[str, str], sizes: Mapping[str, int]) -> dict[str, Kind]:
    """The kinds of the parameters, every letter being the size that it has."""
    kinds, shapes = kinds_of(unit, args, Pattern())
    letters: dict[Dim, str] = {
        dim: word
        for name, shape in shapes.items()
        for word, dim in zip(shape.strip("(),").split(", "), dims_of(kinds[name]), strict=False)
        if word.isidentifier() and dim is not None
    }
    unknown = [letter for letter in sizes if letter not in letters.values()]
    if unknown:
        known = f"there are {', '.join(dict.fromkeys(letters.values()))}" if letters else "no kind has one"
        raise UsageError(f"`--size {unknown[0]}=…`: no parameter of `{unit.node.name}` has this letter; {known}")
    return kinds_of(unit, args, _Sizes(letters, sizes))[0]


class _Sizes(Pattern):
    """Gives the letters, in the order in which they are met, sizes instead of symbols."""

    def __init__(self, letters: Mapping[Dim, str], sizes: Mapping[str, int]) -> None:
        super().__init__()
        self._letters, self._sizes = letters, sizes

    def fresh(self) -> Dim:
        letter = self._letters.get(symbol(self._count), "")
        size = _SIZES[self._count] if self._count < len(_SIZES) else self._count + 2
        self._count += 1
        return constant_dim(self._sizes.get(letter, size))


def _size(dim: Dim) -> int:
    return dim[0] if dim is not None else _SIZES[0]


# ----------------------------------------------------------------------- values


def _drawn(name: str, kind: Kind, random: np.random.Generator) -> Any:
    """A value of a kind, rounded so that it can be read."""
    match kind:
        case Number(dtype=dtype):
            value = _numbers(dtype, (), random)
            return value.item() if kind.is_python else value[()]
        case Array(dtype=dtype, shape=shape):
            return _numbers(dtype, tuple(map(_size, shape)), random)
        case Sequence(type=made, items=items):
            values = [_drawn(name, item, random) for item in items]
            return tuple(values) if made == "tuple" else values
        case List(item=item, length=length):
            return [_drawn(name, item, random) for _ in range(_size(length))]
        case Record(type="dict", keys=keys, items=items):
            return {key: _drawn(name, item, random) for key, item in zip(keys, items, strict=True)}
        case Other(name="NoneType"):
            return None
    raise UsageError(
        f"nothing is known of `{name}`: give a value, --at '{name}=[1.0, 2.0]', or a kind, --arg '{name}: float[3]'"
    )


def _numbers(dtype: str, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray[Any, Any]:
    kind = np.dtype(dtype)
    if kind.kind == "b":
        return random.integers(0, 2, shape).astype(bool)
    if kind.kind in "iu":
        return random.integers(1, 3, shape).astype(kind) if shape else np.asarray(3, kind)
    drawn: np.ndarray[Any, Any] = random.uniform(_LOW, _HIGH, shape)
    if is_large(drawn):
        return wave(shape, kind)
    if kind.kind == "c":
        drawn = drawn + 1j * random.uniform(_LOW, _HIGH, shape)
    return np.round(drawn, 3).astype(kind)


def is_large(array: np.ndarray[Any, Any]) -> bool:
    """True for arrays that nobody wants to see written out."""
    return array.size > _LARGE


def wave(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Numbers between 0.1 and 0.9 that a short formula gives."""
    size = int(np.prod(shape))
    return np.asarray(0.5 + 0.4 * np.cos(np.arange(size))).reshape(shape).astype(dtype)


def _as_kind(name: str, value: Any, kind: Kind) -> Any:
    """A given value as its kind asks for it; a list is an array, unless it is declared as a list."""
    match kind:
        case Array(dtype=dtype, shape=shape):
            made = _array(value)
            if made is None or made.ndim != len(shape):
                raise UsageError(f"the value of `{name}` is no array of {len(shape)} dimensions, as its kind says")
            return made.astype(dtype)
        case Number(dtype=dtype) if not kind.is_python:
            return np.dtype(dtype).type(value)
        case Number(dtype="float") if type(value) is int:
            return float(value)
        case List() | Sequence(type="list"):
            return value
    return _with_arrays(value)


def _with_arrays(value: Any) -> Any:
    """Lists of numbers as arrays, in dictionaries and tuples too."""
    if type(value) is dict:
        return {key: _with_arrays(item) for key, item in value.items()}
    if type(value) is tuple:
        return tuple(map(_with_arrays, value))
    if type(value) is list:
        made = _array(value)
        return made if made is not None else [_with_arrays(item) for item in value]
    return value


def _array(value: Any) -> np.ndarray[Any, Any] | None:
    """An array of numbers, None if it is none."""
    try:
        made = np.asarray(value)
    except ValueError:
        return None
    return made if made.dtype.kind in "biufc" else None
