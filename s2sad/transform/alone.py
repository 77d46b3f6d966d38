"""Calls of the program's functions become statements of their own, in the order in which they are evaluated."""

from __future__ import annotations

from dataclasses import replace

from s2sad.analysis.effects import is_known_pure
from s2sad.ir import (
    Assign,
    Aug,
    Block,
    Bool,
    Call,
    Compare,
    Conditional,
    Expr,
    For,
    If,
    Name,
    Return,
    Routine,
    Statement,
    Unary,
)
from s2sad.naming import Names
from s2sad.traversal import map_blocks, map_children, walk

__all__ = ["calls_alone", "has_call"]


def calls_alone(block: Block, names: Names) -> Block:
    """Calls of the program's functions become statements of their own, in the order in which they are evaluated."""
    return tuple(result for s in block for result in _call_alone(s, names))


def _call_alone(s: Statement, names: Names) -> Block:
    before: list[Statement] = []
    match s:
        case Assign(value=Call() as call) if _stands_alone(call):
            value = map_children(call, lambda child: _extracted(child, before, names, s))
            return (*before, replace(s, value=value))
        case Assign(target=target, value=Conditional(test=test, then=then, orelse=orelse)) if has_call(s.value):
            sides = (_call_alone(Assign(target, side, origin=s.origin), names) for side in (then, orelse))
            test = _extracted(test, before, names, s)
            return (*before, If(test, *sides, origin=s.origin))
        case Assign(target=Name() as target, value=Bool(op=op, values=(first, *rest))) if _may_choose(s.value):
            if any(target in walk(other) for other in rest):
                return _with_calls(s, s.value, names, before)
            other: Expr = Bool(op, tuple(rest)) if len(rest) > 1 else rest[0]
            inner = _call_alone(Assign(target, other, origin=s.origin), names)
            start = _call_alone(Assign(target, first, origin=s.origin), names)
            return (*start, If(target if op == "and" else Unary("not", target), inner, origin=s.origin))
        case Assign(value=value):
            return _with_calls(s, value, names, before)
        case Aug(value=value):
            return _with_calls(s, value, names, before)
        case Return(value=Expr() as value):
            return _with_calls(s, value, names, before)
        case For(iterable=iterable):
            s = replace(s, iterable=_extracted(iterable, before, names, s))
    return (*before, map_blocks(s, lambda block: calls_alone(block, names)))


def _with_calls(s: Assign | Aug | Return, value: Expr, names: Names, before: list[Statement]) -> Block:
    if not has_call(value):
        return (s,)
    if isinstance(value, Conditional) or _may_choose(value):
        name = Name(names.unique("t"))
        return (*_call_alone(Assign(name, value, origin=s.origin), names), replace(s, value=name))
    new = _extracted(value, before, names, s)
    return (*before, replace(s, value=new))


def has_call(node: Expr) -> bool:
    """True for an expression with a call that is evaluated once, whatever the derivative does."""
    return any(_stands_alone(part) for part in walk(node))


def _may_choose(node: Expr) -> bool:
    """True for `and`, `or` whose value may be any of the operands, in which a function is called."""
    if not isinstance(node, Bool) or not any(map(has_call, node.values)):
        return False
    return not all(isinstance(value, Compare | Bool) or getattr(value, "op", "") == "not" for value in node.values)


def _stands_alone(node: Expr) -> bool:
    """True for a call that is evaluated once, whatever the derivative does: of the program, or with unknown effects."""
    return isinstance(node, Call) and (isinstance(node.func, Routine) or not is_known_pure(node))


def _extracted(node: Expr, before: list[Statement], names: Names, s: Statement) -> Expr:
    """`node` with its calls replaced by names that `before` assigns. What is evaluated only sometimes stays."""
    if not has_call(node):
        return node
    if isinstance(node, Conditional) or _may_choose(node):
        name = Name(names.unique("t"))
        before += _call_alone(Assign(name, node, origin=s.origin), names)
        return name
    if not isinstance(node, Call) and not hasattr(node, "left") and not _always_evaluated(node):
        return node
    new = map_children(node, lambda child: _extracted(child, before, names, s))
    if _stands_alone(new):
        name = Name(names.unique("t"))
        before.append(Assign(name, new, origin=s.origin))
        return name
    return new


def _always_evaluated(node: Expr) -> bool:
    """False for `and`, `or`, carried text: an operand may not be evaluated at all, or many times."""
    return type(node).__name__ not in ("Bool", "Opaque", "Compare")
