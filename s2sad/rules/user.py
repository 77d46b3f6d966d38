"""Tests of derivatives that a user gives: what they have to fit is known at run time where the kinds do not tell it."""

from __future__ import annotations

from s2sad.errors import DifferentiationError
from s2sad.ir import Const, Expr
from s2sad.kind import Array, Kind, Number, constant_dim, same_shape
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import linear
from s2sad.syntax import template

__all__: list[str] = []


def _sizes(kind: Kind) -> tuple[object, ...] | None:
    """The sizes of the axes; None where the kind does not tell all of them."""
    match kind:
        case Number():
            return ()
        case Array(shape=shape) if None not in shape:
            return shape
    return None


def _misfit(label: Expr, what: str) -> DifferentiationError:
    assert isinstance(label, Const)
    return DifferentiationError("S206", f"{label.value} {what}", rewrite="see s2sad.rule, s2sad.defvjp")


def _checked(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x, label = args
    have, want = _sizes(kind_of(t)), _sizes(kind_of(x))
    if same_shape(kind_of(t), kind_of(x)):
        return t
    if have is not None and want is not None:
        raise _misfit(label, "has another shape than what it belongs to")
    return None


helper(
    "_checked",
    '''
def _checked(t, x, rule):
    """`t`, the tangent or adjoint of `x` by `rule`; a ValueError if it has another form."""
    if isinstance(x, (list, tuple, dict)):
        parts = x.items() if isinstance(x, dict) else enumerate(x)
        fits = isinstance(t, (list, tuple, dict)) and len(t) == len(x)
        if fits:
            for key, part in parts:
                _checked(t[key], part, rule)
    else:
        fits = t is not None and np.shape(t) == np.shape(x)
    if not fits:
        raise ValueError(f"{rule} gives {t!r} for {x!r}, which has another form")
    return t
''',
    _checked,
)


def _fitting(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, y, label = args
    have, want = _sizes(kind_of(t)), _sizes(kind_of(y))
    if same_shape(kind_of(t), kind_of(y)):
        return t
    if have is None or want is None:
        return None
    pairs = zip(reversed(have), reversed(want), strict=False)
    if len(have) > len(want) or not all(m in (n, constant_dim(1)) for m, n in pairs):
        raise _misfit(label, "has another shape than the value")
    return template("_broadcast(t, y)", t=t, y=y)


helper(
    "_fitting",
    '''
def _fitting(t, y, rule):
    """`t`, the tangent of `y` by `rule`, stretched to the shape of `y`; a ValueError if it does not fit."""
    if np.shape(t) == np.shape(y):
        return t
    if np.ndim(t) > np.ndim(y) or np.broadcast_shapes(np.shape(t), np.shape(y)) != np.shape(y):
        raise ValueError(f"{rule} has the shape {np.shape(t)}, the value {np.shape(y)}")
    return np.broadcast_to(t, np.shape(y))
''',
    _fitting,
)
linear("s = _checked(t, x, rule)", "t_bar = s_bar", "x_bar = 0", lists=True)
linear("s = _fitting(t, y, rule)", "t_bar = _unbroadcast(s_bar, y, t)", "y_bar = 0")
