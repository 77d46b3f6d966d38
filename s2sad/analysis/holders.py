"""Which variables may hold an array, or a view of it, in whatever way: as another name, in a list, in what a call returned."""

from __future__ import annotations

from collections.abc import Callable

from s2sad.analysis.changes import is_change
from s2sad.analysis.ownership import is_new
from s2sad.ir import Assign, Aug, Block, Call, Expr, For, Lambda, Name, Opaque, Statement, With
from s2sad.kind import Array, Kind, Number
from s2sad.traversal import binds, children, names_in, statements

__all__ = ["holders"]

KindOf = Callable[[Expr], Kind]


def holders(block: Block, name: str, kinds_at: Callable[[Statement], KindOf | None]) -> set[str]:
    """The variables that may hold the array of `name`, itself among them."""
    edges = [edge for s in statements(block) if (kind := kinds_at(s)) is not None for edge in _edges(s, kind)]
    found = {name}
    while True:
        grown = found.union(*(edge for edge in edges if edge & found))
        if grown == found:
            return found
        found = grown


def _edges(s: Statement, kind: KindOf) -> list[set[str]]:
    match s:
        case Aug(target=target) if isinstance(kind(target), Array):
            return []
        case Assign(value=value) | Aug(value=value) | For(iterable=value) | With(context=value):
            held = _held(value, kind)
            return [{*binds(s), *held}] if held else []
    return []


def _held(node: Expr, kind: KindOf) -> set[str]:
    """The variables that the value of an expression may hold."""
    match node:
        case Name(id=name):
            return set() if isinstance(kind(node), Number) else {name}
        case Lambda() | Opaque():
            return set(names_in(node))
        case Call(args=(array, *_)) if is_change(node) and isinstance(kind(array), Array):
            # What is stored in an array is copied.
            return _held(array, kind)
    found = kind(node)
    if isinstance(found, Number) or (isinstance(found, Array) and is_new(node)):
        return set()
    return set().union(*(_held(child, kind) for child in children(node)))
