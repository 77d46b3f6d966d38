"""Statements and control flow, alone and nested in each other."""

import math

import numpy as np

from tests.checking import Examples, check_case

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])
A = np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4]])


# ----------------------------------------------------------------- assignments


@right(0.7, 0.4)
def tuple_assignment(a, b):
    p, q = a * b, a - b
    return p * np.sin(q)


@right(0.7, 0.4)
def swap(a, b):
    a, b = b, a
    return a * a * np.sin(b)


@right(0.7, 0.4)
def swap_with_arithmetic(a, b):
    a, b = b * a, a + np.sin(b)
    a, b = b - a, a * b
    return a * b * b


@right(0.7, 0.4, 1.3)
def rotation_of_three(a, b, c):
    a, b, c = b, c, a
    a, b, c = a * b, b * c, c * a
    return a + 2 * b * c


@right(X)
def unpacking_an_array(x):
    a, b, c, d = x
    return a * b + np.sin(c) * d


@right((0.3, 0.7))
def unpacking_a_tuple(pair):
    a, b = pair
    return a * a * b


@right([0.3, 0.7, 1.1])
def unpacking_a_list(items):
    a, b, c = items
    return a * b * c


@right(0.7, 0.4)
def tuple_held_in_a_name(a, b):
    pair = a * b, a + b
    first, second = pair
    return first * np.exp(second) + pair[0]


@right(0.7)
def chained_assignment(x):
    a = b = np.sin(x)
    a = a * x
    return a * b


@right(0.7)
def annotated_assignment(x):
    y: float = x * x
    z: float
    z = y * x
    return z


@right(0.7, 0.4, unless_known="S301")
def augmented_assignments_of_a_scalar(x, w):
    y = x
    y += w * x
    y *= y
    y -= 0.5 * w
    y /= 1 + x * x
    y **= 2
    return y


@right(X, 0.4)
def augmented_assignments_of_an_array(x, w):
    y = x * 2
    y += w
    y -= x * w
    y *= x
    y /= 1 + w * w
    return np.sum(y)


@right(0.7, unless_known="S301")
def augmented_by_itself(x):
    y = x * x
    y += y
    y *= y
    y -= y * y
    return y


@right(0.7)
def assigned_and_not_read(x):
    y = np.sin(x)
    y = x * 3
    z = np.exp(y)
    return y * y


@right(0.7)
def overwritten_by_constant(x):
    y = np.sin(x)
    z = y * y
    y = 2.0
    return z * y


@right(0.7, 0.4)
def unused_argument(x, unused):
    return x * x


@right(0.7)
def constant_result(x):
    return 2.0


@right(0.7)
def the_argument_itself(x):
    return x


@right(X, 0.3)
def argument_array_and_unused(x, w):
    return x


# -------------------------------------------------------------------- branches


@right(0.7)
def conditional_expression(x):
    y = np.sin(x) if x > 0.5 else np.cos(x)
    return y * (x if y > 0 else -x)


@right(0.7, 0.4)
def nested_conditional_expressions(x, w):
    return (x * w if w > 1 else x / w) if x > 0.5 else (w if x > 0 else 2 * w)


@right(-0.7)
def if_without_else(x):
    y = x * x
    if x < 0:
        y = y * x
    return y


@right(0.2)
def elif_chain(x):
    if x > 1:
        y = x
    elif x > 0.5:
        y = np.sin(x)
    elif x > 0.1:
        y = np.exp(x) * x
    else:
        y = x * x
    return y * x


@right(0.7, 0.4)
def assigned_in_one_branch(x, w):
    y = w
    if x > 0:
        y = x * w
        z = y * y
    else:
        w = x
    return y * w


@right(0.7)
def bound_in_one_branch_and_used_there(x):
    y = x
    if x > 0.5:
        extra = np.sin(x)
        y = y * extra
    if x > 0.6:
        extra = np.cos(x)
        y = y * extra
    return y


@right(0.7)
def bound_in_one_branch_and_used_in_the_next(x):
    if x > 0.5:
        extra = np.sin(x)
    y = x * x
    if x > 0.5:
        y = y * extra
    return y


