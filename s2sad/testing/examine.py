"""A claim held against differences, forward against reverse, and derivatives against the form of what they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from s2sad.testing.claims import Claim
from s2sad.testing.compare import Compared, Comparer, Probe, probes_of, with_adjoint, with_other, with_tangent
from s2sad.testing.coordinates import Coordinates, Leaf, Vector, is_float, random_vector
from s2sad.testing.differences import Slope
from s2sad.testing.point import Point, Tolerance, faults, form, identical, point_of, short
from s2sad.testing.report import Finding
from s2sad.trees import NestingError, pairs

__all__ = ["SEED", "examine"]

#: Directions and cotangents are random, and the same in every run.
SEED = 0
#: Up to so many arrays in a result have a cotangent of their own.
_FEW_RESULTS = 16

Move = tuple[Probe, Slope]


def examine(claim: Claim, tolerance: Tolerance) -> list[Finding]:
    """The findings about all derivatives of a claim."""
    value = claim.function(deepcopy(claim.values))
    wrong = [Finding(claim.title, "", False, note=note) for note in faults(claim, value)]
    if wrong:
        return wrong
    point, random = point_of(claim, value, tolerance), np.random.default_rng(SEED)
    moves = [(probe, point.slope(probe.direction)) for probe in probes_of(point, random)]
    cotangents = list(_cotangents(point, random))
    forward = _well_formed(_forward(point, moves), claim.labels[0], "fwd") if claim.jvp else ()
    reverse = _well_formed(_reverse(point, moves, cotangents), claim.labels[1], "rev") if claim.vjp else ()
    gradient = _well_formed(_gradient(point, moves), claim.labels[2], "rev") if claim.gradient else ()
    found = [*forward, *reverse, *gradient]
    fits = all(finding.derivative is not None for finding in found)
    return [*found, *(_both(point, moves, cotangents) if claim.jvp and claim.vjp and fits else ())]


def _well_formed(findings: Iterator[Finding], of: str, mode: str) -> Iterator[Finding]:
    """The findings, up to a result that cannot be read."""
    try:
        yield from findings
    except NestingError as error:
        yield Finding(of, mode, False, note=f"its result has another form: {error}")


@dataclass(frozen=True, eq=False)
class _Cotangent:
    """An adjoint of the results: numbers in one leaf of them, zeros elsewhere."""

    leaf: Leaf
    vector: Vector


def _cotangents(point: Point, random: np.random.Generator) -> Iterator[_Cotangent]:
    y = point.y
    whole = y.rounded(random_vector(y, random))
    if len(y.leaves) > _FEW_RESULTS:
        yield _Cotangent(Leaf("", "y", y.vector, slice(0, y.size)), whole)
        return
    for leaf in y.leaves:
        vector = np.zeros_like(whole)
        vector[leaf.part] = whole[leaf.part]
        yield _Cotangent(leaf, vector)


# -------------------------------------------------------------- the derivatives


def _forward(point: Point, moves: list[Move]) -> Iterator[Finding]:
    jvp, of = point.claim.jvp, point.claim.labels[0]
    assert jvp is not None
    run = _Run(point, of, "fwd")
    (value, tangent), said = run(jvp, point.claim.values, point.x.tree_of(_together(point, moves)))
    said += run.misfits(point.y, tangent, "tangent")
    said += run.other_value(value) if value is not None else []
    yield from said
    if _vector(point.y, tangent) is not None:
        compare = with_tangent(point, lambda direction: _tangent(point, direction))
        yield from _table(point, run, [compare], moves)


def _tangent(point: Point, direction: Vector) -> Vector:
    assert point.claim.jvp is not None
    _, tangent = point.claim.jvp(deepcopy(point.claim.values), point.x.tree_of(direction))
    return point.y.of(tangent)


def _reverse(point: Point, moves: list[Move], cotangents: list[_Cotangent]) -> Iterator[Finding]:
    vjp, of = point.claim.vjp, point.claim.labels[1]
    assert vjp is not None
    run = _Run(point, of, "rev")
    (value, pullback), said = run(vjp, point.claim.values)
    yield from (*said, *run.other_value(value))
    comparers = []
    for cotangent in cotangents:
        y_bar = point.y.tree_of(cotangent.vector)
        bars, said = run(pullback, y_bar)
        again = pullback(deepcopy(y_bar))
        if not said and not identical(bars, again):
            said = [run.says(f"the pullback gives {short(bars)}, and {short(again)} when it is called again")]
        said += run.misfits(point.x, bars, "adjoint")
        yield from said
        x_bar = _vector(point.x, bars)
        if x_bar is None:
            return
        comparers.append(with_adjoint(point, cotangent.leaf, cotangent.vector, x_bar))
    yield from _table(point, run, comparers, moves)


def _gradient(point: Point, moves: list[Move]) -> Iterator[Finding]:
    gradient, of = point.claim.gradient, point.claim.labels[2]
    assert gradient is not None
    run = _Run(point, of, "rev")
    (value, bars), said = run(gradient, point.claim.values)
    said += run.other_value(value) if value is not None else []
    yield from (*said, *run.misfits(point.x, bars, "gradient"))
    x_bar = _vector(point.x, bars)
    if x_bar is not None:
        yield from _table(point, run, [with_adjoint(point, point.y.leaves[0], np.ones(1), x_bar)], moves)


def _both(point: Point, moves: list[Move], cotangents: list[_Cotangent]) -> Iterator[Finding]:
    """Forward against reverse, for all directions together."""
    assert point.claim.vjp is not None
    direction = _together(point, moves)
    y_dot = _tangent(point, direction)
    _, pullback = point.claim.vjp(deepcopy(point.claim.values))
    found = []
    for cotangent in cotangents:
        x_bar = point.x.of(pullback(point.y.tree_of(cotangent.vector)))
        found.append(with_other(point, cotangent.leaf, cotangent.vector, x_bar, direction, y_dot))
    worst = max(found, key=lambda one: one.apart)
    of = f"{point.claim.labels[1]} and {point.claim.labels[0]}"
    yield _finding(of, "both", worst, ", ".join(point.claim.names))


def _together(point: Point, moves: list[Move]) -> Vector:
    """The direction in which everything moves."""
    return point.x.rounded(sum((probe.direction for probe, _ in moves), np.zeros_like(point.x.vector)))


# --------------------------------------------------------------------- the form


@dataclass(frozen=True)
class _Run:
    """Runs a derivative, and says what is wrong with it apart from its numbers."""

    point: Point
    of: str
    mode: str

    def says(self, note: str) -> Finding:
        return Finding(self.of, self.mode, False, note=note)

    def __call__(self, derivative: Callable[..., Any], *args: Any) -> tuple[Any, list[Finding]]:
        given = deepcopy(args)
        try:
            result = derivative(*given)
        except Exception as error:
            error.add_note(f"This was raised in the check of {self.of}.")
            raise
        return result, [] if identical(given, args) else [self.says("it changes its arguments")]

    def other_value(self, value: Any) -> list[Finding]:
        """The value that comes with a derivative has to be the function's."""
        own, found = self.point.y, _vector(self.point.y, value)
        if found is None or self.misfits(own, value, "value"):
            return [self.says(f"its value is {short(value)}, the function's {short(own.tree)}")]
        off = 64 * self.point.eps * np.abs(own.vector) + 10 * self.point.off
        if np.any(np.abs(found - own.vector) > off):
            return [self.says(f"its value is {short(value)}, the function's {short(own.tree)}")]
        return []

    def misfits(self, model: Coordinates, found: Any, what: str) -> list[Finding]:
        """Where a tangent or adjoint has another nesting, shape or type than what it belongs to."""
        try:
            rows = list(pairs(model.tree, found))
        except NestingError as error:
            return [self.says(f"the {what} of {model.name(error.path)} {error.reason}")]
        wrong = [
            (model.name(path), one, other) for path, one, other in rows if is_float(one) and form(one) != form(other)
        ]
        return [self.says(f"the {what} of {name} is {form(other)}, not {form(one)}") for name, one, other in wrong]


