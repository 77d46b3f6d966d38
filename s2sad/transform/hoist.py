"""Values that a derivative needs again and that cost something are given a name in the primal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from s2sad.analysis.context import Context
from s2sad.analysis.ownership import is_new
from s2sad.ir import (
    Attribute,
    Binary,
    Bool,
    Call,
    Compare,
    Conditional,
    Const,
    Expr,
    Global,
    Index,
    Name,
    Routine,
    Unary,
)
from s2sad.kind import Array, Number
from s2sad.rules import registry
from s2sad.transform.containers import kept
from s2sad.traversal import children, map_children, substitute, walk

__all__ = ["Named", "is_expensive", "is_passing", "is_work", "lasting", "with_names"]


@dataclass(frozen=True)
class Named:
    """A value computed in steps: `parts` are the names given, in order, with their expressions. `value` and the later parts
    read a part by its name, unless that is a copy: a sum over a copy may come out otherwise in the last bit. `again` is the
    value where it is read later.
    """

    parts: tuple[tuple[str, Expr], ...]
    value: Expr
    again: Expr
    linear: tuple[Expr, ...]


def with_names(
    value: Expr,
    linear: tuple[Expr, ...],
    result: Expr | None,
    context: Context,
    unique: Callable[[str], str],
    is_worth: Callable[[Expr, Context], bool],
    kept: Callable[[Expr, Context], Expr] = lambda part, context: part,
) -> Named:
    """Give a name to each part of `value` that `linear` needs and that is worth one.

    `result`, if given, stands for the whole value in `linear`. `kept` gives what is kept of a part.
    """
    if result is not None and not isinstance(value, Name | Const):
        linear = tuple(substitute(part, {value: result}) for part in linear)
    found: set[Expr] = set()
    rest = linear
    for part in _candidates(value):
        if is_worth(part, context) and any(part in walk(expr) for expr in rest):
            found.add(part)
            rest = tuple(substitute(expr, {part: Const(None)}) for expr in rest)
    parts: list[tuple[str, Expr]] = []
    named: dict[Expr, Expr] = {}
    same: dict[Expr, Expr] = {}
    for part in dict.fromkeys(_evaluated(value)):
        if part in found:
            name = unique(_wish(part))
            context.name(name, part)
            own = kept(part, context)
            parts.append((name, map_children(own, lambda child: substitute(child, same))))
            named[part] = Name(name)
            if own == part:
                same[part] = Name(name)
    linear = tuple(substitute(part, named) for part in linear)
    return Named(tuple(parts), substitute(value, same), substitute(value, named), linear)


def _wish(node: Expr) -> str:
    """A name for a value: `sin_x` for `np.sin(x)`, `t` where nothing short says what it is."""
    match node:
        case Call(func=Global(dotted=dotted), args=(Name(id=name) | Unary(operand=Name(id=name)),)):
            return f"{dotted.rpartition('.')[2]}_{name}"
    return "t"


def _evaluated(node: Expr) -> Iterator[Expr]:
    """The parts of an expression in the order in which they are evaluated."""
    for child in children(node):
        yield from _evaluated(child)
    yield node


def _candidates(node: Expr) -> Iterator[Expr]:
    """The parts of an expression that are always evaluated, outer ones first."""
    yield node
    match node:
        case Conditional(test=test):
            yield from _candidates(test)
        case Bool(values=values):
            yield from _candidates(values[0])
        case _:
            for child in children(node):
                yield from _candidates(child)


def is_passing(node: Expr, context: Context) -> bool:
    """True for a part of an object that is changed in place somewhere: later there may be something else."""
    if not isinstance(node, Index):
        return False
    root: Expr = node
    while isinstance(root, Index):
        root = root.value
    return isinstance(root, Name) and root.id in context.changing


def lasting(node: Expr, context: Context) -> Expr:
    """The expression of a value that stays what it is when the object that it is a part of changes."""
    if _may_be_part(node, context) and not isinstance(context.kind(node), Number):
        return kept(node, context.kind(node))
    return node


def _may_be_part(node: Expr, context: Context) -> bool:
    """True if a value may be a part of an object that is changed in place somewhere, or the object itself."""
    match node:
        case Name(id=name):
            return name in context.changing
        case Index(value=value) | Attribute(value=value):
            return _may_be_part(value, context)
        case Conditional(then=then, orelse=orelse):
            return _may_be_part(then, context) or _may_be_part(orelse, context)
        case Call() if not isinstance(node.func, Routine) and not is_new(node):
            args, keywords = registry.operands(node)
            return any(_may_be_part(arg, context) for arg in (*args, *(value for _, value in keywords)))
    return False


def is_work(node: Expr, context: Context) -> bool:
    """True for every operation on an array that makes a new one, and for what else is expensive."""
    return is_expensive(node, context) or (isinstance(node, Binary) and isinstance(context.kind(node), Array))


def is_expensive(node: Expr, context: Context) -> bool:
    """True for what one would not compute twice: calls, and operations on arrays that are more than one with a number."""
    match node:
        case Name() | Const() | Global() | Attribute() | Index() | Call(func=Global(dotted="slice")):
            return False
        case Call():
            return not registry.is_view(registry.key_of(node))
        case Binary(op="@"):
            return True
        case Binary(left=left, right=right) if isinstance(context.kind(node), Array):
            return not (isinstance(left, Const | Name) and isinstance(right, Const | Name)) or not _has_number(
                left, right
            )
        case Compare():
            return isinstance(context.kind(node), Array)
        case Unary(operand=operand):
            return is_expensive(operand, context)
    return False


def _has_number(*operands: Expr) -> bool:
    return any(isinstance(operand, Const) for operand in operands)
