"""The form in which both transforms take a function: updates of numbers are assignments, live ranges have names, calls
of active functions stand alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.activity import active_variables
from s2sad.analysis.changes import (
    changed,
    changes_elements,
    changing_variables,
    functional,
    increases,
    is_change,
    is_view,
    resizes,
)
from s2sad.analysis.context import Context
from s2sad.analysis.effects import is_known_pure
from s2sad.analysis.infer import Kinds, infer
from s2sad.analysis.kinds import kind_of
from s2sad.analysis.loops import Elements, Enumerated, Range, iteration
from s2sad.analysis.ownership import ReturnsOwn, SharedChange, shared_changes
from s2sad.analysis.parts import is_part, whole_containers
from s2sad.analysis.webs import rename
from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Bool,
    Call,
    Conditional,
    Evaluate,
    Expr,
    For,
    Function,
    If,
    Index,
    Name,
    Opaque,
    Origin,
    Return,
    Routine,
    Statement,
    TupleOf,
    While,
    assigned,
    bound_names,
    expressions,
    map_blocks,
    map_children,
    map_statement,
    names_in,
    walk,
)
from s2sad.kind import Kind, List, Number, Other, Sequence, dtype_of
from s2sad.naming import Names
from s2sad.transform.handed import refilled, with_copies
from s2sad.transform.known import with_known

__all__ = ["Primal", "as_written", "check", "prepare", "with_named_sequences"]

Returns = Callable[[Call, Mapping[str, Kind]], Kind]


@dataclass(frozen=True)
class Primal:
    """A function ready to be differentiated, and what is known of it. `original` gives the user's name of a variable."""

    function: Function
    context: Context
    kinds: Kinds
    original: Mapping[str, str]
    names: Names


def prepare(
    function: Function,
    unit: Unit,
    inputs: tuple[str, ...],
    params: Mapping[str, Kind],
    data: Mapping[str, Kind],
    returns: Returns,
    returns_own: ReturnsOwn,
    taken: Iterable[str],
) -> Primal:
    """The function in the transforms' form, differentiated with respect to the parameters `inputs`; `taken` are the names
    that the module's functions have.
    """
    names = Names([*data, *taken, *bound_names(function)])
    function = with_values(function, names)
    check(function, unit, params, data, returns, returns_own)
    plain = replace(function, body=tuple(map(_as_assignment, function.body)))
    named = replace(plain, body=_calls_alone(plain.body, names))
    renamed = rename(named, names)
    kinds = infer(renamed.function, params, data, returns)

    def kind(node: Expr) -> Kind:
        return kind_of(node, kinds.variables, returns)

    ready = with_known(renamed.function, kind, names)
    ready = replace(ready, body=tuple(increases(s, kind) for s in ready.body))
    ready = with_copies(ready, kind, names)
    kinds = infer(ready, params, data, returns)
    active = active_variables(ready, inputs, kinds.variables, kind)
    changing = changing_variables(ready.body)
    whole = whole_containers(ready, kind)
    context = Context(unit, kinds.variables, active, returns, changing, refilled(ready.body, kind), whole)
    return Primal(ready, context, kinds, renamed.original, names)


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


def with_values(function: Function, names: Names) -> Function:
    """Changes of lists and arrays in place as assignments of their new values."""
    return replace(function, body=tuple(map(functional, _elements_alone(function.body, names))))


def _elements_alone(block: Block, names: Names) -> Block:
    """`a[i], a[j] = a[j], a[i]` in steps: values first, then one change after the other."""
    done: list[Statement] = []
    for statement in block:
        s, before = _without_pops(statement, names)
        done += before
        match s:
            case Assign(target=TupleOf(items=targets) as target) if any(isinstance(item, Index) for item in targets):
                own = [Name(names.unique("t")) if isinstance(item, Index) else item for item in targets]
                done.append(replace(s, target=replace(target, items=tuple(own))))
                parts = zip(targets, own, strict=True)
                done += [Assign(item, name, origin=s.origin) for item, name in parts if isinstance(item, Index)]
            case If(then=then, orelse=orelse):
                done.append(replace(s, then=_elements_alone(then, names), orelse=_elements_alone(orelse, names)))
            case For(body=body) | While(body=body):
                done.append(replace(s, body=_elements_alone(body, names)))
            case _:
                done.append(s)
    return tuple(done)


def _without_pops(s: Statement, names: Names) -> tuple[Statement, list[Statement]]:
    """A statement with what it takes out of lists under names, and the statements that take it out."""
    before: list[Statement] = []
    if not isinstance(s, Assign | Aug | Evaluate | Return) or (isinstance(s, Assign) and _is_pop(s.value)):
        return s, before
    read = Counter(name for expression in expressions((s,)) for name in names_in(expression))

    def taken(node: Expr) -> Expr:
        if _is_pop(node) and read[node.func.value.id] == 1:  # type: ignore[attr-defined]
            name = Name(names.unique("t"))
            before.append(Assign(name, node, origin=s.origin))
            return name
        return node if isinstance(node, Conditional | Bool | Opaque) else map_children(node, taken)

    return map_statement(s, taken), before


def _is_pop(node: Expr) -> bool:
    match node:
        case Call(func=Attribute(value=Name(), attr="pop"), args=()):
            return True
    return False


# ------------------------------------------------------------------- updates


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
    if shared.looped:
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
    for s in block:
        match s:
            case Aug():
                yield s
            case Assign(target=target) if changed(s) is not None or any(isinstance(p, Index) for p in walk(target)):
                yield s
            case If(then=then, orelse=orelse):
                yield from _updates((*then, *orelse))
            case For(target=target, body=body):
                if any(isinstance(part, Index) for part in walk(target)):
                    yield s
                yield from _updates(body)
            case While(body=body):
                yield from _updates(body)


