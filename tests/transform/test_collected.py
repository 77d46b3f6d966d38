"""Deques, dicts with defaults, counters, and what is taken from views of dicts."""

from collections import Counter, defaultdict, deque
from dataclasses import replace

import numpy as np
import pytest

from tests.checking import Examples, check_case, check_refused
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.4, 0.1, -0.3])


# ---------------------------------------------------------------------- deques


@right(0.4, 5)
def window(x, n):
    recent = deque(maxlen=3)
    s = 0.0
    for k in range(n):
        recent.append(np.sin(x * k))
        s = s + sum(recent) * x
    return s * len(recent)


@right(0.4, 0.3)
def queue(x, y):
    waiting = deque([x, y])
    s = 0.0
    while waiting:
        v = waiting.popleft()
        s = s + v * v
        if s < 0.2:
            waiting.append(v * x)
    return s


@right(0.4, 0.3)
def both_ends(x, y):
    q = deque()
    q.append(x)
    q.appendleft(y * x)
    q.append(y)
    a = q.pop()
    b = q.popleft()
    q.extend([a, b])
    q.extendleft([a * b, a])
    return a * b * q[0] * q[-1] + len(q) * q[2]


@right([0.4, 0.3, 0.2], unless_known="S301")
def turned(xs):
    q = deque(xs)
    q.rotate(1)
    first = q[0]
    q.rotate(-2)
    return first * q[0] ** 2 * q[1]


@right([0.4, 0.3, 0.2], 2)
def last_ones(xs, n):
    q = deque(xs, maxlen=n)
    q.appendleft(xs[1] * xs[2])
    s = 0.0
    for v in q:
        s = s * v + v
    q.clear()
    q.append(s)
    return s * q[-1]


@right([0.4, 0.3, 0.2], unless_known="S202")
def taken_and_put_back(xs):
    q = deque(xs)
    for _ in range(4):
        q.append(q.popleft() * q[0])
    return sum(q)


def smoothed(xs, most):
    recent = deque(maxlen=most)
    done = []
    for v in xs:
        recent.append(v * v)
        done.append(sum(recent) / len(recent))
    return done


@right(X)
def in_a_callee(x):
    return np.sum(np.array(smoothed(x, 2)) * x)


@right(0.4, -0.2)
def in_a_branch(x, y):
    s = x
    if x > 0:
        q = deque([x, y])
        if y > 0:
            q.appendleft(x * y)
        s = q.popleft() * q.pop()
    return s * y


@right(0.4)
def nothing_in_it(x):
    q = deque(maxlen=2)
    for v in q:
        x = x * v
    return x * x if not q else x


# ---------------------------------------------------------- dicts with defaults


@right(0.4, 0.3, or_refused="S301")
def sums_by_key(x, y):
    total = defaultdict(float)
    for key, v in (("a", x), ("b", y), ("a", x * y)):
        total[key] += v
    return total["a"] * total["b"] + total["c"]


@right([0.4, 0.3, 0.2, 0.7])
def sums_by_number(xs):
    total = defaultdict(float)
    for k, v in enumerate(xs):
        total[k % 2] += v * v
    return total[0] * total[1] * len(total)


@right([0.4, 0.3, 0.2, 0.7], or_refused="S301")
def lists_by_number(xs):
    groups = defaultdict(list)
    for k, v in enumerate(xs):
        groups[k % 2].append(v)
    return sum(groups[0]) * groups[1][0]


@right([0.4, 0.3, 0.2, 0.7])
def values_and_items(xs):
    total = defaultdict(float)
    for k, v in enumerate(xs):
        total[k % 3] += v * v
    product = 1.0
    for _, v in total.items():
        product = product * v
    return product


@right(0.4, 0.7, or_refused="S301")
def when_a_key_is_added(a, b):
    total = defaultdict(float)
    total["x"] += a * len(total)
    s = len(total) * a
    s = s + total["y"] * len(total)
    return s + total["x"] * len(total) * b


@right(0.4, 0.7, or_refused="S301")
def a_counter_that_sees_itself(a, b):
    count = Counter()
    count["x"] += a * (len(count) + 1)
    return count["x"] * b * len(count)


