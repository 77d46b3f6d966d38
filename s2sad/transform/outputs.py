"""The results of reverse mode: adjoints of the shapes and types of the inputs, and the refusal of results without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

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
    Name,
    Return,
    Statement,
    TupleOf,
)
from s2sad.kind import (
    Array,
    Key,
    Kind,
    List,
    Number,
    Record,
    Sequence,
    Unknown,
    constant_dim,
    described,
    items_of,
    leaves_of,
    may_be_active,
    may_be_one,
)
from s2sad.options import Options
from s2sad.syntax import template
from s2sad.transform.adjoints import Adjoints, is_alike
from s2sad.transform.containers import adjoint_kind, assembled, converted, copied, zeros_like
from s2sad.transform.refusing import refused_if

if TYPE_CHECKING:
    from s2sad.transform.reverse import Reverse

__all__ = ["check_active", "check_scalar", "handed_back", "outputs", "runtime_check", "value_name", "wrong_result"]


def outputs(
    reverse: Reverse,
    inputs: tuple[str, ...],
    bare: bool,
    adjoints: Adjoints,
    value: Expr | None = None,
    aux: Expr | None = None,
) -> Block:
    """The return of the adjoints of the inputs: of their shapes and types, and shared with nobody."""
    results, lines = _gradients(reverse, inputs, adjoints, lambda kind: kind)
    result: Expr = results[0] if bare and len(results) == 1 else TupleOf(tuple(results))
    if value is not None:
        return (*lines, Return(TupleOf((value if aux is None else TupleOf((value, aux)), result))))
    return (*lines, Return(result if aux is None else TupleOf((result, aux))))


def handed_back(reverse: Reverse, inputs: tuple[str, ...], adjoints: Adjoints) -> Block:
    """The return of a callee's backward function: containers stay in the form in which adjoints are kept."""
    results, lines = _gradients(reverse, inputs, adjoints, adjoint_kind)
    if not results:
        return tuple(lines)
    return (*lines, Return(results[0] if len(results) == 1 else TupleOf(tuple(results))))


def _gradients(
    reverse: Reverse, inputs: tuple[str, ...], adjoints: Adjoints, form_of: Callable[[Kind], Kind]
) -> tuple[list[Expr], list[Statement]]:
    adjoints.here = reverse.versions.entry
    lines: list[Statement] = []
    return [_gradient(name, form_of(adjoints.kind(name)), adjoints, lines) for name in inputs], lines


def _gradient(name: str, form: Kind, adjoints: Adjoints, lines: list[Statement]) -> Expr:
    """The adjoint of an input in the given form; `lines` gets the statements that are needed before."""
    if adjoints.context.is_split(name):
        return _container(name, form, adjoints, lines)
    found = adjoints.state.get(name)
    if found is None:
        return _zero(name, form, adjoints)
    if isinstance(found.value, Const) and isinstance(form, Number):
        return _as_scalar(Const(float(found.value.value)), form, found.kind)
    if adjoints.received(name) is not None and is_alike(found.kind, form):
        return found.value or adjoints.bar(name)
    lines += adjoints.full(name)
    return _own(adjoints, name, form)


def _container(name: str, form: Kind, adjoints: Adjoints, lines: list[Statement]) -> Expr:
    """The adjoint of a container that is taken apart, put together."""
    whole = adjoints.received(name)
    if whole is not None and is_alike(adjoints.context.kind(whole), form):
        return whole
    parts: dict[Key, Expr] = {}
    for (key, item), (_, own) in zip(items_of(adjoints.kind(name)) or (), items_of(form) or (), strict=True):
        if may_be_active(item):
            parts[key] = _gradient(adjoints.context.part(name, key), own, adjoints, lines)
        elif not (isinstance(form, Record) and form.has_attributes):
            parts[key] = Const(None)
    return assembled(form, adjoints.primal(name), parts)


def _zero(name: str, form: Kind, adjoints: Adjoints) -> Expr:
    if isinstance(form, Number):
        return _as_scalar(Const(0.0), form, Number("float"))
    kind = adjoints.kind(name)
    zeros = zeros_like(adjoints.primal(name), kind)
    if isinstance(kind, Unknown):
        return template("_like(t, x)", t=zeros, x=adjoints.primal(name))
    return converted(zeros, form, adjoints.primal(name))


def _as_scalar(value: Expr, kind: Kind, have: Kind) -> Expr:
    """A gradient in the precision of a scalar argument."""
    assert isinstance(kind, Number)
    own = {"float": "float64", "int": "float64", "complex": "complex128"}.get(kind.dtype, kind.dtype)
    other = have.dtype if isinstance(have, Number) else own
    if other == own or (other, own) in (("float", "float64"), ("complex", "complex128")):
        return value
    return Call(Global(kind.dtype if kind.is_python else f"numpy.{kind.dtype}"), (value,))


