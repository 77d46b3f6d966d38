"""`match`, `del`, chained assignments to any targets, `assert` and `raise` on ways that are not taken."""

import numpy as np

from tests.checking import Examples, check_case, check_refused
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1, 0.6])


@right(0.7, 0)
@right(0.7, 3)
@right(0.7, 5)
@right(0.7, None)
def values(x, n):
    match n:
        case 0:
            y = x
        case 1 | 2 | 3:
            y = x * x
        case None:
            y = np.sin(x)
        case _:
            y = x * n
    return y * x


@right(0.7, "cube")
@right(0.7, "other")
def texts(x, name):
    match name:
        case "square":
            return x * x
        case "cube":
            return x * x * x
        case other if other.startswith("o"):
            return np.sin(x)
    return x


@right((0.7, 0.4), or_refused="S301")
@right((0.7, 0.4, 0.9), or_refused="S301")
@right((0.7,), or_refused="S301")
def sequences(parts):
    match parts:
        case (a,):
            return a * a
        case (a, b):
            return a * b
        case [first, *rest]:
            return first * rest[0] + rest[1] * rest[1]


@right(0.7, 0.4)
@right(0.7, -0.4)
def several_subjects(a, b):
    match a * b, 3:
        case p, 4:
            y = p
        case p, 3 if p > 0:
            y = p * a
        case p, q:
            y = p * q * b
    return y


@right(0.7, 3)
@right(0.7, 3.0)
def classes(x, n):
    match n:
        case float(v) if v > 1:
            return x * v
        case int() | np.integer():
            return x * x * n


@right({"a": 0.7, "b": 0.4}, or_refused="S301")
@right({"a": 0.7, "c": 0.4}, or_refused="S301")
def mappings(given):
    match given:
        case {"a": v, "b": w}:
            return v * v * w
        case {"c": v}:
            return np.sin(given["a"]) * v


@right(X, ("add", "mul", "skip", "stop", "add"))
def commands(x, names):
    total = 1.0
    for i, name in enumerate(names):
        match name:
            case "add":
                total = total + x[i]
            case "mul":
                total = total * x[i]
            case "skip":
                continue
            case "stop":
                break
        total = total * 1.5
    return total


@right(0.7)
def the_subject_is_bound_again(x):
    pair = (x, x * x)
    match pair:
        case (pair, b):
            return pair * b + b


@right(0.7, 0.4)
def chained_tuples(x, y):
    a = b, c = x * y, np.sin(x)
    (p, q) = r = a[1], b
    return a[0] * b * c + p * q * r[0]


@right(X)
def chained_elements(x):
    y = np.zeros(3)
    z = np.zeros(3)
    for i in range(3):
        y[i] = s = z[2 - i] = x[i] * x[i + 1]
        y[i] = y[i] * s
    return np.sum(y * z)


@right(0.7, 1)
def the_index_of_a_chained_assignment_changes(x, i):
    y = np.zeros(3)
    y[i] = i = 2
    y[i] = x * x
    return y[2] * y[1] * x


@right(0.7)
def deleted(x):
    y = x * x
    z = y * x
    del y
    for i in range(2):
        t = z * i
        z = z + t * x
        del t, i
    pass
    return z


@right(0.7)
def not_taken(x):
    assert x > 0, f"x is {x}"
    if x > 100:
        raise ValueError("too large")
    for i in range(3):
        assert i < 5
        if i > 5:
            raise ValueError(f"{i}")
        x = x * x + 0.1
    return x


def test_refused():
    def attributes_by_position(x):
        match x:
            case complex(1.0, v):
                return v

    def bound_although_not_matched(x):
        v = 0.0
        match x:
            case [v] if v > 0:
                return v
        return v * x

    def alternatives_that_bind(x):
        match x:
            case [v] | [v, _]:
                return v * v

    check_refused(attributes_by_position, 0.7, code="S201", at="complex(1.0, v)")
    check_refused(bound_although_not_matched, [0.7], code="S201", at="[v]")
    check_refused(alternatives_that_bind, [0.7], code="S201", at="[v] | [v, _]")


@right.parametrize()
def test_derivative(case):
    check_case(case)


@right.parametrize()
def test_second_derivative(case):
    check_second_order(case)
