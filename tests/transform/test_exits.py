"""Loops that end early: `break`, `continue`, `else`, `while True`, and `return` from inside."""

from copy import deepcopy

import numpy as np
import pytest

import s2sad
from s2sad.errors import S2sadError
from tests.checking import Examples, check_case, generated, identical, label, like, quietly
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])
A = np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4]])


# ----------------------------------------------------------------------- break


@right(1.3, 2.0, 20)
@right(1.3, 2.0, 2)
@right(1.3, 2.0, 0)
def newton(x, a, n):
    for i in range(n):
        d = (x * x - a) / (2 * x)
        if abs(d) < 1e-2:
            break
        x = x - d
    return x


@right(0.9, 5)
@right(2.9, 5)
def work_before_the_break(x, n):
    y = x
    for i in range(n):
        y = y * np.sin(x)
        if y < 0.1:
            y = y * 3 * x
            break
        y = y + 0.1
    return y


@right(0.9, 5)
@right(0.2, 5)
def several_breaks(x, n):
    y = x
    for i in range(n):
        if i == 3:
            y = y * x
            break
        y = y * np.cos(y) + x
        if y > 2:
            break
        y = y * 1.1
        if y < 0.5:
            y = y * y
            break
    return y * x


@right(0.9)
def break_in_the_else_side(x):
    y = x
    while y < 100:
        if y < 4:
            y = y * 1.5 + x * x
        else:
            break
        y = y * y
    return y


@right(X)
def break_over_an_array(x):
    total = 0.0
    for v in x:
        if v > 1:
            break
        total = total + v * v * v
    return total


@right(X)
def break_over_an_enumerated_array(x):
    total = 0.0
    for i, v in enumerate(x):
        total = total + i * v * v
        if v > 1:
            total = total * v
            break
    return total


@right([0.3, 0.7, 1.1], 0.5)
def break_over_a_list(items, x):
    total = 0.0
    for item in items:
        if item > 1:
            break
        total = total + item * item * x
    return total


@right((0.3, 0.7, 1.1), X)
def break_over_a_zip(items, x):
    total = 0.0
    for a, b in zip(items, x):
        total = total + a * b * b
        if a > 0.5:
            break
    return total


@right(X, 9)
@right(X, 1)
def break_over_steps_of_a_range(x, n):
    total = 0.0
    for i in range(n, -4, -3):
        total = total + np.sin(i * x)
        if i < 2:
            break
    return np.sum(total * total)


@right(0.7, 9)
def loop_variable_after_the_loop(x, n):
    for i in range(1, n, 2):
        x = x * np.sin(i * x) + x
        if i > 3:
            break
    return x * i


@right(X, 7)
def array_until_it_is_small(x, n):
    for i in range(n):
        x = np.sin(x) * 0.9
        if np.sum(x * x) < 0.8:
            break
    return np.sum(x * x)


@right(0.8, 6)
def break_under_nested_branches(x, n):
    for i in range(n):
        if i % 2:
            if x > 3:
                break
            x = x + x * x
        else:
            x = x * 2
            if x > 10:
                x = x * 2
                continue
        x = x * 1.1
    return x


@right(0.8, 6)
def unbound_until_the_break(x, n):
    for i in range(n):
        y = x * i
        if y > 2:
            z = y * y
            break
    else:
        z = x
    return z * y


@right(0.8)
def break_in_both_loops(x):
    for i in range(5):
        for j in range(5):
            x = x * 1.1 + 0.01 * i
            if j > i:
                x = x + 0.1 * x * x
                break
            x = x + 0.2
        if x > 4:
            x = x * x
            break
        x = x * 0.9
    return x


# -------------------------------------------------------------------- continue


@right(0.3, 9)
def skipped_rounds(x, n):
    y = 0.0
    for i in range(n):
        if i % 3 == 1:
            continue
        y = y + np.sin(x * i) * y + x
        if i == 7:
            continue
    return y


@right(0.7, X)
def an_array_under_two_names_in_a_loop(a, x):
    while True:
        a = a * 1.5
        if a > 3:
            break
        if a < 1:
            continue
        for v in x:
            a = a + x[-2] * v
            x, x = x, x
    return a * x[1]


@right(0.7, X)
def an_array_that_is_bound_on_one_way(a, x):
    if np.sum(x) > 9:
        x, x = x, x
        if a > 3:
            v = x
            a = v[0]
        x, x = x, x
    for i in range(2):
        for a in x:
            x, x = x, x
    return a


