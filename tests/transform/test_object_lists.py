"""Lists of objects whose attributes are assigned: a list for each attribute."""

import itertools
import operator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from tests.checking import Examples, case_of, check_case, check_refused, generated
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])


class Cell:
    def __init__(self, u, f=0.0):
        self.u = u
        self.f = f

    def scale(self, k):
        self.u *= k
        return self.u


class Counted:
    def __init__(self, u):
        self.u = u
        self.log = [u]

    def counted(self):
        self.log.append(self.u)
        return self.u

    def grown(self):
        self.u = self.u * 2
        return self.u


class Body:
    def __init__(self, m, x, v):
        self.m = m
        self.x = x
        self.v = v
        self.a = 0.0

    def attract(self, other, g):
        d = other.x - self.x
        self.a += g * other.m * d / (abs(d) ** 3 + 0.1)

    def push(self, other):
        other.v += self.m
        self.v -= other.m

    def energy(self):
        return 0.5 * self.m * self.v**2

    def step(self, dt):
        self.v += dt * self.a
        self.x += dt * self.v
        self.a = 0.0


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __mul__(self, s):
        return Vec(self.x * s, self.y * s)

    def norm2(self):
        return self.x**2 + self.y**2


class Ball:
    def __init__(self, pos, vel):
        self.pos = pos
        self.vel = vel

    def move(self, dt):
        self.pos = self.pos + self.vel * dt


class World:
    def __init__(self, g):
        self.g = g
        self.balls = []
        self.count = 0

    def add(self, ball):
        self.balls.append(ball)
        self.count += 1

    def step(self, dt):
        for b in self.balls:
            b.vel.y -= self.g * dt
            if b.pos.y < 0:
                b.vel.y = -b.vel.y
            b.pos.x += b.vel.x * dt
            b.pos.y += b.vel.y * dt

    def heaviest(self):
        return self.balls[-1]

    def total(self):
        return sum((i + 1) * b.pos.norm2() for i, b in enumerate(self.balls))


class Arrays:
    def __init__(self, x):
        self.x = x
        self.v = np.zeros_like(x)

    def kick(self, f):
        self.v += f

    def drift(self, dt):
        self.x = self.x + dt * self.v

    def fix(self):
        self.v[0] = 0.0


@dataclass
class Store:
    k: float
    cells: list[Cell] = field(default_factory=list)

    def put(self, v):
        made = Cell(v * self.k)
        self.cells.append(made)

    def values(self):
        return [c.u for c in self.cells]


def total(cells):
    s = 0.0
    for c in cells:
        s += c.u
    return s


def scaled(cells, k):
    for c in cells:
        c.u *= k


# -------------------------------------------------------------------- elements


@right(X, 0.2, unless_known="S301")
def attributes_of_the_elements_of_a_loop(u, k):
    cells = [Cell(v) for v in u]
    for _ in range(3):
        for c in cells:
            c.f = k * c.u
            c.u -= c.f
    return sum(c.u**2 for c in cells)


@right(X, 0.2, unless_known="S301")
def the_element_with_the_largest_value(u, k):
    cells = [Cell(v) for v in u]
    for _ in range(3):
        best = max(cells, key=lambda c: c.u * k)
        best.u = best.u * k
        best.f += best.u
    return cells[2].u * sum(c.f for c in cells) + min(cells, key=operator.attrgetter("u")).f


@right(0.4, 0.7, unless_known="S301")
def the_better_one_of_two(a, b):
    p, q = Cell(a), Cell(b)
    better = max(p, q, key=lambda c: c.u)
    better.f = better.u * a
    return p.f + q.f * b


@right(X, 0.2, unless_known="S301")
def attributes_of_elements_by_index(u, k):
    cells = []
    for v in u:
        cells.append(Cell(v))
    n = len(cells)
    for _ in range(3):
        for i in range(n):
            left = cells[i - 1]
            behind = cells[(i + 1) % n]
            cells[i].f = k * (left.u - 2 * cells[i].u + behind.u)
        for c in cells:
            c.u += c.f
    return sum(c.u**2 for c in cells)


