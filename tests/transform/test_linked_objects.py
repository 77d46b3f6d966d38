"""Objects that refer to others of their class, or to None, and functions that follow them by calling themselves."""

import pytest

import s2sad
from tests.checking import Examples, check_case, label
from tests.second_order import check_second_order

right = Examples()


class Node:
    def __init__(self, v, left=None, right=None):
        self.v = v
        self.left = left
        self.right = right

    def total(self):
        below = self.left.total() if self.left else 1.0
        return self.v**2 * below + (0.0 if self.right is None else self.right.total())


class Link:
    def __init__(self, v, behind=None, is_last=True):
        self.v = v
        self.behind = behind
        self.is_last = is_last


LEAF = Node(0.7)
TREE = Node(0.4, Node(0.9), Node(0.3, None, Node(1.2, Node(0.8))))
CHAIN = Link(0.4, Link(0.9, Link(0.3), False), False)


def chain(count):
    link = Link(1.0)
    for _ in range(count - 1):
        link = Link(1.0, link, False)
    return link


@right(LEAF, unless_known="S204")
@right(TREE, unless_known="S204")
def in_one_line(node):
    return 0.0 if node is None else node.v**2 + in_one_line(node.left) + in_one_line(node.right)


@right(TREE, unless_known="S204")
def by_a_test(node):
    if node is None:
        return 1.0
    return node.v * by_a_test(node.left) + by_a_test(node.right)


def height(node):
    return 0 if node is None else 1 + max(height(node.left), height(node.right))


@right(TREE, 0.7, unless_known="S204")
def weighted(node, w):
    if node is None:
        return 0.0
    return w**2 * node.v + weighted(node.left, w * 0.5) * height(node) + weighted(node.right, w)


@right(TREE, unless_known="S204")
def by_a_method(node):
    return node.total()


@right(0.7, 1.2)
def made_here(x, y):
    return by_a_test(Node(x, Node(y * x), Node(y, None, Node(x))))


@right(CHAIN, unless_known="S204")
def to_the_end(link):
    return link.v**2 if link.is_last else link.v**2 + link.v * to_the_end(link.behind)


@right(CHAIN, 2, unless_known="S204")
def some_steps(link, n):
    return link.v**2 if n == 0 else link.v**2 + some_steps(link.behind, n - 1) ** 2


CASES = [pytest.param(case, id=label(case)) for case in right]


@pytest.mark.parametrize("case", CASES)
def test_derivatives(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right if case.known])
def test_second_derivatives(case):
    check_second_order(case)


def test_long_chains_are_refused():
    with pytest.raises(s2sad.DifferentiationError, match=r"S201 .*nested in more than 40 ways"):
        s2sad.grad(to_the_end)(chain(60))


def test_deep_chains_are_refused():
    with pytest.raises(s2sad.DifferentiationError, match=r"S201 .*objects of `Link` nested more than 200 deep"):
        s2sad.grad(to_the_end)(chain(300))


LONG = None
for _ in range(300):
    LONG = Link(0.5, LONG)


def test_deep_chains_of_the_module_may_be_read():
    def first(x):
        return x * x * LONG.v

    assert s2sad.grad(first)(2.0) == 2.0


@pytest.mark.parametrize("count", [1, 2, 5])
def test_chains_of_any_length(count):
    link, slopes = s2sad.grad(to_the_end)(chain(count)), []
    while link is not None:
        slopes.append(link.v)
        link = link.behind
    # v1**2 + v1 * (v2**2 + v2 * ...), every v being 1.
    assert slopes == [2.0 + count - k for k in range(1, count + 1)]
