"""Sorted lists of active elements, and lists of pairs taken by column."""

import operator
from dataclasses import replace

import numpy as np
import pytest

from tests.checking import Examples, check_case
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.4, 0.1, -0.3])


@right([0.4, 0.1, 0.7])
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


@right(X, 0.2)
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


def squared(v):
    return (v - 0.2) ** 2


@right([0.4, 0.1, 0.7])
def keys_of_the_library(xs):
    near = min(xs, key=abs)
    return near * near * sorted(xs, key=abs, reverse=True)[0]


@right([np.array([1.0, 2.0]), np.array([0.3, 0.2])])
def arrays_by_their_norm(rows):
    longest = max(rows, key=np.linalg.norm)
    return np.sum(longest * longest)


@right([(0.4, 0.1), (0.3, 0.8)])
def getters_as_keys(pairs):
    last = max(pairs, key=operator.itemgetter(1))
    first = sorted(pairs, key=operator.itemgetter(0))[0]
    return last[0] * first[1]


@right(0.4, 0.3)
def one_of_several_arguments(a, b):
    return max(a, b, a * b, key=lambda v: -v) ** 2 * min(a * a, b, key=squared)


@right([0.4, 0.1, 0.7])
def default_where_there_is_none(xs):
    large = max([v for v in xs if v > 5], key=lambda v: v * v, default=xs[0])
    return large * max(xs, key=squared, default=0.0)


@right({"a": 0.4, "b": 0.7, "c": 0.3}, unless_known="S204")
def items_of_a_dict(d):
    key, value = max(d.items(), key=lambda item: item[1])
    s = value if key == "b" else 0.0
    for _, v in sorted(d.items(), key=lambda item: -item[1]):
        s = s * v + v
    return s


@right([0.5, 0.1, 0.7])
def key_that_is_a_nested_function(xs):
    c = xs[0] * 0.9

    def distance(v):
        return abs(v - c)

    ys = sorted(xs, key=distance)
    return ys[0] * ys[1] ** 2 * c * max(xs, key=distance)


def best(xs, key):
    return max(xs, key=key) * sorted(xs, key=key)[1]


@right([0.4, 0.1, 0.7])
def key_that_is_an_argument(xs):
    return best(xs, lambda v: (v - xs[1]) ** 2) * best(xs, abs) * best(xs, squared)


@right(0.4)
def order_of_constants(x):
    c = 2

    def distance(v):
        return abs(v - c)

    for k in sorted([1, 2, 4], key=distance):
        x = x * x + k * x
    return x


@right({"a": 0.4, "b": 0.7})
def keys_of_a_dict_in_order(d):
    s = 0.0
    for key in sorted(d, reverse=True):
        s = s * d[key] + d[key]
    return s


@right([0.5, 0.1, 0.7])
def keys_that_call_nested_functions(xs):
    c = xs[0] * 0.9

    def distance(v):
        return abs(v - c)

    def squared_distance(v):
        def times(w):
            return w * c

        return times(distance(v)) ** 2

    places = sorted([0, 1, 2], key=lambda k: distance(xs[k]))
    ys = sorted(xs, key=lambda v: distance(v))
    zs = sorted(xs, key=squared_distance)
    return ys[0] * zs[1] ** 2 * c * xs[places[2]]


@right.parametrize()
def test_derivative(case):
    check_case(case)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=lambda case: case.function.__name__)
def test_second_order(case):
    # What the adjoint of a list of pairs adds to is refused where it may be shared, or where it is made as a copy.
    refused = {"getters_as_keys": "S202"}.get(case.function.__name__, "S301")
    check_second_order(replace(case, or_refused=refused))
