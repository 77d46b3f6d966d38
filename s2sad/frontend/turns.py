"""What `itertools.cycle` and `accumulate` run over must stay what it is while the loop runs: Python takes the elements one
by one, and so sees what changes meanwhile.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.frontend.binding import free_names, stored_names
from s2sad.frontend.held import changing
from s2sad.frontend.settled import Shared
from s2sad.syntax import Unsupported

__all__ = ["check_turns"]

#: What a library's function is called: `numpy.sin`; None for anything else.
Library = Callable[[ast.expr], str | None]

_COPIES = ("list", "tuple", "sorted", "range")
_LOOKS = ("reversed", "enumerate", "zip")


def check_turns(body: list[ast.stmt], library: Library) -> None:
    """Refuse loops of a function over `cycle` and `accumulate` of what may change while they run."""
    every = [part for s in body for part in ast.walk(s)]
    loops = [part for part in every if isinstance(part, ast.For) and _calls(part.iter, library)]
    if not loops:
        return
    shared = Shared(body, library)
    inner = [part for part in every if isinstance(part, ast.FunctionDef | ast.Lambda)]
    for loop in loops:
        changed = {name for s in (*loop.body, *inner) for name in changing(s, library, second_names=False)}
        rebound = stored_names(loop)
        for call in _calls(loop.iter, library):
            source, *functions = call.args
            if library(call.func) == "itertools.cycle":
                stays = _stays(source, changed, shared, library)
            else:
                stays = _is_apart(source, changed | rebound, shared) or _stays(source, changed, shared, library)
                stays = stays and all(_is_apart(function, changed | rebound, shared) for function in functions)
            if not stays:
                raise Unsupported(source, "Turns" if library(call.func) == "itertools.cycle" else "Sums")


def _calls(node: ast.expr, library: Library) -> list[ast.Call]:
    """The calls of `cycle` and `accumulate` whose elements a loop takes one by one."""
    if not isinstance(node, ast.Call):
        return []
    name = library(node.func)
    own = [node] if name in ("itertools.cycle", "itertools.accumulate") and node.args else []
    return own + ([] if name in _COPIES else [call for arg in node.args for call in _calls(arg, library)])


def _is_apart(node: ast.expr, changed: set[str], shared: Shared) -> bool:
    """True for what reads nothing that changes."""
    return not any(shared.reach(name) & changed for name in free_names(node))


def _stays(node: ast.expr, changed: set[str], shared: Shared, library: Library) -> bool:
    """True for what has the same elements in each round."""
    match node:
        case ast.Constant() | ast.BinOp() | ast.UnaryOp() | ast.ListComp():
            return True
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            return not any(isinstance(one, ast.NamedExpr) for one in elts)
        case ast.Call(func=func) if library(func) in _COPIES:
            return True
        case ast.Call(func=func, args=args) if library(func) in _LOOKS:
            return all(_stays(arg, changed, shared, library) for arg in args)
        case ast.Call() if shared.is_new(node):
            return True
        case ast.Name() | ast.Attribute() | ast.Subscript():
            names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            return not any(shared.reach(name) & changed for name in names)
    return False
