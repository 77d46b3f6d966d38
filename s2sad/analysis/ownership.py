"""Which variables hold arrays of their own, so that an update in place is seen by nobody else."""

from __future__ import annotations

from collections.abc import Iterator

from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Call,
    Compare,
    Const,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    Name,
    Return,
    Unary,
    While,
    children,
    names_in,
    target_names,
)
from s2sad.rules import registry

__all__ = ["is_new", "shared_variables"]


def is_new(value: Expr) -> bool:
    """True if the value of the expression is an object that nothing else refers to."""
    match value:
        case Const() | Binary() | Unary() | Compare():
            return True
        case Call(func=Attribute(attr="copy" | "astype")):
            return True
        case Call():
            key = registry.key_of(value)
            # A helper may hand its argument back.
            return key is not None and registry.known(key) and not registry.is_view(key) and not key.startswith("_")
    return False


def shared_variables(function: Function) -> set[str]:
    """The variables whose value something else may refer to: another variable, a container, a caller."""
    shared = {param.name for param in function.params}
    shared.update(_shared(function.body))
    return shared


def _shared(block: Block) -> Iterator[str]:
    for s in block:
        match s:
            case Assign(target=target, value=value):
                if not is_new(value):
                    yield from target_names(target)
                yield from _passed_on(value)
            case Aug(value=value) | Evaluate(value=value):
                yield from _passed_on(value)
            case Return(value=value) if value is not None:
                continue
            case If(then=then, orelse=orelse):
                yield from _shared((*then, *orelse))
            case For(target=target, iterable=iterable, body=body):
                yield from target_names(target)
                yield from names_in(iterable)
                yield from _shared(body)
            case While(body=body):
                yield from _shared(body)


def _passed_on(value: Expr) -> Iterator[str]:
    """The variables that the value of an expression may refer to, or that a call may keep."""
    match value:
        case Name(id=name):
            yield name
        case Index(value=inner):
            yield from _passed_on(inner)
        case Binary() | Unary() | Compare() | Const():
            for child in children(value):
                if not isinstance(child, Name | Index | Attribute):
                    yield from _passed_on(child)
        case Call(func=func) if _keeps_nothing(func, value):
            for child in children(value):
                if not isinstance(child, Name | Index | Attribute):
                    yield from _passed_on(child)
        case _:
            yield from names_in(value)


def _keeps_nothing(func: Expr, call: Call) -> bool:
    """True for a known function that returns something new."""
    return is_new(call) and isinstance(func, Global | Attribute)
