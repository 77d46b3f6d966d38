"""Copies of pieces of Python's tree with some parts changed."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import TypeVar

from s2sad.frontend.binding import stored_names

__all__ = [
    "before_continue",
    "builtin_call",
    "changed",
    "continues_guarded",
    "has_star",
    "lambda_parameters",
    "leaves",
    "lines_at",
    "map_blocks",
    "name_node",
]

Node = TypeVar("Node", bound=ast.AST)
Block = list[ast.stmt]


def changed(node: Node, **fields: object) -> Node:
    """A copy of a node with other fields."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def name_node(name: str, place: ast.AST, context: ast.expr_context | None = None) -> ast.Name:
    """A variable, read unless told otherwise, in the place of something else."""
    return ast.copy_location(ast.Name(name, context or ast.Load()), place)


def lambda_parameters(function: ast.Lambda, count: int) -> list[str] | None:
    """The names of the parameters of a lambda that is called with `count` arguments by position."""
    args = function.args
    plain = not (args.vararg or args.kwarg or args.kwonlyargs or args.defaults)
    names = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    return names if plain and len(names) == count and not stored_names(function.body) else None


def builtin_call(name: str, args: list[ast.expr], place: ast.AST) -> ast.Call:
    """A call of one of Python's own functions."""
    return ast.fix_missing_locations(ast.copy_location(ast.Call(ast.Name(name, ast.Load()), args, []), place))


class Listed(ast.Call):
    """A list of ours with the elements of a sequence, which nobody changes: it has no place in the user's text."""

    _attributes = ()


def listed(sequence: ast.expr, place: ast.AST) -> ast.expr:
    """`list(sequence)`, of which nothing is done but to read elements."""
    return Listed(name_node("list", place), [sequence], [])


def has_star(target: ast.expr) -> bool:
    """True if there is a star in a target or in one of its parts."""
    return isinstance(target, ast.Tuple | ast.List) and any(
        isinstance(item, ast.Starred) or has_star(item) for item in target.elts
    )


def lines_at(text: str, place: ast.stmt) -> Block:
    """Statements in the place of another, or of the head of one that holds others."""
    head: ast.AST = place
    match place:
        case ast.If(test=test) | ast.While(test=test):
            head = test
        case ast.For(iter=iterable):
            head = iterable
    made = ast.parse(text).body
    for part in (part for s in made for part in ast.walk(s)):
        ast.copy_location(part, head)
    return made


def map_blocks(node: ast.stmt, function: Callable[[Block], Block]) -> ast.stmt:
    """A statement with `function` applied to each of its blocks."""
    names = [name for name in ("body", "orelse", "finalbody") if getattr(node, name, None)]
    new: dict[str, object] = {name: function(getattr(node, name)) for name in names}
    for name in ("handlers", "cases"):
        if getattr(node, name, None):
            new[name] = [changed(part, body=function(part.body)) for part in getattr(node, name)]
    return changed(node, **new) if new else node


def blocks_of(node: ast.stmt) -> Iterator[Block]:
    """The blocks in a statement."""
    for name in ("body", "orelse", "finalbody"):
        yield getattr(node, name, [])
    for name in ("handlers", "cases"):
        yield from (part.body for part in getattr(node, name, ()))


def before_continue(body: Block, again: Block) -> Block:
    """The body of a loop with the statements `again` before each `continue` that belongs to it."""
    done: Block = []
    for s in body:
        match s:
            case ast.Continue():
                done += [*again, s]
            case ast.For(orelse=orelse) | ast.While(orelse=orelse):
                done.append(changed(s, orelse=before_continue(orelse, again)) if orelse else s)
            case ast.FunctionDef() | ast.ClassDef():
                done.append(s)
            case _:
                done.append(map_blocks(s, lambda inner: before_continue(inner, again)))
    return done


def continues_guarded(body: Block, guarded: bool = False) -> bool:
    """True if a `continue` of the loop with this body stands in a `with` or `try`, which do something when it leaves them."""
    return any(isinstance(s, ast.Continue) and inside for s, inside in _jumps(body, guarded))


def leaves(body: Block) -> bool:
    """True if a `break` or `continue` in a block belongs to a loop around it."""
    return next(_jumps(body), None) is not None


def _jumps(body: Block, guarded: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """Each `break` and `continue` of the loop around a block, and whether it stands in a `with` or `try`."""
    for s in body:
        match s:
            case ast.Break() | ast.Continue():
                yield s, guarded
            case ast.For(orelse=orelse) | ast.While(orelse=orelse):
                yield from _jumps(orelse, guarded)
            case ast.FunctionDef() | ast.ClassDef():
                pass
            case _:
                inside = guarded or isinstance(s, ast.Try | ast.TryStar | ast.With)
                for inner in blocks_of(s):
                    yield from _jumps(inner, inside)
