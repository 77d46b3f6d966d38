"""Expressions for all directions at once: what each operation becomes where its operands have the axis in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from s2sad.analysis.comprehensions import carried, comprehension
from s2sad.analysis.kinds import is_elementwise, kind_of
from s2sad.analysis.loops import element_kind, iteration
from s2sad.analysis.ownership import is_new
from s2sad.ir import (
    Assign,
    Attribute,
    Binary,
    Bool,
    Call,
    Compare,
    Conditional,
    Const,
    DictOf,
    Evaluate,
    Expr,
    For,
    Global,
    Index,
    ListOf,
    Name,
    Opaque,
    Routine,
    Slice,
    Starred,
    Statement,
    TupleOf,
)
from s2sad.kind import Array, Kind, List, Number, Other, Record, Sequence, items_of
from s2sad.naming import Names
from s2sad.rules import batching, registry
from s2sad.rules.batching import Form, Operands, align, rank_of
from s2sad.syntax import template
from s2sad.transform.vector_batch import Batch, batch_of, is_batched, part_of
from s2sad.transform.vector_index import behind, far_apart, rank_of_element
from s2sad.traversal import children, map_children, names_in, rebuild

__all__ = ["Expressions", "NoVectorForm", "Specialise"]

Returns = Callable[[Call, Mapping[str, Kind]], Kind]
#: The vector form of a generated function for a call, from the kinds and batches of expressions: its name, and the batch
#: of its result.
Specialise = Callable[[Call, Callable[[Expr], Kind], Callable[[Expr], Batch]], tuple[str, Batch]]


class NoVectorForm(Exception):
    """An expression that cannot be computed for all directions at once."""

    def __init__(self, node: Expr, reason: str) -> None:
        super().__init__(reason)
        self.node, self.reason = node, reason


@dataclass
class Expressions:
    """The expressions of one statement. `kinds` and `batches` are those of the variables, `count` the number of directions.

    `changes_arrays`: the function changes arrays in place. `before` gets the statements that have to stand in front.
    """

    kinds: Mapping[str, Kind]
    batches: Mapping[str, Batch]
    count: Expr
    names: Names
    returns: Returns
    specialise: Specialise
    changes_arrays: bool = False
    before: list[Statement] = field(default_factory=list)
    known: dict[Expr, Kind] = field(default_factory=dict)
    found: dict[Expr, Batch] = field(default_factory=dict)
    is_lazy: bool = False

    def kind(self, node: Expr) -> Kind:
        """The kind of an expression for one direction."""
        return kind_of(node, self.kinds, self.returns, self.known)

    def rank(self, node: Expr) -> int:
        found = rank_of(self.kind(node))
        if found is None and isinstance(node, Index):
            found = rank_of_element(node, self.kind)
        if found is None:
            raise NoVectorForm(node, "its number of axes is not known")
        return found

    def batch(self, node: Expr) -> Batch:
        return batch_of(node, self.batches, self.kind, self.batch_of_call, self.found)

    def batch_of_call(self, call: Call, kind: Callable[[Expr], Kind], batch: Callable[[Expr], Batch]) -> Batch:
        return self.specialise(call, kind, batch)[1]

    # ---------------------------------------------------------------- dispatch

    def expression(self, node: Expr) -> Expr:
        """The expression for all directions, of the batch that `batch` gives; row by row where there is no other way."""
        if not is_batched(self.batch(node)):
            return self.plain(node)
        count = len(self.before)
        try:
            return self.at_once(node)
        except NoVectorForm:
            if self.is_lazy or isinstance(node, Name) or not _is_stackable(self.kind(node)):
                raise
            del self.before[count:]
            return self.row_by_row(node)

    def at_once(self, node: Expr) -> Expr:
        match node:
            case Name():
                return node
            case TupleOf() | DictOf():
                return map_children(node, self.expression)
            case ListOf(items=items):
                return ListOf(tuple(map(self.batched, items)))
            case Starred(value=value):
                return Starred(self.expression(value))
            case Conditional():
                return self.conditional(node)
            case Opaque():
                return self.comprehended(node)
            case Index(value=value, index=index):
                return self.index(node, value, index)
            case Call(func=Routine()):
                return self.call(node)
        return self.operation(node)

    def plain(self, node: Expr) -> Expr:
        """An expression that is the same for all directions; it may read the shape of a batched value."""
        if not any(is_batched(self.batches.get(name, False)) for name in names_in(node)):
            return node
        match node:
            case Opaque():
                raise NoVectorForm(node, "it is carried along as text")
            case Call(func=Routine()):
                return self.call(node)
            case Index(value=value) | Attribute(value=value) if isinstance(self.batch(value), tuple):
                return map_children(node, self.expression)
        if any(is_batched(self.batch(child)) for child in children(node)):
            made = self.from_forms(node)
            if made is None:
                raise NoVectorForm(node, "it has no vector form")
            return made
        return _selected(map_children(node, self.plain))

    def batched(self, node: Expr) -> Expr:
        """The expression with the axis in all its parts."""
        return self.lifted(self.expression(node), node, self.batch(node), True)

    def stored(self, node: Expr, wanted: Batch) -> Expr:
        """A value that is kept. What is a number for one direction is never a view of an array that may change later."""
        return self.own(self.lifted(self.expression(node), node, self.batch(node), wanted), node)

    def own(self, value: Expr, node: Expr) -> Expr:
        match value, node:
            case (
                (TupleOf(items=made), TupleOf(items=items))
                | (ListOf(items=made), ListOf(items=items))
                | (DictOf(items=made), DictOf(items=items))
            ):
                return rebuild(value, tuple(map(self.own, made, items)))
            case Conditional(then=one, orelse=other), Conditional(then=then, orelse=orelse) if _is_display(
                then, orelse
            ):
                return replace(value, then=self.own(one, then), orelse=self.own(other, orelse))
        is_number = self.changes_arrays and isinstance(self.kind(node), Number) and is_batched(self.batch(node))
        return template("x.copy()", x=value) if is_number and not (isinstance(value, Name) or is_new(value)) else value

    def conditional(self, node: Conditional) -> Expr:
        if is_batched(self.batch(node.test)):
            raise NoVectorForm(node.test, "a choice that differs between directions")
        wanted = self.batch(node)
        before, self.is_lazy = self.is_lazy, True
        then, orelse = (
            self.lifted(self.expression(side), side, self.batch(side), wanted) for side in (node.then, node.orelse)
        )
        self.is_lazy = before
        return Conditional(self.plain(node.test), then, orelse)

    # ----------------------------------------------------------------- lifting

    def lifted(self, made: Expr, node: Expr, have: Batch, wanted: Batch) -> Expr:
        """`made`, the form of `node`, with the axis also in the parts where only `wanted` has it."""
        kind = self.kind(node)
        if have == wanted or wanted is False or isinstance(kind, Other):
            return made
        if isinstance(made, TupleOf | DictOf | ListOf) and isinstance(node, TupleOf | DictOf | ListOf):
            parts = zip(
                made.items, node.items, _split(have, len(made.items)), _split(wanted, len(made.items)), strict=True
            )
            return rebuild(made, tuple(self.lifted(*part) for part in parts))
        match made, node:
            case _, Opaque() if wanted is True:
                return self.comprehended(node)
            case Binary(op="*", left=ListOf() as one), Binary(left=ListOf() as left):
                return replace(made, left=self.lifted(one, left, False, True))
        match kind:
            case Number() if node in (Const(0.0), Const(0)):
                return template("np.zeros(k)", k=self.count)
            case Number():
                return template("np.full(k, x)", k=self.count, x=made)
            case Array():
                found = batching.lifted_form(node, self.kind, self.count)
                return found or template("np.repeat(x[None], k, axis=0)", k=self.count, x=made)
            case Sequence(type="tuple") if isinstance(node, Name | Index | Attribute):
                return TupleOf(
                    tuple(self.lifted_part(node, key, kind, have, wanted) for key, _ in items_of(kind) or ())
                )
        raise NoVectorForm(node, "some of its elements are the same for all directions")

    def lifted_part(self, node: Expr, key: object, kind: Kind, have: Batch, wanted: Batch) -> Expr:
        part = Index(node, Const(key))
        assert isinstance(key, int)
        return self.lifted(part, part, part_of(have, kind, key), part_of(wanted, kind, key))

    def comprehended(self, node: Opaque) -> Expr:
        """A list whose elements are computed one after the other, each with the axis."""
        parts = comprehension(node)
        if parts is None or isinstance(self.kind(parts.iterable), Array):
            raise NoVectorForm(node, "it is carried along as text")
        kind = element_kind(iteration(parts.iterable), self.kind)
        kinds, batches = {**self.kinds, parts.target: kind}, {**self.batches, parts.target: self.batch(parts.iterable)}
        inner = replace(self, kinds=kinds, batches=batches, known={}, found={}, is_lazy=True)
        element = inner.own(inner.batched(parts.element), parts.element)
        return carried(element, parts.target, self.expression(parts.iterable))

    # -------------------------------------------------------------- operations

    def operation(self, node: Expr) -> Expr:
        kind = self.kind(node)
        if isinstance(kind, Sequence | List) and (isinstance(node, Binary) or self.is_copy_of_list(node)):
            return map_children(node, lambda child: self.batched(child) if self.is_list(child) else self.plain(child))
        if isinstance(kind, Record) and isinstance(node, Call):
            # A copy of a container with other parts.
            parts = tuple((key, self.batched(value)) for key, value in node.keywords)
            return replace(node, args=tuple(map(self.plain, node.args)), keywords=parts)
        if isinstance(node, Attribute) and isinstance(self.kind(node.value), Record):
            return Attribute(self.expression(node.value), node.attr)
        if isinstance(node, Bool) or (isinstance(node, Compare) and not is_elementwise(node)):
            raise NoVectorForm(node, "a choice that differs between directions")
        if isinstance(node, Call) and isinstance(node.func, Attribute) and self.is_list(node.func.value):
            return self.method_of_list(node, node.func)
        key = registry.key_of(node)
        if is_elementwise(node) or (key is not None and batching.is_aligned(key)):
            return self.aligned(node)
        made = self.from_forms(node)
        if made is None:
            raise NoVectorForm(node, "it has no vector form")
        return made

    def is_copy_of_list(self, node: Expr) -> bool:
        """True for a new list of the elements that another one has."""
        if not (isinstance(node, Call) and registry.is_shallow(node)):
            return False
        return bool(node.args) and all(map(self.is_list, node.args))

    def is_list(self, node: Expr) -> bool:
        return isinstance(self.kind(node), Sequence | List)

    def is_container(self, node: Expr) -> bool:
        return isinstance(self.kind(node), Sequence | List | Record)

    def method_of_list(self, node: Call, func: Attribute) -> Expr:
        if func.attr not in ("pop", "copy"):
            raise NoVectorForm(node, "a method of a list")
        return Call(Attribute(self.expression(func.value), func.attr), tuple(map(self.plain, node.args)))

    def aligned(self, node: Expr) -> Expr:
        """Each operand gets axes for those that it has not, behind the leading one."""
        kind = self.kind(node)
        # Several arrays come out where several are stretched to one shape.
        several = isinstance(kind, Sequence) and len(kind.items) > 0
        low, high = self.ranks(Index(node, Const(0))) if several else self.ranks(node)

        def operand(child: Expr) -> Expr:
            if isinstance(child, Global):
                return child
            if isinstance(child, Attribute) and isinstance(node, Call) and child is node.func:
                return Attribute(operand(child.value), child.attr)
            if not several and not is_batched(self.batch(child)):
                return self.plain(child)
            if low != high and self.ranks(child) != (high, high):
                raise NoVectorForm(node, "its number of axes is not known")
            return self.fitting(child, high)

        return map_children(node, operand)

    def ranks(self, node: Expr) -> tuple[int, int]:
        """The least and the greatest number of axes of an expression for one direction."""
        known = rank_of(self.kind(node))
        if known is not None:
            return known, known
        match node:
            case Conditional(then=then, orelse=orelse):
                sides = (self.ranks(then), self.ranks(orelse))
                return min(low for low, _ in sides), max(high for _, high in sides)
            case _ if is_elementwise(node):
                operands = [self.ranks(child) for child in children(node) if not isinstance(child, Global)]
                return max(low for low, _ in operands), max(high for _, high in operands)
        raise NoVectorForm(node, "its number of axes is not known")

    def fitting(self, node: Expr, wanted: int) -> Expr:
        """A batched operand with as many axes as the result may have."""
        low, high = self.ranks(node)
        if low != high:
            raise NoVectorForm(node, "its number of axes is not known")
        return align(self.array(node), low, wanted)

    def array(self, node: Expr) -> Expr:
        """A batched operand, a list as an array."""
        made, kind = self.batched(node), self.kind(node)
        if not isinstance(kind, Sequence | List):
            return made
        found = batching.array_of(made, kind)
        if found is None:
            raise NoVectorForm(node, "a list whose elements are not known")
        return found

    def from_forms(self, node: Expr) -> Expr | None:
        """The operation by the first vector form that covers it."""
        for form in batching.forms(registry.key_of(node) or ""):
            made = self.from_form(form, map_children(node, _with_arrays) if form.lists else node)
            if made is not None:
                return made
        return None

    def from_form(self, form: Form, node: Expr) -> Expr | None:
        bound = registry.bind(form.signature, node)
        if isinstance(bound, str):
            return None
        kinds = {name: self.kind(arg) for name, arg in bound.items()}
        having = {name for name, arg in bound.items() if is_batched(self.batch(arg))}
        if not having or not having <= form.of or not (form.when is None or form.when(bound, kinds)):
            return None
        wanted = form.of if form.lifted else having
        operand = self.batched if form.lists else self.array
        parts = {name: operand(arg) if name in wanted else self.plain(arg) for name, arg in bound.items()}
        known = {parts[name]: kind for name, kind in kinds.items()}
        return batching.written(form.text, parts, Operands(known, self.kind(node), self.count))

    # ---------------------------------------------------------------- indexing

    def index(self, node: Index, value: Expr, index: Expr) -> Expr:
        if is_batched(self.batch(index)):
            raise NoVectorForm(index, "an index that differs between directions")
        if self.is_list(value) or isinstance(self.kind(value), Record):
            selects = isinstance(self.batch(value), tuple) and not isinstance(index, Const)
            return Index(self.batched(value) if selects else self.expression(value), self.plain(index))
        self.rank(value)
        made = Index(self.expression(value), self.behind(index))
        places = far_apart(index, self.kind)
        return made if places is None else template("np.moveaxis(x, n, 0)", x=made, n=Const(places))

    def behind(self, index: Expr) -> Expr:
        """The index of an element, in all rows."""
        found = behind(self.plain(index), self.kind)
        if found is None:
            raise NoVectorForm(index, "an index of unknown kind")
        return found

    # ------------------------------------------------------------------- calls

    def call(self, node: Call) -> Expr:
        name, _ = self.specialise(node, self.kind, self.batch)
        named = tuple((key, self.own(self.expression(arg), arg)) for key, arg in node.keywords)
        return Call(Routine(name), tuple(self.own(self.expression(arg), arg) for arg in node.args), named)

    # -------------------------------------------------------------- row by row

    def row_by_row(self, node: Expr) -> Expr:
        """The operation for one direction after the other, in a loop in front of the statement."""
        rows: dict[Expr, tuple[Expr, Expr]] = {}
        one = self.with_rows(node, rows)
        results = Name(self.names.unique("rows"))
        targets, iterables = zip(*rows.values(), strict=True)
        several = len(rows) > 1
        target = TupleOf(targets) if several else targets[0]
        iterable = Call(Global("zip"), iterables) if several else iterables[0]
        append = Evaluate(Call(Attribute(results, "append"), (one,)))
        self.before += [Assign(results, ListOf(())), For(target, iterable, (append,))]
        kind = self.kind(node)
        if isinstance(kind, Sequence):
            parts = template("map(np.stack, zip(rows))", rows=Starred(results))
            return Call(Global(kind.type), (parts,))
        return template("np.stack(x)", x=results)

    def with_rows(self, node: Expr, rows: dict[Expr, tuple[Expr, Expr]]) -> Expr:
        """The operation with its batched operands replaced by variables that stand for a row of each."""

        def row(child: Expr) -> Expr:
            if not is_batched(self.batch(child)):
                return self.plain(child)
            kind = self.kind(child)
            if not isinstance(child, Name) and not isinstance(kind, Array | Number):
                return map_children(child, row)
            if not _is_stackable(kind):
                raise NoVectorForm(child, "a list that differs between directions")
            if child not in rows:
                wish = f"{child.id}_row" if isinstance(child, Name) else "row"
                made = self.batched(child)
                by_rows = made if isinstance(kind, Array | Number) else Call(Global("zip"), (Starred(made),))
                rows[child] = Name(self.names.unique(wish)), by_rows
            return rows[child][0]

        return map_children(node, row)


def _with_arrays(arrays: Expr) -> Expr:
    """Lists of numbers among the arrays that are joined, as the arrays that they stand for."""
    if not isinstance(arrays, ListOf | TupleOf):
        return arrays
    items = (template("np.array(x)", x=item) if isinstance(item, ListOf) else item for item in arrays.items)
    return replace(arrays, items=tuple(items))


def _is_display(*nodes: Expr) -> bool:
    return any(isinstance(node, TupleOf | ListOf | DictOf) for node in nodes)


def _is_stackable(kind: Kind) -> bool:
    """True for what one array holds for all directions, and for containers of that."""
    match kind:
        case Sequence(items=items):
            return bool(items) and all(isinstance(item, Array | Number) for item in items)
    return isinstance(kind, Array | Number)


def _split(batch: Batch, count: int) -> tuple[Batch, ...]:
    return (batch,) * count if isinstance(batch, bool) else batch


def _selected(node: Expr) -> Expr:
    """`x.shape[1:][0]` is `x.shape[1]`."""
    match node:
        case Index(
            value=Index(value=value, index=Slice(lower=Const(value=1), upper=None, step=None)),
            index=Const(value=int() as k),
        ) if k >= 0:
            return Index(value, Const(k + 1))
    return node
