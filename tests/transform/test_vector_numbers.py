"""Numbers taken from arrays that change afterwards: for all directions at once each of them is a row of an array."""

import numpy as np
import pytest

import s2sad

X = np.array([0.53, 0.64, 0.93])


@pytest.fixture(autouse=True)
def unformatted(monkeypatch):
    monkeypatch.setattr("black.format_str", lambda text, mode: text)


def first(a):
    return a[0]


def pair(a):
    return a[0], [a[1]]


def doubled(p):
    return [p, p * 2]


def changed(p, y):
    y[0] = y[1] * y[2]
    return p * y[0]


def returned(x):
    y = x * 2
    p = first(y)
    y[0] = x[2]
    return p * y[0]


def returned_in_containers(x):
    y = x * 2
    p, q = pair(y)
    y[:] = x[2]
    return p * y[0] * q[0]


def given(x):
    y = x * 2
    return changed(y[0], y)


def given_and_returned(x):
    y = x * 2
    p = doubled(y[0])
    y[0] = x[2]
    return p[0] * y[0] * p[1]


def in_a_dict(x):
    y = x * 2
    d = {"a": y[0], "b": [y[1], (y[2], y[0])]}
    y[:] = x * x
    return d["a"] * d["b"][0] * d["b"][1][0]


def in_a_choice(x):
    y = x * 2
    t = (y[0], y[1]) if x[0] > 0 else (y[1], y[2])
    y[:] = x * x
    return t[0] * t[1] * y[0]


def in_a_comprehension(x):
    y = x * 2
    numbers = [y[i] for i in range(3)]
    y[0] = numbers[1] * numbers[2]
    return numbers[0] * y[0]


def all_of_them(x):
    y = x * 2
    a, *b = y
    numbers, others = list(y[1:]), y.tolist()
    y[:] = x * x
    return a * y[0] + b[0] * b[1] + numbers[0] * others[2]


@pytest.mark.parametrize("mode", [s2sad.jacfwd, s2sad.jacrev])
@pytest.mark.parametrize(
    "function",
    [
        returned,
        returned_in_containers,
        given,
        given_and_returned,
        in_a_dict,
        in_a_choice,
        in_a_comprehension,
        all_of_them,
    ],
)
def test_numbers_stay(function, mode):
    assert np.allclose(mode(function)(X), s2sad.grad(function)(X), rtol=1e-12)
