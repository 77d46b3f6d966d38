"""What is known of an operation's result."""

import pytest

from s2sad.analysis.kinds import kind_of
from s2sad.kind import Array, Number, constant_dim, symbol
from s2sad.syntax import parse, template

M, N, THREE = symbol(0), symbol(1), constant_dim(3)


@pytest.mark.parametrize(
    ("text", "kinds", "shape"),
    [
        # The length of x is one size of W; nothing is known of the other, which may be any.
        ("W @ x", {"W": (None, None), "x": (N,)}, (None,)),
        ("x @ W", {"W": (None, None), "x": (N,)}, (None,)),
        ("W @ x", {"W": (M, None), "x": (N,)}, (M,)),
        ("A @ B", {"A": (None, None), "B": (N, M)}, (None, M)),
        ("np.outer(x, y)", {"x": (None,), "y": (N,)}, (None, N)),
        # So it is for a size that is written down.
        ("x + y", {"x": (None,), "y": (THREE,)}, (THREE,)),
        ("W @ x", {"W": (None, THREE), "x": (None,)}, (None,)),
        ("x @ W", {"W": (THREE, THREE), "x": (None,)}, (THREE,)),
    ],
)
def test_unknown_sizes(text, kinds, shape):
    arrays = {name: Array("float64", own) for name, own in kinds.items()}
    node = parse(text)
    assert kind_of(node, arrays) == Array("float64", shape)


def test_what_is_known_of_a_rounded_number():
    """Its value in the worlds, and so a size made of it, would be that of the sample."""
    for text in ("int(x)", "round(x)", "math.floor(x)", "int(x) + 3"):
        assert kind_of(template(text), {"x": Number("float")}) == Number("int")


def test_numbers_of_which_nothing_is_known_differ():
    env = {"i": Number("int"), "j": Number("int")}
    for text in ("i - j", "max(i - j, 0)", "i // j", "i * j"):
        assert kind_of(template(text), env) == Number("int")
