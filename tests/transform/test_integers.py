"""Integers in the arithmetic of a function: adjoints hold floats."""

import numpy as np
import pytest

from tests.checking import Examples, check_case, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])
M = np.array([1, 2, 3, 4])


@right(X, M, 2, wrt="x")
def number(x, m, n):
    u = x * 1.0
    u[1] = np.exp(u[1])
    return np.sum(u * m) * n


@right(X, M, 2, wrt="x")
def number_alone(x, m, n):
    u = x * 1.0
    u[1] = np.exp(u[1])
    return np.sum(u) * n


@right(X, M, 2, wrt="x")
def element(x, m, n):
    u = x * 1.0
    u[1] = np.exp(u[1])
    return np.sum(u * m, axis=0) * m[0] + np.sum(u) * int(m[n])


@right(X, M, 2, wrt="x")
def length(x, m, n):
    u = x * 1.0
    u[1] = np.exp(u[1])
    return np.sum(u) * len(m)


@right(X, M, 2, wrt="x")
def sizes_in_a_mean(x, m, n):
    u = x * 1.0
    u[1] = np.exp(u[1])
    return np.mean(u) * m[2] + np.sum(u) * m.size


@right(X, M, 2, wrt="x")
def literal(x, m, n):
    u = x * 1.0
    u[1] = np.exp(u[1])
    return np.sum(-u * m) * 3


@right(X, M, 2, wrt="x")
def product(x, m, n):
    u = x * 1.0
    u[1] = np.exp(u[1])
    return (u @ m) * n + np.dot(-u, m) * n


@right(X, M, 2, wrt="x")
def slice_of_a_product(x, m, n):
    u = x * 1.0
    u[1:] = np.exp(u[1:])
    s = np.sum(m * u)
    return s * n - s


@right(X, M, 2, wrt="x")
def product_of_integers(x, m, n):
    u = x * x
    for i in range(n):
        u[i] = u[i] * u[i + 1]
    return np.prod(m) * np.sum(m * u)


@right(X, M, 2, wrt="x")
def negative(x, m, n):
    u = x * x
    for i in range(n):
        u[i] = u[i] * u[i + 1]
    return -n * np.sum(-(m * u))


@right(X, M, 2, wrt="x")
def chosen(x, m, n):
    u = x * x
    for i in range(n):
        u[i] = u[i] * u[i + 1]
    c = n if m[0] > 0 else 2
    return np.sum(np.where(m > 2, u, 2 * u) * m) * c


@right(X, M, 2, wrt="x")
def counted(x, m, n):
    u = x * x
    for i in range(n):
        u[i] = u[i] * u[i + 1]
    y = 0
    for j in range(3):
        y = y + np.sum(m * u) * j
    return y


@right(X, M, 2, wrt="x")
def truth(x, m, n):
    u = np.outer(x, x)
    u[1] = np.exp(u[1])
    return np.sum(u.T * m) * True


@right(X, M, 2, wrt="x")
def decided(x, m, n):
    u = x * 1.0
    u[1] = np.exp(u[1])
    return np.sum(u * (m > 1)) * (n > 1)


@right(X, M, 2, wrt="x")
def filled(x, m, n):
    a = x[0] * 1.0
    u = np.zeros(4)
    for i in range(n):
        u[i] = a * m[i]
        a = u[i] * a
    return np.sum(u * m) * n


@right(X, M, 2, wrt="x")
def rows(x, m, n):
    u = np.outer(x, x)
    for i in range(n):
        u[i] = u[i] * u[i + 1]
    return np.trace(u * m) * n + np.sum(u[m % 2] * m) * n


@right.parametrize()
def test_derivatives(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)
