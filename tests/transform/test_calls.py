"""Calls of plain functions: patterns of active arguments, recursion, results, places of the call."""

import math

import numpy as np

from tests.checking import Examples, check_case

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])
RATE = 0.7
WEIGHTS = np.array([0.2, 0.4, 0.1, 0.9])
COUNT = 3


# --------------------------------------------------------------------- helpers


def product(a, b):
    return a * np.sin(b)


def square(x):
    return x * x


def scaled(x, by=2.0, *, shift=0.5):
    return x * by + shift


def pair(a, b):
    return a * b, a - b


def clipped(x):
    if x > 1:
        return 1.0
    if x < 0:
        return x * 0.1
    return x * x


def looped(x, n):
    s = x
    for i in range(n):
        s = np.sin(s) + x * i
    return s


def overwrites(x):
    y = x * x
    x = y * np.sin(x)
    y = y * x
    return y


def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


def fibonacci(x, n):
    if n < 2:
        return x * (n + 1)
    return fibonacci(x, n - 1) * 0.5 + fibonacci(x * 0.9, n - 2)


def even(x, n):
    if n == 0:
        return x
    return np.sin(odd(x, n - 1)) + x


def odd(x, n):
    if n == 0:
        return x * 2
    y = even(x * x, n - 1)
    return y * x


def constant():
    return 2.5


def noisy(x):
    print("noisy", x)
    return x * x


def is_large(x):
    return x > 0.5


def count_of(x):
    return len(x)


def increment(x):
    x += 1
    return x * x


def same(x):
    return x


def nested_pair(a):
    (b, c) = pair(a, a * a)
    return b, c


# ------------------------------------------------------- patterns of activity


def mean_with_a_default(a, b=None):
    if b is None:
        b = a * 0.5
    u = np.tanh(np.ones(3)) + np.sqrt(1.0 + b**2)
    for b, _ in zip(u, u, strict=True):
        pass
    return np.mean(u)


@right(0.9)
def more_known_of_the_value_than_of_its_parts(a):
    return mean_with_a_default(a) ** 2


@right(0.7, 0.4)
def called_with_every_pattern(x, w):
    return product(x, w) + product(2.0, w) + product(x, 3.0) + product(2.0, 3.0)


@right(0.7, 0.4, wrt="x")
def called_with_inactive_variable(x, w):
    return product(x, w) + product(w, x) + product(w, w)


@right(0.7)
def called_with_one_value_twice(x):
    return product(x, x) * product(x * x, x)


@right(0.7, X)
def called_with_numbers_and_arrays(x, v):
    return np.sum(product(v, x)) + product(x, x) + np.sum(product(v, v)) + np.sum(product(x, v))


@right(0.7)
def calls_in_calls(x):
    return square(product(square(x), product(x, square(x))))


@right(0.7)
def result_not_used(x):
    square(x)
    y = square(x)
    return x * 2


@right(0.7)
def call_without_arguments(x):
    return x * constant()


# ------------------------------------------------------------------- arguments


@right(0.7, 0.4)
def defaults_and_keywords(x, w):
    return scaled(x) + scaled(x, w) * scaled(x, shift=w) + scaled(by=x, x=w, shift=x * w)


@right(0.7)
def own_default(x, w=0.3):
    return x * w


@right(0.7, w=0.4)
def own_keyword_only(x, *, w, v=1.5):
    return x * w * v


@right(0.7, 0.4)
def positional_only(x, w, /):
    return x * w * w


@right(0.7, 0.4)
def arguments_are_evaluated_in_order(x, w):
    y = x * w
    return product(noisy(x), noisy(y)) + noisy(w)


# --------------------------------------------------------------------- results


@right(0.7, 0.4)
def tuple_result(x, w):
    p, q = pair(x, w)
    r, s = pair(p, q)
    return p * r + np.sin(s) * q


@right(0.7, 0.4)
def tuple_result_partly_used(x, w):
    p, _ = pair(x, w)
    _, q = pair(p, x)
    return q * p


