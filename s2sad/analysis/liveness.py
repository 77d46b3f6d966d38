"""What is read later: behind a loop, in its next round, behind an assignment that may hand on the last reference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from s2sad.analysis.changes import changed, changed_variables
from s2sad.analysis.loops import is_endless
from s2sad.ir import (
    Assign,
    Block,
    Call,
    Def,
    For,
    If,
    Name,
    Raise,
    Return,
    Statement,
    TupleOf,
    While,
    bound_names,
    expressions,
    names_in,
    target_names,
)

__all__ = ["Live", "always_leaves", "live_around", "moves", "renamed"]


def always_leaves(block: Block) -> bool:
    """True if the end of the block is never reached."""
    match block:
        case (*_, Return() | Raise()):
            return True
        case (*_, While(until=None) as s) if is_endless(s):
            return True
        case (*_, If(then=then, orelse=orelse)):
            return always_leaves(then) and always_leaves(orelse)
    return False


def moves(block: Block) -> frozenset[int]:
    """The identities of the assignments `x = y`, also of those such as `x, y = y, x`, and of the changes that put `y` into a
    list or dict, in the block of a function after which `y` is not read any more.
    """
    walk = _Walk()
    walk.block(block, frozenset())
    return frozenset(walk.candidates - walk.read_later)


def renamed(s: Statement) -> dict[str, str]:
    """The variables to which an assignment such as `x = y` or `x, y = y, x` gives the objects of others, each to one."""
    match s:
        case Assign(target=Name(id=name), value=Name(id=source)):
            return {name: source}
        case Assign(target=TupleOf(items=targets), value=TupleOf(items=values)) if len(targets) == len(values):
            mentions = Counter(name for value in values for name in names_in(value))
            pairs = zip(targets, values, strict=True)
            return {a.id: b.id for a, b in pairs if isinstance(a, Name) and isinstance(b, Name) and mentions[b.id] == 1}
    return {}


@dataclass(frozen=True)
class Live:
    """The variables that are read behind a loop, and those that a round reads as they were before it."""

    after: frozenset[str]
    inside: frozenset[str]


def live_around(block: Block) -> dict[int, Live]:
    """What is live around each loop in the block of a function, by the loop's identity."""
    walk = _Walk()
    walk.block(block, frozenset())
    return walk.loops


@dataclass
class _Walk:
    """Goes through the statements backwards, with the variables that are read later."""

    candidates: set[int] = field(default_factory=set)
    read_later: set[int] = field(default_factory=set)
    loops: dict[int, Live] = field(default_factory=dict)

    def block(self, block: Block, live: frozenset[str]) -> frozenset[str]:
        for s in reversed(block):
            live = self.statement(s, live)
        return live

    def statement(self, s: Statement, live: frozenset[str]) -> frozenset[str]:
        """The variables that are live before a statement, from those that are behind it."""
        match s:
            case Assign(target=target) if pairs := renamed(s):
                self.candidates.add(id(s))
                live -= set(target_names(target))
                if not live.isdisjoint(pairs.values()):
                    self.read_later.add(id(s))
                return live | _reads(s)
            case Assign(value=Call(args=(*others, Name(id=source)))) if changed(s) is not None:
                self.candidates.add(id(s))
                if source in live or any(source in names_in(other) for other in others):
                    self.read_later.add(id(s))
            case Assign(target=target) if not changed_variables(s):
                return (live - set(target_names(target))) | _reads(s)
            case If(test=test, then=then, orelse=orelse):
                return self.block(then, live) | self.block(orelse, live) | set(names_in(test))
            case For() | While():
                return self.loop(s, live)
            case Return():
                return _reads(s)
        return live | _reads(s)

    def loop(self, s: For | While, live: frozenset[str]) -> frozenset[str]:
        head = s.iterable if isinstance(s, For) else s.test
        around = live | {name for part in (head, s.until) if part is not None for name in names_in(part)}
        while True:
            inside = self.block(s.body, around)
            found = around | inside
            if found == around:
                self.loops[id(s)] = Live(live, inside)
                return found
            around = found


def _reads(s: Statement) -> frozenset[str]:
    """What a statement reads."""
    if isinstance(s, Def):
        # What it binds are variables of its own.
        own = set(bound_names(s.function))
        return frozenset(name for found in expressions((s,)) for name in names_in(found) if name not in own)
    found = expressions((s,))
    if isinstance(s, Assign):
        found = iter((s.value,) if target_names(s.target) else (s.value, s.target))
    return frozenset(name for expression in found for name in names_in(expression))
