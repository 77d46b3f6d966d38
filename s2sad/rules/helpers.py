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

__all__ = [
    "Helper",
    "changes",
    "functions",
    "helper",
    "is_fresh",
    "kind_of_result",
    "known",
    "names",
    "simplify",
    "source",
]

KindOf = Callable[[Expr], Kind]
KindOfResult = Callable[[tuple[Kind, ...]], Kind | None]
#: Given the call's arguments and the kinds of expressions, the expression that replaces the call, or None.
Simplify = Callable[[tuple[Expr, ...], KindOf], Expr | None]


@dataclass(frozen=True)
class Helper:
    """`fresh`: what it returns is always an object of its own, so that it may be changed in place.

    `changes`: it is called to change its first argument. `kind` gives the kind of its result from those of its arguments,
    where calling it on samples does not tell; None where it does.
    """

    name: str
    source: str
    simplify: Simplify
    needs: tuple[str, ...] = ()
    fresh: bool = False
    changes: bool = False
    kind: KindOfResult | None = None

    @property
    def reads_numpy(self) -> bool:
        return "np." in self.source


_HELPERS: dict[str, Helper] = {}


def helper(
    name: str,
    source: str,
    simplify: Simplify,
    needs: tuple[str, ...] = (),
    *,
    fresh: bool = False,
    changes: bool = False,
    kind: KindOfResult | None = None,
) -> None:
    """Declare a helper; `needs` are the helpers that its source calls."""
    _HELPERS[name] = Helper(name, source.strip("\n"), simplify, needs, fresh, changes, kind)
    functions.cache_clear()


def known(name: str) -> bool:
    return name in _HELPERS


def changes(name: str) -> bool:
    """True for a helper that is called to change its first argument."""
    return known(name) and _HELPERS[name].changes


def is_fresh(name: str) -> bool:
    """True for a helper whose result nothing else refers to; others may hand their argument back."""
    return known(name) and _HELPERS[name].fresh


def kind_of_result(node: Expr, kinds: tuple[Kind, ...]) -> Kind | None:
    """The kind of a call of a helper, where that is declared."""
    match node:
        case Call(func=Global(dotted=name)) if name in _HELPERS and (declared := _HELPERS[name].kind) is not None:
            return declared(kinds)
    return None


def names() -> tuple[str, ...]:
    """The names of all helpers: generated code calls nothing else by them."""
    return tuple(_HELPERS)


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
