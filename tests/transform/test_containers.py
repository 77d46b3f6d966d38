"""Dicts, lists, tuples, namedtuples and dataclasses as arguments and results, nested in each other."""

import dataclasses
from collections import namedtuple
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

import s2sad
from tests.checking import Examples, check_case, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8])
W = np.array([[0.3, -0.8], [0.6, 0.2], [-0.4, 0.9]])
B = np.array([0.1, -0.2, 0.4])
V = np.array([[0.5, -0.1, 0.7]])
C = np.array([0.3])
FLAT = {"W": W, "b": B}
DEEP = {"hidden": {"W": W, "b": B}, "out": (V, C), "scale": 0.7}


@dataclass
class Layer:
    W: Any
    b: Any


@dataclass(frozen=True, slots=True)
class Network:
    hidden: Any
    out: Any
    scale: float = 0.7


class Pair(NamedTuple):
    W: Any
    b: Any


Point = namedtuple("Point", "x y")
LAYER = Layer(W, B)
NETWORK = Network(Layer(W, B), Pair(V, C))


# ------------------------------------------------------------------- arguments


@right(FLAT, X, wrt="params")
def dict_argument(params, x):
    return np.sum((params["W"] @ x + params["b"]) ** 2)


@right((0.3, 0.4))
def tuple_given_whole_and_by_element(pair):
    return np.cos(product_with_second(pair, pair[0])) * pair[1]


def product_with_second(pair, v):
    return pair[1] * v


@right(FLAT, X)
def dict_and_array(params, x):
    return np.sum(np.tanh(params["W"] @ x + params["b"]) * params["b"])


@right({0: 0.4, 1: 0.9, "k": 0.3})
def dict_with_integer_keys(p):
    return p[0] * p[1] + np.sin(p["k"]) * p[1]


@right({"a b": 0.4, 'it"s': 0.9, "1": 0.2})
def dict_with_odd_keys(p):
    return p["a b"] * p['it"s'] + p["1"] ** 2


@right(LAYER, X, unless_known="S204")
def dataclass_argument(layer, x):
    return np.sum((layer.W @ x + layer.b) ** 2)


@right(Pair(W, B), X, unless_known="S204")
def namedtuple_argument(layer, x):
    return np.sum((layer.W @ x + layer.b) ** 2)


@right(Pair(W, B), X)
def namedtuple_by_position(layer, x):
    return np.sum((layer[0] @ x + layer[-1]) ** 2)


@right(Pair(W, B), X)
def namedtuple_unpacked(layer, x):
    weights, bias = layer
    return np.sum((weights @ x + bias) ** 2)


@right(Point(0.4, 0.9), unless_known="S204")
def namedtuple_of_numbers(p):
    return p.x * np.sin(p.y) + p.x


@right(DEEP, X)
def nested_dicts(params, x):
    h = np.tanh(params["hidden"]["W"] @ x + params["hidden"]["b"])
    return np.sum(params["out"][0] @ h + params["out"][1]) * params["scale"]


@right(NETWORK, X, unless_known="S204")
def nested_dataclasses(network, x):
    h = np.tanh(network.hidden.W @ x + network.hidden.b)
    return np.sum(network.out.W @ h + network.out.b) * network.scale


@right(((W, B), (V, C)), X)
def nested_targets(params, x):
    (w, b), (v, c) = params
    return np.sum(v @ np.tanh(w @ x + b) + c)


@right(((W, B), (V, C)), X)
def nested_targets_of_a_display(params, x):
    (w, b), (v, c) = params[0], params[1]
    return np.sum(v @ np.tanh(w @ x + b) + c)


@right([(W, B), (V, C)], X)
def list_of_tuples(params, x):
    w, b = params[0]
    v, c = params[1]
    return np.sum(v @ np.tanh(w @ x + b) + c)


@right(DEEP, X)
def parts_under_names_of_their_own(params, x):
    hidden, out = params["hidden"], params["out"]
    w, b = hidden["W"], hidden["b"]
    h = np.tanh(w @ x + b)
    return np.sum(out[0] @ h + out[1]) * params["scale"]


@right({"W": W, "b": None, "inner": {"mask": None, "c": 0.4}}, X, wrt="params")
def absent_leaves(params, x):
    y = params["W"] @ x * params["inner"]["c"]
    if params["b"] is not None:
        y = y + params["b"]
    return np.sum(y * y)


