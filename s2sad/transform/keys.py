"""What is of unknown kind and run over, and whose elements carry a derivative: those of a dict would be its keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from s2sad.analysis.activity import parts_of_rounds
from s2sad.analysis.context import Context
from s2sad.analysis.loops import iteration
from s2sad.frontend.generators import TAKING_ALL
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Bool,
    Call,
    Compare,
    Conditional,
    Const,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    ListOf,
    Name,
    Raise,
    Return,
    Starred,
    Statement,
    TupleOf,
    Unary,
)
from s2sad.kind import Dict, Unknown
from s2sad.syntax import template
from s2sad.traversal import children, map_blocks, names_in, statements, target_names

__all__ = ["without_keys"]

#: Builtin functions that run over their argument and give, or add up, what they find.
_RUNNING = TAKING_ALL | {"enumerate", "reversed", "zip"}
#: Expressions whose values are no dicts.
_NO_DICTS = (Binary, Compare, Const, ListOf, TupleOf, Unary)


def without_keys(function: Function, context: Context) -> Function:
    """The function with tests that refuse a dict of unknown kind before it runs over the elements."""
    return replace(function, body=_tested(function.body, _computed(function), context))


def _tested(block: Block, computed: frozenset[str], context: Context) -> Block:
    lines: list[Statement] = []
    for s in block:
        found = dict.fromkeys(node for node in _run_over(s, context) if _may_be_dict(node, computed, context))
        lines += map(_test, found)
        lines.append(map_blocks(s, lambda inner: _tested(inner, computed, context)))
    return tuple(lines)


def _computed(function: Function) -> frozenset[str]:
    """The variables that hold nothing but results of arithmetic."""
    values = [s for s in statements(function.body) if isinstance(s, Assign)]
    computed = {s.target.id for s in values if isinstance(s.target, Name) and isinstance(s.value, _NO_DICTS)}
    others = {name for s in values if not isinstance(s.value, _NO_DICTS) for name in target_names(s.target)}
    loops = (name for s in statements(function.body) if isinstance(s, For) for name in target_names(s.target))
    return frozenset(computed - others).difference(loops, (p.name for p in function.params))


def _may_be_dict(node: Expr, computed: frozenset[str], context: Context) -> bool:
    if not isinstance(node, Name | Index | Attribute) or (isinstance(node, Name) and node.id in computed):
        return False
    kind = context.kind(node)
    return context.is_active(node) and isinstance(kind, Unknown) and not isinstance(kind, Dict)


def _run_over(s: Statement, context: Context) -> Iterator[Expr]:
    """What a statement runs over to get elements that carry a derivative."""
    match s:
        case For(target=target, iterable=iterable):
            for part, sequence in parts_of_rounds(target, iteration(iterable)):
                if not context.active.isdisjoint(target_names(part)):
                    yield sequence
                    yield from _run_over_in(sequence)
        case Assign(target=target, value=value) | Aug(target=target, value=value):
            if not context.active.isdisjoint(names_in(target)):
                if isinstance(target, TupleOf):
                    yield value
                yield from _run_over_in(value)
        case Return(value=value) if value is not None:
            yield from _run_over_in(value)


def _run_over_in(node: Expr) -> Iterator[Expr]:
    match node:
        case Call(func=Global(dotted=dotted), args=args) if dotted in _RUNNING:
            yield from args
        case Starred(value=inner):
            yield inner
        case Conditional() | Bool():
            # A variable can be looked at wherever it is read, a part of one only where it is there.
            yield from (part for child in children(node) for part in _run_over_in(child) if isinstance(part, Name))
            return
    for child in children(node):
        yield from _run_over_in(child)


def _test(node: Expr) -> If:
    what = f"`{node.id}` is a dict" if isinstance(node, Name) else "found a dict"
    text = Const(f"{what}: dicts have to be declared where their keys would be taken for elements")
    return If(template("isinstance(x, dict)", x=node), (Raise(Call(Global("TypeError"), (text,))),))
