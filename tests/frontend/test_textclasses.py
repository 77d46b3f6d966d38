"""Classes read from text mean what they mean when they are imported."""

import runpy

import numpy as np
import pytest

from s2sad.errors import S2sadError
from s2sad.frontend.annotations import kinds_of
from s2sad.frontend.static import static_unit
from s2sad.kind import Number, Pattern
from s2sad.options import Options
from s2sad.pipeline import derive

TEXT = """
import math
from dataclasses import dataclass, field
from typing import NamedTuple


class Spring:
    SCALE = 2.0

    def __init__(self, k: float, m: float):
        self.k = k
        self.m = m
        self.t = 0.0

    def energy(self, x):
        return 0.5 * self.SCALE * self.k * x**2

    @property
    def omega(self):
        return math.sqrt(self.k / self.m)

    @classmethod
    def unit(cls, k):
        return cls(k, 1.0)

    @staticmethod
    def square(x):
        return x * x

    def tick(self, dt):
        self.t += dt


class Hard(Spring):
    def __init__(self, k, m, a):
        super().__init__(k, m)
        self.a = a

    def energy(self, x):
        return super().energy(x) + self.a * x**4


@dataclass
class Tank:
    level: float
    area: float = 2.0
    log: list = field(default_factory=list)

    def drain(self, dt):
        self.level -= dt * math.sqrt(self.level) / self.area
        self.log.append(self.level)


class Pair(NamedTuple):
    a: float
    b: float = 3.0

    def product(self):
        return self.a * self.b


class Level:
    def __init__(self, x):
        self.x = x

    @property
    def doubled(self):
        return 2 * self.x

    @doubled.setter
    def doubled(self, value):
        self.x = value / 2


class Odd:
    def __init__(self, x):
        self.x = x

    def __getattr__(self, name):
        return 1.0


MODEL = Spring(2.0, 3.0)


def springs(k, x):
    s = Hard(k, 2.0, 0.1)
    s.tick(x)
    return s.energy(x) * s.omega + s.t * Spring.unit(k).omega + Spring.square(x)


def of_the_module(k, x):
    return MODEL.energy(x) * k + MODEL.omega


def tanks(k, x):
    tank = Tank(k)
    for _ in range(3):
        tank.drain(x)
    return tank.level * tank.log[0] + Pair(k).product()


def set_by_a_property(k, x):
    levels = [Level(x * i) for i in range(3)]
    for one in levels:
        one.doubled = one.x * k
        one.doubled += x
    return sum(one.x**2 for one in levels)


def given(s: Spring, x: float):
    return s.energy(x) * s.omega


def odd(k, x):
    return Odd(x).size * x
"""


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "model.py"
    file.write_text(TEXT)
    return file


def gradient(path, name, kinds, wrt):
    made = derive(static_unit(path, name), Options("grad", wrt, len(wrt) == 1), kinds, Pattern())
    assert "import s2sad" not in made.text
    space = {"__name__": "generated"}
    exec(compile(made.text, "<generated>", "exec"), space)
    return space[made.name]


@pytest.mark.parametrize("name", ["springs", "of_the_module", "tanks", "set_by_a_property"])
def test_objects_made_inside(path, name):
    function = runpy.run_path(str(path))[name]
    found = gradient(path, name, {"k": Number("float"), "x": Number("float")}, ("k", "x"))(0.7, 0.4)
    h = 1e-5
    expected = [
        (function(0.7 + h, 0.4) - function(0.7 - h, 0.4)) / (2 * h),
        (function(0.7, 0.4 + h) - function(0.7, 0.4 - h)) / (2 * h),
    ]
    assert np.allclose(found, expected, rtol=1e-6)


def test_an_annotated_argument(path):
    space = runpy.run_path(str(path))
    kinds, _ = kinds_of(static_unit(path, "given"), {})
    bar = gradient(path, "given", kinds, ("s",))(space["Spring"](2.0, 3.0), 0.4)
    expected = 1.5 * 0.4**2 * (2 / 3) ** 0.5
    assert (type(bar).__name__, np.allclose(bar.k, expected)) == ("Spring", True)


def test_a_class_with_hooks_is_refused(path):
    with pytest.raises(S2sadError, match="Odd"):
        gradient(path, "odd", {"k": Number("float"), "x": Number("float")}, ("x",))


NAMES = """
from dataclasses import dataclass, replace, field

a = 9.0
s = 11.0


class Scaled:
    a = 2.0
    b = a * 3
    r, s = 3.0, 4.0

    def __init__(self, x):
        self.x = x

    def by(self, k=a):
        return self.x * k


@dataclass
class Both:
    a: float = 2.0
    c: float = a


@dataclass
class ByName:
    x: float
    y: float = field(default=2.0, kw_only=True)
    z: float = 3.0


def made_of_others(x):
    return Scaled(x).b * x


def one_of_two(x):
    return Scaled(x).s * x


def by_default(x):
    return Scaled(x).by()


def as_another_field(x):
    return Both(x).c * x


def by_name(x):
    return ByName(x, x * x).z * x
"""


@pytest.mark.parametrize("name", ["made_of_others", "one_of_two", "by_default", "as_another_field", "by_name"])
def test_names_of_a_class_are_not_those_of_the_module(tmp_path, name):
    file = tmp_path / "names.py"
    file.write_text(NAMES)
    with pytest.raises(S2sadError):
        gradient(file, name, {"x": Number("float")}, ("x",))
