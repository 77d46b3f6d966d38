"""Containers as arguments of derivatives at run time: what is accepted, what comes back, and messages with paths."""

from collections import namedtuple
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import s2sad

Point = namedtuple("Point", "x y")
X = np.array([0.3, -0.8])
PARAMS = {"W": np.array([[0.3, -0.8], [0.6, 0.2]]), "b": X}


@dataclass
class Layer:
    W: Any
    b: Any = None


def loss(params, x):
    return np.sum((params["W"] @ x + params["b"]) ** 2)


def sum_of(tree):
    """The sum of squares of all numbers and arrays, whatever they are nested in."""
    return np.sum(tree["a"] ** 2)


# --------------------------------------------------------------------- results


def test_a_gradient_has_the_keys_of_its_argument_in_their_order():
    gradient = s2sad.grad(loss)({"b": X, "W": PARAMS["W"]}, X)
    assert list(gradient) == ["b", "W"]
    np.testing.assert_allclose(gradient["b"], 2 * (PARAMS["W"] @ X + X))


def test_value_and_gradient_of_a_dict():
    value, gradient = s2sad.value_and_grad(loss)(PARAMS, X)
    assert value == loss(PARAMS, X)
    assert gradient.keys() == PARAMS.keys()


def test_a_gradient_of_a_dataclass_is_one():
    gradient = s2sad.grad(lambda layer: np.sum(layer.W**2))(Layer(X))
    assert type(gradient) is Layer
    assert gradient.b is None
    np.testing.assert_allclose(gradient.W, 2 * X)


def test_a_gradient_of_a_namedtuple_is_one():
    assert s2sad.grad(lambda p: p.x * p.y)(Point(2.0, 3.0)) == Point(3.0, 2.0)


def test_a_parameter_that_is_not_used():
    gradient = s2sad.grad(lambda params, x: x * x)({"W": np.ones((2, 3), np.float32), "n": None, "c": [1.0]}, 2.0)
    assert gradient["W"].shape == (2, 3)
    assert gradient["W"].dtype == np.float32
    assert (gradient["n"], gradient["c"]) == (None, [0.0])


def test_auxiliary_results_may_be_records():
    gradient, aux = s2sad.grad(lambda p: (p["a"] ** 2, {"a": p["a"], "log": ["fine"]}), has_aux=True)({"a": 3.0})
    assert (gradient, aux) == ({"a": 6.0}, {"a": 3.0, "log": ["fine"]})


def test_several_arguments():
    gradients = s2sad.grad(loss, wrt=("x", "params"))(PARAMS, X)
    assert [type(gradient) for gradient in gradients] == [np.ndarray, dict]


def test_keyword_arguments():
    assert s2sad.grad(loss)(x=X, params=PARAMS).keys() == PARAMS.keys()


# ------------------------------------------------------------------- tangents


def test_tangents_are_found_by_their_keys():
    value, tangent = s2sad.jvp(loss)(PARAMS, X, {"b": X, "W": PARAMS["W"]})
    assert tangent == pytest.approx(2 * value)


def test_the_parts_of_a_tangent_are_cast():
    params = {"W": np.ones((2, 2), np.float32), "b": np.ones(2, np.float32)}
    _, tangent = s2sad.jvp(lambda params: params["W"] @ params["b"])(params, {"W": np.eye(2, dtype=int), "b": [0, 1]})
    assert tangent.dtype == np.float32
    np.testing.assert_allclose(tangent, [2.0, 2.0])


def test_results_with_parts_that_carry_no_derivative():
    def result(x):
        return {"y": x * 2, "n": 3, "name": "twice", "absent": None}

    value, tangent = s2sad.jvp(result)(X, X)
    assert (value["n"], value["name"], value["absent"]) == (3, "twice", None)
    np.testing.assert_allclose(tangent["y"], 2 * X)
    _, pullback = s2sad.vjp(result)(X)
    for nothing in (None, 0, 0.0):
        np.testing.assert_allclose(pullback({"y": X, "n": nothing, "name": None, "absent": None}), 2 * X)


def test_a_pullback_can_be_called_twice():
    _, pullback = s2sad.vjp(lambda a: {"u": a * 2, "v": (a, a**2)})(3.0)
    given = {"u": 1.0, "v": (1, 10)}
    assert pullback(given) == pullback(given) == 63.0


