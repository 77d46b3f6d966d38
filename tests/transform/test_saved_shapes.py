"""An array that changes is not saved for its shape: something else has it, its adjoint at the last."""

import numpy as np
import pytest

from tests.checking import Examples, case_of, check_case, generated, label
from tests.second_order import check_second_order

right = Examples()
U = np.array([0.3, -0.2, 0.5, 0.9])


def smooth(u):
    for i in range(1, len(u) - 1):
        u[i] = 0.5 * (u[i - 1] + u[i + 1])


@right(U, 3)
def changes_its_argument(u, n):
    v = u.copy()
    for _ in range(n):
        smooth(v)
    return np.sum(v**2)


def spread(u, c):
    w = np.zeros_like(u)
    for i in range(1, u.shape[0] - 1):
        w[i] = u[i - 1] * c
    u += w
    return np.sum(w) / len(u)


@right(U, 0.4, 3, wrt=("u", "c"), unless_known="S301")
def changes_it_and_returns(u, c, n):
    v = u * u
    s = 0.0
    for _ in range(n):
        s = s * s + spread(v, c)
    return s + np.sum(v)


def mean(u):
    return np.sum(u) / len(u)


@right(U, 3, unless_known="S301")
def reads_the_length_in_a_callee(u, n):
    v = u.copy()
    s = 0.0
    for _ in range(n):
        v[1:] += v[:-1] * 0.5
        s = s + mean(v) * 2.0
    return s


def of_both(u, v):
    return np.sum(u) * v.size + np.mean(v)


@right(U, 2, unless_known="S301")
def lengths_that_differ(u, n):
    v = u[1:] * u[:-1]
    s = 0.0
    for _ in range(n):
        v[0] += s
        s = s + of_both(u, v) + of_both(v, u)
        v[1:] = v[1:] * 0.5
    return s


@right([0.3, 0.7], 2, unless_known="S301")
def length_of_a_list_that_grows(xs, n):
    ys = [xs[0]]
    s = 0.0
    for _ in range(n):
        s = s + total(ys)
        ys.append(xs[1] * s)
    return s * ys[-1]


def total(ys):
    return sum(ys) / len(ys)


@right(U.astype(np.float32), 2, unless_known="S301")
def in_single_precision(u, n):
    v = u * u
    s = np.float32(0.0)
    for _ in range(n):
        smooth(v)
        s = s + mean(v)
    return s


A = np.array([[4.0, 0.3, -0.5], [0.2, 3.0, 0.7], [-0.4, 0.6, 5.0]])


@right(A, unless_known="S301")
def factors(a):
    a = a.copy()
    n = a.shape[0]
    for k in range(n - 1):
        a[k + 1 :, k] /= a[k, k]
        a[k + 1 :, k + 1 :] -= np.outer(a[k + 1 :, k], a[k, k + 1 :])
    return np.sum(np.log(np.abs(np.diag(a))))


@right(A[:, :2], A[0], unless_known="S301")
def reflections(a, b):
    a, b = a.copy(), b.copy()
    for k in range(a.shape[1]):
        v = a[k:, k].copy()
        v[0] += np.sign(v[0]) * np.sqrt(v @ v)
        v /= np.sqrt(v @ v)
        a[k:, k:] -= 2.0 * np.outer(v, v @ a[k:, k:])
        b[k:] -= 2.0 * v * (v @ b[k:])
    return np.sum(b * b * a[:, 0]) + a[0, 1]


@right.parametrize()
def test_derivatives(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


@pytest.mark.parametrize("f", [changes_its_argument, reads_the_length_in_a_callee])
def test_nothing_is_saved(f):
    text, _ = generated(case_of(f, (U, 3), {}, ("u",), True), "grad")
    assert "saved" not in text


@pytest.mark.parametrize(("f", "arguments"), [(factors, (A,)), (reflections, (A[:, :2], A[0]))])
def test_parts_are_saved_and_not_the_array(f, arguments):
    text, _ = generated(case_of(f, arguments, {}, ("a",), True), "grad")
    assert "_saved.append(a_1" not in text
