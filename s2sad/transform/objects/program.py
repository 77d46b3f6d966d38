"""A program with objects becomes one without: an attribute of an object is a variable.

The functions are followed as they run, and with each variable the object that it refers to (scalar replacement: Choi et
al. 1999). `p = Particle(x, v)` makes the variables `p_x` and `p_v`; two names of one object are two names of one set of
variables, so that nothing has to be known of aliases later on. A method is a function that is written for the objects it
is called with: it takes the attributes that it reads, and returns those that it changes.

    p.step(dt)         →  p_x, p_v = Particle_step(p_x, p_v, dt)

Objects that are there at run time, arguments and what is in lists, are read by attribute as they are; only their methods
become functions. An argument whose attributes are assigned is taken apart, too, and kept in step.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace

from s2sad.analysis.changes import changed_variables
from s2sad.analysis.liveness import always_leaves, live_at_entry
from s2sad.errors import DifferentiationError
from s2sad.frontend.live import class_with_key
from s2sad.frontend.lower import include, meaning
from s2sad.frontend.rebound import without_rebound
from s2sad.frontend.unit import Binding, Class, Instance, Unit
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Block,
    Call,
    ClassRef,
    Closure,
    Const,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    ListOf,
    Name,
    Param,
    Return,
    Routine,
    Statement,
    TupleOf,
    Unary,
)
from s2sad.kind import Kind, List, Record, Sequence, items_of
from s2sad.naming import Names
from s2sad.program import Program
from s2sad.rules.registry import Rule
from s2sad.rules.stores import FLAT
from s2sad.transform.closures import lifted
from s2sad.transform.objects.failing import fails_behind_change
from s2sad.transform.objects.join import joined
from s2sad.transform.objects.rows import ROWS, Again, Layout, given_as_list
from s2sad.transform.objects.special import Place, Special, incoming, shape_of, with_returns
from s2sad.transform.objects.statements import Statements
from s2sad.transform.objects.values import (
    PLAIN,
    Field,
    Object,
    Plain,
    Ref,
    Result,
    Row,
    Runtime,
    State,
    Value,
    reachable,
)
from s2sad.transform.objects.walk import Exit, Walk
from s2sad.transform.refusing import refused_if
from s2sad.transform.values import values_of
from s2sad.traversal import bound_names, expressions, map_children, map_statement, statements, walk

__all__ = ["without_objects"]

#: So many times a function is written, for objects of so many forms: a list of objects that refer to the next has one for
#: each length.
_MOST = 40


def without_objects(program: Program, kinds: Mapping[str, Kind]) -> Program:
    """The program without objects, for parameters of the first function of these kinds."""
    lists: dict[tuple[object, ...], Layout] = {}
    while True:
        whole = _Whole(_copied(program), lists=lists)
        if not whole.has_objects(kinds):
            return program
        try:
            done = whole.finished(kinds)
            # Attributes that a call assigns are variables now.
            return replace(done, functions={key: without_rebound(one) for key, one in done.functions.items()})
        except Again as again:
            lists[again.site] = again.layout


def _copied(program: Program) -> Program:
    tables = {name: dict(getattr(program, name)) for name in ("functions", "units", "names", "classes")}
    return replace(program, **tables)  # type: ignore[arg-type]


@dataclass
class _Whole:
    """The program while it is followed. `done` are the functions written so far, by what they were written for; `given` are the
    classes of all objects in the arguments, `changing` those of objects among them that change, and `there` those of objects
    of the module. `lists` are the lists that are known to be lists of objects.
    """

    program: Program
    lists: dict[tuple[object, ...], Layout] = field(default_factory=dict)
    done: dict[tuple[str, object], Special] = field(default_factory=dict)
    open: set[tuple[str, object]] = field(default_factory=set)
    involving: dict[str, bool] = field(default_factory=dict)
    stored: dict[str, frozenset[str]] = field(default_factory=dict)
    written: dict[str, Function] = field(default_factory=dict)
    losing: set[str] = field(default_factory=set)
    found: dict[str, Class | None] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    changing: set[str] = field(default_factory=set)
    there: set[str] = field(default_factory=set)

    # --------------------------------------------------------------- questions

    def has_objects(self, kinds: Mapping[str, Kind]) -> bool:
        program = self.program
        return (
            bool(program.classes)
            or program.receiver is not None
            or any(isinstance(item.data, Instance) for item in program.data.values())
            or any(map(self.follows, kinds.values()))
            or any(map(self.stores, program.functions))
        )

    def class_of(self, key: str) -> Class | None:
        if key not in self.program.classes and key not in self.found:
            self.found[key] = class_with_key(key) or self.class_in_text(key)
        return self.program.classes.get(key) or self.found.get(key)

    def class_in_text(self, key: str) -> Class | None:
        """A class that the first function's module knows by its name."""
        scope = next(iter(self.program.units.values())).scope
        found = scope.lookup(key.rpartition(":")[2]) if ":" in key else None
        return found if isinstance(found, Class) and found.key == key else None

    def follows(self, kind: Kind) -> bool:
        match kind:
            case Record(keys=keys, items=items, made=made):
                own = self.class_of(made) if made else None
                if own is not None and (own.has_members or any(self.is_stored(str(key)) for key in keys)):
                    return True
                return any(map(self.follows, items))
            case Sequence(items=items):
                return any(map(self.follows, items))
            case List(item=item):
                return self.follows(item)
        return False

    def stores(self, key: str) -> frozenset[str]:
        """The attributes that a function assigns."""
        if key not in self.stored:
            targets = (s.target for s in statements(self.program.functions[key].body) if isinstance(s, Assign | Aug))
            parts = (part for target in targets for part in _targets(target))
            self.stored[key] = frozenset(part.attr for part in parts if isinstance(part, Attribute))
        return self.stored[key]

    def is_stored(self, attribute: str) -> bool:
        return any(attribute in self.stores(key) for key in list(self.program.functions))

    def involved(self, key: str) -> bool:
        if key not in self.involving:
            self.involving[key] = False
            found = bool(self.stores(key)) or any(map(self.is_object, _parts(self.program.functions[key])))
            self.involving[key] = found or any(map(self.involved, _called(self.program.functions[key])))
        return self.involving[key]

    def changes(self, key: str) -> bool:
        """True if a function changes something in place."""
        return any(map(_changes, map(self.program.functions.__getitem__, self.reached([key]))))

    def is_object(self, part: Expr) -> bool:
        """True for a class, and for an object that is there when the program starts."""
        if isinstance(part, Name) and part.id in self.program.data:
            item = self.program.data[part.id]
            made = isinstance(item.value, Call) and isinstance(item.value.func, ClassRef)
            return made or isinstance(item.data, Instance)
        return isinstance(part, ClassRef)

    # --------------------------------------------------------------- functions

    def meaning(self, name: str, binding: Binding) -> Expr:
        """What a binding stands for in the program, which may have more functions then."""
        found = meaning(self.program, name, binding)
        self.lift()
        return found

    def brought(self, unit: Unit) -> Function:
        """A function that is brought into the program, with what it calls."""
        include(self.program, unit)
        self.lift()
        return self.program.functions[unit.key]

    def lift(self) -> None:
        done = lifted(self.program)
        self.program.functions |= done.functions
        self.program.units |= done.units
        self.program.names |= done.names

    def special(self, key: str, args: dict[str, Result], walk: Walk) -> Special:
        """The function `key` for these arguments."""
        memo = (key, shape_of(args, walk.state))
        if memo not in self.done:
            if memo in self.open:
                reason = "a function with objects that calls itself"
                raise walk.refusal(None, reason, "write it as a loop, or pass numbers")
            if sum(one == key for one, _ in (*self.done, *self.open)) >= _MOST:
                name = self.program.functions[key].name
                reason = f"`{name}`, which is called with objects that are nested in more than {_MOST} ways"
                raise walk.refusal(None, reason, "keep the objects in a list, and loop over it")
            self.open.add(memo)
            self.done[memo] = self.followed(key, args, walk)
            self.open.discard(memo)
        return self.done[memo]

    def followed(self, key: str, args: dict[str, Result], walk: Walk) -> Special:
        function = self.program.functions[key]
        if key in self.program.by_hand:
            raise walk.refusal(None, f"`{function.name}`, which has a derivative by hand, with objects", "pass numbers")
        names = self.names_for(function)
        state = incoming(args, walk.state, names)
        inside = Statements(self, self.program.units[key], names, state, range(len(state.objects)), is_root=False)
        inside.local = frozenset(bound_names(function))
        before = state.copy()
        body = inside.block(function.body)
        if not inside.is_dead and not always_leaves(body):
            body = (*body, Return())
            stands = body[-1]
            assert isinstance(stands, Return)
            inside.exits.append(Exit(stands, inside.state.copy(), None))
        return self.written_as(key, function, body, before, inside)

    def names_for(self, function: Function) -> Names:
        return Names([*self.program.data, *self.program.names.values(), *bound_names(function)])

    def written_as(self, key: str, function: Function, body: Block, before: State, inside: Statements) -> Special:
        """The function with attributes as parameters and results."""
        count = len(before.objects)
        behind, exits = _brought_together(inside)
        value = behind.variables.pop("#result", PLAIN)
        gives = any(one.result is not None and one.result.expr != Const(None) for one in inside.exits)
        gives = gives and isinstance(value, Plain | Row | Runtime)
        kept = reachable([*map(Ref, range(count)), value], behind.objects)
        behind.objects = {number: behind.objects[number] for number in (*range(count), *kept)}
        new = self.new_key(key)
        special = Special(new, (), behind, value, gives, function.name == "__init__", count, function)
        places = [place for place in special.changed() if _is_held(behind, place)]
        returns = {
            id(one.statement): _return(one, number, places, exits, gives, inside)
            for number, one in enumerate(inside.exits)
        }
        body = with_returns(body, returns)
        live = live_at_entry(body)
        inputs = _inputs(function, before, live)
        params = tuple(Param(one if isinstance(one, str) else _variable(before, one)) for one in inputs)
        made = replace(function, params=params, body=body)
        self.program.functions[new] = self.written[new] = made
        self.program.units[new] = self.program.units[key]
        loses = fails_behind_change(body, _outside(before, special), self.losing)
        if loses:
            self.losing.add(new)
        return replace(special, inputs=inputs, function=made, loses=loses)

    def new_key(self, key: str) -> str:
        count = 1
        while f"{key}~{count}" in self.program.functions:
            count += 1
        # A placeholder: functions get their names when it is known which of them are left.
        self.program.names[f"{key}~{count}"] = self.program.names[key]
        return f"{key}~{count}"

    # ------------------------------------------------------------------- whole

    def finished(self, kinds: Mapping[str, Kind]) -> Program:
        """The program without objects."""
        root = next(iter(self.program.functions))
        function, others = self.root(root, kinds), self.program.functions
        self.program.receiver = None
        if root not in self.reached(_called(function)):
            self.program.functions = {root: function, **{key: own for key, own in others.items() if key != root}}
            return self.pruned(root)
        # It is called, too, with what is no object that is known: as it was.
        key = f"{root}@given"
        self.written[root] = others[root]
        self.program.functions = {key: function, **others}
        self.program.units = {key: self.program.units[root], **self.program.units}
        self.program.names[key] = self.program.names[root]
        return self.pruned(key)

    def root(self, key: str, kinds: Mapping[str, Kind]) -> Function:
        function = self.program.functions[key]
        names = self.names_for(function)
        self.given = [made for kind in kinds.values() for made in _classes(kind, self.lists)]
        state = State()
        loads: list[tuple[str, Statement]] = []
        for name, kind in kinds.items():
            if self.follows(kind):
                state.variables[name] = self.taken_apart(Name(name), name, kind, state, names, loads)
        fixed = range(len(state.objects))
        inside = Statements(self, self.program.units[key], names, state, fixed, is_root=True)
        inside.local = frozenset(bound_names(function))
        params = function.params
        if self.program.receiver is not None:
            first, *rest = params
            inside.state.variables[first.name] = inside.expression(self.program.receiver).value
            params = tuple(rest)
        body = inside.block(function.body)
        live = live_at_entry(body)
        needed = tuple(s for name, s in loads if not name or name in live)
        return replace(function, params=params, body=(*needed, *body))

    def is_alone(self, made: str) -> bool:
        """True if no other argument can be, or hold, the object of this class that one of them is or holds, and none of the
        module's.
        """
        self.changing.add(made)
        return self.given.count(made) == 1 and made not in self.there

    def may_be_rows(self, made: str) -> bool:
        """True if a list of objects of this class is an argument, and may be taken for a list for each attribute."""
        return made in self.given and given_as_list(made) not in self.lists

    def note_there(self, made: str) -> bool:
        """Remember that there is an object of a class in the module; False if one in the arguments changes."""
        self.there.add(made)
        return made not in self.changing

    def taken_apart(
        self, node: Expr, prefix: str, kind: Kind, state: State, names: Names, loads: list[tuple[str, Statement]]
    ) -> Value:
        """An argument as its attributes, which are read when the function begins."""
        item = kind.item if isinstance(kind, List) else None
        is_list = isinstance(item, Record) and given_as_list(item.made) in self.lists
        if is_list and isinstance(item, Record) and not any(map(self.follows, item.items)):
            return self.given_list(node, prefix, item, state, names, loads)
        if not isinstance(kind, Record) or self.class_of(kind.made) is None:
            return Runtime(kind) if self.follows(kind) else PLAIN
        number = len(state.objects)
        state.objects[number] = Object(kind.made, prefix, home=node)
        fields: dict[str | int, Field] = {}
        for name, item in zip(kind.keys, kind.items, strict=True):
            value = self.taken_apart(Attribute(node, str(name)), f"{prefix}_{name}", item, state, names, loads)
            variable = "" if isinstance(value, Ref) else names.unique(f"{prefix}_{name}")
            if variable:
                loads.append((variable, Assign(Name(variable), Attribute(node, str(name)))))
            fields[name] = Field(value, variable)
        state.objects[number] = replace(state.objects[number], fields=fields)
        return Ref(number)

    def given_list(
        self, node: Expr, prefix: str, item: Record, state: State, names: Names, loads: list[tuple[str, Statement]]
    ) -> Value:
        """An argument that is a list of objects as a list for each attribute; no object may be in it twice."""
        number = len(state.objects)
        text = f"an object is twice in `{prefix}`, and its attributes are assigned"
        loads.append(("", refused_if(Unary("not", Call(Global("_distinct"), (node,))), text, ValueError)))
        fields: dict[str | int, Field] = {}
        for key in item.keys:
            variable = names.unique(f"{prefix}_{key}")
            one = Name(names.unique(f"{prefix}_one"))
            line = Evaluate(Call(Attribute(Name(variable), "append"), (Attribute(one, str(key)),)))
            loads.append((variable, Assign(Name(variable), ListOf(()))))
            loads.append((variable, For(one, node, (line,), gathers="variable")))
            fields[key] = Field(PLAIN, variable)
        state.objects[number] = Object(ROWS, prefix, fields, home=node, of=item.made)
        return Ref(number)

    def pruned(self, root: str) -> Program:
        """The program with the functions that are still reached, and with names for them."""
        program, kept = self.program, self.reached([root, *_of_rules(self.program)])
        for key in kept:
            self.check_followed(key)
        program.functions = {key: self.with_class_names(program.functions[key]) for key in kept}
        plain = [program.names[key] for key in kept if key not in self.written]
        local = [name for function in program.functions.values() for name in bound_names(function)]
        names = Names([*plain, *local, *program.data])
        names_of = {
            key: names.unique(program.names[key]) if key in self.written else program.names[key] for key in kept
        }
        program.names = names_of
        return program

    def check_followed(self, key: str) -> None:
        """Refuse a function that still assigns attributes: it is called as a value, and is given a copy of the object. What
        arrays have is none of these.
        """
        for s in statements(self.program.functions[key].body):
            for part in _targets(s.target) if isinstance(s, Assign | Aug) else ():
                if isinstance(part, Attribute) and part.attr != FLAT:
                    reason = (
                        f"cannot differentiate the assignment to `.{part.attr}` in a function that is used as a value"
                    )
                    place = self.program.units[key].place(part.span)
                    raise DifferentiationError("S201", reason, place, "call it by its name, or return the new value")

    def reached(self, keys: list[str]) -> dict[str, None]:
        """These functions and all that they call."""
        kept: dict[str, None] = {}
        waiting = list(keys)
        while waiting:
            key = waiting.pop(0)
            if key not in kept and key in self.program.functions:
                kept[key] = None
                hand = self.program.by_hand.get(key)
                waiting += [*_called(self.program.functions[key]), *(hand.keys if hand is not None else ())]
        return kept

    def with_class_names(self, function: Function) -> Function:
        """The classes that are left are called as they are."""

        def named(node: Expr) -> Expr:
            if isinstance(node, ClassRef):
                made = self.class_of(node.key)
                assert made is not None
                return Name(made.data.name, span=node.span)
            return map_children(node, named)

        return replace(function, body=tuple(map_statement(s, named) for s in function.body))


