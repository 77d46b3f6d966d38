"""Conditions under which a rule applies."""

from __future__ import annotations

from collections.abc import Mapping

from s2sad.ir import Const, Expr
from s2sad.kind import Array, Kind, Number
from s2sad.rules.registry import Arguments, Guard

__all__ = ["both", "integer", "literal", "number", "rank", "scalar"]


def literal(*names: str) -> Guard:
    """The arguments are written as numbers."""
    return lambda args, kinds: all(isinstance(args[name], Const) for name in names)


def number(name: str, value: object) -> Guard:
    """The argument is the literal `value`."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        found: Expr = args[name]
        return isinstance(found, Const) and type(found.value) in (int, float, type(value)) and found.value == value

    return holds


def scalar(*names: str) -> Guard:
    """The arguments are certainly scalars."""
    return lambda args, kinds: all(isinstance(kinds[name], Number) for name in names)


def integer(name: str) -> Guard:
    """The argument is certainly an integer or an array of integers."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        kind = kinds[name]
        return isinstance(kind, Number | Array) and "int" in kind.dtype

    return holds


def rank(**ranks: int) -> Guard:
    """The arguments are arrays of these ranks."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        return all(isinstance(k := kinds[name], Array) and len(k.shape) == n for name, n in ranks.items())

    return holds


def both(*guards: Guard) -> Guard:
    return lambda args, kinds: all(guard(args, kinds) for guard in guards)
