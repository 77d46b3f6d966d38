"""The adjoint variables while the adjoint program is written: what each holds, and how something is added to it.

Zero is the absence of a value: an adjoint is assigned at its first contribution and added to afterwards. The adjoint of an
array may be a scalar that stands for equal elements. `owned` says that nobody else holds the array, so that it may be
changed in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from s2sad.analysis.context import Context
from s2sad.analysis.ownership import is_new
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Call,
    Const,
    Evaluate,
    Expr,
    Global,
    Index,
    ListOf,
    Name,
    Opaque,
    Slice,
    Statement,
    TupleOf,
    Unary,
    names_in,
)
from s2sad.kind import Array, Kind, List, Number, Sequence, Unknown, constant_dim, same_shape
from s2sad.rules.broadcasting import shape_of
from s2sad.simplify.algebra import is_negative, negated, simplify
from s2sad.syntax import template
from s2sad.transform.transpose import as_value

__all__ = ["Adjoints", "Bar", "is_fresh", "zeros_like"]


@dataclass(frozen=True)
class Bar:
    """What is known of an adjoint variable; `value` is what it is, where that is too short to be written down: a number,
    or another variable, perhaps negated.
    """

    kind: Kind
    owned: bool
    value: Expr | None = None


@dataclass
class Adjoints:
    """The adjoints of the variables; `here` are the versions of the variables at the present place."""

    context: Context
    bar_name: Callable[[str], str]
    here: dict[str, str] = field(default_factory=dict)
    state: dict[str, Bar] = field(default_factory=dict)

    def copy(self) -> Adjoints:
        return replace(self, state=dict(self.state))

    def primal(self, name: str) -> Expr:
        """The variable's value at the present place of the primal program."""
        return Name(self.here.get(name, name))

    def bar(self, name: str) -> Name:
        return Name(self.bar_name(name))

    def kind(self, name: str) -> Kind:
        return self.context.kind_of_name(name)

    def cotangent(self, name: str) -> Expr | None:
        """The adjoint of a variable as an expression; None if it is zero."""
        found = self.state.get(name)
        if found is None:
            return None
        if found.value is not None:
            return found.value
        bar = self.bar(name)
        self.context.note(bar.id, found.kind)
        return bar

    def settle(self, *names: str) -> list[Statement]:
        """Write down the adjoints that are another variable; if names are given, those that read one of these."""
        lines: list[Statement] = []
        for name, bar in self.state.items():
            if bar.value is None or isinstance(bar.value, Const):
                continue
            if not names or set(names_in(bar.value)) & set(names):
                self.state[name] = replace(bar, value=None, owned=bar.owned or is_fresh(bar.value))
                self.context.note(self.bar_name(name), bar.kind)
                lines.append(Assign(self.bar(name), bar.value))
        return lines

    def drop(self, name: str) -> None:
        """The variable is assigned here: before, its adjoint is zero."""
        self.state.pop(name, None)

    # ------------------------------------------------------------ contributions

    def add(self, name: str, value: Expr) -> list[Statement]:
        """`name_bar += value`."""
        if name not in self.state and _is_short(value) and value != self.bar(name):
            self.share(value)
            self.state[name] = Bar(self.context.kind(value), False, value)
            return []
        before = self.settle(self.bar_name(name))
        return [*before, *self.added(name, value)]

    def added(self, name: str, value: Expr) -> list[Statement]:
        self.share(value)
        old = self.state.get(name)
        bar = self.bar(name)
        if old is None and value == bar:
            self.state[name] = Bar(self.context.kind(value), False)
            return []
        if old is None:
            return self.assign(name, value)
        if old.value is not None:
            return self.assign(name, simplify(Binary("+", old.value, value), self.context.kind))
        if isinstance(old.kind, Number) and isinstance(self.kind(name), Number):
            return [_update(bar, value)]
        if isinstance(old.kind, Sequence | List) or (
            isinstance(old.kind, Unknown) and not isinstance(value, Binary | Unary)
        ):
            return self.assign(name, template("_add(x, y)", x=bar, y=value))
        grows = isinstance(old.kind, Number) or not isinstance(old.kind, Array)
        if old.owned and not grows:
            return [_update(bar, value)]
        return self.assign(name, _sum(bar, value))

    def assign(self, name: str, value: Expr) -> list[Statement]:
        if isinstance(value, Const):
            self.state[name] = Bar(self.context.kind(value), True, value)
            return []
        kind = self.context.kind(value)
        self.state[name] = Bar(kind, is_fresh(value))
        self.context.note(self.bar_name(name), kind)
        return [Assign(self.bar(name), value)]

    def scatter(self, name: str, path: tuple[Expr, ...], value: Expr) -> list[Statement]:
        """`name_bar[path] += value`, in place."""
        self.share(value)
        before = [*self.settle(self.bar_name(name)), *self.writable(name)]
        if isinstance(self.kind(name), Unknown) and any(isinstance(index, Slice) for index in path[:-1]):
            return [*before, self.added_at(name, path, value)]
        target: Expr = self.bar(name)
        part: Expr = Name(name)
        for index in path[:-1]:
            target = Index(target, self.view(self.context.kind(part), index))
            part = Index(part, index)
        last = path[-1]
        target_kind, last_kind, added = self.context.kind(part), self.context.kind(last), self.context.kind(value)
        if isinstance(target_kind, Unknown) and not isinstance(last_kind, Number):
            return [*before, Evaluate(template("_add_at(x, i, y)", x=target, i=as_value(last), y=value))]
        is_list = isinstance(target_kind, List | Sequence) and not isinstance(last_kind, Number)
        maybe = isinstance(added, Sequence | List) or (isinstance(added, Unknown) and isinstance(value, Name))
        if is_list or (maybe and not isinstance(target_kind, Array)):
            # `+=` would make a list longer.
            total = template("_add(x, y)", x=Index(target, last), y=value)
            return [*before, Assign(Index(target, last), total)]
        if _may_repeat(last, self.context):
            return [*before, Evaluate(Call(Global("numpy.add.at"), (target, as_value(last), value)))]
        return [*before, _update(Index(target, last), value)]

    def added_at(self, name: str, path: tuple[Expr, ...], value: Expr) -> Statement:
        """The same for a part of a part of what may be a list, whose slices are copies."""
        parts = [self.primal(name)]
        for index in path[:-1]:
            parts.append(Index(parts[-1], index))
        for part, index in reversed(list(zip(parts[1:], path[1:], strict=True))):
            value = template("_scatter(t, i, x)", t=value, i=as_value(index), x=part)
        return Evaluate(template("_add_at(x, i, y)", x=self.bar(name), i=as_value(path[0]), y=value))

    def view(self, kind: Kind, index: Expr) -> Expr:
        """An index of something of this kind that gives a view of it: a slice of a list is a copy."""
        if isinstance(kind, List | Sequence) and not isinstance(self.context.kind(index), Number):
            advice = "make it an array, or take its elements"
            raise self.context.refusal("S202", "cannot differentiate a part of a part of a list", index, advice)
        return index

    def share(self, value: Expr) -> None:
        """An adjoint that another one now looks at must not be changed in place any more."""
        if is_fresh(value):
            return
        held = set(names_in(value))
        for name, bar in self.state.items():
            if bar.value is None and self.bar_name(name) in held:
                self.state[name] = replace(bar, owned=False)

    # -------------------------------------------------------------- full arrays

    def writable(self, name: str) -> list[Statement]:
        """Make the adjoint of `name` an array of its own, of full shape."""
        lines = self.full(name)
        found = self.state[name]
        if not found.owned and not isinstance(found.kind, Number):
            lines += self.assign(name, _copied(self.bar(name), found.kind))
            self.state[name] = replace(self.state[name], owned=True)
        return lines

    def full(self, name: str) -> list[Statement]:
        """Make the adjoint of `name` a value of its shape, written down."""
        found, wanted = self.state.get(name), self.kind(name)
        if found is None:
            return self.zero(name)
        if isinstance(found.value, Const) and isinstance(wanted, Number | Unknown):
            self.state[name] = Bar(found.kind, True)
            self.context.note(self.bar_name(name), found.kind)
            return [Assign(self.bar(name), Const(float(found.value.value)))]
        if found.value is not None and is_full(found.kind, wanted):
            self.state[name] = replace(found, value=None, owned=found.owned or is_fresh(found.value))
            self.context.note(self.bar_name(name), found.kind)
            return [Assign(self.bar(name), found.value)]
        if is_full(found.kind, wanted):
            return []
        value = found.value or self.bar(name)
        shape = self.primal(name)
        if isinstance(found.kind, Number):
            lines = self.assign(name, template("np.full_like(x, t)", x=shape, t=value))
        else:
            full = template("np.broadcast_to(t, s)", t=value, s=shape_of(shape, self.context.kind))
            lines = self.assign(name, Call(Attribute(full, "copy")))
        self.state[name] = Bar(wanted, True)
        self.context.note(self.bar_name(name), wanted)
        return lines

    def zero(self, name: str) -> list[Statement]:
        """Write the zero adjoint of `name` down."""
        kind = self.kind(name)
        value = zeros_like(self.primal(name), kind)
        self.state[name] = Bar(kind, True)
        self.context.note(self.bar_name(name), kind)
        return [Assign(self.bar(name), value)]


