"""Dicts that are filled, or emptied, under keys that are written out, as one variable for each key.

    d = {}                      d_a = u
    d["a"] = u                  d_b = d_a * v
    d["b"] = d["a"] * v         return {"a": d_a, "b": d_b}
    return d

Which keys there are is known at each place, or the dict stays what it is: one that is made elsewhere, that gets a key in
one branch only, that is changed after something else has got hold of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from s2sad.analysis.changes import changed_arguments, root_of
from s2sad.analysis.effects import is_known_pure
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Call,
    Compare,
    Conditional,
    Const,
    Def,
    DictOf,
    Evaluate,
    Expr,
    For,
    Function,
    If,
    Index,
    Lambda,
    Name,
    Opaque,
    Pass,
    Return,
    Statement,
    TupleOf,
    Unary,
    While,
)
from s2sad.kind import Key
from s2sad.naming import Names
from s2sad.traversal import (
    binds,
    blocks,
    children,
    expressions,
    map_children,
    map_statement,
    names_in,
    reads,
    statements,
    target_names,
    walk,
)

__all__ = ["with_filled_dicts"]


def with_filled_dicts(function: Function, names: Names) -> Function:
    """The function without dicts whose keys change and are known at each place."""
    for name in _candidates(function):
        apart = _Apart(name, names)
        try:
            body = apart.block(function.body)
        except _Stays:
            continue
        if apart.resized:
            function = replace(function, body=body)
    return function


class _Stays(Exception):
    """The dict is not taken apart."""


def _candidates(function: Function) -> list[str]:
    """The variables to which nothing but displays of dicts is assigned, and that no function inside reads."""
    made: dict[str, bool] = {}
    for s in statements(function.body):
        is_display = isinstance(s, Assign) and isinstance(s.target, Name) and isinstance(s.value, DictOf)
        for name in binds(s):
            made[name] = made.get(name, True) and is_display
    if not any(made.values()):
        return []
    kept = {param.name for param in function.params} | _read_inside(function)
    changing = set(map(root_of, _changed(function.body)))
    return [
        name
        for name, is_made in made.items()
        if is_made and name not in kept and changing.isdisjoint(_holders(function.body, name))
    ]


def _changed(block: Block) -> Iterator[Expr]:
    """What is changed in place in the block, or may be by a method."""
    for s in statements(block):
        if isinstance(s, Assign | Aug):
            targets = s.target.items if isinstance(s.target, TupleOf) else (s.target,)
            yield from (target.value for target in targets if isinstance(target, Index))
            yield from (target for target in targets if isinstance(s, Aug))
    for expression in expressions(block):
        for part in walk(expression):
            yield from changed_arguments(part)
            if isinstance(part, Call) and isinstance(part.func, Attribute) and not is_known_pure(part):
                yield part.func.value


def _holders(block: Block, name: str) -> set[str]:
    """The other variables that may refer to the dict, or to something that it is in."""
    found = {name}
    while True:
        grown = found | {
            target
            for s in statements(block)
            if isinstance(s, Assign | For)
            and not found.isdisjoint(_handed_on(s.value if isinstance(s, Assign) else s.iterable, found - {name}))
            for target in target_names(s.target)
        }
        if grown == found:
            return found - {name}
        found = grown


def _handed_on(value: Expr, holders: set[str]) -> Iterator[str]:
    """The variables whose objects a value may be or hold, and those of the holders of which it may be a part."""
    match value:
        case Name(id=name):
            yield name
        case Index() | Attribute():
            yield from holders & {root_of(value) or ""}
        case Call() if is_known_pure(value) and not isinstance(value.func, Name):
            yield from holders.intersection(names_in(value))
        case Binary() | Unary() | Compare():
            pass
        case _:
            for child in children(value):
                yield from _handed_on(child, holders)


def _read_inside(function: Function) -> set[str]:
    found = {
        name
        for expression in expressions(function.body)
        for part in walk(expression)
        if isinstance(part, Opaque | Lambda)
        for name in names_in(part)
    }
    defined = [s.function for s in statements(function.body) if isinstance(s, Def)]
    return found | {name for inner in defined for name in reads(inner)}


@dataclass
class _Apart:
    """Takes the dict `name` apart; `keys` are those that it has at the present place, in order, None where it is not made."""

    name: str
    names: Names
    keys: tuple[Key, ...] | None = None
    parts: dict[Key, str] = field(default_factory=dict)
    resized: bool = False
    held: bool = False

    def part(self, key: Key) -> Name:
        if key not in self.parts:
            word = "".join(c if c.isalnum() else "_" for c in str(key))
            self.parts[key] = self.names.unique(f"{self.name}_{word}")
        return Name(self.parts[key])

    def known(self) -> tuple[Key, ...]:
        if self.keys is None:
            raise _Stays
        return self.keys

    def changes(self) -> None:
        """The dict is changed here; if something else has got hold of it, that would see it."""
        if self.held:
            raise _Stays

    # ------------------------------------------------------------- statements

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        if not self.concerns(s):
            return (s,)
        match s:
            case Assign(target=Name(id=name), value=DictOf(keys=keys, items=items)) if name == self.name:
                return self.made(s, keys, items)
            case Assign(target=Index(value=Name(id=name), index=Const(value=key)), value=value) if name == self.name:
                return self.put(s, key, value)
            case Aug(target=Index(value=Name(id=name), index=Const(value=key)), value=value) if name == self.name:
                self.changes()
                return (replace(s, target=self.read(key), value=self.expression(value)),)
            case Assign(target=target, value=value) if (key := self.popped(value)) is not None:
                return (replace(s, target=self.expression(target), value=self.taken(key)),)
            case Evaluate(value=value) if (key := self.popped(value)) is not None:
                self.taken(key)
                return (Pass(),)
            case If():
                return self.branch(s)
            case For() | While():
                return (self.loop(s),)
            case Return(value=Expr() as value):
                held, self.held = self.held, False
                done = replace(s, value=self.expression(value))
                self.held = held
                return (done,)
            case Def() | Aug(target=Name()):
                raise _Stays
        if blocks(s):
            raise _Stays
        return (map_statement(s, self.expression),)

    def concerns(self, s: Statement) -> bool:
        return any(self.name in names_in(expression) for expression in expressions((s,)))

    def made(self, s: Assign, keys: tuple[Key, ...], items: tuple[Expr, ...]) -> Block:
        values = tuple(map(self.expression, items))
        self.changes()
        self.keys = keys
        targets = tuple(map(self.part, keys))
        if any(target.id in names_in(value) for target in targets for value in values) and len(targets) > 1:
            return (replace(s, target=TupleOf(targets), value=TupleOf(values)),)
        return tuple(replace(s, target=target, value=value) for target, value in zip(targets, values, strict=True))

    def put(self, s: Assign, key: Key, value: Expr) -> Block:
        value = self.expression(value)
        self.changes()
        if type(key) not in (str, int):
            raise _Stays
        if key not in self.known():
            self.keys = (*self.known(), key)
            self.resized = True
        return (replace(s, target=self.part(key), value=value),)

    def popped(self, value: Expr) -> Key | None:
        match value:
            case Call(func=Attribute(value=Name(id=name), attr="pop"), args=(Const(value=str() | int() as key),)) if (
                name == self.name
            ):
                return key
        return None

    def taken(self, key: Key) -> Expr:
        value = self.read(key)
        self.changes()
        self.keys = tuple(own for own in self.known() if own != key)
        self.resized = True
        return value

    def branch(self, s: If) -> Block:
        taken = self.decided(s.test)
        if taken is not None:
            return self.block(s.then if taken else s.orelse) or (Pass(),)
        test = self.expression(s.test)
        before, held = self.keys, self.held
        then = self.block(s.then)
        after, held_after = self.keys, self.held
        self.keys, self.held = before, held
        orelse = self.block(s.orelse)
        self.held |= held_after
        if self.keys != after:
            raise _Stays
        return (replace(s, test=test, then=then, orelse=orelse),)

    def loop(self, s: For | While) -> Statement:
        done: Statement = s
        for _ in range(2):
            before = self.keys
            if isinstance(s, For):
                done = replace(s, target=self.expression(s.target), iterable=self.expression(s.iterable))
            else:
                done = replace(s, test=self.expression(s.test))
            done = replace(done, body=self.block(s.body))
            if self.keys != before:
                raise _Stays
        return done

    # ------------------------------------------------------------ expressions

    def read(self, key: object) -> Name:
        for own in self.known():
            if own == key and type(own) is type(key):
                return self.part(own)
        raise _Stays

    def decided(self, test: Expr) -> bool | None:
        """What a test for a key gives."""
        match test:
            case Compare(left=Const(value=key), ops=("in" | "not in" as op,), rights=(Name(id=name),)) if (
                name == self.name
            ):
                return (key in self.known()) == (op == "in")
        return None

    def expression(self, node: Expr) -> Expr:
        match node:
            case Index(value=Name(id=name), index=Const(value=key)) if name == self.name:
                return self.read(key)
            case Conditional(test=test, then=then, orelse=orelse) if (taken := self.decided(test)) is not None:
                return self.expression(then if taken else orelse)
            case Call(func=Attribute(value=Name(id=name), attr="get"), args=(Const(value=key), *default)) if (
                name == self.name
            ):
                return (
                    self.read(key) if key in self.known() else self.expression(default[0] if default else Const(None))
                )
            case Compare() if (found := self.decided(node)) is not None:
                return Const(found)
            case Call() if Name(self.name) in changed_arguments(node):
                raise _Stays
            case Name(id=name) if name == self.name:
                self.held = True
                return DictOf(self.known(), tuple(map(self.part, self.known())), span=node.span)
        return map_children(node, self.expression)
