"""The primal program with the differential of every statement beside it: what reverse mode walks back over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from s2sad.analysis.calls import bind_call, without_stars
from s2sad.analysis.changes import changed, changed_variables, is_change, overwrites, renews, result_target
from s2sad.analysis.context import Context
from s2sad.analysis.loops import Elements, Enumerated, Iteration, Reversed, Zipped, iteration
from s2sad.analysis.shapes import agree
from s2sad.frontend.attempts import handler_of
from s2sad.ir import (
    Assign,
    Block,
    Call,
    Const,
    Expr,
    For,
    Function,
    If,
    Index,
    Name,
    Result,
    Return,
    Routine,
    Statement,
    Try,
    TupleOf,
    While,
    With,
)
from s2sad.kind import Number
from s2sad.rules import registry
from s2sad.rules.contexts import holds_for_derivatives
from s2sad.simplify.algebra import simplify
from s2sad.simplify.shapes import without_helpers
from s2sad.syntax import template
from s2sad.transform.containers import unpacked
from s2sad.transform.differential import differential, leaves, spread
from s2sad.transform.factor import factor
from s2sad.transform.handed import put_in
from s2sad.transform.hoist import is_expensive, is_passing, is_work, lasting, with_names
from s2sad.transform.primal import Primal
from s2sad.traversal import is_part, map_children, names_in

__all__ = [
    "Branching",
    "CallStep",
    "Change",
    "Line",
    "Loop",
    "Plain",
    "Step",
    "Within",
    "all_leaves",
    "all_steps",
    "leaves_of",
    "linearise",
    "linears",
]


_NOTHING = Const(None)
_NO_CALL = Call(_NOTHING)


@dataclass(eq=False)
class Step:
    """A statement of the primal. Steps are compared by identity; `env` is filled by transform/versions.py: the version of
    each variable before the statement, and, for what it assigns, after it.
    """

    statement: Statement
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Plain(Step):
    """A statement that no derivative flows through."""


@dataclass(eq=False)
class Line(Step):
    """An assignment or return; `parts` are the assigned variables, or parts of a container that is taken apart, with their
    differentials (None for a return).
    """

    parts: tuple[tuple[str | None, Expr], ...] = ()


@dataclass(eq=False)
class Change(Step):
    """A change in place of the object of `variable`; `linear` is its differential, `popped` the target of an element taken
    out.
    """

    variable: str = ""
    linear: Expr = _NOTHING
    popped: Expr | None = None


@dataclass(eq=False)
class CallStep(Step):
    """`target = f(args)` of a function of the program; `active` are the parameters that carry a derivative, with the
    differentials of their arguments; `saved` names what the callee's backward function needs. `arguments` are all arguments
    by parameter, `names` the names for those that are computed, `used` the parameters whose arguments are handed on, `copied`
    those whose arguments change later, so that the forward function gets copies of them.
    """

    target: Expr = _NOTHING
    call: Call = _NO_CALL
    active: tuple[tuple[str, Expr], ...] = ()
    saved: str = ""
    arguments: dict[str, Expr] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    copied: set[str] = field(default_factory=set)

    @property
    def result(self) -> Expr | None:
        """What the value that is returned is assigned to; a call that changes arguments is assigned to these, too."""
        assert isinstance(self.statement, Assign)
        return result_target(self.statement) if changed_variables(self.statement) else self.target


@dataclass(eq=False)
class Branching(Step):
    """An if, or a try with a handler after which the function goes on; `test` is the token of its condition, which is
    whether an exception was caught. Of the try `orelse` is the body, of `guarded` steps, and what is done if it succeeds.
    """

    guarded: int = 0
    then: tuple[Step, ...] = ()
    orelse: tuple[Step, ...] = ()
    test: str = ""
    envs: tuple[dict[str, str], ...] = ()


@dataclass(eq=False)
class Loop(Step):
    """A for or while; `way` is None for a while. `elements` are the active targets with the differentials of what they run
    over; `inside` the versions at the start of its body, `last` the token that tells whether a round left the loop.
    """

    body: tuple[Step, ...] = ()
    way: Iteration | None = None
    elements: tuple[tuple[str, Expr], ...] = ()
    inside: dict[str, str] = field(default_factory=dict)
    counter: str = ""
    last: str = ""

    @property
    def ends_early(self) -> bool:
        """True if its head does not tell how many rounds it has."""
        assert isinstance(self.statement, For | While)
        return self.way is None or self.statement.until is not None


@dataclass(eq=False)
class Within(Step):
    """A with, or a try that is left if an exception comes: its body runs once, with the `final` steps last. `around` is what
    has to be around the adjoint of the body, too.
    """

    final: int = 0
    body: tuple[Step, ...] = ()
    around: Expr | None = None


def all_steps(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps and those in them."""
    for step in steps:
        yield step
        match step:
            case Branching(then=then, orelse=orelse):
                yield from all_steps((*then, *orelse))
            case Loop(body=body) | Within(body=body):
                yield from all_steps(body)


