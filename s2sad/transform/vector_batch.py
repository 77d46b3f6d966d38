"""Which values have one more axis in front, with one direction in each row: a question about a whole function.

A variable is batched if any assignment gives it a batched value. For a container the answer is given part by part where
the parts differ: what a jvp returns is (False, True).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from s2sad.analysis.changes import is_change
from s2sad.analysis.comprehensions import comprehension
from s2sad.analysis.loops import Elements, Enumerated, Iteration, Reversed, Zipped, iteration
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Block,
    Call,
    Conditional,
    Const,
    DictOf,
    Expr,
    For,
    If,
    Index,
    ListOf,
    Name,
    Opaque,
    Return,
    Routine,
    Statement,
    TupleOf,
    While,
    With,
)
from s2sad.kind import Array, Dim, Key, Kind, List, Number, Record, Sequence, item_of, items_of, symbol
from s2sad.rules import batching, registry
from s2sad.traversal import children, heads, walk

__all__ = [
    "DIRECTIONS", "Batch", "Batches", "batch_of", "batches_of", "depth", "is_batched", "joined", "part_of", "with_axis",
]  # fmt: skip

#: True: with the axis. A tuple: part by part, in the order of the container's parts.
Batch = bool | tuple["Batch", ...]
KindOf = Callable[[Expr], Kind]
#: The batch of a call of a generated function, from the kinds and batches of its arguments.
BatchOfCall = Callable[[Call, KindOf, Callable[[Expr], "Batch"]], "Batch"]

#: The number of directions as a size.
DIRECTIONS: Dim = symbol(40)


def normal(parts: tuple[Batch, ...]) -> Batch:
    """One answer where all parts have the same one."""
    if parts and all(part is True for part in parts):
        return True
    return parts if any(part is not False for part in parts) else False


def joined(a: Batch, b: Batch) -> Batch:
    """What holds a value of either kind."""
    match a, b:
        case (True, _) | (_, True):
            return True
        case (False, other) | (other, False):
            return other
    assert isinstance(a, tuple)
    assert isinstance(b, tuple)
    return normal(tuple(joined(x, y) for x, y in zip(a, b, strict=True))) if len(a) == len(b) else True


def depth(batch: Batch) -> int:
    """How deep containers stand in each other."""
    return 0 if isinstance(batch, bool) else 1 + max(map(depth, batch), default=0)


def is_batched(batch: Batch) -> bool:
    """True if the axis is anywhere in the value."""
    return batch is not False


def part_of(batch: Batch, kind: Kind, key: Key) -> Batch:
    """The batch of a part of a container of this kind."""
    if isinstance(batch, bool):
        return batch
    for (own, _), part in zip(items_of(kind) or (), batch, strict=True):
        if own == key:
            return part
    return True


def with_axis(kind: Kind, batch: Batch) -> Kind:
    """The kind of the batched values."""
    if batch is False:
        return kind
    match kind:
        case Array(dtype=dtype, shape=shape):
            return Array(dtype, (DIRECTIONS, *shape))
        case Number(dtype=dtype):
            return Array({"float": "float64", "int": "int64", "complex": "complex128"}.get(dtype, dtype), (DIRECTIONS,))
        case List(item=item, length=length):
            return List(with_axis(item, batch), length)
        case Sequence(type=name, items=items):
            return Sequence(name, _with_axes(items, batch))
        case Record(type=form, name=name, keys=keys, items=items):
            return Record(form, name, keys, _with_axes(items, batch))
    return kind


def _with_axes(items: tuple[Kind, ...], batch: Batch) -> tuple[Kind, ...]:
    parts = (batch,) * len(items) if isinstance(batch, bool) else batch
    return tuple(with_axis(item, part) for item, part in zip(items, parts, strict=True))


# ----------------------------------------------------------------- expressions


def batch_of(
    node: Expr,
    env: Mapping[str, Batch],
    kind_of: KindOf,
    of_call: BatchOfCall,
    known: dict[Expr, Batch] | None = None,
) -> Batch:
    """The batch of an expression whose variables have those of `env`; `known` remembers those of its parts, as long as `env`
    stays as it is.
    """
    known = {} if known is None else known
    if node not in known:
        known[node] = _batch_of(node, env, kind_of, of_call, known)
    return known[node]


def _batch_of(
    node: Expr, env: Mapping[str, Batch], kind_of: KindOf, of_call: BatchOfCall, known: dict[Expr, Batch]
) -> Batch:
    def sub(child: Expr) -> Batch:
        return batch_of(child, env, kind_of, of_call, known)

    match node:
        case Name(id=name):
            return env.get(name, False)
        case TupleOf(items=items) | DictOf(items=items):
            return normal(tuple(map(sub, items)))
        case ListOf(items=items):
            return any(is_batched(sub(item)) for item in items)
        case Index(value=value, index=Const(value=key)) | Attribute(value=value, attr=key) if isinstance(
            batch := sub(value), tuple
        ):
            own = item_of(kind_of(value), key)
            return True if own is None else part_of(batch, kind_of(value), own)
        case Conditional(then=then, orelse=orelse):
            return joined(sub(then), sub(orelse))
        case Call(func=Routine()):
            return of_call(node, kind_of, sub)
        case Opaque():
            return _batch_of_text(node, env, kind_of, of_call)
    if isinstance(node, Call) and is_change(node):
        return any(is_batched(sub(arg)) for arg in node.args)
    is_field = isinstance(node, Attribute) and isinstance(kind_of(node.value), Record)
    if batching.is_plain(registry.key_of(node) or "") and not is_field:
        return False
    return any(is_batched(sub(child)) for child in children(node))


def _batch_of_text(node: Opaque, env: Mapping[str, Batch], kind_of: KindOf, of_call: BatchOfCall) -> Batch:
    """The batch of a list that is comprehended; of any other text that is carried along it is not known."""
    parts = comprehension(node)
    if parts is None:
        return False
    items = batch_of(parts.iterable, env, kind_of, of_call)
    return is_batched(batch_of(parts.element, {**env, parts.target: items}, kind_of, of_call))


# -------------------------------------------------------------------- functions


@dataclass
class Batches:
    """The batches of a function's variables and of its result."""

    variables: dict[str, Batch] = field(default_factory=dict)
    result: Batch = False

    def differing(self) -> Iterator[str]:
        """The variables that have the axis somewhere."""
        return (name for name, batch in self.variables.items() if is_batched(batch))


