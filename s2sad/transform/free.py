"""What functions inside of functions there are, and what they read of the outer one."""

from __future__ import annotations

from s2sad.ir import Block, Def, Function, Lambda, Statement
from s2sad.traversal import blocks, bound_names, expressions, map_blocks, names_in, walk

__all__ = ["definitions", "free_names", "own_names", "without_definitions"]


def own_names(function: Function) -> set[str]:
    """The names that a function binds, parameters and functions in it among them."""
    return {*bound_names(function), *(s.function.name for s in definitions(function.body))}


def free_names(function: Function) -> set[str]:
    """The names that a function reads and does not bind."""
    own, inner = own_names(function), definitions(function.body)
    found = {name for s in function.body for name in _read_in(s)}
    for s in inner:
        found |= free_names(s.function) - dict(s.bound).keys()
        found |= {name for _, value in s.bound for name in names_in(value)}
    for expression in expressions(without_definitions(function.body)):
        for part in walk(expression):
            if isinstance(part, Lambda):
                found |= free_names(part.function) - dict(part.bound).keys()
    return found - own


def _read_in(s: Statement) -> set[str]:
    return {name for expression in expressions(without_definitions((s,))) for name in names_in(expression)}


def without_definitions(block: Block) -> Block:
    """The block without the functions defined in it."""
    done: list[Statement] = []
    for s in block:
        match s:
            case Def():
                continue
            case _:
                done.append(map_blocks(s, without_definitions))
    return tuple(done)


def definitions(block: Block) -> list[Def]:
    """The functions defined in a block, but not in one of those."""
    found: list[Def] = []
    for s in block:
        if isinstance(s, Def):
            found.append(s)
        for inner in blocks(s):
            found += definitions(inner)
    return found
