"""Loops with checkpoints: the derivatives of the plain loops, in memory that does not grow with the rounds."""

import tracemalloc
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

import s2sad
from s2sad.errors import DifferentiationError
from s2sad.rules import helpers
from tests.checking import Examples, check_case, label
from tests.second_order import check_second_order

right = Examples()
U = np.array([0.3, -0.8, 1.1, 0.4])


@right(U, 0.1, 7)
def one_state(u, k, n):
    for _ in range(n):  # s2sad: checkpoint(2)
        u = u + k * np.sin(u) * u
    return np.sum(u**2)


@right(U, 0.1, 9)
def two_states_and_the_round(u, k, n):
    total = 0.0
    for i in range(1, n):  # s2sad: checkpoint(3)
        t = np.sin(u) * u
        u = u + k * t
        total = total + i * np.sum(t)
    return np.sum(u) * total


@right(U, 3)
def number_beside_an_array(u, n):
    a = u * 1.0
    s = 1.0
    for k in range(n):  # s2sad: checkpoint(1)
        a[k] = a[k + 1] * s
        s = s + np.sum(a * a) * 0.1
    return np.sum(a * u) * s


@right(U, 0)
@right(U, 1)
def few_rounds(u, n):
    # s2sad: checkpoint
    for i in range(n):
        u = u * np.cos(u) + i
    return np.sum(u)


@right(U, 3)
def computed_bounds(u, n):
    for _ in range(n - 1, 2 * n + 1):  # s2sad: checkpoint
        u = np.sin(u)
    return np.sum(u)


@right(0.7, 5)
def branch_in_a_round(x, n):
    y = x
    for i in range(n):  # s2sad: checkpoint(1)
        if i % 2 == 0:
            y = y * np.sin(x)
        else:
            y = y + x
    return y


@right(0.7, 5)
def rounds_cut_short(x, n):
    y = x
    for i in range(n):  # s2sad: checkpoint(2)
        y = y * np.sin(x)
        if i == 3:
            if y > 2.0:
                continue
            y = y * 3
        y = y + x
    return y


@right(U, 2)
def loop_in_a_loop(u, n):
    for _ in range(n):
        s = np.sum(u)
        for _ in range(3):  # s2sad: checkpoint(1)
            u = u + 0.1 * s * np.sin(u)
    return np.sum(u)


def advanced(u, n):
    for _ in range(n):  # s2sad: checkpoint(2)
        u = u * np.exp(-0.1 * u)
    return u


@right(U)
def in_a_function(u):
    return np.sum(advanced(u, 5) ** 2) + advanced(u, 2)[0]


@right(U, 4, or_refused="S301")
def in_place(u, n):
    u = u.copy()
    total = 0.0
    for _ in range(n):  # s2sad: checkpoint(2)
        u[1:-1] += 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2]) * u[1:-1]
        total += u[1]
    return np.sum(u) * total


@right(U, 4, or_refused="S301")
def buffers(u, n):
    old, new = u.copy(), np.zeros_like(u)
    for _ in range(n):  # s2sad: checkpoint
        new[1:-1] = old[2:] * old[:-2]
        new[0] = np.sin(new[1])
        old, new = new, old
    return np.sum(old)


@right(U, 4, unless_known="S301")
def swapped_and_changed(u, n):
    a, b = u * 1.0, u * 2.0
    for _ in range(n):  # s2sad: checkpoint(1)
        b[1:] = a[:-1] * u[0]
        a, b = b, a
        b[1:] += a[:-1] * u[1]
    return np.sum(a * b)


@right(U, 5)
def rotated(u, n):
    a, b, c = u * 1.0, u * 2.0, u * u
    for _ in range(n):  # s2sad: checkpoint(1)
        c[1:] = a[:-1] * b[0] + c[1:] * u[1]
        a, b, c = b, c, a
    return np.sum(a * b * c)


@right(U, 5)
def swapped_in_a_branch(u, n):
    a, b = u * 1.0, u * 2.0
    for i in range(n):  # s2sad: checkpoint(1)
        b[1:] = a[:-1] * u[0]
        if i % 2:
            t = a
            a = b
            b = t
    return np.sum(a * b)


@right(U, 5, unless_known="S301")
def swapped_in_a_loop(u, n):
    a, b = u * 1.0, u * 2.0
    for _ in range(n):  # s2sad: checkpoint(2)
        for j in range(3):
            b[1:] = a[:-1] * u[0] + u[j]
            a, b = b, a
    return np.sum(a * b)


def stepped(a, b, k):
    b[1:] = a[:-1] * k


def stepped_back(a, b, k):
    b[1:] = a[:-1] * k
    return b, a


@right(U, 4)
def changed_by_a_function(u, n):
    a, b = u * 1.0, u * 2.0
    for _ in range(n):  # s2sad: checkpoint(1)
        stepped(a, b, u[0])
        a = b * a
    return np.sum(a * b)


@right(U, 4)
def swapped_by_a_function(u, n):
    a, b = u * 1.0, u * 2.0
    for _ in range(n):  # s2sad: checkpoint(1)
        a, b = stepped_back(a, b, u[0])
    return np.sum(a * b)