def linears(step: Step) -> list[Expr]:
    """The differentials of a step itself."""
    match step:
        case Line(parts=parts):
            return [linear for _, linear in parts]
        case Change(linear=linear):
            return [linear]
        case CallStep(active=active):
            return [linear for _, linear in active]
        case Loop(elements=elements):
            return [linear for _, linear in elements]
    return []


def leaves_of(step: Step) -> list[str]:
    """The variables to whose adjoints a step itself adds."""
    return [name for linear in linears(step) for name in leaves(linear)]


def all_leaves(steps: Iterable[Step]) -> list[str]:
    """The variables to whose adjoints the steps and those in them add."""
    return [name for step in all_steps(steps) for name in leaves_of(step)]


def linearise(block: Block, primal: Primal, functions: Callable[[str], Function]) -> tuple[Step, ...]:
    """The steps of a block."""
    return _Linearise(primal, functions).block(block)


@dataclass
class _Linearise:
    primal: Primal
    functions: Callable[[str], Function]
    depth: int = 0

    def __post_init__(self) -> None:
        self.context = self.primal.context
        self.names = self.primal.names

    def block(self, block: Block) -> tuple[Step, ...]:
        return tuple(step for s in block for step in self.statement(s))

    def inside(self, block: Block) -> tuple[Step, ...]:
        """The steps of a loop's body."""
        self.depth += 1
        steps = self.block(block)
        self.depth -= 1
        return steps

    def statement(self, s: Statement) -> list[Step]:
        match s:
            case Assign(target=target, value=Call(func=Routine()) as call) if self.context.flows(
                target, call
            ) and not registry.has_rule(call):
                return self.call(s, target, call)
            case Assign() if (changing := changed(s)) is not None:
                return self.change(s, changing)
            case Assign(target=Name(id=name), value=value):
                return self.assign(s, name, value)
            case Assign(target=TupleOf() as target, value=value):
                return self.unpack(s, target, value)
            case If(then=then, orelse=orelse):
                return [Branching(s, then=self.block(then), orelse=self.block(orelse))]
            case While(body=body):
                return [Loop(s, body=self.inside(body))]
            case Try():
                return [self.attempt(s)]
            case With(context=context, body=body):
                self.context.check_bound(s)
                around = context if holds_for_derivatives(context) else None
                return [Within(s, body=self.block(body), around=around)]
            case For():
                return self.loop(s)
            case Return(value=value) if value is not None:
                return self.returned(s, value)
        return [Plain(s)]

    def attempt(self, s: Try) -> Step:
        self.context.check_attempt(s)
        handler, body = handler_of(s), self.block(s.body)
        if handler is None:
            final = self.block(s.final)
            return Within(s, final=len(final), body=(*body, *final))
        then, orelse = self.block(handler.body), self.block(s.orelse)
        return Branching(s, guarded=len(body), then=then, orelse=(*body, *orelse))

    def linear(self, value: Expr) -> Expr | None:
        linear = differential(value, self.context)
        return None if linear is None else factor(without_helpers(linear, self.context.kind), value, self.context)

    def assign(self, s: Assign, name: str, value: Expr) -> list[Step]:
        linear = self.linear(value) if name in self.context.active else None
        parts = [] if linear is None else spread(name, linear, self.context)
        if not parts:
            return [Plain(s)]
        before, value, linears = self.named(value, tuple(own for _, own in parts), Result())
        value = put_in(value, self.context.kind) if name in self.context.refilled else value
        return [*before, Line(replace(s, value=value), parts=_paired(parts, linears))]

    def change(self, s: Assign, variable: str) -> list[Step]:
        if overwrites(s.value, self.context.kind) and variable in self.context.active:
            return self.overwritten(s, variable)
        linear = differential(s.value, self.context) if variable in self.context.active else None
        if linear is None:
            return [Plain(s)]
        before, value, (linear,) = self.named(s.value, (self.collected(linear, s.value),), None)
        value = _in_place_of(value, s.value)
        value = put_in(value, self.context.kind) if variable in self.context.refilled else value
        popped = s.target.items[0] if isinstance(s.target, TupleOf) else None
        return [*before, Change(replace(s, value=value), variable=variable, linear=linear, popped=popped)]

    def overwritten(self, s: Assign, variable: str) -> list[Step]:
        """All elements of an array get new values: for the adjoint it might be a new array."""
        assert isinstance(s.value, Call)
        array, everything, new = s.value.args
        linear = self.linear(new)
        if linear is None:
            return [Plain(s)]
        result = Result() if renews(s.value, self.context.kind) else None
        if not agree(array, new, self.context):
            linear = template("np.broadcast_to(t, np.shape(x))", t=linear, x=array)
        before, new, (linear,) = self.named(new, (linear,), result)
        value = replace(s.value, args=(array, everything, new))
        return [*before, Line(replace(s, value=value), parts=((variable, linear),))]

    def collected(self, linear: Expr, value: Expr) -> Expr:
        """The differential of a change, with terms of one variable collected in that of what is put in."""
        match linear, value:
            case Call(func=func, args=(of, *index, own)), Call(func=same, args=(_, *_, added)) if func == same:
                if not is_change(added):
                    own = factor(without_helpers(own, self.context.kind), added, self.context)
                    return replace(linear, args=(of, *index, own))
                return replace(linear, args=(of, *index, self.collected(own, added)))
        return linear

    def returned(self, s: Return, value: Expr) -> list[Step]:
        linear = self.linear(value)
        if linear is None:
            return [Line(s)]
        before, value, (linear,) = self.named(value, (linear,), None)
        return [*before, Line(replace(s, value=value), parts=((None, linear),))]

    def named(
        self, value: Expr, linear: tuple[Expr, ...], result: Expr | None
    ) -> tuple[list[Step], Expr, tuple[Expr, ...]]:
        """Give names to what the derivative needs of the value's computation."""
        # In a loop every name is a list: there one operation with a number is done again.
        is_worth = is_expensive if self.depth else is_work

        def is_needed(part: Expr, context: Context) -> bool:
            return is_worth(part, context) or is_passing(part, context)

        found = with_names(value, linear, result, self.context, self.names.unique, is_needed, lasting)
        before: list[Step] = [Plain(Assign(Name(name), part)) for name, part in found.parts]
        return before, found.value, tuple(simplify(part, self.context.kind) for part in found.linear)

    def unpack(self, s: Assign, target: TupleOf, value: Expr) -> list[Step]:
        parts: list[tuple[str, Expr]] = []
        for item, part in unpacked(target, value):
            if isinstance(item, Name) and item.id in self.context.active:
                linear = self.linear(part)
                parts += [] if linear is None else spread(item.id, linear, self.context)
        if not parts:
            return [Plain(s)]
        before, value, linears = self.named(value, tuple(linear for _, linear in parts), None)
        return [*before, Line(replace(s, value=value), parts=_paired(parts, linears))]

    def call(self, s: Assign, target: Expr, call: Call) -> list[Step]:
        assert isinstance(call.func, Routine)
        bound = bind_call(self.functions(call.func.key), without_stars(call, self.context.kind))
        if isinstance(bound, str):
            raise self.context.refusal(
                "S201", f"cannot differentiate this call: {bound}", call, "give each argument by position or name"
            )
        active, before = [], list[Step]()
        new, again = dict[Expr, Expr](), dict[Expr, Expr]()
        for name, arg in bound.items():
            linear = self.linear(arg) if self.context.carries(arg) else None
            if linear is not None:
                found = with_names(arg, (linear,), None, self.context, self.names.unique, is_passing, lasting)
                for part, own in found.parts:
                    self.context.note(part, self.context.kind(own))
                    before.append(Plain(Assign(Name(part), own)))
                new[arg], again[arg] = found.value, found.again
                active.append((name, simplify(found.linear[0], self.context.kind) if found.parts else linear))
        bound = {name: again.get(arg, arg) for name, arg in bound.items()}
        saved = self.names.unique(f"{self.functions(call.func.key).name}_saved")
        names = self.argument_names({name: arg for name, arg in bound.items() if not self.is_at_hand(arg)})
        given = map_children(call, lambda arg: new.get(arg, arg))
        assert isinstance(given, Call)
        return [
            *before,
            CallStep(
                replace(s, value=given),
                target=target,
                call=given,
                active=tuple(active),
                saved=saved,
                arguments=bound,
                names=names,
            ),
        ]

    def is_at_hand(self, arg: Expr) -> bool:
        """True for what need not be computed: a number, a variable, a part of a container."""
        is_changed = any(name in self.context.changing for name in names_in(arg))
        return isinstance(arg, Name | Const) or (is_part(arg) and not is_changed)

    def argument_names(self, computed: dict[str, Expr]) -> dict[str, str]:
        """Names for arguments that are computed, by parameter: one for those that are the same expression."""
        known: dict[Expr, str] = {}
        for arg in computed.values():
            if arg not in known:
                known[arg] = self.argument_name(arg)
        return {param: known[arg] for param, arg in computed.items()}

    def argument_name(self, arg: Expr) -> str:
        name = self.names.unique("t")
        self.context.note(name, self.context.kind(arg))
        return name

    # ------------------------------------------------------------------- loops

    def loop(self, s: For) -> list[Step]:
        way = iteration(s.iterable)
        counter = self.names.unique("k")
        self.context.note(counter, Number("int"))
        elements = tuple(self.elements(s.target, way, Name(counter)))
        return [Loop(s, body=self.inside(s.body), way=way, elements=elements, counter=counter)]

    def elements(self, target: Expr, way: Iteration, position: Expr) -> list[tuple[str, Expr]]:
        """The active targets, or parts of them, with the differentials of what they are bound to in one round."""
        found: list[tuple[str, Expr]] = []
        for part, element in bound_elements(target, way, position):
            if isinstance(part, Name) and part.id in self.context.active:
                linear = self.linear(element)
                found += [] if linear is None else spread(part.id, linear, self.context)
        return found


