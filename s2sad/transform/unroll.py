"""Loops that are written out round by round: those that run over functions, which are called, and those that fill the dict
of a comprehension from the keys of another. What they run over is known by its kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.changes import APPENDED, REPLACED
from s2sad.analysis.infer import infer
from s2sad.analysis.kinds import kind_of
from s2sad.analysis.loops import Elements, Enumerated, Iteration, Range, Reversed, Zipped, iteration, rounds_of
from s2sad.ir import (
    Assign,
    Attribute,
    Binary,
    Block,
    Call,
    Closure,
    Const,
    DictOf,
    Expr,
    For,
    Function,
    Global,
    Index,
    ListOf,
    Name,
    Routine,
    Statement,
    TupleOf,
)
from s2sad.kind import FunctionValue, Kind, Number, Record, Sequence
from s2sad.traversal import (
    assigned,
    expressions,
    is_part,
    map_blocks,
    map_statement,
    names_in,
    statements,
    substitute,
    walk,
)

__all__ = ["makes_dicts", "unrolled"]

Returns = Callable[[Call, Mapping[str, Kind]], Kind]
KindOf = Callable[[Expr], Kind]
Pair = tuple[Expr, Expr]

#: Longer loops over positions stay loops.
_ROUNDS = 64
#: What means the same wherever it stands.
_CONSTANTS = (Const, Global, Routine, Closure)


def makes_dicts(function: Function) -> bool:
    """True if the function has a dict comprehension."""
    return any(isinstance(s, For) and s.gathers and _filled(s.body) is not None for s in statements(function.body))


def unrolled(function: Function, kinds: Mapping[str, Kind], data: Mapping[str, Kind], returns: Returns) -> Function:
    """The function, its changes in place being assignments, with these loops as a sequence of their rounds."""
    while any(isinstance(s, For) for s in statements(function.body)):
        before: dict[int, Mapping[str, Kind]] = {}

        def seen(s: Statement, env: Mapping[str, Kind], before: dict[int, Mapping[str, Kind]] = before) -> None:
            if isinstance(s, For):
                before[id(s)] = dict(env)

        infer(function, kinds, data, returns, seen)
        body = _Unroller(before, returns, Counter(_names(function.body))).block(function.body)
        if body == function.body:
            break
        function = replace(function, body=body)
    return function


@dataclass(frozen=True)
class _Unroller:
    """`before` are the kinds of the variables before each loop."""

    before: Mapping[int, Mapping[str, Kind]]
    returns: Returns
    read: Counter[str]

    def is_read(self, s: For, target: Expr) -> bool:
        """True if the variables of a loop may be read outside of it."""
        inside = Counter(_names((s,)))
        return any(self.read[name] > inside[name] for name in names_in(target))

    def block(self, block: Block) -> Block:
        done: list[Statement] = []
        for s in block:
            rounds = self.rounds(s) if isinstance(s, For) and id(s) in self.before else None
            if rounds is None:
                done.append(map_blocks(s, self.block))
                continue
            assert isinstance(s, For)
            made = self.display(done[-1], s, rounds) if done else None
            if made is None:
                done += [line for pairs in rounds for line in _round(pairs, s, self.is_read)]
            else:
                done[-1:] = made
        return tuple(done)

    def rounds(self, s: For) -> list[list[Pair]] | None:
        """For each round the parts of the target with what they are bound to; None for a loop that stays one."""
        if s.until is not None:
            return None
        env = self.before[id(s)]

        def kind(node: Expr) -> Kind:
            return kind_of(node, env, self.returns)

        makes_dict = s.gathers and _filled(s.body) is not None
        keys = _keys(s.iterable, kind) if makes_dict or _has_function(kind(_record(s.iterable))) else None
        if keys is not None:
            return [_item(s.target, s.iterable, Const(key)) for key in keys]
        way = iteration(s.iterable)
        if isinstance(way, Range) and isinstance(s.target, Name) and _selects_functions(s, kind):
            numbers = _numbers(way, kind)
            return None if numbers is None else [[(s.target, Const(number))] for number in numbers]
        found = rounds_of(way, kind)
        if not any(map(_has_function, found)) or not _is_at_hand(way):
            return None
        count = _length(way, kind)
        return None if count is None else [_parts(s.target, way, k, count) for k in range(count)]

    def display(self, start: Statement, s: For, rounds: list[list[Pair]]) -> Block | None:
        """The dict or list of a comprehension as it is written out."""
        match start, s.body:
            case Assign(target=Name() as name, value=DictOf(items=())), (
                Assign(value=Call(args=(_, key, value))) as line,
            ):
                if not s.gathers or line.target != name or not _is_change(line, REPLACED):
                    return None
                keys = [_in_round(key, pairs) for pairs in rounds]
                if not all(isinstance(key, Const) and isinstance(key.value, str | int) for key in keys):
                    return None
                values = {key.value: _in_round(value, pairs) for key, pairs in zip(keys, rounds, strict=True)}  # type: ignore[attr-defined]
                return (replace(line, value=DictOf(tuple(values), tuple(values.values()))),)
            case Assign(target=Name() as name, value=ListOf(items=())), (Assign(value=Call(args=(_, value))) as line,):
                if not s.gathers or line.target != name or not _is_change(line, APPENDED):
                    return None
                return (replace(line, value=ListOf(tuple(_in_round(value, pairs) for pairs in rounds))),)
        return None


def _names(block: Block) -> Iterator[str]:
    return (name for expression in expressions(block) for name in names_in(expression))


def _is_change(s: Assign, change: Expr) -> bool:
    return isinstance(s.value, Call) and s.value.func == change and s.value.args[0] == s.target


def _filled(body: Block) -> Expr | None:
    """The dict that the body of a comprehension's loop puts one item into."""
    match body:
        case (Assign(target=Name() as name, value=Call(func=func, args=(own, _, _))),) if (
            func == REPLACED and own == name
        ):
            return name
        case (Assign(target=Index(value=Name() as name)),):
            return name
    return None


