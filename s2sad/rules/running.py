"""Products along an axis, and the recurrences that their derivatives are. Right also where elements are zero.

All of it is closed under differentiation: y[k] = x[k] * y[k - 1] + b[k] has a tangent of the same form.
"""

from __future__ import annotations

from s2sad.ir import Const, Expr
from s2sad.kind import Array
from s2sad.rules.broadcasting import literal_axes
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import linear, method, rule
from s2sad.rules.when import none
from s2sad.syntax import template

__all__: list[str] = []

rule(
    "y = np.prod(x, axis=None, dtype=..., out=..., keepdims=False)",
    "dy = np.sum(dx * _product_of_others(x, axis), axis=axis, keepdims=keepdims)",
)
_CUMPROD = "_recurrence(_flat(dx, axis) * _products_before(_flat(x, axis)), _flat(x, axis))"
rule("y = np.cumprod(x, axis=None, dtype=..., out=...)", f"dy = {_CUMPROD}", when=none("axis"))
rule("y = np.cumprod(x, axis=None, dtype=..., out=...)", f"dy = _unflat({_CUMPROD}, x, axis)")
method("prod", "cumprod")

_BEFORE, _AFTER = "_products_before(_flat(x, axis))", "_products_after(_flat(x, axis))"
rule(
    "y = _product_of_others(x, axis)",
    f"dy = _unflat(_delayed(_recurrence(_flat(dx, axis) * {_BEFORE}, _flat(x, axis))) * {_AFTER}"
    f" + {_BEFORE} * _recurrence_back(_advanced(_flat(dx, axis) * {_AFTER}), _flat(x, axis)), x, axis)",
)
rule("y = _products_before(x)", "dy = _delayed(_recurrence(dx * y, x))")
rule("y = _products_after(x)", "dy = _recurrence_back(_advanced(dx * y), x)")
rule("y = _recurrence(b, x)", "dy = _recurrence(db + dx * _delayed(y), x)")
linear("y = _recurrence(b, x)", "b_bar = _recurrence_back(y_bar, x)")
rule("y = _recurrence_back(t, x)", "dy = _recurrence_back(dt + _advanced(dx * y), x)")
linear("y = _recurrence_back(t, x)", "t_bar = _recurrence(y_bar, x)")
linear("y = _delayed(x)", "x_bar = _advanced(y_bar)")
linear("y = _advanced(x)", "x_bar = _delayed(y_bar)")
linear("y = _flat(x, axis)", "x_bar = _unflat(y_bar, x, axis)")
linear("y = _unflat(t, x, axis)", "t_bar = _flat(y_bar, axis)", "x_bar = 0")


helper(
    "_product_of_others",
    '''
def _product_of_others(x, axis):
    """For each element of `x` the product of the others along `axis`, right also where some are zero."""
    flat = _flat(x, axis)
    return _unflat(_products_before(flat) * _products_after(flat), x, axis)
''',
    lambda args, kind_of: None,
    needs=("_flat", "_unflat", "_products_before", "_products_after"),
)
helper(
    "_products_before",
    '''
def _products_before(x):
    """For each element of `x` the product of those before it along the last axis."""
    return np.cumprod(np.concatenate([np.ones_like(x[..., :1]), x[..., :-1]], axis=-1), axis=-1)
''',
    lambda args, kind_of: None,
)
helper(
    "_products_after",
    '''
def _products_after(x):
    """For each element of `x` the product of those behind it along the last axis."""
    return _products_before(x[..., ::-1])[..., ::-1]
''',
    lambda args, kind_of: None,
    needs=("_products_before",),
)
helper(
    "_recurrence",
    '''
def _recurrence(b, x):
    """The solution of y[k] = x[k] * y[k - 1] + b[k] along the last axis, which begins with b[0]."""
    y = np.array(b)
    for k in range(1, np.shape(x)[-1]):
        y[..., k] += x[..., k] * y[..., k - 1]
    return y
''',
    lambda args, kind_of: None,
    fresh=True,
)
helper(
    "_recurrence_back",
    '''
def _recurrence_back(t, x):
    """The solution of y[k] = x[k + 1] * y[k + 1] + t[k] along the last axis, which ends with t[-1]."""
    y = np.array(t)
    for k in range(np.shape(x)[-1] - 2, -1, -1):
        y[..., k] += x[..., k + 1] * y[..., k + 1]
    return y
''',
    lambda args, kind_of: None,
    fresh=True,
)
helper(
    "_delayed",
    '''
def _delayed(x):
    """The elements of `x` one place later along the last axis, behind a zero."""
    return np.concatenate([np.zeros_like(x[..., :1]), x[..., :-1]], axis=-1)
''',
    lambda args, kind_of: None,
)
helper(
    "_advanced",
    '''
def _advanced(x):
    """The elements of `x` one place earlier along the last axis, before a zero."""
    return np.concatenate([x[..., 1:], np.zeros_like(x[..., :1])], axis=-1)
''',
    lambda args, kind_of: None,
)


# ------------------------------------------------------------- one axis, the last


def _is_last(axis: Expr, rank: int) -> bool:
    return rank == 1 or (axis != Const(None) and literal_axes(axis, rank) == (rank - 1,))


def _flat(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    x, axis = args
    match kind_of(x):
        case Array(shape=shape) if _is_last(axis, len(shape)):
            return x
    if axis == Const(None):
        return template("np.ravel(x)", x=x)
    return template("np.moveaxis(x, a, -1)", x=x, a=axis) if isinstance(axis, Const) else None


def _unflat(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x, axis = args
    match kind_of(x):
        case Array(shape=shape) if _is_last(axis, len(shape)):
            return t
    if axis == Const(None):
        return template("_reshape(t, x)", t=t, x=x)
    return template("np.moveaxis(t, -1, a)", t=t, a=axis) if isinstance(axis, Const) else None


helper(
    "_flat",
    '''
def _flat(x, axis):
    """`x` with the axes `axis`, all for None, made one, the last."""
    if axis is None:
        return np.ravel(x)
    if not isinstance(axis, tuple):
        return np.moveaxis(x, axis, -1)
    kept = np.ndim(x) - len(axis)
    moved = np.moveaxis(x, axis, tuple(range(kept, np.ndim(x))))
    return np.reshape(moved, (*np.shape(moved)[:kept], int(np.prod(np.shape(moved)[kept:]))))
''',
    _flat,
)
helper(
    "_unflat",
    '''
def _unflat(t, x, axis):
    """`t` with its last axis taken apart again into the axes `axis` of `x`."""
    if axis is None:
        return np.reshape(t, np.shape(x))
    if not isinstance(axis, tuple):
        return np.moveaxis(t, -1, axis)
    last = tuple(range(np.ndim(x) - len(axis), np.ndim(x)))
    return np.moveaxis(np.reshape(t, np.shape(np.moveaxis(x, axis, last))), last, axis)
''',
    _unflat,
)
