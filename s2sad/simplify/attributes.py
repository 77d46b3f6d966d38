"""`_set(x, "name", value)` printed as `x.name = value`. Passes have the call, which is plainly an effect."""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir import Assign, Attribute, Block, Call, Const, Evaluate, Function, Global, Statement
from s2sad.traversal import map_blocks

__all__ = ["with_attributes"]


def with_attributes(function: Function) -> Function:
    """The function with assignments to attributes written as such."""
    return replace(function, body=_block(function.body))


def _block(block: Block) -> Block:
    return tuple(map(_statement, block))


def _statement(s: Statement) -> Statement:
    match s:
        case Evaluate(value=Call(func=Global(dotted="_set"), args=(owner, Const(value=attr), value))):
            return Assign(Attribute(owner, attr), value, origin=s.origin, remark=s.remark)
    return map_blocks(s, _block)
