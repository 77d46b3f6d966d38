"""A function that changes arguments in place need not return arguments as well.

    b_x, b_v = Body_step(b_x, b_v, dt)    →    Body_step(b_x, b_v, dt)
    old, new = step(old, new)             →    step(old, new); old, new = new, old

where `Body_step` changes the arrays `b_x` and `b_v` themselves, and `step` changes `new` and ends in `return new, old`. The
first is what methods become that update attributes: whether `self.v += …` changes an array or makes another number is not
known before the kinds are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.calls import bind_call
from s2sad.analysis.changes import functional
from s2sad.analysis.inout import Effect, bound_anew
from s2sad.analysis.liveness import always_leaves
from s2sad.ir import (
    Assign,
    Aug,
    Block,
    Call,
    Closure,
    Evaluate,
    Expr,
    Function,
    Index,
    Name,
    Return,
    Routine,
    Statement,
    TupleOf,
)
from s2sad.traversal import expressions, map_blocks, statements, target_names, walk

__all__ = ["without_returned"]

#: By function: the places among its results of arguments, and their parameters.
_Places = dict[str, dict[int, str]]


def without_returned(functions: Mapping[str, Function], effects: Mapping[str, Effect]) -> dict[str, Function]:
    """The functions that change arguments without results that are arguments, where every call assigns them to variables;
    `effects` are those of the functions, of which the first is called by the user.
    """
    found = {key: _argument_results(functions[key], effects[key]) for key in list(functions)[1:] if key in effects}
    calls = [call for function in functions.values() for call in _assigned_calls(function) if call[0] in found]
    mentions = Counter(_mentioned(functions.values()))
    mentions.subtract(key for key, _, _ in calls)
    before: _Places = {}
    while before != found:
        before = dict(found)
        for key, target, call in calls:
            # What one call leaves is left at all.
            found[key] = _given_back(target, call, functions[key], found[key])
    dropped = {key: places for key, places in found.items() if places and not mentions[key]}
    return {key: _Without(functions, dropped).function(key) for key in functions}


def _assigned_calls(function: Function) -> Iterator[tuple[str, Expr, Call]]:
    """The calls of functions of the program whose results are assigned, with their keys and targets."""
    for s in statements(function.body):
        match s:
            # A call in terms of values assigns what it changes, whether the function returns that or not.
            case Assign(target=target, value=Call(func=Routine(key=key, spread=False)) as call):
                yield key, target, call


def _items(value: Expr | None) -> tuple[Expr, ...]:
    if value is None:
        return ()
    return value.items if isinstance(value, TupleOf) else (value,)


def _results(function: Function) -> list[Expr | None]:
    return [s.value for s in statements(function.body) if isinstance(s, Return)]


def _form(result: Expr | None) -> int:
    """How many results there are in a tuple; -1 for one that is not in a tuple."""
    return len(result.items) if isinstance(result, TupleOf) else -1


def _argument_results(function: Function, effect: Effect) -> dict[int, str]:
    """The places of the results that are always the same parameter, if the function changes any."""
    results = _results(function)
    if not effect.changes or not always_leaves(function.body) or len({_form(result) for result in results}) != 1:
        return {}
    columns = enumerate(zip(*map(_items, results), strict=True))
    # A parameter that is bound to another object is not the argument any more.
    others = {name for s in statements(tuple(map(functional, function.body))) for name in bound_anew(s)}
    updated = {s.target.id for s in statements(function.body) if isinstance(s, Aug) and isinstance(s.target, Name)}
    others |= updated - set(effect.changes)
    arguments = {param.name for param in function.params} - others
    return {
        k: column[0].id
        for k, column in columns
        if len(set(column)) == 1 and isinstance(column[0], Name) and column[0].id in arguments
    }


def _mentioned(functions: Iterable[Function]) -> Iterable[str]:
    for function in functions:
        for expression in expressions(function.body):
            yield from (part.key for part in walk(expression) if isinstance(part, Routine | Closure))


def _given_back(target: Expr, call: Call, function: Function, places: dict[int, str]) -> dict[int, str]:
    """Those of the places whose results a call assigns to the argument that it is, or to a variable if that is one."""
    bound = bind_call(function, call)
    if isinstance(bound, str) or not places or _form(target) != _form(_results(function)[0]):
        return {}
    targets = dict(enumerate(_items(target)))
    pairs = {k: (targets.get(k), bound.get(name)) for k, name in places.items()}
    others = {name for k, item in targets.items() if k not in pairs for name in target_names(item)}
    return {
        k: places[k]
        for k, (item, argument) in pairs.items()
        if (isinstance(item, Name | Index) and argument == item)
        or (isinstance(item, Name) and isinstance(argument, Name) and argument.id not in others)
    }


@dataclass(frozen=True)
class _Without:
    """Leaves out what is `dropped` of results."""

    functions: Mapping[str, Function]
    dropped: _Places

    def function(self, key: str) -> Function:
        function, places = self.functions[key], self.dropped.get(key, {})
        body = self.block(function.body, places)
        return replace(function, body=body[:-1] if places and body[-1:] == (Return(),) else body)

    def block(self, block: Block, places: dict[int, str]) -> Block:
        return tuple(line for s in block for line in self.statement(s, places))

    def statement(self, s: Statement, places: dict[int, str]) -> Block:
        match s:
            case Return(value=value) if places:
                return (replace(s, value=_left(value, places)),)
            case Assign(target=target, value=Call(func=Routine(key=key)) as call) if key in self.dropped:
                rest = _left(target, self.dropped[key])
                called = Evaluate(call, origin=s.origin) if rest is None else replace(s, target=rest)
                return (called, *self.renamed(s, call, key))
        return (map_blocks(s, lambda block: self.block(block, places)),)

    def renamed(self, s: Assign, call: Call, key: str) -> Block:
        """The arguments get the names that the results of a call had."""
        bound, targets = bind_call(self.functions[key], call), _items(s.target)
        assert not isinstance(bound, str)
        pairs = [(targets[k], bound[name]) for k, name in self.dropped[key].items()]
        pairs = [(item, argument) for item, argument in pairs if item not in (argument, Name("_"))]
        if not pairs:
            return ()
        items, arguments = zip(*pairs, strict=True)
        one = len(pairs) == 1
        return (
            replace(s, target=items[0] if one else TupleOf(items), value=arguments[0] if one else TupleOf(arguments)),
        )


def _left(value: Expr | None, places: dict[int, str]) -> Expr | None:
    kept = tuple(item for k, item in enumerate(_items(value)) if k not in places)
    return kept[0] if len(kept) == 1 else TupleOf(kept) if kept else None
