"""Statements that hide in expressions run where Python evaluates them: before them stands what was evaluated before."""

import functools
import math

import numpy as np

from tests.checking import Examples, check_case, check_refused

right = Examples()
U = np.array([0.9, -0.7, 0.4, 1.3])


class Tally:
    """An object whose methods, property and operators change it."""

    def __init__(self, total):
        self.total = total
        self.count = 0

    def sum(self, k):
        self.total = self.total * k + 1
        return self.total

    def step(self, k):
        self.total = self.total * k
        self.count += 1
        return self.total

    def next_index(self):
        self.count += 1
        return self.count

    @property
    def grown(self):
        self.total = self.total * 1.5
        return self.total

    def __getitem__(self, k):
        self.total = self.total * 1.25 + k
        return self.total

    def __add__(self, k):
        self.total = self.total * k
        return self.total


# -------------------------------------------------- operands before a comprehension


@right(np.array([0.3, 0.5, 0.7]), np.array([[0.3, 0.5], [0.7, 0.1]]), unless_known="S301")
def slices_increased_by_what_hides_loops(x, A):
    A = A * 1.0
    A[:, 1] += functools.reduce(lambda e, v: e * v + math.cos(x.sum()), [x[1], np.cos(np.mean(x))])
    A[1:, ::2] *= sum([v * v for v in x])
    return np.sum(A * A)


@right(U)
def operand_before_a_method_named_like_one_of_arrays(u):
    tally = Tally(u[0])
    return tally.total * 10 + [tally.sum(k) for k in u][1]


@right(U)
def attribute_alone_before_a_comprehension(u):
    tally = Tally(u[0])
    return tally.total + sum([tally.step(k) for k in u])


@right(U)
def operand_before_a_property(u):
    tally = Tally(u[0])
    return tally.total * 10 + sum([tally.grown for _ in u])


@right(U)
def operand_before_an_operator(u):
    tally = Tally(u[0])
    return tally.total * 10 + sum([tally + k for k in u])


@right(U)
def operand_before_a_selection(u):
    tally = Tally(u[0])
    return tally.total * 10 + sum([tally[k] for k in range(3)])


# ------------------------------------------------------------------ targets, updates


@right(U)
def value_before_the_index_of_its_target(u):
    tally, a = Tally(u[0]), u * 1.0
    a[tally.next_index()] = tally.step(u[1]) * tally.count
    return np.sum(a * a) * tally.count


@right(U)
def index_of_an_update_before_what_is_added(u):
    places, a = [0, 1, 2], u * 1.0
    a[places.pop()] += sum([u[places.pop()] for _ in range(1)])
    return np.sum(a * a)


@right(U)
def attribute_updated_by_what_changes_it(u):
    tally = Tally(u[0])
    tally.total += sum([tally.step(k) for k in u])
    tally.total *= tally.step(2.0)
    return tally.total * tally.count


@right(U)
def element_before_its_index_is_assigned(u):
    a, i = u * 1.0, 1
    a[i], i = u[0] * u[1], 2
    i, a[i] = 3, a[i] * u[2]
    return np.sum(a * a) * i


@right(U)
def key_before_the_value_of_a_comprehension(u):
    numbers = [0, 1, 2, 3]
    found = {numbers.pop(): numbers.pop() for _ in range(2)}
    return sum(u[k] * v for k, v in found.items())


@right(U)
def what_is_reduced_before_its_start(u):
    xs = [u[0], u[1], u[2]]

    def listed():
        return [xs.pop(), 2.0]

    def last():
        return xs.pop()

    return functools.reduce(lambda a, b: a * b + a, listed(), last())


# ------------------------------------------------------------------------------ loops


@right(U)
def loop_test_behind_a_finally(u):
    y, k = u[0], 0
    while (y := y * u[3] + 0.2) < 5:
        k += 1
        try:
            if k == 2:
                continue
            y = y + 0.3
        finally:
            y = y * 1.1
    else:
        y = y * y
    return y


@right(U, or_refused="S201")
def function_of_a_map_that_the_loop_assigns(u):
    f, s = np.sin, 0.0
    for y in map(f, u):
        s += y * y
        f = np.cos
    return s


