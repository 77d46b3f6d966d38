"""Calls that write into arrays as the assignments that they are; which call is which, rules/stores.py knows.

    u.fill(c)                           u[...] = c
    np.copyto(u, v, where=m)            u[m] = v[m]
    y = np.add(a, b, out=u)             u[...] = np.add(a, b)
                                        y = u
    np.divide(a, b, out=u, where=m)     u[m] = np.divide(a[m], b[m])
    u.flat[k] = c                       u[np.unravel_index(k, u.shape)] = c
    np.multiply.at(u, i, v)             for j, k in _turns(i, u):
                                            u[j] *= v[k]

A call with `out` inside an expression goes in front of the statement, where that is the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.changes import root_of
from s2sad.analysis.effects import is_known_pure
from s2sad.analysis.writes import Written, called, plain, written
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Block,
    Bool,
    Call,
    Conditional,
    Const,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    ListOf,
    Name,
    Opaque,
    Return,
    Slice,
    Statement,
    TupleOf,
    noted,
)
from s2sad.kind import Kind
from s2sad.naming import Names
from s2sad.rules import registry
from s2sad.rules.stores import FLAT, HELPERS, Store, chosen, masked, stored
from s2sad.rules.turns import PICKED, TURNS, Turns, in_turns
from s2sad.simplify.shapes import without_helpers
from s2sad.syntax import template
from s2sad.transform.transpose import as_value
from s2sad.traversal import (
    children,
    heads,
    map_blocks,
    map_children,
    map_heads,
    map_statement,
    names_in,
    substitute,
    walk,
)

__all__ = ["with_plain_indices", "with_stores"]


def with_stores(function: Function, names: Names) -> Function:
    """The function with the calls above as assignments."""
    return replace(function, body=_Stores(names).block(function.body))


def with_plain_indices(function: Function, kind_of: Callable[[Expr], Kind]) -> Function:
    """The function with plain indices where the kinds tell which these are."""

    def resolved(node: Expr) -> Expr:
        match map_children(node, resolved):
            case Call(func=Global(dotted=dotted)) as call if dotted in HELPERS:
                return without_helpers(call, kind_of)
            case done:
                return done

    return replace(function, body=tuple(map_statement(s, resolved) for s in function.body))


@dataclass(frozen=True)
class _Stores:
    names: Names

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        s = _without_flat(s)
        match s:
            case Evaluate(value=Call() as call) if (found := stored(call)) is not None and _is_path(
                found[1][found[0].array]
            ):
                return self.store(s, *found)
            case Evaluate(value=Call() as call) if (turns := in_turns(call)) is not None and _is_path(turns.array):
                return self.in_turns(s, turns)
            case Assign(target=Attribute(value=x, attr=attr), value=value) if attr == FLAT and _is_path(x):
                return (replace(s, target=Index(x, Const(...)), value=template("_in_turn(v, x)", v=value, x=x)),)
            case Assign(target=Index(value=Attribute(value=x, attr=attr), index=k), value=value) if (
                attr == FLAT and _is_path(x)
            ):
                part = Index(x, _nth(k, x))
                return (replace(s, target=part, value=template("_in_turn(v, x)", v=value, x=part)),)
            case Aug(target=Index(value=Attribute(value=x, attr=attr), index=k)) if attr == FLAT and _is_path(x):
                return (replace(s, target=Index(x, _nth(k, x))),)
            case Assign() | Aug() | Evaluate() | Return() | If() | For() if _can_come_before(s):
                return self.apart(s)
        return (map_blocks(s, self.block),)

    # ------------------------------------------------------------------- calls

    def store(self, s: Evaluate, entry: Store, bound: Mapping[str, Expr]) -> Block:
        """The assignment that a call is; what it reads twice gets a name."""
        reads = Counter(names_in(entry.target)) + Counter(names_in(entry.value))
        before: list[Statement] = []
        given: dict[Expr, Expr] = {}
        for param, arg in bound.items():
            given[Name(param)] = arg
            mask = masked(Name(param), Name(entry.array))
            if param == entry.array or isinstance(arg, Name | Const):
                continue
            if mask in walk(entry.target):
                given[mask] = self.named(param, masked(arg, bound[entry.array]), before, s)
            elif reads[param] > 1:
                given[Name(param)] = self.named(param, arg, before, s)
        target, value = (substitute(part, given) for part in (entry.target, entry.value))
        return (*before, Assign(target, registry.without_defaults(value), origin=s.origin, remark=s.remark))

    def in_turns(self, s: Evaluate, turns: Turns) -> Block:
        """Assignments to elements, in turns in which each comes once."""
        before: list[Statement] = []
        x, i, v = turns.array, turns.index, turns.value
        j, k = Name(self.names.unique("j")), Name(self.names.unique("k"))
        if not all(isinstance(part, Name | Const) for part in walk(i) if not isinstance(part, ListOf)):
            i = self.named("i", i, before, s)
        line: Statement
        if v is None:
            line = Assign(Index(x, j), Call(turns.ufunc, (Index(x, j),)), origin=s.origin)
        else:
            v = v if isinstance(v, Name | Const) else self.named("v", v, before, s)
            picked = Call(PICKED, (v, k, Index(x, i)))
            if turns.op:
                line = Aug(Index(x, j), turns.op, picked, origin=s.origin)
            else:
                line = Assign(Index(x, j), Call(turns.ufunc, (Index(x, j), picked)), origin=s.origin)
        every = self.named("turns", Call(TURNS, (i, x)), before, s)
        return (*before, For(TupleOf((j, k)), every, (line,), origin=s.origin, remark=s.remark))

    def named(self, wish: str, value: Expr, before: list[Statement], s: Statement) -> Name:
        name = Name(self.names.unique(wish))
        before.append(Assign(name, value, origin=s.origin))
        return name

    # --------------------------------------------------------------------- out

    def apart(self, s: Assign | Aug | Evaluate | Return | If | For) -> Block:
        """The calls with `out` in a statement in front of it."""
        before: list[Statement] = []
        wish = s.target.id if isinstance(s, Assign) and isinstance(s.target, Name) else ""

        def moved(node: Expr) -> Expr:
            is_whole = isinstance(s, Assign) and node is s.value
            node = map_children(node, moved)
            found = written(node) if isinstance(node, Call) else None
            if found is None:
                return node
            lines, out = self.written(found, s, wish if is_whole else "")
            before.extend(lines)
            return out

        done = map_heads(s, moved)
        if isinstance(s, Evaluate) and before and done.value != s.value and not _calls(done.value):  # type: ignore[attr-defined]
            return tuple(before)
        is_same = isinstance(done, Assign) and done.target == done.value
        return (*before, *(() if before and is_same else (map_blocks(done, self.block),)))

    def written(self, found: Written, s: Statement, wish: str) -> tuple[Block, Expr]:
        """The assignment of what a call computes, and what it is assigned to; the new variable `wish` is, if it can be."""
        out = found.out
        before: Block = ()
        if not _is_path(out):
            is_free = wish and wish not in names_in(found.call) and wish not in names_in(found.where or Const(None))
            name = Name(wish if is_free else self.names.unique("out"))
            before, out = (Assign(name, out, origin=s.origin),), name
        if found.where is None:
            return (*before, Assign(Index(out, Const(...)), found.call, origin=s.origin, out=called(found.call))), out
        mask = masked(found.where, out)
        if not isinstance(found.where, Name):
            lines: list[Statement] = [*before]
            mask = self.named("where", mask, lines, s)
            before = tuple(lines)
        args = tuple(chosen(arg, mask, out) for arg in found.call.args)
        return (*before, Assign(Index(out, mask), replace(found.call, args=args), origin=s.origin)), out


def _calls(node: Expr) -> bool:
    return any(isinstance(part, Call) for part in walk(node))


def _is_path(x: Expr) -> bool:
    """True for a variable and for a part of one, which may be read twice."""
    return root_of(x) is not None and all(is_known_pure(part) for part in walk(x) if isinstance(part, Call))


# --------------------------------------------------------- what may come before


def _can_come_before(s: Statement) -> bool:
    """True for a statement with calls with `out` that may be made before anything else in it is."""
    found = [part for head in heads(s) for part in _writing(head)]
    if not found or any(part in walk(hidden) for hidden in _sometimes(s) for part in found):
        return False
    if isinstance(s, Aug) or (isinstance(s, Assign) and any(part in walk(s.target) for part in found)):
        return False
    if any(isinstance(found_out := written(part), Written) and isinstance(found_out.out, TupleOf) for part in found):
        return False
    return not any(_is_late(part, s) for part in found)


@noted
def _writing(node: Expr) -> tuple[Call, ...]:
    """The calls in an expression that write into an array."""
    return tuple(part for part in walk(node) if isinstance(part, Call) and written(part) is not None)


def _sometimes(s: Statement) -> Iterator[Expr]:
    """The parts of a statement that are evaluated only sometimes, or by something else."""
    for head in heads(s):
        for part in walk(head):
            match part:
                case Conditional(then=then, orelse=orelse):
                    yield from (then, orelse)
                case Bool(values=(_, *rest)):
                    yield from rest
                case Opaque():
                    yield part


def _is_late(call: Expr, s: Statement) -> bool:
    """True if something stands before the call that reads what it changes, or does anything itself."""
    assert isinstance(call, Call)
    found = written(call)
    assert found is not None
    root, inside = root_of(found.out), Counter(names_in(call))
    read: Counter[str] = Counter()
    for part in _in_order(s):
        if part is call:
            return read[root] > inside[root] if root is not None else False
        if isinstance(part, Name):
            read[part.id] += 1
        elif isinstance(part, Call) and not is_known_pure(part) and written(part) is None and part not in walk(call):
            return True
    return True


def _in_order(s: Statement) -> Iterator[Expr]:
    """The expressions that a statement evaluates, operands first."""
    for head in (s.value,) if isinstance(s, Assign) else heads(s):
        yield from _operands_first(head)


def _operands_first(node: Expr) -> Iterator[Expr]:
    for child in children(node):
        yield from _operands_first(child)
    yield node


# ------------------------------------------------------------------ in one row


def _nth(k: Expr, x: Expr) -> Expr:
    return template("_nth(k, x)", k=as_value(k), x=x)


def _without_flat(s: Statement) -> Statement:
    """A statement that reads the elements of `x.flat` from `x`, and in which no `out` says nothing."""
    if not any(map(_is_concerned, heads(s))):
        return s
    match s:
        case For(iterable=Attribute(value=x, attr=attr)) if attr == FLAT:
            s = replace(s, iterable=template("np.ravel(x)", x=x))
        case Assign(value=value) | Aug(value=value):
            return replace(s, value=_in_one_row(value))
    return map_heads(s, _in_one_row)


@noted
def _is_concerned(node: Expr) -> bool:
    return any(
        part.attr == FLAT if isinstance(part, Attribute) else isinstance(part, Call) and bool(part.keywords)
        for part in walk(node)
    )


def _in_one_row(node: Expr) -> Expr:
    match map_children(node, _in_one_row):
        case Index(value=Attribute(value=x, attr=attr), index=k) if attr == FLAT and _is_path(x):
            part = Index(x, _nth(k, x), span=node.span)
            return Call(Attribute(part, "copy")) if isinstance(k, Slice) else part
        case Call(args=args) as call if is_known_pure(call):
            rows = (_row(arg) for arg in args)
            return plain(replace(call, args=tuple(rows)))
        case done:
            return done


def _row(arg: Expr) -> Expr:
    match arg:
        case Attribute(value=x, attr=attr) if attr == FLAT:
            return template("np.ravel(x)", x=x)
    return arg
