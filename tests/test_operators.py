"""Operators inside differentiated functions, functions as values, and operators over operators."""

import numpy as np
import pytest

import s2sad
from s2sad import derivative, elementwise_grad, grad, jvp, value_and_grad, vjp

U = np.array([0.3, -0.8, 1.1, 0.6])
W = np.array([0.4, -0.2, 0.7])
X = np.linspace(-1.0, 1.0, 15).reshape(5, 3)


def rosen(u):
    return np.sum(100 * (u[1:] - u[:-1] ** 2) ** 2 + (1 - u[:-1]) ** 2)


def cubic(x):
    return x**3 - 2 * x


def loss(w, x):
    return np.sum((x @ w) ** 2)


def hvp(f, x, v):
    return grad(lambda x: np.vdot(grad(f)(x), v))(x)


def solver(f, x):
    for _ in range(4):
        x = x - 0.1 * grad(f)(x)
    return x


def newton(x):
    for _ in range(3):
        x = x - cubic(x) / grad(cubic)(x)
    return x


def inner_gradient_step(w, x, rate):
    return loss(w - rate * grad(loss)(w, x), x)


def solver_of_a_nested_function(p):
    def energy(x):
        return (x - p) ** 2 + p * x

    return solver(energy, 1.0) ** 2


def solver_of_a_lambda(p):
    return solver(lambda x: (x - p) ** 2 * p, 0.5)


def pullback_called(x):
    y, pullback = vjp(rosen)(x)
    return y * np.sum(pullback(2.0) ** 2)


def pullback_called_twice(x):
    y, pullback = vjp(rosen, x)
    return np.sum(pullback(y)[0]) + np.sum(pullback(1.0)[0] * x)


def jvp_at_once(x):
    y, y_dot = jvp(rosen, (x,), (x * x,))
    return y * y_dot


made_outside = grad(loss)


def derivative_made_outside(w, x):
    return np.sum(made_outside(w, x) ** 3)


def nested_functions(x):
    def f(y):
        def g(z):
            return z * z * y * x

        return grad(g)(y) * x

    return grad(f)(x)


def compose(f, g, x):
    return f(g(x))


def composed(x):
    return compose(np.sin, lambda t: t * t * x, x)


def third_order(x):
    return grad(grad(grad(lambda t: np.sin(t) * t)))(x)


def value_and_gradient(w, x):
    value, gradient = value_and_grad(loss)(w, x)
    return value + np.sum(gradient * w)


def by_keyword(w, x):
    return np.sum(grad(loss, wrt="x")(w, x=x) ** 2)


def with_aux(w, x):
    gradient, aux = grad(lambda w: (loss(w, x), w * 2), has_aux=True)(w)
    return np.sum(gradient * aux)


def hessian_product(x):
    return np.sum(s2sad.hvp(rosen)(x, x * x) * x)


def derivative_of_a_curve(t):
    return np.sum(derivative(lambda s: np.array([np.cos(s), np.sin(s) * s]))(t) ** 2)


def elementwise(x):
    return np.sum(elementwise_grad(lambda t: np.tanh(t) * t)(x) * x)


def reads_a_variable_that_changes(x):
    scale = 1.0
    for _ in range(3):
        scale = scale * x

        def scaled(t):
            return t * t * scale  # noqa: B023  the value at the time of the call is meant

        x = x + 0.1 * scaled(x) + grad(scaled)(x) * 0.01
    return x


def recursive_inside(x):
    def power(t, n):
        if n == 0:
            return 1.0
        return t * power(t, n - 1)

    return power(x, 3) * x


def nested_function_with_a_default_called_by_another(a):
    def g(e, c=a):
        return e * c

    def h(e):
        return g(e) * e

    return h(a) * grad(h)(a)


