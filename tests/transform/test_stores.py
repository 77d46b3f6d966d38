"""Calls that write into arrays, and assignments under indices that repeat: both modes, first and second order."""

from dataclasses import replace

import numpy as np
import pytest

import s2sad
from s2sad.frontend.static import static_unit
from s2sad.options import Options
from s2sad.pipeline import derive
from tests.checking import Examples, case_of, check_case, check_modes, check_refused, generated, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])
Y = np.array([0.5, 0.2, -0.7, 0.9])
A = np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4]])
S = np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4], [0.7, 0.1, 0.5]])
K = np.array([0, 2, 0, 1])
J = np.array([1, -2, 1, 1])
NONE = np.zeros(0)


# ------------------------------------------------------------- fill and copyto


@right(X)
def filled(x):
    u = x * x
    u.fill(x[1] * x[0])
    return np.sum(u * x)


@right(X)
def part_filled(x):
    u = x * x
    u[1:].fill(x[0] ** 2)
    u[:2].fill(0.0)
    return np.sum(u * x)


@right(A)
def row_filled(a):
    b = a * a
    b[0].fill(b[1, 1])
    b[:, 2].fill(a[0, 0] * b[1, 0])
    return np.sum(b * a)


@right(X, 2)
def filled_in_a_loop(x, n):
    u = np.zeros(4)
    s = 0.0
    for k in range(n):
        u.fill(s + x[k])
        s = s + np.sum(u * u * x)
    return s


@right(X)
def filled_in_a_branch(x):
    u = x * x
    if x[0] > 0:
        u.fill(x[1])
    else:
        u[0] = 1.0
    return np.sum(u * x)


@right(0.7)
def scalar_array_filled(x):
    u = np.zeros(())
    u.fill(x * x)
    return np.sum(u) * x


@right(NONE, 0.3)
def nothing_filled(x, v):
    u = x * v
    u.fill(v)
    np.copyto(u, x)
    u.sort()
    return np.sum(u) + v * v


def clear(u):
    u.fill(0.0)


def spread(u, c):
    u[1:].fill(c * u[0])


@right(X, unless_known="S301")
def filled_by_callees(x):
    u, v = x * x, x * 2.0
    spread(u, x[1])
    clear(v)
    spread(u, u[1])
    return np.sum(u * x) + np.sum(v * x)


@right(X, 3, unless_known="S301")
def argument_filled(x, n):
    s = np.sum(x * x)
    for _ in range(n):
        x[1:].fill(x[0] * s)
        x *= 0.5
    return np.sum(x) * s


@right(X, Y)
def copied(x, y):
    u, v = np.zeros(4), np.empty(4)
    np.copyto(u, x * y)
    np.copyto(v[1:], u[:-1] * x[0])
    np.copyto(v[:1], y[3])
    return np.sum(u * v * v)


@right(A, X[:3])
def row_copied(a, x):
    b = np.zeros((2, 3))
    np.copyto(b, x * x)
    np.copyto(b[1], a[0] * b[0])
    return np.sum(b * a)


@right(X, Y)
def copied_where(x, y):
    u = x * y
    np.copyto(u, x * x, where=y > 0.3)
    np.copyto(u, y[0], where=x < 0)
    return np.sum(u * x)


@right(A, X[:3])
def copied_where_stretched(a, x):
    b = a * a
    np.copyto(b, x * x, where=x > 0)
    np.copyto(b, x[0], where=a[:, :1] > 0.5)
    return np.sum(b * a)


# ------------------------------------------------------------------------ sort


@right(X)
def sorted_in_place(x):
    u = x * x
    u.sort()
    return np.sum(u * np.arange(4)) * u[0]


@right(A)
def rows_sorted(a):
    b = a * a
    b.sort()
    c = a * b
    c.sort(axis=0)
    return np.sum(b * a) + np.sum(c * np.arange(6).reshape(2, 3))


@right(X)
def argument_sorted(x):
    x.sort()
    return x[0] * x[1] ** 2 * x[3]


