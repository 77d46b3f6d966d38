"""Loops over objects of classes with `__iter__`, and over methods that are generators."""

import numpy as np
import pytest

from tests.checking import Examples, check_case, check_refused, label
from tests.second_order import check_second_order

right = Examples()


class Particle:
    def __init__(self, x, m):
        self.x = x
        self.m = m

    def cost(self, a):
        return (self.x - a) ** 2 * self.m


class Box:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        return iter(self.items)


class Pair:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    def __iter__(self):
        return iter((self.b, self.a))


class Ramp:
    """It yields what it has at that time."""

    def __init__(self, a, n):
        self.a = a
        self.n = n

    def __iter__(self):
        for k in range(self.n):
            yield self.a * k

    def talking(self):
        for k in range(self.n):
            print("yields", k)
            yield self.a * k

    def until(self, limit, step=2.0):
        value = self.a
        while True:
            if value > limit:
                return
            yield value
            value = value * step

    def scaled(self, x):
        def term(k):
            return self.a * k * x

        yield term(1)
        yield sum(map(lambda k: term(k) * x, range(self.n)))

    def of_terms(self, x):
        yield from map(lambda k: self.a * k * x, range(self.n))


class Tree:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right

    def __iter__(self):
        if self.left is not None:
            yield from self.left
        yield self.value
        if self.right is not None:
            yield from self.right


class Flock:
    def __init__(self, n, x):
        self.particles = []
        for k in range(n):
            self.particles.append(Particle(x * k, 1.0 + k))

    def __iter__(self):
        yield from self.particles

    def heavy(self, limit):
        for p in self.particles:
            if p.m > limit:
                yield p


class Series:
    def __init__(self, x):
        self.x = x

    def __iter__(self):
        k = 0
        while True:
            yield self.x**k
            k += 1

    def total(self):
        total = 0.0
        for term in self:
            total += term
            if term < 0.1:
                break
        return total


@right(0.7)
def over_what_it_holds(x):
    total = 0.0
    for v in Box([x, 2 * x, x * x]):
        total = total * x + v * v
    return total


@right(0.7)
def over_its_attributes(x):
    for v in Pair(x, 2.0):
        x = x * v
    return x


@right(0.7)
def over_no_elements(x):
    total = x * x
    for v in Box([]):
        total = total * v
    return total


@right(0.7)
def over_an_array(x):
    total = 0.0
    for v in Box(np.array([x, 2 * x]) * x):
        total = total + v * v
    return total


@right(0.7)
def twice_at_the_same_time(x):
    box = Box([x, 2 * x])
    total = 0.0
    for u in box:
        for v in box:
            total = total + u * v * v
    return total


@right(0.7)
def objects_that_it_holds(x):
    total = 0.0
    for p in Box([Particle(x, 1.0), Particle(x * x, 2.0)]):
        total = total * x + p.cost(0.3)
    return total


@right(0.7)
def comprehensions(x):
    box = Box([x, 2 * x, x * x])
    return sum(v * v for v in box) + sum([v for v in box if v > 1])


def first_above(box, x):
    for v in box:
        if v > 1:
            return v * x
    return x


@right(0.7)
def left_by_return_in_a_callee(x):
    return first_above(Box([x, 2 * x, x * x]), x) + first_above(Box([x]), x)


@right(0.7, True)
@right(0.7, False)
def in_a_branch(x, flag):
    box = Box([x, 2 * x])
    total = x
    if flag:
        for v in box:
            total = total * v
    return total


@right(0.7, 4)
@right(0.7, 0)
def yields_elements(x, n):
    total = x
    for v in Ramp(x * x, n):
        total = total + v * x
    return total


@right(0.7)
def sees_what_the_loop_changes(x):
    ramp = Ramp(x, 4)
    total = 0.0
    for k, v in enumerate(ramp, 1):
        total = total + k * v * x
        ramp.a = ramp.a * 2
    return total * ramp.a


