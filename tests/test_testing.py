"""check_grads, check_jvp and check_vjp: right derivatives pass, planted errors are found and named."""

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest

import s2sad
from s2sad.options import Options
from s2sad.rules import registry
from s2sad.syntax import parse
from s2sad.testing import CheckError, check_grads, check_jvp, check_vjp
from s2sad.testing.check import report_on, subject_at
from s2sad.testing.claims import Claim
from s2sad.testing.differences import slope_of
from s2sad.testing.examine import examine
from s2sad.testing.given import claim_of
from s2sad.testing.point import Tolerance
from s2sad.trees import map_leaves

W = np.array([[0.1, 0.2, -0.3], [0.3, 0.4, 0.7]])
X = np.array([0.5, -1.0, 2.0])


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))


def failure(check, *args, **keywords):
    with pytest.raises(CheckError) as raised:
        check(*args, **keywords)
    return raised.value


def rows(error):
    """The rows of the table, each as a dictionary by its headings."""
    return [finding for finding in error.report.problems if finding.derivative is not None]


def said(error):
    return [finding.note for finding in error.report.problems if finding.derivative is None]


# -------------------------------------------------------------- what is right


def loss(w, x):
    return np.sum(np.tanh(w @ x) ** 2)


def of_parts(params, x):
    return np.tanh(params["W"] * x) * params["layers"][1]


@pytest.mark.parametrize("wrt", ["params.W", ("params.layers[1]", "x"), "params.layers"])
def test_parts_of_arguments(wrt):
    given = {"W": X, "n": 3, "layers": (0.5, 0.25)}
    report = check_grads(of_parts, (given, X), wrt=wrt)
    assert report.ok
    assert given["layers"] == (0.5, 0.25)


def powers(x, n):
    y = x
    for i in range(n):
        y = np.sin(y) * x
    return y


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_loss(order):
    report = check_grads(loss, (W, X), order)
    assert report.ok
    assert report.findings


@pytest.mark.parametrize("modes", ["fwd", "rev", ("fwd", "rev")])
def test_a_loop(modes):
    assert check_grads(powers, (X, 3), 1, modes).ok
    assert check_grads(powers, (0.5, 3), 2, modes).ok


def test_every_combination_of_modes_is_checked():
    checked = {finding.of for finding in check_grads(loss, (W, X), 2).findings}
    outer = [f"{mode}({inner})" for inner in ("loss", "jvp(loss)", "grad(loss)") for mode in ("jvp", "vjp")]
    assert checked >= {*outer, "grad(loss)"}
    assert "jvp(jvp(jvp(powers)))" in {finding.of for finding in check_grads(powers, (0.5, 2), 3, "fwd").findings}


def test_nothing_is_printed(capsys):
    check_grads(powers, (0.5, 2), 1)
    assert capsys.readouterr() == ("", "")


def test_the_same_report_again():
    assert str(check_grads(loss, (W, X), 1)) == str(check_grads(loss, (W, X), 1))


def test_single_precision():
    report = check_grads(loss, (W.astype(np.float32), X.astype(np.float32)), 2)
    assert {finding.error < 1e-6 for finding in report.findings if finding.mode != "both"} == {True}


@pytest.mark.parametrize("x", [np.zeros((0, 3)), np.array(2.0), np.float32(0.5), np.array([1e-9, 1.0]), -3.0e8])
def test_odd_arguments(x):
    def squares(x):
        return x * x

    check_grads(squares, (x,), 1)


@pytest.mark.parametrize("n", [5, 40])
def test_empty_results(n):
    check_grads(lambda x: (x[:0], np.sum(x)), (np.ones(n),), 1)
    check_grads(lambda x: x[:0], (np.ones(n),), 1)


@pytest.mark.parametrize("n", [5, 40, 3000])
def test_sizes(n):
    check_grads(lambda x: np.sum(np.sin(x) * x), (np.linspace(0.1, 2, n),), 1)


def test_many_numbers():
    def total(x):
        y = 0.0
        for one in x:
            y = y + one * one
        return y

    check_grads(total, ([0.1 * n for n in range(100)],), 1)


