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
from s2sad.analysis.parts import part_of, slice_of
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Call,
    Const,
    DictOf,
    Evaluate,
    Expr,
    Global,
    If,
    Index,
    ListOf,
    Name,
    Opaque,
    Slice,
    Statement,
    TupleOf,
    Unary,
)
from s2sad.kind import (
    Array,
    Dict,
    Dim,
    Kind,
    List,
    Number,
    Record,
    Sequence,
    Unknown,
    constant_dim,
    dtype_of,
    is_complex,
    items_of,
    leaves_of,
    may_be_active,
    may_be_stretched,
    same_shape,
    varying_number,
)
from s2sad.naming import root_name
from s2sad.rules.broadcasting import shape_of
from s2sad.simplify.algebra import is_negative, negated, simplify
from s2sad.syntax import template, variable
from s2sad.transform.containers import adjoint_key, adjoint_kind, assembled, copied, part_of_adjoint, zeros_like
from s2sad.transform.transpose import as_value
from s2sad.traversal import children, is_part, names_in, substitute

__all__ = ["Adjoints", "Bar", "is_alike", "is_fresh", "zeros_like"]


#: The index of a whole list, and of one from its end to its beginning.
_TURNED = ((Slice(),), (Slice(step=Const(-1)),))


@dataclass(frozen=True)
class Bar:
    """What is known of an adjoint variable; `value` is what it is, where that is too short to be written down: a number,
    another variable, perhaps negated, or a part of one.
    """

    kind: Kind
    owned: bool
    value: Expr | None = None


