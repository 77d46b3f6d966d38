"""Functions that read nothing of an argument but its shape and type, those whose result goes by these alone, and those that
give the same type for all.
"""

from s2sad.ir import Attribute, Call, Expr, Global
from s2sad.kind import Kind, Number
from s2sad.rules.registry import canonical, key_of

__all__ = ["goes_by_shapes", "kind_for_all", "reads_shape"]

#: Where that argument stands.
_FUNCTIONS = {
    "len": 0, "numpy.shape": 0, "numpy.size": 0, "numpy.ndim": 0, "numpy.zeros_like": 0, "numpy.ones_like": 0,
    "numpy.empty_like": 0, "numpy.full_like": 0, "_unbroadcast": 1, "_broadcast": 1, "_count": 0,
}  # fmt: skip
#: Whose results have shapes and types that go by those of arrays, and by numbers that are given.
_BY_SHAPES = {
    "numpy.outer", "numpy.dot", "numpy.inner", "numpy.vdot", "numpy.kron", "numpy.cross", "numpy.sum", "numpy.mean",
    "numpy.broadcast_to", "numpy.transpose", "numpy.copy",
}  # fmt: skip
#: What Python sees to itself.
_ALWAYS = {"len": "int", "isinstance": "bool", "issubclass": "bool", "callable": "bool", "hasattr": "bool"}
_ATTRIBUTES = ("shape", "size", "ndim", "dtype")


def reads_shape(node: Expr) -> int | None:
    """Which of a node's children (`ir.children`) it reads nothing of but the shape and type; None for none."""
    match node:
        case Attribute(attr=attr):
            return 0 if attr in _ATTRIBUTES else None
        case Call(args=args):
            place = _FUNCTIONS.get(canonical(key_of(node) or ""))
            # The function itself is the first child.
            return None if place is None or place >= len(args) else place + 1
    return None


def goes_by_shapes(node: Expr) -> bool:
    """True for a call whose result has the same shape and type for all arrays of the same shapes and types."""
    return isinstance(node, Call) and canonical(key_of(node) or "") in _BY_SHAPES


def kind_for_all(node: Expr) -> Kind | None:
    """The kind of a call, whatever its arguments are; None where that is not known."""
    match node:
        case Call(func=Global(dotted=name)) if name in _ALWAYS:
            return Number(_ALWAYS[name])
    return None
