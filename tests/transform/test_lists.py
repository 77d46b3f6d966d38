"""Lists and tuples as data: filled, emptied, joined, changed in place, in loops and straight on."""

import numpy as np
import pytest

from tests.checking import Examples, check_case, check_derivative, check_refused, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1])


@right([np.array([1.0]), np.array([2.0, 3.0, 4.0]), np.array([0.5])])
def row_kept_under_a_condition(rows):
    for r in rows:
        if np.sum(r) > 5:
            z = r
    return np.sum(z * r)


@right(-0.22, [0.53, 0.94, 0.54])
def largest_of_what_was_appended_to(a, items):
    items.append(items[0])
    return max(items) + a


@right(X)
def inserted_and_given_to_numpy(x):
    y = list(x)
    y.insert(1, y[0])
    return np.dot(y, y)


@right(-0.73, [0.84, 0.81])
def given_to_numpy_before_and_after(a, items):
    items.append(np.sum(np.array(items) ** 2) * a)
    t = items.pop(0)
    return np.sum(np.array(items) ** 2) * t


@right(0.53, 0)
@right(0.53, 4)
def appended_in_a_loop_and_given_to_numpy(x, n):
    y = [x]
    for i in range(n):
        y.append(y[-1] * x)
        if i > 1:
            y.append(np.max(y))
    return np.dot(y, y) + max(y)


@right(0.53, 4)
def popped_in_a_loop_and_given_to_numpy(x, n):
    y = [x]
    s = 0.0
    for i in range(n):
        y.append(y[-1] * x)
        s += np.max(y)
        if i > 1:
            s += y.pop()
            s *= np.sum(y)
    return np.dot(y, y) + s


@right(0.53, 4.0, wrt="x")
@right(0.53, -4.0, wrt="x")
def appended_in_a_branch_and_given_to_numpy(x, b):
    y = [x]
    if b > 0:
        y.append(x * x)
        s = np.max(y)
    else:
        y.append(x)
        y.append(y[0])
        s = 0.0
    return np.dot(y, y) + s


@right(0.7, 0, wrt="a", unless_known="S301")
@right(0.7, 1, wrt="a", unless_known="S301")
@right(0.7, 3, wrt="a", unless_known="S301")
def longer_in_each_round_than_before(a, n):
    items = [a, 2 * a]
    s = items[-1] * a
    for k in range(n):
        items = [a, a * k, a * a]
        items[0] *= a
    return s + items[0] * items[-1]


@right(0.7, wrt="a")
def longer_than_what_the_loop_runs_over(a):
    items = [a, 2 * a]
    for y in items[:3]:
        items = [np.sin(a) * y, a]
        items.append(a * items[0])
    return items[0] * items[-1] + items[1]


@right(0.7, 0, wrt="a")
@right(0.7, 2, wrt="a")
def other_keys_in_the_loop(a, n):
    d = {"u": a}
    s = d["u"] * a
    for k in range(n):
        d = {"u": a * k, "v": a * a}
        s += d["v"] * d["u"]
    return s + d["u"]


@right(0.7, [0.3], unless_known="S202")
def parameter_extended(x, items):
    items += [x, x * x]
    for _ in range(2):
        items += [items[-1] * x]
    return sum(items) * items[0]


@right(0.7, 0.4)
def extended_by_a_display(a, b):
    x = [a]
    x.extend([a * b, b])
    return x[0] * x[1] + np.sin(x[2])


@right(0.7, 0.4)
def extended_by_a_list(a, b):
    x, y = [a], [a * b, b]
    x.extend(y)
    return x[0] * x[1] + np.sin(x[2]) * y[0]


@right(X)
def extended_in_a_loop(x):
    out = []
    for i in range(3):
        out.extend([x[i], x[i] ** 2])
    return out[0] * out[3] + out[-1] ** 2


@right(X)
def extended_in_a_loop_by_a_list(x):
    out = []
    for i in range(3):
        row = [x[i], x[i] ** 2]
        out.extend(row)
    return out[0] * out[3] + out[-1] ** 2


