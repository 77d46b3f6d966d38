"""`wrt` that names a part of an argument: the gradient of that part, and nothing is computed for the others."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import s2sad
from s2sad.trees import leaves, map_leaves

RNG = np.random.default_rng(7)
X = RNG.normal(size=3)


@dataclass
class Layer:
    W: Any
    b: Any


class Spring(NamedTuple):
    k: float
    mass: Any


class Model:
    def __init__(self, k, c):
        self.k = k
        self.c = c
        self.name = "spring"

    def force(self, x):
        return -self.k * x - self.c * x**3

    def stiffen(self):
        self.k = self.k * 2.0


def layer():
    return Layer(RNG.normal(size=(3, 3)), RNG.normal(size=3))


def of_dict(params, x):
    return np.sum(np.tanh(params["W"] * x) + params["b"]) ** 2


def of_model(model, x):
    return np.sum(model.k * x**2) ** 2 * model.c


def by_method(model, x):
    return np.sum(model.force(x) ** 2)


def of_spring(spring, x):
    return spring.k * np.sum(spring.mass * x) + spring[0] ** 2


def in_a_loop(layers, x):
    for one in layers:
        x = np.tanh(one.W @ x + one.b)
    return np.sum(x)


def by_index(layers, x):
    hidden = np.tanh(layers[0].W @ x + layers[0].b)
    return np.sum(layers[-1].W @ hidden + layers[-1].b) ** 2


def nested(config, x):
    return np.sum(config["net"]["layers"][1].W @ x) ** 2 + np.sum(config["net"]["layers"][0].W ** 3)


def by_the_same_name(params, x):
    W = params["W"]
    for _ in range(2):
        W = W * 1.1 + params["b"]
    if params["b"] > 0.0:
        W = np.sin(W)
    return np.sum(W * x)


def rebound(params, x):
    params = {"W": params["W"] * 2.0, "b": params["b"]}
    return np.sum(params["W"] * x) * params["b"]


def predicted(params, x):
    return np.tanh(x * params["W"]) * params["b"]


def in_a_callee(params, x):
    return np.sum(predicted(params, x) ** 2)


def calling_itself(params, x, depth=2):
    if depth == 0:
        return np.sum(x)
    return calling_itself(params, np.sin(params["W"] * x), depth - 1)


def over_keys(params, x):
    total = 0.0
    for key in params:
        total = total + np.sum(params[key] * x)
    return total**2


def elements(ps, x):
    total = 0.0
    for p in ps:
        total = total + p * x
    return np.sum(total**2) * ps[0]


def not_read(params, x):
    return np.sum(params["b"] * x) ** 2


def params():
    return {"W": RNG.normal(size=3), "b": 0.5}


CASES = [
    (of_dict, params(), "params.W", lambda p: p["W"]),
    (of_dict, params(), 'params["b"]', lambda p: p["b"]),
    (of_model, Model(2.0, 3.0), "model.k", lambda m: m.k),
    (by_method, Model(2.0, 3.0), "model.c", lambda m: m.c),
    (of_spring, Spring(2.0, X), "spring.k", lambda s: s.k),
    (of_spring, Spring(2.0, X), "spring.mass", lambda s: s.mass),
    (in_a_loop, [layer(), layer()], "layers[0].W", lambda a: a[0].W),
    (in_a_loop, [layer(), layer()], "layers[-1]", lambda a: a[1]),
    (by_index, (layer(), layer()), "layers[1].b", lambda a: a[1].b),
    (nested, {"net": {"layers": (layer(), layer())}, "t": "x"}, 'config["net"].layers[1].W', None),
    (by_the_same_name, params(), "params.W", lambda p: p["W"]),
    (rebound, params(), "params.W", lambda p: p["W"]),
    (in_a_callee, params(), "params.W", lambda p: p["W"]),
    (calling_itself, {"W": 0.5}, "params.W", lambda p: p["W"]),
    (over_keys, params(), "params.W", lambda p: p["W"]),
    (elements, [1.0, 2.0, 3.0], "ps[-1]", lambda a: a[2]),
    (not_read, params(), "params.W", lambda p: p["W"]),
]


def part(whole, pick):
    return whole["net"]["layers"][1].W if pick is None else pick(whole)


def numbers(tree):
    return np.concatenate([np.ravel(leaf) for _, leaf in leaves(tree)])


def moved(function, argument, pick, number, step):
    """The function where one number of the part is moved."""
    argument = deepcopy(argument)
    values = numbers(part(argument, pick))
    values[number] += step
    return function(with_part(argument, part(argument, pick), values), X)


def with_part(whole, old, values):
    """`whole` with other numbers in `old`, which is an object in it."""
    left = list(values)

    def exchanged(leaf, inside):
        if not inside or not isinstance(leaf, float | np.ndarray):
            return leaf
        count = np.size(leaf)
        new = [left.pop(0) for _ in range(count)]
        return np.reshape(new, np.shape(leaf)) if isinstance(leaf, np.ndarray) else new[0]

    mine = {id(leaf) for _, leaf in leaves(old)}
    return map_leaves(lambda leaf: exchanged(leaf, id(leaf) in mine), whole)


def differences(function, argument, pick):
    count = len(numbers(part(argument, pick)))
    step = 1e-6
    return np.array(
        [
            (moved(function, argument, pick, n, step) - moved(function, argument, pick, n, -step)) / (2 * step)
            for n in range(count)
        ]
    )


@pytest.mark.parametrize(("function", "argument", "wrt", "pick"), CASES)
class TestPart:
    def test_first_order(self, function, argument, wrt, pick):
        expected = differences(function, argument, pick)
        ones = map_leaves(np.ones_like, part(argument, pick))
        value, y_dot = s2sad.jvp(function, wrt=wrt)(argument, X, map_leaves(lambda a: a[()], ones))
        assert value == function(argument, X)
        assert y_dot == pytest.approx(expected.sum(), rel=1e-6, abs=1e-7)
        y, pullback = s2sad.vjp(function, wrt=wrt)(argument, X)
        assert y == function(argument, X)
        found = [pullback(1.0), s2sad.grad(function, wrt=wrt)(argument, X)]
        found += [s2sad.jacfwd(function, wrt=wrt)(argument, X), s2sad.jacrev(function, wrt=wrt)(argument, X)]
        for gradient in found:
            assert type(gradient) is type(part(argument, pick)) or np.ndim(gradient) == 0
            np.testing.assert_allclose(numbers(gradient), expected, rtol=1e-6, atol=1e-7)
        both = s2sad.value_and_grad(function, wrt=(wrt, "x"))(argument, X)[1]
        np.testing.assert_allclose(numbers(both[0]), expected, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(both[1], s2sad.grad(function, wrt="x")(argument, X), rtol=1e-12)

    def test_second_order(self, function, argument, wrt, pick):
        gradient = s2sad.grad(function, wrt=wrt)
        expected = differences(lambda a, x: numbers(gradient(a, x)), argument, pick)
        ones = map_leaves(lambda a: np.ones_like(a)[()], part(argument, pick))
        product = s2sad.hvp(function, wrt=wrt)(argument, X, ones)
        np.testing.assert_allclose(numbers(product), expected.sum(0), rtol=1e-5, atol=1e-6)
        hessian = numbers(s2sad.hessian(function, wrt=wrt)(argument, X))
        assert hessian.size == expected.size
        assert np.sum(hessian) == pytest.approx(np.sum(expected), rel=1e-5, abs=1e-6)
        y_dot = s2sad.jvp(gradient, wrt=wrt)(argument, X, ones)[1]
        np.testing.assert_allclose(numbers(y_dot), expected.sum(0), rtol=1e-5, atol=1e-6)


def test_tuples_of_paths():
    argument = params()
    whole, x_bar = s2sad.grad(of_dict, wrt=("params", "x"))(argument, X)
    W_bar, x_bar_too, b_bar = s2sad.grad(of_dict, wrt=("params.W", "x", 'params["b"]'))(argument, X)
    np.testing.assert_array_equal(W_bar, whole["W"])
    np.testing.assert_array_equal(x_bar_too, x_bar)
    assert b_bar == whole["b"]
    (alone,) = s2sad.grad(of_dict, wrt=("params.W",))(argument, X)
    np.testing.assert_array_equal(alone, whole["W"])


def test_nothing_is_computed_for_the_others():
    gradient = s2sad.grad(of_dict, wrt="params.b")
    gradient(params(), X)
    assert "W_bar" not in gradient.source
    assert "params_bar" not in gradient.source
    tangent = s2sad.jvp(of_dict, wrt="params.b")
    tangent(params(), X, 1.0)
    assert "b_dot" in tangent.source
    assert "W_dot" not in tangent.source


def test_the_others_may_be_anything():
    argument = {"W": X, "b": 1, "name": "net", "none": None}
    np.testing.assert_allclose(
        s2sad.grad(of_dict, wrt="params.W")(argument, X), s2sad.grad(of_dict, wrt="params.W")({"W": X, "b": 1.0}, X)
    )


def test_dtype_and_signature():
    made = s2sad.grad(of_dict, wrt="params.W")
    assert made({"W": X.astype(np.float32), "b": 0.5}, X.astype(np.float32)).dtype == np.float32
    assert made.expression == 's2sad.grad(of_dict, wrt="params.W")'
    quoted = s2sad.jvp(of_dict, wrt='params["W"]')
    assert quoted.expression == """s2sad.jvp(of_dict, wrt='params["W"]')"""
    assert str(quoted.__signature__) == "(params, x, W_dot)"
    argument = params()
    assert quoted(argument, X, W_dot=X) == quoted(argument, X, X)


def of_keyword(x, *rest, scale, params):
    return np.sum(params["W"] * x * rest[0]) ** scale


def test_keywords_and_any_number_of_arguments():
    gradient = s2sad.grad(of_keyword, wrt="params.W")(X, 2.0, 3.0, scale=2, params={"W": X, "b": 1})
    np.testing.assert_allclose(gradient, 2 * np.sum(X * X * 2.0) * X * 2.0)


def stored(model, x):
    model.k = model.k * 2.0
    return np.sum(model.k * x**2)


def by_a_method(model, x):
    model.stiffen()
    return np.sum(model.k * x**2) * model.c


@pytest.mark.parametrize("function", [stored, by_a_method])
@pytest.mark.parametrize("operator", [s2sad.grad, s2sad.jvp, s2sad.vjp])
def test_attributes_that_the_function_assigns(function, operator):
    mine, own = Model(2.0, 3.0), Model(2.0, 3.0)
    function(own, X)
    found = operator(function, wrt="model.k")(mine, X, *([1.0] if operator is s2sad.jvp else []))
    found = {s2sad.grad: lambda: found, s2sad.jvp: lambda: found[1], s2sad.vjp: lambda: found[1](1.0)}[operator]()
    assert vars(mine) == vars(own)
    assert found == pytest.approx(2 * np.sum(X**2) * (3.0 if function is by_a_method else 1.0))


@pytest.mark.parametrize("wrt", ["model", "model.k"])
@pytest.mark.parametrize("operator", [s2sad.jacfwd, s2sad.jacrev, s2sad.hessian])
def test_no_jacobian_of_what_assigns_attributes(operator, wrt):
    with pytest.raises(s2sad.DifferentiationError, match="S301"):
        operator(by_a_method, wrt=wrt)(Model(2.0, 3.0), X)


def changing(params, x):
    params["n"] += 1
    return np.sum(params["W"] * x)


def changing_the_part(params, x):
    params["W"][0] = 2.0
    return np.sum(params["W"] * x)


def change(params):
    params["W"] = params["W"] * 2.0


def changing_in_a_callee(params, x):
    change(params)
    return np.sum(params["W"] * x)


def changing_by_another_name(params, x):
    other = params
    other["n"] = 2
    return np.sum(params["W"] * x)


def changing_the_part_by_another_name(params, x):
    W = params["W"]
    W += 1.0
    return np.sum(params["W"] * x)


CHANGING = [
    changing,
    changing_the_part,
    changing_in_a_callee,
    changing_by_another_name,
    changing_the_part_by_another_name,
]


@pytest.mark.parametrize("function", CHANGING)
@pytest.mark.parametrize("operator", [s2sad.grad, s2sad.jvp])
def test_changes_in_place_are_refused(function, operator):
    argument = {"W": X.copy(), "n": 1}
    with pytest.raises(s2sad.DifferentiationError, match=r"S301 .*`params.W`"):
        operator(function, wrt="params.W")(argument, X, *([X] if operator is s2sad.jvp else []))
    assert argument["n"] == 1


WRONG = [
    ("params.V", r'S104 .*there is \["W"\], \["b"\]'),
    ("params[0]", r'S104 .*there is \["W"\], \["b"\]'),
    ("params.W[0]", "S104 .*ndarray has no parts"),
    ("x.T", "S104 .*ndarray has no parts"),
    (("params.W", 'params["W"]'), r'S104 .*selects `params\["W"\]` twice'),
    (("params", "params.W"), r'S104 .*selects `params\["W"\]` twice|S104 .*`params` twice'),
]


@pytest.mark.parametrize(("wrt", "message"), WRONG)
@pytest.mark.parametrize("operator", [s2sad.grad, s2sad.hessian])
def test_paths_that_lead_nowhere(operator, wrt, message):
    with pytest.raises(s2sad.ArgumentError, match=message):
        operator(of_dict, wrt=wrt)(params(), X)


@pytest.mark.parametrize("wrt", ["parms.W", "params.", "params[x]", "params()"])
def test_what_is_no_path(wrt):
    with pytest.raises(s2sad.ArgumentError, match=r"S104 .*names none of them"):
        s2sad.grad(of_dict, wrt=wrt)


def test_a_part_that_is_no_float():
    with pytest.raises(s2sad.ArgumentError, match=r"S401 .*`params.b`: it is an int"):
        s2sad.grad(of_dict, wrt="params.b")({"W": X, "b": 1}, X)


def test_a_tangent_of_another_shape():
    with pytest.raises(s2sad.S2sadError, match=r"S104 `params.W` of `of_dict` has shape \(3,\)"):
        s2sad.jvp(of_dict, wrt="params.W")(params(), X, np.ones(4))