@right(X, 0.2, unless_known="S301")
def methods_of_elements(u, k):
    cells = [Cell(v) for v in u]
    for c in cells:
        k = k + c.scale(k) * c.scale(0.5)
    return k * cells[1].scale(k)


@right(0.3, 0.7, unless_known="S301")
def methods_with_other_elements(g, m):
    bodies = [Body(m * (i + 1), 1.0 * i, 0.1 * i) for i in range(3)]
    for _ in range(3):
        for a in bodies:
            for b in bodies:
                if a is not b:
                    a.attract(b, g)
        for b in bodies:
            b.step(0.1)
    return sum(b.energy() for b in bodies)


@right(0.3, 0.7, unless_known="S301")
def pairs_of_elements(g, m):
    bodies = [Body(m * (i + 1), 1.0 * i, 0.1 * i) for i in range(3)]
    for a, b in itertools.combinations(bodies, 2):
        f = g * a.m * b.m * (a.x - b.x)
        a.v -= f / a.m
        b.v += f / b.m
    return bodies[0].v * bodies[-1].v + bodies[1].energy()


@right(X, 0.2, unless_known="S301")
def two_names_of_one_element(u, k):
    cells = [Cell(v) for v in u]
    i = 1
    p = cells[i]
    q = p
    i = 2
    p.u *= cells[i].u
    q.u += k
    return cells[1].u * p.u


@right(X, 0.2, unless_known="S301")
def a_loop_whose_variable_is_bound_again(u, k):
    cells = [Cell(v) for v in u]
    s = 0.0
    for c in cells:
        c.u *= k
        c = Cell(k)
        for d in cells:
            c.u += d.u
        s += c.u
    return s


@right(X, 0.2, unless_known="S301")
def loops_over_parts_and_pairs(u, k):
    cells = [Cell(v) for v in u]
    for c in cells[1:]:
        c.u = c.u * k
    for a, b in zip(cells, reversed(cells)):
        a.f = b.u
    s = 0.0
    for a, b in zip(cells[:-1], cells[1:]):
        s += a.u * b.f
    for i, (c, v) in enumerate(zip(cells, u)):
        s += i * c.f * v
    return s


@right(X, 0.2, unless_known="S301")
def a_loop_that_ends_early(u, k):
    cells = [Cell(v) for v in u]
    for c in cells:
        if c.u < 0:
            c.u = -c.u
            continue
        c.u *= k
        if c.u > 0.2:
            break
    return total(cells) ** 2


@right(X, 0.2, unless_known="S301")
def elements_that_hold_arrays(u, k):
    things = [Arrays(u * i) for i in range(3)]
    for _ in range(2):
        for p in things:
            p.kick(-p.x * k)
            p.drift(0.1)
            p.fix()
            p.x[1] += k
    return sum(np.sum(p.x**2) for p in things)


@right(X, 0.2, unless_known="S301")
def what_a_list_held_before(u, k):
    cells = [Cell(v) for v in u]
    before = [c.u for c in cells]
    cells[0].u = k
    print(f"{cells[0].u:.3f} {len(cells)}")
    return sum(before) + max(c.u for c in cells)


# --------------------------------------------------------------- objects inside


@right(0.3, 0.7, unless_known="S301")
def elements_with_objects_in_them(a, c):
    balls = [Ball(Vec(a * i, c), Vec(c, a * i)) for i in range(3)]
    for _ in range(2):
        for b in balls:
            b.pos = b.pos + b.vel * 0.1
            b.vel.x *= 0.9
    return sum(b.pos.norm2() for b in balls)


@right(0.3, 0.7, unless_known="S301")
def methods_that_replace_a_part(a, c):
    balls = [Ball(Vec(a * i, c), Vec(c, a * i)) for i in range(3)]
    for b in balls:
        b.move(0.1)
        b.move(c)
    return sum(b.pos.norm2() for b in balls)


