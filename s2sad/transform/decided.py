"""Second names that a branch decides about, where what they refer to is changed: what is done to it stands under the branch.

    if c:                       which = c
        v = u                   if which:
    else:                           v_1 = u
        v = w[1:]               else:
    v[0] = s                        v_2 = w[1:]
                                if which:
                                    v_1[0] = s
                                else:
                                    v_2[0] = s

So each name refers to one thing, and can be followed (transform/followed.py). What cannot be written so stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from s2sad.analysis.changes import changed, changed_variables
from s2sad.analysis.paths import base_of, is_mutable, with_leaves
from s2sad.ir import (
    Assign,
    Aug,
    Block,
    Bool,
    Call,
    Compare,
    Conditional,
    Const,
    Expr,
    For,
    Function,
    Global,
    If,
    Name,
    Statement,
    Try,
    Unary,
    While,
)
from s2sad.kind import Kind, Number
from s2sad.naming import Names
from s2sad.traversal import (
    assigned,
    binds,
    captured,
    expressions,
    heads,
    map_blocks,
    map_heads,
    map_statement,
    names_in,
    statements,
    substitute,
)

__all__ = ["by_decision"]

KindOf = Callable[[Expr], Kind]


@dataclass(frozen=True)
class _Choice:
    """What a name stands for: the one or the other, as the variable `test` tells."""

    test: str
    then: _Meant
    orelse: _Meant


#: A variable, or one of several.
_Meant = str | _Choice


def by_decision(
    function: Function, group: frozenset[str], names: Names, kinds_at: Callable[[Statement], KindOf | None]
) -> Block:
    """The body of a function in which each name of `group` that a branch decides about is two names, where it can be."""
    body = _with_branches(function.body, group, kinds_at)
    decided = _decided(body, group, kinds_at)
    numbers = _numbers(function, kinds_at)
    fixed = numbers - group - {name for s in body for name in assigned(s)}
    while decided:
        walk = _Walk(decided, fixed, names.copy())
        done = walk.block(body)
        if not walk.lost:
            for name in walk.made:
                names.reserve(name)
            return done
        decided -= walk.lost
    return body


def _numbers(function: Function, kinds_at: Callable[[Statement], KindOf | None]) -> frozenset[str]:
    """The parameters that are no objects, of which another function could change what they are as a test."""
    kind = kinds_at(function.body[0])
    if kind is None:
        return frozenset()
    return frozenset(param.name for param in function.params if isinstance(kind(Name(param.name)), Number))


def _with_branches(block: Block, group: frozenset[str], kinds_at: Callable[[Statement], KindOf | None]) -> Block:
    """`v = u if c else w` as a branch, where `v` may be changed."""

    def lines(s: Statement) -> Block:
        s = map_blocks(s, inner)
        match s:
            case Assign(target=Name(id=name), value=Conditional(test=test, then=then, orelse=orelse)) if (
                name in group and _may_change(s, kinds_at)
            ):
                sides = (lines(replace(s, value=side)) for side in (then, orelse))
                return (If(test, *sides, origin=s.origin),)
        return (s,)

    def inner(block: Block) -> Block:
        return tuple(line for s in block for line in lines(s))

    return inner(block)


def _may_change(s: Assign, kinds_at: Callable[[Statement], KindOf | None]) -> bool:
    """True unless a variable certainly gets what cannot change, such as a number."""
    kind = kinds_at(s)
    return kind is None or is_mutable(kind(s.value))


def _decided(block: Block, group: frozenset[str], kinds_at: Callable[[Statement], KindOf | None]) -> set[str]:
    """The variables that refer to different objects where a branch ends, and what refers to parts of these."""
    carried = captured(block)
    found = {name for s in statements(block) if isinstance(s, If) for name in _differing(s, group, kinds_at)} - carried
    while True:
        more = {
            s.target.id
            for s in statements(block)
            if isinstance(s, Assign) and isinstance(s.target, Name) and s.target.id in group - carried
            if changed(s) is None and _may_change(s, kinds_at) and not found.isdisjoint(names_in(s.value))
        }
        if more <= found:
            return found
        found |= more


def _differing(s: If, group: frozenset[str], kinds_at: Callable[[Statement], KindOf | None]) -> set[str]:
    """The variables that a branch makes names of different objects, by what it assigns to them last."""
    sides = [
        {
            line.target.id: line.value
            for line in statements(side)
            if isinstance(line, Assign) and isinstance(line.target, Name) and changed(line) is None
            if _may_change(line, kinds_at)
        }
        for side in (s.then, s.orelse)
    ]
    return {
        name for side in sides for name in side if name in group and len({_form(own.get(name)) for own in sides}) > 1
    }


def _form(value: Expr | None) -> Expr | None:
    """A path with any numbers in its indices: which these are the pass that follows names sees to."""
    if value is None or base_of(value) is None:
        return value
    return with_leaves(value, lambda leaf: Const(0))


# -------------------------------------------------------------------- the walk


@dataclass
class _Walk:
    """`decided` are the names to write as several, `fixed` the numbers given that stay what they are. `meant` says what the
    names stand for, None where nobody knows: what is read there is noted in `lost`. `known` are the tests that have been
    made, `made` new variables.
    """

    decided: set[str]
    fixed: frozenset[str]
    names: Names
    meant: dict[str, _Meant | None] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    made: list[str] = field(default_factory=list)
    known: dict[str, bool] = field(default_factory=dict)
    inside: bool = False

    def unique(self, wish: str) -> str:
        self.made.append(self.names.unique(wish))
        return self.made[-1]

    def block(self, block: Block) -> Block:
        return self.merged([line for s in block for line in self.statement(s)])

    def merged(self, lines: Iterable[Statement]) -> Block:
        """Branches on the same test that follow each other as one."""
        done: list[Statement] = []
        for line in lines:
            before = done[-1] if done else None
            if isinstance(line, If) and isinstance(before, If) and self.is_one_test(before.test, line.test):
                then, orelse = self.merged((*before.then, *line.then)), self.merged((*before.orelse, *line.orelse))
                done[-1] = replace(before, then=then, orelse=orelse)
            else:
                done.append(line)
        return tuple(done)

    def is_one_test(self, a: Expr, b: Expr) -> bool:
        """True for the same variable that this pass has made or that never changes."""
        return a == b and isinstance(a, Name) and (a.id in self.made or a.id in self.fixed)

    def statement(self, s: Statement) -> Block:
        if any(self.is_chosen(name) for part in self.read(s) for name in names_in(part)):
            lines = self.apart(s, self.known)
            if self.is_bound(s):
                return tuple(line for one in lines for line in self.statement(one))
            self.lost |= self.rebinds(s)
            return lines
        match s:
            case Assign() if self.is_bound(s):
                return (self.bound(s),)
            case If():
                return self.branch(s)
            case For() | While():
                return (self.loop(s),)
            case Try():
                self.lost |= self.rebinds(s)
        self.lost |= self.decided & _rebound(s)
        return (map_blocks(map_heads(s, self.renamed), self.block),)

    def is_bound(self, s: Statement) -> bool:
        """True if the statement makes a name of this pass one of something else."""
        return isinstance(s, Assign) and isinstance(s.target, Name) and s.target.id in self.decided & _rebound(s)

    def read(self, s: Statement) -> tuple[Expr, ...]:
        """The expressions of a statement itself in which names are meant that it finds."""
        return heads(s)[1:] if self.is_bound(s) else heads(s)

    def bound(self, s: Assign) -> Assign:
        """What is assigned in a branch gets a name of its own there."""
        assert isinstance(s.target, Name)
        value, name = self.renamed(s.value), s.target.id
        own = self.unique(name) if self.inside else name
        self.meant[name] = own
        return replace(s, target=Name(own), value=value)

    def renamed(self, node: Expr) -> Expr:
        found: dict[Expr, Expr] = {}
        for name in set(names_in(node)) & self.decided:
            meant = self.now(name)
            if meant is None:
                self.lost.add(name)
            elif isinstance(meant, str):
                found[Name(name)] = Name(meant)
        return substitute(node, found)

    def is_chosen(self, name: str) -> bool:
        return name in self.decided and isinstance(self.now(name), _Choice)

    def now(self, name: str) -> _Meant | None:
        """What a name stands for under the tests that have been made."""
        meant = self.meant.get(name, name)
        return None if meant is None else _settled(meant, self.known)

    # ----------------------------------------------------------- what is chosen

    def apart(self, s: Statement, known: Mapping[str, bool]) -> Block:
        """A statement once for each side of the branches that decide about names in it."""
        parts = self.read(s) if self.is_bound(s) else expressions((s,))
        found = {name: self.now(name) for part in parts for name in names_in(part) if name in self.decided}
        self.lost |= {name for name, one in found.items() if one is None}
        meant = {name: _settled(one, known) for name, one in found.items() if one is not None}
        tests = [one.test for one in meant.values() if isinstance(one, _Choice)]
        if tests:
            then, orelse = (self.apart(s, {**known, tests[0]: side}) for side in (True, False))
            return (If(Name(tests[0]), then, orelse, origin=s.origin),)
        every: dict[Expr, Expr] = {Name(name): Name(own) for name, own in meant.items() if isinstance(own, str)}
        if self.is_bound(s):
            assert isinstance(s, Assign)
            return (replace(s, value=substitute(s.value, every)),)
        return (map_statement(s, lambda node: substitute(node, every) if names_in(node) else node),)

    def rebinds(self, s: Statement) -> set[str]:
        """The names of this pass that a statement, or one in it, makes names of something else."""
        return {name for line in statements((s,)) for name in self.decided & _rebound(line)}

    # ------------------------------------------------------------------ blocks

    def branch(self, s: If) -> Block:
        rebound = self.rebinds(s)
        before: Block = ()
        if not rebound:
            return (self.sides(replace(s, test=self.renamed(s.test))),)
        test = s.test
        if not (isinstance(test, Name) and (test.id in self.made or test.id in self.fixed)):
            value = test if isinstance(test, Compare | Unary | Bool) else Call(Global("bool"), (test,))
            test = Name(self.unique("which"))
            before = (Assign(test, self.renamed(value), origin=s.origin),)
        around, self.inside, start = self.inside, True, dict(self.meant)
        then = self.side(s.then, test, True)
        after, self.meant = self.meant, start
        orelse = self.side(s.orelse, test, False)
        self.inside = around
        for name in rebound:
            a, b = after.get(name, name), self.meant.get(name, name)
            self.meant[name] = None if a is None or b is None else a if a == b else _Choice(test.id, a, b)
        return (*before, replace(s, test=test, then=then, orelse=orelse))

    def sides(self, s: If) -> If:
        return replace(s, then=self.side(s.then, s.test, True), orelse=self.side(s.orelse, s.test, False))

    def side(self, block: Block, test: Expr, is_true: bool) -> Block:
        """The block on one side of a branch, of whose test something is known there if it stays what it is."""
        around = self.known
        if isinstance(test, Name) and (test.id in self.made or test.id in self.fixed):
            self.known = {**around, test.id: is_true}
        block = self.block(block)
        self.known = around
        return block

    def loop(self, s: For | While) -> Statement:
        start = {name: self.meant.get(name, name) for name in self.rebinds(s)}
        self.lost |= self.decided & _rebound(s)
        head = map_heads(s, self.renamed)
        unknown: set[str] = set()
        while True:
            self.meant.update({**start, **dict.fromkeys(unknown)})
            done = map_blocks(head, self.block)
            moved = {name for name, meant in start.items() if self.meant.get(name, name) != meant}
            if moved <= unknown:
                break
            # In the next round it is what this one has left.
            unknown |= moved
        self.meant.update(dict.fromkeys(moved))
        return done


def _rebound(s: Statement) -> set[str]:
    """The variables that a statement itself makes names of something else."""
    return set() if isinstance(s, Aug) else set(binds(s)) - set(changed_variables(s))


def _settled(meant: _Meant, known: Mapping[str, bool]) -> _Meant:
    """What a name stands for where some of the tests are known."""
    while isinstance(meant, _Choice) and meant.test in known:
        meant = meant.then if known[meant.test] else meant.orelse
    return meant
