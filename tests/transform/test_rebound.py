"""Loops whose rounds give another object to the variable that they run over."""

import itertools

import numpy as np
import pytest

from tests.checking import Examples, check_case, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.53, 0.64, 0.93])
D = {"a": 0.5, "b": 0.7}


class Scaled:
    def __init__(self, c):
        self.c = c

    def scaled(self, k):
        return Scaled(self.c * k)


@right(X)
def pairs_of_neighbours(x):
    s = 0.0
    for _ in range(2):
        for p, q in itertools.pairwise(x):
            x = np.sin(x * p + q)
            s += q
    return np.sum(x) * s


@right(X)
def combinations(x):
    s = 0.0
    for p, q in itertools.combinations(x, 2):
        x = x * p + q
        s += p * x[0]
    return s * p


@right(X, 0.3)
def products(x, a):
    for p, q in itertools.product(x, (a, 2.0)):
        x = np.sin(x * p + q)
    return np.sum(x) * p


@right(X)
def some_of_the_elements(x):
    for p in itertools.islice(x, 1, None):
        x = x * p
    return np.sum(x) * p


@right(X)
def neighbours_in_a_mapped_loop(x):
    a = 0.0
    for _ in map(np.sin, x):
        for a, q in itertools.pairwise(x):  # noqa: B007
            x = np.sin(x + q)
    return a * x[0]


@right(X)
def the_variable_of_the_loop(x):
    s = 1.0
    for x, q in itertools.combinations(x, 2):  # noqa: B020
        s = s * x * q
    return s + x


@right(D, unless_known="S204")
def items_of_a_dict(d):
    s = 0.0
    for k, v in d.items():
        d = {"a": d["b"] * v, "b": d["a"] + s}
        s += v * d[k]
    return s


@right(D, unless_known="S204")
def values_of_a_dict(d):
    s = 0.0
    for v in d.values():
        d = {"a": d["b"] * v, "b": d["a"] + s}
        s += v
    return s + d["a"]


@right({"l": X, "k": 0.3})
def a_part_of_a_dict(d):
    s = 0.0
    for u, v in itertools.combinations(d["l"], 2):
        d = {"l": d["l"] * u, "k": d["k"] * v}
        s += d["k"] * d["l"][1]
    return s


@right(X)
def functions(x):
    s, fs = x[0], [np.sin, np.cos]
    for f in fs:
        fs = [np.exp, np.tanh]
        s = f(s) * fs[0](s)
    return s


@right(X)
def objects_that_are_known(x):
    ps, s = [Scaled(x[0]), Scaled(x[1])], 0.0
    for p, q in itertools.combinations(ps, 2):
        ps = [Scaled(p.c * 2), Scaled(s)]
        s += p.c * ps[0].c * q.c
    for p, q in zip(ps, ps[1:], strict=False):
        ps = [Scaled(p.c * 2), Scaled(s)]
        s += p.c * ps[0].c * q.c
    return s + ps[1].c


@right(X, or_refused="S301")
def objects_in_a_list(x):
    ps, s = [Scaled(v) for v in x], 0.0
    for p in ps:
        ps = [q.scaled(p.c) for q in ps]
        s += p.c * ps[0].c
    return s


@right(X)
def enumerated(x):
    s = 0.0
    for i, v in enumerate(reversed(x)):
        x = x * v
        s += x[i]
    return s


@right(X)
def a_tuple(x):
    t, s = (x[0], x[1]), 0.0
    for v in t:
        t = (v, s, v)
        s += t[0] * t[1] + v
    return s


@right(X)
def integers_that_one_round_makes_floats(x):
    for s in [1, 2, 3]:
        if s == x[0]:
            s = s * x[0]
    return s * 1.5 + x[1]


class Kept:
    def __init__(self, numbers):
        self.numbers = numbers
        self.by_name = {"a": numbers[0], "b": numbers[1]}

    def renew(self, v):
        self.by_name = {"a": v * 2, "b": v}


def renew(kept, v):
    kept.numbers = [v * 3, v, v * v]


@right(X)
def attributes_that_a_function_assigns(x):
    kept, s = Kept([x[0], x[1], x[2]]), 0.0
    for a, b in itertools.combinations(kept.numbers, 2):
        renew(kept, a)
        s += a * b * kept.numbers[0]
    for k, v in kept.by_name.items():
        kept.renew(v * s)
        s += v * kept.by_name[k]
    return s


@right.parametrize()
def test_rebound(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)
