import importlib
import os
import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from s2sad.cli import app
from s2sad.errors import DifferentiationError
from s2sad.ir import Span
from s2sad.pipeline import Generated, Report

MODEL = """\
raise RuntimeError("a file that is read only must not be run")


def loss(w, x: float, n: int = 3):
    for i in range(n):
        w = 4 * w * (x - w)
    return w


def other(x: float):
    return x * x


def refused(x):
    return strange(x)
"""

PYPROJECT = """\
[[tool.s2sad.derivative]]
function = "model.py:loss"
mode = "reverse"
wrt = ["w"]
args = { w = "float" }
output = "generated/loss_grad.py"

[[tool.s2sad.derivative]]
function = "model.py:other"
mode = "forward"
output = "generated/"
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A directory with a model and a pyproject.toml, which is the working directory."""
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def fake(project, monkeypatch):
    """In place of the generator one that only copies: what the command line does with a text does not depend on it."""
    # The packages export functions under the names of their modules.
    for module in ("request", "explain"):
        monkeypatch.setattr(importlib.import_module(f"s2sad.cli.{module}"), "derive", fake_derive)
    return project


def fake_derive(unit, options, kinds, pattern=None, header=()):
    if unit.name == "refused":
        raise DifferentiationError("S204", "no rule for `strange`", unit.place(Span(15, 11, 18)), "give it a rule")
    name = f"{unit.name}_{options.mode}"
    lines = [*(f"# {line}" for line in header), f"def {name}({', '.join(options.wrt)}):", f"    return {kinds!r}", ""]
    return Generated("\n".join(lines), name, (), Report(("w, x",), ("w before line 6",), ("4 * w",)))


@pytest.fixture
def run() -> Callable[..., Result]:
    def run(*words: object) -> Result:
        result = CliRunner().invoke(app, [str(word).replace(os.sep, "/") for word in words], prog_name="s2sad")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


OFF = """

def _off(value):
    if callable(value):
        return lambda y_bar: _off(value(y_bar))
    if isinstance(value, (tuple, list)):
        return type(value)([*value[:-1], _off(value[-1])])
    if isinstance(value, dict):
        return {{key: _off(part) for key, part in value.items()}}
    return value * 1.01


_right = {name}


def {name}(*args, **keywords):
    return _off(_right(*args, **keywords))
"""


def spoilt(text: str) -> str:
    """A generated file whose derivative is off by 1 percent, in the last of its results."""
    name = re.findall(r"^def (\w+)", text, re.M)[-1]
    return text + OFF.format(name=name)
