"""Dicts as data: filled, emptied, merged, looked up, with keys that are written out and keys that are not."""

from collections import namedtuple
from dataclasses import replace

import numpy as np
import pytest

from tests.checking import Examples, check_case, check_refused, label
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1])
Point = namedtuple("Point", "x y")


@right(X)
def filled_under_constants(x):
    d = {}
    d["a"] = x[0] ** 2
    d["b"] = x[1] * d["a"]
    d["a"] = d["a"] + 1.0
    return d["a"] * d["b"]


@right(X)
def grows_by_arrays(x):
    d = {"x": x}
    d["y"] = np.sin(d["x"])
    d["z"] = d["y"] * x
    return np.sum(d["z"] * d["y"])


@right(X)
def filled_in_a_loop_over_names(x):
    d = {}
    for k, name in enumerate(("a", "b", "c")):
        d[name] = x[k] ** 2
    return d["a"] * d["b"] + d["c"]


@right(X, unless_known="S301")
def added_to_in_a_loop(x):
    d = {"s": 0.0, "p": 1.0}
    for i in range(3):
        d["s"] += x[i]
        d["p"] *= x[i] + d["s"]
    return d["s"] * d["p"]


@right(X, unless_known="S301")
def an_array_added_to_in_a_loop(x):
    d = {"s": np.zeros(3), "p": 1.0}
    for i in range(3):
        d["s"] = d["s"] + x[i] * x
    return np.sum(d["s"] ** 2) * d["p"]


@right(X)
def updated(x):
    d = {"a": x[0], "b": x[1]}
    d.update({"b": x[2] * d["a"], "c": x[0]})
    d.update(e=x[1])
    return d["a"] * d["b"] + d["c"] * d["e"]


@right(X)
def updated_by_a_dict(x):
    d = {"a": x[0], "b": x[1]}
    e = {"b": x[2] * d["a"], "c": x[0]}
    d.update(e)
    return d["a"] * d["b"] + d["c"] * e["b"]


@right(X)
def looked_up(x):
    d = {"a": x[0], "b": x[1]}
    return d.get("a", 1.0) * d.get("c", x[2]) + d.get("b")


@right(X)
def popped(x):
    d = {"a": x[0], "b": x[1]}
    y = d.pop("a")
    z = d.pop("q", x[2])
    return y * d["b"] * z


@right(X)
def given_defaults(x):
    d = {"a": x[0]}
    d.setdefault("a", x[1])
    y = d.setdefault("b", x[2])
    return d["a"] * d["b"] * y


@right(X)
def deleted(x):
    d = {"a": x[0], "b": x[1]}
    y = d["a"]
    del d["a"]
    return y * d["b"] if "a" not in d else d["b"]


@right(X)
def merged_by_operators(x):
    d = {"a": x[0], "b": x[1]} | {"b": x[2], "c": x[0] * x[1]}
    d |= {"a": x[1]}
    return d["a"] * d["b"] * d["c"]


@right(X)
def merged_by_stars(x):
    d = {"a": x[0], "b": x[1]}
    e = {**d, "c": x[2] * d["a"]}
    return e["a"] * e["b"] * e["c"]


@right(X)
def made_by_dict(x):
    d = dict(a=x[0], b=x[1])
    e = dict(d, c=x[2])
    return d["a"] * d["b"] * e["c"] * e["a"]


@right(X)
def loops_over_keys_items_values(x):
    d = {"a": x[0], "b": x[1] * x[2]}
    s = 0.0
    for k in d:
        s = s + d[k] ** 2
    for k, v in d.items():
        s = s + v * (2.0 if k == "a" else 3.0)
    for v in d.values():
        s = s * v
    for k in d.keys():
        s = s + d[k]
    return s


@right(X)
def filled_from_another(x):
    d = {"a": x[0], "b": x[1] * x[2]}
    e = {}
    for k, v in d.items():
        e[k] = v**2 + d[k]
    return e["a"] * e["b"]


@right(X)
def a_comprehension(x):
    d = {"a": x[0], "b": x[1] * x[2]}
    e = {k: v**2 for k, v in d.items()}
    return e["a"] * e["b"]


@right(X)
def integer_keys(x):
    d = {}
    for i in range(3):
        d[i] = x[i] ** 2
    return d[0] * d[1] + d[2]


@right(X)
def keys_that_are_tuples(x):
    d = {}
    for i in range(2):
        for j in range(2):
            d[i, j] = x[i] * x[j]
    return d[0, 1] * d[1, 1]


