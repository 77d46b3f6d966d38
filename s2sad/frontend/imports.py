"""Imports inside a function: the names that they bind mean what they mean at the module's top level."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from s2sad.frontend.library import is_library, library_import, library_member
from s2sad.frontend.unit import Binding, Module, Scope, Unit, Unresolved

__all__ = ["bound_by", "with_imports"]


@dataclass(frozen=True)
class _WithImports:
    """A scope with the names that the function imports itself."""

    scope: Scope
    imported: dict[str, Binding]

    def lookup(self, name: str) -> Binding:
        return self.imported.get(name) or self.scope.lookup(name)

    def member(self, module: Module, attr: str) -> Binding:
        return self.scope.member(module, attr)

    def default(self, parameter: str) -> Binding:
        return self.scope.default(parameter)


def with_imports(unit: Unit) -> Unit:
    """The unit whose scope knows the imports in its function, but not those in functions inside."""
    imported: dict[str, Binding] = {}
    for node in _own_imports(unit.node.body):
        for name, binding in bound_by(node).items():
            is_same = imported.get(name, binding) == binding
            imported[name] = binding if is_same else Unresolved(f"`{name}` is imported from several modules")
    return replace(unit, scope=_WithImports(unit.scope, imported)) if imported else unit


def _own_imports(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def bound_by(node: ast.Import | ast.ImportFrom) -> dict[str, Binding]:
    """The names that an import binds. Modules of the user's are not followed: a change of them would not be noticed."""
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if node.level or not is_library(module):
            return {alias.asname or alias.name: _not_followed("." * node.level + module) for alias in node.names}
        return {alias.asname or alias.name: library_member(module, alias.name) for alias in node.names}
    found: dict[str, Binding] = {}
    for alias in node.names:
        dotted = alias.name if alias.asname else alias.name.partition(".")[0]
        found[alias.asname or dotted] = library_import(dotted) if is_library(dotted) else _not_followed(dotted)
    return found


def _not_followed(dotted: str) -> Unresolved:
    return Unresolved(f"it is imported from `{dotted}` inside of the function, and not at the top of the module")
