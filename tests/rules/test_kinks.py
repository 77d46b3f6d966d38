"""Values where a derivative does not exist, or where a formula divides by zero: the table in the documentation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.rules.harness import adjoint, function_of, tangent

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

INF = float("inf")
V = np.array

KINKS = [
    ("abs(x)", 0.0, 0.0),
    ("np.abs(x)", V([0.0, -2.0, 3.0]), [0, -1, 1]),
    ("math.fabs(x)", 0.0, 0.0),
    ("np.abs(x)", 3 + 4j, 0.6 - 0.8j),
    ("np.abs(x)**2", 3 + 4j, 6 - 8j),
    ("abs(x)", V([3 + 4j, 0j]), [0.6 - 0.8j, 0]),
    ("np.maximum(x, 0)", V([0.0, 1.0, -1.0]), [0.5, 1, 0]),
    ("np.maximum(0, x)", V([0.0, 1.0, -1.0]), [0.5, 1, 0]),
    ("np.maximum(x, 0.0)", 0.0, 0.5),
    ("np.minimum(x, 1)", V([1.0, 0.0, 2.0]), [0.5, 1, 0]),
    ("np.maximum(x, np.zeros(3))", V([0.0, 1.0, -1.0]), [0.5, 1, 0]),
    ("np.maximum(x, x)", V([0.0, 1.0]), [1, 1]),
    ("np.fmax(x, np.zeros(2))", V([0.0, 1.0]), [0.5, 1]),
    ("np.fmax(x, np.array([np.nan, 3.0]))", V([0.0, 1.0]), [1, 0]),
    ("max(x, 0.0)", 0.0, 0.5),
    ("max(x, 0.0)", 2.0, 1.0),
    ("max(0, x)", -2.0, 0.0),
    ("min(x, 1.0)", 1.0, 0.5),
    ("max(x, 0.0, -1.0)", 0.0, 0.5),
    ("np.max(x)", V([1.0, 3.0, 3.0]), [0, 0.5, 0.5]),
    ("np.min(x)", V([1.0, 1.0, 1.0, 2.0]), [1 / 3, 1 / 3, 1 / 3, 0]),
    ("np.sum(np.max(x, axis=1))", V([[1.0, 1.0], [0.0, 2.0]]), [[0.5, 0.5], [0, 1]]),
    ("np.clip(x, 0, 1)", V([0.0, 1.0, 0.5, -1.0, 2.0]), [1, 1, 1, 0, 0]),
    ("x.clip(0, 1)", V([0.0, 1.0, 0.5, -1.0, 2.0]), [1, 1, 1, 0, 0]),
    ("np.linalg.norm(x)", V([0.0, 0.0]), [0, 0]),
    ("np.sum(np.linalg.norm(x, axis=1))", V([[0.0, 0.0], [3.0, 4.0]]), [[0, 0], [0.6, 0.8]]),
    ("np.sqrt(x)", 0.0, INF),
    ("np.sqrt(x)", V([0.0, 4.0]), [INF, 0.25]),
    ("math.sqrt(x)", 0.0, INF),
    ("x**0.5", 0.0, INF),
    ("x**0.5", V([0.0, 4.0]), [INF, 0.25]),
    ("x**0.25", 0.0, INF),
    ("x**0.25", V([0.0]), [INF]),
    ("math.cbrt(x)", 0.0, INF),
    ("math.asin(x)", 1.0, INF),
    ("math.acos(x)", 1.0, -INF),
    ("math.acosh(x)", 1.0, INF),
    ("np.where(x > 0, np.log(x), 0.0)", V([0.0, 2.0]), [0, 0.5]),
    ("np.where(x > 0, np.sqrt(x), x)", V([0.0, 4.0]), [1, 0.25]),
    ("np.where(x == 0, 1.0, np.sin(x) / x)", V([0.0]), [0]),
    ("np.sqrt(np.where(x > 0, x, 0.0))", V([-1.0, 4.0]), [0, 0.25]),
    ("np.prod(x)", V([2.0, 0.0, 3.0]), [0, 6, 0]),
    ("np.prod(x)", V([0.0, 0.0, 3.0]), [0, 0, 0]),
    ("np.sum(np.prod(x, axis=0))", V([[2.0, 0.0], [0.0, 5.0]]), [[0, 5], [2, 0]]),
    ("np.hypot(x, 0.0)", 0.0, 0.0),
    ("np.hypot(x, np.zeros(2))", V([0.0, -2.0]), [0, -1]),
    ("math.hypot(x, 0.0)", 0.0, 0.0),
    ("np.sinc(x)", 0.0, 0.0),
    ("np.sinc(x)", V([0.0, 1.0]), [0, -1]),
    ("np.std(x)", V([2.0, 2.0, 2.0]), [0, 0, 0]),
    ("np.sum(np.std(x, axis=0))", V([[2.0, 1.0], [2.0, 3.0]]), [[0, -0.5], [0, 0.5]]),
    ("np.var(x)", V([2.0, 2.0]), [0, 0]),
    ("x**2", 0.0, 0.0),
    ("x**2", V([0.0]), [0]),
    ("x**0", 0.0, 0.0),
    ("x**0", V([0.0, 2.0]), [0, 0]),
    ("x**1", 0.0, 1.0),
    ("0.0**x", 2.0, 0.0),
    ("np.power(0.0, x)", V([2.0]), [0]),
    ("x % 1", 2.7, 1.0),
    ("x % 1", V([2.7]), [1]),
    ("np.floor(x)", V([2.7]), [0]),
    ("np.round(x)", V([2.7]), [0]),
    ("np.sign(x)", V([2.7]), [0]),
    ("math.floor(x) + 0 * x", 2.7, 0.0),
    ("round(x) + 0 * x", 2.7, 0.0),
    ("x // 1 + 0 * x", 2.7, 0.0),
    ("np.arctan(x)", 1e200, 0.0),
    ("math.atan(x)", 1e200, 0.0),
    ("np.logaddexp(x, 0)", 1000.0, 1.0),
    ("np.logaddexp(x, 0)", V([1000.0, -1000.0]), [1, 0]),
    ("x.astype(int) * x", V([2.7]), [2]),
    ("np.array(x, dtype=int) + 0 * x", V([2.7]), [0]),
    ("math.copysign(x, -1.0)", 2.0, -1.0),
    ("np.nan_to_num(x)", V([np.nan, 2.0]), [0, 1]),
    ("np.nansum(x)", V([np.nan, 2.0]), [0, 1]),
    ("np.heaviside(x, 0.5)", V([0.0, 1.0]), [0, 0]),
]


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize(("text", "x", "expected"), KINKS, ids=[f"{text} at {x}" for text, x, _ in KINKS])
def test_kink(text, x, expected, known):
    if not known and (np.iscomplexobj(x) or (isinstance(x, float) and "x**0." in text)):
        return
    f = function_of(text, ("x",))
    value, pullback = adjoint(f, {"x": x}, ("x",), known)
    ones = np.ones_like(value) if isinstance(value, np.ndarray) else 1.0
    with np.errstate(all="ignore"):
        (bar,) = pullback(ones)
        np.testing.assert_allclose(bar, expected, rtol=1e-12, atol=1e-30)
        if not np.iscomplexobj(x) and "np.sqrt(np.where" not in text:
            _, y_dot = tangent(f, {"x": x}, {"x": np.ones_like(x) if isinstance(x, np.ndarray) else 1.0}, known)
            total = np.sum(np.asarray(expected) * np.ones(np.shape(x)))
            np.testing.assert_allclose(np.sum(y_dot), total, rtol=1e-12, atol=1e-30)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_powers_of_unknown_python_floats_at_zero(known):
    """`0.0**-0.5` is an error for Python floats; the derivative of `x**0.5` is infinite all the same."""
    for text in ("x**0.5", "x**0.3"):
        _, pullback = adjoint(function_of(text, ("x",)), {"x": 0.0}, ("x",), known)
        with np.errstate(all="ignore"):
            assert pullback(1.0)[0] == math.inf


def test_power_by_exponent_and_base():
    f = function_of("x**y", ("x", "y"))
    for known in (True, False):
        _, pullback = adjoint(f, {"x": 0.0, "y": 2.0}, ("x", "y"), known)
        assert pullback(1.0) == (0.0, 0.0)
        _, pullback = adjoint(f, {"x": 4.0, "y": 0.0}, ("x", "y"), known)
        np.testing.assert_allclose(pullback(1.0), (0.0, math.log(4)))
        _, pullback = adjoint(f, {"x": 0.0, "y": 1.0}, ("x", "y"), known)
        assert pullback(1.0) == (1.0, 0.0)


def test_nothing_that_is_taken_nowhere_counts():
    """JAX gives NaN here."""
    f = function_of("return np.sum(np.where(x > 0, np.sqrt(x) / x, 0.0))", ("x",))
    for known in (True, False):
        _, pullback = adjoint(f, {"x": V([0.0, 4.0])}, ("x",), known)
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(pullback(1.0)[0], [0, -1 / 16])
