"""Slices that may be shorter than they say, because the array is: `x[: i + 1]` of two elements has one or two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from s2sad.analysis.evaluation import evaluated
from s2sad.ir import Const, Expr, Global, Slice, TupleOf
from s2sad.kind import Array, Kind, Number, Unknown

__all__ = ["with_sizes_of_uncut"]

KindOf = Callable[[Expr], Kind]


def with_sizes_of_uncut(
    found: Kind | None, skeleton: Expr, index: Expr, kinds: tuple[Kind, ...], kind_of: KindOf
) -> Kind | None:
    """The kind of a slice, less the sizes that it only has as the array is no longer than that. `kinds` are those of the
    array and of what is in the index.
    """
    whole = kinds[0]
    axes = _cut_axes(index, whole, kind_of) if isinstance(whole, Array) and isinstance(found, Array) else set()
    if not axes or not isinstance(whole, Array) or not isinstance(found, Array):
        return found
    longer = replace(whole, shape=tuple(None if axis in axes else dim for axis, dim in enumerate(whole.shape)))
    other = evaluated(skeleton, (longer, *kinds[1:]))
    if not isinstance(other, Array) or len(other.shape) != len(found.shape):
        return Unknown()
    pairs = zip(found.shape, other.shape, strict=True)
    return replace(found, shape=tuple(dim if dim == own else None for dim, own in pairs))


def _cut_axes(index: Expr, whole: Array, kind_of: KindOf) -> set[int]:
    """The axes of a written size along which a slice begins or ends at a number that is not written."""
    items = index.items if isinstance(index, TupleOf) else (index,)
    widths = [_width(item, kind_of) for item in items]
    found, axis = set(), 0
    for place, item in enumerate(items):
        if item == Const(...):
            axis = len(whole.shape) - sum(widths[place + 1 :])
        if isinstance(item, Slice) and axis < len(whole.shape) and _is_open(item, kind_of):
            found.add(axis)
        axis += widths[place]
    return {axis for axis in found if (dim := whole.shape[axis]) is not None and len(set(dim)) == 1}


def _width(item: Expr, kind_of: KindOf) -> int:
    """How many axes an item of an index goes along."""
    if item in (Const(None), Const(...)) or isinstance(item, Global):
        return 0
    kind = None if isinstance(item, Slice) else kind_of(item)
    return len(kind.shape) if isinstance(kind, Array) and kind.dtype.startswith("bool") else 1


def _is_open(item: Slice, kind_of: KindOf) -> bool:
    return any(part is not None and not _is_written(part, kind_of) for part in (item.lower, item.upper, item.step))


def _is_written(part: Expr, kind_of: KindOf) -> bool:
    """True for a number that is the same whatever sizes and arguments are."""
    if part == Const(None):
        return True
    kind = kind_of(part)
    return isinstance(kind, Number) and kind.values is not None and len(set(kind.values)) == 1
