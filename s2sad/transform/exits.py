"""One way out: code after a branch that returns moves into the branches that do not.

Then a block either has no return in it or ends in one, or in a branch both sides of which end in one. A loop is left before:
where it returns, it breaks with a variable set, and what is returned is computed behind the loop.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from s2sad.analysis.liveness import always_leaves
from s2sad.analysis.loops import is_endless
from s2sad.frontend.jumps import ended_where_set, numbered, numbers, rounds_to_the_end
from s2sad.ir import (
    Assign,
    Block,
    Break,
    Compare,
    Const,
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
    While,
)
from s2sad.naming import Names
from s2sad.transform.refusing import refusal
from s2sad.traversal import bound_names, map_blocks, reads, statements

__all__ = ["returns", "structured", "with_returns_behind_loops", "without_nothing"]

#: No variable.
_NOWHERE = Name("")


def structured(block: Block) -> Block:
    """`block` with every return at its end, none of them being in a loop; a block that runs off its end returns None."""
    return _with_rest(block, ())


def returns(block: Block) -> bool:
    """True if there is a return anywhere in the block."""
    return any(isinstance(s, Return) for s in statements(block))


def without_nothing(function: Function) -> Function:
    """The function that raises an error where it returns None, if it returns something elsewhere."""
    if not any(isinstance(s, Return) and not _is_nothing(s) for s in statements(function.body)):
        return function
    error = refusal(f"{function.name} returns None, which has no derivative")

    def told(block: Block) -> Block:
        return tuple(error if _is_nothing(s) else map_blocks(s, told) for s in block)

    body = told(function.body)
    return replace(function, body=body if always_leaves(body) else (*body, error))


def _is_nothing(s: Statement) -> bool:
    return isinstance(s, Return) and s.value in (None, Const(None))


def _with_rest(block: Block, rest: Block) -> Block:
    for position, s in enumerate(block):
        match s:
            case Return() | Raise():
                return block[: position + 1]
            case If(then=then, orelse=orelse) if returns((s,)):
                after = block[position + 1 :] + rest
                left, right = (_with_rest(side, after) for side in (then, orelse))
                return (*block[:position], replace(s, then=left, orelse=right))
            case Try(handlers=handlers, orelse=orelse) if returns((s,)):
                after = block[position + 1 :] + rest
                handlers = tuple(replace(handler, body=_with_rest(handler.body, after)) for handler in handlers)
                return (*block[:position], replace(s, handlers=handlers, orelse=_with_rest(orelse, after)))
    if rest:
        return (*block, *_with_rest(rest, ()))
    return (*block, Return(Const(None)))


# ---------------------------------------------------------------------- loops


def with_returns_behind_loops(function: Function) -> Function:
    """The function without returns in loops."""
    names = Names([*reads(function), *bound_names(function)])
    return replace(function, body=_behind_loops(function.body, names))


def _behind_loops(block: Block, names: Names) -> Block:
    done: list[Statement] = []
    for s in block:
        match s:
            case For() | While() if returns((s,)):
                count = sum(isinstance(inner, Return) for inner in statements((s,)))
                if done and done[-1] == Assign(s.until or _NOWHERE, Const(False)):
                    done[-1] = replace(done[-1], value=Const(0))
                done += _Exits(names, count).outermost(_with_numbers(s))
            case If():
                done.append(map_blocks(s, lambda side: _behind_loops(side, names)))
            case _:
                done.append(s)
    return tuple(done)


def _with_numbers(s: For | While) -> For | While:
    """A loop with a number where one break is told by True."""

    def numbered(inner: Statement) -> Statement:
        if isinstance(inner, Assign) and inner.target == s.until and inner.value == Const(True):
            return replace(inner, value=Const(1))
        return map_blocks(inner, lambda block: tuple(map(numbered, block)))

    return replace(s, body=tuple(map(numbered, s.body)))


@dataclass
class _Exits:
    """The returns in a loop, `count` in number, which `returned` tells apart by the numbers behind `first`."""

    names: Names
    count: int
    values: list[Return] = field(default_factory=list)

    first: int = 0
    returned: Name = _NOWHERE

    def outermost(self, s: For | While) -> Block:
        inner = (inner for inner in statements(s.body) if isinstance(inner, For | While))
        if isinstance(s.until, Name) and not any(returns((one,)) for one in inner):
            return self.with_breaks(s, s.until)
        self.returned = Name(self.names.unique("returned"))
        loop = self.loop(s)
        *others, last = self.values
        behind: list[Statement] = [
            If(self.is_at(number), (value,), origin=value.origin) for number, value in enumerate(others, 1)
        ]
        is_only_way = is_endless(s) and s.until is None
        final = last if is_only_way else If(self.is_at(self.count), (last,), origin=last.origin)
        return (Assign(self.returned, numbered(0, self.count)), *loop, *behind, final)

    def with_breaks(self, s: For | While, stop: Name) -> Block:
        """A loop with breaks of its own: the variable that they set tells of the returns, too."""
        self.returned, self.first = stop, max(numbers(s))
        loop = ended_where_set(replace(s, body=self.block(s.body)), self.names)
        return (loop, *(If(self.is_at(k), (value,), origin=value.origin) for k, value in enumerate(self.values, 1)))

    def is_at(self, number: int) -> Expr:
        is_alone = self.count == 1 and not self.first
        return self.returned if is_alone else Compare(self.returned, ("==",), (Const(self.first + number),))

    def loop(self, s: For | While) -> Block:
        """A loop that ends where it returns."""
        body = self.block(s.body)
        if s.until is None:
            return (ended_where_set(replace(s, body=body, until=self.returned), self.names),)
        return rounds_to_the_end(replace(s, body=body), self.names)

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        match s:
            case Return():
                self.values.append(s)
                count = len(self.values)
                number = Const(self.first + count) if self.first else numbered(count, self.count)
                return Assign(self.returned, number, origin=s.origin), Break()
            case For() | While() if returns((s,)):
                return (*self.loop(s), If(self.returned, (Break(),)))
            case Def():
                return (s,)
        return (map_blocks(s, self.block),)
