"""Calls of a library's functions that write their result into an array they are given."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from s2sad.analysis.evaluation import library_function
from s2sad.analysis.parts import replacement
from s2sad.ir import Attribute, Call, Const, Expr, Global, Routine, TupleOf
from s2sad.rules import registry
from s2sad.rules.stores import is_careful

__all__ = ["Written", "called", "parameters", "plain", "reads_first", "written"]

_NONE = Const(None)


@dataclass(frozen=True)
class Written:
    """A call without the array that it writes into; `where` is the mask of the elements that a ufunc writes."""

    call: Call
    out: Expr
    where: Expr | None = None


def written(call: Call) -> Written | None:
    """What a call writes its result into; None for one that does not."""
    key = registry.key_of(call)
    if key is None or isinstance(call.func, Routine) or replacement(call) is not None:
        return None
    args, named = registry.operands(call)
    keywords: dict[str | None, Expr] = dict(named)
    function = library_function(key)
    place = _place_of_out(function, key)
    own, out = call.args, keywords.pop("out", _NONE)
    if place is not None and len(args) > place:
        place -= len(args) - len(call.args)
        several = isinstance(function, np.ufunc) and function.nout > 1
        out = TupleOf(own[place:]) if several else own[place]
        own = own[:place] if several or len(own) == place + 1 else (*own[:place], _NONE, *own[place + 1 :])
    if out == _NONE:
        return None
    if isinstance(out, TupleOf) and len(out.items) == 1:
        out = out.items[0]
    where = keywords.pop("where", None) if isinstance(function, np.ufunc) else None
    plain = replace(call, args=own, keywords=tuple(keywords.items()))
    return Written(plain, out, None if where == Const(True) else where)


def called(call: Call) -> str:
    """The name of the function or method that is called."""
    match call.func:
        case Global(dotted=name) | Attribute(attr=name):
            return name
    return ""


def reads_first(call: Call) -> bool:
    """True for a call that computes the same if `out` is a part of an argument, but for lists of arrays."""
    key = registry.key_of(call) or ""
    return is_careful(key) or isinstance(library_function(key), np.ufunc)


def plain(call: Call) -> Call:
    """A call without `out` and `where` that say nothing."""
    if isinstance(call.func, Routine) or written(call) is not None or not registry.known(registry.key_of(call) or ""):
        return call
    nothing = (("out", _NONE), ("where", Const(True)))
    return replace(call, keywords=tuple(pair for pair in call.keywords if pair not in nothing))


def _place_of_out(function: object, key: str) -> int | None:
    """Where the array stands among arguments given by position."""
    if isinstance(function, np.ufunc):
        return function.nin
    known = parameters(key)
    return known.index("out") if "out" in known else None


@lru_cache(maxsize=256)
def parameters(key: str | None) -> tuple[str, ...]:
    """The parameters of a library's function that arguments by position go to, as far as they are known."""
    function = library_function(key) if key is not None else None
    if isinstance(function, np.ufunc) or not callable(function):
        return ()
    try:
        found = inspect.signature(function).parameters.values()
        return tuple(one.name for one in found if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD))
    except (TypeError, ValueError):
        return ()