def _in_round(node: Expr, pairs: list[Pair]) -> Expr:
    """An expression with what a comprehension's variables are in one round."""
    return substitute(node, dict(pairs))


def _round(pairs: list[Pair], s: For, is_read: Callable[[For, Expr], bool]) -> Block:
    """One round of a loop; numbers, keys and functions stand in the place of the variables."""
    fixed = {name for inner in s.body for name in assigned(inner)}
    known: dict[Expr, Expr] = {
        part: value
        for part, value in pairs
        if isinstance(value, _CONSTANTS) and not {*names_in(part), *names_in(value)} & fixed
    }
    body = (map_statement(line, lambda node: substitute(node, known)) for line in s.body)
    bound = (Assign(*pair, origin=s.origin) for pair in pairs if pair[0] not in known or is_read(s, pair[0]))
    return (*bound, *body)


# ---------------------------------------------------------------------- over dicts


def _keys(iterable: Expr, kind_of: KindOf) -> tuple[str | int, ...] | None:
    """The keys of the dict that a loop runs over, or the literals."""
    record = _record(iterable)
    kind = kind_of(record)
    at_hand = is_part(record) or isinstance(record, DictOf)
    if at_hand and isinstance(kind, Record) and kind.type == "dict":
        return kind.keys
    match iterable:
        case TupleOf(items=items) | ListOf(items=items):
            words = [item.value for item in items if isinstance(item, Const) and isinstance(item.value, str | int)]
            return tuple(words) if len(words) == len(items) == len(set(words)) else None
    return None


def _record(iterable: Expr) -> Expr:
    match iterable:
        case Call(func=Attribute(value=record, attr="keys" | "values" | "items"), args=(), keywords=()):
            return record
    return iterable


def _item(target: Expr, iterable: Expr, key: Const) -> list[Pair]:
    record = _record(iterable)
    element: Expr = Index(record, key)
    if isinstance(record, DictOf):
        element = record.items[record.keys.index(key.value)]
    match iterable, target:
        case Call(func=Attribute(attr="items")), TupleOf(items=(first, second)):
            return [(first, key), (second, element)]
        case Call(func=Attribute(attr="items")), _:
            return [(target, TupleOf((key, element)))]
        case Call(func=Attribute(attr="values")), _:
            return [(target, element)]
    return [(target, key)]


