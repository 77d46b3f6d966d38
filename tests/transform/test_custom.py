"""Derivatives by hand: `custom_jvp`, `custom_vjp`, in both modes and at second order, and what does not fit."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import s2sad
from s2sad.errors import DifferentiationError
from tests.checking import Examples, case_of, check_case, check_derivative, generated
from tests.second_order import check_second_order

X = np.array([0.3, -0.8, 1.1])

# ------------------------------------------------------------- a jvp by hand


@s2sad.custom_jvp
def softplus(x):
    return np.log1p(np.exp(x))


@softplus.defjvp
def softplus_jvp(primals, tangents):
    (x,), (x_dot,) = primals, tangents
    return softplus(x), x_dot / (1 + np.exp(-x))


@s2sad.custom_jvp
def scaled(x, k):
    return k * np.sin(x)


@scaled.defjvp
def scaled_jvp(primals, tangents):
    x, k = primals
    x_dot, k_dot = tangents
    s = np.sin(x)
    return k * s, k * np.cos(x) * x_dot + s * k_dot


@s2sad.custom_jvp
def by_index(x, k):
    return x**2 * k


by_index.defjvp(lambda p, t: (by_index(*p), 2 * p[0] * p[1] * t[0] + p[0] ** 2 * t[1]))


@s2sad.custom_jvp
def branching(x):
    return np.sum(np.abs(x))


@branching.defjvp
def branching_jvp(primals, tangents):
    (x,) = primals
    (x_dot,) = tangents
    y = branching(x)
    if y > 100:
        return y, np.sum(0 * x_dot)
    total = 0.0
    for k in range(len(x)):
        if x[k] > 0:
            total = total + x_dot[k]
        else:
            total = total - x_dot[k]
    return y, total


def derivative_of_scaled(primals, tangents):
    return scaled_jvp(primals, tangents)


@s2sad.custom_jvp
def through_a_helper(x, k):
    return k * np.sin(x)


through_a_helper.defjvp(derivative_of_scaled)


@s2sad.custom_jvp
def two_results(x, k):
    return np.sin(x), np.sum(x * k)


@two_results.defjvp
def two_results_jvp(primals, tangents):
    x, k = primals
    x_dot, k_dot = tangents
    return (np.sin(x), np.sum(x * k)), (np.cos(x) * x_dot, np.sum(x_dot * k + x * k_dot))


right = Examples()


@right(X)
def one_argument(x):
    return np.sum(softplus(2 * x) * x)


@right(X, 2.0)
def two_arguments(x, k):
    return np.sum(scaled(x, k) ** 2)


@right(X, 2.0, wrt="x")
def one_of_two_arguments(x, k):
    return np.sum(scaled(x * x, k))


@right(X, 2.0, wrt="k")
def the_other_of_two_arguments(x, k):
    return np.sum(scaled(x, k * k))


@right(X, 2.0)
def by_keyword(x, k):
    return np.sum(scaled(k=k, x=x))


@right(X, 2.0)
def parts_by_index(x, k):
    return np.sum(by_index(x, k) * x)


@right(X)
def branch_and_loop_in_the_rule(x):
    return branching(x) * np.sum(x)


@right(X, 2.0)
def rule_that_calls_a_rule(x, k):
    return np.sum(through_a_helper(x, k) ** 2)


@right(X, 2.0)
def unpacked_results(x, k):
    s, t = two_results(x, k)
    return np.sum(s * x) + t * t


@right(X, 2.0, 3)
def in_a_loop(x, k, n):
    for _ in range(n):
        x = scaled(x, k) + 0.1 * softplus(x)
    return np.sum(x * x)


@right(X, 2.0)
def in_a_branch(x, k):
    if k > 1:
        y = scaled(x, k)
    else:
        y = softplus(x)
    return np.sum(y * x)


def outer(x, k):
    return softplus(scaled(x, k))


@right(X, 2.0)
def inside_of_a_callee(x, k):
    return np.sum(outer(x, k) * outer(x * x, k))


@right(0.7)
def of_a_number(x):
    return softplus(x) * x


@right(np.float32([0.3, -0.8]))
def in_single_precision(x):
    return np.sum(softplus(x))


@right(np.zeros((0, 3)))
def of_nothing(x):
    return np.sum(softplus(x))


def recursive_rule(x, n):
    if n == 0:
        return softplus(x)
    return recursive_rule(0.5 * x, n - 1) * x


@right(X, 3)
def in_recursion(x, n):
    return np.sum(recursive_rule(x, n))


# ------------------------------------------------------------- both by hand


@s2sad.custom_vjp
def both(x, k):
    return k * np.sin(x)


both.defjvp(scaled_jvp)


def both_fwd(x, k):
    s = np.sin(x)
    return k * s, (x, s, k)


def both_bwd(saved, y_bar):
    x, s, k = saved
    return k * np.cos(x) * y_bar, np.sum(s * y_bar)


both.defvjp(both_fwd, both_bwd)


@s2sad.custom_vjp
def with_power(x, n):
    return x**n


@with_power.defjvp
def with_power_jvp(n, primals, tangents):
    (x,), (x_dot,) = primals, tangents
    return x**n, n * x ** (n - 1) * x_dot


def with_power_fwd(x, n):
    return x**n, x


def with_power_bwd(n, x, y_bar):
    return (n * x ** (n - 1) * y_bar,)


with_power.defvjp(with_power_fwd, with_power_bwd)
with_power.nondiff = (1,)


@right(X, 2.0)
def both_rules(x, k):
    return np.sum(both(x, k) ** 2)


@right(X, 2.0, wrt="x")
def both_rules_by_one(x, k):
    return np.sum(both(x * x, k))


@right(X, 2.0, wrt="k")
def both_rules_by_the_other(x, k):
    return np.sum(both(x, k))


@right(X, 2.0, 3)
def both_rules_in_a_loop(x, k, n):
    for _ in range(n):
        x = both(x, k)
    return np.sum(x)


@right(X)
def not_differentiated_by_all(x):
    return np.sum(with_power(x, 3) * with_power(x, n=2))


def test_the_rule_itself_is_asked():
    for function in (softplus, lambda x: softplus(x)):
        assert "softplus_jvp" in generated(case_of(function, (0.7,), {}, None, True), "jvp")[0]
    text = generated(case_of(both, (X, 2.0), {}, None, True), "vjp")[0]
    assert "both_fwd(x, k)" in text and "both_bwd(both_saved, " in text


@pytest.mark.parametrize("function", [softplus, scaled, both, two_results])
def test_of_the_function_itself(function):
    args = (X,) if function is softplus else (X, 2.0)
    check_derivative(function, *args)


# ---------------------------------------- arguments that are changed in place later


@s2sad.custom_vjp
def energy(x):
    return np.sum(x * x)


energy.defjvp(lambda p, t: (np.sum(p[0] * p[0]), np.sum(2 * p[0] * t[0])))
energy.defvjp(lambda x: (np.sum(x * x), x), lambda x, y_bar: (2 * x * y_bar,))


def saves_a_view(x):
    column = np.reshape(x, (3, 1))
    kept = column
    return np.sum(kept * kept * np.exp(kept))


def saves_its_argument(x, n):
    if n == 0:
        return np.sum(x * x)
    return saves_its_argument(x, n - 1) * x[0]


@right(X, unless_known="S301")
def given_by_hand_and_changed(x):
    u = x.copy()
    y = energy(u)
    u[0] = 5.0
    return y + np.sum(u)


@right(X, unless_known="S301")
def derived_and_changed(x):
    u = x.copy()
    y = saves_a_view(u)
    u[0] = 5.0
    return y * np.sum(u)


@right(X, 2, unless_known="S301")
def recursive_and_changed(x, n):
    u = x.copy()
    y = saves_its_argument(u, n)
    u[0] = 5.0
    return y * np.sum(u)


@right(X, unless_known="S301")
def changed_in_a_loop(x):
    u = x.copy()
    total = 0.0
    for k in range(3):
        total = total + energy(u)
        u[k] = u[k] * 2
    return total


@right.parametrize()
def test_right(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.function.__name__) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


# ------------------------------------------------------- reverse mode by hand


@s2sad.custom_vjp
def clipped(x, lo, hi):
    return np.sum(x)


def clipped_fwd(x, lo, hi):
    return np.sum(x), (x, lo, hi)


def clipped_bwd(saved, y_bar):
    x, lo, hi = saved
    return np.clip(y_bar * np.ones_like(x), lo, hi), None, None


clipped.defvjp(clipped_fwd, clipped_bwd)


def test_the_rule_and_not_the_function_counts():
    gradient = s2sad.grad(lambda x: 10 * clipped(x, -1.0, 1.0))
    np.testing.assert_array_equal(gradient(X), np.ones(3))
    np.testing.assert_array_equal(s2sad.vjp(s2sad.grad(lambda x: clipped(x, -1.0, 1.0) ** 2), X)[1](X)[0], np.zeros(3))


def test_none_is_a_zero_adjoint():
    bars = s2sad.grad(lambda x, lo: clipped(x, lo, 1.0) * lo, wrt=(0, 1))(X, -1.0)
    np.testing.assert_array_equal(bars[0], -np.ones(3))
    assert bars[1] == pytest.approx(np.sum(X))


@s2sad.custom_vjp
def handed_back(x):
    return 1.0 * x


handed_back.defvjp(lambda x: (1.0 * x, None), lambda saved, y_bar: (y_bar,))


def test_an_adjoint_that_is_handed_back_is_not_changed():
    y_bar = np.ones(3)
    value, pullback = s2sad.vjp(lambda x: handed_back(x) * x + handed_back(x))(X)
    np.testing.assert_allclose(value, X * X + X)
    np.testing.assert_allclose(pullback(y_bar), 2 * X + 1)
    np.testing.assert_array_equal(y_bar, np.ones(3))
    bar = s2sad.vjp(handed_back)(X)[1](y_bar)
    assert not np.may_share_memory(bar, y_bar)


def make(a):
    @s2sad.custom_jvp
    def square(x):
        return a * x**2

    @square.defjvp
    def square_jvp(primals, tangents):
        (x,), (x_dot,) = primals, tangents
        return square(x), 2 * a * x * x_dot

    return lambda x: square(x) + x


def test_closures():
    for a in (1.0, 3.0):
        f = make(a)
        assert s2sad.grad(f)(2.0) == 4 * a + 1
        assert s2sad.jvp(f)(2.0, 1.0) == (4 * a + 2, 4 * a + 1)
        assert s2sad.grad(s2sad.grad(f))(2.0) == 2 * a


def test_a_changed_rule_is_seen():
    @s2sad.custom_jvp
    def f(x):
        return x * x

    f.defjvp(lambda p, t: (p[0] * p[0], 2 * p[0] * t[0]))
    gradient = s2sad.grad(lambda x: f(x))
    assert gradient(3.0) == 6.0
    f.defjvp(lambda p, t: (p[0] * p[0], 100 * p[0] * t[0]))
    assert gradient(3.0) == 300.0
    f.defvjp(lambda x: (x * x, x), lambda x, y_bar: (7.0 * x * y_bar,))
    assert gradient(3.0) == 21.0
    assert s2sad.jvp(lambda x: f(x))(3.0, 1.0) == (9.0, 300.0)


def test_a_function_that_cannot_be_differentiated_itself():
    log = []

    @s2sad.custom_jvp
    def f(x):
        try:
            log.append("called")
            return x * x
        finally:
            pass

    f.defjvp(lambda p, t: (f(*p), 2 * p[0] * t[0]))
    assert s2sad.grad(f)(3.0) == 6.0
    assert s2sad.jvp(lambda x: f(x) * x)(3.0, 1.0) == (27.0, 27.0)
    assert log


def test_called_it_is_the_function():
    np.testing.assert_array_equal(softplus(X), np.log1p(np.exp(X)))
    assert (softplus.__name__, softplus.__doc__) == ("softplus", None)
    assert pickle.loads(pickle.dumps(softplus)) is softplus
    assert "softplus" in repr(softplus)


class Model:
    scale = 2.0

    @s2sad.custom_jvp
    def value(self, x):
        return self.scale * x


def test_as_a_method_it_is_bound():
    assert Model().value(3.0) == 6.0


# --------------------------------------------------------- functions as arguments


def cosine(x, a):
    return a * np.cos(x)


@s2sad.custom_vjp
def fixed_point(f, x, a):
    for _ in range(60):
        x = f(x, a)
    return x


def fixed_point_fwd(f, x, a):
    y = fixed_point(f, x, a)
    return y, (y, a)


def fixed_point_bwd(f, saved, y_bar):
    y, a = saved
    y_dot, a_dot = s2sad.grad(f, wrt=(0, 1))(y, a)
    return 0.0, y_bar * a_dot / (1 - y_dot)


fixed_point.defvjp(fixed_point_fwd, fixed_point_bwd)
fixed_point.nondiff = ("f",)


def solved(a):
    return fixed_point(cosine, 1.0, a) * a


def test_a_function_given_to_a_function_with_a_rule():
    step = 1e-5
    expected = (solved(0.5 + step) - solved(0.5 - step)) / (2 * step)
    gradient = s2sad.grad(solved)
    assert gradient(0.5) == pytest.approx(expected, rel=1e-8)
    assert "fixed_point_bwd" in gradient.source and "x_saved" not in gradient.source
    second = (gradient(0.5 + step) - gradient(0.5 - step)) / (2 * step)
    assert s2sad.grad(gradient)(0.5) == pytest.approx(second, rel=1e-7)


def test_the_gradient_of_it_inside_a_function():
    assert s2sad.grad(lambda x: s2sad.grad(softplus)(x) * x)(0.0) == pytest.approx(0.5)


def mixed(x):
    return scaled(x, x[0]) * both(x, 2.0)


@pytest.mark.parametrize("operator", [s2sad.jacfwd, s2sad.jacrev])
def test_jacobians(operator):
    step = 1e-6
    columns = [(mixed(X + step * e) - mixed(X - step * e)) / (2 * step) for e in np.eye(3)]
    np.testing.assert_allclose(operator(mixed)(X), np.stack(columns, axis=-1), rtol=1e-7, atol=1e-9)


# --------------------------------------------------------------------- containers


@s2sad.custom_vjp
def layer(params, x):
    return np.tanh(params["W"] @ x + params["b"])


@layer.defjvp
def layer_jvp(primals, tangents):
    params, x = primals
    params_dot, x_dot = tangents
    y = layer(params, x)
    return y, (1 - y * y) * (params_dot["W"] @ x + params["W"] @ x_dot + params_dot["b"])


def layer_fwd(params, x):
    y = layer(params, x)
    return y, (params["W"], x, y)


def layer_bwd(saved, y_bar):
    w, x, y = saved
    t = (1 - y * y) * y_bar
    return {"W": np.outer(t, x), "b": t}, w.T @ t


layer.defvjp(layer_fwd, layer_bwd)


def loss_of_layers(params, x):
    return np.sum(layer(params, layer(params, x)) ** 2)


def test_dicts():
    params = {"W": np.array([[0.1, 0.4], [-0.3, 0.2]]), "b": np.array([0.5, -0.1])}
    check_case(case_of(loss_of_layers, (params, np.array([0.7, -0.2])), {}, None, True))
    check_second_order(case_of(loss_of_layers, (params, np.array([0.7, -0.2])), {}, None, True))


def test_a_dict_with_another_key():
    @s2sad.custom_vjp
    def f(params):
        return params["w"] * 2

    f.defvjp(lambda params: (f(params), None), lambda saved, y_bar: ({"v": 2 * y_bar},))
    assert refusal(lambda params: f(params), {"w": 1.0}).code == "S206"


# -------------------------------------------------------------- what does not fit


def refusal(function, *args, mode="grad"):
    with pytest.raises(DifferentiationError) as caught:
        generated(case_of(function, args, {}, None, True), mode)
    return caught.value


def test_reverse_mode_alone_has_no_forward_mode():
    error = refusal(lambda x: clipped(x, -1.0, 1.0), X, mode="jvp")
    assert error.code == "S204" and "for reverse mode alone" in error.reason


def test_what_is_not_differentiated_may_not_be_active():
    error = refusal(lambda x: with_power(2.0, x), 3.0)
    assert error.code == "S205" and "`n`" in error.reason


def rule_for(jvp):
    @s2sad.custom_jvp
    def f(x):
        return x * x

    f.defjvp(jvp)
    return lambda x: np.sum(f(x))


@pytest.mark.parametrize(
    ("jvp", "what"),
    [
        (lambda p, t: 2 * p[0] * t[0], "not a pair"),
        (lambda p, t: (p[0] ** 2, 2 * p[0] * t[0], 1.0), "not a pair"),
        (lambda p, t: (p[0] ** 2, np.sum(2 * p[0] * t[0])), "the tangent has another form"),
        (lambda p, t: (np.sum(p[0]), 2 * p[0] * t[0]), "its value has another form"),
        (lambda p: (p[0] ** 2, p[0]), "takes 1 arguments where 2 are given"),
    ],
)
def test_a_jvp_that_does_not_fit(jvp, what):
    for mode in ("jvp", "grad"):
        error = refusal(rule_for(jvp), X, mode=mode)
        assert error.code == "S206" and what in error.reason, error
        assert error.place is not None


def vjp_for(forward, backward):
    @s2sad.custom_vjp
    def f(x, y):
        return x * y

    f.defvjp(forward, backward)
    return lambda x: np.sum(f(x, 2.0))


@pytest.mark.parametrize(
    ("forward", "backward", "what"),
    [
        (lambda x, y: x * y, lambda s, t: (t, t), "not a pair"),
        (lambda x, y: (x * y, y), lambda s, t: s * t, "not a tuple of 2"),
        (lambda x, y: (x * y, y), lambda s, t: (s * t,), "not a tuple of 2"),
        (lambda x, y: (x * y, y), lambda s, t: (np.sum(s * t), 0.0), "the adjoint of `x` has another form"),
        (lambda x: (x, x), lambda s, t: (t, t), "takes 1 arguments where 2 are given"),
    ],
)
def test_a_vjp_that_does_not_fit(forward, backward, what):
    error = refusal(vjp_for(forward, backward), X)
    assert error.code == "S206" and what in error.reason, error


def test_what_does_not_fit_is_found_at_run_time_where_nothing_is_known():
    jvp = generated(case_of(rule_for(lambda p, t: (p[0] ** 2, np.sum(t[0]))), (X,), {}, None, False), "jvp")[1]
    with pytest.raises(ValueError, match="the jvp of `f` by hand gives"):
        jvp(X, X)
    wrong = vjp_for(lambda x, y: (x * y, y), lambda s, t: (np.sum(s * t), 0.0))
    gradient = generated(case_of(wrong, (X,), {}, None, False), "grad")[1]
    with pytest.raises(ValueError, match="the vjp of `f` by hand gives"):
        gradient(X)


def test_nothing_given_and_a_parameter_that_is_not_there():
    @s2sad.custom_jvp(nondiff_argnums=(3,))
    def f(x):
        return x

    error = refusal(lambda x: f(x), 2.0)
    assert error.code == "S206" and "no derivative is given" in error.reason
    f.defjvp(lambda p, t: (p[0], t[0]))
    error = refusal(lambda x: f(x), 2.0)
    assert error.code == "S206" and "no parameter" in error.reason


def test_what_is_no_function():
    with pytest.raises(TypeError):
        s2sad.custom_jvp(3)
    with pytest.raises(TypeError):
        softplus.defjvp(3)