@right(0.3, 0.7, unless_known="S301")
def a_list_in_an_object(g, c):
    w = World(g)
    w.add(Ball(Vec(c, 0.1), Vec(c, 0.5)))
    w.add(Ball(Vec(c * c, 0.3), Vec(1.0, 0.0)))
    for _ in range(4):
        w.step(0.1)
    ball = w.heaviest()
    ball.pos.x *= 2
    return w.total() + w.count


@right(0.2, unless_known="S301")
def a_list_that_methods_fill(k):
    store = Store(k)
    for i in range(3):
        store.put(i + k)
        store.cells[-1].u += k
    return sum(store.values())


@right(X, 0.2, unless_known="S301")
def functions_of_a_list(u, k):
    cells = [Cell(v) for v in u]
    scaled(cells, k)
    scaled(cells, cells[2].u)
    return total(cells) ** 2


# ---------------------------------------------------------------- lists change


@right(X, 0.2, unless_known="S301")
def taken_from_the_end(u, k):
    stack = []
    for v in u:
        stack.append(Cell(v, k))
    a = stack.pop()
    b = stack.pop()
    stack.append(Cell(a.u * b.u, k))
    stack[0].u *= 2
    return stack[-1].u * stack[0].u + len(stack)


@right(X, 0.2, unless_known="S301")
def taken_until_it_is_empty(u, k):
    cells = list()
    for v in u:
        if v > 0:
            cells.append(Cell(v))
    if cells:
        cells[0].u *= k
    while cells:
        c = cells.pop()
        k = k + c.u * k
    return k if not cells else 0.0


@right(X, 0.2, unless_known="S301")
def an_element_replaced(u, k):
    cells = [Cell(v) for v in u]
    cells[1] = Cell(k * k)
    cells[1].u += 1
    return total(cells) * cells[1].u


@right(X, 0.2, unless_known="S301")
def an_object_changed_after_it_was_appended(u, k):
    p = Cell(k)
    cells = [p]
    q = Cell(u[1])
    cells.append(q)
    q.f = p.u
    p.u = p.u * 2
    for c in cells:
        c.u *= k + c.f
    return p.u * cells[0].u + q.u


@right(X, 0.2)
def a_list_display_that_is_appended_to(u, k):
    cells = [Cell(k), Cell(u[0])]
    for v in u:
        cells.append(Cell(v))
    return sum(c.u * c.u for c in cells)


@right(0.7, 0)
def no_elements(x, n):
    cells = [Cell(x) for _ in range(n)]
    for c in cells:
        c.u = 2 * c.u
    return x * x + total(cells)


# ------------------------------------------------------------------- arguments


@dataclass
class Point:
    x: float
    v: float
    m: float = 1.0

    def move(self, dt):
        self.x += dt * self.v

    def energy(self):
        return 0.5 * self.m * self.v**2


@dataclass
class System:
    points: list[Point]
    g: float

    def step(self, dt):
        for p in self.points:
            p.v -= dt * self.g * p.x
        for p in self.points:
            p.move(dt)


def slowed(points, k):
    for p in points:
        p.v *= k
    return k * k


def three():
    return [Point(0.3, 0.7), Point(0.4, -0.2, 2.0), Point(1.1, 0.3)]


@right(three(), 0.1, unless_known="S201")
def elements_of_an_argument(points, dt):
    for _ in range(2):
        for p in points:
            p.v -= dt * p.x
            p.x += dt * p.v
    return sum(p.energy() for p in points)


@right(three(), 0.1, unless_known="S201")
def elements_of_an_argument_by_index(points, dt):
    for i in range(len(points)):
        for j in range(len(points)):
            if i != j:
                points[i].v += dt * (points[j].x - points[i].x) * points[j].m
    for p in points:
        p.move(dt)
    return points[0].x * points[1].v + points[-1].energy()


