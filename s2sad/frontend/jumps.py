"""`break`, `continue` and the `else` of loops in the core language, where a round of a loop always runs to its end.

What stands behind an `if` that leaves the round moves into the side that goes on. A `break` sets a variable, after which the
loop is not continued (`until`): True, or the number of the `break` where there are several.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from s2sad.ir import (
    Assign,
    Block,
    Break,
    Const,
    Continue,
    Def,
    For,
    Function,
    If,
    Name,
    Raise,
    Return,
    Statement,
    Try,
    Unary,
    While,
)
from s2sad.naming import Names
from s2sad.traversal import bound_names, map_blocks, reads, statements

__all__ = [
    "ended_where_set",
    "numbered",
    "numbers",
    "rounds_to_the_end",
    "whole_rounds",
    "with_whole_rounds",
    "without_continue",
]


def with_whole_rounds(function: Function) -> Function:
    """The function without `Break`, and with `Continue` at the end of rounds only."""
    names = Names([*reads(function), *bound_names(function)])
    return replace(function, body=whole_rounds(function.body, names))


def without_continue(block: Block) -> Block:
    """The statements of a whole round without the `continue` that stands at its end."""
    rest = (s for s in block if not isinstance(s, Continue))
    return tuple(s if isinstance(s, For | While) else map_blocks(s, without_continue) for s in rest)


def whole_rounds(block: Block, names: Names) -> Block:
    """The same for statements of a function with these names."""
    return tuple(result for s in block for result in _statement(s, names))


def _statement(s: Statement, names: Names) -> Block:
    if isinstance(s, Def):
        return (replace(s, function=replace(s.function, body=whole_rounds(s.function.body, names))),)
    plain = map_blocks(s, lambda block: whole_rounds(block, names))
    return rounds_to_the_end(plain, names) if isinstance(plain, For | While) else (plain,)


def rounds_to_the_end(s: For | While, names: Names) -> Block:
    """A loop, in whose body no other loop has jumps, and what runs before and after it: its `else` is behind it."""
    breaks = sum(isinstance(inner, Break) for inner in _in_round(s.body))
    if not breaks:
        return (replace(s, body=_Round(None, 0, names).ended(s.body), orelse=()), *s.orelse)
    taken = numbers(s)
    stop = s.until if isinstance(s.until, Name) else Name(names.unique("stop"))
    first = max(taken) + 1 if taken else 1
    body = _Round(stop, first if breaks > 1 or taken else 0, names).ended(s.body)
    loop = replace(s, body=body, until=stop, orelse=())
    before = () if s.until else (Assign(stop, numbered(0, breaks)),)
    return (*before, loop, *((If(Unary("not", stop), s.orelse),) if s.orelse else ()))


def ended_where_set(s: For | While, names: Names) -> For | While:
    """A loop in which `until` is set wherever there is a `Break`."""
    return replace(s, body=_Round(None, 0, names).ended(s.body))


def numbered(number: int, count: int) -> Const:
    """What a variable is set to by one of `count` exits, and 0 for none of them: a truth value where there is but one."""
    return Const(number) if count > 1 else Const(bool(number))


def numbers(s: For | While) -> list[int]:
    """What the variable that ends a loop is set to in it."""
    found = [inner.value for inner in statements(s.body) if isinstance(inner, Assign) and inner.target == s.until]
    return [int(value.value) for value in found if isinstance(value, Const)]


def _in_round(block: Block) -> list[Statement]:
    """The statements of a block and those in its branches, but not in its loops."""
    found: list[Statement] = []
    for s in block:
        found.append(s)
        if isinstance(s, If | Try):
            found += [one for side in _sides(s) for one in _in_round(side)]
    return found


def _sides(s: If | Try) -> tuple[Block, ...]:
    """The ways through a branch, of which jumps are the last statements."""
    if isinstance(s, If):
        return (s.then, s.orelse)
    return (*(handler.body for handler in s.handlers), s.orelse)


def _jumps(s: If | Try) -> bool:
    return any(isinstance(inner, Break | Continue) for inner in _in_round((s,)))


@dataclass
class _Round:
    """`stop` is set where the loop is left, if it is not set already, to `number` and those after it if that is not 0; `skips`
    are the variables that say that the rest of the round does not run.
    """

    stop: Name | None
    number: int
    names: Names
    skips: tuple[Name, ...] = ()

    def ended(self, block: Block, rest: Block = ()) -> Block:
        """`block` and then `rest`, with nothing behind what leaves the round."""
        for position, s in enumerate(block):
            before = block[:position]
            match s:
                case Break():
                    return (*before, *self.left(s), *self.skipped())
                case Continue():
                    return (*before, *self.skipped(), s)
                case Return() | Raise():
                    return block[: position + 1]
                case If() | Try() if _jumps(s):
                    return (*before, *self.branch(s, (*block[position + 1 :], *rest)))
        return (*block, *self.ended(rest)) if rest else block

    def left(self, s: Break) -> Block:
        if self.stop is None:
            return ()
        value = Const(self.number) if self.number else Const(True)
        self.number += bool(self.number)
        return (Assign(self.stop, value, origin=s.origin),)

    def skipped(self) -> Block:
        return tuple(Assign(skip, Const(True)) for skip in self.skips)

    def branch(self, s: If | Try, after: Block) -> Block:
        """A branch of which a side leaves, and what comes after it."""
        if after and _ways((s,)) > 1:
            return self.skipping(s, after)
        if isinstance(s, If):
            return (replace(s, then=self.side(s.then, after), orelse=self.side(s.orelse, after)),)
        handlers = tuple(replace(handler, body=self.side(handler.body, after)) for handler in s.handlers)
        return (replace(s, handlers=handlers, orelse=self.side(s.orelse, after)),)

    def side(self, block: Block, after: Block) -> Block:
        return self.ended(block, after if _ways(block) else ())

    def skipping(self, s: If | Try, after: Block) -> Block:
        """The same where several ways lead on."""
        skip = Name(self.names.unique("skip"))
        inner = replace(self, skips=(*self.skips, skip))
        branch = inner.branch(s, ())
        self.number = inner.number
        return (Assign(skip, Const(False)), *branch, If(Unary("not", skip), self.ended(after)))


def _ways(block: Block) -> int:
    """On how many ways the end of the block is reached: what stands behind a branch is counted once."""
    for position, s in enumerate(block):
        match s:
            case Break() | Continue() | Return() | Raise():
                return 0
            case If() | Try():
                found = sum(map(_ways, _sides(s)))
                rest = block[position + 1 :]
                if not found or not rest:
                    return found if not found or _jumps(s) else 1
    return 1
