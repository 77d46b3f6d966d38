"""The notebooks in examples/: they run, and show what they showed when they were written down."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.notebooks import read, texts

PROJECT = Path(__file__).parents[1]
NOTEBOOKS = sorted((PROJECT / "examples").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_golden_outputs(notebook, tmp_path, request):
    """`--update-golden` writes the outputs anew, and so does `python -m tests.notebooks`."""
    pytest.importorskip("matplotlib")
    # A process of its own: a notebook declares rules.
    command = [sys.executable, "-W", "error", "-m", "tests.notebooks", notebook, "-o", tmp_path / notebook.name]
    subprocess.run(command, check=True, cwd=PROJECT, env=os.environ | {"MPLBACKEND": "Agg"})
    stored, now = texts(read(notebook)), texts(read(tmp_path / notebook.name))
    if stored != now and request.config.getoption("--update-golden"):
        shutil.copy(tmp_path / notebook.name, notebook)
    else:
        assert stored == now
