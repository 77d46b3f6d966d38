"""Loops that end early as one writes them: `break`, `continue` and `else` instead of variables (see frontend/jumps.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from s2sad.ir import (
    Assign,
    Block,
    Break,
    Const,
    Continue,
    Def,
    Expr,
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
from s2sad.traversal import assigned, expressions, map_blocks, names_in, statements

__all__ = ["with_jumps"]


def with_jumps(function: Function) -> Function:
    """The function with the jumps that its loops stand for."""
    return replace(function, body=_without_unread(_block(function.body), _ends(function.body)))


def _block(block: Block) -> Block:
    done: list[Statement] = []
    for s in block:
        if isinstance(s, Def):
            s = replace(s, function=with_jumps(s.function))
        plain = map_blocks(s, _block)
        before = done[-1] if done else None
        match before, plain:
            case For() | While(), If(test=Unary(op="not", operand=Name(id=stop)), then=then, orelse=()) if (
                _ended_by(before) == stop and not before.orelse
            ):
                done[-1] = replace(before, orelse=then)
            case _:
                done.append(_loop(plain) if isinstance(plain, For | While) else plain)
    return tuple(replace(s, until=None) if isinstance(s, For | While) else s for s in done)


def _ended_by(s: For | While) -> str:
    return s.until.id if isinstance(s.until, Name) else ""


def _loop(s: For | While) -> For | While:
    if s.until is None:
        return replace(s, body=_tail(s.body, s.until))
    assert isinstance(s.until, Name)
    is_left = _is_left(s.body, s.until)
    return replace(s, body=(*_tail(s.body, s.until), *(() if is_left else (If(s.until, (Break(),)),))))


# --------------------------------------------------------- the end of a round


def _tail(block: Block, until: Expr | None) -> Block:
    """The last statements of a round, with a jump where it ends early."""
    if not block:
        return ()
    before, jumping, end = _parts(block, until)
    *more, last = _with_test(end, until)
    start = (*_flat(_without_continue, before), *jumping, *_flat(_without_continue, more))
    match last:
        case Assign(target=target) if target == until:
            return (*start, last, Break())
        case If(test=test, then=then, orelse=orelse):
            left, right = _tail(then, until), _tail(orelse, until)
            if test == until and until is not None:
                left = (*left, Break())
            return (*start, *_side_by_side(replace(last, then=left, orelse=right)))
    return (*start, last)


def _is_left(block: Block, until: Name) -> bool:
    """True if every way that makes `until` true has a jump at its end."""
    if not block:
        return True
    before, _, end = _parts(block, until)
    *more, last = _with_test(end, until)
    is_tested = isinstance(last, If) and last.test == until
    if any(until.id in assigned(s) for s in (*before, *more)) and not is_tested:
        return False
    match last:
        case Assign():
            return True
        case If(then=then, orelse=orelse):
            return (is_tested or _is_left(then, until)) and _is_left(orelse, until)
    return until.id not in assigned(last)


def _with_test(block: Block, until: Expr | None) -> Block:
    """`if not until: REST` with the side on which the round ends in front."""
    match block:
        case (*before, If(test=Unary(op="not", operand=test), then=then, orelse=()) as last) if test == until:
            return (*before, replace(last, test=test, then=(), orelse=then))
    return block


def _parts(block: Block, until: Expr | None) -> tuple[Block, Block, Block]:
    """The end of a round in parts: the second has jumps in place of a variable that says that the third is skipped."""
    match block:
        case (
            *before,
            Assign(target=Name() as skip, value=Const(value=False)),
            If() as branch,
            If(test=test) as rest,
        ) if test == Unary("not", skip) and rest.then and not rest.orelse and _is_set_last(branch, skip):
            return tuple(before), (_skipping(branch, skip, until),), rest.then
    return (), (), block


def _flat(function: Callable[[Statement], Block], block: Iterable[Statement]) -> Block:
    return tuple(line for s in block for line in function(s))


def _is_set_last(s: Statement, skip: Name) -> bool:
    """True if the variable is set only at the ends of a branch."""
    if not isinstance(s, If):
        return skip.id not in assigned(s)
    for side in (s.then, s.orelse):
        *before, last = _bare(side) or (Continue(),)
        if any(skip.id in assigned(inner) for inner in before):
            return False
        if not (isinstance(last, Assign) and last.target == skip) and not _is_set_last(last, skip):
            return False
    return True


def _bare(block: Block) -> Block:
    """A block without a `continue` at its end."""
    return block[:-1] if block and isinstance(block[-1], Continue) else block


def _skipping(s: If, skip: Name, until: Expr | None) -> If:
    def side(block: Block) -> Block:
        *before, last = _bare(block) or (Continue(),)
        if isinstance(last, Assign) and last.target == skip:
            jump = before and isinstance(before[-1], Assign) and before[-1].target == until
            return (*before, Break() if jump else Continue())
        return (*before, *_side_by_side(_skipping(last, skip, until))) if isinstance(last, If) else block

    return replace(s, then=side(s.then), orelse=side(s.orelse))


def _side_by_side(s: If) -> Block:
    """A branch with what is on the other side of a jump behind it."""
    is_open = _leaves(s.then) and not _is_jump(s.orelse)
    return (replace(s, orelse=()), *s.orelse) if is_open else (s,)


def _leaves(block: Block) -> bool:
    return bool(block) and isinstance(block[-1], Break | Continue | Return | Raise)


def _is_jump(block: Block) -> bool:
    return len(block) == 1 and isinstance(block[0], Break | Continue)


def _without_continue(s: Statement) -> Block:
    """A statement that is not at the end of a round, where nothing ends it."""
    match s:
        case Continue():
            return ()
        case If(test=test, then=then, orelse=orelse):
            left, right = (_flat(_without_continue, side) for side in (then, orelse))
            if right and not left:
                return (replace(s, test=Unary("not", test), then=right, orelse=()),)
            return (replace(s, then=left, orelse=right),)
        case Try():
            return (map_blocks(s, lambda block: _flat(_without_continue, block)),)
    return (s,)


# ------------------------------------------------------------------ variables


def _ends(block: Block) -> set[str]:
    """The variables that end loops."""
    return {_ended_by(s) for s in statements(block) if isinstance(s, For | While)}


def _without_unread(block: Block, names: set[str]) -> Block:
    """The block without those variables that are set and never read."""
    mentions = Counter(name for expression in expressions(block) for name in names_in(expression))
    mentions.subtract(s.target.id for s in statements(block) if isinstance(s, Assign) and isinstance(s.target, Name))
    unread = {name for name in names if not mentions[name]}

    def kept(block: Block) -> Block:
        rest = (
            s for s in block if not (isinstance(s, Assign) and isinstance(s.target, Name) and s.target.id in unread)
        )
        return tuple(map_blocks(s, kept) for s in rest)

    return kept(block)