# ------------------------------------------------------------------- questions


def _targets(target: Expr) -> Iterator[Expr]:
    if isinstance(target, TupleOf):
        for item in target.items:
            yield from _targets(item)
    else:
        yield target


def _parts(function: Function) -> Iterator[Expr]:
    for expression in expressions(function.body):
        yield from walk(expression)


def _changes(function: Function) -> bool:
    """True if the function itself changes something in place."""
    return any(changed_variables(s) for s in statements(values_of(function).body))


def _called(function: Function) -> list[str]:
    """The functions that a function mentions."""
    return list(dict.fromkeys(part.key for part in _parts(function) if isinstance(part, Routine | Closure)))


def _of_rules(program: Program) -> list[str]:
    """The functions that the texts of rules call, and those that stand for a derivative by hand."""
    texts: list[Expr] = []
    for rule in program.rules:
        own = [rule.differential] if isinstance(rule, Rule) else [*rule.transposes.values(), rule.forward]
        texts += [text for text in own if text is not None]
    return [part.key for text in texts for part in walk(text) if isinstance(part, Routine)]


def _classes(kind: Kind, lists: Container[object]) -> Iterator[str]:
    """The classes of the objects in a value, once for each; those in a list are different ones if it is among `lists`."""
    match kind:
        case List(item=Record(made=made)) if given_as_list(made) in lists:
            yield made
        case Record(made=made):
            yield made
        case List(item=item):
            yield from (*_classes(item, lists), *_classes(item, lists))
    for _, item in items_of(kind) or ():
        yield from _classes(item, lists)


