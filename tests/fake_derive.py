"""A stand-in for the generator, so that dispatch and cache are tested without it: central differences of a copy."""

import ast
from weakref import WeakKeyDictionary

import pytest

from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Data, Unresolved, User
from s2sad.pipeline import DataSlot, Generated, Report

PARTIAL = """
import numpy as np


def _partial(f, args, name):
    x = args[name]
    x_bar = np.zeros(np.shape(x))
    for index in np.ndindex(np.shape(x)):
        step = np.zeros(np.shape(x))
        step[index] = 1e-4
        x_bar[index] = (f(**{**args, name: x + step}) - f(**{**args, name: x - step})) / 2e-4
    return x_bar if np.shape(x) else float(x_bar)
"""
RESULT = {
    "grad": "{bars}",
    "value_and_grad": "{value}, {bars}",
    "vjp": "{value}, lambda y_bar: {bars}",
    "jvp": "{value}, {dots}",
}


def derive(unit, options, kinds, pattern=None, header=()):
    """What `s2sad.pipeline.derive` promises, for functions of plain parameters."""
    derive.calls.append((unit.name, options.mode))
    functions, data = {}, {}
    add(unit, functions, data)
    names = [one.arg for one in (*unit.node.args.args, *unit.node.args.kwonlyargs)]
    args = "{" + ", ".join(f"'{name}': {name}" for name in names) + "}"
    partials = [f"_partial({unit.name}, {args}, '{name}')" for name in options.wrt]
    dots = " + ".join(f"np.sum({name}_dot * {bar})" for name, bar in zip(options.wrt, partials, strict=True))
    bars = partials[0] if options.bare else f"({', '.join(partials)},)"
    result = RESULT[options.mode].format(bars=bars, dots=dots, value=f"{unit.name}(**{args})")
    parameters = ast.unparse(unit.node.args)
    if options.mode == "jvp":
        parameters = ", ".join([*names, *(f"{name}_dot" for name in options.wrt)])
    name = f"{unit.name}_{options.mode}"
    lines = [*(f"# {line}" for line in header), *(f"{slot} = None" for slot in data), PARTIAL, *functions.values()]
    lines += [f"def {name}({parameters}):", f"    return {result}", ""]
    return Generated("\n".join(lines), name, tuple(DataSlot(*item) for item in data.items()), Report(("x",)))


derive.calls = []


def add(unit, functions, data):
    """The text of a function and of those that it calls, and the slots of the data that they read."""
    if unit.name in functions:
        return
    node = ast.parse(ast.unparse(unit.node)).body[0]
    node.decorator_list = []
    if unit.name.endswith(f"_{node.name}"):
        node.name = unit.name  # a method
    functions[unit.name] = ast.unparse(node)
    local = {one.arg for one in ast.walk(unit.node.args) if isinstance(one, ast.arg)}
    names = [part for part in ast.walk(unit.node) if isinstance(part, ast.Name)]
    local |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
    for name in sorted({name.id for name in names} - local):
        match unit.scope.lookup(name):
            case Data(slot=slot):
                data[name] = slot
            case User(unit=other):
                add(other, functions, data)
            case Unresolved(reason=reason):
                raise DifferentiationError("S103", reason)


def install(patch=setattr):
    import s2sad.pipeline

    patch(s2sad.pipeline, "derive", derive)


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """The derivatives generated in a test, whose cache is its own."""
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("s2sad.cache._REFUSED", set())
    monkeypatch.setattr("s2sad.specialise._ENTRIES", {})
    monkeypatch.setattr("s2sad.derivatives._SHARED", WeakKeyDictionary())
    install(monkeypatch.setattr)
    monkeypatch.setattr(derive, "calls", [])
    return derive.calls
