"""Functions that return (value, aux): the auxiliary result is carried along, and nothing is differentiated through it."""

from __future__ import annotations

from dataclasses import replace

from s2sad.errors import ArgumentError
from s2sad.frontend.unit import Unit
from s2sad.ir import Assign, Block, Call, Const, Expr, Function, Global, Index, ListOf, Name, Return, TupleOf
from s2sad.traversal import map_blocks

__all__ = ["CONSTANT", "with_constant_aux"]

#: Marks an expression as constant; the mark is not written out.
CONSTANT = Global("_constant")


def with_constant_aux(function: Function, unit: Unit) -> Function:
    """The function with its second result marked as constant. Refuses one that does not return pairs."""
    return replace(function, body=_block(function.body, unit))


def _block(block: Block, unit: Unit) -> Block:
    done: Block = ()
    for s in block:
        match s:
            case Return(value=value):
                done += _returned(s, value, unit)
            case _:
                done += (map_blocks(s, lambda inner: _block(inner, unit)),)
    return done


def _returned(s: Return, value: Expr | None, unit: Unit) -> Block:
    match value:
        case TupleOf(items=(first, second)) | ListOf(items=(first, second)):
            return (replace(s, value=TupleOf((first, Call(CONSTANT, (second,))), span=value.span)),)
        case Call() | Name():
            pair = value if isinstance(value, Name) else Name("pair_")
            before = () if isinstance(value, Name) else (Assign(pair, value),)
            aux = Call(CONSTANT, (Index(pair, Const(1)),))
            return (*before, replace(s, value=TupleOf((Index(pair, Const(0)), aux), span=value.span)))
    place = unit.place(value.span if value else None)
    raise ArgumentError(
        "S402", "has_aux=True needs a function that returns a pair (value, aux)", place, "return a pair"
    )
