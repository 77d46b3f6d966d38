"""Following calls: constructors, methods, and functions that are given objects."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from s2sad.analysis.calls import bind_call
from s2sad.analysis.effects import is_harmless
from s2sad.frontend.generators import TAKING_ALL, is_generator
from s2sad.frontend.unit import Class, Method
from s2sad.frontend.unit import Field as ClassField
from s2sad.ir import (
    Assign,
    Attribute,
    Call,
    ClassRef,
    Closure,
    Const,
    DictOf,
    Evaluate,
    Expr,
    Function,
    Global,
    Index,
    ListOf,
    Name,
    Opaque,
    Routine,
    Starred,
    Statement,
    TupleOf,
)
from s2sad.kind import List, Record, Sequence, Unknown
from s2sad.transform.objects.expressions import Expressions
from s2sad.transform.objects.rows import ENDS, GROWS, ROWS
from s2sad.transform.objects.special import Arguments, Special, specialised
from s2sad.transform.objects.values import (
    PLAIN,
    ClassValue,
    MethodValue,
    Plain,
    Ref,
    Result,
    Row,
    Runtime,
    Super,
    There,
    Value,
)
from s2sad.traversal import children, expressions, map_heads, names_in, substitute, walk

__all__ = ["Calls"]

_TYPES = {"len": "__len__", "abs": "__abs__", "float": "__float__", "int": "__int__", "bool": "__bool__"}
_COPIES = ("dataclasses.replace", "copy.copy", "copy.deepcopy", "copy.replace")
#: Functions that ask something of their first argument which for an object is known.
_ASKING = {*_TYPES, *_COPIES, "isinstance", "getattr", "hasattr", "type"}
#: Classes that no class derives from whose objects are followed, but for named tuples.
_OTHERS = frozenset(
    "bool int float complex str bytes list tuple dict set frozenset numpy.ndarray numpy.generic".split()
)
#: Functions that call what they are given, and do not keep it.
_ONLY_CALLING = (Global("sorted"), Global("max"), Global("min"))
#: Functions that give another value for another object with the same attributes.
_IDENTIFYING = (Global("id"), Global("hash"))
#: Functions that make text.
_PRINTING = tuple(Global(name) for name in ("print", "str", "repr", "format"))
#: Methods of what can be run over.
_RUN_OVER = ("__iter__", "__getitem__", "__array__")
#: A constructor of at most so many lines is written out where an object is made.
_SHORT = 12


class Calls(Expressions):
    """The part of a walk that follows calls."""

    def call(self, node: Call, hint: str, besides: str) -> Result:
        match node.func:
            case Global(dotted="super") if not node.args:
                return self.super_of(node)
            case Global(dotted=dotted) if dotted in TAKING_ALL and (items := self.elements_of(node)) is not None:
                return self.call(replace(node, args=(items, *node.args[1:])), hint, besides)
            case Global(dotted="list") if not node.args:
                return self.expression(ListOf(()), hint)
            case Global(dotted="list") if node.span is None:
                # A list of ours, which nobody changes: it may be the one that it has the elements of.
                owner = self.expression(node.args[0])
                return owner if isinstance(owner.value, Ref | Runtime) else self.unknown(node, node.func, owner)
            case Global(dotted=dotted) if dotted in _ASKING and node.args:
                owner = self.expression(node.args[0])
                special = self.builtin(dotted, owner, node)
                return special if special is not None else self.unknown(node, node.func, owner)
            case Global():
                return self.unknown(node, node.func)
            case Closure(key=key, captures=captures):
                captured = self.in_order(value for _, value in captures)
                return self.called_by_key(key, captured, node, hint, besides)
            case Attribute(value=value, attr=attr):
                owner = self.expression(value)
                if attr == "_replace" and isinstance(owner.value, Ref) and self.is_namedtuple(owner.value):
                    return self.copied(owner, "copy.replace", node)
                of_list = None if node.keywords else self.method_of_list(owner, attr, node.args, node)
                return (
                    self.call_of(self.attribute(owner, attr, node.func), node, hint, besides)
                    if of_list is None
                    else of_list
                )
        return self.call_of(self.expression(node.func), node, hint, besides)

    def call_of(self, func: Result, node: Call, hint: str, besides: str) -> Result:
        """A call of what is known of its function."""
        match func:
            case Result(expr=Routine(key=key), value=Plain()):
                return self.called_by_key(key, [], node, hint, besides)
            case Result(value=ClassValue(key=key)):
                return self.constructed(key, node, hint, besides)
            case Result(value=MethodValue(receiver=receiver, method=method)):
                if is_generator(method.unit.node):
                    reason = f"this use of the generator `{method.unit.name}`, which may not run to its end"
                    raise self.refusal(node, reason, "let a loop run over the call, or take the list of it")
                key = self.key_of(method)
                return self.called_by_key(key, [receiver], node, hint, besides)
            case Result(value=Ref() | Runtime() | There()) if (own := self.method_of(func, "__call__")) is not None:
                return self.called_by_key(self.key_of(own), [func], node, hint, besides)
        return self.unknown(node, self.value(func))

    def elements_of(self, node: Call) -> Name | None:
        """The elements of an object that is run over, as a list that is made before the call."""
        raise NotImplementedError

    def key_of(self, method: Method) -> str:
        routine = self.expression_of(method.unit.name, method)
        assert isinstance(routine, Routine)
        return routine.key

    def unknown(self, node: Call, func: Expr, *first: Result) -> Result:
        """A call of what is no function of the program, or not known; `first` are the arguments followed already."""
        values = (*node.args, *(value for _, value in node.keywords))
        around, self.captured = self.captured, set()
        given = self.in_order(values[len(first) :], done=first)
        self.check_keys(node, given)
        if node.func in _IDENTIFYING and any(isinstance(part.value, Ref) and self.has_identity(part) for part in given):
            raise self.refusal(node, "what tells an object from its copy", "give objects a number of their own")
        if isinstance(node.func, Global) and node.func not in _PRINTING:
            for part in given[: len(node.args)]:
                self.check_run_over(part)
        parts = [self.handed_over(part, node) for part in given]
        if node.func in _ONLY_CALLING:
            self.let_go()
        self.captured |= around
        count = len(node.args)
        named = tuple((key, part) for (key, _), part in zip(node.keywords, parts[count:], strict=True))
        return Result(replace(node, func=func, args=tuple(parts[:count]), keywords=named))

    def handed_over(self, part: Result, node: Call) -> Expr:
        """An argument of a function that is not followed; it must not change what variables hold."""
        home = self.state.objects[part.value.number].home if isinstance(part.value, Ref) else None
        if home is None:
            return self.value(part, node)
        if is_harmless(node):
            return home
        raise self.refusal(node, "this call: it may change the object", "pass what it needs of the object", "S301")

    def check_keys(self, node: Call, given: list[Result]) -> None:
        """Refuse a call of a library's function with one that may change objects given with it: it is given copies."""
        objects = [one for part in given for one in self.objects_in(part.value)]
        keys = [part for part in given if isinstance(part.value, Plain)] if objects else []
        if any(self.may_change(key.expr, one) for key in keys for one in objects):
            reason = "this call of a function that calls another, which may change the object"
            raise self.refusal(node, reason, "change objects in a loop of its own", "S301")

    def check_run_over(self, one: Result) -> None:
        """Refuse to run over an object as over a list."""
        made = self.whole.class_of(self.class_key(one)) if isinstance(one.value, Ref | Runtime) else None
        if made is not None and made.form != "namedtuple" and any(map(made.scope.member, _RUN_OVER)):
            reason = f"this use of an object of the class `{made.name}`, which would be run over"
            raise self.refusal(one.expr, reason, "use what the object holds, or a method that returns a list")

    def objects_in(self, value: Value) -> list[Result]:
        """The objects that a value is, or that a container holds."""
        match value:
            case Runtime(kind=Record(made=made)) if made:
                return [Result(Name("_"), value)]
            case Runtime(kind=List(item=item)):
                return self.objects_in(self.value_of(item))
            case Runtime(kind=Sequence(items=items) | Record(items=items)):
                return [one for item in items for one in self.objects_in(self.value_of(item))]
        if not isinstance(value, Ref):
            return []
        found = self.state.objects[value.number]
        if self.whole.class_of(found.made) is not None:
            return [Result(Name("_"), value)]
        if found.home is not None and (own := self.whole.class_of(found.of)) is not None:
            keys = tuple(map(str, found.fields))
            kind = Record(own.form, own.name, keys, (Unknown(),) * len(keys), own.key)
            return [Result(Name("_"), Runtime(kind))]
        return [one for own in found.fields.values() for one in self.objects_in(own.value)]

    def may_change(self, function: Expr, one: Result) -> bool:
        """True if a function as a value may change an object that it is called with."""
        match function:
            case Opaque(text=text):
                attrs = {
                    part.attr for part in ast.walk(ast.parse(text, mode="eval")) if isinstance(part, ast.Attribute)
                }
            case Call(func=Global(dotted="operator.attrgetter" | "operator.methodcaller"), args=args):
                attrs = {attr for arg in args if isinstance(arg, Const) for attr in str(arg.value).split(".")}
            case Routine(key=key):
                return self.changes(key, 0, one)
            case Closure(key=key, captures=captures):
                return self.changes(key, len(captures), one)
            case _:
                return False
        methods = [method for attr in sorted(attrs) if (method := self.method_of(one, attr)) is not None]
        return any(self.changes(self.key_of(method), 0, one) for method in methods)

    def changes(self, key: str, place: int, one: Result) -> bool:
        """True if a function may change the object that it is given for the parameter at `place`."""
        params = [param.name for param in self.whole.program.functions[key].params]
        args = {name: one if k == place else Result(Name(name)) for k, name in enumerate(params)}
        special = specialised(self, key, args)
        return bool(special.changed()) or self.whole.changes(special.key)

    def super_of(self, node: Call) -> Result:
        binding = self.unit.scope.lookup("__class__")
        first = self.unit.node.args.args[0].arg if self.unit.node.args.args else ""
        if not isinstance(binding, Class) or first not in self.state.variables:
            raise self.refusal(
                node, "this `super()`: its class is not known", "call the method of the base by its name"
            )
        return Result(node, Super(Result(Name(first), self.state.variables[first]), binding.key))

    # ---------------------------------------------------------------- builtins

    def builtin(self, dotted: str, owner: Result, node: Call) -> Result | None:
        """What a builtin function gives for the object that is its first argument; None where it is one for values."""
        match dotted, node.args[1:]:
            case "isinstance", (classes,):
                return self.is_instance(owner, classes, node)
            case (("getattr" | "hasattr"), (Const(value=str(attr)), *default)):
                return self.attribute_by_name(dotted, owner, attr, default, node)
            case "type", ():
                key = self.class_key(owner) if not isinstance(owner.value, ClassValue) else ""
                return Result(ClassRef(key), ClassValue(key)) if key else None
            case _, _ if dotted in _COPIES:
                return self.copied(owner, dotted, node) if isinstance(owner.value, Ref) else None
            case _, () if dotted in _TYPES:
                method = self.method_of(owner, _TYPES[dotted])
                return self.length(owner, dotted) if method is None else self.called(method, [owner], node)
        return None

    def length(self, owner: Result, dotted: str) -> Result | None:
        if isinstance(owner.value, Ref) and dotted == "len":
            found = self.state.objects[owner.value.number]
            if found.made in ("tuple", "list", "dict"):
                return Result(Const(len(found.fields)))
            if found.made == ROWS:
                return Result(self.length_of(owner.value.number, owner.expr))
        return None

    def is_instance(self, owner: Result, classes: Expr, node: Expr) -> Result | None:
        made = self.whole.class_of(key) if (key := self.class_key(owner)) else None
        if isinstance(owner.value, ClassValue) or made is None:
            return None
        items = classes.items if isinstance(classes, TupleOf) else (classes,)
        found = [self.derives(made, item) for item in items]
        if None in found and True not in found:
            reason = f"this test of what an object of `{made.name}` is"
            raise self.refusal(node, reason, "ask for classes of your own")
        return Result(Const(True in found))

    def derives(self, made: Class, node: Expr) -> bool | None:
        """True if objects of a class are of one that a test of type asks for; None where that is not known."""
        match self.expression(node):
            case Result(value=ClassValue(key=key)):
                return key in made.lineage
            case Result(expr=Global(dotted="object")):
                return True
            case Result(expr=Global(dotted=dotted)) if dotted in _OTHERS:
                return dotted == "tuple" and made.form == "namedtuple"
        return None

    def attribute_by_name(
        self, dotted: str, owner: Result, attr: str, default: list[Expr], node: Call
    ) -> Result | None:
        if isinstance(owner.value, Plain):
            return None
        has = self.has(owner, attr)
        if has and isinstance(owner.value, Ref):
            known = self.state.objects[owner.value.number].fields.get(attr)
            if known is not None and known.maybe:
                reason = f"`{dotted}` of `{attr}`, which not all ways that lead here assign"
                raise self.refusal(node, reason, "assign it in `__init__`")
        if dotted == "hasattr":
            return Result(Const(has))
        if not has and default:
            return self.expression(default[0])
        return self.attribute(owner, attr, node)

    def has(self, owner: Result, attr: str) -> bool:
        match owner.value:
            case Ref(number=number) if attr in self.state.objects[number].fields:
                return True
            case Runtime(kind=Record(keys=keys)) if attr in keys:
                return True
            case There(name=name):
                data = self.whole.program.data[name].data
                if data.attributes(attr) is not None:  # type: ignore[attr-defined]
                    return True
        made = self.whole.class_of(self.class_key(owner))
        return made is not None and made.scope.member(attr) is not None

    def is_namedtuple(self, one: Ref) -> bool:
        made = self.whole.class_of(self.state.objects[one.number].made)
        return made is not None and made.form == "namedtuple"

    def copied(self, owner: Result, dotted: str, node: Call) -> Result:
        """A copy of an object, with some attributes replaced."""
        assert isinstance(owner.value, Ref)
        old = self.state.objects[owner.value.number]
        if dotted == "copy.deepcopy" or old.made in ("tuple", "list", "dict"):
            raise self.refusal(node, f"`{dotted}` of this object", "make a new object with its attributes")
        if not {key for key, _ in node.keywords} <= {str(name) for name in old.fields}:
            raise self.refusal(node, "a copy with `**`, or with other attributes", "give each attribute by its name")
        parts = self.in_order(value for _, value in node.keywords)
        given = {str(key): part for (key, _), part in zip(node.keywords, parts, strict=True)}
        own = {
            str(name): Result(old.holder(name) if one.variable else node, one.value) for name, one in old.fields.items()
        }
        values: dict[str | int, Result] = {name: given.get(name, one) for name, one in own.items()}
        if dotted == "dataclasses.replace":
            values = self.replaced_fields(self.made_by(old.made), own, given, node)
        found = self.new_object(old.made, f"{old.prefix}_new")
        self.fill(found, values)
        if dotted == "dataclasses.replace":
            self.after_init(found, node)
        return Result(node, found)

    def replaced_fields(
        self, made: Class, own: dict[str, Result], given: dict[str, Result], node: Call
    ) -> dict[str | int, Result]:
        """The fields that `dataclasses.replace` gives a new object: the constructor makes those that it has no argument for."""
        known = {one.name for one in made.fields if one.is_argument}
        if made.form != "dataclass" or not given.keys() <= known:
            raise self.refusal(node, "`dataclasses.replace` of this object", "make a new object with its attributes")
        defaults = {one.name: self.default(one) for one in made.fields if not one.is_argument}
        anew = {name: one for name, one in defaults.items() if one is not None}
        kept = {name: one for name, one in own.items() if name in known}
        return {str(name): one for name, one in (kept | given | anew).items()}

    # ------------------------------------------------------------ constructors

    def constructed(self, key: str, node: Call, hint: str, besides: str) -> Result:
        """A new object."""
        made = self.made_by(key)
        if made.trouble:
            # What is only raised carries nothing on.
            if not self.is_raising and any(True for _ in names_in(node)):
                reason = f"objects of `{made.name}`: {made.trouble}"
                raise self.refusal(node, reason, "use a class without that, or pass the numbers")
            return self.unknown(node, self.class_as_value(key))
        if made.form == "object":
            return self.initialised(made, node, hint or _lower(made.name), besides)
        args = self.in_order((*node.args, *(value for _, value in node.keywords)))
        values = self.fields_given(made, node, args)
        if any(isinstance(part.value, Ref | MethodValue) for part in args) or self.has_behaviour(made):
            found = self.new_object(key, hint or _lower(made.name))
            self.fill(found, values, besides)
            self.after_init(found, node)
            return Result(node, found)
        count = len(node.args)
        named = tuple((name, self.value(part)) for (name, _), part in zip(node.keywords, args[count:], strict=True))
        positional = tuple(self.value(part) for part in args[:count])
        return Result(replace(node, func=self.class_as_value(key), args=positional, keywords=named))

    def has_behaviour(self, made: Class) -> bool:
        """True for a class of which more is needed than that its objects hold values."""
        return self.whole.follows(Record(made.form, made.name, (), (), made.key)) or any(
            self.whole.is_stored(one.name) for one in made.fields
        )

    def initialised(self, made: Class, node: Call, hint: str, besides: str) -> Result:
        found = self.new_object(made.key, hint)
        method = made.scope.member("__init__")
        owner = Result(node, found)
        if isinstance(method, Method):
            # Not yet reachable by a variable, and no other object may take its variables.
            self.called_by_key(self.key_of(method), [owner], node, hint, besides)
        elif node.args or node.keywords:
            raise self.refusal(node, f"this: `{made.name}` takes no arguments", "leave them out")
        return owner

    def fields_given(self, made: Class, node: Call, args: list[Result]) -> dict[str | int, Result]:
        """The fields of a new dataclass or namedtuple."""
        names = [one.name for one in made.fields if one.is_argument and not one.by_name]
        if any(isinstance(arg, Starred) for arg in node.args) or any(key is None for key, _ in node.keywords):
            raise self.refusal(node, "a constructor with `*` or `**`", "give each argument by itself")
        given: dict[str | int, Result] = dict(zip(names, args[: len(node.args)], strict=False))
        given |= {str(key): args[len(node.args) + k] for k, (key, _) in enumerate(node.keywords)}
        done: dict[str | int, Result] = {}
        for one in made.fields:
            found = given.get(one.name) or self.default(one)
            if found is not None:
                done[one.name] = found
            elif one.is_argument:
                raise self.refusal(node, f"this: `{made.name}` is not given `{one.name}`", "give it")
        return done

    def default(self, one: ClassField) -> Result | None:
        if one.factory is not None:
            match factory := self.expression_of(one.name, one.factory):
                case Global(dotted="list"):
                    return self.expression(ListOf(()), one.name)
                case Global(dotted="dict"):
                    return Result(DictOf((), ()))
            return self.expression(Call(factory))
        if one.default is None:
            return None
        return self.expression(self.expression_of(one.name, self.renamed(one.default, f"{one.name}_default")))

    def fill(self, found: Ref, values: dict[str | int, Result], besides: str = "") -> None:
        """Give a new object its fields."""
        prefix = self.state.objects[found.number].prefix
        pairs: list[tuple[str, Expr]] = []
        for name, one in values.items():
            held = isinstance(one.value, Plain | Runtime | MethodValue)
            variable = self.variable(prefix, name, besides) if held else ""
            if held:
                pairs.append((variable, self.value(one)))
            value = PLAIN if isinstance(one.value, MethodValue) else one.value
            self.set_field(found.number, name, value, variable)
        self.assign(pairs)

    def after_init(self, found: Ref, node: Call) -> None:
        method = self.made_by(self.state.objects[found.number].made).scope.member("__post_init__")
        if isinstance(method, Method):
            self.called(method, [Result(node, found)], node)

    # ---------------------------------------------------------------- functions

    def called(self, method: Method, args: list[Result], node: Expr) -> Result:
        names = tuple(Name(f"#{k}") for k in range(len(args)))
        return self.follow(self.key_of(method), Arguments(dict(zip(names, args, strict=True)), names, ()), node, "", "")

    def called_by_key(self, key: str, first: list[Result], node: Call, hint: str, besides: str) -> Result:
        """A call of a function of the program, with `first` in front of its arguments."""
        around, self.captured = self.captured, set()
        plain = [arg.value if isinstance(arg, Starred) else arg for arg in node.args]
        parts = self.in_order((*plain, *(value for _, value in node.keywords)), done=first)
        names = tuple(Name(f"#{k}") for k in range(len(parts)))
        given: dict[Name, Result] = dict(zip(names, parts, strict=True))
        places = names[len(first) :]
        args: list[Expr] = [*names[: len(first)]]
        args += [
            replace(arg, value=name) if isinstance(arg, Starred) else name
            for arg, name in zip(node.args, places, strict=False)
        ]
        rest = places[len(node.args) :]
        keywords = tuple((key, name) for (key, _), name in zip(node.keywords, rest, strict=True))
        arguments = Arguments(given, tuple(args), keywords)
        found = self.follow(key, arguments, node, hint, besides)
        if self.is_lent(key, arguments):
            self.let_go()
        self.captured |= around
        return found

    def is_lent(self, key: str, args: Arguments) -> bool:
        """True if a function of the program keeps none of the functions among its arguments."""
        functions = self.whole.program.functions
        bound = bind_call(functions[key], Call(Routine(key), args.positional, args.keywords))
        given = {} if isinstance(bound, str) else {str(arg): param for param, arg in bound.items()}
        return all(
            str(name) in given and _only_calls(functions, key, given[str(name)], frozenset())
            for name, one in args.given.items()
            if isinstance(one.value, MethodValue) or any(isinstance(part, Closure) for part in walk(one.expr))
        )

    def let_go(self) -> None:
        """The functions that have captured objects are gone."""
        for number in self.captured:
            self.state.objects[number] = replace(self.state.objects[number], handed_on=False)
        self.captured = set()

    def follow(self, key: str, args: Arguments, node: Expr, hint: str, besides: str) -> Result:
        function = self.whole.program.functions[key]
        values = [one.value for one in args.given.values()]
        if not self.whole.involved(key) and all(isinstance(value, Plain | MethodValue) for value in values):
            return Result(args.filled(Call(Routine(key), span=node.span), self.value))
        bound = bind_call(function, Call(Routine(key), args.positional, args.keywords))
        if isinstance(bound, str):
            raise self.refusal(node, f"this call: {bound}", "give each argument by itself")
        results = self.detached({name: self.argument(expr, args) for name, expr in bound.items()})
        return self.finished(specialised(self, key, results), results, node, hint, besides)

    def argument(self, expr: Expr, args: Arguments) -> Result:
        """What goes to a parameter: an argument, a default value, or a tuple or dict of arguments."""
        if isinstance(expr, Name) and expr in args.given:
            found = args.given[expr]
            return Result(self.value(found)) if isinstance(found.value, MethodValue) else found
        parts = [part for part in names_in(expr) if Name(part) in args.given]
        if any(not isinstance(args.given[Name(part)].value, Plain | Runtime) for part in parts):
            raise self.refusal(None, "an object among `*` arguments", "name each parameter")
        filled = substitute(expr, {Name(part): args.given[Name(part)].expr for part in parts})
        return Result(filled) if parts else self.expression(expr)

    def finished(self, special: Special, args: dict[str, Result], node: Expr, hint: str, besides: str) -> Result:
        """The call of a function written for these objects, and what it does to them."""
        if self.caught and special.loses:
            reason = "a call in a `try` that may change an object and then raise an exception"
            raise self.refusal(node, reason, "let it change the object when nothing can fail any more")
        numbers = dict(enumerate(special.arguments(args, self.state)))
        created = [number for number in special.state.objects if number not in numbers]
        for number in created:
            old = special.state.objects[number]
            prefix = hint if Ref(number) == special.value and hint else f"{hint or ''}_{old.prefix}".strip("_")
            new = numbers[number] = self.new_object(old.made, prefix).number
            self.state.objects[new] = replace(self.state.objects[new], of=old.of, site=old.site)
        inputs = tuple(self.given_to(one, args, numbers) for one in special.inputs)
        self.check_aliases(special, numbers, node)
        call = Call(Routine(special.key), inputs, span=node.span)
        targets: list[Expr] = []
        value = _renumbered(special.value, numbers)
        for number, name in special.changed():
            targets += self.changed(special, number, name, numbers, besides, node)
        is_alone = bool(targets) or self.changes_given_list(special, numbers)
        result = ""
        if special.gives_value and (is_alone or isinstance(value, Plain | Runtime | Row)):
            result = self.names.unique("t") if is_alone else ""
        if is_alone and not targets and not result:
            self.emit(Evaluate(call))
        self.write(special, call, targets, result)
        self.replaced_parts(special, numbers, node)
        self.take_over(special, numbers, targets, node)
        if isinstance(value, Row):
            index = Name(result) if result else self.named_index(call)
            return Result(node, self.row(value.rows, index, value.absolute))
        if not isinstance(value, Plain | Runtime):
            # The object is known, but the function may have done something.
            if not is_alone and special.does_something:
                self.emit(Evaluate(call))
            return Result(node, value)
        if not special.gives_value:
            if not is_alone:
                self.emit(Evaluate(call))
            return Result(Const(None))
        return Result(Name(result) if result else call, value)

    def take_over(self, special: Special, numbers: dict[int, int], targets: list[Expr], node: Expr) -> None:
        """What is known of objects behind a call, and of objects at run time that are kept in step."""
        for inner, number in numbers.items():
            self.write_home(number, targets)
            if special.state.objects[inner].handed_on:
                self.state.objects[number] = replace(self.state.objects[number], handed_on=True)
            if special.state.objects[inner].moved:
                self.layout_of(number, node)
                self.state.objects[number] = replace(self.state.objects[number], moved=True)
        self.changed_lists(special, numbers, node)

    def changes_given_list(self, special: Special, numbers: dict[int, int]) -> bool:
        """True for a call that changes objects in a list that is an argument."""
        changed = (numbers[inner] for inner, _ in special.state.touched if inner in numbers)
        return any(self.state.objects[number].home is not None for number in changed)

    def given_to(self, one: tuple[int, str | int] | str, args: dict[str, Result], numbers: dict[int, int]) -> Expr:
        if isinstance(one, str):
            return args[one].expr
        return self.state.objects[numbers[one[0]]].holder(one[1])

    def check_aliases(self, special: Special, numbers: dict[int, int], node: Expr) -> None:
        """Refuse arguments that may be the same object if what the callee changes of one of them it reads of the other."""
        read = {place for place in special.inputs if not isinstance(place, str)}
        changes = {*special.state.touched, *(place for place in special.changed() if place[0] < special.count)}
        lists = {inner: self.cloned.get(number, number) for inner, number in numbers.items()}
        for inner, name in changes:
            others = (one for one in numbers if one != inner and lists[one] == lists[inner])
            if any((one, name) in read | changes for one in others):
                reason = f"this call: it changes `{name}` of an object which another argument may be, or hold"
                raise self.refusal(node, reason, "write it out in the loop", "S301")

    def changed_lists(self, special: Special, numbers: dict[int, int], node: Expr) -> None:
        """What a callee has done to lists of objects."""
        for inner, name in sorted(special.state.touched, key=str):
            number = numbers.get(inner, -1)
            if number >= 0:
                self.state.touched |= {(number, name)}
                self.list_in_step(number, name)
                if name in (ENDS, GROWS):
                    self.check_not_looped(number, node)
                    self.no_longer(number, lambda one, name=name: name == ENDS or not one.absolute)  # type: ignore[misc]

    def changed(
        self, special: Special, number: int, name: str | int, numbers: dict[int, int], besides: str, node: Expr
    ) -> list[Expr]:
        """Take over an attribute that a callee has assigned; the variable that gets it."""
        own = numbers[number]
        inner = special.state.objects[number].fields[name]
        value = _renumbered(inner.value, numbers)
        self.check_not_running(own, node)
        if self.state.objects[own].index is not None:
            return [] if isinstance(value, Ref) else [self.changed_element(own, name, value, node)]
        if not isinstance(value, Plain | Runtime):
            self.set_field(own, name, value, maybe=inner.maybe)
            return []
        before = self.state.objects[own].fields.get(name)
        variable = before.variable if before is not None and before.variable else ""
        variable = variable or self.variable(self.state.objects[own].prefix, name, besides)
        self.set_field(own, name, value, variable, inner.maybe)
        return [Name(variable)]

    def replaced_parts(self, special: Special, numbers: dict[int, int], node: Expr) -> None:
        """Objects that a callee has put into an element of a list."""
        for number, name in special.changed():
            own = self.state.objects[numbers[number]]
            value = _renumbered(special.state.objects[number].fields[name].value, numbers)
            if own.index is not None and isinstance(value, Ref):
                rows = self.state.objects[self.cloned[numbers[number]]].fields[name].value
                if not isinstance(rows, Ref):
                    reason = f"this call: it gives an element of a list another `{name}`"
                    raise self.refusal(node, reason, "assign it when the object is made", "S301")
                self.set_element(rows.number, own.index, Result(node, value), node)

    def changed_element(self, number: int, name: str | int, value: Value, node: Expr) -> Expr:
        """The place of an attribute of an element of a list, which a callee has assigned."""
        own = self.state.objects[number]
        if not isinstance(value, Plain | Runtime) or name not in own.fields or not own.fields[name].variable:
            reason = f"this call: it gives the elements of a list another `{name}`"
            raise self.refusal(node, reason, "assign it when the object is made", "S301")
        rows = self.cloned[number]
        if self.state.objects[rows].handed_on:
            reason = "this change of a list of objects of which something else has a copy"
            raise self.refusal(node, reason, "change it before", "S301")
        self.state.touched |= {(rows, name)}
        return own.holder(name)

    def write(self, special: Special, call: Call, targets: list[Expr], result: str) -> None:
        """The call as a statement, where it assigns anything."""
        every: list[Expr] = [*([Name(result)] if result else []), *targets]
        lines = special.written_out(call, self.names) if special.is_constructor and not result else None
        if lines is not None and len(lines) <= _SHORT:
            before, values = lines
            reads = {name for value in values for name in names_in(value)}
            variables = [name for target in every for name in names_in(target)]
            if not reads & set(variables) or len(every) == 1:
                self.assign_fields(before, dict(zip(variables, values, strict=True)))
                return
        if len(every) == 1:
            self.emit(Assign(every[0], call))
        elif every:
            self.emit_parts(every, call)

    def assign_fields(self, before: list[Statement], values: dict[str, Expr]) -> None:
        """Assign variables after these statements; what one of these gives a name for that has it at once."""
        read = {name for s in before if isinstance(s, Assign) for name in names_in(s.value)}
        made = {s.target for s in before if isinstance(s, Assign)}
        turned = reversed([(value, Name(name)) for name, value in values.items() if value in made and name not in read])
        named: dict[Expr, Expr] = dict(turned)
        for s in before:
            self.emit(map_heads(s, lambda node: substitute(node, named)))
        self.assign([(name, substitute(value, named)) for name, value in values.items()])

    def emit_parts(self, targets: list[Expr], call: Call) -> None:
        """Several results; what elements of lists get has a name first."""
        late: dict[Expr, Name] = {one: Name(self.names.unique("t")) for one in targets if isinstance(one, Index)}
        self.emit(Assign(TupleOf(tuple(late.get(one, one) for one in targets)), call))
        for place, name in late.items():
            self.emit(Assign(place, name))

    def write_home(self, number: int, targets: list[Expr]) -> None:
        """The object at run time is kept in step."""
        found = self.state.objects[number]
        if number in self.cloned:
            for name in found.fields:
                if found.holder(name) in targets:
                    self.element_in_step(number, name)
        elif found.home is not None:
            for name, one in found.fields.items():
                if Name(one.variable) in targets:
                    self.emit(Evaluate(Call(Global("_set"), (found.home, Const(name), Name(one.variable)))))

    # --------------------------------------------------------- functions as values

    def function_value(self, result: Result) -> Expr:
        assert isinstance(result.value, MethodValue)
        receiver, method = result.value.receiver, result.value.method
        key = self.key_of(method)
        params = [param.name for param in self.whole.program.functions[key].params]
        args = {name: receiver if k == 0 else Result(Name(name)) for k, name in enumerate(params)}
        return self.partly_applied(key, args, params[1:], result)

    def partly_applied(self, key: str, args: dict[str, Result], own: list[str], at: Result) -> Expr:
        """A function as a value that has captured the variables of the objects among its arguments."""
        special = specialised(self, key, args)
        if special.changed() or not isinstance(special.value, Plain | Runtime):
            raise self.refusal(at.expr, "a method kept as a value that changes or makes objects", "call it by its name")
        numbers = dict(enumerate(special.arguments(args, self.state)))
        params = [param.name for param in self.whole.program.functions[special.key].params]
        captures = [
            (name, self.given_to(one, args, numbers))
            for name, one in zip(params, special.inputs, strict=True)
            if one not in own
        ]
        self.capture({numbers[one[0]] for one in special.inputs if not isinstance(one, str)})
        return Closure(special.key, tuple(captures), span=at.expr.span)

    def capture(self, numbers: set[int]) -> None:
        """A function as a value holds what these objects are now, so that they must not change while it lives."""
        for number in numbers:
            found = self.state.objects[number]
            for one in (number, found.rows):
                if one >= 0 and not self.state.objects[one].handed_on:
                    self.state.objects[one] = replace(self.state.objects[one], handed_on=True)
                    self.captured.add(one)

    def closure(self, node: Closure) -> Expr:
        captured = self.in_order(value for _, value in node.captures)
        if all(isinstance(one.value, Plain) for one in captured) and not self.whole.involved(node.key):
            return replace(node, captures=tuple((k, c.expr) for (k, _), c in zip(node.captures, captured, strict=True)))
        params = [param.name for param in self.whole.program.functions[node.key].params]
        names = [name for name, _ in node.captures]
        args = dict(zip(names, captured, strict=True))
        own = [name for name in params if name not in args]
        given = {name: args.get(name, Result(Name(name))) for name in params}
        return self.partly_applied(node.key, given, own, Result(node))


