"""What is known of a list comprehension that is carried along as text: of `[f(v) for v in xs]`, with one `for` and no `if`."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache

from s2sad.ir import Expr, Global, Name, Opaque
from s2sad.syntax import Unsupported, from_ast

__all__ = ["Comprehension", "comprehension"]


@dataclass(frozen=True)
class Comprehension:
    """`[element for target in iterable]`."""

    element: Expr
    target: str
    iterable: Expr


@lru_cache(maxsize=1024)
def comprehension(node: Opaque) -> Comprehension | None:
    """The parts of a comprehension; None for other text."""
    tree = ast.parse(node.text, mode="eval").body
    match tree:
        case ast.ListComp(elt=elt, generators=[ast.comprehension(target=ast.Name(id=target), iter=iterable, ifs=[])]):
            meanings = dict(node.reads)

            def resolve(name: ast.expr) -> Expr | None:
                return _meaning(name, meanings)

            try:
                return Comprehension(from_ast(elt, resolve), target, from_ast(iterable, resolve))
            except Unsupported:
                return None
    return None


def _meaning(node: ast.expr, meanings: dict[str, Expr]) -> Expr | None:
    match node:
        case ast.Name(id=name):
            return meanings.get(name, Name(name))
        case ast.Attribute(value=value, attr=attr) if isinstance(found := _meaning(value, meanings), Global):
            return Global(f"{found.dotted}.{attr}")
    return None
