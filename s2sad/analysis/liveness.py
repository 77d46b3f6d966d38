"""What is read later: behind a loop, in its next round, behind an assignment that may hand on the last reference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from s2sad.analysis.changes import changed, changed_variables
from s2sad.analysis.loops import is_endless
from s2sad.frontend.attempts import handler_of
from s2sad.ir import (
    Assign,
    Block,
    Call,
    Const,
    Def,
    For,
    If,
    Name,
    Raise,
    Return,
    Statement,
    Try,
    TupleOf,
    Unary,
    While,
    With,
)
from s2sad.traversal import bound_names, expressions, heads, names_in, statements, target_names

__all__ = ["Live", "always_leaves", "live_around", "live_at_entry", "live_on_failure", "moves", "renamed"]


def always_leaves(block: Block) -> bool:
    """True if the end of the block is never reached."""
    match block:
        case (*_, Return() | Raise()):
            return True
        case (*_, While(until=None) as s) if is_endless(s):
            return True
        case (*_, With(body=body)):
            return always_leaves(body)
        case (*_, Try(handlers=handlers, orelse=orelse)):
            return always_leaves(orelse) and all(always_leaves(handler.body) for handler in handlers)
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


def live_on_failure(block: Block) -> dict[int, frozenset[str]]:
    """What is read by the handlers of each `try` in the block of a function, and after them, by the identity of the `try`."""
    walk = _Walk()
    walk.block(block, frozenset())
    for s in statements(block):
        if isinstance(s, Try) and (flag := _flag_of(s)) is not None:
            knowing = _Walk(known=flag, otherwise=walk.before)
            knowing.block(block, frozenset())
            walk.attempts[id(s)] = knowing.attempts[id(s)]
    return walk.attempts


def _flag_of(s: Try) -> str | None:
    """The variable that is true where the handler of a `try` went on, in code of ours."""
    handler = handler_of(s)
    match handler.body if handler is not None else ():
        case (Assign(target=Name(id=name), value=Const(value=True)), *_):
            return name
    return None


def live_at_entry(block: Block) -> frozenset[str]:
    """The variables that the block of a function may read before it assigns them."""
    return _Walk().block(block, frozenset())


@dataclass
class _Walk:
    """Goes through the statements backwards, with the variables that are read later. The variable `known` is true until it is
    assigned; what is live before it is, `otherwise` tells.
    """

    candidates: set[int] = field(default_factory=set)
    read_later: set[int] = field(default_factory=set)
    loops: dict[int, Live] = field(default_factory=dict)
    attempts: dict[int, frozenset[str]] = field(default_factory=dict)
    on_failure: frozenset[str] = frozenset()
    known: str = ""
    otherwise: dict[int, frozenset[str]] = field(default_factory=dict)
    before: dict[int, frozenset[str]] = field(default_factory=dict)

    def block(self, block: Block, live: frozenset[str]) -> frozenset[str]:
        for s in reversed(block):
            live = self.statement(s, live) | self.on_failure
            self.before[id(s)] = live
        return live

    def statement(self, s: Statement, live: frozenset[str]) -> frozenset[str]:
        """The variables that are live before a statement, from those that are behind it."""
        match s:
            case Assign(target=Name(id=name), value=value) if name == self.known and value != Const(True):
                return self.otherwise[id(s)]
            case If(test=Name(id=name), then=then) if name == self.known:
                return self.block(then, live)
            case If(test=Unary(op="not", operand=Name(id=name)), orelse=orelse) if name == self.known:
                return self.block(orelse, live)
            case Assign(target=target) if pairs := renamed(s):
                self.candidates.add(id(s))
                live -= set(target_names(target))
                if not live.isdisjoint(pairs.values()):
                    self.read_later.add(id(s))
                return live | _reads(s)
            case Assign(target=target, value=value):
                match value:
                    case Call(args=(*others, Name(id=source))) if changed(s) is not None:
                        self.candidates.add(id(s))
                        if source in live or any(source in names_in(other) for other in others):
                            self.read_later.add(id(s))
                return (live - (set(target_names(target)) - set(changed_variables(s)))) | _reads(s)
            case If(test=test, then=then, orelse=orelse):
                return self.block(then, live) | self.block(orelse, live) | set(names_in(test))
            case For() | While():
                return self.loop(s, live)
            case With(context=context, target=target, body=body):
                bound = set() if target is None else set(target_names(target))
                return (self.block(body, live) - bound) | set(names_in(context))
            case Try():
                return self.attempt(s, live)
            case Return():
                return _reads(s)
        return live | _reads(s)

    def attempt(self, s: Try, live: frozenset[str]) -> frozenset[str]:
        live = self.block(s.final, live)
        caught = frozenset(name for expression in heads(s) for name in names_in(expression))
        for handler in s.handlers:
            caught |= self.block(handler.body, live)
        going_on = handler_of(s)
        self.attempts[id(s)] = frozenset() if going_on is None else self.block(going_on.body, live)
        around, self.on_failure = self.on_failure, self.on_failure | caught | live
        found = self.block(s.body, self.block(s.orelse, live)) | caught
        self.on_failure = around
        return found

    def loop(self, s: For | While, live: frozenset[str]) -> frozenset[str]:
        head = s.iterable if isinstance(s, For) else s.test
        around = live | {name for part in (head, s.until) if part is not None for name in names_in(part)}
        bound = frozenset(target_names(s.target)) if isinstance(s, For) else frozenset()
        while True:
            inside = self.block(s.body, around) - bound
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