def median(u):
    u.sort()
    return 0.5 * (u[1] + u[2])


@right(X)
def sorted_by_a_callee(x):
    u = x * x
    return median(u) * u[3]


# ------------------------------------------------------------------------- out


@right(X, Y)
def written(x, y):
    u = np.zeros(4)
    np.add(x, y, out=u)
    np.multiply(u, x, u)
    np.exp(u, out=u)
    return np.sum(u * y)


@right(X, 0.5, 3)
def stepped(u, c, n):
    u = u.copy()
    new = np.empty_like(u)
    for _ in range(n):
        np.multiply(u, c, out=new)
        np.subtract(new, u * u, out=new)
        u, new = new, u
    return np.sum(u * u)


@right(X)
def every_kind_of_old_value(x):
    u = x * x
    np.sqrt(u, out=u)
    np.divide(2.0, u, out=u)
    np.tanh(u, out=u)
    np.negative(u, out=u)
    np.arctan2(u, x, out=u)
    np.power(u, 2, out=u)
    return np.sum(u * x)


@right(X)
def written_to_a_part(x):
    u = np.ones(5)
    np.add(x[1:], x[:-1], out=u[1:-1])
    np.sin(u[1:], out=u[:-1])
    return np.sum(u * u)


@right(A)
def reduced(a):
    s, t = np.empty(3), np.zeros(2)
    np.sum(a * a, axis=0, out=s)
    np.mean(a, 1, out=t)
    np.sum(a, 1, None, t)
    a.sum(axis=1, out=t)
    np.cumsum(s, out=s)
    return np.sum(s * s) * t[0] + t[1]


@right(S)
def multiplied(s):
    p, q = np.empty((3, 3)), np.zeros(3)
    np.matmul(s, s.T, out=p)
    np.dot(p, s, out=p)
    s.dot(p[0], out=q)
    return np.sum(p * s) + q[0] * q[1]


@right(X)
def joined(x):
    u = np.empty(4)
    np.concatenate([x[2:], x[:2] * x[0]], out=u)
    np.stack([x[1:3], u[2:]], out=np.zeros((2, 2)))
    t = u[2:] * 1.0
    np.concatenate([t, x[:2]], out=u)
    return np.sum(u * u)


def first_by_square(u, i, v):
    u[0] = v * v
    np.add.at(u, i, v)


@right(X)
def callees_beside_functions_as_values(x):
    u, v = x * x, np.zeros(4)
    square = lambda a: a * a
    first_by_square(u, [0, 1], x[1])
    np.add.at(v, [0, 0], x[:2])
    return np.sum(u * v) + square(u[0])


@right(X)
def clipped(x):
    u = x * 2.0
    np.clip(u, -1.0, 1.3, out=u)
    u.clip(-1.2, 0.9, out=u)
    return np.sum(u * u * x)


@right(X)
def result_used(x):
    u = np.zeros(4)
    v = np.multiply(x, x, out=u)
    return np.sum(v * u) * v[0]


@right(X)
def nested(x):
    u = np.empty(4)
    np.add(np.multiply(x, x, out=u), x[0], out=u)
    y = np.sum(np.sqrt(np.add(u * u, 1.0, out=u), out=u)) * x[1]
    return y * np.sum(u)


@right(X, Y)
def looped_and_asked(x, y):
    u = np.zeros(4)
    s = 0.0
    if np.max(np.multiply(x, y, out=u)) > 0:
        s = u[0]
    for v in np.add(u, x, out=u):
        s = s + v * v
    return s * np.sum(u)


@right(X, Y)
def divided_where(x, y):
    u = np.divide(x, y, out=np.zeros_like(x), where=y > 0)
    v = x * x
    np.log(x, out=v, where=x > 0)
    return np.sum(u * v)


@right(A, X[:3])
def added_where_stretched(a, x):
    b = a * a
    np.multiply(x, 2.0, out=b, where=a > 0)
    np.subtract(b, x, out=b, where=x > 0)
    return np.sum(b * a)