@right(0.7, 0.4)
def branches_in_branches(x, w):
    if x > 0:
        if w > 0.5:
            y = x * w
        else:
            y = np.sin(x)
            if x > 0.6:
                y *= w
                x = y * w
            else:
                w = 0.0
    else:
        y = 1.0
    return y * w + x * x


@right(0.7)
def condition_variable_overwritten_in_branch(x):
    y = x * 2
    if y > 1:
        y = np.sin(y)
        y = y * y
    else:
        y = x
    return y


@right(0.7)
def condition_variable_overwritten_after_branch(x):
    y = x * 2
    if y > 1:
        z = y * x
    else:
        z = x
    y = 0.0
    return z * z + y


@right(0.7, 0.4)
def swap_in_a_branch(a, b):
    if a > b:
        a, b = b, a
    return a * a * np.sin(b)


@right(0.7)
def pass_in_a_branch(x):
    if x > 1:
        pass
    else:
        x = x * x
    return x


@right(0.7)
def chained_comparison_and_logic(x):
    if 0 < x < 1 and not x > 5 or x == 3:
        return x * x
    return x


@right(X)
def any_as_condition(x):
    if np.any(x > 1):
        x = x * 2
    return np.sum(x * x)


# --------------------------------------------------------------- early returns


@right(0.7)
def early_return(x):
    if x > 0.5:
        return np.sin(x)
    return x * x


@right(0.7, 0.4)
def early_returns_after_work(x, w):
    y = x * w
    if y > 1:
        return y
    z = np.sin(y)
    if z > 0.9:
        return z * x
    y = y * z
    if x > 0.6:
        if w > 0.3:
            return y * z * w
        y = y + 1
    elif x > 0.2:
        return x
    return y + z


@right(0.2)
def return_in_else(x):
    y = x * x
    if x > 0.5:
        y = y * 2
    else:
        return y * x
    return y


@right(0.7)
def return_on_both_sides(x):
    if x > 0.5:
        x = x * x
        return np.exp(x)
    else:
        return x


@right(0.7, 0.4)
def overwritten_then_early_return(x, w):
    y = np.sin(x)
    if x > 0.5:
        y = y * w
        if w > 1:
            return y
        x = x * y
    w = w * y
    if w > 10:
        return w
    return x * w * y


@right(0.7)
def early_return_after_loop(x):
    for i in range(3):
        x = np.sin(x) + x
    if x > 1:
        return x * x
    for i in range(2):
        x = x * x
    return x


# ------------------------------------------------------------------ for loops


@right(0.3)
def logistic(x):
    for i in range(3):
        x = 4 * x * (1 - x)
    return x


@right(0.3, 4)
def range_of_an_argument(x, n):
    for i in range(n):
        x = x * np.sin(x) + i
    return x


@right(0.3, 0)
def empty_range(x, n):
    y = x * x
    for i in range(n):
        y = np.sin(y)
    return y


@right(0.3)
def range_from(x):
    for i in range(2, 5):
        x = x + i * np.sin(x)
    return x


@right(0.3)
def range_with_step(x):
    for i in range(1, 8, 3):
        x = x * x + i
        x = np.sin(x)
    return x


@right(0.3)
def range_downwards(x):
    for i in range(5, 0, -2):
        x = x * x + np.sin(i * x)
    return x


@right(0.3)
def range_empty_downwards(x):
    for i in range(0, 5, -1):
        x = x * x
    return x * x


@right(0.3, 1, 9, 4)
def range_of_variables(x, a, b, c):
    for i in range(a, b, c):
        x = x * x + np.sin(i * x)
    return x


@right(0.3)
def range_bound_overwritten(x):
    n = 3
    for i in range(n):
        x = x * x + n
        n = n + 1
    return np.sin(x)


@right(0.3)
def index_overwritten(x):
    y = x
    for i in range(4):
        i = i * 2
        y = y * x + i
    return y


@right(0.3)
def index_overwritten_by_active(x):
    y = x
    for i in range(4):
        i = i * x
        y = y * i + x
    return y


@right(0.3)
def index_used_after_the_loop(x):
    for i in range(4):
        x = x * x + 1
    return x * i


@right(X)
def element_used_after_the_loop(x):
    s = 0.0
    for v in x:
        s = s + v * v
    return s * v


