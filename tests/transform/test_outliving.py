"""Function values that live longer than the call that makes them, or that they are given to."""

import math

import pytest

from tests.checking import Examples, check_case, check_refused

right = Examples()
A, B = 0.71, 1.12


def twice(f):
    return lambda v: f(f(v))


def with_value(f, x):
    return f, x


def applied(f, x):
    y = f(x)
    return y * x


class Model:
    def __init__(self, f):
        self.f = f

    def run(self, v):
        return self.f(v)


def made(a, b):
    def make(c):
        def inner(e):
            return a * b * c * e

        return inner

    h = make(0.5 + a)
    b += math.cos(b)
    return h(1.0) * b


def made_in_place(a, b):
    h = (lambda c: lambda e: a * b * c)(0.5 + b)
    b += math.cos(b)
    return h(1.0)


def made_of_another(a, b):
    def g(e):
        return a * e + math.sin(b)

    h = (lambda c: lambda e: g(c))(0.5 + b)
    b += math.cos(b)
    return h(1.0)


def made_by_what_is_called(a, b):
    def outer():
        def make():
            return lambda e: a * b * e

        return make()

    h = outer()
    b += math.cos(b)
    return h(a)


def made_in_a_dict(a, b):
    def make(c):
        f = lambda v: v * b * c  # noqa: E731
        d = {"f": f}
        return d

    y = make(2.0)
    b += math.cos(b)
    return y["f"](a)


def given(a, b):
    def g(e):
        return a * e + b

    h = twice(g)
    b += math.cos(b)
    return h(1.0)


def given_and_returned(a, b):
    def g(e):
        return a * e + b

    h, y = with_value(g, 2.0)
    b += math.cos(b)
    return h(1.0) * y


def given_to_an_object(a, b):
    def g(e):
        return a * e + b

    m = Model(g)
    b += math.cos(b)
    return m.run(2.0)


def made_in_a_loop(a, b):
    def make(c):
        return lambda e: a * b * c * e

    s, h = 0.0, make(1.0)
    for i in range(2):
        s += h(1.0)
        b = b * (i + 1)
    return s


def found_by_a_loop(a, b):
    def make():
        h = None
        for g in [lambda e: b * e]:
            h = g
        return h

    h = make()
    b += math.cos(b)
    return h(a)


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (found_by_a_loop, "make()"),
        (made, "make(0.5 + a)"),
        (made_in_place, "(lambda c: lambda e: a * b * c)(0.5 + b)"),
        (made_of_another, "(lambda c: lambda e: g(c))(0.5 + b)"),
        (made_by_what_is_called, "outer()"),
        (made_in_a_dict, "make(2.0)"),
        (given, "g"),
        (given_and_returned, "g"),
        (given_to_an_object, "g"),
        (made_in_a_loop, "make(1.0)"),
    ],
)
def test_refused_where_a_variable_changes_later(function, at):
    check_refused(function, A, B, code="S201", at=at)


@right(A, B)
def only_called(a, b):
    def g(e):
        return a * e + b

    y = applied(g, a)
    b += math.cos(b)
    return y * b * applied(g, b)


@right(A, B)
def called_where_it_is_made(a, b):
    def make(c):
        return lambda e: b * e * c

    y = make(2.0)(a)
    b += math.cos(b)
    return y * make(3.0)(b)


@right(A, B)
def reads_what_does_not_change(a, b):
    def make(c):
        return lambda e: a * e * c

    h = make(b)
    b += math.cos(b)
    return h(b) * make(3.0)(b) * twice(h)(b)


@right(A, B)
def changes_before(a, b):
    b = b * 2 + a

    def make(c):
        return lambda e: b * e * c

    h = make(a)
    return h(b) * Model(h).run(a)


@right(A, B)
def numbers_that_are_returned(a, b):
    def at(c):
        f = lambda v: v * b * c  # noqa: E731
        return f(a)

    def now():
        return b

    y = at(2.0) * now()
    b += math.cos(b)
    return y * now() * at(3.0)


@right.parametrize()
def test_right(case):
    check_case(case)
