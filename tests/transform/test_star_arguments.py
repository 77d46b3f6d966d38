"""Functions that take any number of arguments, and calls with `*` and `**`."""

import numpy as np
import pytest

import s2sad
from s2sad.errors import DifferentiationError
from tests.checking import Examples, case_of, check_case, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, 0.8, 1.2])


def power_sum(*terms, scale=1.0):
    total = 0.0
    for power, term in enumerate(terms):
        total = total + scale * term**power
    return total


def mixed(x, *rest, scale=2.0, **options):
    return x * rest[0] * scale + options["shift"] ** 2 * rest[1] + options.get("offset", x)


def forwarded(*args, **keywords):
    return mixed(*args, **keywords)


def counted(*args, **keywords):
    return len(args) + 10 * len(keywords)


def positional_only(x, /, **keywords):
    return x * keywords["x"]


@right(0.7, 1.2)
def arguments_by_position(x, y):
    return power_sum(x, y, x * y)


@right(0.7)
def none_given(x):
    return x * x + power_sum()


@right(0.7, 1.2)
def different_numbers(x, y):
    return power_sum(x) * power_sum(y, x) + power_sum(x, y, y, x, scale=y)


@right(0.7, 1.2)
def keywords_of_both_sorts(x, y):
    return mixed(x, y, 3.0, shift=x) + mixed(x, y, x, scale=y, shift=2.0, offset=y)


def squares(*values):
    s = 0.0
    for v in values:
        s += v * v
    return s


@right(0.4, [1.0, 2.0])
def a_list_that_is_only_spread(x, xs):
    return squares(x, x * x) * squares(*xs)


@right(0.7, 1.2)
def passed_on(x, y):
    return forwarded(x, y, 2.0, shift=y) * forwarded(y, x, x, shift=0.5, scale=x)


@right(0.7, 1.2)
def containers_given(x, y):
    both = (x, y * 2.0)
    options = {"shift": x, "scale": y}
    return mixed(*both, 3.0, **options) + power_sum(*both) + power_sum(x, *both, scale=y)


@right(0.7, 1.2)
def containers_to_plain_parameters(x, y):
    def plain(a, b, c=2.0, *, d=1.0):
        return a * b + c * d * a

    pair = (x, y)
    return plain(*pair, **{"d": x}) + plain(y, *(x, 3.0))


@right(X, 1.2)
def arrays(x, y):
    def weighted(*parts, weight):
        return weight * parts[0] * parts[1] + parts[-1]

    return np.sum(weighted(x, x * y, np.sin(x), weight=y)) + y


@right(X.astype(np.float32))
def single_precision(x):
    return np.sum(power_sum(x, x, x))


@right(0.7, 3)
def in_a_loop(x, n):
    for k in range(n):
        x = x + 0.1 * power_sum(x, k, x, scale=0.5)
    return x


@right(0.7, 1.2)
def in_a_branch(x, y):
    if x > y:
        z = power_sum(x, y)
    else:
        z = mixed(y, x, x, shift=y)
    return z * x


@right(0.7, 1.2)
def functions_among_them(x, y):
    def applied(function, *args, **keywords):
        return function(*args, **keywords)

    return applied(power_sum, x, y, scale=y) + applied(lambda *a: a[0] * a[-1], x, 2.0, y)


@right(0.7, 1.2)
def all_functions(x, y):
    def composed(value, *functions):
        return functions[0](functions[1](value))

    return composed(x, np.sin, lambda v: v * y)


@right(0.7)
def counts(x):
    return x * counted(x, x, 1, a=x) + counted()


@right(0.7, 1.2)
def name_of_a_positional_only_parameter(x, y):
    return positional_only(x, x=y)


@right(0.7, 1.2)
def nested_function(x, y):
    def inner(*factors):
        return x * factors[0] + factors[1]

    return inner(y, x) * inner(x, 1.0)


def recursive(x, *rest):
    return x * x if len(rest) == 0 else x * recursive(*rest)


@right(0.7, 1.2)
def recursion_over_them(x, y):
    return recursive(x, y, x, 1.5)


