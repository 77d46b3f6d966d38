"""What shares its memory with what."""

from __future__ import annotations

from s2sad.ir import Call, Const, Expr, Global
from s2sad.kind import Array, Kind, List, Number, Other, Record, RecordClass, Sequence
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import constant
from s2sad.syntax import template

__all__: list[str] = []


def _overlap(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    u, v = args
    match kind_of(u), kind_of(v):
        case (_, Number() | Other()) | (List() | Sequence() | Record(), Array()) | (Array(), List(item=Number())):
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


def _count(kind: Kind) -> int:
    """How many objects that can be changed may be in one of this kind, itself among them; 2 stands for many."""
    match kind:
        case Number() | Other() | RecordClass():
            return 0
        case Array():
            return 1
        case List(item=item):
            return 1 + 2 * _count(item)
        case Sequence(items=items) | Record(items=items):
            return (kind.type in ("list", "dict")) + sum(map(_count, items))
    return 2


def _tangled(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    u, v = args
    own, other = map(kind_of, args)
    if u == v:
        inside = (
            own.items if isinstance(own, Sequence | Record) else (own.item,) * 2 if isinstance(own, List) else (own,)
        )
        return Const(False) if isinstance(own, Array) or sum(map(_count, inside)) < 2 else None
    if isinstance(own, Array) or not _count(other):
        return _overlap(args, kind_of) or Call(Global("_overlap"), args)
    return None


helper(
    "_tangled",
    '''
def _tangled(u, v):
    """True if a change of an array or list in `u` may be seen in `v`, or in another part of `u` if that is `v`."""
    parts, twice = [u], False
    for x in parts:
        inner = x if isinstance(x, (list, tuple)) else (x if isinstance(x, dict) else getattr(x, "__dict__", {})).values()
        for y in inner:
            if isinstance(y, (np.ndarray, list, tuple, dict)) or (hasattr(y, "__dict__") and not callable(y)):
                known = any(y is z for z in parts)
                twice = twice or (known and not isinstance(y, tuple))
                parts += [] if known else [y]
    if u is not v:
        return any(_overlap(x, v) for x in parts)
    arrays = [x for x in parts if isinstance(x, np.ndarray)]
    return twice or any(np.shares_memory(x, y) for k, x in enumerate(arrays) for y in arrays[k + 1 :])
''',
    _tangled,
    needs=("_overlap",),
)
constant("_overlap", "_tangled", why="a question about memory")