@right({"W": W, "b": None}, X, wrt="params")
def absent_or_not(params, x):
    y = params["W"] @ x
    y = y if params["b"] is None else y + params["b"]
    if "c" in params and params["c"] is not None:
        y = y * params["c"]
    if not params["b"] is None or "W" not in params:  # noqa: E714
        y = y * 2
    return np.sum(y * y)


@right({"W": W, "b": B}, X, wrt="params", unless_known="S204")
def looked_up(params, x):
    y = params.get("W") @ x + params.get("b", 0.0) * params.get("c", 2.0)
    if params.get("d") is not None:
        y = y + params["d"]
    return np.sum(y * y)


@right(X, {"W": W}, None)
def parameters_that_are_none(x, params, mask):
    y = params["W"] @ x
    if mask is not None:
        y = y * mask
    return np.sum(y)


@right(DEEP, X, wrt="params")
def unused_leaves(params, x):
    return np.sum(np.sin(params["hidden"]["W"] @ x))


@right(FLAT, X, wrt="x")
def only_the_array(params, x):
    return np.sum((params["W"] @ x + params["b"]) ** 2)


@right({"n": 3, "name": "tanh", "W": W}, X, wrt="x")
def settings_beside(settings, x):
    return np.sum(settings["W"] @ x) ** settings["n"]


@right(FLAT, 0.4)
def whole_record_unused(params, x):
    return np.sin(x)


@right({"W": W.astype(np.float32), "c": np.float32(0.4)}, wrt="params")
def single_precision(params):
    return np.sum(np.sin(params["W"]) * params["c"])


@right({"W": np.zeros((0, 2)), "b": np.zeros(0)}, X)
def empty_arrays(params, x):
    return np.sum(params["W"] @ x + params["b"]) + x[0]


@right({"x": np.array(0.4), "y": np.float64(0.7)})
def rank_zero_and_numpy_number(p):
    return np.sin(p["x"]) * p["y"]


@right({"u": X})
def elements_of_a_leaf(p):
    return p["u"][0] * np.sin(p["u"][1]) + np.sum(p["u"][:1])


@right({"u": X, "v": X + 1})
def a_leaf_used_twice(p):
    return np.sum(p["u"] * p["v"]) + np.sum(np.sin(p["u"]))


@right({"W": W, "b": B}, X, 0.4)
def different_shapes_by_branch(params, x, s):
    y = params["W"] @ x
    if s > 0:
        y = y + params["b"] * s
    else:
        y = y * 2
    return np.sum(y * y)


# --------------------------------------------------------------------- results


@right(W, X)
def dict_result(w, x):
    y = w @ x
    return {"loss": np.sum(y**2), "y": y}


@right(W, X)
def dict_result_under_a_name(w, x):
    y = np.tanh(w @ x)
    out = {"loss": np.sum(y**2), "y": y}
    return out


@right(0.4, 0.7)
def tuple_and_list_results(a, b):
    return (a * b, [np.sin(a), {"c": b}])


@right(0.4, X)
def part_of_the_result_is_constant(a, x):
    return {"a": np.sin(a), "constant": 2.0, "x": x, "absent": None}


@right(FLAT, X)
def result_is_the_argument(params, x):
    return params


@right(FLAT, X)
def result_is_a_part(params, x):
    return params["b"], np.sum(x)


@right(LAYER, X)
def result_is_a_dataclass(layer, x):
    return layer


@right(Pair(W, B), X)
def result_is_a_namedtuple(layer, x):
    return layer


@right({"a": FLAT, "b": 0.3}, 0.4)
def result_with_a_record_of_the_argument(params, s):
    return {"first": params["a"], "second": params["b"] * s}


@right(0.4, 0.7)
def dict_result_by_branch(a, b):
    if a > 0:
        return {"u": a * b, "v": np.sin(a)}
    return {"u": b, "v": a}


@right(0.4, 0.7)
def dict_by_branch(a, b):
    if a > 0:
        d = {"u": a * b, "v": np.sin(a)}
    else:
        d = {"u": b, "v": a}
    return d["u"] * d["v"] + d["u"]


@right(0.4, 0.7)
def conditional_record(a, b):
    first, second = {"u": a, "v": b}, {"u": b * b, "v": 2.0}
    d = first if a > 0 else second
    return d["u"] * d["v"]


