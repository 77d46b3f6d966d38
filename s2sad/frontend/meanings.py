"""What names and expressions mean: functions and data that are found bring what they are into the program."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from s2sad.errors import DifferentiationError
from s2sad.frontend.builtin import library_unit
from s2sad.frontend.byhand import declare
from s2sad.frontend.carried import rule_name
from s2sad.frontend.generators import is_generator
from s2sad.frontend.operators import with_operators
from s2sad.frontend.partials import with_partials
from s2sad.frontend.rules import Target
from s2sad.frontend.unit import (
    Binding,
    BoundMethod,
    Class,
    Data,
    Derived,
    Items,
    Library,
    Method,
    Module,
    Ruled,
    Rules,
    Scope,
    Unit,
    Unresolved,
    User,
)
from s2sad.ir import (
    Attribute,
    Binary,
    Call,
    ClassRef,
    Closure,
    Const,
    DictOf,
    Expr,
    Function,
    Global,
    Lambda,
    ListOf,
    Name,
    Opaque,
    Operator,
    Routine,
    TupleOf,
)
from s2sad.naming import Names
from s2sad.program import DataItem, Program
from s2sad.rules import helpers, registry
from s2sad.syntax import Unsupported, carried, from_ast, span_of
from s2sad.traversal import map_children, walk

__all__ = ["ADVICE", "CALLED", "Bound", "Meanings"]

ADVICE = {
    "Turns": "run over `cycle(tuple(…))`, which takes the elements that are there before the loop",
    "Sums": "run over `list(accumulate(…))`, which takes the sums before the loop",
    "TryStar": "write it with `except`",
    "FunctionDef": "define the inner function at the module's level and pass what it closes over",
    "Lambda": "define it as a function at the module's level",
    "ClassDef": "define the class at the module's level",
    "NamedExpr": "assign the name in a statement of its own",
    "Yield": "collect the values in a list and return it",
    "YieldFrom": "collect the values in a list and return it",
    "Global": "return the new value, and assign it where the function is called",
    "Nonlocal": "return the new value, and assign it where the function is called",
    "Starred": "take the parts by index: `first, rest = x[0], x[1:]`",
    "Pattern": "write it with `if` and `elif`",
    "GuardedPattern": "write it with `if` and `elif`",
    "Rebound": "give the other function another name",
    "Delete": "take out one element after the other: `x.pop(i)`",
    "AsyncFunctionDef": "write a plain function",
    "Await": "write a plain function",
}


#: What generated code calls by these names.
CALLED = frozenset(
    "range len reversed zip enumerate min tuple list slice float int TypeError isinstance np numpy math".split()
)


#: Parameters of a function inside a function with what they are bound to when it is made.
Bound = tuple[tuple[str, Expr], ...]


_WORDS = {
    "Turns": "`cycle` of what may change while the loop runs",
    "Sums": "`accumulate` of what may change while the loop runs",
    "TryStar": "`except*`", "Pattern": "this pattern",
    "GuardedPattern": "a pattern with a guard whose variables are read elsewhere",
    "FunctionDef": "a function defined inside the function", "ClassDef": "a class defined inside the function",
    "NamedExpr": "an assignment inside an expression (`:=`)", "Delete": "`del`", "Global": "writing a `global` variable",
    "Nonlocal": "writing a `nonlocal` variable", "Yield": "a generator", "YieldFrom": "a generator", "Await": "`await`",
    "Starred": "a starred target",
    "Rebound": "a loop over `map` that assigns the variable of its function",
    "Import": "an import of a name that means something else here",
    "ImportFrom": "an import of a name that means something else here",
}  # fmt: skip


def _has_functions(value: Expr) -> bool:
    """True for a function, and for a display that holds one."""
    match value:
        case Operator() | Routine() | Lambda() | Closure():
            return True
        case TupleOf(items=items) | ListOf(items=items) | DictOf(items=items):
            return any(_has_functions(item) or _is_library_function(item) for item in items)
    return False


def _is_library_function(node: Expr) -> bool:
    return isinstance(node, Global) and registry.known(node.dotted)


def _called(value: Expr) -> str | None:
    """The name of a function of the program that an expression calls."""
    calls = (part.func for part in walk(value) if isinstance(part, Call))
    return next((func.key.rpartition(":")[2] for func in calls if isinstance(func, Routine)), None)


def _is_same_value(a: Data, b: Data) -> bool:
    """True for one object that two functions of a module know by one name."""
    return a.has_value and b.has_value and a.name == b.name and a.value is b.value


def _literal(value: object) -> Expr | None:
    """A value written as a literal, where it has one that says all."""
    match value:
        case bool() | int() | float() | str() | None if type(value) in (bool, int, float, str, type(None)):
            return Const(value)
        case tuple() if type(value) is tuple:
            items = tuple(map(_literal, value))
            return TupleOf(tuple(item for item in items if item is not None)) if None not in items else None
    return None


@dataclass
class Meanings:
    """What names and expressions of a function mean in the program; `found` are the functions that are reached."""

    unit: Unit
    program: Program
    found: list[Unit] = field(default_factory=list)
    local: frozenset[str] = frozenset()
    enclosing: frozenset[str] = frozenset()
    #: The generator functions inside of this function or around it, by name.
    generators: frozenset[str] = frozenset()
    #: Where a generator function is called for all its elements.
    consumed: dict[int, ast.expr] = field(default_factory=dict)

    def nested(self, node: ast.FunctionDef | ast.Lambda, name: str) -> tuple[Function, Bound]:
        """A function inside of the function, and what its parameters are bound to when it is made."""
        raise NotImplementedError

    def library(self, node: ast.expr) -> str | None:
        """The dotted name of the library's function that an expression is; None for anything else."""
        match node:
            case ast.Name(id=name) if name not in self.local and name not in self.enclosing:
                binding: Binding | None = self.unit.scope.lookup(name)
            case ast.Attribute(value=value, attr=attr) if (module := self.module(value)) is not None:
                binding = self.unit.scope.member(module, attr)
            case _:
                return None
        plain = binding.binding if isinstance(binding, Ruled) else binding
        return plain.dotted if isinstance(plain, Library) else None

    def makes(self, func: ast.expr) -> bool:
        """True for the name of a generator function."""
        match func:
            case ast.Name(id=name) if name in self.local or name in self.enclosing:
                return name in self.generators
            case ast.Name(id=name):
                binding: Binding = self.unit.scope.lookup(name)
            case ast.Attribute(value=value, attr=attr) if (module := self.module(value)) is not None:
                binding = self.unit.scope.member(module, attr)
            case _:
                return False
        return isinstance(binding, User) and is_generator(binding.unit.node)

    def elsewhere(self, node: ast.expr, scope: Scope, local: frozenset[str], text: str) -> Expr:
        """An expression that stands in another place, with these local names."""
        lines = (text,) if text else self.unit.lines
        inner = type(self)(replace(self.unit, scope=scope, lines=lines), self.program, self.found, local)
        for name in sorted(local):
            if inner.own(name) != name:
                raise self.refusal(node, "S206", f"a rule has the parameter `{name}`", f"call it `{name}_`")
        return inner.expression(node)

    def expression(self, node: ast.expr) -> Expr:
        try:
            found = with_partials(from_ast(node, self.resolve), self.unit, self.arguments)
            return self.with_routines(with_operators(found, self.unit))
        except Unsupported as refused:
            raise self.unsupported(refused.node, refused.what) from None

    def arguments(self, key: str) -> ast.arguments:
        """The parameters of a function that was found."""
        found = (unit.node for unit in (*self.found, *self.program.units.values()) if unit.key == key)
        return next(found).args

    def with_routines(self, node: Expr) -> Expr:
        """Library functions of which a derivative is made are functions of the program that call them."""
        if isinstance(node, Operator) and isinstance(node.function, Global):
            unit = library_unit(node.function.dotted)
            if unit is not None:
                self.found.append(unit)
                return replace(node, function=Routine(unit.key, span=node.function.span))
        return map_children(node, self.with_routines)

    def resolve(self, node: ast.expr) -> Expr | None:
        match node:
            case ast.Name(id=name):
                return self.name(node, name)
            case ast.Lambda():
                text = self.text_of_lambda(node)
                function, bound = self.nested(node, f"{self.unit.name}_lambda")
                return Lambda(function, text, bound, span=span_of(node))
            case ast.Dict(keys=keys, values=values) if (
                None in keys and (merged := self.merged(keys, values)) is not None
            ):
                return merged
            case ast.JoinedStr() | ast.Dict() | ast.Set():
                return carried(node, self.resolve_carried, span_of(node))
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return carried(node, self.resolve_carried, span_of(node))
            case ast.Attribute(value=value, attr=attr):
                binding = self.module(value)
                if binding is None:
                    return self.private(node)
                member = self.unit.scope.member(binding, attr)
                if isinstance(member, Library):
                    return Global(rule_name(f"{binding.dotted}.{attr}"), span=span_of(node))
                return self.meaning(node, attr, member)
        return None

    def merged(self, keys: list[ast.expr | None], values: list[ast.expr]) -> Expr | None:
        """`{**d, "a": v}` as `dict(d) | {"a": v}`; None where a key is not written out."""
        parts: list[Expr] = []
        for key, value in zip(keys, values, strict=True):
            match key, parts:
                case None, _:
                    parts.append(self.expression(value))
                case ast.Constant(value=str() | int() as own), [*_, DictOf(keys=before, items=items)]:
                    last = {**dict(zip(before, items, strict=True)), own: self.expression(value)}
                    parts[-1] = DictOf(tuple(last), tuple(last.values()))
                case ast.Constant(value=str() | int() as own), _:
                    parts.append(DictOf((own,), (self.expression(value),)))
                case _:
                    return None
        whole: Expr = Call(Global("dict"), (parts[0],), span=parts[0].span) if len(parts) == 1 else parts[0]
        for part in parts[1:]:
            whole = Binary("|", whole, part, span=whole.span)
        return whole

    def private(self, node: ast.Attribute) -> Expr | None:
        """The attribute `__x` of a class goes by another name."""
        if not node.attr.startswith("__") or node.attr.endswith("__") or not self.unit.inside:
            return None
        return Attribute(self.expression(node.value), f"_{self.unit.inside.lstrip('_')}{node.attr}", span=span_of(node))

    def text_of_lambda(self, node: ast.Lambda) -> Opaque | None:
        """A lambda as text, for a library; None where its text would not mean the same elsewhere."""
        try:
            return carried(node, self.resolve_carried)
        except Unsupported:
            return None

    def resolve_carried(self, node: ast.expr) -> Expr | None:
        """The meaning of a name in text that is carried along, where a library's module may stand by itself."""
        binding = self.module(node)
        if binding is not None and not binding.key:
            return Global(binding.dotted, span=span_of(node))
        return self.resolve(node)

    def module(self, node: ast.expr) -> Module | None:
        """The module that a chain of names stands for."""
        match node:
            case ast.Name(id=name) if name not in self.local and name not in self.enclosing:
                binding = self.unit.scope.lookup(name)
                if isinstance(binding, Module):
                    self.program.spelling.module(binding.dotted, name)
            case ast.Attribute(value=value, attr=attr) if (outer := self.module(value)) is not None:
                binding = self.unit.scope.member(outer, attr)
            case _:
                return None
        return binding if isinstance(binding, Module) else None

    def own(self, name: str) -> str:
        """The name of a local variable: another one for a local that hides what generated code calls."""
        if name not in CALLED and not helpers.known(name):
            return name
        new = f"{name}_"
        while new in self.local:
            new += "_"
        return new

    def name(self, node: ast.expr, name: str) -> Expr:
        if name in self.local or name in self.enclosing:
            if name in self.generators:
                self.check_consumed(node, name)
            return Name(self.own(name), span=span_of(node))
        binding = self.unit.scope.lookup(name)
        plain = binding.binding if isinstance(binding, Ruled) else binding
        if isinstance(plain, Library) and plain.spelled and "." in plain.dotted:
            self.program.spelling.name(plain.dotted, name)
        return self.meaning(node, name, binding)

    def check_consumed(self, node: ast.AST, name: str) -> None:
        """Refuse a generator whose elements are not all taken where it is called."""
        if id(node) not in self.consumed:
            reason = f"cannot differentiate this use of the generator `{name}`, which may not run to its end"
            rewrite = "let a loop without `break` and `return` run over the call, or take the list of it"
            raise self.refusal(node, "S201", reason, rewrite)

    def meaning(self, node: ast.AST, name: str, binding: Binding) -> Expr:
        span = span_of(node)
        match binding:
            case Library(dotted=dotted):
                return Global(rule_name(dotted), span=span)
            case User(unit=unit):
                if is_generator(unit.node):
                    self.check_consumed(node, name)
                self.found.append(unit)
                return Routine(unit.key, span=span)
            case Method(unit=unit):
                if is_generator(unit.node):
                    self.check_consumed(node, name)
                self.found.append(unit)
                return Routine(unit.key, span=span)
            case Class(key=key, data=data):
                self.program.classes.setdefault(key, binding)
                self.data(data)
                return ClassRef(key, span=span)
            case BoundMethod(receiver=receiver, name=attr):
                return Attribute(self.meaning(node, name, receiver), attr, span=span)
            case Derived(mode=mode, wrt=wrt, has_aux=has_aux, function=function):
                return Operator(mode, self.meaning(node, name, function), wrt, has_aux, span=span)
            case Items(type=kind, keys=keys, items=items):
                parts = tuple(
                    self.meaning(node, f"{name}[{key!r}]", item) for key, item in zip(keys, items, strict=True)
                )
                if kind == "dict":
                    return DictOf(keys, parts, span=span)
                return TupleOf(parts, span=span) if kind == "tuple" else ListOf(parts, span=span)
            case Data():
                own = self.data(binding)
                value = self.program.data[own].value
                if value is not None and (called := _called(value)) is not None:
                    reason = f"`{name}` is computed by a function of the module, `{called}`, where it is imported"
                    raise self.refusal(node, "S103", reason, "pass it as an argument")
                return value if value is not None and _has_functions(value) else Name(own, span=span)
            case Ruled(binding=inner, rules=rules):
                return self.ruled(self.meaning(node, name, inner), name, rules)
            case Module(dotted=dotted):
                raise self.refusal(
                    node, "S103", f"the module `{dotted}` is used as a value", "call its functions by name"
                )
            case Unresolved(reason=reason):
                raise self.refusal(
                    node, "S103", f"cannot resolve `{name}`: {reason}", "define it, or pass it as an argument"
                )
        raise AssertionError(binding)

    def ruled(self, node: Expr, name: str, rules: Rules) -> Expr:
        """Something that is called, with the rules declared for it brought into the program."""
        key = registry.canonical(registry.key_of(Call(node)) or "")
        if not any(rule.signature.key == key for rule in self.program.rules):
            declare(self, Target(key, name), rules, Names(self.program.names.values()))
        return node

    def data(self, data: Data) -> str:
        """The name of a global of the generated module that holds `data`."""
        for name, item in self.program.data.items():
            is_same = (
                item.data is data or (data.slot and item.data.slot == data.slot) or _is_same_value(item.data, data)
            )
            if is_same or (data.expression is not None and item.data.expression is data.expression):
                return name
        taken = {*self.program.data, *CALLED, *helpers.names(), "_"}
        name, number = data.name, 1
        while name in taken:
            name, number = f"{data.name}_{number}", number + 1
        self.program.data[name] = DataItem(name, data, self.data_value(data))
        return name

    def data_value(self, data: Data) -> Expr | None:
        """The defining expression where one can be written into a file."""
        if data.has_value:
            return _literal(data.value)
        if data.expression is None or data.scope is None:
            return None
        unit = Unit(self.unit.key, data.name, self.unit.node, self.unit.file, self.unit.lines, data.scope)
        inner = type(self)(unit, self.program, self.found)
        return inner.expression(data.expression)

    def refusal(self, node: ast.AST, code: str, reason: str, rewrite: str = "") -> DifferentiationError:
        return DifferentiationError(code, reason, self.unit.place(span_of(node)), rewrite)

    def unsupported(self, node: ast.AST, what: str) -> DifferentiationError:
        words = _WORDS.get(what, what)
        return self.refusal(node, "S201", f"cannot differentiate {words}", ADVICE.get(what, ""))