@right(X, ["p", "q", "p"], wrt="x", unless_known="S301")
def keys_from_data(x, names):
    d = {}
    for k, name in enumerate(names):
        if name not in d:
            d[name] = 0.0
        d[name] += x[k] ** 2
    s = 0.0
    for name in names:
        s = s + d[name] ** 2
    return s


@right(X, 3)
def filled_in_both_branches(x, n):
    d = {}
    if n > 2:
        d["a"] = x[0] * x[1]
    else:
        d["a"] = x[2]
    d["b"] = d["a"] ** 2
    return d["a"] * d["b"]


@right(X, 3)
def a_key_in_one_branch(x, n):
    d = {"a": x[0]}
    if n > 2:
        d["b"] = x[1]
    return d["a"] * d["b"] if "b" in d else d["a"]


@right(X)
def returned(x):
    d = {}
    d["u"] = x**2
    d["v"] = np.sum(d["u"])
    return d


@right(0.3, 0.7)
def a_namedtuple_as_a_dict(a, b):
    p = Point(a, b)
    d = p._asdict()
    return d["x"] * d["y"] ** 2


@right(X, unless_known="S301")
def changed_while_a_loop_runs_over_it(x):
    d = {"a": x[0], "b": x[1] * x[2]}
    for k in d:
        d[k] = d[k] ** 2
    return d["a"] * d["b"]


@right({"a": 0.3, "b": 0.4, "c": {"d": 0.5}}, unless_known="S204")
def copies_of_an_argument(p):
    q, r = dict(p), p.copy()
    q["a"] = q["b"] ** 2
    r["b"] = q["a"]
    return q["a"] * r["b"] * r["c"]["d"] + p["a"]


@right(X)
def swapped_when_made_again(x):
    d = {}
    d["a"], d["b"] = x[0], x[1]
    d = {"a": d["b"] * x[2], "b": d["a"]}
    d["c"] = d["a"] ** 2
    return d["b"] * d["c"] + len(d)


@right(X, unless_known="S301")
def lists_and_dicts_inside(x):
    d = {}
    d["xs"] = [x[0]]
    d["xs"].append(x[1] * x[2])
    d["inner"] = {"a": d["xs"][1]}
    d["inner"]["a"] = d["inner"]["a"] ** 2
    return d["inner"]["a"] * d["xs"][0]


@right(X, unless_known="S301")
def filled_and_changed_under_a_second_name(x):
    d = {}
    d["a"] = x[0]
    e = d
    e["a"] *= x[1]
    e["b"] = x[2]
    return d["a"] * d["b"]


@right(X, unless_known="S301")
def filled_and_read_under_a_second_name(x):
    d = {}
    d["a"] = x[0]
    e = d
    d["a"] *= x[1]
    return e["a"] * x[2]


@right(X, or_refused="S301")
def filled_and_changed_in_a_list(x):
    d = {}
    d["a"] = x[0]
    items = [d]
    first = items[0]
    first["a"] = x[1] * x[2]
    return d["a"] * x[0]


def doubled(d):
    d["a"] *= 2


@right(X, unless_known="S301")
def filled_and_changed_by_functions(x):
    d = {}
    d["a"] = x[0]
    doubled(d)
    e = d
    doubled(e)
    return d["a"] * x[1]


@right(X)
def handed_to_a_function(x):
    d = {}
    d["a"] = np.sin(x[0])
    d["b"] = x[1] * x[2]
    return total(d) * d["a"]


def total(d):
    return d["a"] ** 2 + d["b"]


@right(X)
def keys_tested(x):
    d = {}
    if "a" not in d:
        d["a"] = x[0] * x[1]
    y = d["b"] if "b" in d else x[2]
    if "a" in d and y < 5:
        d["b"] = y**2
    else:
        d["b"] = y
    return d["a"] * d["b"]


@right(X, 0)
def filled_before_a_loop_without_rounds(x, n):
    d = {}
    d["s"] = x[0] ** 2
    for i in range(n):
        d["s"] = d["s"] * x[i]
    d["t"] = d["s"] * x[1]
    return d["t"] * d["s"]


@right(X, ["p", "q", "p"], wrt="x")
def values_under_keys_from_data(x, names):
    d = {}
    for k, name in enumerate(names):
        d[name] = d.get(name, 0.0) + x[k] ** 2
    s = 0.0
    for key, value in d.items():
        s = s + value**2 * (2.0 if key == "p" else 1.0)
    for value in d.values():
        s = s * value
    return s


@right(X, ["p", "q", "p"], wrt="x")
def a_key_that_may_be_there(x, names):
    d = {}
    for k, name in enumerate(names):
        if name in d:
            d[name] = d[name] * x[k]
        else:
            d[name] = x[k]
    return d["p"] + d["q"] ** 2


