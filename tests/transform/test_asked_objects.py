"""What is asked of objects: of which class they are, whether they are the same, which attributes they have."""

import collections.abc
import dataclasses
import itertools
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest

import s2sad
from tests.checking import Examples, check_case, check_refused
from tests.second_order import check_second_order

right = Examples()


class Point:
    def __init__(self, x, y=1.0):
        self.x = x
        self.y = y


class Place(NamedTuple):
    x: float


@dataclass
class Made:
    x: float
    y: float = field(init=False, default=1.0)

    def __post_init__(self):
        self.x = self.x * 2


@dataclass
class Named:
    a: float
    b: float = field(default=3.0, kw_only=True)
    c: float = 9.0

    def total(self):
        return self.a + 2 * self.b + 5 * self.c * self.a


class Gone:
    def __init__(self, x):
        self.x = x

    def __del__(self):
        pass


@right(0.4)
def of_a_class_among_others(a):
    p = Point(a)
    place = Place(a)
    s = a * a if isinstance(p, (int, Point)) else a
    s += p.x if isinstance(p, object) else 0.0
    s *= a if isinstance(place, (list, tuple)) else 1.0
    return s if isinstance(p, (tuple, Place)) else s * a


@right(0.4)
def replaced_with_what_the_constructor_makes(a):
    p = Made(a)
    p.y = 5 * a
    q = dataclasses.replace(p, x=a * a)
    return q.x * q.y + p.y


@right(0.4)
def given_by_name_alone(a):
    return Named(a, a * 2, b=a * 3).total() * a


@right(0.4)
def equal_to_itself_alone(a):
    p, q = Point(a), Point(a)
    r = p
    s = 7.0 if p == q else a
    s *= a if r == p else 3.0
    return s * (a if p != q else 1.0)


class Squared:
    def __init__(self, x):
        self.x = x

    @property
    def twice(self):
        return self.x * 2

    @twice.setter
    def twice(self, v):
        self.x = v * v

    def grow(self):
        self.x = self.x * 3
        return self


@right(0.4)
def property_beside_others(a):
    p = Squared(a)
    x = p.x
    p.x, x, p.twice = x * 2, p.x * 3, p.x * 5
    return p.x + 10 * x


@right.parametrize()
def test_first_order(case):
    check_case(case)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=lambda case: case.function.__name__)
def test_second_order(case):
    check_second_order(case)


def test_an_argument_given_twice():
    def same(p, q, a):
        return a * p.x if p is q else a * a * p.x

    p = Point(2.0)
    assert s2sad.grad(same, wrt="a")(p, p, 3.0) == 2.0
    assert s2sad.grad(same, wrt="a")(p, Point(2.0), 3.0) == 12.0


class Counting:
    def __init__(self, x):
        self.x = x
        self.k = 0

    @property
    def next(self):
        self.k += 1
        return self.k


def index_that_changes_the_value(a):
    c = Counting(a)
    ys = [0.0] * 3
    ys[c.next] = c.k * a + 1
    return ys[1] * 3 * a + c.k * a


def test_values_come_before_their_places():
    assert s2sad.value_and_grad(index_that_changes_the_value)(0.5) == (2.0, 4.0)


def targets_that_change(a):
    c = Counting(a)
    ys = [0.0] * 3
    ys[c.k], ys[c.next] = a, 2 * a
    return ys[0]


def not_reached(a):
    c = Counting(a)
    return a if 5 < c.next < c.next else a * c.k


def told_by_its_address(a):
    p, q = Point(a), Point(a)
    return a if id(p) == id(q) else a * a


def said_by_what_changes(a):
    p = Squared(a)
    assert p.x < 3, p.grow().x
    return p.x


def callable_object(a):
    p = Point(a)
    return a if isinstance(p, collections.abc.Callable) else a * a


def one_of_two(a):
    p, q = Point(a), Point(a * 2)
    o = p if a > 0.1 else q
    return o.x * (3 if o is p else 5)


def among_objects(a):
    p, q = Point(a), Point(a)
    return a if p in [q, p] else a * a


