"""Derivatives of generated code in which helpers are called: every helper is known by its text and has a rule."""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
import pytest

from s2sad.rules import helpers, registry
from tests.rules.harness import derivative, function_of, like, pairing, slope, vector

_RNG = np.random.default_rng(7)


def draw(*shape: int) -> np.ndarray:
    return np.where(_RNG.uniform(size=shape) < 0.5, -1, 1) * _RNG.uniform(0.3, 1.4, shape)


X, A, M, V = draw(2, 3, 4), draw(3, 3, 3), draw(3, 4), draw(4)
SQUARE = 2 * np.eye(3) + draw(3, 3) / 4

#: For each helper an expression, with its arguments, whose derivative of unknown kinds calls it.
EXAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "_add": ("x[0] * x[1] + np.sum(x)", {"x": V}),
    "_add_at": ("x[1:] * x[:-1]", {"x": V}),
    "_align": ("np.max(x * x, axis=AXIS, keepdims=KEEP)", {"x": X, "AXIS": 1, "KEEP": False}),
    "_as_array": ("np.array(list(x)) * x", {"x": V}),
    "_broadcast": ("x + Y", {"x": 0.3, "Y": V}),
    "_cofactors": ("np.linalg.det(a)", {"a": A}),
    "_column_stack_back": ("np.column_stack((x, x**2))", {"x": V}),
    "_concatenate_back": ("np.concatenate([x, x[:1] ** 2], axis=0)", {"x": M}),
    "_count": ("np.mean(x, axis=(0, 2)) ** 2", {"x": X}),
    "_cumsum_back": ("np.cumsum(x * x, axis=1)", {"x": M}),
    "_diag_back": ("np.diag(x * x, 1)", {"x": V}),
    "_diagonal_back": ("np.diagonal(x * x, 1)", {"x": X}),
    "_diff_back": ("np.diff(x * x, n=2)", {"x": M}),
    "_dot_left": ("np.dot(a, b)", {"a": draw(2, 3), "b": draw(5, 3, 4)}),
    "_dot_right": ("np.dot(a, b)", {"a": draw(5, 2, 3), "b": draw(3)}),
    "_each": ("sum(x * x)", {"x": M}),
    "_expand": ("np.sum(x * x, axis=AXIS, keepdims=KEEP)", {"x": X, "AXIS": 1, "KEEP": False}),
    "_hstack_back": ("np.hstack((x, x[:, :2] ** 2))", {"x": M}),
    "_imag_back": ("np.imag(x) + x * x", {"x": V}),
    "_inner_left": ("np.inner(a, b)", {"a": draw(2, 3), "b": draw(5, 3)}),
    "_inner_right": ("np.inner(a, b)", {"a": draw(2, 3), "b": draw(3)}),
    "_kron_left": ("np.kron(a, b)", {"a": draw(2, 3), "b": draw(4)}),
    "_kron_right": ("np.kron(a, b)", {"a": draw(2), "b": draw(3, 2)}),
    "_like": ("x * x", {"x": 0.7}),
    "_matmul_left": ("a @ b", {"a": draw(2, 3), "b": draw(5, 3, 4)}),
    "_matmul_right": ("a @ b", {"a": draw(3), "b": draw(3, 2)}),
    "_median_weights": ("np.median(x * x, axis=0)", {"x": M}),
    "_outer_left": ("np.outer(a, b)", {"a": draw(2, 3), "b": draw(4)}),
    "_outer_right": ("np.outer(a, b)", {"a": draw(2), "b": draw(3)}),
    "_product_of_others": ("np.prod(x, axis=(0, 2))", {"x": X}),
    "_products_before": ("np.cumprod(x)", {"x": M}),
    "_recurrence": ("np.cumprod(x, axis=0)", {"x": np.array([[1.5, 0.0, 0.7], [0.0, 0.8, -1.2], [0.6, 0.0, 0.9]])}),
    "_recurrence_back": ("np.cumprod(x, axis=AXIS)", {"x": M, "AXIS": 1}),
    "_repeat_back": ("np.repeat(x * x, [1, 0, 2], axis=1)", {"x": X}),
    "_scatter": ("np.sort(x)[::-1] * x", {"x": V}),
    "_take_along_back": ("np.sort(x, axis=0) * x", {"x": M}),
    "_take_back": ("np.take(x, [2, 0, 2], axis=1) ** 2", {"x": M}),
    "_tensordot_left": ("np.tensordot(a, b, axes=([0, 1], [1, 0]))", {"a": A, "b": draw(3, 3, 2)}),
    "_tensordot_right": ("np.tensordot(a, b, 1)", {"a": A, "b": M}),
    "_tile_back": ("np.tile(x * x, (2, 1, 3))", {"x": M}),
    "_trace_back": ("np.trace(a @ a, 1)", {"a": SQUARE}),
    "_transpose_back": ("np.transpose(x * x, AXES)", {"x": X, "AXES": (1, 2, 0)}),
    "_trapezoid_back": ("np.trapezoid(x * x, dx=0.3, axis=0)", {"x": M}),
    "_trapezoid_back_x": ("np.trapezoid(x, y)", {"x": draw(3, 5), "y": np.sort(draw(5))}),
    "_unbroadcast": ("x * y", {"x": M, "y": V}),
    "_unpad": ("np.pad(x * x, ((0, 1), (2, 0)))", {"x": M}),
    "_vstack_back": ("np.vstack((x, x[0] ** 2))", {"x": M}),
    "_zeros": ("np.copysign(x, y) * x", {"x": V, "y": V[::-1].copy()}),
}
#: Called by other helpers alone, or replaced at once whatever the kinds are.
REPLACED = {"_broadcast_arrays_back", "_concatenated_part", "_einsum_back", "_kron_blocks", "_tensordot_axes"}
#: In second derivatives only, or where kinds are known.
LATER = {
    "_advanced", "_cofactors_forward", "_delayed", "_flat", "_inverse_gaps", "_matrix_transpose", "_products_after",
    "_real", "_reshape", "_stack_back", "_stop_gradient", "_unflat", "_unlike",
}  # fmt: skip
#: Second derivatives through them are refused (S204).
REFUSED = {"_NoDerivative", "_meshgrid_back", "_object", "_with"}
MORE = [
    ("np.stack([x, x * y], axis=AXIS)", {"x": V, "y": 2 * V, "AXIS": 1}),
    ("np.linalg.eigh(a)[0]", {"a": SQUARE + SQUARE.T + np.diag([0.0, 1.0, 3.0])}),
    ("np.linalg.eigh(a)[1] ** 2", {"a": SQUARE + SQUARE.T + np.diag([0.0, 1.0, 3.0])}),
    ("np.linalg.svd(a, compute_uv=False)", {"a": draw(4, 3)}),
    ("np.linalg.svd(a, full_matrices=False)[2]", {"a": draw(3, 4)}),
    ("np.prod(x)", {"x": np.array([0.4, 0.0, 0.7, 0.0])}),
    ("np.prod(x, axis=1)", {"x": np.array([[0.4, 0.0, 0.7], [0.2, 0.3, 0.5]])}),
    ("np.linalg.det(a)", {"a": np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.5, 2.0]])}),
    ("np.linalg.slogdet(a)[1]", {"a": SQUARE}),
    ("np.einsum('ij,jk->ik', a, b)", {"a": draw(2, 3), "b": draw(3, 4)}),
    ("np.broadcast_arrays(x, y)[1] * x", {"x": draw(3, 1), "y": V}),
    ("np.append(x, y * y)", {"x": V, "y": M}),
    ("np.polyval(p, x)", {"p": draw(4), "x": V}),
    ("np.vander(x, 3)", {"x": V}),
    ("np.vander(x)", {"x": V}),
]
PAIRS = [("grad", "jvp"), ("grad", "vjp"), ("jvp", "jvp"), ("jvp", "vjp")]


