"""A stand-in for the generator: modules that hold a copy of the function and differentiate it by central differences."""

import ast
import inspect

from s2sad.frontend.unit import Data, Library, Module, User
from s2sad.pipeline import DataSlot, Generated, Report

TEXT = '''
def _shift(x, x_dot, h):
    return x + h * x_dot

def _partial(f, args, name):
    x = args[name]
    x_bar = np.zeros_like(np.asarray(x, dtype=float))
    for index in np.ndindex(np.shape(x)):
        unit = np.zeros_like(x_bar)
        unit[index] = 1e-6
        unit = unit if np.shape(x) else 1e-6
        x_bar[index] = (f(**{**args, name: x + unit}) - f(**{**args, name: x - unit})) / 2e-6
    return x_bar if np.shape(x) else float(x_bar)
'''
BODY = {
    "grad": "return {bars}",
    "value_and_grad": "return {call}, {bars}",
    "vjp": "return {call}, lambda y_bar: (y_bar * np.asarray({bars}))",
    "jvp": "return {call}, {dots}",
}


def derive(unit, options, kinds, pattern=None, header=()):
    pieces, data = {}, {}
    add(unit, pieces, data)
    names = [one.arg for one in unit.node.args.args]
    args = "{" + ", ".join(f"'{name}': {name}" for name in names) + "}"
    bars = [f"_partial({unit.name}, {args}, '{name}')" for name in options.wrt]
    dots = " + ".join(f"np.sum({name}_dot * {bar})" for name, bar in zip(options.wrt, bars, strict=True))
    call = f"{unit.name}({', '.join(names)})"
    joined = bars[0] if options.bare else f"({', '.join(bars)},)"
    signature = ast.unparse(unit.node.args)
    if options.mode == "jvp":
        signature = ", ".join([*names, *(f"{name}_dot" for name in options.wrt)])
    name = f"{unit.name}_{options.mode}"
    body = BODY[options.mode].format(bars=joined, dots=dots, call=call)
    lines = [*(f"# {line}" for line in header), "import numpy as np", TEXT, *pieces.values()]
    lines += [f"def {name}({signature}):", f"    # {sorted(kinds)}", f"    {body}", ""]
    derive.calls.append(unit.name)
    slots = tuple(DataSlot(name, slot) for name, slot in data.items())
    return Generated("\n".join(lines), name, slots, Report(("x",)))


derive.calls = []


def add(unit, pieces, data):
    """The text of a function and of those that it calls; the slots of the data they read."""
    if unit.name in pieces:
        return
    node = ast.parse(ast.unparse(unit.node)).body[0]
    node.decorator_list = []
    pieces[unit.name] = ast.unparse(node)
    for name in sorted({part.id for part in ast.walk(unit.node) if isinstance(part, ast.Name)}):
        if name not in {one.arg for one in unit.node.args.args}:
            match unit.scope.lookup(name):
                case Data(slot=slot):
                    data[name] = slot
                case User(unit=other):
                    add(other, pieces, data)
                case Library() | Module():
                    pass


def install():
    import s2sad.pipeline

    s2sad.pipeline.derive = derive


assert inspect