def _in_place_of(value: Expr, original: Expr) -> Expr:
    """A change with names for parts of what is put in, which still is a change of `original`'s object."""
    match value, original:
        case Call(args=(_, *index, new)), Call(args=(old, *_, added)) if is_change(original):
            return replace(value, args=(old, *index, _in_place_of(new, added)))
    return value


def _paired(parts: list[tuple[str, Expr]], linears: tuple[Expr, ...]) -> tuple[tuple[str, Expr], ...]:
    return tuple((name, linear) for (name, _), linear in zip(parts, linears, strict=True))


def bound_elements(target: Expr, way: Iteration, position: Expr) -> list[tuple[Expr, Expr]]:
    """Each part of a loop's target with the expression of its value in the round number `position`."""
    match way:
        case Elements(sequence=sequence):
            return unpacked(target, Index(sequence, position))
        case Reversed(inner=Elements(sequence=sequence)):
            return unpacked(target, Index(sequence, _from_end(position)))
        case Enumerated(inner=inner, start=start) if isinstance(target, TupleOf):
            number = simplify(template("k + start", k=position, start=start), lambda node: Number("float"))
            return [(target.items[0], number), *bound_elements(target.items[1], inner, position)]
        case Zipped(parts=parts) if isinstance(target, TupleOf):
            return [
                pair
                for item, part in zip(target.items, parts, strict=True)
                for pair in bound_elements(item, part, position)
            ]
    return []


def _from_end(position: Expr) -> Expr:
    return template("-1 - k", k=position)
