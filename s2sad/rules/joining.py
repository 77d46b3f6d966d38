"""Functions that join arrays and take them apart."""

from __future__ import annotations

from s2sad.ir import Attribute, Call, Const, Expr, Global, Index, ListOf, Slice, TupleOf
from s2sad.kind import Array, Kind, Number
from s2sad.rules.broadcasting import index_along, literal_axes, shape_of
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import alias, linear, sharing
from s2sad.rules.when import arrays
from s2sad.syntax import template

__all__: list[str] = []

linear(
    "y = np.concatenate(arrays, axis=0, out=..., dtype=...)",
    "arrays_bar = _concatenate_back(y_bar, arrays, axis)",
    lists=True,
)
linear("y = np.stack(arrays, axis=0, out=..., dtype=...)", "arrays_bar = _stack_back(y_bar, arrays, axis)", lists=True)
linear("y = np.hstack(arrays)", "arrays_bar = _hstack_back(y_bar, arrays)", lists=True)
linear("y = np.vstack(arrays)", "arrays_bar = _vstack_back(y_bar, arrays)", lists=True)
linear("y = np.column_stack(arrays)", "arrays_bar = _column_stack_back(y_bar, arrays)", lists=True)
linear(
    "y = np.append(a, b, axis=None)",
    "a_bar = _concatenated_part(y_bar, (a, b), axis, 0)",
    "b_bar = _concatenated_part(y_bar, (a, b), axis, 1)",
    jointly=True,
)
linear(
    "y = np.broadcast_arrays(*arrays)", "arrays_bar = _broadcast_arrays_back(y_bar, arrays)", jointly=True, lists=True
)
linear("y = np.split(x, parts, axis=0)", "x_bar = np.concatenate(y_bar, axis=axis)")
linear("y = np.array_split(x, parts, axis=0)", "x_bar = np.concatenate(y_bar, axis=axis)")
linear("y = np.hsplit(x, parts)", "x_bar = np.hstack(y_bar)")
linear("y = np.vsplit(x, parts)", "x_bar = np.vstack(y_bar)")
linear("y = np.dstack(arrays)", "arrays_bar = _dstack_back(y_bar, arrays)", lists=True)
linear("y = _dstack_back(t, arrays)", "t_bar = np.dstack(y_bar)", "arrays_bar = 0", lists=True)
linear(
    "y = np.meshgrid(*arrays, indexing='xy')",
    "arrays_bar = _meshgrid_back(y_bar, indexing)",
    jointly=True,
    lists=True,
    when=arrays("arrays"),
)
alias("np.concatenate", "np.concat")
sharing("np.broadcast_arrays")

linear(
    "y = _concatenate_back(t, arrays, axis)", "t_bar = np.concatenate(y_bar, axis=axis)", "arrays_bar = 0", lists=True
)
linear("y = _stack_back(t, arrays, axis)", "t_bar = np.stack(y_bar, axis=axis)", "arrays_bar = 0", lists=True)
linear("y = _hstack_back(t, arrays)", "t_bar = np.hstack(y_bar)", "arrays_bar = 0", lists=True)
linear("y = _vstack_back(t, arrays)", "t_bar = np.vstack(y_bar)", "arrays_bar = 0", lists=True)
linear("y = _column_stack_back(t, arrays)", "t_bar = np.column_stack(y_bar)", "arrays_bar = 0", lists=True)


def _items(arrays: Expr, kind_of: KindOf) -> list[tuple[Expr, Kind]] | None:
    """The arrays that are joined, where they are written out."""
    if isinstance(arrays, TupleOf | ListOf):
        return [(item, kind_of(item)) for item in arrays.items]
    return None


def _slices(t: Expr, sizes: list[Expr], axis: int) -> Expr:
    """`t` cut along an axis into parts of the given sizes."""
    parts: list[Expr] = []
    start: Expr | None = None
    for position, size in enumerate(sizes):
        stop = size if start is None else template("a + b", a=start, b=size)
        last = position == len(sizes) - 1
        parts.append(index_along(t, axis, Slice(start, None if last else stop)))
        start = stop
    return ListOf(tuple(parts))


def _concatenate_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, arrays, axis = args
    items = _items(arrays, kind_of)
    if items is None or not all(isinstance(kind, Array) for _, kind in items):
        return None
    rank = len(items[0][1].shape)  # type: ignore[attr-defined]
    axes = literal_axes(axis, rank)
    if axes is None or len(axes) != 1 or axis == Const(None):
        return None
    sizes = [_length(item, axes[0], kind_of) for item, _ in items]
    return _slices(t, sizes, axes[0])


def _length(item: Expr, axis: int, kind_of: KindOf) -> Expr:
    shape = shape_of(item, kind_of)
    if axis == 0:
        return template("len(x)", x=shape.value if isinstance(shape, Attribute) else item)
    return Index(shape, Const(axis))


helper(
    "_concatenate_back",
    '''
def _concatenate_back(t, arrays, axis):
    """The parts of `t` that belong to the joined `arrays`."""
    if axis is None:
        parts = _concatenate_back(t, [np.ravel(x) for x in arrays], 0)
        return [np.reshape(part, np.shape(x)) for part, x in zip(parts, arrays)]
    ends = np.cumsum([np.shape(x)[axis] for x in arrays])
    return np.split(t, ends[:-1], axis)
''',
    _concatenate_back,
)


def _concatenated_part(args: tuple[Expr, ...], kind_of: KindOf) -> Expr:
    *parts, position = args
    assert isinstance(position, Const)
    back = _concatenate_back(tuple(parts), kind_of)
    if not isinstance(back, ListOf):
        return Index(Call(Global("_concatenate_back"), tuple(parts)), position)
    part: Expr = back.items[position.value]
    return part


