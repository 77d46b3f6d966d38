"""New values of lists and arrays written as the changes in place that they are: see analysis/changes.py."""

from __future__ import annotations

from dataclasses import replace

from s2sad.analysis.changes import (
    ADDED_AT,
    APPENDED,
    INCREASED,
    INCREASED_AT,
    INSERTED,
    POPPED,
    REBOUND,
    REPLACED,
    changed_arguments,
    is_change,
    result_target,
)
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Call,
    Const,
    Evaluate,
    Expr,
    Global,
    Index,
    Name,
    Routine,
    Statement,
    TupleOf,
    Unary,
)
from s2sad.simplify.algebra import is_negative, negated
from s2sad.traversal import map_blocks

__all__ = ["in_place"]


def in_place(block: Block) -> Block:
    """The statements with changes in place written as such."""
    return tuple(map(_in_place, block))


def _in_place(s: Statement) -> Statement:
    match s:
        case Assign(value=Call(func=Routine(spread=True)) as call):
            return _call(s, call)
        case Assign(target=Name() as target, value=Call() as value) if is_change(value) and value.args[0] == target:
            return _change(s, target, value)
        case Assign(target=TupleOf(items=(target, Name() as part)), value=Call(func=func, args=(read, *index))) if (
            func == POPPED and read == part
        ):
            pop = Call(Attribute(part, "pop"), tuple(index))
            return (
                Evaluate(pop, origin=s.origin, remark=s.remark)
                if target == Name("_")
                else replace(s, target=target, value=pop)
            )
    return map_blocks(s, in_place)


def _call(s: Assign, call: Call) -> Statement:
    """A call that changes arguments, as the user writes it."""
    assert isinstance(call.func, Routine)
    plain = replace(call, func=Routine(call.func.key))
    target, (first, *_) = result_target(s), changed_arguments(call)
    if call.func.gives == "argument" and s.origin is not None and isinstance(first, Name):
        # It was written `u = f(u)`, or just `f(u)`.
        target = first if s.origin.text.startswith(f"{first.id} =") else None
    if target is None or target == Name("_"):
        return Evaluate(plain, origin=s.origin, remark=s.remark)
    return replace(s, target=target, value=plain)


def _change(s: Assign, part: Expr, value: Expr) -> Statement:
    """The statement that changes `part`, a variable or an element, to `value`."""
    assert isinstance(value, Call)
    match value.func, value.args:
        case func, (_, added) if func == APPENDED:
            return Evaluate(Call(Attribute(part, "append"), (added,)), origin=s.origin, remark=s.remark)
        case func, (_, new) if func == REBOUND:
            return replace(s, target=part, value=new)
        case func, (_, index, added) if func == INSERTED:
            return Evaluate(Call(Attribute(part, "insert"), (index, added)), origin=s.origin, remark=s.remark)
        case func, (_, index, added) if func == ADDED_AT:
            return Evaluate(Call(Global("_add_at"), (part, index, added)), origin=s.origin, remark=s.remark)
        case func, (_, index, added) if func == INCREASED_AT:
            return Evaluate(Call(Global("numpy.add.at"), (part, index, added)), origin=s.origin, remark=s.remark)
        case func, (_, index, added) if func == INCREASED:
            return _increase(s, _element(part, index), added)
        case func, (_, index, new) if func == REPLACED:
            element = Index(part, index)
            if is_change(new) and isinstance(new, Call) and new.args[0] == element:
                return _change(s, element, new)
            return _replacement(s, element, new)
    raise TypeError(value)


def _increase(s: Assign, target: Expr, added: Expr) -> Statement:
    if isinstance(added, Unary) and added.op == "-":
        return Aug(target, "-", added.operand, origin=s.origin, remark=s.remark)
    if is_negative(added):
        return Aug(target, "-", negated(added), origin=s.origin, remark=s.remark)
    return Aug(target, "+", added, origin=s.origin, remark=s.remark)


def _replacement(s: Assign, target: Expr, new: Expr) -> Statement:
    """`x[i] *= v` where it was written so."""
    match new:
        case Binary(op=op, left=left, right=right) if (
            left == target and s.origin is not None and f" {op}= " in s.origin.text
        ):
            assert isinstance(target, Index)
            return Aug(_element(target.value, target.index), op, right, origin=s.origin, remark=s.remark)
    return replace(s, target=target, value=new)


def _element(part: Expr, index: Expr) -> Expr:
    """The element that is updated, or the whole array."""
    return part if index == Const(...) else Index(part, index)
