"""What shares its memory with what."""

from __future__ import annotations

from s2sad.ir import Const, Expr
from s2sad.kind import Array, List, Number, Other
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import constant
from s2sad.syntax import template

__all__: list[str] = []


def _overlap(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    u, v = args
    match kind_of(u), kind_of(v):
        case (_, Number() | Other()) | (List(item=Number()), Array()) | (Array(), List(item=Number())):
            return Const(False)
        case Array(), Array():
            return template("np.shares_memory(u, v)", u=u, v=v)
    return None


helper(
    "_overlap",
    '''
def _overlap(u, v):
    """True if a change of the array or list `u` may be seen in `v`."""
    if isinstance(v, np.ndarray):
        return isinstance(u, np.ndarray) and np.shares_memory(u, v)
    parts = v if isinstance(v, (list, tuple)) else (v if isinstance(v, dict) else getattr(v, "__dict__", {})).values()
    return (u is v and isinstance(v, (list, dict))) or any(_overlap(u, part) for part in parts)
''',
    _overlap,
)
constant("_overlap", why="a question about memory")
