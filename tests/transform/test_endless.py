"""Loops over `itertools.count`, `cycle` and `repeat`, which end by what stands in them."""

import itertools

import numpy as np
import pytest

from tests.checking import Examples, check_case, check_refused, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, 0.5, 0.7])


@right(2.5, 3)
def counted(x, n):
    out = 0.0
    for j in itertools.count():
        out += x / (j + 1)
        if j > n:
            break
    else:
        out = -1.0
    return out**2 * j


@right(2.5, 3)
def counted_by_two_to_a_return(x, n):
    out = 0.0
    for j in itertools.count(1, 2):
        if j % 3 == 0:
            continue
        out += x / (j + 1)
        if j > n:
            return out * x


@right(2.5, 0.5)
def counted_by_what_is_differentiated(x, h):
    out = 0.0
    for t in itertools.count(h, step=h):
        out += x * t
        if t > 2.2:
            break
    return out**2


@right(2.5, 3)
def in_a_loop(x, n):
    out = 0.0
    while n:
        n -= 1
        if n % 2:
            continue
        for j in itertools.count():
            out += x / (j + 1)
            if j > n:
                break
    return out**2


@right(X, 7)
@right(np.array([[0.3, 0.5], [0.7, 0.1]]), 5)
def in_turn(x, n):
    s = 1.0
    for v in itertools.cycle(x):
        s = s * v + 1
        n -= 1
        if not n:
            break
    return np.sum(s**2)


@right(0.7, [1.0, 2.0])
@right(0.7, [])
def in_turn_or_nothing(x, scales):
    for s in itertools.cycle(scales):
        x = x * s - 0.1
        if x > 3:
            break
    else:
        x = x * 2
    return x * x


@right(0.7)
def again_and_again(x):
    for s in itertools.repeat(x * x):
        x = x + s
        if x > 3:
            break
    return x


@right(X)
def beside_others(x):
    s = 0.0
    for i, v in zip(itertools.count(2), x):
        s += i * v**2
    for v, w in zip(x, itertools.cycle([1.0, 2.0])):
        s += v * w
    for u, v, w in zip(x, itertools.cycle(x[:2]), x[::-1]):
        s += u * v * w
    return s


@right(X)
def in_a_generator(x):
    def terms():
        for k in itertools.count():
            yield k * x[k % 3]

    s = 0.0
    for v in terms():
        s += v**2
        if s > 1:
            break
    return s


@right.parametrize()
def test_first_order(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


def three_at_once(x):
    s = 0.0
    for i, v, w in zip(itertools.count(2), x, x[::-1]):
        s += i * v**2 * w
    return s


def numbered_in_turn(x):
    s = 0.0
    for k, (v, w) in enumerate(zip(x, itertools.cycle([1.0, 2.0]))):
        s += v * w * k
    return s


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (three_at_once, "zip(itertools.count(2), x, x[::-1])"),
        (numbered_in_turn, "zip(x, itertools.cycle([1.0, 2.0]))"),
    ],
)
def test_refused(function, at):
    check_refused(function, X, code="S201", at=at)
