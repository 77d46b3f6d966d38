"""Functions that may raise an exception when they have changed an object: they give back its attributes when they return, and
then they do not.
"""

from __future__ import annotations

from collections.abc import Container

from s2sad.ir import Assign, Block, Call, Comment, Const, Expr, If, Name, Pass, Return, Routine, Statement, TupleOf
from s2sad.traversal import assigned, blocks, heads, names_in, statements, walk

__all__ = ["fails_behind_change"]


def fails_behind_change(block: Block, attributes: Container[str], known: Container[str]) -> bool:
    """True if something may fail in a block after it has assigned one of the variables `attributes`; `known` are the keys of
    functions for which that is so.
    """
    is_changed = False
    for s in block:
        loses = any(_key(call) in known and _names(call, attributes) for call in _calls(s))
        if loses or (is_changed and not _is_quiet(s)):
            return True
        inner = list(blocks(s))
        if isinstance(s, If):
            if any(fails_behind_change(side, attributes, known) for side in inner):
                return True
        elif inner and any(_assigns(one, attributes) for side in inner for one in statements(side)):
            # What comes behind it may fail there, or another round.
            return True
        is_changed = is_changed or any(_assigns(one, attributes) for one in statements((s,)))
    return False


def _assigns(s: Statement, attributes: Container[str]) -> bool:
    return any(name in attributes for name in assigned(s))


def _names(call: Call, attributes: Container[str]) -> bool:
    return any(name in attributes for name in names_in(call))


def _calls(s: Statement) -> list[Call]:
    return [part for node in heads(s) for part in walk(node) if isinstance(part, Call)]


def _key(call: Call) -> str:
    return call.func.key if isinstance(call.func, Routine) else ""


def _is_quiet(s: Statement) -> bool:
    """True for a statement that raises no exception."""
    match s:
        case Pass() | Comment() | Return(value=None):
            return True
        case Return(value=Expr() as value) | Assign(target=Name(), value=value):
            parts = value.items if isinstance(value, TupleOf) else (value,)
            return all(isinstance(part, Name | Const) for part in parts)
    return False
