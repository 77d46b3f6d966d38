"""What a function of the program returns and is unpacked at once gets a name where it is no tuple: its adjoint has the form
in which the function has returned it, an array or a list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from s2sad.ir import Assign, Block, Call, Expr, Function, Name, Routine, Statement, TupleOf
from s2sad.kind import Kind, Record, Sequence, Unknown
from s2sad.naming import Names
from s2sad.traversal import map_blocks

__all__ = ["with_named_results"]

KindOf = Callable[[Expr], Kind]


def with_named_results(function: Function, kind_of: KindOf, names: Names) -> Function:
    """The function with `a, b = h(x)` written as `t = h(x); a, b = t`, unless `h` returns a tuple."""
    return replace(function, body=_block(function.body, kind_of, names))


def _block(block: Block, kind_of: KindOf, names: Names) -> Block:
    return tuple(result for s in block for result in _statement(s, kind_of, names))


def _statement(s: Statement, kind_of: KindOf, names: Names) -> Block:
    match s:
        case Assign(target=TupleOf() as target, value=Call(func=Routine()) as call):
            after: list[Statement] = []
            return (replace(s, target=_target(target, kind_of(call), names, s, after)), *after)
    return (map_blocks(s, lambda block: _block(block, kind_of, names)),)


def _target(target: Expr, kind: Kind, names: Names, s: Assign, after: list[Statement]) -> Expr:
    match target, kind:
        case TupleOf(items=targets), Sequence(type="tuple", items=items) | Record(items=items):
            own = items if len(items) == len(targets) else (Unknown(),) * len(targets)
            parts = (_target(inner, item, names, s, after) for inner, item in zip(targets, own, strict=True))
            return TupleOf(tuple(parts))
        case TupleOf(), _:
            name = Name(names.unique("t"))
            after.append(Assign(target, name, origin=s.origin))
            return name
    return target
