"""Where paths meet: the objects of one path are those of the other, with what has to be copied from variable to variable.

Where that cannot be, because a variable refers to one of several objects that are there beside it, what it refers to is a copy
of either. None of them may change any more then, for it would not be seen in the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

from s2sad.kind import Record
from s2sad.kind import join as join_kinds
from s2sad.transform.objects.values import (
    PLAIN,
    Conflict,
    Field,
    Nothing,
    Object,
    Plain,
    Ref,
    Row,
    Runtime,
    State,
    Value,
    reachable,
)

__all__ = ["Joined", "joined"]

_DEPENDS = "which object it is depends on the way that led here"
_UNBOUND = "it may be without a value here"


@dataclass
class Joined:
    """The state behind two paths. `copies` are the variables that the second one has to assign, each from another, and
    `copies_first` those of the first one; `made` are the objects that are copies of one of two, and `sources` these;
    `missing` are the attributes that one of the paths has not assigned: the class has them.
    """

    state: State
    makes: Makes
    copies: dict[str, str] = field(default_factory=dict)
    copies_first: dict[str, str] = field(default_factory=dict)
    sources: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))
    made: dict[tuple[int, int], int] = field(default_factory=dict)
    same: dict[int, int] = field(default_factory=dict)
    missing: tuple[list[tuple[int, str | int]], list[tuple[int, str | int]]] = field(default_factory=lambda: ([], []))


class Makes(Protocol):
    """Numbers and variables for new objects."""

    def new_number(self) -> int:
        """A number that no object has."""
        ...

    def new_variable(self, prefix: str, name: str | int) -> str:
        """A variable that nothing else is called by."""
        ...


def joined(first: State, second: State, fixed: Iterable[int], makes: Makes) -> Joined:
    """What holds after either path. Objects of the second one become those of the first: only the way in which variables
    refer to them has to be the same. `fixed` are the objects that were there before: they stay what they are.
    """
    found = Joined(State(written=first.written | second.written, touched=first.touched | second.touched), makes)
    for number in fixed:
        _same(number, number, first, second, found)
    for name in {**first.variables, **second.variables}:
        if name in first.variables and name in second.variables:
            value = _value(first.variables[name], second.variables[name], first, second, found)
        else:
            value = first.variables.get(name, second.variables.get(name, PLAIN))
            value = Conflict(_UNBOUND) if isinstance(value, Ref) else PLAIN if isinstance(value, Nothing) else value
        found.state.variables[name] = value
    for number in {*found.sources[0], *(found.same[n] for n in found.sources[1] if n in found.same)}:
        if number in found.state.objects:
            found.state.objects[number] = replace(found.state.objects[number], handed_on=True)
    return found


def _value(a: Value, b: Value, first: State, second: State, found: Joined) -> Value:
    match a, b:
        case _ if a == b and not reachable([a], first.objects):
            return a
        case Ref(number=m), Ref(number=n):
            return a if _same(m, n, first, second, found) else _copy(m, n, first, second, found)
        case Row(rows=m), Row(rows=n) if _same(m, n, first, second, found):
            return replace(a, absolute=a.absolute and b.absolute)
        case Runtime(kind=s), Runtime(kind=t) if isinstance(kind := join_kinds(s, t), Record):
            return Runtime(kind)
        case (Plain() | Runtime(), Plain() | Runtime()):
            return PLAIN
        case Conflict(), _:
            return a
    return Conflict(_DEPENDS)


def _same(m: int, n: int, first: State, second: State, found: Joined) -> bool:
    """Take the object `n` of the second path for `m` of the first; False if one of them is taken for another already."""
    if n in found.same or m in found.same.values():
        return found.same.get(n) == m
    one, other = first.objects[m], second.objects[n]
    if (one.made, one.home, one.of, one.index) != (other.made, other.home, other.of, other.index):
        return False
    if (one.rows >= 0) != (other.rows >= 0) or (
        one.rows >= 0 and not _same(one.rows, other.rows, first, second, found)
    ):
        return False
    found.same[n] = m
    # A placeholder, for objects that refer to each other in a circle.
    found.state.objects[m] = one
    fields: dict[str | int, Field] = {}
    for name in {**one.fields, **other.fields}:
        fields[name] = _field(name, m, one, other, (first, second), found)
    handed_on = one.handed_on or other.handed_on
    site = one.site if one.site == other.site else None
    flags = {"moved": one.moved or other.moved, "absolute": one.absolute and other.absolute, "site": site}
    found.state.objects[m] = replace(one, fields=fields, handed_on=handed_on, **flags)  # type: ignore[arg-type]
    return True


def _copy(m: int, n: int, first: State, second: State, found: Joined) -> Value:
    """An object that is a copy of one of two."""
    one, other = first.objects[m], second.objects[n]
    if one.made != other.made or one.fields.keys() != other.fields.keys():
        return Conflict(_DEPENDS)
    if one.of or one.index is not None or other.index is not None or one.moved or other.moved:
        return Conflict(_DEPENDS)
    if (m, n) in found.made:
        return Ref(found.made[m, n])
    number = found.made[m, n] = found.makes.new_number()
    found.state.objects[number] = Object(one.made, one.prefix, handed_on=True)
    fields: dict[str | int, Field] = {}
    for name, a in one.fields.items():
        b = other.fields[name]
        value = _value(a.value, b.value, first, second, found)
        variable = found.makes.new_variable(one.prefix, name) if a.variable and b.variable else ""
        if variable:
            found.copies_first[variable] = a.variable
            found.copies[variable] = b.variable
        fields[name] = Field(value, variable, a.maybe or b.maybe)
    found.state.objects[number] = replace(found.state.objects[number], fields=fields)
    found.sources[0].add(m)
    found.sources[1].add(n)
    return Ref(number)


def _field(
    name: str | int, number: int, one: Object, other: Object, states: tuple[State, State], found: Joined
) -> Field:
    a, b = one.fields.get(name), other.fields.get(name)
    if a is None or b is None:
        known = a or b
        assert known is not None
        found.missing[a is not None].append((number, name))
        return Field(known.value if known.variable else Conflict(_UNBOUND), known.variable, maybe=True)
    value = _value(a.value, b.value, *states, found)
    if a.variable and b.variable and a.variable != b.variable:
        found.copies[a.variable] = b.variable
    return Field(value, a.variable if b.variable else "", a.maybe or b.maybe)
