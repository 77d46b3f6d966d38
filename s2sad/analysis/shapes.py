"""When two expressions certainly have the same shape."""

from __future__ import annotations

from s2sad.analysis.context import Context
from s2sad.analysis.kinds import is_elementwise
from s2sad.ir import Call, Conditional, Const, D, Expr, Global, Index, Name
from s2sad.kind import Array, Number, Unknown, same_shape
from s2sad.rules import registry
from s2sad.syntax import variable
from s2sad.traversal import children, map_children

__all__ = ["agree", "covers", "drops", "primal_of", "shortest"]


def primal_of(node: Expr) -> Expr:
    """A linear expression with each variable, or part of one, in the place of its differential: it has the same shape."""
    if isinstance(node, D):
        return variable(node.id)
    return map_children(node, primal_of)


def agree(a: Expr, b: Expr, context: Context) -> bool:
    """True if both have the same shape, by what is known of their kinds or because the same values give it."""
    if same_shape(context.kind(a), context.kind(b)):
        return True
    return _sources(primal_of(a), context).keys() == _sources(primal_of(b), context).keys()


def covers(a: Expr, b: Expr, context: Context) -> bool:
    """True if broadcasting `b` to the shape of `a` and `b` together gives the shape of `a`."""
    return _sources(primal_of(b), context).keys() <= _sources(primal_of(a), context).keys()


def drops(linear: Expr, node: Expr, context: Context) -> bool:
    """True if an operand that may have given `node` its shape does not occur in its differential `linear`."""
    present = _sources(primal_of(linear), context)
    return any(
        key not in present and (isinstance(source, Name) or not _is_active(source, context))
        for key, source in _sources(node, context).items()
    )


def _is_active(source: Expr, context: Context) -> bool:
    """True for what has a differential: of a choice not by what decides it."""
    if isinstance(source, Conditional):
        return any(_is_active(side, context) for side in (source.then, source.orelse))
    return context.is_active(source)


def shortest(node: Expr, context: Context) -> Expr:
    """A value of the same shape that is nearer at hand."""
    sources = _sources(primal_of(node), context)
    return next(iter(sources.values())) if len(sources) == 1 else node


def _sources(node: Expr, context: Context) -> dict[object, Expr]:
    """The subexpressions whose broadcast shape is the shape of `node`, one for each shape that is known to differ."""
    if isinstance(node, Const) or isinstance(context.kind(node), Number):
        return {}
    parts: tuple[Expr, ...]
    match node:
        case Call(args=args) if registry.is_selection(registry.key_of(node)):
            parts = args
        case Call(func=Global(dotted=dotted), args=args) if (position := registry.like(dotted)) is not None:
            return _sources(args[position], context)
        case Conditional():
            return {_identity(node, context): node}
        case _ if is_elementwise(node):
            parts = tuple(child for child in children(node) if not isinstance(child, Global))
        case _:
            return {_identity(node, context): node}
    found: dict[object, Expr] = {}
    for part in parts:
        for key, source in _sources(part, context).items():
            found.setdefault(key, source)
    return found


def _identity(node: Expr, context: Context) -> object:
    """What two expressions of certainly one shape have in common."""
    match context.kind(node):
        case Unknown(token=str() as token):
            return token
        case Array(shape=shape) if None not in shape:
            return shape
    if isinstance(node, Index):
        # A mask selects as many elements of two arrays of one shape.
        kind = context.kind(node.value)
        if isinstance(kind, Array) and None not in kind.shape:
            return kind.shape, node.index
    return node
