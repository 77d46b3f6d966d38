"""Objects that are parts of others: which part of which variable a name refers to.

A *path* is a variable, or an element, slice, row or other view of one, such as `u`, `u[1:-1]`, `grid[i][j]` or `A.T`: it is
the object itself and no copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from s2sad.analysis.changes import INCREASED, REPLACED, is_change, is_view
from s2sad.ir import Assign, Attribute, Call, Const, Expr, Global, Index, Name, Slice, TupleOf
from s2sad.kind import Array, Dict, Kind, List, Number, Record, Sequence
from s2sad.rules.views import reshaped, transposed, viewed
from s2sad.traversal import children, map_children, walk

__all__ = [
    "base_of",
    "is_mutable",
    "is_number",
    "is_simple",
    "leaves_of_path",
    "levels",
    "normal",
    "path_of",
    "through",
    "with_changed_part",
    "with_leaves",
]

KindOf = Callable[[Expr], Kind]


def path_of(value: Expr, kind_of: KindOf) -> Expr | None:
    """The value as a path, if it is one to an object that can be changed."""
    return value if is_mutable(kind_of(value)) and _is_path(value, kind_of) else None


def _is_path(value: Expr, kind_of: KindOf) -> bool:
    if isinstance(value, Index):
        leaves = all(_is_number_or_key(leaf, kind_of) for leaf in _leaves(value.index))
        return leaves and is_view(value, kind_of) and _is_path(value.value, kind_of)
    inner = viewed(value)
    if inner is None:
        return isinstance(value, Name)
    # Of a list or a number it would be an array of its own.
    return isinstance(kind_of(inner), Array) and _is_path(inner, kind_of)


def _inner(path: Expr) -> Expr | None:
    """What a path selects a part of, or looks at in another way."""
    return path.value if isinstance(path, Index) else viewed(path) or reshaped(path)


def _with_inner(path: Expr, inner: Expr) -> Expr:
    match path:
        case Index() | Attribute():
            return replace(path, value=inner)
        case Call(func=Attribute() as func):
            return replace(path, func=replace(func, value=inner))
        case Call(args=(_, *others)):
            return replace(path, args=(inner, *others))
    raise TypeError(path)


def _turned(value: Expr, kind_of: KindOf) -> Expr | None:
    """The matrix of which this is the transpose."""
    x = transposed(value)
    kind = kind_of(x) if x is not None else None
    return x if isinstance(kind, Array) and len(kind.shape) == 2 else None


def base_of(path: Expr) -> str | None:
    """The variable to whose object, or to a part of it, a path leads."""
    while not isinstance(path, Name):
        inner = _inner(path)
        if inner is None:
            return None
        path = inner
    return path.id


def _is_number_or_key(leaf: Expr, kind_of: KindOf) -> bool:
    return isinstance(leaf, Const) or isinstance(kind_of(leaf), Number)


def is_mutable(kind: Kind) -> bool:
    """True for what is certainly an object that can be changed in place."""
    if isinstance(kind, Sequence | Record):
        return kind.type in ("list", "dict")
    return isinstance(kind, Array | List | Dict)


def levels(path: Expr) -> list[Expr]:
    """The objects that a path goes through, from the variable to that of which the last index takes a part."""
    inner = _inner(path)
    if inner is None:
        return []
    return [*levels(inner), inner] if isinstance(path, Index) else levels(inner)


def leaves_of_path(path: Expr) -> Iterator[Expr]:
    """The numbers in the indices of a path."""
    inner = _inner(path)
    if isinstance(path, Index):
        yield from _leaves(path.index)
    if inner is not None:
        yield from leaves_of_path(inner)


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
    inner = _inner(path)
    if inner is None:
        return path
    path = _with_inner(path, with_leaves(inner, new))
    return replace(path, index=_with_leaves(path.index, new)) if isinstance(path, Index) else path


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
    """The part of a path that an index selects: of a row that is selected by numbers, together with these; of a transpose, that
    of the matrix.
    """
    part = Index(path, index)
    if not is_view(part, kind_of):
        return part
    matrix = _turned(path, kind_of)
    if matrix is not None:
        return path if index == Const(...) else _through_transpose(matrix, part, kind_of)
    if isinstance(path, Index) and isinstance(kind_of(path.value), Array) and _is_row(path, kind_of):
        return replace(path, index=TupleOf((*_items(path.index), *_items(index))))
    return part


def _through_transpose(matrix: Expr, part: Index, kind_of: KindOf) -> Expr:
    row, column = (*_items(part.index), Slice())[:2]
    if not all(isinstance(item, Slice) or is_number(item) for item in (row, column)):
        return part
    found = through(matrix, TupleOf((column, row)), kind_of)
    return found if is_number(row) or is_number(column) else Attribute(found, "T")


def normal(path: Expr, kind_of: KindOf) -> Expr:
    """A path with as few indices as possible."""
    found = _inner(path)
    if found is None:
        return path
    inner = normal(found, kind_of)
    return through(inner, path.index, kind_of) if isinstance(path, Index) else _with_inner(path, inner)


def with_changed_part(s: Assign, path: Expr, value: Call, kind_of: KindOf) -> Assign | None:
    """The assignment to a variable of which the part at `path` changes to `value`; None if that is none."""
    while not isinstance(path, Name):
        found = _one_level(path, value, kind_of)
        if found is None:
            return None
        path, value = found
    return replace(s, target=path, value=value)


def _one_level(path: Expr, value: Call, kind_of: KindOf) -> tuple[Expr, Call] | None:
    """The change of what `path` is a part of, if `path` changes to `value`."""
    matrix = _turned(path, kind_of)
    match path, value.args:
        case Index(), (_, index, *rest) if (joined := through(path, index, kind_of)) != Index(path, index):
            assert isinstance(joined, Index)
            return joined.value, replace(value, args=(joined.value, joined.index, *rest))
        case Index(), _:
            return path.value, Call(REPLACED, (path.value, path.index, value))
        case _, (_, index, new) if matrix is not None and value.func in (REPLACED, INCREASED):
            return _of_matrix(matrix, value, index, new, kind_of)
    return None


def _of_matrix(matrix: Expr, value: Call, index: Expr, new: Expr, kind_of: KindOf) -> tuple[Expr, Call] | None:
    """The change of a matrix whose transpose changes."""
    turned = through(Attribute(matrix, "T"), index, kind_of)
    if isinstance(turned, Index):
        is_other = transposed(turned.value) is None
        return (turned.value, replace(value, args=(turned.value, turned.index, new))) if is_other else None
    kind = kind_of(new)
    if isinstance(kind, Array) and len(kind.shape) == 2 and not is_change(new):
        new = Attribute(new, "T")
    elif not isinstance(kind, Number):
        return None
    part = transposed(turned)
    own = part.index if isinstance(part, Index) and part != matrix else Const(...)
    return matrix, replace(value, args=(matrix, own, new))


def _items(index: Expr) -> tuple[Expr, ...]:
    return index.items if isinstance(index, TupleOf) else (index,)


def _is_row(part: Index, kind_of: KindOf) -> bool:
    """True for a part of an array that numbers select, one for each of its first axes, and no list of numbers."""
    return all(is_number(item) for item in _items(part.index)) and is_view(part, kind_of)


def is_number(item: Expr) -> bool:
    """True for an item of an index of an array that is one number."""
    return not isinstance(item, Slice | Global) and not (isinstance(item, Const) and type(item.value) is not int)
