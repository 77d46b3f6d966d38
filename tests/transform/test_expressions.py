"""Comprehensions, generators, functions over iterators, assignments in expressions, functions that a loop runs over."""

import functools
import itertools
import math

import numpy as np
import pytest

import s2sad
from s2sad.frontend.static import static_unit
from s2sad.options import Options
from s2sad.pipeline import derive
from tests.checking import Examples, check_case

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])
A = np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4]])
ITEMS = [0.3, 0.7, 1.1]
PARAMS = {"W": X, "b": 0.3}
GRADS = {"W": 2 * X, "b": 0.7}


def scaled_sine(v, k):
    return np.sin(v) * k


def squares(items):
    return [v * v for v in items]


def announced(v):
    print("at", v)
    return v * v


# -------------------------------------------------------------- comprehensions


@right(0.01, np.array([0.3, -0.8]))
@right(4.5, np.array([0.3, -0.8]))
def perhaps_an_integer(a, x):
    return np.square(max(a, 3))


@right(0.3, np.array([0.3, 0.5, 0.7]), wrt=("a",))
def an_array_that_does_not_vary_or_one_that_does(a, x):
    return x * 2 if len(x) == 3 else a * x


@right(X)
def over_an_array(x):
    ys = [np.sin(v) * v for v in x]
    return ys[0] * ys[1] + ys[-1]


@right(ITEMS)
def summed(items):
    return sum([v * v for v in items])


@right(ITEMS)
def summed_generator(items):
    return sum(v * v for v in items) * 2.0


@right(X)
def array_of_elements(x):
    return np.sum(np.array([np.sin(v) for v in x]) ** 2)


@right(0.7)
def over_a_range(a):
    return sum([a**k / (k + 1) for k in range(4)])


@right(X)
def with_a_condition(x):
    return sum(v * v for v in x if v > 0)


@right(X)
def nothing_passes(x):
    return sum([v * v for v in x if v > 100]) + x[0]


@right(A)
def two_generators(a):
    return sum([v * w for v in a[0] for w in a[1] if v > w])


@right(A)
def second_runs_over_the_first(a):
    return sum([v * k for k, row in enumerate(a) if k < 5 for v in row if v > -0.5])


@right(A)
def rows_of_rows(a):
    m = [[math.sin(v) for v in row] for row in a]
    return m[0][1] * m[1][2]


@right(ITEMS)
def calls_a_function(items):
    return sum([scaled_sine(v, k) for k, v in enumerate(items)])


@right(ITEMS, 2.0)
def calls_a_lambda(items, k):
    f = lambda v: v * k  # noqa: E731
    return sum([f(v) for v in items])


@right(ITEMS)
def conditional_element(items):
    return sum([v * v if v > 0.5 else math.sin(v) for v in items])


@right(ITEMS, or_refused="S301")
def names_of_its_own(items):
    v = items[0]
    ys = [v * w for w in items]
    zs = [v for v in ys]
    return v * zs[1]


@right(ITEMS)
def iterable_of_the_same_name(v):
    v = [v * v for v in v]
    return v[0] * v[2]


@right(ITEMS)
def rebinds_what_it_reads(xs):
    xs = [v * xs[0] for v in xs]
    return xs[0] * xs[1] * xs[2]


@right(ITEMS, 2.0)
def in_a_branch(items, k):
    return sum([v * v for v in items]) if k > 1 else k


@right(ITEMS, 0.5)
def in_the_branch_not_taken(items, k):
    return sum([v * v for v in items]) if k > 1 else k * items[0]


@right(ITEMS)
def in_a_loop(items):
    s = 0.0
    for i in range(3):
        ys = [v * i + s for v in items]
        s = s + sum(ys) * 0.1
    return s


@right(ITEMS)
def in_a_callee(items):
    ys = squares(items)
    return ys[0] * ys[1]


@right(ITEMS)
def in_a_lambda(items):
    f = lambda k: sum([v**k for v in items])  # noqa: E731
    return f(2) * f(3)


@right(ITEMS)
def prints_in_order(items):
    return announced(items[2]) + sum([announced(v) for v in items]) * announced(items[0])


@right(ITEMS, 0.5)
def prints_only_if_reached(items, k):
    return items[0] * (k > 1 and sum([announced(v) for v in items])) + items[1]


@right(np.array([]), 0.7)
def empty(x, a):
    return sum([v * v for v in x]) + a


