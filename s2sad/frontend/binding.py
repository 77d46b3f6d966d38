"""Which names an expression of Python's binds and reads, and how they are renamed: scopes as the language has them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

__all__ = [
    "bound_in_scope",
    "bound_within",
    "free_names",
    "parts_of",
    "renamed",
    "replaced",
    "stored_names",
    "with_parts",
]

Node = TypeVar("Node", bound=ast.AST)

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def stored_names(node: ast.AST) -> set[str]:
    """The names that a target, a statement or an expression binds in its scope."""
    if isinstance(node, ast.Lambda):
        return set()
    if isinstance(node, _SCOPES):
        return set(_assigned_inside(node))
    own = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()
    return own.union(*map(stored_names, ast.iter_child_nodes(node)))


def _assigned_inside(node: ast.AST) -> Iterator[str]:
    """The names that expressions in a piece of code assign, in the scope around it."""
    targets = (part.target for part in ast.walk(node) if isinstance(part, ast.NamedExpr))
    yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))


def bound_in_scope(node: ast.AST) -> Iterator[str]:
    """The names that a function binds in its own scope."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
                continue
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                yield from _assigned_inside(child)
                continue
            case ast.ExceptHandler(name=str() as name):
                yield name
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                yield name
        yield from bound_in_scope(child)


def bound_within(node: ast.AST) -> set[str]:
    """The names that a piece of code binds in any scope."""
    parts = list(ast.walk(node))
    stored = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return stored | {part.arg for part in parts if isinstance(part, ast.arg)}


def free_names(node: ast.AST) -> Iterator[str]:
    """The names that occur in a piece of code but belong to no scope inside it: read or bound where it stands."""
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Lambda(args=args, body=body):
            yield from (name for default in _defaults(args) for name in free_names(default))
            own = _parameters(args)
            yield from (name for name in free_names(body) if name not in own)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            own = {name for generator in node.generators for name in stored_names(generator.target)}
            yield from free_names(node.generators[0].iter)
            for child in ast.iter_child_nodes(node):
                yield from (name for name in free_names(child) if name not in own)
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
            for child in ast.iter_child_nodes(node):
                yield from free_names(child)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from free_names(child)


def _parameters(args: ast.arguments) -> set[str]:
    return {arg.arg for arg in ast.walk(args) if isinstance(arg, ast.arg)}


def _defaults(args: ast.arguments) -> list[ast.expr]:
    return [*args.defaults, *(default for default in args.kw_defaults if default is not None)]


# ---------------------------------------------------------------------- renaming


def renamed(node: Node, new: Mapping[str, str]) -> Node:
    """`node` with its free names called otherwise, as a new tree."""
    return _Renaming(new).visit(copy.deepcopy(node)) if new else node


def replaced(node: Node, name: str, value: ast.expr) -> Node:
    """`node` with an expression in the place of a free name, as a new tree."""
    mark = f"{name}*"
    return _Replacing(mark, value).visit(renamed(node, {name: mark}))  # type: ignore[no-any-return]


class _Replacing(ast.NodeTransformer):
    def __init__(self, name: str, value: ast.expr) -> None:
        self.name, self.value = name, value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.value) if node.id == self.name else node


class _Renaming(ast.NodeTransformer):
    def __init__(self, new: Mapping[str, str]) -> None:
        self.new = new

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.new.get(node.id, node.id)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        inner = self.without(_parameters(node.args))
        node.args.defaults = [self.visit(default) for default in node.args.defaults]
        node.body = inner.visit(node.body)
        return node

    def comprehension(self, node: Comprehension) -> ast.expr:
        own = {name for generator in node.generators for name in stored_names(generator.target)}
        first, inner = node.generators[0], self.without(own)
        # The first iterable is evaluated outside.
        outside = self.visit(first.iter)
        first.iter = ast.Constant(None)
        inner.generic_visit(node)
        first.iter = outside
        return node

    def visit(self, node: ast.AST) -> Any:
        return self.comprehension(node) if isinstance(node, Comprehension) else super().visit(node)

    def without(self, own: set[str]) -> _Renaming:
        return _Renaming({name: new for name, new in self.new.items() if name not in own})


# -------------------------------------------------------------------------- parts


def parts_of(node: ast.expr) -> list[ast.expr]:
    """The expressions in an expression, in the order in which they are evaluated."""
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [part for pair in pairs for part in pair if part is not None]
    return [part for name in node._fields for part in _expressions(getattr(node, name))]


def _expressions(value: object) -> list[ast.expr]:
    match value:
        case ast.expr():
            return [value]
        case ast.keyword(value=inner):
            return [inner]
        case list():
            return [part for item in value for part in _expressions(item)]
    return []


def with_parts(node: ast.expr, parts: list[ast.expr]) -> ast.expr:
    """The expression with others for its parts, in the order of `parts_of`."""
    rest = iter(parts)
    new = copy.copy(node)
    if isinstance(new, ast.Dict):
        pairs = [(None if key is None else next(rest), next(rest)) for key in new.keys]
        new.keys, new.values = [key for key, _ in pairs], [value for _, value in pairs]
        return new
    for name in node._fields:
        setattr(new, name, _replaced(getattr(node, name), rest))
    return new


def _replaced(value: object, rest: Iterator[ast.expr]) -> object:
    match value:
        case ast.expr():
            return next(rest)
        case ast.keyword():
            return ast.copy_location(ast.keyword(value.arg, next(rest)), value)
        case list():
            return [_replaced(item, rest) for item in value]
    return value
