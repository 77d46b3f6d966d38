"""Functions that change their arguments: callees, and the differentiated function itself."""

from dataclasses import replace

import numpy as np
import pytest

import s2sad
from s2sad.frontend.live import unit_of
from s2sad.kind import Pattern
from s2sad.observed import kind_of_value
from s2sad.options import Options
from s2sad.pipeline import derive
from tests.checking import Examples, Wrong, case_of, check_case, check_refused, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])
A = np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4]])


def put(u, i, v):
    u[i] = v


def mix(u, c):
    """Overwrites what it reads."""
    u[0] = c * u[1]
    u[1] += u[0] * u[2]
    u[2] *= c


def taken_and_changed(u, i):
    s = u[i] * u[i]
    u[i] = np.sin(s)
    return s


def smoothed(u, c):
    for i in range(1, len(u) - 1):
        u[i] = u[i] + c * (u[i - 1] - u[i]) * u[i]
    return u


def filled(out, x):
    for i in range(len(x)):
        out[i] = x[i] ** 2


def pushed(values, v):
    values.append(v * v)


def twice(u, c):
    mix(u, c)
    mix(u, c * c)


def countdown(u, n):
    if n > 0:
        u[0] = u[0] * u[n]
        countdown(u, n - 1)


def counted(u, n):
    """Returns something that carries no derivative."""
    for i in range(n):
        u[i] = np.exp(u[i])
    return n


def maybe(u, c):
    if c > 0:
        u[0] = u[1] * c
        return u[0] * 2
    return u[2]


def stopped(u, c):
    """The parameter is given another object later."""
    u[0] = u[0] * c
    u = u * 2
    return np.sum(u * u)


def total(u):
    return np.sum(u * u)


def part(u):
    return u[1:]


# --------------------------------------------------------------------- callees


def stretched(values, a):
    values.append(a)
    values = [2 * v for v in values]
    return values, a * a


@right(0.7, unless_known="S301")
def another_list_than_the_argument_returned(x):
    values = [x]
    values, a = stretched(values, x * x)
    return values[0] * values[1] * a


@right(X, 0.7)
def result_ignored(x, c):
    u = x * 2
    mix(u, c)
    return np.sum(u * u)


@right(X)
def element_put(x):
    u = x * 1.0
    put(u, 1, x[0] * x[2])
    put(u, 0, u[1] ** 2)
    return np.sum(u * x)


@right(X)
def result_used(x):
    u = x * 1.0
    s = taken_and_changed(u, 0)
    s = s * taken_and_changed(u, 0)
    return s + np.sum(u * u)


@right(X)
def result_alone_carries(x):
    u = x * 1.0
    return taken_and_changed(u, 1) * 3


@right(X)
def result_thrown_away(x):
    u = x * 1.0
    taken_and_changed(u, 1)
    return np.sum(u * x)


@right(X, 0.3, 3)
def argument_returned(x, c, n):
    u = x * 1.0
    for _ in range(n):
        u = smoothed(u, c)
    return np.sum(u * u)


@right(X, 0.3)
def argument_returned_under_another_name(x, c):
    u = x * 1.0
    v = smoothed(u, c)
    return np.sum(v * v)


@right(X, 0.3, unless_known="S301")
def argument_returned_but_used_under_a_second_name(x, c):
    u = x * 1.0
    v = u[1:]
    smoothed(u, c)
    return np.sum(v * u[1:])


@right(X, 2 * X)
def second_name_of_what_the_caller_may_change(u, x):
    u[0] *= x[1]
    v = u if x[0] > 0 else u[::-1]
    w = np.asarray(u).reshape(2, 2)
    return np.sum(v * x * x) + np.sum(w @ w)


@right(X, 2 * X)
def in_a_container_what_the_caller_may_change(u, x):
    u[0] *= x[1]
    y = 0.0
    for v in (u, x):
        y = y + np.sum(v * v * v)
    parts = {"u": [u]}
    return y * np.sum(parts["u"][0] * x)


@right([0.3, 0.4], 0.5)
def second_name_of_a_list_that_the_caller_may_change(values, x):
    values.append(x)
    more = values
    return more[0] * more[-1] * sum(more)


