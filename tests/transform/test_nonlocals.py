"""Functions inside a function that assign its variables."""

import numpy as np
import pytest

from tests.checking import Examples, check_case, check_refused
from tests.second_order import check_second_order

right = Examples()


@right(0.4)
def a_running_total(x):
    total = 0.0

    def add(v):
        nonlocal total
        total += v * x

    add(x)
    add(2.0)
    return total


@right(0.4)
def calls_inside_of_expressions(x):
    total = x

    def add(v, k=2.0):
        nonlocal total
        if v > 1:
            return total
        total += v * k
        return total * v

    y = total + add(add(x)) * total
    z = [add(v) for v in (x, 1.5, x * x)]
    while add(0.1) < 1.0:
        total = total * 1.5
    if add(x) > 0 and add(0.2, k=x) < 9:
        y = y * total
    return y * sum(z) * total


@right(0.4)
def two_variables_and_a_value(x):
    count = 0
    t = 1.0

    def f(v):
        nonlocal count, t
        count += 1
        t = t * v
        return v * v

    y = f(x) + f(x + 1)
    return y * count * t


@right(0.4)
def functions_in_functions(x):
    s = 0.0

    def outer(v):
        def inner(w):
            nonlocal s
            s = s + w * v

        inner(v)
        inner(2.0)

    for i in range(3):
        outer(x * i)
    return s


@right(0.4)
def a_variable_of_a_function_in_between(x):
    def count(f):
        n = 0

        def inner(v):
            nonlocal n
            n += 1
            return f(v) * n

        return inner(x) * inner(2 * x) * n

    return count(np.sin)


@right(0.4)
def the_largest_so_far(x):
    best, at = -1.0, 0

    def update(v, i):
        nonlocal best, at
        if v > best:
            best, at = v, i

    for i in range(4):
        update(np.sin(x * i * 2), i)
    return best * (at + x)


@right(0.4)
def recursion(x):
    depth = 0.0

    def down(n):
        nonlocal depth
        depth += x
        if n > 0:
            down(n - 1)
            depth *= x

    down(3)
    return depth


@right(0.4)
def star_arguments_and_a_list(x):
    history = []
    last = x

    def log(*values):
        nonlocal last
        for v in values:
            history.append(v * last)
            last = v

    log(x, x * x)
    log(*(1.5, x))
    return sum(history) * last


@right(np.array([0.3, 0.7]))
def an_array_bound_again(u):
    total = np.zeros(2)

    def add(v):
        nonlocal total
        total = total + v

    def twice(v):
        add(v)
        add(v * v)

    twice(u)
    return np.sum(total * u)


@right.parametrize()
def test_derivative(case):
    check_case(case)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=lambda case: case.function.__name__)
def test_second_order(case):
    check_second_order(case)


# -------------------------------------------------------------------- refusals


def kept_as_a_value(x):
    total = 0.0

    def add(v):
        nonlocal total
        total += v

    for f in (add, add):
        f(x)
    return total


def called_where_it_may_raise(x):
    total = 0.0

    def add(v):
        nonlocal total
        total += v
        if v < 0:
            raise ValueError

    try:
        add(x)
    except ValueError:
        pass
    return total


@pytest.mark.parametrize(("function", "at"), [(kept_as_a_value, "add"), (called_where_it_may_raise, "add(x)")])
def test_refused(function, at):
    check_refused(function, 0.7, code="S201", at=at)