@right(three(), 0.1, unless_known="S201")
def a_callee_changes_the_elements(points, dt):
    k = slowed(points, dt) + slowed(points, 2.0)
    e = k + sum(p.energy() for p in points)
    points[1].m = e
    return e * points[1].m


@right(System(three(), 0.4), 0.1, unless_known="S201")
def a_list_in_an_argument(system, dt):
    for p in system.points:
        p.v -= dt * system.g * p.x
    system.g = 2 * system.g
    return sum(p.energy() for p in system.points) * system.g


@right.parametrize()
def test_derivative(case):
    check_case(case)


#: Where a change of a list in the derivative is refused, for something else may have its elements.
ONCE = (
    "methods_with_other_elements",
    "a_loop_whose_variable_is_bound_again",
    "elements_that_hold_arrays",
    "a_list_in_an_object",
    "elements_of_an_argument",
    "elements_of_an_argument_by_index",
    "a_callee_changes_the_elements",
    "a_list_in_an_argument",
)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=lambda case: case.function.__name__)
def test_second_order(case):
    check_second_order(replace(case, or_refused="S301") if case.function.__name__ in ONCE else case)


# -------------------------------------------------------------------- refusals


def appended_to_what_a_loop_runs_over(x):
    cells = [Cell(x)]
    cells.append(Cell(x * x))
    for c in cells:
        if len(cells) < 4:
            cells.append(Cell(c.u))
    return total(cells)


def an_object_in_two_lists(x):
    p = Cell(x)
    one = [p]
    other = [p]
    for c in one[0:]:
        c.u *= 2
    one.append(Cell(x))
    other.append(Cell(x))
    return one[0].u * other[0].u


def methods_that_change_either(x):
    bodies = [Body(x, 1.0 * i, x) for i in range(3)]
    for a in bodies:
        for b in bodies:
            a.push(b)
    return bodies[0].v


def an_element_that_was_taken_out(x):
    cells = [Cell(x * i) for i in range(3)]
    last = cells[2]
    cells.pop()
    return last.u


def doubled(cell):
    cell.u *= 2
    return cell.u


def a_key_that_changes_the_objects(x):
    cells = [Cell(x), Cell(-x)]
    first = sorted(cells, key=doubled)
    return cells[0].u * len(first)


def a_lambda_that_changes_the_objects(x):
    cells = [Counted(x), Counted(-x)]
    first = sorted(cells, key=lambda cell: cell.counted())
    return sum(cells[0].log) * len(first)


def a_method_that_goes_by_another_name(x):
    cell = Counted(x)
    count = Counted.grown
    count(cell)
    return cell.u


def test_an_object_twice_in_an_argument():
    case = case_of(elements_of_an_argument, ([Point(0.3, 0.7)] * 2, 0.1), {}, None, True)
    with pytest.raises(ValueError, match="twice"):
        generated(case, "grad")[1](**case.values)


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (appended_to_what_a_loop_runs_over, "cells.append(Cell(c.u))"),
        (an_object_in_two_lists, "[p]"),
        (methods_that_change_either, "a.push(b)"),
        (an_element_that_was_taken_out, "last.u"),
        (a_key_that_changes_the_objects, "sorted(cells, key=doubled)"),
        (a_lambda_that_changes_the_objects, "sorted(cells, key=lambda cell: cell.counted())"),
    ],
)
def test_refused(function, at):
    check_refused(function, 0.7, code="S301", at=at)


def a_lambda_that_changes_the_objects_of_an_argument(cells):
    first = sorted(cells, key=lambda cell: cell.scale(2.0))
    return cells[0].u * len(first)


def test_a_lambda_that_changes_the_objects_of_an_argument_is_refused():
    cells = [Cell(0.7), Cell(0.3)]
    check_refused(a_lambda_that_changes_the_objects_of_an_argument, cells, code="S301", at="self.u", kinds=(True,))


def test_a_method_that_goes_by_another_name_is_refused():
    check_refused(a_method_that_goes_by_another_name, 0.7, code="S201", at="self.u")