@right(X)
def output_filled(x):
    out = np.zeros(4)
    filled(out, x)
    return np.sum(out * np.sin(x))


@right(X, 0)
def output_filled_in_no_round(x, n):
    out = np.zeros(4)
    for _ in range(n):
        filled(out, x)
    return np.sum(out * x + x)


def grown_and_overwritten(values, v):
    values.append(v)
    values[0] = 3 * v


@right(0.7)
def read_before_and_after_a_list_is_overwritten(x):
    values = [x]
    before = values[0]
    grown_and_overwritten(values, x)
    after = values[0]
    return before * x + after * after


@right(0.7)
def list_of_numbers(x):
    values = []
    for k in range(3):
        pushed(values, x * k)
    return values[0] + values[1] * values[2]


@right(X, 0.7)
def callee_of_a_callee(x, c):
    u = x * 1.0
    twice(u, c)
    twice(u, c)
    return np.sum(u * x)


@right(X, or_refused="S301")
def recursive(x):
    u = x * 1.0
    countdown(u, 3)
    return np.sum(u * u)


@right(X, 2)
def integer_result(x, n):
    u = x * 1.0
    k = counted(u, n)
    return np.sum(u) * k


@right(X, 0.7)
@right(X, -0.7)
def changed_on_one_way(x, c):
    u = x * 1.0
    s = maybe(u, c)
    return s * np.sum(u * u)


@right(X, 0.7)
@right(X, -0.7)
def called_on_one_way(x, c):
    u = x * 1.0
    if c > 0:
        mix(u, c)
    return np.sum(u * u)


@right(X, 0.7)
def given_another_object_later(x, c):
    u = x * 1.0
    s = stopped(u, c)
    return s + np.sum(u * x)


@right(X, 0.7, unless_known="S301")
def called_in_a_loop(x, c):
    u = x * 1.0
    s = 0.0
    for k in range(3):
        mix(u, c * k)
        s = s + taken_and_changed(u, k)
        u[k] += x[k]
    return s + np.sum(u)


@right(X)
def computed_argument(x):
    return taken_and_changed(x * 2, 1) + np.sum(x)


@right(X, 0.7)
def by_keyword(x, c):
    u = x * 1.0
    mix(c=c, u=u)
    return np.sum(u * u)


@right(X)
def inside_an_expression(x):
    u = x * 1.0
    y = 2 * taken_and_changed(u, 0) + np.sum(x)
    return y * np.sum(u)


@right(X)
def in_a_test(x):
    u = x * 1.0
    if taken_and_changed(u, 0) > 0:
        y = np.sum(u * u)
    else:
        y = 0.0
    return y


@right(X)
def changed_after_being_handed_on(x):
    u = x * 1.0
    s = total(u)
    u[0] = s
    s = s + total(u)
    put(u, 1, s)
    return s * total(u)


@right(X)
def callee_saved_what_changes_later(x):
    u = x * 1.0
    filled(u, np.sin(u))
    s = taken_and_changed(u, 2)
    for i in range(4):
        u[i] = s * i
    return np.sum(u) + s


@right(A, unless_known="S301")
def rows_of_a_matrix(a):
    b = a * 1.0
    for i in range(2):
        mix(b[i], 0.7)
    return np.sum(b * b * a)


@right(X)
def constant_put(x):
    u = x * x
    put(u, 0, 1.0)
    return np.sum(u)


@right(X)
def captured(x):
    u = x * 1.0

    def change(k):
        u[k] = u[k] ** 2 * u[0]

    change(1)
    change(0)
    return np.sum(u)


@right(X)
def inactive_argument(x):
    counts = np.zeros(4)
    s = 0.0
    for i in range(4):
        put(counts, i, i * 2.0)
        s = s + counts[i] * x[i] ** 2
    return s


@right(X, or_refused="S301")
def swapped_buffers(x):
    u = x * 1.0
    new = np.zeros(4)
    for _ in range(3):
        filled(new, u)
        u, new = new, u
    return np.sum(u * x)