@right(FLAT, 0.4)
def conditional_between_argument_and_constant(params, s):
    zero = {"W": np.ones((3, 2)), "b": np.ones(3)}
    chosen = params if s > 0 else zero
    return np.sum(chosen["W"]) * np.sum(chosen["b"]) * s


@right(X, 0.3)
def local_dict(x, s):
    d = {"x": x * s, "n": 3, "s": s}
    return np.sum(d["x"] ** d["n"]) * d["s"]


@right(X, 0.3)
def dict_in_a_loop(x, s):
    state = {"x": x, "v": np.sin(x)}
    for _ in range(3):
        state = {"x": state["x"] + s * state["v"], "v": state["v"] - s * state["x"] ** 3}
    return np.sum(state["x"] * state["v"])


@right(0.3, 0.9)
def swapped_parts(a, b):
    state = {"a": a, "b": b}
    for _ in range(3):
        state = {"a": state["b"], "b": state["a"] * 2}
    return state["a"] * np.sin(state["b"])


@right((0.3, 0.9))
def tuple_in_a_loop(pair):
    for _ in range(3):
        pair = pair[0] * pair[1], np.sin(pair[0])
    return pair[0] + 2 * pair[1]


@right(X, 0.3)
def nested_local_dict(x, s):
    d = {"inner": {"x": x * s, "t": (s, x)}, "c": 2.0}
    inner = d["inner"]
    u, v = inner["t"]
    return np.sum(inner["x"] * v) * u * d["c"]


@right(LAYER, X, unless_known="S204")
def replaced_fields(layer, x):
    new = dataclasses.replace(layer, b=layer.b * 2 + np.sum(x))
    return np.sum((new.W @ x + new.b) ** 2)


@right(Pair(W, B), 0.3, unless_known="S204")
def replaced_fields_of_a_namedtuple(layer, s):
    return layer._replace(W=layer.W * s)


@right(LAYER, 0.3, wrt="layer", unless_known="S204")
def replaced_by_a_constant(layer, s):
    return dataclasses.replace(layer, b=np.ones(3))


@right(LAYER, 0.3, wrt="s", unless_known="S204")
def replaced_in_a_constant(layer, s):
    return np.sum(dataclasses.replace(layer, b=layer.b * s).b)


@right(Point(0.3, 0.7), unless_known="S204")
def replaced_in_a_loop(point):
    for _ in range(3):
        point = point._replace(x=point.x + point.y * 0.1, y=point.y - np.sin(point.x))
    return point.x * point.y


@dataclass
class State:
    x: Any
    v: Any = 0.0
    label: str = "start"


@right(0.3, 0.7)
def dataclass_made(a, b):
    state = State(a * b, v=np.sin(a))
    return state.x * state.v


@right(0.3, 0.7)
def dataclass_made_with_a_default(a, b):
    state = State(a * b)
    return state.x * b + state.v


@right(X, 0.7)
def dataclass_result(x, s):
    return State(x * s, np.sum(x), "end")


@right(State(0.3, 0.7), 0.1, wrt="h", unless_known="S204")
def dataclass_made_in_a_loop(state, h):
    for _ in range(3):
        state = State(state.x + h * state.v, state.v - h * np.sin(state.x))
    return state.x * state.v


@right(Point(0.3, 0.7), unless_known="S204")
def namedtuple_made_in_a_loop(point):
    for _ in range(3):
        point = Point(point.x + point.y * 0.1, y=point.y - np.sin(point.x))
    return point


def stepped(point, h):
    return Point(point.x + h * point.y, point.y - h * np.sin(point.x))


@right(Point(0.3, 0.7), 0.1, unless_known="S204")
def namedtuple_made_by_a_function(point, h):
    for _ in range(3):
        point = stepped(point, h)
    return point.x * point.y


@right(0.3, 0.7)
def nested_classes(a, b):
    network = Network(Layer(a, b), Point(a * b, b), scale=np.sin(a))
    return network.hidden.W * network.out.x * network.scale + network.out[1]


# --------------------------------------------------------------------- callees


def predict(params, x):
    return np.tanh(params["W"] @ x + params["b"])


def layer_of(layer, x):
    return np.tanh(layer.W @ x + layer.b)


def summary(y):
    return {"sum": np.sum(y), "last": y[-1] ** 2}


def as_layer(layer, s):
    return layer if s > 0 else Layer(layer.W, layer.b)


def rotated(point, angle):
    return point.x * np.cos(angle), point.y * np.sin(angle)


