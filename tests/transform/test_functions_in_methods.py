"""Functions and lambdas inside of methods, which read and change the object."""

import functools
import math

import numpy as np
import pytest

from tests.checking import Examples, check_case, label
from tests.second_order import check_second_order

right = Examples()


def runge_kutta(f, t, y, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


class Model:
    """A rate `k` and a source `c`."""

    def __init__(self, k, c):
        self.k = k
        self.c = c
        self.count = 0

    def rate(self, t, y):
        return -self.k * y + self.c * math.sin(t)

    def by_a_lambda(self, y, n):
        for i in range(n):
            y = runge_kutta(lambda t, y: -self.k * y * y + self.c * math.sin(t), i * 0.1, y, 0.1)
        return y

    def by_a_function(self, y, n):
        def rate(t, y):
            return -self.k * y + self.c

        for i in range(n):
            y = runge_kutta(rate, i * 0.1, y, 0.1)
        return y

    def by_a_method(self, y, n):
        for i in range(n):
            y = runge_kutta(self.rate, i * 0.1, y, 0.1)
        return y

    def changed_inside(self, y, n):
        def bump(v):
            self.c = self.c * v
            self.count += 1
            return self.c

        for _ in range(n):
            y = y + bump(y)
        return y * self.count

    def two_deep(self, y):
        def step(s):
            def inner(q):
                return q * self.k + s

            return inner(s) + inner(self.c)

        return step(y) * step(2.0)

    def made_by_a_lambda(self, y):
        make = lambda a: lambda b: a * b * self.k  # noqa: E731
        times = make(y)
        return times(y) + make(2.0)(self.c)

    def read_when_called(self, y):
        scaled = lambda e: e * self.k  # noqa: E731
        self.k = self.k * 2
        return scaled(y)

    def called_where_it_stands(self, y):
        return np.arctan2(3, 1.5 + abs((lambda e: e * self.c)(y + self.c)))

    def in_a_comprehension(self, y, n):
        return sum([(lambda e: e * self.k)(y * i) for i in range(n)])

    def as_a_key(self, y):
        return max([1.0, 0.2, y], key=lambda v: v * self.k) * self.c

    def reduced(self, y):
        return functools.reduce(lambda a, b: a * self.k + b, [y, self.c, 1.5])

    def in_a_list(self, y):
        for f in [lambda e: e * self.k, lambda e: e + self.c]:
            y = f(y)
        return y

    def makes_another(self, y, n):
        def run(k):
            return Model(k, self.c).by_a_function(y, n)

        return run(self.k) + run(y)

    @property
    def gain(self):
        return (lambda e: e * self.k)(self.c)

    def __call__(self, y):
        squared = lambda e: e**2 * self.k  # noqa: E731
        return squared(y)

    @staticmethod
    def square(y):
        times = lambda e: e * y  # noqa: E731
        return times(y)

    @classmethod
    def from_rate(cls, k):
        half = lambda e: 0.5 * e * k  # noqa: E731
        return cls(half(k), k)


@right(0.7, 0.9, 3)
def stepped(k, y, n):
    model = Model(k, 0.3 * k)
    return model.by_a_lambda(y, n) + model.by_a_function(y, n) * model.by_a_method(y, n)


@right(0.7, 0.9, 3)
def changed(k, y, n):
    return Model(k, 0.3 * k).changed_inside(y, n)


@right(0.7, 0.9)
def nested(k, y):
    model = Model(k, 0.3 * k)
    return model.two_deep(y) + model.made_by_a_lambda(y) * Model(k, y).read_when_called(y)


@right(0.7, 0.9, 3)
def as_values(k, y, n):
    model = Model(k, 0.3 * k)
    return (model.in_a_comprehension(y, n) + model.as_a_key(y)) * model.reduced(y) + model.in_a_list(y)


@right(0.7, 0.9)
def where_it_stands(k, y):
    model = Model(k, 0.3 * k)
    return model.called_where_it_stands(y) if k > 0 else model(y)


@right(0.7, 0.9)
def of_every_sort(k, y):
    model = Model.from_rate(k)
    return model.gain * y + model(y) * Model.square(y)


@right(0.7, 0.9, 2)
def that_make_another(k, y, n):
    return Model(k, 0.3 * k).makes_another(y, n)


@right(Model(0.7, 0.3), 0.9, 3, unless_known="S204")
def given(model, y, n):
    return model.by_a_lambda(y, n) * model.gain + model.changed_inside(y, n) + model.two_deep(y)


@right.parametrize()
def test_first_order(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)