def _as_assignment(s: Statement) -> Statement:
    match s:
        case Aug(target=Name() as target, op=op, value=value):
            return Assign(target, Binary(op, target, value), origin=s.origin)
    return map_blocks(s, lambda block: tuple(map(_as_assignment, block)))


def as_written(s: Statement) -> Statement:
    """The update that the user wrote, where nothing but its variable holds the old value."""
    match s:
        case Assign(
            target=Name(id=name) as target,
            value=Binary(op=op, left=Name(id=left), right=right),
            origin=Origin(text=text),
        ) if left == name and text.startswith(f"{text.partition(op)[0]}{op}="):
            return Aug(target, op, right, origin=s.origin)
    return map_blocks(s, lambda block: tuple(map(as_written, block)))


# --------------------------------------------------------- sequences of loops


def with_named_sequences(function: Function, taken: Iterable[str]) -> Function:
    """What a loop runs over gets a name if it is computed in the loop's head: reverse mode reads its elements again."""
    names = Names([*taken, *bound_names(function)])
    return replace(function, body=_named_sequences(function.body, names))


def _named_sequences(block: Block, names: Names) -> Block:
    result: list[Statement] = []
    for s in block:
        match s:
            case If(then=then, orelse=orelse):
                s = replace(s, then=_named_sequences(then, names), orelse=_named_sequences(orelse, names))
            case While(body=body):
                s = replace(s, body=_named_sequences(body, names))
            case For(iterable=iterable, body=body):
                changed = assigned(s)
                s = replace(s, iterable=_named(iterable, names, changed, result), body=_named_sequences(body, names))
        result.append(s)
    return tuple(result)


def _is_at_hand(iterable: Expr) -> bool:
    """True for a variable, a part of one, and the keys, values or items of such."""
    match iterable:
        case Call(func=Attribute(value=record, attr="keys" | "values" | "items"), args=(), keywords=()):
            return is_part(record)
    return is_part(iterable)


def _named(iterable: Expr, names: Names, changed: set[str], before: list[Statement]) -> Expr:
    match iteration(iterable), iterable:
        case Range(), _:
            return iterable
        case Elements(), _:
            if _is_at_hand(iterable) and not changed & set(names_in(iterable)):
                return iterable
            name = Name(names.unique("items"))
            before.append(Assign(name, iterable))
            return name
        case Enumerated(), Call(args=(inner, *rest)):
            return replace(iterable, args=(_named(inner, names, changed, before), *rest))
        case _, Call(args=args):
            return replace(iterable, args=tuple(_named(arg, names, changed, before) for arg in args))
    return iterable


# ------------------------------------------------------- calls of the program


def _calls_alone(block: Block, names: Names) -> Block:
    """Calls of the program's functions become statements of their own, in the order in which they are evaluated."""
    return tuple(result for s in block for result in _call_alone(s, names))


def _call_alone(s: Statement, names: Names) -> Block:
    before: list[Statement] = []
    match s:
        case Assign(value=Call() as call) if _stands_alone(call):
            value = map_children(call, lambda child: _extracted(child, before, names, s))
            return (*before, replace(s, value=value))
        case Assign(target=target, value=Conditional(test=test, then=then, orelse=orelse)) if _has_call(s.value):
            sides = (_call_alone(Assign(target, side, origin=s.origin), names) for side in (then, orelse))
            test = _extracted(test, before, names, s)
            return (*before, If(test, *sides, origin=s.origin))
        case Assign(value=value):
            return _with_calls(s, value, names, before)
        case Aug(value=value):
            return _with_calls(s, value, names, before)
        case Return(value=Expr() as value):
            return _with_calls(s, value, names, before)
        case If(test=test, then=then, orelse=orelse):
            return (replace(s, then=_calls_alone(then, names), orelse=_calls_alone(orelse, names)),)
        case For(iterable=iterable, body=body):
            new = _extracted(iterable, before, names, s)
            return (*before, replace(s, iterable=new, body=_calls_alone(body, names)))
        case While(body=body):
            return (replace(s, body=_calls_alone(body, names)),)
    return (s,)


def _with_calls(s: Assign | Aug | Return, value: Expr, names: Names, before: list[Statement]) -> Block:
    if not _has_call(value):
        return (s,)
    if isinstance(value, Conditional):
        name = Name(names.unique("t"))
        return (*_call_alone(Assign(name, value, origin=s.origin), names), replace(s, value=name))
    new = _extracted(value, before, names, s)
    return (*before, replace(s, value=new))


def _has_call(node: Expr) -> bool:
    return any(_stands_alone(part) for part in walk(node))


def _stands_alone(node: Expr) -> bool:
    """True for a call that is evaluated once, whatever the derivative does: of the program, or with unknown effects."""
    return isinstance(node, Call) and (isinstance(node.func, Routine) or not is_known_pure(node))


def _extracted(node: Expr, before: list[Statement], names: Names, s: Statement) -> Expr:
    """`node` with its calls replaced by names that `before` assigns. What is evaluated only sometimes stays."""
    if not _has_call(node):
        return node
    if isinstance(node, Conditional):
        name = Name(names.unique("t"))
        before += _call_alone(Assign(name, node, origin=s.origin), names)
        return name
    if not isinstance(node, Call) and not hasattr(node, "left") and not _always_evaluated(node):
        return node
    new = map_children(node, lambda child: _extracted(child, before, names, s))
    if _stands_alone(new):
        name = Name(names.unique("t"))
        before.append(Assign(name, new, origin=s.origin))
        return name
    return new


def _always_evaluated(node: Expr) -> bool:
    """False for `and`, `or`, carried text: an operand may not be evaluated at all, or many times."""
    return type(node).__name__ not in ("Bool", "Opaque", "Compare")
