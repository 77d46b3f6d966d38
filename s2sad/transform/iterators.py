"""Loops over the iterators of `itertools` that hand out active elements, as loops over positions and lists.

`for a, b in itertools.combinations(xs, 2)` runs over the pairs of positions and takes the elements from `xs`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from s2sad.analysis.loops import element_kind, iteration
from s2sad.ir import (
    Assign,
    Block,
    Call,
    Const,
    Expr,
    For,
    Function,
    Global,
    Index,
    ListOf,
    Name,
    Slice,
    Starred,
    Statement,
    TupleOf,
)
from s2sad.kind import Array, Kind, List, Sequence, may_be_active
from s2sad.naming import Names
from s2sad.syntax import template
from s2sad.traversal import assigned, is_part, map_blocks, names_in

__all__ = ["without_iterators"]

KindOf = Callable[[Expr], Kind]

_CHOICES = frozenset(
    f"itertools.{name}" for name in ("product", "combinations", "permutations", "combinations_with_replacement")
)


def without_iterators(function: Function, kind_of: KindOf, names: Names) -> Function:
    """The function without loops over iterators of active elements; its expressions have the kinds `kind_of`."""
    return replace(function, body=_block(function.body, kind_of, names))


def _block(block: Block, kind_of: KindOf, names: Names) -> Block:
    done: list[Statement] = []
    for s in block:
        s = map_blocks(s, lambda inner: _block(inner, kind_of, names))
        match done, s:
            case [*_, Assign(target=Name() as name, value=Call() as value)], For(iterable=iterable) if iterable == name:
                call = _listed(value)
                done[-1:] = _loop(replace(s, iterable=call), call, kind_of, names) or (done[-1], s)
            case _, For(iterable=Call() as call):
                done += _loop(s, call, kind_of, names) or (s,)
            case _:
                done.append(s)
    return tuple(done)


def _listed(value: Call) -> Call:
    """What a list of ours is made of (transform/sequences.py), of which reverse mode may ask the length."""
    match value:
        case Call(func=Global(dotted="list"), args=(Call() as call,), span=None):
            return call
    return value


def _loop(s: For, call: Call, kind_of: KindOf, names: Names) -> Block | None:
    """The statements for a loop over an iterator; None for a loop that may stay what it is."""
    dotted = call.func.dotted if isinstance(call.func, Global) else ""
    if not dotted.startswith("itertools."):
        return None
    sequences = call.args if dotted in ("itertools.product", "itertools.chain") else call.args[:1]
    if not any(may_be_active(element_kind(iteration(part), kind_of)) for part in sequences):
        return None
    if dotted in _CHOICES:
        return _over_positions(s, call, dotted, kind_of, names)
    before: list[Statement] = []
    iterable = _as_list(s, call, dotted, kind_of, names, before)
    return None if iterable is None else (*before, replace(s, iterable=iterable))


def _as_list(s: For, call: Call, dotted: str, kind_of: KindOf, names: Names, before: list[Statement]) -> Expr | None:
    """What a loop over the iterator runs over as well."""
    match dotted, call.args, call.keywords:
        case "itertools.chain", parts, ():
            return _named(ListOf(tuple(map(Starred, parts))), names, before)
        case "itertools.pairwise", (part,), ():
            whole = _sequence(s, part, kind_of, names, before)
            return template("zip(x, y)", x=whole, y=_named(template("x[1:]", x=whole), names, before))
        case "itertools.islice", (part, stop), ():
            return _named(Index(_sequence(s, part, kind_of, names, before), Slice(None, stop, None)), names, before)
        case "itertools.islice", (part, *bounds), ():
            return _named(Index(_sequence(s, part, kind_of, names, before), Slice(*bounds)), names, before)
    return None


def _named(value: Expr, names: Names, before: list[Statement]) -> Expr:
    name = Name(names.unique("items"))
    before.append(Assign(name, value))
    return name


def _over_positions(s: For, call: Call, dotted: str, kind_of: KindOf, names: Names) -> Block | None:
    before: list[Statement] = []
    count = _count(call, dotted)
    if count is None:
        return None
    wholes = [_sequence(s, part, kind_of, names, before) for part in call.args[: count if _is_product(dotted) else 1]]
    ranges = tuple(template("range(len(x))", x=whole) for whole in wholes)
    rest = () if _is_product(dotted) else call.args[1:]
    places = [Name(names.unique("k")) for _ in range(count)]
    elements = tuple(Index(wholes[number % len(wholes)], place) for number, place in enumerate(places))
    over = replace(call, args=(*ranges, *rest))
    first = Assign(s.target, TupleOf(elements), origin=s.origin)
    return (*before, replace(s, target=TupleOf(tuple(places)), iterable=over, body=(first, *s.body)))


def _is_product(dotted: str) -> bool:
    return dotted == "itertools.product"


def _count(call: Call, dotted: str) -> int | None:
    """How many elements come in each round."""
    match call.args, call.keywords:
        case parts, () if _is_product(dotted):
            return len(parts)
        case parts, (("repeat", Const(value=int() as times)),) if _is_product(dotted):
            return len(parts) * times
        case (_, Const(value=int() as count)), ():
            return count
    return None


def _sequence(s: For, part: Expr, kind_of: KindOf, names: Names, before: list[Statement]) -> Expr:
    """The elements of an iterable, under a name where they are not at hand or the loop `s` gives theirs to another object."""
    is_sequence = isinstance(kind_of(part), Array | List | Sequence)
    if is_sequence and is_part(part) and assigned(s).isdisjoint(names_in(part)):
        return part
    return _named(part if is_sequence else Call(Global("list"), (part,)), names, before)
