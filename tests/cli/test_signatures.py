"""Files for methods, for functions that take objects, and for those that take any number of arguments."""

import copy
import sys
from types import ModuleType
from unittest.mock import patch

import numpy as np
import pytest

from s2sad.trees import leaves, map_leaves

MODEL = """\
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Spring:
    gain = 2.0

    def __init__(self, k: float, c: float):
        self.k = k
        self.c = c

    def force(self, x: float):
        return -self.k * x - self.c * x**3

    def stiffened(self, x: float):
        self.k = self.k * 2.0
        return self.k * x**2

    @staticmethod
    def squared(x: float):
        return x * x

    @classmethod
    def scaled(cls, x: float):
        return cls.gain * x**2

    @property
    def energy(self):
        return self.k**2 * self.c

    def __call__(self, x: float):
        return self.force(x) ** 2


class Stiff(Spring):
    def force(self, x: float):
        return super().force(x) * 2.0


class Damped(Stiff):
    def __init__(self, k: float, c: float, d: float):
        super().__init__(k, c)
        self.d = d

    def force(self, x: float):
        return super().force(x) - self.d * x


@dataclass
class Layer:
    W: "float[n, m]"

    def loss(self, x: "float[m]"):
        return np.sum(np.tanh(self.W @ x) ** 2)


@dataclass
class Biased(Layer):
    b: "float[n]"

    def loss(self, x: "float[m]"):
        return super().loss(x) + np.sum(self.b**2)


class Point(NamedTuple):
    x: float
    y: float

    def norm(self):
        return self.x**2 + self.y**2


def product(x: float, *rest: float):
    for r in rest:
        x = x * r
    return x


def summed(*terms):
    return np.sum(terms[0] * terms[1])


def scaled(x: float, **options):
    return x * options["scale"] + options.get("shift", 2.0) * x


def both(x: float, *args, **kwargs):
    return product(x, *args) * scaled(x, **kwargs)


def takes(spring: Damped, x: float):
    return spring.force(x) ** 2


def two(springs: "(Spring, Stiff)", x: float):
    return springs[0].force(x) * springs[1].force(x)


def makes(x: float):
    return Spring(x, 2.0)


def raises(x: float):
    if x < 0.0:
        raise Refused("negative")
    return x


class Refused(ValueError):
    pass
"""
RNG = np.random.default_rng(3)
W, B, X = RNG.normal(size=(2, 3)), RNG.normal(size=2), RNG.normal(size=3)

#: What is asked for, what the values are made of in the module, and the argument that is differentiated by.
RIGHT = {
    "Spring.force": ("Spring(2.0, 3.0), 0.7", 0),
    "Spring.force --wrt x": ("Spring(2.0, 3.0), 0.7", 1),
    "Spring.stiffened": ("Spring(2.0, 3.0), 0.7", 0),
    "Spring.squared": ("0.7,", 0),
    "Spring.energy": ("Spring(2.0, 3.0),", 0),
    "Spring.__call__ --wrt x": ("Spring(2.0, 3.0), 0.7", 1),
    "Stiff.force": ("Stiff(2.0, 3.0), 0.7", 0),
    "Stiff.energy": ("Stiff(2.0, 3.0),", 0),
    "Damped.force": ("Damped(2.0, 3.0, 0.5), 0.7", 0),
    "Damped.__call__": ("Damped(2.0, 3.0, 0.5), 0.7", 0),
    "Layer.loss": ("Layer(W), X", 0),
    "Biased.loss": ("Biased(W, B), X", 0),
    "Biased.loss --wrt x": ("Biased(W, B), X", 1),
    "Point.norm": ("Point(0.4, 0.7),", 0),
    "takes": ("Damped(2.0, 3.0, 0.5), 0.7", 0),
    "two": ("(Spring(2.0, 3.0), Stiff(0.5, 0.2)), 0.7", 0),
    "product": ("0.7, 0.4, 0.3", 0),
    "product --arg rest:(float,float)": ("0.7, 0.4, 0.3", 0),
    "product --arg rest:(float,float) --wrt rest[1]": ("0.7, 0.4, 0.3", 2),
    "product --arg rest:(float,float) --wrt rest_0": ("0.7, 0.4, 0.3", 1),
    "product --arg rest:()": ("0.7,", 0),
    "summed --arg terms:(float[n],float[n]) --wrt terms[1]": ("X, X * 2", 1),
    "scaled --arg options:{scale:float}": ("0.7, {'scale': 3.0}", 0),
    "both --arg args:(float,) --arg kwargs:{scale:float,shift:float}": ("0.7, 0.4, {'scale': 3.0, 'shift': 2.0}", 0),
}


