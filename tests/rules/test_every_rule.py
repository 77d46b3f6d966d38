"""Every rule, in both modes, with known and with unknown kinds; a rule without a sample fails."""

from __future__ import annotations

import numpy as np
import pytest

from s2sad.rules import registry
from tests.rules.harness import adjoint, function_of, keys_of, like, pairing, slope, tangent, vector
from tests.rules.samples import BINARY, SAMPLES, UNARY, Sample

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def check(sample: Sample, known: bool, rtol: float = 1e-6) -> None:
    """The tangent is the slope; the adjoint is its transpose, of the shapes and types of the arguments."""
    rng = np.random.default_rng(1)
    f = function_of(sample.text, tuple(sample.args))
    direction = {name: like(sample.args[name], rng) for name in sample.wrt}
    y, y_dot = tangent(f, sample.args, direction, known)
    np.testing.assert_array_equal(vector(y), vector(f(*sample.args.values())))
    assert np.shape(vector(y_dot)) == np.shape(vector(y))
    np.testing.assert_allclose(vector(y_dot), slope(f, sample.args, direction), rtol=rtol, atol=1e-7)
    value, pullback = adjoint(f, sample.args, sample.wrt, known)
    y_bar = like(value, rng)
    bars = pullback(y_bar)
    for name, bar in zip(sample.wrt, bars, strict=True):
        assert_alike(bar, sample.args[name], name)
    gained = sum(pairing(bar, direction[name]) for name, bar in zip(sample.wrt, bars, strict=True))
    np.testing.assert_allclose(gained, pairing(y_bar, y_dot), rtol=1e-9, atol=1e-12)


def assert_alike(bar: object, value: object, name: str) -> None:
    if isinstance(value, list):
        assert isinstance(bar, list), f"{name}_bar is no list: {bar!r}"
    assert np.shape(bar) == np.shape(value), f"{name}_bar has the shape {np.shape(bar)}"
    assert np.iscomplexobj(bar) <= np.iscomplexobj(value), f"{name}_bar is complex"


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_known_kinds(sample):
    check(sample, True)


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.unknown], ids=str)
def test_unknown_kinds(sample):
    check(sample, False)


SHAPES = {
    "s": "s",
    "()": (),
    "(1,)": (1,),
    "(n,)": (3,),
    "(1, n)": (1, 3),
    "(m, 1)": (2, 1),
    "(m, n)": (2, 3),
    "(0,)": (0,),
}
BROADCASTING = [
    "x + y",
    "x - y",
    "x * y",
    "x / y",
    "x**y",
    "x % y",
    "np.maximum(x, y)",
    "np.where(x > 0.5, x * y, x)",
    "np.hypot(x, y)",
]


def value(shape, seed):
    rng = np.random.default_rng(seed)
    return float(rng.uniform(0.3, 0.9)) if shape == "s" else rng.uniform(0.3, 0.9, shape)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("text", UNARY.split("\n")[1:-1])
def test_every_shape(text, shape, known):
    check(Sample(text, {"x": value(shape, 2)}), known)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("b", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("a", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("text", BROADCASTING)
def test_broadcasting(text, a, b, known):
    try:
        np.broadcast_shapes(np.shape(value(a, 2)), np.shape(value(b, 3)))
    except ValueError:
        return
    check(Sample(text, {"x": value(a, 2), "y": value(b, 3)}), known)


@pytest.mark.parametrize("text", sorted({*UNARY.split("\n")[1:-1], *BINARY.split("\n")[1:-1]} - {"divmod(x, y)"}))
def test_single_precision_stays(text):
    args = {"x": np.float32([0.3, 0.6]), "y": np.float32([0.8, 0.7])}
    used = {name: arg for name, arg in args.items() if name in text.replace("exp", "").replace("maximum", "")}
    f = function_of(text, tuple(used))
    y, y_dot = tangent(f, used, used)
    assert y_dot.dtype == y.dtype
    value, pullback = adjoint(f, used, tuple(used))
    for bar in pullback(np.ones_like(value)):
        assert bar.dtype == np.float32


def test_every_rule_has_a_sample():
    used = {key for sample in SAMPLES for key in keys_of(sample.text)}
    hidden = {key for key in registry.keys() if key.startswith("_")}
    assert sorted(set(registry.keys()) - used - hidden) == []
