"""Vector forms of reductions, and of functions that make arrays, change their shapes, join them and pick from them."""

from __future__ import annotations

from collections.abc import Mapping

from s2sad.ir import Const
from s2sad.kind import Array, Kind, List, Number
from s2sad.rules.batching import aligned, batched, filled, rank_of
from s2sad.rules.registry import Arguments, Guard
from s2sad.rules.when import all_of, given, listed, none, number, rank, scalar

__all__: list[str] = []

_VECTOR, _MATRIX = rank(x=1), rank(x=2)


def _double(name: str) -> Guard:
    """The argument is an array of floats of double precision."""
    return lambda args, kinds: isinstance(kind := kinds[name], Array) and kind.dtype == "float64"


def _floats(name: str) -> Guard:
    """The argument is a list of floats of double precision, which may be empty."""
    return lambda args, kinds: (
        isinstance(kind := kinds[name], List) and kind.item in (Number("float"), Number("float64"))
    )


def _is_array(name: str) -> Guard:
    return lambda args, kinds: isinstance(kinds[name], Array)


def _within(number: str, name: str) -> Guard:
    """The literal numbers are no more than the argument has axes."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        count = 1 if isinstance(args[number], Const) else len(getattr(args[number], "items", ())) or 99
        return count <= (rank_of(kinds[name]) or 0)

    return holds


def _at_least_a_matrix(name: str) -> Guard:
    return lambda args, kinds: (rank_of(kinds[name]) or 0) >= 2


# ------------------------------------------------------------------ reductions

_REDUCED = "(x, axis=None, dtype=..., out=..., keepdims=False)"
for _name in ("np.sum", "np.mean"):
    batched(f"y = {_name}{_REDUCED}", "x", "x", when=scalar("x"))
    batched(f"y = {_name}{_REDUCED}", "x", f"{_name}(x, axis=_axes(axis, x), keepdims=keepdims)")
batched(
    "y = np.average(x, axis=None, weights=None, returned=..., keepdims=False)",
    "x",
    "np.mean(x, axis=_axes(axis, x), keepdims=keepdims)",
    when=none("weights"),
)
batched("y = np.cumsum(x, axis=None)", "x", "np.cumsum(_vectors(x), axis=1)", when=none("axis"))
batched("y = np.cumsum(x, axis=None)", "x", "np.cumsum(x, axis=_axis(axis, x))")
batched("y = np.diff(x, n=1, axis=-1)", "x", "np.diff(x, n=n, axis=_axis(axis, x))")
batched(
    "y = np.diff(x, n=1, axis=-1, prepend=None, append=None)",
    "x",
    "np.diff(x, n=n, axis=_axis(axis, x), prepend=prepend, append=append)",
    when=all_of(number("prepend", 0), number("append", 0)),
)
# Axes counted from the end are right for both operands, of which one has the leading axis.
batched("y = np.trapezoid(f, x=None, dx=1.0, axis=-1)", "f", "np.trapezoid(f, x=x, dx=dx, axis=_from_end(axis, f))")
batched("y = np.trapezoid(f, x=None, dx=1.0, axis=-1)", "x", "np.trapezoid(f, x=x)", when=rank(f=1, x=1))
batched("y = _trapezoid_back(t, f, x, dx, axis)", "t", "_trapezoid_back(t, f, x, dx, _from_end(axis, f))")
for _name in ("_recurrence", "_recurrence_back"):
    batched(f"y = {_name}(t, x)", "t", f"{_name}(t, x)")
for _name in ("_delayed", "_advanced"):
    batched(f"y = {_name}(x)", "x", f"{_name}(x)")
batched("y = _flat(x, axis)", "x", "_vectors(x)", when=none("axis"))
batched("y = _flat(x, axis)", "x", "_flat(x, _axis(axis, x))")
batched("y = _unflat(t, x, axis)", "t", "t.reshape(count, *np.shape(x))", when=none("axis"))
batched("y = _unflat(t, x, axis)", "t", "_unflat(t, _each_row(x), _axis(axis, x))")
_TOTAL = "sum(x, np.zeros(count))"
batched("y = sum(x, start=0)", "x", _TOTAL, when=all_of(_floats("x"), number("start", 0)), lists=True)
batched("y = sum(x, start=0)", "x", "sum(x)", when=all_of(listed("x"), number("start", 0)), lists=True)
batched("y = sum(x, start=0)", "x", "np.sum(x, axis=1)", when=all_of(_VECTOR, number("start", 0)))
batched("y = math.fsum(x)", "x", _TOTAL, when=_floats("x"), lists=True)
batched("y = math.fsum(x)", "x", "sum(x)", when=listed("x"), lists=True)
batched("y = math.fsum(x)", "x", "np.sum(x, axis=1)", when=_VECTOR)

# ---------------------------------------------------------------------- shapes

batched("y = np.reshape(x, shape, order='C')", "x", "_reshaped(x, shape)", when=number("order", "C"))
# In Fortran's order too the leading axis keeps its place.
batched(
    "y = np.reshape(x, shape, order='C')", "x", "np.reshape(x, _shape(shape), order=order)", when=number("order", "F")
)
batched("y = _reshape(t, x)", "t", "t.reshape(count, *np.shape(x))")
batched("y = np.ravel(x, order='C')", "x", "_vectors(x)", when=number("order", "C"))
batched("y = np.ravel(x, order='C')", "x", "x.reshape(count, -1, order=order)", when=number("order", "F"))
batched("y = np.ndarray.flatten(x, order='C')", "x", "_vectors(x).copy()", when=number("order", "C"))
batched(
    "y = np.ndarray.flatten(x, order='C')", "x", "x.reshape(count, -1, order=order).copy()", when=number("order", "F")
)
batched("y = np.transpose(x, axes=None)", "x", "_transposed(x, axes)")
batched("y = np.expand_dims(x, axis)", "x", "np.expand_dims(x, _axis(axis, x))")
batched("y = np.squeeze(x, axis=None)", "x", "np.squeeze(x, _ones(x))", when=none("axis"))
batched("y = np.squeeze(x, axis=None)", "x", "np.squeeze(x, _axis(axis, x))")
batched("y = np.broadcast_to(x, shape)", "x", "np.broadcast_to(_aligned_to(x, shape), _shape(shape))")
batched("y = np.atleast_1d(x)", "x", "_aligned(x)")
batched("y = np.atleast_2d(x)", "x", "_aligned(x)")
batched("y = np.atleast_3d(x)", "x", "x[:, None, :, None]", when=_VECTOR)
batched("y = np.atleast_3d(x)", "x", "x[..., None]", when=_MATRIX)
batched("y = np.atleast_3d(x)", "x", "_aligned(x)")
batched("y = np.swapaxes(x, axis1, axis2)", "x", "np.swapaxes(x, _axis(axis1, x), _axis(axis2, x))")
batched("y = np.moveaxis(x, source, destination)", "x", "np.moveaxis(x, _axis(source, x), _axis(destination, x))")
batched("y = np.flip(x, axis=None)", "x", "np.flip(x, _axes(axis, x))")
batched("y = np.fliplr(x)", "x", "np.flip(x, 2)")
batched("y = np.flipud(x)", "x", "np.flip(x, 1)")
batched("y = np.roll(x, shift, axis=None)", "x", "np.roll(x, shift, axis=1)", when=all_of(none("axis"), _VECTOR))
batched(
    "y = np.roll(x, shift, axis=None)", "x", "np.roll(_vectors(x), shift, axis=1).reshape(x.shape)", when=none("axis")
)
batched("y = np.roll(x, shift, axis=None)", "x", "np.roll(x, shift, axis=_axis(axis, x))")
batched("y = np.rot90(x, k=1, axes=(0, 1))", "x", "np.rot90(x, k, _axis(axes, x))")
batched("y = np.diag(x, k=0)", "x", "np.diagonal(x, k, 1, 2)", when=_MATRIX)
batched(
    "y = np.diag(x, k=0)",
    "x",
    "np.where(np.eye(x.shape[1], dtype=bool), x[:, :, None], 0.0)",
    when=all_of(_VECTOR, number("k", 0)),
)
batched("y = np.diagonal(x, offset=0)", "x", "np.diagonal(x, offset, 1, 2)")
batched("y = np.tile(x, reps)", "x", "np.tile(_aligned(x), reps)")
batched("y = np.repeat(x, repeats, axis=None)", "x", "np.repeat(_vectors(x), repeats, axis=1)", when=none("axis"))
batched("y = np.repeat(x, repeats, axis=None)", "x", "np.repeat(x, repeats, axis=_axis(axis, x))")
batched("y = np.take(x, indices, axis=None)", "x", "np.take(_vectors(x), indices, axis=1)", when=none("axis"))
batched("y = np.take(x, indices, axis=None)", "x", "np.take(x, indices, axis=_axis(axis, x))")
batched(
    "y = np.take_along_axis(x, indices, axis=-1)",
    "x",
    "np.take_along_axis(x, indices[None], axis=_from_end(axis, x))",
)
batched("y = np.pad(x, width, mode='constant')", "x", "np.pad(x, _padding(width, x))", when=number("mode", "constant"))
batched(
    "y = _repeat_back(t, x, repeats, axis)",
    "t",
    "_repeat_back(t, _each_row(x), repeats, _axis(axis, x))",
    when=given("axis"),
)
batched("y = _repeat_back(t, x, repeats, axis)", "t", "_repeat_back(t, _each_row(x), repeats, 1)", when=_VECTOR)
batched(
    "y = _take_back(t, x, indices, axis)",
    "t",
    "_take_back(t, _each_row(x), indices, _axis(axis, x))",
    when=given("axis"),
)
batched("y = _take_back(t, x, indices, axis)", "t", "_take_back(t, _each_row(x), indices, 1)", when=_VECTOR)
batched(
    "y = _take_along_back(t, x, indices, axis)",
    "t",
    "_take_along_back(t, _each_row(x), indices, _from_end(axis, x))",
)
batched("y = _unpad(t, x, width)", "t", "_unpad(t, _each_row(x), _padding(width, x))")
batched("y = _tile_back(t, x, reps)", "t", "_tile_back(t, _each_row(x), reps)", when=_within("reps", "x"))
# Axes behind the first two come last in the transpose: there one more does no harm.
batched(
    "y = _diagonal_back(t, x, k)",
    "t",
    "np.moveaxis(_diagonal_back(np.moveaxis(t, 0, -2), np.empty((*x.shape, count)), k), -1, 0)",
    when=_is_array("x"),
)
batched(
    "y = _scatter(t, i, x)", "t", "_scatter(_aligned_to_part(t, x, i), _behind(i), _each_row(x))", when=_is_array("x")
)

for _name in ("np.tril", "np.triu"):
    batched(f"y = {_name}(x, k=0)", "x", f"{_name}(x, k=k)", when=_at_least_a_matrix("x"))

# -------------------------------------------------------------------- creation

for _name in ("_own", "_kept", "_zeros", "_stop_gradient", "_constant"):
    batched(f"y = {_name}(x)", "x", f"{_name}(x)", when=listed("x"), lists=True)
for _name in (
    "np.zeros_like",
    "np.ones_like",
    "np.empty_like",
    "_own",
    "_kept",
    "_zeros",
    "_stop_gradient",
    "_constant",
):
    batched(f"y = {_name}(x)", "x", f"{_name}(x)")
for _guard in (scalar("x"), _is_array("x")):
    batched("y = np.copy(x)", "x", "np.copy(x)", when=_guard)
for _name in ("np.array", "np.asarray", "np.asanyarray", "np.ascontiguousarray"):
    batched(f"y = {_name}(x, dtype=None)", "x", f"{_name}(x, dtype=dtype)")
batched("y = np.array(x, dtype=None, copy=True)", "x", "np.array(x, dtype=dtype, copy=copy)")
batched("y = np.ndarray.astype(x, dtype)", "x", "x.astype(dtype)")
batched("y = np.ndarray.astype(x, dtype, copy=True)", "x", "x.astype(dtype, copy=copy)")
# The type itself would hand on a view of what it is.
for _name in ("np.float64", "np.float32", "np.float16", "np.longdouble", "np.complex128", "np.complex64"):
    batched(f"y = {_name}(x)", "x", f"x.astype({_name})")
batched("y = np.ndarray.item(x)", "x", "x.reshape(-1)")
batched("y = float(x)", "x", "x", when=scalar("x"))
batched("y = float(x)", "x", "x.reshape(-1)")
for _name in ("list", "tuple"):
    batched(f"y = {_name}(x)", "x", f"{_name}(x)", when=listed("x"), lists=True)
    batched(f"y = {_name}(x)", "x", f"{_name}(_by_elements(x))")
batched("y = np.ndarray.tolist(x)", "x", "list(x.T.copy())", when=_VECTOR)
batched("y = np.full(shape, value, dtype=None)", "value", "np.full(_shape(shape), _aligned(value), dtype=dtype)")
batched(
    "y = np.full_like(x, value)", "value", "np.full((count, *x.shape), _aligned(value), x.dtype)", when=_is_array("x")
)
batched("y = np.full_like(x, value)", "x value", "np.full_like(x, _aligned(value))", lifted=True)
batched(
    "y = np.linspace(start, stop, num=50, endpoint=True)",
    "start stop",
    "np.linspace(start, stop, num=num, endpoint=endpoint, axis=1)",
    when=scalar("start", "stop"),
)
batched("y = np.polyval(p, x)", "p", "np.polyval(p.T, x)", when=scalar("x"))
batched("y = np.polyval(p, x)", "p", "np.polyval(p.T[:, :, None], x)", when=_VECTOR)
batched("y = np.polyder(p)", "p", "p[:, :-1] * np.arange(p.shape[1] - 1, 0, -1)")
batched("y = math.radians(x)", "x", "np.radians(x)")
batched("y = math.degrees(x)", "x", "np.degrees(x)")
filled("y = np.zeros_like(x)", "np.zeros(count)", when=scalar("x"))
filled("y = np.zeros_like(x)", "np.zeros((count, *np.shape(x)))", when=_double("x"))
filled("y = np.zeros_like(x)", "np.zeros((count, *np.shape(x)), x.dtype)", when=_is_array("x"))
filled("y = np.zeros(shape, dtype=float)", "np.zeros(_shape(shape), dtype=dtype)")
filled("y = np.full_like(x, value)", "np.full((count, *x.shape), value)", when=_double("x"))
filled("y = np.full_like(x, value)", "np.full((count, *x.shape), value, x.dtype)", when=_is_array("x"))
aligned("np.nan_to_num", "np.broadcast_arrays", "_real")

# --------------------------------------------------------------------- joining

batched("y = np.concatenate(arrays, axis=0)", "arrays", "_joined(arrays)", when=none("axis"), lists=True)
batched("y = np.concatenate(arrays, axis=0)", "arrays", "np.concatenate(arrays, axis=_axis(axis, arrays))", lists=True)
batched("y = np.stack(arrays, axis=0)", "arrays", "np.stack(arrays, axis=_axis(axis, arrays))", lists=True)
batched("y = np.hstack(arrays)", "arrays", "_hstack(arrays)", lists=True)
batched("y = np.vstack(arrays)", "arrays", "_vstack(arrays)", lists=True)
batched("y = np.column_stack(arrays)", "arrays", "_column_stack(arrays)", lists=True)
batched(
    "y = np.append(a, b, axis=None)",
    "a b",
    "np.concatenate((_vectors(a), _vectors(b)), axis=1)",
    none("axis"),
    lifted=True,
)
batched("y = np.append(a, b, axis=None)", "a b", "np.concatenate((a, b), axis=_axis(axis, a))", lifted=True)
batched(
    "y = _concatenate_back(t, arrays, axis)", "t", "_concatenate_back(t, arrays, _from_end(axis, t))", given("axis")
)
for _name in ("np.split", "np.array_split"):
    batched(f"y = {_name}(x, parts, axis=0)", "x", f"{_name}(x, parts, axis=_axis(axis, x))")
batched("y = np.hsplit(x, parts)", "x", "np.split(x, parts, axis=1)", when=_VECTOR)
batched("y = np.hsplit(x, parts)", "x", "np.split(x, parts, axis=2)")
batched("y = np.vsplit(x, parts)", "x", "np.split(x, parts, axis=1)")

# ----------------------------------------------------- what is read off a shape

batched("y = np.shape(x)", "x", "x.shape[1:]", plain=True)
batched("y = np.ndim(x)", "x", "x.ndim - 1", plain=True)
batched("y = np.size(x)", "x", "x.shape[1]", when=_VECTOR, plain=True)
batched("y = np.size(x)", "x", "math.prod(x.shape[1:])", plain=True)
batched("y = len(x)", "x", "len(x)", when=listed("x"), plain=True, lists=True)
batched("y = len(x)", "x", "x.shape[1]", plain=True)
batched("y = np.ndarray.dtype(x)", "x", "x.dtype", plain=True)
batched("y = np.result_type(x)", "x", "np.result_type(x)", plain=True)
batched("y = np.isrealobj(x)", "x", "np.isrealobj(x)", plain=True)
batched("y = np.iscomplexobj(x)", "x", "np.iscomplexobj(x)", plain=True)
