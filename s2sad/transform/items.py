"""Tuples and lists of objects that are changed under other names, too: each element is a variable.

    parts = [u[:2], u[2:]]      |   parts_0, parts_1 = u[:2], u[2:]
    parts[0][:] *= 2            |   parts_0[:] *= 2
    for v in parts:             |   for v in [parts_0, parts_1]:
        v += 1                  |       v += 1

So each can be followed (transform/followed.py). A container that is used otherwise stays one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from s2sad.analysis.changes import (
    INCREASED,
    REPLACED,
    changed,
    changed_arguments,
    changed_variables,
    changes_elements,
    is_change,
    root_of,
)
from s2sad.analysis.effects import is_known_pure
from s2sad.analysis.paths import is_mutable, path_of
from s2sad.ir import (
    Assign,
    Binary,
    Block,
    Call,
    Const,
    Expr,
    For,
    Function,
    Global,
    Index,
    ListOf,
    Name,
    Return,
    Starred,
    Statement,
    TupleOf,
)
from s2sad.kind import Kind, Sequence
from s2sad.naming import Names
from s2sad.traversal import binds, captured, children, heads, map_blocks, map_children, map_heads, names_in, statements

__all__ = ["by_item"]

KindOf = Callable[[Expr], Kind]
Display = TupleOf | ListOf


def by_item(
    function: Function, group: frozenset[str], names: Names, kinds_at: Callable[[Statement], KindOf | None]
) -> Block:
    """The body of a function with a variable for each element of the containers of `group` that are used by element."""
    hidden = {param.name for param in function.params} | captured(function.body)
    found = _displays(function.body, group - hidden, kinds_at)
    apart = {name: one for name, one in found.items() if _is_used_by_item(function.body, name, len(one.items))}
    if not apart:
        return function.body
    items = {name: tuple(names.unique(f"{name}_{k}") for k in range(len(one.items))) for name, one in apart.items()}
    return _Apart(items, {name: type(one) for name, one in apart.items()}, kinds_at).block(function.body)


def _displays(
    block: Block, wanted: frozenset[str], kinds_at: Callable[[Statement], KindOf | None]
) -> dict[str, Display]:
    """The variables to which nothing is assigned but displays of one length, with objects that may have other names."""
    given: dict[str, list[Display | None]] = {}
    for s in statements(block):
        for name in wanted & set(binds(s)) - set(changed_variables(s)):
            given.setdefault(name, []).append(_display(s, kinds_at(s)))
    return {
        name: first
        for name, (first, *others) in given.items()
        if first is not None
        and all(type(one) is type(first) and one is not None and len(one.items) == len(first.items) for one in others)
    }


def _display(s: Statement, kind: KindOf | None) -> Display | None:
    """The tuple of objects that can be changed, or list in which one has a name, that is assigned to a variable."""
    match s:
        case Assign(target=Name(), value=TupleOf(items=items) | ListOf(items=items) as value) if kind is not None:
            is_tuple = isinstance(value, TupleOf)
            if any(_holds(kind(item)) if is_tuple else path_of(item, kind) for item in items):
                return None if any(isinstance(item, Starred) for item in items) else value
    return None


def _holds(kind: Kind) -> bool:
    """True for an object that can be changed, and a tuple that holds one."""
    if isinstance(kind, Sequence) and kind.type == "tuple":
        return any(map(_holds, kind.items))
    return is_mutable(kind)


# ------------------------------------------------------------------------- uses


def _is_used_by_item(block: Block, name: str, count: int) -> bool:
    """True if every use of a container is one of an element that is written out, or one of all of them."""
    return all(_is_fine(s, name, count) for s in statements(block))


def _is_fine(s: Statement, name: str, count: int) -> bool:
    match s:
        case Assign(target=target, value=value) if name in changed_variables(s):
            if changed(s) == name:
                return isinstance(target, Name) and isinstance(value, Call) and _is_item_change(value, name, count)
            return all(
                _item(part, name, count) is not None for part in changed_arguments(value) if root_of(part) == name
            )
        case Assign(target=Name(id=own), value=value) if own == name:
            return _reads_items(value, name, count)
        case Assign(target=TupleOf(items=items), value=Name(id=own)) if own == name:
            return len(items) == count and name not in binds(s)
        case For(target=target, iterable=iterable, until=until):
            whole = [iterable, *(iterable.args if isinstance(iterable, Call) else ())]
            rest = [part for part in whole[1:] if part != Name(name)] if iterable != Name(name) else []
            return until is None and all(_reads_items(part, name, count) for part in (*rest, target))
        case Return(value=Name(id=own)) if own == name:
            return True
    return all(_reads_items(part, name, count) for part in heads(s))


def _is_item_change(value: Call, name: str, count: int) -> bool:
    """True for a change of an element, or of a part of one."""
    is_item = value.func in (REPLACED, INCREASED) and _item(Index(*value.args[:2]), name, count) is not None
    return is_item and all(_reads_items(part, name, count) for part in value.args[1:])


def _reads_items(node: Expr, name: str, count: int) -> bool:
    """True if an expression reads nothing of a container but elements that are written out, or all in a call of a library."""
    match node:
        case Name(id=own):
            return own != name
        case Index(value=Name(id=own)) if own == name:
            return _item(node, name, count) is not None
        case Call(func=Global(), args=args) if Name(name) in args and is_known_pure(node):
            return all(_reads_items(part, name, count) for part in children(node) if part != Name(name))
    return all(_reads_items(part, name, count) for part in children(node))


def _item(part: Expr, name: str, count: int) -> int | None:
    """The number of the element that a part of the container is, or is in; None where it is not written out."""
    while isinstance(part, Index) and isinstance(part.value, Index):
        part = part.value
    match part:
        case Index(value=Name(id=own), index=Const(value=int() as k, type="int")) if (
            own == name and -count <= k < count
        ):
            return k % count
    return None


# ------------------------------------------------------------------------ apart


@dataclass
class _Apart:
    """`items` are the variables for the elements of each container, `types` what these containers are."""

    items: dict[str, tuple[str, ...]]
    types: dict[str, type[Display]]
    kinds_at: Callable[[Statement], KindOf | None]
    kind: KindOf | None = field(default=None)

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        self.kind = self.kinds_at(s)
        name = changed(s)
        match s:
            case Assign(value=Call() as value) if name in self.items:
                return (self.changed(s, str(name), value),)
            case Assign(target=target, value=Call() as call) if changed_arguments(call):
                return (replace(s, target=self.called(target, call), value=self.read(call)),)
            case Assign(target=Name(id=own), value=TupleOf(items=values) | ListOf(items=values)) if own in self.items:
                return self.bound(s, self.items[own], tuple(map(self.read, values)))
        return (map_blocks(map_heads(s, self.read), self.block),)

    def bound(self, s: Assign, names: tuple[str, ...], values: tuple[Expr, ...]) -> Block:
        """The elements one after the other, or at once where one reads what was in the place of another."""
        pairs = list(zip(map(Name, names), values, strict=True))
        if any(name in names_in(value) for name in names for value in values):
            return (replace(s, target=TupleOf(tuple(map(Name, names))), value=TupleOf(values)),)
        return tuple(Assign(target, value, origin=s.origin) for target, value in pairs)

    def changed(self, s: Assign, name: str, value: Call) -> Assign:
        """A change of an element."""
        _, index, new = value.args
        own = Name(self.items[name][self.place(index, name)])
        if isinstance(new, Call) and is_change(new) and new.args[0] == Index(Name(name), index):
            return replace(s, target=own, value=self.read(new))
        if self.kind is None or not changes_elements(value, s.origin, self.kind):
            new = self.read(new)
            return replace(s, target=own, value=Binary("+", own, new) if value.func == INCREASED else new)
        if isinstance(new, Binary) and new.left == Index(Name(name), index):
            new = replace(new, left=Index(own, Const(...)))
        return replace(s, target=own, value=replace(value, args=(own, Const(...), self.read(new))))

    def called(self, target: Expr, call: Call) -> Expr:
        """What a call is assigned to that changes elements."""
        parts = changed_arguments(call)
        targets = list(target.items) if isinstance(target, TupleOf) else [target]
        first = len(targets) - len(parts)
        for place, part in enumerate(parts, first):
            name = root_of(part)
            if name in self.items:
                found = _item(part, name, len(self.items[name]))
                assert found is not None
                targets[place] = Name(self.items[name][found])
        return TupleOf(tuple(targets)) if isinstance(target, TupleOf) else targets[0]

    def place(self, index: Expr, name: str) -> int:
        assert isinstance(index, Const)
        return int(index.value) % len(self.items[name])

    def read(self, node: Expr) -> Expr:
        match node:
            case Index(value=Name(id=name), index=index) if name in self.items:
                return Name(self.items[name][self.place(index, name)], span=node.span)
            case Name(id=name) if name in self.items:
                return self.types[name](tuple(map(Name, self.items[name])), span=node.span)
        return map_children(node, self.read)