@right(0.7)
def effects_in_turn(x):
    total = 0.0
    for v in Ramp(x, 3).talking():
        print("takes", v)
        total = total + v * x
    return total


@right(0.7, 5.0)
@right(0.7, 0.0)
def method_with_defaults_left_early(x, limit):
    total = x
    for v in Ramp(x, 0).until(limit):
        total = total * v
        if total > 2.0:
            break
    else:
        total = total * x
    return total


@right(0.7)
def functions_inside_of_a_method(x):
    ramp = Ramp(x, 4)
    total = x
    for v in ramp.scaled(x):
        total = total + v * x
        ramp.a = ramp.a * x
    for v in ramp.of_terms(x):
        total = total + v * x
        if total > 2.5:
            break
    return total


@right(0.7)
def tree(x):
    total = 0.0
    for v in Tree(x, Tree(x * x), Tree(2 * x, Tree(x**3))):
        total = total * x + v
    return total


@right(0.7)
def tree_left_early(x):
    total = 0.0
    for v in Tree(x, Tree(x * x), Tree(2 * x, Tree(x**3))):
        total = total * x + v
        if total > 1:
            break
    return total


@right(0.7, 3)
@right(0.7, 0)
def lists_of_objects(x, n):
    flock = Flock(n, x)
    total = 0.0
    for p in flock:
        p.x = p.x + x * x
    for k, p in enumerate(flock):
        total = total + p.cost(x * k)
    return total


@right(0.7, 4)
def some_of_a_list_of_objects(x, n):
    flock = Flock(n, x)
    total = 0.0
    for p in flock.heavy(1.5):
        p.x = p.x * 2
        total = total + p.cost(x)
        if total > 3:
            break
    return total + flock.particles[0].x + flock.particles[2].x


@right(0.7)
def all_elements(x):
    ramp = Ramp(x * x, 3)
    return sum(ramp) * x + max(ramp) + list(ramp)[-1] * x + sum(Tree(x, Tree(x * x), Tree(2 * x)), x)


def talking(x):
    print("called")
    return x * x


@right(0.7)
def all_elements_in_pythons_order(x):
    ramp = Ramp(x * x, 3)
    y = talking(x) + x * sum(ramp.talking()) * ramp.a * talking(2 * x)
    print("after")
    return y * y


@right(0.7)
def all_elements_as_an_argument(x):
    return Particle(x, 2.0).cost(sum(Box([x, x * x])))


@right(0.7)
def all_elements_in_a_loop(x):
    total = 0.0
    for n in range(3):
        total = total + sum(Ramp(x, n).talking()) * x
    return total


@right(0.7)
def over_itself(x):
    return Series(x).total()


@right.parametrize()
def test_right(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


# -------------------------------------------------------------------- refused


class Twice(Box):
    def __iter__(self):
        for v in super().__iter__():
            yield 2 * v


class Asked:
    def __init__(self, x):
        self.x = x

    def __iter__(self):
        return self

    def __next__(self):
        self.x = self.x * 0.5
        if self.x < 0.1:
            raise StopIteration
        return self.x


class Endless:
    """Its parts are as many as one asks for."""

    def __init__(self, x):
        self.x = x

    def __iter__(self):
        yield self.x
        yield from Endless(self.x * 0.5)


def of_another_class(x):
    total = x
    for v in Twice([x, x * x]):
        total = total + v
    return total


def of_its_own_state(x):
    total = x
    for v in Asked(x):
        total = total + v
    return total


def without_end(x):
    total = x
    for v in Endless(x):
        total = total + v
        if v < 0.1:
            break
    return total


def generator_of_a_method_kept(x):
    values = Ramp(x, 3).talking()
    return sum(values)


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (generator_of_a_method_kept, "Ramp(x, 3).talking()"),
        (of_another_class, "Twice([x, x * x])"),
        (of_its_own_state, "Asked(x)"),
        (without_end, "Endless(self.x * 0.5)"),
    ],
)
def test_refused(function, at):
    check_refused(function, 0.7, code="S201", at=at)
