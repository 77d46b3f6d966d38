"""`ufunc.at` other than of sums, where an index may name an element twice: both modes, first and second order."""

import numpy as np
import pytest

from tests.checking import Examples, check_case, check_refused, generated
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, 0.8, 1.1, 0.6])
Y = np.array([0.5, 1.2, 0.7, 0.9, 1.4])
A = np.array([[0.3, 0.8, 1.1], [0.6, 0.2, 0.4]])
K = np.array([0, 2, 0, -4, 1])
NONE = np.zeros(0)


@right(X, Y, K)
def multiplied(x, y, i):
    u = x * x
    np.multiply.at(u, i, y)
    return np.sum(u * x)


@right(X, Y, K)
def divided(x, y, i):
    u = x * 2.0
    np.divide.at(u, i, y * x[0])
    np.true_divide.at(u, [1, 1], x[2])
    return np.sum(u * x)


@right(X, Y, K)
def largest(x, y, i):
    u = x * x
    np.maximum.at(u, i, y - 0.3)
    np.minimum.at(u, i, y * x[1])
    return np.sum(u * u * x)


@right(X, Y, K)
def raised(x, y, i):
    u = x * x + 1.0
    np.power.at(u, i, y)
    np.power.at(u, [0, 0], 2)
    np.arctan2.at(u, [1, 1, 0], x[1])
    return np.sum(u * x)


@right(X, K)
def of_one_argument(x, i):
    u = x * x
    np.sin.at(u, i)
    np.negative.at(u, [0, 1])
    np.exp.at(u, i[:3])
    return np.sum(u * x)


@right(X, 0.7)
def by_a_number(x, c):
    u = x * x
    np.multiply.at(u, [0, 0, 1, -4], c)
    np.multiply.at(u, [2, 2], 3.0)
    np.multiply.at(u, 1, x[0])
    np.multiply.at(u, -1, c)
    return np.sum(u * x)


@right(X, 0.7)
def not_repeated(x, c):
    u = x * x
    np.multiply.at(u, slice(1, 3), c)
    np.multiply.at(u, x > 0.7, x[2])
    np.divide.at(u, np.nonzero(x > 0.5), c)
    return np.sum(u * x)


@right(A, X)
def rows(a, x):
    b = a * a
    np.multiply.at(b, [0, 1, 0], x[:3])
    np.multiply.at(b, [0, 0], a)
    np.multiply.at(b, 1, x[1:])
    return np.sum(b * a)


@right(A, X)
def elements(a, x):
    b = a * a
    np.multiply.at(b, ([0, 0, 1, 0], [1, 1, 2, -2]), x)
    np.maximum.at(b, (slice(None), [0, 0]), x[:2])
    np.divide.at(b, ([1, 1], slice(1, None)), x[:2] * a[0, 0])
    return np.sum(b * a)


@right(X, Y)
def index_with_two_axes(x, y):
    u = x * x
    np.multiply.at(u, np.array([[0, 1], [0, 0]]), y[:2, None])
    np.multiply.at(u, np.array([[0, 1], [3, 0]]), np.outer(y[:2], x[:2]))
    return np.sum(u * x)


@right(X, 3)
def in_a_loop(x, n):
    u = x * 1.0
    for k in range(n):
        np.multiply.at(u, [k, 0, k], u[k + 1] * x[:3])
    return np.sum(u * u)


@right(X, 0)
def in_a_loop_of_no_rounds(x, n):
    u = x * 1.0
    for k in range(n):
        np.multiply.at(u, [k, 0, k], x[:3])
    return np.sum(u * u)


@right(X, Y, True)
@right(X, Y, False)
def in_a_branch(x, y, c):
    u = x * 1.0
    if c:
        np.multiply.at(u, [0, 0], y[:2])
    else:
        u[0] = y[1] * y[0]
    return np.sum(u * u)


@right(X, NONE, np.zeros(0, int))
def nothing(x, y, i):
    u = x * 1.0
    np.multiply.at(u, i, y)
    np.exp.at(u, i)
    return np.sum(u * u) + np.sum(y)


def scale(u, i, v):
    np.multiply.at(u, i, v)


@right(X, Y, K, unless_known="S301")
def in_a_callee(x, y, i):
    u = x * 2.0
    scale(u, i, y)
    scale(u[1:], [0, 0], u[0])
    return np.sum(u * x)


@right(X, Y, K, unless_known="S301")
def of_an_argument(x, y, i):
    np.multiply.at(x, i, y)
    np.maximum.at(x[1:], [0, 0], y[:2])
    return np.sum(x * x)


@right(X, Y, unless_known="S301")
def of_a_view(x, y):
    u = x * x
    v = u[1:]
    np.multiply.at(v, [0, 0, 1], y[:3])
    v[0] *= y[4]
    return np.sum(u * x) + v[0]


@right(X.astype(np.float32), Y, 0.7)
def single_precision(x, y, c):
    u = x * x
    np.multiply.at(u, [0, 0, 1, 2, 2], y)
    np.divide.at(u, [0, 0], c)
    np.multiply.at(u, [1, 1], 0.1)
    return np.sum(u * x)


@right(X, Y)
def constant_array(x, y):
    u = np.ones(4)
    np.multiply.at(u, [0, 0, 1, 2, 2], y)
    w = np.ones(4)
    np.multiply.at(w, [0, 0], 3.0)
    return np.sum(u * x * w)


@right(X)
def by_a_new_array(x):
    u = x * x
    u_1 = x * 1.0
    np.multiply.at(u, [0, 0, 1, 3], u + u_1)
    return np.sum(u)


@right(np.array([0.3, -0.7, 1.2]))
def operands_of_a_size_that_is_known_to_the_index_alone(x):
    u = x.copy()
    u[-2] = x[0] * x[1]
    np.multiply.at(u, [0, 2, 0], np.tanh(u.copy()))
    return np.sum(u * u)


@right.parametrize()
def test_first_order(case):
    check_case(case)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=lambda case: case.function.__name__)
def test_second_order(case):
    check_second_order(case)


def test_where_no_index_repeats_there_is_one_turn():
    text, _ = generated(right[0], "grad")
    assert "np.add.at" not in text
    assert "_unbroadcast" not in text


def by_itself(x):
    u = x * x
    np.multiply.at(u, [0, 0, 1], u[:3])
    return np.sum(u)


def by_another_name(x):
    u = x * x
    v = u[1:]
    np.multiply.at(u, [0, 0, 1], v)
    return np.sum(u)


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (by_itself, "np.multiply.at(u, [0, 0, 1], u[:3])"),
        (by_another_name, "np.multiply.at(u, [0, 0, 1], v)"),
    ],
)
def test_values_that_are_part_of_the_array(function, at):
    check_refused(function, X, code="S301", at=at)
