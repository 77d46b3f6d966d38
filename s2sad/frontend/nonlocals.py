"""Functions inside a function that assign its variables take these as arguments and return them.

    def add(v):                      def add(v, total):
        nonlocal total                   total += v * x
        total += v * x       →           return total
    add(x)                           total = add(x, total)

A call that stands in an expression is an assignment that hides there, as `:=` is: `unfold` writes it out in its place.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from s2sad.frontend.binding import bound_in_scope, free_names, stored_names
from s2sad.frontend.pieces import name_node
from s2sad.naming import Names
from s2sad.syntax import Unsupported

__all__ = ["Spread", "without_nonlocals"]

_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Spread(ast.NamedExpr):
    """The assignment of what a call returns to several variables, of which `result` is its value; None if it has none."""

    result: str | None = None


@dataclass(frozen=True)
class _Inner:
    """A function inside: what it declares and assigns of outer functions, the names that it calls, its own variables, and what
    it `reads` of others.
    """

    node: ast.FunctionDef
    declared: frozenset[str]
    calls: frozenset[str]
    local: frozenset[str]
    reads: frozenset[str]

    @property
    def inside(self) -> set[str]:
        """The functions that are defined in it."""
        return {part.name for part in ast.walk(self.node) if isinstance(part, ast.FunctionDef)}

    @property
    def gives(self) -> bool:
        """True if it returns a value."""
        return any(s.value is not None and not _is_none(s.value) for s in _own(self.node) if isinstance(s, ast.Return))


def without_nonlocals(body: list[ast.stmt], local: frozenset[str], names: Names) -> list[ast.stmt]:
    """The statements of a function with the variables `local`, in which no function assigns a variable of an outer one."""
    inner = [_inner(part) for s in body for part in ast.walk(s) if isinstance(part, ast.FunctionDef)]
    written = _written(inner)
    if not any(written.values()):
        return body
    outside = {name for own in written.values() for name in own} - local - {n for one in inner for n in one.local}
    bound = Counter(one.node.name for one in inner)
    for one in inner:
        if written[one.node.name] and (outside & one.declared or bound[one.node.name] > 1):
            raise Unsupported(_statement(one.node), "Nonlocal")
    gives = {one.node.name: one.gives for one in inner}
    counts = {one.node.name: _count(one.node.args) for one in inner}
    for one in inner:
        hidden = (written[name] for name in one.calls & written.keys() - one.inside)
        if any(one.local.intersection(own) for own in hidden):
            # The call would assign a variable of this function that is called the same.
            raise Unsupported(one.node, "Nonlocal")
    readers = _readers(body, inner)
    return [_Writing(written, gives, counts, readers, names).visit(copy.deepcopy(s)) for s in body]


def _readers(body: list[ast.stmt], inner: list[_Inner]) -> dict[str, frozenset[str]]:
    """What functions read of outer ones, by the names that they go by."""
    found = {one.node.name: one.reads for one in inner}
    for part in (part for s in body for part in ast.walk(s)):
        match part:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as value):
                found[name] = found.get(name, frozenset()) | frozenset(free_names(value))
    return found


def _inner(node: ast.FunctionDef) -> _Inner:
    own = list(_own(node))
    named = {name for part in own if isinstance(part, ast.Nonlocal) for name in part.names}
    stored = {name for s in node.body for name in bound_in_scope(ast.Module([s], []))}
    params = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
    calls = {part.func.id for part in own if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}
    local = frozenset((stored | params) - named)
    reads = {name for s in node.body for name in free_names(s)} - local
    return _Inner(node, frozenset(named & stored), frozenset(calls), local, frozenset(reads))


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """Everything in a function but what is in functions inside it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, _FUNCTIONS):
            yield from _own(child)


def _written(inner: list[_Inner]) -> dict[str, tuple[str, ...]]:
    """The variables of outer functions that each function assigns, itself or by those that it calls. What it reads is among
    them if it is called by one that assigns it: that has the new value.
    """
    found = {one.node.name: one.declared for one in inner}
    known = {one.node.name: one for one in inner}
    while True:
        before = dict(found)
        for one in inner:
            for other in one.calls & found.keys():
                found[one.node.name] |= found[other] - one.local
                found[other] |= found[one.node.name] & known[other].reads
        if found == before:
            return {name: tuple(sorted(own)) for name, own in found.items()}