@right(X)
def loop_variable_known_before(x):
    v = x[0] * x[1]
    w = v * v
    for v in x[2:]:
        w = w * v
    return w * v


@right(X[:0], 0.3)
def element_of_empty_loop(x, w):
    v = w * w
    for v in x:
        w = w * v
    return w * v


@right(X, 0.5)
def over_an_array(x, w):
    s = 0.0
    for v in x:
        s = np.sin(s + v * w)
    return s


@right(A, 0.5)
def over_rows(a, w):
    s = w
    for row in a:
        s = s + np.sum(row * row) * s
    return s


@right(A)
def over_rows_and_elements(a):
    s = 1.0
    for row in a:
        for v in row:
            s = s + np.sin(v) * s
    return s


@right(A)
def unpacking_rows(a):
    s = 1.0
    for p, q, r in a:
        s = s * p + q * r
    return s


@right([0.3, 0.7, 1.1])
def over_a_list(items):
    s = 1.0
    for v in items:
        s = s * v + v
    return s


@right((0.3, 0.7, 1.1))
def over_a_tuple(items):
    s = 1.0
    for v in items:
        s = s * v + v
    return s


@right(0.3, 0.7)
def over_a_display(x, w):
    s = 1.0
    for v in (x, w, x * w):
        s = s * v + np.sin(v)
    for v in [x, 2.0]:
        s = s * v
    return s


@right(X, 0.5)
def over_an_expression(x, w):
    s = w
    for v in np.sin(x) * w:
        s = s * v + v
    return s


@right(X)
def over_a_reassigned_array(x):
    s = 1.0
    for v in x:
        s = s * v + 1
        x = x * v
    return s * np.sum(x)


@right(X, np.array([0.2, 0.5]))
def zip_of_unequal_lengths(x, y):
    s = 1.0
    for a, b in zip(x, y):
        s = s * a + b * b
    return s


@right(np.array([0.2, 0.5]), X)
def zip_of_unequal_lengths_other_way(x, y):
    s = 1.0
    for a, b in zip(x, y):
        s = s * a + b * b
    return s


@right(X)
def zip_with_a_range_and_a_list(x):
    s = 1.0
    for i, a, c in zip(range(1, 9, 2), x, [2.0, 3.0, 4.0]):
        s = s * a + i * c
    return s


@right(X)
def zip_with_itself_shifted(x):
    s = 0.0
    for a, b in zip(x[:-1], x[1:]):
        s += (b - a) ** 2 * a
    return s


@right(X)
def enumerated(x):
    s = 0.0
    for i, v in enumerate(x):
        s += i * v * x[i - 1]
    return s


@right(X, 3)
def enumerated_from(x, n):
    s = 1.0
    for i, v in enumerate(x, start=2):
        s = s * v + i
    for i, v in enumerate(x, n):
        s = s * v + i
    return s


@right(X)
def enumerated_zip(x):
    s = 1.0
    for i, (a, b) in enumerate(zip(x, x[::-1])):
        s = s * a * (i + 1) + b
    return s


@right(A)
def enumerated_rows(a):
    s = 1.0
    for i, row in enumerate(a):
        for j, v in enumerate(row):
            s = s * v + i * j * a[i, j]
    return s


@right(X)
def reversed_array(x):
    s = 1.0
    for v in reversed(x):
        s = s * v + v
    return s


@right(X)
def reversed_range(x):
    s = 1.0
    for i in reversed(range(1, 4)):
        s = s * x[i] + i
    return s


@right(X)
def sliced_backwards(x):
    s = 1.0
    for v in x[::-1]:
        s = s * v + v
    return s


@right(0.3, 0.7)
def several_carried(a, b):
    c = 1.0
    for i in range(4):
        a = a * b + c
        b = np.sin(a)
        c = c * b
    return a + b * c


@right(0.3, 0.7)
def carried_swap(a, b):
    for i in range(5):
        a, b = b, a * b + np.sin(a)
    return a * b


@right(0.6)
def carried_at_once_and_taken_in_some_rounds(x):
    a, b, best = x, 1.0, x
    for _ in range(3):
        next_a = a * x
        next_b = b + a
        a = next_a
        b = next_b
        if b > 1.5:
            found = a
        else:
            found = best
        best = found
    return best * b


