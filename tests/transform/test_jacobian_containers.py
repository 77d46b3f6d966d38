"""Jacobians and Hessians of functions that make, change and join lists and dicts."""

import copy
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import s2sad

X = np.array([0.3, -0.8, 1.1])


@dataclass
class Line:
    w: Any
    b: Any


def padded(x):
    p = np.concatenate([[0.0], x, [1.0]])
    return np.sum(p[2:] ** 2 * p[1:-1])


def padded_by_rows(x):
    p = np.concatenate([[[0.0, 0.0]], np.stack([x, x**2], axis=1), [[1.0, 0.5]]])
    return np.sum(p[1:] ** 3 * p[:-1])


def stacked_below_rows(x):
    p = np.vstack([[0.0, 0.5, 1.0], x, [1.0, 0.0, 0.0]])
    return np.sum(p[1:] ** 3 + p[:-1] * p[1:])


def joined_side_by_side(x):
    p = np.hstack([[x[0] ** 2, 0.0], x, [1.0]])
    return np.sum(p[1:] ** 3 * p[:-1])


def dict_updated_in_a_loop(x):
    d = {"s": 0.0, "p": 1.0}
    for i in range(3):
        d["s"] = d["s"] + x[i]
        d["p"] = d["p"] * x[i] + d["s"]
    return d["p"] ** 2


def queue(x):
    q = [x[0], x[1]]
    for _ in range(3):
        first = q.pop(0)
        q.append(first * q[0] + x[2])
    q.insert(1, x[1])
    return q[0] * q[1] * q[2]


def joined(x):
    out = [x[0]]
    for _ in range(3):
        out = out + [out[-1] * x[1]] * 2
    return out[-1] + out[1] * x[2]


def in_order(x):
    s = sorted(list(x), reverse=True)
    s[0] *= s[1]
    return s[0] + 2 * s[1] * s[2]


def copied(x):
    s = [x[0], x[1] * x[2]]
    t = copy.copy(s)
    d = copy.deepcopy(s)
    t[0] *= s[1]
    d[1] *= t[0]
    return s[0] + t[1] * t[0] * d[0] * d[1]


def total_of_some(x):
    return sum(e * e for e in x if e > 0.15) * x[0]


def total_of_none(x):
    return sum(e * e for e in x if e > 10.0) + math.fsum([e * x[0] for e in x if e > 10.0]) + x[0] ** 2


def part_of_an_array_of_unknown_rank(x):
    a = x[0]
    for i in range(2):
        a = sum(divmod(x[1], 0.9)[1] for q in range(3)) if i else a
    return np.sum((a * np.ones(3))[::2]) * x[0] + np.sum((a * np.ones((3, 2)))[::2, 1]) ** 2


def with_default(a, b=None):
    if b is None:
        b = a * 0.5
    return np.square(np.tanh(b))


def branch_that_is_never_reached(x):
    a = x[0] * 1.0
    for _ in range(3):
        a = with_default(np.square(-a) + 1.0)
        if a > 0.4:
            w = a * np.ones(3)
            for _ in range(len(w)):
                a = 0.7
    return np.sum(a * x**2)


def times(a, b):
    return a * b


def stars_in_a_call_that_gives_nothing(x):
    s = np.sum(x)
    y = -np.array([np.prod(np.ones(3)), 0.5, times(*(s, s))])  # noqa: F841
    return s * s


def constant_at_the_end_of_a_loop(x):
    for a in (x[1], 0.5):
        pass
    return a


def loop_over_a_tuple_with_a_constant(x):
    total = 0.0
    for c in (x[0], 2.0, x[1]):
        total = total + c * c * x[0]
    return total


def loop_over_arrays_with_a_constant(x):
    total = 0.0
    for c in (x, 2.0 * np.ones(3), np.sin(x)):
        total = total + np.sum(c * c * x)
    return total


def element_of_a_tuple_by_a_variable(x):
    weights = (x[0] * x[1], 0.5, x[2], 1.5)
    total = 0.0
    for k in range(3):
        total = total + weights[k] * weights[k + 1] * x[k]
    return total


def part_of_a_tuple(x):
    weights = (x[0] * x[1], 0.5, x[2], 1.5)
    total = 0.0
    for w in weights[1:]:
        total = total + w * w * x[0]
    return total


def tuple_in_a_tuple(x):
    weights = ((x[0] * x[1], 0.5), (2.0, x[2]))
    total = 0.0
    for k in range(2):
        total = total + weights[k][0] * weights[0][k] * weights[1][k] ** 2
    return total


