"""Reverse mode: the primal part with what it saves, then the adjoint part, in one function or in two.

*Joint* (`grad`, `value_and_grad`): one function. *Split*: `vjp` returns a pullback, a function over what the primal part
holds; a callee has a forward function, which returns what the backward function needs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from s2sad.analysis.kinds import NOTHING
from s2sad.ir import (
    Assign,
    Block,
    Comment,
    Const,
    Def,
    DictOf,
    Expr,
    Function,
    If,
    Index,
    ListOf,
    Name,
    Param,
    Raise,
    Return,
    Statement,
    TupleOf,
)
from s2sad.kind import Array, Kind, List, Number, Record, Sequence
from s2sad.options import Options
from s2sad.simplify.dead import without_dead_code
from s2sad.simplify.joined import with_joined_lists
from s2sad.simplify.lists import without_twins
from s2sad.simplify.updates import direct_copies, direct_return, with_updates
from s2sad.transform.adjoints import Adjoints
from s2sad.transform.backward import Backward, Backwards, is_active
from s2sad.transform.containers import adjoint_kind
from s2sad.transform.elements import filled_once
from s2sad.transform.exits import structured
from s2sad.transform.outputs import (
    check_active,
    check_scalar,
    handed_back,
    outputs,
    runtime_check,
    value_name,
    wrong_result,
)
from s2sad.transform.primal import Primal
from s2sad.transform.pulled import Pair, PairOf
from s2sad.transform.residuals import Plan, decide
from s2sad.transform.sizes import Sizes, is_read_for_shape
from s2sad.transform.steps import Branching, CallStep, Line, Plain, Step, linearise
from s2sad.transform.versions import Version, number
from s2sad.transform.weave import Weaver
from s2sad.traversal import assigned, blocks

__all__ = ["Reverse"]


@dataclass(frozen=True, eq=False)
class PrimalOf(Statement):
    """Here the primal statements of some steps stand; a return in them becomes an assignment to `value`."""

    steps: tuple[Step, ...]
    value: str | None = None


@dataclass(frozen=True, eq=False)
class Carried(Statement):
    """A statement of the primal part, which is written as it is."""

    statement: Statement


@dataclass(frozen=True, eq=False)
class Given(Statement):
    """A statement in the primal's names, which stays as it is."""

    statement: Statement


