"""Objects that a loop looks for: variables that are None at first, rounds over objects that are skipped or left."""

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


class Team:
    def __init__(self, x):
        self.members = [Particle(x, 1.0), Particle(2 * x, 2.0), Particle(x * x, 3.0)]

    def best(self, a):
        best = None
        for p in self.members:
            if best is None or p.cost(a) < best.cost(a):
                best = p
        return best

    def moved_until(self, limit):
        total = 0.0
        for p in self.members:
            p.x = p.x * 1.5
            total = total + p.x
            if total > limit:
                break
        return total


def closest(particles, a):
    best = None
    for p in particles:
        if best is not None and p.cost(a) >= best.cost(a):
            continue
        best = p
    if best is None:
        return a
    return best.x * best.m


@right(0.7)
@right(0.3)
def best_of_a_list(x):
    best = None
    for p in [Particle(x, 1.0), Particle(2 * x, 2.0), Particle(x * x, 3.0)]:
        if best is None or p.cost(0.5) < best.cost(0.5):
            best = p
    return best.x * best.m


@right(0.7)
def best_in_a_callee(x):
    particles = (Particle(x, 1.0), Particle(2 * x, 2.0))
    return closest(particles, x) * closest(particles, x * x)


@right(0.7)
def best_by_a_method(x):
    return Team(x).best(0.4).x


@right(0.7)
def best_again_in_each_round(x):
    particles = [Particle(x, 1.0), Particle(2 * x, 2.0)]
    total = 0.0
    for k in range(3):
        best = None
        for p in particles:
            if best is None or p.cost(0.5 * k) < best.cost(0.5 * k):
                best = p
        total = total + best.x * (k + 1)
    return total


@right(0.7)
def object_and_value(x):
    best = None
    least = None
    for p in (Particle(x, 1.0), Particle(2 * x, 2.0), Particle(x * x, 3.0)):
        value = p.cost(0.4)
        if least is None or value < least:
            best = p
            least = value
    return best.x * least


@right(0.7, 3)
@right(0.7, 0)
def value_in_a_loop(x, n):
    p = Particle(x, 2.0)
    best = None
    for k in range(n):
        value = p.cost(k * 0.2)
        if best is None or value < best:
            best = value
    return x if best is None else best * x


@right(0.7, 0.3, True)
@right(0.7, 0.3, False)
def parameter_that_one_path_forgets(x, y, flag):
    p = Particle(x, 2.0)
    if flag:
        y = None
    if y is None:
        return p.x * x
    return p.x * y


@right(0.7, True)
@right(0.7, False)
def none_in_a_try(x, fails):
    p = Particle(x, 2.0)
    y = None
    try:
        y = p.x * x
        if fails:
            raise ValueError
        y = None
    except ValueError:
        y = y if y is None else y * 2
    return p.x if y is None else y * x


@right(0.7)
def none_again_in_a_while(x):
    p = Particle(x, 2.0)
    y = None
    k = 0
    while k < 3:
        if y is None:
            y = p.x
        else:
            y = y * x
        if k == 1:
            y = None
        k += 1
    return p.x if y is None else y * x


@right(0.7)
def skips_rounds(x):
    total = x
    for p in (Particle(x, 1.0), Particle(2 * x, 2.0)):
        if p.m > 1.5:
            continue
        total = total + p.cost(0.2)
    return total


@right(0.7, 0.1)
@right(0.7, 0.9)
@right(0.7, 1.5)
@right(0.7, 100.0)
def left_by_break(x, limit):
    total = x
    particles = [Particle(x, 1.0), Particle(2 * x, 2.0), Particle(x * x, 1.5)]
    for p in particles:
        p.x = p.x * x
        total = total + p.cost(0.2)
        if total > limit:
            break
    return total * particles[0].x * particles[1].x * particles[2].x * p.x


@right(0.7, 0.1)
@right(0.7, 2.5)
@right(0.7, 100.0)
def left_with_else(x, limit):
    total = x
    for k, p in enumerate([Particle(x, 1.0), Particle(2 * x, 2.0), Particle(x * x, 1.5)]):
        if k == 1 and limit > 2:
            continue
        total = total + p.cost(0.2) * k
        if total > limit:
            break
    else:
        total = total * x
    return total


@right(0.7, 0.1)
@right(0.7, 2.0)
@right(0.7, 100.0)
def left_in_a_method(x, limit):
    team = Team(x)
    return team.moved_until(limit) * team.members[2].x


@right(0.7, 0.1)
@right(0.7, 1.0)
@right(0.7, 2.0)
@right(0.7, 100.0)
def left_in_and_out(x, limit):
    total = x
    for p in (Particle(x, 1.0), Particle(2 * x, 2.0)):
        for q in (Particle(x, 1.0), Particle(2 * x, 2.0)):
            total = total + p.x * q.x
            if total > limit:
                break
        if total > 2 * limit:
            break
    return total


@right.parametrize()
def test_right(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


# -------------------------------------------------------------------- refused


def best_of_what_a_loop_makes(x):
    best = None
    for k in range(3):
        p = Particle(x * (k + 1), 1.0 + k)
        if best is None or p.cost(1.5) < best.cost(1.5):
            best = p
    return best.x * best.m


def changes_the_best(x):
    particles = [Particle(x, 1.0), Particle(2 * x, 2.0)]
    best = None
    for p in particles:
        if best is None or p.cost(0.5) < best.cost(0.5):
            best = p
    best.x = best.x * x
    return particles[0].x * particles[1].x


@pytest.mark.parametrize(
    ("function", "code", "at"),
    [(best_of_what_a_loop_makes, "S201", "best"), (changes_the_best, "S301", "best.x")],
)
def test_refused(function, code, at):
    check_refused(function, 0.7, code=code, at=at)
