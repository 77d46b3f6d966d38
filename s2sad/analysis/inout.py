"""Which parameters a function changes in place: their arguments are results of a call, too (Fortran's `inout`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.calls import bind_call
from s2sad.analysis.changes import (
    INCREASES,
    REBOUND,
    REPLACED,
    changed,
    changed_arguments,
    changed_variables,
    fills_part,
    functional,
    is_change,
    result_target,
    root_of,
)
from s2sad.analysis.infer import Returns, infer
from s2sad.analysis.kinds import kind_of
from s2sad.analysis.liveness import always_leaves
from s2sad.ir import (
    Assign,
    Aug,
    Binary,
    Block,
    Call,
    Const,
    Expr,
    For,
    Function,
    Gives,
    Index,
    Name,
    Return,
    Routine,
    Statement,
)
from s2sad.kind import Array, Kind, Sequence, Unknown, join
from s2sad.traversal import expressions, map_blocks, statements, target_names, walk

__all__ = ["Effect", "array_parameters", "bound_anew", "deep_parts", "effect_of", "parameter_kinds", "unknown_results"]


@dataclass(frozen=True)
class Effect:
    """The parameters that a function changes in place, those in whose elements it does, and what it returns beside."""

    changes: tuple[str, ...] = ()
    deep: tuple[str, ...] = ()
    gives: Gives = "value"


def effect_of(function: Function, arrays: frozenset[str]) -> Effect:
    """What the function does to its parameters, as far as they are never bound to anything else; `arrays` are those that
    are arrays for sure. Calls in it are in terms of values, and its live ranges have names.
    """
    params = [param.name for param in function.params]
    found = dict(_changes(function.body, arrays))
    bound = {name for s in statements(function.body) for name in bound_anew(s)}
    changes = [name for name in params if name in found and name not in bound]
    deep = {name for name, reaches in _changes(function.body, arrays) if reaches}
    gives, first = _gives(function.body, changes)
    changes.sort(key=lambda name: name != first)
    return Effect(tuple(changes), tuple(name for name in changes if name in deep), gives if changes else "value")


def unknown_results(call: Call, env: Mapping[str, Kind]) -> Kind:
    return Unknown()


def array_parameters(
    functions: Mapping[str, Function], kinds: Mapping[str, Kind], results: Returns
) -> dict[str, frozenset[str]]:
    """The parameters that are arrays in every call, by function; `kinds` are those of the first one's, `results` gives those
    of calls.
    """

    def returns(call: Call, env: Mapping[str, Kind]) -> Kind:
        return _result(call, env, results)

    found = parameter_kinds(functions, kinds, {}, returns, _joined)
    return {
        key: frozenset(name for name, kind in found.get(key, {}).items() if isinstance(kind, Array))
        for key in functions
    }


def _joined(a: Kind, b: Kind) -> Kind:
    return a if isinstance(a, Array) and isinstance(b, Array) else Unknown()


def parameter_kinds(
    functions: Mapping[str, Function],
    kinds: Mapping[str, Kind],
    data: Mapping[str, Kind],
    returns: Returns,
    joined: Callable[[Kind, Kind], Kind] = join,
) -> dict[str, dict[str, Kind]]:
    """The kinds of the parameters of the functions that are called, over all calls; `kinds` are those of the first one's."""
    found: dict[str, dict[str, Kind]] = {next(iter(functions)): dict(kinds)}
    waiting = list(found)
    while waiting:
        key = waiting.pop()
        for callee, given in _calls(functions[key], found[key], functions, data, returns):
            before = found.get(callee)
            own = given if before is None else {name: joined(kind, given[name]) for name, kind in before.items()}
            if own != before:
                found[callee] = own
                waiting.append(callee)
    return found


