"""What people who come from JAX, autograd and SciPy rely on, and the forms on which other tools are silently wrong.

Each is right, or refused with a code. The numbers in the headings are those of the list this file was written from.
"""

import copy
import linecache
import math
import operator
from dataclasses import replace

import numpy as np
import pytest

import s2sad
from s2sad.errors import ArgumentError, ArgumentValueError, S2sadError
from tests.checking import case_of, check_case, check_derivative


@pytest.fixture(autouse=True, scope="module")
def _apart(tmp_path_factory):
    """A cache of its own, for files that are not formatted, which takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("S2SAD_CACHE_DIR", str(tmp_path_factory.mktemp("cache", numbered=True)))
        patch.setattr("black.format_str", lambda text, mode: text)
        yield


X = np.array([0.3, -0.8, 1.1])
W = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def gradient(f, *args, **options):
    return s2sad.grad(f, **options)(*args)


def refusal(call):
    """The refusal of a call, which has a code and a rewrite; None if it is not refused."""
    try:
        call()
    except S2sadError as error:
        return error if error.rewrite else pytest.fail(f"no rewrite: {error}")
    return None


def is_refused(f, *args, code, **options):
    """True if all modes refuse the function with this code and a rewrite."""
    for make in (s2sad.grad, s2sad.value_and_grad, s2sad.vjp):
        with pytest.raises(S2sadError) as caught:
            make(f, **options)(*args)
        assert caught.value.code == code, caught.value
        assert caught.value.rewrite
    return True


def square(x):
    return np.sum(x * x)


def double(x):
    return 2 * x


def product(x, y):
    return x * y


# ------------------------------------------------------------- 1: arguments


def test_a_python_integer_is_promoted():
    value = gradient(lambda x: x**2, 3)
    assert (value, type(value)) == (6.0, float)


@pytest.mark.parametrize(
    "x",
    [
        np.arange(3), np.array([True, False]), "abc", np.array([1.0, None], dtype=object), True, None, np.int64(3),
        [1, 2], {"a": 1}, {1.5: 1.0}, np.array(["a"]), b"a", {1.0}, range(2),
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("make", [s2sad.grad, s2sad.value_and_grad, s2sad.vjp])
def test_what_is_no_float_is_named(make, x):
    with pytest.raises(TypeError, match="`x") as caught:
        make(square)(x)
    assert caught.value.code == "S401"


@pytest.mark.parametrize("x", [np.arange(3), "abc", True, None])
def test_what_is_no_float_has_no_tangent(x):
    with pytest.raises(TypeError, match="`x`"):
        s2sad.jvp(square)(x, x)


# --------------------------------------------------------------- 2: results


def test_a_result_that_is_no_scalar():
    with pytest.raises(TypeError, match="vjp") as caught:
        gradient(double, X)
    assert caught.value.code == "S402"
    np.testing.assert_array_equal(gradient(double, np.ones(1)), [2.0])
    np.testing.assert_array_equal(gradient(double, np.ones((1, 1))), [[2.0]])


@pytest.mark.parametrize(
    "f", [lambda x: x > 0, lambda x: 3, lambda x: None, lambda x: (x, x), lambda x: "a", lambda x: [x]],
    ids=["bool", "int", "None", "tuple", "str", "list"],
)  # fmt: skip
@pytest.mark.parametrize("make", [s2sad.grad, s2sad.value_and_grad])
def test_a_result_that_is_no_float(make, f):
    with pytest.raises(TypeError) as caught:
        make(f)(1.5)
    assert caught.value.code == "S402"


# --------------------------------------------------------------- 3: complex


@pytest.mark.parametrize("f", [lambda x: x * 1j, lambda x: np.exp(1j * x), lambda x: x + 0j])
def test_a_complex_result(f):
    with pytest.raises(TypeError) as caught:
        gradient(f, 1.5)
    assert caught.value.code == "S402"


def test_a_complex_result_of_a_complex_argument():
    with pytest.raises(TypeError):
        gradient(np.sin, 1 + 2j)


@pytest.mark.parametrize(("f", "expected"), [(lambda z: abs(z), 0.6 - 0.8j), (lambda z: abs(z) ** 2, 6 - 8j)])
def test_a_real_loss_of_a_complex_argument(f, expected):
    """JAX's convention; or refused."""
    try:
        found = gradient(f, 3 + 4j)
    except S2sadError:
        return
    assert found == pytest.approx(expected)


# ------------------------------------------------------------------ 4: wrt


def three(x, y, z):
    return x * y**2 * z**3


def test_wrt():
    point = 2.0, 3.0, 5.0
    assert gradient(three, *point, wrt=-1) == pytest.approx(2 * 9 * 3 * 25)
    found = gradient(three, *point, wrt=(2, 0))
    assert type(found) is tuple
    assert found == pytest.approx((1350.0, 1125.0))
    assert gradient(three, *point, wrt=(1,)) == pytest.approx((2 * 2 * 3 * 125.0,))
    assert gradient(three, *point, wrt="y") == pytest.approx(2 * 2 * 3 * 125.0)
    assert s2sad.grad(three, wrt="z")(x=2.0, z=5.0, y=3.0) == pytest.approx(1350.0)


