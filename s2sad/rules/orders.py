"""The order of the elements of a list, which has no derivative."""

from __future__ import annotations

from s2sad.kind import Array, Dim, Kind, List, Number, Sequence, constant_dim
from s2sad.rules.helpers import helper
from s2sad.rules.registry import constant

__all__: list[str] = []


def _positions(kinds: tuple[Kind, ...]) -> Kind:
    """As many positions as there are elements."""
    length: Dim = None
    match kinds:
        case (List(length=found), *_) | (Array(shape=(found, *_)), *_):
            length = found
        case (Sequence(items=items), *_):
            length = constant_dim(len(items))
    return List(Number("int"), length)


constant("_order")

helper(
    "_order",
    '''
def _order(x, key=None, reverse=False):
    """The positions of the elements of `x` in the order of `sorted(x)`."""
    own = x.__getitem__ if key is None else lambda k: key(x[k])
    return sorted(range(len(x)), key=own, reverse=reverse)
''',
    lambda args, kind_of: None,
    fresh=True,
    kind=_positions,
)
