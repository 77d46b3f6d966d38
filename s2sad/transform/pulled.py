"""The adjoints of calls: of the backward functions of what is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from s2sad.analysis.changes import changed_arguments, changed_variables
from s2sad.analysis.context import Context
from s2sad.analysis.ownership import is_new
from s2sad.ir import Assign, Call, Const, D, Evaluate, Expr, Global, Index, Name, Routine, Statement, TupleOf
from s2sad.kind import Kind, List, Number, Sequence, Unknown
from s2sad.naming import Names
from s2sad.transform.adjoints import Adjoints
from s2sad.transform.byhand import HandPair
from s2sad.transform.containers import adjoint_kind, zeros_like
from s2sad.transform.steps import CallStep
from s2sad.transform.transpose import Contribution, Let, transpose
from s2sad.transform.versions import Versions, tokenised
from s2sad.traversal import assigned, names_in

__all__ = ["Calls", "Pair", "PairOf"]

Place = Callable[[Iterable[Contribution], dict[str, str], Adjoints], list[Statement]]
Inherit = Callable[[Iterable[Contribution], set[Expr], Adjoints], None]


@dataclass(frozen=True)
class Pair:
    """The forward and backward function of a callee.

    `saves` is false if nothing goes from one to the other; `params` are the parameters that the backward one takes as
    they were, `changed` those whose adjoints it changes in place, or, if they are among the `returned`, replaces; `shaped` are
    the positions of those of the backward function's own parameters of which it reads nothing but the shape. `hand` tells how
    it is called if it is given by hand.
    """

    forward: str
    backward: str
    saves: bool
    params: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    shaped: frozenset[int] = frozenset()
    hand: HandPair | None = None


#: The pair for a call; the second argument says whether there is an adjoint of what the callee returns.
PairOf = Callable[[CallStep, bool], Pair]


@dataclass
class Calls:
    """Writes the adjoints of calls; `place` makes statements of contributions, `inherit` notes the adjoints that own what was
    handed to them.
    """

    context: Context
    names: Names
    versions: Versions
    pair_of: PairOf
    place: Place
    inherit: Inherit

    def call(self, step: CallStep, adjoints: Adjoints) -> list[Statement]:
        adjoints.here = step.after
        ct, lines = self.result_cotangent(step.result, adjoints)
        changed = changed_variables(step.statement)
        for name in assigned(step.statement) - set(changed):
            adjoints.drop(name)
        if ct is None and all(map(adjoints.is_zero, changed)):
            return []
        pair = self.pair_of(step, ct is not None)
        bars = {param: self.changed_adjoint(step.arguments[param], step, adjoints, lines) for param in pair.changed}
        saved = (Name(step.after[step.saved]),) if pair.saves else ()
        kept = step.arguments if pair.saves else pair.params
        changing = changed_arguments(step.call)
        step.copied |= {
            p for p in kept if step.arguments[p] not in changing and self.may_change(step, step.arguments[p])
        }
        handed = tuple(self.argument(step, name) for name in pair.params)
        seeds = (*(() if ct is None else (ct,)), *bars.values())
        order = (*seeds, *saved, *handed) if pair.hand is None else (*handed, *saved, *seeds)
        backward = Call(Routine(pair.backward), order)
        adjoints.here = step.before
        kinds = {name: self.context.kind(arg) for name, arg in step.arguments.items()}
        returned = {param: bars[param] for param in pair.returned}
        lines += self.distributed(step, backward, kinds, adjoints, pair, returned)
        return lines

    def changed_adjoint(self, arg: Expr, step: CallStep, adjoints: Adjoints, lines: list[Statement]) -> Expr:
        """The adjoint of an argument that the callee changes, which its backward function changes back."""
        if isinstance(arg, Index):
            return Index(self.changed_adjoint(arg.value, step, adjoints, lines), tokenised(arg.index, step.before))
        assert isinstance(arg, Name)
        lines += adjoints.writable(arg.id)
        return adjoints.bar(arg.id)

    def may_change(self, step: CallStep, arg: Expr) -> bool:
        """True for an argument whose object is changed in place somewhere: what the callee saves may be part of it."""
        if isinstance(self.context.kind(arg), Number) or is_new(arg):
            return False
        return any(
            name in self.context.changing or step.before.get(name) in self.versions.exposed for name in names_in(arg)
        )

    def argument(self, step: CallStep, param: str) -> Expr:
        """An argument of a call, for the backward function."""
        if param in step.names:
            step.used.add(param)
            return Name(step.after[step.names[param]])
        return tokenised(step.arguments[param], step.before)

    def result_cotangent(self, target: Expr | None, adjoints: Adjoints) -> tuple[Expr | None, list[Statement]]:
        """The adjoint of a call's result, of full shape; None if it is zero."""
        match target:
            case Name(id=name):
                if adjoints.is_zero(name):
                    return None, []
                lines = adjoints.full(name)
                ct, known = adjoints.cotangent(name), adjoints.state.get(name)
                if (
                    ct is not None
                    and known is not None
                    and _is_list(self.context.kind(target))
                    and not _is_list(known.kind)
                ):
                    # The adjoint of a list may be an array, but the function gets what it has returned.
                    ct = Call(Global("list"), (ct,))
                return ct, lines
            case TupleOf(items=items):
                found = [self.result_cotangent(item, adjoints) for item in items]
                if all(ct is None for ct, _ in found):
                    return None, []
                lines = [line for _, inner in found for line in inner]
                cts = (
                    self.zero_item(item, adjoints) if ct is None else ct
                    for item, (ct, _) in zip(items, found, strict=True)
                )
                return TupleOf(tuple(cts)), lines
        return None, []

    def zero_item(self, item: Expr, adjoints: Adjoints) -> Expr:
        match item:
            case Name(id=name):
                return zeros_like(adjoints.primal(name), self.context.kind(item))
            case TupleOf(items=items):
                return TupleOf(tuple(self.zero_item(inner, adjoints) for inner in items))
        return Const(0.0)

    def distributed(
        self,
        step: CallStep,
        backward: Expr,
        kinds: dict[str, Kind],
        adjoints: Adjoints,
        pair: Pair,
        returned: dict[str, Expr],
    ) -> list[Statement]:
        """The adjoints of a call's arguments, handed on to what the arguments are; `returned` are those that it replaces."""
        hand = pair.hand
        zeros = pair.changed if hand is None else hand.zeros
        active = [(param, linear) for param, linear in step.active if param not in zeros]
        if not active and not returned:
            return [Evaluate(backward)]
        variables = [linear.id if isinstance(linear, D) else None for _, linear in active]
        if not returned and len(variables) == 1 and variables[0] is not None and variables[0] in adjoints.state:
            value = (
                backward if hand is None else self.tested(hand, hand.part(backward, active[0][0]), active[0][0], step)
            )
            return adjoints.add(variables[0], value)
        targets: list[Expr] = []
        after: list[Contribution] = []
        before = adjoints.settle(*(adjoints.bar_name(v) for v in variables if v is not None and adjoints.is_zero(v)))
        for (param, _), variable in zip(active, variables, strict=True):
            is_first = variable is not None and adjoints.is_zero(variable) and variables.count(variable) == 1
            name = adjoints.bar_name(variable) if is_first and variable else self.names.unique(f"{param}_bar")
            targets.append(Name(name))
            self.context.note(name, adjoint_kind(kinds[param]))
            if is_first and variable:
                # What is given by hand may hand its argument back; what is of unknown kind may be a tuple.
                adjoints.receive(variable, targets[-1], owned=hand is None and not isinstance(kinds[param], Unknown))
            else:
                after.append(Let("", targets[-1]))
        every = (*returned.values(), *targets)
        target = every[0] if len(every) == 1 else TupleOf(every)
        if hand is not None:
            target = hand.target(dict(zip((param for param, _ in active), targets, strict=True)))
        lines: list[Statement] = [*before, Assign(target, backward)]
        for (param, _), bar in zip(active, targets, strict=True):
            tested = bar if hand is None else self.tested(hand, bar, param, step)
            lines += [] if tested == bar else [Assign(bar, tested)]
        temporaries = [line.value for line in after if isinstance(line, Let)]
        for (_, linear), bar in zip(active, targets, strict=True):
            if bar in temporaries and isinstance(bar, Name):
                contributions = transpose(linear, bar, self.context, self.names)
                lines += self.place(contributions, step.before, adjoints)
                self.inherit(contributions, {bar}, adjoints)
        return lines

    def tested(self, hand: HandPair, adjoint: Expr, param: str, step: CallStep) -> Expr:
        """An adjoint by hand with a test of its shape, where that is needed."""
        return adjoint if hand.fits else hand.test(adjoint, self.argument(step, param))


def _is_list(kind: Kind) -> bool:
    return isinstance(kind, List | Sequence)
