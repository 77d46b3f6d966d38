"""Calls that were written with `out`, written so again.

    u[...] = np.exp(u)      np.exp(u, out=u)

This comes last: all other passes know what an assignment to a part of an array does.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.analysis.writes import called
from s2sad.ir import Assign, Call, Const, Def, Evaluate, Expr, Function, Index, Statement, TupleOf
from s2sad.traversal import map_blocks

__all__ = ["with_outs"]


def with_outs(function: Function) -> Function:
    """The function with `out` in the calls that had it, where they still compute what they did."""
    return replace(function, body=tuple(map(_with_out, function.body)))


def _with_out(s: Statement) -> Statement:
    match s:
        case Assign(target=Index(value=whole, index=index) as part, value=Call() as call, out=name) if (
            name and called(call) == name
        ):
            call = replace(call, keywords=(*call.keywords, ("out", _without_ellipsis(part, whole, index))))
            return Evaluate(call, origin=s.origin, remark=s.remark)
        case Def(function=function):
            return replace(s, function=with_outs(function))
    return map_blocks(s, lambda block: tuple(map(_with_out, block)))


def _without_ellipsis(part: Index, whole: Expr, index: Expr) -> Expr:
    """`u` for `u[...]`, `u[k]` for `u[k, ...]`: an array anyway."""
    match index:
        case Const(value=last) if last is ...:
            return whole
        case TupleOf(items=(one, Const(value=last))) if last is ...:
            return Index(whole, one)
        case TupleOf(items=(*items, Const(value=last))) if last is ...:
            return Index(whole, TupleOf(tuple(items)))
    return part
