"""The files in generated/ need NumPy and nothing else: each is imported and run where s2sad cannot be found."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

GENERATED = Path(__file__).parents[1] / "generated"
FILES = sorted(GENERATED.glob("*.py"))

# Runs a file with the arguments on stdin; under -I and -S only the standard library and NumPy are on the path.
RUN = """
import runpy, sys
sys.path.append(sys.argv[1])
import numpy as np
before = set(sys.modules)
space = runpy.run_path(sys.argv[2])
function = space[sys.argv[3]]
result = function(*eval(sys.stdin.read(), {"np": np}))
if sys.argv[3].endswith("_vjp"):
    value, pullback = result
    result = value, pullback(value)
new = {name.partition(".")[0] for name in set(sys.modules) - before}
assert not new & {"s2sad", "astor", "black"}, new
assert not new - set(sys.stdlib_module_names) - {"numpy"}, new
print(repr(result))
"""

ARGUMENTS = {
    "logistic": "(0.3,)",
    "curvature": "(0.3,)",
    "directional_curvature": "(np.ones(3), np.ones(3), 0.1, 1.0, np.ones(3))",
    "neuron": "(np.ones(3), np.ones(3), 0.1, 1.0)",
    "mvm": "(np.ones(3), np.ones((2, 3)))",
    "chain": "(np.ones(2), np.ones((3, 2)), np.ones((4, 3)), np.ones((2, 4)))",
    "loss": "(np.ones((4, 3)), np.ones(3), np.ones((3, 2)), np.ones(2), np.ones((5, 4)), np.ones((5, 2)))",
    "eccentric_anomaly": "(1.0, 0.5)",
    "heat": "(np.ones(5), 0.2, 3)",
}
TANGENTS = {
    "logistic": "(1.0,)",
    "neuron": "(np.ones(3), np.ones(3), 1.0)",
    "mvm": "(np.ones(3), np.ones((2, 3)))",
    "chain": "(np.ones(2),)",
    "loss": "(np.ones((4, 3)), np.ones(3), np.ones((3, 2)), np.ones(2))",
    "eccentric_anomaly": "(1.0, 1.0)",
}


def function_in(file: Path) -> tuple[str, str]:
    """The derivative's name and that of its primal."""
    name = next(line for line in reversed(file.read_text(encoding="utf-8").splitlines()) if line.startswith("def "))
    derivative = name.removeprefix("def ").partition("(")[0]
    return derivative, next(primal for primal in ARGUMENTS if derivative.startswith(primal))


def test_there_are_files():
    assert FILES


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_runs_without_s2sad(file, tmp_path):
    name, primal = function_in(file)
    arguments = ARGUMENTS[primal] + (f" + {TANGENTS[primal]}" if name.endswith(("_jvp", "_hvp")) else "")
    # A directory with NumPy alone.
    for package in Path(np.__file__).parents[1].glob("numpy*"):
        (tmp_path / package.name).symlink_to(package)
    command = [sys.executable, "-I", "-S", "-W", "error", "-c", RUN, tmp_path, file, name]
    done = subprocess.run(command, input=arguments, capture_output=True, text=True, cwd=tmp_path)
    assert not done.returncode, done.stderr
    assert "nan" not in done.stdout


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_says_what_it_is(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# made by s2sad ")
    assert lines[3].startswith("# again: s2sad gen examples/")