def scaled(params, s):
    return {"W": params["W"] * s, "b": params["b"]}


@right(FLAT, X)
def record_to_a_function(params, x):
    return np.sum(predict(params, x) ** 2)


@right(FLAT, X)
def record_to_a_function_twice(params, x):
    y = predict(params, x)
    return np.sum(predict(params, y[:2]) * y)


@right(FLAT, X)
def record_to_a_function_and_read(params, x):
    return np.sum(predict(params, x) ** 2) + np.sum(params["W"] ** 2)


@right({"net": FLAT, "c": 0.3}, X)
def part_to_a_function(params, x):
    return np.sum(predict(params["net"], x)) * params["c"]


@right(FLAT, X)
def display_to_a_function(params, x):
    return np.sum(predict({"W": params["W"] * 2, "b": params["b"]}, x))


@right(LAYER, X, unless_known="S204")
def dataclass_to_a_function(layer, x):
    return np.sum(layer_of(layer, x) ** 2)


@right(Pair(W, B), X, unless_known="S204")
def namedtuple_to_a_function(layer, x):
    return np.sum(layer_of(layer, x) ** 2)


@right(Network(Layer(W, B), Layer(V, C)), X, unless_known="S204")
def nested_dataclass_to_functions(network, x):
    h = layer_of(network.hidden, x)
    return np.sum(layer_of(network.out, h) ** 2) * network.scale


@right(W, X)
def dict_from_a_function(w, x):
    found = summary(w @ x)
    return found["sum"] * np.sin(found["last"])


@right(W, X)
def part_of_a_dict_from_a_function(w, x):
    return summary(w @ x)["last"] * 2


@right(Point(0.4, 0.9), 0.3, unless_known="S204")
def tuple_from_a_function(point, angle):
    a, b = rotated(point, angle)
    return a * b


@right(FLAT, X, 0.3)
def record_through_functions(params, x, s):
    return np.sum(predict(scaled(params, s), x))


@right(FLAT, X, 0.3)
def record_through_functions_in_a_loop(params, x, s):
    for _ in range(2):
        params = scaled(params, s)
    return np.sum(predict(params, x))


@right(FLAT, X)
def record_to_a_function_in_a_loop(params, x):
    total = 0.0
    for k in range(3):
        total = total + np.sum(predict(params, x + k))
    return total


@right(FLAT, X)
def record_to_a_function_by_branch(params, x):
    if x[0] > 0:
        y = predict(params, x)
    else:
        y = params["b"] * 2
    return np.sum(y * params["b"])


def down(params, n):
    if n == 0:
        return params["c"]
    return params["c"] * down({"c": params["c"] * params["d"], "d": params["d"]}, n - 1)


@right({"c": 0.4, "d": 0.9}, wrt="params")
def recursion(params):
    return down(params, 3)


@right({"W": W, "b": B}, X, unless_known="S201")
def double_star_call(params, x):
    return np.sum(dense(x, **params))


def dense(x, W, b):  # noqa: N803
    return np.tanh(W @ x + b)


@right((0.3, 0.8), 0.2, unless_known="S201")
def star_call(pair, c):
    return product(*pair, c)


def product(a, b, c):
    return a * np.sin(b) * c


# ----------------------------------------------------------------------- loops


LAYERS = [{"W": np.eye(2) + 0.1, "b": X}, {"W": np.eye(2) - 0.2, "b": X * 0.5}]
PAIRS = [(W, B), (W.T, X)]
NETS = [Layer(np.eye(2) + 0.1, X), Layer(np.eye(2) - 0.2, X * 0.5)]


@right(LAYERS, X)
def loop_over_dicts(layers, x):
    for layer in layers:
        x = np.tanh(layer["W"] @ x + layer["b"])
    return np.sum(x)


@right({"layers": LAYERS, "c": 0.3}, X)
def loop_over_dicts_in_a_dict(params, x):
    for layer in params["layers"]:
        x = np.tanh(layer["W"] @ x + layer["b"])
    return np.sum(x) * params["c"]


@right(PAIRS, X)
def loop_over_pairs_of_different_shapes(params, x):
    for w, b in params:
        x = np.tanh(w @ x + b)
    return np.sum(x)


@right([(np.eye(2), X), (np.eye(2) - 0.3, X)], X)
def loop_over_pairs_of_one_shape(params, x):
    for w, b in params:
        x = np.tanh(w @ x + b)
    return np.sum(x)


