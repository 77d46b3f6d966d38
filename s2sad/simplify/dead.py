"""Statements whose results nobody reads, and that have no effect, are left out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from s2sad.ir import (
    Assert,
    Assign,
    Attribute,
    Aug,
    Block,
    Call,
    Comment,
    Def,
    Evaluate,
    Expr,
    For,
    Global,
    Handler,
    If,
    Index,
    Name,
    Opaque,
    Pass,
    Raise,
    Return,
    Routine,
    Statement,
    Try,
    While,
    With,
)
from s2sad.rules import helpers, registry
from s2sad.rules.contexts import holds_for_derivatives
from s2sad.traversal import assigned, blocks, children, expressions, names_in, reads, statements, target_names

__all__ = ["has_effect", "is_pure", "without_dead_code"]

_PURE_BUILTINS = frozenset(
    "abs bool complex divmod enumerate float int isinstance len list max min pow range reversed round slice sorted str sum "
    "tuple type zip dataclasses.replace".split()
)

Live = frozenset[str]


def is_pure(node: Expr, routine_is_pure: Callable[[str], bool]) -> bool:
    """True if evaluating the expression does nothing but give its value."""
    match node:
        case Call(func=Global(dotted=dotted)):
            own = registry.known(dotted) or dotted in _PURE_BUILTINS
            own = own or (helpers.known(dotted) and not helpers.changes(dotted))
        case Call(func=Routine(key=key)):
            own = routine_is_pure(key)
        case Call(func=Attribute(attr=attr)):
            own = registry.method_key(attr) is not None or attr in ("copy", "astype", "_replace")
        case Call():
            own = False
        case Opaque(text=text):
            own = "(" not in text
        case _:
            own = True
    return own and all(is_pure(child, routine_is_pure) for child in children(node))


def without_dead_code(block: Block, routine_is_pure: Callable[[str], bool], changes: Collection[str] = ()) -> Block:
    """The block of a function without what its results do not need, and the parameters that it `changes` in place."""
    return _Cleaner(routine_is_pure, frozenset(changes)).block(block, frozenset(changes))[0]


def has_effect(block: Block, routine_is_pure: Callable[[str], bool]) -> bool:
    """True if running the block does more than binding variables and returning."""
    return _Cleaner(routine_is_pure).has_effect(block)


class _Cleaner:
    def __init__(self, routine_is_pure: Callable[[str], bool], changes: Live = frozenset()) -> None:
        self.routine_is_pure = routine_is_pure
        self.changes = changes

    def pure(self, *nodes: Expr | None) -> bool:
        return all(node is None or is_pure(node, self.routine_is_pure) for node in nodes)

    def block(self, block: Block, live: Live) -> tuple[Block, Live]:
        """What is left of the block when `live` is read after it, and what is read of what was before."""
        kept: list[Statement] = []
        for s in reversed(block):
            left, live = self.statement(s, live)
            if left is not None:
                kept.append(left)
        return tuple(reversed(kept)), live

    def statement(self, s: Statement, live: Live) -> tuple[Statement | None, Live]:
        match s:
            case Assign(target=target, value=value):
                return self.assign(s, target, value, live)
            case Aug(target=target, value=value):
                if _root(target) not in live and self.pure(value):
                    return None, live
                return s, live | _reads(target, value)
            case Evaluate(value=value):
                return self.evaluate(s, value, live)
            case If(test=test, then=then, orelse=orelse):
                return self.branch(s, test, then, orelse, live)
            case For() | While():
                return self.loop(s, live)
            case With():
                return self.context(s, live)
            case Try():
                return self.attempt(s, live)
            case Return(value=value):
                return s, self.changes | _reads(value)
            case Raise(exception=exception, cause=cause):
                return s, self.changes | _reads(exception, cause)
            case Assert(test=test, message=message):
                return s, live | _reads(test, message)
            case Def(function=function):
                if function.name not in live:
                    return None, live
                body, _ = _Cleaner(self.routine_is_pure).block(function.body, frozenset())
                done = replace(function, body=body)
                own = {param.name for param in function.params}
                return replace(s, function=done), live | {name for name in reads(done) if name not in own}
        return s, live

    def assign(self, s: Assign, target: Expr, value: Expr, live: Live) -> tuple[Statement | None, Live]:
        if target == value:
            return None, live
        names = target_names(target)
        if not live & set(names) and self.pure(value) and names:
            return None, live
        return s, (live - set(names)) | _reads(value) | (frozenset() if names else _reads(target))

    def evaluate(self, s: Evaluate, value: Expr, live: Live) -> tuple[Statement | None, Live]:
        match value:
            case Call(func=Attribute(value=Name(id=name), attr="append"), args=args):
                if name not in live and self.pure(*args):
                    return None, live
            case Call(func=Global(dotted="numpy.add.at" | "_add_at"), args=(target, *rest)):
                if _root(target) not in live and self.pure(*rest):
                    return None, live
            case _ if self.pure(value):
                return None, live
        return s, live | _reads(value)

    def branch(self, s: If, test: Expr, then: Block, orelse: Block, live: Live) -> tuple[Statement | None, Live]:
        left, live_then = self.block(then, live)
        right, live_else = self.block(orelse, live)
        if not _does_something(left) and not _does_something(right) and self.pure(test):
            return None, live
        return replace(s, then=left, orelse=right), live_then | live_else | _reads(test)

    def loop(self, s: For | While, live: Live) -> tuple[Statement | None, Live]:
        head = s.iterable if isinstance(s, For) else s.test
        is_left = any(isinstance(inner, Return) for inner in statements(s.body))
        if not is_left and not (live & assigned_in_place(s)) and self.pure(head) and not self.has_effect(s.body):
            return None, live
        bound = frozenset(target_names(s.target)) if isinstance(s, For) else frozenset()
        around = live | _reads(s.until, None if isinstance(s, For) else head)
        while True:
            body, inside = self.block(s.body, around)
            wider = around | (inside - bound)
            if wider == around:
                break
            around = wider
        if isinstance(s, For) and not _does_something(body) and self.pure(head) and not live & bound:
            return None, live
        return replace(s, body=body), around | _reads(head)

    def context(self, s: With, live: Live) -> tuple[Statement | None, Live]:
        body, live = self.block(s.body, live)
        if not _does_something(body) and holds_for_derivatives(s.context):
            return None, live
        bound = frozenset() if s.target is None else frozenset(target_names(s.target))
        return replace(s, body=body), (live - bound) | _reads(s.context)

    def attempt(self, s: Try, live: Live) -> tuple[Statement, Live]:
        """The body stays as it is: what nobody reads may still raise the exception that decides on the way."""
        final, live = self.block(s.final, live)
        orelse, found = self.block(s.orelse, live)
        handlers: list[Handler] = []
        for handler in s.handlers:
            body, inside = self.block(handler.body, live)
            handlers.append(replace(handler, body=body))
            found |= inside | _reads(handler.type)
        found |= live | _reads(*expressions(s.body))
        return replace(s, handlers=tuple(handlers), orelse=orelse, final=final), found

    def has_effect(self, block: Block) -> bool:
        """True if running the block does more than binding variables."""
        for s in block:
            match s:
                case Assign(value=value) | Aug(value=value):
                    if not self.pure(value):
                        return True
                case If(test=test, then=then, orelse=orelse):
                    if not self.pure(test) or self.has_effect(then) or self.has_effect(orelse):
                        return True
                case For(iterable=head, body=body) | While(test=head, body=body):
                    if not self.pure(head) or self.has_effect(body):
                        return True
                case Evaluate(value=Call(func=Attribute(value=Name(), attr="append"), args=args)):
                    if not self.pure(*args):
                        return True
                case Evaluate(value=Call(func=Global(dotted="numpy.add.at" | "_add_at"))):
                    pass
                case Evaluate(value=value):
                    if not self.pure(value):
                        return True
                case Try():
                    if any(map(self.has_effect, blocks(s))):
                        return True
                case With(context=context, body=body):
                    if not holds_for_derivatives(context) or self.has_effect(body):
                        return True
                case Return(value=value):
                    if not self.pure(value):
                        return True
                case Pass() | Comment():
                    pass
                case _:
                    return True
        return False


def _reads(*nodes: Expr | None) -> Live:
    return frozenset(name for node in nodes if node is not None for name in names_in(node))


def _root(target: Expr) -> str:
    """The variable that an element or part belongs to."""
    while isinstance(target, Index | Attribute):
        target = target.value
    return target.id if isinstance(target, Name) else ""


def assigned_in_place(s: Statement) -> frozenset[str]:
    """The variables that a statement binds or whose contents it changes."""
    names = set(assigned(s))
    match s:
        case Aug(target=target) | Assign(target=Index() as target):
            names.add(_root(target))
        case Evaluate(value=Call(func=Attribute(value=Name(id=name), attr="append"))):
            names.add(name)
        case Evaluate(value=Call(func=Global(dotted="numpy.add.at" | "_add_at"), args=(target, *_))):
            names.add(_root(target))
    return frozenset(names.union(*(assigned_in_place(inner) for block in blocks(s) for inner in block)))


def _does_something(block: Block) -> bool:
    return any(not isinstance(s, Comment | Pass) for s in block)
