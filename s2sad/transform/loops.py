"""The heads of loops that run backwards."""

from __future__ import annotations

from s2sad.analysis.loops import Elements, Enumerated, Iteration, Range, Reversed, Zipped
from s2sad.ir import Binary, Call, Const, Expr, Global, Name, TupleOf
from s2sad.kind import Array
from s2sad.rules.helpers import KindOf
from s2sad.simplify.algebra import simplify
from s2sad.syntax import template

__all__ = ["backwards", "counts_from_zero", "index_target", "rounds"]


def index_target(target: Expr, way: Iteration) -> str | None:
    """The target that counts: of a range, or of an `enumerate` from 0."""
    match way, target:
        case Range(), Name(id=name):
            return name
        case Enumerated(start=Const(value=0)), TupleOf(items=(Name(id=name), _)):
            return name
    return None


def counts_from_zero(way: Iteration) -> bool:
    """True if the counting target is the number of the round."""
    return not isinstance(way, Range) or (way.start == Const(0) and way.step == Const(1))


def backwards(way: Iteration, kind_of: KindOf) -> Expr:
    """What the counting target of the loop runs over, last round first."""
    match way:
        case Range(start=start, stop=stop, step=Const(value=1)):
            last, before = (_tidy("n", kind_of, n=_less_one(bound)) for bound in (stop, start))
            return template("range(b, a, -1)", a=before, b=last)
        case Range(start=start, stop=stop, step=step):
            return template("reversed(range(a, b, c))", a=start, b=stop, c=step)
    return _tidy("range(n - 1, -1, -1)", kind_of, n=rounds(way, kind_of))


def _less_one(bound: Expr) -> Expr:
    match bound:
        case Binary(op="+", left=left, right=Const(value=1, type="int")):
            return left
    return Binary("-", bound, Const(1))


def rounds(way: Iteration, kind_of: KindOf) -> Expr:
    """How often the loop runs."""
    match way:
        case Range(start=Const(value=0), stop=stop, step=Const(value=1)):
            return stop
        case Range(start=start, stop=stop, step=step):
            return template("len(range(a, b, c))", a=start, b=stop, c=step)
        case Elements(sequence=sequence):
            return Call(Global("len"), (sequence,))
        case Enumerated(inner=inner) | Reversed(inner=inner):
            return rounds(inner, kind_of)
        case Zipped(parts=parts):
            counts = tuple(dict.fromkeys(rounds(part, kind_of) for part in parts))
            return counts[0] if len(counts) == 1 or _same(parts, kind_of) else Call(Global("min"), counts)
    raise TypeError(way)


def _same(parts: tuple[Iteration, ...], kind_of: KindOf) -> bool:
    """True if all sequences certainly have one length."""
    kinds = [kind_of(part.sequence) for part in parts if isinstance(part, Elements)]
    sizes = {kind.shape[0] for kind in kinds if isinstance(kind, Array) and kind.shape}
    return (
        len(kinds) == len(parts) and all(isinstance(k, Array) for k in kinds) and len(sizes) == 1 and None not in sizes
    )


def _tidy(text: str, kind_of: KindOf, **parts: Expr) -> Expr:
    return simplify(template(text, **parts), kind_of)
