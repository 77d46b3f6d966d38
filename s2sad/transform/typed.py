"""Tangents in the types of their primals: NumPy's arithmetic makes a number of an array without axes, and what changes an
array of complex numbers in place cannot put them into one of real numbers.
"""

from __future__ import annotations

from collections.abc import Callable

from s2sad.analysis.changes import is_change
from s2sad.ir import Attribute, Call, DictOf, Expr, Global, Index, ListOf, TupleOf
from s2sad.kind import Array, Kind, Number, Unknown, is_complex
from s2sad.syntax import template
from s2sad.traversal import rebuild

__all__ = ["typed"]

KindOf = Callable[[Expr], Kind]


def typed(linear: Expr, value: Expr, kind_of: KindOf) -> Expr:
    """The differential of `value` as an array where that is an array without axes, as a number where it is a number, and
    complex where it is an array of complex numbers.
    """
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
        case Array(dtype=have), Array(dtype=want) if is_complex(want) and not is_complex(have):
            return Call(Attribute(linear, "astype"), (_type(want),))
        case Unknown(), Array(dtype=want) if is_complex(want):
            return Call(Global("numpy.array"), (linear,), (("dtype", _type(want)),))
    return linear


def _type(dtype: str) -> Expr:
    return Global("complex" if dtype == "complex128" else f"numpy.{dtype}")