@right(X)
def multiple_of_what_changes_later(x):
    u = x * 2.0
    w = u * 1.0
    v = [u * 1.0, x]
    u[0] = u[1] ** 2
    put(u, 1, u[2] * 3)
    return np.sum(w * u * v[0])


def multiple(u):
    u[0] = u[1] ** 2
    return u * 1.0


@right(X)
def multiple_returned(x):
    u = x * 2.0
    w = multiple(u)
    u[1] = 3.0 * u[0]
    return np.sum(w * u)


@right(X, or_refused="S301")
def elements_of_a_dict(x):
    d = {"u": x * 1.0, "v": x * 3.0}
    w = d["v"] * 1.0
    put(d["u"], 0, x[1] * x[2])
    put(d["v"], 1, d["u"][0])
    d["u"] = d["u"] * d["v"]
    put(d["u"], 2, d["v"][1])
    return np.sum(d["u"] * x * w)


# ---------------------------------------------------- the function's own arguments


@right(X)
def own_argument(x):
    x[0] = 2 * x[1]
    return np.sum(x * x)


@right(X, 0.7)
def own_argument_by_a_callee(x, c):
    mix(x, c)
    return np.sum(x * x)


@right(X, 0.7)
def own_argument_in_a_loop(x, c):
    for i in range(1, 4):
        x[i] = x[i] * x[i - 1] + c
    return np.sum(x * x)


@right(X, np.zeros(4), wrt="x")
def output_argument(x, out):
    filled(out, x)
    return np.sum(out * x)


@right(X)
def own_argument_returned(x):
    x[1] = x[0] ** 2 * x[1]
    return x


@right(X)
def needed_as_it_was(x):
    y = np.sin(x)
    x[0] = 0.0
    x[1:] = y[1:] * 2
    return np.sum(y * x)


@right(X, 0.7)
@right(X, -0.7)
def own_argument_on_one_way(x, c):
    if c > 0:
        x[0] = c * x[0]
        return np.sum(x)
    return np.sum(x * x)


@right([0.3, 0.8])
def own_list(xs):
    xs[0] = xs[0] * xs[1]
    xs.append(xs[0] ** 2)
    return xs[0] + xs[1] * xs[2]


@right(X)
def needed_after(x):
    x[0] = x[1] ** 2
    return np.sum(np.sin(x) * x)


@right(X)
def not_needed(x):
    s = np.sum(x)
    x[0] = 5.0
    return s


# --------------------------------------------------------------- updated as a whole

#: Where nothing is known of the kinds the generated function itself refuses arrays.
whole = Examples()


def increased(u, c):
    u += c


def grown(u, v, c):
    u *= 1 + c * v
    u -= c
    u **= 2


@whole(X, 0.7)
def own_argument_increased(x, c):
    x += c
    return np.sum(x * x)


@whole(X, X[::-1].copy())
def own_argument_multiplied(x, v):
    x *= v
    y = x * v
    x /= 1 + v * v
    return np.sum(x * y)


@whole(X, 0.7)
def callee_increases(x, c):
    u = x * 1.0
    increased(u, c * x)
    increased(u, c)
    grown(u, x, c)
    return np.sum(u * u)


@whole(A, X[:3])
def rows_increased_at_once(a, v):
    a += v
    a *= a
    return np.sum(a * a)


def bumped(u, c):
    u[0] += 1.0
    u[1] *= c
    u += 2.0
    u[2] *= u[0]


@right(X, 0.7)
def increased_by_constants(x, c):
    u = x * 1.0
    bumped_elements(u, c)
    return np.sum(u * u)


def bumped_elements(u, c):
    u[0] += 1.0
    u[1] = c * u[1] * u[0]
    u[0] = u[0] * c


@whole(X, 0.7)
def increased_by_constants_as_a_whole(x, c):
    u = x * 1.0
    bumped(u, c)
    return np.sum(u * u)


@whole(X, 2)
def increased_in_rounds(x, n):
    for _ in range(n):
        x += np.sin(x)
        x[0] *= x[1]
    return np.sum(x)


@whole(0.7)
def a_number_increased(x):
    return added(x, 2.0) * x


