"""Bodies of `try` that change in loops and branches what is read later: right, unless they fail after that."""

import numpy as np
import pytest

import s2sad
from tests.checking import Examples, check_case
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, 0.7, 1.2])


@right(1.3, X, 1, wrt=("a", "x"))
@right(1.3, X, 3, wrt=("a", "x"))
def branch(a, x, n):
    b = a
    try:
        if n > 1:
            b = np.sin(a) * x[0]
            if n % 2 == 0:
                raise KeyError(n)
            b = b * x[1]
    except KeyError:
        pass
    return b * a


@right(1.3, X, 1, wrt=("a", "x"))
@right(1.3, X, 3, wrt=("a", "x"))
def loop(a, x, n):
    b = a
    try:
        for k in range(n):
            b = b * x[k]
    except IndexError:
        b = b + 1.0
    return b * a


@right(1.3, X, 1, wrt=("a", "x"))
@right(1.3, X, 4, wrt=("a", "x"))
def loop_that_fails_at_once(a, x, n):
    b = a
    try:
        for k in range(n):
            b = b * x[k + n - 1]
    except IndexError:
        b = b + a * a
    return b * a


@right(1.3, X, 2, wrt=("a", "x"))
@right(1.3, X, 3, wrt=("a", "x"))
def pieces(a, x, n):
    b = a
    try:
        for k in range(n):
            b = b * x[k]
        for k in range(n):
            b = b * x[k] * x[k + 1 - n]
    except IndexError:
        b = b + 1.0
    return b * a


@right(1.3, X, 0, wrt=("a", "x"))
@right(1.3, X, 3, wrt=("a", "x"))
def elements(a, x, n):
    b = a * x
    try:
        for k in range(n):
            b[k] = b[k] * x[k]
    except IndexError:
        b[0] = a
    return np.sum(b * a)


@right(1.3, X, wrt=("a", "x"))
def variable_of_the_loop(a, x):
    b = a
    try:
        for b in x:
            a = a * b
    except IndexError:
        pass
    return a * b


@right(1.3, X, 2, wrt=("a", "x"))
def body_in_a_body(a, x, n):
    b = a
    try:
        try:
            for k in range(n):
                b = b * x[k]
        except IndexError:
            b = a
        b = b * x[2]
    except KeyError:
        b = a * 2
    return b * a


@right.parametrize()
def test_against_differences(case):
    check_case(case)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=lambda case: case.function.__name__)
def test_second_order(case):
    check_second_order(case)


@pytest.mark.parametrize(("function", "count"), [(branch, 2), (loop, 4), (pieces, 4), (elements, 4)])
@pytest.mark.parametrize("derive", [s2sad.grad, s2sad.jacfwd])
def test_a_body_that_fails_after_a_change_is_refused_where_it_does(function, count, derive):
    with pytest.raises(RuntimeError, match="has failed after a change of `b`"):
        derive(function)(1.3, X, count)
