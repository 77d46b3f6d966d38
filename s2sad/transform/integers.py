"""Arrays of unknown kind into which something differentiated is stored: integers would cut it off."""

from __future__ import annotations

from dataclasses import replace

from s2sad.analysis.activity import differentiable_names
from s2sad.analysis.changes import is_change
from s2sad.analysis.context import Context
from s2sad.ir import Assign, Block, Expr, Function, Name, Statement
from s2sad.kind import Array, Dim, Kind, Number, Unknown, symbol
from s2sad.syntax import template
from s2sad.transform.refusing import refused_if
from s2sad.traversal import map_blocks, names_in

__all__ = ["without_integers"]

#: Sizes that show what an expression makes of integers.
_SHAPES: tuple[tuple[Dim, ...], ...] = ((), (symbol(0),), (symbol(0), symbol(1)))
_INTEGERS = ("int", "uint", "bool")


def without_integers(function: Function, context: Context, inputs: tuple[str, ...]) -> Function:
    """The function with tests that refuse arrays of integers, made of an argument of unknown kind, that it stores something
    differentiated into.
    """
    checked = frozenset(
        name for name in context.active & context.changing if isinstance(context.kinds.get(name), Unknown)
    )
    if not checked:
        return function
    given = tuple(_test(p.name) for p in function.params if p.name in checked and p.name not in inputs)
    return replace(function, body=(*given, *_checked(function.body, checked, context)))


def _checked(block: Block, checked: frozenset[str], context: Context) -> Block:
    lines: list[Statement] = []
    for s in block:
        lines.append(map_blocks(s, lambda inner: _checked(inner, checked, context)))
        match s:
            case Assign(target=Name(id=name), value=value) if name in checked and _may_be_integers(value, context):
                lines.append(_test(name))
    return tuple(lines)


def _test(name: str) -> Statement:
    text = f"`{name}` holds integers, which cut off what is differentiated: make it of floats"
    return refused_if(template("_is_integer(x)", x=Name(name)), text)


def _may_be_integers(value: Expr, context: Context) -> bool:
    """True if `value`, which nothing differentiated goes into, is an array of integers where arguments are such, or is not
    known to be none.
    """
    if is_change(value) or not context.active.isdisjoint(differentiable_names(value, context.kind)):
        return False
    found = [kind for shape in _SHAPES if not isinstance(kind := _kind_with(value, shape, context), Unknown)]
    return not found or any(isinstance(kind, Array) and kind.dtype.startswith(_INTEGERS) for kind in found)


def _kind_with(value: Expr, shape: tuple[Dim, ...], context: Context) -> Kind:
    """The kind of `value` where what is not known is of this shape, integers but for what is differentiated."""
    kinds: dict[str, Kind] = {
        name: Array("float64" if name in context.active else "int64", shape)
        if shape
        else Number("float" if name in context.active else "int")
        for name in names_in(value)
        if isinstance(context.kinds.get(name), Unknown)
    }
    return context.kind_with(value, kinds, {})
