"""`ufunc.at`: the elements of an array that an index selects are changed one after the other, the same one perhaps twice.

    np.multiply.at(x, i, v)         for j, k in _turns(i, x):
                                        x[j] *= v[k]

In each turn no element of `x` comes twice, so that it is an assignment; where no index repeats there is one turn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from s2sad.ir import Attribute, Call, Expr, Global, Index
from s2sad.kind import SOME, Array, Kind, List, Number, Sequence, Unknown, constant_dim, same_shape, taken
from s2sad.rules.broadcasting import shape_of
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import constant, linear
from s2sad.syntax import template

__all__ = ["PICKED", "TURNS", "Turns", "in_turns"]

TURNS = Global("_turns")
#: The values of a turn: read when the elements of earlier turns have changed.
PICKED = Global("_picked")
_OPERATORS = {"numpy.multiply": "*", "numpy.divide": "/", "numpy.true_divide": "/"}
#: These have an adjoint of their own (analysis/changes.py).
_SUMS = ("numpy.add", "numpy.subtract")


@dataclass(frozen=True)
class Turns:
    """The call of the method `at` of a ufunc: what it changes, where, and with what; `op` is the operator that it is."""

    ufunc: Global
    op: str
    array: Expr
    index: Expr
    value: Expr | None


def in_turns(call: Call) -> Turns | None:
    """What a call of `ufunc.at` changes; None for other calls, and for sums."""
    match call:
        case Call(func=Attribute(value=Global(dotted=dotted), attr="at"), args=(x, i, *values), keywords=()):
            pass
        case Call(func=Global(dotted=name), args=(x, i, *values), keywords=()) if name.endswith(".at"):
            dotted = name.removesuffix(".at")
        case _:
            return None
    ufunc = getattr(np, dotted.removeprefix("numpy."), None)
    if dotted in _SUMS or not isinstance(ufunc, np.ufunc) or ufunc.nout != 1 or ufunc.nin != len(values) + 1 > 2:
        return None
    return Turns(Global(dotted), _OPERATORS.get(dotted, ""), x, i, values[0] if values else None)


def _kind_of_turns(kinds: tuple[Kind, ...]) -> Kind:
    """The kind of what `_turns` gives: each time as many elements of the one as of the other, which may be one."""
    index, whole = kinds
    axes = _axes_of_part(index, whole)
    if not isinstance(whole, Array) or axes is None:
        return List(Sequence("tuple", (Unknown(), Unknown())))
    return List(Sequence("tuple", (_index_of(len(whole.shape)), _index_of(axes))))


def _axes_of_part(index: Kind, whole: Kind) -> int | None:
    """How many axes the part has that an index selects; None where that is not clear."""
    if isinstance(whole, Array) and isinstance(index, Number) and index.dtype != "bool":
        return len(whole.shape) - 1
    indices = index.items if isinstance(index, Sequence) and index.type == "tuple" else (index,)
    numbers = Array("int", (constant_dim(1),))
    part = taken(whole, tuple(numbers if _is_list_of_numbers(kind) else kind for kind in indices))
    return len(part.shape) if isinstance(part, Array) else None


def _is_list_of_numbers(kind: Kind) -> bool:
    items = kind.items if isinstance(kind, Sequence) else (kind.item,) if isinstance(kind, List) else ()
    return bool(items) and all(isinstance(item, Number) for item in items)


def _index_of(axes: int) -> Kind:
    """The kind of an index of the elements of a turn in an array with these axes."""
    places = Array("int", (SOME,))
    if axes == 1:
        return places
    return Sequence("tuple", (places,) * axes) if axes else Unknown()


helper(
    "_turns",
    '''
def _turns(i, x):
    """The indices of the elements of `x[i]` in `x` and in `x[i]`, in turns in which none of `x` comes twice."""
    n = np.arange(np.size(x)).reshape(np.shape(x))[i]
    flat = np.ravel(n)
    order = np.argsort(flat, kind="stable")
    turn = np.empty_like(order)
    turn[order] = np.arange(np.size(order)) - np.searchsorted(flat[order], flat[order])
    turns = np.split(np.argsort(turn, kind="stable"), np.cumsum(np.bincount(turn))[:-1])
    return [(_places(flat[k], x), _places(k, n)) for k in turns]
''',
    lambda args, kind_of: None,
    needs=("_places",),
    fresh=True,
    kind=_kind_of_turns,
)
helper(
    "_places",
    '''
def _places(k, x):
    """The index in `x` of the elements that have these numbers, counted row by row."""
    return np.unravel_index(k, np.shape(x)) if np.ndim(x) > 1 else k if np.ndim(x) else None
''',
    lambda args, kind_of: None,
)


def _picked(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    value, k, like = args
    kind, want = kind_of(value), kind_of(like)
    if isinstance(kind, Number) and isinstance(want, Array | Number) and want.dtype == "float64":
        return value
    if isinstance(kind, Array) and kind.shape and same_shape(kind, want):
        return Index(value, k)
    if isinstance(want, Array):
        return template("np.broadcast_to(v, s)[k]", v=value, s=shape_of(like, kind_of), k=k)
    return None


helper(
    "_picked",
    '''
def _picked(v, k, like):
    """The elements of `v`, stretched to the shape of `like`, at the index `k`."""
    return np.broadcast_to(v, np.shape(like))[k]
''',
    _picked,
    fresh=True,
)

constant("_turns", "_places", why="an index")
linear("y = _picked(v, k, like)", "v_bar = _unbroadcast(_scatter(y_bar, k, like), v)", "like_bar = 0")