helper(
    "_concatenated_part",
    '''
def _concatenated_part(t, arrays, axis, k):
    """The part of `t` that belongs to the array number `k` of those joined."""
    return _concatenate_back(t, arrays, axis)[k]
''',
    _concatenated_part,
    needs=("_concatenate_back",),
)


def _stack_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, arrays, axis = args
    kind = kind_of(t)
    if not isinstance(kind, Array):
        return template("np.moveaxis(t, axis, 0)", t=t, axis=axis) if axis != Const(0) else t
    axes = literal_axes(axis, len(kind.shape))
    items = _items(arrays, kind_of)
    if axes is None:
        return None
    if items is None:
        return template("list(np.moveaxis(t, axis, 0))", t=t, axis=axis) if axes[0] else template("list(t)", t=t)
    return ListOf(tuple(index_along(t, axes[0], Const(k)) for k in range(len(items))))


helper(
    "_stack_back",
    '''
def _stack_back(t, arrays, axis):
    """The parts of `t` that belong to the stacked arrays."""
    return list(np.moveaxis(t, axis, 0))
''',
    _stack_back,
)


def _hstack_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, arrays = args
    items = _items(arrays, kind_of)
    if items is None:
        return None
    if all(isinstance(kind, Number) for _, kind in items):
        return ListOf(tuple(Index(t, Const(k)) for k in range(len(items))))
    if not all(isinstance(kind, Array) and kind.shape for _, kind in items):
        return None
    axis = min(len(items[0][1].shape), 2) - 1  # type: ignore[attr-defined]
    return _slices(t, [_length(item, axis, kind_of) for item, _ in items], axis)


helper(
    "_hstack_back",
    '''
def _hstack_back(t, arrays):
    """The parts of `t` that belong to the arrays side by side."""
    full = [np.atleast_1d(x) for x in arrays]
    axis = min(np.ndim(full[0]), 2) - 1
    parts = np.split(t, np.cumsum([np.shape(x)[axis] for x in full])[:-1], axis)
    return [np.reshape(part, np.shape(x)) for part, x in zip(parts, arrays)]
''',
    _hstack_back,
)


def _vstack_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, arrays = args
    items = _items(arrays, kind_of)
    if items is None:
        return None
    if all(isinstance(kind, Array) and len(kind.shape) == 1 for _, kind in items):
        return ListOf(tuple(Index(t, Const(k)) for k in range(len(items))))
    if not all(isinstance(kind, Array) and len(kind.shape) > 1 for _, kind in items):
        return None
    return _slices(t, [_length(item, 0, kind_of) for item, _ in items], 0)


helper(
    "_vstack_back",
    '''
def _vstack_back(t, arrays):
    """The parts of `t` that belong to the arrays on top of each other."""
    parts = np.split(t, np.cumsum([len(np.atleast_2d(x)) for x in arrays])[:-1])
    return [np.reshape(part, np.shape(x)) for part, x in zip(parts, arrays)]
''',
    _vstack_back,
)


def _broadcast_arrays_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, arrays = args
    if not isinstance(arrays, ListOf):
        return None
    parts = t.items if isinstance(t, TupleOf | ListOf) else [Index(t, Const(k)) for k in range(len(arrays.items))]
    pairs = zip(parts, arrays.items, strict=True)
    return ListOf(tuple(Call(Global("_unbroadcast"), (part, part, item)) for part, item in pairs))


helper(
    "_broadcast_arrays_back",
    '''
def _broadcast_arrays_back(t, arrays):
    """What was broadcast summed back to each of the arrays."""
    return [_unbroadcast(part, x) for part, x in zip(t, arrays)]
''',
    _broadcast_arrays_back,
    needs=("_unbroadcast",),
)


def _column_stack_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, arrays = args
    items = _items(arrays, kind_of)
    if items is not None and all(isinstance(kind, Array) and len(kind.shape) == 1 for _, kind in items):
        return ListOf(tuple(index_along(t, 1, Const(k)) for k in range(len(items))))
    return None


helper(
    "_column_stack_back",
    '''
def _column_stack_back(t, arrays):
    """The parts of `t` that belong to the arrays side by side, vectors as columns."""
    widths = [np.shape(x)[1] if np.ndim(x) > 1 else 1 for x in arrays]
    parts = np.split(t, np.cumsum(widths)[:-1], 1)
    return [np.reshape(part, np.shape(x)) for part, x in zip(parts, arrays)]
''',
    _column_stack_back,
)


def _stays(args: tuple[Expr, ...], kind_of: KindOf) -> None:
    return None


helper(
    "_dstack_back",
    '''
def _dstack_back(t, arrays):
    """The parts of `t` that belong to the arrays behind one another."""
    depths = [np.shape(x)[2] if np.ndim(x) > 2 else 1 for x in arrays]
    parts = np.split(t, np.cumsum(depths)[:-1], 2)
    return [np.reshape(part, np.shape(x)) for part, x in zip(parts, arrays)]
''',
    _stays,
)
helper(
    "_meshgrid_back",
    '''
def _meshgrid_back(t, indexing):
    """What stands on a grid summed back to the arrays that span it."""
    own = list(range(len(t)))
    if indexing == "xy":
        own[:2] = own[:2][::-1]
    return [np.sum(part, axis=tuple(j for j in range(len(t)) if j != k)) for part, k in zip(t, own)]
''',
    _stays,
)