def test_wrt_out_of_range():
    for wrt in (3, -4, "q", (0, 3), 1.0, None):
        with pytest.raises(TypeError, match="wrt"):
            s2sad.grad(three, wrt=wrt)


def test_arguments_that_are_missing_are_named():
    with pytest.raises(TypeError, match="missing `y`, `z`") as caught:
        s2sad.grad(three)(1.0)
    assert not getattr(caught.value, "__notes__", [])


def test_keyword_arguments_pass_through():
    def scaled(x, *, power=2, scale=1.0):
        return scale * x**power

    assert s2sad.grad(scaled)(3.0) == pytest.approx(6.0)
    assert s2sad.grad(scaled)(3.0, scale=2.0, power=3) == pytest.approx(54.0)
    assert s2sad.grad(scaled, wrt="scale")(3.0, power=3) == pytest.approx(27.0)


# ------------------------------------------------------------------ 5: aux


def test_aux():
    def f(x):
        y = 2 * x
        return y * y, y

    assert gradient(f, 3.0, has_aux=True) == (24.0, 6.0)
    assert s2sad.value_and_grad(f, has_aux=True)(3.0) == ((36.0, 6.0), 24.0)


@pytest.mark.parametrize("f", [lambda x: (x,), lambda x: (x, x, x), lambda x: x * 2])
def test_aux_needs_a_pair(f):
    with pytest.raises(TypeError) as caught:
        gradient(f, 3.0, has_aux=True)
    assert caught.value.code == "S402"


@pytest.mark.parametrize("x", [3.0, X])
def test_a_variable_that_is_no_pair(x):
    with pytest.raises(S2sadError) as caught:
        gradient(lambda x: x, x, has_aux=True)
    assert caught.value.code == "S402"


# ----------------------------------------------------- 6: what does not count


@pytest.mark.parametrize("x", [2.0, np.ones(3, np.float32), np.ones((0, 3)), np.float32(2), np.array(2.0)], ids=repr)
@pytest.mark.parametrize("f", [lambda x, y: y * y, lambda x, y: 3.0, lambda x, y: np.floor(y)])
def test_an_argument_that_is_not_used(f, x):
    found = gradient(f, x, 2.0)
    assert np.shape(found) == np.shape(x)
    assert np.asarray(found).dtype == np.asarray(x).dtype
    assert not np.any(found)


def test_a_leaf_that_is_none_stays_none():
    def f(parts):
        return parts[0] * parts[0]

    assert gradient(f, [3.0, None]) == [6.0, None]
    assert gradient(f, (3.0, None, 1.0)) == (6.0, None, 0.0)


def test_a_leaf_that_is_an_integer_is_named():
    with pytest.raises(TypeError, match=r"`parts\[1\]`"):
        gradient(lambda parts: parts[0] * parts[1], [3.0, 2])


# ------------------------------------------------------------ 7: containers


def test_gradients_mirror_their_arguments():
    def f(parts):
        w, pair = parts
        b, c = pair
        return np.sum(w * w) * b + c

    w_bar, (b_bar, c_bar) = gradient(f, [X, (2.0, 1.0)])
    np.testing.assert_allclose(w_bar, 4 * X)
    assert (b_bar, c_bar) == (pytest.approx(np.sum(X * X)), 1.0)
    assert type(gradient(f, [X, (2.0, 1.0)])) is list


def test_a_tuple_in_a_list_stays_a_tuple():
    found = gradient(lambda parts: parts[0] * parts[1][0], [3.0, (2.0, 1.0)])
    assert found == [2.0, (3.0, 0.0)]
    assert type(found[1]) is tuple


@pytest.mark.parametrize("argument", [{"w": 1.0}, {"w": X}])
def test_dictionaries_are_right_or_refused(argument):
    f = lambda p: np.sum(p["w"] ** 2)
    if (refused := refusal(lambda: gradient(f, argument))) is not None:
        assert refused.code == "S401"
    else:
        np.testing.assert_allclose(gradient(f, argument)["w"], 2 * argument["w"])


# ----------------------------------------------- 8: functions of libraries


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (np.sum, X, np.ones(3)),
        (np.mean, X, np.full(3, 1 / 3)),
        (np.sin, 1.0, math.cos(1.0)),
        (math.sin, 1.0, math.cos(1.0)),
        (math.exp, 1, math.e),
        (abs, -2.0, -1.0),
        (float, 2.0, 1.0),
        (sum, [1.0, 2.0], [1.0, 1.0]),
        (np.linalg.norm, np.array([3.0, 4.0]), [0.6, 0.8]),
        (np.linalg.det, np.eye(2), np.eye(2)),
        (np.prod, np.array([2.0, 0.0, 3.0]), [0.0, 6.0, 0.0]),
    ],
)
def test_library_functions_themselves(f, x, expected):
    np.testing.assert_allclose(gradient(f, x), expected)
    assert s2sad.grad(f)._given is f


