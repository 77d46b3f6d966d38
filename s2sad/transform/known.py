"""What is settled by the kinds of the arguments: tests for None and for keys of a dict, and what loops over one run over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from s2sad.analysis.calls import without_stars
from s2sad.analysis.kinds import decided
from s2sad.analysis.loops import element_kind, iteration
from s2sad.analysis.parts import looked_up, merged
from s2sad.ir import (
    Assign,
    Attribute,
    Block,
    Bool,
    Call,
    Conditional,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    Name,
    Raise,
    Return,
    Statement,
    TupleOf,
)
from s2sad.kind import Dict, Kind, Other, Record, may_be_active
from s2sad.naming import Names
from s2sad.traversal import is_part, map_blocks, map_children, map_statement

__all__ = ["with_known"]

KindOf = Callable[[Expr], Kind]


def with_known(function: Function, kind_of: KindOf, names: Names) -> Function:
    """The function without branches that are never taken; loops over the items or values of a dict run over its keys, and
    those over pairs unpack them in their head.
    """
    body = _block(function.body, kind_of, names)
    return replace(function, body=tuple(map_statement(s, lambda node: _expression(node, kind_of)) for s in body))


def _expression(node: Expr, kind_of: KindOf) -> Expr:
    if (found := looked_up(node, kind_of)) is not None:
        return _expression(found, kind_of)
    if (shown := merged(node, kind_of)) is not None:
        return _expression(shown, kind_of)
    if isinstance(node, Conditional) and (taken := decided(node.test, kind_of)) is not None:
        return _expression(node.then if taken else node.orelse, kind_of)
    if isinstance(node, Bool) and node.op == "or":
        # `x or 1.0` where x is None.
        *first, last = node.values
        values = (*(value for value in first if kind_of(value) != Other("NoneType")), last)
        node = replace(node, values=values) if len(values) > 1 else last
    if isinstance(node, Call):
        node = without_stars(node, kind_of)
    return map_children(node, lambda child: _expression(child, kind_of))


def _block(block: Block, kind_of: KindOf, names: Names) -> Block:
    lines = tuple(line for s in block for line in _statement(s, kind_of, names))
    end = next((place for place, line in enumerate(lines, 1) if isinstance(line, Return | Raise)), len(lines))
    return lines[:end]


def _statement(s: Statement, kind_of: KindOf, names: Names) -> Block:
    match s:
        case If(test=test, then=then, orelse=orelse):
            taken = decided(test, kind_of)
            if taken is not None:
                return _block(then if taken else orelse, kind_of, names)
        case For(target=target, iterable=iterable, body=body):
            target, iterable, first = _head(target, iterable, kind_of, names)
            return (replace(s, target=target, iterable=iterable, body=(*first, *_block(body, kind_of, names))),)
    return (map_blocks(s, lambda inner: _block(inner, kind_of, names)),)


def _head(target: Expr, iterable: Expr, kind_of: KindOf, names: Names) -> tuple[Expr, Expr, Block]:
    """A loop's target, what it runs over, and what its body begins with."""
    match iterable:
        case Call(func=Attribute(value=record, attr="keys" | "values" | "items" as attr), args=(), keywords=()) if (
            is_part(record) and _is_dict(kind_of(record))
        ):
            return _over_keys(target, record, attr, names)
        case Call(func=Global(dotted="zip" | "enumerate" as dotted), args=args) if isinstance(
            target, Name
        ) and may_be_active(element_kind(iteration(iterable), kind_of)):
            count = len(args) if dotted == "zip" else 2
            parts = TupleOf(tuple(Name(names.unique(f"{target.id}_{k}")) for k in range(count)))
            return parts, iterable, (Assign(target, parts),)
    return target, iterable, ()


def _over_keys(target: Expr, record: Expr, attr: str, names: Names) -> tuple[Expr, Expr, Block]:
    match attr, target:
        case "keys", _:
            return target, record, ()
        case "items", TupleOf(items=(Name(id=name) as key, value)) if name != "_":
            return key, record, (Assign(value, Index(record, key)),)
    own = Name(names.unique("key"))
    element = Index(record, own)
    return own, record, (Assign(target, element if attr == "values" else TupleOf((own, element))),)


def _is_dict(kind: Kind) -> bool:
    return isinstance(kind, Dict) or (isinstance(kind, Record) and kind.type == "dict")
