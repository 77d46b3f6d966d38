"""The floats in a nested value as one vector, in double precision, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from s2sad.trees import NestingError, leaves, pairs, rebuild

__all__ = ["Coordinates", "Leaf", "Vector", "coordinates", "is_float", "random_vector"]

Vector = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Leaf:
    """An array or number in a nested value: the path to it, what it is called, and its part of the vector."""

    path: str
    name: str
    value: Any
    part: slice

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.asarray(self.value).dtype

    @property
    def size(self) -> int:
        return int(np.size(self.value))


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Which leaves of `tree` are floats, and their vector."""

    tree: Any
    names: str | tuple[str, ...]
    leaves: tuple[Leaf, ...]
    vector: Vector

    @property
    def size(self) -> int:
        return len(self.vector)

    @cached_property
    def complex(self) -> Vector:
        """Which elements are complex."""
        return np.concatenate(
            [np.zeros(0, bool), *(np.full(leaf.size, leaf.dtype.kind == "c") for leaf in self.leaves)]
        )

    def of(self, other: Any) -> Vector:
        """The vector of another value. NestingError if it has another nesting, or other shapes."""
        floats = {leaf.path for leaf in self.leaves}
        found = [(path, model, one) for path, model, one in pairs(self.tree, other) if path in floats]
        for path, model, one in found:
            if np.shape(one) != np.shape(model) or np.asarray(one).dtype.kind not in "biufc":
                raise NestingError(path, f"has the shape {np.shape(one)}, not {np.shape(model)}")
        return _joined([one for _, _, one in found])

    def tree_of(self, vector: Vector, wide: bool = False) -> Any:
        """The value with this vector, if it is not `wide` in the types of `tree`."""
        parts = {leaf.path: vector[leaf.part] for leaf in self.leaves}
        return rebuild(self.tree, [_like(one, parts.get(path), wide) for path, one in leaves(self.tree)])

    def rounded(self, vector: Vector) -> Vector:
        """The vector as the types of `tree` hold it."""
        return self.of(self.tree_of(vector))

    def name(self, path: str) -> str:
        """What is at a path, as it is written."""
        return _named(path, self.names)

    def spelled(self, position: int) -> str:
        """The element at a position of the vector as it is written."""
        leaf = next(leaf for leaf in self.leaves if position < leaf.part.stop)
        shape = np.shape(leaf.value)
        if not shape:
            return leaf.name
        index = np.unravel_index(position - leaf.part.start, shape)
        return f"{leaf.name}[{', '.join(map(str, index))}]"


def coordinates(tree: Any, names: str | tuple[str, ...] = "") -> Coordinates:
    """The floats in a value that has a name, or in a tuple of values that have names.

    >>> found = coordinates(({"W": np.array([[1.0, 2.0]]), "n": 3, "b": 4.0},), ("params",))
    >>> found.vector
    array([1., 2., 4.])
    >>> found.tree_of(2 * found.vector)
    ({'W': array([[2., 4.]]), 'n': 3, 'b': 8.0},)
    >>> found.spelled(1)
    'params["W"][0, 1]'
    """
    found = tuple(_numbered(tree, names))
    return Coordinates(tree, names, found, _joined([leaf.value for leaf in found]))


def random_vector(of: Coordinates, random: np.random.Generator) -> Vector:
    """A vector of numbers between 0.5 and 1.5 in size, of both signs; complex where it is."""
    drawn: Vector = random.uniform(0.5, 1.5, of.size) * random.choice([-1.0, 1.0], of.size)
    if np.any(of.complex):
        drawn = np.where(of.complex, drawn * np.exp(1j * random.uniform(0.3, 1.2, of.size)), drawn)
    return drawn


def is_float(leaf: Any) -> bool:
    """True for floats, complex numbers and arrays of them."""
    return isinstance(leaf, float | complex | np.ndarray | np.generic) and np.asarray(leaf).dtype.kind in "fc"


def _numbered(tree: Any, names: str | tuple[str, ...]) -> Iterator[Leaf]:
    start = 0
    for path, value in leaves(tree):
        if is_float(value):
            stop = start + np.size(value)
            yield Leaf(path, _named(path, names), value, slice(start, stop))
            start = stop


def _named(path: str, names: str | tuple[str, ...]) -> str:
    if isinstance(names, str):
        return names + path
    if not path:
        return ", ".join(names)
    first, _, rest = path.partition("]")
    return names[int(first[1:])] + rest


def _joined(values: list[Any]) -> Vector:
    wide = complex if any(map(np.iscomplexobj, values)) else float
    return np.concatenate([np.zeros(0, wide), *(np.ravel(value) for value in values)]).astype(wide)


def _like(model: Any, part: Vector | None, wide: bool) -> Any:
    if part is None:
        return model
    numbers = part if np.iscomplexobj(model) else part.real
    if not isinstance(model, np.ndarray | np.generic):
        return type(model)(numbers[0])
    dtype = np.result_type(model.dtype, np.float64) if wide else model.dtype
    made = numbers.reshape(np.shape(model)).astype(dtype)
    return made if isinstance(model, np.ndarray) else made[()]
