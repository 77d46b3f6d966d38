"""Sorted lists of active elements, and lists of pairs taken by column."""

from dataclasses import replace

import numpy as np
import pytest

from tests.checking import Examples, check_case
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.4, 0.1, -0.3])


@right([0.4, 0.1, 0.7], unless_known="S204")
def of_a_list(xs):
    ys = sorted(xs)
    return ys[0] * 2 + ys[1] * 3 + ys[2] * ys[2]


@right(0.4, 0.1)
def in_place(a, b):
    xs = [a, b, a * b]
    xs.sort()
    first = xs[0]
    xs.sort(reverse=True)
    return first * xs[0] + 2 * xs[1] * xs[2]


@right(0.4, 0.1)
def pairs_by_a_key(a, b):
    points = [(a, b), (b, a * b)]
    points = sorted(points, key=lambda p: p[1])
    return points[0][0] * 2 + points[1][1]


@right(X, 0.2, unless_known="S204")
def inside_of_expressions(u, c):
    s = 0.0
    for i, v in enumerate(sorted(u, key=lambda v: abs(v - c), reverse=True)):
        s += i * v * v
    return s + sorted(u)[1] * sum(sorted([c, s, u[0]])[:2])


@right(0.4, 0.1)
def equal_elements_stay_in_order(a, b):
    pairs = [(1, a), (0, b), (1, a * b), (0, a + b)]
    up = [v for _, v in sorted(pairs, key=lambda p: p[0])]
    down = [v for _, v in sorted(pairs, key=lambda p: p[0], reverse=True)]
    return up[0] * up[3] + down[0] * down[2] ** 2


@right(0.4, 0.1)
def in_a_loop(a, b):
    best = 1.0
    for i in range(2):
        xs = sorted([a * i, b, best])
        best = best * xs[i] + xs[-1]
    return best


@right(0.4)
def of_a_list_that_may_be_empty(a):
    return a * a + sum(sorted([v for v in (a, 2 * a) if v > 5]))


@right([(0.4, 0.1), (0.3, 0.8)])
def columns_of_pairs(pairs):
    xs, ys = zip(*pairs)
    return sum(xs) * ys[1]


@right(X)
def columns_of_rows_that_a_loop_makes(x):
    rows = []
    for v in x:
        rows.append((v * x[0], 2.0, v))
    p, q, r = zip(*rows)
    return p[0] * r[-1] + q[0] * sum(a * b for a, b in zip(p, r)) + len(q)


@right.parametrize()
def test_derivative(case):
    check_case(case)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=lambda case: case.function.__name__)
def test_second_order(case):
    # What the adjoint of a list of pairs adds to is refused where it may be shared.
    check_second_order(replace(case, or_refused="S301") if "columns" in case.function.__name__ else case)
