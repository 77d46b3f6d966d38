"""Functions as values: partial functions, functions in containers, closures over what changes."""

import functools
from functools import partial

import numpy as np
import pytest

import s2sad
from tests.checking import Examples, check_case, check_refused, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, 0.8, 1.2])


def scaled(a, x, b=1.0, *, c=2.0):
    return a * x + b * c


def product(a, b, c):
    return a * b + c


FUNCTIONS = {"sin": np.sin, "square": lambda t: t * t, "scaled": scaled, "number": 2.0}
PAIR = (np.cos, lambda t: t * t * t)
NESTED = [[np.exp, np.sin], {"half": partial(product, 0.5)}]


# -------------------------------------------------------------------- partial


@right(0.5)
def parameters_behind_a_computed_default(a):
    def curve(e, c=a, d=2.0):
        return e * c * d * d

    return s2sad.grad(curve)(a) + curve(a, d=3.0)


@right(0.5)
def default_and_a_local_of_one_name(a):
    def curve(e, c=a):
        for a in (e, c, 2.0):
            e = e * a
        a += c
        return a * e

    return s2sad.grad(curve)(a) * curve(a)


@right(0.5)
def default_and_a_local_of_one_name_in_branches(a):
    def curve(e, c=a):
        if e > 0:
            a = e * 2
        else:
            a = c
        return a * c * e

    return s2sad.grad(curve)(a) * curve(a)


@right(0.7, 1.2)
def first_arguments(x, y):
    half = partial(product, x * 0.5, y)
    return half(x) * half(2.0)


@right(0.7, 1.2)
def arguments_by_name(x, y):
    with_c = partial(product, x, c=x * y)
    return with_c(y) + with_c(b=x)


@right(0.7, 1.2)
def defaults_left(x, y):
    more = partial(scaled, x, c=y)
    return more(y) + more(x, b=y) + more(y, x)


@right(0.7, 1.2)
def of_functions_that_vary(x, y):
    def given(function):
        return partial(function, x)

    return given(product)(y, x) + given(lambda a, b: a * b * y)(3.0) + given(np.multiply)(y)


@right(X)
def of_a_library(x):
    rows = partial(np.sum, axis=0)
    return np.sum(rows(np.stack([x, x * x])) ** 2)


@right(0.7)
def made_at_the_place_of_the_call(x):
    return partial(product, x)(2.0, x)


@right(0.7, 1.2)
def arguments_are_those_of_when_it_was_made(x, y):
    k = x
    f = partial(product, k, k)
    k = k * y
    return f(k)


@right(0.7, 3)
def in_a_loop(x, n):
    for i in range(n):
        step = partial(product, x, i)
        x = step(0.1 * x)
    return x


@right(0.7, 1.2)
def as_an_argument(x, y):
    def applied(function, v):
        return function(v) * v

    return applied(partial(product, x, y), y) + applied(partial(scaled, c=x, x=y), x)


@right(0.7)
def with_a_derivative(x):
    return s2sad.grad(partial(product, x, x))(2.0 * x) + s2sad.grad(partial(lambda a, b: a * b * b, x))(x)


# ------------------------------------------------------------------ containers


@right(0.7)
def picked_by_constants(x):
    return FUNCTIONS["sin"](x) * FUNCTIONS["square"](x) + FUNCTIONS["scaled"](x, x, c=FUNCTIONS["number"])


@right(0.7)
def nested_containers(x):
    return PAIR[1](x) * PAIR[0](x) + NESTED[0][1](x) * NESTED[1]["half"](x, x)


@right(0.7)
def loop_over_them(x):
    for function in PAIR:
        x = function(x)
    return x


@right(0.7, 1.2)
def local_list(x, y):
    functions = [lambda t: t * y, np.sin, partial(product, x, y)]
    return functions[0](x) * functions[1](x) + functions[2](y)


# -------------------------------------------------------------------- closures


@right(0.7)
def defaults_through_siblings(a):
    def g(e, c=a):
        return e * c

    def h(e):
        return g(e) * e

    return h(a)


@right(0.3, 0.4)
def lambda_in_a_sibling(a, b):
    moved = lambda e: e + b

    def through(e):
        return moved(0.5) * e

    return through(a) * b


@right(0.3, 0.4)
def lambdas_in_lambdas_and_siblings(a, b):
    first = lambda e: e + b
    second = lambda e: first(e) * first(a)

    def through(e):
        return second(e) * e

    b = b * 2
    return through(b) + second(0.1)


@right(0.3, 0.4)
def lambda_defined_behind_its_reader(a, b):
    def through(e):
        inner = lambda g: scaled(g) * g
        return scaled(0.5) * e + inner(e)

    scaled = lambda e, k=b: e * b + k
    b = b * a
    return through(b)


@right(0.3, 0.4)
def sibling_two_functions_deep(a, b):
    def scaled(e):
        return e * b

    def through(e):
        def inner(g):
            return scaled(g) * g + (lambda h: scaled(h) + a)(a)

        return scaled(0.5) * e + inner(e)

    return through(b)


@right(0.3, 0.4)
def lambda_that_calls_itself(a, b):
    halved = lambda e: e if e < 0.1 else halved(e * 0.5) * b
    return halved(a)


@right(0.3, 0.4)
def variable_of_the_name_that_a_sibling_captures(a, b):
    def scaled(e):
        return e * b

    def through(e):
        b = e * 2

        def inner(b_1):
            b = b_1 * e
            return scaled(b) + b

        return scaled(e) + b * inner(b)

    return through(a)


@right(0.3, 0.4)
def parameter_of_the_name_that_a_sibling_captures(a, b):
    def scaled(e):
        return e * b

    def through(b):
        return scaled(b) + b

    return through(a) * (lambda b: scaled(b) - b)(a)