def selected(weights, k):
    return weights[k] * weights[0]


def element_of_a_tuple_in_a_callee(x):
    total = 0.0
    for k in range(3):
        total = total + selected((x[0], 2.0, x[2]), k) * x[1]
    return total


FUNCTIONS = [
    padded, padded_by_rows, stacked_below_rows, joined_side_by_side, dict_updated_in_a_loop, queue, joined, in_order,
    copied, total_of_some, total_of_none, part_of_an_array_of_unknown_rank,
    branch_that_is_never_reached, stars_in_a_call_that_gives_nothing,
    constant_at_the_end_of_a_loop, loop_over_a_tuple_with_a_constant, loop_over_arrays_with_a_constant,
    element_of_a_tuple_by_a_variable, part_of_a_tuple, tuple_in_a_tuple, element_of_a_tuple_in_a_callee,
]  # fmt: skip


def slope(function, x):
    """The derivatives of an array by the elements of `x`, by differences."""
    steps = 1e-6 * np.eye(x.size)
    return np.stack([(function(x + step) - function(x - step)) / 2e-6 for step in steps], axis=-1)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_first_and_second_order(function):
    gradient = s2sad.grad(function)
    for first in (gradient, s2sad.jacfwd(function), s2sad.jacrev(function)):
        np.testing.assert_allclose(first(X), slope(function, X), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(s2sad.hessian(function)(X), slope(gradient, X), rtol=1e-5, atol=1e-5)


def test_a_tuple_of_what_is_not_known():
    def pair(x):
        return tuple([x[0], np.sum(np.cross(x, x) * np.arange(1, 4) + x * x[0])])

    x = np.array([0.4, 0.1, -0.9])
    first, second = s2sad.jacfwd(pair)(x)
    assert np.array_equal(first, [1.0, 0.0, 0.0])
    assert np.allclose(second, [2 * x[0] + x[1] + x[2], x[0], x[0]])


def test_hessian_by_a_dataclass_and_an_array():
    def loss(line, x):
        return np.sum((line.w * x + line.b) ** 2)

    by_line, (mixed, by_x) = s2sad.hessian(loss, wrt=(0, 1))(Line(X, 0.4), X + 1)
    (ww_wb, wx), (bw_bb, bx) = by_line.w, by_line.b
    np.testing.assert_allclose(ww_wb.w, 2 * np.diag((X + 1) ** 2))
    np.testing.assert_allclose(ww_wb.b, 2 * (X + 1))
    np.testing.assert_allclose(bw_bb.w, 2 * (X + 1))
    np.testing.assert_allclose(bw_bb.b, 6.0)
    np.testing.assert_allclose(wx, mixed.w.T)
    np.testing.assert_allclose(bx, 2 * X)
    np.testing.assert_allclose(mixed.b, 2 * X)
    np.testing.assert_allclose(by_x, 2 * np.diag(X**2))


def test_single_precision_beside_other_parts():
    def product(p):
        return np.sin(p["w"]) * p["b"]

    found = s2sad.jacfwd(product)({"w": X.astype(np.float32), "b": X.astype(np.float32)})
    assert [part.dtype for part in found.values()] == [np.float32, np.float32]


def base(x):
    return np.sum(x**3 * np.roll(x, 1))


def newton_step(x):
    return np.sum(np.linalg.solve(s2sad.hessian(base)(x) + 9 * np.eye(3), x))


def rows_by_a_pullback(x):
    _, pullback = s2sad.vjp(lambda z: np.sin(z) * np.roll(z, 1), x)
    rows = []
    for k in range(3):
        rows.append(pullback(np.eye(3)[k])[0])
    return np.sum(np.stack(rows) ** 2)


@pytest.mark.parametrize("function", [newton_step, rows_by_a_pullback])
def test_second_order_of_functions_with_jacobians_inside(function):
    gradient, v = s2sad.grad(function), X * 0.5
    expected = slope(gradient, X) @ v
    for found in (s2sad.hvp(function)(X, v), s2sad.jvp(gradient)(X, v)[1], s2sad.vjp(gradient)(X)[1](v)):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_adjoints_of_a_list_are_copied_once():
    def function(x):
        out = []
        for i in range(3):
            out.append(x * i)
        return np.sum(np.stack(out) ** 2 * x)

    gradient = s2sad.grad(function)
    np.testing.assert_allclose(gradient(X), slope(function, X), rtol=1e-6, atol=1e-6)
    before, loop = s2sad.source(gradient).rsplit("    for i in", 1)
    assert "out_bar = list(" in before
    assert "copy" not in loop and "list" not in loop