@right(0.7)
def a_test_that_has_a_name(x):
    t = 0.0
    while True:
        last = t + x >= 2
        if last:
            x = x * 2
        t = t + x
        if last:
            return t * t
        x = x * 1.1


@right(X)
def skipped_elements(x):
    y = 1.0
    for v in x:
        if v < 0:
            continue
        y = y * v
        if v > 1:
            y = y * y
            continue
        y = y + v
    return y


@right(0.7)
def continue_in_a_while(x):
    k = 0
    while k < 7:
        k += 1
        if k % 2:
            x = x * np.cos(x)
            continue
        x = x + 0.3
    return x


@right(0.7)
def continue_and_break(x):
    for i in range(8):
        if i == 2:
            continue
        if x > 2:
            break
        x = x * 1.5
    return x * x


# ------------------------------------------------------------------------ else


@right(0.9, 5)
@right(0.9, 0)
@right(0.9, 3)
def for_else(x, n):
    y = x
    for i in range(n):
        y = y * np.sin(x)
        if y < 0.3:
            y = y * 3
            break
        y = y + 0.1
    else:
        y = y * 2 * x
    return y


@right(0.5)
@right(0.1)
def while_else(x):
    y = x
    while y < 2:
        y = y * 1.7 + x
        if y > 1.5:
            break
    else:
        y = y * x
    return y


@right(0.5)
def else_without_break(x):
    for i in range(3):
        x = x * x + 0.4
    else:
        x = x * 3
    return x


@right(0.5)
def break_in_the_else_of_an_inner_loop(x):
    for i in range(4):
        for j in range(i):
            if x > 3:
                break
            x = x * 1.4
        else:
            x = x + 0.2
            if i == 3:
                break
            x = x * x
        x = x + 0.1
    return x


@right(0.5, 4)
@right(0.5, 2)
def else_and_return(x, n):
    for i in range(n):
        x = x * 1.4
        if x > 1.6:
            return x * x
        if i > 10:
            break
    else:
        x = x * 5
    return x


# ------------------------------------------------------------------ while True


@right(1.3)
def while_true(x):
    while True:
        x_new = x - (x**2 - 2) / (2 * x)
        if abs(x_new - x) < 0.05:
            break
        x = x_new
    return x_new


@right(1.3)
def while_true_returns(x):
    k = 0
    while True:
        x = x * np.sin(x) + 0.2
        k += 1
        if k == 3:
            return x * k
        if x > 50:
            return x


@right(1.3)
def while_true_at_the_end_of_a_branch(x):
    if x > 1:
        while True:
            x = x * x
            if x > 9:
                return np.sin(x)
    return x


# ---------------------------------------------------------------------- return


@right(1.2, 4)
@right(1.2, 0)
@right(3.2, 4)
def return_in_a_loop(x, n):
    for i in range(n):
        x = x * np.sin(x) * 2
        if x > 1:
            return x * x
        x = x + 1
    return x


@right(0.6, 0.1, 5)
@right(0.6, 0.1, 2)
@right(1.6, 0.1, 2)
@right(-1.6, 0.1, 2)
def settle(x, tol, limit):
    if x <= 0.0:
        return x * x
    y = x
    k = 0
    while y > tol:
        s = np.sin(y) + x
        if s > 1.5:
            y = s * s
            break
        if k % 2 == 0:
            y = y * s
        else:
            y = y - 0.5 * s
        k += 1
        if k == limit:
            return y * k
    return y + x


@right(1.0, 8)
@right(0.1, 4)
def return_from_nested_loops(x, n):
    for i in range(n):
        for j in range(i):
            x = x * 1.1
            if x > 5:
                return x * x
            if x > 4:
                x = x + 0.3 * x
                break
        x = x + 0.1
    return x


@right(0.4)
def returns_from_three_loops(x):
    for i in range(3):
        for j in range(3):
            for k in range(3):
                x = x * 1.2
                if k > j:
                    continue
                if x > 3 and k == 2:
                    return x + i
            if x > 2.5 and j == 1:
                return x * x * j
        x = x - 0.05
    return x


@right(X)
def return_of_an_element(x):
    for i, v in enumerate(x):
        if v > 1:
            return v * i
    return x[0]