@right(U)
def keys_that_are_numbers(u):
    found = {}
    for i, x in enumerate(u):
        found[i * 2] = x * x
    return sum(k * v for k, v in found.items())


@right(U)
def keys_that_are_numbers_in_a_loop(u):
    found = {k: x for k, x in zip([3, 4], u)}
    s = 0.0
    for k, v in found.items():
        s += k * v * v
    for k in found:
        s += k * found[k]
    return s


# -------------------------------------------------------------------- iterators, views


@right(U, or_refused="S301")
def held_while_a_loop_changes_it(u):
    w = u * 1.0
    it = iter(w)
    a = next(it)
    for part in (w,):
        part[1] = part[0] * 3
    return a * next(it)


@right(U, or_refused="S301")
def held_while_a_view_changes_it(u):
    w = u * 1.0
    whole = w[...]
    it = iter(w)
    a = next(it)
    whole[1] = u[3] * 3
    return a * next(it)


@right(U, or_refused="S301")
def held_while_a_declared_name_changes_it(u):
    w = u * 1.0
    other: np.ndarray = w
    it = iter(w)
    a = next(it)
    other[1] = u[3] * 3
    return a * next(it)


@right(U, or_refused="S301")
def view_that_is_another_name_of_one(u):
    a = u * 1.0
    v = a[1:]
    w = v
    v *= 2
    return np.sum(a * a) if w is v else np.sum(a)


# -------------------------------------------------------- variables of outer functions


@right(U, or_refused="S201")
def writer_called_where_its_variable_is_hidden(u):
    x = u[0]

    def scaled(k):
        nonlocal x
        x = x * k
        return x

    def inner(x):
        return scaled(x) + x

    return inner(u[1]) + x * 10


@right(U, or_refused="S201")
def writer_called_in_a_comprehension_that_hides_its_variable(u):
    x = u[0]

    def scaled(k):
        nonlocal x
        x = x * k
        return x

    return sum([scaled(x) for x in u]) + x * 10


@right(U)
def reader_called_by_a_writer(u):
    x = u[0]

    def square():
        return x * x

    def more():
        return square() + x

    def scaled(k):
        nonlocal x
        x = x * k
        return more() + square()

    return scaled(u[1]) + x * 10 + more()


@right(U, or_refused="S201")
def lambda_called_by_a_writer(u):
    x = u[0]
    square = lambda: x * x  # noqa: E731

    def scaled(k):
        nonlocal x
        x = x * k
        return square()

    return scaled(u[1]) + x


@right(U, or_refused="S201")
def reader_passed_to_a_writer(u):
    x = u[0]

    def square():
        return x * x

    def scaled(f):
        nonlocal x
        x = x * u[1]
        return f()

    return scaled(square) + x


@right(U, or_refused="S201")
def computed_default_beside_what_is_caught(u):
    def f(a, e=u[3], *rest):
        return a * e + sum(rest)

    return f(u[0], 2.0) + f(u[2], 1.0, u[1])


# ------------------------------------------------------------------- cached functions


@functools.lru_cache
def ones(n):
    return [1.0] * n


@functools.lru_cache
def said(n):
    print("once")
    return n * 2.0


@functools.cache
def weights(n):
    return np.arange(n) * 0.3 + 1


@functools.cache
def fibonacci(n):
    return 1.0 if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@right(0.7, or_refused="S301")
def cached_list_that_changes(x):
    first = ones(3)
    first[0] = first[0] * x
    y = ones(3)[0] * x
    first[0] = 1.0
    return y


@right(0.7, or_refused="S201")
def cached_effect(x):
    said.cache_clear()
    return x * said(2) * said(2)


@right(U)
def cached_values(u):
    return np.sum(u * weights(4)) * fibonacci(4)


# ------------------------------------------------------------- what a caller still sees


def added(a, x):
    try:
        if x < 10:
            raise ValueError
    finally:
        a += x


def change_in_a_finally_that_the_caller_sees(u):
    w = u * 1.0
    try:
        added(w, u[1])
    except ValueError:
        pass
    return np.sum(w * w)


@right.parametrize()
def test_order(case):
    check_case(case)


def test_refused():
    check_refused(
        change_in_a_finally_that_the_caller_sees, U, code="S201", at="a += x", modes=("jvp", "vjp"), kinds=(True,)
    )
