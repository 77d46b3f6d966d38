"""What is known of an operation's result."""

import pytest

from s2sad.analysis.kinds import kind_of
from s2sad.kind import Array, symbol
from s2sad.syntax import parse

M, N = symbol(0), symbol(1)


@pytest.mark.parametrize(
    ("text", "kinds", "shape"),
    [
        # The length of x is one size of W; nothing is known of the other, which may be any.
        ("W @ x", {"W": (None, None), "x": (N,)}, (None,)),
        ("x @ W", {"W": (None, None), "x": (N,)}, (None,)),
        ("W @ x", {"W": (M, None), "x": (N,)}, (M,)),
        ("A @ B", {"A": (None, None), "B": (N, M)}, (None, M)),
        ("np.outer(x, y)", {"x": (None,), "y": (N,)}, (None, N)),
    ],
)
def test_unknown_sizes(text, kinds, shape):
    arrays = {name: Array("float64", own) for name, own in kinds.items()}
    node = parse(text)
    assert kind_of(node, arrays) == Array("float64", shape)
