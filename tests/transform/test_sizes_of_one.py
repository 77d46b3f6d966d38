"""A part whose length a number decides may have one element, which is stretched to what it meets."""

import numpy as np
import pytest

from s2sad.kind import symbol
from tests.checking import Examples, check_case, label
from tests.second_order import check_second_order

right = Examples()
X, Y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.3, -0.2, 0.5, 0.9])


@right(X, Y, 1, wrt=("x", "y"))
@right(X, Y, 4, wrt=("x", "y"))
def first_elements(x, y, n):
    return np.sum(x[:n] * y)


@right(X, Y, 1, wrt=("x", "y"))
def of_what_was_computed(x, y, n):
    z = np.sin(y)
    return np.sum(x[:n] * z)


@right(X, Y, 1, wrt=("x", "y"))
@right(X, Y, 4, wrt=("x", "y"))
def made_of_that_length(x, y, n):
    z = np.ones(n)
    return np.sum(z * y * x[:n])


@right(X, [np.array([2.0])], wrt=("x", "rows"))
@right(X, [np.array([2.0]), np.array([2.0, 1.0, 3.0, 2.0])], wrt=("x", "rows"))
def as_long_as_a_row(x, rows):
    s = 0.0
    for row in rows:
        s += np.sum(row * x[: len(row)] * x)
    return s


@right(X, Y, 2, wrt=("x", "y"))
def as_long_as_a_round_says(x, y, k):
    s = 0.0
    for i in range(1, k):
        s += np.sum(x[:i] * y)
    return s


@right(X[:3], Y, wrt=("x", "y"))
def what_is_left(x, y):
    return np.sum(x[2:] * y[y > 0.2] ** 2)


@right(X, Y, -2.0, wrt=("x", "y"))
def a_rounded_number(x, y, c):
    return np.sum(x[: int(c) + 3] * y[:3])


ROWS = [np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 1.0])]


@right(2.0, ROWS, wrt=("x", "rows"))
def of_the_round_before(x, rows):
    s = 0.0
    for i, row in enumerate(rows):
        if i > 0:
            s += np.sum(before * row[1:] * x)
        before = row[1:] * x
    return s


@right(X, ROWS, wrt=("x", "rows"))
def as_long_as_the_row_before(x, rows):
    s = 0.0
    for i, row in enumerate(rows):
        if i > 1:
            s += np.sum(x[: length - 3] * row)
        length = len(row)
    return s


@right([X[:1], X[:3], X[:2]])
@right([X[:3], X[:1], X[:1]])
def arrays_of_several_lengths(arrays):
    s = 0.0
    before = np.zeros(1)
    for x in arrays:
        now = x * x - np.sum(before)
        s += np.sum(now * x) * np.mean(x)
        before = now
    return s


@right([X[:1], X[:3], X[:2]])
def an_array_that_is_shorter_in_some_rounds(arrays):
    s, before = 0.0, np.ones(3)
    for x in arrays:
        s += np.sum(before) * np.mean(x)
        before = x * s if len(x) > 2 else x[:1] * np.sum(before)
    return s * np.sum(before)


@right(X)
def first_with_all_that_a_function_gives(x):
    s = 0.0
    for i in range(1):
        s += np.mean(x[: i + 1] * np.cumsum(x)) + np.sum(x[: i + 1] * np.array([x[0], x[1], x[2], x[3]]))
        s += np.mean(x[: i + 1] * np.sort(x)[::-1])
    return s


@right(X)
def first_of_two(x):
    z = np.array([x[0], x[1]])
    s = 0.0
    for i in range(2):
        s += np.mean(z[: i + 1]) * x[2] + np.mean(z[: i + 1] * np.array([x[2], x[3]]))
    return s


@right(X[:1])
def as_many_as_rounds(x):
    z = 2.0 * x
    for i in range(len(x)):
        z[:i] *= np.mean(x[: i + 1])
        z[i:] += x[i]
    return np.sum(z**2)


@right(X[:2])
@right(X)
def as_many_as_there_are(x):
    z = np.ones(3) * x[0]
    return np.mean(z[: len(x)]) * x[1]


@right(X, 4.0, wrt="x")
@right(X, 1.0, wrt="x")
def as_many_as_a_float_says(x, end):
    times = np.arange(0.0, end)
    s = times * x[0] + 1
    return np.sum(x * s) * np.mean(s)


@right(X, 4.0, wrt="x")
@right(X, 1.0, wrt="x")
def as_long_as_an_end(x, end):
    return np.sum(x * (np.arange(1.0, end + 1) * x[0]))


@right(X)
def masks_of_two(x):
    z, q = np.array([x[0], x[1]]), np.array([x[2], x[3]])
    p = z[z > 1.5]
    return np.sum(p * q) * np.mean(p) + np.sum(p * q[q > 0.1])


@right(X)
def numbers_that_were_cut_off(x):
    s = 0.0
    z = np.array([x[0], x[1]])
    for i in range(7):
        many = np.ones(i // 5 + 1) * x[0]
        first, _ = np.split(z, [i // 6 + 1])
        s += np.mean(many) * np.sum(many * z) + np.mean(first) * x[2]
    return s


@right(np.linspace(0.3, 1.4, 70))
@right(X)
def blocks(x):
    count = (len(x) + 63) // 64
    sums = np.zeros(count)
    for k in range(count):
        sums[k] = np.sum(x[64 * k : 64 * k + 64] ** 2)
    return np.sum(sums**2) * np.mean(sums)


@right.parametrize()
def test_stretched(case):
    check_case(case)


SIZES_OF_NUMBERS = (blocks, as_many_as_a_float_says, as_long_as_an_end, numbers_that_were_cut_off)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=label(case)) for case in right if case.function in SIZES_OF_NUMBERS]
)
def test_second_order(case):
    check_second_order(case)


def test_no_symbol_is_the_larger_one_in_all_worlds():
    """Where one were, a slice `x[:n]` would be as long as `x`, or as long as `n`, whatever they are."""
    symbols = [symbol(index) for index in range(336)]
    assert len(set(symbols)) == len(symbols)
    for size in symbols[:48]:
        for other in symbols:
            if other != size:
                assert any(a < b for a, b in zip(size, other, strict=True))
                assert any(a > b for a, b in zip(size, other, strict=True))