@pytest.mark.parametrize("scale", [1e-12, 1e-5, 1e7])
def test_scales(scale):
    def f(x):
        return np.sin(x / scale)

    def f_jvp(x, x_dot, factor=1.0):
        return f(x[0]), np.cos(x[0] / scale) / scale * x_dot[0] * factor

    x = scale * np.array([0.0, 1.0, 2.0, 1e-3])
    check_jvp(f, f_jvp, (x,))
    failure(check_jvp, f, partial(f_jvp, factor=1 + 1e-5), (x,))


def test_wrt_and_keywords():
    def scaled(x, y, *, scale=1.0):
        return x * y * scale

    found = check_grads(scaled, (2.0, 3.0), 1, keywords={"scale": 4.0})
    assert {finding.argument for finding in found.findings if finding.mode == "fwd"} == {"x", "y", "scale"}
    found = check_grads(scaled, (2, 3.0), 1, wrt="x")
    assert {finding.argument for finding in found.findings} == {"x"}
    found = check_grads(scaled, (2.0, 3.0), 2, wrt=(1, "x"))
    assert {finding.argument for finding in found.findings if finding.of == "jvp(scaled)"} == {"y", "x"}


def test_integers_are_left_alone_unless_they_are_selected():
    found = check_grads(powers, (0.5, 3), 1)
    assert {finding.argument for finding in found.findings} == {"x"}


def test_complex_arguments():
    def f(z):
        return np.sum(np.abs(z) ** 2)

    check_grads(f, (np.array([1 + 2j, -0.5j]),), 1)
    check_jvp(lambda z: z * z, lambda z, z_dot: (z[0] * z[0], 2 * z[0] * z_dot[0]), (1 + 2j,))
    check_vjp(lambda z: z * z, lambda z: (z * z, lambda y_bar: (2 * z * y_bar,)), (1 + 2j,))


def test_a_complex_error():
    error = failure(check_jvp, np.conj, lambda z, z_dot: (np.conj(z[0]), z_dot[0]), (np.array([1 + 2j]),))
    assert rows(error)[0].argument == "z[0]" or rows(error)[0].argument.startswith("x")


@dataclass
class Params:
    w: np.ndarray
    rest: dict


def model(params, x):
    inner = params.w * x[0] + params.rest["b"][0]
    return {"y": inner * inner, "n": 3, "parts": [np.sum(inner), x[1]]}


def model_jvp(primals, tangents):
    (params, x), (params_dot, x_dot) = primals, tangents
    inner = params.w * x[0] + params.rest["b"][0]
    inner_dot = params_dot.w * x[0] + params.w * x_dot[0] + params_dot.rest["b"][0]
    tangent = {"y": 2 * inner * inner_dot, "n": 0.0, "parts": [np.sum(inner_dot), x_dot[1]]}
    return model(params, x), tangent


def model_vjp(params, x):
    inner = params.w * x[0] + params.rest["b"][0]

    def pullback(bar):
        inner_bar = 2 * inner * bar["y"] + bar["parts"][0]
        x_bar = float(np.sum(params.w * inner_bar)), bar["parts"][1]
        return Params(inner_bar * x[0], {"b": [float(np.sum(inner_bar)), None]}), x_bar

    return model(params, x), pullback


NESTED = Params(np.array([1.0, 2.0]), {"b": [0.5, None]}), (3.0, 4.0)


def test_nested_arguments_and_results():
    check_jvp(model, model_jvp, NESTED)
    check_vjp(model, model_vjp, NESTED)


def test_paths_of_nested_arguments():
    def wrong(primals, tangents):
        y, y_dot = model_jvp(primals, tangents)
        return y, {**y_dot, "parts": [y_dot["parts"][0] + tangents[0].rest["b"][0], y_dot["parts"][1]]}

    (row,) = rows(failure(check_jvp, model, wrong, NESTED))
    assert (row.argument, row.result) == ('params.rest["b"][0]', 'y["parts"][0]')
    assert row.derivative == pytest.approx(3)
    assert row.difference == pytest.approx(2)


# ------------------------------------------------------------- planted errors


def f(x, b):
    return np.sin(x) @ b + b


SQUARE = np.array([[0.3, -1.2, 0.7], [0.9, 0.1, 2.0]])
B = np.array([[1.5, 0.2, -0.4], [0.3, 2.0, 0.8], [0.6, -0.1, 1.1]])


def f_jvp(primals, tangents, sign=1.0, factor=1.0, transposed=False, element=0.0):
    (x, b), (x_dot, b_dot) = primals, tangents
    off = np.zeros(3)
    off[1] = element
    b_dot = b_dot.T if transposed else b_dot
    return g(x, b), (sign * np.cos(x) * x_dot) @ b * factor + np.sin(x) @ b_dot + np.sum(b_dot * off)


