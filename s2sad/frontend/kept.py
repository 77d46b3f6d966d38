"""Generators that a variable holds, put in the one place where they are asked for their elements.

    values = powers(x * x, n)         x_1 = x * x
    …                            →    …
    for v in values:                  for v in powers(x_1, n):
        …                                 …

What a generator function does begins with the first element, and so does what a generator expression does but for its first
iterable: only the arguments are evaluated where the generator is made.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from s2sad.frontend.binding import stored_names
from s2sad.frontend.pieces import changed, map_blocks, name_node
from s2sad.naming import Names

__all__ = ["with_generators_in_place"]

#: What a library's function is called: `numpy.sin`; None for anything else.
Library = Callable[[ast.expr], str | None]
Block = list[ast.stmt]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def with_generators_in_place(body: Block, makes: Callable[[ast.expr], bool], library: Library, names: Names) -> Block:
    """The statements of a function without variables that hold generators, where that is possible; `makes` is true for the
    name of a generator function.
    """
    every = [part for s in body for part in ast.walk(s) if isinstance(part, ast.Name)]
    used: dict[str, list[ast.Name]] = {}
    for part in every:
        used.setdefault(part.id, []).append(part)
    return _Placing(makes, library, names, used).block(body)


@dataclass
class _Placing:
    """`used` are the places of each name in the function."""

    makes: Callable[[ast.expr], bool]
    library: Library
    names: Names
    used: dict[str, list[ast.Name]]

    def block(self, body: Block) -> Block:
        done: Block = []
        rest = body
        while rest:
            s, *rest = rest
            found = self.placed(s, rest)
            if found is None:
                done.append(s if isinstance(s, _FUNCTIONS) else map_blocks(s, self.block))
            else:
                before, rest = found
                done += before
        return done

    def placed(self, s: ast.stmt, rest: Block) -> tuple[Block, Block] | None:
        """What a statement that makes a generator becomes, and what the statements behind it become."""
        match s:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if self.is_generator(value):
                uses = [part for part in self.used[name] if isinstance(part.ctx, ast.Load)]
                if len(uses) == 1 and len(self.used[name]) == 2 and any(use is uses[0] for use in _asked(rest)):
                    before: Block = []
                    made = self.made(value, rest, before, s)
                    return before, _replaced(rest, uses[0], made)
        return None

    def is_generator(self, node: ast.expr) -> bool:
        match node:
            case ast.GeneratorExp(generators=[first, *_]):
                return not first.is_async
            case ast.Call(func=func, args=args, keywords=keywords):
                stars = any(isinstance(arg, ast.Starred) for arg in args) or any(one.arg is None for one in keywords)
                return not stars and self.makes(func)
        return False

    def made(self, node: ast.expr, rest: Block, before: Block, place: ast.stmt) -> ast.expr:
        """What makes the generator later on; what has to be evaluated now goes to `before`."""
        match node:
            case ast.GeneratorExp(generators=[first, *more]):
                own = self.made(first.iter, rest, before, place)
                return changed(node, generators=[changed(first, iter=own), *more])
            case ast.Call(args=args, keywords=keywords) if self.is_generator(node):
                given = [self.named(arg, rest, before, place) for arg in args]
                named = [changed(one, value=self.named(one.value, rest, before, place)) for one in keywords]
                return changed(node, args=given, keywords=named)
        return self.named(node, rest, before, place)

    def named(self, node: ast.expr, rest: Block, before: Block, place: ast.stmt) -> ast.expr:
        """A value that is there later on, too."""
        match node:
            case ast.Name(id=own) if not any(own in stored_names(s) for s in rest):
                return node
            case ast.Constant():
                return node
            case ast.Call(func=func, args=args, keywords=[]) if self.library(func) == "range":
                return changed(node, args=[self.named(arg, rest, before, place) for arg in args])
        name = self.names.unique(node.id if isinstance(node, ast.Name) else "t")
        assigned = ast.Assign([name_node(name, node, ast.Store())], node)
        before.append(ast.fix_missing_locations(ast.copy_location(assigned, place)))
        return name_node(name, node)


def _asked(rest: Block) -> Iterator[ast.expr]:
    """What is asked for its elements in the statements, once each if at all."""
    for s in rest:
        if isinstance(s, _FUNCTIONS):
            continue
        if isinstance(s, ast.For):
            yield s.iter
            yield from _arguments(s.iter)
            yield from _asked(s.orelse)
            continue
        if isinstance(s, ast.While):
            continue
        heads = [part for part in ast.iter_child_nodes(s) if isinstance(part, ast.expr)]
        yield from (found for part in heads for found in _arguments(part))
        for name in ("body", "orelse", "finalbody"):
            yield from _asked(getattr(s, name, None) or [])
        for part in (*getattr(s, "handlers", ()), *getattr(s, "cases", ())):
            yield from _asked(part.body)


def _arguments(node: ast.AST) -> Iterator[ast.expr]:
    """What is an argument of a call in an expression that is evaluated once, or what a comprehension in it runs over."""
    match node:
        case ast.Lambda():
            return
        case (
            ast.ListComp(generators=[first, *_])
            | ast.SetComp(generators=[first, *_])
            | ast.DictComp(generators=[first, *_])
        ):
            yield first.iter
            return
        case ast.GeneratorExp():
            return
        case ast.Call(args=args):
            yield from args
    for child in ast.iter_child_nodes(node):
        yield from _arguments(child)


def _replaced(rest: Block, use: ast.Name, made: ast.expr) -> Block:
    return [ast.fix_missing_locations(_Putting(use, made).visit(s)) for s in rest]


class _Putting(ast.NodeTransformer):
    """Puts an expression in the place of one that is there, on copies of what is around it."""

    def __init__(self, use: ast.Name, made: ast.expr) -> None:
        self.use = use
        self.made = made

    def generic_visit(self, node: ast.AST) -> ast.AST:
        return super().generic_visit(changed(node, **{name: _copied(part) for name, part in ast.iter_fields(node)}))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self.made if node is self.use else node


def _copied(part: object) -> object:
    return list(part) if isinstance(part, list) else part
