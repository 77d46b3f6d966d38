"""`itertools.accumulate` as a list that a loop fills.

    for v in accumulate(xs, f):       items = list(xs)
        …                             sums = list(items[:1])
                                  →   for item in items[1:]:
                                          sums.append(f(sums[-1], item))
                                      for v in sums:
                                          …

Where the elements may change while the loop runs, each round adds one:

                                      total = 0
                                      for place, item in enumerate(xs):
                                          if place == 0:
                                  →           total = item
                                          else:
                                              total = f(total, item)
                                          v = total
                                          …
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from s2sad.frontend.binding import renamed, replaced
from s2sad.frontend.pieces import builtin_call, changed, lambda_parameters, name_node
from s2sad.frontend.settled import Library
from s2sad.naming import Names

if TYPE_CHECKING:
    from s2sad.frontend.unfold import Unfolding

__all__ = ["accumulated", "added_in_turn", "adds_in_turn", "with_sums"]


def adds_in_turn(iterable: ast.expr, library: Library) -> bool:
    """True for `accumulate` of which each round of a loop can add one element."""
    match iterable:
        case ast.Call(func=func, args=[_, *function], keywords=[]) if len(function) < 2:
            return library(func) == "itertools.accumulate" and all(map(_is_step, function))
    return False


def _is_step(function: ast.expr) -> bool:
    """True for what gives the next sum, as far as can be written down."""
    match function:
        case ast.Constant(value=None) | ast.Name() | ast.Attribute():
            return True
    return isinstance(function, ast.Lambda) and lambda_parameters(function, 2) is not None


def added_in_turn(loop: ast.For, names: Names) -> list[ast.stmt]:
    """A loop over `accumulate` as one of which each round adds one element."""
    source = loop.iter
    assert isinstance(source, ast.Call)
    elements, *function = source.args
    place, item, total = names.unique("place"), names.unique("item"), names.unique("total")
    step = _stepped(function, name_node(total, source), item, source)
    assert step is not None
    sums = name_node(total, source, ast.Store())
    test = ast.Compare(name_node(place, source), [ast.Eq()], [ast.Constant(0)])
    lines: list[ast.stmt] = [
        ast.Assign([sums], ast.Constant(0)),
        ast.If(test, [ast.Assign([sums], name_node(item, source))], [ast.Assign([sums], step)]),
        ast.Assign([loop.target], name_node(total, source)),
    ]
    start, first, bound = (ast.fix_missing_locations(ast.copy_location(s, source)) for s in lines)
    pair = ast.Tuple([name_node(name, source, ast.Store()) for name in (place, item)], ast.Store())
    numbered = builtin_call("enumerate", [elements], source)
    return [
        start,
        changed(loop, target=ast.copy_location(pair, source), iter=numbered, body=[first, bound, *loop.body]),
    ]


def accumulated(node: ast.expr, before: list[ast.stmt], u: Unfolding, is_all: bool = False) -> ast.expr | None:
    """`itertools.accumulate` as a list that is filled before; None for anything else. Where not `is_all` of it is certainly
    taken at once, what it calls may have no effects.
    """
    match node:
        case ast.Call(func=func, args=[iterable, *function], keywords=[]) if len(function) < 2:
            start: list[ast.expr] = []
        case ast.Call(func=func, args=[iterable, *function], keywords=[ast.keyword(arg="initial", value=first)]) if (
            len(function) < 2
        ):
            start = [first]
        case _:
            return None
    if u.library(func) != "itertools.accumulate":
        return None
    if not is_all and (_may_be_endless(iterable, u) or any(_may_call(part, u) for part in function)):
        return None
    sums, item = u.fresh("sums"), u.fresh("item")
    last = ast.Subscript(name_node(sums, node), ast.UnaryOp(ast.USub(), ast.Constant(1)), ast.Load())
    step = _stepped(function, last, item, node)
    if step is None:
        return None
    if start:
        items = u.value(iterable, before)
        before += u.assigned(sums, ast.copy_location(ast.List([u.value(start[0], before)], ast.Load()), node))
    else:
        items = name_node(u.fresh("items"), node)
        before += u.assigned(items.id, builtin_call("list", [u.value(iterable, before)], node))
        before += u.assigned(sums, builtin_call("list", [_part(items, None, 1, node)], node))
        items = _part(items, 1, None, node)
    target = ast.copy_location(ast.Name(item, ast.Store()), node)
    added = ast.Expr(u.method(sums, "append", [step], node))
    before.append(u.located(ast.For(target, items, [*u.statement(u.located(added))], [])))
    return name_node(sums, node)


def _stepped(function: list[ast.expr], last: ast.expr, item: str, node: ast.AST) -> ast.expr | None:
    """What a function of the last sum and the next element gives."""
    match function:
        case [] | [ast.Constant(value=None)]:
            step: ast.expr = ast.BinOp(last, ast.Add(), name_node(item, node))
        case [ast.Lambda() as own]:
            args = lambda_parameters(own, 2)
            if args is None:
                return None
            step = replaced(renamed(own.body, {args[1]: item}), args[0], last)
        case [ast.Name() | ast.Attribute() as own]:
            step = ast.Call(own, [last, name_node(item, node)], [])
        case _:
            return None
    return ast.fix_missing_locations(ast.copy_location(step, node))


def _may_call(function: ast.expr, u: Unfolding) -> bool:
    """True if a function may do more than give its value."""
    if isinstance(function, ast.Lambda):
        return u.has_effect(function.body)
    return u.library(function) is None and not isinstance(function, ast.Constant)


def _may_be_endless(node: ast.expr, u: Unfolding) -> bool:
    """True for an iterator that may have no end, or a call that may make one."""
    if not isinstance(node, ast.Call) or (isinstance(node.func, ast.Attribute) and u.library(node.func) is None):
        return False
    endless = (None, "itertools.count", "itertools.cycle", "itertools.repeat", "iter")
    return u.library(node.func) in endless or any(_may_be_endless(arg, u) for arg in node.args)


def with_sums(iterable: ast.expr, before: list[ast.stmt], u: Unfolding) -> ast.expr:
    """What a loop runs over, with lists for `accumulate`."""
    match iterable:
        case ast.Call(func=func, args=args) if u.library(func) in ("zip", "enumerate"):
            return changed(iterable, args=[with_sums(arg, before, u) for arg in args])
    return accumulated(iterable, before, u) or iterable


def _part(whole: ast.expr, start: int | None, stop: int | None, node: ast.expr) -> ast.expr:
    """`whole[start:stop]`."""
    bounds = [None if bound is None else ast.Constant(bound) for bound in (start, stop)]
    return ast.fix_missing_locations(ast.copy_location(ast.Subscript(whole, ast.Slice(*bounds), ast.Load()), node))
