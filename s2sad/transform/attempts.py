"""What a `try` leaves behind where its body fails: what was computed before the exception must not be read any more.

The derivative takes a body that failed as not executed. That is right if nothing that it has changed by then is read
afterwards; the last thing in a body may assign what is read, for it fails before that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from s2sad.analysis.changes import INCREASES, changed, changed_variables, is_change
from s2sad.analysis.infer import infer
from s2sad.analysis.kinds import kind_of
from s2sad.analysis.liveness import live_on_failure
from s2sad.errors import DifferentiationError
from s2sad.frontend.attempts import handler_of
from s2sad.frontend.unit import Unit
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Block,
    Call,
    Const,
    Def,
    Evaluate,
    Expr,
    Function,
    If,
    Name,
    Pass,
    Statement,
    Try,
    With,
    expressions,
    names_in,
    statements,
    target_names,
    walk,
)
from s2sad.kind import Array, Kind, Unknown
from s2sad.rules.contexts import holds_for_derivatives
from s2sad.simplify.dead import assigned_in_place

__all__ = ["check_attempts"]

KindOf = Callable[[Expr], Kind]
Returns = Callable[[Call, Mapping[str, Kind]], Kind]


def check_attempts(
    function: Function, unit: Unit, params: Mapping[str, Kind], data: Mapping[str, Kind], returns: Returns
) -> None:
    """Refuse a `try` after whose failure something is read that may or may not have changed; `function` has changes in place
    as assignments.
    """
    attempts = [s for s in statements(function.body) if isinstance(s, Try) and handler_of(s) is not None]
    if not attempts:
        return
    variables = infer(function, params, data, returns).variables
    live = live_on_failure(function.body)
    kept = _read_inside(function.body)
    for s in attempts:
        uncertain = sorted(_uncertain(s.body, lambda node: kind_of(node, variables, returns)) & (live[id(s)] | kept))
        if uncertain:
            name = uncertain[0]
            reason = (
                f"cannot differentiate this `try`: where it fails, `{name}` may have changed before, and is read later"
            )
            place = unit.place(s.origin.span if s.origin else None)
            raise DifferentiationError(
                "S201", reason, place, f"change `{name}` behind the body, in the `else` of the `try`"
            )


def _read_inside(block: Block) -> frozenset[str]:
    """What functions inside the function read, whenever that is."""
    functions = (s.function for s in statements(block) if isinstance(s, Def))
    return frozenset(name for f in functions for expression in expressions(f.body) for name in names_in(expression))


def _uncertain(block: Block, kind: KindOf) -> frozenset[str]:
    """The variables that may have changed when the block raises an exception."""
    lines = list(block)
    while lines and _is_quiet(lines[-1]):
        lines.pop()
    if not lines:
        return frozenset()
    *before, last = lines
    return frozenset().union(*map(assigned_in_place, before)) | _changed_by_failing(last, kind)


def _is_quiet(s: Statement) -> bool:
    """True for a statement that raises no exception."""
    match s:
        case Pass():
            return True
        case Assign(target=Name(), value=Const() | Name()):
            return True
    return False


def _changed_by_failing(s: Statement, kind: KindOf) -> frozenset[str]:
    """The variables that a statement may have changed when it fails."""
    match s:
        case If(then=then, orelse=orelse):
            return _uncertain(then, kind) | _uncertain(orelse, kind)
        case With(context=context, body=body) if holds_for_derivatives(context):
            return _uncertain(body, kind)
        case Assign(target=target, value=Call(func=func) as value) if is_change(value):
            # NumPy may have changed elements before it reports an overflow.
            partly = func in INCREASES and isinstance(kind(value.args[0]), Array | Unknown)
            return frozenset(target_names(target)) if partly else frozenset()
        case Assign() if changed(s) is None and changed_variables(s):
            return frozenset(changed_variables(s))
        case Assign(value=value) | Evaluate(value=value):
            return frozenset(_emptied(value))
        case Aug(target=Name(id=name) as target):
            return frozenset({name} if isinstance(kind(target), Array | Unknown) else ())
    return assigned_in_place(s)


def _emptied(value: Expr) -> set[str]:
    """The variables of which a method is called inside an expression: the rest of it may fail after that."""
    return {
        part.func.value.id
        for part in walk(value)
        if part is not value and isinstance(part, Call) and isinstance(part.func, Attribute)
        if isinstance(part.func.value, Name) and part.func.attr in ("append", "pop")
    }
