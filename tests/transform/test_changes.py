"""Lists and arrays that are changed in place, where nobody else sees them: both modes, first and second order."""

from dataclasses import replace

import numpy as np
import pytest

import s2sad
from tests.checking import Examples, check_case, generated, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])
A = np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4]])

# ---------------------------------------------------------------------- lists


@right(0.3)
def appended(x):
    xs = []
    for _ in range(3):
        xs.append(x)
        x = 4 * x * (1 - x)
    s = 0.0
    for v in reversed(xs):
        s = s + v * v * x
    return s


@right(X)
def appended_arrays(x):
    xs = []
    for k in range(3):
        x = np.sin(x) * (k + 1)
        xs.append(x)
    return np.sum(xs[0] * xs[2]) + np.sum(xs[-1])


@right(0.3)
def popped(x):
    xs = [x, x * x]
    y = 0.0
    while xs:
        v = xs.pop()
        y = y + v * v * y + v
    return y


@right(0.4)
def popped_inside_an_expression(x):
    xs = [x, x**2, x**3]
    y = 1.0
    for _ in range(2):
        y = y * xs.pop() + x
    return y * len(xs)


@right(0.4, unless_known="S301")
def element_replaced(x):
    xs = [x, x, 1.0]
    xs[1] = x * x
    xs[-1] = xs[1] * xs[0]
    xs[0] += xs[2]
    return xs[0] * xs[1] * xs[2]


@right(0.5, or_refused="S301")
def list_in_a_list(x):
    rows = []
    for i in range(3):
        row = []
        for j in range(i + 1):
            row.append(x**j * i)
        rows.append(row)
    return rows[2][1] * rows[1][1] + sum(rows[2])


# --------------------------------------------------------------------- arrays


@right(0.7)
def filled(x):
    y = np.zeros(4)
    for i in range(4):
        y[i] = x * i + (y[i - 1] ** 2 if i > 0 else 0.0)
    return np.sum(y**2)


@right(X)
def slices_increased(u):
    u = u.copy()
    for _ in range(5):
        u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]
    return np.sum(u**2)


@right(X)
def slices_replaced(u):
    u = u * 1.0
    for _ in range(3):
        u[1:] = u[1:] * u[:-1] + u[1:]
    return np.sum(u)


@right(X)
def elements_swapped(u):
    v = np.zeros(3)
    for k in range(4):
        v[k % 3] += u[k] ** 2
    v[0] *= v[1]
    v[1], v[2] = v[2], v[1]
    return v[0] * v[1] ** 2 * v[2]


@right(X)
def index_assigned_after_its_use(u):
    x = u * 1.0
    i, j = 0, [1, 2]
    x[i], i = u[1] * u[2], 2
    x[j[1]], (j, k) = u[0] * u[1], ([3, 3], 1)
    i, x[i], x[j[0]] = 1, x[0] * u[3], x[1] * k
    return np.sum(x * u) * i


@right(X)
def array_assigned_after_its_element(u):
    x, y = u * 1.0, u * 2.0
    x[0], x = u[1] * u[2], y * u
    return np.sum(x * y)


@right(X)
def repeated_indices_added(x):
    y = np.zeros(2)
    np.add.at(y, [0, 0, 1, 0], x * x)
    return y[0] * y[1]


@right(A)
def rows(a):
    b = np.zeros((2, 3))
    b[0] = a[1] * a[0]
    b[1, :2] += a[0, 1:]
    b[1][2] = a[0, 0] ** 2
    return np.sum(b**2)


@right(X, 1.5)
def broadcast_into_a_slice(x, c):
    y = x * 2.0
    y[1:] += c
    y[:2] = c * x[0]
    return np.sum(y**2)


@right(X)
def whole_array_read_between(x):
    y = np.ones(4)
    y[0] = x[0] * x[1]
    s = np.sum(y * x)
    y[1] = s * y[0]
    return s * np.sum(y * y * x)


@right(X, 2)
def whole_array_read_in_the_round_that_changes_it(x, n):
    u = np.zeros(4)
    s = 0.0
    for k in range(n):
        u[0] = x[k] + s
        s = s + np.sum(u * u * x)
    return s


@right(X)
def tangent_of_its_own(x):
    y = x + np.ones(4)
    y[0] += y[1] * x[0]
    return np.sum(x * y)


@right(X)
def changed_in_a_branch(x):
    y = x * x
    if y[0] > 0.05:
        y[0] = y[1] * x[2]
    else:
        y[1] = 2.0
    return np.sum(y * x)


@right(X)
def overwritten_by_a_constant(x):
    y = x * x
    y[1] = 3.0
    y[2:] = 0.0
    return np.sum(y * x)


def last(values):
    return values[-1] ** 2


@right(X)
def list_handed_to_a_function(x):
    parts = [x[0]]
    for k in range(1, 4):
        parts.append(parts[-1] * x[k])
    return last(parts)


def noisy(a):
    values = [a]
    curve = lambda e: np.sin(e) * len(values)
    values.append(2 * a)
    return curve(a), a


@right(X)
def helper_without_a_derivative_changes_its_list(x):
    a, b = noisy(0.5)
    return np.sum(a * x) + b


