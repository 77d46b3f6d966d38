"""Helpers as they are carried along, and what they become where kinds are known."""

from __future__ import annotations

import re

import numpy as np
import pytest

from s2sad.analysis.kinds import kind_of
from s2sad.ir import Expr
from s2sad.kind import Kind, List, Number, Pattern, Unknown
from s2sad.observed import kind_of_value
from s2sad.rules import helpers
from s2sad.simplify.shapes import without_helpers
from s2sad.syntax import parse
from s2sad.transform.differential import text_of

N = Number("float")


def vectors(**shapes: tuple[int, ...]) -> dict[str, Kind]:
    pattern = Pattern()
    return {name: kind_of_value(np.ones(shape), pattern) for name, shape in shapes.items()}


def simplified(text: str, kinds: dict[str, Kind]) -> str:
    def kind(node: Expr) -> Kind:
        return kind_of(node, kinds)

    return text_of(without_helpers(parse(text), kind)).replace("numpy", "np")


KNOWN = [
    ("_matmul_left(t, a, b)", {"t": (), "a": (3,), "b": (3,)}, "t * b"),
    ("_matmul_right(t, a, b)", {"t": (), "a": (3,), "b": (3,)}, "a * t"),
    ("_matmul_left(t, a, b)", {"t": (2,), "a": (2, 3), "b": (3,)}, "np.outer(t, b)"),
    ("_matmul_right(t, a, b)", {"t": (2,), "a": (2, 3), "b": (3,)}, "a.T @ t"),
    ("_matmul_left(t, a, b)", {"t": (4,), "a": (3,), "b": (3, 4)}, "b @ t"),
    ("_matmul_right(t, a, b)", {"t": (4,), "a": (3,), "b": (3, 4)}, "np.outer(a, t)"),
    ("_matmul_left(t, a, b)", {"t": (2, 4), "a": (2, 3), "b": (3, 4)}, "t @ b.T"),
    ("_matmul_right(t, a, b)", {"t": (2, 4), "a": (2, 3), "b": (3, 4)}, "a.T @ t"),
    ("_matmul_right(t, a.T, b)", {"t": (2, 4), "a": (3, 2), "b": (3, 4)}, "a @ t"),
    ("_matmul_right(t, a, b)", {"t": (5, 2, 4), "a": (5, 2, 3), "b": (3, 4)}, "np.tensordot(a, t, ((0, 1), (0, 1)))"),
    ("_dot_left(t, a, b)", {"t": (3,), "a": (), "b": (3,)}, "np.sum(t * b)"),
    ("_expand(t, x, 1, False)", {"t": (2,), "x": (2, 3)}, "t[:, None]"),
    ("_expand(t, x, 0, False)", {"t": (3,), "x": (2, 3)}, "t"),
    ("_expand(t, x, 1, False)", {"t": (2, 4), "x": (2, 3, 4)}, "t[:, None]"),
    ("_expand(t, x, (0, 2), False)", {"t": (3,), "x": (2, 3, 4)}, "t[:, None]"),
    ("_expand(t, x, 1, True)", {"t": (2, 1), "x": (2, 3)}, "t"),
    ("_count(x, None)", {"x": (2, 3)}, "x.size"),
    ("_count(x, 1)", {"x": (2, 3)}, "x.shape[1]"),
    ("_count(x, (0, 1))", {"x": (2, 3, 4)}, "x.shape[0] * x.shape[1]"),
    ("_unbroadcast(t, t, x)", {"t": (2, 3), "x": (3,)}, "np.sum(t, axis=0)"),
    ("_unbroadcast(t, t, x)", {"t": (2, 3), "x": (2, 1)}, "np.sum(t, axis=1, keepdims=True)"),
    ("_unbroadcast(t, t, x)", {"t": (2, 3), "x": ()}, "np.sum(t)"),
    ("_unbroadcast(t, t, x)", {"t": (2, 3), "x": (2, 3)}, "t"),
    ("_reshape(t, x)", {"t": (6,), "x": (2, 3)}, "t.reshape(x.shape)"),
    ("_reshape(t, x)", {"t": (2, 3), "x": (2, 3)}, "t"),
    ("_transpose_back(t, None)", {"t": (2, 3)}, "t.T"),
    ("_transpose_back(t, (1, 0))", {"t": (2, 3)}, "t.T"),
    ("_transpose_back(t, (1, 2, 0))", {"t": (2, 3, 4)}, "np.transpose(t, (2, 0, 1))"),
    ("_concatenate_back(t, (x, y), 0)", {"t": (5,), "x": (2,), "y": (3,)}, "[t[:len(x)], t[len(x):]]"),
    (
        "_concatenate_back(t, (x, y), 1)",
        {"t": (2, 7), "x": (2, 3), "y": (2, 4)},
        "[t[:, :x.shape[1]], t[:, x.shape[1]:]]",
    ),
    ("_stack_back(t, (x, y), 0)", {"t": (2, 3), "x": (3,), "y": (3,)}, "[t[0], t[1]]"),
    ("_stack_back(t, (x, y), -1)", {"t": (3, 2), "x": (3,), "y": (3,)}, "[t[:, 0], t[:, 1]]"),
    ("_cumsum_back(t, x, None)", {"t": (3,), "x": (3,)}, "np.cumsum(t[::-1])[::-1]"),
    ("_trace_back(t, x, 0)", {"t": (), "x": (3, 3)}, "t * np.eye(len(x))"),
    ("_diag_back(t, x, 0)", {"t": (3, 3), "x": (3,)}, "np.diag(t)"),
    ("_diff_back(t, 1, -1)", {"t": (3,)}, "-np.diff(t, prepend=0, append=0)"),
]