@right(NETS, X, unless_known="S204")
def loop_over_dataclasses(layers, x):
    for layer in layers:
        x = np.tanh(layer.W @ x + layer.b)
    return np.sum(x)


@right([Pair(np.eye(2), X), Pair(np.eye(2) - 0.3, X)], X, unless_known="S204")
def loop_over_namedtuples(layers, x):
    for layer in layers:
        x = np.tanh(layer.W @ x + layer.b)
    return np.sum(x)


@right([Pair(np.eye(2), X), Pair(np.eye(2) - 0.3, X)], X)
def loop_over_unpacked_namedtuples(layers, x):
    for w, b in layers:
        x = np.tanh(w @ x + b)
    return np.sum(x)


@right([FLAT, {"W": W.T, "b": X}], X)
def loop_with_a_function(layers, x):
    for layer in layers:
        x = predict(layer, x)
    return np.sum(x)


@right(LAYERS, X)
def loop_with_a_function_one_shape(layers, x):
    for layer in layers:
        x = predict(layer, x)
    return np.sum(x)


@right({"W": [np.eye(2), np.eye(2) - 0.3], "b": [X, X]}, X)
def zipped_lists_of_a_dict(params, x):
    for w, b in zip(params["W"], params["b"]):
        x = np.tanh(w @ x + b)
    return np.sum(x)


@right({"W": [W, W.T], "b": [B, X]}, X)
def zipped_lists_of_different_shapes(params, x):
    for w, b in zip(params["W"], params["b"]):
        x = np.tanh(w @ x + b)
    return np.sum(x)


@right(PAIRS, X)
def enumerated_pairs(params, x):
    for k, (w, b) in enumerate(params):
        x = np.tanh(w @ x + b * k)
    return np.sum(x)


@right(LAYERS, X)
def reversed_dicts(layers, x):
    for layer in reversed(layers):
        x = np.tanh(layer["W"] @ x + layer["b"])
    return np.sum(x)


@right(LAYERS, X)
def selected_by_number(layers, x):
    for k in range(len(layers)):
        x = np.tanh(layers[k]["W"] @ x + layers[k]["b"])
    return np.sum(x)


@right([FLAT, {"W": W.T, "b": X}], X)
def selected_by_number_different_shapes(layers, x):
    for k in range(2):
        x = np.tanh(layers[k]["W"] @ x + layers[k]["b"])
    return np.sum(x)


@right({"layers": LAYERS, "c": 0.3}, X)
def selected_under_a_name(params, x):
    layers = params["layers"]
    for k in range(2):
        layer = layers[k]
        x = np.tanh(layer["W"] @ x + layer["b"]) * params["c"]
    return np.sum(x)


@right([LAYERS, LAYERS], X)
def nested_loops_over_layers(blocks, x):
    for block in blocks:
        for layer in block:
            x = np.tanh(layer["W"] @ x + layer["b"])
    return np.sum(x)


@right(LAYERS, X)
def loop_and_constant_selection(layers, x):
    for layer in layers:
        x = np.tanh(layer["W"] @ x)
    return np.sum(x * layers[0]["b"]) + np.sum(layers[-1]["b"])


@right({"a": 0.4, "b": 0.9})
def selected_by_key(p):
    total = 0.0
    for key in ("a", "b", "a"):
        total = total + p[key] ** 2 * p["a"]
    return total


@right({"a": 0.4, "b": 0.9})
def keys_of_a_dict(p):
    total = 1.0
    for key in p:
        total = total * np.sin(p[key])
    return total


@right({"a": X, "b": W}, unless_known="S204")
def items_of_a_dict(p):
    total = 0.0
    for name, value in p.items():
        total = total + np.sum(value**2)
    return total


@right({"a": X, "b": W}, unless_known="S204")
def values_of_a_dict(p):
    total = 0.0
    for value in p.values():
        total = total + np.sum(value**2)
    return total


@right({"a": {"w": X, "c": 0.4}, "b": {"w": X + 1, "c": 0.2}}, X, unless_known="S204")
def items_of_a_dict_of_dicts(p, x):
    for layer in p.values():
        x = np.sin(layer["w"] * x) * layer["c"]
    return np.sum(x)


@right((0.3, 0.7, 0.9))
def loop_over_a_tuple(numbers):
    total = 1.0
    for number in numbers:
        total = total * np.sin(number)
    return total + numbers[0]


