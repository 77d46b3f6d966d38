"""Sorted lists of active elements, as the elements in the order of their positions, which has no derivative.

ys = sorted(xs, key=f)    →    order = _order(xs, key=f)
ys = [xs[k] for k in order]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from s2sad.analysis.changes import APPENDED
from s2sad.analysis.loops import element_kind, iteration
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
    Index,
    ListOf,
    Name,
    Opaque,
    Statement,
    While,
)
from s2sad.kind import Array, Kind, List, Sequence, Unknown, may_be_active
from s2sad.naming import Names
from s2sad.traversal import is_part, map_blocks, map_children, map_heads

__all__ = ["without_sorted"]

KindOf = Callable[[Expr], Kind]


def without_sorted(function: Function, kind_of: KindOf, names: Names) -> Function:
    """The function without `sorted` of active elements; its expressions have the kinds `kind_of`."""
    return replace(function, body=_block(function.body, kind_of, names))


def _block(block: Block, kind_of: KindOf, names: Names) -> Block:
    done: list[Statement] = []
    for s in block:
        s = map_blocks(s, lambda inner: _block(inner, kind_of, names))
        before: list[Statement] = []
        if not isinstance(s, While):
            s = map_heads(s, lambda node, before=before: _taken(node, kind_of, names, before))  # type: ignore[misc]
        done += [*(replace(line, origin=s.origin) for line in before), s]
    return tuple(done)


def _taken(node: Expr, kind_of: KindOf, names: Names, before: list[Statement]) -> Expr:
    """An expression with names for the sorted lists in it that are evaluated for sure."""
    if isinstance(node, Conditional | Bool | Opaque):
        return node
    node = map_children(node, lambda child: _taken(child, kind_of, names, before))
    match node:
        case Call(func=Global(dotted="sorted"), args=(part,), keywords=keywords) if _is_active(part, kind_of):
            is_sequence = isinstance(kind_of(part), List | Sequence | Array)
            if not is_part(part) or not is_sequence:
                whole = Name(names.unique("items"))
                before.append(Assign(whole, part if is_sequence else Call(Global("list"), (part,))))
                part = whole
            order, made, place = (Name(names.unique(wish)) for wish in ("order", "items", "k"))
            before.append(Assign(order, Call(Global("_order"), (part,), keywords)))
            line = Assign(made, Call(APPENDED, (made, Index(part, place))))
            before += [Assign(made, ListOf(())), For(place, order, (line,), gathers="variable")]
            return made
    return node


def _is_active(part: Expr, kind_of: KindOf) -> bool:
    is_sequence = isinstance(kind_of(part), List | Sequence | Array | Unknown)
    return is_sequence and may_be_active(element_kind(iteration(part), kind_of))
