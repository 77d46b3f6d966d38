"""Conditions under which a rule applies."""

from __future__ import annotations

import math
from collections.abc import Mapping

from s2sad.ir import Attribute, Const, Global, ListOf
from s2sad.kind import Array, Kind, List, Number, Sequence
from s2sad.rules.registry import Arguments, Guard

__all__ = [
    "all_of",
    "any_of",
    "arrays",
    "complex_valued",
    "false",
    "flat",
    "floating_type",
    "fractional",
    "given",
    "integer",
    "integer_type",
    "listed",
    "literal",
    "none",
    "number",
    "positive",
    "python_float",
    "rank",
    "real",
    "scalar",
    "scalars",
    "told",
    "vector",
]

_REAL = ("float", "int", "uint", "bool", "longdouble")


def _dtype(kind: Kind) -> str:
    return kind.dtype if isinstance(kind, Number | Array) else ""


def literal(*names: str) -> Guard:
    """The arguments are written as numbers."""
    return lambda args, kinds: all(
        isinstance(arg := args[name], Const) and isinstance(arg.value, int | float) for name in names
    )


def number(name: str, *values: object) -> Guard:
    """The argument is one of the literals `values`."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        match args[name]:
            case Const(value=value):
                return type(value) is not bool and value in values
            case Global(dotted="numpy.inf" | "math.inf"):
                return math.inf in values
        return False

    return holds


def fractional(name: str) -> Guard:
    """The argument is a literal between 0 and 1."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        found = args[name]
        return isinstance(found, Const) and isinstance(found.value, float) and 0 < found.value < 1

    return holds


def positive(name: str) -> Guard:
    """The argument is a literal above 0."""
    return lambda args, kinds: isinstance(arg := args[name], Const) and arg.value > 0


def none(*names: str) -> Guard:
    """The arguments are left out, or None."""
    return lambda args, kinds: all(args[name] == Const(None) for name in names)


def given(*names: str) -> Guard:
    """The arguments are there, and not the literal None."""
    return lambda args, kinds: all(args[name] != Const(None) for name in names)


def false(name: str) -> Guard:
    """The argument is the literal False."""
    return lambda args, kinds: args[name] == Const(False)


def scalar(*names: str) -> Guard:
    """The arguments are certainly scalars."""
    return lambda args, kinds: all(isinstance(kinds[name], Number) for name in names)


def python_float(*names: str) -> Guard:
    """The arguments are certainly Python's own numbers: dividing them by zero is an error."""
    return lambda args, kinds: all(isinstance(kind := kinds[name], Number) and kind.is_python for name in names)


def real(*names: str) -> Guard:
    """The arguments are certainly real."""
    return lambda args, kinds: all(_dtype(kinds[name]).startswith(_REAL) for name in names)


def complex_valued(*names: str) -> Guard:
    """One of the arguments is certainly complex."""
    return lambda args, kinds: any(_dtype(kinds[name]).startswith(("complex", "clongdouble")) for name in names)


def integer(name: str) -> Guard:
    """The argument is certainly an integer or an array of integers."""
    return lambda args, kinds: _dtype(kinds[name]).startswith(("int", "uint"))


def listed(name: str) -> Guard:
    """The argument is a list or tuple, written out or known to be one."""
    return lambda args, kinds: isinstance(kinds[name], Sequence | List)


_FLOATING = ("float", "complex", "longdouble", "clongdouble", "double", "single", "half", "f4", "f8", "c8", "c16")
_INTEGER_TYPES = frozenset(("int", "bool", "uint8", "int8", "int16", "int32", "int64", "intp", "bool_", "str"))


def integer_type(name: str) -> Guard:
    """The argument is a dtype that carries no derivative."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        match args[name]:
            case Global(dotted=dotted):
                return dotted.removeprefix("numpy.") in _INTEGER_TYPES
            case Const(value=str() as text):
                return text in _INTEGER_TYPES
        return False

    return holds


def floating_type(name: str) -> Guard:
    """The argument is a dtype that carries derivatives, or the dtype of something."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        match args[name]:
            case Global(dotted=dotted):
                return dotted.removeprefix("numpy.").startswith(_FLOATING)
            case Const(value=str() as text):
                return text.startswith(_FLOATING)
            case Attribute(attr="dtype"):
                return True
        return False

    return holds


def rank(**ranks: int) -> Guard:
    """The arguments are arrays of these ranks."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        return all(isinstance(k := kinds[name], Array) and len(k.shape) == n for name, n in ranks.items())

    return holds


def told(*names: str) -> Guard:
    """The types of the arguments are known: it matters whether they are complex."""
    return any_of(real(*names), complex_valued(*names))


def arrays(name: str) -> Guard:
    """The arguments that are given one after the other are arrays."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        kind = kinds[name]
        return isinstance(kind, Sequence) and all(isinstance(item, Array) for item in kind.items)

    return holds


def scalars(name: str, count: int) -> Guard:
    """The arguments that are given one after the other are so many scalars."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        kind = kinds[name]
        is_known = isinstance(kind, Sequence) and all(isinstance(item, Number) for item in kind.items)
        return is_known and isinstance(arg := args[name], ListOf) and len(arg.items) == count

    return holds


def flat(name: str) -> Guard:
    """The elements of the argument are no containers, as far as that is known."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        match kinds[name]:
            case List(item=item):
                items: tuple[Kind, ...] = (item,)
            case Sequence(items=items):
                pass
            case _:
                return True
        return not any(isinstance(item, List | Sequence) for item in items)

    return holds


def vector(name: str, axis: str) -> Guard:
    """The function acts on vectors: along one axis, or on an array of one."""

    def holds(args: Arguments, kinds: Mapping[str, Kind]) -> bool:
        if args[axis] == Const(None):
            return isinstance(kind := kinds[name], Array) and len(kind.shape) == 1
        return isinstance(kind := kinds[axis], Number) and kind.dtype == "int"

    return holds


def all_of(*guards: Guard) -> Guard:
    return lambda args, kinds: all(guard(args, kinds) for guard in guards)


def any_of(*guards: Guard) -> Guard:
    return lambda args, kinds: any(guard(args, kinds) for guard in guards)