@dataclass
class Reverse:
    """The reverse mode of one function. `pair_of` gives the functions of a callee; `functions` the callees' primals."""

    primal: Primal
    inputs: tuple[str, ...]
    functions: Callable[[str], Function]
    pair_of: PairOf
    routine_is_pure: Callable[[str], bool]
    saves: dict[str, str] = field(default_factory=dict)
    bars: dict[str, str] = field(default_factory=dict)
    result_bar: str = ""

    def __post_init__(self) -> None:
        self.context = self.primal.context
        self.names = self.primal.names
        body = structured(self.primal.function.body)
        self.steps = linearise(body, self.primal, self.functions)
        self.versions = number(self.steps, self.primal.function, self.context)
        self.sizes = Sizes(self.versions)

    def backward(self, seed: Expr | None) -> Backward:
        return Backward(self.context, self.names, self.versions, self.remembered_pair, seed, self.bars)

    def last_backward(self, seed: Expr) -> Backward:
        """The same where the adjoints of the inputs are returned to the user."""
        return replace(self.backward(seed), final=filled_once(self.steps, self.inputs, self.context))

    def remembered_pair(self, step: CallStep, with_result: bool) -> Pair:
        pair = self.pair_of(step, with_result)
        if pair.saves:
            self.saves[step.saved] = pair.forward
        self.sizes.shaped[pair.backward] = pair.shaped
        return pair

    # ------------------------------------------------------------------- joint

    def joint(self, name: str, options: Options) -> tuple[Function, Plan]:
        """`grad` or `value_and_grad`: the primal part followed by the adjoint part."""
        with_value = options.mode == "value_and_grad"
        writer = _Seeded(self, options) if options.mode == "adjoint" else _Joint(self, options, with_value)
        block = self.sizes.block(writer.paths(self.steps))
        plan = self.plan(block, split=False, drops_loops=not with_value, reserved=writer.reserved)
        body = self.finished(block, plan, joint=True)
        params = _with_positional(self.primal.function.params, writer.extra)
        return Function(name, params, body, self.primal.function.doc, self.primal.function.changes), plan

    # ------------------------------------------------------------------- split

    def pullback(self, name: str, options: Options) -> tuple[Function, Plan]:
        """`vjp`: returns the value and a function from its adjoint to those of the inputs."""
        self.versions.change_afterwards(self.primal.function.changes)
        writer = _Pullback(self, options)
        block = self.sizes.block(writer.paths(self.steps))
        plan = self.plan(block, split=True, drops_loops=False, reserved=writer.reserved)
        body = self.finished(block, plan, joint=False)
        function = self.primal.function
        return Function(name, function.params, body, function.doc, function.changes), plan

    def pair(self, pair: Pair, recursive: bool, with_result: bool) -> tuple[Pair, Function, Function, Plan]:
        """A callee's forward and backward function, and what the backward one takes: the adjoint of the result, if there is
        one, and those of the parameters that are changed.

        A recursive function calls its own pair before this is known: it saves its parameters with the rest.
        """
        function = self.primal.function
        self.versions.change_afterwards(function.changes)
        value = Name(value_name(self)) if function.gives == "value" else None
        seeds, adjoints, lines = self.from_seeds(value, pair.changed, with_result)
        # A recursive function calls itself as its pair says.
        returned = pair.returned or tuple(name for name in pair.changed if _is_rebound(lines, self.bars[name]))
        lines += [
            Assign(Index(Name(self.bars[name]), Const(...)), Const(0.0))
            for name in pair.changed
            if adjoints.is_zero(name) and name not in returned
        ]
        given_back = tuple(name for name in self.inputs if name not in pair.changed)
        self.versions.bars = {name: self.bars[name] for name in pair.changed if name not in returned}
        adjoint = self.sizes.block((*lines, *handed_back(self, (*returned, *given_back), adjoints)))
        plan = self.plan(adjoint, split=True, drops_loops=False, reserved=set(seeds))
        weaver = self.weaver(plan, joint=False)
        handed = () if recursive else tuple(v.name for v in plan.in_order() if v.how == "param" and plan.is_held(v))
        captured = [name for name in plan.captured() if name not in handed]
        saved = self.names.unique("saved")
        packed: Expr = Name(captured[0]) if len(captured) == 1 else TupleOf(tuple(map(Name, captured)))
        # A recursive function that saves nothing after all has been called as one that does.
        saves = bool(captured) or recursive or self.primal.is_tested
        results = ((value,) if value is not None else ()) + ((packed,) if saves else ())
        primal = (
            *self.unset(plan, split=True),
            *weaver.entry(),
            *self.expanded((PrimalOf(self.steps, None if value is None else value.id),), weaver),
            *(Return(result if len(results) == 1 else TupleOf(results)) for result in results[:1]),
        )
        ahead = Function(pair.forward, function.params, self.tidied(primal, function.changes), changes=function.changes)
        second = (Param(captured[0] if len(captured) == 1 else saved),) if saves else ()
        unpack = (Assign(TupleOf(tuple(map(Name, captured))), Name(saved)),) if len(captured) > 1 else ()
        bars = tuple(self.bars[name] for name in pair.changed)
        back = self.tidied((*unpack, *weaver.adjoint(adjoint)), bars)
        behind = Function(pair.backward, (*map(Param, seeds), *second, *map(Param, handed)), back, changes=bars)
        plan.function, plan.handed = function.name, captured
        shaped = frozenset(k for k, param in enumerate(behind.params) if is_read_for_shape(back, param.name))
        return replace(pair, saves=saves, params=handed, returned=returned, shaped=shaped), ahead, behind, plan

    def seed_kinds(self, changed: tuple[str, ...]) -> dict[str, Kind]:
        """The kinds of the adjoints that the backward function takes."""
        kinds = {self.bars[name]: self.context.kind_of_name(name) for name in changed}
        return {**kinds, self.result_bar: self.primal.kinds.result}

    def from_seeds(
        self, value: Name | None, changed: tuple[str, ...], with_result: bool
    ) -> tuple[list[str], Adjoints, list[Statement]]:
        """The adjoint statements that begin with the adjoints of the result and of the parameters that are changed, and what
        these are called.
        """
        seeds = []
        if with_result and value is not None:
            self.result_bar = self.names.unique(f"{value.id}_bar")
            seeds.append(self.result_bar)
            self.context.note(seeds[0], adjoint_kind(self.primal.kinds.result))
        writer = self.backward(Name(seeds[0]) if seeds else None)
        adjoints = writer.adjoints()
        for name in changed:
            seeds.append(writer.bar_name(name))
            self.context.note(seeds[-1], adjoint_kind(self.context.kind_of_name(name)))
            adjoints.receive(name, Name(seeds[-1]), owned=True)
        return seeds, adjoints, writer.block(self.steps, adjoints)

    def unset(self, plan: Plan, split: bool) -> Block:
        """Bindings for variables that the adjoint part reads, and that may not be bound on some way."""
        found: dict[str, Expr] = {}
        bound = {param.name for param in self.primal.function.params}
        captured = plan.captured() if split else []
        for version in plan.in_order():
            name = plan.adjoint_names.get(version.token, "")
            inside = version.region.branch is not None and name in captured
            if not inside:
                name = plan.primal_name(version)
            if (inside or self.versions.may_be_unset(version.token)) and name not in bound:
                found[name] = self.placeholder(version)
        return tuple(Assign(Name(name), value) for name, value in found.items())

    def placeholder(self, version: Version) -> Expr:
        """What stands for a value that does not come about on some way, of its type where that is simple."""
        if version.how == "list":
            return ListOf(())
        return _placeholder(self.context.kind_of_name(version.token))

    # ------------------------------------------------------------------ common

    def plan(self, block: Block, *, split: bool, drops_loops: bool, reserved: set[str]) -> Plan:
        return decide(
            _without_primal(block),
            self.versions,
            self.context,
            self.names,
            split=split,
            drops_loops=drops_loops,
            reserved=reserved,
        )

    def weaver(self, plan: Plan, joint: bool) -> Weaver:
        return Weaver(plan, self.context.kind, joint, self.saves)

    def finished(self, block: Block, plan: Plan, joint: bool) -> Block:
        weaver = self.weaver(plan, joint)
        done = (*self.unset(plan, split=False), *weaver.entry(), *self.expanded(block, weaver))
        first = next((i for i, s in enumerate(done) if isinstance(s, Comment)), 0)
        done = (*done[first : first + 1], *done[:first], *done[first + 1 :])
        return _commented(self.tidied(done, self.primal.function.changes))

    def tidied(self, block: Block, changes: Collection[str]) -> Block:
        """The block without what its results do not need, and the parameters that it changes in place."""
        needed = without_dead_code(without_twins(with_joined_lists(block)), self.routine_is_pure, changes)
        return direct_return(direct_copies(with_updates(needed, self.is_number)))

    def is_number(self, name: str) -> bool:
        """True for a variable that is a number all its life, and for the adjoint of one."""
        variables = {bar: user for user, bar in self.bars.items()}
        return isinstance(self.context.kind_of_name(variables.get(name, name)), Number)

    def expanded(self, block: Block, weaver: Weaver) -> Block:
        """Primal and adjoint statements written out."""
        return tuple(line for s in block for line in self.expanded_statement(s, weaver))

    def expanded_statement(self, s: Statement, weaver: Weaver) -> Block:
        match s:
            case PrimalOf(steps=steps, value=value):
                return weaver.primal(steps, value)
            case Carried(statement=statement):
                return (statement,)
            case If(then=then, orelse=orelse) if _has_primal((*then, *orelse)):
                left, right = (self.expanded(side, weaver) for side in (then, orelse))
                return (replace(s, then=left, orelse=right),)
            case Given(statement=statement):
                return (statement,)
            case Comment():
                return (s,)
        return weaver.adjoint_statement(s)


