"""`itertools.repeat` in loops: what is the same in each round is no sequence.

    for a, b in zip(xs, repeat(v)):        item = v
        ...                            →   for a in xs:
                                               b = item
                                               ...

A number of times that is known to `repeat` makes a list of it, `[v] * n`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from s2sad.ir import Assign, Binary, Block, Call, Def, Expr, For, Function, Global, ListOf, Name, Statement, TupleOf
from s2sad.naming import Names
from s2sad.traversal import bound_names, map_blocks, map_children, reads, walk

__all__ = ["without_repeats"]


def without_repeats(function: Function) -> Function:
    """The function whose loops run over no `itertools.repeat` beside other things."""
    names = Names([*reads(function), *bound_names(function)])
    return replace(function, body=_block(function.body, names))


def _block(block: Block, names: Names) -> Block:
    return tuple(result for s in block for result in _statement(s, names))


def _statement(s: Statement, names: Names) -> Block:
    if isinstance(s, Def):
        return (replace(s, function=replace(s.function, body=_block(s.function.body, names))),)
    plain = map_blocks(s, lambda block: _block(block, names))
    return _loop(replace(plain, iterable=_with_lists(plain.iterable)), names) if isinstance(plain, For) else (plain,)


def _with_lists(iterable: Expr) -> Expr:
    """What a loop runs over, with lists for what comes a number of times."""
    match iterable:
        case Call(func=Global(dotted="itertools.repeat"), args=(value, times), keywords=()):
            return Binary("*", ListOf((value,)), times, span=iterable.span)
        case Call(func=Global(dotted="zip" | "enumerate" | "reversed")):
            return map_children(iterable, _with_lists)
    return iterable


@dataclass(frozen=True)
class _Head:
    """The head of a loop, what stands before the loop, and with what a round begins."""

    target: Expr
    iterable: Expr
    before: Block
    first: Block


def _loop(s: For, names: Names) -> Block:
    head = _head(s, s.target, s.iterable, names)
    if head is None:
        return (s,)
    return (*head.before, replace(s, target=head.target, iterable=head.iterable, body=(*head.first, *s.body)))


def _head(s: For, target: Expr, iterable: Expr, names: Names) -> _Head | None:
    """The head of a loop over some of what it runs over; None where it may stay what it is."""
    match target, iterable:
        case TupleOf(items=(number, inner)), Call(func=Global(dotted="enumerate"), args=(zipped, *rest)):
            found = _head(s, inner, zipped, names)
            if found is None:
                return None
            over = replace(iterable, args=(found.iterable, *rest))
            return replace(found, target=TupleOf((number, found.target)), iterable=over)
        case TupleOf(items=targets), Call(func=Global(dotted="zip"), args=parts, keywords=()):
            return _head_of_zip(s, targets, parts, names) if len(targets) == len(parts) else None
    return None


def _head_of_zip(s: For, targets: tuple[Expr, ...], parts: tuple[Expr, ...], names: Names) -> _Head | None:
    before: list[Statement] = []
    first: list[Statement] = []
    kept: list[tuple[Expr, Expr]] = []
    for target, part in zip(targets, parts, strict=True):
        value = _repeated(part)
        if value is None:
            kept.append((target, part))
        else:
            name = Name(names.unique("item"))
            before.append(Assign(name, value, origin=s.origin))
            first.append(Assign(target, name, origin=s.origin))
    if not before or not kept:
        return None
    target, over = kept[0]
    if len(kept) > 1:
        target, over = TupleOf(tuple(own for own, _ in kept)), Call(Global("zip"), tuple(part for _, part in kept))
    return _Head(target, over, tuple(before), tuple(first))


def _repeated(part: Expr) -> Expr | None:
    """What comes again without end: something that may be computed before all other parts."""
    match part:
        case Call(func=Global(dotted="itertools.repeat"), args=(value,), keywords=()):
            return None if any(isinstance(one, Call) for one in walk(value)) else value
    return None
