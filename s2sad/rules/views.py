"""Which expressions look at an array in another way: passes that follow views know them by what they do."""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.ir import Attribute, Call, Const, Expr, Global, Index, TupleOf, Unary
from s2sad.rules import registry
from s2sad.traversal import walk

__all__ = ["reshaped", "transposed", "viewed"]

#: Views of which it depends on the array whether they are one, or which are several.
_DEPENDING = (
    *("numpy.split", "numpy.array_split", "numpy.hsplit", "numpy.vsplit", "numpy.imag"),
    *("numpy.reshape", "numpy.ravel", "numpy.ascontiguousarray"),
)
#: These are views if nothing is asked for but an array.
_CONVERTING = ("numpy.asarray", "numpy.asanyarray")


def transposed(node: Expr) -> Expr | None:
    """The matrix that an expression is the transpose of; of an array with more axes it may be something else."""
    match node:
        case Attribute(value=x, attr="T"):
            return x
        case Call(func=Attribute(value=x, attr="transpose"), args=(), keywords=()):
            return x
        case Call(func=Global(dotted="numpy.transpose"), args=(x,), keywords=()):
            return x
        case Call(func=Global(dotted="numpy.swapaxes"), args=(x, *axes), keywords=()) if _both(axes):
            return x
        case Call(func=Attribute(value=x, attr="swapaxes"), args=axes, keywords=()) if _both(axes):
            return x
    return None


def _both(axes: Sequence[Expr]) -> bool:
    """True for the two axes of a matrix."""
    return sorted(axis.value % 2 for axis in axes if isinstance(axis, Const) and type(axis.value) is int) == [0, 1]


def viewed(node: Expr) -> Expr | None:
    """What an expression is a view of if that is an array, wherever the elements lie in memory."""
    key = registry.key_of(node)
    if isinstance(node, Index) or not registry.is_view(key) or key in _DEPENDING:
        return None
    (x, *others), keywords = registry.operands(node)
    if key in _CONVERTING and (others or keywords):
        return None
    return x if all(_is_constant(part) for part in (*others, *(value for _, value in keywords))) else None


def _is_constant(node: Expr) -> bool:
    return all(isinstance(part, Const | TupleOf | Unary) for part in walk(node))


def reshaped(node: Expr) -> Expr | None:
    """The array whose elements an expression has in the same order, row by row, in another shape."""
    match node:
        case Call(func=Attribute(value=x, attr="reshape"), keywords=()):
            return x
        case Call(func=Attribute(value=x, attr="ravel"), args=(), keywords=()):
            return x
        case Call(func=Global(dotted="numpy.reshape"), args=(x, _), keywords=()):
            return x
        case Call(func=Global(dotted="numpy.ravel"), args=(x,), keywords=()):
            return x
    return None
