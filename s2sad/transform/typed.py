"""Tangents in the types of their primals: NumPy's arithmetic makes a number of an array without axes."""

from __future__ import annotations

from collections.abc import Callable

from s2sad.analysis.changes import is_change
from s2sad.ir import Call, DictOf, Expr, Index, ListOf, TupleOf
from s2sad.kind import Array, Kind, Number
from s2sad.syntax import template
from s2sad.traversal import rebuild

__all__ = ["typed"]

KindOf = Callable[[Expr], Kind]


def typed(linear: Expr, value: Expr, kind_of: KindOf) -> Expr:
    """The differential of `value` as an array where that is an array without axes, and as a number where it is a number."""
    match linear, value:
        case Call(args=(*before, new)), Call(args=(old, *_, added)) if is_change(linear) and is_change(value):
            is_array = isinstance(kind_of(old), Array)
            return linear if is_array else rebuild(linear, (linear.func, *before, typed(new, added, kind_of)))
        case (
            (ListOf(items=items), ListOf(items=values))
            | (DictOf(items=items), DictOf(items=values))
            | (TupleOf(items=items), TupleOf(items=values))
        ) if len(items) == len(values):
            return rebuild(linear, tuple(typed(item, own, kind_of) for item, own in zip(items, values, strict=True)))
    match kind_of(linear), kind_of(value):
        case Number(), Array(shape=()):
            return template("np.array(x)", x=linear)
        case Array(shape=()), Number():
            return Index(linear, TupleOf(()))
    return linear