def test_library_functions_of_several_arguments():
    assert s2sad.jvp(operator.mul, (2.0, 3.0), (1.0, 0.0)) == (6.0, 3.0)
    assert gradient(operator.mul, 2.0, 3.0, wrt=(1, 0)) == (2.0, 3.0)
    assert gradient(np.add, 2.0, 3.0, wrt=1) == 1.0
    assert gradient(np.hypot, 3.0, 4.0) == pytest.approx(0.6)
    np.testing.assert_allclose(s2sad.jvp(np.sin, (X,), (X,))[1], X * np.cos(X))
    np.testing.assert_allclose(s2sad.vjp(np.sum)(W, axis=0)[1](np.arange(3.0)), [np.arange(3.0)] * 2)
    np.testing.assert_allclose(s2sad.jvp(np.sum)(W, 1, W)[1], W.sum(1))
    np.testing.assert_allclose(gradient(s2sad.grad(np.sin), 1.0), -math.sin(1.0))


def test_library_functions_say_what_they_are():
    derivative = s2sad.grad(np.sin)
    assert derivative.expression == "s2sad.grad(np.sin)"
    assert derivative.__doc__ == np.sin.__doc__
    assert "np.cos(x)" in s2sad.source(s2sad.grad(np.sin))


def test_library_functions_without_a_rule():
    for f in (np.floor, len, "abc".join, np.ndarray.sum, dict, type):
        with pytest.raises(S2sadError) as caught:
            gradient(f, 2.0)
        assert caught.value.code == "S101"
    with pytest.raises(S2sadError, match=r"`np\.lexsort` is compiled"):
        gradient(np.lexsort, X)


# ------------------------------------------------------ 9: derivatives again


def test_six_times():
    f = lambda x: 1 / x
    for _ in range(6):
        f = s2sad.grad(f)
    assert f(4.0) == pytest.approx(0.0439453125)


def cubic(x, y):
    return x**3 * y


def test_derivatives_of_derivatives():
    assert s2sad.jvp(s2sad.grad(cubic))(2.0, 3.0, 1.0) == (36.0, 36.0)
    assert s2sad.vjp(s2sad.jvp(cubic))(2.0, 3.0, 1.0)[1]((0.0, 1.0)) == pytest.approx(36.0)
    assert s2sad.jvp(s2sad.jvp(cubic))(2.0, 3.0, 1.0, 1.0) == ((24.0, 36.0), (36.0, 36.0))
    assert s2sad.jvp(s2sad.value_and_grad(cubic))(2.0, 3.0, 1.0) == ((24.0, 36.0), (36.0, 36.0))
    assert s2sad.grad(s2sad.grad(cubic), wrt="y")(2.0, 3.0) == pytest.approx(12.0)


def test_derivatives_that_cannot_be_differentiated_say_so():
    for made, args in ((s2sad.vjp(cubic), (2.0, 3.0)), (s2sad.jvp(cubic), (2.0, 3.0, 1.0))):
        with pytest.raises(TypeError) as caught:
            gradient(made, *args)
        assert caught.value.code == "S402"


slope = s2sad.grad(lambda t: t * t)


@pytest.mark.parametrize(
    "f", [lambda x: slope(x) * x, lambda x: s2sad.grad(lambda t: t * t)(x) * x, lambda x: s2sad.jvp(square, (x,), (x,))[1]],
    ids=["derivative", "operator", "at once"],
)  # fmt: skip
def test_a_derivative_called_inside(f):
    assert gradient(f, 2.0) == pytest.approx(8.0)


# ---------------------------------------------------- 10: tangents, cotangents


def test_a_pullback_can_be_called_twice():
    _, pullback = s2sad.vjp(lambda x: np.sin(x) * x)(X)
    np.testing.assert_array_equal(pullback(np.ones(3)), pullback(np.ones(3)))
    np.testing.assert_allclose(pullback(2 * np.ones(3)), 2 * pullback(np.ones(3)))


@pytest.mark.parametrize(
    ("f", "x", "y_bar", "message"),
    [
        (double, X, np.ones(2), "`value` of `double` has shape (3,), its cotangent is given with shape (2,)"),
        (double, X, 1.0, "`value` of `double` has shape (3,), its cotangent is given with shape ()"),
        (double, X, np.ones((3, 1)), "`value` of `double` has shape (3,), its cotangent is given with shape (3, 1)"),
        (double, 1.0, np.ones(1), "`value` of `double` has shape (), its cotangent is given with shape (1,)"),
        (square, X, np.ones(3), "`value` of `square` has shape (), its cotangent is given with shape (3,)"),
        (lambda x: (x, x), 1.0, (1.0,), "`value` of `<lambda>` is a tuple of 2, its cotangent is a tuple of 1"),
        (lambda x: (x, x), 1.0, [1.0, 1.0], "`value` of `<lambda>` is a tuple of 2, its cotangent is a list of 2"),
        (lambda x: (x, x), 1.0, 1.0, "`value` of `<lambda>` is a tuple of 2, its cotangent is a float"),
        (
            lambda x: (x, x),
            X,
            (X, 1.0),
            "`value[1]` of `<lambda>` has shape (3,), its cotangent is given with shape ()",
        ),
    ],
)
def test_a_cotangent_of_another_shape(f, x, y_bar, message):
    for _, pullback in (s2sad.vjp(f)(x), s2sad.vjp(f, x)):
        with pytest.raises(ArgumentValueError) as caught:
            pullback(y_bar)
        assert (caught.value.code, caught.value.reason) == ("S104", message)


