"""What the adjoint reads is overwritten; names that collide with generated ones; aliases."""

import numpy as np

from tests.checking import Examples, check_case

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])


# ----------------------------------------------------- where values are lost


@right(0.7)
def in_the_same_statement(x):
    x = x * np.sin(x)
    x = np.exp(x) * x
    return x


@right(0.7, 0.4)
def in_the_next_statement(x, w):
    y = x * w
    x = y
    w = x * w
    y = w * y
    return y * x


@right(0.7, 0.4)
def in_the_other_variable_of_a_pair(x, w):
    y = x * w
    x, w = w * y, x
    return x * w * y


@right(0.7, 0.4)
def in_a_branch(x, w):
    y = x * w
    if y > 0:
        x = np.sin(y)
        y = x * y
    return x * y


@right(-0.7, 0.4)
def in_the_branch_not_taken(x, w):
    y = x * w
    if y > 0:
        x = np.sin(y)
    return x * y * x


@right(0.7, 0.4)
def the_condition_in_its_branch(x, w):
    if x > w:
        x = w * w
        w = x * w
    else:
        w = x
    return x * w


@right(0.7, 0.4)
def the_condition_variable_in_a_later_loop(x, w):
    y = x * w
    flag = 1
    if flag == 1:
        y = np.sin(y)
    for i in range(3):
        flag = flag + 1
        if flag % 2 == 0:
            y = y * x
    return y


@right(0.7)
def in_a_loop_after_a_use_outside(x):
    y = np.sin(x)
    z = y * y
    for i in range(3):
        y = y * z
        z = z + y
    return y + z


@right(0.7)
def in_an_inner_loop(x):
    y = x
    for i in range(3):
        z = y * x
        for j in range(2):
            z = z * y
            y = y + z * z
    return y


@right(0.7)
def in_the_outer_loop_after_the_inner(x):
    y = x
    for i in range(3):
        for j in range(2):
            y = y * np.sin(x)
        x = x * y + 0.5
        y = x
    return x * y


@right(0.7)
def only_in_the_last_round(x):
    y = x
    for i in range(3):
        y = y * x
        if i == 2:
            x = y
    return x * y


@right(0.7)
def only_in_the_first_round(x):
    w = 2 * x
    for i in range(3):
        if i == 0:
            w = x * x
        x = x * w
    return x * w


@right(0.7)
def after_the_loop(x):
    y = 1.0
    for i in range(3):
        y = y * x + i
    x = y * y
    y = x
    return x * y


@right(0.7, 3)
def the_loop_bound(x, n):
    for i in range(n):
        x = x * x + n
    n = 7
    for i in range(n - 5):
        x = x * x
    return x * n


@right(X)
def the_index(x):
    s = 1.0
    k = 0
    for i in range(3):
        k = (k + 2 * i) % 4
        s = s * x[k]
    k = 0
    return s * x[k]


@right(X, 2)
def an_index_argument(x, k):
    y = x[k] * x[k]
    k = 0
    return y * x[k]


@right(X)
def the_indexed_array(x):
    y = x[0] * x[1]
    x = x * y
    z = x[0] * y
    x = np.sin(x)
    return z * x[2]


@right(X)
def the_indexed_array_in_a_loop(x):
    s = 1.0
    for i in range(4):
        s = s * x[i]
        x = x * s
    return s + np.sum(x)


@right(0.7)
def while_condition_in_the_body(x):
    n = 3
    while n > 0:
        x = x * x + n
        n = n - 1
    n = x
    return n * x


@right(0.7)
def inactive_variable_in_a_loop(x):
    c = 1.0
    for i in range(4):
        x = x * c
        c = c * 1.5 + i
        x = np.sin(x) * c
    return x * c


@right(0.7)
def inactive_variable_turns_active_and_back(x):
    c = 2.0
    y = c * x
    c = x * y
    z = c * y
    c = 3.0
    return z * c


@right(0.7)
def active_only_in_later_rounds(x):
    a = 1.0
    b = 2.0
    c = 3.0
    for i in range(4):
        c = c * b
        b = b * a
        a = x * i
    return a + b + c


# --------------------------------------------------------------------- aliases


@right(X)
def alias_of_an_array(x):
    y = x
    y = y + 1
    return np.sum(x * y)


@right(X)
def alias_in_a_loop(x):
    y = x
    for i in range(3):
        z = y
        y = y * x
        x = z
    return np.sum(x * y)


@right(X)
def alias_in_one_branch(x):
    if x[0] > 0:
        y = x
    else:
        y = x * 2
    x = x * y
    return np.sum(x * y)


@right(X)
def update_of_a_fresh_array(x):
    y = x * 2
    z = np.sum(y * y)
    y += x
    return z + np.sum(y * y)


@right(X, or_refused="S301")
def update_by_itself(x):
    y = x * 2
    y += y
    y *= y
    return np.sum(y)


@right(0.7, unless_known="S301")
def update_of_an_alias_of_a_number(x):
    y = x
    y += 1
    z = y
    z *= x
    return x * y * z


@right(X, unless_known="S301")
def element_alias_updated(x):
    y = x[0]
    y += x[1]
    y *= y
    return y * x[0]


@right(X)
def adjoint_of_an_alias_is_not_shared(x):
    y = x
    z = x
    s = np.sum(y) * np.sum(z * z)
    return s + np.sum(x * y * z)


@right(X, X * 2)
def equal_contributions_to_two_arrays(x, w):
    y = x + w
    return np.sum(y * y)


@right(X, X * 2)
def sum_returned(x, w):
    return x + w


@right(X, X * 2)
def both_returned(x, w):
    return x, w


