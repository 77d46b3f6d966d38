"""Derivatives made of a jvp: its tangent alone, and that for a direction that is written into it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import replace

from s2sad.analysis.kinds import is_elementwise
from s2sad.errors import ArgumentError
from s2sad.ir import (
    Assign,
    Block,
    Bool,
    Call,
    Compare,
    Conditional,
    Const,
    Expr,
    For,
    Function,
    Global,
    Name,
    Return,
    Routine,
    Statement,
    TupleOf,
)
from s2sad.kind import Array, Number, described
from s2sad.options import Options
from s2sad.rules import registry
from s2sad.simplify.algebra import simplify
from s2sad.simplify.dead import without_dead_code
from s2sad.simplify.updates import direct_return
from s2sad.syntax import span_of, template
from s2sad.transform.primal import Primal
from s2sad.traversal import assigned, expressions, map_blocks, map_statement, substitute, walk

__all__ = ["FORWARD", "seeded", "tangent_alone"]

#: The operators that are forward mode.
FORWARD = ("jvp", "tangent", "derivative", "elementwise_grad")


def tangent_alone(
    function: Function, routine_is_pure: Callable[[str], bool], changes: Collection[str] = ()
) -> Function:
    """A function that returns (value, tangent) returning the tangent, without what only the value needs, or one of the
    parameters that it `changes` in place.
    """
    body = without_dead_code(_tangents(function.body), routine_is_pure, changes)
    return replace(function, body=direct_return(body))


def _tangents(block: Block) -> Block:
    return tuple(map(_tangent, block))


def _tangent(s: Statement) -> Statement:
    match s:
        case Return(value=TupleOf(items=(_, tangent))):
            return replace(s, value=tangent)
    return map_blocks(s, _tangents)


def seeded(function: Function, options: Options, primal: Primal, functions: Callable[[str], Function]) -> Function:
    """The tangent of a function of one argument for the direction 1; for an array, 1 in each element."""
    wrt, *others = options.wrt
    if others:
        raise _several(others[0], options, primal)
    kind = primal.context.kind_of_name(wrt)
    if options.mode == "derivative" and isinstance(kind, Array):
        reason = f"`derivative` needs a scalar argument, and `{wrt}` is {described(kind)}"
        raise ArgumentError("S402", reason, rewrite="use jacfwd")
    if options.mode == "elementwise_grad":
        _check_elementwise(primal, functions)
    own = {param.name for param in primal.function.params}
    dot = next(param.name for param in function.params if param.name not in own)
    params = tuple(param for param in function.params if param.name != dot)
    one: Expr = Const(1.0) if isinstance(kind, Number) else template("np.ones_like(x)", x=Name(wrt))
    body = _with_seed(function.body, dot, one, primal)
    return replace(function, params=params, body=body)


def _several(name: str, options: Options, primal: Primal) -> ArgumentError:
    """The refusal of a second argument, at its place in the function's head."""
    unit = primal.context.unit
    spans = {arg.arg: span_of(arg) for arg in ast.walk(unit.node.args) if isinstance(arg, ast.arg)}
    reason = f"`{options.mode}` takes the derivative by one argument, and `wrt` selects `{name}` as well"
    return ArgumentError("S104", reason, unit.place(spans.get(name)), "call it once for each argument, or use jacobian")


def _check_elementwise(primal: Primal, functions: Callable[[str], Function]) -> None:
    """Refuse functions that mix elements: the sum of a row of the Jacobian is not its diagonal."""
    for expression in expressions(primal.function.body):
        for part in walk(expression):
            if primal.context.carries(part) and not _keeps_elements(part, functions):
                place = primal.context.unit.place(part.span)
                reason = "`elementwise_grad` needs a function that acts on each element by itself"
                raise ArgumentError("S402", reason, place, "use grad of a sum, or jacobian")
    for s in primal.function.body:
        if isinstance(s, For) and primal.context.carries(s.iterable):
            reason = "`elementwise_grad` needs a function that acts on each element by itself"
            place = primal.context.unit.place(s.iterable.span)
            raise ArgumentError("S402", reason, place, "use grad of a sum, or jacobian")


def _keeps_elements(node: Expr, functions: Callable[[str], Function]) -> bool:
    """True for an operation whose elements depend on the same elements of its operands alone."""
    match node:
        case Call(func=Routine(key=key)):
            parts = (part for expression in expressions(functions(key).body) for part in walk(expression))
            return all(isinstance(part, Routine | Global) or _keeps_elements(part, functions) for part in parts)
        case Call() if registry.is_selection(name := registry.key_of(node)) or registry.is_constant(name or ""):
            return True
        case Name() | Const() | Conditional() | Compare() | Bool():
            return True
    return is_elementwise(node)


def _with_seed(block: Block, dot: str, seed: Expr, primal: Primal) -> Block:
    """The block for a tangent that is known; its number is written into it where the tangent has no other value."""
    if not isinstance(seed, Const) or any(dot in assigned(s) for s in block):
        return (Assign(Name(dot), seed), *block)
    return tuple(map_statement(s, lambda node: _filled(node, dot, seed, primal)) for s in block)


def _filled(node: Expr, dot: str, seed: Expr, primal: Primal) -> Expr:
    filled = substitute(node, {Name(dot): seed})
    return node if filled == node else simplify(filled, primal.context.kind)
