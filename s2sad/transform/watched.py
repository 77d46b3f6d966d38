"""Context managers of the user's: the generated function finds out whether they swallowed an exception.

The rest of the function would then go on without the values, and the derivative with wrong ones.
"""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir import Assign, Block, Const, Def, Function, Name, Statement, Unary, With
from s2sad.naming import Names
from s2sad.transform.refusing import refused_if
from s2sad.traversal import bound_names, map_blocks, reads

__all__ = ["watched"]

_MESSAGE = "a context manager swallowed an exception, which has no derivative"


def watched(function: Function) -> Function:
    """The function with a test behind each `with` whose context is not known to let exceptions pass."""
    names = Names([*bound_names(function), *reads(function)])
    return replace(function, body=_block(function.body, names))


def _block(block: Block, names: Names) -> Block:
    return tuple(line for s in block for line in _statement(s, names))


def _statement(s: Statement, names: Names) -> Block:
    if isinstance(s, Def):
        return (replace(s, function=replace(s.function, body=_block(s.function.body, names))),)
    done = map_blocks(s, lambda block: _block(block, names))
    if not isinstance(done, With) or done.trusted:
        return (done,)
    completed = Name(names.unique("completed"))
    test = refused_if(Unary("not", completed), _MESSAGE, RuntimeError)
    whole = replace(done, body=(*done.body, Assign(completed, Const(True))), trusted=True)
    return (Assign(completed, Const(False)), whole, test)
