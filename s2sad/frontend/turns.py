"""What `itertools.cycle` runs over must stay what it is while the loop runs: Python takes the elements one by one in the first
turn, and so sees what changes meanwhile.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.frontend.held import changing
from s2sad.frontend.settled import Shared
from s2sad.syntax import Unsupported

__all__ = ["check_turns"]

#: What a library's function is called: `numpy.sin`; None for anything else.
Library = Callable[[ast.expr], str | None]

_COPIES = ("list", "tuple", "sorted", "range")
_LOOKS = ("reversed", "enumerate", "zip")


def check_turns(body: list[ast.stmt], library: Library) -> None:
    """Refuse loops of a function over `cycle` of what may change while they run."""
    every = [part for s in body for part in ast.walk(s)]
    loops = [part for part in every if isinstance(part, ast.For) and any(True for _ in _turns(part.iter, library))]
    if not loops:
        return
    shared = Shared(body, library)
    inner = [part for part in every if isinstance(part, ast.FunctionDef | ast.Lambda)]
    for loop in loops:
        changed = {name for s in (*loop.body, *inner) for name in changing(s, library, second_names=False)}
        for source in _turns(loop.iter, library):
            if not _stays(source, changed, shared, library):
                raise Unsupported(source, "Turns")


def _turns(node: ast.expr, library: Library) -> list[ast.expr]:
    """What the calls of `cycle` in what a loop runs over run over."""
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    return [call.args[0] for call in calls if library(call.func) == "itertools.cycle" and call.args]


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
