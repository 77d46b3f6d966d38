"""What the texts of vector forms are made of: axes and shapes behind the leading axis, arrays joined with it."""

from __future__ import annotations

from s2sad.ir import Attribute, Call, Const, Expr, Global, Index, ListOf, Slice, Starred, TupleOf, Unary
from s2sad.kind import Array, Kind, Number, Sequence, constant_dim
from s2sad.rules.batching import Operands, align, maker, rank_of
from s2sad.syntax import template

__all__: list[str] = []

# ------------------------------------------------------------------------ axes


@maker("_aligned")
def _aligned(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """An operand with as many axes as the result."""
    (x,) = args
    rank_of_x, wanted = of.rank(x), rank_of(of.result)
    return None if rank_of_x is None or wanted is None else align(x, rank_of_x, wanted)


@maker("_aligned_to")
def _aligned_to(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """An operand with as many axes as a shape has; else as the result."""
    x, shape = args
    rank_of_x, kind = of.rank(x), of.kinds.get(shape)
    count = len(shape.items) if isinstance(shape, TupleOf) else len(kind.items) if isinstance(kind, Sequence) else None
    return _aligned((x,), of) if rank_of_x is None or count is None else align(x, rank_of_x, count)


def _shifted(axis: int) -> Expr:
    return Const(axis + 1 if axis >= 0 else axis)


def _integers(axis: Expr) -> tuple[int, ...] | None:
    """One literal axis, or several."""
    match axis:
        case Const(value=int() as value) if type(value) is int:
            return (value,)
        case TupleOf(items=items) | ListOf(items=items) if all(
            isinstance(item, Const) and type(item.value) is int for item in items
        ):
            return tuple(item.value for item in items if isinstance(item, Const))
    return None


@maker("_axis")
def _axis(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """The same axis, or axes, behind the leading one."""
    axis, x = args
    found = _integers(axis)
    if found is None:
        return _axis_at_run_time(axis, of.rank(x)) if isinstance(of.kinds.get(axis), Number) else None
    return _shifted(found[0]) if isinstance(axis, Const) else TupleOf(tuple(map(_shifted, found)))


def _axis_at_run_time(axis: Expr, rank_of_x: int | None) -> Expr | None:
    """An axis that is a variable; it may be negative."""
    return None if rank_of_x is None else template("axis % n + 1", axis=axis, n=Const(rank_of_x))


@maker("_axes")
def _axes(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """The same axes behind the leading one; all of them for None."""
    axis, x = args
    if axis != Const(None):
        return _axis(args, of)
    rank_of_x = of.rank(x)
    if rank_of_x is None:
        return None
    return Const(1) if rank_of_x == 1 else TupleOf(tuple(map(Const, range(1, rank_of_x + 1))))


@maker("_from_end")
def _from_end(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """The same axis counted from the end, whether there is a leading axis or not."""
    axis, x = args
    rank_of_x, found = of.rank(x), _integers(axis)
    if rank_of_x is None or found is None or not isinstance(axis, Const):
        return None
    return Const(found[0] % rank_of_x - rank_of_x)


@maker("_ones")
def _ones(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """The axes of length 1 behind the leading one."""
    (x,) = args
    match of.kinds.get(x):
        case Array(shape=shape) if None not in shape:
            return TupleOf(tuple(Const(axis) for axis, dim in enumerate(shape, 1) if dim == constant_dim(1)))
    return None


@maker("_transposed")
def _transposed(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    x, axes = args
    rank_of_x = of.rank(x)
    if rank_of_x is None:
        return None
    order = tuple(reversed(range(rank_of_x))) if axes == Const(None) else _integers(axes)
    if order is None:
        return None
    if order == tuple(range(rank_of_x)):
        return x
    if rank_of_x == 2:
        return template("x.swapaxes(1, 2)", x=x)
    return template("np.transpose(x, t)", x=x, t=TupleOf((Const(0), *(Const(axis % rank_of_x + 1) for axis in order))))


# ---------------------------------------------------------------------- shapes


@maker("_vectors")
def _vectors(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """A vector in each row."""
    (x,) = args
    match of.rank(x):
        case None:
            return None
        case 0:
            return template("x[:, None]", x=x)
        case 1:
            return x
    return template("x.reshape(k, -1)", x=x, k=of.count)


@maker("_shape")
def _shape(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """A shape behind the number of directions."""
    (shape,) = args
    return TupleOf((of.count, *_sizes(shape, of)))


def _sizes(shape: Expr, of: Operands) -> tuple[Expr, ...]:
    match shape:
        case TupleOf(items=items) | ListOf(items=items):
            return items
        case Const() | Unary():
            return (shape,)
    return (shape,) if isinstance(of.kinds.get(shape), Number) else (Starred(shape),)


@maker("_reshaped")
def _reshaped(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    x, shape = args
    return Call(Attribute(x, "reshape"), (of.count, *_sizes(shape, of)))


@maker("_each_row")
def _each_row(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """`x` in each row, for its shape."""
    (x,) = args
    return template("np.broadcast_to(x, (k, *np.shape(x)))", x=x, k=of.count)


@maker("_padding")
def _padding(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """How far to pad: nothing before and after the leading axis."""
    width, x = args
    rank_of_x = of.rank(x)
    if rank_of_x is None:
        return None
    nothing = TupleOf((Const(0), Const(0)))
    match width:
        case Const():
            return TupleOf((nothing, *(TupleOf((width, width)),) * rank_of_x))
        case TupleOf(items=(TupleOf(), *_) as items) if len(items) == rank_of_x:
            return TupleOf((nothing, *items))
    return template("[(0, 0), *np.broadcast_to(w, (n, 2))]", w=width, n=Const(rank_of_x))


@maker("_behind")
def _behind(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """An index behind the leading axis."""
    (index,) = args
    match index:
        case TupleOf(items=items):
            return TupleOf((_EVERYTHING, *items))
    known = isinstance(of.kinds.get(index), Number | Array) or _is_slice(index)
    return TupleOf((_EVERYTHING, index)) if known or isinstance(index, Const | ListOf) else None


@maker("_aligned_to_part")
def _aligned_to_part(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """An operand, which may be a number, with as many axes as an index selects of an array."""
    t, x, index = args
    items = index.items if isinstance(index, TupleOf) else (index,)
    rank_of_t, rank_of_x, kinds = of.rank(t), of.rank(x), [of.kinds.get(item) for item in items]
    if rank_of_t is None:
        return None
    is_plain = all(map(_is_slice_or_number, items, kinds))
    if not is_plain or rank_of_x is None:
        # Where a number goes to one element only, it has the axes of the directions and no more.
        return t if rank_of_t > 0 else None
    return align(t, rank_of_t, rank_of_x - sum(not _is_slice(item) for item in items))


def _is_slice_or_number(index: Expr, kind: Kind | None) -> bool:
    is_number = isinstance(index, Const) and type(index.value) is int
    return _is_slice(index) or is_number or (isinstance(kind, Number) and kind.dtype != "bool")


def _is_slice(index: Expr) -> bool:
    return isinstance(index, Call) and index.func == Global("slice")


_EVERYTHING = Call(Global("slice"), (Const(None),))

# --------------------------------------------------------------------- joining


@maker("_by_elements")
def _by_elements(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """An array to be gone through element by element, each with the leading axis."""
    (x,) = args
    match of.rank(x):
        case None | 0:
            return None
        case 1:
            # What is a number for one direction is no view of an array that may change.
            return template("x.T.copy()", x=x)
    return template("x.swapaxes(0, 1)", x=x)


def _written_out(arrays: Expr, of: Operands) -> tuple[tuple[Expr, int], ...] | None:
    """The arrays that are joined, with their ranks."""
    kinds = of.items(arrays)
    if not isinstance(arrays, TupleOf | ListOf) or kinds is None:
        return None
    ranks = [rank_of(kind) for kind in kinds]
    if None in ranks:
        return None
    return tuple((item, found) for item, found in zip(arrays.items, ranks, strict=True) if found is not None)


def _concatenated(parts: list[Expr], axis: int) -> Expr:
    return template("np.concatenate(parts, axis=k)", parts=TupleOf(tuple(parts)), k=Const(axis))


@maker("_joined")
def _joined(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """Arrays of any shape as vectors, one behind the other."""
    items = _written_out(args[0], of)
    if items is None:
        return None
    flat = [Operands({item: Array("float64", (None,) * found)}, of.result, of.count) for item, found in items]
    parts = [_vectors((item,), one) for (item, _), one in zip(items, flat, strict=True)]
    return _concatenated([part for part in parts if part is not None], 1)


@maker("_hstack")
def _hstack(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    items = _written_out(args[0], of)
    if items is None:
        return None
    if all(found == 0 for _, found in items):
        return template("np.stack(parts, axis=1)", parts=args[0])
    return _concatenated([align(item, found, 1) for item, found in items], min(max(found for _, found in items), 2))


@maker("_vstack")
def _vstack(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    items = _written_out(args[0], of)
    if items is None:
        return None
    if all(found == 1 for _, found in items):
        return template("np.stack(parts, axis=1)", parts=args[0])
    return _concatenated([align(item, found, 2) for item, found in items], 1)


@maker("_column_stack")
def _column_stack(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    items = _written_out(args[0], of)
    if items is None or any(found == 0 for _, found in items):
        return None
    if all(found == 1 for _, found in items):
        return template("np.stack(parts, axis=2)", parts=args[0])
    columns = [Index(item, TupleOf((Slice(), Slice(), Const(None)))) if found == 1 else item for item, found in items]
    return _concatenated(columns, 2)