def _only_calls(functions: Mapping[str, Function], key: str, name: str, seen: frozenset[tuple[str, str]]) -> bool:
    """True if a function of the program does nothing with its parameter `name`, a function, but call it."""

    def keeps(node: Expr) -> bool:
        match node:
            case Call(func=Name(), args=args, keywords=keywords):
                return any(map(keeps, (*args, *(value for _, value in keywords))))
            case Call(func=Routine(key=other)) if Name(name) in children(node):
                bound = bind_call(functions[other], node)
                given = [] if isinstance(bound, str) else [param for param, arg in bound.items() if arg == Name(name)]
                lent = given and all(_only_calls(functions, other, param, seen | {(key, name)}) for param in given)
                return not lent or any(keeps(child) for child in children(node) if child != Name(name))
            case Call(func=func) if func in _ONLY_CALLING:
                return any(keeps(child) for child in children(node) if child != Name(name))
        return node == Name(name) or any(map(keeps, children(node)))

    return (key, name) in seen or not any(map(keeps, expressions(functions[key].body)))


def _lower(name: str) -> str:
    return name.lower()


def _renumbered(value: Value, numbers: dict[int, int]) -> Value:
    if isinstance(value, Row):
        return replace(value, rows=numbers[value.rows])
    return Ref(numbers[value.number]) if isinstance(value, Ref) else value