@pytest.mark.parametrize(("text", "shapes", "expected"), KNOWN)
def test_known_shapes(text, shapes, expected):
    kinds = {
        name: N if shape == () else kind
        for (name, shape), kind in zip(shapes.items(), vectors(**shapes).values(), strict=True)
    }
    assert simplified(text, kinds) == expected


@pytest.mark.parametrize(("text", "shapes", "expected"), KNOWN)
def test_the_helper_does_what_replaces_it(text, shapes, expected):
    if "_unbroadcast" in text:
        text = text.replace("t, t,", "t,")
    rng = np.random.default_rng(3)
    space = {**helpers.functions(), "np": np, **{name: rng.normal(size=shape) for name, shape in shapes.items()}}
    carried, plain = eval(text, space), eval(expected, space)
    if isinstance(plain, list):
        assert all(np.array_equal(a, b) for a, b in zip(carried, plain, strict=True))
        return
    shape = np.broadcast_shapes(np.shape(carried), np.shape(plain))
    np.testing.assert_allclose(np.broadcast_to(carried, shape), np.broadcast_to(plain, shape))


def test_what_stays_where_nothing_is_known():
    for text in (
        "_matmul_left(t, a, b)",
        "_transpose_back(t, axes)",
        "_concatenate_back(t, arrays, 0)",
        "_count(x, axis)",
    ):
        assert simplified(text, {}) == text
    assert simplified("_unbroadcast(t, y, x)", {}) == "_unbroadcast(t, x)"
    assert simplified("_count(x, 1)", {}) == "np.shape(x)[1]"


def test_lists():
    kinds = {"x": List(N), "t": N}
    assert simplified("_each(t, x)", kinds) == "[t] * len(x)"
    assert simplified("_each(t, [a, b])", {"t": N, "a": Unknown(), "b": Unknown()}) == "[t, t]"
    assert simplified("_each(t, [a, b])", {"t": Unknown(), "a": N, "b": Unknown()}) == (
        "[np.sum(t), _unbroadcast(t, b)]"
    )


def test_every_helper_is_documented_python_and_knows_what_it_needs():
    for name, function in helpers.functions().items():
        source = helpers.source(name)
        assert function.__doc__ or name == "_einsum_back", name
        called = {other for other in helpers.functions() if re.search(rf"\b{other}\(", source.source)} - {name}
        assert called <= set(source.needs), name


def test_products_of_others():
    others = helpers.functions()["_product_of_others"]
    x = np.array([[2.0, 0.0, 3.0], [1.0, 4.0, 5.0]])
    np.testing.assert_array_equal(others(x, 1), [[0, 6, 0], [20, 5, 4]])
    np.testing.assert_array_equal(others(x, 0), [[1, 4, 5], [2, 0, 3]])
    np.testing.assert_array_equal(others(x, None), [[0, 120, 0], [0, 0, 0]])
    np.testing.assert_array_equal(others(x, (0, 1)), others(x, None))


def test_cofactors_of_a_singular_matrix():
    cofactors = helpers.functions()["_cofactors"]
    np.testing.assert_allclose(cofactors(np.array([[1.0, 2.0], [2.0, 4.0]])), [[4, -2], [-2, 1]])
    np.testing.assert_allclose(cofactors(np.zeros((3, 3))), np.zeros((3, 3)))
    a = np.random.default_rng(0).normal(size=(2, 3, 3))
    expected = np.linalg.det(a)[:, None, None] * np.swapaxes(np.linalg.inv(a), -1, -2)
    np.testing.assert_allclose(cofactors(a), expected)
