"""The operators: what they take, what they refuse, and how they say so."""

import operator
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

import s2sad
from s2sad import ArgumentError, ArgumentValueError

pytestmark = pytest.mark.usefixtures("calls")


def loss(w, b, x=1.0):
    return np.sum((w * x + b) ** 2)


def square(x):
    return x * x


def keyword_only(x, *, scale):
    return x * scale


ONES = np.ones(3)


def test_version():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert s2sad.__version__ == project["version"]


def test_public_names():
    assert all(hasattr(s2sad, name) for name in s2sad.__all__)


# ------------------------------------------------------------------------ wrt


@pytest.mark.parametrize(
    ("wrt", "names", "bare"),
    [
        (0, ("w",), True),
        (-1, ("x",), True),
        (-3, ("w",), True),
        ("b", ("b",), True),
        ((0,), ("w",), False),
        ((2, 0), ("x", "w"), False),
        (("x", -2), ("x", "b"), False),
        (["w", "b"], ("w", "b"), False),
        (np.int64(1), ("b",), True),
    ],
)
def test_wrt(wrt, names, bare):
    for made in (s2sad.grad(loss, wrt), s2sad.value_and_grad(loss, wrt=wrt), s2sad.jvp(loss, wrt=wrt)):
        assert (made.options.wrt, made.options.bare) == (names, bare)


def test_results_follow_wrt():
    w_bar = s2sad.grad(loss)(ONES, 0.0)
    b_bar = s2sad.grad(loss, "b")(ONES, 0.0)
    both = s2sad.grad(loss, ("b", "w"))(ONES, 0.0)
    assert isinstance(both, tuple)
    assert both[0] == b_bar
    np.testing.assert_array_equal(both[1], w_bar)
    (only,) = s2sad.grad(loss, (0,))(ONES, 0.0)
    np.testing.assert_array_equal(only, w_bar)


@pytest.mark.parametrize(
    ("wrt", "message"),
    [
        (3, "`wrt=3` is out of range: `loss` has the parameters w, b, x"),
        (-4, "`wrt=-4` is out of range: `loss` has the parameters w, b, x"),
        ("z", "`wrt='z'` names none of them: `loss` has the parameters w, b, x"),
        ((0, "w"), "`wrt=(0, 'w')` names an argument twice: `loss` has the parameters w, b, x"),
        ((), "`wrt=()` selects nothing: `loss` has the parameters w, b, x"),
        (1.0, "`wrt=1.0` is no position, name, or tuple of them: `loss` has the parameters w, b, x"),
        (True, "`wrt=True` is no position, name, or tuple of them: `loss` has the parameters w, b, x"),
        ((0, None), "`wrt=None` is no position, name, or tuple of them: `loss` has the parameters w, b, x"),
    ],
)
def test_bad_wrt(wrt, message):
    for make in (s2sad.grad, s2sad.value_and_grad):
        with pytest.raises(ArgumentError) as caught:
            make(loss, wrt)
        assert (caught.value.code, caught.value.reason) == ("S104", message)
        assert isinstance(caught.value, TypeError)


def test_no_parameters():
    with pytest.raises(ArgumentError, match="`<lambda>` has no parameters"):
        s2sad.grad(lambda: 1.0)


def test_keyword_only():
    assert s2sad.grad(keyword_only, "scale").options.wrt == ("scale",)
    with pytest.raises(ArgumentError, match="out of range"):
        s2sad.grad(keyword_only, 1)


# ----------------------------------------------------------------- decorators


def test_decorators():
    @s2sad.grad
    def bare(x):
        return x * x

    @s2sad.grad(wrt="y")
    def by_name(x, y):
        return x * y

    @s2sad.value_and_grad()
    def empty(x):
        return x * x

    @s2sad.jvp(wrt="x")
    def forward(x):
        return x * x

    @s2sad.vjp
    def reverse(x):
        return x * x

    assert bare(3.0) == pytest.approx(6.0)
    assert by_name(3.0, 4.0) == pytest.approx(3.0)
    assert empty(3.0) == pytest.approx((9.0, 6.0))
    assert forward(3.0, 2.0) == pytest.approx((9.0, 12.0))
    assert reverse(3.0)[0] == 9.0
    assert reverse(3.0)[1](1.0) == pytest.approx(6.0)


def test_expressions_make_the_same_again():
    for expression in (
        "s2sad.grad(loss)",
        's2sad.grad(loss, wrt="b")',
        's2sad.value_and_grad(loss, wrt=("x", "w"), has_aux=True)',
        's2sad.vjp(loss, wrt=("w",))',
        's2sad.jvp(s2sad.grad(loss, wrt="x"), wrt="b")',
    ):
        assert eval(expression).expression == expression


