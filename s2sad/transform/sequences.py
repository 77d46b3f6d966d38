"""What a loop runs over gets a name if it is computed in the loop's head: reverse mode reads its elements again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from s2sad.analysis.loops import Elements, Enumerated, Range, is_iterator, iteration
from s2sad.ir import Assign, Attribute, Block, Call, Expr, For, Function, Global, Name, Statement
from s2sad.naming import Names
from s2sad.traversal import assigned, bound_names, is_part, map_blocks, names_in

__all__ = ["with_named_sequences"]


def with_named_sequences(function: Function, taken: Iterable[str]) -> Function:
    """What a loop runs over gets a name if it is computed in the loop's head: reverse mode reads its elements again."""
    names = Names([*taken, *bound_names(function)])
    return replace(function, body=_named_sequences(function.body, names))


def _named_sequences(block: Block, names: Names) -> Block:
    result: list[Statement] = []
    for s in block:
        if isinstance(s, For):
            s = replace(s, iterable=_named(s.iterable, names, assigned(s), result))
        result.append(map_blocks(s, lambda block: _named_sequences(block, names)))
    return tuple(result)


def _is_at_hand(iterable: Expr) -> bool:
    """True for a variable, a part of one, and the keys, values or items of such."""
    match iterable:
        case Call(func=Attribute(value=record, attr="keys" | "values" | "items"), args=(), keywords=()):
            return is_part(record)
    return is_part(iterable)


def _named(iterable: Expr, names: Names, changed: set[str], before: list[Statement]) -> Expr:
    match iteration(iterable), iterable:
        case Range(), _:
            return iterable
        case Elements(), _:
            if _is_at_hand(iterable) and not changed & set(names_in(iterable)):
                return iterable
            name = Name(names.unique("items"))
            before.append(Assign(name, Call(Global("list"), (iterable,)) if is_iterator(iterable) else iterable))
            return name
        case Enumerated(), Call(args=(inner, *rest)):
            return replace(iterable, args=(_named(inner, names, changed, before), *rest))
        case _, Call(args=args):
            return replace(iterable, args=tuple(_named(arg, names, changed, before) for arg in args))
    return iterable
