"""Loops over arrays and lists in whose elements something is changed, as loops over indices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from s2sad.analysis.changes import INSERTED, changed_arguments, changed_variables, is_change
from s2sad.analysis.paths import path_of
from s2sad.frontend.jumps import without_continue
from s2sad.ir import (
    Assign,
    Aug,
    Block,
    Call,
    Const,
    Expr,
    For,
    Function,
    Global,
    Index,
    ListOf,
    Name,
    Slice,
    Statement,
    TupleOf,
)
from s2sad.kind import Array, Kind, List, Sequence, constant_dim
from s2sad.naming import Names
from s2sad.syntax import template
from s2sad.traversal import (
    assigned,
    binds,
    expressions,
    map_blocks,
    map_statement,
    names_in,
    statements,
    target_names,
    walk,
)

__all__ = ["by_index"]

KindOf = Callable[[Expr], Kind]


def by_index(
    function: Function, group: frozenset[str], names: Names, kinds_at: Callable[[Statement], KindOf | None]
) -> Block:
    """Loops over arrays and lists in whose elements something is changed, by index; `a, b = u[:2], u[2:]` one by one."""

    def block(lines: Block) -> Block:
        return tuple(line for s in lines for line in statement(s))

    def statement(s: Statement) -> Block:
        done = map_blocks(s, block)
        kind = kinds_at(s)
        if kind is None or group.isdisjoint(binds(s)):
            return (done,)
        match done:
            case For(until=None) if (rounds := _rounds(done.target, done.iterable, kind)) is not None:
                first = ([Assign(target, item, origin=s.origin) for target, item in pairs] for pairs in rounds)
                return tuple(line for lines in first for line in (*lines, *map(_copied, without_continue(done.body))))
            case For():
                return _with_index(done, names, kind)
            case Assign(target=TupleOf(items=targets), value=value) if not changed_variables(s):
                return _one_by_one(done, targets, value, kind)
        return (done,)

    return block(function.body)


def _rounds(target: Expr, iterable: Expr, kind: KindOf) -> list[list[tuple[Expr, Expr]]] | None:
    """What the targets of a loop are in each round, if it runs over objects that are written out."""
    match target, iterable:
        case _, TupleOf(items=items) | ListOf(items=items) if all(path_of(item, kind) for item in items):
            return [[(target, item)] for item in items]
        case TupleOf(items=(i, x)), Call(func=Global(dotted="enumerate"), args=(inner,), keywords=()):
            rounds = _rounds(x, inner, kind)
            return None if rounds is None else [[(i, Const(k)), *pairs] for k, pairs in enumerate(rounds)]
        case TupleOf(items=targets), Call(func=Global(dotted="zip"), args=args, keywords=()) if len(targets) == len(
            args
        ):
            every = [_rounds(x, inner, kind) for x, inner in zip(targets, args, strict=True)]
            if all(rounds is not None for rounds in every):
                together = zip(*(rounds or [] for rounds in every), strict=False)
                return [[pair for pairs in one for pair in pairs] for one in together]
    return None


def _one_by_one(s: Assign, targets: tuple[Expr, ...], value: Expr, kind: KindOf) -> Block:
    """An assignment of several views, one after the other where none of them reads what another assigns."""
    values = _parts(value, len(targets), kind)
    bound = set(target_names(s.target))
    if len(values) != len(targets) or not any(path_of(part, kind) for part in values) or bound & set(names_in(value)):
        return (s,)
    return tuple(Assign(target, part, origin=s.origin) for target, part in zip(targets, values, strict=True))


def _parts(value: Expr, count: int, kind: KindOf) -> tuple[Expr, ...]:
    """The elements of what is unpacked, if it is known to have as many."""
    match value, kind(value):
        case TupleOf(items=items), _:
            return items
        case Name(), Array(shape=(first, *_)) if first == constant_dim(count):
            return tuple(Index(value, Const(place)) for place in range(count))
        case Name(), Sequence(type="list", items=items) if len(items) == count:
            return tuple(Index(value, Const(place)) for place in range(count))
    return ()


def _copied(s: Statement) -> Statement:
    """A statement of its own: what is known of each goes by its identity."""
    return map_statement(s, lambda node: node)


def _with_index(s: For, names: Names, kind: KindOf) -> Block:
    """`for x in xs` as a loop over the indices of `xs`, also for `enumerate` and `zip`; others stay."""
    k: Name | None = None
    match s.target, s.iterable:
        case TupleOf(items=(Name() as i, x)), Call(func=Global(dotted="enumerate"), args=(iterable,), keywords=()) if (
            not any(i.id in assigned(inner) for inner in s.body)
        ):
            pairs, k = [(x, iterable)], i
        case TupleOf(items=targets), Call(func=Global(dotted="zip"), args=args, keywords=()) if len(targets) == len(
            args
        ):
            pairs = list(zip(targets, args, strict=True))
        case target, iterable:
            pairs = [(target, iterable)]
    kinds = [kind(iterable) for _, iterable in pairs]
    if not all(isinstance(own, Array | List) or _is_list(own) for own in kinds):
        return (s,)
    if any(not isinstance(own, Array) for own in kinds) and _may_resize(s.body):
        return (s,)
    k = k or Name(names.unique("k"))
    sources = [Name(names.unique("rows")) for _ in pairs]
    before = [Assign(rows, iterable) for rows, (_, iterable) in zip(sources, pairs, strict=True)]
    lengths = [template("len(x)", x=rows) for rows in sources]
    length = lengths[0] if len(lengths) == 1 else Call(Global("min"), tuple(lengths))
    first = [Assign(x, Index(rows, k), origin=s.origin) for rows, (x, _) in zip(sources, pairs, strict=True)]
    return (
        *before,
        replace(s, target=k, iterable=template("range(n)", n=length), body=(*first, *s.body), gathers=""),
    )


def _is_list(kind: Kind) -> bool:
    return isinstance(kind, Sequence) and kind.type == "list"


def _may_resize(block: Block) -> bool:
    """True if a list may get longer or shorter in the block."""
    return any(
        changed_arguments(part) or (is_change(part) and not _keeps_length(part))
        for expression in expressions(block)
        for part in walk(expression)
    ) or any(isinstance(s, Aug) and not isinstance(s.target, Name) for s in statements(block))


def _keeps_length(change: Expr) -> bool:
    """True for a change of one element."""
    is_element = isinstance(change, Call) and len(change.args) == 3 and change.func != INSERTED
    return is_element and not isinstance(change.args[1], Slice)  # type: ignore[attr-defined]
