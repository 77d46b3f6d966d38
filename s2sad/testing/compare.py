"""A derivative beside a difference, in one direction of the arguments, and whether they agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from s2sad.testing.coordinates import Leaf, Vector, random_vector
from s2sad.testing.differences import Slope
from s2sad.testing.point import Point

__all__ = ["Compared", "Comparer", "Probe", "probes_of", "with_adjoint", "with_other", "with_tangent"]

#: Up to so many elements are moved one at a time; up to so many arrays, else whole arguments.
_FEW_ELEMENTS, _FEW_LEAVES = 16, 32
#: The estimated error of a difference times this bounds it.
_SAFE = 3.0
#: Derivatives are rounded where they are computed, by that many units in the last place of what is largest there.
_ROUNDED = 30.0


# --------------------------------------------------------------------- directions


@dataclass(frozen=True, eq=False)
class Probe:
    """A direction in which some elements of an argument move."""

    argument: str
    direction: Vector

    @property
    def positions(self) -> Vector:
        return np.flatnonzero(self.direction)

    @property
    def unit(self) -> float:
        """The length of a step of a single element with its sign; 1 for several elements."""
        if len(self.positions) != 1:
            return 1.0
        step = self.direction[self.positions[0]]
        return float(step.real) if step.imag == 0 else float(abs(step))

    def within(self, positions: Vector) -> Probe:
        """The same of some of the elements."""
        direction = np.zeros_like(self.direction)
        direction[positions] = self.direction[positions]
        return replace(self, direction=direction)


def probes_of(point: Point, random: np.random.Generator) -> Iterator[Probe]:
    """Directions that together move every element: a complex one in two ways."""
    x = point.x
    # An element that moves alone may be small. Among others it has to be seen.
    scales = point.scales(1e-6 if x.size <= _FEW_ELEMENTS else 1e-2)
    whole = random_vector(x, random) * scales
    for argument, part in _parts(point):
        for way in (1, 1j) if np.any(x.complex[part]) else (1,):
            direction = np.zeros_like(whole)
            direction[part] = way * whole[part]
            yield Probe(argument, x.rounded(direction))


def _parts(point: Point) -> Iterator[tuple[str, slice]]:
    """The elements that move together, with what they belong to in the table."""
    few = len(point.x.leaves) <= _FEW_LEAVES
    for leaf in point.x.leaves:
        if point.x.size <= _FEW_ELEMENTS:
            for position in range(leaf.part.start, leaf.part.stop):
                yield leaf.name, slice(position, position + 1)
        elif few:
            yield leaf.name, leaf.part
    if not few and point.x.size > _FEW_ELEMENTS:
        for index, name in enumerate(point.claim.names):
            parts = [leaf.part for leaf in point.x.leaves if leaf.path.startswith(f"[{index}]")]
            if parts:
                yield name, slice(parts[0].start, parts[-1].stop)


# -------------------------------------------------------------------- comparisons


@dataclass(frozen=True)
class Compared:
    """Two numbers that should be the same but for what is `allowed`; `rough` says that the difference tells too little."""

    derivative: complex
    difference: complex
    error: float
    allowed: float
    result: str
    rough: bool = False
    kink: bool = False
    jump: bool = False

    @property
    def apart(self) -> float:
        """How far they are apart in units of what is allowed; infinitely, if one of them is no number."""
        distance = abs(self.derivative - self.difference)
        if not np.isfinite(distance):
            return float("inf")
        return float(distance / self.allowed) if self.allowed else float(bool(distance)) * 2

    @property
    def ok(self) -> bool:
        return self.apart <= 1 and not self.rough

    def in_units(self, size: float) -> Compared:
        """The same, divided by a size."""
        derivative, difference = self.derivative / size, self.difference / size
        error, allowed = self.error / abs(size), self.allowed / abs(size)
        return replace(self, derivative=derivative, difference=difference, error=error, allowed=allowed)


#: What is compared when the arguments move in a direction and the function has a slope.
Comparer = Callable[[Vector, Slope], Compared]


def with_tangent(point: Point, tangent: Callable[[Vector], Vector]) -> Comparer:
    """Every element of a tangent with the slope of the result; what is returned are those farthest apart."""

    def compare(direction: Vector, slope: Slope) -> Compared:
        y_dot = tangent(direction)
        if not y_dot.size:
            return Compared(0.0, 0.0, 0.0, 0.0, "y")
        errors = _SAFE * slope.error
        largest = _largest(point, np.fmax(np.abs(y_dot), np.abs(slope.value)))
        off = 10 * point.off + _ROUNDED * point.eps * largest
        allowed = point.tolerance.atol + point.rtol * np.abs(slope.value) + errors + off
        rough = ~(errors <= np.maximum(largest / 100, point.small))
        apart = np.abs(y_dot - slope.value) / np.where(allowed > 0, allowed, 1e-300)
        worst = int(np.argmax(np.where(np.isfinite(apart), apart, np.inf) + 2 * rough))
        numbers = y_dot[worst], slope.value[worst], slope.error[worst], allowed[worst]
        marks = bool(rough[worst]), bool(slope.kink[worst]), bool(slope.jump[worst])
        return Compared(*numbers, point.y.spelled(worst), *marks)

    return compare


def _largest(point: Point, sizes: Vector) -> Vector:
    """For each element of the results the largest in its array."""
    found = np.zeros(sizes.shape)
    for leaf in point.y.leaves:
        found[leaf.part] = np.max(np.nan_to_num(sizes[leaf.part]), initial=0.0)
    return found


def with_adjoint(point: Point, leaf: Leaf, y_bar: Vector, x_bar: Vector) -> Comparer:
    """An adjoint in a direction with the slope of the results, weighted by the cotangent of `leaf`."""
    weights = y_bar[leaf.part]
    unit = float(weights[0].real) if leaf.size == 1 and np.isrealobj(weights) else 1.0

    def compare(direction: Vector, slope: Slope) -> Compared:
        derivative = pairing(x_bar, direction)
        terms = weights * slope.value[leaf.part]
        error = float(np.sum(np.abs(weights) * slope.error[leaf.part]))
        size = float(np.sum(np.abs(terms)))
        off = 10 * float(np.sum(np.abs(weights) * point.off[leaf.part]))
        off += _ROUNDED * point.eps * max(size, float(np.sum(np.abs(x_bar * direction))))
        allowed = point.tolerance.atol + point.rtol * size + _SAFE * error + off
        rough = not _SAFE * error <= max(max(size, abs(derivative)) / 100, point.small)
        marks = bool(np.any(slope.kink[leaf.part])), bool(np.any(slope.jump[leaf.part]))
        found = Compared(derivative, float(np.sum(terms.real)), error, allowed, leaf.name, rough, *marks)
        return found.in_units(unit)

    return compare


def with_other(point: Point, leaf: Leaf, y_bar: Vector, x_bar: Vector, direction: Vector, y_dot: Vector) -> Compared:
    """Reverse against forward: the cotangent times the tangent is the adjoint times the direction."""
    reverse, forward = pairing(x_bar, direction), pairing(y_bar[leaf.part], y_dot[leaf.part])
    size = float(np.sum(np.abs(x_bar * direction)) + np.sum(np.abs(y_bar[leaf.part] * y_dot[leaf.part])))
    error = point.eps**0.6 * size + 10 * float(np.sum(np.abs(y_bar[leaf.part]) * point.off[leaf.part]))
    return Compared(reverse, forward, error, error + point.tolerance.atol, leaf.name)


def pairing(a: Vector, b: Vector) -> float:
    """Re Σ a b, without conjugation: how adjoints and tangents are paired."""
    return float(np.sum(np.real(a * b)))