def asked_whether_assigned(a):
    p = Point(a)
    if a > 0.1:
        p.z = a * 3
    return p.z if hasattr(p, "z") else a


def asked_in_a_loop(a):
    p = Point(a)
    s = 0.0
    for k in range(3):
        s += getattr(p, "z", 7.0)
        p.z = a * k
    return s


def assigned_perhaps(p, a):
    if a > 0.1:
        p.z = a * 3


def asked_behind_a_call(a):
    p = Point(a)
    assigned_perhaps(p, a)
    return p.z if hasattr(p, "z") else a


def replaced_while_run_over(a):
    ps = [Point(a), Point(a * 2)]
    s = 0.0
    for p in ps:
        ps[1] = Point(a * 5)
        s += p.x
    return s


def replacing(ps, a):
    ps[1] = Point(a * 5)


def replaced_by_a_call(a):
    ps = [Point(a), Point(a * 2)]
    s = 0.0
    for k, p in enumerate(ps):
        replacing(ps, a)
        s += p.x * (k + 1)
    return s


def with_an_end_of_its_own(a):
    p = Gone(a)
    return p.x


@pytest.mark.parametrize(
    ("function", "code", "at"),
    [
        (targets_that_change, "S201", "ys[c.next]"),
        (not_reached, "S201", "c.next"),
        (told_by_its_address, "S201", "id(p)"),
        (said_by_what_changes, "S201", "p.grow().x"),
        (callable_object, "S201", "isinstance(p, collections.abc.Callable)"),
        (one_of_two, "S201", "o is p"),
        (among_objects, "S201", "p in [q, p]"),
        (asked_whether_assigned, "S201", 'hasattr(p, "z")'),
        (asked_in_a_loop, "S201", 'getattr(p, "z", 7.0)'),
        (asked_behind_a_call, "S201", 'hasattr(p, "z")'),
        (replaced_while_run_over, "S301", "ps[1]"),
        (replaced_by_a_call, "S301", "replacing(ps, a)"),
        (with_an_end_of_its_own, "S201", "Gone(a)"),
    ],
)
def test_refused(function, code, at):
    check_refused(function, 0.4, code=code, at=at)


# ------------------------------------------- lists under several names, held


def held_under_a_second_name(a):
    x = [a, a * 2]
    y = x
    it = iter(y)
    s = next(it)
    x[1] = a * 5
    return s * next(it)


def held_part_of_a_dict(a):
    d = {"p": [a, a * 2]}
    y = d["p"]
    it = iter(y)
    s = next(it)
    d["p"][1] = a * 5
    return s * next(it)


def held_attribute(a):
    p = Point([a, a * 2])
    y = p.x
    it = iter(y)
    s = next(it)
    p.x[1] = a * 5
    return s * next(it)


def cycled_and_longer(a):
    xs = [a, a * 2]
    s = 0.0
    for v in itertools.cycle(xs):
        s += v
        xs.append(a * a)
        if s > 5:
            return s


def cycled_under_a_second_name(a):
    xs = [a, a * 2]
    ys = xs
    s = 0.0
    for y, v in zip([1.0, 2.0], itertools.cycle(xs)):
        s += v * y
        ys[1] = ys[1] * 3
    return s


def cycled_as_they_come(a):
    log = []

    def noted(v):
        log.append(v)
        return v * a

    s = 0.0
    for v in itertools.cycle(map(noted, [1.0, 2.0])):
        s += v
        if s > 0.1:
            return s * len(log)


@pytest.mark.parametrize(
    ("function", "code", "at"),
    [
        (held_under_a_second_name, "S301", "x[1] = a * 5"),
        (held_part_of_a_dict, "S301", 'd["p"][1] = a * 5'),
        (held_attribute, "S301", "p.x[1] = a * 5"),
        (cycled_and_longer, "S201", "xs"),
        (cycled_under_a_second_name, "S201", "xs"),
        (cycled_as_they_come, "S201", "map(noted, [1.0, 2.0])"),
    ],
)
def test_refused_as_it_may_change(function, code, at):
    check_refused(function, 0.4, code=code, at=at)