@right(X)
def nothing_where(x):
    u = np.divide(1.0, x - x, out=x * 2.0, where=x > 9)
    return np.sum(u * x)


@right(A, X[:3])
def stretched(a, x):
    b = np.empty((2, 3))
    np.add(x, x[0], out=b)
    np.multiply(b, a[:, :1], out=b)
    return np.sum(b * b)


def scale(u, c, out):
    np.multiply(u, c, out=out)


def scaled(u, c, out=None):
    np.multiply(u, c, out=out)
    return out


@right(X, 0.6)
def written_by_callees(x, c):
    u, v = np.empty(4), np.zeros(4)
    scale(x, c, u)
    scale(u, c, out=v)
    w = scaled(u, x[0], v)
    return np.sum(u * x) + np.sum(w * u)


@right(X, 2)
def argument_overwritten(x, n):
    for _ in range(n):
        np.sin(x, out=x)
        np.add(x[1:], x[:-1], out=x[1:])
    return np.sum(x * x)


@right(X)
def overwritten_by_a_constant(x):
    u = x * x
    s = np.sum(u)
    np.cos(np.arange(4.0), out=u)
    return s * np.sum(u)


@right(X)
def without_out(x):
    u = np.add(x, x * x, out=None, where=True)
    return np.sum(u)


# ------------------------------------------------- put, place, putmask, diagonal


@right(X, Y)
def put(x, y):
    u = x * y
    np.put(u, [0, -1], [x[1], y[1] ** 2])
    u.put(1, x[0] * u[2])
    np.put(u, np.array([2, 3]), x[:2] * u[:2])
    return np.sum(u * x)


@right(A, X)
def put_in_a_matrix(a, x):
    b = a * a
    np.put(b, [0, -1, 3], x[:2])
    np.put(b, 4, x[3] * b[0, 0])
    b.put([1, 1], x[1:3] * b[1, 2])
    return np.sum(b * a)


@right(X, Y)
def placed(x, y):
    u = x * y
    np.place(u, x > 0, y[:2] * x[0])
    np.place(u, y > 0.3, x[3])
    np.place(u, x > 9, y)
    return np.sum(u * x)


@right(A, X)
def put_under_other_names(a, x):
    b = a * a
    np.put(b, (1, 2), v=x[:2])
    np.put(b, ind=[True, False], v=x[2:])
    np.copyto(dst=b, src=a[0], where=a > 0)
    np.putmask(b, mask=a < 0, values=x[0])
    np.fill_diagonal(b, val=x[1])
    return np.sum(b * a)


@right(A, X)
def placed_in_a_matrix(a, x):
    b = a * a
    np.place(b, a > 0, x * x)
    np.putmask(b, a < 0, x[:2])
    np.putmask(b, a > 0.5, a[::-1] * 2)
    return np.sum(b * a)


@right(X, Y)
def put_under_a_mask(x, y):
    u = x * y
    np.putmask(u, x > 0, y * y)
    np.putmask(u, y < 0, x[0])
    return np.sum(u * x)


@right(S, X)
def diagonal_filled(s, x):
    t = s * s
    np.fill_diagonal(t, x[0] ** 2)
    u = t * s
    np.fill_diagonal(u, x[:3] * t[0])
    return np.sum(t * s) + np.sum(u * t)


@right(A, X, unless_known="S301")
def diagonal_of_a_rectangle_filled(a, x):
    b = a * a
    np.fill_diagonal(b, x * x)
    np.fill_diagonal(b[:, 1:], x[0])
    return np.sum(b * a)


# ------------------------------------------------------------------ in one row


@right(A, X)
def elements_by_number(a, x):
    b = a * a
    b.flat[4] = x[0] * a.flat[1]
    b.flat[-1] += x[1] * b.flat[0]
    x = x * b.flat[2]
    c = x * 1.0
    c.flat[1] = b.flat[5] * c.flat[-1]
    return np.sum(b * a) + np.sum(c * c)