@right(PARAMS, GRADS, unless_known="S301")
def dict_of_parameters(p, g):
    q = {k: p[k] - 0.1 * g[k] for k in p}
    return np.sum(q["W"] ** 2) * q["b"]


@right(PARAMS, GRADS, unless_known="S204")
def dict_over_items(p, g):
    q = {k: v - 0.1 * g[k] for k, v in p.items()}
    return np.sum(q["W"] ** 2) * q["b"]


@right(0.7)
def dict_over_words(a):
    d = {word: a * len(word) for word in ("one", "three")}
    return d["one"] * d["three"]


@right(ITEMS)
def set_that_carries_nothing(items):
    return items[0] * len({k // 2 for k in range(5)})


# ----------------------------------------------------- functions over iterators


@right(ITEMS)
def largest_of_a_generator(items):
    return max(v * v for v in items)


@right(ITEMS, or_refused="S301")
def smallest_with_a_default(items):
    return min((v * v for v in items if v > 100), default=items[0])


@right(ITEMS)
def list_of_a_generator(items):
    ys = list(v * v for v in items)  # noqa: C400
    return ys[0] * ys[2]


@right(ITEMS, or_refused="S301")
def tuple_of_a_generator(items):
    ys = tuple(v * v for v in items)
    return ys[0] * ys[2]


@right(ITEMS)
def mapped_lambda(items):
    return sum(map(lambda v: v**3, items))


@right(ITEMS)
def mapped_function(items):
    return sum(map(math.sin, items))


@right(ITEMS)
def mapped_over_two(items):
    return sum(map(lambda u, v: u * v, items, items[1:]))


@right(ITEMS)
def filtered(items):
    return sum(filter(lambda v: v > 0.5, items))


@right(ITEMS)
def reduced_from_a_start(items):
    return functools.reduce(lambda a, b: a * b + b, items, 0.3)


@right(ITEMS, or_refused="S301")
def reduced(items):
    return functools.reduce(lambda a, b: a * b + b, items)


@right(ITEMS)
def any_of_them(items):
    return items[0] * 2 if any(v > 1 for v in items) else items[1]


@right(ITEMS)
def any_that_stops(items):
    return items[0] * 2 if any(announced(v) > 0.3 for v in items) else items[1]


@right(ITEMS)
def all_that_stops(items):
    return items[0] * 2 if all(announced(v) < 0.3 for v in items) else items[1]


@right(ITEMS)
def the_first_that(items):
    return next((v * v for v in items if v > 0.5), 0.0) * next((v for v in items if v > 100), items[0])


@right(ITEMS)
def loop_over_a_generator(items):
    s = 0.0
    for v in (math.sin(u) for u in items):
        s += v * s + v
    return s


@right(ITEMS)
def loop_over_map(items):
    s = 0.0
    for v in map(announced, items):
        print("then")
        s += v * s + v
    return s


# ------------------------------------------------- assignments in expressions


@right(ITEMS)
def assigned_inside(items):
    return (s := items[0] * items[1]) * s


@right(0.7)
def assigned_in_a_test(a):
    if (b := a * a) > 0.1:
        return b * a
    return b


@right(0.7)
def assigned_in_the_test_of_a_loop(a):
    while (b := a * 1.5) < 3:
        a = b * 1.1
    return a * b


@right(ITEMS)
def assigned_in_a_condition(items):
    return sum([s * s for v in items if (s := math.sin(v)) > 0.3])


@right(ITEMS)
def assigned_only_if_reached(items):
    b = 2.0
    if items[0] > 100 and (b := items[1] * items[2]) > 0:
        return b
    return b * items[0]


@right(0.7)
def read_before_it_is_assigned(a):
    b = a * a
    return b * (b := a + 1.0) * b


@right(0.7)
def chained_with_assignment(a):
    return b * a if 0.1 < a < (b := a * 2.0) < 3.0 else a


# ------------------------------------------------------------ starred targets


@right(ITEMS, or_refused="S301")
def first_and_rest(items):
    first, *rest = items
    return first * rest[0] + rest[-1]


@right(X, or_refused="S301")
def all_but_the_last(x):
    *init, last = x
    return last * sum(init)


@right(ITEMS, or_refused="S301")
def both_ends(items):
    a, *middle, b = items
    return a * b * middle[0]


# -------------------------------------------------------- functions in containers


@right(0.4)
def loop_over_functions(x):
    z = x
    for f in [math.sin, math.exp, lambda t: t * t]:
        z = f(z)
    return z


@right(0.4, 0.9)
def loop_over_closures_and_numbers(x, a):
    total = 0.0
    for k, (f, w) in enumerate(zip((lambda t: t * a, math.sin), (2.0, 3.0))):
        total += f(x) * w * (k + 1)
    return total


@right(0.4)
def functions_by_position(x):
    fs = (math.sin, scaled_sine)
    return fs[0](x) * fs[1](x, 2.0)


@right(0.4)
def functions_by_key(x):
    fs = {"a": lambda t: t * t * x, "b": math.sin}
    return fs["a"](x) + fs["b"](x)


@right(0.4)
def comprehension_over_functions(x):
    return sum([f(x) * w for f in (math.sin, lambda t: t * x) for w in (1.0, 2.0)])


def applied(functions, z):
    for f in functions:
        z = f(z)
    return z


@right(0.4)
def list_of_functions_as_argument(x):
    return applied([math.sin, lambda t: t * x], x)


# ------------------------------------------------ values, iterators, displays


def told(v, k=2.0):
    print("told", k)
    return np.sin(v) * k


@right(0.3, 0.7)
def one_or_the_other(a, b):
    return (a or b) * b


@right(0.3, 0.7)
def one_and_the_other(a, b):
    return (a and b) * b


@right(0.3, 0.7)
def one_of_three(a, b):
    return (0.0 or a * b or b) * b


@right(0.3, 0.7)
def calls_until_one_is_false(a, b):
    return (told(a) and told(b, 3.0) and a * b) * b


@right(0.3, 0.7)
def calls_until_one_is_true(a, b):
    return (told(a) or told(b, 3.0)) * b + (a > 1 and told(a, 9.0))


@right(0.3, None, wrt="a")
def or_a_default(a, b):
    b = b or 2.0
    return a * b


@right(X)
def not_is_no_number(x):
    return x[0] * (not x[1]) + x[2] * (not not x[1])


@right(ITEMS)
def spread_in_a_list(x):
    ys = [*x, x[0] * 2]
    return sum(ys) * ys[-1]


@right((0.3, 0.7))
def spread_in_a_tuple(x):
    ys = (1.0, *x, x[0] * 2)
    return sum(ys) * ys[-1]


@right(X)
def spread_array(x):
    y = np.array([0.0, *x, x[0]])
    return np.sum(y**2)


@right(X)
def spread_slices(x):
    y = [*x[1:], *x[:1]]
    return y[0] * y[-1]


@right(ITEMS)
def quotient_and_remainder(x):
    q, r = divmod(x[2], x[0])
    return q * x[1] + r * r


@right(0.7, 1.3)
def power_function(x, y):
    return pow(x, y) + pow(x, 2)


@right(0.73)
def whole_numbers(x):
    return x * int(x * 10) + round(x * 10, 1) * x + round(x) * x + float(x) * abs(-x)


@right(X)
def slices_as_objects(x):
    s = slice(1, 3)
    return np.sum(x[s] ** 2) * x[slice(None, None, 2)][1]


@right(ITEMS)
def zip_of_unequal_lengths(x):
    s = 0.0
    for a, b in zip(x, x[1:]):
        s += a * b
    return s


@right(ITEMS)
def strict_zip(x):
    s = 0.0
    for a, b in zip(x, [1.0, 2.0, 3.0], strict=True):
        s += a * a * b
    return s


@right(ITEMS)
def enumerate_from_two(x):
    s = 0.0
    for i, a in enumerate(x, start=2):
        s += a**i
    return s


@right(ITEMS)
def reversed_list(x):
    s = 0.0
    for a in reversed(x):
        s = s * a + a
    return s


@right(A)
def rows_of_a_matrix(a):
    s = 0.0
    for r in a:
        s += np.sum(r**2) * s + r[0]
    return s


@right(A)
def all_positions(a):
    s = 0.0
    for i, j in np.ndindex(a.shape):
        s += a[i, j] ** 2 * (i + j)
    return s


@right(ITEMS, or_refused="S301")
def pairs_of_positions(x):
    s = 0.0
    for i, j in itertools.product(range(3), range(3)):
        s += x[i] * x[j] * (i - j) ** 2
    return s


@right(0.7, 0.4, 2, wrt=("a", "b"))
@right(0.7, 0.4, 0, wrt=("a", "b"))
def one_of_two_returned(a, b, n):
    return n * a * b or (b and a + b**2)


@right(0.7, 0.4)
def pairs_that_only_count(a, b):
    for k in range(2):
        c = a * b
        for _, k in itertools.product(range(2), range(2)):
            b = a + 0.5 * c * b
    for _ in np.ndindex(2, 2):
        b = a + 0.5 * b
    return b


@right(0.4, [1.0, 2.0])
def element_of_a_chosen_array(x, items):
    u = (x * x) * (np.ones(3) if isinstance(x, float) else np.array([items[0], items[-1], x]))[::-1]
    return u[0]


@right(0.4, wrt="a")
def chosen_constants_beside_a_number(a):
    return (np.ones(3) if a > 1.25 else np.full(3, 2.0)) ** 2 + (math.hypot(a, 1.5) if 0.15 < a < 1.45 else a)


@right(ITEMS, or_refused="S301")
def pairs_of_elements(x):
    s = 0.0
    for a, b in itertools.product(x, x):
        s += a * b * b
    return s


@right(ITEMS, or_refused="S301")
def combinations(x):
    s = 0.0
    for a, b in itertools.combinations(x, 2):
        s += (a - b) ** 2
    return s


@right(ITEMS)
def neighbours(x):
    s = 0.0
    for a, b in itertools.pairwise(x):
        s += a * b * b
    return s


@right(ITEMS)
def the_first_two(x):
    s = 0.0
    for a in itertools.islice(x, 2):
        s += a * a
    return s


@right(ITEMS)
def counted(x):
    s = 0.0
    for i, a in zip(itertools.count(1), x):
        s += a**i
    return s


@right(ITEMS, 0.7)
@right(X, 0.7)
def beside_a_repeated_number(x, v):
    s = 0.0
    for a, b in zip(x, itertools.repeat(v)):
        v = v * a
        s += a * b * v
    return s


@right(ITEMS, 0.7)
def repeated_numbers_first(x, v):
    return sum(a * b * c for a, b, c in zip(itertools.repeat(v), x, x))


@right(ITEMS, 0.7)
def numbered_and_repeated(x, v):
    s = 0.0
    for k, (a, b) in enumerate(zip(x, itertools.repeat(v * 2.0)), 1):
        s += a * b**k
    return s


@right(ITEMS, 0.7, 2)
@right(ITEMS, 0.7, 0)
@right(ITEMS, 0.7, 5)
def repeated_some_times(x, v, n):
    s = v
    for a, b in zip(x, itertools.repeat(v, n)):
        s += a * b
    for b in itertools.repeat(s, 2):
        s += b * x[0]
    return s


@right(ITEMS, 0.7)
def mapped_with_a_repeated_number(x, v):
    return sum(map(lambda a, b: a * b, x, itertools.repeat(v)))


@right(ITEMS, 0.7)
def repeated_in_a_function_inside(x, v):
    item = 3.0

    def inner(w):
        s = 0.0
        for a, b in zip(x, itertools.repeat(w)):
            s += a * b * item
        return s

    return inner(v) * inner(v * v)


@right(ITEMS, or_refused="S301")
def sorted_positions(x):
    s = 0.0
    for i in sorted([2, 0, 1]):
        s = s * x[i] + x[i]
    return s


@right(ITEMS, or_refused="S301")
def positions_in_a_set(x):
    s = 0.0
    for i in {0, 2}:
        s += x[i] ** 2
    return s


@right(ITEMS, or_refused="S301")
def letters(x):
    s = 0.0
    for c in "ab":
        s += x[ord(c) - 97] ** 2
    return s


@right(ITEMS)
def nested_swap(x):
    a, b, c = x
    a, (b, c) = b * c, (a, b)
    return a * b + c


@right(X)
def enumerated_map(x):
    s = 0.0
    for k, v in enumerate(map(math.sin, x)):
        s += v * k
    return s


@right(X)
def zipped_map(x):
    s = 0.0
    for a, b in zip(x, map(math.sin, x)):
        s += a * b
    return s


@right(0.4)
def functions_by_the_number_of_a_round(x):
    fs = [math.sin, math.cos, lambda t: t * x]
    z = x
    for k in range(3):
        z = fs[k](z)
    return z


@right(ITEMS, or_refused="S301")
def pairs_in_a_list(x):
    ys = [(v, v * v) for v in x]
    return sum(a * b for a, b in ys)


@right(X)
def mean_of_a_list(x):
    return np.mean([np.sum(x**k) for k in range(1, 4)])


@right(ITEMS)
def generator_in_a_generator(x):
    return sum(sum(u * v for u in x) for v in x)


@right(ITEMS)
def variable_of_the_function_stays(x):
    k = 2.0
    ys = [k * v for k, v in enumerate(x)]
    return k * ys[1]


# -------------------------------------------------------------------- odd cases


@right(ITEMS)
def assigned_in_a_nested_comprehension(x):
    ys = [[(t := v * w) for v in x] for w in x]
    return t * ys[0][1]


@right(0.7)
def assigned_under_and_or_or(a):
    if (b := a * 2) > 1 and (c := b * a) > 0.5 or (c := a) > 9:
        return b * c
    return a


@right(0.7)
def assigned_in_a_test_with_continue(a):
    n = 0
    s = 0.0
    while (n := n + 1) < 6:
        if n % 2:
            continue
        s = s + a**n
        if s > 100:
            break
    return s * n


@right(ITEMS)
def until_all_are_large(x):
    y = list(x)
    while any(v < 2.0 for v in y):
        y = [v * 1.5 for v in y]
    return sum(y)


@right(ITEMS)
def variable_called_like_a_global(x):
    return sum([X[0] * v for v in x]) + sum([A for A in x])


@right(ITEMS, or_refused="S301")
def dict_with_a_condition(x):
    d = {k: x[k] * 2 for k in range(3) if k != 1}
    return d[0] * d[2]


@right(ITEMS, or_refused="S301")
def dict_over_words_made_at_run_time(x):
    keys = ["a", "b"]
    keys.append("c")
    d = {k: v * v for k, v in zip(keys, x)}
    return d["a"] * d["c"]


@right(X)
def list_of_views(x):
    rows = [x[k : k + 2] for k in range(3)]
    x2 = x * 2
    return np.sum(rows[0] * rows[1]) + np.sum(x2)


@right(X)
def one_object_many_times(x):
    ys = [x for _ in range(3)]
    return np.sum(ys[0] * ys[2])


@right(ITEMS)
def extremes_of_many(x):
    return min(x[0], x[1], x[2], 5.0) * max(*x)


@right(ITEMS)
def sum_from_a_start(x):
    return sum([v * v for v in x], x[0]) + sum((v for v in x), start=x[1])


@right(X)
def sum_of_arrays(x):
    return np.sum(sum([x * k for k in range(3)]) ** 2)


@right(X)
def sum_of_powers(x):
    return np.sum(sum(x**k for k in range(1, 4)))


def halved(xs):
    if not xs:
        return 0.0
    return xs[0] * xs[0] + halved([v * 0.5 for v in xs[1:]])


@right(ITEMS, or_refused="S301")
def comprehension_in_a_recursion(x):
    return halved(x)


@right(ITEMS, or_refused="S301")
def starred_loop_target(x):
    s = 0.0
    for a, *b in [(x[0], x[1], x[2]), (x[1], x[0])]:
        s += a * b[0]
    return s


@right(ITEMS)
def comprehension_in_an_index(x):
    return x[[k for k in range(3) if k > 1][-1]] ** 2


@right(X)
def comprehension_of_positions(x):
    m = [k for k in range(4) if x[k] > 0]
    return np.sum(x[m] ** 2)


@right(ITEMS)
def printed_comprehensions(x):
    print([round(v, 3) for v in x], {k: 1 for k in range(2)})
    return x[0] * 2


@right(ITEMS)
def asserted_for_all(x):
    assert all(v > 0 for v in x), [v for v in x]
    return x[0] * x[1]


@right(0.4)
def loop_over_a_dict_of_functions(x):
    s = 0.0
    for name, f in {"sin": math.sin, "sq": lambda t: t * t}.items():
        s += f(x) * len(name)
    return s


@right(0.4)
def composed_by_reduce(x):
    return functools.reduce(lambda z, f: f(z), [math.sin, math.exp, math.cos], x)


@right(0.4)
def map_over_functions(x):
    return sum(map(lambda f: f(x), (math.sin, math.cos)))


@right(ITEMS)
def list_of_pairs(x):
    return sum(k * v for k, v in list(enumerate(x)))


@right(ITEMS, or_refused="S301")
def place_of_the_largest(x):
    k = max(range(3), key=lambda i: x[i])
    return x[k] ** 2


@right(ITEMS)
def two_conditions(x):
    return [v for v in x if v > 0.5 if v < 1.0][-1] ** 2


@right(ITEMS)
def list_or_another(x):
    ys = [v for v in x if v > 9] or [x[0]]
    return ys[0] ** 2


@right(ITEMS)
def unpacked_comprehension(x):
    a, b, c = [v * v for v in x]
    return a * b + c


@right(ITEMS)
def two_names_for_one_list(x):
    ys = zs = [v * v for v in x]
    return ys[0] * zs[1]


@right(ITEMS)
def summed_twice(items):
    ys = [v * v for v in items]
    return sum(ys) * sum(ys) + ys[0]


@right(np.array([[0.3, 0.7, 1.1], [0.5, 0.2, 0.9]]))
def sum_over_an_axis_sliced_twice(a):
    return (2.0 * np.sum(a, axis=0))[::-1][::-1]


def as_it_is(n):
    return n


@right(0.7, 0, wrt="x")
@right(0.7, 1, wrt="x")
def chosen_value_under_a_name_that_it_reads(x, n):
    y = x * 2
    y = as_it_is(n) and y * x
    y = as_it_is(1 - n) or y + x
    return y * x


@right.parametrize()
def test_expression(case):
    check_case(case)


def test_too_few_to_unpack():
    def f(items):
        a, *_, b = items
        return a * b

    with pytest.raises(ValueError, match="expected at least 2, got 1"):
        s2sad.grad(f)([0.3])


def test_strict_zip_stays_strict():
    def f(a, b):
        return sum(u * v for u, v in zip(a, b, strict=True))

    for made in (s2sad.grad(f), s2sad.vjp(f)):
        with pytest.raises(ValueError, match="shorter"):
            made([0.3, 0.7], [0.5])
    with pytest.raises(ValueError, match="shorter"):
        s2sad.jvp(f)([0.3, 0.7], [0.5], [1.0, 1.0])


def test_blocks_of_directions():
    def each(z):
        return np.array([v * v for v in z])

    def total(z):
        return sum(v * v * w for v in z for w in z)

    for jacobian in (s2sad.jacfwd(each), s2sad.jacrev(each)):
        np.testing.assert_allclose(jacobian(X), np.diag(2 * X))
    expected = 2 * np.sum(X) * np.eye(4) + 2 * (X[:, None] + X)
    np.testing.assert_allclose(s2sad.hessian(total)(X), expected)


def test_text_of_what_stays_as_it_was():
    def f(x, n):
        weights = [1.0 / (k + 1) for k in range(n) if k != 1]
        return x * sum(w * w for w in weights) * len({k: k for k in weights}) * max(map(abs, weights))

    text = s2sad.source(_called(s2sad.grad(f), 0.7, 4))
    assert "weights = [1.0 / (k + 1) for k in range(n) if k != 1]" in text
    assert "sum(w * w for w in weights)" in text


def _called(derivative, *args):
    derivative(*args)
    return derivative


def test_from_text_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = """
import math
from functools import reduce

FUNCTIONS = 2


def f(xs, a):
    if (n := len(xs)) > FUNCTIONS:
        first, *rest = xs
        squares = {word: first * len(word) for word in ("one", "three")}
        for g in [math.sin, lambda t: t * a]:
            first = g(first)
        return reduce(lambda u, v: u * v, [x + n for x in rest], first) + squares["three"]
    return a
"""
    (tmp_path / "model.py").write_text(text)
    made = derive(static_unit(tmp_path / "model.py", "f"), Options("grad", ("xs", "a"), False), {})
    live, read = {}, {}
    exec(text, live)
    exec(made.text, read)
    xs, a, step = [0.3, 0.7, 1.1], 0.9, 1e-6
    (xs_bar, a_bar) = read[made.name](xs, a)
    assert abs((live["f"](xs, a + step) - live["f"](xs, a - step)) / (2 * step) - a_bar) < 1e-6
    for k in range(3):
        up, down = ([x + d * (i == k) for i, x in enumerate(xs)] for d in (step, -step))
        assert abs((live["f"](up, a) - live["f"](down, a)) / (2 * step) - xs_bar[k]) < 1e-6