@right(X)
def added_to_in_place(x):
    out = [x[0]]
    for i in range(3):
        out += [x[i] * out[-1]]
    return out[1] * out[3]


@right(X)
def added_to_in_place_a_list(x):
    out = []
    for i in range(3):
        row = [x[i], x[i] ** 2]
        out += row
    return out[0] * out[3] + out[-1] ** 2


@right(0.7, 0.4)
def displays_joined(a, b):
    x = [a] + [b, a * b]
    return x[0] * x[2] + np.sin(x[1])


@right(0.7, 0.4)
def lists_joined(a, b):
    x, y = [a, b], [b, a * b]
    z = x + y
    return z[0] * z[3] + np.sin(z[2]) + x[0] * y[1]


@right(X)
def joined_in_a_loop(x):
    out = []
    for i in range(3):
        out = out + [x[i] ** 2]
    return out[0] * out[1] + out[2]


@right(X, 4)
def joined_in_a_loop_of_unknown_length(x, n):
    out = [x[0]]
    for i in range(n):
        out = out + [out[-1] * x[1]]
    return out[-1] + out[1]


@right(0.7, 0.4)
def a_list_some_times(a, b):
    x = [a, b] * 3
    return x[0] * x[3] * x[4]


@right(X, 4)
def a_list_n_times(x, n):
    y = [x[0]] * n
    s = 0.0
    for v in y:
        s = s + v * v
    return s + y[0] * x[1]


@right(X, 4, unless_known="S301")
def zeros_filled_n(x, n):
    y = [0.0] * n
    for i in range(n):
        y[i] = x[0] * i + (y[i - 1] if i > 0 else x[1]) ** 2
    return y[n - 1] + y[0]


@right(X)
def zeros_filled(x):
    y = [0.0] * len(x)
    for i in range(len(x)):
        y[i] = x[i] ** 2
    return sum(y)


@right(X, unless_known="S301")
def zeros_filled_twice(x):
    y = [0.0] * len(x)
    for i in range(len(x)):
        y[i] = x[i] ** 2
        y[i] = y[i] * x[0]
    return sum(y)


@right(X, unless_known="S301")
def zeros_filled_from_the_end(x):
    y = [0.0] * len(x)
    for i in range(-1, 1):
        y[i] = x[i] * x[0] + y[i]
    return sum(y)


@right(X)
def three_zeros_added_to(x):
    y = [0.0] * 3
    for i in range(3):
        y[i] += x[i] ** 2
    return y[0] * y[1] + y[2]


@right(0.7, 0.4)
def popped(a, b):
    x = [a, b, a * b]
    y = x.pop()
    return y * x[0] + x[-1]


@right(0.7, 0.4)
def popped_from_the_front(a, b):
    x = [a, b, a * b]
    y = x.pop(0)
    return y * x[0] + x[-1] ** 2


@right(0.7, 0.4)
def popped_from_the_middle(a, b):
    x = [a, b, a * b]
    y = x.pop(1)
    z = x.pop(-1)
    return y * x[0] + z**2


@right(X)
def a_queue(x):
    q = [x[0], x[1]]
    for i in range(4):
        u = q.pop(0)
        q.append(u * q[0] + x[2])
    return q[0] * q[1]


@right(X)
def popped_in_an_expression(x):
    s = [x[0], x[1], x[2]]
    return s.pop() * 2 + s.pop(0) ** 2


@right(0.7, 0.4)
def inserted(a, b):
    x = [a, b]
    x.insert(1, a * b)
    x.insert(0, b**2)
    return x[0] * x[1] + x[2] * x[3] * x[3]


@right(X)
def inserted_in_a_loop(x):
    out = []
    for i in range(3):
        out.insert(0, x[i] ** 2)
    return out[0] * out[1] + out[2]


