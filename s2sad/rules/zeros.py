"""Zeros, sums and copies of values of unknown kind."""

from __future__ import annotations

from s2sad.ir import Const, Expr
from s2sad.kind import Array, Number
from s2sad.rules.helpers import KindOf, helper
from s2sad.syntax import template

__all__: list[str] = []


def _zeros(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    match kind_of(args[0]):
        case Number():
            return Const(0.0)
        case Array():
            return template("np.zeros_like(x)", x=args[0])
    return None


helper(
    "_zeros",
    '''
def _zeros(x):
    """Zeros of the shape and type of `x`; a list for a list or tuple, so that its elements can be added to."""
    if isinstance(x, (list, tuple)):
        return [_zeros(item) for item in x]
    return np.zeros_like(x) if isinstance(x, np.ndarray) else 0.0
''',
    _zeros,
)


def _add(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    plain = all(isinstance(kind_of(arg), Number | Array) for arg in args)
    return template("x + y", x=args[0], y=args[1]) if plain else None


helper(
    "_add",
    '''
def _add(x, y):
    """The sum of two adjoints, element by element of a list."""
    if isinstance(x, (list, tuple)):
        return [_add(a, b) for a, b in zip(x, y, strict=True)]
    return x + y
''',
    _add,
)

helper(
    "_add_at",
    '''
def _add_at(x, index, y):
    """Add `y` to the elements `index` of the adjoint `x`."""
    if isinstance(x, list):
        x[index] = _add(x[index], y)
    else:
        np.add.at(x, index, y)
''',
    lambda args, kind_of: None,
    needs=("_add",),
)


helper(
    "_like",
    '''
def _like(x_bar, x):
    """The adjoint `x_bar` in the type of its variable `x`, shared with nobody."""
    if x is None:
        return None
    if isinstance(x, (list, tuple)):
        items = [_like(a, b) for a, b in zip(x_bar, x, strict=True)]
        return items if isinstance(x, list) else tuple(items)
    if np.isrealobj(x):
        x_bar = np.real(x_bar)
    if isinstance(x, np.ndarray):
        return np.array(x_bar, x.dtype)
    return type(x)(x_bar) if isinstance(x, (float, complex, np.inexact)) else x_bar
''',
    lambda args, kind_of: None,
)