@right(0.3)
def fibonacci_swap(x):
    a, b = 0.0, x
    for i in range(6):
        a, b = b, a + b * x
    return b


@right(0.3, 0.7, 0.2)
def carried_rotation(a, b, c):
    for i in range(4):
        a, b, c = b, c * a, a
    return a + b * b + c


@right(0.3)
def previous_value_carried(x):
    old = x * 2
    for i in range(4):
        new = np.sin(x) * old
        old = x
        x = new
    return old * x


@right(0.3)
def temporaries_in_a_loop(x):
    for i in range(3):
        t = np.sin(x)
        u = t * x
        t = u * t
        x = x + t
    return x * t


@right(0.3)
def partly_overwritten_temporary(x):
    t = x
    for i in range(5):
        if i % 2 == 0:
            t = np.sin(x * t)
        x = x + t * t
    return x * t


@right(X)
def array_carried(x):
    y = np.zeros(4)
    for i in range(3):
        y = np.sin(y) + x * y + x
    return np.sum(y)


@right(X)
def array_updated_in_a_loop(x):
    y = np.zeros(4)
    for i in range(3):
        y += x * i
        y *= x
    return np.sum(y * y)


@right(0.3)
def scalar_becomes_array(x):
    y = x
    for i in range(3):
        y = y * np.array([1.0, 2.0]) * x
    return np.sum(y)


@right(0.3)
def branch_in_a_loop(x):
    for i in range(5):
        if i % 2 == 0:
            x = np.sin(x) * 2
        else:
            x = x * x + 0.1
    return x


@right(0.9)
def branch_on_active_in_a_loop(x):
    s = 0.0
    for i in range(5):
        if x > 0.5:
            x = x * x * 0.9
            s += x
        elif x > 0.2:
            x = x + 0.3
        else:
            s = s * x
            x = np.exp(x)
    return s * x


# ---------------------------------------------------------------- while loops


@right(0.3)
def while_loop(x):
    while x < 10:
        x = x * 2 + x * x
    return np.sin(x)


@right(30.0)
def while_without_a_round(x):
    y = x * x
    while x < 10:
        x = x * 2
        y = y * x
    return y * x


@right(0.3)
def while_counting(x):
    i = 0
    y = 1.0
    while i < 4:
        y = y * x + i
        i += 1
    return y * i


@right(0.5, 0.3)
def while_kepler(m, e):
    u = m
    step = 1.0
    while abs(step) > 1e-14:
        step = (u - e * np.sin(u) - m) / (1 - e * np.cos(u))
        u = u - step
    return u


@right(0.9)
def nested_while(x):
    s = 0.0
    while x > 0.1:
        y = x
        while y > 0.05:
            y = y * 0.6
            s = s + y * x
        x = x * 0.5
    return s


@right(0.4)
def while_with_branches(x):
    n = 0
    while x < 3 and n < 20:
        if n % 2:
            x = x + np.sin(x)
        else:
            x = x * 1.5
        n = n + 1
    return x * n


@right(0.4)
def while_on_a_call(x):
    while math.exp(x) < 20:
        x = x * 1.5
    return x


@right(0.4)
def linear_while(x):
    s = x
    n = 0
    while n < 3:
        s = s + 2 * x
        n += 1
    return s


# -------------------------------------------------------------------- nesting


@right(0.3, 0.8)
def nested_for(x, w):
    for i in range(3):
        for j in range(2):
            x = np.sin(x * w) + i * j
        w = w * x
    return x * w


@right(0.3)
def triangular_loops(x):
    s = 0.0
    for i in range(4):
        for j in range(i):
            for k in range(j, i):
                s = s + x ** (k + 1) * s + x
    return s


@right(0.3, 0.8)
def for_while_for_if(x, w):
    s = 0.1
    for i in range(3):
        y = x
        while y > 0.02:
            for v in (w, x):
                if y > 0.1:
                    s = s + np.sin(v * y * s)
                else:
                    s = s * v
                    w = w + 0.01 * s
            y = y * 0.4
        x = x * w
    return s + x


@right(0.83)
def while_for_while(x):
    s = 1.0
    while x > 0.3:
        for i in range(2):
            y = x + i
            while y > 0.4:
                s = s * np.sin(y)
                y = y - 0.5 * x
        x = x * 0.6
    return s * y


