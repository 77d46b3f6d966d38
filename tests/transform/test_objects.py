"""Objects: made inside, changed by methods, nested, joined after branches and in loops; there when the program starts."""

import copy
import dataclasses
import enum
import math
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

import s2sad
from s2sad.errors import S2sadError
from tests.checking import Examples, check_case, label
from tests.second_order import check_second_order

examples = Examples()
# `x += 1` may be an array in place where nothing is known of x.
right = partial(examples, unless_known="S301")
#: The gradient of a list is put together by a comprehension, which is not differentiated again.
first_order = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])


class Arrow(NamedTuple):
    """A namedtuple with methods."""

    x: float
    y: float

    def dot(self, other):
        return self.x * other.x + self.y * other.y

    def scaled(self, s):
        return self._replace(x=self.x * s, y=self.y * s)


@right(0.7, 0.4)
def a_namedtuple_with_other_fields(a, b):
    p = Arrow(a, b)
    q = p._replace(y=b * b).scaled(a)
    return q.dot(p) + q._replace(x=2.0).dot(q)


class Particle:
    """A particle on a spring."""

    MASS = 2.0
    k = 1.5

    def __init__(self, x, v=0.1):
        self.x = x
        self.v = v

    def step(self, dt):
        self.v -= dt * self.k * self.x / self.MASS
        self.x += dt * self.v

    def energy(self):
        return 0.5 * (self.MASS * self.v**2 + self.k * self.x**2)

    def stepped(self, dt):
        return Particle(self.x + dt * self.v, self.v - dt * self.x)

    @property
    def momentum(self):
        return self.MASS * self.v

    @staticmethod
    def square(x):
        return x * x

    @classmethod
    def at_rest(cls, x):
        return cls(x, 0.0)

    def kinetic(self):
        return self.square(self.momentum) / (2 * self.MASS)


class Damped(Particle):
    k = 0.9

    def __init__(self, x, v, c):
        super().__init__(x, v)
        self.c = c

    def step(self, dt):
        super().step(dt)
        self.v *= 1 - self.c * dt


@right(0.7, 0.4)
def made_and_asked(x, v):
    p = Particle(x, v)
    return p.energy()


@right(0.7, 0.4, 0.1, 4)
def stepped_in_a_loop(x, v, dt, n):
    p = Particle(x, v)
    for _ in range(n):
        p.step(dt)
    return p.energy()


@right(0.7, 0.4, 0.1, 0)
def no_rounds(x, v, dt, n):
    p = Particle(x, v)
    for _ in range(n):
        p.step(dt)
    return p.energy()


@right(0.7, 0.4, 0.1, 3)
def replaced_in_a_loop(x, v, dt, n):
    p = Particle(x, v)
    for _ in range(n):
        p = p.stepped(dt)
    return p.energy() + p.x


@right(0.7, 0.4, 0.3)
def inherited_and_overridden(x, v, c):
    d = Damped(x, v, c)
    d.step(0.1)
    d.step(0.2)
    return d.energy() * d.x


@right(0.7, 0.4)
def property_static_and_class_method(x, v):
    p = Particle(x, v)
    q = Particle.at_rest(v)
    return p.kinetic() + q.energy() * Particle.square(x) + p.momentum * q.MASS


@right(0.7)
def default_argument_of_the_constructor(x):
    return Particle(x).energy()


@right(0.7, 0.4)
def attribute_written_outside_of_a_method(x, v):
    p = Particle(x, v)
    p.x = p.x * v
    p.v += p.x
    p.extra = p.x * p.v
    return p.energy() + p.extra


@right(0.7, 0.4)
def two_names_of_one_object(x, v):
    p = Particle(x, v)
    q = p
    q.x *= 3
    p.step(0.1)
    return q.energy() * p.x


@right(0.7, 0.4)
def two_objects_swapped(x, v):
    p, q = Particle(x, v), Particle(v, x)
    p.step(0.1)
    p, q = q, p
    p.step(0.3)
    return p.energy() - 2 * q.x