@pytest.mark.parametrize("y_bar", ["a", None, 1j * X, np.array([None] * 3), [1.0, [2.0]]])
def test_a_cotangent_that_is_no_number(y_bar):
    with pytest.raises(ArgumentError, match="the cotangent of `value` of `double`"):
        s2sad.vjp(double)(X)[1](y_bar)


def test_cotangents_are_fitted_to_the_value():
    _, pullback = s2sad.vjp(double)(X.astype(np.float32))
    assert pullback(np.ones(3)).dtype == np.float32
    np.testing.assert_array_equal(pullback([1, 2, 3]), [2.0, 4.0, 6.0])
    assert s2sad.vjp(square)(X)[1](1) == pytest.approx(2 * X)
    assert type(s2sad.vjp(double)(1.5)[1](np.float64(1))) is float
    assert s2sad.vjp(lambda x: (x, [x * x, 3]))(1.5)[1]((1, [1, 0.5])) == 4.0


def test_a_pullback_does_not_change_its_argument():
    y_bar = np.ones(3)
    x_bar = s2sad.vjp(lambda x: x * 1.0)(X)[1](y_bar)
    x_bar += 1
    np.testing.assert_array_equal(y_bar, 1.0)


def test_a_tangent_of_another_shape():
    with pytest.raises(ValueError, match=r"shape \(3,\), its tangent is given with shape \(2,\)"):
        s2sad.jvp(square, (X,), (np.ones(2),))


# ------------------------------------------------------------- 11: sources


def test_two_lambdas_on_one_line():
    assert [gradient(f, 2.0) for f in (lambda x: x * x, lambda x: x * x * x)] == [4.0, 12.0]


def test_a_function_of_a_notebook():
    text = "def cell(x):\n    return x * x\n"
    name = "<ipython-input-7-s2sad>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space = {"__name__": "__main__"}
    exec(compile(text, name, "exec"), space)
    assert gradient(space["cell"], 3.0) == 6.0


def test_a_function_without_source():
    space = {}
    exec("def typed(x):\n    return x * x\n", space)
    assert is_refused(space["typed"], 3.0, code="S101")


# --------------------------------------------------------------- 12: dtypes


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.mean(x * x), lambda x: np.mean(np.where(x > 0, x, x * x)), lambda x: np.sum(np.exp(x) / 3),
        lambda x: np.sum(x**2) * 0.5, lambda x: np.sqrt(np.sum(x * x)), np.std,
    ],
)  # fmt: skip
def test_single_and_half_precision_stay(f, dtype):
    assert gradient(f, X.astype(dtype)).dtype == dtype
    value, tangent = s2sad.jvp(f)(X.astype(dtype), X.astype(dtype))
    assert tangent.dtype == value.dtype == dtype


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.mean(np.where(x > 0, x, 2 * x)),
        pytest.param(lambda x: np.max(x) + x[0], marks=pytest.mark.xfail(reason="the number of maxima is an int64")),
    ],
)
def test_single_precision_of_tangents(f):
    x = X.astype(np.float32)
    assert gradient(f, x).dtype == np.float32
    assert s2sad.jvp(f)(x, x)[1].dtype == np.float32


def test_casts_to_integers_carry_nothing():
    assert not np.any(gradient(lambda x: np.sum(x.astype(int) * 1.0), X))
    np.testing.assert_array_equal(s2sad.jvp(lambda x: x.astype(int) + 0.0)(X, X)[1], np.zeros(3))
    np.testing.assert_allclose(gradient(lambda x: np.sum(x.astype(int) * x), 2 * X), [0.0, -1.0, 2.0])


# --------------------------------------------------------------- 13: shapes


def test_empty_arrays():
    assert gradient(square, np.ones((0, 3))).shape == (0, 3)
    assert gradient(lambda x: np.sum(np.exp(x) @ np.ones(3)), np.ones((0, 3))).shape == (0, 3)
    assert s2sad.vjp(double)(np.ones((0, 3)))[1](np.ones((0, 3))).shape == (0, 3)


def test_scalars_stay_what_they_are():
    assert type(gradient(lambda x: x * x, 2.0)) is float
    assert isinstance(gradient(lambda x: x * x, np.array(2.0)), np.ndarray)
    assert isinstance(gradient(lambda x: np.sin(x), np.array(2.0)), np.ndarray)
    assert gradient(lambda x: np.sin(x), np.array(2.0)).shape == ()
    assert type(gradient(lambda x: x * x, np.float32(2))) is np.float32


# -------------------------------------------------------------- 14: indices


def test_repeated_indices_accumulate():
    np.testing.assert_array_equal(gradient(lambda x: np.sum(x[[0, 0, 1]]), X), [2.0, 1.0, 0.0])
    where = np.array([0, 0, 1, 0])
    np.testing.assert_array_equal(gradient(lambda x: np.sum(x[where]), X), [3.0, 1.0, 0.0])
    np.testing.assert_array_equal(gradient(lambda x: np.sum(np.take(x, where)), X), [3.0, 1.0, 0.0])
    np.testing.assert_array_equal(gradient(lambda x: np.sum(x[:, where]), W), [[3.0, 1.0, 0.0]] * 2)
    check_derivative(lambda x: x[where] * np.arange(4.0), X)


def test_masks_scatter():
    np.testing.assert_array_equal(gradient(lambda x: np.sum(x[x > 0] * 2), X), [2.0, 0.0, 2.0])


