"""Names of live functions: closures, globals, builtins, libraries, modules, at the time of the lookup."""

import copy
import functools
import math
import operator
import os
import random
import sys
import types
from math import sin

import numpy as np
import numpy.linalg as la
import pytest
from numpy import exp as e
from numpy.linalg import norm

import s2sad
from s2sad.errors import DifferentiationError
from s2sad.frontend.library import is_library_module, library_name
from s2sad.frontend.live import resolve_slot, unit_of
from s2sad.frontend.unit import Data, Library, Module, Unresolved, User

G = 9.81
W = np.eye(3)


def double(x):
    return 2 * x


def weight(m):
    return G * double(m)


def fall(m):
    return weight(m) + G


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def timed(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


@timed
def slow(x):
    return x


def lookup(name, function=fall):
    return unit_of(function).scope.lookup(name)


# ------------------------------------------------------------------- libraries


@pytest.mark.parametrize(
    ("name", "dotted"),
    [("e", "numpy.exp"), ("norm", "numpy.linalg.norm"), ("sin", "math.sin"), ("len", "len"), ("float", "float")],
)
def test_functions_of_libraries_have_their_public_name(name, dotted):
    assert lookup(name) == Library(dotted)


@pytest.mark.parametrize(
    ("thing", "dotted"),
    [
        (np.abs, "numpy.absolute"),
        (np.sum, "numpy.sum"),
        (np.array, "numpy.array"),
        (np.float64, "numpy.float64"),
        (np.fft.rfft, "numpy.fft.rfft"),
        (np.random.rand, "numpy.random.rand"),
        (np.random.default_rng, "numpy.random.default_rng"),
        (np.lib.stride_tricks.sliding_window_view, "numpy.lib.stride_tricks.sliding_window_view"),
        (operator.mul, "operator.mul"),
        (functools.reduce, "functools.reduce"),
        (copy.deepcopy, "copy.deepcopy"),
        (os.path.join, "os.path.join"),
        (random.gauss, "random.gauss"),
        (print, "print"),
        (double, None),
        (3.0, None),
        (np.linalg, None),
        (functools.partial(np.sum, axis=0), None),
        (lambda x: x, None),
    ],
)
def test_library_names(thing, dotted):
    assert library_name(thing) == dotted


def test_a_users_function_in_the_builtins_is_not_a_librarys(monkeypatch):
    import builtins

    monkeypatch.setattr(builtins, "double", double, raising=False)
    assert library_name(double) is None


def test_members_of_library_modules():
    scope = unit_of(fall).scope
    numpy = scope.lookup("np")
    assert numpy == Module("numpy")
    assert scope.lookup("la") == scope.member(numpy, "linalg") == Module("numpy.linalg")
    assert scope.member(numpy, "abs") == Library("numpy.absolute")
    assert [scope.member(numpy, name) for name in ("pi", "newaxis", "inf", "r_")] == [
        Library(f"numpy.{name}") for name in ("pi", "newaxis", "inf", "r_")
    ]
    assert scope.member(Module("math"), "pi") == Library("math.pi")
    assert scope.member(Module("os"), "path") == Module("os.path")
    assert scope.member(numpy, "no_such") == Unresolved("module `numpy` has no attribute `no_such`")


def test_a_users_module_called_as_one_of_the_stdlib_is_the_users(tmp_path):
    module = types.ModuleType("statistics")
    module.__file__ = str(tmp_path / "statistics.py")
    assert not is_library_module(module)
    assert is_library_module(random)
    assert is_library_module(s2sad)


# ------------------------------------------------------------------------ data


def test_data_is_looked_up_when_it_is_asked_for(monkeypatch):
    scope = unit_of(fall).scope
    first = scope.lookup("G")
    assert isinstance(first, Data)
    assert (first.name, first.value, first.has_value, first.slot) == ("G", 9.81, True, ("global", "G"))
    monkeypatch.setitem(globals(), "G", 1.62)
    assert scope.lookup("G").value == 1.62


def test_arrays_strings_none_and_constants_that_were_imported_by_name():
    assert lookup("W").value is W
    assert lookup("__name__").value == __name__
    from math import pi

    def area(r):
        return pi * r**2

    assert lookup("pi", area).slot == ("closure", "pi")


def test_closures():
    scale = 3.0

    def f(x):
        return scale * later * x

    bound = lookup("scale", f)
    assert (bound.value, bound.slot) == (3.0, ("closure", "scale"))
    assert "no value yet" in lookup("later", f).reason
    later = 1.0
    assert lookup("later", f).value == later
    scale = 4.0
    assert lookup("scale", f).value == 4.0


def test_undefined_names():
    assert lookup("no_such") == Unresolved("the name `no_such` is not defined")


def test_defaults_are_those_of_the_definition():
    functions = []
    for i in range(3):
        functions.append(lambda x, i=i, *, k=10 * i: i * k * x)
    scope = unit_of(functions[2]).scope
    assert (scope.default("i").value, scope.default("k").value) == (2, 20)
    assert resolve_slot(functions[2], scope.default("k").slot) == 20
    assert isinstance(scope.default("x"), Unresolved)


# ------------------------------------------------------------------- functions


def test_functions_of_the_user_and_the_way_to_their_data():
    unit = lookup("weight").unit
    assert (unit.name, unit.key) == ("weight", f"{__name__}:weight")
    slot = unit.scope.lookup("G").slot
    assert slot == ("global", "weight", "global", "G")
    assert resolve_slot(fall, slot) == G
    assert resolve_slot(fall, ("global", "weight", "global", "double")) is double


def test_recursion_gives_the_same_units():
    unit = unit_of(even)
    other = unit.scope.lookup("odd").unit
    assert other.scope.lookup("even").unit is unit
    assert unit.scope.lookup("odd").unit is other


def test_two_ways_to_one_function_give_one_unit():
    twice = double

    def f(x):
        return double(twice(x))

    scope = unit_of(f).scope
    assert scope.lookup("double").unit is scope.lookup("twice").unit


def test_keys_tell_functions_apart():
    pair = [lambda x: x + 1, lambda x: x + 2]
    first, second = pair

    def f(x):
        return first(second(x))

    scope = unit_of(f).scope
    line = first.__code__.co_firstlineno
    keys = [scope.lookup(name).unit.key for name in ("first", "second")]
    assert keys[0].endswith(f"test_keys_tell_functions_apart.<locals>.<lambda>@{line}")
    assert keys[1] == f"{keys[0]}#2"


def test_modules_of_the_user(monkeypatch):
    outer = types.ModuleType("physics")
    outer.constants = types.ModuleType("physics.constants")
    outer.constants.G = 1.62
    outer.double = double
    outer.exp = np.exp
    monkeypatch.setitem(globals(), "physics", outer)
    scope = unit_of(fall).scope
    module = scope.lookup("physics")
    assert isinstance(module, Module)
    assert (module.dotted, bool(module.key)) == ("physics", True)
    inner = scope.member(module, "constants")
    assert scope.member(inner, "G").slot == ("global", "physics", "attr", "constants", "attr", "G")
    assert resolve_slot(fall, scope.member(inner, "G").slot) == 1.62
    assert scope.member(module, "double").unit is scope.lookup("double").unit
    assert scope.member(module, "exp") == Library("numpy.exp")
    assert scope.member(module, "no_such") == Unresolved("module `physics` has no attribute `no_such`")


def test_a_way_that_is_gone():
    with pytest.raises(DifferentiationError, match="S103 the global `gone` is no longer there"):
        resolve_slot(fall, ("global", "gone"))


# ---------------------------------------------------------------- not functions


class Model:
    def energy(self, x):
        return x

    def __call__(self, x):
        return x

    def private(self, x):
        return __hidden(x)


def test_what_is_no_function_is_unresolved_with_its_reason():
    method, partly, thing = Model().energy, functools.partial(len, base=2), Model()

    def f(x):
        return method(partly(thing(Model(x))))

    assert "`len` is compiled" in lookup("partly", f).reason
    assert lookup("method", f).name == "energy"
    assert lookup("thing", f).made.name == lookup("Model", f).name == "Model"


def test_a_wrapper_is_a_function_like_others():
    unit = unit_of(slow)
    assert (unit.name, unit.node.name) == ("slow", "wrapper")
    inner = unit.scope.lookup("function")
    assert isinstance(inner, User)
    assert inner.unit.node.name == "slow"


def test_private_names_of_classes(monkeypatch):
    monkeypatch.setitem(globals(), "__hidden", double)
    assert isinstance(lookup("__hidden", Model.private), Unresolved)


def test_a_function_without_source_is_unresolved():
    space = {}
    exec("def typed(x): return x", space)
    typed = space["typed"]

    def f(x):
        return typed(x)

    assert "prompt" in lookup("typed", f).reason


def test_scipy():
    special = pytest.importorskip("scipy.special")
    stats = pytest.importorskip("scipy.stats")
    linalg = pytest.importorskip("scipy.linalg")
    assert library_name(special.erf) == "scipy.special.erf"
    assert library_name(stats.norm) == "scipy.stats.norm"
    assert library_name(linalg.cholesky) == "scipy.linalg.cholesky"


def test_what_the_tests_use():
    assert (e, norm, sin, la, math) == (np.exp, np.linalg.norm, math.sin, np.linalg, sys.modules["math"])


WIDTH = 0.25


def narrowed(x):
    return x * WIDTH


def narrowed_twice(x):
    return narrowed(x * x) + WIDTH * x


def test_data_that_two_functions_read_has_one_name():
    gradient = s2sad.grad(narrowed_twice)
    gradient(0.5)
    assert "WIDTH = 0.25" in gradient.source
    assert "WIDTH_1" not in gradient.source