@right(0.3, 0.4)
def default_of_the_name_that_a_sibling_captures(a, b):
    scaled = lambda e: e * b
    through = lambda e, b=a: scaled(b) + b * e
    return through(a)


@right(0.3, 0.4, X)
def defaults_that_hide_loops(a, b, x):
    def scaled(e, c=functools.reduce(lambda e, g: e * g + a * b, [a, b]), *, d=[v * a for v in x]):  # noqa: B006, B008
        return e * c * d[0]

    squared = lambda e, c=sum(v * v for v in x): e * c  # noqa: B008
    a = a * b
    return scaled(a) + squared(b)


@right(0.7)
def default_that_calls_a_lambda(a):
    def scaled(e, c=(lambda v: v * v)(-1.3)):  # noqa: B008
        return a * c * e

    return scaled(a) * scaled(2 * a)


@right(0.7)
def defaults_of_lambdas(a):
    g = lambda t, c=a * 2: t * c  # noqa: E731
    h = lambda t, d=g(a): g(t) * d  # noqa: E731, B008
    return h(a)


@right(0.7)
def chain_over_what_changes(a):
    b = a * 2

    def g(e):
        return e * b

    def h(e):
        return g(e) + b

    y = h(a)
    b = a * a
    return y * h(a)


@right(0.7, 3)
def loop_variable(x, n):
    total = 0.0
    for i in range(n):

        def g(e):
            return e * x * i  # noqa: B023

        total = total + g(total + x)
    return total + g(x) if n else total


@right(0.7)
def default_holds_the_loop_variable(x):
    functions = []
    for i in range(3):
        functions.append(lambda t, i=i: t * i * x)  # noqa: B023
    return functions[0](x) + functions[1](x) * functions[2](x)


@right(0.7)
def mutual_recursion(x):
    def even(n, v):
        return v if n == 0 else odd(n - 1, v * x)

    def odd(n, v):
        return v if n == 0 else even(n - 1, v + x)

    return even(4, x)


@right(0.7)
def functions_returned(x):
    def make(a):
        def f(t):
            return t * a

        return f, a

    f, b = make(x)
    g, _ = make(2.0)
    return f(g(x)) * b


def printing(a, c):
    print("made", a > 0, c > 0)

    def inner(e):
        return a + c * e

    return inner


def printing_lambda(a):
    print("made", a > 0)
    return lambda e: e * e


def twice(f, a):
    return f(f(a))


@right(0.3, 0.4, wrt=("a", "b"))
def called_where_they_are_made(a, b):
    s = printing(printing(a, b)(a), b)(a) + printing_lambda(a)(b) * a
    return s * twice(printing(a, b), b)


@right(0.3, 0.4, wrt=("a", "b"))
def called_where_they_are_made_in_conditions(a, b):
    if printing(a, b)(a) > 0:
        a = a * b
    c = printing(a, b)(a) if a > 0 else printing_lambda(a)(a)
    return c + sum([printing(a, k)(b) for k in range(2)])


def collecting(items):
    def inner(v):
        items.append(v)
        return v

    return inner


@right(0.3, 0.4, wrt=("a", "b"), or_refused="S301")
def called_for_what_it_changes(a, b):
    items = [a]
    collecting(items)(a * b)
    return items[-1] * a


@right(0.3, 0.4, wrt=("a", "b"))
def called_in_a_default(a, b):
    h = lambda e, c=printing(a, b)(a): c * e  # noqa: B008, E731
    return h(a) * h(b)


@right.parametrize()
def test_right(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


# -------------------------------------------------------------------- refused


def test_closure_kept_over_a_loop_variable():
    def late(x):
        functions = []
        for i in range(3):
            functions.append(lambda t: t * i)  # noqa: B023
        return functions[0](x) + functions[1](x)

    check_refused(late, 0.7, code="S201", at="lambda t: t * i")


def behind_a_computed_default(a):
    h = lambda a=a, b=2.0: a * b  # noqa: E731
    a = a * 3
    return h() * a + h(a)


def by_what_stands_behind(a):
    def curve(e, c=a, d=2.0):
        return e * c * d * d

    return s2sad.grad(curve, wrt=1)(a)


def given_to_a_derivative(a):
    def curve(e, c=a, d=2.0):
        return e * c * d * d

    return s2sad.grad(curve)(a, a * 5)


def test_an_argument_is_not_taken_for_that_behind_a_computed_default():
    check_refused(behind_a_computed_default, 0.5, code="S201", at="h(a)")
    check_refused(given_to_a_derivative, 0.5, code="S201", at="s2sad.grad(curve)(a, a * 5)")
    with pytest.raises(s2sad.ArgumentError, match="names no parameter"):
        s2sad.grad(by_what_stands_behind)(0.5)


def test_function_made_in_the_condition_of_a_loop():
    def climbs(a, b):
        while printing(a, b)(a) < 1:
            a = a + b
        return a * a

    check_refused(climbs, 0.3, 0.4, code="S201", at="printing(a, b)", wrt="a")


def test_container_that_changes():
    functions = {"f": np.sin}

    def f(x):
        return functions["f"](x)

    gradient = s2sad.grad(f)
    assert gradient(0.5) == pytest.approx(np.cos(0.5))
    functions["f"] = np.exp
    assert gradient(0.5) == pytest.approx(np.exp(0.5))


def test_list_that_changes():
    functions = [np.sin]

    def f(x):
        return functions[-1](x)

    gradient = s2sad.grad(f)
    assert gradient(0.5) == pytest.approx(np.cos(0.5))
    functions.append(np.exp)
    assert gradient(0.5) == pytest.approx(np.exp(0.5))