# -------------------------------------------------------- 15: powers, integers


FORMS = [float, np.float64, np.array, lambda x: np.array([x])]


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: x**2, 0.0, 0.0), (lambda x: x**0, 0.0, 0.0), (lambda x: x**0.0, 0.0, 0.0), (lambda x: x**1, 0.0, 1.0),
        (lambda y: 0.0**y, 2.0, 0.0), (lambda x: x % 1, 1.5, 1.0), (lambda x: x % 1, 1.0, 1.0), (np.sign, 0.5, 0.0),
        (lambda x: np.floor(x), 1.5, 0.0), (lambda x: np.round(x), 1.4, 0.0), (lambda x: x // 1, 1.5, 0.0),
        (lambda x: 2**x, 3.0, 8 * math.log(2)), (lambda x: np.ceil(x) + np.trunc(x), 1.5, 0.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", FORMS)
def test_powers_and_steps(f, x, expected, form):
    np.testing.assert_allclose(gradient(f, form(x)), expected * np.ones_like(form(x)))


@pytest.mark.parametrize("f", [lambda x: round(x) * 1.0, lambda x: math.floor(x) * 1.0, lambda x: int(x) * 1.0])
def test_steps_of_numbers(f):
    assert gradient(f, 1.5) == 0.0
    assert gradient(lambda x: f(x) * x, 1.25) == 1.0


@pytest.mark.parametrize("form", [float, np.array])
def test_mixed_second_derivative_of_a_power(form):
    power = lambda x, y: x**y
    assert s2sad.grad(s2sad.grad(power), wrt=1)(form(4.0), form(0.0)) == pytest.approx(0.25)
    assert s2sad.grad(s2sad.grad(power, wrt=1))(form(4.0), form(0.0)) == pytest.approx(0.25)
    assert s2sad.jvp(s2sad.grad(power), wrt=1)(form(4.0), form(0.0), form(1.0))[1] == pytest.approx(0.25)


def test_the_tangent_of_an_exponent():
    value, tangent = s2sad.jvp(lambda x, y: x**y, (2.0, 3.0), (0.0, 1.0))
    assert (value, tangent) == (8.0, pytest.approx(8 * math.log(2)))
    check_derivative(lambda x, y: x**y, np.array([1.0, 2.0]), np.array([[0.5], [3.0]]))
    check_derivative(lambda x, y: np.power(x, y), 2.0, 3.0)


# ----------------------------------------------------- 16, 17: extreme values


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: np.arctan(x), 1e100, 1e-200),
        (lambda x: np.logaddexp(x, 0), 1000.0, 1.0), (lambda x: np.logaddexp(0, x), -1000.0, 0.0),
        (lambda x: np.sqrt(x), 0.0, math.inf), (lambda x: x**0.5, 0.0, math.inf), (lambda x: np.sinc(x), 0.0, 0.0),
        (lambda x: np.tanh(x), 1000.0, 0.0), (lambda x: 1 / (1 + np.exp(-x)), 50.0, np.exp(-50.0)),
        (lambda x: np.hypot(x, 1e200), 1e200, math.sqrt(0.5)), (lambda x: np.log1p(x), 1e-20, 1.0),
        (lambda x: np.expm1(x), 0.0, 1.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", FORMS)
def test_extreme_values(f, x, expected, form):
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(gradient(f, form(x)), expected * np.ones_like(form(x)), rtol=1e-12)


@pytest.mark.parametrize(
    ("f", "x", "expected"), [(math.sqrt, 0.0, math.inf), (math.atan, 1e200, 0.0), (math.log1p, 0.0, 1.0)]
)
def test_extreme_values_of_numbers(f, x, expected):
    assert gradient(f, x) == expected


@pytest.mark.parametrize("form", FORMS[1:])
@pytest.mark.xfail(reason="the rule squares x", raises=RuntimeWarning)
def test_arctan_does_not_overflow(form):
    assert gradient(np.arctan, form(1e200)) == 0.0


def test_what_the_composition_gives():
    with np.errstate(over="ignore", invalid="ignore"):
        assert np.isnan(gradient(lambda x: np.log1p(np.exp(x)), 800.0))


def test_products_and_determinants():
    np.testing.assert_array_equal(gradient(np.prod, np.array([2.0, 0.0, 3.0])), [0.0, 6.0, 0.0])
    np.testing.assert_array_equal(gradient(np.prod, np.array([0.0, 0.0, 3.0])), [0.0, 0.0, 0.0])
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose(gradient(np.linalg.det, singular), [[4.0, -2.0], [-2.0, 1.0]], atol=1e-12)


def test_second_derivative_of_sinc():
    assert gradient(s2sad.grad(lambda x: np.sinc(x)), 0.0) == pytest.approx(-(math.pi**2) / 3)


# ----------------------------------------------------------------- 20: values


@pytest.mark.parametrize("make", [s2sad.value_and_grad, s2sad.vjp])
def test_the_value_is_that_of_the_function(make):
    def f(w, x):
        h = np.tanh(w @ x / 3)
        for i in range(3):
            h = h * h - 0.1 * np.sum(h) / (1 + i)
        return np.mean(h**3) + np.log(2 + h[0])

    assert make(f)(W, X)[0] == f(W, X)
    assert s2sad.jvp(f)(W, X, W)[0] == f(W, X)


def test_arguments_are_not_changed():
    def f(x, y):
        z = x * y
        z += x
        return np.sum(z * z)

    x, y = X.copy(), X.copy()
    x_bar, y_bar = gradient(f, x, y, wrt=(0, 1))
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, X)
    assert not any(np.may_share_memory(bar, given) for bar in (x_bar, y_bar) for given in (x, y))


# ----------------------------------------------------------------- 21: copies


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(copy.deepcopy(x) ** 2), lambda x: np.sum(copy.copy(x) ** 2), lambda x: np.sum(np.copy(x) ** 2),
        lambda x: np.sum(x.copy() ** 2), lambda x: np.sum(np.asarray(x) ** 2), lambda x: np.sum(np.array(x) ** 2),
        lambda x: np.sum(np.array([x[0], x[1], x[2]]) ** 2), lambda x: np.sum(np.asarray([x[0], x[1] * x[2]]) ** 2),
        lambda x: float(x[0]) * 2.0 + float(np.sum(x * x)), lambda x: x[0].item() ** 2, lambda x: np.sum(x).item() ** 2,
        lambda x: x.tolist()[1] ** 2, lambda x: sum([a * a for a in x]), lambda x: np.float64(x[0]) * x[1],
    ],
)  # fmt: skip
def test_copies_carry_derivatives_or_are_refused(f):
    if refusal(lambda: gradient(f, X)) is None:
        check_derivative(f, X)