# --------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("tree", "path", "what"),
    [
        ({"layers": [{"n": 3}]}, 'params["layers"][0]["n"]', "an int"),
        ({"layers": ({"W": np.arange(2)},)}, 'params["layers"][0]["W"]', "an array of dtype int64"),
        ({"layer": Layer(X, True)}, 'params["layer"].b', "a bool"),
        ({0: {"a": "text"}}, 'params[0]["a"]', "a str"),
        (Point(1.0, {1.0}), "params.y", "a set"),
    ],
)
def test_the_path_of_a_leaf_that_is_no_float(tree, path, what):
    for operator in (s2sad.grad, s2sad.value_and_grad, s2sad.vjp):
        with pytest.raises(TypeError, match="S401") as caught:
            operator(lambda params: params)(tree)
        assert f"with respect to `{path}`: it is {what}" in str(caught.value)


def test_a_leaf_that_is_no_float_elsewhere():
    settings = {"n": 2, "name": "square", "flags": [True]}
    assert s2sad.grad(lambda x, settings: x ** settings["n"])(3.0, settings) == 6.0


def test_keys_that_are_no_names():
    with pytest.raises(TypeError, match=r"it has the key \('a', 1\)"):
        s2sad.grad(lambda params: params["a", 1])({("a", 1): 1.0})


def test_a_dataclass_that_computes():
    """Its gradient is not made by its constructor."""

    @dataclass
    class Unit:
        x: Any
        norm: float = field(init=False, default=1.0)

    @dataclass
    class Normed:
        x: Any

        def __post_init__(self):
            self.x = self.x / np.sum(self.x)

    for value in (Unit(X), Normed(X)):
        gradient = s2sad.grad(lambda record: np.sum(record.x))(value)
        assert type(gradient) is type(value)
        assert np.array_equal(gradient.x, np.ones_like(X))


@pytest.mark.parametrize(
    ("tangent", "message"),
    [
        ({"W": PARAMS["W"]}, 'is a dict of ["W"], ["b"], its tangent is a dict of ["W"]'),
        ({"W": X, "b": X}, '`params["W"]` of `loss` has shape (2, 2), its tangent is given with shape (2,)'),
        ([PARAMS["W"], X], "its tangent is a list of 2"),
        (1.0, "its tangent is a float"),
    ],
)
def test_tangents_of_another_structure(tangent, message):
    with pytest.raises(ValueError, match="S104") as caught:
        s2sad.jvp(loss)(PARAMS, X, tangent)
    assert message in str(caught.value)


@pytest.mark.parametrize("cotangent", [{"u": 1.0}, {"u": 1.0, "v": (1.0,)}, {"u": 1.0, "v": [1.0, 1.0]}, 1.0])
def test_cotangents_of_another_structure(cotangent):
    _, pullback = s2sad.vjp(lambda a: {"u": a * 2, "v": (a, a**2)})(3.0)
    with pytest.raises(ValueError, match="S104"):
        pullback(cotangent)


def test_a_gradient_of_a_dict():
    with pytest.raises(TypeError, match="grad needs a scalar result, and this is a dict"):
        s2sad.grad(lambda x: {"y": x})(1.0)


# ----------------------------------------------------------------- the dispatch


def test_new_keys_and_new_types_are_met_anew():
    derivative = s2sad.grad(lambda params: sum_of(params["b"]) if "b" in params else sum_of(params))
    assert derivative({"a": 3.0}) == {"a": 6.0}
    assert derivative({"a": X})["a"].tolist() == (2 * X).tolist()
    assert s2sad.grad(sum_of)({"a": 1.0, "c": 2.0}) == {"a": 2.0, "c": 0.0}


def test_kinds_are_shown():
    derivative = s2sad.grad(loss)
    derivative(PARAMS, X)
    assert "params: {W: float64[m, m], b: float64[m]}, x: float64[m]" in repr(derivative)


SETTINGS = {"scale": 2.0}


def test_a_global_dict_may_change():
    def scaled(x):
        return np.sum(x * SETTINGS["scale"])

    derivative = s2sad.grad(scaled)
    np.testing.assert_allclose(derivative(X), [2.0, 2.0])
    try:
        SETTINGS["scale"] = np.array([3.0, 4.0])
        np.testing.assert_allclose(derivative(X), [3.0, 4.0])
    finally:
        SETTINGS["scale"] = 2.0