@right(Point(0.4, 0.9))
def loop_over_a_namedtuple(point):
    total = 1.0
    for number in point:
        total = total * np.sin(number)
    return total


@right(0.3, 0.7)
def loop_over_local_records(a, b):
    total = 0.0
    for d in ({"u": a, "v": b}, {"u": b, "v": a * b}):
        total = total + d["u"] * np.sin(d["v"])
    return total


@right([(W, B), (V, C)], X)
def sizes_of_the_round_before(params, x):
    before, total = np.ones(1), 0.0
    for w, b in params:
        x = np.tanh(w @ x + b)
        total = total + np.sum(x * before)
        before = b * x
    return total


@right([(W, B), (V, C)], X)
def values_after_the_loop(params, x):
    for w, b in params:
        y = np.dot(w, x) + b
        x = np.tanh(y)
    return y


@right([(W, B), (V, C)], X)
def values_before_and_after_the_loop(params, x):
    y = np.sin(x)
    for w, b in params[1:]:
        y = np.dot(w, np.ones(3)) + b
    return np.sum(y * x)


@right([(W, B), (V, C)], X, 0)
def values_before_a_loop_without_rounds(params, x, n):
    y = np.sin(x)
    for w, b in params[:n]:
        y = np.dot(w, x) + b
    return np.sum(y * x)


@right([(W, B), (V, C)], X)
def all_but_the_last(params, x):
    for w, b in params[:-1]:
        x = np.tanh(w @ x + b)
    w, b = params[-1]
    return np.sum(w @ x + b)


@right([(W, B), (V, C)], X)
def targets_after_the_loop(params, x):
    for w, b in params:
        x = np.tanh(w @ x + b)
    return np.sum(x * w) + np.sum(x * b)


@right([(W, B), (V, C)], X)
def sizes_of_round_and_loop_around(params, x):
    total, before = 0.0, np.ones(1)
    for k in range(2):
        y = x
        for w, b in params:
            if k > 0:
                total = total + np.sum(before * b)
            y = np.tanh(w @ y + b)
            before = np.sum(w, axis=1)
        total = total + np.sum(before * y)
    return total


@right([B, C, B], [C, B, C])
def sizes_that_vary_differently(first, second):
    total = 0.0
    for a, b in zip(first, second):
        total = total + np.sum(a * np.sin(b))
    return total


@right([B, C], B)
def vectors_of_which_one_is_stretched(vectors, x):
    for v in vectors:
        x = x * np.sin(v)
    return np.sum(x)


def last_of(params):
    for w, _ in params:
        last = w
    return last


@right([(W, B), (V, C)], [(V, C), (W, B)])
def sizes_from_functions(first, second):
    total = 0.0
    for (w, _), (v, _) in zip(first, second):
        total = total + np.sum(np.sum(w) * last_of(first)) + np.sum(np.sum(v) * last_of(second))
    return total + np.sum(last_of(first) * last_of(second)[:1, :1])


@right(X, Y := np.array([0.5, 1.5]))
def pairs_that_stay_pairs(x, y):
    total = 0.0
    for pair in zip(x, y):
        total = total + pair[0] * pair[1] ** 2
    return total


@right(X)
def numbered_pairs_that_stay_pairs(x):
    total = 0.0
    for pair in enumerate(x):
        total = total + pair[0] * pair[1] ** 2
    return total


@right(W)
def sums_of_parts(w):
    p, q = np.split(w, [1])
    rows = np.vsplit(w, [2])
    return np.sum(p) * np.sum(q**2) + np.sum(rows[0]) * np.mean(rows[1])


@right(B)
def sums_of_stretched_arrays(b):
    p, q = np.broadcast_arrays(b, b[:2, None])
    return np.sum(p) * np.mean(q)


def weighted(a, pair):
    return a * sum(pair)


@right(0.4, (0.9, 0.3))
def parts_of_what_a_callee_gets_as_a_whole(a, pair):
    # The adjoint of the pair comes from `weighted`, and its parts are added to.
    s = a * pair[0]
    return s * weighted(s, pair)


@right(0.4, (0.9, 0.3))
def parts_of_what_a_gradient_captures(a, pair):
    s = a * pair[0]
    return s * s2sad.grad(lambda v: pair[1] * v * v)(s)


@right.parametrize()
def test_container(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)
