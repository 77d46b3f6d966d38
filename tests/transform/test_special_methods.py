"""Operators of objects as Python chooses them, and classes whose attributes are more than values."""

from functools import cached_property

import numpy as np
import pytest

import s2sad
from tests.checking import Examples, check_case, check_refused

right = Examples()
U = np.array([0.9, -0.7, 0.4, 1.3])


class Length:
    def __init__(self, v):
        self.v = v

    def __add__(self, other):
        return self.v + other.v

    def __radd__(self, other):
        return self.v + other.v

    def __rmul__(self, factor):
        return Length(np.sum(factor) ** 2 * self.v)

    def __lt__(self, other):
        return self.v < other.v

    def __gt__(self, other):
        return self.v > other.v


class Long(Length):
    def __radd__(self, other):
        return (self.v + other.v) * 10

    def __gt__(self, other):
        return True


class Plainer(Length):
    pass


class Strict:
    def __init__(self, v):
        self.v = v

    def __mul__(self, other):
        if not isinstance(other, Strict):
            return NotImplemented
        return self.v * other.v

    def __eq__(self, other):
        if isinstance(other, Strict):
            return self.v == other.v
        return NotImplemented


class Factor:
    def __init__(self, v):
        self.v = v

    def __rmul__(self, other):
        return self.v * other.v * 7


class Deferring:
    __array_ufunc__ = None

    def __init__(self, v):
        self.v = v

    def __rmul__(self, factor):
        return np.sum(factor) ** 2 * self.v


class Twice:
    def __get__(self, owner, kind):
        return owner._x * 2

    def __set__(self, owner, value):
        owner._x = value


class Described:
    x = Twice()

    def __init__(self, x):
        self.x = x


class Remembering:
    def __init__(self, x):
        self.x = x

    @cached_property
    def square(self):
        return self.x * self.x


@right(U)
def subclass_on_the_right_that_overrides_is_asked_first(u):
    return Length(u[0]) + Long(u[1])


@right(U)
def subclass_on_the_right_that_inherits_is_not(u):
    return Length(u[0]) + Plainer(u[1]) + (Long(u[2]) + Long(u[3]))


@right(U)
def comparison_asks_the_subclass_first(u):
    return u[0] if Length(u[0]) < Long(u[1]) else u[1] * u[2]


@right(0.7)
def number_times_object(x):
    return (x * Length(x)).v + (2.0 * Length(x)).v


@right(U)
def array_that_leaves_the_operator_to_the_object(u):
    return u * Deferring(u[0])


@right(U)
def method_that_knows_the_other(u):
    return Strict(u[0]) * Strict(u[1]) + (u[2] if Strict(u[0]) == Strict(u[1]) else u[3])


@right.parametrize()
def test_operator(case):
    check_case(case)


def unknown_to_the_left(u):
    return Strict(u[0]) * Factor(u[1])


def unknown_to_both(u):
    return u[0] if Strict(u[0]) == u[0] else u[1]


def target_of_an_object_that_is_assigned(u):
    one = Factor(u[0])
    other = one
    one, one.v = Factor(u[1]), u[2]
    return one.v * other.v


def descriptor(u):
    one = Described(u[0])
    one.x = one.x + u[1]
    return one.x


def remembered(u):
    one = Remembering(u[0])
    before = one.square
    one.x = u[1]
    return before * one.square


@pytest.mark.parametrize(
    ("function", "code", "at"),
    [
        (unknown_to_the_left, "S201", "Strict(u[0]) * Factor(u[1])"),
        (unknown_to_both, "S201", "Strict(u[0]) == u[0]"),
        (target_of_an_object_that_is_assigned, "S201", "one"),
        (descriptor, "S201", "Described(u[0])"),
        (remembered, "S103", "before = one.square"),
    ],
)
def test_refused(function, code, at):
    check_refused(function, U, code=code, at=at, modes=("jvp", "vjp"))


def test_array_on_the_left_is_refused_when_it_comes():
    with pytest.raises(TypeError, match="NumPy calls `__rmul__` of Length for each element"):
        s2sad.grad(lambda u: (u * Length(u[0])).v)(U)
