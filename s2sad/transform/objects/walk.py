"""Following one function: the state at the present place, the statements written so far, and the variables of objects."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from s2sad.analysis.effects import is_known_pure
from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Binding, Class, Data, Instance, Method, Unit, Unresolved
from s2sad.ir import (
    Assign,
    Attribute,
    Call,
    ClassRef,
    Const,
    DictOf,
    Expr,
    Function,
    Global,
    ListOf,
    Name,
    Origin,
    Return,
    Statement,
    TupleOf,
)
from s2sad.kind import Kind, List, Record, Sequence
from s2sad.naming import Names
from s2sad.program import Program
from s2sad.transform.objects.values import (
    PLAIN,
    ClassValue,
    Conflict,
    Field,
    MethodValue,
    Object,
    Plain,
    Ref,
    Result,
    Runtime,
    State,
    Super,
    There,
    Value,
    reachable,
)
from s2sad.traversal import assigned, bound_names, expressions, names_in, walk

__all__ = ["Exit", "Specialiser", "Walk", "element_of", "may_change_objects"]


@dataclass(frozen=True)
class Exit:
    """A return: the statement that stands for it, the state there and the value."""

    statement: Return
    state: State
    result: Result | None


class Specialiser(Protocol):
    """What is known of the whole program: see `program`."""

    program: Program
    #: The lists that are lists of objects, by where they are made.
    lists: dict[tuple[object, ...], Any]

    def meaning(self, name: str, binding: Binding) -> Expr:
        """What a binding stands for in the program."""
        ...

    def class_of(self, key: str) -> Class | None:
        """A class by its key."""
        ...

    def brought(self, unit: Unit) -> Function:
        """A function that is brought into the program, with what it calls."""
        ...

    def follows(self, kind: Kind) -> bool:
        """True for the kind of a value that has to be followed."""
        ...

    def involved(self, key: str) -> bool:
        """True for a function in which objects play a part, whatever its arguments are."""
        ...

    def changes(self, key: str) -> bool:
        """True if a function changes something in place."""
        ...

    def is_alone(self, made: str) -> bool:
        """True if there is one object of this class among the arguments and in them."""
        ...

    def note_there(self, made: str) -> bool:
        """Remember that there is an object of a class in the module; False if one in the arguments changes."""
        ...

    def may_be_rows(self, made: str) -> bool:
        """True if a list of objects of this class is an argument, and may be taken for a list for each attribute."""
        ...

    def is_stored(self, attribute: str) -> bool:
        """True if an attribute of this name is assigned somewhere."""
        ...


@dataclass
class Walk:
    """`fixed` are the numbers of the objects that came in, `out` the statements written so far in the present block."""

    whole: Specialiser
    unit: Unit
    names: Names
    state: State
    fixed: range
    is_root: bool
    out: list[Statement] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    origin: Origin | None = None
    is_dead: bool = False
    is_raising: bool = False
    count: int = 0
    #: The variables made for each wish, in order: those of objects that are gone serve again.
    made: dict[str, list[str]] = field(default_factory=dict)
    #: What is still needed although no variable refers to it.
    pinned: list[Value] = field(default_factory=list)
    #: The variables that indices of elements may be: nothing assigns them while they are. True: they are not negative.
    counted: dict[Name, bool] = field(default_factory=dict)
    #: The lists of objects that elements come from which are arguments, and those over which loops are running.
    cloned: dict[int, int] = field(default_factory=dict)
    looped: list[int] = field(default_factory=list)
    #: The objects that may not change any more only because a function as a value has captured what they are.
    captured: set[int] = field(default_factory=set)
    #: The variables of the function that is followed, and how many generators are running in it.
    local: frozenset[str] = frozenset()
    running: int = 0
    #: In how many `try` statements this is: what is assigned there may not be.
    guarding: int = 0
    #: In how many bodies of a `try` that the function goes on after an exception in them.
    caught: int = 0
    #: Whether objects are kept to which no variable refers.
    keeping: int = 0

    # ------------------------------------------------------------------ to say

    def refusal(self, node: Expr | None, reason: str, rewrite: str, code: str = "S201") -> DifferentiationError:
        span = node.span if node is not None and node.span is not None else self.origin.span if self.origin else None
        return DifferentiationError(code, f"cannot differentiate {reason}", self.unit.place(span), rewrite)

    def emit(self, statement: Statement) -> None:
        self.out.append(replace(statement, origin=statement.origin or self.origin))

    def assign(self, pairs: list[tuple[str, Expr]]) -> None:
        """Assign variables at the same time."""
        moved = [(name, value) for name, value in pairs if value != Name(name)]
        reads = [set(names_in(value)) for _, value in moved]
        if any(name in later for k, (name, _) in enumerate(moved) for later in reads[k + 1 :]):
            targets = TupleOf(tuple(Name(name) for name, _ in moved))
            self.emit(Assign(targets, TupleOf(tuple(value for _, value in moved))))
            return
        for name, value in moved:
            self.emit(Assign(Name(name), value))

    # ------------------------------------------------------------------ objects

    def made_by(self, key: str) -> Class:
        found = self.whole.class_of(key)
        assert found is not None
        return found

    def new_number(self) -> int:
        self.count += 1
        return self.fixed.stop + self.count

    def new_variable(self, prefix: str, name: str | int) -> str:
        return self.names.unique(f"{prefix}_{name}")

    def new_object(self, made: str, prefix: str) -> Ref:
        number = self.new_number()
        self.state.objects[number] = Object(made, prefix)
        return Ref(number)

    def staying(self, other: State) -> list[int]:
        """The numbers of the objects that are the same here and in another state, whatever the variables refer to."""
        pinned = (value.number for value in self.pinned if isinstance(value, Ref))
        both = (number for number in pinned if number in self.state.objects and number in other.objects)
        return list(dict.fromkeys((*self.fixed, *both)))

    def variable(self, prefix: str, name: str | int, besides: str = "") -> str:
        """A variable for an attribute; one of an object that nothing refers to, but `besides`, serves again."""
        wish = f"{prefix}_{name}".replace("__", "_") if prefix else str(name)
        used = self.used(besides)
        known = self.made.setdefault(wish, [])
        for one in known:
            if one not in used:
                return one
        known.append(self.names.unique(wish))
        return known[-1]

    def used(self, besides: str) -> set[str]:
        """The variables of objects, but for those that only the variable `besides` refers to."""
        objects = self.state.objects
        values = [value for name, value in self.state.variables.items() if name != besides]
        kept = {*reachable([*values, *self.pinned], objects), *self.fixed}
        gone = reachable([self.state.variables.get(besides, PLAIN)], objects).keys() - kept
        return {one.variable for n, found in objects.items() if n not in gone for one in found.fields.values()}

    def set_field(self, number: int, name: str | int, value: Value, variable: str = "", maybe: bool = False) -> None:
        self.state.objects[number] = self.state.objects[number].with_field(name, Field(value, variable, maybe))
        self.state.written |= {(number, name)}

    def value_of(self, kind: Kind) -> Value:
        """What is known of a value of this kind that is there at run time."""
        return Runtime(kind) if self.whole.follows(kind) else PLAIN

    # ------------------------------------------------------------- expressions

    def expression(self, node: Expr, hint: str = "", besides: str = "") -> Result:
        """An expression followed: `hint` is a name for what it makes, which replaces what the variable `besides` holds."""
        raise NotImplementedError

    def plain(self, node: Expr) -> Expr:
        return self.value(self.expression(node), node)

    def value(self, result: Result, node: Expr | None = None) -> Expr:
        """The expression of a value as it is at run time."""
        match result.value:
            case Plain() | Runtime():
                return result.expr
            case There(name=name):
                return Name(name, span=result.expr.span)
            case ClassValue(key=key):
                return self.class_as_value(key)
            case MethodValue():
                return self.function_value(result)
            case Ref(number=number):
                return self.put_together(number, result)
            case Conflict(reason=reason):
                raise self.refusal(node or result.expr, f"this use of an object: {reason}", _ONE_OBJECT)
        raise self.refusal(node or result.expr, "this use of `super()`", "call a method of it")

    def class_as_value(self, key: str) -> Expr:
        made = self.made_by(key)
        if not made.data.has_value:
            reason = f"the class `{made.name}` as a value: a file that is made from text has no such class"
            raise self.refusal(None, reason, "use a class of Python's own, or return what its object holds")
        return self.expression_of(made.name, made.data)

    def function_value(self, result: Result) -> Expr:
        """A bound method as a function."""
        raise NotImplementedError

    def put_together(self, number: int, result: Result) -> Expr:
        """An object as a value, for where one is needed: the object itself must not change any more."""
        found = self.known(number, result.expr)
        self.check_implicit(found, result.expr)
        self.captured.discard(number)
        if found.home is not None:
            return self.brought_home(number, found, found.home)
        if found.of:
            raise self.refusal(result.expr, "this use of a list of objects", "use its elements")
        if found.rows >= 0:
            # No other way to it may change it, either.
            self.state.objects[found.rows] = replace(self.state.objects[found.rows], handed_on=True)
        fields = {
            name: self.value(Result(found.holder(name) if one.variable else result.expr, one.value), result.expr)
            for name, one in found.fields.items()
        }
        self.state.objects[number] = replace(found, handed_on=True)
        values = tuple(fields.values())
        match found.made:
            case "tuple":
                return TupleOf(values)
            case "list":
                return ListOf(values)
            case "dict":
                return DictOf(tuple(fields), values)
        made = self.made_by(found.made)
        arguments = [one.name for one in made.fields if one.is_argument and not one.by_name]
        is_given = made.form != "object" and arguments == list(fields)
        if is_given and made.scope.member("__post_init__") is None:
            return Call(self.class_as_value(found.made), values, span=result.expr.span)
        keywords = tuple((str(name), value) for name, value in fields.items())
        return Call(Global("_object"), (self.class_as_value(found.made),), keywords, span=result.expr.span)

    def check_implicit(self, found: Object, node: Expr) -> None:
        """Refuse to hand on an object that changes when it is compared, printed or run over: that would be a copy."""
        made = self.whole.class_of(found.made)
        methods = [made.scope.member(name) for name in _IMPLICIT] if made is not None else []
        for method in methods:
            if isinstance(method, Method) and _assigns_attributes(method.unit.node):
                reason = f"this use of an object: `{method.unit.node.name}` of its class changes it"
                raise self.refusal(node, reason, "call a method by its name", "S301")

    def known(self, number: int, node: Expr) -> Object:
        """An object that may be used."""
        found = self.state.objects[number]
        if found.moved:
            reason = "this use of an object that is in a list now, or was replaced there"
            raise self.refusal(node, reason, "select it from the list", "S301")
        return found

    def brought_home(self, number: int, found: Object, home: Expr) -> Expr:
        """An argument as a value: itself, with what has been assigned to it, for that is no derivative of what it was."""
        self.state.objects[number] = replace(found, handed_on=True)
        if found.of and any(one == number for one, _ in self.state.touched):
            raise self.refusal(home, "this use of a list whose objects have changed", "use its elements", "S301")
        written = [(str(name), one) for name, one in found.fields.items() if (number, name) in self.state.written]
        if any(isinstance(one.value, Ref) and self.is_changed(one.value.number) for one in found.fields.values()):
            raise self.refusal(home, "this use of an object of which a part has changed", "return the part", "S301")
        return Call(Global("_with"), (home,), tuple((n, Name(one.variable)) for n, one in written)) if written else home

    def is_changed(self, number: int) -> bool:
        """True if an object, or one that it leads to, was assigned an attribute."""
        reached = reachable([Ref(number)], self.state.objects)
        return any(one in reached for one, _ in self.state.written)

    def expression_of(self, name: str, binding: Binding) -> Expr:
        """What a binding stands for."""
        if isinstance(binding, Unresolved):
            raise self.refusal(None, f"`{name}`: {binding.reason}", "write it as a function", "S103")
        found = self.whole.meaning(name, binding)
        if isinstance(found, ClassRef) and not isinstance(binding, Class):
            return Name(self.made_by(found.key).data.name)
        return found

    # ------------------------------------------------------- order of evaluation

    def in_order(
        self,
        nodes: Iterable[Expr],
        evaluate: Callable[[Expr], Result] | None = None,
        done: Iterable[Result] = (),
    ) -> list[Result]:
        """Expressions followed one after the other, after those that are `done`. What one of them needs beforehand is
        written before all of them, so what was found earlier gets a name if that changes it.
        """
        done = list(done)
        for node in nodes:
            before, place = len(self.out), len(self.pinned)
            self.pinned += [one.value for one in done]
            found = (evaluate or self.expression)(node)
            del self.pinned[place : place + len(done)]
            if len(self.out) > before:
                late, self.out[before:] = self.out[before:], []
                changed = {name for s in late for name in assigned(s)}
                changes_objects = any(map(may_change_objects, late))
                done = [self.kept(one, changed, changes_objects) for one in done]
                self.out += late
            done.append(found)
        return done

    def kept(self, result: Result, changed: set[str], changes_objects: bool) -> Result:
        """A value under a name, if it would be another one, or happen later, behind what is written next: that assigns the
        variables `changed`, and `changes_objects` perhaps, which may have other names.
        """
        if not isinstance(result.value, Plain | Runtime):
            return result
        calls = any(isinstance(part, Call) and not is_known_pure(part) for part in walk(result.expr))
        names = set(names_in(result.expr))
        is_read = changes_objects and bool(names) and not isinstance(result.expr, Name)
        if not calls and not is_read and names.isdisjoint(changed):
            return result
        name = self.names.unique("t")
        self.emit(Assign(Name(name), result.expr))
        return replace(result, expr=Name(name))

    # --------------------------------------------------------------- attributes

    def attribute(self, owner: Result, attr: str, node: Expr) -> Result:
        """What `owner.attr` is."""
        match owner.value:
            case Ref(number=number) if attr in self.known(number, node).fields:
                own = self.state.objects[number]
                holder = replace(own.holder(attr), span=node.span) if own.fields[attr].variable else node
                return Result(holder, own.fields[attr].value)
            case Ref(number=number) if self.state.objects[number].of and not self.state.objects[number].rows >= 0:
                raise self.refusal(node, f"`.{attr}` of a list of objects", "use append, pop and indices", "S301")
            case Ref(number=number) if (made := self.state.objects[number].made) in ("tuple", "list", "dict"):
                raise self.refusal(node, f"`.{attr}` of a {made} with objects in it", "use a tuple of objects")
            case Ref(number=number):
                return self.member(self.state.objects[number].made, attr, owner, node)
            case Runtime(kind=Record(keys=keys, items=items) as kind) if kind.has_attributes and attr in keys:
                return Result(Attribute(owner.expr, attr, span=node.span), self.value_of(items[keys.index(attr)]))
            case Runtime(kind=Record(made=made)) if made and self.whole.class_of(made) is not None:
                return self.member(made, attr, owner, node)
            case There(name=name):
                return self.attribute_there(name, attr, owner, node)
            case ClassValue(key=key):
                return self.member(key, attr, owner, node)
            case Super(receiver=receiver, after=after):
                return self.member(self.class_key(receiver), attr, receiver, node, after)
            case Conflict(reason=reason):
                raise self.refusal(node, f"this use of an object: {reason}", _ONE_OBJECT)
        return Result(Attribute(self.value(owner), attr, span=node.span))

    def attribute_there(self, name: str, attr: str, owner: Result, node: Expr) -> Result:
        """An attribute of an object that is there when the program starts."""
        data = self.whole.program.data[name].data
        assert isinstance(data, Instance)
        assert data.made is not None
        if not self.whole.note_there(data.made.key):
            raise self.refusal(
                node, "an object of the module beside one that changes", "pass it as an argument", "S301"
            )
        binding = data.attributes(attr)
        if binding is None:
            return self.member(data.made.key, attr, owner, node)
        return self.expression(self.expression_of(f"{name}_{attr}", self.renamed(binding, f"{name}_{attr}")))

    def member(self, key: str, attr: str, receiver: Result, node: Expr, after: str = "") -> Result:
        """What a class has under a name, for an object of it or for itself."""
        made = self.made_by(key)
        if attr == "__class__" and not isinstance(receiver.value, ClassValue):
            return Result(ClassRef(key), ClassValue(key))
        if attr == "__name__" and isinstance(receiver.value, ClassValue):
            return Result(Const(made.name))
        found = made.scope.member(attr, after)
        on_class = isinstance(receiver.value, ClassValue) and not after
        match found:
            case None if made.trouble:
                reason = f"objects of `{made.name}`: {made.trouble}"
                raise self.refusal(node, reason, "use a class without that, or pass the numbers")
            case None:
                reason = f"this: an object of `{made.name}` has no attribute `{attr}` here"
                raise self.refusal(node, reason, "assign it in `__init__`")
            case Method(form="static"):
                return Result(self.expression_of(attr, found))
            case Method(form="class"):
                return Result(node, MethodValue(Result(ClassRef(key), ClassValue(key)), found))
            case Method(form="property") if not on_class:
                return self.called(found, [receiver], node)
            case Method(form="method") if not on_class:
                return Result(node, MethodValue(receiver, found))
        return self.expression(self.expression_of(attr, self.renamed(found, f"{made.name}_{attr}")))

    def renamed(self, binding: Binding, wish: str) -> Binding:
        """Data under a name that says where they come from, and that no function calls a variable by."""
        if not isinstance(binding, Data):
            return binding
        taken = {name for function in self.whole.program.functions.values() for name in bound_names(function)}
        name = wish
        while name in taken or (self.names.taken(name) and name not in self.whole.program.data):
            name += "_"
        return replace(binding, name=name)

    def called(self, method: Method, args: list[Result], node: Expr) -> Result:
        """The call of a method with arguments by position, the object among them."""
        raise NotImplementedError

    def class_key(self, receiver: Result) -> str:
        """The key of the class of an object, or of the class itself."""
        match receiver.value:
            case Ref(number=number):
                return self.state.objects[number].made
            case Runtime(kind=Record(made=made)):
                return made
            case There(name=name):
                data = self.whole.program.data[name].data
                return data.made.key if isinstance(data, Instance) and data.made is not None else ""
            case ClassValue(key=key):
                return key
        return ""

    def method_of(self, owner: Result, name: str) -> Method | None:
        """A method that an object has by its class; None if it has none."""
        key = "" if isinstance(owner.value, ClassValue) else self.class_key(owner)
        made = self.whole.class_of(key) if key else None
        found = made.scope.member(name) if made is not None else None
        return found if isinstance(found, Method) else None


#: What Python calls by itself where it works with an object.
_IMPLICIT = tuple(f"__{name}__" for name in "lt gt le ge eq ne hash contains iter next repr str format".split())
_ONE_OBJECT = "make the object once, before the branch or loop, and assign its attributes"


def element_of(kind: Kind, value_of: Callable[[Kind], Value]) -> Value:
    """What is known of an element of a container."""
    match kind:
        case List(item=item):
            return value_of(item)
        case Sequence(items=items) if items:
            values = {value_of(item) for item in items}
            return values.pop() if len(values) == 1 else PLAIN
    return PLAIN


def _assigns_attributes(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) for part in ast.walk(node))


def may_change_objects(s: Statement) -> bool:
    """True for a statement with a call that may change what it is given."""
    parts = (part for expression in expressions((s,)) for part in walk(expression))
    return any(
        isinstance(part, Call) and not is_known_pure(part) and any(True for _ in names_in(part)) for part in parts
    )
