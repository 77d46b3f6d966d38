"""Variables that hold one of several functions."""

import numpy as np
import pytest

from tests.checking import Examples, case_of, check_case, check_refused, generated
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1])


def relu(x):
    return np.maximum(x, 0.0)


def scaled(x, k=2.0):
    return x * k + np.sin(x)


def apply(f, x, *, times=1):
    for _ in range(times):
        x = f(x)
    return x


def pick(name):
    if name == "relu":
        return relu
    return np.tanh if name == "tanh" else scaled


ACTIVATIONS = {"relu": relu, "tanh": np.tanh, "scaled": scaled}


@right(0.4, 1)
def of_a_conditional_expression(x, mode):
    f = np.sin if mode == 1 else np.cos
    return f(x) * x


@right(X, "relu")
def of_branches(x, mode):
    if mode == "sin":
        act = np.sin
    elif mode == "relu":
        act = relu
    else:
        act = scaled
    y = x
    for _ in range(3):
        y = act(y * x) + 1.0
    return np.sum(y)


@right(0.4)
def whose_test_is_active(x):
    if x * x > 0.1:
        g = np.sin
    else:
        g = lambda v: v * x  # noqa: E731
    return g(x) + g(2 * x)


@right(0.4, 4)
def that_changes_in_a_loop(x, n):
    f, y = np.sin, x
    g = np.sin
    for i in range(n):
        y = g(y) * x
        if i % 2:
            g = scaled
        elif y > 0:
            g = np.cos
    return f(y) * y


@right(0.4, "scaled")
def looked_up(x, name):
    return ACTIVATIONS[name](x) * x + ACTIVATIONS.get(name, np.exp)(x)


@right(X, "square")
def looked_up_in_a_local_dict(x, name):
    table = {"relu": relu, "square": lambda z: z * z, "late": lambda z: z + np.sum(x)}
    f = table[name]
    return np.sum(f(f(x)))


@right(0.4, 1)
def passed_on(x, mode):
    f = np.sin if mode == 1 else scaled
    g = np.cos if mode == 2 else f
    return apply(f, x, times=2) * apply(g, x) + scaled(x, k=g(x))


@right(0.4, "tanh")
def returned_by_a_function(x, name):
    f = pick(name)
    return pick("relu")(x) + f(x) * pick(name)(x)


@right(0.4, 1)
def captured(x, mode):
    act = np.sin if mode == 1 else relu

    def layer(v, w):
        return act(v * w)

    return layer(x, 2.0) + layer(layer(x, x), 3.0)


@right(0.4, True)
def or_none(x, active):
    act = None
    if active:
        act = scaled
    y = x * x
    if act is not None:
        y = act(y)
    return y


@right(X, "tanh")
def an_attribute(x, name):
    net = Net(name, 0.5)
    return np.sum(net.run(net.run(x)))


class Net:
    def __init__(self, name, w):
        self.w = w
        self.act = relu if name == "relu" else np.tanh

    def run(self, x):
        return self.act(self.w * x)


@right(0.4)
def one_after_the_other(x):
    f = np.sin
    y = f(x)
    f = np.cos
    return f(y) * y


@right(0.4, 2)
def by_a_loop_over_keys(x, n):
    for name in ("relu", "tanh"):
        x = ACTIVATIONS[name](x) * n
    return x


@right(0.4)
def of_a_loop_that_ends_early(x):
    for f in (np.sin, relu, lambda v: v * v + 0.5, scaled):
        x = f(x) + f(2 * x)
        if x > 1.5:
            break
    else:
        x = x * 2
    return x * f(x)


@right(0.4)
def returned_from_a_loop(x):
    for f in [scaled, np.exp, relu]:
        y = f(x)
        if y > 1.3:
            return y * x
        x = y * x
    return x


@right(0.4, 2)
def by_its_place(x, n):
    fs = [np.sin, scaled, relu]
    for i in range(n):
        x = fs[i](x) * x + fs[-i](x)
    return x


@right.parametrize()
def test_derivative(case):
    check_case(case)


@pytest.mark.parametrize("case", [case for case in right if case.known], ids=lambda case: case.function.__name__)
def test_second_order(case):
    check_second_order(case)


def test_a_key_that_is_not_there():
    _, function = generated(case_of(looked_up, (0.4, "sin"), {}, None, True), "grad")
    with pytest.raises(KeyError):
        function(0.4, "sin")


def test_functions_that_no_branch_decides_about_are_called_by_name():
    assert '"sin"' not in generated(case_of(one_after_the_other, (0.4,), {}, None, True), "grad")[0]


# -------------------------------------------------------------------- refusals


def looked_up_where_it_may_not_be(x, name):
    return ACTIVATIONS[name](x) if name in ACTIVATIONS else x


def of_one_name(x, name):
    def sin(v):
        return v * v

    f = np.sin if name == "relu" else sin
    return f(x)


def kept_in_a_list(x, name):
    f = relu if name == "relu" else scaled
    fs = [f, np.sin]
    return fs[0](x)


@pytest.mark.parametrize(
    ("function", "at"),
    [(looked_up_where_it_may_not_be, "ACTIVATIONS[name](x)"), (kept_in_a_list, "fs[0](x)"), (of_one_name, "f(x)")],
)
def test_refused(function, at):
    check_refused(function, 0.7, "relu", code="S201", at=at)