@right(0.3)
def loop_after_loop(x):
    for i in range(3):
        x = np.sin(x) + x * x
    y = x
    for i in range(2):
        y = y * x
        x = x + y
    return x * y


@right(0.3)
def inner_loop_reset(x):
    s = 0.0
    for i in range(3):
        t = 1.0
        for j in range(3):
            t = t * x + s
        s = s + t * t
    return s


@right(0.3)
def inner_loop_variable_used_in_outer(x):
    s = x
    for i in range(3):
        for j in range(2 + i):
            t = np.sin(s) * (j + 1)
            s = s + t
        s = s * t * j
    return s


@right(0.3)
def loop_in_branches(x):
    if x > 0:
        for i in range(3):
            x = x * x + 1
    else:
        while x < 0:
            x = x + 1
    return np.sin(x)


@right(0.3)
def loop_in_a_branch_in_a_loop(x):
    for i in range(4):
        if i % 2:
            for j in range(i):
                x = np.sin(x) + x * x
        else:
            x = x * 0.7
    return x


@right(0.6)
def depth_of_four(x):
    s = 1.0
    for a in range(2):
        for b in range(2):
            if a != b:
                n = 0
                while n < 2:
                    for c in range(1, 3):
                        s = s * np.cos(x * c) + x
                        x = x + 0.1 * s
                    n += 1
            else:
                x = x * s
        s = s * x
    return s


# ---------------------------------------------- effects, assertions, exceptions


@right(0.3)
def prints(x):
    print("start", x)
    for i in range(3):
        x = x * x + 1
        print(i, x)
    print(f"end {x:.3f}")
    return x


@right(0.3)
def prints_in_branches(x):
    if x > 0:
        print("positive")
        x = x * x
    else:
        print("negative")
    return x


@right(0.3)
def asserts(x):
    assert x > 0, "must be positive"
    y = x * x
    assert y < 1
    return y


@right(0.3)
def raises_on_another_path(x):
    if x < 0:
        raise ValueError(f"negative: {x}")
    return x * x


@right(0.3)
def raises_in_a_loop(x):
    for i in range(3):
        if x > 100:
            raise ValueError("too large")
        x = x * x + 1
    return x


@right(0.3)
def raises_in_else(x):
    if x > 0:
        y = x * x
    elif x < -1:
        raise ValueError
    else:
        raise TypeError("no")
    return y * x


# --------------------------------------- found by random programs, in small


@right(0.7, 0.4, 0)
def overwritten_in_a_loop_without_a_round(x, w, n):
    y = x * w
    while n > 0:
        y, n = 2.0, n - 1
    return y * y


@right(0.7, X, wrt="x")
def target_of_a_loop_over_something_inactive(x, v):
    t = x * x
    for t in v:
        x = np.tanh(t) + x
    return x * t


@right(0.7, 0.4, X)
def input_overwritten_before_an_early_return(a, b, x):
    if a > 0:
        t = np.sum(x)
        b, a = t, b
    if b < 2:
        return np.sin(a * b)
    return a


@right(0.7, X, wrt="x")
def reversed_inactive_elements_take_turns_with_active(x, v):
    for t in reversed(v):
        t, x = x * t, t
    return t * x


@right(X)
def bound_in_a_branch_of_an_earlier_loop(x):
    for s, t in zip(x, x[::-1]):
        if t > 2:
            y = t * s
    for t in x:
        y = np.sin(t)
    return y * s


@right(0.7, X)
def array_bound_in_a_loop_without_a_round(a, x):
    n = 0
    while n < 0:
        for s in x:
            u = np.sin(x) * s
        x = u
    return np.sum(x) * a


@right(X)
def array_bound_in_a_loop_and_handed_on(x):
    for i in range(len(x) - 4):
        x, v = v, x  # noqa: F821
    return x * x


@right(X)
def unpacked_slice(x):
    a, b = x[:2]
    return a * b * x[0]


@right(0.2)
def parentheses_stay(x):
    y = x * (0.3 * x) + (x + (0.1 - x))
    return y * (y * 0.7) / (x / (x * 0.3))


@right.parametrize()
def test_construct(case):
    check_case(case)
