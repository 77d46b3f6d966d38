"""Rules that a user declares: `rule`, `defjvp`, `defvjp`, also for functions that are not written in Python."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys

import numpy as np
import pytest

import s2sad
from s2sad import custom
from s2sad.errors import DifferentiationError, RuleError
from tests.checking import Examples, case_of, check_case, check_derivative, generated
from tests.second_order import check_second_order

try:
    from scipy import special
except ImportError:
    special = None

X = np.array([0.3, 0.8, 1.1])
Y = np.array([[0.5], [1.5]])

# ------------------------------------------------------------------------ texts

GAIN = 3.0


def slope(x, n):
    return n * np.exp(n * x)


def power(x, n):
    return np.exp(n * x)


s2sad.rule("y = power(x, k)", "dy = dx * slope(x, k) + dk * x * y")


def tripled(x):
    return GAIN * x


s2sad.rule("y = tripled(x)", "dy = GAIN * dx")


def inner_product(a, b):
    return np.sum(a * b)


s2sad.rule("y = inner_product(a, b)", "dy = np.sum(da * b) + np.sum(a * db)")


def weighted(x, w=2.0, *, shift=0.0):
    return w * x + shift


s2sad.rule("y = weighted(x, w)", "dy = w * dx + dw * x")


def unused(x, n):
    return x * x + n


s2sad.rule("y = unused(x, n)", "dy = 2 * x * dx + 0 * dn")

right = Examples()


@right(X, 2.0)
def both_arguments(x, n):
    return np.sum(power(x, n) * x)


@right(X, Y)
def stretched_against_each_other(x, y):
    return np.sum(power(x, y) * x)


@right(0.4, X)
def a_number_and_an_array(x, y):
    return np.sum(power(x, y) * y)


@right(X, 2.0, wrt="x")
def by_one_argument(x, n):
    return np.sum(power(n * x, n))


@right(X, 2.0)
def by_name(x, n):
    return np.sum(power(n=n, x=x))


@right(X)
def data_of_the_module(x):
    return np.sum(tripled(x) * x)


@right(X, X + 1)
def a_reduction(x, y):
    return inner_product(x, y) * inner_product(x, x)


@right(X)
def defaults(x):
    return np.sum(weighted(x) * weighted(x, 3.0))


@right(X, 2.0, wrt="x")
def a_zero_derivative(x, n):
    return np.sum(unused(x, n) * x)


@right(X, 3)
def in_a_loop(x, n):
    for _ in range(n):
        x = 0.1 * power(x, 0.5) + x
    return np.sum(x * x)


def callee(x, n):
    return power(x, n) * n


@right(X, 2.0)
def in_a_callee(x, n):
    return np.sum(callee(x, n) ** 2)


@right(X, 2.0)
def in_an_expression(x, n):
    return np.sum(x / (1 + power(x, n)) if n > 1 else power(x, n))


# ---------------------------------------------------------- one function for each


def product(x, y):
    return x * y**2


s2sad.defjvp(product, lambda g, ans, x, y: g * y**2, lambda g, ans, x, y: 2 * g * ans / y)


def ratio(x, y):
    return x / y


def ratio_by_x(g, ans, x, y):
    total = g / y
    return total


s2sad.defjvp(ratio, ratio_by_x, lambda g, ans, x, y: -g * ans / y)
s2sad.defvjp(
    ratio,
    lambda ans, x, y: lambda g: g / y,
    lambda ans, x, y: lambda g: np.sum(-g * ans / y),
)


def cubed(x, n):
    return x**3 + n


def vjp_of_cubed(ans, x, n):
    squared = x * x

    def back(g):
        return 3 * g * squared

    return back


s2sad.defvjp(cubed, vjp_of_cubed, None)
s2sad.defjvp(cubed, lambda g, ans, x, n: 3 * g * x * x, argnums=(0,))


@right(X, 2.0)
def jvps(x, y):
    return np.sum(product(x, y) * x)


@right(X, 2.0)
def jvps_and_vjps(x, y):
    return np.sum(ratio(x, y) * x)


@right(X, 2.0, wrt="x")
def vjp_by_a_function(x, n):
    return np.sum(cubed(x, n) * x)


@right(0.7, 2.0)
def of_numbers(x, y):
    return product(x, y) * ratio(y, x)


@right.parametrize()
def test_right(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.function.__name__) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


def test_texts_are_spliced_into_the_code():
    text = generated(case_of(both_arguments, (X, 2.0), {}, ("x",), True), "grad")[0]
    assert "slope(x, n)" in text and "power_bwd" not in text


@pytest.mark.parametrize("function", [power, product, ratio])
def test_of_the_function_itself(function):
    check_derivative(function, X, 2.0)


# ------------------------------------------------------------- vjps without jvps


def doubled(x, y):
    return 2 * x * y


s2sad.defvjp(doubled, lambda ans, x, y: lambda g: 2 * g * y, lambda ans, x, y: lambda g: np.sum(2 * g * x))


def calls_doubled(x, y):
    return np.sum(doubled(x, y) * x)


def test_reverse_mode_alone():
    x_bar, y_bar = s2sad.grad(calls_doubled, wrt=(0, 1))(X, 2.0)
    np.testing.assert_allclose(x_bar, 8 * X)
    assert y_bar == pytest.approx(np.sum(2 * X * X))
    hessian = s2sad.vjp(s2sad.grad(calls_doubled), X, 2.0)[1](np.ones(3))
    np.testing.assert_allclose(hessian[0], 8 * np.ones(3))
    with pytest.raises(DifferentiationError, match="for reverse mode alone") as caught:
        s2sad.jvp(calls_doubled)(X, 2.0, X)
    assert caught.value.code == "S204"


# ----------------------------------------------------- functions of other languages


def test_a_builtin_constant_may_get_a_derivative():
    s2sad.rule("y = np.rint(x)", "dy = dx")
    try:
        np.testing.assert_array_equal(s2sad.grad(lambda x: np.sum(np.rint(x) * X))(X), X)
    finally:
        custom._DECLARED.pop(id(np.rint))


@pytest.mark.skipif(special is None, reason="no SciPy")
def test_a_library_without_rules():
    s2sad.rule("y = special.gamma(x)", "dy = dx * y * special.psi(x)")

    def f(x):
        return np.sum(special.gamma(x) * x)

    gradient = s2sad.grad(f)
    np.testing.assert_allclose(gradient(X), special.gamma(X) * (1 + X * special.psi(X)))
    assert "_fitting" not in gradient.source


@pytest.mark.skipif(sys.platform == "win32", reason="no libm")
def test_a_function_of_a_shared_library():
    sine = ctypes.CDLL(ctypes.util.find_library("m")).sin
    sine.restype, sine.argtypes = ctypes.c_double, [ctypes.c_double]
    s2sad.rule("y = sine(x)", "dy = dx * np.cos(x)")

    def f(x):
        return sine(x) * x

    assert s2sad.grad(f)(0.5) == pytest.approx(np.sin(0.5) + 0.5 * np.cos(0.5))
    assert s2sad.jvp(f)(0.5, 1.0)[1] == pytest.approx(np.sin(0.5) + 0.5 * np.cos(0.5))


def test_an_object_by_functions():
    class Sine:
        def __call__(self, x):
            return np.sin(x)

    sine = Sine()
    s2sad.defvjp(sine, lambda ans, x: lambda g: g * np.cos(x))
    np.testing.assert_allclose(s2sad.grad(lambda x: np.sum(sine(x)))(X), np.cos(X))


# ------------------------------------------------------------------ what changes


def test_a_changed_rule_is_seen():
    def f(x):
        return x**3

    s2sad.rule("y = f(x)", "dy = 7 * dx")
    gradient = s2sad.grad(lambda x: f(x))
    assert gradient(1.0) == 7.0
    s2sad.rule("y = f(x)", "dy = 8 * dx")
    assert gradient(1.0) == 8.0
    s2sad.defjvp(f, lambda g, ans, x: 9 * g)
    assert gradient(1.0) == 8.0


def test_a_rule_for_a_function_that_was_differentiated_before():
    def f(x):
        return x**3

    gradient = s2sad.grad(f)
    assert gradient(1.0) == 3.0
    s2sad.rule("y = f(x)", "dy = 7 * dx")
    assert gradient(1.0) == 7.0


def test_what_a_rule_reads_is_watched(monkeypatch):
    gradient = s2sad.grad(lambda x: np.sum(tripled(x)))
    np.testing.assert_array_equal(gradient(X), 3 * np.ones(3))
    monkeypatch.setattr(sys.modules[__name__], "GAIN", 5.0)
    np.testing.assert_array_equal(gradient(X), 5 * np.ones(3))


# -------------------------------------------------------------- what does not fit


@pytest.mark.parametrize(
    ("signature", "text"),
    [
        ("y = power", "dy = dx"),
        ("y = x + 1", "dy = dx"),
        ("power(x)", "dy = dx"),
        ("y = power(x)", "dz = dx"),
        ("y = power(x", "dy = dx"),
        ("y = power(x)", ""),
        ("y = nowhere(x)", "dy = dx"),
        ("y = GAIN(x)", "dy = dx"),
    ],
)
def test_malformed_rules(signature, text):
    with pytest.raises(RuleError):
        s2sad.rule(signature, text)


def test_functions_that_do_not_match():
    with pytest.raises(RuleError):
        s2sad.defvjp(power, lambda ans, x, n: lambda g: g, argnums=(0, 1))
    with pytest.raises(TypeError):
        s2sad.defjvp(power, 3.0)


def refusal(function, *args, mode="grad"):
    with pytest.raises(DifferentiationError) as caught:
        generated(case_of(function, args, {}, None, True), mode)
    return caught.value


def test_an_argument_without_a_differential_is_not_differentiated():
    def f(x, n):
        return x * n

    s2sad.rule("y = f(x, n)", "dy = dx * n")
    error = refusal(lambda n: np.sum(f(2.0, n)), X)
    assert error.code == "S205" and "`n`" in error.reason


def test_a_name_that_is_not_there():
    def f(x):
        return x

    s2sad.rule("y = f(x)", "dy = dx * nowhere(x)")
    error = refusal(lambda x: f(x), 2.0)
    assert error.code == "S103" and "nowhere" in error.reason


@pytest.mark.parametrize(
    ("signature", "text"), [("y = f(x, n, m)", "dy = dx"), ("y = f(x, dx)", "dy = dx"), ("y = f(x, 2)", "dy = dx")]
)
def test_a_signature_that_does_not_fit(signature, text):
    def f(x, n):
        return x

    s2sad.rule(signature, text)
    assert refusal(lambda x: f(x, 1.0), 2.0).code == "S206"


def test_a_result_of_another_shape():
    def f(x):
        return np.sum(x * x)

    s2sad.rule("y = f(x)", "dy = 2 * x * dx")
    for mode in ("grad", "jvp"):
        error = refusal(lambda x: f(x), X, mode=mode)
        assert error.code == "S206" and "the rule of `f`" in error.reason
    jvp = generated(case_of(lambda x: f(x), (X,), {}, None, False), "jvp")[1]
    with pytest.raises(ValueError, match="the rule of `f` has the shape"):
        jvp(X, X)


def test_an_adjoint_of_another_shape():
    def f(x, y):
        return x * y

    s2sad.defvjp(f, lambda ans, x, y: lambda g: g * y, lambda ans, x, y: lambda g: g * x)
    error = refusal(lambda y: np.sum(f(X, y)), 2.0)
    assert error.code == "S206" and "by its argument `y`" in error.reason
    gradient = generated(case_of(lambda y: np.sum(f(X, y)), (2.0,), {}, None, False), "grad")[1]
    with pytest.raises(ValueError, match="by its argument `y`"):
        gradient(2.0)
