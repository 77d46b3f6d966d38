"""Functions with arguments given beforehand, functions among the arguments of a derivative, decorated functions."""

import functools
from functools import lru_cache, partial, wraps

import numpy as np
import pytest

import s2sad
from s2sad.errors import S2sadError
from s2sad.testing import check_grads

X = np.array([0.4, 1.1])


def slope(function, at, *args, **keywords):
    """The derivative by the argument at a position, or under a name."""

    def moved(step):
        if isinstance(at, str):
            return function(*args, **{**keywords, at: keywords[at] + step})
        return function(*args[:at], args[at] + step, *args[at + 1 :], **keywords)

    return (moved(1e-6) - moved(-1e-6)) / 2e-6


def agree(function, at, *args, wrt=None, **keywords):
    """Fails unless gradient, tangent, pullback and Hessian are right."""
    wrt = at if wrt is None else wrt
    expected = slope(function, at, *args, **keywords)
    gradient = s2sad.grad(function, wrt=wrt)
    assert gradient(*args, **keywords) == pytest.approx(expected, rel=1e-6, abs=1e-8)
    value, tangent = s2sad.jvp(function, wrt=wrt)(*args, 0.5, **keywords)
    assert value == function(*args, **keywords)
    assert tangent == pytest.approx(0.5 * expected, rel=1e-6, abs=1e-8)
    value, pullback = s2sad.vjp(function, wrt=wrt)(*args, **keywords)
    assert value == function(*args, **keywords)
    assert pullback(0.5) == pytest.approx(0.5 * expected, rel=1e-6, abs=1e-8)
    second = slope(gradient, at, *args, **keywords)
    assert s2sad.hvp(function, wrt=wrt)(*args, 1.0, **keywords) == pytest.approx(second, rel=1e-5, abs=1e-6)
    assert s2sad.hessian(function, wrt=wrt)(*args, **keywords) == pytest.approx(second, rel=1e-5, abs=1e-6)


# -------------------------------------------------------------------- partial


def loss(w, x, k=2.0, *, c=1.0):
    return np.sum((w * x) ** 2) * k + c * w**3


def polynomial(x, *coefficients, scale=1.0, **options):
    y = 0.0
    for c in coefficients:
        y = y * x + c
    return scale * y + options.get("offset", 0.0) * x


@pytest.mark.parametrize(
    ("function", "args", "keywords"),
    [
        (partial(loss, 0.5), (0.7,), {}),
        (partial(loss, 0.5), (0.7, 3.0), {"c": 2.0}),
        (partial(loss, k=3.0), (0.7, 0.8), {}),
        (partial(loss, k=3.0), (0.7, 0.8), {"k": 5.0}),
        (partial(loss, x=X), (0.7,), {}),
        (partial(partial(loss, x=X), c=0.5), (0.7,), {"k": 1.5}),
        (partial(polynomial, 0.3), (1.2, 0.7), {}),
        (partial(polynomial, scale=2.0), (0.3, 1.2, 0.7), {"offset": 2.0}),
        (partial(polynomial, offset=2.0), (0.3, 1.2, 0.7), {}),
        (partial(np.power, 0.7), (1.3,), {}),
    ],
)
def test_partial_itself(function, args, keywords):
    agree(function, 0, *args, **keywords)


def test_partial_by_a_parameter_that_has_a_value():
    assert s2sad.grad(partial(loss, k=3.0), wrt="k")(0.7, 0.8) == pytest.approx((0.7 * 0.8) ** 2)


def test_partial_that_gives_more_than_the_parameters():
    agree(partial(polynomial, 0.3, 1.2), 0, 0.7, 0.4)


def test_arrays_given_to_a_partial():
    check_grads(partial(loss, 0.5), (X,))
    given = partial(loss, x=X)
    gradient = s2sad.grad(given)
    first = gradient(0.5)
    X[0] += 1.0
    try:
        assert gradient(0.5) != first
        assert gradient(0.5) == pytest.approx(slope(given, 0, 0.5))
    finally:
        X[0] -= 1.0