@right(0.7, 0.4, 3)
def swapped_in_a_loop(x, v, n):
    p, q = Particle(x, v), Particle(v, x)
    for _ in range(n):
        p.step(0.1)
        p, q = q, p
    return p.energy() - 2 * q.x


@right(0.7, 0.4)
def made_in_branches(x, v):
    if x > v:
        p = Particle(x, v)
    else:
        p = Particle(v, x * 2)
    p.step(0.1)
    return p.energy()


@right(0.3, 0.4)
def made_in_the_other_branch(x, v):
    if x > v:
        p = Particle(x, v)
    else:
        p = Particle(v, x * 2)
    p.step(0.1)
    return p.energy()


@right(0.7, 0.4)
def changed_in_one_branch(x, v):
    p = Particle(x, v)
    if x > 0:
        p.step(0.1)
        p.x = p.x * v
    return p.energy()


@right(0.7, 0.4)
def replaced_in_one_branch(x, v):
    p = Particle(x, v)
    if x > 0:
        p = p.stepped(0.1)
    return p.energy()


@right(0.7, 0.4)
def class_attribute_hidden_in_one_branch(x, v):
    p = Particle(x, v)
    if x > 0:
        p.k = v
    return p.energy()


@right(-0.7, 0.4)
def class_attribute_hidden_in_the_other_branch(x, v):
    p = Particle(x, v)
    if x > 0:
        p.k = v
    return p.energy()


@right(0.7, 0.4)
def read_before_and_after_a_change(x, v):
    p = Particle(x, v)
    return p.x + changed(p) * p.x


def changed(p):
    p.x = p.x * p.v
    return p.x + 1


@right(0.7, 0.4)
def update_by_what_changes_it(x, v):
    p = Particle(x, v)
    p.x += changed(p)
    p.x = p.x * 2 + changed(p)
    return p.x


@right(0.7, 0.4)
def handed_to_a_function(x, v):
    p = Particle(x, v)
    y = changed(p)
    both(p, p)
    return y * p.energy()


def both(p, q):
    p.x = q.x * 2
    q.v = p.x + q.v


# -------------------------------------------------------------------- nesting


class Body:
    def __init__(self, r, v):
        self.r = r
        self.v = v


class System:
    def __init__(self, a, b, g):
        self.a = a
        self.b = b
        self.g = g
        self.t = 0.0
        self.log = []

    def force(self):
        d = self.b.r - self.a.r
        return self.g / (1 + d * d)

    def step(self, dt):
        f = self.force()
        self.a.v = self.a.v + dt * f
        self.b.v = self.b.v - dt * f
        for body in (self.a, self.b):
            body.r += dt * body.v
        self.t += dt
        self.log.append(self.a.r)

    def run(self, dt, n):
        for _ in range(n):
            self.step(dt)
        return self


@right(0.7, 0.4, 1.5, 3)
def objects_in_objects(x, y, g, n):
    s = System(Body(x, 0.1), Body(y, -0.2), g)
    s.run(0.1, n)
    return s.a.r * s.b.v + s.t


@right(0.7, 0.4, 1.5)
def method_that_returns_itself(x, y, g):
    return System(Body(x, 0.1), Body(y, -0.2), g).run(0.1, 2).b.r


@right(0.7, 0.4, 1.5)
def one_object_in_two_places(x, y, g):
    b = Body(x, y)
    s = System(b, b, g)
    s.a.r = s.b.r * 2
    return s.b.r * b.v + s.force()


@right(0.7, 0.4)
def objects_in_a_list(x, y):
    bodies = [Body(x, y), Body(y, x * y)]
    total = 0.0
    for b in bodies:
        b.r += b.v * b.r
    for k, b in enumerate(bodies):
        total += (k + 1) * b.r
    return total * bodies[0].r * bodies[-1].v


class Chain:
    def __init__(self, head, tail):
        self.head = head
        self.tail = tail


