"""Functions whose value is an index, or a part of one, that selects no element of an array twice."""

from __future__ import annotations

from s2sad.ir import Const, Expr
from s2sad.kind import Array
from s2sad.rules.helpers import KindOf

__all__ = ["selects_once"]

#: Whatever their arguments are: masks, and places that are found by looking at one after the other.
_ALWAYS = frozenset(
    "numpy.flatnonzero numpy.nonzero numpy.diag_indices numpy.diag_indices_from numpy.tril_indices numpy.triu_indices "
    "numpy.tril_indices_from numpy.triu_indices_from numpy.isnan numpy.isfinite numpy.isinf numpy.logical_and "
    "numpy.logical_or numpy.logical_not numpy.logical_xor _mask _diagonal _turns".split()
)
#: An order of the elements of a vector.
_ORDERS = frozenset({"numpy.argsort", "numpy.lexsort"})


def selects_once(dotted: str, args: tuple[Expr, ...], kind_of: KindOf) -> bool:
    """True if what a call of the function gives selects no element twice."""
    match dotted, args:
        case "numpy.arange" | "numpy.where", (_,):
            return True
        case "numpy.arange", (start, _):
            return _is_number(start, 0)
        case "numpy.arange", (start, _, step):
            return _is_number(start, 0) and _is_number(step, 1)
        case _, (x,) if dotted in _ORDERS:
            kind = kind_of(x)
            return isinstance(kind, Array) and len(kind.shape) == 1
    return dotted in _ALWAYS


def _is_number(node: Expr, least: int) -> bool:
    """True for a number that is written out, and not too small: counted from the end it might be another one's element."""
    return isinstance(node, Const) and type(node.value) is int and node.value >= least
