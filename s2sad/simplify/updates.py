"""The last touches: `x = x * e` of a number is written `x *= e`, what is only returned or copied has no name, no branch is
empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from s2sad.ir import Assign, Attribute, Aug, Binary, Block, Call, Def, If, Name, Pass, Return, Statement, Try, Unary
from s2sad.traversal import binds, heads, map_blocks, names_in

__all__ = ["direct_copies", "direct_return", "with_updates"]


def with_updates(block: Block, is_number: Callable[[str], bool]) -> Block:
    """The block with assignments that change a number written as updates; the user's own statements stay as they are."""
    return tuple(_update(s, is_number) for s in block if not (isinstance(s, Assign) and s.target == s.value))


def _update(s: Statement, is_number: Callable[[str], bool]) -> Statement:
    match s:
        case Assign(target=Name() as target, value=Binary(op=op, left=left, right=right), origin=None) if op in (
            "+",
            "-",
            "*",
            "/",
        ) and is_number(target.id):
            if left == target:
                return Aug(target, op, right, remark=s.remark)
            if right == target and op in ("+", "*"):
                return Aug(target, op, left, remark=s.remark)
        case Def(function=function):
            return replace(s, function=replace(function, body=with_updates(function.body, is_number)))
    return map_blocks(s, lambda block: with_updates(block, is_number))


def direct_copies(block: Block) -> Block:
    """`a_bar = y_bar; a_bar = a_bar.copy()` is `a_bar = y_bar.copy()`."""
    lines: list[Statement] = []
    for s in block:
        match s:
            case Def(function=function):
                lines.append(replace(s, function=replace(function, body=direct_copies(function.body))))
            case Assign(
                target=Name() as target,
                value=Call(func=Attribute(value=Name() as own) as func, args=args) as call,
                origin=None,
            ) if own == target and not any(own.id in names_in(arg) for arg in args):
                k = _named_before(target.id, lines)
                if k is None:
                    lines.append(s)
                    continue
                named = lines.pop(k)
                assert isinstance(named, Assign)
                value = replace(call, func=replace(func, value=named.value))
                lines.append(replace(s, value=value, remark=s.remark or named.remark))
            case _:
                lines.append(map_blocks(s, direct_copies))
    return tuple(lines)


def _named_before(name: str, lines: list[Statement]) -> int | None:
    """The place of the assignment that gives a variable the object of another one, which it still has at the end."""
    between: set[str] = set()
    for k in reversed(range(len(lines))):
        match lines[k]:
            case Assign(target=Name(id=own), value=Name(id=other), origin=None) if own == name:
                return None if other in between else k
            case Assign(target=Name()) as s if not any(name in names_in(part) for part in heads(s)):
                between.update(binds(s))
            case _:
                return None
    return None


def direct_return(block: Block) -> Block:
    """`x = e; return x` is `return e`."""
    inner = tuple(_direct(s) for s in block)
    match inner:
        case (*before, Assign(target=Name(id=name), value=value) as last, Return(value=Name(id=returned))) if (
            name == returned
        ):
            return (*before, Return(value, remark=last.remark))
    return inner


def _direct(s: Statement) -> Statement:
    match s:
        case If(test=test, then=then, orelse=orelse) if orelse and all(type(inner) is Pass for inner in then):
            return replace(s, test=Unary("not", test), then=direct_return(orelse), orelse=())
        case Def(function=function):
            return replace(s, function=replace(function, body=direct_return(function.body)))
        case Try():
            # What a handler catches must not change.
            return map_blocks(s, lambda block: tuple(map(_direct, block)))
    return map_blocks(s, direct_return)
