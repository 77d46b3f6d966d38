"""Puts the plan into practice: the primal statements with what they save, the adjoint statements with what they restore."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from s2sad.analysis.changes import changed_variables, result_target
from s2sad.analysis.loops import Range
from s2sad.errors import DifferentiationError
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
    For,
    Global,
    If,
    Index,
    ListOf,
    Name,
    Return,
    Routine,
    Slice,
    Statement,
    Try,
    TupleOf,
    Unary,
    While,
    With,
)
from s2sad.kind import Array, Kind, Number
from s2sad.rules.helpers import KindOf
from s2sad.simplify.in_place import in_place
from s2sad.simplify.products import with_inner_products, with_plain_products
from s2sad.syntax import template
from s2sad.transform.backward import Backwards, Restore
from s2sad.transform.containers import kept
from s2sad.transform.loops import backwards, counts_from_zero, rounds
from s2sad.transform.placing import list_of, places
from s2sad.transform.primal import as_written
from s2sad.transform.residuals import Held, Inline, Kept, LastRound, Plan, Recomputed, Stacked
from s2sad.transform.sizes import Sizes
from s2sad.transform.steps import Branching, CallStep, Line, Loop, Step, Within
from s2sad.transform.versions import Region, Version, tokenised
from s2sad.traversal import map_children, map_statement

__all__ = ["Weaver"]


@dataclass
class Weaver:
    """Writes primal and adjoint statements by a plan. `joint`: the adjoint runs once, so that it may use lists up.

    `attempted` is the body of a try that is being written, `waiting` what is done when it has succeeded.
    """

    plan: Plan
    kind_of: KindOf
    joint: bool
    saves: dict[str, str]
    attempted: Region | None = None
    waiting: list[Statement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.in_order = self.plan.in_order()
        self.by_step: dict[Step | None, list[Version]] = {}
        for version in self.in_order:
            self.by_step.setdefault(version.step, []).append(version)
        self.places = places(self.plan)
        self.saved_names = {version.name for version in self.in_order if self.is_saved(version)}

    # ------------------------------------------------------------------ primal

    def entry(self) -> Block:
        """What has to be kept of the parameters."""
        return self.saved([v for v in self.decided() if v.how == "param"])

    def decided(self) -> list[Version]:
        return self.in_order

    def saved(self, versions: list[Version]) -> Block:
        """The statements that save these versions, each right after it came about."""
        now = (version for version in versions if version.token not in self.places.all_late)
        return tuple(line for version in now for line in self.save(version))

    def save(self, version: Version) -> Block:
        match self.plan.decisions[version.token]:
            case Kept(name=name):
                return (Assign(Name(name), self.lasting(version)),)
            case Stacked():
                target = Attribute(Name(list_of(version, self.plan)), "append")
                return self.stacked(version, target)
        return ()

    def stacked(self, version: Version, append: Expr) -> Block:
        """What puts a version into its list. In a body that may fail this is put off: the list of a loop around it must not
        get what the adjoint does not take out again.
        """
        value, loop = self.lasting(version), version.region.inner_loop()
        if self.attempted is None or (loop is not None and self.attempted in loop.path()):
            return (Evaluate(Call(append, (value,))),)
        if version.region is not self.attempted:
            raise self.refused(version)
        writes = self.plan.versions.writes.get(version.name, ())
        if not any(w.position > version.position and self.attempted in w.region.path() for w in writes):
            self.waiting.append(Evaluate(Call(append, (value,))))
            return ()
        own = Name(self.plan.names.unique(version.name))
        self.waiting.append(Evaluate(Call(append, (own,))))
        return (Assign(own, value),)

    def refused(self, version: Version) -> DifferentiationError:
        origin = version.step.statement.origin if version.step is not None else None
        reason = "cannot differentiate a branch in a `try` in a loop: what it computes would have to be saved"
        place = self.plan.versions.context.unit.place(origin.span if origin else None)
        return DifferentiationError("S201", reason, place, "put the body of the `try` into a function of its own")

    def lasting(self, version: Version) -> Expr:
        """The value of a version, which stays what it is when its variable's object is changed in place."""
        name, kind = Name(self.plan.primal_name(version)), self.kind_of(Name(version.token))
        if not self.plan.versions.is_changed_later(version):
            return name
        if isinstance(kind, Number) or not self.plan.versions.may_be_unset(version.token):
            return kept(name, kind)
        # What did not come about is None, of which there is no copy.
        return template("_kept(x)", x=name)

    def of_step(self, step: Step, *hows: str) -> list[Version]:
        return [version for version in self.by_step.get(step, ()) if version.how in hows]

    def primal(self, steps: tuple[Step, ...], value: str | None) -> Block:
        """The primal statements; what is returned is assigned to `value`, if that is given."""
        return tuple(line for step in steps for line in self.primal_step(step, value))

    def primal_step(self, step: Step, value: str | None) -> Block:
        match step:
            case Branching(statement=Try() as s):
                return self.primal_attempt(s, step, value)
            case Branching():
                return self.primal_branch(step, value)
            case Loop():
                return self.primal_loop(step, value)
            case Within(statement=With() as s, body=body):
                bound = self.saved(self.of_step(step, "assign"))
                return (replace(s, body=(*bound, *self.primal(body, value))),)
            case Within(statement=Try() as s, body=body, final=count):
                cut = len(body) - count
                return (replace(s, body=self.primal(body[:cut], value), final=self.primal(body[cut:], value)),)
            case Line(statement=Return(value=result)):
                return () if value is None or result is None else (Assign(Name(value), result),)
            case CallStep() if step.saved:
                return (*self.forward_call(step), *self.saved(self.of_step(step, "assign")))
        return (self.updated(step.statement), *self.saved(self.of_step(step, "assign")))

    def updated(self, s: Statement) -> Statement:
        """An update as the user wrote it, if its old value is not saved: a list would hold the array that changes."""
        if changed_variables(s):
            return in_place((s,))[0]
        written = as_written(s)
        if isinstance(written, Aug) and isinstance(written.target, Name):
            name = written.target.id
            return s if name in self.saved_names and not isinstance(self.kind_of(Name(name)), Number) else written
        return s

    def is_saved(self, version: Version) -> bool:
        return isinstance(self.plan.decisions[version.token], Kept | Stacked)

    def forward_call(self, step: CallStep) -> Block:
        """A call, of the forward function if there is one; an argument that is handed on gets a name."""
        assert isinstance(step.statement, Assign)
        named = {step.arguments[param]: Name(step.names[param]) for param in step.used}
        copies = {step.arguments[param] for param in step.copied}

        def given(arg: Expr) -> Expr:
            return named.get(arg) or lasting(arg)

        def lasting(arg: Expr) -> Expr:
            return self.lasting_copy(arg, self.kind_of(arg)) if arg in copies else arg

        before = tuple(Assign(name, lasting(arg)) for arg, name in named.items())

        args = tuple(map(given, step.call.args))
        keywords = tuple((key, given(value)) for key, value in step.call.keywords)
        call = replace(step.call, args=args, keywords=keywords)
        forward = self.saves.get(step.saved)
        if forward is None:
            return (*before, self.updated(replace(step.statement, value=call)))
        result = result_target(step.statement) if changed_variables(step.statement) else step.statement.target
        target = Name(step.saved) if result is None else TupleOf((result, Name(step.saved)))
        return (*before, replace(step.statement, target=target, value=replace(call, func=Routine(forward))))

    def lasting_copy(self, value: Expr, kind: Kind) -> Expr:
        """A value as it is now, whatever happens to its object."""
        # np.copy keeps the order of the elements in memory, and so the last digits of their sum.
        return Call(Global("numpy.copy" if isinstance(kind, Array) else "copy.deepcopy"), (value,))

    def primal_branch(self, step: Branching, value: str | None) -> Block:
        s = step.statement
        assert isinstance(s, If)
        test = self.of_step(step, "test")
        before: list[Statement] = []
        condition = s.test
        for version in test:
            match self.plan.decisions[version.token]:
                case Kept(name=name):
                    before.append(Assign(Name(name), s.test))
                    condition = Name(name)
                case Stacked():
                    condition = Name(self.plan.primal_name(version))
                    before += [Assign(condition, s.test), *self.saved([version])]
        then, orelse = (self.primal_side(step, side, value) for side in (0, 1))
        joins = self.saved(self.of_step(step, "join"))
        return (*before, replace(s, test=condition, then=then, orelse=orelse), *joins)

    def primal_side(self, step: Branching, side: int, value: str | None) -> Block:
        """One side of a branch, with what is saved there of a whole round, or taken back where the loop is left."""
        region = self.plan.versions.regions[step][side]
        first: list[Statement] = [line for v in self.places.late.get(region, ()) for line in self.save(v)]
        loop = self.places.counted.get(region)
        if loop is not None and loop in self.plan.counts:
            first.append(self.counted(loop))
        found = self.plan.versions.exits.get(step)
        if found is not None and found[1].side == side:
            undone = (Name(list_of(version, self.plan)) for version in self.places.taken_back.get(step, ()))
            first += [Evaluate(Call(Attribute(name, "pop"))) for name in undone]
        return (*first, *self.primal((step.then, step.orelse)[side], value))

    def counted(self, loop: Loop) -> Statement:
        return Aug(Name(self.plan.versions.table[self.plan.counts[loop]].name), "+", Const(1))

    def primal_attempt(self, s: Try, step: Branching, value: str | None) -> Block:
        """A try that tells the adjoint which way it went."""
        (handler,) = s.handlers
        test = [version for version in self.of_step(step, "test") if self.is_saved(version)]
        flags = [Name(self.plan.primal_name(version)) for version in test]
        around, self.attempted = self.attempted, self.plan.versions.regions[step][1]
        outer, self.waiting = self.waiting, []
        body = self.primal(step.orelse[: step.guarded], value)
        waiting, self.attempted, self.waiting = self.waiting, around, outer
        orelse = (*waiting, *self.primal(step.orelse[step.guarded :], value))
        bound = self.saved(self.of_step(step, "assign"))
        then = (*(Assign(flag, Const(True)) for flag in flags), *bound, *self.primal(step.then, value))
        done = replace(s, body=body, handlers=(replace(handler, body=then),), orelse=orelse)
        stacked = self.saved([version for version in test if isinstance(self.plan.decisions[version.token], Stacked)])
        joins = self.saved(self.of_step(step, "join"))
        return (*(Assign(flag, Const(False)) for flag in flags), done, *stacked, *joins)

    def primal_loop(self, step: Loop, value: str | None) -> Block:
        s = step.statement
        assert isinstance(s, For | While)
        lists = [
            version for version in self.plan.versions.table.values() if version.how == "list" and version.step is step
        ]
        before: list[Statement] = [Assign(Name(version.name), ListOf(())) for version in lists]
        heads = self.saved(self.of_step(step, "head", "item", "index", "element"))
        count = self.plan.counts.get(step)
        body = (*heads, *self.primal(step.body, value))
        if count is not None:
            before.append(Assign(Name(self.plan.versions.table[count].name), Const(0)))
            if s.until is None:
                body = (*body, self.counted(step))
            elif step not in self.places.counted.values():
                body = (self.counted(step), *body)
        after = self.saved(self.of_step(step, "exit", "list", "count"))
        return (*before, replace(s, body=body), *after)

    # ----------------------------------------------------------------- adjoint

    def adjoint(self, block: Block) -> Block:
        """Adjoint statements in the primal's names."""
        return tuple(line for s in block for line in self.adjoint_statement(s))

    def adjoint_statement(self, s: Statement) -> Block:
        match s:
            case Restore(region=region):
                return self.restored(region)
            case Backwards(loop=loop, body=body):
                return self.backward_loop(s, loop, body)
            case If(test=test, then=then, orelse=orelse):
                return (replace(s, test=self.spelled(test), then=self.adjoint(then), orelse=self.adjoint(orelse)),)
            case With(context=context):
                return (replace(s, context=self.spelled(context), body=self.adjoint(s.body)),)
            case Def(function=function):
                return (replace(s, function=replace(function, body=self.adjoint(function.body))),)
        kind_of = self.plan.versions.context.lasting_kind
        plain = map_statement(s, lambda node: with_plain_products(node, kind_of))
        plain = map_statement(plain, lambda node: with_inner_products(node, kind_of))
        return (map_statement(plain, self.spelled),)

    def spelled(self, node: Expr) -> Expr:
        match node:
            case Unary(op="not", operand=Name(id=token)):
                match self.plan.decisions.get(token):
                    case Inline(value=Unary(op="not", operand=operand)):
                        return self.spelled(operand)
        if isinstance(node, Name) and "@" in node.id:
            found = self.plan.spelled(node.id)
            return self.spelled(found) if isinstance(self.plan.decisions[node.id], Inline) else found
        return map_children(node, self.spelled)

    def restored(self, region: Region) -> Block:
        """The values of a region, at its mirrored beginning."""
        lines: list[Statement] = []
        for version in self.decided():
            if version.region is not region:
                continue
            name = self.plan.adjoint_names.get(version.token, "")
            match self.plan.decisions[version.token]:
                case Stacked(list_token=token, conditional=True):
                    lines.append(Assign(Name(name), Call(Attribute(Name(self.stack(token)), "pop"))))
                case Recomputed(value=value):
                    lines.append(Assign(Name(name), self.spelled(value)))
        return tuple(lines)

    def stack(self, token: str) -> str:
        """The list that the adjoint takes a conditional value from."""
        name = self.plan.adjoint_names[token]
        return name if self.uses_up(token) else f"{name}_left"

    def uses_up(self, token: str) -> bool:
        """True for a list that the adjoint may empty: it runs once, and no other list has it as an element."""
        return self.joint and isinstance(self.plan.decisions[token], Held)

    def backward_loop(self, s: Backwards, loop: Loop, body: Block) -> Block:
        lists = self.plan.lists(loop, conditional=False)
        before: list[Statement] = []
        for version in self.plan.lists(loop, conditional=True):
            found = self.plan.decisions[version.token]
            assert isinstance(found, Stacked)
            if not self.uses_up(found.list_token):
                copy = Call(Attribute(Name(self.plan.adjoint_names[found.list_token]), "copy"))
                before.append(Assign(Name(self.stack(found.list_token)), copy))
        target, iterable, first = self.backward_head(loop, lists)
        told, forgotten = self.last_round(loop)
        rounds = For(target, iterable, (*first, *self.adjoint(body), *forgotten), origin=s.origin, remark=s.remark)
        return (*before, *told, rounds)

    def last_round(self, loop: Loop) -> tuple[Block, Block]:
        """What tells the round with which the backward loop begins, if it is asked for, and what it is at its end."""
        for version in self.of_step(loop, "last"):
            found = self.plan.decisions[version.token]
            assert isinstance(found, LastRound)
            name = Name(self.plan.adjoint_names[version.token])
            nothing = Const(False) if self.kind_of(Name(version.token)) == Number("bool") else Const(0)
            ended = Const(True) if found.ended is None else self.spelled(Name(found.ended))
            return (Assign(name, ended),), (Assign(name, nothing),)
        return (), ()

    def backward_head(self, loop: Loop, lists: list[Version]) -> tuple[Expr, Expr, Block]:
        """What the backward loop binds, what it runs over, and what it reads first."""
        targets = [Name(self.plan.adjoint_names[version.token]) for version in lists]
        sources = [Name(self.list_name(version)) for version in lists]
        back = [Call(Global("reversed"), (source,)) for source in sources]
        index = self.index_name(loop)
        if not lists:
            return Name(index or "_"), self.backward_range(loop), ()
        if index is None:
            return (targets[0], back[0], ()) if len(lists) == 1 else (TupleOf(tuple(targets)), _zip(*back), ())
        assert loop.way is not None
        if counts_from_zero(loop.way):
            reads = tuple(Assign(t, Index(source, Name(index))) for t, source in zip(targets, sources, strict=True))
            return Name(index), self.backward_range(loop), reads
        return TupleOf((Name(index), *targets)), _zip(self.backward_range(loop), *back), ()

    def list_name(self, version: Version) -> str:
        found = self.plan.decisions[version.token]
        assert isinstance(found, Stacked)
        return self.plan.adjoint_names[found.list_token]

    def index_name(self, loop: Loop) -> str | None:
        """The name of the loop's index in the adjoint, if it is read."""
        for version in self.of_step(loop, "index"):
            return self.plan.adjoint_names[version.token]
        return None

    def backward_range(self, loop: Loop) -> Expr:
        if self.index_name(loop) is None:
            return Call(Global("range"), (self.rounds_run(loop),))
        assert loop.way is not None
        if not loop.ends_early and not self.plan.has_counted(loop):
            return self.head(backwards(loop.way, self.kind_of), loop)
        if counts_from_zero(loop.way):
            return backwards(Range(Const(0), self.rounds_run(loop), Const(1)), self.kind_of)
        assert isinstance(loop.statement, For)
        numbers = Index(self.head(loop.statement.iterable, loop), Slice(upper=self.rounds_run(loop)))
        return Call(Global("reversed"), (numbers,))

    def head(self, node: Expr, loop: Loop) -> Expr:
        """An expression in the head of a loop, as it stood before it."""
        return self.spelled(Sizes(self.plan.versions).expression(tokenised(node, loop.before)))

    def rounds_run(self, loop: Loop) -> Expr:
        """How many rounds a loop has had."""
        if not loop.ends_early and not self.plan.has_counted(loop):
            assert loop.way is not None
            return self.head(rounds(loop.way, self.kind_of), loop)
        if loop in self.plan.counts:
            return self.spelled(Name(self.plan.counts[loop]))
        return Call(Global("len"), (Name(self.list_name(self.plan.lists(loop, conditional=False)[0])),))


def _zip(*parts: Expr) -> Expr:
    return Call(Global("zip"), parts)