CASES = [
    (nested_function_with_a_default_called_by_another, 0.7),
    (newton, 1.7),
    (inner_gradient_step, W, X, 0.1),
    (solver_of_a_nested_function, 0.7),
    (solver_of_a_lambda, 0.7),
    (pullback_called, U),
    (pullback_called_twice, U),
    (jvp_at_once, U),
    (derivative_made_outside, W, X),
    (nested_functions, 0.7),
    (composed, 0.8),
    (third_order, 0.9),
    (value_and_gradient, W, X),
    (by_keyword, W, X),
    (with_aux, W, X),
    (hessian_product, U),
    (derivative_of_a_curve, 0.4),
    (elementwise, U),
    (reads_a_variable_that_changes, 0.6),
    (recursive_inside, 0.6),
]


def numerical(f, x, *rest, h=1e-3):
    """The gradient by central differences, extrapolated twice."""

    def central(i, step):
        up, down = np.array(x, float), np.array(x, float)
        up[i] += step
        down[i] -= step
        if np.ndim(x) == 0:
            up, down = float(up), float(down)
        return (f(up, *rest) - f(down, *rest)) / (2 * step)

    result = np.zeros(np.shape(x))
    for i in np.ndindex(np.shape(x)):
        a, b, c = central(i, h), central(i, h / 2), central(i, h / 4)
        result[i] = (16 * (4 * c - b) / 3 - (4 * b - a) / 3) / 15
    return result


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_operator_inside(case):
    f, *args = case
    expected = numerical(f, *args)
    np.testing.assert_allclose(grad(f)(*args), expected, rtol=1e-6, atol=1e-8)
    direction = np.ones_like(args[0]) if isinstance(args[0], np.ndarray) else 1.0
    value, tangent = jvp(f)(*args, direction)
    np.testing.assert_allclose(tangent, np.sum(expected), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(value, f(*args), rtol=1e-14)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_operator_inside_at_second_order(case):
    f, *args = case
    direction = U[: len(args[0])] if isinstance(args[0], np.ndarray) else 0.7
    expected = numerical(lambda x, *rest: np.vdot(grad(f)(x, *rest), direction), *args)
    found = s2sad.hvp(f)(*args, direction)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


def test_hessian_vector_product_of_a_function_that_is_given():
    expected = numerical(lambda z: np.vdot(grad(rosen)(z), U * U), U)
    np.testing.assert_allclose(hvp(rosen, U, U * U), expected, rtol=1e-6)


def test_sixth_derivative():
    f = lambda x: 1.0 / x  # noqa: E731
    for _ in range(6):
        f = grad(f)
    assert f(4.0) == 0.0439453125


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("modes", ["grad", "derivative", "mixed"])
def test_orders(order, modes):
    def f(x):
        for _ in range(3):
            x = 4 * x * (1 - x)
        return x

    made = f
    for k in range(order):
        use_grad = modes == "grad" or (modes == "mixed" and k % 2 == 0)
        made = grad(made) if use_grad else derivative(made)
    exact = np.polynomial.Polynomial([0, 1])
    for _ in range(3):
        exact = 4 * exact * (1 - exact)
    np.testing.assert_allclose(made(0.3), exact.deriv(order)(0.3), rtol=1e-12)


def test_a_function_that_is_kept_while_its_variable_changes_is_refused():
    def f(x):
        functions = []
        for i in range(3):
            functions.append(lambda t: t * i)  # noqa: B023  this is what is refused
        return functions[0](x)

    with pytest.raises(s2sad.DifferentiationError) as refused:
        grad(f)(1.0)
    assert refused.value.code == "S201"


def test_elementwise_grad_refuses_what_mixes_elements():
    with pytest.raises(s2sad.ArgumentError) as refused:
        elementwise_grad(lambda x: x * x[0])(U)
    assert refused.value.code == "S402"


def test_derivative_refuses_an_array():
    with pytest.raises(s2sad.ArgumentError) as refused:
        derivative(lambda x: x * 2)(U)
    assert refused.value.code == "S402"


def test_the_order_of_a_dict_does_not_matter():
    def f(p):
        return p[0]["w"] * 10 + p[0]["b"] * p[1]

    point = ({"w": 1.0, "b": 2.0}, 3.0)
    assert jvp(f)(point, ({"b": 0.0, "w": 1.0}, 0))[1] == 10.0
    assert jvp(f)(point, ({"b": 0.0, "w": 1.0}, 0.0))[1] == 10.0