# --------------------------------------------- forms that others get wrong


def augmented_slice(x):
    y = x * 1.0
    y[1:] += x[:-1]
    return np.sum(y * y)


def assigned_slice(x):
    y = np.zeros(3)
    y[1:] = x[:-1] * 2
    return np.sum(y * y)


def assigned_element(x):
    y = np.zeros(3)
    for i in range(3):
        y[i] = x[i] * x[i]
    return np.sum(y)


def alias_by_name(x):
    y = x * 1.0
    z = y
    z += x
    return np.sum(y * y)


def alias_through_view(x):
    y = x * 1.0
    z = y[1:]
    z += 1.0 * x[:-1]
    return np.sum(y * y)


def alias_through_reshape(x):
    y = x * 1.0
    z = y.reshape(3, 1)
    z *= 2.0
    return np.sum(y * y)


def alias_of_argument(x):
    y = x
    y *= 2.0
    return np.sum(x * y)


def alias_of_transpose(x):
    y = np.outer(x, x)
    z = y.T
    z *= np.arange(9.0).reshape(3, 3)
    return np.sum(y * y)


def alias_in_list(x):
    y = x * 1.0
    parts = [y, y]
    y += x
    return np.sum(parts[0] * parts[1])


def added_in_place(x):
    z = x * x
    z += x
    z *= x
    z -= 1
    z /= 3.0
    return np.sum(z * z)


def out_argument(x):
    y = np.empty(3)
    np.multiply(x, x, out=y)
    return np.sum(y)


def out_position(x):
    y = np.empty(3)
    np.multiply(x, x, y)
    return np.sum(y)


def out_of_sum(x):
    y = np.empty(())
    np.sum(x * x, out=y)
    return y * x[0]


def by_method_in_place(x):
    y = x * 1.0
    y.sort()
    return y[0] * y[1]


def filled(x):
    y = x * 1.0
    y.fill(x[0])
    return np.sum(y)


def added_at(x):
    y = np.zeros(2)
    np.add.at(y, [0, 0, 1], x)
    return np.sum(y * y)


def copied_to(x):
    y = np.zeros(3)
    np.copyto(y, x * x)
    return np.sum(y)


def with_body(x):
    with np.errstate(all="ignore"):
        y = x * x
    return np.sum(y)


def broken_out(x):
    y = x[0]
    for i in range(3):
        if i == 2:
            break
        y = y * x[i]
    return y


def generator(x):
    return sum(a * a for a in x)


def appended(x):
    parts = []
    for i in range(3):
        parts.append(x[i] * x[i])
    return np.sum(np.array(parts))


def appended_arrays(x):
    parts = []
    for i in range(3):
        parts.append(x * i)
    return np.sum(np.concatenate(parts) ** 2)


def extended(x):
    parts = [x[0]]
    parts += [x[1] * x[2]]
    parts.extend([x[0] * x[1]])
    return parts[0] * parts[1] * parts[2]


def assigned_key(x):
    parts = {}
    parts["a"] = x * x
    return np.sum(parts["a"])


def mapped(x):
    return sum(map(lambda a: a * a, x))


def tried(x):
    try:
        y = x * x
    except ValueError:
        y = x
    return np.sum(y)


def nested_function(x):
    def inner():
        return x * x

    return np.sum(inner())


def walrus(x):
    return np.sum((y := x * x) * y)


def matched(x):
    match len(x):
        case 3:
            return np.sum(x * x)
    return np.sum(x)


def deleted(x):
    y = x * x
    z = y * x
    del y
    return np.sum(z)


def formatted(x):
    text = f"{x[0]:.3f}"
    return np.sum(x * x) * len(text)


def starred(x):
    first, *rest = x
    return first * rest[0] * rest[1]


