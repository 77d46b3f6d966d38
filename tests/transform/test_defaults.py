"""Functions with a parameter that is None or written into."""

import numpy as np
import pytest

from s2sad.errors import S2sadError
from tests.checking import Examples, case_of, check_case, generated, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, 0.5, 0.7, 0.4])


def product(x, y=None):
    if y is None:
        y = np.zeros(4)
    y[0] = 2 * x[0] * x[1]
    y[1:] += x[:3]
    return y


def shifted(x, *, out=None, by=1.0):
    out = np.empty_like(x) if out is None else out
    for i in range(len(x)):
        out[i] = x[i] * by + x[0]
    return out


def scaled(x, c, out=None):
    if out is not None:
        out[:] = x * c
    else:
        out = x * c
    return out


def returned_at_once(x, out=None):
    if out is None:
        return x * 2
    out[:] = x * 3
    return out


def only_written(x, out=None):
    if out is None:
        return
    out[:] = x * 3


def collected(v, values=None):
    if values is None:
        values = []
    values.append(v * v)
    return values


def through(x, out=None):
    return product(x * 2, out)


def halves(x, out=None):
    if out is None:
        out = np.zeros(len(x))
    if len(x) == 1:
        out[0] = x[0] ** 2
        return out
    out[0] = x[0] * x[1]
    halves(x[1:], out[1:])
    return out


class Operator:
    def __init__(self, c):
        self.c = c

    def apply(self, x, out=None):
        if out is None:
            out = np.empty_like(x)
        out[:] = x[::-1] * self.c
        return out


@right(X, unless_known="S301")
def into_an_array(x):
    w = x.copy()
    product(x, w)
    return np.sum(w * w)


@right(X)
def into_a_new_one(x):
    return product(x)[0] * x[0]


@right(X, unless_known="S301")
def into_both(x):
    w = x.copy()
    for _ in range(2):
        w = product(x, w)
    return np.sum(product(x) * w)


@right(X)
def with_none(x):
    return np.sum(product(x, None) * x)


@right(X, unless_known="S301")
def by_keyword(x):
    work = np.empty(4)
    y = shifted(x, by=x[1])
    shifted(x, out=work)
    return np.sum(work * y)


@right(X)
def decided_the_other_way(x):
    w = np.zeros(4)
    scaled(x, x[1], w)
    return np.sum(w * scaled(x, 2.0))


@right(X)
def with_a_return_of_its_own(x):
    w = np.zeros(4)
    returned_at_once(x, w)
    only_written(x)
    y = returned_at_once(x)
    only_written(y, w)
    return np.sum(w * y)


@right(X, unless_known="S301")
def into_a_list(x):
    values = collected(x[0])
    collected(x[1], values)
    return sum(values) * collected(x[2])[0]


@right(X, unless_known="S301")
def handed_on(x):
    w = np.zeros(4)
    through(x, w)
    return np.sum(w * through(x) * through(x, None))


@right(X, or_refused="S301")
def calling_itself(x):
    return np.sum(halves(x) * x)


@right(X, unless_known="S301")
def in_a_method(x):
    a, w = Operator(x[0]), np.zeros(4)
    a.apply(x, w)
    a.apply(x * 2, out=w)
    return np.sum(w * a.apply(x))


@right(X, unless_known="S301")
def in_a_nested_function(x):
    def add(v, out=None):
        if out is None:
            out = np.zeros(4)
        out += v * x[0]
        return out

    w = x.copy()
    add(x, w)
    return np.sum(w * add(x))


@right(X, None, wrt="x", unless_known="S301")
def asked_with_none(x, out):
    return np.sum(product(x, out))


@right(X, wrt="x", unless_known="S301")
@right(X, X * 1.0, wrt="x", unless_known="S301")
@right(X, X * 1.0, wrt=("x", "out"), unless_known="S301")
def the_function_itself(x, out=None):
    if out is None:
        out = np.zeros(4)
    out[1:] = x[:-1] * x[1:] + out[1:]
    return np.sum(out)


def sized(x, p=None):
    if p is None:
        return x
    if len(p) == 2:
        return x * p[0] * p[1] + read(p)
    return x * x * p[0] + read(p)


def keyed(x, options=None):
    if options is None:
        return x
    if "k" in options:
        return x * options["k"] + read(options)
    return x * x + read(options)


def read(p):
    return 0.0 * len(p)


@right(X)
def other_tests_than_for_none_are_asked_of_each_call(x):
    tuples = sized(x[0], (1.0, 2.0)) + sized(x[1], (3.0, 2.0, 1.0)) * sized(x[2])
    return tuples + keyed(x[0], {"k": 2.0}) + keyed(x[1], {"j": 2.0}) * keyed(x[2])


def called(function, x, out):
    function(x, out)
    return out


def through_value(x):
    return through(x).sum() + called(through, x, np.ones(4)).sum()


def through_default(x, function=through):
    first, out = through(x), np.ones(4)
    function(x, out)
    return first.sum() + out.sum()


def given_back(x, out):
    other = out
    other[0] = x[0] * 2
    out[1] = out[1] + x[1]
    return other


@right(X, unless_known="S301")
def a_result_that_turns_out_to_be_an_argument(x):
    b, c = np.ones(3), np.ones(3)
    given = given_back(x, b)
    t = c
    t[0] = x[1] * x[0]
    return b.sum() * c.sum() * given[0]


@right.parametrize()
def test_defaults(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


def test_one_function_for_each():
    text, _ = generated(case_of(into_both, (X,), {}, "x", True), "jvp")
    assert text.count("def product") == 2
    assert "is None" not in text


@pytest.mark.parametrize("function", [through_value, through_default])
@pytest.mark.parametrize("mode", ["jvp", "grad"])
def test_what_is_called_by_a_value_is_given_other_arguments(function, mode):
    case = case_of(function, (X,), {}, "x", True)
    with pytest.raises(S2sadError, match="S301"):
        generated(case, mode)