@right(0.7, 0.4)
def tuple_result_in_a_name(x, w):
    both = pair(x, w)
    return both[0] * both[1] + both[-1]


@right(0.7, 0.4)
def tuple_result_indexed(x, w):
    return pair(x, w)[0] * w + pair(w, x)[1]


@right(0.7, 0.4)
def tuple_result_of_the_function_itself(x, w):
    return x * w, np.sin(x)


@right(0.7, 0.4)
def tuple_result_returned_from_a_call(x, w):
    return pair(x * x, w)


@right(0.7)
def tuple_result_through_two_functions(x):
    b, c = nested_pair(x)
    return b * c * c


@right(0.7)
def argument_returned(x):
    y = same(x)
    return y * same(y)


@right(X)
def argument_array_returned(x):
    y = same(x)
    y = y * x
    return np.sum(same(y) * y)


# ---------------------------------------------------------------- inner control


@right(0.7, 1.4, -0.3)
def helper_with_early_returns(a, b, c):
    return clipped(a) + clipped(b) * clipped(c) + clipped(a + c)


@right(0.7)
def helper_with_a_loop(x):
    return looped(x, 3) * looped(x * x, 0) + looped(2.0, 3)


@right(0.7)
def helper_that_overwrites(x):
    y = overwrites(x)
    x = overwrites(y) + x
    return x * y


@right(0.7, unless_known="S301")
def helper_that_updates_its_argument(x):
    y = increment(x)
    return x * y + increment(y)


@right(X)
def helper_of_a_shape(x):
    return np.sum(x * x) / count_of(x)


# ----------------------------------------------------------------- recursion


@right(0.7)
def recursive_power(x):
    return power(x, 5) + power(x * x, 0)


@right(0.7, 4)
def recursive_itself(x, n):
    if n == 0:
        return x
    return np.sin(recursive_itself(x * x, n - 1)) + x


@right(0.7, 5)
def recursive_fibonacci(x, n):
    return fibonacci(x, n)


@right(0.7)
def mutually_recursive(x):
    return even(x, 4) + odd(x, 2)


# ------------------------------------------------------------ where calls stand


@right(0.7)
def called_in_a_loop(x):
    for i in range(3):
        x = product(x, x + i) + square(x)
    return x


@right(0.7)
def overwriting_called_in_a_loop(x):
    y = 1.0
    for i in range(3):
        y = y * overwrites(x)
        x = looped(x, i)
    return y * x


@right(0.7)
def called_in_branches(x):
    if x > 0.5:
        y = square(x)
        y = product(y, x)
    else:
        y = product(x, x)
    return square(y)


@right(0.7)
def called_in_conditional_expression(x):
    y = square(x) if x > 0.5 else product(x, x)
    return y * (noisy(x) if y > 3 else square(y))


@right(0.7)
def called_in_a_condition(x):
    if is_large(square(x)):
        return x
    return square(x) if is_large(x) else x


@right(0.3)
def called_in_a_while_condition(x):
    while square(x) < 4:
        x = x + square(x)
    return x


@right(0.3)
def noisy_in_a_while_condition(x):
    while noisy(x) < 4:
        x = x + 0.7
    return x * x


@right(0.3)
def called_in_a_comparison(x):
    y = 1.0 if square(x) < product(x, x) < 2 else x
    return y * x


@right(0.3)
def called_in_logic(x):
    if x > 1 and noisy(x) > 0:
        x = x * 2
    if x > 0 or noisy(x) > 0:
        x = x * x
    return x


@right(0.7, unless_known="S301")
def called_in_an_augmented_assignment(x):
    y = x
    y += square(x)
    y *= product(y, x)
    return y


@right(0.7)
def called_in_tuple_assignment(x):
    a, b = square(x), product(x, x)
    a, b = product(b, a), square(a)
    return a * b


@right(X, unless_known="S301")
def called_on_elements(x):
    s = 0.0
    for v in x:
        s += product(v, s + 1)
    return s


@right(X)
def called_over_a_list_of_results(x):
    s = 0.0
    for v in [square(x[0]), product(x[1], x[2])]:
        s = s + v * v
    return s