@dataclass
class Adjoints:
    """The adjoints of the variables; `here` are the versions of the variables at the present place, some of which may be
    unset. The parts of a container that is taken apart are variables of their own.
    """

    context: Context
    bar_name: Callable[[str], str]
    may_be_unset: Callable[[str], bool]
    here: dict[str, str] = field(default_factory=dict)
    state: dict[str, Bar] = field(default_factory=dict)

    def copy(self) -> Adjoints:
        return replace(self, state=dict(self.state))

    def primal(self, name: str) -> Expr:
        """The value of a variable, or of a part of one, at the present place of the primal program."""
        root = root_name(name)
        return substitute(variable(name), {Name(root): Name(self.here.get(root, root))})

    def bar(self, name: str) -> Name:
        return Name(self.bar_name(name))

    def kind(self, name: str) -> Kind:
        return self.context.kind_of_name(name)

    def cotangent(self, name: str) -> Expr | None:
        """The adjoint of a variable as an expression; None if it is zero."""
        if self.context.is_split(name):
            return None if self.is_zero(name) else self.container(name)
        found = self.state.get(name)
        if found is None:
            return None
        if found.value is not None:
            return found.value
        bar = self.bar(name)
        self.context.note(bar.id, found.kind)
        return bar

    def is_zero(self, name: str) -> bool:
        """True if nothing is known yet of the adjoint of a variable, or of any part of it."""
        return not any(leaf in self.state for leaf in self.context.leaves(name))

    def container(self, name: str) -> Expr:
        """The adjoint of a container put together from those of its parts, none of which is missing."""
        if not self.context.is_split(name):
            bar = self.cotangent(name)
            assert bar is not None
            return bar
        kind = self.kind(name)
        parts = {
            key: self.container(self.context.part(name, key)) if may_be_active(item) else Const(None)
            for key, item in items_of(kind) or ()
        }
        return assembled(adjoint_kind(kind), Name(name), parts)

    def receive(self, name: str, value: Expr, owned: bool) -> None:
        """The adjoint of a variable of which nothing is known yet is `value`."""
        kind, own = self.context.kind(value), self.kind(name)
        if not self.context.is_split(name):
            self.state[name] = Bar(kind, owned, None if value == self.bar(name) else value)
            return
        for key, item in items_of(own) or ():
            if may_be_active(item):
                self.receive(self.context.part(name, key), part_of_adjoint(value, key, own, kind), owned)

    def received(self, name: str) -> Expr | None:
        """What the adjoint of a variable was received as and still is, to be handed on as it is; None if it is shared, or
        anything was added to it.
        """
        if not self.context.is_split(name):
            found = self.state.get(name)
            is_own = found is not None and found.owned and not isinstance(found.value, Const)
            return found.value if found is not None and is_own else None
        wholes: set[Expr | None] = set()
        kind = self.kind(name)
        for key, item in items_of(kind) or ():
            if may_be_active(item):
                own = self.received(self.context.part(name, key))
                whole = own.value if isinstance(own, Index | Attribute) else None
                fits = whole is not None and part_of_adjoint(whole, key, kind, self.context.kind(whole)) == own
                wholes.add(whole if fits else None)
        return wholes.pop() if len(wholes) == 1 else None

    def settle(self, *names: str) -> list[Statement]:
        """Write down the adjoints that are another variable; if names are given, those that read one of these."""
        lines: dict[Name, Expr] = {}
        for name in self.reading(set(names)) if names else [*self.state]:
            bar = self.state[name]
            if bar.value is not None and not isinstance(bar.value, Const):
                self.state[name] = replace(bar, value=None, owned=bar.owned or is_fresh(bar.value))
                self.context.note(self.bar_name(name), bar.kind)
                lines[self.bar(name)] = bar.value
        return _at_once(lines)

    def reading(self, bars: set[str]) -> list[str]:
        """The variables whose adjoints are one of these, or one that is written down for that."""
        found: dict[str, None] = {}
        while True:
            more = [
                name
                for name, bar in self.state.items()
                if name not in found and bar.value is not None and not bars.isdisjoint(names_in(bar.value))
            ]
            if not more:
                return list(found)
            found |= dict.fromkeys(more)
            bars = bars.union(map(self.bar_name, more), *map(self.taken_over, more))

    def taken_over(self, name: str) -> set[str]:
        """The adjoints whose object that of `name` is, and goes on changing."""
        found = self.state.get(name)
        return set() if found is None or found.value is None or not found.owned else set(names_in(found.value))

    def drop(self, name: str) -> None:
        """The variable is assigned here: before, its adjoint is zero."""
        self.state = {own: bar for own, bar in self.state.items() if root_name(own) != name}

    # ------------------------------------------------------------ contributions

    def add(self, name: str, value: Expr) -> list[Statement]:
        """`name_bar += value`."""
        value = self.kept(value)
        if name not in self.state and self.is_short(value) and value != self.bar(name):
            self.share(value)
            self.state[name] = Bar(self.context.kind(value), False, value)
            return []
        before = self.settle(self.bar_name(name))
        return [*before, *self.added(name, value)]

    def kept(self, value: Expr) -> Expr:
        """The adjoint of a container in the form in which adjoints are kept, where dataclasses in it have another one."""
        kind = self.context.kind(value)
        return copied(value, kind) if _holds_dataclass(kind) else value

    def is_short(self, value: Expr) -> bool:
        """True for another variable, perhaps negated, and for a part of a container."""
        return self.is_part(value) or (isinstance(value, Unary) and isinstance(value.operand, Name))

    def is_part(self, value: Expr) -> bool:
        """True for a variable, and for a part of one that is a container and no array."""
        if isinstance(value, Index | Attribute):
            kind = self.context.kind(value.value)
            return is_part(value) and (items_of(kind) is not None or isinstance(kind, List))
        return isinstance(value, Name)

    def added(self, name: str, value: Expr) -> list[Statement]:
        self.share(value)
        old = self.state.get(name)
        bar = self.bar(name)
        if old is None and value == bar:
            self.state[name] = Bar(self.context.kind(value), False)
            return []
        if old is None:
            return self.assign(name, value)
        if (
            old.value is not None
            and not isinstance(self.kind(name), Number | Array)
            and not isinstance(old.value, Const)
        ):
            # Of two lists `+` would make a longer one.
            return self.assign(name, template("_add(x, y)", x=old.value, y=value))
        if old.value is not None:
            return self.assign(name, simplify(Binary("+", old.value, value), self.context.kind))
        if isinstance(old.kind, Number) and isinstance(self.kind(name), Number):
            return [_update(bar, value)]
        is_list = isinstance(self.kind(name), List | Sequence)
        if isinstance(old.kind, Sequence | List | Record) or (
            isinstance(old.kind, Unknown) and (is_list or not isinstance(value, Binary | Unary))
        ):
            lines = self.assign(name, template("_add(x, y)", x=bar, y=value))
            if isinstance(old.kind, List) and isinstance(self.state[name].kind, Unknown):
                # To a list a list or an array is added: it stays a list.
                self.state[name] = replace(self.state[name], kind=old.kind)
                self.context.note(bar.id, old.kind)
            return lines
        if isinstance(self.context.kind(value), List | Sequence):
            # Numbers, for so are the elements of the array.
            value = template("np.array(t)", t=value)
        grows = not is_full(old.kind, self.kind(name)) or _stretches(old.kind, self.context.kind(value))
        return [_update(bar, value)] if old.owned and not grows else self.assign(name, _sum(bar, value))

    def assign(self, name: str, value: Expr) -> list[Statement]:
        if isinstance(value, Const):
            self.state[name] = Bar(self.context.kind(value), True, value)
            return []
        kind = self.context.kind(value)
        self.state[name] = Bar(kind, is_fresh(value) or _is_copied_part(value, kind))
        self.context.note(self.bar_name(name), kind)
        return [Assign(self.bar(name), value)]

    def scatter(self, name: str, path: tuple[Expr, ...], value: Expr) -> list[Statement]:
        """`name_bar[path] += value`, in place."""
        if path in _TURNED and name not in self.state and isinstance(self.kind(name), List | Sequence):
            return self.add(name, Index(self.kept(value), path[0]))
        if not isinstance(self.kind(name), Array):
            # A list may hold it from now on.
            self.share(value)
        before = [*self.settle(self.bar_name(name)), *self.writable(name)]
        if isinstance(self.kind(name), Unknown) and any(isinstance(index, Slice) for index in path[:-1]):
            return [*before, self.added_at(name, path, value)]
        target: Expr = self.bar(name)
        part: Expr = variable(name)
        for index in path[:-1]:
            target = Index(target, self.key(self.context.kind(part), self.view(self.context.kind(part), index)))
            part = self.element(part, index)
        return [*before, *self.scattered(target, part, path[-1], value)]

    def element(self, whole: Expr, index: Expr) -> Expr:
        """The element of the primal to which `index` leads in the adjoint, where a field is selected by its name."""
        kind = self.context.kind(whole)
        is_key = isinstance(index, Const) and isinstance(kind, Record)
        return part_of(whole, index.value, kind) if is_key and isinstance(index, Const) else Index(whole, index)

    def key(self, kind: Kind, index: Expr) -> Expr:
        """The index in the adjoint of the part that `index` selects from a value of the kind `kind`."""
        return Const(adjoint_key(kind, index.value)) if isinstance(index, Const) else index

    def scattered(self, target: Expr, part: Expr, last: Expr, value: Expr) -> list[Statement]:
        """`target[last] += value`, where `part` is the primal of `target`."""
        target_kind, last_kind, added = self.context.kind(part), self.context.kind(last), self.context.kind(value)
        whole = self.element(part, last)
        last = self.key(target_kind, last)
        parts = items_of(self.context.kind(whole))
        numbers = slice_of(last)
        if numbers is not None and isinstance(target_kind, Sequence) and items_of(added) is not None:
            places = enumerate(range(len(target_kind.items))[numbers])
            return [
                line
                for k, place in places
                for line in self.scattered(target, part, Const(place), part_of(value, k, added))
            ]
        if parts is not None and items_of(added) is not None:
            inner = Index(target, last)
            of = self.context.kind(whole)
            pairs = [(Const(key), part_of_adjoint(value, key, of, added)) for key, item in parts if may_be_active(item)]
            return [line for key, own in pairs for line in self.scattered(inner, whole, key, own)]
        if isinstance(target_kind, Unknown) and not isinstance(last_kind, Number):
            return [Evaluate(template("_add_at(x, i, y)", x=target, i=as_value(last), y=value))]
        if not isinstance(target_kind, Array) and not isinstance(self.context.kind(whole), Array | Number):
            # `+=` would make a list longer.
            total = template("_add(x, y)", x=Index(target, last), y=self.kept(value))
            return [Assign(Index(target, last), total)]
        if self.context.may_repeat(last):
            return [Evaluate(Call(Global("numpy.add.at"), (target, as_value(last), value)))]
        return [_update(Index(target, last), value)]

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
        is_key = isinstance(index, Const) or isinstance(self.context.kind(index), Number)
        if isinstance(kind, List | Sequence) and not is_key:
            advice = "make it an array, or take its elements"
            raise self.context.refusal("S202", "cannot differentiate a part of a part of a list", index, advice)
        return index

    def share(self, value: Expr) -> None:
        """An adjoint that another one now looks at must not be changed in place any more."""
        if is_fresh(value) or isinstance(self.context.kind(value), Number) or _is_taken_out(value):
            return
        held = set(names_in(value))
        for name, bar in self.state.items():
            if bar.value is None and self.bar_name(name) in held:
                self.state[name] = replace(bar, owned=False)

    # -------------------------------------------------------------- full arrays

    def writable(self, name: str) -> list[Statement]:
        """Make the adjoint of `name` an array of its own, of full shape."""
        if self.context.is_split(name):
            return [line for leaf in self.context.leaves(name) for line in self.writable(leaf)]
        lines = self.settle(self.bar_name(name), *self.taken_over(name))
        lines += self.own(name) or self.boxed(name) or self.full(name)
        found = self.state[name]
        is_list = isinstance(found.kind, List | Sequence)
        if self.changes_as_list(name) and not is_list:
            # The adjoint of a list may be an array, but from a list elements are taken out.
            row = _row(found.kind)
            is_own = found.owned or isinstance(row, Number)
            whole = self.bar(name) if is_own else copied(self.bar(name), found.kind)
            lines += self.assign(name, Call(Global("list"), (whole,)))
            self.state[name] = Bar(List(row), owned=True)
            self.context.note(self.bar_name(name), self.state[name].kind)
            return lines
        if not found.owned and not isinstance(found.kind, Number):
            lines += self.assign(name, copied(self.bar(name), found.kind))
            self.state[name] = replace(self.state[name], kind=adjoint_kind(found.kind), owned=True)
            self.context.note(self.bar_name(name), adjoint_kind(found.kind))
        return lines

    def changes_as_list(self, name: str) -> bool:
        """True for a variable that is a list, and is changed in place."""
        is_known = isinstance(self.kind(name), List | Sequence) and name in self.context.changing
        return is_known or name in self.context.lists

    def own(self, name: str) -> list[Statement]:
        """An array of its own for the adjoint of `name`, if that is another one's of full shape."""
        found = self.state.get(name)
        if found is None or found.value is None or not isinstance(found.kind, Array) or is_fresh(found.value):
            return []
        return self.assign(name, copied(found.value, found.kind)) if is_full(found.kind, self.kind(name)) else []

    def boxed(self, name: str) -> list[Statement]:
        """An array without axes for the adjoint of one, if that is a number, which cannot be changed."""
        found, wanted = self.state.get(name), self.kind(name)
        if found is None or not (isinstance(found.kind, Number) and isinstance(wanted, Array) and wanted.shape == ()):
            return []
        lines = self.assign(name, template("np.full_like(x, t)", x=self.primal(name), t=found.value or self.bar(name)))
        self.state[name] = Bar(wanted, owned=True)
        self.context.note(self.bar_name(name), wanted)
        return lines

    def listed(self, name: str) -> list[Statement]:
        """Make the adjoint of a list, where it is an array, a list as well."""
        found = self.state[name]
        if isinstance(found.kind, List | Sequence):
            return []
        row = _row(found.kind)
        lines = self.assign(name, Call(Global("list"), (self.bar(name),)))
        self.state[name] = Bar(List(row), owned=found.owned or isinstance(row, Number))
        self.context.note(self.bar_name(name), self.state[name].kind)
        return lines

    def full(self, name: str) -> list[Statement]:
        """Make the adjoint of `name` a value of its shape, written down."""
        if self.context.is_split(name):
            return [line for leaf in self.context.leaves(name) for line in self.full(leaf)]
        return [*self.settle(self.bar_name(name)), *self.filled(name)]

    def filled(self, name: str) -> list[Statement]:
        found, wanted = self.state.get(name), self.kind(name)
        if found is None:
            return self.zero(name)
        if isinstance(found.value, Const) and isinstance(wanted, Number | Unknown):
            self.state[name] = Bar(found.kind, True)
            self.context.note(self.bar_name(name), found.kind)
            return [Assign(self.bar(name), Const(float(found.value.value)))]
        # What is computed of values of unknown kind may be what a sum over an axis has left.
        may_lack = isinstance(found.kind, Unknown) and isinstance(wanted, Array)
        is_whole = is_full(found.kind, wanted) and not (may_lack and found.value and children(found.value))
        if found.value is not None and is_whole:
            self.state[name] = replace(found, value=None, owned=found.owned or is_fresh(found.value))
            self.context.note(self.bar_name(name), found.kind)
            return [Assign(self.bar(name), found.value)]
        if is_whole:
            return []
        value = found.value or self.bar(name)
        shape = self.primal(name)
        if _may_lack_imaginary(found.kind, wanted):
            return self.complexified(name, value)
        if isinstance(found.kind, Number):
            lines = self.assign(name, template("np.full_like(x, t)", x=shape, t=value))
        else:
            full = template("np.broadcast_to(t, s)", t=value, s=shape_of(shape, self.context.kind))
            lines = self.assign(name, Call(Attribute(full, "copy")))
        self.state[name] = Bar(wanted, True)
        self.context.note(self.bar_name(name), wanted)
        return lines

    def complexified(self, name: str, value: Expr) -> list[Statement]:
        """Make the adjoint of `name`, which may be an array of real numbers, one of complex numbers."""
        have, wanted = self.state[name].kind, self.kind(name)
        kind, item = wanted, _element(wanted)
        assert isinstance(item, Array)
        if not isinstance(wanted, Array):
            assert isinstance(have, Array)
            kind = replace(have, dtype=item.dtype)
        elif not same_shape(have, wanted):
            value = template("np.broadcast_to(t, s)", t=value, s=shape_of(self.primal(name), self.context.kind))
        dtype = Global("complex" if item.dtype == "complex128" else f"numpy.{item.dtype}")
        lines = self.assign(name, Call(Attribute(value, "astype"), (dtype,)))
        self.state[name] = Bar(kind, True)
        self.context.note(self.bar_name(name), kind)
        return lines

    def sharpen(self, name: str, kind: Kind) -> None:
        """Remember that an adjoint has the shape that `kind` tells."""
        found = self.state[name]
        if isinstance(found.kind, Array) and isinstance(kind, Array) and len(found.kind.shape) == len(kind.shape):
            pairs = zip(found.kind.shape, kind.shape, strict=True)
            shape = tuple(want if have is None else have for have, want in pairs)
            self.state[name] = replace(found, kind=replace(found.kind, shape=shape))
            if found.value is None:
                self.context.note(self.bar_name(name), self.state[name].kind)

    def may_vary(self, name: str) -> bool:
        """True for a variable whose shape may be another each time it is bound."""
        kind = self.kind(name)
        if isinstance(kind, Array):
            return any(_varies(dim) for dim in kind.shape)
        return isinstance(kind, Unknown) or (isinstance(kind, List) and _varies(kind.length))

    def stretched(self, name: str) -> list[Statement]:
        """Give an adjoint, perhaps the number 0 or an empty list, the shape that its variable has at the present place."""
        kind, bar, primal = self.kind(name), self.bar(name), self.primal(name)
        if isinstance(kind, List | Dict):
            is_own = name not in self.state or self.state[name].owned
            self.state[name] = Bar(adjoint_kind(kind), owned=is_own)
            self.context.note(self.bar_name(name), adjoint_kind(kind))
            return [If(Unary("not", bar), (Assign(bar, zeros_like(primal, kind)),))]
        value = template("_broadcast(t, x)", t=bar, x=primal)
        if isinstance(kind, Array):
            value = template("np.broadcast_to(t, s)", t=bar, s=shape_of(primal, self.context.kind))
        self.state[name] = Bar(kind, owned=False)
        self.context.note(self.bar_name(name), kind)
        return [Assign(bar, value)]

    def number_zero(self, name: str) -> list[Statement]:
        """Write the zero adjoint of `name` down as a number, or an empty list or dict."""
        kind = self.kind(name)
        if isinstance(kind, List | Dict):
            self.state[name] = Bar(adjoint_kind(kind), owned=True)
            return [Assign(self.bar(name), ListOf(()) if isinstance(kind, List) else DictOf((), ()))]
        self.state[name] = Bar(self.kind(name), owned=False)
        return [Assign(self.bar(name), Const(0.0))]

    def zero(self, name: str) -> list[Statement]:
        """Write the zero adjoint of `name` down."""
        primal, kind = self.primal(name), adjoint_kind(self.kind(name))
        value = zeros_like(primal, self.kind(name))
        if items_of(kind) is not None and self.may_be_unset(self.here.get(root_name(name), "")):
            # What did not come about is None, which has no parts.
            value = template("_zeros(x)", x=primal)
        if isinstance(kind, Unknown) and name in self.context.lists:
            kind = List(kind)
        self.state[name] = Bar(kind, True)
        self.context.note(self.bar_name(name), kind)
        return [Assign(self.bar(name), value)]