def test_what_is_no_function():
    for wrong in ("w", 0, (0, 1)):
        with pytest.raises(ArgumentError, match=r"grad takes a function.*\n.*@grad\(wrt=...\)"):
            s2sad.grad(wrong)
    with pytest.raises(ArgumentError, match="a function has no generated source"):
        s2sad.source(square)


def test_parameters_that_cannot_be_found():
    assert s2sad.grad(operator.mul).options.wrt == ("a",)
    with pytest.raises(ArgumentError, match="S101 the parameters of `iter` cannot be found"):
        s2sad.grad(iter)
    with pytest.raises(ArgumentError, match="S101 `type` is a class"):
        s2sad.grad(type)


# -------------------------------------------------------------------- at once


def test_jvp_at_once():
    assert s2sad.jvp(square, (3.0,), (2.0,)) == pytest.approx((9.0, 12.0))
    assert s2sad.jvp(square, [3], [1]) == pytest.approx((9.0, 6.0))
    y, y_dot = s2sad.jvp(loss, (ONES, 0.0), (ONES, 1.0))
    assert (y, y_dot) == pytest.approx((3.0, 12.0))


def test_vjp_at_once():
    y, pullback = s2sad.vjp(loss, ONES, 0.0)
    w_bar, b_bar = pullback(1.0)
    assert (y, b_bar) == pytest.approx((3.0, 6.0))
    np.testing.assert_allclose(w_bar, 2 * ONES)
    np.testing.assert_array_equal(pullback(1.0)[0], w_bar)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: s2sad.jvp(square, 1.0, 1.0), "takes two tuples"),
        (lambda: s2sad.jvp(square, (1.0,)), "takes two tuples"),
        (lambda: s2sad.jvp(square, (1.0,), (1.0, 2.0)), "there are 1 primals and 2 tangents"),
        (lambda: s2sad.jvp(square, (1.0,), (1.0,), wrt=0), "`wrt` cannot be given together with primals"),
        (lambda: s2sad.vjp(square, 1.0, wrt=0), "`wrt` cannot be given together with primals"),
        (lambda: s2sad.vjp(square, 1.0, 2.0), "2 primals are given, `square` takes 1"),
    ],
)
def test_at_once_refused(call, message):
    with pytest.raises(ArgumentError, match=message):
        call()


# ------------------------------------------------------------------ arguments


def test_python_integers_are_promoted():
    result = s2sad.grad(square)(3)
    assert result == pytest.approx(6.0)
    assert isinstance(result, float)
    assert s2sad.grad(square)(np.float32(3)) == pytest.approx(6.0, rel=1e-3)


@pytest.mark.parametrize(
    ("value", "what", "rewrite"),
    [
        (np.arange(3), "an array of dtype int64", "pass `w.astype(float)`"),
        (np.array([True]), "an array of dtype bool", "pass `w.astype(float)`"),
        (np.array(3), "an array of dtype int64", "pass `w.astype(float)`"),
        (np.int64(3), "a scalar of dtype int64", "pass `float(w)`"),
        (np.array([1.0, None]), "an array of dtype object", "pass an array of floats: `np.asarray(w, dtype=float)`"),
        (np.array(["a"]), "an array of dtype <U1", "pass an array of floats: `np.asarray(w, dtype=float)`"),
        ("text", "a str", "select other arguments than `w` by `wrt`"),
        (None, "None", "select other arguments than `w` by `wrt`"),
        (True, "a bool", "select other arguments than `w` by `wrt`"),
        (set(), "a set", "select other arguments than `w` by `wrt`"),
        (object(), "an object", "select other arguments than `w` by `wrt`"),
    ],
)
def test_no_floats(value, what, rewrite):
    with pytest.raises(ArgumentError) as caught:
        s2sad.grad(loss)(value, 0.0)
    reason = f"cannot differentiate `loss` with respect to `w`: it is {what}, not a float or an array of floats"
    assert (caught.value.code, caught.value.reason, caught.value.rewrite) == ("S401", reason, rewrite)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    ("value", "path"),
    [([1.0, 2], "w[1]"), ((1.0, [2.0, (3,)]), "w[1][1][0]"), ([np.arange(2)], "w[0]"), ([True], "w[0]")],
)
def test_leaves_that_are_no_floats(value, path):
    with pytest.raises(ArgumentError, match=re.escape(f"with respect to `{path}`")):
        s2sad.grad(loss)(value, 0.0)


def test_other_arguments_may_be_anything():
    assert s2sad.grad(square)(2.0) == pytest.approx(4.0)
    np.testing.assert_allclose(s2sad.grad(loss)(ONES, 0, np.arange(3)), 2.0 * np.arange(3) ** 2, atol=1e-6)


