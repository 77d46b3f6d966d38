"""What a loop runs over: ranges, sequences, and `enumerate`, `zip`, `reversed` of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from s2sad.analysis.evaluation import library_function
from s2sad.ir import Assign, Block, Call, Const, Expr, For, Global, If, Try, While, With
from s2sad.kind import Array, Dict, Kind, List, Never, Number, Other, Record, Sequence, Unknown, join_all
from s2sad.traversal import assigned, expressions, names_in, target_names

__all__ = [
    "Elements",
    "Enumerated",
    "Iteration",
    "Range",
    "Reversed",
    "Zipped",
    "carried",
    "element_kind",
    "is_endless",
    "is_iterator",
    "iteration",
    "rounds_of",
]

KindOf = Callable[[Expr], Kind]


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
        case Call(func=Global(dotted="zip"), args=parts, keywords=() | (("strict", _),)) if parts:
            return Zipped(tuple(map(iteration, parts)))
        case Call(func=Global(dotted="reversed"), args=(inner,), keywords=()):
            return Reversed(iteration(inner))
    return Elements(iterable)


def element_kind(way: Iteration, kind_of: KindOf) -> Kind:
    """The kind of the items that the loop's target is bound to."""
    return join_all(rounds_of(way, kind_of))


def rounds_of(way: Iteration, kind_of: KindOf) -> tuple[Kind, ...]:
    """The kinds of the items, one for each round; a single one where they are all alike or their number is not known."""
    match way:
        case Range():
            return (Number("int"),)
        case Enumerated(inner=inner):
            return tuple(Sequence("tuple", (Number("int"), kind)) for kind in rounds_of(inner, kind_of))
        case Zipped(parts=parts):
            found = [rounds_of(part, kind_of) for part in parts]
            count = max(map(len, found))
            if any(len(kinds) not in (1, count) for kinds in found):
                return (Sequence("tuple", tuple(map(join_all, found))),)
            rounds = zip(*(kinds * count if len(kinds) == 1 else kinds for kinds in found), strict=True)
            return tuple(Sequence("tuple", kinds) for kinds in rounds)
        case Reversed(inner=inner):
            return rounds_of(inner, kind_of)[::-1]
        case Elements(sequence=sequence):
            return _handed_out(sequence, kind_of) or _items(kind_of(sequence))
    raise TypeError(way)


def is_endless(s: For | While) -> bool:
    """True for `while True`, which ends in the middle of a round or never."""
    return isinstance(s, While) and isinstance(s.test, Const) and bool(s.test.value)


def is_iterator(node: Expr) -> bool:
    """True for a call that makes an iterator of a library, which has no length."""
    if not isinstance(node, Call) or not isinstance(node.func, Global):
        return False
    made = library_function(node.func.dotted)
    return node.func.dotted.startswith("itertools.") or (isinstance(made, type) and not hasattr(made, "__len__"))


def _handed_out(sequence: Expr, kind_of: KindOf) -> tuple[Kind, ...] | None:
    """The kind of what an iterator, or a set, hands out; None for anything else."""
    match sequence:
        case Call(func=Global(dotted="sorted" | "set" | "frozenset" | "itertools.islice"), args=(inner, *_)):
            return (element_kind(iteration(inner), kind_of),)
        case Call(func=Global(dotted="itertools.pairwise"), args=(inner,)):
            return (Sequence("tuple", (element_kind(iteration(inner), kind_of),) * 2),)
        case Call(func=Global(dotted="itertools.product"), args=parts, keywords=()):
            return (Sequence("tuple", tuple(element_kind(iteration(part), kind_of) for part in parts)),)
        case Call(
            func=Global(dotted="itertools.combinations" | "itertools.permutations"),
            args=(inner, Const(value=int() as count)),
        ):
            return (Sequence("tuple", (element_kind(iteration(inner), kind_of),) * count),)
        case Call(func=Global(dotted="itertools.chain"), args=parts):
            return (join_all(tuple(element_kind(iteration(part), kind_of) for part in parts)),)
    return None


def carried(s: For | While) -> frozenset[str]:
    """The variables that a loop may read with their value from an earlier round: what it assigns, but not before it is read."""
    bound = set(target_names(s.target)) if isinstance(s, For) else set()
    read = set() if isinstance(s, For) else set(names_in(s.test))
    read |= _read_first(s.body, bound)
    return frozenset(read & {name for inner in s.body for name in assigned(inner)})


def _read_first(block: Block, bound: set[str]) -> set[str]:
    """The variables that a block reads before it certainly binds them; `bound` gets those that it binds."""
    read: set[str] = set()
    for s in block:
        match s:
            case If(test=test, then=then, orelse=orelse):
                left, right = set(bound), set(bound)
                read |= (set(names_in(test)) - bound) | _read_first(then, left) | _read_first(orelse, right)
                bound |= left & right
            case For(target=target, iterable=iterable, body=body):
                read |= (set(names_in(iterable)) - bound) | _read_first(body, bound | set(target_names(target)))
            case While(test=test, body=body):
                read |= (set(names_in(test)) - bound) | _read_first(body, set(bound))
            case Try(body=body, handlers=handlers, orelse=orelse, final=final):
                done = set(bound)
                read |= _read_first((*body, *orelse), done)
                for handler in handlers:
                    own = bound | set() if handler.name is None else bound | set(target_names(handler.name))
                    read |= _read_first(handler.body, own)
                    done &= own
                bound |= done
                read |= _read_first(final, bound)
            case With(context=context, target=target, body=body):
                read |= set(names_in(context)) - bound
                bound |= set() if target is None else set(target_names(target))
                read |= _read_first(body, bound)
            case Assign(target=target):
                read |= {name for part in _evaluated(s) for name in names_in(part)} - bound
                bound |= set(target_names(target))
            case _:
                read |= {name for part in expressions((s,)) for name in names_in(part)} - bound
    return read


def _evaluated(s: Assign) -> tuple[Expr, ...]:
    """What an assignment reads: of a target only what is no variable itself."""
    return (s.value,) if target_names(s.target) else (s.value, s.target)


def _items(kind: Kind) -> tuple[Kind, ...]:
    match kind:
        case Array(dtype=dtype, shape=shape) if shape:
            return (Array(dtype, shape[1:]) if len(shape) > 1 else Number(dtype),)
        case List(item=item):
            return (item,)
        case Sequence(items=items) | Record(type="namedtuple", items=items) if items:
            return items
        case Record(type="dict", keys=keys) if keys:
            return tuple(Number("int") if isinstance(key, int) else Other("str") for key in keys)
        case Sequence(items=()):
            return (Never(),)
        case Dict():
            # Its keys are no values that anything depends on, be they numbers.
            return (Other("key"),)
        case Other("str"):
            return (kind,)
    return (Unknown(),)