def _placeholder(kind: Kind) -> Expr:
    match kind:
        case List():
            return ListOf(())
        case Sequence(type=name, items=items):
            made = ListOf if name == "list" else TupleOf
            return made(tuple(map(_placeholder, items)))
        case Record(type="dict", keys=keys, items=items):
            return DictOf(keys, tuple(map(_placeholder, items)))
        case Number(dtype=dtype):
            return Const({"int": 0, "bool": False}.get(dtype, 0.0))
        case Array():
            return NOTHING
    return Const(None)


# ------------------------------------------------------------- ways to the exit


@dataclass
class _Paths:
    """Writes one path to each return where that is short: where nothing active lies before a branch that returns."""

    reverse: Reverse
    options: Options
    reserved: set[str] = field(default_factory=set)

    def paths(self, steps: tuple[Step, ...]) -> Block:
        *prefix, last = steps
        match last:
            case Line(statement=Return() as s):
                return self.exit(tuple(prefix), last, s)
            case Plain(statement=Raise()):
                return (PrimalOf(steps),)
            case Branching(statement=If(test=test) as s) if not any(map(self.matters, prefix)):
                then, orelse = self.paths(last.then), self.paths(last.orelse)
                return (PrimalOf(tuple(prefix)), replace(s, test=test, then=then, orelse=()), *orelse)
        return self.together(steps)

    def matters(self, step: Step) -> bool:
        """True if the adjoints of the inputs change over the step."""
        return is_active(step) or bool(assigned(step.statement) & set(self.reverse.inputs))

    def exit(self, prefix: tuple[Step, ...], line: Line, s: Return) -> Block:
        raise NotImplementedError

    def together(self, steps: tuple[Step, ...]) -> Block:
        raise NotImplementedError


