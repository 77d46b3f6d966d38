"""Hessian-vector products of all functions whose gradients are tested."""

import functools

import numpy as np
import pytest

from tests.checking import case_of, label
from tests.second_order import check_second_order
from tests.transform import test_calls, test_constructs, test_expressions, test_overwrites, test_values

CASES = [*test_values.right, *test_constructs.right, *test_calls.right, *test_overwrites.right, *test_expressions.right]


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in CASES if case.known])
def test_hessian_products(case):
    check_second_order(case)


def test_a_name_for_what_a_branch_computes_too():
    def f(x, y):
        return x**y / (1 + y * y)

    check_second_order(case_of(f, (0.6, 1.3), {}, ("y", "x"), True))


def test_a_number_added_where_a_mask_selects():
    def f(x, a):
        y = np.array([x[0], x[-1]]) * a
        return np.sum(y[np.ones(2) > 0.15]) * a

    def of_a_list(a):
        items = [a]
        for i in range(2):
            items.append(a * np.sum(np.array([items[0], items[-1]])[np.ones(2) > 0.15]))
        return items[-1] * a

    check_second_order(case_of(f, (np.array([0.3, -0.8, 1.1]), 0.7), {}, None, True))
    check_second_order(case_of(of_a_list, (0.3,), {}, None, True))


def test_the_same_adjoint_for_every_round():
    def f(a, b):
        return sum(functools.reduce(lambda e, v: e * v + a, [b * 0, b]) for _ in (1, 2, 3))

    check_second_order(case_of(f, (0.42, 0.14), {}, None, True))