def test_arrays_whose_operators_mean_something_else():
    for value in (np.ma.masked_array([1.0]), np.ones(1).view(np.recarray)):
        with pytest.raises(ArgumentError, match="argument `w` of `loss` is of the class"):
            s2sad.grad(loss)(value, 0.0)
        with pytest.raises(ArgumentError, match="argument `x` of `loss` is of the class"):
            s2sad.grad(loss)(ONES, 0.0, value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda df: df(), r"loss\(\) is missing `w`, `b`"),
        (lambda df: df(1.0), r"loss\(\) is missing `b`"),
        (lambda df: df(1.0, 2.0, 3.0, 4.0), r"loss\(\) takes 3 positional arguments, 4 given"),
        (lambda df: df(1.0, 2.0, w=3.0), r"loss\(\) got two values for `w`"),
        (lambda df: df(1.0, 2.0, z=3.0), r"loss\(\) has no parameter `z`"),
    ],
)
def test_calls_that_do_not_fit(call, message):
    with pytest.raises(TypeError, match=message):
        call(s2sad.grad(loss))


# ------------------------------------------------------------------- tangents


def test_tangents_are_fitted_to_primals():
    df = s2sad.jvp(square)
    assert df(3, 1) == pytest.approx((9.0, 6.0))
    assert df(3.0, np.array(1)) == pytest.approx((9.0, 6.0))
    prepared = df.prepare({"x": np.ones(2, np.float32), "x_dot": np.array([1, 0])})
    assert prepared["x_dot"].dtype == np.float32
    assert df.prepare({"x": np.ones(2), "x_dot": [1, 0]})["x_dot"].dtype == float
    assert type(df.prepare({"x": np.float32(1), "x_dot": 1})["x_dot"]) is np.float32
    assert df.prepare({"x": [1.0, ONES], "x_dot": [1, ONES]})["x_dot"][0] == 1.0
    same = df.prepare({"x": ONES, "x_dot": ONES})
    assert same["x_dot"] is ONES


def test_tangents_by_position_name_and_behind_defaults():
    df = s2sad.jvp(loss, wrt=("w", "b"))
    expected = df(ONES, 0.0, 1.0, ONES, 1.0)
    assert expected == pytest.approx((3.0, 12.0))
    assert df(ONES, 0.0, ONES, 1.0) == expected
    assert df(ONES, 0.0, w_dot=ONES, b_dot=1.0) == expected
    assert df(ONES, 0.0, 1.0, b_dot=1.0, w_dot=ONES) == expected


def test_a_parameter_called_like_a_tangent():
    def f(x, x_dot):
        return x * x_dot

    prepared = s2sad.jvp(f).prepare({"x": 3.0, "x_dot": 5, "x_dot_1": 2})
    assert prepared == {"x": 3.0, "x_dot": 5, "x_dot_1": 2.0}


@pytest.mark.parametrize(
    ("x", "x_dot", "message"),
    [
        (ONES, np.ones(4), "`x` of `square` has shape (3,), its tangent is given with shape (4,)"),
        (ONES, np.ones((3, 1)), "`x` of `square` has shape (3,), its tangent is given with shape (3, 1)"),
        (ONES, 1.0, "`x` of `square` has shape (3,), its tangent is given with shape ()"),
        (1.0, ONES, "`x` of `square` has shape (), its tangent is given with shape (3,)"),
        ([1.0, ONES], [1.0, 1.0], "`x[1]` of `square` has shape (3,), its tangent is given with shape ()"),
        ([1.0], [1.0, 1.0], "`x` of `square` is a list of 1, its tangent is a list of 2"),
        ([1.0], (1.0,), "`x` of `square` is a list of 1, its tangent is a tuple of 1"),
        ([1.0, None], [1.0, 1.0], "`x[1]` of `square` is None, its tangent is a float"),
    ],
)
def test_tangents_of_another_shape(x, x_dot, message):
    with pytest.raises(ArgumentValueError) as caught:
        s2sad.jvp(square)(x, x_dot)
    assert (caught.value.code, caught.value.reason) == ("S104", message)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("x_dot", ["a", None, np.array(["a"]), 1j, np.array([None]), [[1.0], [1.0, 2.0]]])
def test_tangents_that_are_no_numbers(x_dot):
    with pytest.raises(ArgumentError, match="the tangent of `x` of `square` is "):
        s2sad.jvp(square)(1.0, x_dot)


def test_too_few_tangents():
    with pytest.raises(TypeError) as caught:
        s2sad.jvp(square)(1.0)
    assert caught.value.__notes__ == ["A jvp takes the arguments of square and then x_dot."]
