"""A list of objects of one class is a list for each attribute: `ps[i].x` is `ps_x[i]`.

    for p in ps:               for i in range(len(ps_x)):
        p.x += dt * p.v    →       ps_x[i] += dt * ps_v[i]

An element is an object that is known by its index: its attributes are elements of the lists, so that two names of one
element see the same values. An object that is put into a list is moved: its own variables are not read any more. That a list
is one of objects is seen when the first is put into it; then the program is followed once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from s2sad.analysis.effects import is_known_pure
from s2sad.ir import (
    Assign,
    Attribute,
    Binary,
    Call,
    Compare,
    Const,
    Evaluate,
    Expr,
    For,
    Global,
    Index,
    ListOf,
    Name,
    Slice,
    Statement,
    TupleOf,
    Unary,
)
from s2sad.syntax import template
from s2sad.transform.objects.values import PLAIN, Empty, Field, Object, Ref, Result, Value, reachable
from s2sad.transform.objects.walk import Walk
from s2sad.traversal import walk

__all__ = ["ENDS", "GROWS", "ROWS", "Again", "Layout", "Rows", "Shape", "given_as_list", "lists_in"]

ROWS = "rows"
_CONTAINERS = (ROWS, "tuple", "list", "dict")
#: What happened to a list, beside the names of attributes: elements were taken or replaced, or there are new ones behind.
ENDS, GROWS = "#ends", "#grows"
_FROM_FRONT = Object("", "", absolute=True)


@dataclass(frozen=True)
class Layout:
    """The attributes of the objects in a list; of one that is an object itself, those of it."""

    of: str
    fields: tuple[tuple[str | int, Layout | None], ...]


def given_as_list(made: str) -> tuple[object, ...]:
    """The site that stands for the lists of objects of a class among the arguments."""
    return ("argument", made)


class Again(Exception):
    """The list made at a site is one of objects with this layout."""

    def __init__(self, site: tuple[object, ...], layout: Layout) -> None:
        super().__init__(site, layout)
        self.site = site
        self.layout = layout


class Rows(Walk):
    """The part of a walk that knows of lists of objects."""

    # ------------------------------------------------------------------- lists

    def new_list(self, node: ListOf, items: list[Result], hint: str) -> Result | None:
        """A list display that is known to be one of objects, or that may turn out to be; None for other ones."""
        site = self.site(hint)
        layout = self.whole.lists.get(site)
        if layout is None:
            return None if node.items else Result(node, Empty(site))
        found = self.new_rows(layout, hint or "items")
        for item in items:
            self.append(found.number, item, node)
        return Result(node, found)

    def site(self, hint: str) -> tuple[object, ...]:
        return (self.unit.key, None if self.origin is None else self.origin.span, hint)

    def new_rows(self, layout: Layout, prefix: str) -> Ref:
        found = self.new_object(ROWS, prefix)
        self.state.objects[found.number] = replace(self.state.objects[found.number], of=layout.of)
        for name, inner in layout.fields:
            if inner is not None:
                self.set_field(found.number, name, self.new_rows(inner, f"{prefix}_{name}"))
                continue
            variable = self.variable(prefix, name)
            self.emit(Assign(Name(variable), ListOf(())))
            self.set_field(found.number, name, PLAIN, variable)
        return found

    def layout_of(self, number: int, node: Expr) -> Layout:
        """The layout of a list that an object may be put into."""
        own = self.state.objects[number]
        if own.moved or own.index is not None or own.handed_on or own.home is not None or own.made in _CONTAINERS:
            reason = "this: what is in a list of objects must be an object that is nowhere else"
            raise self.refusal(node, reason, "make a new object for the list", "S301")
        fields: list[tuple[str | int, Layout | None]] = []
        for name, one in own.fields.items():
            if not isinstance(one.value, Ref) and not one.variable:
                raise self.refusal(node, f"a list of objects whose `{name}` is no value", "keep it elsewhere")
            fields.append((name, self.layout_of(one.value.number, node) if isinstance(one.value, Ref) else None))
        return Layout(own.made, tuple(fields))

    def layout_of_rows(self, number: int) -> Layout:
        own = self.state.objects[number]
        fields = (
            (name, self.layout_of_rows(one.value.number) if isinstance(one.value, Ref) else None)
            for name, one in own.fields.items()
        )
        return Layout(own.of, tuple(fields))

    def rows_of(self, owner: Result) -> int | None:
        """The number of a list of objects; None for anything else."""
        is_rows = isinstance(owner.value, Ref) and self.state.objects[owner.value.number].made == ROWS
        return owner.value.number if is_rows else None  # type: ignore[attr-defined]

    def made_rows(self, owner: Result, node: Expr) -> int | None:
        """The number of a list of objects of which an element is selected that is not known; None for anything else."""
        if isinstance(owner.value, Ref):
            own = self.state.objects[owner.value.number]
            items = [one.value for one in own.fields.values()]
            if own.site is not None and items and isinstance(items[0], Ref):
                raise Again(own.site, self.layout_of(items[0].number, node))
        return self.rows_of(owner)

    def list_variables(self, number: int) -> list[str]:
        """The lists that a list of objects is."""
        found: list[str] = []
        for one in self.state.objects[number].fields.values():
            found += self.list_variables(one.value.number) if isinstance(one.value, Ref) else [one.variable]
        return found

    def length_of(self, number: int, node: Expr) -> Expr:
        """The number of objects in a list."""
        variables = self.list_variables(number)
        if not variables:
            raise self.refusal(node, "a list of objects without attributes", "use a list of numbers")
        return Call(Global("len"), (Name(variables[0]),), span=node.span)

    def truth(self, node: Expr) -> Expr:
        """A test, which for a list of objects asks whether there are any."""
        match node:
            case Name() | Attribute():
                owner = self.expression(node)
                number = self.rows_of(owner)
                if number is not None:
                    return Compare(self.length_of(number, node), (">",), (Const(0),))
                return self.value(owner, node)
            case Unary(op="not", operand=Name() | Attribute() as inner):
                return replace(node, operand=self.truth(inner))
        match self.plain(node):
            case Unary(op="not", operand=Const(value=bool() as value)):
                return Const(not value)
            case tested:
                return tested

    # ----------------------------------------------------------------- changes

    def method_of_list(self, owner: Result, name: str, args: tuple[Expr, ...], node: Call) -> Result | None:
        """The call of a method of a list of objects; None where it is one of values."""
        number = self.rows_of(owner)
        if name == "append" and len(args) == 1:
            return self.appending(owner, number, args[0], node)
        if number is None:
            return None
        if name == "pop" and not args:
            return Result(node, self.popped(number, node))
        if name == "clear" and not args:
            self.changing_list(number, node, lambda one: True)
            self.emit_all(number, lambda rows: Evaluate(Call(Attribute(rows, "clear"))))
            return Result(Const(None))
        raise self.refusal(node, f"`.{name}` of a list of objects", "use append, pop and indices", "S301")

    def appending(self, owner: Result, number: int | None, arg: Expr, node: Call) -> Result | None:
        value = owner.value
        site = value.site if isinstance(value, Empty) else None
        if isinstance(value, Ref) and number is None:
            site = self.state.objects[value.number].site
        if number is None and site is None:
            return None
        item = self.expression(arg, "" if number is None else _one(self.state.objects[number].prefix))
        if number is not None:
            self.append(number, item, node)
            return Result(Const(None))
        if isinstance(item.value, Ref):
            assert site is not None
            raise Again(site, self.layout_of(item.value.number, node))
        return Result(replace(node, func=Attribute(self.value(owner, node), "append"), args=(self.value(item),)))

    def append(self, number: int, item: Result, node: Expr) -> None:
        """Move an object to the end of a list."""
        if not isinstance(item.value, Ref) or self.layout_of(item.value.number, node) != self.layout_of_rows(number):
            raise self.refusal(node, "a list with objects that are not alike", "use a list for each kind", "S301")
        self.changing_list(number, node, lambda one: not one.absolute)
        self.put(number, item.value.number, lambda rows, value: Evaluate(Call(Attribute(rows, "append"), (value,))))
        self.found_at_end(item.value, number, node)

    def found_at_end(self, item: Ref, number: int, node: Expr) -> None:
        """The variables that refer to an object which was put into a list refer to an element of it now."""
        names = [name for name, value in self.state.variables.items() if value == item]
        if names and item.number not in self.fixed:
            last = self.row(number, self.named_index(Binary("-", self.length_of(number, node), Const(1))), True)
            self.state.variables |= dict.fromkeys(names, last)

    def put(self, number: int, item: int, line: Callable[[Expr, Expr], Statement]) -> None:
        """Move an object into a list: one line for each attribute."""
        own = self.state.objects[item]
        for name, one in self.state.objects[number].fields.items():
            inner = own.fields[name]
            if isinstance(one.value, Ref) and isinstance(inner.value, Ref):
                self.put(one.value.number, inner.value.number, line)
            else:
                self.emit(line(Name(one.variable), Name(inner.variable)))
        self.state.objects[item] = replace(own, moved=True)

    def popped(self, number: int, node: Expr) -> Ref:
        """The last object of a list, taken out of it."""
        self.changing_list(number, node, lambda one: True)
        return self.taken(number, _one(self.state.objects[number].prefix))

    def taken(self, number: int, prefix: str) -> Ref:
        rows = self.state.objects[number]
        found = self.new_object(rows.of, prefix)
        for name, one in rows.fields.items():
            if isinstance(one.value, Ref):
                self.set_field(found.number, name, self.taken(one.value.number, f"{prefix}_{name}"))
                continue
            variable = self.variable(prefix, name)
            self.emit(Assign(Name(variable), Call(Attribute(Name(one.variable), "pop"))))
            self.set_field(found.number, name, one.value, variable)
        return found

    def set_element(self, number: int, index: Expr, item: Result, node: Expr) -> None:
        """`ps[i] = object`."""
        if not isinstance(item.value, Ref) or self.layout_of(item.value.number, node) != self.layout_of_rows(number):
            raise self.refusal(node, "a list with objects that are not alike", "use a list for each kind", "S301")
        self.changing_list(number, node, lambda one: True)
        self.put(number, item.value.number, lambda rows, value: Assign(Index(rows, index), value))
        for one, found in list(self.state.objects.items()):
            if found.rows >= 0 and not found.moved:
                self.state.objects[one] = replace(found, fields=self.fields_at(found.rows, found))

    def fields_at(self, number: int, found: Object) -> dict[str | int, Field]:
        """The attributes of an element, with the objects that are parts of it now."""
        assert found.index is not None
        fields = dict(found.fields)
        for name, one in found.fields.items():
            rows = self.state.objects[number].fields[name].value
            if isinstance(one.value, Ref) and isinstance(rows, Ref) and self.state.objects[one.value.number].moved:
                fields[name] = replace(one, value=self.row(rows.number, found.index, found.absolute))
        return fields

    def emit_all(self, number: int, line: Callable[[Expr], Statement]) -> None:
        for variable in self.list_variables(number):
            self.emit(line(Name(variable)))

    def changing_list(self, number: int, node: Expr, ends: Callable[[Object], bool]) -> None:
        """Note that a list changes: elements for which `ends` holds are not known by their indices any more."""
        inside = reachable([Ref(number)], self.state.objects)
        if self.state.objects[number].home is not None:
            raise self.refusal(
                node, "this change of a list of objects that is an argument", "return a new list", "S301"
            )
        if any(self.state.objects[one].handed_on for one in inside):
            reason = "this change of a list of objects of which something else has a copy"
            raise self.refusal(node, reason, "change it before", "S301")
        self.check_not_looped(number, node)
        self.touch(number)
        self.state.touched |= {(number, ENDS if ends(_FROM_FRONT) else GROWS)}
        self.no_longer(number, ends)

    def no_longer(self, number: int, ends: Callable[[Object], bool]) -> None:
        """Elements of a list are not known by their indices any more."""
        inside = reachable([Ref(number)], self.state.objects)
        for one, found in self.state.objects.items():
            if found.rows in inside and ends(found):
                self.state.objects[one] = replace(found, moved=True)

    def check_not_running(self, number: int, node: Expr) -> None:
        """Refuse to change a list whose elements a loop takes one by one."""
        if self.state.objects[number].made == "list":
            self.check_not_looped(number, node)

    def check_not_looped(self, number: int, node: Expr) -> None:
        if number in self.looped:
            raise self.refusal(node, "this change of a list while a loop runs over it", "use another list", "S301")

    def touch(self, number: int) -> None:
        for name, one in self.state.objects[number].fields.items():
            self.state.touched |= {(number, name)}
            if isinstance(one.value, Ref):
                self.touch(one.value.number)

    # ---------------------------------------------------------------- elements

    def element_at(self, number: int, index: Expr) -> Ref:
        """The object under an index."""
        if any(isinstance(part, Call) and not is_known_pure(part) for part in walk(index)):
            index = self.named_index(index)
        known = index.value >= 0 if isinstance(index, Const) else isinstance(index, Name) and self.counted.get(index)
        return self.row(number, index, bool(known))

    def row(self, number: int, index: Expr, absolute: bool) -> Ref:
        rows = self.state.objects[number]
        found = self.new_object(rows.of, _one(rows.prefix))
        fields = {
            name: replace(
                one, value=self.row(one.value.number, index, absolute) if isinstance(one.value, Ref) else PLAIN
            )
            for name, one in rows.fields.items()
        }
        own = self.state.objects[found.number]
        self.state.objects[found.number] = replace(own, fields=fields, index=index, rows=number, absolute=absolute)
        return found

    def steady(self, result: Result) -> Result:
        """An element that a variable or an attribute is to refer to: its index must not change."""
        match result.value:
            case Ref(number=number) if (index := self.state.objects[number].index) is not None:
                if not isinstance(index, Const) and index not in self.counted:
                    own = self.state.objects[number]
                    found = self.row(own.rows, self.named_index(index), own.absolute)
                    return replace(result, value=found)
        return result

    def named_index(self, index: Expr) -> Name:
        name = self.index_variable()
        self.emit(Assign(name, index))
        self.counted[name] = False
        return name

    def index_variable(self) -> Name:
        """A variable for an index that no element is known by."""
        used = {one.index for one in self.state.objects.values()}
        known = self.made.setdefault("#index", [])
        for one in known:
            if Name(one) not in used:
                return Name(one)
        free = (one for one in ("i", "j", "k") if not self.names.taken(one))
        known.append(self.names.unique(next(free, "i")))
        return Name(known[-1])

    def element_in_step(self, number: int, name: str | int) -> None:
        """The object at run time that an element of an argument stands for gets an attribute, too."""
        own = self.state.objects[number]
        rows = self.state.objects[own.rows if own.rows >= 0 else self.cloned[number]]
        if rows.home is not None and own.index is not None:
            target = Index(rows.home, own.index)
            self.emit(Evaluate(Call(Global("_set"), (target, Const(name), own.holder(name)))))

    def list_in_step(self, number: int, name: str | int) -> None:
        """The same for all elements."""
        rows = self.state.objects[number]
        if rows.home is not None and name in rows.fields:
            place, values = Name(self.names.unique("i")), Name(rows.fields[name].variable)
            target, value = Index(rows.home, place), Index(values, place)
            line = Evaluate(Call(Global("_set"), (target, Const(name), value)))
            self.emit(For(place, template("range(len(x))", x=values), (line,)))

    def identical(self, m: int, n: int) -> Compare | None:
        """The test whether two elements are the same; None where that is known otherwise."""
        one, other = self.state.objects[m], self.state.objects[n]
        if one.index is None or other.index is None or one.rows != other.rows:
            return None
        if not (one.absolute and other.absolute):
            raise self.refusal(None, "this test of identity: an index may count from the end", "compare indices")
        return Compare(one.index, ("==",), (other.index,))

    def detached(self, args: dict[str, Result]) -> dict[str, Result]:
        """The arguments of a call with elements of lists as objects that a callee may have in variables."""
        clones: dict[tuple[int, Expr], Ref] = {}

        def clone(number: int) -> Ref:
            own = self.state.objects[number]
            assert own.index is not None
            if (own.rows, own.index) not in clones:
                found = clones[own.rows, own.index] = self.new_object(own.made, own.prefix)
                fields = {
                    name: replace(one, value=clone(one.value.number) if isinstance(one.value, Ref) else one.value)
                    for name, one in own.fields.items()
                }
                self.state.objects[found.number] = replace(own, fields=fields, rows=-1)
                self.cloned[found.number] = own.rows
            return clones[own.rows, own.index]

        done: dict[str, Result] = {}
        for name, one in args.items():
            is_row = isinstance(one.value, Ref) and self.state.objects[one.value.number].index is not None
            done[name] = replace(one, value=clone(one.value.number)) if is_row else one  # type: ignore[attr-defined]
        within = reachable([one.value for one in done.values()], self.state.objects)
        if any(self.state.objects[number].rows >= 0 for number in within):
            raise self.refusal(
                None, "a call with an object that holds an element of a list", "pass the element", "S301"
            )
        return done

    # ------------------------------------------------------------------- loops

    def over_rows(self, iterable: Expr) -> tuple[Expr, Shape] | None:
        """What a loop over objects in lists runs over instead, with what that gives; None for other loops."""
        match iterable:
            case Call(func=Global(dotted=dotted), args=args, keywords=()) if dotted in _ITERATORS:
                inner = [self.over_rows(arg) for arg in args]
                if not any(inner):
                    return None
                places = [self.plain(arg) if one is None else one[0] for arg, one in zip(args, inner, strict=True)]
                shapes = [None if one is None else one[1] for one in inner]
                return replace(iterable, args=tuple(places)), _ITERATORS[dotted](shapes)
            case Index(value=value, index=Slice() as index):
                inner_rows = self.over_rows(value)
                if inner_rows is None or not isinstance(inner_rows[1], int):
                    return None
                return self.range_of(index, self.length_of(inner_rows[1], value)), inner_rows[1]
            case Name() | Attribute():
                number = self.rows_of(self.expression(iterable))
                return None if number is None else (Call(Global("range"), (self.length_of(number, iterable),)), number)
        return None

    def range_of(self, index: Slice, length: Expr) -> Expr:
        """The indices that a slice of a list selects."""
        match index:
            case Slice(lower=None | Const() as lower, upper=None | Const() as upper, step=None):
                start = Const(0) if lower is None else lower
                end = Const(0) if upper is None else upper
                if start.value >= 0 and end.value <= 0 and (upper is None or end.value):
                    stop = Binary("-", length, Const(-end.value)) if end.value else length
                    return Call(Global("range"), (start, stop) if start.value else (stop,))
        raise self.refusal(index, "this slice of a list of objects", "run over indices: `for i in range(…)`", "S301")

    def bind_rows(self, target: Expr, shape: Shape) -> Expr:
        """The target of such a loop, with indices where there were objects."""
        match target, shape:
            case _, None:
                return self.place(target, PLAIN)
            case Name(id=name), int():
                index = self.index_variable()
                self.counted[index] = True
                self.state.variables[name] = found = self.row(shape, index, True)
                self.pinned.append(found)
                return index
            case TupleOf(items=items), Each(shape=inner):
                return TupleOf(tuple(self.bind_rows(item, inner) for item in items))
            case TupleOf(items=items), tuple() if len(items) == len(shape):
                return TupleOf(tuple(map(self.bind_rows, items, shape)))
        raise self.refusal(target, "this target of a loop over objects", "name each part")

    def place(self, target: Expr, value: Value) -> Expr:
        """What a value is assigned to at run time; known from now on."""
        raise NotImplementedError


@dataclass(frozen=True)
class Each:
    """Each of the parts is of this shape."""

    shape: Shape


def _one(plural: str) -> str:
    """What to call one of many: `body` of `bodies`.

    >>> [_one(name) for name in ("bodies", "cells", "glass", "fleet")]
    ['body', 'cell', 'glass', 'fleet']
    """
    if plural.endswith("ies"):
        return f"{plural[:-3]}y"
    return plural[:-1] if plural.endswith("s") and not plural.endswith("ss") else plural


def lists_in(shape: Shape) -> list[int]:
    """The lists of objects that a loop runs over."""
    match shape:
        case int():
            return [shape]
        case Each(shape=inner):
            return lists_in(inner)
        case tuple():
            return [number for inner in shape for number in lists_in(inner)]
    return []


#: What a loop gives: the elements of the list of objects with a number, other values (None), or parts of these.
Shape = int | Each | tuple["Shape", ...] | None

_ITERATORS: dict[str, Callable[[list[Shape]], Shape]] = {
    "enumerate": lambda shapes: (None, shapes[0]),
    "zip": tuple,
    "reversed": lambda shapes: shapes[0],
    "list": lambda shapes: shapes[0],
    "tuple": lambda shapes: shapes[0],
    "itertools.product": tuple,
    "itertools.combinations": lambda shapes: Each(shapes[0]),
    "itertools.permutations": lambda shapes: Each(shapes[0]),
    "itertools.pairwise": lambda shapes: Each(shapes[0]),
}
