"""The parameters of a function: binding a call's arguments to them, and what `wrt` selects."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import FunctionType
from typing import Any

from s2sad.applied import Applied, inside
from s2sad.custom import ByHand
from s2sad.errors import ArgumentError
from s2sad.naming import Names
from s2sad.paths import path_of, plain_name
from s2sad.trees import children, leaves, rebuild

__all__ = [
    "Outputs",
    "Parameters",
    "Wrt",
    "is_part",
    "parameters_of",
    "part_at",
    "select",
    "tangent_names",
    "with_parts",
]

Wrt = int | str | tuple[int | str, ...]
#: Parameters that a function writes its results into.
Outputs = str | tuple[str, ...]

_VARARGS, _VARKEYWORDS = 0x04, 0x08


@dataclass(frozen=True)
class Parameters:
    """What a function takes: `positional` can be given by position, the first `only` of them by position alone.

    `shown` is what is called so by `functools.wraps`: the parameters by position of a function that this one is put around.
    """

    function: str
    positional: tuple[str, ...]
    only: int = 0
    keyword: tuple[str, ...] = ()
    args: str | None = None
    kwargs: str | None = None
    defaults: Mapping[str, object] = field(default_factory=dict)
    shown: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order of the signature but for the catch-all ones, which come last."""
        return (*self.positional, *self.keyword, *filter(None, (self.args, self.kwargs)))

    def part_of_args(self, number: int) -> str:
        """What the argument with this number among those that `*args` catches is called in `wrt`."""
        shown = self.shown[len(self.positional) :]
        return shown[number] if number < len(shown) else f"{self.args}[{number}]"

    def arguments(self, values: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The arguments of a call by position, and those by name, that give the parameters these values."""
        rest = values[self.args] if self.args else ()
        others = values[self.kwargs] if self.kwargs else {}
        named = {name: values[name] for name in self.keyword}
        return [*(values[name] for name in self.positional), *rest], {**named, **others}

    def bind(self, args: tuple[Any, ...], keywords: Mapping[str, object]) -> dict[str, Any]:
        """The value of every parameter, defaults filled in. TypeError as Python's own where they do not fit."""
        values: dict[str, Any] = dict(zip(self.positional, args, strict=False))
        surplus = args[len(self.positional) :]
        if surplus and self.args is None:
            raise TypeError(f"{self.function}() takes {len(self.positional)} positional arguments, {len(args)} given")
        unknown = self._take_keywords(values, keywords)
        missing = [
            name for name in (*self.positional, *self.keyword) if name not in values and name not in self.defaults
        ]
        if missing:
            raise TypeError(f"{self.function}() is missing {_listed(missing)}")
        values = {n: values[n] if n in values else self.defaults[n] for n in (*self.positional, *self.keyword)}
        if self.args is not None:
            values[self.args] = surplus
        if self.kwargs is not None:
            values[self.kwargs] = unknown
        return values

    def _take_keywords(self, values: dict[str, Any], keywords: Mapping[str, object]) -> dict[str, object]:
        """Enter the keywords that name a parameter and return the others."""
        named = {*self.positional[self.only :], *self.keyword}
        for name, value in keywords.items():
            if name in named:
                if name in values:
                    raise TypeError(f"{self.function}() got two values for `{name}`")
                values[name] = value
        unknown = {name: value for name, value in keywords.items() if name not in named}
        if unknown and self.kwargs is None:
            raise TypeError(f"{self.function}() has no parameter {_listed(list(unknown))}")
        return unknown


def parameters_of(function: Callable[..., Any]) -> Parameters:
    """The parameters of a Python function, from its code; of anything else from `inspect.signature`."""
    if isinstance(function, ByHand):
        return parameters_of(function.__wrapped__)
    if isinstance(function, Applied):
        return _of_applied(function)
    if isinstance(function, partial):
        return _of_partial(function)
    if (found := inside(function)) is not None:
        return parameters_of(found[1])  # type: ignore[arg-type]
    if not isinstance(function, FunctionType):
        return _from_signature(function)
    code, names = function.__code__, iter(function.__code__.co_varnames)
    positional = tuple(next(names) for _ in range(code.co_argcount))
    keyword = tuple(next(names) for _ in range(code.co_kwonlyargcount))
    given = function.__defaults__ or ()
    defaults = dict(zip(positional[len(positional) - len(given) :], given, strict=True))
    wrapped = getattr(function, "__wrapped__", None)
    shown = parameters_of(wrapped).positional if callable(wrapped) else ()
    return Parameters(
        function.__name__,
        positional,
        code.co_posonlyargcount,
        keyword,
        next(names) if code.co_flags & _VARARGS else None,
        next(names) if code.co_flags & _VARKEYWORDS else None,
        {**defaults, **(function.__kwdefaults__ or {})},
        shown,
    )


def _of_applied(function: Applied) -> Parameters:
    """The parameters that are left, and those of a call in the place of `*args` and `**kwargs`."""
    base = parameters_of(function.function)
    left = {name: value for name, value in base.defaults.items() if name not in function.given}
    if function.args:
        # A call that gives more arguments by position gives all of these.
        left = {name: value for name, value in left.items() if name not in base.positional}
    return Parameters(
        base.function,
        tuple(name for name in (*base.positional, *(function.args or ())) if name not in function.given),
        sum(name not in function.given for name in base.positional[: base.only]),
        tuple(name for name in (*base.keyword, *(function.keywords or ())) if name not in function.given),
        base.args if function.args is None else None,
        base.kwargs if function.keywords is None else None,
        left,
    )


def _of_partial(function: partial[Any]) -> Parameters:
    """Those behind a parameter that has a value by name are given by name, too."""
    base = parameters_of(function.func)
    count = len(function.args)
    left = base.positional[count:]
    cut = next((k for k, name in enumerate(left) if name in function.keywords), len(left))
    named = (*left[cut:], *base.keyword)
    gone = base.positional[:count]
    defaults = {name: value for name, value in base.defaults.items() if name not in gone}
    defaults |= {name: value for name, value in function.keywords.items() if name in named}
    only = max(base.only - count, 0)
    return replace(base, positional=left[:cut], only=only, keyword=named, defaults=defaults)


def _from_signature(function: Callable[..., Any]) -> Parameters:
    import inspect

    name = getattr(function, "__name__", type(function).__name__)
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise ArgumentError(
            "S101",
            f"the parameters of `{name}` cannot be found: it is not written in Python",
            rewrite=f"wrap it in a function: `lambda x: {name}(x)`",
        ) from None
    by_kind = {kind: tuple(p.name for p in found if p.kind is kind) for kind in inspect._ParameterKind}
    only, both, args, keyword, kwargs = by_kind.values()
    defaults = {p.name: p.default for p in found if p.default is not p.empty}
    return Parameters(
        name, only + both, len(only), keyword, args[0] if args else None, kwargs[0] if kwargs else None, defaults
    )


def tangent_names(parameters: Parameters, wrt: tuple[str, ...]) -> dict[str, str]:
    """The names of the tangents of the parameters `wrt`, none of which is a parameter's own.

    >>> tangent_names(Parameters("f", ("x", "y", "y_dot")), ("x", "y"))
    {'x': 'x_dot', 'y': 'y_dot_1'}
    """
    names = Names(parameters.names)
    return {name: names.unique(f"{plain_name(name)}_dot") for name in wrt}


def select(parameters: Parameters, wrt: object) -> tuple[tuple[str, ...], bool]:
    """The names that `wrt` means, and whether it is a single one.

    >>> select(Parameters("loss", ("w", "b", "x")), -1)
    (('x',), True)
    >>> select(Parameters("loss", ("w", "b", "x")), (1, "w"))
    (('b', 'w'), False)

    ArgumentError (S104) if it means none of the parameters, or one of them twice.
    """
    bare = not isinstance(wrt, tuple | list)
    given = (wrt,) if bare else tuple(wrt)  # type: ignore[arg-type]
    names = tuple(_name(parameters, one) for one in given)
    if not names:
        raise _bad_wrt(parameters, wrt, "selects nothing")
    if len(set(names)) < len(names):
        raise _bad_wrt(parameters, wrt, "names an argument twice")
    return names, bare


def _name(parameters: Parameters, one: object) -> str:
    if isinstance(one, str):
        if one in parameters.names or parameters.kwargs or (parameters.args and _is_caught(parameters, one)):
            return one
        if is_part(parameters, one):
            return one
        raise _bad_wrt(parameters, one, "names none of them")
    try:
        if isinstance(one, bool):
            raise TypeError
        number = operator.index(one)  # type: ignore[arg-type]
        surplus = number - len(parameters.positional)
        return parameters.part_of_args(surplus) if parameters.args and surplus >= 0 else parameters.positional[number]
    except TypeError:
        raise _bad_wrt(parameters, one, "is no position, name, or tuple of them") from None
    except IndexError:
        raise _bad_wrt(parameters, one, "is out of range") from None


def _is_caught(parameters: Parameters, name: str) -> bool:
    """True for what an argument that `*args` catches may be called: `args[0]`, or as in the function that is wrapped."""
    path = path_of(name)
    return name in parameters.shown or (path is not None and path.root == parameters.args)


def is_part(parameters: Parameters, name: str) -> bool:
    """True for the path of a part of a parameter: `params.W`."""
    path = path_of(name)
    return path is not None and bool(path.keys) and path.root in (*parameters.positional, *parameters.keyword)


def part_at(function: str, name: str, values: Mapping[str, Any]) -> Any:
    """The value of a parameter, or of the part of one that a path leads to. ArgumentError (S104) if there is none."""
    return values[name] if name in values else _part(function, name, values)[2]


def with_parts(function: str, values: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The values of parameters with `new` ones for some, or for parts of them; nothing is changed in place."""
    found = dict(values)
    for name, value in new.items():
        if name in found:
            found[name] = value
        else:
            root, step, _ = _part(function, name, found)
            exchanged = dict(leaves(value, step))
            found[root] = rebuild(found[root], [exchanged.get(path, leaf) for path, leaf in leaves(found[root])])
    return found


def _part(function: str, name: str, values: Mapping[str, Any]) -> tuple[str, str, Any]:
    """The parameter that a path begins with, how it goes on as paths of leaves do, and the part."""
    path = path_of(name)
    assert path is not None
    value, way = values[path.root], ""
    for key in path.keys:
        step, value = _child(function, name, value, key)
        way += step
    return path.root, way, value


def _child(function: str, name: str, value: Any, key: object) -> tuple[str, Any]:
    found = dict(children(value) or ())
    if isinstance(key, int) and isinstance(value, tuple | list) and -len(value) <= key < len(value):
        return list(found.items())[key]
    for step in (f"[{key!r}]", f'["{key}"]', f".{key}"):
        if step in found:
            return step, found[step]
    what = f"there is {', '.join(found)}" if found else f"a value of type {type(value).__name__} has no parts"
    reason = f"`wrt={name!r}` names no part of an argument of `{function}`: {what}"
    raise ArgumentError("S104", reason, rewrite="name a part that is there")


def _bad_wrt(parameters: Parameters, wrt: object, what: str) -> ArgumentError:
    names = parameters.names
    takes = f"the parameters {', '.join(names)}" if names else "no parameters"
    return ArgumentError(
        "S104",
        f"`wrt={wrt!r}` {what}: `{parameters.function}` has {takes}",
        rewrite="give `wrt` as a position (0 is the first, -1 the last), a name, or a tuple of them",
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
