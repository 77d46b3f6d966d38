"""`x += v` where it is not known whether x is a number: right for numbers, and an error at run time for arrays others see."""

import numpy as np
import pytest

from tests.checking import Examples, case_of, check_case, generated, label

right = Examples()


@right(0.7, 3)
def power(x, n):
    p = x
    for _ in range(n):
        p *= x
    return p


@right(0.7)
def two_names(x):
    s = x
    s += 2 * x
    return s * x


def increased(z):
    z += 1
    return z


@right(0.7, 0.2, wrt="x")
def in_a_function_without_a_derivative(x, z):
    return x * z * increased(z)


@right(0.7)
def in_a_function(x):
    return x * increased(x)


@right.parametrize()
def test_update(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if not case.known])
@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_an_array_that_has_other_names(case, mode):
    _, derivative = generated(case, mode)
    arrays = [np.array([value]) if isinstance(value, float) else value for value in case.values.values()]
    tangents = [np.ones(1)] * len(case.wrt) if mode == "jvp" else []
    with pytest.raises(TypeError, match="updated in place"):
        derivative(*arrays, *tangents)


def test_no_test_where_the_kind_is_known():
    assert "isinstance" not in generated(case_of(power, (0.7, 3), {}, ("x",), True), "grad")[0]


def updates_an_alias(x):
    y = x
    y += 1
    return np.sum(x * y)


def updates_a_view(x):
    y = x * x
    v = y[1:]
    v *= 2
    return np.sum(y)


@pytest.mark.parametrize("function", [updates_an_alias, updates_a_view])
@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_other_names_and_views_of_unknown_kinds(function, mode):
    x = np.array([0.3, -0.8, 1.1])
    _, derivative = generated(case_of(function, (x,), {}, ("x",), False), mode)
    with pytest.raises(TypeError, match="updated in place"):
        derivative(*[x] * (2 if mode == "jvp" else 1))