def scalar_function(text: str, args: dict[str, Any]) -> Any:
    return function_of(f"y = {text}\nreturn np.sum(np.sin(y) * y)", tuple(args))


def check_second(text: str, args: dict[str, Any], first: str, second: str, known: bool) -> None:
    """The derivative of a derivative against differences of the latter."""
    rng = np.random.default_rng(1)
    wrt = tuple(name for name in args if not name.isupper())
    f = scalar_function(text, args)
    g, _ = derivative(f, first, wrt, args, known)
    values = {**args, **{f"{name}_dot": like(args[name], rng) for name in wrt if first == "jvp"}}
    values = dict(zip(inspect.signature(g).parameters, values.values(), strict=True))
    direction = {name: like(args[name], rng) for name in wrt}
    expected = slope(g, values, direction)
    h, source = derivative(g, second, wrt, values, known)
    if second == "jvp":
        _, found = h(*values.values(), *direction.values())
        np.testing.assert_allclose(vector(found), expected, rtol=1e-6, atol=1e-6, err_msg=source)
        return
    value, pullback = h(*values.values())
    y_bar = like(value, rng)
    bars = pullback(y_bar)
    bars = (bars,) if len(wrt) == 1 else bars
    gained = sum(pairing(bar, direction[name]) for name, bar in zip(wrt, bars, strict=True))
    np.testing.assert_allclose(gained, vector(y_bar) @ expected, rtol=1e-6, atol=1e-6, err_msg=source)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_second_derivative(name, first, second, known):
    check_second(*EXAMPLES[name], first, second, known)