def _result_of(line: Line) -> Expr:
    assert isinstance(line.statement, Return)
    return line.statement.value or Const(None)


class _Joint(_Paths):
    """`grad` and `value_and_grad`: each path ends with the adjoint of its own way."""

    def __init__(self, reverse: Reverse, options: Options, with_value: bool) -> None:
        super().__init__(reverse, options)
        self.with_value = with_value
        self.extra: tuple[Param, ...] = ()
        self.seed: Expr = TupleOf((Const(1.0), Const(0.0))) if options.has_aux else Const(1.0)

    def exit(self, prefix: tuple[Step, ...], line: Line, s: Return) -> Block:
        value, aux = self.results(line)
        self.check(value)
        adjoints, lines = self.adjoint((*prefix, line))
        keep: list[Statement] = []
        returned = self.kept(value, "y", keep) if self.with_value else None
        checks = self.runtime_checks(value, keep)
        carried = None if aux is None else self.kept(aux, "aux", keep)
        outs = outputs(self.reverse, self.reverse.inputs, self.options.bare, adjoints, returned, carried)
        return (Comment("primal"), PrimalOf(prefix), *map(Given, keep), *checks, Comment("adjoint"), *lines, *outs)

    def check(self, value: Expr) -> None:
        """Refuse results that have no gradient."""
        check_scalar(self.reverse, value, self.options)

    def runtime_checks(self, value: Expr, keep: list[Statement]) -> Block:
        return runtime_check(self.reverse, value, self.options, keep)

    def results(self, line: Line) -> tuple[Expr, Expr | None]:
        """What is differentiated, and the auxiliary result."""
        value = _result_of(line)
        if self.options.has_aux:
            assert isinstance(value, TupleOf)
            self.check_pair(value)
            return value.items[0], value.items[1]
        return value, None

    def check_pair(self, value: TupleOf) -> None:
        """Refuse what is taken apart as a pair and certainly is none."""
        match value.items[0]:
            case Index(value=pair) if isinstance(self.reverse.context.kind(pair), Array | Number):
                reason = "has_aux=True needs a function that returns a pair (value, aux)"
                raise wrong_result(self.reverse, value, reason, "return a pair")

    def adjoint(self, steps: tuple[Step, ...]) -> tuple[Adjoints, list[Statement]]:
        writer = self.reverse.last_backward(self.seed)
        adjoints = writer.adjoints()
        return adjoints, writer.block(steps, adjoints)

    def kept(self, value: Expr, wish: str, keep: list[Statement]) -> Expr:
        """A result under a name that the adjoint part leaves alone."""
        if isinstance(value, Const):
            return value
        if isinstance(value, Name):
            self.reserved.add(value.id)
            return value
        name = value_name(self.reverse) if wish == "y" else self.reverse.names.unique(wish)
        self.reserved.add(name)
        keep.append(Assign(Name(name), value))
        return Name(name)

    def together(self, steps: tuple[Step, ...]) -> Block:
        for line in _returns(steps):
            self.check(self.results(line)[0])
        name = value_name(self.reverse)
        self.reserved.add(name)
        adjoints, lines = self.adjoint(steps)
        # With an auxiliary result the value is the pair.
        value: Expr = Name(name)
        returned = value if self.with_value else None
        aux = Index(value, Const(1)) if self.options.has_aux and not self.with_value else None
        outs = outputs(self.reverse, self.reverse.inputs, self.options.bare, adjoints, returned, aux)
        return (Comment("primal"), PrimalOf(steps, name), Comment("adjoint"), *lines, *outs)


class _Seeded(_Joint):
    """The same for a result of any shape, whose adjoint is one more parameter."""

    def __init__(self, reverse: Reverse, options: Options) -> None:
        super().__init__(reverse, options, with_value=False)
        name = reverse.names.unique("y_bar")
        reverse.context.note(name, reverse.primal.kinds.result)
        self.seed = Name(name)
        self.extra = (Param(name),)
        self.reserved.add(name)

    def check(self, value: Expr) -> None:
        check_active(self.reverse, value)

    def runtime_checks(self, value: Expr, keep: list[Statement]) -> Block:
        return ()


