"""What is known of the values of a function while it is followed: which object a variable refers to, and of which class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from s2sad.frontend.unit import Method
from s2sad.ir import Expr, Index, Name
from s2sad.kind import Kind

__all__ = [
    "PLAIN",
    "ClassValue",
    "Conflict",
    "Empty",
    "Field",
    "MethodValue",
    "Nothing",
    "Object",
    "Plain",
    "Ref",
    "Result",
    "Row",
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
class Empty(Plain):
    """A list that was empty where it was made, at this site: it may become one of objects, see `rows`."""

    site: tuple[object, ...]


@dataclass(frozen=True)
class Nothing(Plain):
    """What a variable is known to hold that was assigned None."""


@dataclass(frozen=True)
class Ref(Value):
    """An object that is taken apart: each attribute is a variable of its own. The number is that of an `Object`."""

    number: int


@dataclass(frozen=True)
class Row(Value):
    """What a function returns for an element of a list of objects, whose number is `rows`: its index."""

    rows: int
    absolute: bool


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
    """An attribute: its value, and the variable that holds it, if one does; `maybe` is true where not all paths assign it."""

    value: Value
    variable: str = ""
    maybe: bool = False


@dataclass(frozen=True)
class Object:
    """An object that is taken apart. `made` is the key of its class, or tuple, list, dict for a container with objects in it;
    the names of its variables begin with `prefix`.

    A list of objects has the class `of` its elements, and for each attribute a list. An element of one has these lists as
    variables: it is that under `index` of the list of objects with the number `rows`, or of one that is not known by a
    number; `absolute` tells that the index is counted from the front.

    `site` is where a list display stands. `moved`: the object is in a list now, its own variables are not it any more.
    `handed_on`: something else has a copy of it, so that it may not change any more. `home` is the object at run time that
    is kept in step with it.
    """

    made: str
    prefix: str
    fields: Mapping[str | int, Field] = field(default_factory=dict)
    handed_on: bool = False
    home: Expr | None = None
    of: str = ""
    site: tuple[object, ...] | None = None
    index: Expr | None = None
    rows: int = -1
    absolute: bool = False
    moved: bool = False

    def holder(self, name: str | int) -> Expr:
        """What holds an attribute that a variable holds."""
        variable = Name(self.fields[name].variable)
        return variable if self.index is None else Index(variable, self.index)

    def with_field(self, name: str | int, new: Field) -> Object:
        return replace(self, fields={**self.fields, name: new})


@dataclass
class State:
    """What is known at one place. `written` are the attributes that were assigned since the function began, `touched` those of
    lists of objects of which a list was changed.
    """

    variables: dict[str, Value] = field(default_factory=dict)
    objects: dict[int, Object] = field(default_factory=dict)
    written: frozenset[tuple[int, str | int]] = frozenset()
    touched: frozenset[tuple[int, str | int]] = frozenset()

    def copy(self) -> State:
        return State(dict(self.variables), dict(self.objects), self.written, self.touched)


def reachable(values: Iterator[Value] | list[Value], objects: Mapping[int, Object]) -> dict[int, None]:
    """The objects that values lead to, in the order in which they are found."""
    found: dict[int, None] = {}
    waiting = list(values)
    while waiting:
        match waiting.pop(0):
            case Ref(number=number) if number not in found:
                found[number] = None
                waiting += [one.value for one in objects[number].fields.values()]
                waiting += [Ref(objects[number].rows)] if objects[number].rows >= 0 else []
            case Row(rows=rows):
                waiting.append(Ref(rows))
            case MethodValue(receiver=receiver) | Super(receiver=receiver):
                waiting.append(receiver.value)
            case _:
                pass
    return found
