"""Second names of objects, and views of arrays, where one of them is changed: the path takes the place of the name.

    v = u[1:-1]                     |
    v += c                          |   u[1:-1] += c
    w = u                           |
    w[0] = 1.0                      |   u[0] = 1.0
    for row in A:                   |   for k in range(len(A)):
        row[0] = np.sum(row[1:])    |       A[k, 0] = np.sum(A[k, 1:])

Afterwards an object has one name, which is what all other passes need. A name is followed along the statements as long as
it refers to the same path, and as long as the path is the same object: until the variable at its root gets another one, or a
list on its way another element. Where a variable in an index changes meanwhile, its value is kept in one of its own. Names
that cannot be followed stay, and their changes are refused (transform/updates.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from s2sad.analysis.calls import bind_call
from s2sad.analysis.changes import changed, changed_arguments, changed_variables, changes_elements, is_change
from s2sad.analysis.infer import infer
from s2sad.analysis.inout import parameter_kinds
from s2sad.analysis.kinds import kind_of, kinds_in
from s2sad.analysis.ownership import Callees, SharedChange, is_new, shared_changes
from s2sad.analysis.paths import base_of, is_mutable
from s2sad.analysis.webs import rename
from s2sad.analysis.writes import written
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Block,
    Call,
    Conditional,
    Const,
    Expr,
    For,
    Function,
    Global,
    Index,
    Name,
    Return,
    Routine,
    Statement,
    noted,
)
from s2sad.kind import Kind, Sequence
from s2sad.naming import Names
from s2sad.program import Program
from s2sad.rules.stores import stored
from s2sad.transform.decided import by_decision
from s2sad.transform.followed import followed
from s2sad.transform.items import by_item
from s2sad.transform.rows import by_index
from s2sad.transform.values import values_of
from s2sad.traversal import (
    bound_names,
    expressions,
    map_children,
    map_statement,
    names_in,
    statements,
    substitute,
    target_names,
    walk,
)

__all__ = ["with_one_name"]

KindOf = Callable[[Expr], Kind]


def with_one_name(program: Program, kinds: Mapping[str, Kind], data: Mapping[str, Kind], callees: Callees) -> Program:
    """The program with paths for names of what is changed under another one too; `kinds` are those of the parameters of its
    first function.
    """
    if not any(map(_may_share, program.functions.values())):
        return program

    params = parameter_kinds(program.functions, kinds, data, callees.returns)
    views = {key: view for key, function in program.functions.items() if (view := _view(function)) is not None}
    functions = {
        key: _without_views(function, params[key], data, callees, views) if key in params else function
        for key, function in program.functions.items()
    }
    same = all(functions[key] is function for key, function in program.functions.items())
    return program if same else replace(program, functions=functions)


def _view(function: Function) -> Function | None:
    """The function if it does nothing but return a part of its argument, such as `grid.u[1:-1]`."""
    match function.body:
        case (Return(value=Index() | Attribute() | Name() | Call() as value),) if base_of(value) is not None:
            return function
    return None


def _written_out(node: Expr, views: Mapping[str, Function]) -> Expr:
    """An expression with what such functions return in the place of the calls."""
    node = map_children(node, lambda child: _written_out(child, views))
    match node:
        case Call(func=Routine(key=key)) if key in views:
            bound = bind_call(views[key], node)
            returned = views[key].body[0]
            assert isinstance(returned, Return) and returned.value is not None
            if not isinstance(bound, str) and all(isinstance(arg, Name | Const | Index) for arg in bound.values()):
                return substitute(returned.value, {Name(name): arg for name, arg in bound.items()})
    return node


def _without_views(
    function: Function,
    params: Mapping[str, Kind],
    data: Mapping[str, Kind],
    callees: Callees,
    views: Mapping[str, Function],
) -> Function:
    """The function with paths for the names of what is changed under more than one; itself where nothing is. `views` are the
    functions that return parts of their arguments.
    """
    if not _may_share(function):
        return function
    values = values_of(function)
    names = Names(bound_names(values))
    values = rename(values, names).function
    group = _shared(values, params, data, callees)
    if not group:
        return function
    values = replace(values, body=tuple(map_statement(s, lambda node: _written_out(node, views)) for s in values.body))
    taken = set(bound_names(values))
    values, kinds_at = _by_item(values, group, names, lambda function: _kinds_at(function, params, data, callees))
    group |= set(bound_names(values)) - taken
    rewritten = replace(values, body=by_index(values, group, names, kinds_at))
    kinds_at = _kinds_at(rewritten, params, data, callees)
    decided = replace(rewritten, body=by_decision(rewritten, group, names, kinds_at))
    if decided.body != rewritten.body:
        rewritten, kinds_at = decided, _kinds_at(decided, params, data, callees)
    group |= set(bound_names(rewritten)) - taken
    body = followed(rewritten, group, names, kinds_at)
    return function if body is None else replace(rewritten, body=body)


def _by_item(
    function: Function,
    group: frozenset[str],
    names: Names,
    kinds_of: Callable[[Function], Callable[[Statement], KindOf | None]],
) -> tuple[Function, Callable[[Statement], KindOf | None]]:
    """The function with containers taken apart, down to what is in one inside of another; and the kinds in it."""
    while True:
        kinds_at = kinds_of(function)
        done = replace(function, body=by_item(function, group, names, kinds_at))
        if done.body == function.body:
            return function, kinds_at
        group |= set(bound_names(done)) - set(bound_names(function))
        function = done


# ------------------------------------------------------------ what is concerned


@noted
def _may_share(function: Function) -> bool:
    """False where it is clear at a glance that nothing is changed that has another name."""
    lines = list(statements(function.body))
    has_changes = any(isinstance(s, Aug) or isinstance(getattr(s, "target", None), Index) for s in lines) or any(
        changed_arguments(part) or is_change(part) or _is_method(part) or _writes(part)
        for expression in expressions(function.body)
        for part in walk(expression)
    )
    return has_changes and any(isinstance(s, For) or _names_another(s) for s in lines)


def _is_method(part: Expr) -> bool:
    return isinstance(part, Call) and not isinstance(part.func, Global | Name)


def _writes(part: Expr) -> bool:
    """True for a call that writes into an array."""
    return isinstance(part, Call) and (stored(part) is not None or written(part) is not None)


def _names_another(s: Statement) -> bool:
    return isinstance(s, Assign) and bool(target_names(s.target)) and any(True for _ in names_in(s.value))


def _shared(
    function: Function, params: Mapping[str, Kind], data: Mapping[str, Kind], callees: Callees
) -> frozenset[str]:
    """The variables that may refer to what is changed under another name, and those that these may refer to."""
    every = tuple(param.name for param in function.params)
    function = replace(function, changes=every, deep=every)
    kind = kinds_in(infer(function, params, data, callees.returns).variables, callees.returns)
    found = {name for change in shared_changes(function, kind, callees) for name in _concerned(change, kind)}
    return _connected(function.body, found) if found else frozenset()


def _concerned(change: SharedChange, kind: KindOf) -> list[str]:
    """The variables whose objects are changed so that it matters who else refers to them."""
    s = change.statement
    names = [s.target.id] if isinstance(s, Aug) and isinstance(s.target, Name) else list(changed_variables(s))
    names = [name for name in names if is_mutable(kind(Name(name))) or _is_tuple(kind(Name(name)))]
    if change.objects or change.looped:
        return names
    is_deep = changed(s) is None or (isinstance(s.value, Call) and changes_elements(s.value, s.origin, kind))
    return names if is_deep else []


def _is_tuple(kind: Kind) -> bool:
    return isinstance(kind, Sequence) and kind.type == "tuple"


def _connected(block: Block, found: set[str]) -> frozenset[str]:
    """The variables that may refer to the same objects, or to parts of them."""
    edges = []
    for s in statements(block):
        match s:
            case Assign(target=target, value=value):
                edges.append({*target_names(target), *_may_refer_to(value)})
            case For(target=target, iterable=value):
                edges.append({*target_names(target), *names_in(value)})
    while True:
        grown = found.union(*(edge for edge in edges if edge & found))
        if grown == found:
            return frozenset(found)
        found = grown


def _may_refer_to(value: Expr) -> Iterator[str]:
    """The variables to whose objects, or to parts of them, the value of an expression may refer."""
    if isinstance(value, Call) and is_change(value):
        yield from names_in(value.args[0])
        yield from _may_refer_to(value.args[-1])
    elif isinstance(value, Conditional):
        yield from _may_refer_to(value.then)
        yield from _may_refer_to(value.orelse)
    elif not is_new(value):
        yield from names_in(value)


def _kinds_at(
    function: Function, params: Mapping[str, Kind], data: Mapping[str, Kind], callees: Callees
) -> Callable[[Statement], KindOf | None]:
    """The kinds of expressions as they are before a statement; None for one that is never reached."""
    at: dict[int, dict[str, Kind]] = {}

    def seen(s: Statement, env: Mapping[str, Kind]) -> None:
        at[id(s)] = dict(env)

    infer(function, params, data, callees.returns, seen)

    def kinds_at(s: Statement) -> KindOf | None:
        env = at.get(id(s))
        return None if env is None else lambda node: kind_of(node, env, callees.returns)

    return kinds_at
