"""Statements that nothing leaves but exceptions: a `return`, `break` or `continue` in a `with` or `try` is done behind it.

    try:                          try:
        return f(x)                   result = f(x)
    except ValueError:            except ValueError:
        return 0.0                    result = 0.0
                                  return result

Where some ways go on and others do not, a variable says whether one was left.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from s2sad.frontend.jumps import numbered
from s2sad.ir import (
    Assign,
    Block,
    Break,
    Compare,
    Const,
    Continue,
    Expr,
    For,
    Handler,
    If,
    Name,
    Raise,
    Return,
    Statement,
    Try,
    Unary,
    While,
    With,
)
from s2sad.naming import Names
from s2sad.traversal import blocks, heads, statements, walk

__all__ = ["Leave", "exits_in", "left", "without_exits"]


@dataclass(frozen=True)
class Leave(Statement):
    """Leaves a block that is written out in a function, from any loop in it; `label` says which block."""

    label: int


Exit = Return | Break | Continue | Leave


def exits_in(block: Block, in_loop: bool = False) -> list[Exit]:
    """The statements that leave the block before its end, but for exceptions; a loop's own jumps do not."""
    found: list[Exit] = []
    for s in block:
        if isinstance(s, Return | Leave) or (isinstance(s, Break | Continue) and not in_loop):
            found.append(s)
        match s:
            case For(body=body, orelse=orelse) | While(body=body, orelse=orelse):
                found += [*exits_in(body, True), *exits_in(orelse, in_loop)]
            case _:
                found += [one for inner in blocks(s) for one in exits_in(inner, in_loop)]
    return found


def without_exits(s: With | Try, names: Names) -> Block:
    """The statement, and behind it what left it."""
    exits = exits_in((s,))
    if not exits or (isinstance(s, Try) and not s.final and not exits_in((*s.body, *s.orelse))):
        # A handler is a branch like others: what leaves it may stay.
        return (s,)
    kinds = tuple(dict.fromkeys(type(one) for one in exits))
    first = {kind: next(one for one in exits if isinstance(one, kind)) for kind in kinds}
    leaving = _Leaving(kinds, Name(names.unique("result")) if Return in kinds else None)
    _, stays = leaving.inside(s)
    if not stays and len(kinds) == 1:
        return (leaving.inside(s)[0], leaving.way_out(first[kinds[0]]))
    leaving.flag = flag = Name(names.unique("returned" if kinds == (Return,) else "left"))
    done, stays = leaving.inside(s)
    *ways, last = [(leaving.is_at(kind), leaving.way_out(first[kind])) for kind in kinds]
    tests = [If(test, (way,), origin=way.origin) for test, way in (*ways, *((last,) if stays else ()))]
    return (Assign(flag, numbered(0, len(kinds))), done, *tests, *(() if stays else (last[1],)))


def left(block: Block, label: int, names: Names) -> Block:
    """The statements of a block that is left where `Leave` has this label; what comes behind it is reached in any case."""
    if not any(isinstance(one, Leave) and one.label == label for one in exits_in(block)):
        return block
    flag = Name(names.copy().unique("left"))
    lines, _ = _Leaving((Leave,), None, flag, label).block(block)
    if any(flag in walk(node) for s in statements(lines) if not isinstance(s, Assign) for node in heads(s)):
        names.reserve(flag.id)
        return (Assign(flag, Const(False)), *lines)
    return _Leaving((Leave,), None, None, label).block(block)[0]