class _Pullback(_Paths):
    def exit(self, prefix: tuple[Step, ...], line: Line, s: Return) -> Block:
        value = _result_of(line)
        check_active(self.reverse, value)
        name = value.id if isinstance(value, Name) else value_name(self.reverse)
        keep: Block = () if isinstance(value, Name) else (Assign(Name(name), value),)
        self.reserved.add(name)
        return (Comment("primal"), PrimalOf(prefix), *map(Given, keep), *self.closure(name, (*prefix, line), value))

    def together(self, steps: tuple[Step, ...]) -> Block:
        for line in _returns(steps):
            check_active(self.reverse, _result_of(line))
        name = value_name(self.reverse)
        self.reserved.add(name)
        return (Comment("primal"), PrimalOf(steps, name), *self.closure(name, steps, None))

    def closure(self, name: str, steps: tuple[Step, ...], value: Expr | None) -> Block:
        """The pullback over what the primal part holds, and the return of both."""
        reverse = self.reverse
        kind = reverse.context.kind(value) if value is not None else reverse.primal.kinds.result
        if isinstance(value, Name) and value.id in reverse.context.active:
            writer = reverse.last_backward(Const(1.0))
            seed = writer.bar_name(value.id)
            adjoints = writer.adjoints()
            reverse.context.note(seed, kind)
            adjoints.receive(value.id, Name(seed), owned=False)
            steps = steps[:-1]
        else:
            seed = reverse.names.unique(f"{name}_bar")
            writer = reverse.last_backward(Name(seed))
            adjoints = writer.adjoints()
        reverse.context.note(seed, kind)
        lines = writer.block(steps, adjoints)
        body = (*lines, *outputs(reverse, reverse.inputs, self.options.bare, adjoints))
        function = Function(reverse.names.unique("pullback"), (Param(seed),), body)
        return (Comment("adjoint"), Def(function), Return(TupleOf((Name(name), Name(function.name)))))


def _with_positional(params: tuple[Param, ...], extra: tuple[Param, ...]) -> tuple[Param, ...]:
    """Parameters with more behind the positional ones, which then have no defaults."""
    if not extra:
        return params
    positional = tuple(replace(param, default=None) for param in params if param.form != "keyword")
    return (*positional, *extra, *(param for param in params if param.form == "keyword"))


def _returns(steps: tuple[Step, ...]) -> list[Line]:
    found: list[Line] = []
    for step in steps:
        match step:
            case Line(statement=Return()):
                found.append(step)
            case Branching(then=then, orelse=orelse):
                found += _returns((*then, *orelse))
    return found


# ------------------------------------------------------------------- plumbing


def _is_rebound(block: Iterable[Statement], name: str) -> bool:
    """True if an adjoint statement binds the variable anew."""
    for s in block:
        inner = s.body if isinstance(s, Backwards) else tuple(part for own in blocks(s) for part in own)
        if name in assigned(s) or _is_rebound(inner, name):
            return True
    return False


def _has_primal(block: Block) -> bool:
    return any(isinstance(s, PrimalOf) or (isinstance(s, If) and _has_primal((*s.then, *s.orelse))) for s in block)


def _without_primal(block: Block) -> Block:
    """The adjoint statements alone, which speak in tokens."""
    done: list[Statement] = []
    for s in block:
        match s:
            case PrimalOf() | Carried():
                continue
            case If(then=then, orelse=orelse) if _has_primal((*then, *orelse)):
                done += [*_without_primal(then), *_without_primal(orelse)]
            case _:
                done.append(s)
    return tuple(done)


def _commented(block: Block) -> Block:
    """Headings only where there is something under both."""
    kept: list[Statement] = []
    for position, s in enumerate(block):
        match s:
            case If(then=then, orelse=orelse):
                kept.append(replace(s, then=_commented(then), orelse=_commented(orelse)))
            case Comment(text="primal") if isinstance(block[position + 1], Comment):
                continue
            case Comment(text="adjoint") if not _headed(kept):
                continue
            case Comment(text="adjoint") if isinstance(block[position + 1], Return):
                continue
            case _:
                kept.append(s)
    if kept and not any(isinstance(s, Comment) and s.text == "adjoint" for s in kept):
        kept = [s for s in kept if s != Comment("primal")]
    return tuple(kept)


def _headed(kept: list[Statement]) -> bool:
    return any(isinstance(s, Comment) and s.text == "primal" for s in kept)
