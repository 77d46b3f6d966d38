"""What `explain` says of the memory that loops take."""

import re

import numpy as np
import pytest

from s2sad.frontend.live import unit_of
from s2sad.kind import Pattern
from s2sad.observed import kind_of_value
from s2sad.options import Options
from s2sad.pipeline import derive


def memory(f, *args, wrt=None):
    pattern = Pattern()
    names = f.__code__.co_varnames[: f.__code__.co_argcount]
    kinds = {name: kind_of_value(arg, pattern) for name, arg in zip(names, args, strict=True)}
    return derive(unit_of(f), Options("grad", wrt or names[:1], True), kinds, pattern).report.memory


def stencil(u, n):
    for _ in range(n):
        u = u + np.sin(u)
    return np.sum(u)


def inside(u, n):
    v = u[1:-1]
    for i in range(1, n):
        for _ in range(i, n, 2):
            v = np.sin(v * v)
    return np.sum(v)


def scalars(x):
    y = x
    while y > 0.1:
        y = y * y
    return y


def rows(a):
    total = a[0]
    for row in a:
        total = row * total
    return np.sum(total)


def linear(u, n):
    for _ in range(n):
        u = u + 0.5 * u
    return np.sum(u)


@pytest.mark.parametrize(
    ("f", "args", "lines"),
    [
        (stencil, (np.ones(5), 3), ("n × 8 × u.size bytes",)),
        (inside, (np.ones(5), 3), ("(n - 1) × len(range(i, n, 2)) × 16 × (u.shape[0] - 2) bytes",)),
        (scalars, (0.7,), ("rounds of the while loop × 32 bytes",)),
        (rows, (np.ones((4, 5)),), ("len(a) × 8 × a.shape[1] bytes",)),
        (linear, (np.ones(5), 3), ()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_formula(f, args, lines):
    assert memory(f, *args) == lines


def test_the_formula_is_what_is_allocated():
    """Ten times the rounds take ten times the formula."""
    import tracemalloc

    import s2sad

    u, gradient = np.ones(1000), s2sad.grad(stencil)
    (line,) = memory(stencil, u, 3)
    formula = eval(re.sub(" bytes", "", line).replace("×", "*"), {"u": u, "n": 90})
    peaks = []
    for n in (10, 100):
        gradient(u, n)
        tracemalloc.start()
        gradient(u, n)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] == pytest.approx(formula, rel=0.1)