@right(U, 5, wrt="u")
def names_that_the_schedule_uses(u, n):
    at, starts, middle = 2, 0.5, u * u
    for _ in range(n):  # s2sad: checkpoint(2)
        u = u + 0.1 * starts * np.sin(middle) * at
    return np.sum(u)


@right(0.1 * U, 3, unless_known="S301")
def seen(u, n):
    u = u.copy()
    view = u[1:]
    for _ in range(n):  # s2sad: checkpoint
        u[1:-1] += u[1:-1] ** 2
    return np.sum(u) * np.sum(view)


@right.parametrize()
def test_derivatives(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


def large(u, n):
    for _ in range(n):  # s2sad: checkpoint(5)
        u = u + 0.01 * np.sin(u)
    return np.sum(u)


def test_memory_is_that_of_the_snapshots():
    u = np.linspace(0, 1, 10_000)
    gradient = s2sad.grad(large)
    gradient(u, 2)
    tracemalloc.start()
    gradient(u, 100)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Snapshots, adjoints and one round; the plain loop saves 200 arrays.
    assert peak < 12 * u.nbytes


def test_rounds_are_run_as_often_as_the_schedule_says():
    ahead = helpers.functions()["_ahead"]

    @lru_cache
    def best(rounds, snapshots):
        if rounds <= 1 or snapshots == 0:
            return rounds * (rounds - 1) // 2
        ways = (k + best(rounds - k, snapshots - 1) + best(k, snapshots) for k in range(1, rounds))
        return min(ways)

    @lru_cache
    def done(rounds, snapshots):
        if rounds <= 1:
            return 0
        k = ahead(rounds, snapshots)
        return k + done(rounds - k, max(snapshots - 1, 0)) + done(k, snapshots)

    for rounds in range(1, 60):
        for snapshots in range(7):
            assert done(rounds, snapshots) == best(rounds, snapshots)


def plain(u, n):
    for _ in range(n):  # s2sad: checkpoint(3)
        u = u + 0.01 * np.sin(u)
    return np.sum(u)


@pytest.mark.parametrize("rounds", [0, 1, 2, 5, 40, 100])
def test_rounds_that_the_generated_code_runs(rounds):
    """As the schedule says, and never with more states than it may keep."""
    gradient = s2sad.grad(plain)
    gradient(U, rounds)
    space = {}
    exec(gradient.source, space)
    ahead = space["_ahead"]
    run = space["plain_rounds"]
    count = 0

    def counted(u, first, last):
        nonlocal count
        count += last - first
        return run(u, first, last)

    space["plain_rounds"] = counted
    assert np.allclose(space["plain_grad"](U, rounds), s2sad.grad(unremarked)(U, rounds))

    def again(rounds, snapshots):
        if rounds <= 1:
            return 0
        k = ahead(rounds, snapshots)
        return k + again(rounds - k, snapshots - 1) + again(k, snapshots)

    assert count == rounds + again(rounds, 3)


def unremarked(u, n):
    for _ in range(n):
        u = u + 0.01 * np.sin(u)
    return np.sum(u)


def test_ten_thousand_rounds_with_twenty_snapshots():
    """Snapshots, adjoints and one round: within one and a half of what the snapshots take."""
    u = np.linspace(0, 1, 2000)
    gradient = s2sad.grad(twenty, wrt=("u", "c"))
    gradient(u, 0.01, 2)
    tracemalloc.start()
    gradient(u, 0.01, 10_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.5 * 20 * u.nbytes


def twenty(u, c, n):
    for _ in range(n):  # s2sad: checkpoint(20)
        u = u + c * np.sin(u)
    return np.sum(u**2)


@pytest.mark.parametrize("f", [in_place, buffers])
def test_arrays_in_place_are_differentiated_where_kinds_are_known(f):
    check_case(replace(next(case for case in right if case.function is f and case.known), or_refused=""))


def while_loop(x):
    for y in [x, x]:  # s2sad: checkpoint
        x = x * y
    return x


def misspelt(x):
    for _ in range(3):  # s2sad: chekpoint
        x = x * x
    return x


def no_value_before(x):
    for i in range(3):  # s2sad: checkpoint
        y = x * i
    return y


def noisy(x):
    for _ in range(3):  # s2sad: checkpoint
        print("round")
        x = x * x
    return x


rng = np.random.default_rng(0)


def random(x):
    for _ in range(3):  # s2sad: checkpoint
        x = x * rng.normal()
    return x


def grows(x):
    found = []
    for i in range(3):  # s2sad: checkpoint
        found.append(x * i)
    return found[2]


def callers(u, n):
    for _ in range(n):  # s2sad: checkpoint
        u[1:-1] += u[1:-1] ** 2
    return np.sum(u)


def test_what_callers_see_is_not_changed_in_copies():
    with pytest.raises(DifferentiationError, match="S301"):
        s2sad.grad(callers)(U, 3)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (grows, "changes its length"),
        (while_loop, "counted one by one"),
        (misspelt, "chekpoint"),
        (no_value_before, "`y` may have no value"),
        (noisy, "computed again"),
        (random, "computed again"),
    ],
)
def test_refused(f, words):
    with pytest.raises(DifferentiationError, match=words):
        s2sad.grad(f)(1.5)