@right(0.7, 0.4)
def linked_objects(x, y):
    chain = Chain(x, Chain(y, Chain(x * y, None)))
    chain.tail.tail.head = chain.head + 1
    return chain.head * chain.tail.head * chain.tail.tail.head


class Node:
    def __init__(self, x):
        self.x = x
        self.other = self


@right(0.7)
def objects_in_a_circle(x):
    a, b = Node(x), Node(x * x)
    a.other, b.other = b, a
    a.other.other.x = a.other.x + a.x
    return a.x * b.other.other.x


# ----------------------------------------------------- dataclasses and the like


@dataclass
class Tank:
    level: float
    area: float = 2.0
    inflow: float = 0.3
    history: list = field(default_factory=list)

    def outflow(self):
        return 0.2 * math.sqrt(self.level)

    def fill(self, dt):
        self.level += dt * (self.inflow - self.outflow()) / self.area
        self.history.append(self.level)


@right(0.7, 0.4)
def dataclass_with_methods(level, inflow):
    tank = Tank(level, inflow=inflow)
    for _ in range(3):
        tank.fill(0.1)
    return tank.level * tank.history[-1]


@dataclass(frozen=True)
class Vector:
    x: float
    y: float

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __rmul__(self, factor):
        return Vector(factor * self.x, factor * self.y)

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __getitem__(self, k):
        return self.x if k == 0 else self.y

    def __abs__(self):
        return math.hypot(self.x, self.y)

    def __lt__(self, other):
        return self.x < other.x

    def __call__(self, t):
        return self.x + self.y * t

    @property
    def norm(self):
        return math.sqrt(self.x**2 + self.y**2)


@right(0.7, 0.4)
def frozen_with_operators(x, y):
    a = Vector(x, y)
    b = a + 2.0 * Vector(y, 1.0) + -a
    if a < b:
        b = b + a
    return b.norm * a[0] + abs(b) * b[1] + a(x)


@right(0.7, 0.4, 3)
def frozen_in_a_loop(x, y, n):
    r, v = Vector(x, y), Vector(y, -x)
    for _ in range(n):
        v = v + -0.1 * r
        r = r + 0.1 * v
    return r.norm


@right(0.7, 0.4)
def dataclass_replaced(x, y):
    a = Vector(x, y)
    b = dataclasses.replace(a, y=a.x * a.y)
    return b.norm + a.y


@dataclass
class Disc:
    radius: float
    area: float = field(init=False)

    def __post_init__(self):
        self.area = math.pi * self.radius**2

    def mass(self, density):
        return self.area * density


@right(0.7, 0.4)
def post_init(r, density):
    return Disc(r).mass(density)


class Point(NamedTuple):
    x: float
    y: float = 2.0

    def dot(self, other):
        return self.x * other.x + self.y * other.y

    def moved(self, dx):
        return self._replace(x=self.x + dx)


@right(0.7, 0.4)
def namedtuple_with_methods(x, y):
    p = Point(x, y)
    q = Point(y)
    a, b = p
    return p.dot(q) * a + p[1] * b


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self, x):
        self.x = x
        self.y = x * x

    def total(self):
        return self.x + self.y


@right(0.7)
def slots(x):
    s = Slotted(x)
    s.y *= x
    return s.total()


class Private:
    def __init__(self, x):
        self.__x = x

    def value(self):
        return self.__x * 2


@right(0.7)
def private_attributes(x):
    return Private(x).value() ** 2


@right(0.7, 0.4)
def copied(x, v):
    p = Particle(x, v)
    q = copy.copy(p)
    q.x *= 2
    return p.x * q.x


# ------------------------------------------------------------ made before


class Earth:
    RADIUS = 6.4
    SCALES = (1.5, 2.5)
    MATRIX = np.array([1.0, 2.0, 3.0, 4.0])


class Mode(enum.Enum):
    FAST = 1
    SLOW = 2


@right(0.7)
def class_constants(x):
    return x * Earth.RADIUS + Earth.SCALES[1] * x**2


@right(X)
def class_constant_that_is_an_array(x):
    return np.sum(Earth.MATRIX * x * x)


