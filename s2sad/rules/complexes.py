"""Whether a value is complex, or an array of integers, where its kind is not known."""

from __future__ import annotations

from s2sad.ir import Call, Const, Expr, Global
from s2sad.rules.helpers import helper
from s2sad.rules.registry import constant

__all__ = ["makes_complex"]

helper(
    "_is_complex",
    '''
def _is_complex(x):
    """True for a complex number or array, and for a list, tuple or dict of such."""
    if isinstance(x, (list, tuple, dict)):
        return any(map(_is_complex, x.values() if isinstance(x, dict) else x))
    return isinstance(x, (complex, np.complexfloating)) or (isinstance(x, np.ndarray) and np.iscomplexobj(x))
''',
    lambda args, kind_of: None,
)
helper(
    "_is_integer",
    '''
def _is_integer(x):
    """True for an array of integers or booleans."""
    return isinstance(x, np.ndarray) and x.dtype.kind in "biu"
''',
    lambda args, kind_of: None,
)
constant("_is_complex", "_is_integer", why="a question about types")


def makes_complex(node: Expr) -> bool:
    """True for the call of a function whose value is complex, and for one with a complex dtype among its arguments."""
    if not isinstance(node, Call):
        return False
    is_of_type = any(map(_is_complex_type, (node.func, *node.args, *(value for _, value in node.keywords))))
    return is_of_type or (isinstance(node.func, Global) and node.func.dotted.startswith("cmath."))


def _is_complex_type(node: Expr) -> bool:
    match node:
        case Global(dotted=dotted):
            return dotted.removeprefix("numpy.").startswith(("complex", "clongdouble", "cdouble", "csingle"))
        case Const(value=str() as text):
            return text.startswith(("complex", "clongdouble"))
    return False