@pytest.fixture(autouse=True)
def model(project):
    (project / "model.py").write_text(MODEL)
    return project


def loaded(path):
    module = ModuleType(path.stem)
    # Dataclasses look their module up.
    with patch.dict(sys.modules, {path.stem: module}):
        exec(path.read_text(), vars(module))
    return module


def called(function, args):
    """A call in which a dict gives arguments by name, on copies of these."""
    args = copy.deepcopy(list(args))
    named = args.pop() if isinstance(args[-1], dict) else {}
    return function(*args, **named), args


def moved(args, number, step, direction):
    new = map_leaves(lambda a, d: a + step * d, args[number], direction)
    return [*args[:number], new, *args[number + 1 :]]


@pytest.mark.parametrize("words", RIGHT)
def test_right(model, run, words):
    target, *more = words.split()
    result = run("gen", f"model.py:{target}", *more, "-o", "made.py")
    assert result.exit_code == 0, result.output
    gradient = getattr(loaded(model / "made.py"), f"{target.replace('__', '').replace('.', '_')}_grad")
    module = loaded(model / "model.py")
    text, number = RIGHT[words]
    args = eval(text, {**vars(module), "W": W, "B": B, "X": X})
    function = module
    for name in target.split("."):
        function = getattr(function, name)
    function = function.fget if isinstance(function, property) else function
    found, left = called(gradient, args)
    _, expected = called(function, args)
    assert [str(leaf) for leaf in leaves(left)] == [str(leaf) for leaf in leaves(expected)]
    direction = map_leaves(lambda leaf: RNG.normal(size=np.shape(leaf))[()], args[number])
    slope = (
        called(function, moved(args, number, 1e-6, direction))[0]
        - called(function, moved(args, number, -1e-6, direction))[0]
    ) / 2e-6
    assert type(found) is type(args[number]) or np.ndim(found) == 0
    product = sum(np.sum(a * d) for (_, a), (_, d) in zip(leaves(found), leaves(direction), strict=True))
    assert product == pytest.approx(slope, rel=1e-7)


def test_a_class_method(model, run):
    assert run("gen", "model.py:Spring.scaled", "-o", "made.py").exit_code == 0
    assert loaded(model / "made.py").Spring_scaled_grad(0.7) == pytest.approx(4.0 * 0.7)


def test_the_command_makes_it_again(model, run):
    words = ["product", "--arg", "rest: ( float,float )", "--wrt", "rest[1]"]
    assert run("gen", f"model.py:{words[0]}", *words[1:], "-o", "made.py").exit_code == 0
    text = (model / "made.py").read_text()
    again = '# again: s2sad gen model.py:product --mode reverse --wrt rest_1 --arg "rest: (float, float)" -o made.py\n'
    assert again in text
    run("gen", "model.py:product", "--wrt", "rest_1", "--arg", "rest: (float, float)", "-o", "made.py")
    assert (model / "made.py").read_text() == text


REFUSED = {
    "Spring.nothing": ("S101", "`Spring.nothing` of model.py is no method of a class at its top level"),
    "Spring.gain": ("S101", "`Spring.gain` of model.py is not a function"),
    "summed": ("S104", "say it: --arg 'terms: (float, float)'"),
    "product --arg rest:float": ("S104", "--arg 'rest: (float, float[n])' for two of them"),
    "scaled --arg options:float": ("S104", "--arg 'options: {scale: float}' for one of them"),
    "scaled --arg options:{x:float}": ("S104", "does not say what it catches"),
    "product --arg rest:(int,) --wrt rest[0]": ("S401", "rest_0"),
    "makes --mode jvp": ("S201", "the class `Spring` as a value: a file that is made from text has no such class"),
    "raises": ("S201", "the class `Refused` as a value"),
}


@pytest.mark.parametrize("words", REFUSED)
def test_refused(run, words):
    target, *more = words.split()
    result = run("gen", f"model.py:{target}", *more)
    code, text = REFUSED[words]
    assert result.exit_code != 0
    assert code in result.stderr
    assert text in result.stderr


def test_no_test_file_is_written(run):
    result = run("gen", "model.py:product", "--arg", "rest: (float,)", "-o", "made.py", "--emit-tests")
    assert result.exit_code == 2
    assert "no tests are written for functions that take any number of arguments" in result.stderr
