"""What `itertools.cycle` and `accumulate` run over: Python takes the elements one by one, and so sees what changes meanwhile.

Where it may change, loops over `accumulate` add one element in each round; others are refused.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Iterator

from s2sad.frontend.accumulated import added_in_turn, adds_in_turn
from s2sad.frontend.binding import free_names, stored_names
from s2sad.frontend.held import changing
from s2sad.frontend.settled import Library, Shared
from s2sad.naming import Names
from s2sad.syntax import Unsupported

__all__ = ["in_turn"]

_COPIES = ("list", "tuple", "sorted", "range")
_LOOKS = ("reversed", "enumerate", "zip")


def in_turn(body: list[ast.stmt], library: Library, names: Names) -> list[ast.stmt]:
    """The statements of a function without loops over `cycle` and `accumulate` of what may change while they run."""
    if not any(_loops(body, library)):
        return body
    body = copy.deepcopy(body)
    shared = Shared(body, library)
    inner = [part for s in body for part in ast.walk(s) if isinstance(part, ast.FunctionDef | ast.Lambda)]
    adding: set[int] = set()
    for loop in _loops(body, library):
        changed = {name for s in (*loop.body, *inner) for name in changing(s, library, second_names=False)}
        rebound = stored_names(loop)
        for call in _calls(loop.iter, library):
            if not _is_settled(call, changed, rebound, shared, library):
                functions = [one for one in call.args[1:] if not isinstance(one, ast.Lambda)]
                kept = all(_is_apart(one, rebound, shared) for one in functions)
                if not (call is loop.iter and kept and adds_in_turn(call, library)):
                    raise Unsupported(call.args[0], "Turns" if library(call.func) == "itertools.cycle" else "Sums")
                adding.add(id(loop))
    return _Adding(adding, names).visit(ast.Module(body, [])).body if adding else body


def _loops(body: list[ast.stmt], library: Library) -> Iterator[ast.For]:
    every = (part for s in body for part in ast.walk(s))
    return (part for part in every if isinstance(part, ast.For) and _calls(part.iter, library))


def _is_settled(call: ast.Call, changed: set[str], rebound: set[str], shared: Shared, library: Library) -> bool:
    """True for a call that gives the same elements whenever they are taken."""
    source, *functions = call.args
    if library(call.func) == "itertools.cycle":
        return _stays(source, changed, shared, library)
    stays = _is_apart(source, changed | rebound, shared) or _stays(source, changed, shared, library)
    return stays and all(_is_apart(function, changed | rebound, shared) for function in functions)


class _Adding(ast.NodeTransformer):
    """Puts loops that add in turn in the place of these."""

    def __init__(self, loops: Collection[int], names: Names) -> None:
        self.loops = loops
        self.names = names

    def visit_For(self, node: ast.For) -> ast.AST | list[ast.stmt]:
        found = id(node) in self.loops
        self.generic_visit(node)
        return added_in_turn(node, self.names) if found else node


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