#: The kind of an expression in a statement, which is given by its identity.
KindAt = Callable[[object, Expr], Kind]


def batches_of(block: Block, params: Mapping[str, Batch], kind_at: KindAt, of_call: BatchOfCall) -> Batches:
    """The batches of the variables in the block of a function, where the parameters have those given."""
    found = _Walk(Batches(dict(params)), kind_at, of_call, frozenset(params))
    while found.changes:
        found.changes = False
        found.block(block)
    return found.found


@dataclass
class _Walk:
    found: Batches
    kind_at: KindAt
    of_call: BatchOfCall
    params: frozenset[str]
    changes: bool = True

    def batch(self, s: object, node: Expr) -> Batch:
        return batch_of(node, self.found.variables, lambda part: self.kind_at(s, part), self.of_call)

    def bind(self, name: str, batch: Batch) -> None:
        before = self.found.variables.get(name, False)
        after = joined(before, batch)
        if after != before:
            self.found.variables[name] = after
            self.changes = True

    def bind_target(self, target: Expr, batch: Batch) -> None:
        match target:
            case Name(id=name):
                self.bind(name, batch)
            case TupleOf(items=items):
                parts = (
                    batch
                    if isinstance(batch, tuple) and len(batch) == len(items)
                    else (is_batched(batch),) * len(items)
                )
                for item, part in zip(items, parts, strict=True):
                    self.bind_target(item, part)

    def whole(self, s: Statement) -> None:
        """A container of which a variable selects a part, or a slice several, has the axis in all of them."""
        for part in (part for head in heads(s) for part in walk(head)):
            match part:
                case Index(value=Name(id=name), index=index) if (
                    not isinstance(index, Const) and name not in self.params
                ):
                    if isinstance(self.found.variables.get(name), tuple):
                        self.bind(name, True)

    def block(self, block: Block) -> None:
        for s in block:
            self.whole(s)
            match s:
                case Assign(target=target, value=value):
                    self.bind_target(target, self.batch(s, value))
                case Aug(target=target, value=value):
                    self.bind_target(target, self.batch(s, value))
                case If(then=then, orelse=orelse):
                    self.block(then)
                    self.block(orelse)
                case For(target=target, iterable=iterable, body=body):
                    self.bind_target(target, self.element(s, iteration(iterable)))
                    self.block(body)
                case While(body=body) | With(body=body):
                    self.block(body)
                case Return(value=value) if value is not None:
                    result = joined(self.found.result, self.batch(s, value))
                    self.changes |= result != self.found.result
                    self.found.result = result

    def element(self, s: object, way: Iteration) -> Batch:
        """The batch of what a loop's target is bound to."""
        match way:
            case Elements(sequence=sequence):
                return is_batched(self.batch(s, sequence))
            case Enumerated(inner=inner):
                return normal((False, self.element(s, inner)))
            case Zipped(parts=parts):
                return normal(tuple(self.element(s, part) for part in parts))
            case Reversed(inner=inner):
                return self.element(s, inner)
        return False
