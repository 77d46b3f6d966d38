"""An argument that a function changes in place need not be returned as well.

    b_x, b_v = Body_step(b_x, b_v, dt)    →    Body_step(b_x, b_v, dt)

where `Body_step` changes the arrays `b_x` and `b_v` themselves. This is what methods become that update attributes: whether
`self.v += …` changes an array or makes another number is not known before the kinds are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from s2sad.analysis.calls import bind_call
from s2sad.analysis.changes import functional
from s2sad.analysis.inout import Effect, bound_anew
from s2sad.analysis.liveness import always_leaves
from s2sad.ir import Assign, Call, Closure, Evaluate, Expr, Function, Index, Name, Return, Routine, Statement, TupleOf
from s2sad.traversal import expressions, map_blocks, statements, walk

__all__ = ["without_returned"]

#: By function: the places among its results of arguments that it changes, and their parameters.
_Places = dict[str, dict[int, str]]


def without_returned(functions: Mapping[str, Function], effects: Mapping[str, Effect]) -> dict[str, Function]:
    """The functions without results that are arguments changed in place, where every call assigns them to these again;
    `effects` are those of the functions, of which the first is called by the user.
    """
    found = {key: _changed_results(functions[key], effects[key]) for key in list(functions)[1:] if key in effects}
    mentions = Counter(_mentioned(functions.values()))
    for function in functions.values():
        for s in statements(function.body):
            match s:
                # A call in terms of values assigns what it changes, whether the function returns that or not.
                case Assign(target=target, value=Call(func=Routine(key=key, spread=False)) as call):
                    mentions[key] -= 1
                    if key in functions and key in found:
                        found[key] = _given_back(target, call, functions[key], found[key])
    dropped = {key: places for key, places in found.items() if places and not mentions[key]}
    return {key: _without(function, dropped.get(key, {}), dropped) for key, function in functions.items()}


def _items(value: Expr | None) -> tuple[Expr, ...]:
    if value is None:
        return ()
    return value.items if isinstance(value, TupleOf) else (value,)


def _changed_results(function: Function, effect: Effect) -> dict[int, str]:
    """The places of the results that are always the same parameter, which the function changes."""
    results = {_items(s.value) for s in statements(function.body) if isinstance(s, Return)}
    if not always_leaves(function.body) or len({len(items) for items in results}) != 1:
        return {}
    columns = enumerate(zip(*results, strict=True))
    # A parameter that is bound to another object is not the argument any more.
    others = {name for s in statements(tuple(map(functional, function.body))) for name in bound_anew(s)}
    changed = set(effect.changes) - others
    return {
        k: column[0].id
        for k, column in columns
        if len(set(column)) == 1 and isinstance(column[0], Name) and column[0].id in changed
    }


def _mentioned(functions: Iterable[Function]) -> Iterable[str]:
    for function in functions:
        for expression in expressions(function.body):
            yield from (part.key for part in walk(expression) if isinstance(part, Routine | Closure))


def _given_back(target: Expr, call: Call, function: Function, places: dict[int, str]) -> dict[int, str]:
    """Those of the places whose results a call assigns to the argument that it is."""
    bound = bind_call(function, call)
    targets = dict(enumerate(_items(target)))
    if isinstance(bound, str):
        return {}
    return {
        k: name for k, name in places.items() if isinstance(targets.get(k), Name | Index) and bound[name] == targets[k]
    }


def _without(function: Function, places: dict[int, str], dropped: _Places) -> Function:
    def statement(s: Statement) -> Statement:
        match s:
            case Return(value=value) if places:
                return replace(s, value=_left(value, places))
            case Assign(target=target, value=Call(func=Routine(key=key)) as call) if key in dropped:
                rest = _left(target, dropped[key])
                return Evaluate(call, origin=s.origin) if rest is None else replace(s, target=rest)
        return map_blocks(s, lambda block: tuple(map(statement, block)))

    body = tuple(map(statement, function.body))
    return replace(function, body=body[:-1] if places and body[-1:] == (Return(),) else body)


def _left(value: Expr | None, places: dict[int, str]) -> Expr | None:
    kept = tuple(item for k, item in enumerate(_items(value)) if k not in places)
    return kept[0] if len(kept) == 1 else TupleOf(kept) if kept else None