@right(A, X)
def several_by_number(a, x):
    b = a * a
    b.flat[[0, 3]] = x[:2]
    b.flat[1:3] *= x[2:]
    b.flat[4:] = x
    t = b.flat[:3]
    b.flat[0] = 2.0
    return np.sum(b * a) + np.sum(t * t)


@right(A, X)
def all_in_one_row(a, x):
    b = np.empty((2, 3))
    b.flat = x
    c = a * 1.0
    c.flat = b * b
    s = 0.0
    for v in c.flat:
        s = s * 0.5 + v * v
    return s + np.sum(np.dot(c.flat, b.flat)) * np.sum(a.T.flat)


@right(A, 6)
def counted(a, n):
    b = np.zeros((2, 3))
    s = 0.0
    for k in range(n):
        b.flat[k] = a.flat[k] ** 2 * (k + 1)
        s = s + b.flat[k - 1] * a.flat[k]
    return s


# --------------------------------------------------------------- repeated indices


@right(X, K)
def last_one_stays(x, i):
    y = np.ones(3)
    y[i] = x * x
    return np.sum(y * y)


@right(X, K, J)
def pairs_repeat(x, i, j):
    y = np.ones((3, 3))
    y[i, j] = x * x
    y[i[0], j] += x
    y[i, 1] = x[0]
    return np.sum(y * y)


@right(X, K, J)
def one_names_what_the_other_does(x, i, j):
    y = np.ones((3, 3))
    y[[0, 0, -3, 1], [2, -1, 2, 1]] = x
    y[[0, 0], j[:2]] *= x[:2]
    return np.sum(y * y)


@right(X, K, unless_known="S301")
def added_once(x, i):
    y = x[:3] * x[1]
    y[i] += x
    y[i] *= x * y[0]
    y[i] -= y[0]
    return np.sum(y * y)


@right(X)
def written_out(x):
    y = x * 1.0
    y[[0, 0, 1]] = x[1:] * x[0]
    y[[-1, 2, 0]] -= x[:3]
    y[[0, -4]] = x[1]
    y[[3, 1]] = x[:2] * y[[1, 1]]
    return np.sum(y * y)


@right(X, K, S, unless_known="S301")
def rows_repeat(x, i, s):
    t = s * s
    t[i] = x[:, None] * s[0]
    t[:, i] = x * t[:, :1]
    t[1:, i[:2]] += s[0, :2]
    t[i, :2] *= x[0]
    return np.sum(t * s)


@right(X, np.array([[0, 2], [0, 1]]))
def places_in_two_dimensions(x, i):
    y = np.ones(3)
    y[i] = np.reshape(x, (2, 2))
    y[i] += x[:2]
    y[i[0]] = x[0] * y[i[1]]
    return np.sum(y * y)


@right(X, K)
def repeated_in_a_loop(x, i):
    y = np.zeros(4)
    for k in range(3):
        y[i] = x * y[k] + k
        y[i] += y * x
    return np.sum(y)


@right(X, K)
def constant_under_repeated_indices(x, i):
    y = x * x
    y[i] = 2.0
    return np.sum(y * x)


@right(X, np.zeros(0, int), unless_known="S301")
def no_places(x, i):
    y = x * x
    y[i] = x[i] * 2.0
    y[i] += x[0]
    return np.sum(y * x)


@right(X)
def indices_that_do_not_repeat(x):
    y = np.zeros(4)
    k = np.arange(3)
    y[np.argsort(x)] = x * x
    y[k] += x[k + 1]
    y[k] = x[k] * y[k]
    y[np.flatnonzero(x > 0)] *= x[0]
    y[np.nonzero(x > 0)] = y[1] * 2.0
    y[[0, 3]] = x[:2]
    return np.sum(y * x)


@right(X, K, 3)
def indices_that_may_be_given(x, i, n):
    y = np.zeros(4)
    if n > 5:
        i = np.arange(4)
    y[i] = x * x
    k = np.arange(3)
    k[2] = n - 3
    y[k] *= x[:3]
    return np.sum(y * x)


