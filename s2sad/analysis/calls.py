"""Calls between functions of a program: which argument goes to which parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from s2sad.analysis.parts import part_of
from s2sad.ir import Call, DictOf, Expr, Function, Global, ListOf, Param, Starred, TupleOf
from s2sad.kind import Kind, Record, Sequence, items_of
from s2sad.traversal import is_part

__all__ = ["CATCHING", "bind_call", "catches", "catching_again", "spread", "without_stars"]

KindOf = Callable[[Expr], Kind]

#: The forms of parameters that hold all arguments without a parameter of their own: `*args`, `**kwargs`.
CATCHING = ("args", "kwargs")
_BY_POSITION = ("positional-only", "positional")


def catches(function: Function) -> bool:
    """True if the function takes any number of arguments."""
    return any(param.form in CATCHING for param in function.params)


def catching_again(derivative: Function, function: Function) -> Function:
    """A derivative of `function`, called as that is: with `*args` and `**kwargs` where that has them."""
    known = {param.name: param for param in function.params}
    # Tangents come behind all that is given by position: where that may be any number of arguments, by name.
    tangents = "keyword" if any(param.form == "args" for param in function.params) else "positional"
    params = [known.get(param.name) or replace(param, form=tangents) for param in derivative.params]
    if len(params) > len(known) and tangents == "positional":
        params = [replace(param, default=None) if param.form in _BY_POSITION else param for param in params]
    order = (*_BY_POSITION, "args", "keyword", "kwargs")
    return replace(derivative, params=tuple(sorted(params, key=lambda param: order.index(param.form))))


def without_stars(call: Call, kind_of: KindOf) -> Call:
    """The call with the parts of a container in the place of `*container` and `**container`, where they are known."""
    args = tuple(own for arg in call.args for own in spread(arg, kind_of))
    keywords = tuple(own for key, value in call.keywords for own in _named(key, value, kind_of))
    return replace(call, args=args, keywords=keywords)


def spread(arg: Expr, kind_of: KindOf) -> Iterator[Expr]:
    """An argument or an item of a display; for `*container` its parts, where they are known."""
    match arg:
        case Starred(value=TupleOf(items=items) | ListOf(items=items)):
            for item in items:
                yield from spread(item, kind_of)
            return
        case Starred(value=value) if is_part(value):
            kind = kind_of(value)
            if isinstance(kind, Sequence) or (isinstance(kind, Record) and kind.type == "namedtuple"):
                yield from (part_of(value, key, kind) for key, _ in items_of(kind) or ())
                return
    yield arg


def _named(key: str | None, value: Expr, kind_of: KindOf) -> Iterator[tuple[str | None, Expr]]:
    if key is None and isinstance(value, DictOf):
        yield from zip(map(str, value.keys), value.items, strict=True)
        return
    kind = kind_of(value)
    if key is None and is_part(value) and isinstance(kind, Record) and kind.type == "dict":
        yield from ((str(own), part_of(value, own, kind)) for own in kind.keys)
        return
    yield key, value


def bind_call(function: Function, call: Call) -> dict[str, Expr] | str:
    """The arguments of a call by parameter, defaults filled in; or, as text, what does not fit."""
    positional = [param for param in function.params if param.form in _BY_POSITION]
    catching = {param.form: param.name for param in function.params}
    first, surplus = call.args[: len(positional)], call.args[len(positional) :]
    if any(isinstance(arg, Starred) for arg in first) or any(key is None for key, _ in call.keywords):
        return "arguments given by `*` or `**`"
    if surplus and "args" not in catching:
        return f"{len(call.args)} positional arguments for {len(positional)} parameters"
    bound = {param.name: arg for param, arg in zip(positional, first, strict=False)}
    others = _bind_keywords(function, call, bound)
    if isinstance(others, str):
        return others
    if others and "kwargs" not in catching:
        return f"the argument `{next(iter(others))}`, which is no parameter"
    bound |= {catching["args"]: _tuple(surplus)} if "args" in catching else {}
    bound |= {catching["kwargs"]: DictOf(tuple(others), tuple(others.values()))} if "kwargs" in catching else {}
    return _with_defaults(function.params, bound)


def _bind_keywords(function: Function, call: Call, bound: dict[str, Expr]) -> dict[str, Expr] | str:
    """Bind what is given by name; what has no parameter of its own, or as text what does not fit."""
    names = {param.name for param in function.params if param.form in ("positional", "keyword")}
    others: dict[str, Expr] = {}
    for key, value in call.keywords:
        own = bound if key in names else others
        if key in own:
            return f"the argument `{key}` twice"
        own[str(key)] = value
    return others


def _with_defaults(params: tuple[Param, ...], bound: dict[str, Expr]) -> dict[str, Expr] | str:
    for param in params:
        if param.name not in bound:
            if param.default is None:
                return f"no argument for the parameter `{param.name}`"
            bound[param.name] = param.default
    return {param.name: bound[param.name] for param in params}


def _tuple(args: tuple[Expr, ...]) -> Expr:
    """The tuple of arguments, one of which may be `*container`."""
    match args:
        case (Starred(value=value),):
            return Call(Global("tuple"), (value,))
    return TupleOf(args)
