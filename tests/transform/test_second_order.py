"""Hessian-vector products of all functions whose gradients are tested."""

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
