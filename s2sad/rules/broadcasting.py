"""Helpers that undo broadcasting and reductions."""

from __future__ import annotations

from s2sad.ir import Attribute, Call, Const, Expr, Global, Index, ListOf, Name, Slice, TupleOf
from s2sad.kind import Array, Dim, Kind, List, Number, Sequence, Unknown, constant_dim, dtype_of, is_rigid, same_shape
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import constant, linear
from s2sad.syntax import template
from s2sad.traversal import names_in

__all__: list[str] = []

_ONE = constant_dim(1)


def literal_axes(axis: Expr, rank: int) -> tuple[int, ...] | None:
    """The axes that a literal `axis` argument names, all of them for None; None if it is not literal."""
    match axis:
        case Const(value=None):
            return tuple(range(rank))
        case Const(value=int() as value):
            return (value % rank,) if rank else ()
        case TupleOf(items=items) if rank and all(
            isinstance(item, Const) and isinstance(item.value, int) for item in items
        ):
            return tuple(sorted(item.value % rank for item in items if isinstance(item, Const)))
    return None


def shape_of(node: Expr, kind_of: KindOf) -> Expr:
    """An expression for the shape of `node`, from a variable of that shape where there is one."""
    if isinstance(kind_of(node), Array):
        for name in dict.fromkeys(names_in(node)):
            if same_shape(kind_of(Name(name)), kind_of(node)):
                return Attribute(Name(name), "shape")
        if isinstance(node, Name):
            return Attribute(node, "shape")
        axes = _axes_of(node, kind_of)
        return template("np.shape(x)", x=node) if axes is None else TupleOf(axes)
    return template("np.shape(x)", x=node)


def size_of(node: Expr, kind_of: KindOf) -> Expr:
    """An expression for the number of elements of `node`."""
    shape = shape_of(node, kind_of)
    match shape:
        case Attribute(value=value):
            return Attribute(value, "size")
        case TupleOf(items=()):
            return Const(1)
        case TupleOf(items=items):
            return _product(items)
    return template("np.size(x)", x=node)


def _axes_of(node: Expr, kind_of: KindOf) -> tuple[Expr, ...] | None:
    """The sizes of the axes of `node`, each read off a variable that has an axis of that size."""
    kind = kind_of(node)
    assert isinstance(kind, Array)
    sizes: dict[Dim, Expr] = {_ONE: Const(1)}
    for name in dict.fromkeys(names_in(node)):
        own = kind_of(Name(name))
        for axis, dim in enumerate(own.shape if isinstance(own, Array) else ()):
            if dim is not None:
                sizes.setdefault(dim, Index(Attribute(Name(name), "shape"), Const(axis)))
    found = [sizes.get(dim) for dim in kind.shape]
    return None if None in found else tuple(size for size in found if size is not None)


def _product(parts: tuple[Expr, ...]) -> Expr:
    product = parts[0]
    for part in parts[1:]:
        product = template("a * b", a=product, b=part)
    return product


def _sizes(like: Expr, axes: tuple[int, ...], rank: int, kind_of: KindOf) -> Expr:
    """How many elements of `like` lie along `axes`."""
    if len(axes) == rank:
        return size_of(like, kind_of)
    shape = shape_of(like, kind_of)
    if isinstance(shape, TupleOf):
        return _product(tuple(shape.items[axis] for axis in axes))
    return _product(tuple(Index(shape, Const(axis)) for axis in axes))


def index_along(node: Expr, axis: int, index: Expr) -> Expr:
    """`node[:, :, index]`, the index at the position `axis`."""
    return Index(node, TupleOf((Slice(),) * axis + (index,)) if axis else index)


# --------------------------------------------------------------- _unbroadcast


