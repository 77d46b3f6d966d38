"""The results of reverse mode: adjoints of the shapes and types of the inputs, and the refusal of results without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2sad.errors import ArgumentError
from s2sad.ir import (
    Assign,
    Attribute,
    Block,
    Bool,
    Call,
    Compare,
    Const,
    Expr,
    Global,
    If,
    Name,
    Raise,
    Return,
    Statement,
    TupleOf,
)
from s2sad.kind import Array, Kind, List, Number, Other, Sequence, Unknown, constant_dim, described, may_be_active
from s2sad.options import Options
from s2sad.syntax import template
from s2sad.transform.adjoints import Adjoints, zeros_like

if TYPE_CHECKING:
    from s2sad.transform.reverse import Reverse

__all__ = ["check_active", "check_scalar", "outputs", "runtime_check", "value_name", "wrong_result"]


def outputs(
    reverse: Reverse,
    inputs: tuple[str, ...],
    bare: bool,
    adjoints: Adjoints,
    value: Expr | None = None,
    aux: Expr | None = None,
) -> Block:
    """The return of the adjoints of the inputs: of their shapes and types, and shared with nobody."""
    adjoints.here = reverse.versions.entry
    lines: list[Statement] = []
    results: list[Expr] = []
    for name in inputs:
        if name not in adjoints.state:
            results.append(_zero(reverse, name, adjoints))
            continue
        found = adjoints.state[name]
        if isinstance(found.value, Const) and isinstance(adjoints.kind(name), Number):
            results.append(_as_scalar(Const(float(found.value.value)), adjoints.kind(name), found.kind))
            continue
        lines += adjoints.full(name)
        results.append(_own(adjoints, name))
    result: Expr = results[0] if bare and len(results) == 1 else TupleOf(tuple(results))
    if value is not None:
        return (*lines, Return(TupleOf((value if aux is None else TupleOf((value, aux)), result))))
    return (*lines, Return(result if aux is None else TupleOf((result, aux))))


def _zero(reverse: Reverse, name: str, adjoints: Adjoints) -> Expr:
    kind = adjoints.kind(name)
    if isinstance(kind, Number):
        return _as_scalar(Const(0.0), kind, Number("float"))
    zeros = zeros_like(adjoints.primal(name), kind)
    if isinstance(kind, Unknown):
        return template("_like(t, x)", t=zeros, x=adjoints.primal(name))
    return _structured(zeros, kind, adjoints.primal(name))


def _as_scalar(value: Expr, kind: Kind, have: Kind) -> Expr:
    """A gradient in the precision of a scalar argument."""
    assert isinstance(kind, Number)
    own = {"float": "float64", "int": "float64", "complex": "complex128"}.get(kind.dtype, kind.dtype)
    other = have.dtype if isinstance(have, Number) else own
    if other == own or (other, own) in (("float", "float64"), ("complex", "complex128")):
        return value
    return Call(Global(kind.dtype if kind.is_python else f"numpy.{kind.dtype}"), (value,))


def _own(adjoints: Adjoints, name: str) -> Expr:
    """An adjoint that the caller may change without changing anything else, of the type of its variable."""
    found, kind = adjoints.state[name], adjoints.kind(name)
    bar = adjoints.bar(name)
    adjoints.share(bar)
    match found.kind, kind:
        case _, Unknown():
            return template("_like(t, x)", t=bar, x=adjoints.primal(name))
        case Number(), Number():
            return _as_scalar(bar, kind, found.kind)
        case Array(shape=shape), Sequence(type="list") | List():
            return Call(Attribute(bar, "tolist")) if len(shape) == 1 else Call(Global("list"), (bar,))
        case Array(dtype=have), Array(dtype=want) if have != want:
            return Call(Attribute(bar, "astype"), (Global(f"numpy.{want}"),))
        case _, Array(shape=()):
            return template("np.array(x)", x=bar)
        case Array(), _ if not found.owned:
            return Call(Attribute(bar, "copy"))
    return _structured(bar, kind, adjoints.primal(name))


def _structured(value: Expr, kind: Kind, primal: Expr) -> Expr:
    """The adjoints of tuples are kept as lists, and returned as tuples."""
    items = kind.items if isinstance(kind, Sequence) else (kind.item,) if isinstance(kind, List) else ()
    if any(isinstance(item, Sequence | List | Other) for item in items):
        return template("_like(t, x)", t=value, x=primal)
    if isinstance(kind, Sequence) and kind.type == "tuple":
        return Call(Global("tuple"), (value,))
    return value


def check_active(reverse: Reverse, value: Expr) -> None:
    """Refuse results that can have no derivative."""
    kind = reverse.context.kind(value)
    if isinstance(value, Compare | Bool):
        kind = Number("bool")
    if not may_be_active(kind):
        raise wrong_result(
            reverse, value, f"the result is no float but {described(kind)}", "return a float or an array"
        )


def check_scalar(reverse: Reverse, value: Expr, options: Options) -> None:
    """Refuse what is no scalar float: its derivative is no gradient."""
    check_active(reverse, value)
    kind = reverse.context.kind(value)
    if isinstance(kind, Array) and any(dim != constant_dim(1) for dim in kind.shape):
        axes = "one axis" if len(kind.shape) == 1 else f"{len(kind.shape)} axes"
        reason = f"grad needs a scalar result, and this is an array with {axes}"
        raise wrong_result(reverse, value, reason, "use vjp, or return a sum")
    if isinstance(kind, Sequence):
        raise wrong_result(
            reverse, value, f"grad needs a scalar result, and this is a {kind.type}", "use vjp, or has_aux=True"
        )
    if isinstance(kind, Number | Array) and kind.dtype.startswith("complex"):
        raise wrong_result(
            reverse, value, "grad needs a real result, and this is complex", "return its real part, or use vjp"
        )


def wrong_result(reverse: Reverse, value: Expr, reason: str, rewrite: str) -> ArgumentError:
    """The refusal of a result of the wrong kind, at its place."""
    place = reverse.context.unit.place(value.span)
    return ArgumentError("S402", reason, place, rewrite)


def runtime_check(reverse: Reverse, value: Expr, keep: list[Statement]) -> Block:
    """Where the kind of the result is unknown, the generated function itself refuses what is no scalar."""
    if not isinstance(reverse.context.kind(value), Unknown):
        return ()
    name: Expr = value
    if not isinstance(value, Name):
        if not keep:
            keep.append(Assign(Name(value_name(reverse)), value))
        assert isinstance(keep[0], Assign)
        name = keep[0].target
    message = Const("grad needs a scalar result: use vjp, or return a sum")
    test = template("np.size(y) != 1", y=name)
    return (If(test, (Raise(Call(Global("TypeError"), (message,))),)),)


def value_name(reverse: Reverse) -> str:
    """A name for the result where the user gave none."""
    return reverse.names.unique("value" if reverse.names.taken("y") else "y")