def _vector(coordinates: Coordinates, tree: Any) -> Vector | None:
    """The vector of a tangent or adjoint; None if it does not have the form of what it belongs to."""
    try:
        return coordinates.of(tree)
    except NestingError:
        return None


# -------------------------------------------------------------------- the table


def _table(point: Point, run: _Run, comparers: list[Comparer], moves: Iterable[Move]) -> Iterator[Finding]:
    """For each argument, or array in one, where derivatives and differences agree least."""
    for argument, group in groupby(moves, lambda move: move[0].argument):
        rows = [(compare, probe, compare(probe.direction, slope)) for probe, slope in group for compare in comparers]
        compare, probe, worst = max(rows, key=lambda row: (not row[2].ok, row[2].apart))
        if not worst.ok:
            probe, worst = _narrowed(point, compare, probe, worst)
        name = point.x.spelled(int(probe.positions[0])) if len(probe.positions) == 1 else argument
        yield _finding(run.of, run.mode, worst.in_units(probe.unit), name)


def _narrowed(point: Point, compare: Comparer, probe: Probe, worst: Compared) -> tuple[Probe, Compared]:
    """A single element that disagrees, found by halving; several, where no half disagrees by itself."""
    positions = probe.positions
    while len(positions) > 1:
        halves = [probe.within(half) for half in np.array_split(positions, 2)]
        found = [(compare(half.direction, point.slope(half.direction)), half) for half in halves]
        most, half = max(found, key=lambda row: (not row[0].ok, row[0].apart))
        if most.ok:
            break
        positions, probe, worst = half.positions, half, most
    return probe, worst


def _finding(of: str, mode: str, found: Compared, argument: str) -> Finding:
    numbers = found.derivative, found.difference, found.error
    return Finding(of, mode, found.ok, argument, found.result, *numbers, _note(found))


def _note(found: Compared) -> str:
    if not np.isfinite(found.derivative):
        return "not finite"
    if not np.isfinite(found.difference):
        return "the function is not finite nearby"
    if found.jump or found.kink:
        return "jump?" if found.jump else "kink?"
    return "the differences are too rough" if found.rough else ""