def test_partial_whose_keywords_change():
    given = partial(loss, 0.5, k=2.0)
    gradient = s2sad.grad(given)
    first = gradient(0.7)
    given.keywords["k"] = 4.0
    assert gradient(0.7) == pytest.approx(2.0 * first)
    given.keywords["c"] = 3.0
    assert gradient(0.7) == pytest.approx(2.0 * first)


half = partial(loss, 0.5)
steep = partial(loss, k=4.0)
total = partial(np.sum, axis=0)


def uses_partials(x):
    return half(x) + steep(x, 0.3) + half(x, k=x) + total(np.stack([x, x * x]))


def test_partials_of_the_module():
    agree(uses_partials, 0, 0.7)


# --------------------------------------------------------- functions as arguments


def fixed_point(function, x, n=3):
    for _ in range(n):
        x = x - 0.1 * function(x)
    return x * x


def composed(outer, inner, x):
    return outer(inner(x))


def chained(x, *functions, last=np.sin):
    return last(functions[0](functions[1](x)))


def renamed(function, x):
    function = s2sad.grad(function)
    return function(x) * x


def square(x):
    return x * x


FUNCTIONS = [np.sin, square, lambda t: 3.0 * t * t, partial(polynomial, 0.5), lru_cache(square)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_passed(function):
    agree(fixed_point, 1, function, 0.7)
    agree(composed, 2, function, np.cos, 0.7)
    agree(composed, 2, np.exp, function, 0.7)
    agree(chained, 0, 0.7, function, np.cos)
    agree(chained, 0, 0.7, np.cos, function, last=function)


@pytest.mark.parametrize("function", [square, FUNCTIONS[2], partial(loss, 0.5), lru_cache(square)])
def test_derivative_of_the_function_passed(function):
    agree(renamed, 1, function, 0.7)


def test_derivative_passed():
    agree(fixed_point, 1, s2sad.grad(lambda t: np.sin(t) * t), 0.7)


def test_functions_that_differ_in_what_they_close_over():
    gradient = s2sad.grad(fixed_point, wrt="x")
    for factor in (1.0, 2.0, 3.0):
        function = lambda t: factor * t * t  # noqa: B023, E731
        assert gradient(function, 0.7) == pytest.approx(slope(fixed_point, 1, function, 0.7))


def test_many_functions_made_anew():
    gradient = s2sad.grad(fixed_point, wrt="x")
    for number in range(50):
        assert gradient(lambda t, number=number: number * t, 1.0, 1) == pytest.approx(2 * (1 - 0.1 * number) ** 2)


def test_function_changed_between_calls():
    scale = 1.0

    def function(t):
        return scale * t

    gradient = s2sad.grad(fixed_point, wrt="x")
    assert gradient(function, 1.0, 1) == pytest.approx(2 * 0.9**2)
    scale = 2.0
    assert gradient(function, 1.0, 1) == pytest.approx(2 * 0.8**2)


def with_a_default(x, function=np.sin):
    return function(x) * x


def test_default_that_is_called():
    agree(with_a_default, 0, 0.7)
    agree(with_a_default, 0, 0.7, np.cos)
    assert s2sad.grad(with_a_default)(0.7, function=square) == pytest.approx(3 * 0.7**2)


def test_function_by_name():
    assert s2sad.grad(fixed_point, wrt="x")(x=1.0, function=square, n=1) == pytest.approx(
        slope(fixed_point, 1, square, 1.0, 1)
    )


PASSED = """
def fixed_point_grad(x, n=3):
    # primal
    x_saved = []
    for _ in range(n):
        x_saved.append(x)
        x = x - 0.1 * np.sin(x)
    # adjoint
    x_bar = 2.0 * x  # return x * x
    for x in reversed(x_saved):
        x_bar *= 1 - 0.1 * np.cos(x)  # x = x - 0.1 * function(x)
    return x_bar
"""


def test_text_calls_the_function():
    gradient = s2sad.grad(fixed_point, wrt="x")
    gradient(np.sin, 0.7)
    assert gradient.source.endswith(PASSED)


def test_by_hand_with_a_function():
    hand = s2sad.custom_vjp(lambda function, x: function(x) * x, nondiff_argnums=(0,))
    hand.defvjp(lambda function, x: (function(x) * x, x), lambda function, x, y_bar: (10.0 * y_bar * x,))
    assert s2sad.grad(hand, wrt=1)(np.sin, 0.7) == pytest.approx(7.0)


# ---------------------------------------------------------------- caught arguments


@pytest.mark.parametrize("at", [0, 1, 2])
def test_position_among_star_arguments(at):
    agree(polynomial, at, 0.7, 1.2, 0.4, offset=0.5)


@pytest.mark.parametrize("name", ["offset", "scale"])
def test_keyword_among_star_star_arguments(name):
    agree(polynomial, name, 0.7, 1.2, offset=0.5, scale=0.3)


def test_argument_that_a_call_does_not_give():
    gradient = s2sad.grad(polynomial, wrt=3)
    with pytest.raises(S2sadError, match=r"`coefficients\[2\]`, and this call"):
        gradient(0.7, 1.2, 0.4)
    assert gradient(0.7, 1.2, 0.4, 0.1) == 1.0


def test_at_once():
    value, tangent = s2sad.jvp(polynomial, (0.7, 1.2, 0.4), (1.0, 1.0, 1.0))
    assert value == polynomial(0.7, 1.2, 0.4)
    assert tangent == pytest.approx(1.2 + 0.7 + 1.0)
    value, pullback = s2sad.vjp(polynomial, 0.7, 1.2, 0.4)
    assert pullback(1.0) == pytest.approx((1.2, 0.7, 1.0))


# -------------------------------------------------------------------- decorated


def doubled(function):
    @wraps(function)
    def wrapper(*args, **keywords):
        return 2.0 * function(*args, **keywords)

    return wrapper


def logged(prefix):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **keywords):
            print(prefix, len(args), sorted(keywords))
            return function(*args, **keywords)

        return wrapper

    return decorate


