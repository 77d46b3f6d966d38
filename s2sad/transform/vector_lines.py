"""The statements of a generated function for all directions at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.loops import Elements, Enumerated, Iteration, Range, Reversed, Zipped, iteration
from s2sad.ir import (
    Assert,
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Call,
    Comment,
    Const,
    Def,
    Evaluate,
    Expr,
    For,
    Global,
    If,
    Index,
    Name,
    Pass,
    Raise,
    Return,
    Slice,
    Statement,
    TupleOf,
    While,
    With,
)
from s2sad.kind import Array, Kind, List, Number, Sequence
from s2sad.naming import Names
from s2sad.syntax import template
from s2sad.transform.vector_batch import Batch, Batches, is_batched
from s2sad.transform.vector_forms import Expressions, NoVectorForm, Returns, Specialise
from s2sad.transform.vector_index import far_apart
from s2sad.traversal import map_statement

__all__ = ["Lines"]

_EVERYTHING = Call(Global("slice"), (Const(None),))


@dataclass
class Lines:
    """Writes the statements of one function. `kinds_at` gives the kinds of the variables before a statement."""

    batches: Batches
    kinds_at: Callable[[Statement], Mapping[str, Kind]]
    count: Expr
    names: Names
    returns: Returns
    specialise: Specialise
    changes_arrays: bool

    def block(self, block: Block, as_values: Block) -> Block:
        """The block for all directions; `as_values` are its statements with changes in place as assignments."""
        pairs = zip(block, as_values, strict=True)
        return tuple(line for s, value in pairs for line in self.statement(s, value))

    def expressions(self, value: Statement) -> Expressions:
        return Expressions(
            self.kinds_at(value),
            self.batches.variables,
            self.count,
            self.names,
            self.returns,
            self.specialise,
            self.changes_arrays,
        )

    def statement(self, s: Statement, value: Statement) -> Iterator[Statement]:
        made = self.expressions(value)
        lines = list(self.lines(s, value, made))
        yield from made.before
        yield from lines

    def lines(self, s: Statement, value: Statement, made: Expressions) -> Iterator[Statement]:
        match s:
            case Assign(target=Name(id=name)):
                yield replace(s, value=made.stored(s.value, self.batches.variables.get(name, False)))
            case Assign(target=TupleOf() as target):
                yield from self.unpack(s, target, made)
            case Assign(target=Index() as target):
                yield self.replace_element(s, target, made)
            case Aug(target=Name() as target):
                yield self.update(s, target, made)
            case Aug(target=Index() as target):
                yield self.update_element(s, target, made)
            case Evaluate():
                yield replace(s, value=self.evaluated(s.value, isinstance(value, Assign), made))
            case If(test=test, then=then, orelse=orelse) if isinstance(value, If):
                left, right = self.block(then, value.then), self.block(orelse, value.orelse)
                yield replace(s, test=self.same(test, made), then=left, orelse=right)
            case For() if isinstance(value, For):
                yield self.loop(s, value, made)
            case While(test=test, body=body) if isinstance(value, While):
                until = None if s.until is None else self.same(s.until, made)
                yield replace(s, test=self.same(test, made), body=self.block(body, value.body), until=until)
            case With(context=context, body=body) if isinstance(value, With):
                yield replace(s, context=self.same(context, made), body=self.block(body, value.body))
            case Return(value=returned) if returned is not None:
                yield replace(s, value=made.stored(returned, self.batches.result))
            case Assert() | Raise():
                yield map_statement(s, lambda node: self.same(node, made))
            case Return() | Pass() | Comment():
                yield s
            case Def():
                raise NoVectorForm(Name(s.function.name), "a function in a function")
            case _:
                raise NoVectorForm(Const(None), f"a statement {type(s).__name__}")

    def same(self, node: Expr, made: Expressions) -> Expr:
        """An expression that decides something, which has to be the same for all directions."""
        if is_batched(made.batch(node)):
            raise NoVectorForm(node, "a choice that differs between directions")
        return made.plain(node)

    # ------------------------------------------------------------------ values

    def unpack(self, s: Assign, target: TupleOf, made: Expressions) -> Iterator[Statement]:
        wanted = [self.wanted(item) for item in target.items]
        if any(isinstance(item, Index) for item in target.items):
            raise NoVectorForm(target, "elements assigned side by side")
        if isinstance(s.value, TupleOf) and len(s.value.items) == len(wanted):
            parts = (made.stored(item, one) for item, one in zip(s.value.items, wanted, strict=True))
            yield replace(s, value=TupleOf(tuple(parts)))
            return
        batch, kind = made.batch(s.value), made.kind(s.value)
        is_array = is_batched(batch) and isinstance(kind, Array)
        yield replace(s, value=self.by_elements(s.value, made) if is_array else made.expression(s.value))
        yield from self.lifted_targets(target, kind, batch, made)

    def lifted_targets(self, target: Expr, kind: Kind, have: Batch, made: Expressions) -> Iterator[Statement]:
        """Assignments that give variables the axis after they were bound without it."""
        match target:
            case TupleOf(items=items):
                kinds, parts = _items(kind, len(items)), have if isinstance(have, tuple) else (have,) * len(items)
                for item, own, part in zip(items, kinds, parts, strict=True):
                    yield from self.lifted_targets(item, own, part, made)
            case Name(id=name) if name != "_" and (wanted := self.batches.variables.get(name, False)) not in (
                False,
                have,
            ):
                known = replace(made, kinds={**made.kinds, name: kind}, known={}, found={})
                yield Assign(target, known.lifted(target, target, have, wanted))

    def wanted(self, target: Expr) -> Batch:
        match target:
            case Name(id="_"):
                return False
            case Name(id=name):
                return self.batches.variables.get(name, False)
            case TupleOf(items=items):
                return tuple(map(self.wanted, items))
        return False

    def by_elements(self, node: Expr, made: Expressions) -> Expr:
        """A batch of arrays to be gone through element by element."""
        array = made.expression(node)
        if made.rank(node) == 1:
            found: Expr = template("x.T.copy()" if self.changes_arrays else "x.T", x=array)
            return found
        return template("x.swapaxes(0, 1)", x=array)

    # ----------------------------------------------------------------- changes

    def update(self, s: Aug, target: Name, made: Expressions) -> Statement:
        """What is a number for one direction gets a new array: somebody else may hold the old one."""
        if not is_batched(made.batch(target)):
            return replace(s, value=made.plain(s.value))
        match made.kind(target):
            case Number():
                value = made.expression(Binary(s.op, target, s.value))
                return Assign(target, value, origin=s.origin, remark=s.remark)
            case Array(shape=shape):
                return replace(s, value=self.fitting(s.value, len(shape), made))
            case Sequence() | List():
                return replace(s, value=made.batched(s.value))
        raise NoVectorForm(target, "its number of axes is not known")

    def fitting(self, value: Expr, rank: int, made: Expressions) -> Expr:
        """A value that is added to an array of a rank, or put into it."""
        if not is_batched(made.batch(value)):
            return made.plain(value)
        return made.fitting(value, rank)

    def element(self, target: Index, made: Expressions) -> Index:
        """The element of an array in all rows, or of a list."""
        if made.is_container(target.value):
            return Index(made.expression(target.value), made.plain(target.index))
        if far_apart(target.index, made.kind) is not None:
            raise NoVectorForm(target, "index arrays with slices between them")
        return Index(made.expression(target.value), made.behind(target.index))

    def replace_element(self, s: Assign, target: Index, made: Expressions) -> Statement:
        if not is_batched(made.batch(target.value)):
            return map_statement(s, made.plain)
        if made.is_container(target.value):
            return replace(s, target=self.element(target, made), value=made.stored(s.value, True))
        return replace(s, target=self.element(target, made), value=self.fitting(s.value, made.rank(target), made))

    def update_element(self, s: Aug, target: Index, made: Expressions) -> Statement:
        if not is_batched(made.batch(target.value)):
            return map_statement(s, made.plain)
        if made.is_container(target.value) and isinstance(made.kind(target), Number):
            value = made.expression(Binary(s.op, target, s.value))
            return Assign(self.element(target, made), value, origin=s.origin, remark=s.remark)
        return replace(s, target=self.element(target, made), value=self.fitting(s.value, made.rank(target), made))

    def evaluated(self, node: Expr, is_change: bool, made: Expressions) -> Expr:
        match node:
            case Call(func=Attribute(value=part, attr="append"), args=(value,)) if is_batched(made.batch(part)):
                return Call(Attribute(made.expression(part), "append"), (made.stored(value, True),))
            case Call(func=Attribute(value=part, attr="insert"), args=(index, value)) if is_batched(made.batch(part)):
                return Call(Attribute(made.expression(part), "insert"), (made.plain(index), made.stored(value, True)))
            case Call(func=func, args=(part, index, value)) if is_change and is_batched(made.batch(part)):
                return Call(func, self.added_at(part, index, value, made))
        return made.expression(node)

    def added_at(self, part: Expr, index: Expr, value: Expr, made: Expressions) -> tuple[Expr, ...]:
        """Elements that may be named twice, in all rows."""
        target = Index(part, index)
        found = self.element(target, made)
        if made.is_list(part):
            return found.value, found.index, made.batched(value)
        items = found.index.items if isinstance(found.index, TupleOf) else (found.index,)
        places = tuple(_EVERYTHING if isinstance(item, Slice) else item for item in items)
        return found.value, TupleOf(places), self.fitting(value, made.rank(target), made)

    # ------------------------------------------------------------------- loops

    def loop(self, s: For, value: For, made: Expressions) -> Statement:
        way = iteration(s.iterable)
        iterable = self.iterable(s.iterable, way, made)
        body = self.block(s.body, value.body)
        first = self.lifted_elements(s.target, way, made)
        until = None if s.until is None else self.same(s.until, made)
        return replace(s, iterable=iterable, body=(*first, *body), until=until)

    def iterable(self, node: Expr, way: Iteration, made: Expressions) -> Expr:
        match way, node:
            case Range(), _:
                return made.plain(node)
            case Elements(), TupleOf(items=items) if is_batched(made.batch(node)):
                # The variable of the loop has the axis in every round.
                return TupleOf(tuple(made.own(made.batched(item), item) for item in items))
            case Elements(), _:
                is_array = is_batched(made.batch(node)) and isinstance(made.kind(node), Array)
                return self.by_elements(node, made) if is_array else made.expression(node)
            case Enumerated(inner=inner) | Reversed(inner=inner), Call(args=(first, *rest)):
                return replace(node, args=(self.iterable(first, inner, made), *map(made.plain, rest)))
            case Zipped(parts=parts), Call(args=args):
                return replace(node, args=tuple(self.iterable(*pair, made) for pair in zip(args, parts, strict=True)))
        raise NoVectorForm(node, "a loop of a form that is not known")

    def lifted_elements(self, target: Expr, way: Iteration, made: Expressions) -> Iterator[Statement]:
        """Assignments at the head of a loop for variables that get the axis elsewhere, and not from what is run over."""
        match target, way:
            case Name(id=name), Elements(sequence=sequence):
                wanted, have = self.batches.variables.get(name, False), is_batched(made.batch(sequence))
                if wanted != have:
                    raise NoVectorForm(target, "a loop's variable that differs between directions elsewhere")
            case Name(), Reversed(inner=inner):
                yield from self.lifted_elements(target, inner, made)
            case TupleOf(items=(_, item)), Enumerated(inner=inner):
                yield from self.lifted_elements(item, inner, made)
            case TupleOf(items=items), Zipped(parts=parts):
                for item, part in zip(items, parts, strict=True):
                    yield from self.lifted_elements(item, part, made)


def _items(kind: Kind, count: int) -> tuple[Kind, ...]:
    match kind:
        case Sequence(items=items) if len(items) == count:
            return items
        case List(item=item):
            return (item,) * count
        case Array(dtype=dtype, shape=shape) if shape:
            return (Array(dtype, shape[1:]) if len(shape) > 1 else Number(dtype),) * count
    return (kind,) * count
