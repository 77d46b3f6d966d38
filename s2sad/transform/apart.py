"""The tangents of a guarded body, taken out of it: the user's handlers must not catch what only the derivative raises."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from s2sad.analysis.changes import is_change
from s2sad.frontend.attempts import catches_domains_alone, handler_of, may_catch_arithmetic
from s2sad.ir import (
    Assign,
    Attribute,
    Binary,
    Block,
    Call,
    Const,
    Evaluate,
    Expr,
    Function,
    Global,
    Opaque,
    Raise,
    Statement,
    Try,
    TupleOf,
)
from s2sad.rules import registry
from s2sad.rules.domains import is_total
from s2sad.traversal import assigned, expressions, heads, names_in, statements, walk

__all__ = ["apart", "guarded_variables", "is_tangent", "tangents_are_guarded"]

#: A line, and whether it belongs to the tangent alone.
Line = tuple[Statement, bool]


def tangents_are_guarded(s: Try) -> bool:
    """True if an exception that a tangent raises in the body may be taken for one of the primal."""
    handler = handler_of(s)
    if handler is None or not may_catch_arithmetic(handler):
        return False
    return not (catches_domains_alone(handler) and all(map(_has_total_tangents, statements(s.body))))


def _has_total_tangents(s: Statement) -> bool:
    """True for a statement whose tangents raise a ValueError only where it does itself."""
    match s:
        case Raise() | Evaluate(value=Call(func=Global(dotted="print"))):
            # It has none.
            return True
        case Assign(target=TupleOf(), value=value) if not isinstance(value, TupleOf):
            return False
    return all(_is_total(part) for head in heads(s) for part in walk(head))


def _is_total(node: Expr) -> bool:
    match node:
        case Call(func=Global(dotted=dotted)):
            return is_change(node) or is_total(dotted)
        case Call(func=Attribute(attr=attr)):
            return registry.method_key(attr) is not None
        case Binary(op="**", right=exponent):
            return isinstance(exponent, Const)
    return not isinstance(node, Call | Opaque)


def guarded_variables(function: Function, original: Mapping[str, str]) -> frozenset[str]:
    """The variables that keep a name of their own, so that the tangents can be computed behind the body of a `try`: those
    assigned in one that reads or assigns another variable which the user calls the same.
    """
    found: set[str] = set()
    for s in statements(function.body):
        if isinstance(s, Try) and tangents_are_guarded(s):
            inside = {name for expression in expressions(s.body) for name in names_in(expression)}
            users = [original.get(name, name) for name in inside]
            bound = {name for inner in s.body for name in assigned(inner)}
            found |= {name for name in bound if users.count(original.get(name, name)) > 1}
    return frozenset(found)


def is_tangent(line: Statement, dots: Collection[str]) -> bool | None:
    """True for a line that computes nothing but tangents, False for one of the primal; None for one that does both."""
    bound = assigned(line)
    if not bound & set(dots):
        return False
    return True if isinstance(line, Assign) and bound <= {*dots, "_"} else None


def apart(lines: Sequence[Line], original: Callable[[str], str]) -> tuple[Block, Block] | None:
    """The lines of the primal, and behind them those of the tangent; None where the order matters. `original` gives the name
    under which a variable is written.
    """
    for position, (line, tangent) in enumerate(lines):
        passed = [other for other, later in lines[position + 1 :] if not later]
        if tangent and any(_collide(line, other, original) for other in passed):
            return None
    return tuple(line for line, later in lines if not later), tuple(line for line, later in lines if later)


def _collide(a: Statement, b: Statement, original: Callable[[str], str]) -> bool:
    """True if the order of two statements matters."""
    writes = [{original(name) for name in assigned(s)} - {"_"} for s in (a, b)]
    reads = [{original(name) for e in expressions((s,)) for name in names_in(e)} - {"_"} for s in (a, b)]
    return bool(writes[0] & reads[1] or writes[1] & reads[0])
