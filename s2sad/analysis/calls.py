"""Calls between functions of a program: which argument goes to which parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from s2sad.analysis.parts import is_part, part_of
from s2sad.ir import Call, Expr, Function, Starred
from s2sad.kind import Kind, Record, Sequence, items_of

__all__ = ["bind_call", "without_stars"]

KindOf = Callable[[Expr], Kind]


def without_stars(call: Call, kind_of: KindOf) -> Call:
    """The call with the parts of a container in the place of `*container` and `**container`, where they are known."""
    args = tuple(own for arg in call.args for own in _positional(arg, kind_of))
    keywords = tuple(own for key, value in call.keywords for own in _named(key, value, kind_of))
    return replace(call, args=args, keywords=keywords)


def _positional(arg: Expr, kind_of: KindOf) -> Iterator[Expr]:
    if isinstance(arg, Starred) and is_part(arg.value):
        kind = kind_of(arg.value)
        if isinstance(kind, Sequence) or (isinstance(kind, Record) and kind.type == "namedtuple"):
            yield from (part_of(arg.value, key, kind) for key, _ in items_of(kind) or ())
            return
    yield arg


def _named(key: str | None, value: Expr, kind_of: KindOf) -> Iterator[tuple[str | None, Expr]]:
    kind = kind_of(value)
    if key is None and is_part(value) and isinstance(kind, Record) and kind.type == "dict":
        yield from ((str(own), part_of(value, own, kind)) for own in kind.keys)
        return
    yield key, value


def bind_call(function: Function, call: Call) -> dict[str, Expr] | str:
    """The arguments of a call by parameter, defaults filled in; or, as text, what does not fit."""
    if any(isinstance(arg, Starred) for arg in call.args) or any(key is None for key, _ in call.keywords):
        return "arguments given by `*` or `**`"
    positional = [param for param in function.params if param.form != "keyword"]
    if len(call.args) > len(positional):
        return f"{len(call.args)} positional arguments for {len(positional)} parameters"
    bound = {param.name: arg for param, arg in zip(positional, call.args, strict=False)}
    names = {param.name for param in function.params if param.form != "positional-only"}
    for key, value in call.keywords:
        if key not in names:
            return f"the argument `{key}`, which is no parameter"
        if key in bound:
            return f"the argument `{key}` twice"
        bound[str(key)] = value
    for param in function.params:
        if param.name not in bound:
            if param.default is None:
                return f"no argument for the parameter `{param.name}`"
            bound[param.name] = param.default
    return {param.name: bound[param.name] for param in function.params}