def _is_short(value: Expr) -> bool:
    """True for another variable, perhaps negated."""
    match value:
        case Name() | Unary(op="-", operand=Name()):
            return True
    return False


def zeros_like(value: Expr, kind: Kind) -> Expr:
    """Zeros for an adjoint of `value`: lists for tuples and lists, so that elements can be added to."""
    match kind:
        case Number():
            return Const(0.0)
        case Sequence(items=items):
            return ListOf(tuple(zeros_like(Index(value, Const(k)), item) for k, item in enumerate(items)))
        case List(item=Number()):
            return template("[0.0] * len(x)", x=value)
        case List(item=Array()):
            return template("[np.zeros_like(item) for item in x]", x=value)
        case Array():
            return template("np.zeros_like(x)", x=value)
    return template("_zeros(x)", x=value)


def is_full(kind: Kind, wanted: Kind) -> bool:
    """True if an adjoint of this kind has all elements of a variable of the kind `wanted`."""
    if same_shape(kind, wanted):
        return True
    match kind, wanted:
        case Array(shape=s), Array(shape=t):
            one = constant_dim(1)
            return len(s) == len(t) and not any(m == one != n for m, n in zip(s, t, strict=True))
        case Array(), Number():
            return False
        case Number(), Array():
            return False
    return True


