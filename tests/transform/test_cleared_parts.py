"""What is overwritten has an adjoint that is handed on and then zero: no copy of it where nobody reads it afterwards."""

import numpy as np
import pytest

from tests.checking import Examples, case_of, check_case, generated
from tests.second_order import check_second_order

right = Examples()


@right(np.array([[0.3, 0.7, -0.2], [0.5, 0.1, 0.9], [-0.4, 0.6, 0.8]]), unless_known="S301")
def walls(p):
    p = p.copy()
    p[0] = p[1]
    p[:, 0] = p[:, 1]
    p[:, -1] = 0.5 * p[:, -2]
    return np.sum(p**2)


@right(np.array([[0.3, 0.7, -0.2]]))
def ends_of_one_row(p):
    """The first row is the last one here."""
    p = p.copy()
    p[0] = p[-1] * 2.0
    p[-1] = p[0]
    return np.sum(p**3)


@right(np.array([0.3, 0.7, -0.2, 0.5]), np.array([0.2, 0.4]), wrt=("x", "y"))
def two_readers(x, y):
    x = x.copy()
    z = np.zeros(2)
    w = np.zeros(2)
    z[:] = y
    w[:] = z + 3.0 * y
    x[1:3] = w * z
    return np.sum(x**2)


@right(np.array([0.3, 0.7, -0.2, 0.5]), 3)
def reads_its_neighbours(x, n):
    x = x.copy()
    for _ in range(n):
        x[1:-1] = 0.5 * (x[2:] + x[:-2])
        x[:-1] = np.sin(x[1:])
        x[::2] = x[1::2] * x[::2]
    return np.sum(x**3)


@right(np.array([[[0.3, 0.7], [-0.2, 0.5]], [[0.1, 0.4], [0.9, 0.6]]]), unless_known="S301")
def dots_and_axes(p):
    p = p.copy()
    p[..., 0] = p[..., 1]
    p[..., 1, 0] = p[..., 0, 1] * 2.0
    p[0, :, 1] = p[1, :, 1]
    p[..., 0, None] = p[..., 1, 0:1]
    return np.sum(p**2)


@right([np.array([0.3, 0.7]), np.array([0.2, 0.5])], np.array([0.4, 0.1]), wrt=("xs", "y"), unless_known="S301")
def in_a_list(xs, y):
    zs = [xs[0] * y, xs[1] * y]
    zs[0] = zs[1] * 2.0
    zs[1] = y
    zs[1] = zs[1] * zs[0]
    return np.sum(zs[0] * zs[1])


@right(np.array([0.3, 0.7, -0.2], dtype=np.float32), np.array([0.2, 0.4, 0.1]), wrt=("x", "y"))
def another_precision(x, y):
    z = np.zeros(3)
    z[:] = x
    x = x * x
    z[1:] = z[:-1] + y[1:]
    return np.sum(z * z) + np.sum(x)


@right(np.array([0.3, 0.7, -0.2]), 0.4, wrt=("x", "c"))
def broadcast_into(x, c):
    x = x * x
    x[1:] = c * c
    x[0] = x[1]
    return np.sum(x**2)


@right(np.array([0.3, 0.7, -0.2, 0.5]), np.array([0.2, 0.4, 0.6, 0.1]), 0.7, wrt=("x", "y", "c"))
def one_name_for_what_is_equal(x, y, c):
    z = np.zeros(4)
    z[1:-1] += c * (-(x[2:] - x[:-2]) / (2 * c) - (y[2:] - y[:-2]) / (2 * c) + x[1:-1] * y[1:-1] / (2 * c))
    return np.sum(z * z)


@right(np.array([[0.3, 0.7, -0.2], [0.5, 0.1, 0.9]]), np.array([0.2, 0.4, 0.6]), wrt=("a", "x"), unless_known="S301")
def a_whole_that_the_increase_reads(a, x):
    x -= x * a[0]
    x[...] += np.sin(x) * a[1]
    return np.sum(x * x)


@right(np.array([0.3, 0.7, -0.2]), np.array([0.2, 0.4, 0.6]), wrt=("a", "x"), unless_known="S301")
def parts_of_the_whole(a, x):
    x += x[::-1] * a + x * a[::-1] + np.where(a > 0, x * x, a)
    x -= x[0] * a - x[1] * x
    return np.sum(x * x)


@right.parametrize()
def test_cleared_part(case):
    check_case(case)


@pytest.mark.parametrize("function", [walls, ends_of_one_row, dots_and_axes])
def test_second_order(function):
    case = next(case for case in right if case.function is function)
    check_second_order(case)


def test_no_copy():
    case = case_of(walls, (np.ones((3, 3)),), {}, ("p",), True)
    text, _ = generated(case, "grad")
    assert "p_1_bar[1] += p_1_bar[0]" in text
    assert text.count(".copy()") == 1


def test_a_copy_where_first_and_last_may_be_the_same():
    case = case_of(ends_of_one_row, (np.ones((2, 3)),), {}, ("p",), True)
    text, _ = generated(case, "grad")
    assert "p_1_bar[0].copy()" in text or "p_1_bar[-1].copy()" in text
