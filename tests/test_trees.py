from collections import OrderedDict, namedtuple
from dataclasses import dataclass, field

import pytest

from s2sad.trees import NestingError, leaves, map_leaves, pairs, rebuild

Pair = namedtuple("Pair", "left right")


@dataclass(frozen=True)
class Layer:
    weight: float
    inner: dict = field(default_factory=dict)

    def __post_init__(self):
        assert isinstance(self.weight, float)


@dataclass
class Counted:
    x: float
    count: int = field(init=False, default=7)


NESTED = [
    (1.0, [("", 1.0)]),
    (None, [("", None)]),
    ([], []),
    ({"a": [1, (2, None)], 3: "x"}, [('["a"][0]', 1), ('["a"][1][0]', 2), ('["a"][1][1]', None), ("[3]", "x")]),
    (Pair(1, [2]), [(".left", 1), (".right[0]", 2)]),
    (Layer(1.0, {"b": 2}), [(".weight", 1.0), ('.inner["b"]', 2)]),
    (Counted(1.0), [(".x", 1.0), (".count", 7)]),
    (OrderedDict(b=1, a=2), [('["b"]', 1), ('["a"]', 2)]),
]


@pytest.mark.parametrize(("tree", "expected"), NESTED)
def test_leaves(tree, expected):
    assert list(leaves(tree)) == expected


@pytest.mark.parametrize("tree", [tree for tree, _ in NESTED])
def test_rebuilt_of_its_leaves_it_is_the_same(tree):
    made = rebuild(tree, [leaf for _, leaf in leaves(tree)])
    assert made == tree
    assert type(made) is type(tree)


def test_other_leaves_need_not_be_what_a_class_takes():
    assert rebuild(Layer(1.0, {"b": 2}), ["x", "y"]).inner == {"b": "y"}
    assert rebuild(Counted(1.0), [2, 3]).count == 3


def test_what_is_rebuilt_is_not_shared():
    tree = {"a": [1]}
    assert rebuild(tree, [2]) == {"a": [2]}
    assert tree == {"a": [1]}


def test_map_goes_by_keys_not_by_their_order():
    assert map_leaves(lambda a, b: (a, b), {"x": 1, "y": 2}, {"y": 20, "x": 10}) == {"x": (1, 10), "y": (2, 20)}


@pytest.mark.parametrize(
    ("model", "other", "message"),
    [
        ((1, 2), [1, 2], "it is a list of [0], [1], not a tuple of [0], [1]"),
        ({"a": (1, 2)}, {"a": (1,)}, '`["a"]` is a tuple of [0], not a tuple of [0], [1]'),
        ({"a": 1}, {"b": 1}, 'it is a dict of ["b"], not a dict of ["a"]'),
        ([1.0], [(1.0,)], "`[0]` is a tuple of [0], not a float"),
        ([(1.0,)], [None], "`[0]` is None, not a tuple of [0]"),
        (Layer(1.0), Pair(1.0, {}), "it is a Pair of .left, .right, not a Layer of .weight, .inner"),
    ],
)
def test_other_nesting(model, other, message):
    with pytest.raises(NestingError) as raised:
        list(pairs(model, other))
    assert str(raised.value) == message
