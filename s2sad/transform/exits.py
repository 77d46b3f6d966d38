"""One way out: code after a branch that returns moves into the branches that do not.

Then a block either has no return in it or ends in one, or in a branch both sides of which end in one.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.analysis.context import Context
from s2sad.ir import Block, Const, For, If, Raise, Return, Statement, While, statements

__all__ = ["returns", "structured"]


def structured(block: Block, context: Context) -> Block:
    """`block` with every return at its end; a block that runs off its end returns None."""
    return _with_rest(block, (), context)


def returns(block: Block) -> bool:
    """True if there is a return anywhere in the block."""
    return any(isinstance(s, Return) for s in statements(block))


def _has_return(s: Statement) -> bool:
    return returns((s,))


def _with_rest(block: Block, rest: Block, context: Context) -> Block:
    for position, s in enumerate(block):
        match s:
            case Return() | Raise():
                return block[: position + 1]
            case If(then=then, orelse=orelse) if _has_return(s):
                after = block[position + 1 :] + rest
                left, right = (_with_rest(side, after, context) for side in (then, orelse))
                return (*block[:position], replace(s, then=left, orelse=right))
            case For() | While() if _has_return(s):
                raise _in_loop(s, context)
    if rest:
        return (*block, *_with_rest(rest, (), context))
    return (*block, Return(Const(None)))


def _in_loop(s: For | While, context: Context) -> Exception:
    inner = next(statement for statement in s.body if _has_return(statement))
    span = inner.origin.span if inner.origin else None
    return context.refusal(
        "S201",
        "cannot differentiate a `return` inside a loop in reverse mode",
        Const(None, span=span),
        "assign the result to a variable and put the condition into the loop's test",
    )