def _is_held(state: State, place: Place) -> bool:
    """True for an attribute that a variable holds."""
    return bool(_variable(state, place))


def _variable(state: State, place: Place) -> str:
    number, name = place
    return state.objects[number].fields[name].variable


# -------------------------------------------------------------------- results


def _brought_together(inside: Statements) -> tuple[State, list[dict[int, int]]]:
    """What holds behind a function, and for each of its returns the objects there by their numbers in that."""
    states: list[State] = []
    for one in inside.exits:
        state = one.state.copy()
        value = PLAIN if one.result is None else one.result.value
        state.variables = {"#result": value}
        states.append(state)
    if not states:
        return State(objects=dict(inside.state.objects)), []
    found = joined(states[0], states[0], inside.fixed, inside)
    same = [{m: n for n, m in found.same.items()}]
    behind = found.state
    for state in states[1:]:
        found = joined(behind, state, inside.fixed, inside)
        same.append({m: n for n, m in found.same.items()})
        behind = found.state
        if found.missing[0] or found.missing[1]:
            raise inside.refusal(None, "a function that assigns an attribute on some paths only", "assign it on all")
        if found.made:
            raise inside.refusal(None, "a function that returns one of several objects", "return its attributes")
    return behind, same


def _return(
    one: Exit, number: int, places: list[Place], same: list[dict[int, int]], gives: bool, inside: Statements
) -> Statement | None:
    """The return with the value and the attributes that come out."""
    values: list[Expr] = []
    if gives:
        values.append(Const(None) if one.result is None else one.result.expr)
    for outer, name in places:
        fields = one.state.objects[same[number][outer]].fields
        values.append(Name(fields[name].variable))
    if not values:
        return None if one.statement.origin is None else replace(one.statement, value=None)
    return replace(one.statement, value=values[0] if len(values) == 1 else TupleOf(tuple(values)))


def _outside(before: State, special: Special) -> set[str]:
    """The variables of the attributes that somebody else sees, also where the function ends by an exception."""
    first = 1 if special.is_constructor else 0
    return {own.variable for number in range(first, special.count) for own in before.objects[number].fields.values()}


def _inputs(function: Function, before: State, live: frozenset[str]) -> tuple[str | Place, ...]:
    """The parameters: those of the function itself, and the attributes that it reads of the objects among them."""
    inputs: list[str | Place] = []
    seen: set[int] = set()
    for param in function.params:
        value = before.variables.get(param.name, PLAIN)
        if isinstance(value, Plain | Runtime):
            inputs.append(param.name)
        for number in reachable([value], before.objects):
            if number not in seen:
                seen.add(number)
                fields = before.objects[number].fields.items()
                inputs += [(number, name) for name, own in fields if own.variable in live]
    return tuple(inputs)