def added(u, c):
    u += c
    return u * u


@whole(X)
def read_after_the_call(x):
    y = x * 2
    return of_updated(y) + np.sum(y)


def of_updated(a):
    a += 1
    return np.sum(a * a)


@whole(X)
def inactive_and_read_before(x):
    c = np.ones(4)
    y = x * c
    increased(c, 1)
    return np.sum(y * c)


@whole(X)
def inactive_at_first(x):
    y = np.zeros(4)
    increased(y, x)
    return np.sum(y * y)


# -------------------------------------------------------------------- refusals


def same_twice(x):
    u = x * 1.0
    both(u, u)
    return np.sum(u)


def both(u, v):
    u[0] = v[1]


def kept_part(x):
    u = x * 1.0
    v = part(u)
    u[1] = 2.0
    return np.sum(v * x[1:])


def in_a_while(x):
    u = x * 1.0
    while taken_and_changed(u, 0) > 0.5:
        u[0] = u[0] - 1
    return np.sum(u)


def read_elsewhere(x):
    u = x * 1.0
    return u[0] * taken_and_changed(u, 0)


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (same_twice, "u"),
        (in_a_while, "taken_and_changed(u, 0)"),
        (read_elsewhere, "taken_and_changed(u, 0)"),
    ],
)
def test_refused(function, at):
    check_refused(function, X, code="S301", at=at)


def test_arguments_that_overlap():
    pair = np.arange(6.0)
    for mode in ("grad", "value_and_grad", "vjp"):
        derivative = getattr(s2sad, mode)(output_argument)
        with pytest.raises(ValueError, match="changes `out` in place: `x` must not share its memory"):
            derivative(pair[:4], pair[2:])
        derivative(pair[:3], pair[3:])


WEIGHTS = np.array([0.3, 0.8, 0.2])


def scaled_by_data(x):
    x[0] = x[1] * 2
    return WEIGHTS[0] * x[0] * x[2]


SETTINGS = {"weights": WEIGHTS}


def scaled_by_settings(x):
    x[0] = x[1] * 2
    return np.sum(SETTINGS["weights"] * x)


def part_from_part(d):
    d["a"][0] = d["b"][1] * 2
    return np.sum(d["a"] * d["b"])


def part_from_array(d, x):
    d["a"][0] = x[1] * 2
    return np.sum(d["a"] * x)


def longer(xs):
    xs.append(xs[0] * xs[1])
    return np.sum(xs[0] * xs[2])


def each(xs):
    for x in xs:
        x[0] = x[1] * x[2]
    return np.sum(xs[0] * xs[1])


def test_data_that_overlap():
    x = WEIGHTS.copy()
    assert np.allclose(s2sad.grad(scaled_by_data)(x), [0, 2 * 0.3 * 0.2, 0.3 * 1.6])
    for shared in (WEIGHTS, WEIGHTS[::-1]):
        with pytest.raises(ValueError, match="changes `x` in place: `WEIGHTS` must not share its memory"):
            s2sad.grad(scaled_by_data)(shared)
    with pytest.raises(ValueError, match="changes `x` in place: `SETTINGS` must not share its memory"):
        s2sad.grad(scaled_by_settings)(WEIGHTS)
    assert list(WEIGHTS) == [0.3, 0.8, 0.2]


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "vjp"])
def test_parts_that_overlap(mode):
    x, y = X[:3].copy(), X[1:4].copy()
    by_part, by_array, by_each = (getattr(s2sad, mode)(f) for f in (part_from_part, part_from_array, each))
    by_part({"a": x.copy(), "b": y})
    by_array({"a": x.copy(), "b": y}, y)
    by_each([x.copy(), y.copy()])
    with pytest.raises(ValueError, match="changes `d` in place: its parts must not share their memory"):
        by_part({"a": x, "b": x[::-1]})
    with pytest.raises(ValueError, match="changes `d` in place: `x` must not share its memory"):
        by_array({"a": x, "b": y}, x)
    for xs in ([x, x], [x, y, y[:2]]):
        with pytest.raises(ValueError, match="changes `xs` in place: its parts must not share their memory"):
            by_each(xs)
    # What is only added to a list may be in it twice.
    assert len(s2sad.grad(longer)([x, x])) == 2


