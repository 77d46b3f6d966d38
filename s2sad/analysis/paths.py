"""Objects that are parts of others: which part of which variable a name refers to.

A *path* is a variable, or an element, slice or row of one, such as `u`, `u[1:-1]` or `grid[i][j]`: it is the object itself
and no copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from s2sad.analysis.changes import REPLACED, is_view, root_of
from s2sad.ir import Assign, Call, Const, Expr, Global, Index, Slice, TupleOf, children, map_children, walk
from s2sad.kind import Array, Dict, Kind, List, Number, Record, Sequence

__all__ = [
    "is_mutable",
    "is_number",
    "is_simple",
    "leaves_of_path",
    "levels",
    "path_of",
    "through",
    "with_changed_part",
    "with_leaves",
]

KindOf = Callable[[Expr], Kind]


def path_of(value: Expr, kind_of: KindOf) -> Expr | None:
    """The value as a path, if it is one to an object that can be changed."""
    if root_of(value) is None or not is_mutable(kind_of(value)):
        return None
    part = value
    while isinstance(part, Index):
        if not is_view(part, kind_of) or not all(_is_number_or_key(leaf, kind_of) for leaf in _leaves(part.index)):
            return None
        part = part.value
    return value


def _is_number_or_key(leaf: Expr, kind_of: KindOf) -> bool:
    return isinstance(leaf, Const) or isinstance(kind_of(leaf), Number)


def is_mutable(kind: Kind) -> bool:
    """True for what is certainly an object that can be changed in place."""
    if isinstance(kind, Sequence | Record):
        return kind.type in ("list", "dict")
    return isinstance(kind, Array | List | Dict)


def levels(path: Expr) -> list[Expr]:
    """The objects that a path goes through, from the variable to that of which the last index takes a part."""
    found: list[Expr] = []
    while isinstance(path, Index):
        path = path.value
        found.insert(0, path)
    return found


def leaves_of_path(path: Expr) -> Iterator[Expr]:
    """The numbers in the indices of a path."""
    while isinstance(path, Index):
        yield from _leaves(path.index)
        path = path.value


def _leaves(index: Expr) -> Iterator[Expr]:
    match index:
        case TupleOf() | Slice():
            for child in children(index):
                yield from _leaves(child)
        case Const() | Global() if not is_number(index):
            pass
        case _:
            yield index


def with_leaves(path: Expr, new: Callable[[Expr], Expr]) -> Expr:
    """A path with other numbers in its indices."""
    if not isinstance(path, Index):
        return path
    return replace(path, value=with_leaves(path.value, new), index=_with_leaves(path.index, new))


def _with_leaves(index: Expr, new: Callable[[Expr], Expr]) -> Expr:
    match index:
        case TupleOf() | Slice():
            return map_children(index, lambda child: _with_leaves(child, new))
        case Const() | Global() if not is_number(index):
            return index
    return new(index)


def is_simple(leaf: Expr) -> bool:
    """True for a number that is another one only where one of the variables in it is."""
    return not any(isinstance(part, Call | Index) for part in walk(leaf))


def through(path: Expr, index: Expr, kind_of: KindOf) -> Expr:
    """The part of a path that an index selects: of a row that is selected by numbers, together with these."""
    part = Index(path, index)
    is_row = isinstance(path, Index) and isinstance(kind_of(path.value), Array) and _selects_rows(path.index)
    if is_row and is_view(part, kind_of):
        assert isinstance(path, Index)
        return replace(path, index=TupleOf((*_items(path.index), *_items(index))))
    return part


def with_changed_part(s: Assign, path: Expr, value: Call, kind_of: KindOf) -> Assign:
    """The assignment to a variable of which the part at `path` changes to `value`."""
    while isinstance(path, Index):
        match value.args:
            case (_, index, *rest) if (joined := through(path, index, kind_of)) != Index(path, index):
                assert isinstance(joined, Index)
                value = replace(value, args=(joined.value, joined.index, *rest))
            case _:
                value = Call(REPLACED, (path.value, path.index, value))
        path = path.value
    return replace(s, target=path, value=value)


def _items(index: Expr) -> tuple[Expr, ...]:
    return index.items if isinstance(index, TupleOf) else (index,)


def _selects_rows(index: Expr) -> bool:
    return all(is_number(item) for item in _items(index))


def is_number(item: Expr) -> bool:
    """True for an item of an index of an array that is one number."""
    return not isinstance(item, Slice | Global) and not (isinstance(item, Const) and type(item.value) is not int)
