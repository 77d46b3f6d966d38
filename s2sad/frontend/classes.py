"""Classes of live objects: how their objects are made, what their names mean, and the attributes of objects that are there."""

from __future__ import annotations

import enum
import os
from abc import ABCMeta
from collections.abc import Iterable
from dataclasses import MISSING, replace
from dataclasses import Field as DataclassField
from functools import cached_property
from types import FunctionType, MemberDescriptorType
from typing import Any, Protocol

from s2sad import custom
from s2sad.errors import S2sadError
from s2sad.frontend.library import is_library
from s2sad.frontend.unit import Binding, Class, Data, Field, Instance, Method, Unit, Unresolved
from s2sad.kind import CLASSES
from s2sad.observed import attributes_of, has_plain_attributes, key_of_class
from s2sad.slots import function_of

__all__ = ["Finder", "class_called", "class_of", "instance_of"]

Path = tuple[str, ...]

#: Base classes of the library that do nothing to the objects.
_HARMLESS = ("object", "ABC", "Generic", "Protocol")
#: Where the methods come from that a library writes for a class.
_GENERATED = ("<", os.path.dirname(os.__file__) + os.sep)
_METACLASSES = ("type", "ABCMeta", "_ProtocolMeta")
_FORMS = {staticmethod: "static", classmethod: "class", property: "property"}


class Finder(Protocol):
    """Knows what values are for the program: see `live`."""

    def binding(self, value: object, path: Path) -> Binding:
        """What a value found at `path` is."""
        ...

    def with_rules(self, function: object, path: Path) -> Unit:
        """The unit of a function."""
        ...


def class_of(made: type, path: Path, finder: Finder) -> Class:
    """A class that stands at `path`."""
    form = _form(made)
    fields = tuple(_fields(made, path, finder)) if form != "object" else ()
    data = Data(made.__name__, made, has_value=True, slot=path)
    lineage = tuple(map(key_of_class, made.__mro__))
    frozen = bool(getattr(getattr(made, "__dataclass_params__", None), "frozen", False))
    scope = LiveClassScope(made, path, finder)
    own, trouble = _has_members(made), _trouble(made)
    return Class(key_of_class(made), made.__name__, form, fields, lineage, scope, data, frozen, trouble, own)


def class_called(key: str, finder: Finder) -> Class | None:
    """The class with this key, of an argument say, whatever the place where it stands."""
    made = CLASSES.get(key)
    return None if made is None else class_of(made, ("class called", key), finder)


def instance_of(value: Any, path: Path, finder: Finder) -> Instance | None:
    """The binding of an object that stands at `path`; None where its attributes say nothing of it."""
    if not has_plain_attributes(type(value)):  # type: ignore[arg-type]
        return None

    def attribute(name: str) -> Binding | None:
        own = attributes_of(value) or {}
        return finder.binding(own[name], (*path, "attr", name)) if name in own else None

    made = class_of(type(value), (*path, "class", type(value).__name__), finder)
    name = path[-1] if path[-1].isidentifier() and path[-1] != "__self__" else type(value).__name__.lower()
    return Instance(name, value, has_value=True, slot=path, made=made, attributes=attribute)


class LiveClassScope:
    """The names in a class and its bases."""

    def __init__(self, made: type, path: Path, finder: Finder) -> None:
        self._made = made
        self._path = path
        self._finder = finder

    def member(self, name: str, after: str = "") -> Binding | None:
        """What the class, or a base behind that with the key `after`, has under a name."""
        lineage = self._made.__mro__
        first = [key_of_class(base) for base in lineage].index(after) + 1 if after else 0
        for number, base in enumerate(lineage[first:], first):
            if name in vars(base) and base.__name__ not in _HARMLESS:
                return self._found(vars(base)[name], (*self._path, "base", str(number)), name)
        return None

    def _found(self, value: object, owner: Path, name: str) -> Binding | None:
        path = (*owner, "member", name)
        match value:
            case MemberDescriptorType():
                return None
            case enum.Enum():
                return Data(name, value, has_value=True, slot=path)
            case FunctionType() | custom.ByHand():
                return self._method(value, path, "method")
            case property(fset=FunctionType() as setter):
                found, own = (
                    self._method(value.fget, path, "property"),
                    self._method(setter, (*owner, "setter", name), ""),
                )
                if isinstance(found, Method) and isinstance(own, Method):
                    return replace(found, setter=_named_setter(own, name))
                return found
            case cached_property():
                return Unresolved(f"`{name}` is a cached property, which is computed once: make it a property")
            case staticmethod() | classmethod() | property():
                return self._method(function_of(value), path, _FORMS.get(type(value), "property"))
            case _ if hasattr(type(value), "__get__"):
                return Unresolved(f"`{name}` is a descriptor of the class {type(value).__name__}")
        return self._finder.binding(value, path)

    def _method(self, function: object, path: Path, form: str) -> Binding:
        try:
            return Method(self._finder.with_rules(function, path), form)
        except S2sadError as error:
            return Unresolved(error.reason)


