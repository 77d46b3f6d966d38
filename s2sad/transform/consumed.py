"""A check: a loop over a generator function takes all elements at once, so that nothing may tell that from one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from s2sad.analysis.changes import changed_variables
from s2sad.analysis.writes import written
from s2sad.errors import DifferentiationError
from s2sad.ir import (
    Attribute,
    Aug,
    Block,
    Call,
    Closure,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    Name,
    Routine,
    Statement,
    Try,
    With,
)
from s2sad.program import Program
from s2sad.rules.stores import stored
from s2sad.simplify.dead import assigned_in_place, has_effect
from s2sad.traversal import assigned, blocks, heads, names_in, statements, walk

__all__ = ["check_consumed"]


def check_consumed(program: Program) -> None:
    """S201 for a loop over a generator function that prints, say, or that reads what the loop changes."""
    pure: dict[str, bool] = {}

    def is_pure(key: str) -> bool:
        if key not in pure:
            pure[key] = True
            function = program.functions.get(key)
            quiet = function is not None and not function.changes
            pure[key] = quiet and function is not None and not has_effect(function.body, is_pure)
        return pure[key]

    for key, function in program.functions.items():
        for loop, call, callee in _loops(program, function):
            changed = _changed_inside(loop, call)
            if loop in _guarded(function):
                why = "may fail between two rounds where that is caught"
            elif not is_pure(callee):
                why = "has effects"
            elif changed:
                why = f"may read `{min(changed)}`, which the loop changes"
            else:
                continue
            reason = f"cannot differentiate a loop over the generator `{program.functions[callee].name}`, which {why}"
            place = program.units[key].place(loop.origin.span if loop.origin else None)
            raise DifferentiationError("S201", reason, place, "let the loop run over a list: `for … in list(…):`")


def _guarded(function: Function) -> list[Statement]:
    """The statements whose errors may be caught."""
    around = [s for s in statements(function.body) if isinstance(s, Try | With)]
    return [inner for s in around for block in blocks(s) for inner in statements(block)]


def _loops(program: Program, function: Function) -> Iterator[tuple[For, Call, str]]:
    """The loops over generator functions, with the calls of these and their keys."""
    for s in statements(function.body):
        match s:
            case For(iterable=Call(func=Global("enumerate"), args=(Call() as call, *_))) | For(iterable=Call() as call):
                key = call.func.key if isinstance(call.func, Routine | Closure) else ""
                if key in program.functions and program.functions[key].yields:
                    yield s, call, key


def _changed_inside(loop: For, call: Call) -> set[str]:
    """The variables that the generator reads and the loop changes: what was captured by name, arguments by contents."""
    captured = [value for _, value in call.func.captures] if isinstance(call.func, Closure) else []
    rebound = {name for s in loop.body for name in assigned(s)} & _names(captured)
    given = _names([*call.args, *(value for _, value in call.keywords), *captured])
    return rebound | (_changed(loop.body) & given)


def _names(nodes: Iterable[Expr]) -> set[str]:
    return {name for node in nodes for name in names_in(node)}


def _changed(body: Block) -> set[str]:
    """The variables whose contents a block may change."""
    found: set[str] = set()
    for s in statements(body):
        found |= (assigned_in_place(s) - assigned(s)) | set(changed_variables(s))
        match s:
            case Aug(target=Name(id=name)) | Evaluate(value=Call(func=Attribute(value=Name(id=name)))):
                found.add(name)
        for part in (part for node in heads(s) for part in walk(node)):
            if isinstance(part, Call) and _changes_arguments(part):
                found |= _names([*part.args, *(value for _, value in part.keywords)])
    return found


def _changes_arguments(call: Call) -> bool:
    """True for a call of the program that is known to change arguments, and one of a library that may."""
    if isinstance(call.func, Routine):
        return bool(call.func.changes)
    return written(call) is not None or stored(call) is not None
