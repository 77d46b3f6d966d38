"""Values that a derivative needs again and that cost something are given a name in the primal."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from s2sad.analysis.context import Context
from s2sad.ir import Attribute, Binary, Call, Conditional, Const, Expr, Global, Index, Name, Unary, children, walk
from s2sad.kind import Array
from s2sad.rules import registry

__all__ = ["worth_naming"]


def worth_naming(value: Expr, used: Iterable[Expr], context: Context) -> list[Expr]:
    """The subexpressions of `value` that occur in `used` and that cost more than reading a variable; inner ones first."""
    needed = {part for expr in used for part in walk(expr)}
    found: list[Expr] = []
    _search(value, needed, found.append, context)
    return list(dict.fromkeys(found))


def _search(node: Expr, needed: set[Expr], found: Callable[[Expr], None], context: Context) -> None:
    if isinstance(node, Conditional):
        _search(node.test, needed, found, context)
        return
    for child in children(node):
        _search(child, needed, found, context)
    if node in needed and is_expensive(node, context):
        found(node)


def is_expensive(node: Expr, context: Context) -> bool:
    """True for what one would not compute twice: calls, and operations on arrays that are more than one with a number."""
    match node:
        case Name() | Const() | Global() | Attribute() | Index():
            return False
        case Call():
            return not registry.is_view(registry.key_of(node))
        case Binary(op="@"):
            return True
        case Binary(left=left, right=right) if isinstance(context.kind(node), Array):
            return not (isinstance(left, Const | Name) and isinstance(right, Const | Name)) or not _has_number(left, right)
        case Unary(operand=operand):
            return is_expensive(operand, context)
    return False


def _has_number(*operands: Expr) -> bool:
    return any(isinstance(operand, Const) for operand in operands)