def g(x, b):
    return np.sin(x) @ b


def f_vjp(x, b, sign=1.0, factor=1.0, transposed=False, element=0.0):
    def pullback(y_bar):
        x_bar = sign * factor * np.cos(x) * (y_bar @ b.T)
        b_bar = np.sin(x).T @ y_bar
        x_bar[1, 2] += element
        return x_bar, b_bar.T if transposed else b_bar

    return g(x, b), pullback


WRONG = [
    ({"sign": -1.0}, "x", -1),
    ({"factor": 0.5}, "x", 0.5),
    ({"factor": 1.0001}, "x", 1.0001),
    ({"transposed": True}, "b", None),
    ({"element": 0.01}, None, None),
]


@pytest.mark.parametrize("check", [check_jvp, check_vjp])
def test_the_unspoilt(check):
    check(g, f_jvp if check is check_jvp else f_vjp, (SQUARE, B))


@pytest.mark.parametrize("check", [check_jvp, check_vjp])
@pytest.mark.parametrize(("error", "argument", "ratio"), WRONG)
def test_planted(check, error, argument, ratio):
    derivative = partial(f_jvp if check is check_jvp else f_vjp, **error)
    found = rows(failure(check, g, derivative, (SQUARE, B)))
    assert argument is None or {row.argument[0] for row in found} == {argument}
    if ratio is not None and check is check_jvp:
        assert found[0].derivative / found[0].difference == pytest.approx(ratio)


def test_one_wrong_element_is_named():
    (row,) = rows(failure(check_vjp, g, partial(f_vjp, element=1e-3), (SQUARE, B)))
    assert row.argument == "x[1, 2]"