@right(0.7, 3)
def return_under_branches(x, n):
    for i in range(n):
        if i == 1:
            if x > 5:
                return x
            x = x * x
        elif x < 0:
            return -x
        x = x + 0.3
    return x * 2


@right(0.7, 0.4)
@right(0.7, -0.4)
@right(1.7, 1.4)
def returns_on_two_ways_after_work(a, b):
    if b > 0:
        z = a * b
        if z > 0.5:
            return z
        a = z * a
    for i in range(3):
        a = np.sin(a) * b
        if a > 0.2:
            return a * a
    return a


@right(0.7, 3)
def statements_behind_a_jump(x, n):
    for i in range(n):
        x = x * 1.5
        if x > 1:
            break
            x = 5.0
    return x


def first_above(x, limit):
    """Called by others."""
    for i in range(10):
        x = x * 1.3
        if x > limit:
            return x * x
    return x


@right(0.7, 2.0)
def exits_of_a_callee(x, limit):
    return first_above(x, limit) * first_above(x * x, 100.0)


@right(0.7)
def exits_of_a_callee_in_a_loop(x):
    for i in range(5):
        x = 0.2 * first_above(x, 1.0 + i) + 0.3
        if x > 1.5:
            break
    return x


def halved(x, depth):
    """Returns from a loop, and calls itself there."""
    for i in range(3):
        if depth == 0:
            return x
        x = x * np.sin(x) + i
        if i == 1:
            return halved(x, depth - 1) * x
    return x


@right(0.7, 2)
def recursion_out_of_a_loop(x, depth):
    return halved(x, depth)


@right(X, 3)
def elements_written_until_a_break(x, n):
    y = np.zeros(4)
    for i in range(n):
        y[i] = x[i] * x[i] * 2
        if y[i] > 1:
            break
        y[i] += x[i + 1]
    return np.sum(y * x)


@right(X, unless_known="S301")
def list_filled_until_a_break(x):
    found = []
    for v in x:
        found.append(v * v)
        if v > 1:
            break
    return np.sum(np.array(found)) * len(found)


@right(0.7)
def raise_in_a_loop(x):
    for i in range(3):
        if x > 100:
            raise ValueError(f"too large: {x}")
        x = x * x + 0.5
    return x


@right(np.array([0.7, 0.4], dtype=np.float32))
def single_precision(x):
    for i in range(6):
        x = x * np.float32(1.5)
        if np.max(x) > 2:
            break
    return np.sum(x * x)


@right(A)
def rows_until_a_break(a):
    total = np.zeros(3)
    for row in a:
        total = total * row + row * row
        if row[0] > 0.5:
            break
        total = total * 2
    return np.sum(total)


def first_large(x):
    for v in x:
        if v > 1:
            return v * v


@pytest.mark.parametrize("operator", [s2sad.grad, s2sad.vjp, s2sad.jvp])
def test_a_way_that_returns_nothing_raises_an_error(operator):
    derivative = operator(first_large)
    dots = (X,) if operator is s2sad.jvp else ()
    derivative(X, *dots)
    with pytest.raises(TypeError, match="first_large returns None, which has no derivative"):
        derivative(X / 2, *dots)


@right(X)
def nothing_is_returned_on_one_way(x):
    if x[0] > 1:
        return None
    for v in x:
        if v > 1:
            return v * v


@right.parametrize()
def test_derivative(case):
    check_case(case)


@right.parametrize()
def test_second_derivative(case):
    check_second_order(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_the_tangent_alone(case):
    """Without the value, a loop that only leaves the function still does."""
    try:
        both, alone = (generated(case, mode)[1] for mode in ("jvp", "tangent"))
    except S2sadError:
        assert case.or_refused
        return
    tangents = [like(case.values[name], np.random.default_rng(0).standard_normal) for name in case.wrt]
    (_, expected), _ = quietly(both, *deepcopy(list(case.values.values())), *tangents)
    found, _ = quietly(alone, *deepcopy(list(case.values.values())), *tangents)
    assert identical(found, expected)


def test_the_derivative_of_a_search():
    def first_large(x):
        for i in range(3):
            if x * i > 1.0:
                return x * i * 5.0
        return x * x

    assert s2sad.derivative(first_large)(0.8) == 10.0
    assert s2sad.derivative(first_large)(0.1) == 0.2
