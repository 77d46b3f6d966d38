"""Imports inside a function: the names that they bind mean what they mean at the module's top level."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from s2sad.frontend.unit import Binding, Imported, Library, Module, Scope, Unit, Unresolved

__all__ = ["imports_of", "is_known", "with_imports"]


@dataclass(frozen=True)
class _WithImports:
    """A scope with the names that the function imports itself."""

    scope: Scope
    found: Mapping[str, Binding]
    known: frozenset[tuple[str, Imported]]

    def lookup(self, name: str) -> Binding:
        return self.found.get(name) or self.scope.lookup(name)

    def member(self, module: Module, attr: str) -> Binding:
        return self.scope.member(module, attr)

    def default(self, parameter: str) -> Binding:
        return self.scope.default(parameter)

    def imported(self, what: Imported) -> Binding:
        return self.scope.imported(what)


def with_imports(unit: Unit, body: list[ast.stmt]) -> Unit:
    """The unit whose scope knows the imports in the body of its function, or of one inside it, but not those in functions
    inside that.
    """
    known = dict.fromkeys(one for node in _own_imports(body) for one in imports_of(node))
    found: dict[str, Binding] = {}
    for name, what in known:
        binding = unit.scope.imported(what)
        found[name] = binding if _is_same(found.get(name, binding), binding) else _several(name)
    return replace(unit, scope=_WithImports(unit.scope, found, frozenset(known))) if found else unit


def is_known(scope: Scope, name: str, what: Imported) -> bool:
    """True if it is this import, of the function itself, that binds the name in its scope."""
    return isinstance(scope, _WithImports) and (name, what) in scope.known


def _is_same(one: Binding, other: Binding) -> bool:
    return one is other or (isinstance(one, Library | Module) and one == other)


def _several(name: str) -> Unresolved:
    return Unresolved(f"`{name}` is imported from several modules")


def _own_imports(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def imports_of(node: ast.Import | ast.ImportFrom) -> list[tuple[str, Imported]]:
    """The names that an import binds, each with what it is."""
    if isinstance(node, ast.ImportFrom):
        return [
            (alias.asname or alias.name, Imported(node.module or "", node.level, alias.name)) for alias in node.names
        ]
    return [
        (alias.asname or alias.name.partition(".")[0], Imported(alias.name, is_whole=alias.asname is None))
        for alias in node.names
    ]
