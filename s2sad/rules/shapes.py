"""Functions that move elements around: shapes, axes, joining and splitting, and those that make arrays."""

from __future__ import annotations

from s2sad.ir import Attribute, Call, Const, Expr, Global, Index, ListOf, Slice, TupleOf
from s2sad.kind import Array, Kind, List, Number, Sequence, Unknown, same_shape
from s2sad.rules.broadcasting import index_along, literal_axes, shape_of
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import alias, attribute, constant, linear, method, rule, view
from s2sad.rules.when import any_of, floating_type, integer_type, none, number, scalar
from s2sad.syntax import template

__all__: list[str] = []

# ------------------------------------------------------------------- one array

linear("y = np.reshape(x, shape, order='C')", "x_bar = _reshape(y_bar, x)", when=number("order", "C"))
linear("y = np.reshape(x, shape, order='C')", "x_bar = np.reshape(y_bar, np.shape(x), order=order)")
for _name in ("np.ravel", "np.ndarray.flatten"):
    linear(f"y = {_name}(x, order='C')", "x_bar = _reshape(y_bar, x)", when=number("order", "C"))
    linear(f"y = {_name}(x, order='C')", "x_bar = np.reshape(y_bar, np.shape(x), order=order)")
linear("y = np.transpose(x, axes=None)", "x_bar = _transpose_back(y_bar, axes)")
linear("y = np.expand_dims(x, axis)", "x_bar = _reshape(y_bar, x)")
linear("y = np.squeeze(x, axis=None)", "x_bar = _reshape(y_bar, x)")
linear("y = np.broadcast_to(x, shape)", "x_bar = _unbroadcast(y_bar, y, x)")
linear("y = np.atleast_1d(x)", "x_bar = _reshape(y_bar, x)")
linear("y = np.atleast_2d(x)", "x_bar = _reshape(y_bar, x)")
linear("y = np.atleast_3d(x)", "x_bar = _reshape(y_bar, x)")
linear("y = np.swapaxes(x, axis1, axis2)", "x_bar = np.swapaxes(y_bar, axis1, axis2)")
linear("y = np.moveaxis(x, source, destination)", "x_bar = np.moveaxis(y_bar, destination, source)")
linear("y = np.flip(m, axis=None)", "m_bar = np.flip(y_bar, axis=axis)")
linear("y = np.fliplr(m)", "m_bar = np.fliplr(y_bar)")
linear("y = np.flipud(m)", "m_bar = np.flipud(y_bar)")
linear("y = np.roll(x, shift, axis=None)", "x_bar = np.roll(y_bar, -shift, axis=axis)", when=scalar("shift"))
linear("y = np.roll(x, shift, axis=None)", "x_bar = np.roll(y_bar, np.negative(shift), axis=axis)")
linear("y = np.rot90(m, k=1, axes=(0, 1))", "m_bar = np.rot90(y_bar, -k, axes)")
linear("y = np.tril(m, k=0)", "m_bar = np.tril(y_bar, k=k)")
linear("y = np.triu(m, k=0)", "m_bar = np.triu(y_bar, k=k)")
linear("y = np.diag(v, k=0)", "v_bar = _diag_back(y_bar, v, k)")
linear("y = np.diagonal(v, offset=0)", "v_bar = _diagonal_back(y_bar, v, offset)")
linear("y = np.tile(x, reps)", "x_bar = _tile_back(y_bar, x, reps)")
linear("y = np.repeat(x, repeats, axis=None)", "x_bar = _repeat_back(y_bar, x, repeats, axis)")
linear("y = np.take(x, indices, axis=None, out=..., mode=...)", "x_bar = _take_back(y_bar, x, indices, axis)")
linear("y = np.take_along_axis(x, indices, axis=-1)", "x_bar = _take_along_back(y_bar, x, indices, axis)")
linear(
    "y = np.pad(x, pad_width, mode='constant')", "x_bar = _unpad(y_bar, x, pad_width)", when=number("mode", "constant")
)
rule("y = np.sort(x, axis=-1, kind=..., order=...)", "dy = np.take_along_axis(dx, np.argsort(x, axis=axis), axis=axis)")
linear("y = np.split(x, parts, axis=0)", "x_bar = np.concatenate(y_bar, axis=axis)")
linear("y = np.array_split(x, parts, axis=0)", "x_bar = np.concatenate(y_bar, axis=axis)")
linear("y = np.hsplit(x, parts)", "x_bar = np.hstack(y_bar)")
linear("y = np.vsplit(x, parts)", "x_bar = np.vstack(y_bar)")