@right(0.4)
def counts(x):
    count = defaultdict(int)
    for letter in "abca":
        count[letter] += 1
    return count["z"] * x + sum(v * x**v for v in count.values())


@right([0.4, 0.3, 0.2, 0.7], or_refused="S301")
def a_counter_of_active_values(xs):
    count = Counter()
    for k, v in enumerate(xs):
        count[k % 2] += v
    return count[0] * count[1] + count[7]


@right(0.4)
def a_counter_of_letters(x):
    count = Counter("abracadabra")
    return count["a"] * x * x + count["z"]


@right(X)
def arrays_by_default(x):
    total = defaultdict(lambda: np.zeros(3))
    for k in range(4):
        total[k % 2] = total[k % 2] + x * k
    return np.sum(total[0] * total[1])


# ------------------------------------------------------------- views of dicts


@right({"a": 0.4, "b": 0.7}, 0.3, unless_known="S204")
def functions_of_values(d, x):
    return sum(d.values()) * x * max(d.values()) + list(d.values())[-1] * sorted(d.values(), reverse=True)[1]


@right([0.4, 0.3, 0.2])
def counted_by_get(xs):
    d = {}
    for k, v in enumerate(xs):
        d[k % 2] = d.get(k % 2, 0.0) + v * v
    return d[0] * d[1]


def increase(d, key, value):
    d[key] = d.get(key, 0.0) + value


@right([0.4, 0.3, 0.2])
def filled_by_a_callee(xs):
    d = {}
    for k, v in enumerate(xs):
        increase(d, k % 2, v * v)
    return d[0] * d[1]


@right(np.array([0.4, 0.3, 0.2, 0.7]))
def nodes_seen_before(x):
    neighbours, order, waiting = [[1, 2], [3], [3], []], [], [0]
    seen = set()
    while waiting:
        i = waiting.pop()
        if i in seen:
            continue
        seen.add(i)
        order.append(i)
        waiting.extend(neighbours[i])
    s = 1.0
    for i in order:
        s *= x[i]
    return s * len(seen)


@right(X)
def pairs_seen_before(x):
    seen = set()
    s = 0.0
    for i in range(3):
        for j in range(3):
            if (j, i) not in seen and i != j:
                seen.add((i, j))
                s += x[i] * x[j] * len(seen)
    return s if seen else x[0]


@right([0.4, 0.3, 0.5, 0.2])
def values_seen_before(xs):
    seen = set()
    s = 0.0
    for v in xs:
        if v in seen:
            continue
        seen.add(v)
        s += v**2
    return s


@right.parametrize()
def test_derivative(case):
    check_case(case)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=lambda case: case.function.__name__)
def test_second_order(case):
    check_second_order(replace(case, or_refused="S301"))


def returned(x):
    q = deque([x])
    q.append(x * x)
    return q


def total_of(q):
    return sum(q)


def seen_before(x):
    total = defaultdict(float)
    total["x"] += x
    return len(total) * x + total["y"] * total["x"]


def passed_on(x):
    q = deque([x])
    q.append(x * x)
    return total_of(q)


def run_over(x):
    seen = set()
    seen.add(1)
    seen.add(0)
    for i in seen:
        x = x[i] * x
    return x[0]


def unpacked(x):
    seen = set()
    seen.add(*[1])
    return x[0] if 1 in seen else x[1]


@pytest.mark.parametrize("function", [returned, passed_on])
def test_what_leaves_the_function_is_refused(function):
    check_refused(function, 0.4, code="S301", at="q.append(x * x)", modes=("jvp", "vjp"))


def test_a_set_that_is_run_over_is_refused():
    check_refused(run_over, X, code="S301", at="seen.add(1)", modes=("jvp", "vjp"))


def test_arguments_of_a_set_given_by_a_star_are_refused():
    check_refused(unpacked, X, code="S301", at="seen.add(*[1])", modes=("jvp", "vjp"))


def test_what_is_added_in_between_is_refused():
    check_refused(seen_before, 0.4, code="S204", at='total["y"]', modes=("jvp",), kinds=(True,))


def test_a_mistake_stays_one():
    from s2sad import grad

    def empty(x):
        q = deque()
        q.append(x)
        return q.popleft() * q.popleft()

    with pytest.raises(IndexError):
        grad(empty)(0.4)
