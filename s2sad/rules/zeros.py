"""Zeros for values of unknown kind."""

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