method("reshape", "transpose", packed=True)
method("ravel", "squeeze", "swapaxes", "diagonal", "repeat", "take", "copy", flatten="np.ndarray.flatten")
attribute(T="np.transpose")
view("np.reshape", "np.ravel", "np.transpose", "np.expand_dims", "np.squeeze", "np.broadcast_to", "np.atleast_1d")
view("np.atleast_2d", "np.atleast_3d", "np.swapaxes", "np.moveaxis", "np.flip", "np.fliplr", "np.flipud", "np.rot90")
view("np.diagonal", "np.split", "np.array_split", "np.hsplit", "np.vsplit", "np.real", "np.imag")

# ------------------------------------------------------------------- several

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
    "a_bar = _concatenate_back(y_bar, (a, b), axis)[0]",
    "b_bar = _concatenate_back(y_bar, (a, b), axis)[1]",
    jointly=True,
)
linear(
    "y = np.broadcast_arrays(*arrays)", "arrays_bar = _broadcast_arrays_back(y_bar, arrays)", jointly=True, lists=True
)
alias("np.concatenate", "np.concat")
alias("np.copy", "copy.copy", "copy.deepcopy")
alias("np.transpose", "np.permute_dims")

# ---------------------------------------------------------------- making arrays

_DTYPES = any_of(none("dtype"), floating_type("dtype"))
for _name in ("np.array", "np.asarray", "np.asanyarray", "np.ascontiguousarray", "np.copy"):
    _DTYPE = "" if _name == "np.copy" else ", dtype=None"
    _COPY = ", copy=True" if _name == "np.array" else ""
    rule(f"y = {_name}(x, dtype=None{_COPY})", "dy = 0 * dx", when=integer_type("dtype"))
    linear(f"y = {_name}(x, dtype=None{_COPY})", "x_bar = y_bar", lists=True, when=_DTYPES)
rule("y = np.ndarray.astype(x, dtype, copy=True)", "dy = 0 * dx", when=integer_type("dtype"))
linear("y = np.ndarray.astype(x, dtype, copy=True)", "x_bar = y_bar", when=floating_type("dtype"))
for _name in ("np.float64", "np.float32", "np.float16", "np.longdouble", "np.complex128", "np.complex64"):
    linear(f"y = {_name}(x)", "x_bar = y_bar", lists=True)
linear("y = np.ndarray.item(x)", "x_bar = _reshape(y_bar, x)")
linear("y = list(x)", "x_bar = _as_array(y_bar, x)", lists=True)
linear("y = tuple(x)", "x_bar = _as_array(y_bar, x)", lists=True)
linear("y = np.ndarray.tolist(x)", "x_bar = np.array(y_bar)", lists=True)
rule("y = np.full(shape, fill_value, dtype=None)", "dy = 0 * dfill_value", when=integer_type("dtype"))
linear(
    "y = np.full(shape, fill_value, dtype=None)", "fill_value_bar = _unbroadcast(y_bar, y, fill_value)", when=_DTYPES
)
rule("y = np.full_like(a, fill_value, dtype=None)", "dy = 0 * dfill_value + 0 * da", when=integer_type("dtype"))
rule(
    "y = np.full_like(a, fill_value, dtype=None)",
    "dy = np.broadcast_to(dfill_value, np.shape(a)) + 0 * da",
    when=_DTYPES,
)
linear("y = np.arange(stop, dtype=None)")
rule("y = np.arange(start, stop)", "dy = dstart + np.zeros_like(y)")
rule("y = np.arange(start, stop, step)", "dy = dstart + dstep * np.arange(len(y))")
linear(
    "y = np.linspace(start, stop, num=50, endpoint=True)",
    "start_bar = (1 - np.linspace(0, 1, num, endpoint)) @ y_bar",
    "stop_bar = np.linspace(0, 1, num, endpoint) @ y_bar",
    jointly=True,
    when=scalar("start", "stop"),
)
linear(
    "y = np.linspace(start, stop, num=50, endpoint=True)",
    "start_bar = _unbroadcast(np.tensordot(1 - np.linspace(0, 1, num, endpoint), y_bar, 1), y[0], start)",
    "stop_bar = _unbroadcast(np.tensordot(np.linspace(0, 1, num, endpoint), y_bar, 1), y[0], stop)",
    jointly=True,
)
method(astype="np.ndarray.astype", item="np.ndarray.item", tolist="np.ndarray.tolist")
view("np.asarray", "np.asanyarray", "np.ascontiguousarray")