def _own(adjoints: Adjoints, name: str, form: Kind) -> Expr:
    """An adjoint that the caller may change without changing anything else, of the type of its variable."""
    found = adjoints.state[name]
    bar = adjoints.bar(name)
    adjoints.share(bar)
    if form == adjoints.kind(name) and _has_elements(form) and _mixes_precisions(adjoints):
        return template("_like(t, x)", t=bar, x=adjoints.primal(name))
    if found.owned and found.kind == form and isinstance(form, Sequence | List):
        return bar
    match found.kind, form:
        case (_, Unknown()) | (Unknown(), Sequence() | List()):
            return template("_like(t, x)", t=bar, x=adjoints.primal(name))
        case Number(), Number():
            return _as_scalar(bar, form, found.kind)
        case Array(shape=shape), Sequence(type="list") | List():
            is_of_python = all(not isinstance(leaf, Number) or leaf.is_python for leaf in _leaves(form))
            as_python = len(shape) == 1 and is_of_python
            return Call(Attribute(bar, "tolist")) if as_python else Call(Global("list"), (bar,))
        case Array(dtype=have), Array(dtype=want) if have != want:
            return Call(Attribute(bar, "astype"), (Global(f"numpy.{want}"),))
        case _, Array(shape=()):
            return template("np.array(x)", x=bar)
        case Array(), _ if not found.owned:
            return Call(Attribute(bar, "copy"))
        case _, Array() if not found.owned:
            return template("np.array(x)", x=bar)
    own = bar if found.owned else copied(bar, found.kind)
    return converted(own, form, adjoints.primal(name))


def _has_elements(form: Kind) -> bool:
    """True for a list or tuple of numbers and arrays, perhaps in others or in dicts."""
    match form:
        case Sequence(items=items):
            return all(_has_elements(item) or isinstance(item, Number | Array) for item in items)
        case List(item=item):
            return _has_elements(item) or isinstance(item, Number | Array)
        case Record(type="dict", items=items):
            return all(_has_elements(item) or isinstance(item, Number | Array) for item in items)
    return False


def _leaves(kind: Kind) -> Iterator[Kind]:
    """What a container is made of in the end, the elements of lists of any length too."""
    for _, leaf in leaves_of("", kind):
        if isinstance(leaf, List):
            yield from _leaves(leaf.item)
        else:
            yield leaf


def _mixes_precisions(adjoints: Adjoints) -> bool:
    """True where there are numbers of several precisions: an element's adjoint may have that of others."""
    leaves = (leaf for kind in adjoints.context.kinds.values() for leaf in _leaves(kind))
    dtypes = {np.dtype(leaf.dtype) for leaf in leaves if isinstance(leaf, Number | Array)}
    return len({np.finfo(dtype).dtype for dtype in dtypes if dtype.kind in "fc"}) > 1


def check_active(reverse: Reverse, value: Expr) -> None:
    """Refuse results that can have no derivative."""
    kind = reverse.context.kind(value)
    if _is_test(value):
        kind = Number("bool")
    if not may_be_active(kind):
        raise wrong_result(
            reverse, value, f"the result is no float but {described(kind)}", "return a float or an array"
        )


def check_scalar(reverse: Reverse, value: Expr, options: Options) -> None:
    """Refuse what is no scalar float: its derivative is no gradient."""
    check_active(reverse, value)
    kind = reverse.context.kind(value)
    asked, instead = _asked(options)
    if isinstance(kind, Array) and not all(map(may_be_one, kind.shape)):
        axes = "one axis" if len(kind.shape) == 1 else f"{len(kind.shape)} axes"
        reason = f"{asked} needs a scalar result, and this is an array with {axes}"
        raise wrong_result(reverse, value, reason, f"use {instead}, or return a sum")
    if isinstance(kind, Sequence | Record):
        reason = f"{asked} needs a scalar result, and this is {described(kind)}"
        raise wrong_result(reverse, value, reason, f"use {instead}, or has_aux=True")
    if isinstance(kind, Number | Array) and kind.dtype.startswith("complex"):
        reason = f"{asked} needs a real result, and this is complex"
        raise wrong_result(reverse, value, reason, f"return its real part, or use {instead}")


#: What one writes for a result that is no scalar.
_INSTEAD = {"hessian": "jacfwd(jacrev(f))", "hvp": "jvp(jacobian(f))"}


def _asked(options: Options) -> tuple[str, str]:
    """The operator that the user wrote, and what does the same for any result."""
    asked = options.asked or "grad"
    return asked, _INSTEAD.get(asked, "vjp")


def wrong_result(reverse: Reverse, value: Expr, reason: str, rewrite: str) -> ArgumentError:
    """The refusal of a result of the wrong kind, at its place."""
    place = reverse.context.unit.place(value.span)
    return ArgumentError("S402", reason, place, rewrite)


def runtime_check(reverse: Reverse, value: Expr, options: Options, keep: list[Statement]) -> Block:
    """Where the kind of the result is unknown, the generated function itself refuses what is no scalar."""
    kind = reverse.context.kind(value)
    if not isinstance(kind, Unknown | Array) or (isinstance(kind, Array) and set(kind.shape) <= {constant_dim(1)}):
        return ()
    name: Expr = value
    if not isinstance(value, Name):
        if not keep:
            keep.append(Assign(Name(value_name(reverse)), value))
        assert isinstance(keep[0], Assign)
        name = keep[0].target
    asked, instead = _asked(options)
    test = template("np.size(y) != 1", y=name)
    return (refused_if(test, f"{asked} needs a scalar result: use {instead}, or return a sum"),)


def value_name(reverse: Reverse) -> str:
    """A name for the result where the user gave none."""
    return reverse.names.unique("value" if reverse.names.taken("y") else "y")


def _is_test(value: Expr) -> bool:
    """True for a comparison, and for several in one; `x or y` is one of its operands."""
    return isinstance(value, Compare) or (isinstance(value, Bool) and all(map(_is_test, value.values)))
