"""What is assumed of values of unknown kind: dicts whose elements are run over, fields called like attributes of arrays."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import s2sad
from tests.checking import case_of, check_case, check_derivative, check_refused, generated, leaves
from tests.second_order import check_second_order

MODES = ("jvp", "vjp", "grad")


def by_its_keys(d):
    s = 0.0
    for k in d:
        s += k * d[k] ** 2
    return s


def numbered(d):
    s = 0.0
    for i, k in enumerate(d):
        s += (i + k) * d[k] ** 2
    return s


def in_order(d):
    s = 0.0
    for k in sorted(d):
        s += k * d[k] ** 2
    return s


def as_a_list(d):
    keys = list(d)
    return keys[0] * d[0] + keys[1] * d[1]


def unpacked(d):
    a, b = d
    return a * d[0] + b * d[1]


def the_largest(d):
    return max(d) * d[0] * d[1]


def all_added(d):
    return sum(d) * d[0] * d[1]


def in_a_comprehension(d):
    return sum([k * d[k] for k in d])


def in_a_callee(d):
    return by_its_keys(d) * 2


def in_a_callee_that_saves_nothing(d):
    return all_added_alone(d) * 2


def all_added_alone(d):
    return sum(d)


def as_a_list_that_is_run_over(d):
    s = 0.0
    for k in list(d):
        s += k * d[k] ** 2
    return s


def added_to_elements(d):
    out = np.zeros(2)
    out[0] += sum(d)
    return np.sum(out) * d[0]


def one_of_two(d):
    return (sum(d) if d[0] > 0.5 else d[1]) * d[0]


FUNCTIONS = [
    by_its_keys,
    numbered,
    in_order,
    as_a_list,
    unpacked,
    the_largest,
    all_added,
    in_a_comprehension,
    in_a_callee,
    in_a_callee_that_saves_nothing,
    as_a_list_that_is_run_over,
    added_to_elements,
    one_of_two,
]


def kept_in_a_dict(d):
    s = 0.0
    for k in d["table"]:
        s += k * d["table"][k] ** 2
    return s


def under_a_name(d):
    table = d["table"]
    return sum(table) * table[0]


def of_each_in_a_list(d):
    s = 0.0
    for table in d["tables"]:
        for k in table:
            s += k * table[k]
    return s


INNER = [kept_in_a_dict, under_a_name, of_each_in_a_list]
NUMBERED = {0: 0.7, 1: 0.4}


def run(function, mode, d):
    _, derivative = generated(case_of(function, (d,), {}, "d", False), mode)
    return derivative(d, d) if mode == "jvp" else derivative(d)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_dict_is_refused_when_it_comes(function, mode):
    with pytest.raises(TypeError, match="dicts have to be declared"):
        run(function, mode, NUMBERED)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("function", INNER)
def test_a_dict_in_something_is_refused_when_it_comes(function, mode):
    with pytest.raises(TypeError, match="dicts have to be declared"):
        run(function, mode, {"table": NUMBERED, "tables": [NUMBERED]})


def test_a_dict_that_is_asked_for_first():
    def total(d):
        if isinstance(d, dict):
            return d[0] ** 2 * d[1]
        return sum(d) ** 2

    check_case(case_of(total, (NUMBERED,), {}, "d", False))


@pytest.mark.parametrize(
    "function", [one for one in FUNCTIONS if one not in (in_order, in_a_callee_that_saves_nothing)]
)
def test_a_declared_dict_is_right(function):
    check_case(case_of(function, (NUMBERED,), {}, "d", True))


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("d", [{"a": 0.7, "b": np.array([0.3, 0.4])}, {3: 0.7, 1: 0.2}])
def test_keys_that_only_look_up(d, known):
    def looked_up(d):
        s = 0.0
        for i, k in enumerate(d):
            s = s + np.sum(d[k] ** 2) * i
        for k in sorted(d):
            s = s * np.sum(d[k])
        return s

    check_case(case_of(looked_up, (d,), {}, "d", known))


class Gamma(NamedTuple):
    shape: float
    scale: float
    size: float = 0.3


@dataclass
class Box:
    size: float
    T: float


def fields_of_a_namedtuple(p):
    return p.shape**2 * p.size


def fields_of_a_dataclass(p):
    return p.size**2 * p.T


def fields_in_a_list(p):
    s = 0.0
    for q in p:
        s = s * q.T + q.size**2
    return s


def fields_in_a_dict(p):
    return p["box"].size ** 2


def fields_in_a_callee(p):
    s = 0.0
    for i in range(3):
        s += fields_of_a_dataclass(p) * i
    return s


BOX = Box(0.3, 0.4)
FIELDS = [
    (fields_of_a_namedtuple, Gamma(0.7, 0.4)),
    (fields_of_a_dataclass, BOX),
    (fields_in_a_list, [BOX, BOX]),
    (fields_in_a_dict, {"box": BOX}),
    (fields_in_a_callee, BOX),
]


@pytest.mark.parametrize(("function", "p"), FIELDS)
def test_fields_called_like_attributes_of_arrays(function, p):
    case = case_of(function, (p,), {}, "p", True)
    check_case(case)
    check_second_order(case)
    blocks = [s2sad.jacfwd(function)(p), s2sad.jacrev(function)(p)]
    assert all(list(leaves(block)) == pytest.approx(list(leaves(s2sad.grad(function)(p)))) for block in blocks)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("function", "p"), FIELDS)
def test_such_fields_of_unknown_kind_are_refused_when_they_come(function, p, mode):
    _, derivative = generated(case_of(function, (p,), {}, "p", False), mode)
    with pytest.raises(TypeError, match="has to be declared where what it has"):
        derivative(p, p) if mode == "jvp" else derivative(p)


def test_a_test_is_made_once():
    def scaled(x):
        n = x.size + x.shape[0]
        for i in range(x.ndim):
            n += x.size * i
        return np.sum(x) * n

    text, _ = generated(case_of(scaled, (np.ones(3),), {}, "x", False), "jvp")
    assert text.count("__module__") == 1


@pytest.mark.parametrize("known", [True, False])
def test_second_order_behind_a_test(known):
    def scaled(x):
        return np.sum(np.sin(x).T * x.T) * x.size

    check_second_order(case_of(scaled, (np.array([0.3, 0.4]),), {}, "x", known))


def sums_keys(d, x):
    e = d.copy()
    e[5] = x
    return sum(e) * x * d[1]


def sums_keys_of_a_new_dict(x):
    f = {}
    for k in range(3):
        f[k] = x * k
    return sum(f) * x + f[1]


def runs_over_a_list_of_keys(x):
    f, s = {}, 0.0
    for k in range(3):
        f[k] = x * k
    for k in list(f):
        s += f[k] * k
    return s


@pytest.mark.parametrize(
    ("function", "args", "at"),
    [
        (sums_keys, ({1: 0.5, 2: 0.7}, 0.4), "e"),
        (sums_keys_of_a_new_dict, (0.4,), "f"),
        (runs_over_a_list_of_keys, (0.4,), "f"),
    ],
)
def test_keys_that_are_numbers_are_refused(function, args, at):
    check_refused(function, *args, code="S202", at=at, kinds=(True,))


def keys_that_look_up(x):
    f = {}
    for k in range(3):
        f[k] = x * k + x
    return f[max(f)] * f[sorted(f)[0]] + f[max(f, key=f.get)]


def test_keys_of_a_new_dict_that_only_look_up():
    check_derivative(keys_that_look_up, 0.4)