def _calls(
    function: Function,
    kinds: Mapping[str, Kind],
    functions: Mapping[str, Function],
    data: Mapping[str, Kind],
    returns: Returns,
) -> list[tuple[str, dict[str, Kind]]]:
    """The calls in a function, with the kinds of their arguments by parameter."""
    found: list[tuple[str, dict[str, Kind]]] = []

    def seen(s: Statement, env: Mapping[str, Kind]) -> None:
        for expression in expressions((map_blocks(s, lambda block: ()),)):
            for part in walk(expression):
                match part:
                    case Call(func=Routine(key=key)) if key in functions:
                        bound = bind_call(functions[key], part)
                        given = {} if isinstance(bound, str) else bound
                        own = {name: kind_of(arg, env, returns) for name, arg in given.items()}
                        found.append(
                            (key, {param.name: own.get(param.name, Unknown()) for param in functions[key].params})
                        )

    body = tuple(map(functional, function.body))
    infer(replace(function, body=body), kinds, data, returns, seen)
    return found


def _result(call: Call, env: Mapping[str, Kind], results: Returns) -> Kind:
    """What is known of a call: of one that changes arguments, that these stay of their kind."""
    if not isinstance(call.func, Routine):
        return Unknown()
    if not call.func.spread:
        return results(call, env)
    changed = tuple(env.get(str(root_of(arg)), Unknown()) for arg in changed_arguments(call))
    kinds = (Unknown(), *changed) if call.func.gives == "value" else changed
    return kinds[0] if len(kinds) == 1 else Sequence("tuple", kinds)


def _changes(block: Block, arrays: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """The variables whose objects are changed, and whether their elements are."""
    for s in statements(block):
        match s:
            case Aug(target=Name(id=name)) if name in arrays:
                yield name, False
            case Assign(value=Call(func=Routine(changes=changes, deep=deep)) as call) if changes:
                for place, part in zip(changes, changed_arguments(call), strict=True):
                    yield str(root_of(part)), place in deep or not isinstance(part, Name)
            case Assign(value=Call() as value) if (own := changed(s)) is not None:
                yield own, _is_deep(s, value)


def deep_parts(block: Block, name: str) -> Iterator[Expr]:
    """The parts of the object of a variable in which something is changed, as elements of it, or the variable; in terms of
    values.
    """
    for s in statements(block):
        match s:
            case Assign(value=Call(func=Routine(changes=changes, deep=deep)) as call) if changes:
                for place, part in zip(changes, changed_arguments(call), strict=True):
                    if root_of(part) == name and (place in deep or not isinstance(part, Name)):
                        yield _element(part)
            case Assign(value=Call(args=(old, index, *_)) as value) if changed(s) == name and _is_deep(s, value):
                yield _element(Index(old, index))
            case Assign(value=Call() as value) if changed(s) == name and _is_deep(s, value):
                yield Name(name)


def _element(part: Expr) -> Expr:
    """The element of a variable in which a part of it is."""
    while isinstance(part, Index) and isinstance(part.value, Index):
        part = part.value
    return part


def _is_deep(s: Assign, value: Call) -> bool:
    """True if an element of the object may be changed itself: of an array it never is, but that is not known here."""
    inner = value.args[-1]
    if fills_part(value):
        return False
    if is_change(inner) or value.func in INCREASES:
        return True
    is_update = value.func == REPLACED and isinstance(inner, Binary) and s.origin is not None
    return is_update and inner.left == Index(*value.args[:2])  # type: ignore[attr-defined]


def bound_anew(s: Statement) -> list[str]:
    """The variables that a statement binds to other objects."""
    match s:
        case Assign(value=value) if changed_arguments(value):
            target = result_target(s)
            return [] if target is None else target_names(target)
        case Assign(target=target, value=Call(func=func)) if func == REBOUND:
            # It is written as another object.
            return target_names(target)
        case Assign(target=target):
            return [name for name in target_names(target) if name not in changed_variables(s)]
        case For(target=target):
            return target_names(target)
    return []


def _gives(block: Block, changes: list[str]) -> tuple[Gives, str]:
    """What is returned beside `changes`; of these the one that is, if always the same is."""
    values = {s.value for s in statements(block) if isinstance(s, Return)}
    if values <= {None, Const(None)}:
        return "nothing", ""
    match list(values):
        case [Name(id=name)] if name in changes and always_leaves(block):
            return "argument", name
    return "value", ""