@dataclass
class _Leaving:
    """Writes `result` and `flag`, if they are there, in the place of exits of these kinds, or of those with one label."""

    kinds: tuple[type[Exit], ...]
    result: Expr | None
    flag: Expr | None = field(default=None)
    label: int | None = None

    def is_left(self, s: Statement, in_loop: bool) -> bool:
        """True if one of these exits is in a statement."""
        return any(self.is_exit(one) for one in exits_in((s,), in_loop))

    def is_exit(self, s: Exit) -> bool:
        return isinstance(s, self.kinds) and (not isinstance(s, Leave) or s.label == self.label)

    def way_out(self, s: Exit) -> Exit:
        return replace(s, value=self.result) if isinstance(s, Return) else s

    def is_at(self, kind: type[Exit]) -> Expr:
        assert self.flag is not None
        if len(self.kinds) == 1:
            return self.flag
        return Compare(self.flag, ("==",), (Const(self.kinds.index(kind) + 1),))

    def attempt(self, s: Try, in_loop: bool) -> Statement:
        """A try of which only handlers have exits."""
        handlers = (replace(handler, body=self.block(handler.body, in_loop)[0]) for handler in s.handlers)
        return replace(s, handlers=tuple(handlers))

    def inside(self, s: With | Try) -> tuple[Statement, bool]:
        """The statement without exits, and whether what is behind it may be reached without one."""
        if isinstance(s, With):
            body, stays = self.block(s.body)
            return replace(s, body=body), stays
        body, stays = self.block(s.body)
        orelse, stays = self.rest(bool(exits_in(s.body)), s.orelse) if stays else ((), False)
        handlers: list[Handler] = []
        for handler in s.handlers:
            inner, goes_on = self.block(handler.body)
            handlers.append(replace(handler, body=inner))
            stays = stays or goes_on
        return replace(s, body=body, orelse=orelse, handlers=tuple(handlers)), stays

    def block(self, block: Block, in_loop: bool = False) -> tuple[Block, bool]:
        """The block without its exits, and whether its end may be reached without one."""
        for position, s in enumerate(block):
            before, rest = block[:position], block[position + 1 :]
            match s:
                case Raise():
                    return block[: position + 1], False
                case Return() | Leave() if self.is_exit(s):
                    return (*before, *self.exit(s), *((Break(),) if in_loop else ())), False
                case Return() | Leave():
                    return block[: position + 1], False
                case Break() | Continue() if not self.is_exit(s):
                    return block[: position + 1], False
                case Break() | Continue():
                    return (*before, *((s,) if in_loop else self.exit(s))), False
                case If() if self.is_left(s, in_loop):
                    lines, stays = self.branch(s, rest, in_loop)
                    return (*before, *lines), stays
                case Try() if self.is_left(s, in_loop):
                    lines, _ = self.rest(True, rest, in_loop)
                    return (*before, self.attempt(s, in_loop), *lines), True
                case For() | While() if self.is_left(s, in_loop):
                    body, orelse = self.block(s.body, True)[0], self.block(s.orelse, in_loop)[0]
                    lines, _ = self.rest(True, rest, in_loop)
                    return (*before, replace(s, body=body, orelse=orelse), *lines), True
        return block, True

    def rest(self, may_be_left: bool, rest: Block, in_loop: bool = False) -> tuple[Block, bool]:
        """What runs behind a statement in which an exit may have been reached."""
        lines, stays = self.block(rest, in_loop)
        if not may_be_left:
            return lines, stays
        flag = self.flag or Const(False)
        if in_loop:
            return (If(flag, (Break(),)), *lines), True
        return ((If(Unary("not", flag), lines),) if lines else ()), True

    def branch(self, s: If, rest: Block, in_loop: bool) -> tuple[Block, bool]:
        (then, then_stays), (orelse, else_stays) = self.block(s.then, in_loop), self.block(s.orelse, in_loop)
        if not then_stays:
            orelse, stays = self.block((*s.orelse, *rest), in_loop)
            return (replace(s, then=then, orelse=orelse),), stays
        if not else_stays:
            then, stays = self.block((*s.then, *rest), in_loop)
            return (replace(s, then=then, orelse=orelse),), stays
        # In a loop an exit ends it at once.
        lines, _ = self.block(rest, True) if in_loop else self.rest(True, rest)
        return (replace(s, then=then, orelse=orelse), *lines), True

    def exit(self, s: Exit) -> Block:
        marked: Block = ()
        if self.flag is not None:
            marked = (Assign(self.flag, numbered(self.kinds.index(type(s)) + 1, len(self.kinds))),)
        if not isinstance(s, Return):
            return marked
        assert self.result is not None
        return (Assign(self.result, s.value or Const(None), origin=s.origin), *marked)
