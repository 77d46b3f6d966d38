"""The kinds of values: of arguments and data as they are when the derivative is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, replace
from functools import lru_cache
from types import MemberDescriptorType, SimpleNamespace
from typing import Any

import numpy as np

from s2sad.errors import DifferentiationError
from s2sad.kind import (
    _HOOKS,
    _NO_USERS,
    CLASSES,
    Array,
    Kind,
    List,
    Number,
    Other,
    Pattern,
    Record,
    RecordClass,
    Sequence,
    Unknown,
)

__all__ = [
    "attributes_of",
    "classes_in",
    "fields_of",
    "has_plain_attributes",
    "key_of_class",
    "kind_of_data",
    "kind_of_value",
    "may_hold_objects",
]


#: So many objects may be in each other, one in one: a kind has the kinds of all of them in it.
_DEEPEST = 200


def may_hold_objects(dtype: np.dtype[Any]) -> bool:
    """True for arrays of objects, and of structures: what is in one may carry a derivative."""
    return dtype.kind in "OV"


def kind_of_value(value: object, pattern: Pattern) -> Kind:
    """The kind of a run-time value, its sizes numbered by `pattern`."""
    match value:
        case bool() | int() | float() | complex() if type(value) in (bool, int, float, complex):
            return Number(type(value).__name__)
        case np.ndarray() | np.generic() if may_hold_objects(value.dtype):
            return Unknown()
        case np.ndarray():
            return Array(value.dtype.name, tuple(pattern.dim(size) for size in value.shape))
        case np.generic():
            return Number(value.dtype.name)
        case tuple() if type(value) is tuple:
            return Sequence("tuple", tuple(kind_of_value(item, pattern) for item in value))
        case list() if type(value) is list:
            kinds = tuple(kind_of_value(item, pattern) for item in value)
            if len(set(kinds)) == 1:
                return List(kinds[0], pattern.dim(len(kinds)))
            return Sequence("list", kinds)
        case dict() if type(value) is dict and all(type(key) in (str, int) for key in value):
            return Record("dict", "", tuple(value), tuple(kind_of_value(item, pattern) for item in value.values()))
    names = fields_of(type(value))  # type: ignore[arg-type]
    if names is not None:
        items = tuple(kind_of_value(getattr(value, name), pattern) for name in names)
        form = "namedtuple" if isinstance(value, tuple) else "dataclass"
        return Record(form, type(value).__name__, names, items, key_of_class(type(value)))
    attributes = attributes_of(value)
    if attributes is not None and id(value) not in pattern.inside:
        if len(pattern.inside) == _DEEPEST:
            reason = f"cannot differentiate with objects of `{type(value).__name__}` nested more than {_DEEPEST} deep"
            raise DifferentiationError("S201", reason, rewrite="keep the objects in a list, and loop over it")
        pattern.inside.append(id(value))
        items = tuple(kind_of_value(part, pattern) for part in attributes.values())
        pattern.inside.pop()
        return Record("object", type(value).__name__, tuple(attributes), items, key_of_class(type(value)))
    return Other(type(value).__name__)


def kind_of_data(value: object, pattern: Pattern) -> Kind:
    """The kind of a global. What a dict or dataclass holds may be replaced before the next call, so nothing is said of it."""
    if isinstance(value, type) and (names := fields_of(value)) is not None:
        defaults = _defaults(value)
        kinds = (kind_of_value(defaults[name], pattern) if name in defaults else None for name in names)
        form = "namedtuple" if issubclass(value, tuple) else "dataclass"
        return RecordClass(form, value.__name__, names, tuple(kinds), key_of_class(value))
    if isinstance(value, type):
        return RecordClass("object", value.__name__, (), (), key_of_class(value))
    if fields_of(type(value)) is None and attributes_of(value) is not None:  # type: ignore[arg-type]
        return Other(type(value).__name__)
    return _settled(kind_of_value(value, pattern))


def _defaults(made: type) -> dict[str, object]:
    """The defaults of the fields of a dataclass or namedtuple, one that is made for each value being a new one."""
    if issubclass(made, tuple):
        return dict(getattr(made, "_field_defaults", {}))
    fields = made.__dataclass_fields__.values()  # type: ignore[attr-defined]
    found = {field.name: field.default for field in fields if field.default is not MISSING}
    return found | {field.name: field.default_factory() for field in fields if field.default_factory is not MISSING}


def _settled(kind: Kind) -> Kind:
    match kind:
        case Record(type="dict" | "dataclass" | "object" as form, name=name):
            return Other(name or form)
        case Sequence(items=items) | Record(items=items):
            return replace(kind, items=tuple(map(_settled, items)))
        case List(item=item):
            return replace(kind, item=_settled(item))
    return kind


@lru_cache(maxsize=256)
def fields_of(made: type) -> tuple[str, ...] | None:
    """The fields of a dataclass or namedtuple; None for a class that is neither, or whose values are more than what their
    fields say: a `__post_init__` would change the parts of a gradient, too.
    """
    if issubclass(made, tuple):
        names: tuple[str, ...] = getattr(made, "_fields", ())
        plain = made.__getitem__ is tuple.__getitem__ and made.__iter__ is tuple.__iter__
        plain = plain and all(type(getattr(made, name, None)).__name__ == "_tuplegetter" for name in names)
        return names if names and plain else None
    found = vars(made).get("__dataclass_fields__")
    if found is None or not made.__dataclass_params__.init or hasattr(made, "__post_init__"):  # type: ignore[attr-defined]
        return None
    own = [field for field in found.values() if field._field_type.name != "_FIELD_CLASSVAR"]
    made_of_fields = all(field.init and field._field_type.name == "_FIELD" for field in own)
    return tuple(field.name for field in own) if made_of_fields else None


def key_of_class(made: type) -> str:
    """What identifies a class: module and name, and a number if there is another one of that name."""
    wished = f"{made.__module__}:{made.__qualname__}"
    key, count = wished, 1
    while CLASSES.setdefault(key, made) is not made:
        count += 1
        key = f"{wished}#{count}"
    return key


def classes_in(kinds: Iterable[Kind]) -> tuple[type, ...]:
    """The classes of the objects in values of these kinds, each once."""
    found: dict[type, None] = {}
    waiting = list(kinds)
    while waiting:
        match waiting.pop(0):
            case Record(made=made, items=items):
                found |= {CLASSES[made]: None} if made in CLASSES else {}
                waiting += items
            case Sequence(items=items):
                waiting += items
            case List(item=item):
                waiting.append(item)
    return tuple(found)


def attributes_of(value: object) -> dict[str, Any] | None:
    """The attributes of an object of a user's class, in the order they were made; None for anything else, and where reading
    or writing an attribute may do more than that.
    """
    made: type[Any] = type(value)
    if not has_plain_attributes(made):  # type: ignore[arg-type]
        return None
    names = [name for name in _slots_of(made) if hasattr(value, name)]  # type: ignore[arg-type]
    return (
        {name: getattr(value, name) for name in names} | vars(value)
        if hasattr(value, "__dict__")
        else {name: getattr(value, name) for name in names}
    )


@lru_cache(maxsize=256)
def has_plain_attributes(made: type[Any]) -> bool:
    """True for a class written by a user whose objects are nothing but their attributes."""
    if made is SimpleNamespace:
        return True
    constructs = getattr(made, "__new__", None) is not getattr(object, "__new__", None)
    if constructs or (made.__module__ or "").partition(".")[0] in _NO_USERS:
        return False
    plain = all(getattr(made, hook, None) is getattr(object, hook, None) for hook in _HOOKS)
    return (plain or _is_frozen(made)) and not issubclass(made, BaseException)


def _is_frozen(made: type) -> bool:
    """True for a frozen dataclass: its attributes cannot be set, but by its constructor."""
    params = getattr(made, "__dataclass_params__", None)
    return params is not None and params.frozen


@lru_cache(maxsize=256)
def _slots_of(made: type) -> tuple[str, ...]:
    """The attributes that objects of a class have room for outside of their dictionary."""
    return tuple(
        name
        for base in reversed(made.__mro__)
        for name, one in vars(base).items()
        if isinstance(one, MemberDescriptorType)
    )