def test_list_and_its_element():
    xs = [0.3, 0.8]
    with pytest.raises(ValueError, match="must not share its memory"):
        s2sad.grad(two_lists)(xs, xs)
    assert s2sad.grad(two_lists)([0.3, 0.8], [0.5]) == [0.5, 0.0]


def heat(u, c, n):
    for _ in range(n):
        u[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2])


def split_into(positive, rest, x):
    for i in range(len(x)):
        if x[i] > 0:
            positive[i] = x[i] ** 2
        else:
            rest[i] = np.sin(x[i])


@pytest.mark.parametrize("known", [True, False])
def test_outputs(known):
    case = case_of(heat, (X, 0.2, 3), {}, ("u", "c"), known)
    after = X.copy()
    heat(after, 0.2, 3)
    u, u_dot, u_bar = X.copy(), np.arange(4.0), np.array([1.0, -2.0, 0.5, 3.0])
    y, y_dot = outputs_of(case, "jvp", "u")(u, 0.2, 3, u_dot, 1.5)
    assert y is u and np.array_equal(u, after) and np.array_equal(u_dot, np.arange(4.0))
    u = X.copy()
    y, pullback = outputs_of(case, "vjp", "u")(u, 0.2, 3)
    assert y is u and np.array_equal(u, after)
    u[:] = np.nan
    first, second = pullback(u_bar), pullback(u_bar)
    assert np.array_equal(first[0], second[0]) and np.array_equal(u_bar, [1.0, -2.0, 0.5, 3.0])
    assert np.isclose(np.sum(first[0] * np.arange(4.0)) + first[1] * 1.5, np.sum(u_bar * y_dot))


def outputs_of(case, mode, *names):
    """A derivative of a function by its outputs."""
    pattern = Pattern()
    kinds = {name: kind_of_value(value, pattern) for name, value in case.values.items()} if case.known else {}
    made = derive(unit_of(case.function), Options(mode, case.wrt, len(case.wrt) == 1, outputs=names), kinds, pattern)
    space = {}
    exec(made.text, space)
    return space[made.name]


def test_several_outputs():
    values = np.zeros(4), np.zeros(4), X
    (positive, rest), (positive_dot, rest_dot) = s2sad.jvp(split_into, wrt="x", outputs=("positive", "rest"))(
        *values, np.ones(4)
    )
    assert np.array_equal(positive, np.where(X > 0, X**2, 0)) and np.array_equal(rest, np.where(X > 0, 0, np.sin(X)))
    assert np.allclose(positive_dot, np.where(X > 0, 2 * X, 0)) and np.allclose(rest_dot, np.where(X > 0, 0, np.cos(X)))
    _, pullback = s2sad.vjp(split_into, wrt="x", outputs=("positive", "rest"))(np.zeros(4), np.zeros(4), X)
    assert np.allclose(pullback((np.ones(4), 2 * np.ones(4))), np.where(X > 0, 2 * X, 2 * np.cos(X)))


def test_derivatives_of_derivatives_of_outputs():
    pulled = lambda u, c: s2sad.vjp(heat, wrt=("u", "c"), outputs="u")(u, c, 2)[1](np.ones(4))[1]
    found = s2sad.jvp(s2sad.jvp(heat, wrt="c", outputs="u"), wrt="c")(X.copy(), 0.2, 2, 1.0, 1.0)
    step = 1e-5
    difference = (pulled(X.copy(), 0.2 + step) - pulled(X.copy(), 0.2 - step)) / (2 * step)
    assert np.isclose(np.sum(found[1][1]), difference)


@pytest.mark.parametrize(
    ("function", "outputs", "message"),
    [
        (filled, "x", "`outputs` names `x`, which `filled` does not change in place"),
        (filled, "y", "`outputs` names `y`, which is no parameter"),
        (taken_and_changed, "u", "`outputs` is given, and `taken_and_changed` returns a value"),
    ],
)
def test_outputs_refused(function, outputs, message):
    with pytest.raises(s2sad.S2sadError, match=message):
        s2sad.vjp(function, outputs=outputs)(np.zeros(4), X)


