"""Lists one after the other and some times, written as `x + y` and `x * n`.

The differentials of these are calls, for `+` and `*` are those of numbers and arrays.
"""

from __future__ import annotations

from s2sad.ir import Binary, Block, Call, Expr, Global
from s2sad.traversal import map_children, map_statement

__all__ = ["CONCATENATED", "REPEATED", "with_joined_lists"]

CONCATENATED = Global("_joined")
REPEATED = Global("_repeated")


def with_joined_lists(block: Block) -> Block:
    """The statements with these calls written as operators."""
    return tuple(map_statement(s, _operator) for s in block)


def _operator(node: Expr) -> Expr:
    match map_children(node, _operator):
        case Call(func=func, args=(left, right)) if func == CONCATENATED:
            return Binary("+", left, right, span=node.span)
        case Call(func=func, args=(left, right)) if func == REPEATED:
            return Binary("*", left, right, span=node.span)
        case done:
            return done
