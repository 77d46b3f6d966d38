"""Assignments of variables to themselves, `x = x` and `a, b = a, b`, which do nothing: they are no second name of anything."""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir import Assign, Block, Expr, For, Function, If, Name, Pass, Statement, Try, TupleOf, noted
from s2sad.program import Program
from s2sad.traversal import binds, map_blocks, statements

__all__ = ["without_idle"]

Bound = frozenset[str]


def without_idle(program: Program) -> Program:
    """The program without assignments of variables to themselves, where these are certainly bound: else they raise."""
    if not any(map(_has_idle, program.functions.values())):
        return program
    return replace(program, functions={key: _function(function) for key, function in program.functions.items()})


@noted
def _has_idle(function: Function) -> bool:
    return any(_assigns_itself(s) for s in statements(function.body))


def _function(function: Function) -> Function:
    if not _has_idle(function):
        return function
    # What a handler calls the exception is bound no more behind it.
    caught = {name for s in statements(function.body) if isinstance(s, Try) for name in binds(s)}
    bound = frozenset(param.name for param in function.params) - caught
    return replace(function, body=_block(function.body, bound, frozenset(caught))[0])


def _block(block: Block, bound: Bound, caught: Bound) -> tuple[Block, Bound]:
    """The statements that do something, and the variables that are certainly bound behind them."""
    done: list[Statement] = []
    for s in block:
        if _assigns_itself(s) and set(binds(s)) <= bound:
            continue
        s, bound = _statement(s, bound, caught)
        done.append(s)
    return tuple(done) if done or not block else (Pass(),), bound


def _statement(s: Statement, bound: Bound, caught: Bound) -> tuple[Statement, Bound]:
    match s:
        case If(then=then, orelse=orelse):
            left, right = _block(then, bound, caught), _block(orelse, bound, caught)
            return replace(s, then=left[0], orelse=right[0]), left[1] & right[1]
        case Assign():
            return s, bound | frozenset(binds(s)) - caught
    inside = bound | frozenset(binds(s)) - caught if isinstance(s, For) else bound
    return map_blocks(s, lambda block: _block(block, inside, caught)[0]), bound


def _assigns_itself(s: Statement) -> bool:
    match s:
        case Assign(target=TupleOf(items=targets), value=TupleOf(items=values)):
            return len(targets) == len(values) and all(map(_is_itself, targets, values))
        case Assign(target=target, value=value):
            return _is_itself(target, value)
    return False


def _is_itself(target: Expr, value: Expr) -> bool:
    return isinstance(target, Name) and target == value
