"""`s2sad gen --emit-tests`: test files that need no s2sad, and find errors."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import spoilt

MODEL = """\
import numpy as np


def loss(w: "float[m, n]", x: "float[n]", scale=1.5):
    return scale * np.sum(np.tanh(w @ x) ** 2)


def layer(x: "float32[n]", *, n: int = 3):
    return np.sin(x) * n, np.sum(x)


def pair(p: "(float, float[n])", x):
    return p[0] * x + np.sum(p[1] * p[1]) * x


def aux(x: float):
    return x * x, 3


def wave(z: "complex[n]"):
    return np.sum(np.abs(z) ** 2)


def number(x, slope: float, h: float, n):
    for i in range(n):
        x = x * slope + h
    return x


def mixed(x: "float[n]", w: "float[m, n]"):
    return {"a": w @ x, "b": (np.sum(x), x * x)}


def large(x: "float[10, 20]"):
    return np.sum(np.exp(x) * x)
"""

LISTED = """\
[[tool.s2sad.derivative]]
function = "model.py:loss"
mode = "vjp"
wrt = "w,x"
output = "generated/"
tests = true

[[tool.s2sad.derivative]]
function = "model.py:loss"
mode = "forward"
wrt = "w,x"
output = "generated/"

[[tool.s2sad.derivative]]
function = "model.py:number"
wrt = "x,slope"
output = "generated/number_grad.py"
tests = true
at = { x = "0.5", n = "3" }
"""


@pytest.fixture(autouse=True)
def model(project, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    (project / "model.py").write_text(MODEL)
    yield project
    sys.modules.pop("model", None)


def run_tests(folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    """Runs test files in a process that cannot import s2sad."""
    (folder / "conftest.py").write_text("import sys\nsys.modules['s2sad'] = None\n")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *files]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)


def failures(file: Path) -> list[str]:
    """The tests in a file that fail, run here."""
    sys.modules.pop("model", None)
    found = []
    for name, function in runpy.run_path(str(file)).items():
        if name.startswith("test_"):
            try:
                function()
            except AssertionError:
                found.append(name)
    return found


EMITTED = [
    ("loss", "grad", "w,x", []),
    ("loss", "value_and_grad", "x", []),
    ("loss", "jvp", "w,x", []),
    ("loss", "vjp", "w,", []),
    ("loss", "grad", "w", ["w=[[1, 2]]", "x=[0.5, -0.3]", "scale=2"]),
    ("layer", "jvp", "x", []),
    ("layer", "vjp", "x", ["n=2"]),
    ("pair", "vjp", "p,x", ["x=2.0"]),
    ("pair", "jvp", "p,x", ["x=2.0", "p=(2.0, [1.0, 3.0])"]),
    ("wave", "grad", "z", []),
    ("number", "grad", "x,h,slope", ["x=0.5", "n=3"]),
    ("large", "grad", "x", []),
    ("loss", "jacfwd", "w,x", []),
    ("layer", "jacrev", "x", []),
    ("mixed", "jacobian", "x,w", []),
    ("loss", "hessian", "w,x", []),
    ("loss", "hessian", "x", []),
    ("loss", "hvp", "w,x", []),
    ("loss", "hvp", "w,", []),
    ("number", "derivative", "x", ["x=0.5", "n=3"]),
    ("number", "elementwise_grad", "x", ["x=[0.5, 0.7]", "n=3"]),
]


@pytest.mark.parametrize(("function", "mode", "wrt", "at"), EMITTED)
def test_emitted_tests_pass_and_find_errors(model, run, function, mode, wrt, at):
    values = [word for text in at for word in ("--at", text)]
    command = (
        "gen",
        f"model.py:{function}",
        "--mode",
        mode,
        "--wrt",
        wrt,
        "-o",
        "generated/d.py",
        "--emit-tests",
        *values,
    )
    result = run(*command)
    assert result.exit_code == 0, result.output
    assert re.search(r"^wrote +tests/test_d.py +\d+ lines, compares it with differences", result.stdout, re.M)
    assert failures(model / "tests/test_d.py") == []
    file = model / "generated" / "d.py"
    file.write_text(spoilt(file.read_text()))
    assert failures(model / "tests/test_d.py")


def test_the_text(model, run):
    run("gen", "model.py:loss", "--wrt", "x", "-o", "generated/loss_grad.py", "--emit-tests")
    text = (model / "tests/test_loss_grad.py").read_text()
    assert text.startswith("# made by s2sad ")
    again = "# again: s2sad gen model.py:loss --mode reverse --wrt x -o generated/loss_grad.py --emit-tests"
    assert text.splitlines()[3] == again
    assert set(re.findall(r"^(?:import|from) (\w+)", text, re.M)) == {"importlib", "numpy", "pathlib", "runpy", "sys"}
    assert text.endswith(
        '''
def test_by_x():
    """The gradient with respect to x."""
    gradient = loss_grad(w, x, scale)
    expected, error = slope(lambda h: loss(w, x + h * x_dot, scale))
    assert form(gradient) == form(x)
    assert_close(numbers(gradient) @ numbers(x_dot), expected, error)
'''
    )
    assert not re.search(r"moved|like|times", text)


def test_the_derivative_is_the_same_with_and_without_tests(model, run):
    run("gen", "model.py:loss", "-o", "generated/a.py", "--emit-tests")
    with_tests = (model / "generated/a.py").read_bytes()
    (model / "generated/a.py").unlink()
    run("gen", "model.py:loss", "-o", "generated/a.py")
    assert (model / "generated/a.py").read_bytes() == with_tests


def test_names_that_the_file_needs_itself(model, run):
    run("gen", "model.py:number", "--wrt", "slope", "-o", "d.py", "--emit-tests", "--at", "x=1.0", "--at", "n=2")
    text = (model / "tests/test_d.py").read_text()
    assert "slope(lambda h: number(x, slope_1 + h * slope_dot, h_1, n))" in text
    assert run_tests(model, "tests/test_d.py").returncode == 0


def test_the_same_bytes_from_everywhere(model, run, monkeypatch, tmp_path_factory):
    words = ["--wrt", "w", "--emit-tests", "--at", "scale=3"]
    run("gen", "model.py:loss", "-o", "generated/d.py", *words)
    here = (model / "tests/test_d.py").read_bytes()
    (model / "tests/test_d.py").unlink()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    run("gen", f"{model}/model.py:loss", "-o", f"{model}/generated/d.py", *words)
    assert (model / "tests/test_d.py").read_bytes() == here
    assert str(model).encode() not in here


def test_listed(model, run):
    (model / "pyproject.toml").write_text(LISTED)
    assert run("gen").exit_code == 0
    assert sorted(os.listdir(model / "tests")) == ["test_loss_vjp.py", "test_number_grad.py"]
    assert "def test_forward_against_reverse" in (model / "tests/test_loss_vjp.py").read_text()
    done = run_tests(model, "tests")
    assert done.returncode == 0, done.stdout
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "ok       generated/loss_vjp.py",
        "ok       tests/test_loss_vjp.py",
        "ok       generated/loss_jvp.py",
        "ok       generated/number_grad.py",
        "ok       tests/test_number_grad.py",
        "5 ok",
    ]
    file = model / "tests/test_number_grad.py"
    file.write_text(file.read_text().replace("1e-06", "1e-03"))
    result = run("check", "--diff")
    assert result.exit_code == 1
    assert "drift    tests/test_number_grad.py" in result.stdout
    assert "-RTOL = 1e-03" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["model.py:loss", "--emit-tests"], "--emit-tests goes with a file: name it by -o"),
        (["model.py:loss", "-o", "d.py", "--at", "x=[1.0]"], "--at gives values for tests: it goes with --emit-tests"),
        (["model.py:number", "-o", "d.py", "--emit-tests"], "nothing is known of `x`"),
        (["model.py:loss", "-o", "d.py", "--emit-tests", "--at", "x=np.ones(3)"], "this is no literal of Python's"),
        (
            ["model.py:pair", "-o", "d.py", "--emit-tests", "--at", "x=1.0", "--mode", "jacfwd"],
            "there are no tests of a jacfwd with respect to a container, as `p` is",
        ),
        (["--emit-tests"], "--emit-tests belongs to a function"),
        (
            ["model.py:loss", "model.py:large", "-o", "tests/", "--emit-tests", "--at", "x=3"],
            "the value of `x` is no array",
        ),
    ],
)
def test_usage(model, run, words, message):
    result = run("gen", *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (model / "d.py").exists()


def test_tests_of_two_derivatives_in_one_file(model, run):
    (model / "pyproject.toml").write_text(
        LISTED.replace('output = "generated/number_grad.py"', 'output = "a/loss_vjp.py"')
    )
    result = run("gen")
    assert result.exit_code == 2
    assert "the tests of two derivatives would go to tests/test_loss_vjp.py" in result.stderr


def test_a_test_file_of_somebody_else_is_not_overwritten(model, run):
    (model / "tests").mkdir()
    (model / "tests/test_d.py").write_text("x = 1\n")
    result = run("gen", "model.py:loss", "-o", "d.py", "--emit-tests")
    assert result.exit_code == 2
    assert "tests/test_d.py was not made by s2sad: --force" in result.stderr
