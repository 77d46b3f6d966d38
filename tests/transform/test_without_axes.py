"""Arrays without axes: NumPy's arithmetic makes numbers of them, and a change in place leaves them what they are."""

from dataclasses import replace

import numpy as np
import pytest

from tests.checking import Examples, case_of, check_case, check_refused, generated
from tests.second_order import check_second_order

right = Examples()
known = Examples()

U = np.array([1.1, 0.4, 0.7, -0.3])


@right(U, unless_known="S301")
def updated_and_stored_into(u):
    s = np.array(u[0] * 2)
    s += u[1]
    s[()] *= u[2]
    return s * u[3]


@right(U, unless_known="S301")
def filled_and_updated(u):
    s = np.zeros(())
    s.fill(u[0])
    s[()] = s * s
    s[...] += u[1]
    return s * 1.0


@known(U)
def updated_and_returned(u):
    s = np.array(u[0] * u[1])
    s -= u[1]
    s /= s + 3
    return s, s * 2.0


@right(U)
def updated_in_a_branch(u):
    s = np.zeros(())
    if u[0] > 0:
        s = np.array(u[1] * 2)
        s *= s * u[2]
    else:
        s = s + 1.0
    return np.sin(s) * u[3]


@known(U)
def updated_in_a_loop(u):
    s = np.array(u[0] * 2)
    for _ in range(3):
        s += u[1] * s
        s[()] *= u[2]
        s -= np.sin(s)
    return s * u[3]


@right(U)
def no_rounds(u):
    s = np.array(u[0] * 2)
    for _ in range(0):
        s += u[1]
    return s * u[3]


@right(U)
def summed(u):
    s = np.zeros(())
    for x in u:
        s += x * x
    return s


@right(U)
def a_number_and_then_an_array(u):
    s = u[0] * u[1]
    s *= s
    s = np.array(s)
    s *= s
    return s * u[3]


@known(U.astype(np.float32))
def of_single_precision(u):
    s = np.array(u[0] * u[1])
    s *= u[2]
    return s * u[3]


def increase(s, v):
    s += v
    s *= v


@known(U)
def in_a_callee(u):
    s = np.array(u[0] * u[1])
    increase(s, u[1])
    return s * u[3]


@right(U)
def with_out(u):
    out = np.empty(())
    np.multiply(u[0], u[1], out=out)
    out += u[2]
    np.sin(out, out=out)
    return out * u[0]


@right(U)
def returned_in_a_tuple(u):
    s = np.array(u[0])
    t = s
    s = s * 2.0
    return t, s, np.array(s * u[1]), t[()], np.asarray(u[1] * u[2])


@right.parametrize()
def test_right(case):
    check_case(case)


@known.parametrize()
def test_right_where_kinds_are_known(case):
    if case.known:
        check_case(case)


@pytest.mark.parametrize("case", [case for case in (*right, *known) if case.known], ids=lambda c: c.function.__name__)
def test_second_order(case):
    # Of an adjoint that a loop hands on as an array or as a number nothing is known.
    is_handed_on = case.function is updated_in_a_loop
    check_second_order(replace(case, or_refused="S301" if is_handed_on else ""), rtol=1e-4)


def test_refused_where_nothing_is_known():
    check_refused(updated_and_stored_into, U, code="S301", at="s[()] *= u[2]", kinds=(False,))


def test_the_tangent_as_one_writes_it():
    text, _ = generated(case_of(updated_and_stored_into, (U,), {}, None, True), "jvp")
    assert "s_dot = np.array(2 * u_dot[0])\n" in text
    assert "s_dot[()] += u_dot[1]\n" in text
