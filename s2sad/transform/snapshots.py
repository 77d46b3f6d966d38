"""The adjoint of a loop that keeps some of the states its rounds begin with, and goes ahead from them again.

    u_saved = []                                         u_saved, starts = [u], [first]
    for i in range(first, last):                         for i in range(last - 1, first - 1, -1):
        u_saved.append(u)                                    at = starts.pop()
        u = one_round(u, k, i)                               u = u_saved.pop()
    u_bar = y_bar                              becomes       while at < i:
    for i, u in zip(                                             middle = at + _ahead(i + 1 - at, 20 - len(starts))
        range(last - 1, first - 1, -1),                          starts.append(at)
        reversed(u_saved),                                       u_saved.append(u)
    ):                                                           u = rounds(u, k, at, middle)
        u_bar = one_round_bwd(u_bar, u, k, i)                    at = middle
                                                             u_bar = one_round_bwd(u_bar, u, k, i)

Where the next state is kept is Griewank and Walther's choice (Algorithm 799, revolve), by which the fewest rounds are run
again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from s2sad.ir import (
    Assign,
    Attribute,
    Block,
    Call,
    Comment,
    Const,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    ListOf,
    Name,
    Routine,
    Statement,
    TupleOf,
    While,
)
from s2sad.naming import Names
from s2sad.syntax import template
from s2sad.traversal import bound_names

__all__ = ["with_snapshots"]


def with_snapshots(adjoint: Function, key: str, primal: Function, snapshots: int, names: Names) -> Function:
    """The adjoint of the function `primal`, a loop, with at most `snapshots` states beside the first one."""
    for name in bound_names(adjoint):
        names.reserve(name)
    ahead, back = (s for s in adjoint.body if isinstance(s, For))
    schedule = _Schedule(ahead, back, key, primal, snapshots, names)
    count = snapshots or "√n"
    doc = f"The adjoint of `{primal.name}`, which keeps at most {count} snapshots and runs rounds again from there."
    return replace(adjoint, body=schedule.body(adjoint.body), doc=doc)


@dataclass
class _Schedule:
    """Rewrites the loop `ahead`, which saves each state, and the loop `back`, which reads them."""

    ahead: For
    back: For
    key: str
    primal: Function
    snapshots: int
    names: Names

    def __post_init__(self) -> None:
        self.starts, self.at, self.middle = (Name(self.names.unique(wish)) for wish in ("starts", "at", "middle"))
        self.kept: Expr = Const(self.snapshots) if self.snapshots else Name(self.names.unique("snapshots"))
        self.states = dict(map(_saved, self.ahead.body[:-1]))
        *_, self.first, self.last = (Name(param.name) for param in self.primal.params)

    def body(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Iterable[Statement]:
        match s:
            case Assign(target=Name() as target, value=ListOf(items=())) if target in self.states:
                return (Assign(target, ListOf((self.states[target],))),)
            case For() if s is self.ahead:
                count = template("int(max(last - first, 0) ** 0.5)", first=self.first, last=self.last)
                counted = () if self.snapshots else (Assign(self.kept, count),)
                return (Assign(self.starts, ListOf((self.first,))), *counted)
            case For() if s is self.back:
                return (self.backwards(s),)
            case Comment():
                return ()
        return (s,)

    def backwards(self, s: For) -> Statement:
        targets = s.target.items if isinstance(s.target, TupleOf) else (s.target,)
        parts = s.iterable.args if isinstance(s.iterable, Call) and s.iterable.func == Global("zip") else (s.iterable,)
        sources = [part.args[0] for part in parts if isinstance(part, Call) and part.func == Global("reversed")]
        # The index comes first, if a round reads it.
        states = targets[len(targets) - len(sources) :]
        index = targets[0] if len(targets) > len(sources) else Name(self.names.unique("i"))
        rounds = template("range(last - 1, first - 1, -1)", first=self.first, last=self.last)
        pairs = [(self.starts, self.at), *zip(sources, states, strict=True)]
        pops = (Assign(value, Call(Attribute(source, "pop"))) for source, value in pairs)
        appends = (Evaluate(Call(Attribute(source, "append"), (value,))) for source, value in pairs)
        here = {self.states[source]: state for source, state in zip(sources, states, strict=True)}
        inner = (Assign(self.middle, self.next(index)), *appends, self.run(here), Assign(self.at, self.middle))
        loop = While(template("at < i", at=self.at, i=index), inner)
        return For(index, rounds, (*pops, loop, *s.body), origin=s.origin, remark=s.remark)

    def next(self, index: Expr) -> Expr:
        """Where the next state is kept on the way to the round `index`."""
        parts = {"at": self.at, "i": index, "kept": self.kept, "starts": self.starts}
        return template("at + _ahead(i + 1 - at, kept - len(starts))", **parts)

    def run(self, here: dict[Expr, Expr]) -> Statement:
        """The rounds up to there; `here` are the variables that hold a state in the backward loop."""
        target = self.ahead.body[-1]
        assert isinstance(target, Assign)
        names = target.target.items if isinstance(target.target, TupleOf) else (target.target,)
        given = (here.get(Name(param.name), Name(param.name)) for param in self.primal.params[:-2])
        after = tuple(here[name] for name in names)
        call = Call(Routine(self.key), (*given, self.at, self.middle))
        return Assign(after[0] if len(after) == 1 else TupleOf(after), call)


def _saved(s: Statement) -> tuple[Expr, Expr]:
    """The list and the variable of `u_saved.append(u)`."""
    assert isinstance(s, Evaluate) and isinstance(s.value, Call) and isinstance(s.value.func, Attribute)
    (value,) = s.value.args
    return s.value.func.value, value