def _summed_axes(full: tuple[Dim, ...], part: tuple[Dim, ...]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The leading axes that broadcasting added, and those it stretched; None if that cannot be told."""
    lead = len(full) - len(part)
    stretched = []
    for axis, dim in enumerate(part, lead):
        if dim == _ONE and full[axis] != _ONE:
            if full[axis] is None:
                return None
            stretched.append(axis)
        elif not is_rigid(dim) and (dim != full[axis] or dim is None):
            return None
    return tuple(range(lead)), tuple(stretched)


def _axis(axes: tuple[int, ...]) -> Expr:
    return Const(axes[0]) if len(axes) == 1 else TupleOf(tuple(map(Const, axes)))


def _unbroadcast(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    if len(args) == 2:
        return _fitted(*args, kind_of)
    t, y, x = args
    have, full, part = kind_of(t), kind_of(y), kind_of(x)
    if isinstance(full, Number):
        return t
    if isinstance(full, Array) and isinstance(part, Number | Array):
        shape = part.shape if isinstance(part, Array) else ()
        axes = _summed_axes(full.shape, shape)
        if axes is not None:
            return _sum_over(t, y, have, full, axes, kind_of)
    if isinstance(part, Number):
        return template("np.sum(t)", t=t)
    return Call(Global("_unbroadcast"), (t, x))


def _fitted(t: Expr, x: Expr, kind_of: KindOf) -> Expr | None:
    """`t` in the shape of `x`, where that is plain."""
    have, want = kind_of(t), kind_of(x)
    if same_shape(have, want):
        return t
    return template("np.sum(t)", t=t) if isinstance(have, Array) and isinstance(want, Number) else None


def _kind_of_unbroadcast(kinds: tuple[Kind, ...]) -> Kind | None:
    """An array of the shape of `x`, which need not be that of `t` where it is not known."""
    match kinds:
        case Array(dtype=dtype), *_, Array(shape=shape) if None in shape:
            return Array(dtype, shape)
    return None


def _sum_over(
    t: Expr, y: Expr, have: Kind, full: Array, axes: tuple[tuple[int, ...], tuple[int, ...]], kind_of: KindOf
) -> Expr:
    lead, stretched = axes
    if not lead and not stretched:
        return t
    if isinstance(have, Number):
        return template("n * t", n=_sizes(y, lead + stretched, len(full.shape), kind_of), t=t)
    if not same_shape(have, full):
        t = template("np.broadcast_to(t, s)", t=t, s=shape_of(y, kind_of))
    if len(lead) == len(full.shape):
        return template("np.sum(t)", t=t)
    if stretched:
        t = template("np.sum(t, axis=a, keepdims=True)", t=t, a=_axis(stretched))
    return template("np.sum(t, axis=a)", t=t, a=_axis(lead)) if lead else t


helper(
    "_unbroadcast",
    '''
def _unbroadcast(t, x):
    """Sum `t` over the axes along which broadcasting stretched `x`; stretch it where it is smaller than `x`."""
    shape = np.shape(x)
    if np.shape(t) == shape:
        return t
    t = np.sum(t, axis=tuple(range(np.ndim(t) - len(shape))))
    stretched = tuple(k for k in range(-np.ndim(t), 0) if shape[k] == 1 != np.shape(t)[k])
    t = np.sum(t, axis=stretched, keepdims=True)
    return t if np.shape(t) == shape else np.broadcast_to(t, shape)
''',
    _unbroadcast,
    kind=_kind_of_unbroadcast,
)


# ----------------------------------------------------------------- _broadcast


def _broadcast(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, y = args
    if isinstance(kind_of(y), Number) or same_shape(kind_of(t), kind_of(y)):
        return t
    if not isinstance(kind_of(y), Array):
        return None
    if isinstance(kind_of(t), Number) and isinstance(y, Name):
        return template("np.full_like(y, t)", y=y, t=t)
    if isinstance(kind_of(t), Number) and dtype_of(kind_of(t)) != dtype_of(kind_of(y)) != "float64":
        return template("np.full(s, t, d)", s=shape_of(y, kind_of), t=t, d=Global(f"numpy.{dtype_of(kind_of(y))}"))
    return template("np.broadcast_to(t, s)", t=t, s=shape_of(y, kind_of))


helper(
    "_broadcast",
    '''
def _broadcast(t, y):
    """Stretch `t` to the shape of `y`; a number gets the type of `y`."""
    if np.shape(t) == np.shape(y):
        return t
    if isinstance(t, (int, float, np.integer)):
        t = np.asarray(t, np.result_type(np.asarray(y), np.float16))
    return np.broadcast_to(t, np.shape(y))
''',
    _broadcast,
)


# -------------------------------------------------------------- _align, _expand


def _aligned(t: Expr, kind: Array, axis: Expr, keepdims: Expr) -> Expr | None:
    """The result of reducing an array of known rank, broadcasting against it; None where the axes are not known."""
    if keepdims == Const(True) or axis == Const(None):
        return t
    axes = literal_axes(axis, len(kind.shape))
    if keepdims != Const(False) or axes is None:
        return None
    return _with_axes(t, axes, len(kind.shape))


def _align(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x, axis, keepdims = args
    kind = kind_of(x)
    if isinstance(kind_of(t), Number) or isinstance(kind, Number):
        return t
    if isinstance(kind, Array):
        return _aligned(t, kind, axis, keepdims)
    if keepdims == Const(True) or axis == Const(None):
        return t
    return template("np.expand_dims(t, a)", t=t, a=axis) if keepdims == Const(False) else None


helper(
    "_align",
    '''
def _align(t, x, axis, keepdims):
    """Give the result `t` of a reduction of `x` its axes back."""
    return t if axis is None or keepdims else np.expand_dims(t, axis)
''',
    _align,
)


def _expand(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x, axis, keepdims = args
    kind = kind_of(x)
    if isinstance(kind, Number) or (isinstance(kind, Array) and isinstance(kind_of(t), Number)):
        return t
    if isinstance(kind, Array):
        aligned = _aligned(t, kind, axis, keepdims)
        if aligned is None or not isinstance(kind_of(t), Unknown):
            # What is known to be smaller than `x` is broadcast where it is used.
            return aligned
        return template("_broadcast(t, x)", t=aligned, x=x)
    if isinstance(kind, Sequence | List) and axis == Const(None) and isinstance(kind_of(t), Number):
        return template("_each(t, x)", t=t, x=x)
    if keepdims == Const(True) or axis == Const(None):
        return template("_broadcast(t, x)", t=t, x=x)
    if keepdims != Const(False):
        return None
    return template("_broadcast(np.expand_dims(t, a), x)", t=t, a=axis, x=x)


def _with_axes(t: Expr, axes: tuple[int, ...], rank: int) -> Expr:
    if axes == tuple(range(len(axes))):
        return t
    picks = [Const(None) if axis in axes else Slice() for axis in range(rank)]
    while picks and isinstance(picks[0], Const):
        picks.pop(0)
    while len(picks) > 1 and isinstance(picks[-1], Slice):
        picks.pop()
    return Index(t, TupleOf(tuple(picks)) if len(picks) > 1 else picks[0])


helper(
    "_expand",
    '''
def _expand(t, x, axis, keepdims):
    """The result `t` of a reduction of `x`, stretched to the shape of `x`."""
    if axis is not None and not keepdims:
        t = np.expand_dims(t, axis)
    return np.broadcast_to(t, np.shape(x))
''',
    _expand,
)


# ---------------------------------------------------------------- _count, _each


def _count(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    x, axis = args
    kind = kind_of(x)
    if isinstance(kind, Array):
        axes = literal_axes(axis, len(kind.shape))
        return None if axes is None else _sizes(x, axes, len(kind.shape), kind_of)
    match axis:
        case Const(value=None):
            return template("len(x)" if isinstance(kind, Sequence | List) else "np.size(x)", x=x)
        case Const(value=int()):
            return template("np.shape(x)[a]", x=x, a=axis)
    return None


helper(
    "_count",
    '''
def _count(x, axis):
    """How many elements of `x` lie along `axis`."""
    if axis is None:
        return np.size(x)
    sizes = np.take(np.shape(x), axis)
    return int(np.prod(sizes))
''',
    _count,
)


def _each(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x = args
    if isinstance(x, ListOf | TupleOf):
        if isinstance(kind_of(t), Number):
            return ListOf((t,) * len(x.items))
        return ListOf(tuple(Call(Global("_unbroadcast"), (t, t, item)) for item in x.items))
    match kind_of(x):
        case Array() | Number():
            return t
        case List(item=Number()):
            return template("[t] * len(x)", t=t, x=x)
        case List(item=Array() as item) if item == kind_of(t):
            return template("[t] * len(x)", t=t, x=x)
        case Sequence(items=items) if all(isinstance(item, Number) for item in items):
            return ListOf((t,) * len(items))
    return None


helper(
    "_each",
    '''
def _each(t, x):
    """`t` for each element of the list or array `x`, in its shape."""
    if isinstance(x, (list, tuple)):
        return [_unbroadcast(t, item) for item in x]
    return np.broadcast_to(t, np.shape(x))
''',
    _each,
    needs=("_unbroadcast",),
)


# ------------------------------------------------------------------- _scatter


helper(
    "_scatter",
    '''
def _scatter(t, i, x):
    """Zeros in the form of `x` with `t` added at the index `i`."""
    z = _zeros(x) if isinstance(x, (list, tuple, dict)) else np.zeros(np.shape(x), np.result_type(t))
    _add_at(z, i, t)
    return z
''',
    lambda args, kind_of: None,
    needs=("_zeros", "_add_at"),
    fresh=True,
)


# -------------------------------------------------- where they are differentiated

linear("y = _unbroadcast(t, x)", "t_bar = _unbroadcast(y_bar, t)", "x_bar = 0")
linear("y = _broadcast(t, like)", "t_bar = _unbroadcast(y_bar, like, t)", "like_bar = 0")
linear("y = _align(t, x, axis, keepdims)", "t_bar = _reshape(y_bar, t)", "x_bar = 0")
linear(
    "y = _expand(t, x, axis, keepdims)",
    "t_bar = _reshape(np.sum(y_bar, axis=axis, keepdims=keepdims), t)",
    "x_bar = 0",
)
linear("y = _each(t, x)", "t_bar = _unbroadcast(sum(y_bar), t)", "x_bar = 0", lists=True)
# The adjoint of a full sum stays a number, which is added to all elements that a mask or an index array selects.
# An array may be stretched to what they select.
linear(
    "y = _scatter(t, i, x)",
    "t_bar = _unbroadcast(y_bar[i], t)",
    "x_bar = 0",
    when=lambda args, kinds: isinstance(kinds["t"], Number) or isinstance(kinds["x"], Array),
)
linear("y = _scatter(t, i, x)", "t_bar = y_bar[i]", "x_bar = 0")
constant("_count", why="a number of elements")
