"""Which containers are taken apart: the parts of a record or tuple are treated as variables of their own.

The part `params["W"]` goes by that name, and has a tangent `params_dot["W"]` and an adjoint `W_bar` of its own. A container
of which an element is selected by a variable, or that a loop runs over, stays whole: its adjoint is a list or dict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from s2sad.analysis.loops import Elements, Enumerated, Iteration, Reversed, Zipped, iteration
from s2sad.ir import (
    Attribute,
    Binary,
    Block,
    Call,
    Const,
    DictOf,
    Expr,
    For,
    Function,
    Global,
    Index,
    ListOf,
    Name,
    Slice,
    Starred,
    TupleOf,
)
from s2sad.kind import Key, Kind, Record, RecordClass, item_of
from s2sad.naming import part_name
from s2sad.traversal import children, expressions, is_part, statements, walk

__all__ = [
    "construction",
    "key_of",
    "looked_up",
    "merged",
    "name_of_part",
    "part_of",
    "replacement",
    "slice_of",
    "whole_containers",
]

KindOf = Callable[[Expr], Kind]


def key_of(node: Expr, kind_of: KindOf) -> Key | None:
    """What the part that `node` selects from a container goes by; None for everything else."""
    match node:
        case Index(value=value, index=Const(value=key)):
            return item_of(kind_of(value), key)
        case Attribute(value=value, attr=attr):
            whole = kind_of(value)
            return item_of(whole, attr) if isinstance(whole, Record) and whole.has_attributes else None
    return None


def part_of(node: Expr, key: Key, kind: Kind) -> Expr:
    """The expression of a part of the container `node`, which has the kind `kind`."""
    match node:
        case TupleOf(items=items) | ListOf(items=items) if isinstance(key, int):
            return items[key]
        case DictOf(keys=keys, items=items):
            return items[keys.index(key)]
    if isinstance(kind, Record) and kind.has_attributes:
        return Attribute(node, str(key))
    return Index(node, Const(key))


def name_of_part(whole: str, key: Key, kind: Kind) -> str:
    """The name of a part of the container `whole` of the kind `kind`."""
    return part_name(whole, key, isinstance(kind, Record) and kind.has_attributes)


def slice_of(index: Expr) -> slice | None:
    """A slice whose bounds are written out."""
    if isinstance(index, Slice) and all(isinstance(part, Const) for part in children(index)):
        parts = (None if part is None else part.value for part in (index.lower, index.upper, index.step))  # type: ignore[attr-defined]
        return slice(*parts)
    return None


def replacement(node: Expr) -> tuple[Expr, dict[str, Expr]] | None:
    """The record and the new fields of `dataclasses.replace(record, field=value)` or `record._replace(field=value)`."""
    match node:
        case Call(func=Global(dotted="dataclasses.replace" | "_with"), args=(record,), keywords=keywords):
            pass
        case Call(func=Attribute(value=record, attr="_replace"), args=(), keywords=keywords):
            pass
        case _:
            return None
    return None if any(key is None for key, _ in keywords) else (record, {str(key): value for key, value in keywords})


def looked_up(node: Expr, kind_of: KindOf) -> Expr | None:
    """What `record.get(key, default)` gives for a dict whose keys are known; None for everything else."""
    match node:
        case Call(func=Attribute(value=record, attr="get"), args=(Const(value=key), *default), keywords=()):
            kind = kind_of(record)
            if isinstance(kind, Record) and kind.type == "dict" and len(default) < 2:
                missing = default[0] if default else Const(None)
                return missing if item_of(kind, key) is None else Index(record, Const(key))
    return None


def merged(node: Expr, kind_of: KindOf) -> DictOf | None:
    """`d | e`, `d.copy()`, `dict(d, key=value)` and `point._asdict()` as displays, where the keys are known; None for
    everything else.
    """
    match node:
        case Binary(op="|", left=left, right=right):
            parts = [_shown(operand, kind_of) for operand in (left, right)]
        case Call(func=Attribute(value=record, attr="copy"), args=(), keywords=()) if is_part(record):
            parts = [_shown(record, kind_of)]
        case Call(func=Global(dotted="dict"), args=(record,), keywords=keywords) if all(key for key, _ in keywords):
            given = {str(key): value for key, value in keywords}
            parts = [_shown(record, kind_of), DictOf(tuple(given), tuple(given.values()))]
        case Call(func=Attribute(value=record, attr="_asdict"), args=(), keywords=()) if is_part(record):
            kind = kind_of(record)
            if isinstance(kind, Record) and kind.type == "namedtuple":
                return DictOf(kind.keys, tuple(part_of(record, key, kind) for key in kind.keys), span=node.span)
            return None
        case _:
            return None
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        return None
    items = {key: item for part in found for key, item in zip(part.keys, part.items, strict=True)}
    return DictOf(tuple(items), tuple(items.values()), span=node.span)


def _shown(node: Expr, kind_of: KindOf) -> DictOf | None:
    """A dict as a display: one that is written out, or whose keys are known."""
    if isinstance(node, DictOf):
        return node
    kind = kind_of(node)
    if not isinstance(kind, Record) or kind.type != "dict":
        return None
    if is_part(node):
        return DictOf(kind.keys, tuple(part_of(node, key, kind) for key in kind.keys))
    return merged(node, kind_of)


def construction(node: Expr, kind_of: KindOf) -> tuple[RecordClass, dict[str, Expr]] | None:
    """The class and the fields given in `Class(value, field=value)`; None for everything else."""
    match node:
        case Call(func=Global(dotted="_object"), args=(cls,), keywords=keywords):
            kind = kind_of(cls)
            fields = {str(key): value for key, value in keywords}
            if not isinstance(kind, RecordClass):
                return None
            return replace(kind, type="object", keys=tuple(fields), defaults=(None,) * len(fields)), fields
    if not isinstance(node, Call) or not isinstance(node.func, Name):
        return None
    made = kind_of(node.func)
    if not isinstance(made, RecordClass) or any(isinstance(arg, Starred) for arg in node.args):
        return None
    given = [*zip(made.keys, node.args, strict=False), *((str(key), value) for key, value in node.keywords)]
    fits = (
        len(node.args) <= len(made.keys)
        and len(dict(given)) == len(given)
        and {key for key, _ in given} <= {*made.keys}
    )
    return (made, dict(given)) if fits else None


def whole_containers(function: Function, kind_of: KindOf) -> frozenset[str]:
    """The variables, and parts of them, that `function` does not look at part by part."""
    selected = (
        part.value
        for expression in expressions(function.body)
        for part in walk(expression)
        if isinstance(part, Index) and not isinstance(part.index, Const) and slice_of(part.index) is None
    )
    names = (_name(node, kind_of) for node in (*selected, *_iterated(function.body)))
    return frozenset(name for name in names if name is not None)


def _name(node: Expr, kind_of: KindOf) -> str | None:
    """The name of a variable or a part of one."""
    if isinstance(node, Name):
        return node.id
    key = key_of(node, kind_of)
    if key is None or not isinstance(node, Index | Attribute):
        return None
    whole = _name(node.value, kind_of)
    return None if whole is None else name_of_part(whole, key, kind_of(node.value))


def _iterated(block: Block) -> Iterator[Expr]:
    """What loops run over."""
    for s in statements(block):
        if isinstance(s, For):
            yield from _sequences(iteration(s.iterable))


def _sequences(way: Iteration) -> Iterator[Expr]:
    match way:
        case Elements(sequence=sequence):
            yield sequence
        case Enumerated(inner=inner) | Reversed(inner=inner):
            yield from _sequences(inner)
        case Zipped(parts=parts):
            for part in parts:
                yield from _sequences(part)
