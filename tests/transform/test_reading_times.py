"""What is written out reads variables when Python reads them: what they have before or later is another value."""

import itertools
from functools import reduce

import numpy as np
import pytest

import s2sad
from tests.checking import Examples, case_of, check_case, check_refused, generated, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.53, 0.64, 0.93])
W = np.array([1.0, 2.0])


# ------------------------------------------------- comprehensions with the same variable


@right(X)
def beside_each_other(x):
    s = 0.0
    for a, b in zip((t * 2 for t in x), (t * t for t in x[::-1])):
        s += a * b
    for a, b in zip(map(lambda t: t * 2, x), map(lambda t: t * t, x[::-1])):
        s += a * b * b
    return s


@right(X)
def in_the_other_order(x):
    products = [t * u for t, u in zip([u * 2 for u in x], (t * t for t in x))]
    products += [b * c for b, c in zip((b * 2 for b in (a * a for a in x)), (b * 3 for b in x[::-1]))]
    return products[0] * products[1] ** 2 * products[3] + products[5]


@right(X)
def one_in_the_other(x):
    sums = [sum(t * t for t in x) * t for t in x]
    rows = [[v * w for v in x if v < w + 1] + [v] for v, w in zip(x, x[::-1])]
    return sums[0] * sums[1] * rows[0][-1] * rows[1][-1] ** 2 * rows[2][0]


@right(X)
def in_a_condition(x):
    large = [t for t in x if max([t * 0.5 for t in x[::-1]]) < t * 1.3]
    first = next((v * sum(v for v in x) for v in x if v > 0.6), 0.0)
    best = max(x, key=lambda v: sum(v * w for v, w in zip(x, x[1:])) - v**3)
    return sum(large) * large[0] * first * best


@right(X)
def in_a_function_of_two(x):
    return reduce(lambda a, b: a * b + sum(a * b for a, b in zip(x, x)), x)


# -------------------------------------------------------------- values of defaults


@right(X)
def default_that_assigns(x):
    y = 1.0
    largest = max([v * v for v in x], default=(y := x[0]))
    first = min(x, key=lambda v: v * v, default=(z := x[1]))
    return largest * y * first * z


def doubled(x):
    x[0] *= 2.0
    return x[0]


@right(X)
def default_that_changes(x):
    y = x * 1.0
    return max((v * v for v in y), default=doubled(y)) * y[0]


# ---------------------------------------------------------- sums that come one by one


@right(X, unless_known="S301")
def sums_of_what_is_rebound(x):
    s = 0.0
    for v in itertools.accumulate(x, lambda a, b: a * b + 1):
        x = x * v
        s += v * x[0]
    y = x * 1.0
    for v in list(itertools.accumulate(y)):
        y[1] *= v
        s += v
    return s * y[1]


@right(X)
def sums_with_what_changes(x):
    k = 1.5
    s = 0.0
    for v in itertools.accumulate(x, lambda a, b: a * k + b):  # noqa: B023
        k = v
        s += v * k
    return s


@right(X, unless_known="S301")
def sums_of_what_changes(x):
    y = x * 1.0
    s = 0.0
    for v in itertools.accumulate(y):
        y[2] *= v
        s += v
    return s


# ------------------------------------- what an exception leaves before it is assigned


@right(X, W, wrt=("x",))
def value_that_fails(x, w):
    y, z = x[0], x[1]
    try:
        y = 2 * z + w[5]
    except IndexError:
        y = y * 7
    return y


def update_that_fails(x, w):
    y = x[0]
    for k in range(4):
        try:
            y *= 2 * w[min(k, 1)]
            y += 2 * y + w[k]
        except IndexError:
            y = y * 7
    return y


@right(X, W, wrt=("x",))
def one_of_two_that_fails(x, w):
    y = x[0]
    for k in range(3):
        try:
            z = y * x[1]
            y, q = y + z, w[k]
        except IndexError:
            y = y * 7
    return y * z * q