def _at_once(values: dict[Name, Expr]) -> list[Statement]:
    """Statements that assign all of these at the same time: one by one, what others read later than them."""
    lines: list[Statement] = []
    left = dict(values)
    while left:
        target = next((one for one in left if not _is_read(one, left)), None)
        if target is None:
            return [*lines, Assign(TupleOf(tuple(left)), TupleOf(tuple(left.values())))]
        lines.append(Assign(target, left.pop(target)))
    return lines


def _is_read(target: Name, values: dict[Name, Expr]) -> bool:
    return any(target.id in names_in(value) for other, value in values.items() if other != target)


def _varies(dim: Dim) -> bool:
    """True for a size that may be another each time."""
    return dim is None or varying_number(dim) >= 0


def is_full(kind: Kind, wanted: Kind) -> bool:
    """True if an adjoint of this kind has all elements of a variable of the kind `wanted`, and can hold what they are."""
    if _may_lack_imaginary(kind, wanted):
        return False
    if same_shape(kind, wanted):
        return True
    match kind, wanted:
        case Array(shape=s), Array(shape=t):
            return len(s) == len(t) and not any(map(may_be_stretched, s, t))
        case Array(), Number():
            return False
        case Number(), Array():
            return False
    return True


def _may_lack_imaginary(kind: Kind, wanted: Kind) -> bool:
    """True if an adjoint of this kind may be an array of real numbers, as that of `np.real(x)` is, and is to be one of
    complex numbers, or a list of such: written into it in place, they would lose their imaginary parts.
    """
    item = _element(wanted)
    can_be = Array | Unknown if isinstance(wanted, Array) else Array
    return (
        isinstance(item, Array)
        and isinstance(kind, can_be)
        and is_complex(item.dtype)
        and not is_complex(dtype_of(kind))
    )