@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize(("text", "args"), MORE, ids=[text for text, _ in MORE])
def test_more_second_derivatives(text, args, first, second):
    check_second(text, args, first, second, known=True)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_calls_the_helper(name):
    text, args = EXAMPLES[name]
    wrt = tuple(arg for arg in args if not arg.isupper())
    texts = [derivative(scalar_function(text, args), mode, wrt, args, False)[1] for mode in ("grad", "jvp")]
    assert any(re.search(rf"\b{name}\(", source.partition("def f_")[2]) for source in texts)


def test_every_helper_has_a_rule():
    names = set(helpers.names())
    assert names >= {*EXAMPLES, *REPLACED, *LATER}
    without = {name for name in names - REPLACED - REFUSED if not registry.known(name) and not helpers.changes(name)}
    assert without == set()


def test_third_derivatives():
    """Derivatives of what helpers become when they are differentiated."""
    for text, args in (("np.prod(x)", {"x": V}), ("np.cumprod(x)", {"x": V}), ("np.linalg.det(a)", {"a": SQUARE})):
        (name,) = args
        f = function_of(f"y = {text}\nreturn np.sum(np.sin(y) * y)", (name,))
        g, _ = derivative(f, "grad", (name,), args, True)
        rng = np.random.default_rng(3)
        values = {name: args[name], "d": like(args[name], rng)}
        h, _ = derivative(g, "jvp", (name,), args, True)
        values = dict(zip(inspect.signature(h).parameters, values.values(), strict=True))
        direction = {name: like(args[name], rng)}
        expected = slope(lambda *given, h=h: h(*given)[1], values, direction)
        for mode in ("jvp", "vjp"):
            k, source = derivative(h, mode, (name,), values, True)
            if mode == "jvp":
                _, (_, found) = k(*values.values(), *direction.values())
                np.testing.assert_allclose(vector(found), expected, rtol=1e-6, atol=1e-6, err_msg=source)
            else:
                value, pullback = k(*values.values())
                y_bar = (np.zeros_like(value[0]), like(value[1], rng))
                gained = pairing(pullback(y_bar), direction[name])
                np.testing.assert_allclose(gained, vector(y_bar[1]) @ expected, rtol=1e-6, atol=1e-6, err_msg=source)
