"""Loops that give another object to the variable that they run over: what they run over gets a name of its own.

    for k, v in d.items():       held = d
        d = {…}             →    for k, v in held.items():
                                     d = {…}

Python looks the variable up once, before the first round; what is written for a round may look it up again.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from s2sad.ir import Assign, Attribute, Aug, Block, Call, Def, Expr, For, Function, Global, Name, Statement
from s2sad.naming import Names
from s2sad.traversal import binds, bound_names, is_part, map_blocks, names_in, reads, statements

__all__ = ["without_rebound"]

_VIEWS = ("items", "keys", "values")


def without_rebound(function: Function) -> Function:
    """The function whose loops run over variables that they do not assign."""
    names = Names([*reads(function), *bound_names(function)])
    return replace(function, body=_block(function.body, names))


def _block(block: Block, names: Names) -> Block:
    return tuple(result for s in block for result in _statement(s, names))


def _statement(s: Statement, names: Names) -> Block:
    if isinstance(s, Def):
        return (replace(s, function=replace(s.function, body=_block(s.function.body, names))),)
    s = map_blocks(s, lambda block: _block(block, names))
    if not isinstance(s, For):
        return (s,)
    rebound = {name for inner in statements((s,)) if not isinstance(inner, Aug) for name in binds(inner)}
    before: list[Statement] = []
    iterable = _held(s.iterable, rebound, names, before)
    return (*before, replace(s, iterable=iterable)) if before else (s,)


def _held(iterable: Expr, rebound: Container[str], names: Names, before: list[Statement]) -> Expr:
    """What a loop runs over, with names of their own for the sequences and dicts behind what is `rebound`."""
    match iterable:
        case Call(func=Global(dotted="range")):
            return iterable
        case Call(func=Attribute(value=value, attr=attr) as func, args=()) if attr in _VIEWS:
            return replace(iterable, func=replace(func, value=_held(value, rebound, names, before)))
        case Call(func=Global(), args=args):
            return replace(iterable, args=tuple(_held(arg, rebound, names, before) for arg in args))
    if not is_part(iterable) or not any(name in rebound for name in names_in(iterable)):
        return iterable
    own = Name(names.unique("held"), span=iterable.span)
    before.append(Assign(own, iterable))
    return own