# ------------------------------------------------------------------ over functions


def _has_function(kind: Kind) -> bool:
    match kind:
        case FunctionValue():
            return True
        case Sequence(items=items) | Record(items=items):
            return any(map(_has_function, items))
    return False


def _selects_functions(s: For, kind_of: KindOf) -> bool:
    """True if the body calls functions that the loop's variable selects."""
    return any(
        isinstance(part, Call)
        and isinstance(part.func, Index)
        and s.target in walk(part.func.index)
        and _has_function(kind_of(part.func.value))
        for expression in expressions(s.body)
        for part in walk(expression)
    )


def _numbers(way: Range, kind_of: KindOf) -> range | None:
    """What a range runs over, where that is known and not much."""
    bounds = [kind_of(part) for part in (way.start, way.stop, way.step)]
    values = [
        bound.values[0]
        for bound in bounds
        if isinstance(bound, Number) and bound.values and len(set(bound.values)) == 1
    ]
    if len(values) < 3 or not values[2]:
        return None
    numbers = range(*values)
    return numbers if len(numbers) <= _ROUNDS else None


def _is_at_hand(way: Iteration) -> bool:
    """True if the elements can be named without anything being evaluated again."""
    match way:
        case Elements(sequence=sequence):
            return is_part(sequence) or isinstance(sequence, TupleOf | ListOf)
        case Enumerated(inner=inner) | Reversed(inner=inner):
            return _is_at_hand(inner)
        case Zipped(parts=parts):
            return all(map(_is_at_hand, parts))
    return False


def _length(way: Iteration, kind_of: KindOf) -> int | None:
    match way:
        case Elements(sequence=sequence):
            kind = kind_of(sequence)
            return len(kind.items) if isinstance(kind, Sequence) else None
        case Enumerated(inner=inner) | Reversed(inner=inner):
            return _length(inner, kind_of)
        case Zipped(parts=parts):
            found = [_length(part, kind_of) for part in parts]
            return None if None in found else min(count for count in found if count is not None)
    return None


def _parts(target: Expr, way: Iteration, k: int, count: int) -> list[Pair]:
    """The parts of a loop's target with their values in the round number `k`."""
    match way, target:
        case Elements(sequence=TupleOf(items=items) | ListOf(items=items)), _:
            return _unpacked(target, items[k])
        case Elements(sequence=sequence), _:
            return _unpacked(target, Index(sequence, Const(k)))
        case Reversed(inner=inner), _:
            return _parts(target, inner, count - 1 - k, count)
        case Enumerated(inner=inner, start=start), TupleOf(items=(number, part)):
            return [(number, _number(start, k)), *_parts(part, inner, k, count)]
        case Zipped(parts=ways), TupleOf(items=items) if len(items) == len(ways):
            return [pair for item, part in zip(items, ways, strict=True) for pair in _parts(item, part, k, count)]
    return [(target, _element(way, k, count))]


def _element(way: Iteration, k: int, count: int) -> Expr:
    match way:
        case Enumerated(inner=inner, start=start):
            return TupleOf((_number(start, k), _element(inner, k, count)))
        case Zipped(parts=ways):
            return TupleOf(tuple(_element(part, k, count) for part in ways))
    one = Name("_")
    return _parts(one, way, k, count)[0][1]


def _number(start: Expr, k: int) -> Expr:
    return Const(start.value + k) if isinstance(start, Const) else Binary("+", start, Const(k))


def _unpacked(target: Expr, value: Expr) -> list[Pair]:
    match target, value:
        case TupleOf(items=targets), TupleOf(items=values) | ListOf(items=values) if len(targets) == len(values):
            return [pair for item, part in zip(targets, values, strict=True) for pair in _unpacked(item, part)]
    return [(target, value)]
