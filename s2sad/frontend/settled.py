"""Which names of a function share what they hold, so that a change under one of them is seen under another."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

__all__ = ["Library", "Shared", "gives_new"]

#: What a library's function is called: `numpy.sin`; None for anything else.
Library = Callable[[ast.expr], str | None]

#: Functions whose result shares nothing with what they are given that could change the elements of that.
_NEW = frozenset("len sum min max abs float int print range next iter enumerate zip reversed".split()) | {
    f"numpy.{name}"
    for name in "zeros ones empty full arange linspace array zeros_like ones_like empty_like full_like".split()
}
#: Those to which one argument more, or two, may be given to write into.
_OF_ONE = {
    f"numpy.{name}"
    for name in "sum mean prod max min exp log sin cos tan tanh sqrt abs square sign linalg.norm".split()
}
_OF_TWO = {"numpy.dot", "numpy.outer"}


def gives_new(node: ast.Call, library: Library) -> bool:
    """True for a call of a library's function that changes nothing and whose result shares nothing with what it is given."""
    name = library(node.func)
    if name is None or node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
        return False
    if name in _OF_ONE or name in _OF_TWO:
        return len(node.args) == (1 if name in _OF_ONE else 2)
    return name in _NEW or name.startswith("math.")


class Shared:
    """For each name those whose objects, changed, may change the elements that it has."""

    def __init__(self, body: list[ast.stmt], library: Library) -> None:
        self._library = library
        self._leads: dict[str, set[str]] = {}
        for node in (part for s in body for part in ast.walk(s)):
            self._follow(node)

    def reach(self, name: str) -> set[str]:
        """The names that may hold what `name` holds, or a part of it or a whole, itself among them."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self._leads.get(one, ())
        return found

    def _follow(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._bound(_names(target), value)
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                self._bound(_names(target), value)
            case ast.For(target=target, iter=iterable) | ast.comprehension(target=target, iter=iterable):
                # A change of an element is seen in what has it.
                parts = [part for part in ast.walk(iterable) if isinstance(part, ast.Name)]
                self._lead(_names(target), [part.id for part in parts if self._library(part) is None])
            case ast.withitem(context_expr=context, optional_vars=ast.expr() as target):
                self._bound(_names(target), context)
            case ast.Match(subject=subject, cases=cases):
                patterns = (part for case in cases for part in ast.walk(case.pattern))
                named = [getattr(part, "name", None) or getattr(part, "rest", None) for part in patterns]
                self._lead([name for name in named if name], _names(subject))
            case ast.FunctionDef(name=name, args=args):
                read = list(_names(node))
                self._lead([name], read)
                self._lead(read, [name])
                self._lead([arg.arg for arg in ast.walk(args) if isinstance(arg, ast.arg)], _names(args))
            case ast.Call() if not self.is_new(node):
                given = list(self._handed(node, whole=True))
                self._lead(given, given)

    def _bound(self, targets: Iterable[str], value: ast.expr) -> None:
        targets = list(targets)
        self._lead(targets, self._handed(value, whole=False))
        self._lead(list(self._handed(value, whole=True)), targets)

    def _lead(self, names: Iterable[str], others: Iterable[str]) -> None:
        others = set(others)
        for name in names:
            self._leads.setdefault(name, set()).update(others)

    def is_new(self, node: ast.Call) -> bool:
        """True for a call of a function whose result shares nothing with what it is given."""
        return gives_new(node, self._library)

    def _handed(self, node: ast.AST, whole: bool) -> Iterator[str]:
        """The names whose objects are in the value of an expression; with `whole` not those of which it is one element."""
        match node:
            case ast.Name(id=name):
                if self._library(node) is None:
                    yield name
            case ast.Constant() | ast.BinOp() | ast.UnaryOp() | ast.Compare() | ast.JoinedStr():
                return
            case ast.Call() if self.is_new(node):
                return
            case ast.Subscript(value=value, slice=index) if whole:
                parts = index.elts if isinstance(index, ast.Tuple) else [index]
                if any(isinstance(part, ast.Slice) or getattr(part, "value", 0) in (..., None) for part in parts):
                    yield from self._handed(value, whole)
            case ast.Subscript(value=value):
                yield from self._handed(value, whole)
            case _:
                yield from (name for part in ast.iter_child_nodes(node) for name in self._handed(part, whole))


def _names(node: ast.AST) -> Iterator[str]:
    yield from (part.id for part in ast.walk(node) if isinstance(part, ast.Name))