@right.parametrize()
def test_right(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


# ------------------------------------------------------- of the function itself


def difference(function, at, *args, **keywords):
    step = 1e-6
    moved = [[*args[:at], args[at] + h, *args[at + 1 :]] for h in (step, -step)]
    up, down = (function(*one, **keywords) for one in moved)
    return (up - down) / (2 * step)


ROOTS = [
    (mixed, (0.7, 1.2, 0.4), {"shift": 0.3}),
    (mixed, (0.7, 1.2, 0.4, 5.0), {"shift": 0.3, "scale": 1.5, "offset": 2.0}),
]


@pytest.mark.parametrize(("function", "args", "keywords"), ROOTS)
def test_all_operators(function, args, keywords):
    expected = difference(function, 0, *args, **keywords)
    gradient = s2sad.grad(function)
    assert gradient(*args, **keywords) == pytest.approx(expected, rel=1e-6)
    value, tangent = s2sad.jvp(function)(*args, 2.0, **keywords)
    assert value == function(*args, **keywords)
    assert tangent == pytest.approx(2.0 * expected, rel=1e-6)
    value, pullback = s2sad.vjp(function)(*args, **keywords)
    assert value == function(*args, **keywords)
    assert pullback(2.0) == pytest.approx(2.0 * expected, rel=1e-6)
    second = difference(gradient, 0, *args, **keywords)
    assert s2sad.hvp(function)(*args, 1.0, **keywords) == pytest.approx(second, abs=1e-6)


def test_by_all_of_them():
    x_bar, rest_bar, options_bar = s2sad.grad(mixed, wrt=("x", "rest", "options"))(0.7, 1.2, 0.4, shift=0.3)
    assert x_bar == pytest.approx(1.2 * 2.0 + 1.0)
    assert rest_bar == pytest.approx((0.7 * 2.0, 0.3**2))
    assert options_bar == pytest.approx({"shift": 2 * 0.3 * 0.4})


def test_generated_function_is_called_like_the_function():
    gradient = s2sad.grad(mixed)
    gradient(0.7, 1.2, 0.4, shift=0.3)
    assert "def mixed_grad(x, *rest, scale=2.0, **options):" in gradient.source


def product(x, *rest):
    return x * rest[0] ** 2 * np.sum(rest[1])


def test_what_is_caught_by_its_number():
    assert s2sad.grad(product, wrt="rest[0]")(0.7, 1.5, X) == pytest.approx(0.7 * 3.0 * np.sum(X))
    first, second = s2sad.grad(product, wrt=("rest[1]", "x"))(0.7, 1.5, X)
    np.testing.assert_allclose(first, np.full(3, 0.7 * 2.25))
    assert second == pytest.approx(2.25 * np.sum(X))
    with pytest.raises(s2sad.ArgumentError, match=r"S104 `wrt` names `rest\[2\]`, and this call of `product` gives no"):
        s2sad.grad(product, wrt="rest[2]")(0.7, 1.5, X)


def test_number_and_names_make_a_specialisation():
    gradient = s2sad.grad(lambda x, *rest, **options: x * power_sum(*rest, **options))
    assert gradient(0.5, 1.0, 2.0) == 3.0
    assert gradient(0.5, 1.0, 2.0, 3.0) == 12.0
    assert gradient(0.5, 1.0, scale=4.0) == 4.0


def test_arguments_that_do_not_fit():
    def wrong(x):
        return mixed(x, shift=x, x=x)

    with pytest.raises(DifferentiationError, match="the argument `x` twice"):
        s2sad.grad(wrong)(0.5)


# ------------------------------------------------------------ operators inside


def test_operators_inside():
    def f(x, y):
        gradient = s2sad.grad(mixed)(x, y, 2.0, shift=y)
        _, tangent = s2sad.jvp(mixed)(x, y, x, y, shift=1.0)
        return gradient * tangent + s2sad.grad(power_sum, wrt="scale")(x, y, scale=x)

    def expected(x, y):
        return (2.0 * y + 1.0) * ((2.0 * y + 1.0) * y) + 1.0 + y

    assert f(0.7, 1.2) == pytest.approx(expected(0.7, 1.2))
    assert s2sad.grad(f, wrt="y")(0.7, 1.2) == pytest.approx(difference(expected, 1, 0.7, 1.2), rel=1e-6)


def test_operator_inside_by_an_argument_without_a_parameter():
    def f(x):
        return s2sad.grad(power_sum)(x, x)

    with pytest.raises(DifferentiationError, match="that it has no parameter for"):
        s2sad.grad(f)(0.7)


def g(a, *factors):
    for v in factors:
        a = a * v
    return a


def test_variables_called_like_written_functions():
    def f(a, x):
        w = np.array([e + g for e, g in zip(x, x, strict=True)])
        return sum([e + g for e, g in zip(w, x, strict=True)]) * g(a, 3.0) * g(a) * g(x[0], *w)

    check_case(case_of(f, (0.42, X), {}, None, True))