def is_fresh(value: Expr) -> bool:
    """True if the value of the expression is a new object, that nothing else refers to."""
    return isinstance(value, ListOf | Opaque) or is_new(value)


def _update(target: Expr, value: Expr) -> Statement:
    """`target += value`, with the sign of the value in the operator."""
    match value:
        case Unary(op="-", operand=operand):
            return Aug(target, "-", operand)
        case Binary(op="-", left=left, right=right) if is_negative(left):
            return Aug(target, "-", Binary("+", negated(left), right))
        case _ if is_negative(value):
            return Aug(target, "-", negated(value))
    return Aug(target, "+", value)


def _sum(left: Expr, right: Expr) -> Expr:
    match right:
        case Unary(op="-", operand=operand):
            return Binary("-", left, operand)
    return Binary("+", left, right)


def _copied(bar: Expr, kind: Kind) -> Expr:
    if isinstance(kind, Array):
        return Call(Attribute(bar, "copy"))
    return template("np.array(x)", x=bar)


def _may_repeat(index: Expr, context: Context) -> bool:
    """True if an index may select an element more than once: arrays of integers, and what nobody knows."""
    match index:
        case Slice() | Const():
            return False
        case TupleOf(items=items):
            return any(_may_repeat(item, context) for item in items)
    kind = context.kind(index)
    return not (isinstance(kind, Number) or (isinstance(kind, Array) and kind.dtype == "bool"))
