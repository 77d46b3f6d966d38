"""Jacobians and Hessians, forward and reverse: right, of the right shapes, in blocks, and readable."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

import s2sad
from s2sad.errors import ArgumentError
from s2sad.frontend.live import unit_of
from s2sad.ir import Const
from s2sad.kind import Pattern
from s2sad.observed import kind_of_value
from s2sad.options import Options
from s2sad.pipeline import derive
from s2sad.slots import resolve_slot
from s2sad.transform import vector_modes
from s2sad.trees import leaves, map_leaves, rebuild

X = np.array([0.3, -0.8, 1.1])
W = np.linspace(-0.5, 0.6, 6).reshape(2, 3)
MODES = ("jacfwd", "jacrev")


@pytest.fixture(autouse=True)
def unformatted(monkeypatch):
    monkeypatch.setattr("black.format_str", lambda text, mode: text)


def generated(function, values, wrt, mode, known=True):
    """The generated function and what is told of it."""
    pattern = Pattern()
    kinds = {name: kind_of_value(value, pattern) for name, value in values.items()} if known else {}
    made = derive(unit_of(function), Options(mode, wrt, bare=len(wrt) == 1), kinds, pattern)
    space = {"__name__": "generated"}
    exec(compile(made.text, "<generated>", "exec"), space)
    space |= {one.name: resolve_slot(function, one.slot) for one in made.data}
    return space[made.name], made


def columns(function, values, name):
    """Central differences: for each leaf of the result, an array of the derivatives by the elements of the argument, for
    each leaf of that.
    """
    found = []
    parts = [leaf for _, leaf in leaves(values[name])]
    for k, part in enumerate(parts):
        by_element = {}
        for place in np.ndindex(np.shape(part)):
            steps = []
            for sign in (1, -1):
                moved = [np.array(leaf, float) if isinstance(leaf, np.ndarray) else leaf for leaf in parts]
                if isinstance(part, np.ndarray):
                    moved[k][place] += sign * 1e-6
                else:
                    moved[k] += sign * 1e-6
                result = function(**{**values, name: rebuild(values[name], moved)})
                steps.append([np.asarray(leaf) for _, leaf in leaves(result)])
            by_element[place] = [(a - b) / 2e-6 for a, b in zip(*steps, strict=True)]
        found.append((np.shape(part), by_element))
    return found


def check(function, wrt=None, known=(True, False), **values):
    wrt = wrt or tuple(values)
    expected = [columns(function, values, name) for name in wrt]
    shapes = [np.shape(leaf) for _, leaf in leaves(function(**values))]
    for mode in MODES:
        for is_known in known:
            jacobian, made = generated(function, values, wrt, mode, is_known)
            found = [leaf for _, leaf in leaves(jacobian(**map_leaves(lambda leaf: leaf, values)))]
            every = [(k, part) for k in range(len(shapes)) for argument in expected for part in argument]
            assert len(found) == len(every), made.text
            for one, (k, (shape, by_element)) in zip(found, every, strict=True):
                assert np.shape(one) == (*shapes[k], *shape), made.text
                for place, column in by_element.items():
                    np.testing.assert_allclose(
                        np.asarray(one)[(..., *place)], column[k], rtol=1e-5, atol=1e-7, err_msg=made.text
                    )


def layers(x, w):
    return np.tanh(w @ x)


def overwritten(x):
    for _ in range(2):
        x = 4 * x * (1 - x)
    return x


def early(x):
    if x[0] > 10:
        return x
    return np.exp(x) * x[0]


def pair(x, k):
    return k * x, (np.sum(x) * k, x[:, None] * x)


def dictionary(p):
    return {"y": np.sin(p["a"]) * p["b"][0], "z": np.sum(p["a"])}


def wave(t, k):
    return np.sin(k * t)


def called(x, k):
    return wave(wave(x, k), 2.0) * x


def power(x, n):
    return x if n == 0 else x * power(x, n - 1)


def test_arrays():
    check(layers, x=X, w=W)
    check(overwritten, x=X)
    check(early, x=X)
    check(called, x=X, k=0.7)
    check(lambda w: np.sum(w, axis=0), w=W)
    check(lambda x: np.linalg.inv(np.outer(x, x) + np.eye(3)), x=X)
    check(power, wrt=("x",), x=X, n=2)


@pytest.mark.parametrize(
    "function",
    [
        lambda a: np.mean(a, 1, None),
        lambda a: np.sum(a, 0, None, keepdims=True),
        lambda a: np.average(a, 1, None),
        lambda a: np.mean(a, 1, None, None, True),
    ],
)
def test_defaults_given_by_position(function):
    a = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    rows = [function(unit.reshape(2, 3)) for unit in np.eye(6)]
    expected = np.moveaxis(np.array(rows), 0, -1).reshape(*rows[0].shape, 2, 3)
    np.testing.assert_allclose(s2sad.jacfwd(function)(a), expected)
    np.testing.assert_allclose(s2sad.jacrev(function)(a), expected)


def test_numbers_have_no_axes():
    check(lambda a: math.sin(a) * a, a=0.3)
    check(lambda a, x: a * x, a=0.3, x=X)
    check(lambda x: np.sum(x * x), x=X)
    check(lambda a, b: (a * b, a + b), a=0.3, b=0.7)
    check(lambda x: x * x, x=np.array(0.3))


def test_containers():
    check(pair, x=X, k=0.7)
    check(dictionary, known=(True,), p={"a": X, "b": (0.3, X)})


@dataclass
class Params:
    w: np.ndarray
    k: float
    n: int = 2


def test_dataclasses():
    jacobian, _ = generated(lambda p, x: p.w @ x * p.k, {"p": Params(W, 0.7), "x": X}, ("p",), "jacrev")
    found = jacobian(Params(W, 0.7), X)
    assert isinstance(found, Params)
    assert (found.w.shape, found.k.shape, found.n) == ((2, 2, 3), (2,), 2)
    np.testing.assert_allclose(found.k, W @ X)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_empty_arrays(shape, mode):
    values = {"x": np.zeros(shape)}
    assert generated(lambda x: x * x, values, ("x",), mode)[0](**values).shape == shape + shape
    full = {"x": np.zeros(shape), "y": np.ones(2)}
    assert generated(lambda x, y: y * np.sum(x), full, ("x",), mode)[0](**full).shape == (2, *shape)
    assert generated(lambda x, y: np.outer(x, y), full, ("y",), mode)[0](**full).shape == (0, 2, 2)


@pytest.mark.parametrize("mode", MODES)
def test_single_precision_stays(mode):
    for function, values in (
        (layers, {"x": X.astype(np.float32), "w": W.astype(np.float32)}),
        (lambda x, w: w @ x * math.sin(1.0), {"x": X.astype(np.float32), "w": W.astype(np.float32)}),
        (lambda x, w: 0.5 * np.mean(x) * w, {"x": X.astype(np.float32), "w": W.astype(np.float32)}),
    ):
        for found in generated(function, values, ("x", "w"), mode)[0](**values):
            assert found.dtype == np.float32
    values = {"k": 0.3, "x": X.astype(np.float32)}
    found = generated(lambda k, x: k * x, values, ("k", "x"), mode)[0](**values)
    assert [one.dtype for one in found] == ([np.float32] * 2 if mode == "jacfwd" else [np.float64, np.float32])


# ----------------------------------------------------------------------- blocks


def printing(x, w):
    print("primal")
    h = np.tanh(w @ x)
    return w.T @ h


def printing_loop(x):
    for _ in range(2):
        print("round")
        x = np.sin(x) * x
    return x


def test_the_primal_runs_once_per_block_at_most(capsys):
    x, w = np.linspace(-1, 1, 100), np.full((100, 100), 0.1)
    for mode in MODES:
        generated(printing, {"x": x, "w": w}, ("x",), mode)[0](x, w)
        assert capsys.readouterr().out == "primal\n"
        generated(printing_loop, {"x": x}, ("x",), mode)[0](x)
        assert capsys.readouterr().out == "round\n" * 2


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_blocks_put_together(size, monkeypatch, capsys):
    x, w = np.linspace(-1, 1, 100), np.sin(np.arange(10_000)).reshape(100, 100)
    whole = [generated(printing, {"x": x, "w": w}, ("x",), mode)[0](x, w) for mode in MODES]
    monkeypatch.setattr(vector_modes, "_MOST", Const(100 * size))
    for mode, expected in zip(MODES, whole, strict=True):
        capsys.readouterr()
        np.testing.assert_allclose(generated(printing, {"x": x, "w": w}, ("x",), mode)[0](x, w), expected, rtol=1e-12)
        assert capsys.readouterr().out == "primal\n"
        np.testing.assert_allclose(
            generated(printing_loop, {"x": x}, ("x",), mode)[0](x),
            np.diag(np.diag(generated(printing_loop, {"x": x}, ("x",), mode)[0](x))),
        )
    capsys.readouterr()
    generated(printing_loop, {"x": x}, ("x",), "jacfwd")[0](x)
    assert capsys.readouterr().out.count("round") == 2 * math.ceil(100 / size) if size < 100 else True
    capsys.readouterr()
    generated(printing_loop, {"x": x}, ("x",), "jacrev")[0](x)
    assert capsys.readouterr().out.count("round") == 2


def test_more_directions_than_fit_go_one_at_a_time(monkeypatch):
    monkeypatch.setattr(vector_modes, "_MOST", Const(1))
    check(layers, x=X, w=W)


# -------------------------------------------------------------------- one by one


def test_without_a_vector_form_one_direction_at_a_time_is_told():
    def crossed(x):
        return np.cross(x, x[::-1]) * x[0]

    _, made = generated(crossed, {"x": X}, ("x",), "jacfwd")
    (told,) = made.report.one_by_one
    assert told.startswith("crossed_tangent takes one direction at a time: `np.cross(")
    check(crossed, x=X)


def test_results_of_unknown_kind_are_looked_at():
    both, _ = generated(lambda x: (x, x) if x[0] > 5 else x * x, {"x": X}, ("x",), "jacfwd", known=False)
    assert both(X).shape == (3, 3)
    with pytest.raises(TypeError, match=r"real array or number|have to be declared"):
        both(X + 9)


def test_refusals():
    with pytest.raises(ArgumentError, match="complex"):
        generated(lambda x: x * x, {"x": X + 1j}, ("x",), "jacfwd")
    with pytest.raises(ArgumentError, match="complex"):
        generated(lambda x: x * 1j, {"x": X}, ("x",), "jacrev")
    with pytest.raises(ArgumentError, match="list of unknown length"):
        generated(lambda x: x[0] * x[1], {"x": [0.3, 0.7]}, ("x",), "jacfwd")
    unknown, _ = generated(lambda x: x * x, {"x": X}, ("x",), "jacrev", known=False)
    with pytest.raises(TypeError, match=r"real array or number|have to be declared"):
        unknown(X + 1j)


# ----------------------------------------------------------------- second order


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def loop(x):
    total = 0.0
    for i in range(len(x) - 1):
        total = total * x[i] + math.sin(x[i + 1] * x[i])
    return total


@pytest.mark.parametrize(
    "function", [rosenbrock, loop, lambda x: np.prod(np.tanh(x)), lambda x: np.linalg.norm(x) ** 3]
)
def test_hessians(function):
    hessian, made = generated(function, {"x": X}, ("x",), "hessian")
    gradient, _ = generated(function, {"x": X}, ("x",), "grad")
    step = 1e-6
    expected = [(gradient(X + step * row) - gradient(X - step * row)) / (2 * step) for row in np.eye(3)]
    np.testing.assert_allclose(hessian(X), expected, rtol=1e-5, atol=1e-6, err_msg=made.text)
    np.testing.assert_allclose(hessian(X), hessian(X).T, rtol=1e-10, atol=1e-12)


def test_hessians_of_several_arguments():
    def loss(w, b):
        return np.sum(np.tanh(w @ X + b) ** 2)

    values = {"w": W, "b": np.array([0.1, -0.2])}
    (ww, wb), (bw, bb) = generated(loss, values, ("w", "b"), "hessian")[0](**values)
    assert (ww.shape, wb.shape, bw.shape, bb.shape) == ((2, 3, 2, 3), (2, 3, 2), (2, 2, 3), (2, 2))
    np.testing.assert_allclose(wb, np.moveaxis(bw, 0, -1))


def test_jacobians_of_jacobians():
    def function(x):
        return np.sin(x) * x[0]

    expected = generated(function, {"x": X}, ("x",), "jacfwd")[0]
    slopes = [(expected(X + 1e-6 * row) - expected(X - 1e-6 * row)) / 2e-6 for row in np.eye(3)]
    for outer in MODES:
        for inner in MODES:
            pattern = Pattern()
            options = Options(outer, ("x",), inner=Options(inner, ("x",)))
            made = derive(unit_of(function), options, {"x": kind_of_value(X, pattern)}, pattern)
            space = {}
            exec(made.text, space)
            np.testing.assert_allclose(space[made.name](X), np.moveaxis(slopes, 0, -1), rtol=1e-6, atol=1e-8)


# --------------------------------------------------------------------- the text


def body_of(function, values, wrt, mode):
    """The last function of the generated text."""
    text = generated(function, values, wrt, mode)[1].text
    return text[text.rindex("\ndef ") :].strip() if "\ndef " in text else text.strip()


def test_forward_text():
    assert body_of(layers, {"x": X, "w": W}, ("x",), "jacfwd").splitlines() == [
        "def layers_jacfwd(x, w):",
        '    """x: (m,), w: (n, m)"""',
        "    t = np.tanh(w @ x)",
        "    blocks = []",
        "    at_once = max(1, 2 ** 24 // max(x.size, len(w), 1))",
        "    for first in range(0, max(x.size, 1), at_once):",
        "        x_dot = _directions(x, first, at_once)",
        "        blocks.append(x_dot @ w.T * (1 - t * t))",
        "    return _columns(np.concatenate(blocks), x)",
    ]


def test_reverse_text():
    assert body_of(layers, {"x": X, "w": W}, ("x",), "jacrev").splitlines() == [
        "def layers_jacrev(x, w):",
        '    """x: (m,), w: (n, m)"""',
        "    # primal",
        "    t = np.tanh(w @ x)",
        "    # adjoint, one row for each direction",
        "    blocks = []",
        "    at_once = max(1, 2 ** 24 // max(t.size, x.size, 1))",
        "    for first in range(0, max(t.size, 1), at_once):",
        "        y_bar = _directions(t, first, at_once)",
        "        blocks.append(y_bar * (1 - t * t) @ w)",
        "    return _rows(np.concatenate(blocks), t)",
    ]


def logistic(x):
    for _ in range(3):
        x = 4 * x * (1 - x)
    return x


def test_text_for_a_number():
    assert body_of(logistic, {"x": 0.3}, ("x",), "jacfwd").splitlines() == [
        "def logistic_jacfwd(x):",
        "    x_dot = 1.0",
        "    for _ in range(3):",
        "        x_dot *= 4 * (1 - x) - 4 * x",
        "        x = 4 * x * (1 - x)",
        "    return x_dot",
    ]


# ------------------------------------------------------------------ from outside


def test_lists_of_arrays_alike():
    def product(xs):
        return xs[0] * np.sum(xs[1])

    for operator in (s2sad.jacfwd, s2sad.jacrev):
        first, second = operator(product)([X, 2 * X])
        np.testing.assert_allclose(first, np.eye(3) * np.sum(2 * X))
        np.testing.assert_allclose(second, np.tile(X, (3, 1)).T)
    ((a, b), (c, d)) = s2sad.hessian(lambda xs: xs[0] @ (xs[1] ** 2))([X, 2 * X])
    np.testing.assert_allclose(a, np.zeros((3, 3)))
    np.testing.assert_allclose(b, np.diag(4 * X))
    np.testing.assert_allclose(c, np.diag(4 * X))
    np.testing.assert_allclose(d, np.diag(2 * X))
