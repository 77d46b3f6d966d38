"""The same input gives the same bytes in every process, and what is generated is itself valid input."""

import ast
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from s2sad.emit import emit
from s2sad.errors import DifferentiationError
from s2sad.frontend.lower import lower
from s2sad.frontend.static import static_unit
from s2sad.ir import Expr, Name, Routine
from s2sad.kind import Number
from s2sad.options import Options
from s2sad.pipeline import derive
from s2sad.program import Program
from s2sad.simplify.gathered import with_comprehensions
from s2sad.simplify.in_place import in_place
from s2sad.simplify.jumps import with_jumps
from s2sad.traversal import map_children, map_statement
from tests.test_golden import FILES, read

PROJECT = Path(__file__).parents[1]

# Prints the derivatives of every golden case, by name and mode.
DERIVE = """
import json, sys
from tests.test_golden import FILES, read
files = FILES[:: int(sys.argv[1])]
made = {path.stem: {mode: golden.made(mode) for mode in golden.expected} for path in files if (golden := read(path))}
print(json.dumps(made))
"""


def derivatives(seed: str, order: str) -> dict[str, dict[str, str]]:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", DERIVE, order]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, env=environment)
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def test_bytes_depend_on_nothing_else():
    """Not on the hash seed, and not on what was generated before."""
    first, second = derivatives("1", "1"), derivatives("2", "-1")
    assert len(first) >= 12
    for name, texts in first.items():
        assert texts == second[name], name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_read_back(path, tmp_path):
    """What is generated, read and printed again is the same program, where it is inside the language."""
    golden = read(path)
    for mode in golden.expected:
        file = tmp_path / f"{mode}.py"
        file.write_text(golden.made(mode), encoding="utf-8")
        derivative = [node for node in ast.parse(file.read_bytes()).body if isinstance(node, ast.FunctionDef)][-1]
        try:
            program = lower(static_unit(file, derivative.name))
        except DifferentiationError as error:
            if mode == "forward" and error.code != "S301":  # a helper that assigns elements
                raise
            continue
        if any(isinstance(node, ast.comprehension) and node.ifs for node in ast.walk(derivative)):
            continue  # It is read as a loop with a branch, and stays one.
        assert ast.dump(ast.parse(printed(program)).body[-1]) == ast.dump(derivative)


def printed(program: Program) -> str:
    """The first function of a program."""

    def named(node: Expr) -> Expr:
        return Name(program.names[node.key]) if isinstance(node, Routine) else map_children(node, named)

    key, function = next(iter(program.functions.items()))
    written = with_jumps(replace(function, name=program.names[key]))
    body = tuple(map_statement(s, named) for s in in_place(written.body))
    return emit((), [], [with_comprehensions(replace(written, body=body))], program.spelling)


def derive_file(file: Path, function: str, options: Options) -> tuple[str, str]:
    """The text of a derivative of a function in a file, read as text, and the derivative's name."""
    unit = static_unit(file, function)
    kinds = {param.arg: Number("float") for param in unit.node.args.args}
    made = derive(unit, options, kinds)
    return made.text, made.name


LOGISTIC = """\
def logistic(x):
    for i in range(3):
        x = 4 * x * (1 - x)
    return x
"""
NEURON = """\
import math


def neuron(w, x, b):
    z = w * x + b
    if z > 4:
        return z
    y = 1 / (1 + math.exp(-z))
    return y * y / 2
"""
CALLS = """\
import math


def inner(t, k):
    return math.sin(k * t)


def outer(x):
    return inner(x, 2.0) * inner(x * x, 3.0)
"""
SOURCES = {"logistic": (LOGISTIC, (0.3,)), "neuron": (NEURON, (0.4, 0.7, -0.2)), "outer": (CALLS, (0.6,))}


@pytest.mark.parametrize("name", SOURCES)
def test_forward_of_forward(name, tmp_path):
    """The second derivative along a line, against the difference of first ones."""
    source, point = SOURCES[name]
    primal, first, second = (tmp_path / f"{part}.py" for part in ("primal", "first", "second"))
    primal.write_text(source, encoding="utf-8")
    x = static_unit(primal, name).node.args.args[0].arg
    text, jvp = derive_file(primal, name, Options("jvp", (x,)))
    first.write_text(text, encoding="utf-8")
    text, jvp_of_jvp = derive_file(first, jvp, Options("jvp", (x,)))
    second.write_text(text, encoding="utf-8")
    slope, twice = load(first)[jvp], load(second)[jvp_of_jvp]
    (_, tangent), (_, curvature) = twice(*point, 1.0, 1.0)
    step = 1e-6
    after, before = (slope(point[0] + h, *point[1:], 1.0)[1] for h in (step, -step))
    assert tangent == slope(*point, 1.0)[1]
    assert curvature == pytest.approx((after - before) / (2 * step), rel=1e-6)


# A gradient that keeps lists is not yet inside the language.
@pytest.mark.parametrize("name", ["neuron", "outer"])
def test_forward_of_reverse(name, tmp_path):
    """The tangent of a gradient, against the difference of gradients."""
    source, point = SOURCES[name]
    primal, first = tmp_path / "primal.py", tmp_path / "first.py"
    primal.write_text(source, encoding="utf-8")
    x = static_unit(primal, name).node.args.args[0].arg
    text, grad = derive_file(primal, name, Options("grad", (x,)))
    first.write_text(text, encoding="utf-8")
    gradient = load(first)[grad]
    text, tangent_of_grad = derive_file(first, grad, Options("jvp", (x,)))
    value, curvature = namespace(text)[tangent_of_grad](*point, 1.0)
    step = 1e-6
    after, before = (gradient(point[0] + h, *point[1:]) for h in (step, -step))
    assert value == gradient(*point)
    assert curvature == pytest.approx((after - before) / (2 * step), rel=1e-6)


def load(file: Path) -> dict[str, object]:
    return namespace(file.read_text(encoding="utf-8"))


def namespace(text: str) -> dict[str, object]:
    space: dict[str, object] = {"__name__": "generated"}
    exec(compile(text, "<generated>", "exec"), space)
    return space