@right(X)
def one_array_returned_twice(x):
    return x, x


@right(X)
def view_returned(x):
    return x[1:]


# ----------------------------------------------------------- names that collide


@right(0.7, 0.4)
def locals_named_like_generated_ones(x, w):
    x_bar = x * w
    x_dot = np.sin(x_bar)
    t = x_dot * x
    t_1 = t * w
    y = t_1 * t
    y_bar = y * x_dot
    saved = y_bar * y
    pullback = saved + x_bar
    x_saved = 2.0
    for k in range(3):
        pullback = pullback * x + k * saved
        for rounds in range(2):
            x = np.sin(x) * x_saved
    return pullback * x


@right(0.7)
def counters_named_like_generated_ones(x):
    k = 2
    rounds = 0
    branch = x
    while rounds < 3:
        if branch > x:
            branch = branch * x
        else:
            branch = np.exp(branch) + k
        rounds = rounds + 1
        x = x * 1.5
    return branch * k * rounds


@right(0.7, 0.4)
def parameters_named_like_generated_ones(y, y_bar):
    return y * y_bar * np.sin(y)


@right(0.7, 0.4, 0.2)
def parameters_named_like_tangents(x, x_dot, x_bar):
    y = x * x_dot
    return y * x_bar + np.sin(y)


@right(0.7, 0.4)
def parameters_named_like_the_pullback(saved, pullback):
    for i in range(2):
        saved = saved * pullback
    return saved


@right(0.7, 0.4, or_refused="S201")
def parameters_named_like_modules(math, numpy):
    return np.sin(math) * np.exp(math * numpy)


@right(X)
def local_named_like_the_functions_of_generated_code(x):
    len = 2.0
    zip = np.sum(x) * len
    reversed = zip * zip
    list = 3.0
    range_ = 0.0
    for v in x:
        range_ = range_ * v + reversed * list
    return range_


@right(0.7)
def local_named_np_like(x):
    np_ = x * x
    _ = np_ * x
    _unbroadcast = _ * _
    return _unbroadcast * np_


def t(x):
    return x * x


def y(x):
    return np.sin(x) * x


def saved(x):
    return x * t(x)


@right(0.7)
def helpers_named_like_generated_locals(x):
    z = t(x) * y(x)
    for i in range(2):
        z = z * saved(x) + t(z)
    return z


@right(0.7)
def local_named_like_a_helper(x):
    t = x * 2
    return t * y(x) * t


@right(0.7)
def local_named_like_its_function(x):
    local_named_like_its_function = x * x
    return local_named_like_its_function * x


named_like_the_result_jvp = 2.0
named_like_the_result_grad = 3.0
named_like_the_result_vjp = np.array([1.0, 2.0])


@right(0.7)
def named_like_the_result(x):
    return x * named_like_the_result_jvp * named_like_the_result_grad * np.sum(named_like_the_result_vjp)


def helper_fwd(x):
    return x * 3


def helper_bwd(x):
    return x * x


def helper_jvp(x):
    return np.exp(x)


def helper(x):
    return np.sin(x) * helper_fwd(x) * helper_bwd(x) + helper_jvp(x)


@right(0.7)
def helpers_named_like_generated_functions(x):
    return helper(x) * helper_fwd(x)


class Namespace:
    @staticmethod
    def helper(x):
        return x * 5.0


namesake = Namespace.helper


@right(0.7)
def two_helpers_of_one_name(x):
    return helper(x) + namesake(x) * x


called_by_another_name = t


@right(0.7)
def local_named_like_a_helper_called_by_another_name(x):
    t = x * 2
    return called_by_another_name(t) * t


@right(0.7)
def locals_named_like_generated_functions(x):
    t_fwd = x * 2
    t_bwd = t_fwd * x
    t_jvp = t(t_bwd)
    y_fwd = y(t_jvp)
    for y_bwd in (x, t_fwd):
        y_fwd = y_fwd * y(y_bwd)
    return y_fwd


def items(x):
    return x * 3


@right(X)
def helper_named_like_a_generated_sequence(x):
    s = 1.0
    for v in np.sin(x) * 2:
        s = s * items(v) + v
    return s


@right(X, 2)
def overwritten_by_a_constant_in_no_round(x, n):
    for i in range(n):
        if i > 5:
            x = np.ones(3)
    return np.sum(x * x)


@right(X, 8)
def overwritten_by_a_constant_in_some_rounds(x, n):
    s = 0.0
    for i in range(n):
        s = s + np.sum(x * x)
        if i > 5:
            x = np.ones(3)
    return np.sum(x * x) * s


# ------------------------------------- another array in the name of an argument


def bounded(x):
    x[0] = 0.5 * x[1]


@right(0.3, X, wrt=("a", "x"))
@right(-0.3, X, wrt=("a", "x"))
def scaled_in_a_branch_behind_a_change(a, x):
    bounded(x)
    x[-1] *= a
    if a > 0:
        x = x / np.sum(x * x)
    return np.sum(x**3) * a


@right(0.3, X, wrt=("a", "x"))
def new_in_each_round_behind_a_change(a, x):
    x[1:] += a * x[:-1]
    for k in range(3):
        y = np.sin(x)
        x = x + a * k * y
        if np.sum(x) > 10:
            return x[0]
    return np.sum(x) * a


@right(0.3, X, wrt=("a", "x"), or_refused="S301")
@right(-0.3, X, wrt=("a", "x"), or_refused="S301")
def one_or_the_other_changes_then(a, x):
    x[0] = a
    if a > 0:
        x = x * 2
    x[1] = a * x[2]
    return np.sum(x * x)


@right.parametrize()
def test_overwritten(case):
    check_case(case)
