"""Iterators that a variable holds."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import s2sad
from tests.checking import Examples, check_case, check_refused
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.4, 0.1, -0.3, 0.7])


@right([0.4, 0.3, 0.2, 0.7])
def first_and_rest(xs):
    it = iter(xs)
    first = next(it)
    s = first * first
    for v in it:
        s = s * first + v
    return s


@right([0.4, 0.3])
def defaults(xs):
    it = iter(xs)
    a, b = next(it), next(it, 1.0)
    return a * b * next(it, 2.0 * a)


@right(X)
def until_there_is_none(x):
    it = iter(x)
    s = 0.0
    while True:
        v = next(it, None)
        if v is None:
            break
        s = s + v * v
    return s


@right(X)
def goes_on_after_a_break(x):
    it = iter(x * x)
    s = 1.0
    for v in it:
        if v < 0.05:
            break
        s = s * v
    return s + next(it) * 2 + sum(it)


@right([0.4, 0.3, 0.2, 0.7, 0.1], 2)
def header_and_blocks(xs, n):
    it = iter(xs)
    s = 0.0
    for _ in range(n):
        a = next(it)
        if a > 0.35:
            s = s + a * next(it)
        else:
            s = s - a
    return s * len(list(it))


@right([0.4, 0.3, 0.2])
def beside_other_loops(xs):
    it = iter(xs)
    s = next(it)
    for v in itertools.accumulate(xs):
        s = s * v + max(xs, key=abs)
    return s * sum(it)


def folded(values, x):
    it = iter(zip(values, range(5)))
    last, _ = next(it, (x, 0))
    for v, k in it:
        last = last * v + k * x
    return last


@right(X, 0.3)
def in_callees(x, c):
    return folded(x, c) * folded(x[:0], c) + folded([c, c * c], x[0])


@right.parametrize()
def test_derivative(case):
    check_case(case)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=lambda case: case.function.__name__)
def test_second_order(case):
    check_second_order(replace(case, or_refused="S301"))


def test_the_end_is_an_error():
    def past_the_end(xs):
        it = iter(xs)
        return next(it) * next(it)

    with pytest.raises(StopIteration):
        s2sad.grad(past_the_end)([0.3])


def changed_while_held(x):
    y = x * x
    it = iter(y)
    first = next(it)
    y[1] = first
    return next(it) * first


def passed_on(x):
    it = iter(x)
    return first_of(it) * next(it)


def first_of(it):
    return next(it)


@pytest.mark.parametrize(
    ("function", "code", "at"), [(changed_while_held, "S301", "y[1] = first"), (passed_on, "S204", "iter(x)")]
)
def test_refused(function, code, at):
    check_refused(function, X, code=code, at=at, modes=("jvp", "vjp"))
