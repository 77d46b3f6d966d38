"""Functions written for the objects they are given: an object goes in, and comes out, as its attributes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from s2sad.ir import (
    Assign,
    Block,
    Call,
    Comment,
    Const,
    Expr,
    Function,
    Name,
    Pass,
    Return,
    Statement,
    TupleOf,
)
from s2sad.naming import Names
from s2sad.transform.objects.values import PLAIN, Empty, Object, Ref, Result, State, Value, reachable
from s2sad.traversal import assigned, names_in, substitute

if TYPE_CHECKING:
    from s2sad.transform.objects.walk import Walk

__all__ = ["Arguments", "Special", "incoming", "shape_of", "specialised"]

#: An attribute of an object that came in or was made, by the number of the object.
Place = tuple[int, str | int]


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call under names, and the call in terms of these."""

    given: dict[Name, Result]
    positional: tuple[Expr, ...]
    keywords: tuple[tuple[str | None, Expr], ...]

    def filled(self, call: Call, value: Callable[[Result], Expr]) -> Call:
        """The call with the arguments themselves."""
        known: dict[Expr, Expr] = {name: value(one) for name, one in self.given.items()}
        args = tuple(substitute(arg, known) for arg in self.positional)
        return replace(call, args=args, keywords=tuple((key, substitute(arg, known)) for key, arg in self.keywords))


@dataclass(frozen=True)
class Special:
    """A function for certain objects. `inputs` are its parameters, one of the function's own or the attribute of an object;
    `state` is what holds behind it and `value` what it returns, both with the objects numbered as they came in. It `loses` what
    it has changed if it raises an exception.
    """

    key: str
    inputs: tuple[str | Place, ...]
    state: State
    value: Value
    gives_value: bool
    is_constructor: bool
    count: int
    function: Function
    loses: bool = False

    @property
    def does_something(self) -> bool:
        """True for a function that is more than what it returns."""
        return any(not isinstance(s, Return | Pass | Comment) for s in self.function.body)

    def arguments(self, args: dict[str, Result], state: State) -> list[int]:
        """The objects that go in, in the order of their numbers inside."""
        return list(reachable([one.value for one in args.values()], state.objects))

    def changed(self) -> list[Place]:
        """The attributes that come out."""
        return [
            (number, name)
            for number, one in self.state.objects.items()
            for name in one.fields
            if number >= self.count or (number, name) in self.state.written
        ]

    def written_out(self, call: Call, names: Names) -> tuple[list[Statement], list[Expr]] | None:
        """What the function does as statements of the caller, with the values that it returns; None where it is more than
        assignments one after the other.
        """
        *lines, last = self.function.body or (Return(),)
        once = [name for s in lines for name in sorted(assigned(s))]
        simple = all(isinstance(s, Assign) and isinstance(s.target, Name) for s in lines) and len(set(once)) == len(
            once
        )
        if not isinstance(last, Return) or not simple or last.value is None:
            return None
        known: dict[Expr, Expr] = {}
        before: list[Statement] = []
        for param, arg in zip(self.function.params, call.args, strict=True):
            known[Name(param.name)] = _atom(arg, param.name, before, names)
        for s in lines:
            assert isinstance(s, Assign) and isinstance(s.target, Name)
            value = substitute(s.value, known)
            returned = sum(name == s.target.id for name in names_in(last.value))
            read_inside = any(s.target.id in names_in(other.value) for other in lines if isinstance(other, Assign))
            if returned == 1 and not read_inside:
                known[s.target] = value
            else:
                known[s.target] = _atom(value, s.target.id, before, names)
        values = last.value.items if isinstance(last.value, TupleOf) else (last.value,)
        return before, [substitute(one, known) for one in values]


def _atom(value: Expr, wish: str, before: list[Statement], names: Names) -> Expr:
    """A value under a name, unless it is one or a constant."""
    if isinstance(value, Name | Const):
        return value
    name = Name(names.unique(wish))
    before.append(Assign(name, value))
    return name


def specialised(walk: Walk, key: str, args: dict[str, Result]) -> Special:
    """The function `key` for these arguments."""
    return walk.whole.special(key, args, walk)  # type: ignore[attr-defined, no-any-return]


def shape_of(args: dict[str, Result], state: State) -> tuple[object, ...]:
    """What a function written for arguments depends on: of which classes the objects are, and how they refer to each other."""
    numbers = {number: k for k, number in enumerate(reachable([one.value for one in args.values()], state.objects))}

    def value(one: Value) -> object:
        if isinstance(one, Empty):
            return PLAIN
        return ("object", numbers[one.number]) if isinstance(one, Ref) else one

    objects = (state.objects[number] for number in numbers)
    fields = tuple(
        (
            one.made,
            one.of,
            one.handed_on,
            one.moved,
            tuple((name, value(own.value), own.maybe) for name, own in one.fields.items()),
        )
        for one in objects
    )
    return tuple((name, value(one.value)) for name, one in args.items()), fields


def incoming(args: dict[str, Result], state: State, names: Names) -> State:
    """The arguments of a call as the callee sees them: by its parameters, with variables of its own."""
    order = list(reachable([one.value for one in args.values()], state.objects))
    numbers = {number: k for k, number in enumerate(order)}
    prefixes: dict[int, str] = {}
    for name, one in args.items():
        _prefixed(one.value, name, state, prefixes)
    found = State()
    for number in order:
        old = state.objects[number]
        fields = {
            name: replace(
                own,
                value=_inside(own.value, numbers),
                variable=names.unique(f"{prefixes[number]}_{name}") if own.variable else "",
            )
            for name, own in old.fields.items()
        }
        new = Object(old.made, prefixes[number], fields, old.handed_on, of=old.of, site=old.site, moved=old.moved)
        found.objects[numbers[number]] = new
    found.variables = {name: _inside(one.value, numbers) for name, one in args.items()}
    return found


def _prefixed(value: Value, prefix: str, state: State, prefixes: dict[int, str]) -> None:
    """What the variables of objects are called after: the way in which they are reached first."""
    if isinstance(value, Ref) and value.number not in prefixes:
        prefixes[value.number] = prefix
        for name, own in state.objects[value.number].fields.items():
            _prefixed(own.value, f"{prefix}_{name}", state, prefixes)


def _inside(value: Value, numbers: dict[int, int]) -> Value:
    return Ref(numbers[value.number]) if isinstance(value, Ref) else value


def with_returns(block: Block, returns: dict[int, Statement | None]) -> Block:
    """The block with statements in the place of those that stand for returns."""
    from s2sad.traversal import map_blocks

    done: list[Statement] = []
    for s in block:
        if id(s) in returns:
            new = returns[id(s)]
            done += [] if new is None else [new]
        else:
            done.append(map_blocks(s, lambda inner: with_returns(inner, returns)))
    return tuple(done)
