"""Generator functions as functions that return the list of what they yield, for callers that take every element.

    def powers(x, n):           def powers(x, n):
        for k in range(n):          items = []
            yield x**k              for k in range(n):
                                        items.append(x**k)
                                    return items

Between two elements nothing else may happen then that either side could notice: `transform/consumed.py` sees to that.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from s2sad.syntax import Unsupported

__all__ = ["TAKING_ALL", "collecting", "consumers", "is_generator", "yields_in"]

#: What takes all elements of its argument before anything else happens.
TAKING_ALL = frozenset("sum list tuple set frozenset sorted min max math.fsum math.prod".split())
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def yields_in(node: ast.AST) -> Iterator[ast.Yield | ast.YieldFrom]:
    """The places where a function yields, but not those of functions in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Yield | ast.YieldFrom):
            yield child
        if not isinstance(child, _FUNCTIONS):
            yield from yields_in(child)


def is_generator(node: ast.AST) -> bool:
    """True for the definition of a generator function."""
    return isinstance(node, ast.FunctionDef) and next(yields_in(node), None) is not None


def collecting(body: list[ast.stmt], items: str) -> list[ast.stmt]:
    """The body of a generator function with what it yields put into the list `items`. Unsupported where it cannot be."""
    first = ast.copy_location(ast.Assign([ast.Name(items, ast.Store())], ast.List([], ast.Load())), body[0])
    last = ast.copy_location(_returned(items), body[-1])
    return [_located(first), *_block(body, items), _located(last)]


def _block(body: list[ast.stmt], items: str) -> list[ast.stmt]:
    return [_located(_statement(s, items)) for s in body]


def _statement(s: ast.stmt, items: str) -> ast.stmt:
    match s:
        case ast.Expr(value=ast.Yield(value=value)):
            return ast.copy_location(_appended(items, value or ast.Constant(None)), s)
        case ast.Expr(value=ast.YieldFrom(value=value)):
            part = f"{items}_part"
            body: list[ast.stmt] = [ast.copy_location(_appended(items, ast.Name(part, ast.Load())), s)]
            return ast.copy_location(ast.For(ast.Name(part, ast.Store()), value, body, []), s)
        case ast.Return(value=None | ast.Constant()):
            return ast.copy_location(_returned(items), s)
        case ast.Return():
            raise Unsupported(s, "Yield")
        case ast.For() | ast.While() | ast.If():
            head = s.test if isinstance(s, ast.While | ast.If) else s.iter
            _check_none(head)
            blocks = {"body": _block(s.body, items), "orelse": _block(s.orelse, items)}
            return ast.copy_location(type(s)(**{**vars(s), **blocks}), s)
    if not isinstance(s, _FUNCTIONS):
        _check_none(s)
    return s


def _check_none(node: ast.AST) -> None:
    if isinstance(node, ast.Yield | ast.YieldFrom):
        raise Unsupported(node, "Yield")
    for found in yields_in(node):
        raise Unsupported(found, "Yield")


def _appended(items: str, value: ast.expr) -> ast.stmt:
    func = ast.Attribute(ast.Name(items, ast.Load()), "append", ast.Load())
    return ast.Expr(ast.Call(func, [value], []))


def _returned(items: str) -> ast.stmt:
    return ast.Return(ast.Name(items, ast.Load()))


def _located(s: ast.stmt) -> ast.stmt:
    return ast.fix_missing_locations(s)


# ------------------------------------------------------------------- consumers


def consumers(node: ast.AST, library: Callable[[ast.expr], str | None]) -> Iterator[ast.expr]:
    """The functions called in a statement whose elements are all taken there, one after the other."""
    if isinstance(node, ast.For):
        yield from _called(node.iter, library)
    for part in _expressions(node):
        match part:
            case ast.Call(func=func, args=[ast.Call() as inner, *_]) if library(func) in TAKING_ALL:
                yield inner.func


def _expressions(node: ast.AST) -> Iterator[ast.AST]:
    """Everything in a statement but the statements in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt):
            yield child
            yield from _expressions(child)


def _called(iterable: ast.expr, library: Callable[[ast.expr], str | None]) -> Iterator[ast.expr]:
    match iterable:
        case ast.Call(func=func, args=[ast.Call() as inner, *_]) if library(func) == "enumerate":
            yield inner.func
        case ast.Call(func=func):
            yield func
