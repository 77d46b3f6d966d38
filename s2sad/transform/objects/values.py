"""What is known of the values of a function while it is followed: which object a variable refers to, and of which class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from s2sad.frontend.unit import Method
from s2sad.ir import Expr
from s2sad.kind import Kind

__all__ = [
    "PLAIN",
    "ClassValue",
    "Conflict",
    "Field",
    "MethodValue",
    "Object",
    "Plain",
    "Ref",
    "Result",
    "Runtime",
    "State",
    "Super",
    "There",
    "Value",
    "reachable",
]


@dataclass(frozen=True)
class Value:
    """What is known of a value."""


@dataclass(frozen=True)
class Plain(Value):
    """No object, or one of which nothing needs to be known."""


PLAIN = Plain()


@dataclass(frozen=True)
class Ref(Value):
    """An object that is taken apart: each attribute is a variable of its own. The number is that of an `Object`."""

    number: int


@dataclass(frozen=True)
class Runtime(Value):
    """An object, or a container with objects in it, that is there at run time: an argument, or a part of one."""

    kind: Kind


@dataclass(frozen=True)
class There(Value):
    """An object that is there when the program starts, by the name of the data that it is."""

    name: str


@dataclass(frozen=True)
class ClassValue(Value):
    """A class, by its key."""

    key: str


@dataclass(frozen=True)
class MethodValue(Value):
    """A method that is bound to its first argument."""

    receiver: Result
    method: Method


@dataclass(frozen=True)
class Super(Value):
    """`super()`: an object, whose attributes are looked up behind a class."""

    receiver: Result
    after: str


@dataclass(frozen=True)
class Conflict(Value):
    """An object about which the paths to a place disagree, and how."""

    reason: str


@dataclass(frozen=True)
class Result:
    """An expression and what is known of its value; the expression of what has no value at run time is not used."""

    expr: Expr
    value: Value = PLAIN


@dataclass(frozen=True)
class Field:
    """An attribute: its value, and the variable that holds it, if one does."""

    value: Value
    variable: str = ""


@dataclass(frozen=True)
class Object:
    """An object that is taken apart. `made` is the key of its class, or tuple, list, dict for a container with objects in it;
    the names of its variables begin with `prefix`.

    `handed_on`: something else has a copy of it, so that it may not change any more. `home` is the object at run time that
    is kept in step with it.
    """

    made: str
    prefix: str
    fields: Mapping[str | int, Field] = field(default_factory=dict)
    handed_on: bool = False
    home: Expr | None = None

    def with_field(self, name: str | int, new: Field) -> Object:
        return replace(self, fields={**self.fields, name: new})


@dataclass
class State:
    """What is known at one place. `written` are the attributes that were assigned since the function began."""

    variables: dict[str, Value] = field(default_factory=dict)
    objects: dict[int, Object] = field(default_factory=dict)
    written: frozenset[tuple[int, str | int]] = frozenset()

    def copy(self) -> State:
        return State(dict(self.variables), dict(self.objects), self.written)


def reachable(values: Iterator[Value] | list[Value], objects: Mapping[int, Object]) -> dict[int, None]:
    """The objects that values lead to, in the order in which they are found."""
    found: dict[int, None] = {}
    waiting = list(values)
    while waiting:
        match waiting.pop(0):
            case Ref(number=number) if number not in found:
                found[number] = None
                waiting += [one.value for one in objects[number].fields.values()]
            case MethodValue(receiver=receiver) | Super(receiver=receiver):
                waiting.append(receiver.value)
            case _:
                pass
    return found