@right(0.7, Mode.FAST)
def enumeration(x, mode):
    if mode is Mode.FAST:
        return x**2
    return x**3


class Model:
    def __init__(self, w, k):
        self.w = w
        self.k = k
        self.part = Particle(k, 0.2)

    def forward(self, x):
        return np.tanh(self.w * x) * self.k + self.part.energy()

    def loss(self, x):
        return np.sum(self.forward(x) ** 2)


MODEL = Model(np.array([1.0, 2.0, 0.5, -1.0]), 1.5)


@right(X)
def object_of_the_module(x):
    return MODEL.loss(x) + MODEL.k * np.sum(MODEL.w * x)


def square_of(f, x):
    return f(x) ** 2


@right(X)
def method_as_an_argument(x):
    return square_of(MODEL.loss, x)


@right(0.7, 0.4)
def method_of_an_inner_object_as_an_argument(x, v):
    p = Particle(x, v)
    return square_of(p.square, x) + applied(p.shifted if hasattr(p, "shifted") else p.square, v)


def applied(f, x):
    return f(x) + 1


right(X)(MODEL.loss)


# ------------------------------------------------------------------ arguments


@right(Particle(0.7, 0.4), unless_known="S204")
def attributes_of_an_argument(p):
    return p.x * p.v**2


@right(Particle(0.7, 0.4), 0.3, unless_known="S204")
def methods_of_an_argument(p, y):
    return p.energy() * y + p.kinetic()


@right(Model(np.array([1.0, 2.0, 0.5, -1.0]), 1.5), X, wrt=("model", "x"), unless_known="S204")
def model_with_parameters(model, x):
    return model.loss(x)


@first_order([Particle(0.7, 0.4), Particle(0.2, -0.5)], unless_known="S204")
def list_of_objects(ps):
    total = 0.0
    for p in ps:
        total += p.energy()
    return total * ps[0].x


@first_order([Vector(0.7, 0.4), Vector(0.2, -0.5)], unless_known="S204")
def list_of_frozen_objects(vs):
    total = 0.0
    for v in vs:
        total += v.norm
    return total * vs[0].x


@right({"a": Vector(0.7, 0.4), "b": 0.3}, unless_known="S204")
def object_in_a_dict(d):
    return d["a"].norm * d["b"]


@right(Vector(0.7, 0.4), Vector(0.2, -0.5), unless_known="S204")
def operators_of_arguments(a, b):
    return (a + b).norm


# ----------------------------------------------------- what has an effect, used at once


class Counter:
    """A number that its methods change, and what they return."""

    def __init__(self, x):
        self.x = x
        self.on = True

    def times(self, k):
        self.x = self.x * k
        print("times")
        return self

    def pair(self, k):
        self.x = self.x * k
        return [self.x, k]

    def twice(self):
        return 2 * self.x


def made_with_a_message(x):
    print("made")
    return Counter(x)


@examples(0.7)
def a_chain_of_calls(x):
    c = Counter(x)
    c.times(x).times(2 * x)
    return c.times(x).twice() * c.x


@examples(0.7)
def a_method_of_what_a_call_makes(x):
    return made_with_a_message(x).times(x).x


class Log:
    """Methods that return the object and assign none of its attributes."""

    def __init__(self, x):
        self.x = x
        self.values = []

    def note(self, v):
        self.values.append(v)
        return self

    def say(self):
        print("say")
        return self

    def checked(self):
        if self.x < 0:
            raise ValueError("negative")
        return self

    def put(self, values):
        values[0] = self.x
        return self


@examples(0.7)
def methods_that_return_the_object_alone(x):
    log = Log(x)
    log.note(x * x).say()
    log.note(2 * x)
    other = log.say().note(x)
    return other.x * sum(log.values)


@examples(-0.7)
def a_method_that_fails_or_returns_the_object(x):
    log = Log(x)
    try:
        log.checked()
    except ValueError:
        return x * x
    return x


