"""`l += y` of a parameter that is a list, or of another name of it, adds elements to it: the kinds tell it from an array.

    l += [a]        l.extend([a])

From there on it is what other methods of lists are (transform/methods.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from s2sad.analysis.inout import parameter_kinds
from s2sad.ir import Assign, Attribute, Aug, Block, Call, Evaluate, Function, Name, Statement, noted
from s2sad.kind import Kind, List, Sequence
from s2sad.program import Program
from s2sad.traversal import binds, map_blocks, statements

__all__ = ["with_extended_lists"]

Returns = Callable[[Call, Mapping[str, Kind]], Kind]


def with_extended_lists(
    program: Program, kinds: Mapping[str, Kind], data: Mapping[str, Kind], returns: Returns
) -> Program:
    """The program with `l.extend(y)` for `l += y`; `kinds` are those of the parameters of its first function."""
    if not any(map(_updated, program.functions.values())):
        return program
    found = parameter_kinds(program.functions, kinds, data, returns)
    functions = {key: _with_extended(function, found.get(key, {})) for key, function in program.functions.items()}
    return replace(program, functions=functions)


@noted
def _updated(function: Function) -> dict[str, str]:
    """The variables to which something is added and that are parameters, or names of them, throughout; and which these are."""
    lines = list(statements(function.body))
    bindings = Counter(name for s in lines if not isinstance(s, Aug) for name in binds(s))
    names = {
        s.target.id: s.value.id
        for s in lines
        if isinstance(s, Assign) and isinstance(s.target, Name) and isinstance(s.value, Name)
    }
    params = {param.name for param in function.params}
    found: dict[str, str] = {}
    for s in lines:
        if isinstance(s, Aug) and isinstance(s.target, Name) and s.op == "+":
            own, seen = s.target.id, set()
            while own not in params and own in names and bindings[own] == 1 and own not in seen:
                seen.add(own)
                own = names[own]
            if own in params and bindings[own] == 0:
                found[s.target.id] = own
    return found


def _with_extended(function: Function, kinds: Mapping[str, Kind]) -> Function:
    lists = [name for name, param in _updated(function).items() if _is_list(kinds.get(param))]
    return replace(function, body=_block(function.body, lists)) if lists else function


def _is_list(kind: Kind | None) -> bool:
    return isinstance(kind, List) or (isinstance(kind, Sequence) and kind.type == "list")


def _block(block: Block, lists: Collection[str]) -> Block:
    return tuple(_statement(s, lists) for s in block)


def _statement(s: Statement, lists: Collection[str]) -> Statement:
    match s:
        case Aug(target=Name(id=name) as target, op="+", value=value) if name in lists:
            return Evaluate(Call(Attribute(target, "extend"), (value,)), origin=s.origin)
    return map_blocks(s, lambda block: _block(block, lists))