@right(0.7, 0.4)
def deleted(a, b):
    x = [a, b, a * b]
    del x[1]
    return x[0] * x[1]


@right(0.7, 0.4)
def ends_deleted(a, b):
    x = [a, b, a * b]
    x.append(b)
    del x[-1]
    del x[0]
    return x[0] * x[1]


@right(0.7, 0.4)
def cleared(a, b):
    x = [a, b]
    y = x[0] * x[1]
    x.clear()
    x.append(y * a)
    return x[0] ** 2


@right(0.7, 0.4)
def copied(a, b):
    x = [a, b]
    y = x.copy()
    y[0] = y[0] * b
    z = list(x)
    z[1] = a
    return x[0] * y[0] + z[1] * y[1]


@right(0.7, 0.4)
def reversed_in_place(a, b):
    x = [a, b, a * b]
    x.reverse()
    return x[0] * x[1] + x[2] ** 2


@right(X)
def reversed_after_a_loop(x):
    out = []
    for i in range(3):
        out.append(x[i] ** 2)
    out.reverse()
    return out[0] * x[1] + out[2]


@right(0.7, 0.4, unless_known="S301")
def negative_indices(a, b):
    x = [a, b, a * b]
    x[-1] = x[-2] * 2
    x[-3] += x[-1]
    return x[0] * x[1] + x[2] ** 2


@right(0.7, 0.4)
def slices(a, b):
    x = [a, b, a * b, a - b]
    y = x[1:3]
    z = x[::-2]
    w = x[:-1]
    return y[0] * y[1] + z[0] * z[1] + w[2] ** 2


@right(0.7, 0.4, 2)
def slices_of_unknown_length(a, b, n):
    x = [a, b, a * b, a - b]
    y = x[n:]
    return y[0] * y[1] + sum(x[:n])


@right(0.7, 0.4, unless_known="S301")
def a_slice_assigned(a, b):
    x = [a, b, a * b, a - b]
    x[1:3] = [x[2] ** 2, x[0]]
    return x[0] * x[1] + x[2] * x[3]


@right(X, unless_known="S301")
def a_slice_assigned_in_a_loop(x):
    y = [x[0], x[1], x[2]]
    for i in range(2):
        y[0:2] = [y[1] * y[2], y[0]]
    return y[0] * y[1] + y[2]


@right(X)
def constant_lists(x):
    names = ["a", "b"]
    s = x[0]
    if "a" in names:
        s = s * x[1]
    if names == ["a", "b"] and names.index("b") == 1 and names.count("a") == 1:
        s = s * x[2]
    return s * s


@right(X)
def lists_of_lists(x):
    rows = []
    for i in range(2):
        row = []
        for j in range(3):
            row.append(x[j] ** (i + 1))
        rows.append(row)
    return rows[1][2] * rows[0][0] + rows[1][0]


@right(X, unless_known="S301")
def a_table(x):
    t = [[0.0] * 3 for _ in range(2)]
    for i in range(2):
        for j in range(3):
            t[i][j] = x[j] ** (i + 1) + (t[i - 1][j] if i > 0 else 0.0)
    return t[1][2] * t[0][0] + t[1][0]


@right(X, unless_known="S301")
def a_matrix_of_lists(x):
    t = [[x[0], x[1]], [x[1] * x[2], x[2]]]
    t[0][1] = t[1][0] * t[0][0]
    t[1][1] += t[0][1]
    return t[0][0] * t[0][1] + t[1][1] ** 2


@right(X)
def a_list_of_tuples(x):
    t = []
    for i in range(3):
        t.append((x[i], x[i] ** 2))
    s = 0.0
    for a, b in t:
        s = s + a * b
    return s + t[0][1]


@right(0.7, 0.4)
def tuples_joined(a, b):
    t = (a, b) + (a * b,)
    u = t * 2
    return t[2] * u[4] + u[1:][0]


@right((0.7, 0.4), 0.5, unless_known="S202")
def a_tuple_joined_to_an_argument(t, c):
    u = t + (c,)
    return u[0] * u[2] + u[1] ** 2


