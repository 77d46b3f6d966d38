"""Changes of lists and arrays in place as assignments of their new values, which is all that the passes know."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from s2sad.analysis.changes import functional
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Block,
    Bool,
    Call,
    Conditional,
    Const,
    Evaluate,
    Expr,
    Function,
    Index,
    Name,
    Opaque,
    Return,
    Statement,
    TupleOf,
    noted,
)
from s2sad.naming import Names
from s2sad.transform.filled import with_filled_dicts
from s2sad.transform.methods import with_few_changes
from s2sad.transform.stores import with_stores
from s2sad.traversal import (
    bound_names,
    expressions,
    heads,
    map_blocks,
    map_children,
    map_statement,
    names_in,
    target_names,
    walk,
)

__all__ = ["values_of", "with_values"]


def with_values(function: Function, names: Names) -> Function:
    """Changes of lists and arrays in place as assignments of their new values."""
    function = with_stores(with_few_changes(_whole_arrays(function), names), names)
    function = with_filled_dicts(function, names)
    return replace(function, body=tuple(map(functional, _elements_alone(function.body, names))))


@noted
def values_of(function: Function) -> Function:
    """The same for a function by itself, where no names are taken but its own."""
    return with_values(function, Names(bound_names(function)))


def _whole_arrays(function: Function) -> Function:
    """`u += v` of a parameter that is changed in place is a change of all its elements."""
    if not function.changes:
        return function

    def changed(s: Statement) -> Statement:
        match s:
            case Aug(target=Name(id=name) as target) if name in function.changes:
                return replace(s, target=Index(target, Const(...), span=target.span))
        return map_blocks(s, lambda block: tuple(map(changed, block)))

    return replace(function, body=tuple(map(changed, function.body)))


def _elements_alone(block: Block, names: Names) -> Block:
    """`a[i], a[j] = a[j], a[i]` in steps: values first, then one change after the other."""
    done: list[Statement] = []
    for statement in block:
        s, before = _without_pops(statement, names)
        done += before
        match s:
            case Assign(target=TupleOf() | Index() as target, value=value) if _is_pop(value):
                taken = Name(names.unique("t"))
                done += [replace(s, target=taken), *_elements_alone((Assign(target, taken, origin=s.origin),), names)]
            case Assign(target=TupleOf(items=targets) as target) if any(isinstance(item, Index) for item in targets):
                late = _late_targets(targets)
                own = [Name(names.unique("t")) if isinstance(item, Index) or item in late else item for item in targets]
                done.append(replace(s, target=replace(target, items=tuple(own))))
                parts = zip(targets, own, strict=True)
                done += [Assign(item, name, origin=s.origin) for item, name in parts if item is not name]
            case _:
                done.append(map_blocks(s, lambda block: _elements_alone(block, names)))
    return tuple(done)


def _late_targets(targets: tuple[Expr, ...]) -> set[Expr]:
    """The targets with variables that a target before them has read by then: `i` in `a[i], i = v, j`."""
    late: set[Expr] = set()
    read: set[str] = set()
    for item in targets:
        if not read.isdisjoint(target_names(item)):
            late.add(item)
        read |= set(names_in(item)) if isinstance(item, Index) else set()
    return late


def _without_pops(s: Statement, names: Names) -> tuple[Statement, list[Statement]]:
    """A statement with what it takes out of lists under names, and the statements that take it out."""
    before: list[Statement] = []
    if not isinstance(s, Assign | Aug | Evaluate | Return) or (isinstance(s, Assign) and _is_pop(s.value)):
        return s, before
    if not any(map(_pops, heads(s))):
        return s, before
    parts = [part for expression in expressions((s,)) for part in walk(expression)]
    read = Counter(part.id for part in parts if isinstance(part, Name))
    pops = Counter(part.func.value.id for part in parts if _is_pop(part))  # type: ignore[attr-defined]

    def taken(node: Expr) -> Expr:
        if _is_pop(node) and read[name := node.func.value.id] == pops[name]:  # type: ignore[attr-defined]
            name = Name(names.unique("t"))
            before.append(Assign(name, node, origin=s.origin))
            return name
        return node if isinstance(node, Conditional | Bool | Opaque) else map_children(node, taken)

    return map_statement(s, taken), before


@noted
def _pops(node: Expr) -> bool:
    return any(map(_is_pop, walk(node)))


def _is_pop(node: Expr) -> bool:
    match node:
        case Call(func=Attribute(value=Name(), attr="pop"), args=() | (_,)):
            return True
    return False
