"""Arguments of unknown kind whose elements carry a derivative: those of a dict would be its keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from s2sad.analysis.activity import parts_of_rounds
from s2sad.analysis.context import Context
from s2sad.analysis.loops import iteration
from s2sad.ir import Assign, Block, Call, Const, Expr, For, Function, Global, If, Name, Raise, Return, Starred, TupleOf
from s2sad.kind import Dict, Unknown
from s2sad.syntax import template
from s2sad.traversal import statements, target_names, walk

__all__ = ["without_keys"]

#: Builtin functions that run over their argument and give, or add up, what they find.
_RUNNING = frozenset("enumerate list max min reversed sorted sum tuple zip".split())


def without_keys(function: Function, context: Context) -> Function:
    """The function with tests that refuse a dict where it runs over the elements of an argument of unknown kind."""
    found = dict.fromkeys(node.id for node in _run_over(function.body, context) if isinstance(node, Name))
    lines = [_test(p.name) for p in function.params if p.name in found and _may_be_dict(p.name, context)]
    return replace(function, body=(*lines, *function.body)) if lines else function


def _may_be_dict(name: str, context: Context) -> bool:
    kind = context.kinds.get(name)
    return name in context.active and isinstance(kind, Unknown) and not isinstance(kind, Dict)


def _run_over(block: Block, context: Context) -> Iterator[Expr]:
    """What the block runs over to get elements that carry a derivative."""
    for s in statements(block):
        match s:
            case For(target=target, iterable=iterable):
                for part, sequence in parts_of_rounds(target, iteration(iterable)):
                    if not context.active.isdisjoint(target_names(part)):
                        yield sequence
            case Assign(target=target, value=value) if not context.active.isdisjoint(target_names(target)):
                if isinstance(target, TupleOf):
                    yield value
                yield from _run_over_in(value)
            case Return(value=value) if value is not None:
                yield from _run_over_in(value)


def _run_over_in(value: Expr) -> Iterator[Expr]:
    for part in walk(value):
        match part:
            case Call(func=Global(dotted=dotted), args=args) if dotted in _RUNNING:
                yield from args
            case Starred(value=inner):
                yield inner


def _test(name: str) -> If:
    text = Const(f"`{name}` is a dict: dicts have to be declared where their keys would be taken for elements")
    return If(template("isinstance(x, dict)", x=Name(name)), (Raise(Call(Global("TypeError"), (text,))),))