@right(X, W, wrt=("x",))
def element_that_fails(x, w):
    y = x * 1.0
    try:
        y[0] = 2 * y[0] + w[5]
    except IndexError:
        y[0] = y[0] * 7
    return y[0] * y[1]


@right(X, W, wrt=("x",))
def new_element_that_fails(x, w):
    found = []
    for k in range(4):
        try:
            found.append(x[0] + w[k])
        except IndexError:
            found.append(x[1] * k)
    s = 0.0
    for k in range(len(found)):
        s += found[k] * (k + 1) ** 2
    return s


@right(X, W, wrt=("x",))
def branch_that_fails(x, w):
    y = x[0]
    try:
        if x[1] > 0:
            y = 3 * x[1] + w[7]
        else:
            y = 2 * x[1]
    except IndexError:
        y = y * 7
    return y


def shifted(y, w):
    try:
        y = 3 * y + w[3]
    except IndexError:
        pass
    return y * y


@right(X, W, wrt=("x",))
def call_that_fails_inside(x, w):
    return shifted(x[0], w) * shifted(x, w)[1]


class Counted:
    """An object whose methods change it and fail, or fail and change it."""

    def __init__(self, n):
        self.n = n

    def changed_first(self, v):
        self.n = self.n * 2
        if v > 0:
            raise KeyError("v")
        return self.n

    def changed_last(self, v):
        if v > 0.6:
            raise KeyError("v")
        self.n = self.n * v
        return self.n

    @property
    def failing(self):
        self.n = self.n * 3
        raise KeyError("n")

    def inside(self, v):
        return self.changed_first(v) + 1


@right(X, unless_known="S201")
def object_that_is_as_it_was(x):
    c = Counted(x[0])
    s = 0.0
    for v in x:
        try:
            s += c.changed_last(v)
        except KeyError:
            s += c.n * v
    return s * c.n


def object_that_has_changed(x):
    c = Counted(x[0])
    try:
        y = c.changed_first(x[1])
    except KeyError:
        y = c.n
    return y * c.n


def property_that_has_changed(x):
    c = Counted(x[0])
    try:
        y = c.failing
    except KeyError:
        y = c.n
    return y


def object_that_has_changed_inside(x):
    c = Counted(x[0])
    try:
        y = c.inside(x[1])
    except KeyError:
        y = c.n
    return y


# ------------------------------------------- numbers taken out of an array that changes


@right(X, unless_known="S301")
def numbers_in_a_list(x):
    y = x * 1.0
    s = x[0]
    for v in list(y):
        y[1:] *= v
        s += v * v * y[2]
    return s * y[2]


@right(X, unless_known="S301")
def numbers_of_the_array(x):
    y = x * 1.0
    s = x[0]
    for v in y.tolist():
        y[2] = y[2] * v + 1
        s += v * v * y[2]
    return s * y[2]


@pytest.mark.parametrize("function", [numbers_in_a_list, numbers_of_the_array])
def test_numbers_for_all_directions(function):
    np.testing.assert_allclose(s2sad.jacfwd(function)(X), s2sad.grad(function)(X))


def test_an_update_that_fails_is_right_where_it_is_one_of_numbers():
    check_case(case_of(update_that_fails, (X, W), {}, "x", known=True))
    _, derivative = generated(case_of(update_that_fails, (X, W), {}, "x", known=False), "grad")
    with pytest.raises(RuntimeError, match="has failed after a change of `y`"):
        derivative(X, W)


@right.parametrize()
def test_times(case):
    check_case(case)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=label)
def test_second_order(case):
    check_second_order(case)


@pytest.mark.parametrize(
    ("function", "code", "at"),
    [
        (object_that_has_changed, "S201", "c.changed_first(x[1])"),
        (property_that_has_changed, "S201", "c.failing"),
        (object_that_has_changed_inside, "S201", "c.inside(x[1])"),
    ],
)
def test_refused(function, code, at):
    check_refused(function, X, code=code, at=at)