def plain(function):
    def wrapper(x):
        return function(x) + x

    return wrapper


@doubled
def decorated(x, w=3.0):
    return x * w * x


@logged("call")
@doubled
def twice_decorated(x, w=3.0):
    return x * w * x


@plain
def without_wraps(x):
    return x**3


@functools.cache
def cached(x):
    return np.sin(x) * x


def uses_decorated(x):
    return decorated(x) + decorated(x, w=x) * twice_decorated(x, x) + without_wraps(x) * cached(x)


@pytest.mark.parametrize("function", [decorated, twice_decorated, without_wraps, cached, uses_decorated])
def test_decorated(function):
    agree(function, 0, 0.7)


def test_decorated_by_the_names_of_the_function_inside():
    agree(decorated, 1, 0.7, 2.0, wrt="w")
    agree(decorated, "w", 0.7, w=2.0)


def test_effects_of_a_decorator(capsys):
    s2sad.grad(twice_decorated)(0.7, w=2.0)
    assert capsys.readouterr().out == "call 1 ['w']\n"


class Dispatcher:
    """What Numba puts around a function."""

    def __init__(self, function):
        self.py_func = function

    def __call__(self, *args):
        return self.py_func(*args)


Dispatcher.__module__ = "numba.core.registry"
compiled = Dispatcher(square)


def uses_compiled(x):
    return compiled(x) * x


def test_numba():
    assert s2sad.grad(compiled)(0.7) == pytest.approx(1.4)
    agree(uses_compiled, 0, 0.7)


def test_number_made_from_a_redefined_decorator():
    def scaled(function):
        def wrapper(x):
            return factor * function(x)

        return wrapper

    factor = 2.0
    function = scaled(square)
    assert s2sad.grad(function)(0.5) == 2.0
    factor = 3.0
    assert s2sad.grad(function)(0.5) == 3.0