@right(X, unless_known="S301")
def a_tuple_added_to(x):
    t = (x[0],)
    t += (x[1] * x[0],)
    return t[0] * t[1]


@right(X, unless_known="S301")
def elements_swapped(x):
    y = [x[0], x[1], x[2]]
    y[0], y[2] = y[2] * y[1], y[0]
    return y[0] * y[1] + y[2]


@right(X, unless_known="S301")
def elements_multiplied(x):
    y = [x[0], x[1], x[2]]
    for i in range(3):
        y[i] *= y[i - 1]
    return y[0] * y[1] + y[2]


@right(X)
def a_sorted_list_of_places(x):
    order = sorted([2, 0, 1])
    order.sort(reverse=True)
    s = 0.0
    for k, i in enumerate(order):
        s = s + x[i] ** (k + 1)
    return s


@right(X)
def a_stack(x):
    stack = [x[0]]
    total = 0.0
    n = 0
    while stack:
        top = stack.pop()
        total = total + top**2
        n += 1
        if n < 4:
            stack.append(top * x[1])
            stack.append(top + x[2])
    return total


@right(X)
def a_sliding_window(x):
    w = []
    s = 0.0
    for i in range(5):
        w.append(x[i % 3] * (i + 1))
        if len(w) > 2:
            w.pop(0)
        s = s + w[0] * w[-1]
    return s


@right(X)
def a_stack_of_pairs(x):
    stack, total = [(x[0], 0)], 0.0
    while stack:
        value, depth = stack.pop()
        total = total + value**2
        if depth < 3:
            stack.append((value * x[1], depth + 1))
            stack.append((np.sin(value), depth + 2))
    return total


@right(X, 2)
def popped_and_inserted_at_variables(x, k):
    y = [x[0], x[1], x[2], x[0] * x[1]]
    for i in range(3):
        u = y.pop(i - k)
        y.insert(i - 1, u * y[k])
    return y[0] * y[1] + y[2] ** 2 * y[3]


@right([np.array([0.3, 0.4]), np.array([0.5, 0.1])])
def a_queue_of_arrays(xs):
    queue = [xs[0] * 2, xs[1] ** 2]
    for _ in range(3):
        first = queue.pop(0)
        queue.append(np.sin(first) * queue[0])
    return np.sum(queue[0] * queue[1])


@right(X)
def extended_by_what_it_holds(x):
    y = [x[0], x[1]]
    y.extend([y[0] * x[2], y[-1] + y[0]])
    y += y[1:]
    return y[2] * y[3] + y[4] * y[6]


@right(X, 0, unless_known="S202")
def joined_and_repeated_without_rounds(x, n):
    y, z = [x[0]], [x[1] * x[2]] * n
    for _ in range(n):
        y += [x[1]]
    z = z + y
    return z[0] * y[-1]


@right([X, X * 2], unless_known="S202")
def arrays_some_times(xs):
    y = xs * 2 + [xs[0] * xs[1]] * 3
    return np.sum(y[0] * y[3]) + np.sum(y[4] * y[6])


def filled(x, n):
    y = []
    for k in range(n):
        y.insert(0, x * k)
        y.extend((x, x**2))
    del y[0]
    return y


@right(0.7)
def filled_by_a_function(x):
    y = list(filled(x, 3))
    y.reverse()
    return y[0] * y[3] + sum(y)


@right(0.7, 1.0)
def changed_in_a_branch(x, c):
    y = [x, x**2, x**3]
    if c > 0:
        y.insert(1, np.sin(x))
        y.pop()
    else:
        y.extend([x, x])
    return y[0] * y[1] * y[2]


@right([0.3, 0.4])
def an_array_of_it_in_one_branch_only(y):
    return (0.5 if 1 > 1 else np.sum(np.array(y) ** 2)) * y[-1]  # noqa: PLR0133