@right(S)
def triangles(s):
    t = np.zeros((3, 3))
    t[np.tril_indices(3)] = s[np.tril_indices(3)] ** 2
    upper = np.triu_indices(3, 1)
    t[upper] = t[np.tril_indices(3, -1)] * s[upper]
    return np.sum(t * s)


def put_there(u, i, v):
    u[i] = v * u[0]


@right(X, K)
def repeated_in_a_callee(x, i):
    u = x * x
    put_there(u, i, x)
    return np.sum(u * x)


@right(X, K, unless_known="S301")
def subtracted_at(x, i):
    u = x[:3] * x[0]
    np.subtract.at(u, i, x * u[1])
    np.add.at(u, [0, 0], x[0])
    return np.sum(u * u)


# ------------------------------------------------------------------------ views


@right(X, unless_known="S301")
def view_filled(x):
    u = x * x
    v = u[1:]
    v.fill(x[0])
    np.multiply(v, x[1:], out=v)
    v[:2].sort()
    return np.sum(u * x)


@right(X, unless_known="S301")
def result_has_another_name(x):
    u = x * x
    v = np.exp(u, out=u)
    v[0] = x[1]
    v += x
    return np.sum(u * v)


@right(A, unless_known="S301")
def rows_written(a):
    b = a * a
    for row in b:
        np.multiply(row, row[0], out=row)
        row[1:].fill(row[0])
    return np.sum(b * a)


@right(X, K, unless_known="S301")
def put_in_a_view(x, i):
    u = x * x
    v = u[1:]
    np.put(v, [0, -1], x[:2])
    v[i] = x * v[0]
    v.flat[0] = 3.0
    np.copyto(v, x[1:], where=x[1:] > 0)
    return np.sum(u * x)


# ----------------------------------------------------------------------- checks