@examples(0.7)
def read_before_a_method_changes_what_is_in_a_list(x):
    log = Log(x)
    log.note(2 * x)
    values = log.values
    y = len(log.values) * log.note(x).x + len(log.values)
    return y * (values[-1] + sum(values)) * log.note(x * x).x * values[-1]


@first_order(0.7)
def a_method_that_changes_an_argument_and_returns_the_object(x):
    values = [x, x]
    log = Log(x * x)
    log.put(values)
    logs = [log.note(values[0]), log.note(x)]
    return values[0] * logs[0].x * sum(logs[1].values)


@examples(0.7)
def builtins_of_what_a_call_changes(x):
    c = Counter(x)
    size = len(c.pair(x)) + abs(c.times(x).x) + int(isinstance(c.times(x).x, float))
    return size * c.x


@examples(0.7)
def conditions_that_a_call_changes(x):
    c = Counter(x)
    y = 1.0
    if c.times(x).x:
        y = c.x
    if not c.times(x).on:
        y = 5.0
    return y * c.x


@examples(0.7)
def loops_over_what_a_call_changes(x):
    c = Counter(x)
    y = 0.0
    for v in c.pair(x):
        y = y * c.x + v
    for k, v in enumerate(c.pair(x)):
        y = y * c.x + v * k
    for v in (c.times(x).x, c.times(x).x):
        y = y * c.x + v
    return y * c.x


@examples(0.7)
def text_of_what_a_method_gives(x):
    c = Counter(x)
    print(f"{c.twice():.3f}, {c.x}")
    return c.x * x


# --------------------------------------------------------------------- results


@right(0.7, 0.4)
def returns_a_frozen_object(x, y):
    return Vector(x * y, x + y)


@right(0.7, 0.4)
def returns_an_object(x, v):
    p = Particle(x, v)
    p.step(0.1)
    return p


@right(0.7, 0.4)
def returns_objects_in_a_tuple(x, v):
    p = Particle(x, v)
    return p, p.energy()


def called(function, x):
    return function(x)


@right(0.7)
def changes_what_functions_read_that_are_gone(x):
    c = Counter(x)
    y = called(lambda k: c.x * k, x)
    c.x = x * y

    def distance(v):
        return abs(v - c.x)

    y *= called(distance, x) * sorted([x, 2 * x, y], key=distance)[0]
    c.x += y
    return c.x * y


@right(0.7)
def updates_what_a_call_changes(x):
    c = Counter(x)
    c.times(x).x += x
    return c.x


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in [*examples, *first_order]])
def test_objects(case):
    check_case(case)


# --------------------------------------------------------------------- programs


class State:
    """Position and velocity in a plane."""

    def __init__(self, x, y, vx, vy):
        self.x, self.y = x, y
        self.vx, self.vy = vx, vy

    @property
    def radius(self):
        return math.hypot(self.x, self.y)

    def energy(self, mu):
        return 0.5 * (self.vx**2 + self.vy**2) - mu / self.radius


class Propagator:
    """Leapfrog steps of a body around a centre, with drag below a height."""

    MU = 1.0

    def __init__(self, state, drag):
        self.state = state
        self.drag = drag
        self.time = 0.0
        self.closest = state.radius

    def acceleration(self):
        s = self.state
        pull = -self.MU / s.radius**3
        damping = self.drag if s.radius < 1.1 else 0.0
        return pull * s.x - damping * s.vx, pull * s.y - damping * s.vy

    def step(self, h):
        ax, ay = self.acceleration()
        self.state.vx += h * ax
        self.state.vy += h * ay
        self.state.x += h * self.state.vx
        self.state.y += h * self.state.vy
        self.time += h
        if self.state.radius < self.closest:
            self.closest = self.state.radius

    def until(self, end, h):
        while self.time < end:
            self.step(h)
        return self.state


@right(1.05, 0.9, 0.2)
def orbit(x, vy, drag):
    flight = Propagator(State(x, 0.0, 0.0, vy), drag)
    last = flight.until(0.95, 0.1)
    return last.energy(Propagator.MU) + flight.closest * last.x


