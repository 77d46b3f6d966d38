"""The slope of a function of a number at 0, by differences, with an estimate of its error for every element.

Central differences with steps that shrink by a factor are extrapolated (Richardson); the error of an entry of the table
is estimated from its neighbours (Ridders 1982). Two things keep an entry that agrees with its neighbours by chance from
being believed: round-off is measured at the smallest steps, and larger steps count only as far as they confirm what the
smaller ones gave (Lepski 1990), so that a function that oscillates between them is seen.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Slope", "slope_of"]

Vector = np.ndarray[Any, np.dtype[Any]]

_SHRINK = 4.0
_STEPS = _SHRINK ** -np.arange(1.0, 13.0)
_EPS = float(np.finfo(float).eps)
#: The weights of the values in an extrapolated slope sum up to less than 2 / step; the rest is for noise that looks small
#: by chance.
_AMPLIFIED = 5.0


@dataclass(frozen=True)
class Slope:
    """Slopes with bounds of their errors; where the one-sided slopes differ (`kink`) or the values do (`jump`).

    An element that could not be determined is NaN, its error infinite.
    """

    value: Vector
    error: Vector
    kink: Vector
    jump: Vector


def slope_of(function: Callable[[float], Vector], middle: Vector) -> Slope:
    """The slope of `function` at 0, where its value is `middle`. It returns NaN where it is not defined.

    >>> slope = slope_of(lambda h: np.exp(np.array([h, 2 * h])), np.ones(2))
    >>> np.all(abs(slope.value - [1, 2]) < slope.error), np.all(slope.error < 1e-11)
    (np.True_, np.True_)
    """
    with np.errstate(all="ignore"):
        after = np.array([function(step) for step in _STEPS])
        before = np.array([function(-step) for step in _STEPS])
        steps = _STEPS[:, None]
        columns = list(itertools.islice(_extrapolated((after - before) / (2 * steps)), 7))
        noise = _noise(columns[2], middle, after)
        value, error = _best(columns, noise)
        return Slope(value, error, _kinks(after, before, middle, noise), _jumps(after, before, middle))


def _extrapolated(column: Vector) -> Iterator[Vector]:
    """The columns of the table; row 0 of each is made of the largest steps."""
    for power in itertools.count(1):
        yield column
        factor = _SHRINK ** (2 * power)
        column = (factor * column[1:] - column[:-1]) / (factor - 1)


def _noise(column: Vector, middle: Vector, after: Vector) -> Vector:
    """By how much values of the function are off: at small steps, extrapolated slopes differ by round-off alone."""
    changes = np.abs(np.diff(column, axis=0)) * _STEPS[-len(column) + 1 :, None]
    size = np.fmax(np.abs(middle), np.abs(after[-1]))
    return np.asarray(np.fmax(np.max(changes[-3:], axis=0), _EPS * size))


def _best(columns: list[Vector], noise: Vector) -> tuple[Vector, Vector]:
    """The value with the least error among those that agree with all that were found with smaller steps."""
    value, error = np.full(noise.shape, np.nan, columns[0].dtype), np.full(noise.shape, np.inf)
    open_ = np.full(noise.shape, True)
    for row in reversed(range(1, len(_STEPS))):
        found, off = _of_row(columns, row, noise)
        open_ &= ~(np.abs(found - value) > 4 * (off + error))
        better = open_ & (off < error)
        value, error = np.where(better, found, value), np.where(better, off, error)
    return value, error


def _of_row(columns: list[Vector], row: int, noise: Vector) -> tuple[Vector, Vector]:
    """The best of the entries whose smallest step is that of `row`."""
    value, error = np.full(noise.shape, np.nan, columns[0].dtype), np.full(noise.shape, np.inf)
    # Row `i` of column `k` is made of rows `i` to `i + k` of the first.
    for power, (left, column) in enumerate(itertools.pairwise(columns[: row + 1]), 1):
        entry, above, beside = column[row - power], left[row - power], left[row - power + 1]
        off = np.fmax(np.abs(entry - above), np.abs(entry - beside)) + _AMPLIFIED * noise / _STEPS[row]
        better = np.isfinite(entry) & (off < error)
        value, error = np.where(better, entry, value), np.where(better, off, error)
    return value, error


def _kinks(after: Vector, before: Vector, middle: Vector, noise: Vector) -> Vector:
    """Where the slopes of both sides differ by the same amount at several steps; on a smooth curve it shrinks with them."""
    steps = _STEPS[:, None]
    gaps = np.abs((after - 2 * middle + before) / steps)
    clear = gaps > 50 * noise / steps + 1e-6 * np.abs(after - before) / steps
    return _steady(np.where(clear, gaps, np.nan), 3)


def _jumps(after: Vector, before: Vector, middle: Vector) -> Vector:
    """Where the values on both sides do not come closer."""
    gaps = np.abs(after - before)[-5:]
    return _steady(np.where(gaps > 1e4 * _EPS * np.abs(middle), gaps, np.nan), 5)


def _steady(sizes: Vector, count: int) -> Vector:
    """True where so many sizes in a row are the same to 5 percent, and finite."""
    rows = np.lib.stride_tricks.sliding_window_view(sizes, count, axis=0)
    low, high = rows.min(axis=-1), rows.max(axis=-1)
    return np.asarray(np.any((high > 0) & (high - low < 0.05 * high), axis=0))