@right([X, X * 2], 1)
def a_stack_of_it_in_one_branch_only(ys, n):
    t = np.sum(np.stack(ys) ** 2) if n > 0 else np.sum(ys[0])
    return t * np.sum(ys[1])


@right(0.7)
def shared_and_reversed(x):
    y = [x, x**2]
    z = y
    y.reverse()
    return z[0] * y[1] ** 3


def extended_by_itself(x):
    y = [x, x**2]
    y.extend(y)
    return y[3]


def removed(x):
    y = [x, x**2]
    y.remove(x)
    return y[0]


def test_refused():
    check_refused(extended_by_itself, 0.7, code="S301", at="y.extend(y)")
    check_refused(removed, 0.7, code="S301", at="y.remove(x)")


@right(np.array([1.13, -0.64, 0.53]), [-0.52])
def list_made_of_an_array_in_each_round(x, ys):
    for _ in x:
        ys = [2.0 * np.sum(np.array(ys) ** 2), x[0]]
    return x[0] * ys[0]


@right(1.2, [-0.52, 0.9, 0.3])
def list_in_order_in_each_round(x, ys):
    for _ in range(2):
        ys = sorted(ys)
    return max(ys) * x


@right({"w": np.array([0.44, -0.63, 0.22]), "c": 0.24}, [-0.11, -0.84])
def adjoint_of_unknown_kind(p, xs):
    for _ in range(2):
        a = p["c"]
        for b in range(2):
            p = {"w": p["w"] + b + np.ones(3), "c": sum(xs)}
    return np.linalg.norm(np.maximum(p["w"], a) + np.sum(np.array(xs) ** 2))


@right(0.3, [0.4], wrt=("a", "xs"), unless_known="S301")
def longer_under_another_name(a, xs):
    m = xs
    k = m
    k += (a * xs[0], a)
    m += [a]
    return np.sum(np.array(xs) ** 2) * len(m)


def last_of_two(a, b):
    for z in [a, np.sin(b)]:
        pass
    return np.cos(z)


@right(-0.71, wrt="a")
def integer_among_the_elements_of_a_callee(a):
    return last_of_two(b=last_of_two(a, a), a=3)


def smallest_with_its_place(x):
    k, t = min(enumerate(x), key=lambda g: g[1] ** 2)
    return t * t + k


@right(0.7, 0.3, wrt=("a", "b"))
def pairs_of_an_integer_and_a_float(a, b):
    return smallest_with_its_place(np.array([a - 0.5, 2.0, b - 1.1]))


def ordered(q):
    q.reverse()
    q.sort(key=abs, reverse=True)


@right(0.3, [0.4, -0.2, 0.7], wrt=("a", "xs"), unless_known="S301")
def argument_in_another_order(a, xs):
    xs.reverse()
    a = a * xs[0] + xs[1]
    ordered(xs)
    return a + xs[0] * xs[2]


@right(0.3, [0.4, 0.2], wrt=("a", "xs"))
@right(2.3, [0.4, 0.2], wrt=("a", "xs"))
def another_list_behind_a_change(a, xs):
    xs.append(a * a)
    xs[-1] = xs[-1] * xs[0]
    while a > 1:
        a = a / 2
        xs = [a, *xs]
    return xs[-1] * a + xs[0]


@right(0.3, [0.4, 0.2], wrt=("a", "xs"), unless_known="S301")
def longer_while_a_loop_runs_over_what_was_computed_of_it(a, xs):
    for s in (a * sum(xs), sum(xs)):
        xs.append(a * s)
    return sum(xs) * xs[0]


@right.parametrize()
def test_list(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


def zeros_filled_with_arrays(x):
    y = [0.0] * len(x)
    for i in range(len(x)):
        if x[i] > -9.0:
            y[i] = x * x[i]
    return y[0][1] * y[1][0] + np.sum(y[-1])


def test_elements_of_another_shape():
    """What was there before is a constant: it has no derivative."""
    check_derivative(zeros_filled_with_arrays, X)