class Compartment:
    def __init__(self, volume, amount=0.0):
        self.volume = volume
        self.amount = amount

    @property
    def concentration(self):
        return self.amount / self.volume


class Patient:
    """Two compartments between which a substance goes, and which it leaves."""

    def __init__(self, weight, clearance, exchange):
        self.central = Compartment(0.6 * weight)
        self.outer = Compartment(1.2 * weight)
        self.clearance = clearance
        self.exchange = exchange
        self.area = 0.0

    def dose(self, amount):
        self.central.amount += amount

    def flow(self):
        return self.exchange * (self.central.concentration - self.outer.concentration)

    def step(self, h):
        flow = self.flow()
        self.area += h * self.central.concentration
        self.central.amount -= h * (flow + self.clearance * self.central.concentration)
        self.outer.amount += h * flow


@right(0.7, 0.4, 0.3, (1.0, 0.5))
def exposure(weight, clearance, exchange, doses):
    patient = Patient(weight, clearance, exchange)
    for dose in doses:
        patient.dose(dose)
        for _ in range(3):
            patient.step(0.05)
    return patient.area + patient.outer.concentration


# -------------------------------------------------------------------- refusals


class Hooked:
    def __init__(self, x):
        self.x = x

    def __getattr__(self, name):
        return 1.0


class Meta(type):
    pass


class WithMeta(metaclass=Meta):
    def __init__(self, x):
        self.x = x

    def value(self):
        return self.x


def writes_the_module(x):
    MODEL.k = x
    return MODEL.k * x


def writes_a_class(x):
    Particle.MASS = x
    return x


def writes_one_of_two(p, q):
    p.x = q.x * 2
    return p.x * q.x


def writes_what_is_frozen(x):
    v = Vector(x, x)
    v.x = 2 * x
    return v.x


def writes_what_was_handed_on(x):
    p = Particle(x, x)
    parts = [p]
    parts.append(p)
    p.x = 2 * x
    return parts[0].x


def reads_through_a_hook(x):
    return Hooked(x).y * x


def of_one_class_or_another(x):
    if x > 0:
        p = Particle(x, x)
    else:
        p = Body(x, x)
    return p.x


def text_with_a_method_that_changes(x):
    c = Counter(x)
    print(f"{c.times(x).x}")
    return c.x


def doubled(c):
    c.x = 2 * c.x
    return c.x


def text_with_a_function_that_changes(x):
    c = Counter(x)
    print(f"{doubled(c)}")
    return c.x


def has_no_such_attribute(x):
    return Particle(x).weight


def after_the_change(function, c, x):
    c.x = c.x * x
    return function(x)


def changes_what_a_function_in_a_dict_reads(x):
    c = Counter(x)
    functions = {"times": lambda k: c.x * k}
    c.x = x * x
    return functions["times"](x)


def changes_what_a_second_name_reads(x):
    def times(k):
        return c.x * k

    c = Counter(x)
    other = times
    c.x = x * x
    return other(x)


def changes_what_its_other_argument_reads(x):
    c = Counter(x)
    return after_the_change(lambda k: c.x * k, c, x)


class Swapped:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    def __iter__(self):
        return iter((self.b, self.a))

    def __lt__(self, other):
        self.a = self.a * 2
        return self.b < other.b


def unpacks_an_object(x):
    a, b = Swapped(x, 2.0)
    return a * b**2


def gives_an_object_to_numpy(x):
    return np.sum(Swapped(x, 2.0)) * x


def sorts_by_a_comparison_that_changes(x):
    one, other = Swapped(x, 2.0), Swapped(x, 3.0)
    first = sorted([one, other])
    return one.a * len(first)


def unpacks_objects_of_an_argument(pairs):
    return sum([a * b**2 for a, b in pairs])


def replaces_by_a_dict(a, b):
    return Arrow(a, b)._replace(**{"x": b * b}).dot(Arrow(a, b))