@right.parametrize()
def test_store(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


def known_case(function):
    return next(case for case in right if case.function is function and case.known)


SINGLE = (written, copied_where, divided_where, put, placed, diagonal_filled, last_one_stays, added_once)


@pytest.mark.parametrize("function", SINGLE)
def test_single_precision(function):
    case = known_case(function)
    values = {
        name: value.astype(np.float32) if isinstance(value, np.ndarray) and value.dtype == np.float64 else value
        for name, value in case.values.items()
    }
    check_modes(replace(case, values=values), 1e-3, ("jvp", "vjp"))


def test_what_was_written_with_out_stays_so():
    text = generated(known_case(written), "grad")[0]
    assert "np.exp(u, out=u)" in text
    assert "_saved" not in text


def test_no_helper_where_indices_do_not_repeat():
    for function in (indices_that_do_not_repeat, triangles):
        assert "_stored" not in generated(known_case(function), "grad")[0]


def test_plain_indices_where_kinds_are_known():
    for function in (copied_where, divided_where, put_under_a_mask):
        assert "def _" not in generated(known_case(function), "jvp")[0]


# --------------------------------------------------------------------- refusals


def read_before(x):
    u = x * x
    return np.sum(u * 2.0) * np.sum(np.exp(u, out=u))


def written_sometimes(x):
    u = x * x
    return np.sum(u) if x[0] < 0 else np.sum(np.exp(u, out=u))


def written_to_a_copy(x):
    u = x * x
    np.multiply(x[:2], 2.0, out=u[[0, 1]])
    return np.sum(u)


def two_results(x):
    u, v = x * x, x * 2
    np.modf(x, u, v)
    return np.sum(u * v)


def wrapped(x):
    u = np.outer(x, x)[:, :2]
    np.fill_diagonal(u, x[0], wrap=True)
    return np.sum(u)


def clipped_places(x):
    u = x * x
    np.put(u, [0, 9], x[0], mode="clip")
    return np.sum(u)


def placed_from_itself(x):
    u = x * x
    np.place(u, x > 0, u[:2])
    return np.sum(u)


def shifted_in_a_row(x):
    u = x * x
    u.flat[1:] = u[:-1]
    return np.sum(u)


def joined_into_itself(x):
    u = x * x
    np.concatenate([u[2:], u[:2]], out=u)
    return np.sum(u * x)


def from_round_to_round(u):
    for k in range(3):
        u.fill(0.5 * k)
        yield u[0]


def run_by_a_generator(x):
    u = x * x
    total = 0.0
    for value in from_round_to_round(u):
        total = total + value * u[1]
    return total


def multiplied_at(x):
    u = x * x
    np.multiply.at(u[[0, 1]], [0, 0, 1], x[0])
    return np.sum(u)


def stable(x):
    u = x * x
    u.sort(kind="stable")
    return np.sum(u * x)


@pytest.mark.parametrize(
    ("function", "code", "at"),
    [
        (read_before, "S205", "np.exp(u, out=u)"),
        (written_sometimes, "S205", "np.exp(u, out=u)"),
        (written_to_a_copy, "S301", "np.multiply(x[:2], 2.0, out=u[[0, 1]])"),
        (two_results, "S301", "np.modf(x, u, v)"),
        (wrapped, "S301", "np.fill_diagonal(u, x[0], wrap=True)"),
        (clipped_places, "S301", 'np.put(u, [0, 9], x[0], mode="clip")'),
        (placed_from_itself, "S301", "np.place(u, x > 0, u[:2])"),
        (shifted_in_a_row, "S301", "u.flat[1:] = u[:-1]"),
        (joined_into_itself, "S301", "np.concatenate([u[2:], u[:2]], out=u)"),
        (multiplied_at, "S301", "np.multiply.at(u[[0, 1]], [0, 0, 1], x[0])"),
        (stable, "S301", 'u.sort(kind="stable")'),
    ],
)
def test_refused(function, code, at):
    check_refused(function, X, code=code, at=at)


def test_an_array_that_a_generator_changes():
    check_case(case_of(run_by_a_generator, (X,), {}, None, True))
    check_refused(run_by_a_generator, X, code="S301", at="u.fill(0.5 * k)", kinds=(False,))


# -------------------------------------------------------------------- Jacobians


@pytest.fixture
def unformatted(monkeypatch):
    monkeypatch.setattr("black.format_str", lambda text, mode: text)


BLOCKS = (
    filled,
    copied_where,
    written,
    divided_where,
    put,
    placed,
    diagonal_filled,
    pairs_repeat,
    added_once,
    subtracted_at,
)


@pytest.mark.parametrize("function", BLOCKS)
@pytest.mark.parametrize("operator", ["jacfwd", "jacrev"])
def test_jacobian(function, operator, unformatted):
    case = known_case(function)
    arguments, wrt = list(case.values.values()), case.wrt[0]
    derivative = getattr(s2sad, operator)(function, wrt=wrt)(*arguments)
    np.testing.assert_allclose(derivative, s2sad.grad(function, wrt=wrt)(*arguments), rtol=1e-12)


# -------------------------------------------------------------------- from text

TEXT = """
import numpy as np

def f(u, i, n):
    v = np.zeros(len(u))
    for k in range(n):
        v.fill(u[k])
        np.multiply(v, u, out=v)
        v[i] = u * v[0]
        v[:2].sort()
        np.copyto(v, u, where=u > 0)
        np.multiply.at(v, i, u[k])
    return np.sum(v * v)
"""


def test_read_from_text(tmp_path, unformatted):
    """Names are resolved without running the file, and kinds are not known."""
    file = tmp_path / "model.py"
    file.write_text(TEXT)
    made, given = {}, {}
    exec(derive(static_unit(file, "f"), Options("grad", ("u",), bare=True), {}).text, made)
    exec(TEXT, given)
    step = 1e-6 * np.eye(4)
    slopes = [(given["f"](X + h, K, 2) - given["f"](X - h, K, 2)) / 2e-6 for h in step]
    np.testing.assert_allclose(made["f_grad"](X, K, 2), slopes, rtol=1e-6, atol=1e-8)