constant("np.zeros", "np.ones", "np.empty", "np.zeros_like", "np.ones_like", "np.empty_like", "np.eye", "np.identity")
constant(
    "np.tri", "np.indices", "np.tril_indices", "np.triu_indices", "np.diag_indices", "np.shape", "np.size", "np.ndim"
)
constant("np.ndarray.dtype", "np.isscalar", "np.iterable", "np.finfo", "np.iinfo", "np.result_type", "np.promote_types")
constant("np.dtype", "np.can_cast", "np.issubdtype", "np.int64", "np.int32", "np.intp", "np.bool_", "np.ndarray.nbytes")
constant("np.broadcast_shapes", "np.unravel_index", "np.ravel_multi_index", "np.may_share_memory", "np.shares_memory")
attribute(shape="np.shape", size="np.size", ndim="np.ndim", dtype="np.ndarray.dtype", nbytes="np.ndarray.nbytes")
view("np.shape", "np.size", "np.ndim", "np.ndarray.dtype", "np.isscalar", "len")


# -------------------------------------------------------------------- _reshape


def _reshape(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x = args
    have, want = kind_of(t), kind_of(x)
    if same_shape(have, want) and not isinstance(have, Unknown):
        return t
    match have, want:
        case Number(), Array() | Number():
            return t
        case Array(), Number():
            return Call(Attribute(t, "item"))
        case Array(), Array():
            return Call(Attribute(t, "reshape"), (shape_of(x, kind_of),))
    return template("np.reshape(t, np.shape(x))", t=t, x=x)


helper(
    "_reshape",
    '''
def _reshape(t, x):
    """`t` in the shape of `x`."""
    return np.reshape(t, np.shape(x))
''',
    _reshape,
)


def _transpose_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, axes = args
    kind = kind_of(t)
    if axes == Const(None):
        return Attribute(t, "T") if isinstance(kind, Array) else template("np.transpose(t)", t=t)
    order = _literal_order(axes)
    if order is None:
        return None
    inverse = tuple(sorted(range(len(order)), key=order.__getitem__))
    if inverse == (1, 0) and isinstance(kind, Array):
        return Attribute(t, "T")
    return template("np.transpose(t, axes)", t=t, axes=TupleOf(tuple(map(Const, inverse))))


def _literal_order(axes: Expr) -> tuple[int, ...] | None:
    if not isinstance(axes, TupleOf | ListOf) or not all(isinstance(item, Const) for item in axes.items):
        return None
    return tuple(item.value % len(axes.items) for item in axes.items if isinstance(item, Const))


helper(
    "_transpose_back",
    '''
def _transpose_back(t, axes):
    """The inverse of `np.transpose(x, axes)`."""
    return np.transpose(t) if axes is None else np.transpose(t, np.argsort(np.mod(axes, len(axes))))
''',
    _transpose_back,
)

# ------------------------------------------------------------------- diagonals


def _diag_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, v, k = args
    kind = kind_of(v)
    if not isinstance(kind, Array):
        return None
    if len(kind.shape) > 1:
        return _diagonal_back(args, kind_of)
    return template("np.diag(t)", t=t) if k == Const(0) else template("np.diag(t, k)", t=t, k=k)


def _diagonal_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, v, k = args
    kind = kind_of(v)
    square = isinstance(kind, Array) and len(kind.shape) == 2 and kind.shape[0] == kind.shape[1]
    return template("np.diag(t)", t=t) if square and k == Const(0) else None


helper(
    "_diag_back",
    '''
def _diag_back(t, v, k):
    """The adjoint of `v` for the adjoint `t` of `np.diag(v, k)`."""
    return np.diag(t, k) if np.ndim(v) == 1 else _diagonal_back(t, v, k)
''',
    _diag_back,
    needs=("_diagonal_back",),
)
helper(
    "_diagonal_back",
    '''
def _diagonal_back(t, v, k):
    """Zeros of the shape of `v` with `t` on the diagonal `k` of the first two axes."""
    z = np.zeros(np.shape(v), np.result_type(t))
    i = np.arange(np.shape(t)[-1])
    z[i + max(-k, 0), i + max(k, 0)] = np.moveaxis(t, -1, 0)
    return z
''',
    _diagonal_back,
)

# --------------------------------------------------------- repetition, selection

helper(
    "_tile_back",
    '''
def _tile_back(t, x, reps):
    """The sum of the tiles of which `t` is made."""
    reps = (reps,) if np.ndim(reps) == 0 else tuple(reps)
    rank = max(len(reps), np.ndim(x))
    reps = (1,) * (rank - len(reps)) + reps
    shape = (1,) * (rank - np.ndim(x)) + np.shape(x)
    parts = np.reshape(t, [size for pair in zip(reps, shape) for size in pair])
    return np.reshape(np.sum(parts, axis=tuple(range(0, 2 * rank, 2))), np.shape(x))
''',
    lambda args, kind_of: None,
)
helper(
    "_repeat_back",
    '''
def _repeat_back(t, x, repeats, axis):
    """The sum of the repetitions of each element of `x` in `t`."""
    if axis is None:
        return np.reshape(_repeat_back(t, np.ravel(x), repeats, 0), np.shape(x))
    moved = np.moveaxis(t, axis, 0)
    size = np.shape(x)[axis]
    z = np.zeros((size, *np.shape(moved)[1:]), np.result_type(t))
    np.add.at(z, np.repeat(np.arange(size), repeats), moved)
    return np.moveaxis(z, 0, axis)
''',
    lambda args, kind_of: None,
)
helper(
    "_take_back",
    '''
def _take_back(t, x, indices, axis):
    """Zeros of the shape of `x` with `t` added where it was taken from."""
    z = np.zeros(np.size(x) if axis is None else np.shape(x), np.result_type(t))
    np.add.at(z, indices if axis is None else (slice(None),) * (axis % np.ndim(x)) + (indices,), t)
    return np.reshape(z, np.shape(x))
''',
    lambda args, kind_of: None,
)
helper(
    "_take_along_back",
    '''
def _take_along_back(t, x, indices, axis):
    """Zeros of the shape of `x` with `t` added where it was taken from."""
    z = np.zeros(np.shape(x), np.result_type(t))
    places = list(np.indices(np.shape(t), sparse=True))
    places[axis] = indices
    np.add.at(z, tuple(places), t)
    return z
''',
    lambda args, kind_of: None,
)
helper(
    "_unpad",
    '''
def _unpad(t, x, pad_width):
    """The part of `t` without the padding."""
    before = np.broadcast_to(pad_width, (np.ndim(x), 2))[:, 0]
    return t[tuple(slice(k, k + n) for k, n in zip(before, np.shape(x)))]
''',
    lambda args, kind_of: None,
)

# --------------------------------------------------------------------- joining


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


# ------------------------------------------------------------------- _as_array


def _as_array(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x = args
    match kind_of(x):
        case Array():
            return template("np.array(t)", t=t)
        case Sequence() | List():
            return t
    return None


helper(
    "_as_array",
    '''
def _as_array(t, x):
    """The list `t` as an array where `x` is one."""
    return np.array(t) if isinstance(x, np.ndarray) else t
''',
    _as_array,
)
