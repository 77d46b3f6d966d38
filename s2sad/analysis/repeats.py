"""Which indices may select an element of an array more than once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from s2sad.ir import Assign, Call, Compare, Const, Expr, For, Function, Global, Index, ListOf, Name, Slice, TupleOf
from s2sad.kind import Array, Kind, List, Number, Other, Sequence
from s2sad.rules.indices import selects_once
from s2sad.traversal import binds, statements, target_names

__all__ = ["distinct_variables", "may_repeat"]

KindOf = Callable[[Expr], Kind]


def may_repeat(index: Expr, kind_of: KindOf, distinct: frozenset[str] = frozenset()) -> bool:
    """True if an index may select an element more than once: arrays of integers, and what nobody knows. The variables
    `distinct` hold indices that do not.
    """
    match index:
        case Slice() | Const() | Compare():
            return False
        case Name(id=name) if name.partition("@")[0] in distinct:
            return False
        case TupleOf(items=items):
            return any(may_repeat(item, kind_of, distinct) for item in items)
        case ListOf(items=items) if _are_distinct(items):
            return False
        case Call(func=Global(dotted=dotted), args=args, keywords=()) if selects_once(dotted, args, kind_of):
            return False
        case Index(value=Call(func=Global(dotted=dotted), args=(arg,), keywords=()) as found, index=Const(value=0)):
            # Of a vector `np.nonzero` gives one array.
            kind = kind_of(arg)
            is_vector = isinstance(kind, Array) and len(kind.shape) == 1
            if is_vector and isinstance(kind_of(found), Sequence) and selects_once(dotted, (arg,), kind_of):
                return False
        case Index(value=Index(value=Name(id=name) as turns), index=Const()) if name.partition("@")[0] in distinct:
            # A list of pairs of indices.
            if isinstance(kind_of(turns), List):
                return False
    return _holds_numbers(kind_of(index))


def _holds_numbers(kind: Kind) -> bool:
    """True for what may be numbers of elements, more than one."""
    match kind:
        case Number() | Other() | Array(dtype="bool"):
            return False
        case Sequence(type="tuple", items=items):
            return any(map(_holds_numbers, items))
    return True


def _are_distinct(items: tuple[Expr, ...]) -> bool:
    """True for numbers that are written out, all from one end."""
    numbers = [item.value for item in items if isinstance(item, Const) and type(item.value) is int]
    from_one_end = all(number >= 0 for number in numbers) or all(number < 0 for number in numbers)
    return len(set(numbers)) == len(items) and from_one_end


def distinct_variables(function: Function, kind_of: KindOf) -> frozenset[str]:
    """The variables to which nothing is assigned but indices that select each element once."""
    given: dict[str, list[Expr | None]] = {param.name: [None] for param in function.params}
    for s in statements(function.body):
        match s:
            case Assign(target=Name(id=name), value=value):
                given.setdefault(name, []).append(value)
            case For(target=TupleOf(items=targets), iterable=Name() as turns):
                for place, target in enumerate(targets):
                    for name in target_names(target):
                        given.setdefault(name, []).append(Index(Index(turns, Const(0)), Const(place)))
            case _:
                for name in binds(s):
                    given.setdefault(name, []).append(None)
    found = _distinct(given, kind_of, frozenset())
    return _distinct(given, kind_of, found)


def _distinct(given: Mapping[str, list[Expr | None]], kind_of: KindOf, known: frozenset[str]) -> frozenset[str]:
    """The variables all of whose values select each element once, those `known` among them."""
    return frozenset(
        name
        for name, values in given.items()
        if all(value is not None and not may_repeat(value, kind_of, known) for value in values)
    )
