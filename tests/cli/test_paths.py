"""`--wrt` that names a part of an argument by its path."""

import runpy

import numpy as np
import pytest

MODEL = """\
from dataclasses import dataclass

import numpy as np


@dataclass
class Layer:
    W: "float[n, m]"
    b: "float[n]"
    k: int = 2


def loss(params: "{W: float[m], b: float, n: int}", x: "float[m]"):
    return np.sum(np.tanh(params["W"] * x) + params["b"]) ** params["n"]


def net(layers: "(Layer, Layer)", x: "float[m]"):
    return np.sum(layers[1].W @ np.tanh(layers[0].W @ x + layers[0].b))


def anything(params, x):
    return np.sum(params["W"] * x)
"""


@pytest.fixture(autouse=True)
def model(project):
    (project / "model.py").write_text(MODEL)
    return project


def test_a_file(model, run):
    result = run("gen", "model.py:loss", "--wrt", "params.W", "-o", "generated/loss_grad.py")
    assert result.exit_code == 0, result.stderr
    gradient = runpy.run_path(str(model / "generated/loss_grad.py"))["loss_grad"]
    x = np.array([0.2, 0.7])
    found = gradient({"W": x, "b": 0.5, "n": 1}, x)
    np.testing.assert_allclose(found, x / np.cosh(x * x) ** 2)
    assert run("test", "generated/loss_grad.py:loss_grad").exit_code == 0


@pytest.mark.parametrize("wrt", ["params.W", 'params["b"],x'])
@pytest.mark.parametrize("order", ["1", "2"])
def test_a_check(run, wrt, order):
    result = run("test", "model.py:loss", "--wrt", wrt, "--order", order)
    assert result.exit_code == 0, result.output


REFUSED = {
    "model.py:loss --wrt params.n": "S401 cannot differentiate with respect to `params.n`: it is of type int",
    "model.py:loss --wrt params": 'S401 cannot differentiate with respect to `params["n"]`: it is of type int',
    "model.py:net --wrt layers[-1].k": "S401 cannot differentiate with respect to `layers[-1].k`: it is of type int",
    "model.py:net --wrt layers[0]": "S401 cannot differentiate with respect to `layers[0].k`: it is of type int",
    "model.py:net --wrt layers[2].W": "S104 `wrt='layers[2].W'` names no part of an argument of `net`",
    "model.py:loss --wrt params.V": "`params` has 'W', 'b', 'n'",
    "model.py:anything --wrt params.W": "`params` is of type unknown, whose parts are not known",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_part_of_floats(run, words):
    result = run("gen", *words.split())
    assert result.exit_code == 2
    assert REFUSED[words] in result.stderr


def test_no_test_file_is_written(run):
    result = run("gen", "model.py:loss", "--wrt", "params.W", "-o", "generated/loss_grad.py", "--emit-tests")
    assert result.exit_code == 2
    assert "no tests are written for a part of an argument, `params.W`: `s2sad test` can check it" in result.stderr