class _Writing(ast.NodeTransformer):
    """Rewrites functions that assign outer variables (`written`), and their calls; `gives` tells which return a value, `counts`
    how many arguments they have, `readers` what functions read. `bound` are the variables of comprehensions around.
    """

    def __init__(
        self,
        written: dict[str, tuple[str, ...]],
        gives: dict[str, bool],
        counts: dict[str, int],
        readers: dict[str, frozenset[str]],
        names: Names,
    ) -> None:
        self.written = written
        self.gives = gives
        self.counts = counts
        self.readers = readers
        self.names = names
        self.guarded = False
        self.bound: frozenset[str] = frozenset()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        guarded, self.guarded = self.guarded, False
        self.generic_visit(node)
        self.guarded = guarded
        own = self.written[node.name]
        if not own:
            return node
        called = {part.func.id for part in _own(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}
        if any(self.stale(name, own) for name in called):
            raise Unsupported(_statement(node), "Nonlocal")
        if any(isinstance(part, ast.Yield | ast.YieldFrom | ast.Try) for part in _own(node)) or node.decorator_list:
            raise Unsupported(_statement(node), "Nonlocal")
        args, params = node.args, [ast.copy_location(ast.arg(name), node) for name in own]
        if self.counts[node.name] < 0:
            args.kwonlyargs += params
            args.kw_defaults += [None] * len(own)
        else:
            args.args += params
        node.body = [s for s in node.body if not isinstance(s, ast.Nonlocal)]
        _return(node, own, self.gives[node.name])
        return ast.fix_missing_locations(node)

    def visit_Try(self, node: ast.Try) -> ast.AST:
        guarded, self.guarded = self.guarded, True
        self.generic_visit(node)
        self.guarded = guarded
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if self.written.get(node.id):
            raise Unsupported(node, "Nonlocal")
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        found = self.visit(node.value)
        if isinstance(found, Spread):
            return ast.copy_location(ast.Assign([found.target], found.value), node)
        node.value = found
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name) as target], value=Spread(target=ast.Tuple(elts=[_, *own])) as found
            ):
                if not any(isinstance(one, ast.Name) and one.id == name for one in own):
                    found.target.elts[0] = target  # type: ignore[attr-defined]
                    return ast.copy_location(ast.Assign([found.target], found.value), node)
        return node

    def visit(self, node: ast.AST) -> Any:
        match node:
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                new = {name for one in node.generators for name in stored_names(one.target)}
            case ast.Lambda():
                new = {name for own in self.written.values() for name in own}
            case _:
                return super().visit(node)
        bound, self.bound = self.bound, self.bound | new
        done = super().visit(node)
        self.bound = bound
        return done

    def stale(self, name: str, own: tuple[str, ...]) -> bool:
        """True for a function that would read the old values of these variables."""
        return not self.written.get(name) and not self.readers.get(name, frozenset()).isdisjoint(own)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not (isinstance(node.func, ast.Name) and self.written.get(node.func.id)):
            return self.generic_visit(node)
        words = [part for arg in (*node.args, *node.keywords) for part in ast.walk(arg)]
        passed = {part.id for part in words if isinstance(part, ast.Name)} & self.readers.keys()
        lambdas = [part for part in words if isinstance(part, ast.Lambda)]
        if (
            # What has been assigned when it raises would be lost.
            self.guarded
            # The assignment would be to a variable of a comprehension, or of a lambda.
            or self.bound.intersection(self.written[node.func.id])
            or any(self.stale(name, self.written[node.func.id]) for name in passed)
            or any(set(free_names(part)).intersection(self.written[node.func.id]) for part in lambdas)
        ):
            raise Unsupported(node, "Nonlocal")
        node.args = [self.visit(arg) for arg in node.args]
        node.keywords = [self.visit(keyword) for keyword in node.keywords]
        own = self.written[node.func.id]
        if len(node.args) == self.counts[node.func.id] and not any(isinstance(arg, ast.Starred) for arg in node.args):
            node.args += [name_node(name, node) for name in own]
        else:
            node.keywords += [ast.keyword(name, name_node(name, node)) for name in own]
        targets: list[ast.expr] = [name_node(name, node, ast.Store()) for name in own]
        result = self.names.unique("t") if self.gives[node.func.id] else None
        if result is not None:
            targets.insert(0, name_node(result, node, ast.Store()))
        target = targets[0] if len(targets) == 1 else ast.Tuple(targets, ast.Store())
        found = Spread(target, node)  # type: ignore[arg-type]
        found.result = result
        return ast.fix_missing_locations(ast.copy_location(found, node))


def _count(args: ast.arguments) -> int:
    """The number of parameters where all are given by position or name; -1 for other functions."""
    return -1 if args.defaults or args.vararg or args.kwonlyargs or args.kwarg else len([*args.posonlyargs, *args.args])


def _statement(node: ast.FunctionDef) -> ast.AST:
    return next((part for part in _own(node) if isinstance(part, ast.Nonlocal)), node)


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _return(node: ast.FunctionDef, own: tuple[str, ...], gives: bool) -> None:
    """Let the function return these variables as well."""
    if not isinstance(node.body[-1], ast.Return | ast.Raise):
        node.body.append(ast.Return(None))
    for s in _own(node):
        if isinstance(s, ast.Return):
            first = [s.value or ast.Constant(None)] if gives else []
            values = [*first, *(ast.Name(name, ast.Load()) for name in own)]
            s.value = values[0] if len(values) == 1 else ast.Tuple(values, ast.Load())
