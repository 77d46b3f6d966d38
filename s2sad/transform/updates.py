"""Changes in place of objects that others may see are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.changes import (
    changed,
    changed_arguments,
    changes_elements,
    fills,
    fills_part,
    functional,
    has_key,
    is_change,
    is_view,
    resizes,
    root_of,
)
from s2sad.analysis.infer import infer
from s2sad.analysis.kinds import kinds_in
from s2sad.analysis.ownership import Callees, SharedChange, is_new, shared_changes
from s2sad.analysis.webs import rename
from s2sad.analysis.writes import reads_first
from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import (
    Assign,
    Aug,
    Binary,
    Block,
    Call,
    Const,
    DictOf,
    Expr,
    For,
    Function,
    Index,
    ListOf,
    Name,
    Routine,
    Statement,
    TupleOf,
)
from s2sad.kind import Array, Kind, List, Number, Other, Record, Sequence, Unknown, dtype_of
from s2sad.naming import Names
from s2sad.rules.registry import operands
from s2sad.rules.stores import IN_TURN
from s2sad.rules.turns import PICKED
from s2sad.syntax import template
from s2sad.transform.inout import with_results
from s2sad.transform.refusing import refused_if
from s2sad.transform.values import values_of
from s2sad.traversal import bound_names, map_blocks, names_in, statements, walk

__all__ = ["Updates", "check", "tested", "with_whole_updates"]


@dataclass(frozen=True)
class Updates:
    """Identities of the origins of updates `x += e`. `doubtful` are those that are right for numbers and not for arrays,
    where it is not known what is updated; `whole` those of arrays without axes, where `x + e` is a number and no array.
    """

    doubtful: frozenset[int]
    whole: frozenset[int]


def check(
    function: Function,
    unit: Unit,
    params: Mapping[str, Kind],
    data: Mapping[str, Kind],
    callees: Callees,
) -> Updates:
    """Refuse changes in place of objects that others may see."""
    values = values_of(function)
    renamed = rename(values, Names(bound_names(values)))
    first, users = with_results(renamed.function), renamed.original
    kind = kinds_in(infer(first, params, data, callees.returns).variables, callees.returns)
    shared = {id(found.statement): found for found in shared_changes(first, kind, callees)}
    doubtful: set[int] = set()
    for s in _updates(first.body):
        if isinstance(s, For):
            reason = "cannot differentiate a loop whose target is an element"
            raise _refusal(s, reason, unit, "let a variable run, and assign it to the element")
        found = shared.get(id(s), SharedChange(s, objects=False, elements=False))
        if isinstance(s, Assign) and changed_arguments(s.value):
            _check_call(s.value, found, unit, kind, users)
        elif changed(s) is not None:
            _check_change(s, found, unit, kind, users)
        elif isinstance(s, Aug) and isinstance(s.target, Name):
            if isinstance(kind(s.target), Unknown) and s.origin is not None:
                doubtful |= {id(s.origin)} if found.objects or found.looped else set()
            else:
                _check_update(s, s.target, found, unit, kind)
        else:
            reason = "cannot differentiate a change in place of something that has no name"
            raise _refusal(s, reason, unit, "change elements of a variable: `x[i] = …`")
    return Updates(frozenset(doubtful), _whole(first.body, kind))


def _whole(block: Block, kind: Callable[[Expr], Kind]) -> frozenset[int]:
    """The updates of what is an array without axes wherever this origin stands."""
    updates = [s for s in statements(block) if isinstance(s, Aug) and isinstance(s.target, Name)]
    others = {id(s.origin) for s in updates if kind(s.target) != Array(dtype_of(kind(s.target)) or "", ())}
    return frozenset(id(s.origin) for s in updates if s.origin is not None) - others


def with_whole_updates(block: Block, whole: frozenset[int]) -> Block:
    """The block with the updates of these origins as changes of the one element, by which an array stays an array."""

    def statement(s: Statement) -> Statement:
        match s:
            case Aug(target=Name() as target) if id(s.origin) in whole:
                return functional(replace(s, target=Index(target, TupleOf(()), span=target.span)))
        return map_blocks(s, lambda inner: tuple(map(statement, inner)))

    return tuple(map(statement, block)) if whole else block


def tested(function: Function, doubtful: frozenset[int]) -> Function:
    """The function with tests at run time that what is updated is no array, before updates with these origins."""

    def block(statements: Block) -> Block:
        return tuple(line for s in statements for line in statement(s))

    def statement(s: Statement) -> Block:
        match s:
            case Aug(target=Name(id=name) as target, op=op) if id(s.origin) in doubtful:
                reason = f"`{name}` is updated in place, and other names may refer to the same array"
                test = template("isinstance(x, (np.ndarray, list))", x=target)
                return (refused_if(test, f"{reason}: write `{name} = {name} {op} …`"), s)
        return (map_blocks(s, block),)

    return replace(function, body=block(function.body)) if doubtful else function


def _check_update(s: Aug, target: Name, shared: SharedChange, unit: Unit, kind: Callable[[Expr], Kind]) -> None:
    """`x += e` is `x = x + e` for a number, and for an array that nobody else can see. Others are refused."""
    own = kind(target)
    if isinstance(own, Number) or own == Other("str"):
        return
    result = kind(Binary(s.op, target, s.value))
    keeps_type = dtype_of(result) == dtype_of(own) or (dtype_of(result) is None and not _is_single(own))
    if shared.objects or shared.looped or isinstance(own, List | Sequence) or not keeps_type:
        user = s.origin.text.partition(s.op)[0].strip() if s.origin else target.id
        reason = f"cannot differentiate the update of `{user}` in place: other names may refer to the same array"
        rewrite = f"write `{user} = {user} {s.op} …`, which makes a new array"
        raise DifferentiationError("S301", reason, unit.place(target.span), rewrite)


def _is_single(kind: Kind) -> bool:
    """True for an array of less than double precision: with what is more precise it would make one that is, too."""
    return (dtype_of(kind) or "").startswith(("float16", "float32", "complex64"))


def _check_change(
    s: Assign | Aug, shared: SharedChange, unit: Unit, kind: Callable[[Expr], Kind], users: Mapping[str, str]
) -> None:
    """Elements are put into, and taken from, nothing but objects that nobody else can see."""
    name, value = changed(s), s.value
    assert name is not None and isinstance(value, Call)
    user = s.origin.text if s.origin else name
    own = users.get(name, name)
    reason = f"cannot differentiate `{user}`, which changes `{own}` in place"
    if any(not is_view(part, kind) for part in _parts(value, kind)):
        raise _refusal(s, f"{reason}: the part may be a copy", unit, "select the element by one index: `x[i, j] = …`")
    if _reads_what_it_writes(s, name, kind):
        raise _refusal(s, f"{reason} while it reads it", unit, "make a copy of what is read")
    if resizes(value, kind):
        raise _refusal(s, f"{reason}: its length may change", unit, "assign one element after the other")
    if shared.looped and not (isinstance(kind(value.args[0]), Record) and has_key(value)):
        raise _refusal(s, f"{reason} while a loop runs over it", unit, f"let the loop run over `{own}.copy()`")
    fitting = Array | Unknown if fills(value) else Array
    if value.args[1:2] == (Const(...),) and not isinstance(kind(Name(name)), fitting):
        rewrite = f"write `{own} = {own} + …`, or `{own}[:] += …`"
        raise _refusal(s, f"{reason}, if it is an array", unit, rewrite)
    if value.args[1:2] == (TupleOf(()),) and isinstance(kind(value.args[0]), Unknown):
        # Arithmetic makes numbers of arrays without axes: derivatives, too.
        advice = "declare the kinds of the arguments: --arg or annotations"
        raise _refusal(s, f"{reason}: whether it has axes is not known", unit, advice)
    deep = changes_elements(value, s.origin, kind)
    if shared.objects or (deep and shared.elements):
        raise _refusal(s, f"{reason}: other names may refer to the same object", unit, _to_copy(own, kind(Name(name))))


def _to_copy(name: str, kind: Kind) -> str:
    """What to do about an object that others may refer to."""
    copy = f"change a copy of it: `{name} = {name}.copy()`"
    return f"declare what it is, in an annotation or by --arg; or {copy}" if isinstance(kind, Unknown) else copy


def _reads_what_it_writes(s: Assign | Aug, name: str, kind: Callable[[Expr], Kind]) -> bool:
    """True if one element is written after the other, and one that is read may be among those written before."""
    value = s.value
    while isinstance(value, Call) and is_change(value):
        value = value.args[-1]
    if isinstance(s, Assign) and s.out and isinstance(value, Call):
        read = () if reads_first(value) else (*operands(value)[0], *(arg for _, arg in value.keywords))
    else:
        read = tuple(part.args[0] for part in walk(value) if isinstance(part, Call) and part.func in (IN_TURN, PICKED))
    return any(name in _referred(arg, kind) for arg in read)


def _check_call(
    call: Expr, shared: SharedChange, unit: Unit, kind: Callable[[Expr], Kind], users: Mapping[str, str]
) -> None:
    """A call changes nothing but objects that nobody else can see, and that are not the same."""
    assert isinstance(call, Call) and isinstance(call.func, Routine)
    every = [*call.args, *(value for _, value in call.keywords)]
    changes = changed_arguments(call)
    places = [call.func.changes[k] in call.func.deep for k in range(len(changes))]
    for arg, deep in zip(changes, places, strict=True):
        name = str(root_of(arg))
        own = users.get(name, name)
        reason = f"cannot differentiate a call that changes `{own}` in place"

        def refused(why: str, rewrite: str, arg: Expr = arg, reason: str = reason) -> DifferentiationError:
            return DifferentiationError("S301", f"{reason}{why}", unit.place(arg.span or call.span), rewrite)

        if any(name in _referred(other, kind) for other in every if other is not arg):
            raise refused(": another argument may be the same object", f"pass a copy: `{own}.copy()`")
        if any(not is_view(part, kind) for part in _indices(arg)):
            raise refused(": the part may be a copy", "give it a name, and put it back")
        if isinstance(arg, Index) and not isinstance(kind(arg), Array):
            raise refused(": the part may become something else", "give it a name, and put it back")
        if shared.looped:
            raise refused(" while a loop runs over it", f"let the loop run over `{own}.copy()`")
        is_inner = isinstance(arg, Index) and not isinstance(kind(Name(name)), Array)
        reaches_elements = (deep and not isinstance(kind(arg), Array)) or is_inner
        if shared.objects or (reaches_elements and shared.elements):
            raise refused(": other names may refer to the same object", _to_copy(own, kind(Name(name))))


def _referred(arg: Expr, kind: Callable[[Expr], Kind]) -> Iterator[str]:
    """The variables to whose objects, or parts of them, an argument may refer."""
    is_container = isinstance(kind(arg), List | Sequence | Record) or isinstance(arg, TupleOf | ListOf | DictOf)
    if is_container or not (isinstance(kind(arg), Number) or is_new(arg)):
        yield from names_in(arg)


def _indices(part: Expr) -> Iterator[Index]:
    while isinstance(part, Index):
        yield part
        part = part.value


def _parts(value: Call, kind: Callable[[Expr], Kind]) -> Iterator[Index]:
    """What a change inside of a change belongs to: `x[i]` of `x[i][j] = v`, but for parts of what must be an array."""
    while is_change(inner := value.args[-1]):
        assert isinstance(inner, Call)
        if not (fills_part(value) and isinstance(kind(value.args[0]), Unknown)):
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
            case Assign(target=target, value=value) if (
                changed(s) is not None or changed_arguments(value) or _has_element(target)
            ):
                yield s
            case For(target=target) if _has_element(target):
                yield s


def _has_element(target: Expr) -> bool:
    return any(isinstance(part, Index) for part in walk(target))
