"""Helpers that a generated file carries along, recognised where such a file is itself differentiated."""

from __future__ import annotations

import ast
from functools import lru_cache

from s2sad.frontend.unit import Library, Module, Scope
from s2sad.rules import helpers

__all__ = ["is_carried", "is_carried_error", "rule_name"]

#: What a user calls of s2sad inside a function, with the helper that a file carries in its place.
_MARKS = {"s2sad.stop_gradient": "_stop_gradient"}


def rule_name(dotted: str) -> str:
    """The name under which the rules know a library's function: a file never reads s2sad."""
    return _MARKS.get(dotted, dotted)


def is_carried(node: ast.FunctionDef | ast.ClassDef, scope: Scope) -> bool:
    """True if a definition is the text of the helper of that name, and what it reads by name is what it reads there.

    It then stands for the helper, which has rules: differentiated as a user's function it would be refused, or give
    longer code.
    """
    if not helpers.known(node.name) or ast.dump(node) != _tree(node.name):
        return False
    helper = helpers.source(node.name)
    if helper.reads_numpy and scope.lookup("np") != Module("numpy"):
        return False
    return all(scope.lookup(name) == Library(name) for name in helper.needs)


def is_carried_error(made: type[BaseException]) -> bool:
    """True for the exception that a file carries for what it refuses."""
    helper = helpers.functions().get(made.__name__)
    return isinstance(helper, type) and (helper.__bases__, helper.__doc__) == (made.__bases__, made.__doc__)


@lru_cache(maxsize=256)
def _tree(name: str) -> str:
    return ast.dump(ast.parse(helpers.source(name).source).body[0])
