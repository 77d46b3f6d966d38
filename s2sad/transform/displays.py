"""Displays with stars, `[first, *rest]`: the elements of a tuple or list by name where it is known how many there are, a list
that is filled one after the other elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from s2sad.analysis.calls import spread
from s2sad.analysis.changes import APPENDED
from s2sad.ir import (
    Assign,
    Block,
    Bool,
    Call,
    Conditional,
    Expr,
    For,
    Function,
    Global,
    ListOf,
    Name,
    Opaque,
    Starred,
    Statement,
    TupleOf,
    While,
)
from s2sad.kind import Kind
from s2sad.naming import Names
from s2sad.traversal import map_blocks, map_children, map_heads

__all__ = ["without_stars_in_displays"]

KindOf = Callable[[Expr], Kind]


def without_stars_in_displays(function: Function, kind_of: KindOf, names: Names) -> Function:
    """The function with all displays written out, whose expressions have the kinds `kind_of`."""
    return replace(function, body=_block(function.body, kind_of, names))


def _block(block: Block, kind_of: KindOf, names: Names) -> Block:
    done: list[Statement] = []
    for s in block:
        done += _statement(map_blocks(s, lambda inner: _block(inner, kind_of, names)), kind_of, names)
    return tuple(done)


def _statement(s: Statement, kind_of: KindOf, names: Names) -> Block:
    # What the test of a loop makes is made in each round.
    before: list[Statement] | None = None if isinstance(s, While) else []
    s = map_heads(s, lambda node: _expression(node, kind_of, names, before))
    return (*(before or ()), s)


def _expression(node: Expr, kind_of: KindOf, names: Names, before: list[Statement] | None) -> Expr:
    if isinstance(node, Conditional | Bool | Opaque):
        # What is evaluated only sometimes has nothing in front of it.
        before = None
    node = map_children(node, lambda child: _expression(child, kind_of, names, before))
    if not isinstance(node, TupleOf | ListOf) or not any(isinstance(item, Starred) for item in node.items):
        return node
    items = tuple(part for item in node.items for part in spread(item, kind_of))
    if before is None or not any(isinstance(item, Starred) for item in items):
        return TupleOf(items) if isinstance(node, TupleOf) else ListOf(items)
    own = Name(names.unique("items"))
    before += _filled(own, items, names)
    return own if isinstance(node, ListOf) else Call(Global("tuple"), (own,), span=node.span)


def _filled(own: Name, items: tuple[Expr, ...], names: Names) -> Block:
    """A list with the items, and those of what has a star."""
    first = next(place for place, item in enumerate(items) if isinstance(item, Starred))
    lines: list[Statement] = [Assign(own, ListOf(items[:first]))]
    for item in items[first:]:
        if isinstance(item, Starred):
            element = Name(names.unique("item"))
            lines.append(For(element, item.value, (_added(own, element),)))
        else:
            lines.append(_added(own, item))
    return tuple(lines)


def _added(own: Name, value: Expr) -> Statement:
    return Assign(own, Call(APPENDED, (own, value)))
