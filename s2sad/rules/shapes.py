"""Functions that move the elements of one array around: shapes, axes, diagonals, selections."""

from __future__ import annotations

from s2sad.ir import Attribute, Call, Const, Expr, ListOf, TupleOf
from s2sad.kind import Array, Number, Unknown, same_shape
from s2sad.rules.broadcasting import shape_of
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import alias, attribute, linear, method, rule, sharing, view
from s2sad.rules.when import number, scalar
from s2sad.syntax import template

__all__: list[str] = []

linear("y = np.reshape(x, shape, order='C')", "x_bar = _reshape(y_bar, x)", when=number("order", "C"))
# The other orders, 'A' and 'K', go by how the elements lie in memory: those of a derivative may lie in another way.
_FORTRAN = number("order", "F")
linear("y = np.reshape(x, shape, order='C')", "x_bar = np.reshape(y_bar, np.shape(x), order=order)", when=_FORTRAN)
for _name in ("np.ravel", "np.ndarray.flatten"):
    linear(f"y = {_name}(x, order='C')", "x_bar = _reshape(y_bar, x)", when=number("order", "C"))
    linear(f"y = {_name}(x, order='C')", "x_bar = np.reshape(y_bar, np.shape(x), order=order)", when=_FORTRAN)
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
linear("y = np.diagflat(v, k=0)", "v_bar = np.reshape(np.diag(y_bar, k), np.shape(v))")
linear("y = np.diagonal(v, offset=0)", "v_bar = _diagonal_back(y_bar, v, offset)")
linear("y = np.tile(x, reps)", "x_bar = _tile_back(y_bar, x, reps)")
linear("y = np.repeat(x, repeats, axis=None)", "x_bar = _repeat_back(y_bar, x, repeats, axis)")
linear("y = np.take(x, indices, axis=None, out=..., mode=...)", "x_bar = _take_back(y_bar, x, indices, axis)")
linear("y = np.take_along_axis(x, indices, axis=-1)", "x_bar = _take_along_back(y_bar, x, indices, axis)")
linear(
    "y = np.pad(x, pad_width, mode='constant')", "x_bar = _unpad(y_bar, x, pad_width)", when=number("mode", "constant")
)
rule("y = np.sort(x, axis=-1, kind=..., order=...)", "dy = np.take_along_axis(dx, np.argsort(x, axis=axis), axis=axis)")

linear("y = _reshape(t, x)", "t_bar = _reshape(y_bar, t)", "x_bar = 0")
linear("y = _transpose_back(t, axes)", "t_bar = np.transpose(y_bar, axes)")
linear("y = _diag_back(t, v, k)", "t_bar = np.diag(y_bar, k)", "v_bar = 0")
linear("y = _diagonal_back(t, v, k)", "t_bar = np.diagonal(y_bar, k)", "v_bar = 0")
linear("y = _tile_back(t, x, reps)", "t_bar = np.tile(y_bar, reps)", "x_bar = 0")
linear("y = _repeat_back(t, x, repeats, axis)", "t_bar = np.repeat(y_bar, repeats, axis=axis)", "x_bar = 0")
linear("y = _take_back(t, x, indices, axis)", "t_bar = np.take(y_bar, indices, axis=axis)", "x_bar = 0")
linear(
    "y = _take_along_back(t, x, indices, axis)", "t_bar = np.take_along_axis(y_bar, indices, axis=axis)", "x_bar = 0"
)
linear("y = _unpad(t, x, pad_width)", "t_bar = np.pad(y_bar, pad_width)", "x_bar = 0")

method("reshape", "transpose", packed=True)
method("ravel", "squeeze", "swapaxes", "diagonal", "repeat", "take", "copy", flatten="np.ndarray.flatten")
attribute(T="np.transpose")
view("np.reshape", "np.ravel", "np.transpose", "np.expand_dims", "np.squeeze", "np.atleast_1d")
view("np.atleast_2d", "np.atleast_3d", "np.swapaxes", "np.moveaxis", "np.flip", "np.fliplr", "np.flipud", "np.rot90")
view("np.split", "np.array_split", "np.hsplit", "np.vsplit", "np.real", "np.imag")
view("np.broadcast_to", "np.diagonal", read_only=True)
sharing("np.diag")
alias("np.transpose", "np.permute_dims")


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
        case Unknown(), Number():
            # Of its one element; np.reshape would make an array of it.
            return template("np.sum(t)", t=t)
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
    fresh=True,
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
    fresh=True,
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
    fresh=True,
)
helper(
    "_take_along_back",
    '''
def _take_along_back(t, x, indices, axis):
    """Zeros of the shape of `x` with `t` added where it was taken from."""
    if axis is None:
        return np.reshape(_take_along_back(t, np.ravel(x), indices, 0), np.shape(x))
    z = np.zeros(np.shape(x), np.result_type(t))
    places = list(np.indices(np.shape(t), sparse=True))
    places[axis] = indices
    np.add.at(z, tuple(places), t)
    return z
''',
    lambda args, kind_of: None,
    fresh=True,
)
helper(
    "_unpad",
    '''
def _unpad(t, x, pad_width):
    """The part of `t` without the padding."""
    shape = np.shape(x)
    before = np.broadcast_to(pad_width, (len(shape), 2))[:, 0]
    return t[tuple(slice(k, k + n) for k, n in zip(before, shape))]
''',
    lambda args, kind_of: None,
)
