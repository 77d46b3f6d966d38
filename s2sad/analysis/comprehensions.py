"""What is known of a list comprehension that is carried along as text: of `[f(v) for v in xs]`, with one `for` and no `if`."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache

from s2sad.ir import Expr, Global, Name, Opaque, Routine
from s2sad.naming import Names
from s2sad.syntax import Unsupported, from_ast, to_ast
from s2sad.traversal import substitute, walk

__all__ = ["Comprehension", "carried", "comprehension"]


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


def carried(element: Expr, target: str, iterable: Expr) -> Opaque:
    """The comprehension `[element for target in iterable]`."""
    parts = [part for node in (element, iterable) for part in walk(node)]
    variables = dict.fromkeys(part.id for part in parts if isinstance(part, Name) and part.id != target)
    names = Names([*variables, target])
    called = {part: names.unique("f") for part in dict.fromkeys(parts) if isinstance(part, Global | Routine)}
    named: dict[Expr, Expr] = {part: Name(name) for part, name in called.items()}
    texts = [ast.unparse(to_ast(substitute(node, named), lambda ref: "")) for node in (element, iterable)]
    reads = (*((name, part) for part, name in called.items()), *((name, Name(name)) for name in variables))
    return Opaque(f"[{texts[0]} for {target} in {texts[1]}]", reads)


def _meaning(node: ast.expr, meanings: dict[str, Expr]) -> Expr | None:
    match node:
        case ast.Name(id=name):
            return meanings.get(name, Name(name))
        case ast.Attribute(value=value, attr=attr) if isinstance(found := _meaning(value, meanings), Global):
            return Global(f"{found.dotted}.{attr}")
    return None
