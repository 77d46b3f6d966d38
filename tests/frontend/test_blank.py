"""Variables called `_` that are read: derivatives count rounds with `_`."""

import numpy as np
import pytest

from s2sad.errors import S2sadError
from tests.checking import Examples, case_of, check_case, generated

right = Examples()
X = np.array([0.53, 0.64, 0.93])
_ = 0.7


def grown(y):
    while y < 10:
        y = y * 2
    return y


@right(X)
def read_behind_a_loop(x):
    _ = np.sin(x[0])
    y = _ * _
    while y < 10:
        y = y * 2
    return y


@right(X)
def of_a_loop(x):
    s = 0.0
    for _ in x:
        y = _ * _
        while y < 10:
            y = y * 2
        s += y
    return s


@right(X)
def updated(x):
    _ = x[0]
    _ += x[1]
    for _k in range(3):
        _ *= 1.5
    while _ < 5:
        _ = _ * _ + 1
    return _


@right(X)
def in_a_nested_function(x):
    _ = x[0] * 2

    def squared(v):
        return v * _ * _

    y = squared(x[1])
    while y < 5:
        y = y * 3
    return y


@right(X)
def in_a_lambda_and_a_comprehension(x):
    f = lambda _: _ * _ * sum([np.sin(_) * v for v in x])  # noqa: E731
    return f(x[0]) + sum([np.cos(_) * sum([_ * v for v in x]) for _ in x])


@right(X)
def of_the_module(x):
    y = x[0]
    while y < 5:
        y = y * 3 * _
    return y * _


@right(X)
def only_counted(x):
    for _ in range(3):
        x = x * x
    return grown(x[0])


@right.parametrize()
def test_blank(case):
    check_case(case)


def test_one_that_is_not_read_stays():
    text, _ = generated(case_of(only_counted, (X,), {}, "x", True), "jvp")
    assert "for _ in range(3)" in text


def parameter(x, _):
    y = _ * _ * x[0]
    while y < 10:
        y = y * 2
    return y


def test_a_parameter_is_refused():
    case = case_of(parameter, (X, 0.7), {}, None, True)
    with pytest.raises(S2sadError, match="S201"):
        generated(case, "grad")


def plain_parameter(x, _):
    return _ * _ * x[0]


def test_a_parameter_without_loops():
    check_case(case_of(plain_parameter, (X, 0.7), {}, None, True))
