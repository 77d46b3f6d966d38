"""Arguments that are changed in place, and whose names get other objects later in a branch or loop: from there on another name.

    x[0] = a                        x[0] = a
    if np.sum(x) > 1:               y = x
        x = x / np.sum(x)      →    if np.sum(y) > 1:
    return x                            y = y / np.sum(y)
                                    return y

So the name of the argument stands for the caller's object, which has its last value there, to the end. That needs that nothing
changes in place any more where the name may stand for one or the other.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.analysis.changes import changed_variables
from s2sad.ir import Assign, Aug, Block, Expr, Function, Name, Statement, noted
from s2sad.naming import Names
from s2sad.program import Program
from s2sad.transform.values import values_of
from s2sad.traversal import binds, blocks, bound_names, map_children, map_statement, statements

__all__ = ["with_kept_arguments"]


def with_kept_arguments(program: Program) -> Program:
    """The program with names of their own for such objects; it is noted where it calls what changes arguments."""
    functions = {key: _with_kept(function) for key, function in program.functions.items()}
    return program if functions == program.functions else replace(program, functions=functions)


@noted
def _with_kept(function: Function) -> Function:
    names = Names(bound_names(function))
    for name in (param.name for param in function.params):
        place = next((k for k, s in enumerate(function.body) if _binds(s, name)), None)
        if place is None or not blocks(function.body[place]):
            # Straight on, the ranges of its life tell the objects apart.
            continue
        before, behind = function.body[:place], function.body[place:]
        if _changes(function, before, name) and not _changes(function, behind, name):
            new = names.unique(name)
            start = Assign(Name(new), Name(name), origin=behind[0].origin)
            function = replace(function, body=(*before, start, *(_renamed(s, name, new) for s in behind)))
    return function


def _binds(s: Statement, name: str) -> bool:
    """True if a statement, or one in it, gives the name to another object."""
    return any(name in binds(inner) for inner in statements((s,)) if not isinstance(inner, Aug))


def _changes(function: Function, block: Block, name: str) -> bool:
    """True if what a variable stands for is changed in place in a block."""
    values = values_of(replace(function, body=block)).body
    updated = {s.target.id for s in statements(values) if isinstance(s, Aug) and isinstance(s.target, Name)}
    return name in updated or any(name in changed_variables(s) for s in statements(values))


def _renamed(s: Statement, name: str, new: str) -> Statement:
    def renamed(node: Expr) -> Expr:
        if isinstance(node, Name):
            return Name(new, span=node.span) if node.id == name else node
        return map_children(node, renamed)

    return map_statement(s, renamed)
