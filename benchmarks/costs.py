"""What a derivative costs beside its own run: generating it, dispatching to it, importing it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.measure import seconds

__all__ = ["Costs", "costs"]

PROJECT = Path(__file__).parents[1]

GENERATE = """
import time
from benchmarks.works.digits import batch, loss
arguments = batch()
start = time.perf_counter()
import s2sad
s2sad.value_and_grad(loss, wrt=(0, 1, 2, 3))(*arguments)
print(time.perf_counter() - start)
"""
IMPORT_NUMPY = "import numpy"
MODEL = """
import numpy as np
def energy(x, y):
    return np.sum(np.sin(x) * y)
"""
CACHED_GRADIENT = """
import numpy
import model
import s2sad
s2sad.grad(model.energy, wrt=(0, 1))(numpy.ones(3), numpy.ones(3))
"""


@dataclass(frozen=True)
class Costs:
    """Seconds, but for `start`.

    generate: from `import s2sad` to the first gradient of the digits network, with nothing cached
    cached: the same in the next process
    dispatch: what a call with three arrays costs more than a call of the generated function itself
    start: a whole process that uses a cached gradient ÷ one that imports numpy
    """

    generate: float
    cached: float
    dispatch: float
    start: float


def costs() -> Costs:
    """Measures in processes of their own, beginning with an empty cache."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "model.py").write_text(MODEL)
        path = os.pathsep.join((str(PROJECT), directory))
        environment = {**os.environ, "S2SAD_CACHE_DIR": os.path.join(directory, "cache"), "PYTHONPATH": path}
        generate, cached = (float(run(GENERATE, environment)) for _ in range(2))
        run(CACHED_GRADIENT, environment)
        start = median(
            process_seconds(CACHED_GRADIENT, environment) / process_seconds(IMPORT_NUMPY, environment) for _ in range(7)
        )
    return Costs(generate, cached, dispatch_seconds(), start)


def run(program: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def process_seconds(program: str, environment: dict[str, str]) -> float:
    return seconds(lambda: run(program, environment), 1)


def weighted(a: Any, b: Any, c: Any) -> Any:
    return np.sum(a * b + c)


def dispatch_seconds() -> float:
    import s2sad

    arguments = (np.ones(3), np.ones(3), np.ones(3))
    derivative = s2sad.grad(weighted, wrt=(0, 1, 2))
    derivative(*arguments)
    namespace: dict[str, Any] = {}
    exec(compile(derivative.source, "<generated>", "exec"), namespace)
    generated = namespace["weighted_grad"]
    return median(
        seconds(lambda: derivative(*arguments), 2000) - seconds(lambda: generated(*arguments), 2000) for _ in range(15)
    )
