"""Which variables carry a derivative: those that depend on the inputs asked for and that the result depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from s2sad.analysis.changes import POPPED, is_change
from s2sad.analysis.loops import Elements, Enumerated, Iteration, Reversed, Zipped, iteration
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Call,
    Compare,
    Conditional,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    Name,
    Return,
    Slice,
    Try,
    TupleOf,
    Unary,
    While,
    With,
)
from s2sad.kind import Kind, Other, Record, Unknown, may_be_active
from s2sad.rules import registry
from s2sad.traversal import binds, blocks, children, expressions, names_in, target_names

__all__ = ["Reach", "differentiable_names", "parts_of_rounds", "reach"]

KindOf = Callable[[Expr], Kind]

_RESULT = ""


@dataclass(frozen=True)
class Reach:
    """The variables that depend on the inputs (`varied`) and those that the result depends on (`useful`).

    `active` are those that are both and can carry a derivative.
    """

    varied: frozenset[str]
    useful: frozenset[str]
    active: frozenset[str]


def reach(function: Function, inputs: Iterable[str], kinds: Mapping[str, Kind], kind_of: KindOf) -> Reach:
    """What of `function` depends on the parameters `inputs`, and what its result depends on."""
    graph = _Graph(kind_of, kinds)
    graph.block(function.body)
    varied = frozenset(_reached(list(inputs), graph.forward) - {_RESULT})
    useful = frozenset(_reached([_RESULT], graph.backward) - {_RESULT})
    return Reach(varied, useful, frozenset(n for n in varied & useful if may_be_active(kinds.get(n, _ANY))))


_ANY = Kind()


def _reached(start: list[str], edges: Mapping[str, set[str]]) -> set[str]:
    seen = set(start)
    waiting = list(start)
    while waiting:
        for name in edges.get(waiting.pop(), ()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


@dataclass
class _Graph:
    """Who depends on whom: `forward[x]` are the variables assigned from `x`, `backward` the reverse."""

    kind_of: KindOf
    kinds: Mapping[str, Kind]
    forward: dict[str, set[str]] = field(default_factory=dict)
    backward: dict[str, set[str]] = field(default_factory=dict)

    def edge(self, source: str, target: str) -> None:
        self.forward.setdefault(source, set()).add(target)
        self.backward.setdefault(target, set()).add(source)

    def assign(self, targets: Iterable[str], value: Expr) -> None:
        sources = set(differentiable_names(value, self.kind_of))
        for target in targets:
            if may_be_active(self.kinds.get(target, _ANY)):
                for source in sources:
                    self.edge(source, target)

    def block(self, block: Block) -> None:
        for s in block:
            match s:
                case Assign(target=TupleOf(items=targets), value=TupleOf(items=values)) if len(targets) == len(values):
                    for target, value in zip(targets, values, strict=True):
                        self.assign(target_names(target), value)
                case Assign(target=target, value=value) | Aug(target=target, value=value):
                    self.assign(target_names(target), value)
                case If(then=then, orelse=orelse):
                    self.block(then)
                    self.block(orelse)
                case For(target=target, iterable=iterable, body=body):
                    for part, sequence in parts_of_rounds(target, iteration(iterable)):
                        self.assign(target_names(part), sequence)
                    self.block(body)
                case While(body=body):
                    self.block(body)
                case With(context=context, target=target, body=body):
                    self.assign([] if target is None else target_names(target), context)
                    self.block(body)
                case Try():
                    self.attempt(s)
                case Return(value=value) if value is not None:
                    for source in differentiable_names(value, self.kind_of):
                        self.edge(source, _RESULT)

    def attempt(self, s: Try) -> None:
        """An exception may carry what was computed: what the body reads."""
        read = {name for expression in expressions(s.body) for name in names_in(expression)}
        for name in binds(s):
            for source in sorted(read):
                self.edge(source, name)
        for inner in blocks(s):
            self.block(inner)


def parts_of_rounds(target: Expr, way: Iteration) -> Iterator[tuple[Expr, Expr]]:
    """The parts of a loop's target with the sequences that they run over."""
    match way:
        case Elements(sequence=sequence):
            yield target, sequence
        case Reversed(inner=inner):
            yield from parts_of_rounds(target, inner)
        case Enumerated(inner=inner):
            part = target.items[1] if isinstance(target, TupleOf) and len(target.items) == 2 else target
            yield from parts_of_rounds(part, inner)
        case Zipped(parts=parts):
            own = (
                target.items
                if isinstance(target, TupleOf) and len(target.items) == len(parts)
                else (target,) * len(parts)
            )
            for part, inner in zip(own, parts, strict=True):
                yield from parts_of_rounds(part, inner)


def differentiable_names(node: Expr, kind_of: KindOf) -> Iterator[str]:
    """The variables through which a derivative may flow into the value of `node`."""
    match node:
        case Name(id=name):
            yield name
            return
        case Compare() | Slice() | Unary(op="not"):
            return
        case Conditional(then=then, orelse=orelse):
            parts: tuple[Expr, ...] = (then, orelse)
        case Index(value=Global(), index=index):
            # Such as `np.r_[x, y]`, which makes an array of its index.
            yield from names_in(index) if may_be_active(kind_of(node)) else ()
            return
        case Index(value=value):
            parts = (value,)
        case Call(args=(old, *_, added)) if is_change(node) and node.func != POPPED:
            parts = (old, added)
        case _ if _is_constant(node, kind_of):
            return
        case _:
            parts = children(node)
    if parts and names_in(node) and may_be_active(kind_of(node)):
        for part in parts:
            yield from differentiable_names(part, kind_of)


def _is_constant(node: Expr, kind_of: KindOf) -> bool:
    """True for the application of a function that is declared constant."""
    key = registry.key_of(node)
    if key is None or not registry.is_constant(key):
        return False
    match node:
        case Call(func=Attribute(value=value)) | Attribute(value=value):
            # A field may be called like an attribute of arrays.
            return not isinstance(kind_of(value), Other | Record)
        case Binary(op="|", left=left, right=right):
            # Of two dicts it makes one.
            return not any(isinstance(kind_of(part), Record | Unknown) for part in (left, right))
    return True
