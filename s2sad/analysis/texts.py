"""Numbers that go through text or a file: a derivative cannot follow them, and counting them as constants would be wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from s2sad.analysis.activity import Reach
from s2sad.analysis.changes import is_change
from s2sad.analysis.text import TEXT
from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Block,
    Call,
    Compare,
    Conditional,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    Index,
    Name,
    Return,
    Unary,
    With,
)
from s2sad.kind import Array, Kind, Number, Other, may_be_active
from s2sad.rules.contexts import gives_object
from s2sad.traversal import children, names_in, statements, target_names, walk

__all__ = ["check_texts"]

KindOf = Callable[[Expr], Kind]
# Methods that look up a value by a key, which decides no more than which value is meant.
_LOOKUPS = ("get", "setdefault", "pop")


def check_texts(function: Function, unit: Unit, reached: Reach, kind_of: KindOf) -> None:
    """Refuse what makes a number that the result depends on of text, or what is in a file, that shows a varied value."""
    texts = _Texts(reached.varied, frozenset(), frozenset(), kind_of)
    before = None
    while before != texts:
        before = texts
        texts = replace(texts, written=_written(function.body, texts))
        texts = replace(texts, names=_texts(function.body, texts))
    for targets, value in _values(function.body):
        if targets is None or targets & reached.useful:
            found = [part for part in walk(value) if isinstance(part, Call) and _reads_text(part, texts)]
            if found:
                reason = "cannot follow a derivative through text or a file"
                raise DifferentiationError("S202", reason, unit.place(found[-1].span), "use the number itself")


def _reads_text(call: Call, texts: _Texts) -> bool:
    """True for a call that may make a number of text."""
    arguments = (*call.args, *(value for _, value in call.keywords))
    if is_change(call) or (isinstance(call.func, Attribute) and call.func.attr in _LOOKUPS):
        return False
    if isinstance(call.func, Attribute) and isinstance(texts.kind_of(call.func.value), Other):
        arguments = (call.func.value, *arguments)
    return any(map(texts.shown, arguments)) and may_be_active(texts.kind_of(call))


def _written(body: Block, texts: _Texts) -> frozenset[Expr]:
    """The files, and the names of files, that a varied value is written to."""
    hidden = texts.varied | texts.names
    found: set[Expr] = set()
    for call in _writing(body):
        if not hidden.isdisjoint(names_in(call)):
            found |= {part for part in _destinations(call) if texts.may_be_file(part)}
    before = None
    while before != found:
        before = set(found)
        for targets, value in _values(body):
            if targets and found & {Name(t) for t in targets}:
                # What is behind a file that is open, or behind a name.
                parts = value.args[:1] if isinstance(value, Call) and gives_object(value) else (value,)
                found |= {part for part in parts if texts.may_be_file(part)}
    return frozenset(found)


def _writing(body: Block) -> Iterator[Call]:
    """The calls that may write into files."""
    for s in statements(body):
        match s:
            case Evaluate(value=Call() as call):
                yield call
            case Assign(value=Call(func=Attribute(attr=attr)) as call) if attr.startswith("write"):
                yield call


def _destinations(call: Call) -> Iterator[Expr]:
    """What a call that is made for its effect may write to."""
    match call.func:
        case Global(dotted="print"):
            yield from (value for key, value in call.keywords if key == "file")
        case Global(dotted=dotted) if not dotted.startswith(("logging.", "warnings.", "time.", "sys.")):
            yield from (*call.args, *(value for _, value in call.keywords))
        case Attribute(value=value):
            yield value


@dataclass(frozen=True)
class _Texts:
    varied: frozenset[str]
    written: frozenset[Expr]
    names: frozenset[str]
    kind_of: KindOf

    def may_be_file(self, node: Expr) -> bool:
        """True for what may be a file, or the name of one."""
        is_hidden = not (self.varied | self.names).isdisjoint(names_in(node))
        return not is_hidden and not isinstance(self.kind_of(node), Number | Array)

    def shown(self, node: Expr) -> bool:
        """True if `node` is text, or has text in it, that shows a varied value, or a file that one is written to."""
        if node in self.written:
            return True
        match node:
            case Name(id=name):
                return name in self.names
            case Compare() | Unary(op="not"):
                return False
            case Index(value=value):
                return self.shown(value)
            case Conditional(then=then, orelse=orelse):
                return self.shown(then) or self.shown(orelse)
            case Attribute(value=value):
                return self.shown(value)
        kind = self.kind_of(node)
        if isinstance(kind, Number | Array):
            # Where it is made of text that is a call of its own.
            return False
        if kind == TEXT and not self.varied.isdisjoint(names_in(node)):
            return True
        return any(map(self.shown, children(node)))


def _texts(body: Block, texts: _Texts) -> frozenset[str]:
    """The variables that hold text which shows a varied value."""
    while True:
        names = texts.names.union(*(targets for targets, value in _values(body) if targets and texts.shown(value)))
        if names == texts.names:
            return names
        texts = replace(texts, names=names)


def _values(body: Block) -> Iterator[tuple[frozenset[str] | None, Expr]]:
    """Every value that is bound, with the names that it is bound to; None for a value that is returned."""
    for s in statements(body):
        match s:
            case Assign(target=target, value=value) | Aug(target=target, value=value):
                yield frozenset(target_names(target)), value
            case For(target=target, iterable=iterable):
                yield frozenset(target_names(target)), iterable
            case With(context=context, target=target) if target is not None:
                yield frozenset(target_names(target)), context
            case Return(value=value) if value is not None:
                yield None, value
