"""`itertools.accumulate` of active elements."""

import itertools
import operator
from dataclasses import replace
from itertools import accumulate

import numpy as np
import pytest

from tests.checking import Examples, check_case
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.4, 0.1, -0.3])


@right([0.4, 0.1, 0.7])
def sums(xs):
    ys = list(accumulate(xs))
    return ys[0] * ys[1] * ys[2] * len(ys)


@right(X)
def in_a_loop_with_others(x):
    s = 0.0
    for k, (a, b) in enumerate(zip(x, itertools.accumulate(x))):
        s += k * a * b * b
    for v in accumulate(x, operator.mul):
        if v < 0:
            break
        s = s * v + v
    return s


@right([0.4, 0.1, 0.7])
def by_a_lambda(xs):
    c = xs[1]
    return sum(accumulate(xs, lambda a, b: a * b + c * a))


def step(total, v):
    return 0.5 * total + v * v


@right([0.4, 0.1, 0.7])
def by_a_function(xs):
    smooth = tuple(accumulate(xs, step))
    return smooth[0] * smooth[-1] + max(accumulate(xs, step))


@right([0.4, 0.1, 0.7], or_refused="S301")
def largest_so_far(xs):
    return sum(v * v for v in accumulate(xs, max))


@right([0.4, 0.1, 0.7])
def from_a_first_value(xs):
    ys = list(accumulate(xs, lambda a, b: a * b, initial=xs[0] * 2))
    return sum(ys) * len(ys)


@right(X[:0], 0.3)
def of_nothing(x, c):
    return c * c + sum(accumulate(x)) + sum(accumulate(x, initial=c))


@right(X)
def of_rows(x):
    rows = list(accumulate(np.outer(x, x)))
    return np.sum(rows[-1] * rows[0])


@right(0.4)
def of_constants(x):
    for k in accumulate([1, 2, 3]):
        x = x * x + k * x
    return x


@right(np.array([0.3, 0.5, 0.7]))
def what_is_summed_is_read_in_the_loop(x):
    s = 0.0
    for b in itertools.accumulate(x):
        s += b * np.sum(x) * np.linalg.norm(x) + np.dot(x, x)
        y = np.sin(x)
        y[0] = b
        s += np.sum(y)
    return s


def weighted(x, a):
    return np.sum(x) * a


@right(X, wrt="x")
def what_a_call_may_change(x):
    s = x[0]
    for y in accumulate(x):
        s = s * np.sin(y) + weighted(x, s)
        if y > 5:
            break
    else:
        s = s * x[1]
    return s


@right(X, unless_known="S301")
def elements_that_change_before_their_turn(x):
    s = 1.0
    for y in accumulate(x):
        x[-1] = y * s
        s = s + y * y
    return s


@right(X)
def function_that_reads_what_changes(x):
    s = 1.0
    for y in accumulate(x, lambda p, q: p * q + s):  # noqa: B023
        s = s * y
    return s


@right(X)
def rows_in_turn(x):
    s = 1.0
    for k in range(2):
        for row in accumulate(np.outer(x, x)):
            s = s + weighted(row, x[k]) * np.sum(x.copy())
            x = x.copy()
    return s


@right(0.3, 0.4, wrt=("a", "b"))
def sums_beside_arrays_of_a_size(a, b):
    sums = np.array(list(itertools.accumulate(np.ones(3), lambda e, g: e * b + g)))
    return b - sums @ np.exp(a * np.ones(3)) + np.mean(np.ones(3) * a - sums)


@right.parametrize()
def test_derivative(case):
    check_case(case)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=lambda case: case.function.__name__)
def test_second_order(case):
    check_second_order(replace(case, or_refused="S301"))
