"""Numbers of several precisions in one container: each gradient has the type of its own."""

from dataclasses import dataclass

import numpy as np
import pytest

import s2sad
from s2sad.trees import leaves

X = np.array([0.3, 0.4], np.float32)
SINGLE, DOUBLE = np.float32(0.7), np.float64(0.5)


@dataclass
class Pair:
    a: object
    c: object


def of_dict(p, x):
    return np.sum(x * p["a"]) * p["c"]


def of_pair(p, x):
    return np.sum(x * p.a) * p.c


def over_pairs(ps, x):
    total = 0.0
    for a, c in ps:
        total = total + np.sum(x * a) * c
    return total


def over_dicts(ps, x):
    total = 0.0
    for p in ps:
        total = total + np.sum(x * p["a"]) * p["c"]
    return total


def over_numbers(ps, x):
    total = 0.0
    for p in ps:
        total = total + np.sum(x) * p
    return total


def by_position(ps, x):
    total = 0.0
    for i in range(len(ps)):
        total = total + np.sum(x) * ps[i] ** 2
    return total


def summed(ps, x):
    return sum(np.sum(x) * p for p in ps)


def as_array(ps, x):
    return np.sum(x * np.array(ps))


def over_keys(p, x):
    for key in p:
        x = x * p[key]
    return np.sum(x)


CASES = [
    (function, argument(c))
    for c in (0.5, DOUBLE, SINGLE)
    for function, argument in (
        (of_dict, lambda c: {"a": X, "c": c}),
        (of_pair, lambda c: Pair(X, c)),
        (over_pairs, lambda c: [(X, c), (X, c)]),
        (over_pairs, lambda c: ((X, c), (X, 0.3))),
        (over_dicts, lambda c: [{"a": X, "c": c}]),
        (over_numbers, lambda c: [c, 0.3, SINGLE]),
        (over_numbers, lambda c: (c, SINGLE)),
        (by_position, lambda c: [c, 0.3]),
        (summed, lambda c: (c, c)),
        (as_array, lambda c: [c, c]),
        (as_array, lambda c: (c, SINGLE)),
        (over_keys, lambda c: {"a": c, "b": 0.3, "d": X}),
    )
]


def types(tree):
    """A Python float may be NumPy's."""
    found = [(type(leaf), getattr(leaf, "dtype", None)) for _, leaf in leaves(tree)]
    return [(float, None) if one is np.float64 else (one, dtype) for one, dtype in found]


@pytest.mark.parametrize(("function", "argument"), CASES)
def test_types(function, argument):
    gradients = s2sad.grad(function, wrt=(0, 1))(argument, X)
    y, pullback = s2sad.vjp(function, wrt=(0, 1))(argument, X)
    for found in (gradients, pullback(y)):
        assert types(found) == types((argument, X))
    direction = s2sad.grad(function, wrt=(0, 1))(argument, X)
    tangent = s2sad.jvp(function, wrt=(0, 1))(argument, X, *direction)[1]
    numbers = np.concatenate([np.ravel(leaf) for _, leaf in leaves(gradients)]).astype(float)
    assert tangent == pytest.approx(numbers @ numbers, rel=1e-5)
