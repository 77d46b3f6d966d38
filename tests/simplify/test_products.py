"""Products as one writes them."""

import numpy as np
import pytest

from s2sad.kind import Array, Number, Unknown, constant_dim, symbol
from s2sad.simplify.products import with_inner_products
from s2sad.syntax import parse
from tests.checking import Examples, case_of, check_case, generated

M, N = symbol(0), symbol(1)
KINDS = {
    "a": Array("float64", (M,)),
    "b": Array("float64", (M,)),
    "c": Array("float64", (N,)),
    "one": Array("float64", (constant_dim(1),)),
    "loose": Array("float64", (None,)),
    "single": Array("float32", (M,)),
    "matrix": Array("float64", (M, M)),
    "k": Number("float"),
    "z": Unknown(),
}


def kind_of(node):
    match node:
        case _ if getattr(node, "id", None) in KINDS:
            return KINDS[node.id]
    return Number("float") if getattr(node, "op", "") == "@" else KINDS["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("np.sum(a * b)", "a @ b"),
        ("np.sum(a * b) * k", "k * (a @ b)"),
        ("np.sum((a * b) * a)", "a @ (a * b)"),
        ("2 * np.sum(a * b)", "2 * (a @ b)"),
        ("np.sum(a * b, axis=0)", None),
        ("np.sum(a * c)", None),
        ("np.sum(a * one)", None),
        ("np.sum(loose * loose)", None),
        ("np.sum(a * loose)", None),
        ("np.sum(single * single)", None),
        ("np.sum(matrix * matrix)", None),
        ("np.sum(k * a)", None),
        ("np.sum(z * z)", None),
    ],
)
def test_inner_products(text, expected):
    """Two vectors of certainly one length, in double precision; others may be stretched, or have other sums."""
    assert with_inner_products(parse(text), kind_of) == parse(expected or text)


right = Examples()
X = np.array([0.3, -0.8, 1.1])


@right(X, 0.7, wrt=("x", "k"))
def scaled(x, k):
    return np.sum(np.sin(k * x) * x)


@right(X, wrt="x")
def its_own_product(x):
    y = x * (x @ x)
    return np.sum(y * np.sqrt(y @ y) + x)


@right(X, X[:1], wrt=("x", "y"))
def stretched(x, y):
    k = np.sum(x * y)
    return np.sum(k * y * x) * np.sum(k * x)


@right(X.astype(np.float32), np.float32(0.7), wrt=("x", "k"))
def in_single_precision(x, k):
    return np.sum(k * x * x)


@right(np.array([], float), 0.7, wrt=("x", "k"))
def empty(x, k):
    return k * k + np.sum(k * x * x)


@right.parametrize()
def test_derivatives(case):
    check_case(case)


def test_what_is_added_twice_is_doubled():
    text, _ = generated(case_of(its_own_product, (X,), {}, ("x",), True), "grad")
    assert "2 * " in text and " * x + x * " not in text


WEIGHTS = np.array([-1.49911047, -0.4587384, 0.03250565, 0.33858888])


@pytest.mark.parametrize("known", [True, False])
def test_what_is_compared_stays(known):
    """With products from left to right no element would be equal to the largest one."""

    def largest(x, c):
        return np.max(np.sum(c * (x * c)) * (x * x[::-1]))

    point = np.array([2.02857739, 0.71376859, -0.61663762, 0.46136955])
    check_case(case_of(largest, (point, WEIGHTS), {}, None, known))


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("known", [True, False])
def test_adjoint_that_is_a_number_until_a_branch(n, known):
    """The adjoint of a sum is a number, and where it is an array in the end there is no inner product with it before."""

    def grown(a, x, n):
        if n > 1:
            x = x + a * x
        return np.sum(x) * a

    check_case(case_of(grown, (0.24, np.array([-0.63, 0.91, 0.62]), n), {}, ("a", "x"), known))