def replaces_what_is_not_there(a, b):
    return Arrow(a, b)._replace(z=b * b).dot(Arrow(a, b))


REFUSED = [
    (replaces_by_a_dict, (0.7, 0.4), "S201"),
    (replaces_what_is_not_there, (0.7, 0.4), "S201"),
    (unpacks_objects_of_an_argument, ([Swapped(0.7, 0.4), Swapped(0.3, 0.2)],), "S201"),
    (unpacks_an_object, (0.7,), "S201"),
    (gives_an_object_to_numpy, (0.7,), "S201"),
    (sorts_by_a_comparison_that_changes, (0.7,), "S301"),
    (changes_what_a_function_in_a_dict_reads, (0.7,), "S301"),
    (changes_what_a_second_name_reads, (0.7,), "S301"),
    (changes_what_its_other_argument_reads, (0.7,), "S301"),
    (writes_the_module, (0.7,), "S301"),
    (writes_a_class, (0.7,), "S301"),
    (writes_one_of_two, (Particle(0.7), Particle(0.4)), "S301"),
    (writes_what_is_frozen, (0.7,), "S201"),
    (of_one_class_or_another, (0.7,), "S201"),
    (has_no_such_attribute, (0.7,), "S201"),
    (text_with_a_method_that_changes, (0.7,), "S201"),
    (text_with_a_function_that_changes, (0.7,), "S201"),
]


@pytest.mark.parametrize(("function", "args", "code"), REFUSED)
@pytest.mark.parametrize("operator", [s2sad.grad, s2sad.vjp])
def test_refused(function, args, code, operator):
    with pytest.raises(S2sadError) as refused:
        operator(function)(*args)
    assert refused.value.code == code
    assert refused.value.rewrite


@pytest.mark.parametrize("function", [writes_what_was_handed_on, reads_through_a_hook])
def test_right_or_refused(function):
    with pytest.raises(S2sadError):
        s2sad.grad(function)(0.7)


# ------------------------------------------------------------------------ calls


class Squared:
    def __init__(self, k):
        self.k = k

    def square(self):
        self.k = self.k * self.k


def changes_its_argument(model, x):
    model.square()
    return np.sum(model.k * x**2)


@pytest.mark.parametrize("operator", [s2sad.jacfwd, s2sad.jacrev, s2sad.hessian])
def test_jacobians_do_not_run_assignments_several_times(operator):
    with pytest.raises(S2sadError) as refused:
        operator(changes_its_argument, wrt="model")(Squared(2.0), np.ones(2))
    assert refused.value.code == "S301"


def test_a_bound_method_follows_its_object():
    model = Model(np.array([1.0, 2.0, 0.5, -1.0]), 1.5)
    gradient = s2sad.grad(model.loss)
    first = gradient(X)
    model.k = 3.0
    assert not np.allclose(gradient(X), first)


def test_a_method_that_is_replaced(monkeypatch):
    def by_argument(p, y):
        return p.energy() * y

    gradient = s2sad.grad(by_argument, wrt="y")
    first = gradient(Particle(0.7, 0.4), 2.0)
    monkeypatch.setattr(Particle, "energy", lambda self: 2 * self.x)
    assert (first, gradient(Particle(0.7, 0.4), 2.0)) == (Particle.MASS * 0.08 + 0.75 * 0.49, 1.4)


def test_the_gradient_by_an_object_is_one_of_its_class():
    p = Particle(0.7, 0.4)
    p.name = "spring"
    bar = s2sad.grad(attributes_of_an_argument)(p)
    assert (type(bar), bar.x, bar.v, bar.name) == (Particle, 0.4**2, 2 * 0.7 * 0.4, "spring")


def test_an_argument_is_changed_as_by_the_function():
    p, q = Particle(0.7, 0.4), Particle(0.7, 0.4)
    value, _ = s2sad.value_and_grad(changed)(p)
    assert (value, vars(p)) == (changed(q), vars(q))


@examples.parametrize()
def test_second_order(case):
    check_second_order(case)