@right(0.7)
def called_as_a_range_bound(x):
    for i in range(int(constant())):
        x = x * x + i
    return x


@right(0.7)
def called_in_an_index(x):
    y = np.array([1.0, 2.0, 3.0]) * x
    return y[int(constant())] * x


@right(0.7)
def noisy_helpers_print_once(x):
    y = noisy(x)
    for i in range(2):
        y = noisy(y) + noisy(x)
    return y


# ------------------------------------------------------- globals and closures


@right(0.7)
def module_constant(x):
    return RATE * x * COUNT


@right(X)
def module_array(x):
    return np.sum(WEIGHTS * x * x)


def uses_constants(x):
    return np.sum(x * WEIGHTS) * RATE


@right(X)
def module_constants_in_a_helper(x):
    return uses_constants(x) * uses_constants(x * RATE)


def closing_over(w, v):
    @right(X)
    def closure(x):
        return np.sum(x * w) * v

    return closure


closure_of_arrays = closing_over(np.array([1.0, 2.0, 3.0, 4.0]), 0.3)


def local_helper(scale):
    def inner(x):
        return x * scale

    @right(0.7)
    def closure_that_calls_a_closure(x):
        return inner(x) * inner(inner(x))

    return closure_that_calls_a_closure


closure_with_a_helper = local_helper(1.5)


@right(0.7)
def library_functions(x):
    return math.sin(x) * math.exp(x) + math.pi * x + abs(x) + float(x)


@right(0.7)
def local_named_like_a_module_constant(x):
    RATE = x * x
    return RATE * x


doubled = right(0.7)(lambda x: x * 2 * x)


# --------------------------------------- found by random programs, in small


def noisy_pair(a, x):
    for v in x:
        print(v)
    return a * np.sin(a), a * 2


@right(0.7, X, wrt="b")
def noisy_pair_whose_result_turns_active(b, x):
    a, s = noisy_pair(0.3, x)
    if b < 0:
        a = b * s
    return a * noisy_pair(b * a, x)[1]


def saves_in_a_branch(x, n):
    a = x
    if n > 2:
        for j in range(n):
            a = a * np.sin(a)
    elif x > 0.3:
        if x > 0.5:
            a = x * x
    return a * x


@right(0.7)
def helper_that_saves_in_branches(x):
    return saves_in_a_branch(x, 3) * saves_in_a_branch(x, 0) * saves_in_a_branch(0.5 * x, 1)


@right(0.7, or_refused="S301")
def random_draws_happen_once(x):
    draw = np.random.default_rng(3)
    for i in range(3):
        x = x * x * draw.random() + draw.random()
    return x


@right(0.7)
def one_expression_for_two_arguments(x):
    return product(2 * x, 2 * x) * product(np.sin(x), np.sin(x))


def reflected(x):
    return x - 2 * x


def squares(x):
    found = []
    for v in x:
        found.append(v * v)
    return found


def filled_and_scaled(x, out):
    out[:] = x * x
    return x * out


@right(X)
def array_unpacked_at_once(x):
    a, b, _, d = reflected(x * 2)
    return a * b + d


@right(np.array([[0.4, 1.2], [0.3, 0.8]]))
def rows_unpacked_at_once(x):
    (a, b), c = reflected(x * x)
    return a * b + c @ c


@right(X)
def list_unpacked_at_once(x):
    a, b, c, _ = squares(x)
    if a < b:
        _, c, b, _ = reflected(x * c)
    return a * b * c


@right(X)
def array_unpacked_beside_a_changed_argument(x):
    out = np.zeros(4)
    a, *b = filled_and_scaled(x, out)
    return np.sum(out) * a * b[1]


@right(X)
def array_unpacked_in_a_loop(x):
    t = 0.0
    for _ in range(3):
        a, b, *_ = reflected(x * t)
        t = t + a * b + x[1]
        x = x * t
    return t


@right.parametrize()
def test_call(case):
    check_case(case)