@pytest.mark.parametrize("n", [10, 2000])
def test_one_wrong_element_of_many_is_named(n):
    def wrong(x):
        def pullback(y_bar):
            bar = 2 * x * y_bar
            bar[n // 3] *= 1.001
            return (bar,)

        return np.sum(x * x), pullback

    (row,) = rows(failure(check_vjp, lambda x: np.sum(x * x), wrong, (np.linspace(1, 2, n),)))
    assert row.argument == f"x[{n // 3}]"
    assert row.derivative / row.difference == pytest.approx(1.001)


def test_an_error_in_a_small_argument_is_not_hidden_by_a_large_one():
    def wrong(a, b):
        return a * 1e9 + b, lambda y_bar: (1e9 * y_bar, -y_bar)

    (row,) = rows(failure(check_vjp, lambda a, b: a * 1e9 + b, wrong, (1.0, 2.0)))
    assert (row.argument, row.derivative) == ("b", pytest.approx(-1))


def test_a_missing_sum_over_a_broadcast_axis():
    def wrong(x, b):
        return x + b, lambda y_bar: (y_bar, y_bar)

    error = failure(check_vjp, lambda x, b: x + b, wrong, (SQUARE, np.ones(3)))
    shapes = "an array of float64 of shape (2, 3), not an array of float64 of shape (3,)"
    assert said(error) == [f"the adjoint of b is {shapes}"]


def test_another_type():
    x = np.ones(2, np.float32)
    error = failure(check_vjp, np.sin, lambda x: (np.sin(x), lambda y_bar: (np.cos(x) * y_bar * np.ones(2),)), (x,))
    assert said(error) == [
        "the adjoint of x is an array of float64 of shape (2,), not an array of float32 of shape (2,)"
    ]


def test_another_nesting():
    def wrong(x):
        return {"a": x[0], "b": x[1]}, lambda bar: ([bar["a"], bar["b"]],)

    error = failure(check_vjp, lambda x: {"a": x[0], "b": x[1]}, wrong, ((1.0, 2.0),))
    assert said(error) == ["the adjoint of x is a list of [0], [1], not a tuple of [0], [1]"]


def test_a_tangent_of_another_shape():
    error = failure(check_jvp, np.sum, lambda x, x_dot: (np.sum(x[0]), x_dot[0]), (X,))
    assert said(error) == ["the tangent of y is an array of float64 of shape (3,), not a float64"]


def test_another_value():
    error = failure(check_jvp, np.sin, lambda x, x_dot: (np.cos(x[0]), np.cos(x[0]) * x_dot[0]), (0.5,))
    assert said(error)[0].startswith("its value is np.float64(0.877582")


def test_a_derivative_that_changes_its_arguments():
    def wrong(x):
        y = np.sin(x)

        def pullback(y_bar):
            y_bar *= np.cos(x)
            return (y_bar,)

        return y, pullback

    assert said(failure(check_vjp, np.sin, wrong, (X,))) == ["it changes its arguments"]


def test_a_pullback_that_works_once():
    def wrong(x):
        left = [np.cos(x), np.zeros(3)]
        return np.sin(x), lambda y_bar: (left.pop(0) * y_bar if left else y_bar,)

    assert "when it is called again" in said(failure(check_vjp, np.sin, wrong, (X,)))[0]


def test_reverse_against_forward():
    def reverse(x):
        return np.sum(x), lambda y_bar: (np.full(3, y_bar) * (1 + 1e-8),)

    check_vjp(np.sum, reverse, (X,))
    claim = Claim(lambda values: np.sum(values[0]), ("x",), (X,), "f", ("jvp(f)", "vjp(f)", "grad(f)"))
    claim = replace(claim, jvp=lambda x, x_dot: (np.sum(x[0]), np.sum(x_dot[0])), vjp=lambda values: reverse(*values))
    assert [finding.mode for finding in examine(claim, Tolerance()) if not finding.ok] == ["both"]


# ------------------------------------------------------------ errors in rules


def planted(monkeypatch, key, differential):
    """Put a wrong rule in the place of the right one."""
    (right,) = registry.rules_for(key)
    monkeypatch.setitem(registry._RULES, key, [replace(right, differential=parse(differential))])


@pytest.mark.parametrize(
    ("key", "wrong", "ratio"),
    [
        ("numpy.tanh", "-dx * (1 - y * y)", -1),
        ("numpy.tanh", "0.5 * dx * (1 - y * y)", 0.5),
        ("numpy.tanh", "dx * (1 - y)", None),
    ],
)
@pytest.mark.parametrize("modes", ["fwd", "rev"])
def test_a_wrong_rule(monkeypatch, key, wrong, ratio, modes):
    planted(monkeypatch, key, wrong)

    def f(x):
        return np.sum(np.tanh(x))

    found = rows(failure(check_grads, f, (X,), 1, modes))
    assert found[0].argument.startswith("x[")
    if ratio is not None:
        assert found[0].derivative / found[0].difference == pytest.approx(ratio)


def test_an_error_that_only_second_derivatives_show(monkeypatch):
    planted(monkeypatch, "numpy.tanh", "dx * (1 - np.round(y, 12) ** 2)")

    def f(x):
        return np.sum(np.tanh(x))

    check_grads(f, (X,), 1)
    found = rows(failure(check_grads, f, (X,), 2))
    assert {row.of for row in found} == {f"{mode}({inner}(f))" for mode in ("jvp", "vjp") for inner in ("jvp", "grad")}


# ------------------------------------------------- functions that cannot be compared


def test_not_deterministic():
    random = np.random.default_rng(0)

    def noisy(x):
        return x * random.random()

    (note,) = said(failure(check_jvp, noisy, noisy, (1.0,)))
    assert note.startswith("it is not deterministic: two calls returned 0.6369")


def test_an_argument_is_changed():
    def doubled(x):
        x *= 2
        return np.sum(x)

    notes = said(failure(check_jvp, doubled, doubled, (X,)))
    assert notes == ["it changes its argument `x`"]


@pytest.mark.parametrize(("function", "shown"), [(lambda x: 3, "3"), (lambda x: np.arange(2), "array([0, 1])")])
def test_integers(function, shown):
    (note,) = said(failure(check_grads, function, (1.0,), 1))
    assert note == f"it returns {shown}, which holds no float: there is nothing to differentiate"


@pytest.mark.parametrize("x", [0.0, np.array([1.0, 0.0])])
def test_not_finite(x):
    def logarithm(x):
        return np.log(x)

    (note,) = said(failure(check_grads, logarithm, (x,), 1))
    assert note.startswith("its value is not finite at this point: ")


def test_not_finite_beside_the_point():
    (row, *_) = rows(failure(check_grads, lambda x: np.sqrt(x), (0.0,), 1))
    assert row.note == "not finite"
    right = lambda x, x_dot: (math.sqrt(x[0]), 0.5 * x_dot[0])
    (row, *_) = rows(failure(check_jvp, math.sqrt, right, (0.0,)))
    assert row.note == "the function is not finite nearby"


def test_defined_on_a_small_domain():
    def narrow(x):
        return math.log(x - 1) + math.asin(x)

    with pytest.raises(ValueError, match=r"math domain error|expected a"):
        check_jvp(narrow, narrow, (0.5,))
    check_jvp(math.log, lambda x, x_dot: (math.log(x[0]), x_dot[0] / x[0]), (1e-5,))


def relu_jvp(primals, tangents):
    (x,), (x_dot,) = primals, tangents
    return np.maximum(x, 0.0), np.where(x > 0, x_dot, 0.0)


def test_kink():
    def relu(x):
        return np.maximum(x, 0.0)

    x = np.array([1.0, 0.0, -1.0])
    (row,) = rows(failure(check_jvp, relu, relu_jvp, (x,)))
    assert (row.argument, row.derivative, row.difference, row.note) == ("x[1]", 0.0, 0.5, "kink?")
    assert check_grads(relu, (x,), 1).ok, "0.5 is our convention, and what central differences give"


def test_near_a_kink():
    check_grads(lambda x: np.abs(x), (np.array([1e-7, 1.0]),), 1)


def test_jump():
    (row,) = rows(failure(check_jvp, np.floor, lambda x, x_dot: (np.floor(x[0]), 0.0 * x_dot[0]), (np.float64(1),)))
    assert row.note == "jump?"


def test_a_function_that_is_known_too_roughly():
    def rough(x):
        return 1e-3 * x + 1e-4 * np.sin(1e15 * x)

    derivative = lambda x, x_dot: (rough(x[0]), x_dot[0] * 1e-3)
    (row,) = rows(failure(check_jvp, rough, derivative, (1.0,)))
    assert row.note == "the differences are too rough"
    check_jvp(rough, derivative, (1.0,), atol=0.1)


def test_an_iteration_that_stops_early():
    def root(a):
        x = a
        while abs(x * x - a) > 1e-7 * a:
            x = (x + a / x) / 2
        return x

    check_jvp(root, lambda a, a_dot: (root(a[0]), a_dot[0] / (2 * math.sqrt(a[0]))), (3.7,))
    failure(check_jvp, root, lambda a, a_dot: (root(a[0]), a_dot[0] / (1.99 * math.sqrt(a[0]))), (3.7,))


# ------------------------------------------------- derivatives that are there already


def cubes(x, w):
    return {"a": w @ x**3, "b": np.sum(x)}


def cubes_jacobian(x, w):
    by_w = np.einsum("ij,k->ijk", np.eye(2), x**3)
    return {"a": (3 * w * x**2, by_w), "b": (np.ones(3), np.zeros((2, 3)))}


def energy(x):
    return np.sum(x**3)


GIVEN = [
    ("jacfwd", cubes, cubes_jacobian, ("x", "w"), {"x": X, "w": W}),
    ("hessian", energy, lambda x: np.diag(6 * x), "x", {"x": X}),
    ("hvp", energy, lambda x, v: (6 * x * v,), ("x",), {"x": X}),
    ("derivative", lambda t: (t * X, t**2), lambda t: (X, 2 * t), "t", {"t": 0.5}),
    ("elementwise_grad", lambda x, y: x * x * y, lambda x, y: (2 * x * y, x * x), ("x", "y"), {"x": X, "y": X}),
    ("value_and_grad", lambda x: (np.sum(x * x), 3), lambda x: ((np.sum(x * x), 3), 2 * x), "x", {"x": X}),
]


def reported(mode, function, derivative, wrt, values):
    subject = subject_at(function, values, tuple(values), wrt)
    options = Options(mode, subject.wrt, isinstance(wrt, str), has_aux=mode == "value_and_grad")
    return report_on(mode, mode, [claim_of(subject, derivative, options, mode)], Tolerance())


@pytest.mark.parametrize(("mode", "function", "derivative", "wrt", "values"), GIVEN, ids=[row[0] for row in GIVEN])
def test_given(mode, function, derivative, wrt, values):
    report = reported(mode, function, derivative, wrt, values)
    assert report.ok, report
    assert len(report.findings) == len(values)

    def off(*args):
        return map_leaves(lambda leaf: leaf * 1.001 if isinstance(leaf, np.ndarray) else leaf, derivative(*args))

    assert not reported(mode, function, off, wrt, values).ok


@pytest.mark.parametrize(
    "spoil", [lambda j: {"a": j["a"]}, lambda j: {**j, "a": j["a"][0]}, lambda j: {**j, "b": j["a"]}]
)
def test_a_jacobian_of_another_form(spoil):
    report = reported("jacobian", cubes, lambda x, w: spoil(cubes_jacobian(x, w)), ("x", "w"), {"x": X, "w": W})
    (finding,) = report.problems
    assert finding.note.startswith("its result has another form: ")


# ---------------------------------------------------------------------- usage


@pytest.mark.parametrize(
    ("args", "keywords", "message"),
    [
        ((X,), {"modes": "forward"}, "there are fwd and rev"),
        ((X,), {"order": 0}, "there are the orders 1, 2, 3"),
        (X, {}, r"the arguments are a ndarray, not a tuple"),
        ((3,), {}, "none of the arguments consists of floats"),
        ((X,), {"wrt": "z"}, "names none of them"),
    ],
)
def test_usage(args, keywords, message):
    with pytest.raises(s2sad.ArgumentError, match=message):
        check_grads(lambda x: x * 2, args, **keywords)


def test_what_cannot_be_differentiated_is_refused_not_failed():
    def strange(x):
        return np.i0(x)

    with pytest.raises(s2sad.DifferentiationError, match="S204") as raised:
        check_grads(strange, (1.5,), 1)
    assert raised.value.__notes__ == ["This was raised in the check of jvp(strange)."]


def test_the_message():
    derivative = partial(f_jvp, sign=-1.0)
    error = failure(check_jvp, g, derivative, (SQUARE, B))
    assert isinstance(error, AssertionError)
    assert str(error).splitlines() == [
        "g: 1 of 2 comparisons fail (fwd)",
        "  mode  in      of       by        derivative  difference   error  ratio",
        "  fwd   jvp(g)  y[1, 1]  x[1, 1]  -1.99000833  1.99000833  ±7e-13     -1",
    ]


# ----------------------------------------------------------------- differences


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda h: np.exp(1 + h), math.e),
        (lambda h: np.sin(1000 * (1 + h)), 1000 * math.cos(1000)),
        (lambda h: np.sin(1e5 * (1 + h)), 1e5 * math.cos(1e5)),
        (lambda h: np.log(1e-3 + h), 1000),
        (lambda h: 1 / (1 + 100 * (h + 0.3) ** 2), -0.6),
        (lambda h: abs(h - 0.01), -1),
        (lambda h: 1e-12 * np.sin(1 + h), 1e-12 * math.cos(1)),
        (lambda h: np.float64(np.float32(np.sin(np.float32(1 + h)))), math.cos(1)),
        (lambda h: np.sin(1 + h) + 1e-8 * np.sin(3e13 * h), math.cos(1)),
        (lambda h: 3.0 + 0 * h, 0),
    ],
)
def test_slope(function, slope):
    found = slope_of(lambda h: np.atleast_1d(function(h)), np.atleast_1d(function(0.0)))
    assert abs(found.value[0] - slope) <= 3 * found.error[0]
    assert found.error[0] < 1e-2 * abs(slope) + 1e-12
    assert not found.kink[0]
    assert not found.jump[0]


@pytest.mark.parametrize("noise", [1e-15, 1e-10, 1e-7, 1e-4])
def test_errors_are_bounded_under_noise(noise):
    random = np.random.default_rng(0)
    x = random.uniform(0.5, 2, 5000)
    found = slope_of(lambda h: np.sin(x * (1 + h)) + noise * random.standard_normal(x.size), np.sin(x))
    off = np.abs(found.value - x * np.cos(x))
    assert np.all(off <= 3 * found.error)
    assert np.median(found.error) < 2000 * noise + 1e-11
    assert not np.any(found.kink | found.jump)


def test_kinks_and_jumps():
    found = slope_of(
        lambda h: np.array([abs(h), max(h, 0.0) + np.sin(h), np.floor(1 + h), abs(h) ** 1.5]), np.array([0, 0, 1, 0.0])
    )
    assert list(found.kink) == [True, True, False, False]
    assert list(found.jump) == [False, False, True, False]
