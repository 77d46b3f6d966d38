"""What is refused at run time: the exception passes whatever the function catches.

try:                                  try:
if isinstance(x, dict):               if isinstance(x, dict):
raise TypeError("…")                  raise _NoDerivative("…")
y = sum(x)                            y = sum(x)
except TypeError:               →     except _NoDerivative:
y = 0.0                               raise
except TypeError:
y = 0.0
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from s2sad.frontend.attempts import may_catch
from s2sad.ir import Block, Call, Const, Expr, Function, Global, Handler, If, Name, Raise, Return, Statement, Try
from s2sad.rules.refusals import ERRORS, NO_DERIVATIVE
from s2sad.traversal import expressions, map_blocks, statements, walk

__all__ = ["refusal", "refused_if", "uncaught"]


def refusal(text: str, error: type[Exception] = TypeError) -> Raise:
    """The statement that refuses what is found at run time."""
    return Raise(Call(Global(error.__name__), (Const(text),)), refuses=True)


def refused_if(test: Expr, text: str, error: type[Exception] = TypeError) -> If:
    return If(test, (refusal(text, error),))


def uncaught(functions: Sequence[Function]) -> list[Function]:
    """The functions of a module with refusals that none of their handlers catches."""
    names = frozenset(function.name for function in functions)
    lines = [s for function in functions for s in statements(function.body)]
    refuses = any(isinstance(s, Raise) and s.refuses for s in lines)
    if not refuses or not any(_may_catch(s, names) for s in lines):
        return list(functions)

    def block(lines: Block) -> Block:
        return tuple(map(statement, lines))

    def statement(s: Statement) -> Statement:
        catches = _may_catch(s, names)
        s = map_blocks(s, block)
        match s:
            case Raise(exception=Call() as call, refuses=True):
                return replace(s, exception=replace(call, func=NO_DERIVATIVE))
            case Try(handlers=handlers) if catches:
                return replace(s, handlers=(Handler(NO_DERIVATIVE, None, (Raise(),)), *handlers))
        return s

    return [replace(function, body=block(function.body)) for function in functions]


def _only_looks(handler: Handler) -> bool:
    """True for a handler that raises what it has caught."""
    return handler.body[-1:] == (Raise(),) and not any(isinstance(s, Return) for s in statements(handler.body))


def _may_catch(s: Statement, names: Set[str]) -> bool:
    """True for a `try` that may catch a refusal, and go on after it or raise something else."""
    if not isinstance(s, Try):
        return False
    handlers = [handler for handler in s.handlers if not _only_looks(handler)]
    if not any(may_catch(handler, error) for handler in handlers for error in ERRORS):
        return False
    return any(isinstance(inner, Raise) and inner.refuses for inner in statements(s.body)) or any(
        isinstance(part, Call) and isinstance(part.func, Name) and part.func.id in names
        for expression in expressions(s.body)
        for part in walk(expression)
    )
