"""Small functions that a generated file carries along where shapes are unknown, and what replaces them where known.

Each helper is source text, copied into the file that calls it, and a simplification: given the kinds of its arguments,
the expression that does the same without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from s2sad.ir import Call, Expr, Global
from s2sad.kind import Kind

__all__ = ["Helper", "functions", "helper", "known", "simplify", "source"]

KindOf = Callable[[Expr], Kind]
#: Given the call's arguments and the kinds of expressions, the expression that replaces the call, or None.
Simplify = Callable[[tuple[Expr, ...], KindOf], Expr | None]


@dataclass(frozen=True)
class Helper:
    name: str
    source: str
    simplify: Simplify
    needs: tuple[str, ...] = ()


_HELPERS: dict[str, Helper] = {}


def helper(name: str, source: str, simplify: Simplify, needs: tuple[str, ...] = ()) -> None:
    """Declare a helper; `needs` are the helpers that its source calls."""
    _HELPERS[name] = Helper(name, source.strip("\n"), simplify, needs)
    functions.cache_clear()


def known(name: str) -> bool:
    return name in _HELPERS


def source(name: str) -> Helper:
    """The helper of that name."""
    return _HELPERS[name]


def simplify(node: Expr, kind_of: KindOf) -> Expr | None:
    """What a call of a helper becomes with what is known of its arguments; None if it has to stay."""
    match node:
        case Call(func=Global(dotted=name), args=args) if name in _HELPERS:
            return _HELPERS[name].simplify(args, kind_of)
    return None


@lru_cache(maxsize=1)
def functions() -> dict[str, Any]:
    """The helpers as functions, by name."""
    import numpy

    space: dict[str, Any] = {"np": numpy}
    for entry in _HELPERS.values():
        exec(compile(entry.source, f"<helper {entry.name}>", "exec"), space)
    return {name: space[name] for name in _HELPERS}
