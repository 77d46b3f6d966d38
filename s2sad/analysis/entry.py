"""The objects that a block of statements is given and changes in place, under whatever name it has them then."""

from __future__ import annotations

from s2sad.analysis.changes import changed_variables, is_change
from s2sad.analysis.ownership import is_new
from s2sad.ir import Assign, Block, Call, Expr, For, If, Statement, Try, TupleOf, While, With
from s2sad.traversal import names_in, target_names

__all__ = ["changed_at_entry"]

_Names = frozenset[str]


def changed_at_entry(block: Block, later: _Names = frozenset()) -> _Names:
    """The variables whose objects, those that they have when the block begins, it may change in place. `later`: the variables
    whose objects are changed behind it.
    """
    for s in reversed(block):
        later = _before(s, later)
    return later


def _before(s: Statement, later: _Names) -> _Names:
    """The variables whose objects a statement or those behind it may change, from those that are changed behind it."""
    match s:
        case Assign(target=target, value=value):
            bound = frozenset(target_names(target))
            changed = frozenset(changed_variables(s))
            return (later - bound) | changed | _sources(target, value, later)
        case If(then=then, orelse=orelse):
            return changed_at_entry(then, later) | changed_at_entry(orelse, later)
        case For(target=target, iterable=iterable, body=body):
            inside = _round(body, later)
            taken = frozenset(names_in(iterable)) if inside & set(target_names(target)) else frozenset()
            return (inside - set(target_names(target))) | taken
        case While(body=body):
            return _round(body, later)
        case With(body=body):
            return changed_at_entry(body, later)
        case Try(body=body, handlers=handlers, orelse=orelse, final=final):
            behind = changed_at_entry(final, later)
            caught = behind.union(*(changed_at_entry(handler.body, behind) for handler in handlers))
            # Any of the statements of the body may be the last one.
            return caught.union(*(changed_at_entry(body[:n], caught) for n in range(len(body)))) | changed_at_entry(
                (*body, *orelse), behind
            )
    return later | frozenset(changed_variables(s))


def _round(body: Block, later: _Names) -> _Names:
    """What the rounds of a loop and the statements behind it change."""
    while True:
        found = later | changed_at_entry(body, later)
        if found == later:
            return found
        later = found


def _sources(target: Expr, value: Expr, later: _Names) -> _Names:
    """The variables whose objects an assignment may hand on to variables of `later`."""
    match target, value:
        case TupleOf(items=targets), TupleOf(items=values) if len(targets) == len(values):
            return frozenset().union(*(_sources(a, b, later) for a, b in zip(targets, values, strict=True)))
    if later.isdisjoint(target_names(target)) or is_new(value):
        return frozenset()
    match value:
        case TupleOf(items=values):
            return frozenset(name for item in values if not is_new(item) for name in names_in(item))
        case Call(args=(old, *_, added)) if is_change(value):
            # What is put into a list is in it, what is computed for it is its own.
            return frozenset(names_in(old)) | _sources(target, added, later)
    return frozenset(names_in(value))
