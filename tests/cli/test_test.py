"""`s2sad test`: derivatives of functions in files, and derivatives in files."""

import subprocess
import sys

import pytest

from tests.cli.conftest import spoilt

MODEL = """\
from dataclasses import dataclass

import numpy as np

START = 2.0


@dataclass
class Params:
    w: float
    b: float


def loss(w: "float[m, n]", x: "float[n]", scale: float = 1.5):
    return scale * np.sum(np.tanh(w @ x) ** 2)


def powers(x, n):
    for i in range(n):
        x = np.sin(x) * x
    return x


def line(p, x):
    return p[0] * x + p[1]


def ramp(x):
    return np.where(x > 0, x, 0.0)


def strange(x: float):
    return np.vectorize(lambda y: y)(x)


def root(x: float):
    if x < 1:
        raise ValueError("too small")
    return np.sqrt(x)
"""


@pytest.fixture(autouse=True)
def model(project, monkeypatch):
    """A module that may be imported, and nothing of it left behind."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(project / "cache"))
    (project / "model.py").write_text(MODEL)
    before = set(sys.modules)
    yield project
    for name in set(sys.modules) - before:
        if str(project) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_a_table(run):
    result = run("test", "model.py:loss", "--size", "m=1", "--at", "x=[0.5, 1, 2]", "--arg", "w: float[m, 3]")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "model.py:loss  order 1, fwd and rev, with respect to w, x"
    assert lines[1:4] == [
        "at     w = array([[0.61 , 0.316, 0.133]])",
        "       x = array([0.5, 1. , 2. ])",
        "       scale = 1.5",
    ]
    assert lines[4].split() == ["mode", "in", "of", "by", "derivative", "difference", "error", "ratio"]
    assert [line.split()[:2] for line in lines[5:-1]] == [
        ["ok", mode] for mode in "fwd fwd rev rev rev rev both".split()
    ]
    assert lines[-1] == "7 ok"


def test_orders_modes_and_wrt(run):
    result = run("test", "model.py:loss", "--order", "2", "--modes", "fwd", "-w", "x")
    assert result.exit_code == 0, result.output
    assert "jvp(jvp(loss))" in result.stdout
    assert "rev" not in result.stdout
    assert "w_dot" not in result.stdout


@pytest.mark.parametrize(
    "values", [["x=0.5", "n=2"], ["x=[1.0, 2.0]", "n=3"], ["x=np.ones((2, 2))", "n=1"], ["x=START", "n=len('ab')"]]
)
def test_values(run, values):
    result = run("test", "model.py:powers", *(word for value in values for word in ("--at", value)))
    assert result.exit_code == 0, result.output


def test_a_number_that_wrt_names_is_a_float(run):
    result = run("test", "model.py:powers", "--at", "x=2", "--at", "n=2", "-w", "x")
    assert result.exit_code == 0, result.output
    assert "x = 2.0" in result.stdout


def test_the_same_values_again(run):
    assert run("test", "model.py:loss").stdout == run("test", "model.py:loss").stdout


def test_a_failed_check(run):
    result = run("test", "model.py:ramp", "--at", "x=[0.0, 1.0]")
    assert result.exit_code == 1
    assert [line.split()[0] for line in result.stdout.splitlines()[3:]] == ["wrong", "wrong", "ok", "1"]
    assert result.stdout.splitlines()[3].endswith("kink?")
    assert result.stdout.endswith("1 ok, 2 wrong\n")


def test_not_differentiable(run):
    result = run("test", "model.py:strange")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "S20" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["model.py:powers"], "nothing is known of `x`: give a value, --at 'x=[1.0, 2.0]', or a kind"),
        (["model.py:powers", "--at", "x"], "`--at x` is not understood: write NAME=VALUE"),
        (["model.py:powers", "--at", "y=1.0"], "`powers` has no parameter `y`: it takes x, n"),
        (["model.py:powers", "--at", "x=f(1)"], "`--at x=f(1)` raises NameError: name 'f' is not defined"),
        (["model.py:powers", "--at", "x=[1.0]", "--at", "n=1", "--modes", "all"], "there are fwd and rev"),
        (["model.py:loss", "--size", "k=3"], "`--size k=…`: no parameter of `loss` has this letter; there are m, n"),
        (["model.py:loss", "--size", "m=x"], "a size is a whole number"),
        (["model.py:loss", "--at", "x=1.0"], "the value of `x` is no array of 1 dimensions"),
        (["model.py:loss", "--at", "x=[1.0]"], "model.py:loss raises ValueError at this point"),
        (
            ["model.py:root", "--at", "x=0.5"],
            "model.py:root raises ValueError at this point: too small. Choose another",
        ),
        (["model.py:nothing"], "there is no function `nothing` in model.py"),
        (["model.py:START"], "`START` in model.py is 2.0, no function"),
        (["model.py:powers", "--at", "x=3", "--at", "n=2"], "none of the arguments consists of floats"),
        (["model.py:loss", "--wrt", "z"], "names none of them"),
        (["other.py:f"], "there is no file other.py"),
    ],
)
def test_usage(run, words, message):
    result = run("test", *words)
    assert result.exit_code == 2
    assert message in result.stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [("import nowhere_to_be_found", "ModuleNotFoundError: No module named"), ("raise SystemExit(3)", "SystemExit: 3")],
)
def test_a_file_that_cannot_be_imported(model, run, line, message):
    (model / "broken.py").write_text(f"{line}\n\ndef f(x: float):\n    return x\n")
    result = run("test", "broken.py:f")
    assert result.exit_code == 2
    assert f"broken.py cannot be imported: {message}" in result.stderr


def test_a_module_in_a_package(model, run):
    package = model / "package" / "inner"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package.parent / "base.py").write_text("def square(x):\n    return x * x\n")
    (package / "part.py").write_text("from ..base import square\n\n\ndef f(x: float):\n    return square(x) * x\n")
    assert run("test", "package/inner/part.py:f").exit_code == 0


def test_help_says_that_the_file_is_imported(run):
    text = " ".join(run("test", "--help").stdout.split())
    assert "it imports the file and runs the function" in text


# --------------------------------------------------------- derivatives in files


@pytest.mark.parametrize(
    "mode", ["grad", "value_and_grad", "jvp", "vjp", "jacfwd", "jacrev", "jacobian", "hessian", "hvp"]
)
def test_a_generated_file(model, run, mode):
    assert run("gen", "model.py:loss", "--wrt", "w,x", "--mode", mode, "-o", "generated/").exit_code == 0
    file = model / "generated" / f"loss_{mode}.py"
    result = run("test", f"generated/loss_{mode}.py:loss_{mode}")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(
        f"generated/loss_{mode}.py:loss_{mode}  {mode} of model.py:loss, with respect to w, x\n"
    )
    file.write_text(spoilt(file.read_text()))
    assert run("test", f"generated/loss_{mode}.py:loss_{mode}").exit_code == 1


@pytest.mark.parametrize(("mode", "x"), [("derivative", "0.5"), ("elementwise_grad", "[0.5, 1.5]")])
def test_a_generated_file_of_an_elementwise_function(run, mode, x):
    run("gen", "model.py:powers", "--mode", mode, "-o", "generated/")
    result = run("test", f"generated/powers_{mode}.py:powers_{mode}", "--at", f"x={x}", "--at", "n=2")
    assert result.exit_code == 0, result.output


def test_the_derivative_of_a_generated_file(run):
    run("gen", "model.py:loss", "--wrt", "w", "-o", "generated/")
    result = run("test", "generated/loss_grad.py:loss_grad", "--order", "2")
    assert result.exit_code == 0, result.output
    assert "jvp(loss_grad)" in result.stdout


def test_a_derivative_by_hand(model, run):
    (model / "hand.py").write_text("def line_grad(p, x):\n    return p[0]\n")
    values = "--at", "p=(2.0, 1.0)", "--at", "x=3.0"
    result = run("test", "hand.py:line_grad", "--against", "model.py:line", "-w", "x", *values)
    assert result.exit_code == 0, result.output
    (model / "hand.py").write_text("def line_grad(p, x):\n    return x\n")
    assert run("test", "hand.py:line_grad", "--against", "model.py:line", "-w", "x", *values).exit_code == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["hand.py:slope", "--against", "model.py:line"], "let its name end with _jvp, _vjp, _grad"),
        (["moved/loss_grad.py:loss_grad"], "moved/loss_grad.py was made from model.py:loss, which is not below"),
        (
            ["generated/loss_vjp.py:loss_vjp", "--order", "2"],
            "a vjp returns a function, which cannot be differentiated",
        ),
    ],
)
def test_usage_of_derivatives(model, run, words, message):
    (model / "hand.py").write_text("def slope(p, x):\n    return x\n")
    run("gen", "model.py:loss", "--mode", "vjp", "-o", "generated/")
    run("gen", "model.py:loss", "-o", "moved/")
    (model / "moved" / "pyproject.toml").touch()
    result = run("test", *words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_s2sad_does_not_import_it():
    code = "import sys, s2sad; sys.exit('s2sad.testing' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