def reduced(x):
    return np.add.reduce(x * x) + np.multiply.reduce(x)


def global_state(x):
    global STATE
    STATE = np.sum(x * x)
    return STATE * 2.0


STATE = 0.0

SILENT = [value for name, value in list(globals().items()) if callable(value) and getattr(value, "__code__", None)]
SILENT = [f for f in SILENT if f.__code__.co_firstlineno >= augmented_slice.__code__.co_firstlineno]


def test_an_argument_that_is_added_to():
    def added(x):
        x += 1.0
        return np.sum(x * x)

    check_case(case_of(added, (X.copy(),), {}, ("x",), known=True))


@pytest.mark.parametrize("f", SILENT, ids=lambda f: f.__name__)
def test_right_or_refused(f):
    """What the code does not know to be right it refuses, with a rewrite."""
    if (refused := refusal(lambda: gradient(f, X.copy()))) is not None:
        assert refused.code in ("S201", "S202", "S204", "S205", "S301"), refused
        assert refused.place is not None
    else:
        np.testing.assert_allclose(gradient(f, X.copy()), differences(f, X), rtol=1e-6, atol=1e-8)
        for known in (True, False):
            check_case(replace(case_of(f, (X,), {}, None, known), or_refused="S301"))


def differences(f, x, step=1e-5):
    """The gradient by central differences."""
    return [(f(x + step * e) - f(x - step * e)) / (2 * step) for e in np.eye(len(x))]


