"""Second names of arrays that a branch decides about, changed: both modes, first and second order."""

import numpy as np
import pytest

from tests.checking import Examples, check_case, check_refused, generated
from tests.second_order import check_second_order

right = Examples()
U = np.array([0.3, 0.8, 1.1, 0.6])
W = np.array([0.5, 1.2, 0.7, 0.9])
A = np.array([[0.3, 0.8, 1.1], [0.6, 0.2, 0.4], [0.7, 0.5, 0.9]])


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def either(u, w, c):
    a, b = u * u, w * 1.0
    if c:
        v = a
    else:
        v = b
    v[0] = u[1] ** 2
    v[1:] *= w[0]
    s = np.sum(v * v)
    a[1] = 2.0 * v[0]
    return np.sum(a * b) * s


@right(U, W, unless_known="S301")
def by_an_active_condition(u, w):
    a, b = u * u, w * 1.0
    if u[0] > w[0]:
        v = a
    else:
        v = b
    v += u
    a[0] = v[1] * b[0]
    return np.sum(a * b * v)


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def conditional(u, w, c):
    a, b = u * u, w * 1.0
    v = a if c else b
    v[0] = u[1] ** 2
    v *= w[2]
    return np.sum(a * b)


@right(U, W, 0, unless_known="S301")
@right(U, W, 1, unless_known="S301")
@right(U, W, 2, unless_known="S301")
def one_of_three(u, w, k):
    a, b = u * u, w * 1.0
    if k == 0:
        v = a
    elif k == 1:
        v = b[::-1]
    else:
        v = a[1:]
    v[0] = u[1] ** 2
    for i in range(2):
        v[i + 1] += v[i] * w[3]
    return np.sum(a * b) + v[0]


@right(U, W, 0, unless_known="S301")
@right(U, W, 1, unless_known="S301")
@right(U, W, 2, unless_known="S301")
def conditional_of_three(u, w, k):
    a, b = u * u, w * 1.0
    v = a if k == 0 else (b if k == 1 else u * w)
    v[0] = u[1] ** 2
    return np.sum(a * b * v)


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def unless(u, w, c):
    a, b = u * u, w * 1.0
    v = a
    if c:
        v = b
    v[0] = u[1] ** 2
    b[1] = v[0] * v[1]
    return np.sum(a * b)


@right(U, True, unless_known="S301")
@right(U, False, unless_known="S301")
def copied_or_not(u, c):
    a = u * u
    v = a if c else a.copy()
    v[0] = u[1] ** 2
    return np.sum(a * v)


@right(U, W, 4, unless_known="S301")
@right(U, W, 0, unless_known="S301")
def in_a_loop(u, w, n):
    a, b = u * u, w * 1.0
    for k in range(n):
        if k % 2 == 0:
            source, target = a, b
        else:
            source, target = b, a
        target[1:] = source[:-1] * w[1:]
        target[0] += source[3] * u[0]
    return np.sum(a * b)


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def before_a_loop(u, w, c):
    a, b = u * u, w * 1.0
    v = a if c else b
    for i in range(1, 4):
        if v[i - 1] > 0.4:
            v[i] += v[i - 1] ** 2
        else:
            a[i] = u[i] * v[0]
    return np.sum(a * b)


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def in_conditions(u, w, c):
    a, b = u * u, w * 1.0
    v = a if c else b
    n = 0
    while v[0] < 2.0 and n < 5:
        v[0] += u[1]
        n += 1
    for e in v:
        a[1] += e * e
    return np.sum(a * b)


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def part_of_it(u, w, c):
    a, b = u * u, w * 1.0
    v = a if c else b
    x = v[1:]
    x[0] = u[0] ** 2
    y = x[::-1]
    y *= v[0]
    return np.sum(a * b * v) + np.sum(x)


@right(A, True, unless_known="S301")
@right(A, False, unless_known="S301")
def row_or_column(B, c):
    A = B * B
    v = A[1] if c else A[:, 1]
    v -= np.mean(v)
    A[0, 0] = v[1] * v[2]
    return np.sum(A * B)


@right(A, True, unless_known="S301")
@right(A, False, unless_known="S301")
def transposed_or_not(B, c):
    A = B * B
    M = A.T if c else A
    for row in M:
        row[0] = np.sum(row[1:])
    M[2] *= A[1, 1]
    return np.sum(A * B)


