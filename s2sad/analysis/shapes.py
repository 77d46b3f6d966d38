"""When two expressions certainly have the same shape."""

from __future__ import annotations

from s2sad.analysis.context import Context
from s2sad.analysis.kinds import is_elementwise
from s2sad.ir import Call, Conditional, Const, D, Expr, Global, Name, children, map_children
from s2sad.kind import Number, same_shape
from s2sad.rules import registry

__all__ = ["agree", "primal_of"]


def primal_of(node: Expr) -> Expr:
    """A linear expression with each variable in the place of its differential: it has the same shape."""
    if isinstance(node, D):
        return Name(node.id)
    return map_children(node, primal_of)


def agree(a: Expr, b: Expr, context: Context) -> bool:
    """True if both have the same shape, by what is known of their kinds or because the same values give it."""
    if same_shape(context.kind(a), context.kind(b)):
        return True
    return _sources(primal_of(a), context) == _sources(primal_of(b), context)


def _sources(node: Expr, context: Context) -> frozenset[Expr]:
    """The subexpressions whose broadcast shape is the shape of `node`."""
    if isinstance(node, Const) or isinstance(context.kind(node), Number):
        return frozenset()
    parts: tuple[Expr, ...]
    match node:
        case Call(args=args) if registry.is_selection(registry.key_of(node)):
            parts = args
        case Conditional():
            return frozenset((node,))
        case _ if is_elementwise(node):
            parts = tuple(child for child in children(node) if not isinstance(child, Global))
        case _:
            return frozenset((node,))
    return frozenset(source for part in parts for source in _sources(part, context))
