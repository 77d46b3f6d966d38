"""The adjoint of a change in place: the adjoint of the object is changed the other way, and what was put in gets its part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from s2sad.analysis.changes import (
    APPENDED,
    INCREASED,
    INCREASES,
    INSERTED,
    POPPED,
    are_apart,
    is_change,
    keeps_form,
)
from s2sad.analysis.context import Context
from s2sad.ir import Assign, Attribute, Call, Const, D, Evaluate, Expr, Index, Name, Statement
from s2sad.kind import Array, Dict, List, Number, Record, Sequence, Unknown, same_shape
from s2sad.naming import Names
from s2sad.syntax import template
from s2sad.transform.adjoints import Adjoints, is_fresh, zeros_like
from s2sad.transform.containers import adjoint_kind, copied
from s2sad.transform.differential import is_linear, leaves
from s2sad.transform.steps import Change
from s2sad.transform.transpose import Add, Branch, Contribution, Let, Scatter, as_value, pull, substituted, transpose
from s2sad.transform.versions import tokenised
from s2sad.traversal import walk

__all__ = ["Changes"]

Place = Callable[[Iterable[Contribution], dict[str, str], Adjoints], list[Statement]]


@dataclass
class Changes:
    """Writes the adjoints of changes; `place` makes statements of contributions."""

    context: Context
    names: Names
    place: Place

    def change(self, step: Change, adjoints: Adjoints) -> list[Statement]:
        """The adjoint of one change. It leaves the adjoint of the object behind, as it was before."""
        if not is_change(step.linear):
            # What was put in carries no derivative, and was added.
            return []
        assert isinstance(step.linear, Call)
        adjoints.here = step.after
        lines = adjoints.settle(adjoints.bar_name(step.variable))
        if step.linear.func == POPPED:
            return lines + self.popped(step, adjoints)
        if step.variable not in adjoints.state:
            return lines
        lines += adjoints.writable(step.variable)
        bar = adjoints.bar(step.variable)
        adjoints.here = step.before
        return lines + self.undone(step.linear, bar, step, adjoints)

    def popped(self, step: Change, adjoints: Adjoints) -> list[Statement]:
        """What was taken from a list: its adjoint goes back there."""
        assert isinstance(step.popped, Name)
        name = step.popped.id
        if adjoints.is_zero(name) and adjoints.is_zero(step.variable):
            return []
        lines = [*adjoints.full(name), *adjoints.writable(step.variable)]
        ct = adjoints.cotangent(name)
        assert ct is not None
        adjoints.drop(name)
        bar = adjoints.bar(step.variable)
        assert isinstance(step.linear, Call)
        match step.linear.args:
            case (_, index):
                return [*lines, self.put_back(bar, tokenised(index, step.before), ct)]
        return [*lines, Evaluate(Call(Attribute(bar, "append"), (ct,)))]

    def put_back(self, bar: Expr, index: Expr, ct: Expr) -> Statement:
        """The adjoint of an element goes back to the place that it was taken from."""
        if index == Const(-1):
            return Evaluate(Call(Attribute(bar, "append"), (ct,)))
        kind = self.context.kind(bar)
        if isinstance(kind, Record | Dict):
            return Assign(Index(bar, index), ct)
        if isinstance(kind, Unknown):
            reason = "cannot differentiate `pop`: whether it takes from a list or a dict is not known"
            raise self.context.refusal(
                "S202", reason, index, "declare the kinds of the arguments: --arg or annotations"
            )
        place = template("i if i >= 0 else len(x) + 1 + i", i=index, x=bar)
        if isinstance(index, Const):
            # The list is shorter by one than it was when the place was counted from its end.
            place = index if index.value >= 0 else Const(index.value + 1)
        return Evaluate(Call(Attribute(bar, "insert"), (place, ct)))

    def undone(self, linear: Expr, bar: Expr, step: Change, adjoints: Adjoints) -> list[Statement]:
        """The adjoint of a change of the object whose adjoint is `bar`."""
        if not is_change(linear):
            return []
        assert isinstance(linear, Call)
        env = step.before
        if linear.func == APPENDED:
            return self.taken_out(linear.args[1], Call(Attribute(bar, "pop")), env, adjoints)
        old, index, new = linear.args
        if linear.func == INSERTED:
            place = self.place_of_inserted(tokenised(index, env), bar)
            return self.taken_out(new, Call(Attribute(bar, "pop"), (place,)), env, adjoints)
        element = bar if index == Const(...) else Index(bar, tokenised(index, env))
        if linear.func == INCREASED and self.repeats(old, index, new):
            element = template("_stored(x, i)", x=bar, i=as_value(tokenised(index, env)))
        if linear.func in INCREASES:
            return self.handed_on(Index(old, index), new, element, env, adjoints)
        if is_change(new):
            return self.undone(new, element, step, adjoints)
        return self.replaced(Index(old, index), new, element, step, adjoints)

    def taken_out(self, new: Expr, popped: Expr, env: dict[str, str], adjoints: Adjoints) -> list[Statement]:
        """The last element of the adjoint of a list, which is that of what was appended."""
        if not is_linear(new):
            return [Evaluate(popped)]
        if isinstance(new, D) and not self.context.is_split(new.id):
            return self.place([Add(new.id, popped)], env, adjoints)
        shared = self.named(popped, new)
        return [Assign(shared, popped), *self.place(self.pulled(new, shared), env, adjoints)]

    def place_of_inserted(self, index: Expr, bar: Expr) -> Expr:
        """Where an element is that was inserted: places beyond an end are that end, those from the end are before one."""
        kind = self.context.kind(bar)
        match index:
            case Const(value=0):
                return index
            case Const(value=int() as place) if isinstance(kind, Sequence):
                return Const(slice(place, None).indices(len(kind.items) - 1)[0])
            case Const(value=int() as place) if place > 0:
                return template("min(i, len(x) - 1)", i=index, x=bar)
        from_start = template("i if i >= 0 else max(len(x) - 1 + i, 0)", i=index, x=bar)
        return template("min(i, len(x) - 1)", i=from_start, x=bar)

    def handed_on(
        self, whole: Expr, new: Expr, element: Expr, env: dict[str, str], adjoints: Adjoints
    ) -> list[Statement]:
        """The adjoint of what was added to an element is that of the element, which stays."""
        if not is_linear(new):
            return []
        contributions = pull(whole, new, element, self.context, self.names)
        # The adjoint of the element is read by others before it changes, and once it changes not again.
        others = [line for line in contributions if _leaves(line, whole)]
        own = [line for line in contributions if line not in others]
        if not any(_reads(line, element) for line in own[1:]) and not any(isinstance(line, Branch) for line in own):
            return self.place([self.own(line) for line in (*others, *own)], env, adjoints)
        shared = self.named(element, whole)
        value = copied(element, self.context.kind(element))
        contributions = pull(whole, new, shared, self.context, self.names)
        return [Assign(shared, value), *self.place(contributions, env, adjoints)]

    def own(self, line: Contribution) -> Contribution:
        """A part of an adjoint that goes on changing is copied where it is handed on as it is."""
        match line:
            case Add(value=value) | Let(value=value) if not self.lasts(value):
                return replace(line, value=copied(value, self.context.kind(value)))
        return line

    def lasts(self, value: Expr) -> bool:
        return is_fresh(value) or isinstance(self.context.kind(value), Number)

    def replaced(self, whole: Index, new: Expr, element: Expr, step: Change, adjoints: Adjoints) -> list[Statement]:
        """What was overwritten had no effect: its adjoint becomes zero."""
        self.check_shape(whole, step)
        env = step.before
        kind = self.context.kind(element)
        is_number = isinstance(kind, Number) or isinstance(self.context.kind(whole.value), Array)
        target = Index(element, whole.index) if whole.index == Const(...) else element
        clear = Assign(target, Const(0.0) if is_number else zeros_like(element, kind))
        if not is_linear(new):
            return [clear]
        if isinstance(new, D) and isinstance(self.context.kind(element), Number) and new.id not in leaves(whole):
            lines = self.handed_on(whole, new, element, env, adjoints)
            return [*lines, *adjoints.settle(adjoints.bar_name(step.variable)), clear]
        shared = self.named(element, whole)
        contributions = pull(whole, new, shared, self.context, self.names)
        if isinstance(self.context.kind(element), Number):
            return [Assign(shared, element), clear, *self.place(contributions, env, adjoints)]
        if isinstance(element, Index) and self.repeats(whole.value, whole.index, new):
            stored = template("_stored(x, i)", x=element.value, i=as_value(element.index))
            return [Assign(shared, stored), clear, *self.place(contributions, env, adjoints)]
        count = self.readable(contributions, shared, whole, step.variable)
        early, late = contributions[:count], contributions[count:]
        first = self.place([substituted(line, {shared: element}) for line in early], env, adjoints)
        if not early:
            first = [Assign(shared, copied(element, self.context.kind(element)))]
        lines = [*first, *adjoints.settle(adjoints.bar_name(step.variable)), clear]
        return [*lines, *self.place(late, env, adjoints)]

    def readable(self, lines: tuple[Contribution, ...], ct: Name, whole: Index, variable: str) -> int:
        """How many contributions come before what they read, the adjoint `ct` of `whole`, is cleared, so that no copy of it is
        needed; 0 if one of them changes it, lets it be seen later, or it is read more often than a copy costs.
        """
        readers = [k for k, line in enumerate(lines) if substituted(line, {ct: whole}) != line]
        early = lines[: readers[-1] + 1] if readers else ()
        alone = all(self.leaves_alone(line, whole, variable) for line in early)
        return len(early) if alone and _times_read(ct, early) <= 2 else 0

    def leaves_alone(self, line: Contribution, whole: Index, variable: str) -> bool:
        match line:
            case Let(value=value):
                return is_fresh(value)
            case Add(name=name, value=value):
                return name != variable and is_fresh(value)
            case Scatter(name=name, path=path, value=value):
                is_array = isinstance(self.context.kind_of_name(name), Array)
                apart = name != variable or (whole.value == D(name) and are_apart(path[0], whole.index))
                return apart and (is_array or (is_fresh(value) and name != variable))
        return False

    def repeats(self, container: Expr, index: Expr, new: Expr) -> bool:
        """True if values that carry a derivative may be assigned to one element, of which the last stays."""
        is_single = isinstance(self.context.kind(container), List | Sequence | Record | Dict)
        return is_linear(new) and not is_single and self.context.may_repeat(index)

    def check_shape(self, whole: Index, step: Change) -> None:
        """Refuse an element of a list that may get another shape: its adjoint before and after would be different things."""
        kind = self.context.kind(whole)
        is_kept = isinstance(self.context.kind(whole.value), List | Sequence | Record)
        is_kept = is_kept and step.variable not in self.context.filled
        assert isinstance(step.statement, Assign) and isinstance(step.statement.value, Call)
        if is_kept and not same_shape(kind, kind) and not keeps_form(step.statement.value):
            reason = "cannot differentiate this assignment: the element may get another shape or type"
            raise self.context.refusal("S301", reason, whole, "assign it to a variable")

    def named(self, value: Expr, like: Expr) -> Name:
        name = Name(self.names.unique("t_bar"))
        self.context.note(name.id, adjoint_kind(self.context.kind(like)))
        return name

    def pulled(self, new: Expr, ct: Expr) -> list[Contribution]:
        return list(transpose(new, ct, self.context, self.names))


def _times_read(name: Name, lines: Iterable[Contribution]) -> int:
    values = (line.value for line in lines if isinstance(line, Let | Add | Scatter))
    return sum(node == name for value in values for node in walk(value))


def _leaves(line: Contribution, whole: Expr) -> bool:
    """True for a contribution that leaves the adjoint of `whole`, a variable or an element of one, as it is."""
    match line:
        case Let():
            return True
        case Add(name=name):
            return name not in leaves(whole)
        case Scatter(name=name, path=path):
            is_apart = isinstance(whole, Index) and whole.value == D(name) and are_apart(path[0], whole.index)
            return name not in leaves(whole) or is_apart
        case Branch(then=then, orelse=orelse):
            return all(_leaves(inner, whole) for inner in (*then, *orelse))
    return False


def _reads(line: Contribution, element: Expr) -> bool:
    """True if what a contribution adds is computed from an element of an adjoint."""
    return isinstance(line, Let | Add | Scatter) and element in walk(line.value)
