"""Complex arrays that are changed in place: their adjoints hold complex numbers, also where what comes back is real."""

import itertools

import numpy as np
import pytest

import s2sad
from tests.checking import case_of, check_case
from tests.second_order import check_second_order

X = np.array([0.3, -0.8, 1.1])
W = np.array([1.3, 0.4, -0.6])
POINTS = np.array([[0.2, 0.5, 0.1], [0.7, 0.3, 0.9], [0.4, 0.8, 0.6]])


def real_part_of_stores(x, w):
    a = x.astype(complex)
    a[0] = a[1] * 1j + a[2]
    a[2] = a[0] * (1j + 2)
    return a.real * w


def summed(x, w):
    a = x.astype(complex)
    a[0] = a[1] * 1j + a[2]
    a[2] = a[0] * (1j + 2)
    return np.sum(np.real(a) * w)


def of_powers(x, w):
    a = x.astype(complex)
    for k in range(2):
        a[k] = a[k + 1] * 1j * w[k] + a[k]
    return np.sum(np.real(a * a * a))


def updated_as_a_whole(x, w):
    a = x + 0j
    a *= 1j + w
    a[2] = a[0] * (1j + 2)
    return np.real(a)


def in_a_loop(x, w):
    a = x * (1 + 0.5j)
    for i in range(2):
        a[i + 1] += 1j * w[i] * a[i]
    return np.real(a).copy()


def through_a_view(x, w):
    a = x.astype(complex)
    b = a[1:]
    b[0] = b[1] * 1j + w[0]
    b *= 1j
    return np.real(a) if w[0] > 0 else a.imag


def in_a_callee(x, w):
    a = x.astype(complex)
    _turn(a, w)
    _turn(a, w)
    return a.real


def _turn(z, w):
    z[0] = z[1] * 1j * w[0]
    z[1] += z[0] * 2j


def rows_of_a_list(x, w):
    rows = [x.astype(complex), w * 1j]
    for k in range(2):
        rows[k][0] = rows[1 - k][1] * 1j + rows[k][2]
    return np.real(rows)


def rows_of_a_growing_list(x, w):
    rows = []
    for k in range(3):
        rows.append(x * (1j + w[k]))
    for k in range(2):
        rows[k][0] = rows[k + 1][1] * 1j + rows[k][2]
    return np.sum(np.array(rows).real, axis=0)


def into_complex_zeros(x, w):
    a = np.zeros(3, dtype=complex)
    a[:] = x
    a[0] = a[1] * 1j + a[2]
    return w * a.real


def single_precision(x, w):
    a = x.astype(np.complex64)
    a[0] = a[1] * 1j + w[0]
    return np.real(a)


def with_images(r, q):
    near = far = 0.0
    for nx, ny in itertools.product((-1, 0, 1), repeat=2):
        near += q[0] * q[1] / np.linalg.norm(r[0] - r[1] + np.array([nx, ny, 0]))
    for kx in range(1, 3):
        k = 2 * np.pi * np.array([kx, 1, 0.0])
        far += abs(np.sum(q * np.exp(1j * (r @ k)))) ** 2
    return near + far


def structure_factor(r, q):
    energy = 0.0
    for kx in range(1, 3):
        k = 2 * np.pi * np.array([kx, 1, 0.0])
        energy += abs(np.sum(q * np.exp(1j * (r @ k)))) ** 2
    return energy


def radix_two(x, w):
    a = np.append(x, w[0]).astype(complex)
    length = 2
    while length <= 4:
        step = complex(np.cos(-2 * np.pi / length), np.sin(-2 * np.pi / length))
        for i in range(0, 4, length):
            turn = 1 + 0j
            for k in range(length // 2):
                u = a[i + k]
                v = a[i + k + length // 2] * turn
                a[i + k] = u + v
                a[i + k + length // 2] = u - v
                turn *= step
        length *= 2
    return np.sum(np.abs(a) ** 3)


FUNCTIONS = [
    real_part_of_stores,
    summed,
    of_powers,
    updated_as_a_whole,
    in_a_loop,
    through_a_view,
    in_a_callee,
    rows_of_a_list,
    rows_of_a_growing_list,
    radix_two,
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_imaginary_parts_are_kept(function):
    case = case_of(function, (X, W), {}, None, True)
    check_case(case)
    check_second_order(case)


@pytest.mark.parametrize("function", [with_images, structure_factor])
def test_gradients_of_real_variables_are_real(function):
    check_case(case_of(function, (POINTS, W), {}, None, True))


def test_second_derivatives_by_real_variables_are_real():
    check_second_order(case_of(structure_factor, (POINTS, W), {}, None, True))


def test_imaginary_parts_are_kept_where_kinds_are_unknown():
    check_case(case_of(into_complex_zeros, (X, W), {}, None, False))


def test_the_adjoint_has_the_precision_of_its_variable():
    x, w = X.astype(np.float32), W.astype(np.float32)
    _, pullback = s2sad.vjp(single_precision, wrt=("x", "w"))(x, w)
    x_bar, w_bar = pullback(np.ones(3, np.float32))
    assert x_bar.dtype == w_bar.dtype == np.float32
    np.testing.assert_array_equal(x_bar, [0, 1, 1])
    np.testing.assert_array_equal(w_bar, [1, 0, 0])


def sums_with_real_arrays(x, w):
    z = x + 1j * w
    z[0] *= 1j
    return np.array([z.real.sum(), z.imag.sum(), abs(z[0])])


def stored_in_a_loop(x, w):
    z = x + 1j * w
    for i in range(2):
        z[i] = z[i + 1] * 1j
    return z.imag


def a_view_of_a_sum(x, w):
    z = x + 1j * w
    v = z[1:]
    v *= 1j
    z[0] = v[0] * 1j
    return np.abs(z)


def sums_in_a_list(x, w):
    rows = [x + 1j * w, w + 1j * x]
    rows[0][1] = rows[1][0] * rows[0][1]
    return rows[0].imag


def given_to_a_callee(x, w):
    z = x + 1j * w if w[0] > 0 else 1j * w + x**2
    _turn(z, w)
    return z.imag


def chosen(x, w):
    z = np.where(x > 0, x, 1j)
    z[1] = z[0] * 1j
    return z.imag * w


@pytest.mark.parametrize(
    "function",
    [sums_with_real_arrays, stored_in_a_loop, a_view_of_a_sum, sums_in_a_list, given_to_a_callee, chosen],
)
def test_tangents_of_complex_arrays_are_complex(function):
    check_case(case_of(function, (X, W), {}, "x", True))
    forward = s2sad.jacfwd(function, wrt="x")(X, W)
    np.testing.assert_allclose(forward, s2sad.jacrev(function, wrt="x")(X, W), atol=1e-12)
