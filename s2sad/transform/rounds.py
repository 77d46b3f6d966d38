"""Loops with checkpoints: the rounds become calls of a function of which reverse mode saves nothing but the state it begins
with.

    for i in range(n):  # s2sad: checkpoint(20)                  def rounds(u, k, first, last):
        u = step(u, k, i)                                            for i in range(first, last):
                                                   becomes               u = one_round(u, k, i)
                                                                     return u

                                                                 u = rounds(u, k, 0, n)

Both functions are checkpoints (`Hand.recompute`), and the adjoint of `rounds` keeps only some of the states that `one_round`
begins with (transform/snapshots.py). Where no derivative is taken, `rounds` is written with the rounds as they were
(`Program.plain`); forward mode leaves the loop where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from s2sad.analysis.changes import APPENDED, POPPED, changed
from s2sad.analysis.entry import changed_at_entry
from s2sad.analysis.liveness import live_around
from s2sad.analysis.loops import Range, iteration
from s2sad.errors import DifferentiationError
from s2sad.frontend.jumps import without_continue
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Call,
    Const,
    Expr,
    For,
    Function,
    Name,
    Param,
    Return,
    Routine,
    Statement,
    TupleOf,
)
from s2sad.naming import Names
from s2sad.program import Hand, Program
from s2sad.simplify.in_place import in_place
from s2sad.syntax import template
from s2sad.transform.values import with_values
from s2sad.traversal import assigned, bound_names, expressions, map_blocks, names_in, statements, target_names

__all__ = ["with_rounds"]


def with_rounds(program: Program) -> Program:
    """The program with functions for the rounds of its loops with checkpoints."""
    found = [key for key, function in program.functions.items() if any(map(_has_snapshots, statements(function.body)))]
    if not found:
        return program
    done = replace(
        program,
        functions=dict(program.functions),
        units=dict(program.units),
        names=dict(program.names),
        by_hand=dict(program.by_hand),
        looped=dict(program.looped),
        plain=dict(program.plain),
    )
    for key in found:
        _Rounds(done, key).rewrite()
    return done


def _has_snapshots(s: Statement) -> bool:
    return isinstance(s, For) and s.snapshots is not None


@dataclass(frozen=True)
class _Parts:
    """What one round reads and hands on: `state` is what changes from round to round, `fixed` all else that it reads."""

    state: tuple[str, ...]
    fixed: tuple[str, ...]


@dataclass
class _Rounds:
    """Rewrites one function."""

    program: Program
    key: str

    def rewrite(self) -> None:
        function = self.program.functions[self.key]
        self.names = Names([*self.program.names.values(), *self.program.data, *bound_names(function)])
        # Changes in place are assignments there.
        self.function = with_values(function, self.names)
        self.live = live_around(self.function.body)
        # Each round changes copies: nobody else may see the objects, not even who calls.
        self.program.looped[self.key] = replace(self.function, changes=(), deep=())
        self.program.functions[self.key] = replace(self.function, body=self.block(self.function.body))

    def block(self, block: Block) -> Block:
        return tuple(done for s in block for done in self.statement(s))

    def statement(self, s: Statement) -> Iterator[Statement]:
        if not isinstance(s, For) or s.snapshots is None:
            yield map_blocks(s, self.block)
            return
        way = iteration(s.iterable)
        if not isinstance(way, Range) or not isinstance(s.target, Name) or way.step != Const(1):
            raise self.refusal(s, "its rounds have to be counted one by one", "let it run over `range(…)`")
        if any(isinstance(inner, Return) for inner in statements(s.body)):
            raise self.refusal(s, "a round may leave the function", "return behind the loop")
        if s.until is not None:
            raise self.refusal(s, "it may end before its last round", "leave the remark out")
        self.check_lengths(s)
        parts = self.parts(s)
        rounds = self.rounds(replace(s, body=self.block(s.body)), s.target.id, parts)
        before, (first, last) = self.bounds(s, way)
        yield from before
        call = Call(Routine(rounds), (*map(Name, parts.state + parts.fixed), first, last))
        yield Assign(_tuple(parts.state), call, origin=s.origin)

    def check_lengths(self, s: For) -> None:
        """Refuse lists that grow or shrink: each round has a copy of what it changes."""
        for inner in statements(s.body):
            if isinstance(inner, Assign) and isinstance(inner.value, Call) and inner.value.func in (APPENDED, POPPED):
                raise self.refusal(
                    s, f"`{changed(inner)}` changes its length", "use an array, and store to its elements"
                )

    def parts(self, s: For) -> _Parts:
        """The variables of a round."""
        assert isinstance(s.target, Name)
        changed = set().union(*map(assigned, s.body)) - {"_"}
        read = {name for node in expressions(s.body) for name in names_in(node)}
        known = set(bound_names(self.function))
        live = self.live[id(s)]
        if s.target.id in live.after:
            raise self.refusal(s, f"`{s.target.id}` is read behind it", "assign it to another variable")
        state = (changed & (live.after | live.inside)) - {s.target.id}
        missing = sorted(state - self.bound_before(s))
        if missing:
            raise self.refusal(
                s, f"`{missing[0]}` may have no value before it", f"assign `{missing[0]}` before the loop"
            )
        if not state:
            raise self.refusal(s, "no variable goes from one round to the next", "leave the remark out")
        return _Parts(tuple(sorted(state)), tuple(sorted((read - changed) & known - {s.target.id})))

    def bound_before(self, loop: For) -> set[str]:
        """The variables that some statement before the loop, or around it, assigns."""
        found = {param.name for param in self.function.params}
        for s in statements(self.function.body):
            if s is loop:
                break
            found |= set(target_names(s.target)) if isinstance(s, Assign | For) else set()
        return found

    def bounds(self, s: For, way: Range) -> tuple[list[Statement], list[Expr]]:
        """The first and the last round, under names where they are computed."""
        before: list[Statement] = []
        found: list[Expr] = []
        for node, wish in ((way.start, "first"), (way.stop, "last")):
            if not isinstance(node, Const | Name):
                name = Name(self.names.unique(wish))
                before.append(Assign(name, node, origin=s.origin))
                node = name
            found.append(node)
        return before, found

    def rounds(self, s: For, counter: str, parts: _Parts) -> str:
        """The key of the function for several rounds."""
        name = self.program.names[self.key]
        given = (*parts.state, *parts.fixed, *((counter,) if _is_read(s.body, counter) else ()))
        one = self.declare(f"{name}_round", self.one_round(s, given, parts))
        own = Names(bound_names(self.function))
        first, last = Name(own.unique("first")), Name(own.unique("last"))
        params = tuple(map(Param, (*parts.state, *parts.fixed, first.id, last.id)))
        loop = replace(s, iterable=template("range(first, last)", first=first, last=last), snapshots=None)
        call = Call(Routine(one), tuple(map(Name, given)))
        calls = replace(loop, body=(Assign(_tuple(parts.state), call, origin=s.origin),))
        doc = f"The rounds `{first.id}` to `{last.id}` of a loop."
        key = f"{self.key}.<rounds>.{self.program.names[one]}"
        self.declare(
            f"{name}_rounds", Function("", params, (calls, Return(_tuple(parts.state))), doc), s.snapshots, key
        )
        rounds = (replace(loop, body=_anew(s.body)),)
        plain = in_place((*_copies(rounds, parts), *rounds, Return(_tuple(parts.state))))
        self.program.plain[key] = replace(self.program.functions[key], body=plain)
        return key

    def one_round(self, s: For, given: tuple[str, ...], parts: _Parts) -> Function:
        body = _anew(without_continue(s.body))
        return Function("", tuple(map(Param, given)), (*_copies(body, parts), *body, Return(_tuple(parts.state))))

    def declare(self, wish: str, function: Function, snapshots: int | None = None, key: str = "") -> str:
        """A new function of the program, of which reverse mode saves nothing."""
        name = self.names.unique(wish)
        key = key or f"{self.key}.<round>.{name}"
        self.program.functions[key] = replace(function, name=name, body=in_place(function.body))
        self.program.units[key] = self.program.units[self.key]
        self.program.names[key] = name
        self.program.by_hand[key] = Hand(name, recompute=True, snapshots=snapshots)
        return key

    def refusal(self, s: For, reason: str, rewrite: str) -> DifferentiationError:
        unit = self.program.units[self.key]
        place = unit.place(s.origin.span if s.origin else None)
        return DifferentiationError("S201", f"cannot make checkpoints in this loop: {reason}", place, rewrite)


def _copies(block: Block, parts: _Parts) -> Block:
    """Copies of what the rounds change in place: nobody else sees what they do."""
    changed = changed_at_entry(block)
    return tuple(Assign(Name(name), Call(Attribute(Name(name), "copy"))) for name in parts.state if name in changed)


def _is_read(block: Block, name: str) -> bool:
    return any(name in names_in(node) for node in expressions(block))


def _anew(block: Block) -> Block:
    """`x += v` as `x = x + v`: what a round was given stays what it is."""
    return tuple(
        Assign(s.target, Binary(s.op, s.target, s.value), origin=s.origin)
        if isinstance(s, Aug) and isinstance(s.target, Name)
        else map_blocks(s, _anew)
        for s in block
    )


def _tuple(names: Iterable[str]) -> Expr:
    items = tuple(map(Name, names))
    return items[0] if len(items) == 1 else TupleOf(items)