@right(X, X * 2, unless_known="S301")
def seen_by_a_call_and_changed_later(x, y):
    w = x * 1.0
    s = np.sum(np.asarray(w) * y) + np.sum(np.ascontiguousarray(w[1:]) * y[1:])
    w[0] = y[1] ** 2
    w *= y
    return s + np.sum(w * x)


@right(X, X * 2, unless_known="S301")
def seen_by_a_call_in_a_loop(x, y):
    w = x * 1.0
    s = 0.0
    for k in range(3):
        s += np.sum(np.asarray(w) * y)
        w[k] = y[k] * w[k + 1]
    return s


@right(X, or_refused="S301")
def list_of_arrays_stacked(x):
    out = []
    for i in range(3):
        out.append(x * i)
    return np.sum(np.stack(out) ** 2 * x)


@right(X, 0.1, 3)
def two_buffers(u, c, n):
    u = u.copy()
    new = np.zeros_like(u)
    for _ in range(n):
        new[1:-1] = u[1:-1] + c * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]
        u, new = new, u
    return np.sum(u**2)


@right(X, X[::-1].copy(), 4, or_refused="S301")
def three_buffers(u, c, n):
    old, now, new = np.zeros_like(u), u.copy(), np.zeros_like(u)
    seen = np.zeros(n)
    for i in range(n):
        new[1:-1] = 2 * now[1:-1] - old[1:-1] + c[1:-1] ** 2 * (now[2:] - 2 * now[1:-1] + now[:-2])
        new[0] = now[1]
        seen[i] = new[1]
        old, now, new = now, new, old
    return np.sum(seen**2)


@right(X)
def made_side_by_side(x):
    a, b = x * 1.0, x * 2.0
    a[0] = b[1] * a[2]
    return np.sum(a * b * x)


@right(X)
def made_side_by_side_and_swapped(x):
    a, b = x * 1.0, x * 2.0
    s = 0.0
    for _ in range(3):
        a[0] = b[1] * a[2]
        s = s + np.sum(a * b * x)
        a, b = b, a
    return s


@right(X, 2)
def seidel(u, n):
    u = u.copy()
    for _ in range(n):
        for i in range(1, len(u) - 1):
            u[i] = 0.5 * (u[i - 1] + u[i + 1]) + 0.1 * u[i] ** 2
    return np.sum(u**2)


@right(X)
def table(x):
    t = np.zeros((4, 4))
    for i in range(1, 4):
        for j in range(1, 4):
            t[i, j] = max(t[i - 1, j], t[i, j - 1]) + x[i - 1] * x[j - 1]
    return t[3, 3]


@right(A.T @ A + np.eye(3))
def cholesky(a):
    n = a.shape[0]
    low = np.zeros_like(a)
    for j in range(n):
        s = a[j, j]
        for k in range(j):
            s = s - low[j, k] ** 2
        low[j, j] = np.sqrt(s)
        for i in range(j + 1, n):
            t = a[i, j]
            for k in range(j):
                t = t - low[i, k] * low[j, k]
            low[i, j] = t / low[j, j]
    return np.sum(low * np.arange(n))


@right(A.T @ A + np.eye(3), or_refused="S301")
def lower_and_upper(a):
    n = len(a)
    a = a.copy()
    for k in range(n):
        a[k + 1 :, k] /= a[k, k]
        a[k + 1 :, k + 1 :] -= np.outer(a[k + 1 :, k], a[k, k + 1 :])
    return np.sum(a * np.arange(n))


def of_known_kinds(function):
    return next(case for case in right if case.function is function and case.known)


def test_no_array_is_saved_for_its_length():
    assert "u_1_saved" not in generated(of_known_kinds(seidel), "grad")[0]


def test_buffers_of_known_kinds_are_differentiated():
    check_case(replace(of_known_kinds(three_buffers), or_refused=""))


@right(X)
def element_and_whole_in_a_product(x):
    x = x * 1.0
    x[0] += x[0] * np.sum(x)
    x[1] += np.sin(x[1]) * np.sum(x * x)
    return np.sum(x * x)


@right(X)
def element_and_part_in_a_product(x):
    x = x * 1.0
    for i in range(1, 3):
        x[i] += x[i] * x[i - 1]
        x[i] += np.log(1.5 + x[i] ** 2) * np.sum(x[1:])
    return np.max(x) * x[0]


@right(X)
def slice_and_whole_in_a_product(x):
    x = x * 1.0
    x[1:] += x[:-1] * np.sum(x)
    x[:2] += x[1:3] * x[:2]
    return np.sum(x * x)


@right.parametrize()
def test_change(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


def turned_products(u):
    w = u * u
    s = 0.0
    for i in range(3):
        s = s + w @ w[::-1]
        w[i] = np.sin(s)
    return s


def summed_columns(a):
    b = a * a
    s = np.sum(b.T)
    b[0] = s
    return np.sum(b.T * b.T) * s


@pytest.mark.parametrize(("f", "shape"), [(turned_products, (37,)), (summed_columns, (7, 11))])
def test_the_value_is_the_same_to_the_last_bit(f, shape):
    """A sum over a copy of a view may come out otherwise."""
    rng = np.random.default_rng(0)
    pullback = s2sad.vjp(f)
    for _ in range(20):
        x = rng.normal(size=shape)
        assert pullback(x)[0] == f(x)
