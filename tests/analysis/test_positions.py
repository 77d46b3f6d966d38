"""Which position an index names decides nothing about the kind of an element."""

import numpy as np

from tests.checking import Examples, check_case, generated

right = Examples()


@right(np.array([0.3, 0.5, 0.7]), 2)
def small_matrix(x, n):
    H, c = np.zeros((3, 3)), np.zeros(3)
    for k in range(n):
        H[k, k] = x[0] * x[1]
        c[k] = H[k, k] * x[1]
        c -= H[k, :2].sum() * x
    return np.sum(c * c) + np.sum(H * H)


@right.parametrize()
def test_first_order(case):
    check_case(case)


def test_the_kind_is_known():
    text, _ = generated(next(case for case in right if case.known), "grad")
    assert "_unbroadcast" not in text and "_kept" not in text
