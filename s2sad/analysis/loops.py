"""What a loop runs over: ranges, sequences, and `enumerate`, `zip`, `reversed` of them."""

from __future__ import annotations

from dataclasses import dataclass

from s2sad.ir import Call, Const, Expr, Global
from s2sad.kind import Array, Kind, List, Number, Sequence, Unknown, join

__all__ = ["Elements", "Enumerated", "Iteration", "Range", "Reversed", "Zipped", "element_kind", "iteration"]


@dataclass(frozen=True)
class Iteration:
    """How a loop's items come about."""


@dataclass(frozen=True)
class Range(Iteration):
    """`range(start, stop, step)`."""

    start: Expr
    stop: Expr
    step: Expr


@dataclass(frozen=True)
class Elements(Iteration):
    """The elements of a sequence or array, in order."""

    sequence: Expr


@dataclass(frozen=True)
class Enumerated(Iteration):
    """`enumerate(inner, start)`."""

    inner: Iteration
    start: Expr


@dataclass(frozen=True)
class Zipped(Iteration):
    """`zip(*parts)`."""

    parts: tuple[Iteration, ...]


@dataclass(frozen=True)
class Reversed(Iteration):
    """`reversed(inner)`."""

    inner: Iteration


def iteration(iterable: Expr) -> Iteration:
    """The way a loop over `iterable` runs."""
    match iterable:
        case Call(func=Global(dotted="range"), args=(stop,), keywords=()):
            return Range(Const(0), stop, Const(1))
        case Call(func=Global(dotted="range"), args=(start, stop), keywords=()):
            return Range(start, stop, Const(1))
        case Call(func=Global(dotted="range"), args=(start, stop, step), keywords=()):
            return Range(start, stop, step)
        case Call(func=Global(dotted="enumerate"), args=(inner,), keywords=()):
            return Enumerated(iteration(inner), Const(0))
        case Call(func=Global(dotted="enumerate"), args=(inner, start), keywords=()):
            return Enumerated(iteration(inner), start)
        case Call(func=Global(dotted="enumerate"), args=(inner,), keywords=(("start", start),)):
            return Enumerated(iteration(inner), start)
        case Call(func=Global(dotted="zip"), args=parts, keywords=()) if parts:
            return Zipped(tuple(map(iteration, parts)))
        case Call(func=Global(dotted="reversed"), args=(inner,), keywords=()):
            return Reversed(iteration(inner))
    return Elements(iterable)


def element_kind(way: Iteration, kind_of: object) -> Kind:
    """The kind of the items that the loop's target is bound to."""
    assert callable(kind_of)
    match way:
        case Range():
            return Number("int")
        case Enumerated(inner=inner):
            return Sequence("tuple", (Number("int"), element_kind(inner, kind_of)))
        case Zipped(parts=parts):
            return Sequence("tuple", tuple(element_kind(part, kind_of) for part in parts))
        case Reversed(inner=inner):
            return element_kind(inner, kind_of)
        case Elements(sequence=sequence):
            return _item(kind_of(sequence))
    raise TypeError(way)


def _item(kind: Kind) -> Kind:
    match kind:
        case Array(dtype=dtype, shape=shape) if shape:
            return Array(dtype, shape[1:]) if len(shape) > 1 else Number(dtype)
        case List(item=item):
            return item
        case Sequence(items=items) if items:
            result = items[0]
            for item in items[1:]:
                result = join(result, item)
            return result
    return Unknown()
