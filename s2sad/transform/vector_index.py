"""Indices of arrays that have one more axis in front."""

from __future__ import annotations

from collections.abc import Callable

from s2sad.ir import Call, Const, Expr, Global, Index, ListOf, Slice, TupleOf
from s2sad.kind import Array, Kind, List, Number
from s2sad.rules.batching import rank_of

__all__ = ["behind", "far_apart", "rank_of_element"]

KindOf = Callable[[Expr], Kind]


def behind(index: Expr, kind_of: KindOf) -> Expr | None:
    """The index of an element, in all rows; None where it is not known what the index is."""
    items = _items(index)
    if items and items[0] == Const(...):
        return index
    for item in items:
        known = _is_slice(item) or isinstance(item, Const | ListOf)
        if not known and not isinstance(kind_of(item), Number | Array | List):
            return None
    return TupleOf((Slice(), *items))


def far_apart(index: Expr, kind_of: KindOf) -> int | None:
    """Index arrays with slices between them have their axes in front: how many these are; None if there are none."""
    items = _items(index)
    arrays = [item for item in items if not isinstance(item, Const) and not _is_slice(item)]
    ranks = [_axes_of_pick(item, kind_of) for item in arrays if not isinstance(kind_of(item), Number)]
    picks = [k for k, item in enumerate(items) if not _is_slice(item) and item not in (Const(None), Const(...))]
    return None if not ranks or picks[-1] - picks[0] == len(picks) - 1 else max(ranks)


def rank_of_element(node: Index, kind_of: KindOf) -> int | None:
    """The rank of an element of an array for an index of which only the form is known."""
    whole, items = kind_of(node.value), _items(node.index)
    if not isinstance(whole, Array) or Const(...) in items:
        return None
    arrays = [item for item in items if not _is_slice(item) and not isinstance(item, Const)]
    kinds = [kind_of(item) for item in arrays]
    if not all(isinstance(kind, Number | Array) for kind in kinds):
        return None
    masks = [kind for kind in kinds if isinstance(kind, Array) and kind.dtype.startswith("bool")]
    used = sum(len(mask.shape) for mask in masks) + sum(item != Const(None) for item in items) - len(masks)
    added = sum(item == Const(None) or _is_slice(item) for item in items)
    return len(whole.shape) - used + added + max((_axes_of_pick(item, kind_of) for item in arrays), default=0)


def _axes_of_pick(item: Expr, kind_of: KindOf) -> int:
    """How many axes an index array gives to what it picks."""
    kind = kind_of(item)
    return 1 if isinstance(kind, Array) and kind.dtype.startswith("bool") else rank_of(kind) or 0


def _items(index: Expr) -> tuple[Expr, ...]:
    return index.items if isinstance(index, TupleOf) else (index,)


def _is_slice(index: Expr) -> bool:
    return isinstance(index, Slice) or (isinstance(index, Call) and index.func == Global("slice"))
