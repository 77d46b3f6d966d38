"""Lists of constants whose elements are assigned at most once each: `y = [0.0] * n`, and then a loop over `range(n)`.

An element that is assigned may be of another shape or type than the constant before it, of which there is no derivative.
"""

from __future__ import annotations

from collections import Counter

from s2sad.analysis.changes import REPLACED
from s2sad.ir import Assign, Binary, Block, Call, Const, Expr, For, Global, If, ListOf, Name, Statement
from s2sad.traversal import binds, statements

__all__ = ["filled_variables"]


def filled_variables(block: Block) -> frozenset[str]:
    """The variables that hold such lists; `block` is a function's body."""
    bound = _bound(block)
    made = {s.target.id for s in _outside(block) if isinstance(s, Assign) and _makes_constants(s)}  # type: ignore[attr-defined]
    loops = [s for s in _outside(block) if isinstance(s, For)]
    filled = {s.target.id for loop in loops for s in _outside(loop.body) if _fills(s, loop)}  # type: ignore[attr-defined]
    # Twice: where the list is made, and where an element is assigned.
    return frozenset(name for name in made & filled if bound[name] == 2)


def _bound(block: Block) -> Counter[str]:
    return Counter(name for s in statements(block) for name in binds(s))


def _outside(block: Block) -> list[Statement]:
    """The statements of a block that are in no loop in it, and in no attempt."""
    found: list[Statement] = []
    for s in block:
        found.append(s)
        if isinstance(s, If):
            found += [*_outside(s.then), *_outside(s.orelse)]
    return found


def _makes_constants(s: Assign) -> bool:
    return isinstance(s.target, Name) and _is_constant(s.value)


def _is_constant(value: Expr) -> bool:
    match value:
        case ListOf(items=items):
            return all(isinstance(item, Const) for item in items)
        case Binary(op="*", left=left, right=right):
            return _is_constant(left) or _is_constant(right)
    return False


def _fills(s: Statement, loop: For) -> bool:
    """True for the assignment of the element whose number is that of the round."""
    match s, loop:
        case (
            Assign(target=Name() as whole, value=Call(func=func, args=(old, Name(id=index), _))),
            For(target=Name(id=own), iterable=Call(func=Global(dotted="range"), args=(_,))),
        ):
            return func == REPLACED and old == whole and index == own and own not in _bound(loop.body)
    return False
