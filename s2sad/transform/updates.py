"""Changes in place of objects that others may see are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from s2sad.analysis.changes import changed, changes_elements, has_key, is_change, is_view, resizes
from s2sad.analysis.infer import infer
from s2sad.analysis.kinds import kind_of
from s2sad.analysis.ownership import ReturnsOwn, SharedChange, shared_changes
from s2sad.analysis.webs import rename
from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import (
    Assign,
    Aug,
    Binary,
    Block,
    Call,
    Expr,
    For,
    Function,
    Index,
    Name,
    Statement,
    bound_names,
    statements,
    walk,
)
from s2sad.kind import Kind, List, Number, Other, Record, Sequence, dtype_of
from s2sad.naming import Names
from s2sad.transform.values import with_values

__all__ = ["check"]

Returns = Callable[[Call, Mapping[str, Kind]], Kind]


def check(
    function: Function,
    unit: Unit,
    params: Mapping[str, Kind],
    data: Mapping[str, Kind],
    returns: Returns,
    returns_own: ReturnsOwn,
) -> None:
    """Refuse changes in place of objects that others may see."""
    names = Names(bound_names(function))
    first = rename(with_values(function, names), names).function
    kinds = infer(first, params, data, returns).variables

    def kind(node: Expr) -> Kind:
        return kind_of(node, kinds, returns)

    shared = {id(found.statement): found for found in shared_changes(first, kind, returns_own)}
    for s in _updates(first.body):
        if isinstance(s, For):
            reason = "cannot differentiate a loop whose target is an element"
            raise _refusal(s, reason, unit, "let a variable run, and assign it to the element")
        found = shared.get(id(s), SharedChange(s, objects=False, elements=False))
        if changed(s) is not None:
            _check_change(s, found, unit, kind)
        elif isinstance(s, Aug) and isinstance(s.target, Name):
            _check_update(s, s.target, found, unit, kind)
        else:
            reason = "cannot differentiate a change in place of something that has no name"
            raise _refusal(s, reason, unit, "change elements of a variable: `x[i] = …`")


def _check_update(s: Aug, target: Name, shared: SharedChange, unit: Unit, kind: Callable[[Expr], Kind]) -> None:
    """`x += e` is `x = x + e` for a number, and for an array that nobody else can see. Others are refused."""
    own = kind(target)
    if isinstance(own, Number) or own == Other("str"):
        return
    result = kind(Binary(s.op, target, s.value))
    keeps_type = dtype_of(result) in (dtype_of(own), None)
    if shared.objects or shared.looped or isinstance(own, List | Sequence) or not keeps_type:
        user = s.origin.text.partition(s.op)[0].strip() if s.origin else target.id
        reason = f"cannot differentiate the update of `{user}` in place: other names may refer to the same array"
        rewrite = f"write `{user} = {user} {s.op} …`, which makes a new array"
        raise DifferentiationError("S301", reason, unit.place(target.span), rewrite)


def _check_change(s: Assign | Aug, shared: SharedChange, unit: Unit, kind: Callable[[Expr], Kind]) -> None:
    """Elements are put into, and taken from, nothing but objects that nobody else can see."""
    name, value = changed(s), s.value
    assert name is not None and isinstance(value, Call)
    user = s.origin.text if s.origin else name
    reason = f"cannot differentiate `{user}`, which changes `{name}` in place"
    if any(not is_view(part, kind) for part in _parts(value)):
        raise _refusal(s, f"{reason}: the part may be a copy", unit, "select the element by one index: `x[i, j] = …`")
    if resizes(value, kind):
        raise _refusal(s, f"{reason}: its length may change", unit, "assign one element after the other")
    if shared.looped and not (isinstance(kind(value.args[0]), Record) and has_key(value)):
        raise _refusal(s, f"{reason} while a loop runs over it", unit, f"let the loop run over `{name}.copy()`")
    deep = changes_elements(value, s.origin, kind)
    if shared.objects or (deep and shared.elements):
        rewrite = f"change a copy of it: `{name} = {name}.copy()`"
        raise _refusal(s, f"{reason}: other names may refer to the same object", unit, rewrite)


def _parts(value: Call) -> Iterator[Index]:
    """What a change inside of a change belongs to: `x[i]` of `x[i][j] = v`."""
    while is_change(inner := value.args[-1]):
        assert isinstance(inner, Call)
        yield Index(value.args[0], value.args[1])
        value = inner


def _refusal(s: Statement, reason: str, unit: Unit, rewrite: str) -> DifferentiationError:
    return DifferentiationError("S301", reason, unit.place(s.origin.span if s.origin else None), rewrite)


def _updates(block: Block) -> Iterator[Aug | Assign | For]:
    """The statements that change something in place."""
    for s in statements(block):
        match s:
            case Aug():
                yield s
            case Assign(target=target) if changed(s) is not None or _has_element(target):
                yield s
            case For(target=target) if _has_element(target):
                yield s


def _has_element(target: Expr) -> bool:
    return any(isinstance(part, Index) for part in walk(target))