@pytest.mark.parametrize(
    "f",
    [
        lambda x, c: np.sum(x / c), lambda x, c: np.sum(c / (2 + x * x)), lambda x, c: np.sum(np.abs(x) ** c),
        lambda x, c: np.sum(c * x), lambda x, c: np.sum(x * c), lambda x, c: np.sum(np.maximum(x, c)),
        lambda x, c: np.sum(np.minimum(c, x)), lambda x, c: np.sum(c ** (x * x)), lambda x, c: np.sum(x - c),
        lambda x, c: np.sum(np.arctan2(x, c)), lambda x, c: np.sum(np.where(x > 0, c, x)), lambda x, c: np.sum(np.hypot(x, c)),
        lambda x, c: np.sum(np.logaddexp(c, x)), lambda x, c: np.sum(np.clip(x, 0.1, c)),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "c", [0.7, np.float64(0.7), np.array(0.7), np.array([0.7]), np.array([[0.7], [0.5]])], ids=repr
)
def test_broadcast_operands_are_summed_back(f, c):
    check_derivative(f, X, c)


def test_both_bounds_of_clip():
    check_derivative(lambda x, c: np.sum(np.clip(x, -c, c)), X, 0.7)


def test_gradients_through_keyword_arguments():
    def scaled(x, scale=2.0, shift=0.0):
        return np.sum(x * scale + shift)

    def f(x):
        return scaled(shift=x * x, scale=x, x=x) + scaled(x, shift=x)

    check_derivative(f, X)


@pytest.mark.xfail(reason="the rules call their parameters otherwise than NumPy", raises=S2sadError)
def test_keyword_arguments_of_library_functions():
    check_derivative(lambda x: np.sum(a=x * x, axis=0), X)
    check_derivative(lambda x: np.clip(x, a_max=1.0, a_min=-0.5), X)


def test_joined_arrays():
    check_derivative(lambda x, y: np.concatenate([x, y, x * y]), X, X**2)
    check_derivative(lambda x, y: np.stack([x, y], axis=1) @ np.ones(2), X, X**2)
    check_derivative(lambda x, y: np.vstack((x, y)) * np.hstack([x, x[:0]]), X, X**2)


def square_grad(x):
    """A function called like the generated one."""
    return x + 1000


def uses_square_grad(x):
    return square(x) * np.sum(square_grad(x))


def test_a_global_called_like_the_generated_function():
    np.testing.assert_allclose(gradient(square, X), 2 * X)
    np.testing.assert_array_equal(square_grad(X), X + 1000)
    check_derivative(uses_square_grad, X)
    np.testing.assert_allclose(gradient(uses_square_grad, X), differences(uses_square_grad, X), rtol=1e-6)


def uses_square_grad_grad(x):
    uses_square_grad_grad_grad = x * 2
    x_bar = x + 1
    x_dot = x_bar * 3
    x_saved = x_dot * x
    return np.sum(uses_square_grad_grad_grad * x_bar * x_dot + x_saved)


def test_names_like_the_generated_ones():
    check_derivative(uses_square_grad_grad, X)


def test_a_function_defined_again_has_its_own_gradient():
    found = []
    for text in ("def again(x):\n    return x * x\n", "def again(x):\n    return x * x * x\n"):
        name = f"<again {len(text)}>"
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        space = {"__name__": "again"}
        exec(compile(text, name, "exec"), space)
        found.append(gradient(space["again"], 3.0))
    assert found == [6.0, 27.0]


# ------------------------------------------------------- arithmetic of lists


def repeated_list(x):
    parts = [x] * 2
    return np.sum(parts[0] * parts[1])


def repeated_tuple(x):
    parts = 2 * (x,)
    return np.sum(parts[0] * parts[1])


def repeated_and_stacked(x):
    return np.sum(np.stack([x] * 2) ** 2)


def added_lists(x):
    parts = [x] + [x * x]
    return np.sum(parts[0] * parts[1])


def grown_list(x):
    parts = [x[0]]
    for i in range(3):
        parts = parts + [x[i] * x[i]]
    return parts[1] * parts[2] * parts[3]


def grown_tuple(x):
    parts = (x[0],)
    for i in range(3):
        parts = parts + (x[i],)
    return parts[0] * parts[1] * parts[2]


@pytest.mark.parametrize(
    "f", [repeated_list, repeated_tuple, repeated_and_stacked, added_lists, grown_list, grown_tuple]
)
def test_arithmetic_of_lists(f):
    if refusal(lambda: gradient(f, X)) is None:
        np.testing.assert_allclose(gradient(f, X), differences(f, X), rtol=1e-6)


@pytest.mark.parametrize("f", [lambda p, q: (p + q)[-1] * (p + q)[0], lambda p, q: (p * 2)[2] * (2 * q)[3]])
def test_arithmetic_of_lists_that_are_arguments(f):
    check_case(case_of(f, ([1.0, 2.0], [3.0, 4.0]), {}, ("p", "q"), known=True))


def test_lists_without_arithmetic():
    check_derivative(lambda p: sum(p[1:]) * p[-1] + sum(p), [1.0, 2.0, 3.0])
    check_derivative(lambda p, q: np.sum(np.stack([p[0], q]) * np.array(p)), [X, X * X], X + 1)


# ---------------------------------------------------------- complex in between


def through_complex_numbers(x):
    z = complex(x[0], x[1])
    w = z * z.conjugate() * x[2]
    return w.real + abs(z)


def through_complex_arrays(x):
    z = np.exp(1j * x)
    return np.sum(np.abs(z * z + x) ** 2) + np.sum(z.real * z.imag) + np.sum(np.angle(z + 2))


@pytest.mark.parametrize("f", [through_complex_numbers, through_complex_arrays])
def test_complex_in_between(f):
    np.testing.assert_allclose(gradient(f, X), differences(f, X), rtol=1e-6)


@pytest.mark.parametrize("f", [through_complex_numbers, through_complex_arrays])
def test_complex_in_between_with_unknown_kinds(f):
    if refusal(lambda: check_derivative(f, X)) is None:
        check_derivative(f, X)


# ------------------------------------------------------------------ crashes


def applied(f, x):
    return f(x) * x


def test_a_function_as_an_argument():
    f = lambda x: np.sum(applied(double, x))
    if refusal(lambda: gradient(f, X)) is None:
        check_derivative(f, X)


@pytest.mark.xfail(reason="assigns to an element of a scalar")
def test_an_array_without_axes_read_whole():
    check_derivative(lambda a, x: np.sum(a * x + a[()]), np.array(0.6), X)


# -------------------------------------------------------------------- kinks


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: np.sum(np.abs(x)), [0.0, 1.0], [0.0, 1.0]), (lambda x: np.sum(np.maximum(x, 0)), [0.0, 1.0], [0.5, 1.0]),
        (lambda x: np.max(x), [1.0, 2.0, 2.0], [0.0, 0.5, 0.5]), (lambda x: np.sum(np.clip(x, 0, 1)), [0.0, 1.0], [1.0, 1.0]),
        (lambda x: np.linalg.norm(x), [0.0, 0.0], [0.0, 0.0]), (lambda x: np.sum(np.sqrt(x)), [0.0, 4.0], [math.inf, 0.25]),
        (lambda x: np.sum(np.where(x > 0, np.log(x), x)), [0.0, 2.0], [1.0, 0.5]),
        (lambda x: np.sum(np.where(x > 0, 1 / x, 0.0)), [0.0, 2.0], [0.0, -0.25]),
        (lambda x: np.prod(x), [2.0, 0.0, 3.0], [0.0, 6.0, 0.0]), (lambda x: np.hypot(x[0], x[1]), [0.0, 0.0], [0.0, 0.0]),
        (lambda x: np.sum(np.sinc(x)), [0.0, 0.0], [0.0, 0.0]), (lambda x: np.std(x), [1.0, 1.0], [0.0, 0.0]),
    ],
)  # fmt: skip
def test_kinks(f, x, expected):
    with np.errstate(divide="ignore", invalid="ignore"):
        np.testing.assert_allclose(gradient(f, np.array(x)), expected)
        tangents = [s2sad.jvp(f)(np.array(x), e)[1] for e in np.eye(len(x))]
    if np.all(np.isfinite(expected)):
        np.testing.assert_allclose(tangents, expected)


@pytest.mark.parametrize("f", [np.linalg.cholesky, lambda a: np.linalg.eigvalsh(a)], ids=["cholesky", "eigvalsh"])
def test_only_the_lower_triangle_is_read(f):
    a = np.array([[4.0, 9.0], [1.0, 3.0]])
    a_bar = s2sad.vjp(f)(a)[1](np.ones_like(f(a)))
    step = 1e-6
    expected = [
        [np.sum(f(a + step * np.outer(e, d)) - f(a - step * np.outer(e, d))) / (2 * step) for d in np.eye(2)]
        for e in np.eye(2)
    ]
    np.testing.assert_allclose(a_bar, expected, atol=1e-7)