def _element(kind: Kind) -> Kind:
    """The kind of the arrays in a list, or in a list of lists."""
    while isinstance(kind, List) or (isinstance(kind, Sequence) and kind.items):
        kind = kind.item if isinstance(kind, List) else kind.items[0]
    return kind


def _holds_dataclass(kind: Kind) -> bool:
    match kind:
        case Record(type="dataclass"):
            return True
        case List(item=item):
            return _holds_dataclass(item)
    return any(_holds_dataclass(item) for _, item in items_of(kind) or ())


def is_alike(kind: Kind, wanted: Kind) -> bool:
    """True if an adjoint of this kind is one of the kind `wanted` as it is."""
    match kind, wanted:
        case Array(dtype=have), Array(dtype=want):
            return have == want and is_full(kind, wanted)
    return kind == wanted and not any(isinstance(leaf, Unknown) for _, leaf in leaves_of("", wanted))


def is_fresh(value: Expr) -> bool:
    """True if the value of the expression is a new object, that nothing else refers to."""
    return isinstance(value, ListOf | Opaque) or is_new(value)


def _is_copied_part(value: Expr, kind: Kind) -> bool:
    """True for a slice of a list of numbers."""
    is_slice = isinstance(value, Index) and isinstance(value.index, Slice)
    match kind:
        case List(item=Number()):
            return is_slice
        case Sequence(type="list", items=items):
            return is_slice and all(isinstance(item, Number) for item in items)
    return False


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


def _stretches(kind: Kind, added: Kind) -> bool:
    """True if adding something of the kind `added` makes what is no array of one of them, or an array larger."""
    if not isinstance(kind, Array):
        return True
    if not isinstance(added, Array):
        return False
    one = constant_dim(1)
    pairs = zip(reversed(kind.shape), reversed(added.shape), strict=False)
    return len(added.shape) > len(kind.shape) or any(own == one != other for own, other in pairs)


def _row(kind: Kind) -> Kind:
    """The kind of the elements along the first axis."""
    match kind:
        case Array(dtype=dtype, shape=(_, *rest)):
            return Array(dtype, tuple(rest)) if rest else Number(dtype)
    return Unknown()


def _is_taken_out(value: Expr) -> bool:
    """True for an element that its list no longer has."""
    return isinstance(value, Call) and isinstance(value.func, Attribute) and value.func.attr == "pop"
