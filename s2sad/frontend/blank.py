"""Variables called `_` that are read get a name: loops of derivatives count with `_` what nobody reads.

_ = np.sin(x)              value = np.sin(x)
y = _ * _           →      y = value * value
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable

from s2sad.frontend.binding import bound_in_scope
from s2sad.naming import Names

__all__ = ["is_read_around_loops", "without_blank"]

_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def without_blank(body: list[ast.stmt], names: Names) -> list[ast.stmt]:
    """The statements of a function in which no variable is read that is called `_`."""
    if not _is_read(body):
        return body
    is_own = "_" in bound_in_scope(ast.Module(body, []))
    naming = _Naming(names.unique("value")) if is_own else _NamingInside(names)
    module = ast.Module(copy.deepcopy(body), [])
    naming.visit(module)
    return module.body


def is_read_around_loops(body: list[ast.stmt]) -> bool:
    """True if `_` is read by statements with loops among them."""
    parts = (part for s in body for part in ast.walk(s))
    return _is_read(body) and any(isinstance(part, ast.For | ast.While | _COMPREHENSIONS) for part in parts)


def _is_read(nodes: Iterable[ast.AST]) -> bool:
    for part in (part for node in nodes for part in ast.walk(node)):
        match part:
            case ast.Name(id="_", ctx=ast.Load()) | ast.AugAssign(target=ast.Name(id="_")):
                return True
    return False


class _Naming(ast.NodeTransformer):
    """Gives all that is called `_` one name, also what is called so in functions inside."""

    def __init__(self, name: str) -> None:
        self.name = name

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.name if node.id == "_" else node.id
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self.name if node.arg == "_" else node.arg
        return node


class _NamingInside(ast.NodeTransformer):
    """Gives the variables `_` of comprehensions and lambdas a name: outside of them `_` is no variable."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Lambda | _COMPREHENSIONS) and _binds(node) and _is_read([node]):
            return _Naming(self.names.unique("value")).visit(node)  # type: ignore[no-any-return]
        return self.generic_visit(node)


def _binds(node: ast.AST) -> bool:
    """True for a lambda or a comprehension with a variable `_`."""
    own = node.args if isinstance(node, ast.Lambda) else ast.Tuple([part.target for part in node.generators])  # type: ignore[attr-defined]
    return any("_" in (getattr(part, "id", None), getattr(part, "arg", None)) for part in ast.walk(own))