@pytest.mark.parametrize("operator", [s2sad.jacfwd, s2sad.jacrev])
def test_jacobian(operator):
    found = operator(vector_of_changed)(X, 0.7)
    columns = [s2sad.jvp(vector_of_changed)(X, 0.7, one)[1] for one in np.eye(4)]
    assert np.allclose(found, np.transpose(columns))
    assert np.allclose(s2sad.hessian(result_ignored)(X, 0.7), s2sad.jacfwd(s2sad.grad(result_ignored))(X, 0.7))


def vector_of_changed(x, c):
    u = x * 2
    mix(u, c)
    return u * x


def test_jacobian_of_a_function_that_changes_its_argument():
    with pytest.raises(s2sad.S2sadError, match="S301"):
        s2sad.jacfwd(own_argument_returned)(X.copy())


def two_lists(xs, ys):
    xs[0] = ys[0] * xs[0]
    return xs[0]


# ------------------------------------- other names of what the caller changes after the call


@right(0.92, 1.0, [-0.44])
@right(0.92, -1.0, [-0.44])
def second_name_of_an_extended_list(a, b, items):
    if b > 0:
        items.extend([a * a, a])
    m = items
    return m[-1] * m[0]


@right(X)
def second_name_of_a_changed_argument(x):
    x[0] = 2 * x[1]
    m = x
    return np.sum(m**2)


@right(X)
def view_of_a_changed_argument(x):
    x[0] = 2 * x[1]
    m = x[1:]
    return np.sum(m**2)


@right(X)
def changed_argument_in_a_list(x):
    x[0] = 2 * x[1]
    m = [x, x[1:]]
    return np.sum(m[0] ** 2) + np.sum(m[1] ** 3)


@right(X, True)
@right(X, False)
def chosen_view_of_a_changed_argument(x, whole):
    x[0] = 2 * x[1]
    m = x if whole else x[1:]
    return np.sum(m**2)


@right(A)
def rows_of_a_changed_argument(A):
    A[0] = 2 * A[1]
    y = 0.0
    for row in A:
        y = y + np.sum(row**2) * row[0]
    return y


def tail_squared(x):
    x[0] = 2 * x[1]
    m = x[1:]
    return np.sum(m**2)


def second_half(x):
    return x[2:]


@right(X)
def view_kept_by_a_callee_that_changes(x):
    return tail_squared(x) + np.sum(x)


@right(X)
def view_given_to_a_callee(x):
    x[0] = 2 * x[1]
    m = x[:3]
    return tail_squared_of(m) + np.sum(x)


def tail_squared_of(x):
    m = x[1:]
    return np.sum(m**2)


@right(X)
def view_returned_by_a_callee(x):
    x[0] = 2 * x[1]
    y = second_half(x)
    return np.sum(y**2)


def smooth_copy(x, y):
    new = x.copy() + y[0]
    return np.tanh(np.sin(new))


@right(0.7, X)
def shape_of_what_a_callee_returns(a, x):
    x[0] = a
    return np.sum(smooth_copy(np.sin(x), x)) + np.sum(smooth_copy(np.sin(x), np.cos(x)))


def stepped(old, new, k):
    new[1:] = old[:-1] * k
    new[0] = np.sin(old[-1])
    return new, old


@right(X)
def arguments_returned_the_other_way_round(x):
    a, b = x * 1.0, x * 2.0
    for _ in range(4):
        a, b = stepped(a, b, x[0])
    return np.sum(a * b)


def stepped_with_error(old, new, k):
    new[1:] = old[:-1] * k
    return new, old, np.sum((new - old) ** 2)


@right(X)
def arguments_returned_beside_a_value(x):
    a, b = x * 1.0, x * 2.0
    for _ in range(3):
        a, b, error = stepped_with_error(a, b, x[0])
    return np.sum(a * b) * error


@right(X)
def arguments_returned_and_bound_anew(x):
    a, b = x * 1.0, x * 2.0
    p, b, a = stepped_with_error(a, b, x[0])
    return np.sum(p * b) * a


