"""What a `try` leaves behind where its body fails: what was computed before the exception must not be read any more.

The derivative takes a body that failed as not executed. That is right if nothing that it has changed by then is read
afterwards; the last thing in a body may assign what is read, for it fails before that. So a body is cut where it assigns such
a variable:

    try:                    try:
        y = g(x)                y = g(x)
        z = h(y)            except ValueError:
    except ValueError:          z = 0.0
        z = 0.0             else:
                                try:
                                    z = h(y)
                                except ValueError:
                                    z = 0.0
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from s2sad.analysis.changes import INCREASES, changed, changed_variables, is_change
from s2sad.analysis.infer import infer
from s2sad.analysis.kinds import kinds_in
from s2sad.analysis.liveness import live_on_failure
from s2sad.frontend.attempts import handler_of
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Call,
    Const,
    Def,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    Handler,
    If,
    Name,
    Pass,
    Routine,
    Statement,
    Try,
    With,
)
from s2sad.kind import Array, Kind, Number, Unknown
from s2sad.naming import Names
from s2sad.rules.contexts import holds_for_derivatives
from s2sad.simplify.dead import assigned_in_place
from s2sad.transform.apart import tangents_are_guarded
from s2sad.transform.interrupted import flagged, test_of
from s2sad.traversal import expressions, map_blocks, map_statement, names_in, statements, substitute, target_names, walk

__all__ = ["with_certain_attempts"]

KindOf = Callable[[Expr], Kind]
Returns = Callable[[Call, Mapping[str, Kind]], Kind]


def with_certain_attempts(
    function: Function,
    params: Mapping[str, Kind],
    data: Mapping[str, Kind],
    returns: Returns,
    names: Names,
) -> Function:
    """The function with every `try` in pieces, none of which has changed what is read after its failure, or which know if they
    have. `function` has changes in place as assignments.
    """
    if not any(isinstance(s, Try) and handler_of(s) is not None for s in statements(function.body)):
        return function
    kind = kinds_in(infer(function, params, data, returns).variables, returns)
    live = live_on_failure(function.body)
    kept = _read_inside(function.body)

    def block(lines: Block) -> Block:
        return tuple(line for s in lines for line in statement(s))

    def statement(s: Statement) -> Block:
        inner = map_blocks(s, block)
        if not isinstance(inner, Try) or handler_of(inner) is None:
            return (inner,)
        read = live[id(s)] | kept
        pieces = _pieces(inner.body, read, kind)
        uncertain = frozenset(name for piece in pieces for name in _uncertain(piece, kind) & read)
        flag = Name(names.unique("changed")) if uncertain else None
        attempt = _nested(inner, [piece_of(inner, piece, read, flag) for piece in pieces])
        return (attempt,) if flag is None else (Assign(flag, Const(False)), attempt)

    def piece_of(s: Try, piece: Block, read: frozenset[str], flag: Name | None) -> _Piece:
        guarded = tangents_are_guarded(s)
        if flag is not None and (uncertain := _uncertain(piece, kind) & read):
            split = (lambda line: (line,)) if guarded else partial(_with_value_first, read=read, kind=kind, names=names)
            return _Piece(flagged(piece, uncertain, flag, split), test=test_of(flag, uncertain))
        if guarded:
            return _Piece(*_assigned_behind(piece, read, kind, names))
        return _Piece(_named_first(piece, read, kind, names))

    return replace(function, body=block(function.body))


def _pieces(body: Block, read: frozenset[str], kind: KindOf) -> list[Block]:
    """The body, cut behind what changes a variable that is `read` after a failure, if anything can fail after that."""
    if not _uncertain(body, kind) & read:
        return [body]
    pieces: list[Block] = []
    start = 0
    for end, line in enumerate(body, 1):
        if assigned_in_place(line) & read and not all(_is_quiet(later, kind) for later in body[end:]):
            pieces.append(body[start:end])
            start = end
    return [*pieces, body[start:]]


def _assigned_behind(piece: Block, read: frozenset[str], kind: KindOf, names: Names) -> tuple[Block, Block]:
    """A body and what stands behind it: `y = y * t` is `new = y * t` in it if `y` is read after a failure, so that the
    tangent of that, which stands behind it too, finds what `y` was.
    """
    count = next((k for k in range(len(piece), 0, -1) if not _is_quiet(piece[k - 1], kind)), 0)
    if count == 0:
        return piece, ()
    *before, last = piece[:count]
    match last:
        case Assign(target=Name() as target, value=value) if changed(last) is None:
            pass
        case Aug(target=Name() as target, op=op, value=right) if isinstance(kind(target), Number):
            value = Binary(op, target, right)
        case _:
            return piece, ()
    if target.id not in read or target.id not in names_in(value):
        return piece, ()
    new = Name(names.unique(target.id))
    body = (*before, Assign(new, value, origin=last.origin))
    return body, (Assign(target, new, origin=last.origin), *piece[count:])


def _named_first(piece: Block, read: frozenset[str], kind: KindOf, names: Names) -> Block:
    """A body in which what is read after a failure is assigned when its value is there: `y = 2 * z + w[k]` is
    `new = 2 * z + w[k]; y = new`, for the tangent of `y` does not read `w[k]` and would be another one already.
    """
    count = next((k for k in range(len(piece), 0, -1) if not _is_quiet(piece[k - 1], kind)), 0)
    if count == 0:
        return piece
    *before, last = piece[:count]
    return (*before, *_with_value_first(last, read, kind, names), *piece[count:])


def _with_value_first(s: Statement, read: frozenset[str], kind: KindOf, names: Names) -> Block:
    match s:
        case If() | With():
            return (map_blocks(s, lambda block: _named_first(block, read, kind, names)),)
        case Assign(target=Name(id=own), value=Call(args=(*others, value)) as call) if own in read and is_change(call):
            if isinstance(value, Name | Const):
                return (s,)
            new = Name(names.unique("new"))
            return (Assign(new, value, origin=s.origin), replace(s, value=replace(call, args=(*others, new))))
        case Aug(target=Name() as target, op=op, value=right) if isinstance(kind(target), Number):
            return _with_value_first(Assign(target, Binary(op, target, right), origin=s.origin), read, kind, names)
        case Assign(target=target, value=value) if not changed_variables(s) and not isinstance(value, Name | Const):
            found: dict[Expr, Expr] = {
                Name(name): Name(names.unique(name)) for name in sorted(read & set(target_names(target)))
            }
            if not found or (isinstance(target, Name) and _is_whole_call(value)):
                return (s,)
            behind = (Assign(own, new, origin=s.origin) for own, new in found.items())
            return (replace(s, target=substitute(target, found)), *behind)
    return (s,)


def _is_whole_call(value: Expr) -> bool:
    """True for a call of a function of the program, which gives value and tangent at once."""
    return isinstance(value, Call) and isinstance(value.func, Routine)


@dataclass(frozen=True)
class _Piece:
    """A part of a body, what stands behind it in the `else`, and what is done first where it fails."""

    body: Block
    behind: Block = ()
    test: Block = ()


def _nested(s: Try, pieces: list[_Piece]) -> Try:
    """One `try` in the `else` of the other, each with the handler."""
    first, *rest = pieces
    orelse = (*first.behind, *((_nested(s, rest),) if rest else s.orelse))
    going_on = handler_of(s)

    def handled(h: Handler) -> Handler:
        body = _copied(h.body) if rest else h.body
        if h is going_on and first.test:
            body = (*first.test, *(line for line in body if not isinstance(line, Pass)))
        return replace(h, body=body)

    return replace(s, body=first.body, handlers=tuple(map(handled, s.handlers)), orelse=orelse)


def _copied(block: Block) -> Block:
    return tuple(map_statement(line, lambda node: node) for line in block)


def _read_inside(block: Block) -> frozenset[str]:
    """What functions inside the function read, whenever that is."""
    functions = (s.function for s in statements(block) if isinstance(s, Def))
    return frozenset(name for f in functions for expression in expressions(f.body) for name in names_in(expression))


def _uncertain(block: Block, kind: KindOf) -> frozenset[str]:
    """The variables that may have changed when the block raises an exception."""
    lines = list(block)
    while lines and _is_quiet(lines[-1], kind):
        lines.pop()
    if not lines:
        return frozenset()
    *before, last = lines
    return frozenset().union(*map(assigned_in_place, before)) | _changed_by_failing(last, kind)


def _is_quiet(s: Statement, kind: KindOf) -> bool:
    """True for a statement that raises no exception."""
    match s:
        case Pass():
            return True
        case Assign(target=Name(), value=Const() | Name()) | Evaluate(value=Const()):
            return True
        case For(target=Name(), iterable=iterable, body=body, until=None):
            return _is_quiet_range(iterable, kind) and all(_is_quiet(line, kind) for line in body)
    return False


def _is_quiet_range(iterable: Expr, kind: KindOf) -> bool:
    """True for an array, and for a range of integers."""
    match iterable:
        case Name():
            return isinstance(kind(iterable), Array)
        case Call(func=Global("range"), args=args):
            return len(args) < 3 and all(
                isinstance(kind(arg), Number) and isinstance(arg, Name | Const) for arg in args
            )
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
