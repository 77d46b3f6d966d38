"""Slots: how a loader finds the data of a generated module again, starting from the function differentiated."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, partial
from importlib import import_module
from types import FunctionType, ModuleType

from s2sad.applied import Applied
from s2sad.custom import declared_for
from s2sad.errors import DifferentiationError
from s2sad.kind import CLASSES

__all__ = ["function_of", "loaded", "resolve_slot", "step"]

_BUILTINS = "__builtins__"


def resolve_slot(function: object, slot: tuple[str, ...]) -> object:
    """The value that a slot leads to: pairs of a kind and a name, ("global", "mod", "attr", "helper", "closure", "w").

    >>> scale = 2.0
    >>> def double(x):
    ...     return scale * x
    >>> resolve_slot(double, ("global", "scale"))
    2.0

    DifferentiationError (S103) if it leads nowhere.
    """
    value = function
    for kind, name in zip(slot[::2], slot[1::2], strict=True):
        try:
            value = step(value, kind, name)
        except (KeyError, AttributeError, ValueError, ImportError):
            raise DifferentiationError("S103", f"the {kind} `{name}` is no longer there") from None
    return value


def step(value: object, kind: str, name: str) -> object:
    """What is called `name` for `value`; KeyError, ValueError (an empty cell) or AttributeError without."""
    match kind, value:
        case "self", _:
            return value
        case "import", _:
            return import_module(name)
        case "attr", _:
            return getattr(value, name)
        case "global", FunctionType():
            known = value.__globals__
            # Not every version of the type stubs knows the attribute.
            hidden: dict[str, object] = getattr(value, _BUILTINS)
            return known[name] if name in known else hidden[name]
        case "closure", FunctionType():
            cells = dict(zip(value.__code__.co_freevars, value.__closure__ or (), strict=True))
            return cells[name].cell_contents
        case "default", FunctionType():
            return _defaults(value)[name]
        case "given", Applied(given=given):
            return given[name]
        case "given", partial(args=args, keywords=keywords):
            return args[int(name)] if name.isdigit() else keywords[name]
        case "item", tuple() | list():
            return value[int(name)]
        case "item", dict():
            return next(part for key, part in value.items() if str(key) == name)
        case "class", _:
            return type(value)
        case "class called", _:
            return CLASSES[name]
        case "member", type():
            return function_of(vars(value)[name])
        case "setter", type():
            return vars(value)[name].fset
        case "base", type():
            return value.__mro__[int(name)]
        case "rule", _:
            return next(one for one in declared_for(value) if one.kind == "rule").space[name]
        case "maker", _:
            kind, _, number = name.partition(" ")
            return next(one for one in declared_for(value) if one.kind == kind).makers[int(number)]
    raise KeyError(name)


def loaded(space: dict[str, object], dotted: str, level: int, names: Iterable[str]) -> ModuleType:
    """The module that an import in a function with the globals `space` is from, with those of its submodules that are
    among `names`; as in Python that is the outermost package if there are none. ImportError if it fails.
    """
    module: ModuleType = __import__(dotted, space, None, tuple(names), level)
    return module


def function_of(member: object) -> object:
    """The function in a method of any form, another member of a class as it is."""
    match member:
        case staticmethod() | classmethod():
            return member.__func__
        case property():
            return member.fget
        case cached_property():
            return member.func
    return member


def _defaults(function: FunctionType) -> dict[str, object]:
    code, values = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount][code.co_argcount - len(values) :]
    return dict(zip(names, values, strict=True)) | (function.__kwdefaults__ or {})