def _named_setter(method: Method, name: str) -> Method:
    return replace(method, unit=replace(method.unit, name=f"{method.unit.inside}_set_{name}"))


def _form(made: type) -> str:
    """How objects of a class are made: by a constructor that a library has written, or by one of its own."""
    if issubclass(made, tuple) and hasattr(made, "_fields"):
        return "namedtuple"
    params = vars(made).get("__dataclass_params__")
    written = made.__dict__.get("__init__")
    generated = isinstance(written, FunctionType) and written.__code__.co_filename == "<string>"
    return "dataclass" if params is not None and params.init and generated else "object"


def _fields(made: type, path: Path, finder: Finder) -> Iterable[Field]:
    if issubclass(made, tuple):
        defaults = made._field_defaults  # type: ignore[attr-defined]
        for name in made._fields:  # type: ignore[attr-defined]
            where = (*path, "attr", "_field_defaults", "item", name)
            yield Field(name, finder.binding(defaults[name], where) if name in defaults else None)
        return
    for name, one in made.__dataclass_fields__.items():  # type: ignore[attr-defined]
        if one._field_type.name == "_FIELD":
            yield _dataclass_field(name, one, (*path, "attr", "__dataclass_fields__", "item", name), finder)


def _dataclass_field(name: str, one: DataclassField[object], path: Path, finder: Finder) -> Field:
    default = None if one.default is MISSING else finder.binding(one.default, (*path, "attr", "default"))
    factory = None
    if one.default_factory is not MISSING:
        factory = finder.binding(one.default_factory, (*path, "attr", "default_factory"))
    return Field(name, default, factory, one.init, one.kw_only is True)


def _has_members(made: type) -> bool:
    """True for a class with functions or constants of its own."""
    bases = (base for base in made.__mro__ if not is_library(base.__module__ or "") and base.__module__ != "builtins")
    fields = getattr(made, "__dataclass_fields__", getattr(made, "_fields", ()))
    return any(_is_written(name, one) for base in bases for name, one in vars(base).items() if name not in fields)


def _is_written(name: str, one: object) -> bool:
    if isinstance(one, FunctionType):
        return not one.__code__.co_filename.startswith(_GENERATED)
    is_method = isinstance(one, staticmethod | classmethod | property | cached_property)
    return not name.startswith("_") and (is_method or not isinstance(one, MemberDescriptorType))


def _trouble(made: type) -> str:
    """Why objects of a class cannot be followed attribute by attribute; empty if they can."""
    bases = [base for base in made.__mro__ if is_library(base.__module__ or "") or base.__module__ == "builtins"]
    foreign = [base.__name__ for base in bases if base.__name__ not in _HARMLESS and base not in (tuple,)]
    if type(made).__name__ not in _METACLASSES and not isinstance(made, ABCMeta):
        return f"it has the metaclass `{type(made).__name__}`"
    if foreign:
        return f"it derives from `{foreign[0]}`"
    if _form(made) != "namedtuple" and not has_plain_attributes(made):
        return "it says itself how attributes are read or written, or how objects are made"
    described = [name for base in made.__mro__ if base not in bases for name, one in vars(base).items() if _writes(one)]
    if described:
        return f"its attribute `{described[0]}` is a descriptor"
    init_vars = getattr(made, "__dataclass_fields__", {}).values()
    if hasattr(made, "__del__"):
        return "it defines `__del__`, which Python calls when an object is gone"
    if any(one._field_type.name == "_FIELD_INITVAR" for one in init_vars):
        return "it has an argument that is no field (`InitVar`)"
    return ""


def _writes(one: object) -> bool:
    """True for a descriptor that is asked when an attribute is assigned; those of Python itself are followed."""
    return hasattr(type(one), "__set__") and type(one).__module__ not in ("builtins", "_collections")
