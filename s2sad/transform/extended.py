"""What means something else for a list than for other things, where the kinds tell that a parameter is one.

    l += [a]        l.extend([a])
    l.reverse()     items = l[::-1]
                    for place in range(len(l)):
                        l[place] = items[place]
    l.sort()        the same with sorted(l)

From there on it is what other methods of lists are (transform/methods.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from s2sad.analysis.inout import parameter_kinds
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Block,
    Call,
    Const,
    Evaluate,
    For,
    Function,
    Global,
    Index,
    Name,
    Slice,
    Statement,
    noted,
)
from s2sad.kind import Kind, List, Sequence
from s2sad.naming import Names
from s2sad.program import Program
from s2sad.syntax import template
from s2sad.traversal import binds, bound_names, map_blocks, statements

__all__ = ["with_extended_lists"]

Returns = Callable[[Call, Mapping[str, Kind]], Kind]


def with_extended_lists(
    program: Program, kinds: Mapping[str, Kind], data: Mapping[str, Kind], returns: Returns
) -> Program:
    """The program with `l.extend(y)` for `l += y` and the like; `kinds` are those of the parameters of its first function."""
    if not any(map(_updated, program.functions.values())):
        return program
    found = parameter_kinds(program.functions, kinds, data, returns)
    functions = {key: _with_extended(function, found.get(key, {})) for key, function in program.functions.items()}
    return replace(program, functions=functions)


@noted
def _updated(function: Function) -> dict[str, str]:
    """The variables to which something is added, or whose elements get another order, and that are parameters, or names of
    them, throughout; and which these are.
    """
    lines = list(statements(function.body))
    bindings = Counter(name for s in lines if not isinstance(s, Aug) for name in binds(s))
    names = {
        s.target.id: s.value.id
        for s in lines
        if isinstance(s, Assign) and isinstance(s.target, Name) and isinstance(s.value, Name)
    }
    params = {param.name for param in function.params}
    found: dict[str, str] = {}
    for name in filter(None, map(_name_of, lines)):
        own, seen = name, set()
        while own not in params and own in names and bindings[own] == 1 and own not in seen:
            seen.add(own)
            own = names[own]
        if own in params and bindings[own] == 0:
            found[name] = own
    return found


def _name_of(s: Statement) -> str | None:
    """The variable that a statement changes in a way that is another one for lists."""
    match s:
        case Aug(target=Name(id=name), op="+"):
            return name
        case Evaluate(value=Call(func=Attribute(value=Name(id=name), attr="reverse" | "sort"), args=())):
            return name
    return None


def _with_extended(function: Function, kinds: Mapping[str, Kind]) -> Function:
    lists = [name for name, param in _updated(function).items() if _is_list(kinds.get(param))]
    names = Names(bound_names(function))
    return replace(function, body=_block(function.body, lists, names)) if lists else function


def _is_list(kind: Kind | None) -> bool:
    return isinstance(kind, List) or (isinstance(kind, Sequence) and kind.type == "list")


def _block(block: Block, lists: Collection[str], names: Names) -> Block:
    return tuple(line for s in block for line in _statement(s, lists, names))


def _statement(s: Statement, lists: Collection[str], names: Names) -> Block:
    if _name_of(s) not in lists:
        return (map_blocks(s, lambda block: _block(block, lists, names)),)
    match s:
        case Aug(target=target, value=value):
            return (Evaluate(Call(Attribute(target, "extend"), (value,)), origin=s.origin),)
        case Evaluate(value=Call(func=Attribute(value=whole, attr=attr), keywords=keywords) as call):
            new, place = Name(names.unique("items")), Name(names.unique("place"))
            items = (
                Index(whole, Slice(step=Const(-1)))
                if attr == "reverse"
                else Call(Global("sorted"), (whole,), keywords, span=call.span)
            )
            rounds = template("range(len(x))", x=whole)
            filled = Assign(Index(whole, place), Index(new, place), origin=s.origin)
            return (Assign(new, items, origin=s.origin), For(place, rounds, (filled,), origin=s.origin))
    return (s,)
