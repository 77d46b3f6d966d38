"""A function at a point: its value, how exact that is, and its slopes in directions."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from s2sad.testing.claims import Claim
from s2sad.testing.coordinates import Coordinates, Leaf, coordinates, is_float
from s2sad.testing.differences import Slope, slope_of
from s2sad.trees import NestingError, leaves, pairs

__all__ = ["Point", "Tolerance", "faults", "form", "identical", "point_of", "short"]

Vector = np.ndarray[Any, np.dtype[Any]]

#: What may be raised beside the point: outside of its domain a function has no values.
_UNDEFINED = (ArithmeticError, ValueError, AssertionError)


@dataclass(frozen=True)
class Tolerance:
    """How far a derivative may be from a difference, beyond the error of this; None is what the precision allows."""

    rtol: float | None = None
    atol: float = 0.0


@dataclass(frozen=True, eq=False)
class Point:
    """`middle` is the value in double precision, `off` how far the value in its own precision may be from it.

    `wide` says that the function takes arguments in double precision.
    """

    claim: Claim
    tolerance: Tolerance
    x: Coordinates
    y: Coordinates
    wide: bool
    middle: Vector
    off: Vector

    @cached_property
    def eps(self) -> float:
        """The precision of the least precise number among arguments and results."""
        return max(_eps(leaf) for leaf in (*self.x.leaves, *self.y.leaves))

    @cached_property
    def rtol(self) -> float:
        # 5e-7 in double precision, 2e-3 in single.
        return self.eps**0.4 if self.tolerance.rtol is None else self.tolerance.rtol

    @cached_property
    def small(self) -> float:
        """What need not be known more exactly, beside the sizes of the function and its arguments."""
        sizes = np.abs(np.concatenate([self.middle, self.x.vector]))
        return max(1e-8 * float(np.max(sizes, initial=0.0)), self.tolerance.atol)

    def scales(self, least: float) -> Vector:
        """The sizes of steps: that of each element, and at least this part of the largest in its array."""
        sizes = np.abs(self.x.vector)
        for leaf in self.x.leaves:
            largest = np.max(sizes[leaf.part], initial=0.0)
            sizes[leaf.part] = np.maximum(sizes[leaf.part], least * largest) if largest else 1.0
        return sizes

    def slope(self, direction: Vector) -> Slope:
        """The slope of all results when the arguments move in a direction."""

        def at(step: float) -> Vector:
            return _value(self.claim, self.y, self.x.tree_of(self.x.vector + step * direction, self.wide))

        return slope_of(at, self.middle)


def point_of(claim: Claim, value: Any, tolerance: Tolerance) -> Point:
    """The point of a claim, whose function returned `value` there."""
    x, y = coordinates(claim.values, claim.names), coordinates(value, "result" if "y" in claim.names else "y")
    # float32 is compared with differences in double precision where the function takes it.
    exact = _value(claim, y, x.tree_of(x.vector, wide=True), (*_UNDEFINED, TypeError))
    wide = bool(np.all(np.isfinite(exact)))
    middle = exact if wide else y.vector
    eps = np.concatenate([np.zeros(0), *(np.full(np.size(leaf.value), _eps(leaf)) for leaf in y.leaves)])
    return Point(claim, tolerance, x, y, wide, middle, np.abs(middle - y.vector) + eps * np.abs(middle))


def _eps(leaf: Leaf) -> float:
    return max(float(np.finfo(leaf.dtype).eps), float(np.finfo(float).eps))


def _value(
    claim: Claim, y: Coordinates, values: tuple[Any, ...], undefined: tuple[type[Exception], ...] = _UNDEFINED
) -> Vector:
    """The function's value as a vector, NaN where it is not defined or has another form."""
    try:
        return y.of(claim.function(values))
    except undefined:
        return np.full(y.vector.shape, np.nan, y.vector.dtype)


# ------------------------------------------------------- what cannot be compared


def faults(claim: Claim, value: Any) -> Iterator[str]:
    """What makes it impossible to compare a function that returned `value` with anything."""
    given = deepcopy(claim.values)
    again = claim.function(given)
    if not identical(value, again):
        yield f"it is not deterministic: two calls returned {short(value)} and {short(again)}"
    for name, before, after in zip(claim.names, claim.values, given, strict=True):
        if not identical(before, after):
            yield f"it changes its argument `{name}`"
    floats = [(path, leaf) for path, leaf in leaves(value) if is_float(leaf)]
    if not floats:
        yield f"it returns {short(value)}, which holds no float: there is nothing to differentiate"
    for path, leaf in floats:
        if not np.all(np.isfinite(leaf)):
            yield f"its value{path} is not finite at this point: {short(leaf)}"


def identical(a: Any, b: Any) -> bool:
    """True for the same nesting, types and bits."""
    try:
        return all(_same(one, other) for _, one, other in pairs(a, b))
    except NestingError:
        return False


def _same(a: Any, b: Any) -> bool:
    if not isinstance(a, np.ndarray | np.generic | float | complex):
        return type(a) is type(b) and bool(a == b)
    return form(a) == form(b) and np.asarray(a).tobytes() == np.asarray(b).tobytes()


def form(leaf: Any) -> str:
    """The type, dtype and shape of a leaf. A float of Python's is one of NumPy's.

    >>> form(2.0), form(np.float32(2)), form(np.zeros((2, 3)))
    ('a float64', 'a float32', 'an array of float64 of shape (2, 3)')
    """
    if isinstance(leaf, np.ndarray):
        return f"an array of {leaf.dtype} of shape {leaf.shape}"
    if isinstance(leaf, float | complex | np.generic):
        return f"a {np.asarray(leaf).dtype}"
    return "None" if leaf is None else f"of type {type(leaf).__name__}"


def short(value: Any) -> str:
    """A value in a message."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