@right(X, ["p", "q", "p"], wrt="x")
def a_key_taken_out_and_put_in_again(x, names):
    d = {"z": x[0] ** 2}
    for k, name in enumerate(names):
        d[name] = x[k] * d["z"]
    y = d.pop(names[0])
    d[names[0]] = y**2
    return d[names[0]] * d["z"] + d["q"]


@right(X, ["p", "q", "p"], wrt="x")
def arrays_under_keys_from_data(x, names):
    d = {}
    for k, name in enumerate(names):
        if name not in d:
            d[name] = np.zeros(3)
        d[name] = d[name] + x[k] * x
    return np.sum(d["p"] ** 2) * np.sum(d["q"])


@right(X, ["p", "q", "p"], wrt="x", or_refused="S301")
def lists_under_keys_from_data(x, names):
    d = {}
    for k, name in enumerate(names):
        d.setdefault(name, [])
        d[name].append(x[k] ** 2)
    return d["p"][0] * d["p"][1] + d["q"][0]


@right(X, 0)
@right(X, 3)
def filled_under_n_integers(x, n):
    d = {}
    for i in range(n):
        d[i] = x[i]
    s = x[0]
    for i in range(n):
        s = s + d[i] ** 2
    return s


@right(X, 3)
def integer_keys_up_to_n(x, n):
    d = {0: x[0]}
    for i in range(1, n):
        d[i] = d[i - 1] * x[i]
    return d[n - 1] + d[0]


@right(X, ["p", "q", "p"], wrt="x")
def added_up_by_name(x, names):
    d = {}
    for k, name in enumerate(names):
        d[name] = d.get(name, 0.0) + x[k] ** 2
    return d["p"] * d["q"]


@right({"a": 0.3, "b": 0.4})
def a_new_dict_with_the_keys_of_the_argument(p):
    q = {}
    for k in p:
        q[k] = p[k] ** 2
    return q["a"] * q["b"]


@right({"a": 0.3, "b": 0.4}, unless_known="S204")
def a_comprehension_over_the_argument(p):
    q = {k: v**2 for k, v in p.items()}
    return q["a"] * q["b"]


WEIGHTS = {"w": np.array([0.3, -0.5]), "c": 0.72}


@right(-1.1, WEIGHTS)
def gets_a_key(a, p):
    s = np.sum(p["w"])
    p.setdefault("q", a)
    return s * p["q"] * p["c"]


def scale(p, a):
    p["w"] *= a
    return a * 2


def exchange(p, a):
    q = {"v": np.sin(p["w"]) * a, "c": p["c"] * a}
    p["w"] = p["w"] * q["v"] * q["c"]
    return q


def add_key(p, a):
    p["q"] = a * p["c"]


@right(-1.1, WEIGHTS)
@right(-4.1, WEIGHTS)
def changed_by_a_call_in_a_nested_branch(a, p):
    s = np.sum(p["w"])
    if a < 0:
        s = s * a
        if a < -3:
            s = s + scale(p, a)
    return s * np.sum(p["w"]) * p["c"]


@right(-1.1, WEIGHTS, wrt="a")
@right(-4.1, WEIGHTS, wrt="a")
def changed_by_a_call_that_saves_a_dict(a, p):
    s = np.sum(p["w"])
    if a < 0:
        if a < -3:
            q = exchange(p, a)
            s = s + np.sum(q["v"]) * q["c"]
    return s * np.sum(p["w"]) * p["c"]


@right(-1.1, WEIGHTS)
def gets_a_key_by_a_call_in_a_nested_branch(a, p):
    s = np.sum(p["w"])
    for i in range(2):
        if a < 0:
            if i > 0:
                add_key(p, a)
                s = s * p["q"]
    return s * p["c"]


@right(0.7, unless_known="S301")
def changed_behind_a_name(x):
    d = {}
    d["a"] = x
    e = d
    d["a"] = x**2
    return e["a"]


@right(0.7, [0.5], 1, wrt="x")
def popped_from_either(x, d, k):
    e = d.copy()
    e.append(x * 2)
    return e.pop(k) * x


def unknown_merged(x, d):
    return (d | {"a": x})["a"]


def test_refused():
    check_refused(unknown_merged, 0.7, {"b": 1.0}, code="S202", at='d | {"a": x}', wrt="x", kinds=(False,))


@right.parametrize()
def test_dict(case):
    check_case(case)


#: The loop over the keys is the adjoint's, too, and its dict is changed under them.
REFUSED_AGAIN = ("changed_while_a_loop_runs_over_it",)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_order(case):
    refused = "S301" if case.function.__name__ in REFUSED_AGAIN else case.or_refused
    check_second_order(replace(case, or_refused=refused))