@right(U, W, True, True, unless_known="S301")
@right(U, W, False, True, unless_known="S301")
@right(U, W, True, False, unless_known="S301")
def two_decisions(u, w, c, d):
    a, b = u * u, w * 1.0
    v = a if c else b
    z = b if d else a
    v[0] += z[1] ** 2
    z[1] *= v[0]
    return np.sum(a * b)


@right(U, W, True, False, unless_known="S301")
@right(U, W, False, True, unless_known="S301")
def decided_twice(u, w, c, d):
    a, b = u * u, w * 1.0
    v = a if c else b
    v[0] *= u[2]
    if d:
        v = u * 2.0
    v[1] = w[0] ** 2
    return np.sum(a * b * v)


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def arguments(u, w, c):
    v = u if c else w
    v[0] *= 2.0
    return np.sum(u * w)


def mixed(v, s):
    v[1:] *= s
    return v[0] ** 2


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def passed_on(u, w, c):
    a, b = u * u, w * 1.0
    v = a if c else b
    s = mixed(v, u[3])
    return np.sum(a * b) * s


def chosen_inside(a, b, c):
    if c:
        v = a
    else:
        v = b
    v[0] = a[1] * b[2]


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def in_a_callee(u, w, c):
    a, b = u * u, w * 1.0
    chosen_inside(a, b, c)
    chosen_inside(b, a, not c)
    return np.sum(a * b)


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def returned_early(u, w, c):
    a, b = u * u, w * 1.0
    v = a if c else b
    v[0] = u[1] ** 2
    if v[1] > 0.7:
        return np.sum(v * w)
    v[1] *= u[0]
    return np.sum(a * b)


@right(U, True, unless_known="S301")
@right(U, False, unless_known="S301")
def what_decides_changes(u, c):
    a, b = u * u, u * 2.0
    flags = [c]
    if flags[0]:
        v = a
    else:
        v = b
    flags[0] = not c
    v[0] = u[1] ** 2
    return np.sum(a * b)


@right(U, W, unless_known="S301")
def what_decides_is_changed(u, w):
    a, b = u * u, w * 1.0
    v = a if a[0] > 0.05 else b
    v[0] = 0.0
    v[1] = u[3] ** 2
    return np.sum(a * b)


@right(U, W, True, unless_known="S301")
@right(U, W, False, unless_known="S301")
def bound_anew(u, w, c):
    a, b = u * u, w * 1.0
    v = a if c else b
    a = u * 3.0
    v[0] = a[1] ** 2
    return np.sum(a * b) + np.sum(v)


@right(U, W, [1], unless_known="S301")
def by_a_list_that_another_function_empties(u, w, c):
    def empty():
        c.pop()

    a, b = u * u, w * 1.0
    if c:
        v = a
    else:
        v = b
    empty()
    v[0] = u[1] ** 2
    return np.sum(a * b)


@right.parametrize()
def test_first_order(case):
    check_case(case)


SECOND = {case.function.__name__: case for case in right if case.known}


@pytest.mark.parametrize("name", SECOND)
def test_second_order(name):
    check_second_order(SECOND[name])


def test_what_is_done_to_either_stands_under_one_branch():
    text, _ = generated(right[0], "jvp")
    assert text.count("if c:") == 1
    assert "which" not in text


def from_the_round_before(u, n):
    a, b = u * u, u * 1.0
    v = a
    for k in range(n):
        v[k] = u[0]
        if k % 2 == 0:
            v = b
        else:
            v = a
    return np.sum(a * b)


def in_an_attempt(u, c):
    a, b = u * u, u * 1.0
    v = a
    try:
        v = b
        c[0]
    except TypeError:
        pass
    v[0] = u[1]
    return np.sum(a * b)


@pytest.mark.parametrize(
    ("function", "given", "at"),
    [
        (from_the_round_before, 2, "v[k] = u[0]"),
        (in_an_attempt, [1.0], "v[0] = u[1]"),
    ],
)
def test_refused(function, given, at):
    check_refused(function, U, given, code="S301", at=at, wrt="u", kinds=(True,))
