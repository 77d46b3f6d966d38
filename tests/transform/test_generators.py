"""Generator functions that a loop, or a function over all elements, runs over."""

import itertools

import numpy as np
import pytest

from tests.checking import Examples, check_case, check_refused, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, 0.8, 1.2])


def powers(x, n):
    for k in range(n):
        yield x**k


def grown(x, n):
    """It changes what it yields."""
    while n > 0:
        if n % 2:
            yield x
        else:
            yield x * n
        x = 1.1 * x
        n = n - 1


def until(x, limit):
    while True:
        if x > limit:
            return
        yield x
        x = x * 1.5


def both(x, n):
    yield x
    yield from powers(x, n)
    yield from [x, 2.0 * x]


def pairs(x, n):
    for k, power in enumerate(powers(x, n)):
        yield k, power * x


def talking(x):
    print("one")
    yield x
    print("two")
    yield x * x


def forever(x):
    while True:
        yield x
        x = x * 0.5


def sent(x):
    y = yield x
    yield y


def rows(x):
    for k in range(x.shape[0]):
        yield x[k] * x


@right(0.7, 4)
def loop(x, n):
    total = 0.0
    for power in powers(x, n):
        total = total * x + power
    return total


@right(0.7, 3)
def sums(x, n):
    return sum(powers(x, n)) * sum(grown(x, n), x)


@right(0.7, 5)
def listed(x, n):
    values = list(grown(x, n))
    return values[0] * values[-1] + tuple(powers(x, 3))[2]


@right(0.7)
def ends_by_return(x):
    total = 0.0
    for value in until(x, 3.0):
        total = total + value * x
    return total


@right(0.7, 3)
def delegates(x, n):
    return sum(both(x, n))


@right(0.7, 3, or_refused="S301")
def of_pairs(x, n):
    total = x
    for k, value in pairs(x, n):
        total = total * (k + value)
    return total


@right(0.7, 3)
def counted(x, n):
    total = 0.0
    for k, value in enumerate(powers(x, n), 1):
        total = total + k * value
    return total


@right(0.7, 4)
def comprehension(x, n):
    return sum([power * k for k, power in enumerate(powers(x, n))]) + sum(p * x for p in powers(x, n))


@right(0.7, 4)
def with_continue(x, n):
    total = 0.0
    for value in grown(x, n):
        if value > 1.0:
            continue
        total = total + value
    return total


@right(0.7, 0)
def zero_rounds(x, n):
    total = x * x
    for power in powers(x, n):
        total = total * power
    return total


@right(X, or_refused="S301")
def of_arrays(x):
    total = np.zeros(3)
    for row in rows(x):
        total = total + row * np.sum(row)
    return np.sum(total)


@right(0.7, 3)
def nested_function(x, n):
    def scaled(y):
        for k in range(n):
            yield k * x * y

    total = 0.0
    for value in scaled(x):
        total = total + value * x
    return total


@right(0.7, 1)
def in_a_branch(x, n):
    if n:
        y = max(powers(x, 3))
    else:
        y = min(powers(x, 3))
    return y * x


@right(0.7)
def effects_of_one_that_is_taken_as_a_list(x):
    total = 0.0
    for value in list(talking(x)):
        print("value")
        total = total + value * x
    return total


@right.parametrize()
def test_right(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


# -------------------------------------------------------------------- refused

refused = []


def refuse(*args, at):
    def collect(function):
        refused.append(pytest.param(function, args, at, id=function.__name__))
        return function

    return collect


@refuse(0.7, at="forever")
def left_by_break(x):
    total = 0.0
    for value in forever(x):
        total = total + value
        if value < 0.1:
            break
    return total


@refuse(0.7, at="forever")
def left_by_return(x):
    for value in forever(x):
        if value < 0.1:
            return value
    return x


@refuse(0.7, at="forever")
def cut_by_zip(x):
    total = 0.0
    for value, _ in zip(forever(x), range(3)):  # noqa: B905
        total = total + value
    return total


@refuse(0.7, at="forever")
def cut_by_islice(x):
    return sum(itertools.islice(forever(x), 3))


@refuse(0.7, at="powers")
def kept(x):
    values = powers(x, 3)
    return sum(values)


@refuse(0.7, at="for value in talking(x):")
def effects_in_between(x):
    total = 0.0
    for value in talking(x):
        print("value")
        total = total + value
    return total


@refuse(0.7, at="yield x")
def takes_what_is_sent(x):
    return sum(sent(x))


@refuse(0.7, at="for value in scaled():")
def reads_what_the_loop_changes(x):
    factor = 1.0

    def scaled():
        for k in range(3):
            yield k * x * factor

    total = 0.0
    for value in scaled():
        factor = factor * value
        total = total + value
    return total


@refuse(X, at="for row in rows(y):")
def reads_what_the_loop_changes_in_place(x):
    y = x * 1.0
    total = 0.0
    for row in rows(y):
        y[0] = 2.0
        total = total + np.sum(row)
    return total


@refuse(X, at="for row in rows(y):")
def reads_what_the_loop_writes(x):
    y = x * 1.0
    total = 0.0
    for row in rows(y):
        np.add(y, row, out=y)
        total = total + np.sum(row)
    return total


def failing(x):
    yield x
    raise ValueError


@refuse(0.7, at="for value in failing(x):")
def fails_between_two_rounds(x):
    total = 0.0
    try:
        for value in failing(x):
            total = total + value
    except ValueError:
        pass
    return total


@pytest.mark.parametrize(("function", "args", "at"), refused)
def test_refused(function, args, at):
    check_refused(function, *args, code="S201", at=at)
