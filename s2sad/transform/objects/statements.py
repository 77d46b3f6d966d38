"""Following statements: assignments to attributes become assignments to variables, paths and rounds are brought together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from s2sad.frontend.attempts import handler_of
from s2sad.frontend.jumps import without_continue
from s2sad.frontend.unit import Method
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
    Evaluate,
    Expr,
    For,
    Global,
    If,
    Index,
    ListOf,
    Name,
    Pass,
    Raise,
    Return,
    Statement,
    Try,
    TupleOf,
    Unary,
    While,
    With,
)
from s2sad.kind import Kind, Record, Sequence, Unknown
from s2sad.rules.stores import FLAT
from s2sad.transform.objects.calls import Calls
from s2sad.transform.objects.join import joined
from s2sad.transform.objects.over import elements_of_object, rounds_of_object
from s2sad.transform.objects.rows import Again, Layout, Shape, given_as_list, lists_in
from s2sad.transform.objects.values import (
    PLAIN,
    ClassValue,
    Conflict,
    MethodValue,
    Nothing,
    Object,
    Plain,
    Ref,
    Result,
    Row,
    Runtime,
    State,
    There,
    Value,
    reachable,
)
from s2sad.transform.objects.walk import Exit, element_of, may_change_objects
from s2sad.traversal import assigned, names_in, target_names

__all__ = ["Statements"]

_ROUNDS = 8
_DEEPEST = 20
_UPDATES = {"+": "__iadd__", "-": "__isub__", "*": "__imul__", "/": "__itruediv__", "@": "__imatmul__"}


class Statements(Calls):
    """A walk through the statements of a function."""

    def block(self, block: Block) -> Block:
        """The statements that a block becomes; the state is the one behind it."""
        before, self.out = self.out, []
        for s in block:
            if self.is_dead:
                break
            self.collect_garbage()
            self.origin = s.origin or self.origin
            self.statement(s)
        done, self.out = self.out, before
        return tuple(done)

    def collect_garbage(self) -> None:
        """Forget the objects that nothing refers to any more: their variables serve again."""
        if self.keeping:
            return
        values = [*self.state.variables.values(), *self.pinned]
        kept = {**reachable(values, self.state.objects), **dict.fromkeys(self.fixed)}
        self.state.objects = {number: one for number, one in self.state.objects.items() if number in kept}

    def statement(self, s: Statement) -> None:
        match s:
            case Assign(target=target, value=value):
                self.assignment(s, target, value)
            case Aug():
                self.update(s)
            case If(test=test, then=then, orelse=orelse):
                self.branch(s, test, then, orelse)
            case For():
                self.loop_over(s)
            case While():
                self.loop_while(s)
            case Return(value=value):
                self.leave(s, None if value is None else self.expression(value))
            case Evaluate(value=value):
                found = self.expression(value)
                if isinstance(found.value, Plain | Runtime) and not isinstance(found.expr, Const | Name):
                    self.emit(replace(s, value=found.expr))
            case Assert(test=test, message=message):
                tested = self.plain(test)
                said = None if message is None else self.value(self.quiet(message), message)
                self.emit(replace(s, test=tested, message=said))
            case Raise(exception=exception, cause=cause):
                self.is_raising = True
                parts = [None if part is None else self.plain(part) for part in (exception, cause)]
                self.emit(replace(s, exception=parts[0], cause=parts[1]))
                self.is_raising = False
                self.is_dead = True
            case Pass() | Comment():
                self.emit(s)
            case With(context=context, target=target, body=body):
                held = self.plain(context)
                place = None if target is None else self.place(target, PLAIN)
                self.emit(replace(s, context=held, target=place, body=self.block(body)))
            case Try():
                self.guarded(s)
            case _:
                raise self.refusal(None, f"`{type(s).__name__.lower()}` in a function with objects", "leave it out")

    # ------------------------------------------------------------- assignments

    def assignment(self, s: Assign, target: Expr, value: Expr) -> None:
        if isinstance(target, TupleOf) and isinstance(value, TupleOf) and len(target.items) == len(value.items):
            hints = {id(item): self.hints(one)[0] for one, item in zip(target.items, value.items, strict=True)}
            found = self.in_order(value.items, lambda item: self.expression(item, hints.get(id(item), "")))
            self.bind_all(s, list(target.items), found)
            return
        hint, besides = self.hints(target)
        self.bind(s, target, self.expression(value, hint, besides))

    def hints(self, target: Expr) -> tuple[str, str]:
        """What to call what is assigned to a target, and the variable whose object it replaces."""
        match target:
            case Name(id=name):
                return name, name
            case Attribute(value=owner, attr=attr):
                found = self.quiet(owner).value
                if isinstance(found, Ref):
                    return f"{self.state.objects[found.number].prefix}_{attr}", ""
        return "", ""

    def quiet(self, node: Expr) -> Result:
        """An expression that is looked at more than once."""
        before = len(self.out)
        found = self.expression(node)
        if len(self.out) > before:
            raise self.refusal(
                node, "this use of what changes or makes an object", "give it a name in a line of its own"
            )
        return found

    def bind_all(self, s: Assign, targets: list[Expr], values: list[Result]) -> None:
        """Values to targets at the same time."""
        at_run_time = [
            isinstance(one.value, Plain | Runtime) and self.setter_of(target) is None
            for target, one in zip(targets, values, strict=True)
        ]
        pairs = [(t, v) for t, v, held in zip(targets, values, at_run_time, strict=True) if held]
        others = [(t, v) for t, v, held in zip(targets, values, at_run_time, strict=True) if not held]
        if pairs and others:
            self.check_apart(targets, at_run_time)
        if len(targets) > 1:
            others = [(target, self.taken_now(one)) for target, one in others]
        places, kept = self.places_after(pairs)
        pairs = [(target, one) for (target, _), one in zip(pairs, kept, strict=True)]
        if len(pairs) == 1:
            self.emit(replace(s, target=places[0], value=pairs[0][1].expr))
        elif pairs:
            self.emit(replace(s, target=TupleOf(tuple(places)), value=TupleOf(tuple(one.expr for _, one in pairs))))
        for target, _ in pairs:
            self.in_step(target)
        for target, one in others:
            self.bind(s, target, one)

    def places_after(self, pairs: list[tuple[Expr, Result]]) -> tuple[list[Expr], list[Result]]:
        """What values are assigned to, which is found after the values: those that it changes have names."""
        before = len(self.out)
        places: list[Expr] = []
        for target, one in pairs:
            length = len(self.out)
            places.append(self.place(target, one.value))
            if len(self.out) > length and len(places) > 1:
                reason = "this assignment: a target changes or makes an object"
                raise self.refusal(target, reason, "assign one after the other")
        values = [one for _, one in pairs]
        if len(self.out) > before:
            late, self.out[before:] = self.out[before:], []
            changed = {name for s in late for name in assigned(s)}
            values = [self.kept(one, changed, any(map(may_change_objects, late))) for one in values]
            self.out += late
        return places, values

    def taken_now(self, one: Result) -> Result:
        """A value that a property is given after other targets are bound: it is what it is before."""
        if not isinstance(one.value, Plain | Runtime) or isinstance(one.expr, Const):
            return one
        name = Name(self.names.unique("t"))
        self.emit(Assign(name, one.expr))
        return replace(one, expr=name)

    def check_apart(self, targets: list[Expr], at_run_time: list[bool]) -> None:
        """Refuse what depends on the order of the targets: those with objects are bound after all others."""
        for k, (target, held) in enumerate(zip(targets, at_run_time, strict=True)):
            later = [one for one, is_first in zip(targets[k:], at_run_time[k:], strict=True) if is_first]
            if not held and any(_meet(target, one) or _meet(one, target) for one in later):
                reason = "this assignment: what a target means depends on another one"
                raise self.refusal(target, reason, "assign one after the other")
            if not held and self.setter_of(target) is not None and not all(isinstance(one, Name) for one in later):
                reason = "this assignment: a property is set before other attributes"
                raise self.refusal(target, reason, "assign one after the other")

    def place(self, target: Expr, value: Value) -> Expr:
        """What a value is assigned to at run time; known from now on."""
        match target:
            case Name(id=name):
                self.state.variables[name] = value
                return target
            case Attribute(value=owner, attr=attr) if attr == FLAT and isinstance(self.quiet(owner).value, Plain):
                return replace(target, value=self.value(self.expression(owner)))
            case Attribute(value=owner, attr=attr):
                return replace(self.place_of(self.quiet(owner), attr, value, target), span=target.span)
            case TupleOf(items=items):
                self.check_run_over(Result(target, value))
                inner = value.kind.items if isinstance(value, Runtime) and isinstance(value.kind, Sequence) else ()
                kinds = inner if len(inner) == len(items) else (Unknown(),) * len(items)
                values = [self.value_of(kind) for kind in kinds]
                return TupleOf(tuple(map(self.place, items, values)), span=target.span)
            case Index(value=owner, index=index):
                parts = self.in_order((owner, index))
                return Index(self.value(parts[0]), self.value(parts[1]), span=target.span)
        return target

    def bind(self, s: Assign, target: Expr, result: Result) -> None:
        setter = self.setter_of(target)
        if setter is not None:
            self.called(setter[1], [setter[0], result], target)
            return
        match target, result.value:
            case Index(value=owner, index=index), _ if self.set_item(owner, index, result, target):
                pass
            case _, (Plain() | Runtime()):
                (place,), (result,) = self.places_after([(target, result)])
                if place != result.expr:
                    self.emit(replace(s, target=place, value=result.expr))
                if isinstance(target, Name) and result.expr == Const(None) and not self.guarding:
                    self.state.variables[target.id] = Nothing()
                self.in_step(target)
            case TupleOf(items=items), Ref(number=number):
                self.check_run_over(result)
                fields = list(self.state.objects[number].fields.values())
                if len(fields) != len(items):
                    raise self.refusal(target, "this assignment: the numbers of parts differ", "name each part")
                parts = [Result(Name(one.variable) if one.variable else target, one.value) for one in fields]
                self.bind_all(s, list(items), parts)
            case Name(id=name), _:
                self.state.variables[name] = self.steady(result).value
            case Attribute(value=owner, attr=attr), _:
                self.set_object(self.expression(owner), attr, result, target)
            case _:
                place = self.place(target, PLAIN)
                self.emit(replace(s, target=place, value=self.value(result)))

    def setter_of(self, target: Expr) -> tuple[Result, Method] | None:
        """The object and the function that assigns the property, where the target is one of an object."""
        if not isinstance(target, Attribute):
            return None
        owner = self.quiet(target.value)
        method = self.method_of(owner, target.attr)
        return None if method is None or method.setter is None else (owner, method.setter)

    def set_object(self, owner: Result, attr: str, result: Result, node: Expr) -> None:
        """`owner.attr = object`."""
        if isinstance(result.value, MethodValue):
            place = self.place_of(owner, attr, PLAIN, node)
            self.emit(Assign(place, self.value(result)))
            return
        number = self.changing(owner, attr, node)
        if self.state.objects[number].index is not None:
            self.set_part(number, attr, result, node)
            return
        result = self.steady(result)
        if self.state.objects[number].home is not None:
            raise self.refusal(node, "an object stored in an argument", "return the object", "S301")
        self.set_field(number, attr, result.value)

    def set_item(self, owner: Expr, index: Expr, result: Result, node: Expr) -> bool:
        """`owner[index] = value` of an object or a container of objects; False for other containers."""
        found = self.quiet(owner)
        method = self.method_of(found, "__setitem__")
        if method is not None:
            self.called(method, [found, self.expression(index), result], node)
            return True
        if not isinstance(found.value, Ref):
            return False
        number = found.value.number
        self.check_not_running(number, node)
        key = self.expression(index).expr
        rows = self.rows_of(found) if isinstance(key, Const) else self.made_rows(found, node)
        if rows is not None:
            self.set_element(rows, key, result, node)
            return True
        known = self.state.objects[number]
        if known.made not in ("list", "dict") or not isinstance(key, Const) or known.handed_on:
            raise self.refusal(node, "this assignment to an element", "select the element by a number", "S301")
        if isinstance(result.value, Plain | Runtime):
            one = known.fields.get(key.value)
            variable = one.variable if one is not None and one.variable else self.variable(known.prefix, key.value)
            self.emit(Assign(Name(variable), result.expr))
            self.set_field(number, key.value, result.value, variable)
        else:
            self.set_field(number, key.value, result.value)
        return True

    def set_part(self, number: int, attr: str, result: Result, node: Expr) -> None:
        """`ps[i].attr = object`."""
        own = self.state.objects[number]
        rows = self.state.objects[own.rows].fields.get(attr) if own.rows >= 0 else None
        if rows is None or not isinstance(rows.value, Ref) or own.index is None:
            raise self.refusal(node, f"this assignment to `.{attr}`: it was no object before", "make it one", "S301")
        self.set_element(rows.value.number, own.index, result, node)

    def place_of(self, owner: Result, attr: str, value: Value, node: Expr) -> Expr:
        """What holds an attribute which is assigned."""
        number = self.changing(owner, attr, node)
        known = self.state.objects[number]
        if known.index is not None:
            if attr not in known.fields or not known.fields[attr].variable:
                reason = f"this assignment to `.{attr}`: not all elements of the list have it"
                raise self.refusal(node, reason, "assign it when the object is made", "S301")
            self.state.touched |= {(known.rows, attr)}
            return known.holder(attr)
        one = known.fields.get(attr)
        variable = one.variable if one is not None and one.variable else self.variable(known.prefix, attr)
        self.set_field(number, attr, value, variable)
        return Name(variable)

    def changing(self, owner: Result, attr: str, node: Expr) -> int:
        """The number of an object an attribute of which may be assigned."""
        match owner.value:
            case Ref(number=number):
                known = self.known(number, node)
                made = self.whole.class_of(known.made)
                if known.handed_on or (known.rows >= 0 and self.state.objects[known.rows].handed_on):
                    reason = f"the assignment to `.{attr}`: the object is part of another value, or of the module"
                    raise self.refusal(node, reason, "make a new object with the new value", "S301")
                if known.home is not None and not self.whole.is_alone(known.made):
                    reason = f"the assignment to `.{attr}` of an argument, of whose class there are several"
                    raise self.refusal(node, reason, "make a new object with the new value", "S301")
                is_given = known.rows >= 0 and self.state.objects[known.rows].home is not None
                if is_given and not self.whole.is_alone(known.made):
                    reason = f"the assignment to `.{attr}` of an argument, of whose class there are several"
                    raise self.refusal(node, reason, "make a new object with the new value", "S301")
                if made is None or made.frozen or made.form == "namedtuple":
                    raise self.refusal(node, f"the assignment to `.{attr}` of what cannot change", "make a new object")
                if made.scope.member(attr) is not None and self.method_of(owner, attr) is not None:
                    raise self.refusal(
                        node, f"this assignment to the property `{attr}`", "assign it in a line of its own"
                    )
                return number
            case Runtime(kind=Record(made=made)) if self.whole.may_be_rows(made):
                raise Again(given_as_list(made), Layout(made, ()))
            case Runtime():
                reason = f"the assignment to `.{attr}` of an element of a container, which others may see"
                raise self.refusal(node, reason, "make a new object with the new value", "S301")
            case There() | ClassValue():
                reason = f"the assignment to `.{attr}` of what lives outside of the function"
                raise self.refusal(node, reason, "return the new value", "S301")
            case Conflict(reason=reason):
                raise self.refusal(node, f"this use of an object: {reason}", "make the object once, before the branch")
        raise self.refusal(
            node, "the assignment to an attribute of what is not known", "use a local variable and return it"
        )

    def in_step(self, target: Expr) -> None:
        """An object at run time gets the attribute that its variable has got."""
        match target:
            case Attribute(value=owner, attr=attr):
                found = self.expression(owner).value
                if isinstance(found, Ref) and self.state.objects[found.number].index is not None:
                    self.element_in_step(found.number, attr)
                elif isinstance(found, Ref) and (home := self.state.objects[found.number].home) is not None:
                    variable = self.state.objects[found.number].fields[attr].variable
                    self.emit(Evaluate(Call(Global("_set"), (home, Const(attr), Name(variable)))))
            case TupleOf(items=items):
                for item in items:
                    self.in_step(item)

    def followed(self, node: Expr, again: bool) -> Result:
        """An expression followed, which happens `again` when it is assigned."""
        return self.quiet(node) if again else self.expression(node)

    def update(self, s: Aug) -> None:
        old, value = self.in_order((s.target, s.value), lambda node: self.followed(node, node is s.target))
        method = self.method_of(old, _UPDATES.get(s.op, "")) if not isinstance(old.value, Plain) else None
        if method is not None:
            self.bind(Assign(s.target, s.target), s.target, self.called(method, [old, value], s.target))
            return
        if self.setter_of(s.target) is not None:
            self.bind(Assign(s.target, s.target), s.target, Result(Binary(s.op, self.value(old), self.value(value))))
            return
        if not isinstance(old.value, Plain):
            # Names, for what was found already.
            both = {"#old": old.value, "#value": value.value}
            self.state.variables |= both
            found = self.expression(Binary(s.op, Name("#old"), Name("#value")))
            for name in both:
                del self.state.variables[name]
            self.bind(Assign(s.target, s.target), s.target, found)
            return
        place = self.place(s.target, PLAIN)
        right = self.value(value)
        if old.expr == place:
            self.emit(replace(s, target=place, value=right))
        else:
            self.emit(Assign(place, Binary(s.op, old.expr, right), origin=s.origin))
        self.in_step(s.target)

    def leave(self, s: Return, result: Result | None) -> None:
        self.is_dead = True
        if self.is_root:
            self.emit(replace(s, value=None if result is None else self.value(result)))
            return
        if result is not None and isinstance(result.value, MethodValue | ClassValue | There):
            result = Result(self.value(result))
        result = self.by_index(result)
        self.check_leaving(result)
        self.emit(replace(s, value=None))
        stands = self.out[-1]
        assert isinstance(stands, Return)
        self.exits.append(Exit(stands, self.state.copy(), result))

    def by_index(self, result: Result | None) -> Result | None:
        """For an element of a list that the caller knows as well its index."""
        match result:
            case Result(value=Ref(number=number)) if self.state.objects[number].rows in self.fixed:
                own = self.known(number, result.expr)
                assert own.index is not None
                return Result(own.index, Row(own.rows, own.absolute))
        return result

    def check_leaving(self, result: Result | None) -> None:
        """Refuse elements of lists in what a function returns or leaves behind: the caller would not know which they are."""
        values = [*map(Ref, self.fixed), *([] if result is None else [result.value])]
        if any(self.state.objects[number].rows >= 0 for number in reachable(values, self.state.objects)):
            reason = "a function that returns an element of a list of objects"
            raise self.refusal(None, reason, "return its index, or its attributes", "S301")

    # ---------------------------------------------------------------- branches

    def branch(self, s: If, test: Expr, then: Block, orelse: Block) -> None:
        tested = self.truth(test)
        if isinstance(tested, Const) and type(tested.value) is bool:
            self.out += self.block(then if tested.value else orelse)
            return
        before = self.state.copy()
        first = list(self.block(then))
        after, dead = self.state, self.is_dead
        self.state, self.is_dead = before, False
        second = list(self.block(orelse))
        if dead:
            after = self.state
        elif not self.is_dead:
            found = joined(after, self.state, self.staying(after), self)
            self.complete(found.missing[0], found.state, first)
            self.complete(found.missing[1], found.state, second)
            self.copy(found.copies_first, first)
            self.copy(found.copies, second)
            after = found.state
        self.state, self.is_dead = after, dead and self.is_dead
        self.emit(replace(s, test=tested, then=tuple(first), orelse=tuple(second)))

    def guarded(self, s: Try) -> None:
        """`try`: a handler may begin anywhere in the body, which therefore must not change what variables refer to."""
        for name in [name for name, value in self.state.variables.items() if isinstance(value, Nothing)]:
            self.state.variables[name] = PLAIN
        before = self.state.copy()
        self.guarding += 1
        goes_on = handler_of(s) is not None
        self.caught += goes_on
        body = self.block(s.body)
        self.caught -= goes_on
        blocks = [body, *(self.block(one.body) for one in s.handlers), self.block(s.orelse)]
        blocks.append(self.block(s.final))
        self.guarding -= 1
        if _known(self.state) != _known(before):
            raise self.refusal(None, "`try` around what makes or changes objects", "make the objects before it")
        types = [None if one.type is None else self.plain(one.type) for one in s.handlers]
        handlers = (replace(one, type=t, body=b) for one, t, b in zip(s.handlers, types, blocks[1:-2], strict=True))
        self.emit(replace(s, body=blocks[0], handlers=tuple(handlers), orelse=blocks[-2], final=blocks[-1]))

    def complete(self, missing: list[tuple[int, str | int]], state: State, block: list[Statement]) -> None:
        """An attribute that only the other path has assigned is that of the class, if that has one."""
        for number, name in missing:
            made = self.whole.class_of(state.objects[number].made)
            variable = state.objects[number].fields[name].variable if name in state.objects[number].fields else ""
            if made is not None and isinstance(name, str) and made.scope.member(name) is not None and variable:
                before, self.out = self.out, block
                value = self.member(made.key, name, Result(Name(variable), Ref(number)), Name(variable))
                self.emit(Assign(Name(variable), self.value(value)))
                self.out = before

    def copy(self, copies: dict[str, str], block: list[Statement]) -> None:
        """Assign variables to variables at the end of a block."""
        before, self.out = self.out, block
        self.assign([(name, Name(other)) for name, other in copies.items()])
        self.out = before

    # ------------------------------------------------------------------- loops

    def elements_of(self, node: Call) -> Name | None:
        found = elements_of_object(self, node)
        if found is None:
            return None
        items, lines = found
        # What is evaluated already is still needed.
        self.keeping += 1
        self.out += self.block(lines)
        self.keeping -= 1
        return items

    def loop_over(self, s: For) -> None:
        inside = rounds_of_object(self, s)
        if inside is not None:
            self.running += 1
            if self.running > _DEEPEST:
                raise self.refusal(s.iterable, "generators that run over generators without an end", "return a list")
            self.out += self.block(inside)
            self.running -= 1
            return
        s = replace(s, iterable=self.looked_at(s.iterable))
        rounds = self.unrolled(s.iterable)
        if rounds is not None:
            looped = len(self.looped)
            self.looped += self.containers(s.iterable)
            self.one_by_one(s, rounds)
            del self.looped[looped:]
            return
        found = self.over_rows(s.iterable)
        if found is not None:
            self.loop_over_rows(s, *found)
            return
        iterable = self.expression(s.iterable)
        self.check_run_over(iterable)
        elements = self.elements(s.iterable)

        def head() -> Expr:
            return self.place(s.target, elements)

        with self.counting(s):
            target, body, until = self.rounds(head, s)
        self.emit(replace(s, target=target, iterable=self.value(iterable), body=body, until=until))

    def looked_at(self, iterable: Expr) -> Expr:
        """What a loop runs over, which is followed more than once: what changes or makes an object has a name."""
        match iterable:
            case Name() | Const():
                return iterable
            case Call(func=Global(), args=args):
                return replace(iterable, args=tuple(self.looked_at(arg) for arg in args))
            case Attribute(value=value) | Index(value=value):
                return replace(iterable, value=self.looked_at(value))
        before = len(self.out)
        found = self.expression(iterable)
        return self.under_a_name(self.steady(found)) if len(self.out) > before else iterable

    def under_a_name(self, found: Result) -> Name:
        has_name = isinstance(found.value, Plain | Runtime) and isinstance(found.expr, Name)
        name = found.expr if has_name else Name(self.names.unique("t"))
        assert isinstance(name, Name)
        self.state.variables[name.id] = found.value
        if isinstance(found.value, Plain | Runtime) and not has_name:
            self.emit(Assign(name, found.expr))
        return name

    def loop_over_rows(self, s: For, iterable: Expr, shape: Shape) -> None:
        """A loop over objects in lists is one over their indices."""
        looped, lists = len(self.looped), lists_in(shape)
        self.looped += lists
        # The variable that the loop runs over may be given another list.
        self.pinned += map(Ref, lists)
        pinned = len(self.pinned)

        def head() -> Expr:
            del self.pinned[pinned:]
            return self.bind_rows(s.target, shape)

        target, body, until = self.rounds(head, s)
        del self.pinned[pinned - len(lists) :], self.looped[looped:]
        self.emit(replace(s, target=target, iterable=iterable, body=body, until=until))

    @contextmanager
    def counting(self, s: For) -> Iterator[None]:
        """While a loop is followed: its variable may be the index of an element, if nothing else assigns it."""
        before = dict(self.counted)
        own = {name for inner in s.body for name in assigned(inner)}
        match s:
            case For(target=Name() as index, iterable=Call(func=Global(dotted="range"), args=args)) if (
                index.id not in own
            ):
                self.counted[index] = len(args) == 1
            case For(
                target=TupleOf(items=(Name() as index, _)), iterable=Call(func=Global(dotted="enumerate"), args=args)
            ):
                if index.id not in own:
                    self.counted[index] = len(args) == 1
        yield
        self.counted = before

    def one_by_one(self, s: For, rounds: list[Result]) -> None:
        """A loop as its rounds, one after the other."""
        body = without_continue(s.body)
        names = [Name(f"#round {len(self.pinned)} {k}") for k in range(len(rounds))]
        self.pinned += [one.value for one in rounds]
        for name, one in zip(names, rounds, strict=True):
            self.state.variables[name.id] = one.value
        for name, one in zip(names, rounds, strict=True):
            held = one.expr if isinstance(one.value, Plain | Runtime) else name
            first = Assign(s.target, held, origin=s.origin)
            if s.until is None or name is names[0]:
                self.bind(first, s.target, one)
                self.out += self.block(body)
            else:
                # Not after a `break`.
                self.out += self.block((If(Unary("not", s.until), (first, *body), origin=s.origin),))
        for name in names:
            self.state.variables.pop(name.id, None)
        del self.pinned[len(self.pinned) - len(rounds) :]

    def loop_while(self, s: While) -> None:
        def head() -> Expr:
            before = len(self.out)
            test = self.truth(s.test)
            if len(self.out) > before:
                raise self.refusal(s.test, "a loop whose test changes or makes an object", "test a variable")
            return test

        test, body, until = self.rounds(head, s)
        self.emit(replace(s, test=test, body=body, until=until))

    def rounds(self, head: Callable[[], Expr], s: For | While) -> tuple[Expr, Block, Expr | None]:
        """A loop's head and body, for a state at its head that holds in every round; that is the state behind it, too."""
        self.collect_garbage()
        start, exits = self.state, len(self.exits)
        for _ in range(_ROUNDS):
            names, made, count = self.names.copy(), {k: list(v) for k, v in self.made.items()}, self.count
            self.state = start.copy()
            del self.exits[exits:]
            top = head()
            around = self.state.copy()
            body = list(self.block(s.body))
            if self.is_dead:
                self.is_dead = False
                self.state = around
                return top, tuple(body), s.until
            until = None if s.until is None else self.value(self.quiet(s.until))
            found = joined(start, self.state, self.staying(start), self)
            if _known(found.state) == _known(start):
                self.copy(found.copies, body)
                self.state = found.state
                return top, tuple(body), until
            self.complete(found.missing[0], found.state, self.out)
            self.copy(found.copies_first, self.out)
            start = found.state
            if found.made:
                continue
            self.names, self.made, self.count = names, made, count
        raise self.refusal(None, "this loop: which objects there are changes from round to round", "write it without")

    def elements(self, iterable: Expr) -> Value:
        """What is known of what a loop runs through."""
        match iterable:
            case Call(func=Global(dotted="enumerate"), args=(inner, *_)):
                return self.pair(PLAIN, self.elements(inner))
            case Call(func=Global(dotted="zip"), args=args) if len(args) == 2:
                return self.pair(*map(self.elements, args))
            case Call(func=Global(dotted="reversed" | "list" | "tuple"), args=(inner,)):
                return self.elements(inner)
            case Call(func=Attribute(value=owner, attr="values"), args=()):
                kind = _kind(self.expression(owner).value)
                items = kind.items if isinstance(kind, Record) else ()
                return element_of(Sequence("list", items), self.value_of)
        return element_of(_kind(self.expression(iterable).value), self.value_of)

    def pair(self, a: Value, b: Value) -> Value:
        if a == b == PLAIN:
            return PLAIN
        return Runtime(Sequence("tuple", (_kind(a), _kind(b))))

    def unrolled(self, iterable: Expr) -> list[Result] | None:
        """The rounds of a loop over objects that are known one by one; None for other loops."""
        match iterable:
            case Call(func=Global(dotted="enumerate"), args=(inner,)):
                rounds = self.unrolled(inner)
                return rounds and [self.in_pair(Result(Const(k)), one) for k, one in enumerate(rounds)]
            case Call(func=Global(dotted="zip"), args=(first, second)):
                one, other = self.unrolled(first), self.unrolled(second)
                if one is None or other is None:
                    return None
                return [self.in_pair(a, b) for a, b in zip(one, other, strict=False)]
            case Call(func=Global(dotted="reversed"), args=(inner,)):
                rounds = self.unrolled(inner)
                return rounds and rounds[::-1]
            case Name() | Attribute() | TupleOf() | ListOf():
                return self.unrolled_container(iterable)
        return None

    def containers(self, iterable: Expr) -> list[int]:
        """The containers of objects that a loop runs over whose rounds are written one by one."""
        match iterable:
            case Call(args=args):
                return [number for arg in args for number in self.containers(arg)]
            case Name() | Attribute():
                found = self.quiet(iterable).value
                return [found.number] if isinstance(found, Ref) else []
        return []

    def unrolled_container(self, node: Expr) -> list[Result] | None:
        found = self.expression(node) if isinstance(node, TupleOf | ListOf) else self.quiet(node)
        match found.value:
            case Ref(number=number) if self.state.objects[number].made in ("tuple", "list"):
                fields = self.state.objects[number].fields.values()
                return [Result(Name(one.variable) if one.variable else node, one.value) for one in fields]
            case Runtime(kind=Sequence(items=items)) if len({self.value_of(item) for item in items}) > 1:
                # Of different classes: each round calls other methods.
                return [Result(Index(found.expr, Const(k)), self.value_of(item)) for k, item in enumerate(items)]
        return None

    def in_pair(self, a: Result, b: Result) -> Result:
        pair = self.new_object("tuple", "pair")
        for k, one in enumerate((a, b)):
            variable = ""
            if isinstance(one.value, Plain | Runtime):
                variable = self.variable("pair", k)
                self.emit(Assign(Name(variable), one.expr))
            self.set_field(pair.number, k, one.value, variable)
        return Result(Const(None), pair)


def _known(state: State) -> tuple[dict[str, Value], dict[int, Object]]:
    """What a state says of objects."""
    return {name: value for name, value in state.variables.items() if value != PLAIN}, state.objects


def _kind(value: Value) -> Kind:
    return value.kind if isinstance(value, Runtime) else Unknown()


def _meet(first: Expr, second: Expr) -> bool:
    """True if one target binds a variable that another one, which is none itself, reads."""
    own = set(names_in(second)) - set(target_names(second))
    return not own.isdisjoint(target_names(first))