def scaled_first(a, b, k):
    a[0] = b[0] * k
    return a, b


@right(X)
def arguments_returned_to_one_variable(x):
    a, b = x * 1.0, x * 2.0
    a = scaled_first(a, b, x[1])
    return np.sum(a[0] * a[1])


def scaled_part(s, k):
    s[0] = s[1] * k
    return s


@right(X, unless_known="S301")
def argument_unpacked(x):
    s = [x[0] * 1.0, x[1] * 1.0]
    p, q = scaled_part(s, x[2])
    return p * q * s[0]


@right(X, unless_known="S301")
def argument_under_another_name(x):
    a = x * 1.0
    v = scaled_part(a, x[1])
    v[2] = x[0] * a[1]
    return np.sum(a * v)


def last_scaled(ys):
    ys[-1] = ys[-1] * ys[0]
    return 2.0 * ys[-1]


@right(X, 0.3, wrt="x", unless_known="S301")
@right(X, 0.7, wrt="x", unless_known="S301")
def list_made_for_a_call_under_a_condition(x, a):
    ys = [x[0] * 2, x[1]]
    t = (last_scaled(ys) + last_scaled([ys[0], ys[1]]) if a < 0.5 else np.sum(x**2)) * x[1]
    return t * x[0] * ys[1]


def reflected(a):
    a[0] = a[2]
    a[-1] = a[1]


def exchanged(u, v):
    u[0, :] = u[1, :]
    u[:, 0] = -v[:, 1]


def rows_exchanged(a, k, p):
    a[[k, p]] = a[[p, k]]


class Ghosts:
    def __init__(self, a):
        self.a = a.copy()

    def fill(self):
        self.a[0:1] = self.a[-2:-1]
        self.a[-1] = self.a[1]

    def step(self):
        self.fill()
        self.a[1:-1] += 0.1 * (self.a[2:] - self.a[:-2]) ** 2


@right(X)
def boundaries_in_a_callee(x):
    a, b = x.copy(), np.zeros_like(x)
    for _ in range(3):
        reflected(a)
        b[1:-1] = a[1:-1] + 0.1 * (a[2:] - a[:-2]) ** 2
        a, b = b, a
    return np.sum(a * a)


@right(X)
def boundaries_before_an_update(x):
    a = x.copy()
    for _ in range(2):
        reflected(a)
        a *= 2
    return np.sum(a * a)


@right(np.array([[0.3, 0.5, 0.7], [0.4, 0.1, 0.2], [0.9, 0.6, 0.8]]), unless_known="S301")
def boundaries_of_two_arrays(x):
    u, v = x.copy(), x * x
    for _ in range(2):
        exchanged(u, v)
        exchanged(v, u)
        u[1:-1, 1:-1] += v[1:-1, 2:]
    return np.sum(u * v)


@right(np.array([[0.3, 0.5, 0.7], [0.4, 0.1, 0.2], [0.9, 0.6, 0.8]]))
def pivoted_in_a_callee(x):
    a = x.copy()
    for n in range(2):
        rows_exchanged(a, n, n + 1)
    return np.sum(a[0] * a[1])


@right(X, unless_known="S301")
def boundaries_in_a_method(x):
    g = Ghosts(x)
    for _ in range(2):
        g.step()
    g.a *= 2
    return np.sum(g.a**2)


@right([X[:2], X[1:3], X[2:]], unless_known="S301")
def an_element_twice_in_a_list_changed_in_a_callee(xs):
    rows = [xs[0] * 1.0, xs[1] * 1.0, xs[2] * 1.0]
    reflected(rows)
    return np.sum(rows[0] * rows[1] * rows[2])


@right.parametrize()
def test_inout(case):
    check_case(case)


@whole.parametrize()
def test_whole(case):
    try:
        check_case(replace(case, or_refused="" if case.known else "S301"))
    except Wrong as error:
        if case.known or "is updated in place, and other names may refer to the same array" not in str(error):
            raise


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in (*right, *whole) if case.known])
def test_second_order(case):
    check_second_order(case)
