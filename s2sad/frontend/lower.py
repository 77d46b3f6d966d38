"""From Python's syntax tree to the core language: names resolved, every construct either understood or refused."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Binding, Data, Library, Module, Unit, Unresolved, User
from s2sad.ir import (
    Assert,
    Assign,
    Aug,
    Block,
    Call,
    Const,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    If,
    Name,
    Origin,
    Param,
    Pass,
    Raise,
    Return,
    Routine,
    Span,
    Statement,
    TupleOf,
    While,
    bound_names,
    children,
    walk,
)
from s2sad.naming import Names
from s2sad.program import DataItem, Program
from s2sad.syntax import BINARY, Unsupported, from_ast, span_of

__all__ = ["lower"]

_ADVICE = {
    "Break": "put the condition into the loop's test, or return from a helper function",
    "Continue": "put the rest of the loop's body under an `if`",
    "Try": "test for the condition with `if`",
    "TryStar": "test for the condition with `if`",
    "With": "keep the `with` outside of the differentiated function",
    "Match": "write it with `if` and `elif`",
    "FunctionDef": "define the inner function at the module's level and pass what it closes over",
    "Lambda": "define it as a function at the module's level",
    "ClassDef": "define the class at the module's level",
    "NamedExpr": "assign the name in a statement of its own",
    "Yield": "collect the values in a list and return it",
    "YieldFrom": "collect the values in a list and return it",
    "Global": "pass the value as an argument",
    "Nonlocal": "pass the value as an argument",
    "Starred": "take the parts by index: `first, rest = x[0], x[1:]`",
    "Delete": "leave the `del` out",
    "AsyncFunctionDef": "write a plain function",
    "Await": "write a plain function",
}


#: What generated code calls by these names.
_CALLED = frozenset(
    "range len reversed zip enumerate min tuple list slice float int TypeError isinstance np numpy math".split()
)


def lower(root: Unit) -> Program:
    """The program reached from `root`; its functions in the order they were found, `root` first."""
    program = Program()
    names = Names()
    waiting = [root]
    while waiting:
        unit = waiting.pop(0)
        if unit.key in program.functions:
            continue
        program.units[unit.key] = unit
        program.names[unit.key] = names.unique(unit.name)
        lowering = _Lowering(unit, program)
        program.functions[unit.key] = lowering.function()
        waiting += lowering.found
    _keep_apart(program)
    return program


def _keep_apart(program: Program) -> None:
    """No function is called like a local variable of any: where one is meant the other would be found."""
    local = {name for function in program.functions.values() for name in bound_names(function)}
    names = Names([*local, *program.names.values()])
    for key, name in program.names.items():
        if name in local:
            program.names[key] = names.unique(name)


def _stored(node: ast.AST) -> Iterator[str]:
    """The names that a function binds in its own scope."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
                continue
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                yield from (n.target.id for n in ast.walk(child) if isinstance(n, ast.NamedExpr))
                continue
            case ast.ExceptHandler(name=str() as name):
                yield name
        yield from _stored(child)


@dataclass
class _Lowering:
    unit: Unit
    program: Program
    found: list[Unit] = field(default_factory=list)
    local: frozenset[str] = frozenset()
    imported: dict[str, Binding] = field(default_factory=dict)

    def function(self) -> Function:
        node = self.unit.node
        params = tuple(self.params(node.args))
        self.local = frozenset(_stored(node)) | {param.name for param in params}
        body = node.body
        doc = ast.get_docstring(node) or ""
        return Function(node.name, params, self.block(body[1:] if doc else body), doc)

    def own(self, name: str) -> str:
        """The name of a local variable: another one for a local that hides what generated code calls."""
        if name not in _CALLED:
            return name
        new = f"{name}_"
        while new in self.local:
            new += "_"
        return new

    def params(self, args: ast.arguments) -> Iterator[Param]:
        positional = [*args.posonlyargs, *args.args]
        defaults = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
        for arg, default in zip(positional, defaults, strict=True):
            form = "positional-only" if arg in args.posonlyargs else "positional"
            yield Param(arg.arg, form, self.default(default))
        for arg in (*positional, *args.kwonlyargs):
            if arg.arg in _CALLED:
                reason = f"the parameter `{arg.arg}` hides a name that derivatives call"
                raise self.refusal(arg, "S201", reason, f"call it `{arg.arg}_`")
        if args.vararg:
            raise self.refusal(
                args.vararg, "S201", "cannot differentiate a function with `*` parameters", "name each parameter"
            )
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            yield Param(arg.arg, "keyword", self.default(default))
        if args.kwarg:
            raise self.refusal(
                args.kwarg, "S201", "cannot differentiate a function with `**` parameters", "name each parameter"
            )

    def default(self, node: ast.expr | None) -> Expr | None:
        return None if node is None else self.expression(node)

    # ------------------------------------------------------------- statements

    def block(self, nodes: list[ast.stmt]) -> Block:
        return tuple(statement for node in nodes for statement in self.statement(node))

    def statement(self, node: ast.stmt) -> Iterator[Statement]:
        origin = self.origin(node)
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from self.assignment(targets, self.expression(value), origin)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    yield from self.assignment([target], self.expression(value), origin)
            case ast.AugAssign(target=target, op=op, value=value):
                yield Aug(self.target(target), BINARY[type(op)], self.expression(value), origin=origin)
            case ast.If(test=test, body=body, orelse=orelse):
                yield If(self.expression(test), self.block(body), self.block(orelse), origin=origin)
            case ast.For(target=target, iter=iterable, body=body, orelse=[]):
                yield For(self.target(target), self.expression(iterable), self.block(body), origin=origin)
            case ast.While(test=test, body=body, orelse=[]):
                yield While(self.expression(test), self.block(body), origin=origin)
            case ast.For() | ast.While():
                raise self.refusal(
                    node.orelse[0], "S201", "cannot differentiate the `else` of a loop", "put it after the loop"
                )
            case ast.Return(value=value):
                yield Return(None if value is None else self.expression(value), origin=origin)
            case ast.Expr(value=value):
                yield Evaluate(self.expression(value), origin=origin)
            case ast.Assert(test=test, msg=msg):
                yield Assert(self.expression(test), None if msg is None else self.expression(msg), origin=origin)
            case ast.Raise(exc=exc, cause=cause):
                parts = (None if part is None else self.expression(part) for part in (exc, cause))
                yield Raise(*parts, origin=origin)
            case ast.Pass():
                yield Pass(origin=origin)
            case _:
                raise self.unsupported(node, type(node).__name__)

    def assignment(self, targets: list[ast.expr], value: Expr, origin: Origin) -> Iterator[Statement]:
        """`a = b = value` is `a = value; b = a`: the value is evaluated once, the targets bound from left to right."""
        first, *rest = targets
        lowered = self.target(first)
        if rest and not isinstance(lowered, Name):
            raise self.refusal(
                first, "S201", "cannot differentiate a chained assignment to this target", "assign it by itself"
            )
        yield Assign(lowered, value, origin=origin)
        for target in rest:
            yield Assign(self.target(target), lowered, origin=origin)

    def target(self, node: ast.expr) -> Expr:
        match node:
            case ast.Name(id=name):
                return Name(self.own(name), span=span_of(node))
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                return TupleOf(tuple(map(self.target, elts)), span=span_of(node))
            case ast.Subscript():
                raise self.refusal(
                    node,
                    "S301",
                    "cannot differentiate the assignment to an element or a slice of an array",
                    "build the array by an expression: np.where, np.concatenate, np.stack",
                )
            case ast.Attribute():
                raise self.refusal(
                    node,
                    "S201",
                    "cannot differentiate the assignment to an attribute",
                    "use a local variable and return it",
                )
        raise self.unsupported(node, type(node).__name__)

    def origin(self, node: ast.stmt) -> Origin:
        span = span_of(node) or Span(0, 0, 0)
        return Origin(self.text(node), span)

    def text(self, node: ast.stmt) -> str:
        """The statement on one line as the user wrote it; of a compound statement its head."""
        match node:
            case ast.If(test=test):
                return f"if {self.segment(test)}:"
            case ast.While(test=test):
                return f"while {self.segment(test)}:"
            case ast.For(target=target, iter=iterable):
                return f"for {self.segment(target)} in {self.segment(iterable)}:"
        return self.segment(node)

    def segment(self, node: ast.stmt | ast.expr) -> str:
        """The source text of a node, on one line."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        if not 0 <= first <= last < len(self.unit.lines):
            return ast.unparse(node)
        lines = [line.encode() for line in self.unit.lines[first : last + 1]]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return " ".join(line.decode().strip() for line in lines)

    # ------------------------------------------------------------ expressions

    def expression(self, node: ast.expr) -> Expr:
        try:
            lowered = from_ast(node, self.resolve)
            self.check_routines(lowered)
            return lowered
        except Unsupported as refused:
            raise self.unsupported(refused.node, refused.what) from None

    def check_routines(self, node: Expr) -> None:
        """Functions are called by name; they are no values yet."""
        for part in walk(node):
            values = children(part)[1:] if isinstance(part, Call) else children(part)
            for child in (node, *values) if part is node else values:
                if isinstance(child, Routine):
                    place = self.unit.place(child.span)
                    reason = "cannot differentiate a function that is passed on as a value"
                    raise DifferentiationError("S201", reason, place, "call it by its name")

    def resolve(self, node: ast.expr) -> Expr | None:
        match node:
            case ast.Name(id=name):
                return self.name(node, name)
            case ast.Attribute(value=value, attr=attr):
                binding = self.module(value)
                if binding is None:
                    return None
                member = self.unit.scope.member(binding, attr)
                if isinstance(member, Library):
                    return Global(f"{binding.dotted}.{attr}", span=span_of(node))
                return self.meaning(node, attr, member)
        return None

    def module(self, node: ast.expr) -> Module | None:
        """The module that a chain of names stands for."""
        match node:
            case ast.Name(id=name) if name not in self.local:
                binding = self.unit.scope.lookup(name)
                if isinstance(binding, Module):
                    self.program.spelling.module(binding.dotted, name)
            case ast.Attribute(value=value, attr=attr) if (outer := self.module(value)) is not None:
                binding = self.unit.scope.member(outer, attr)
            case _:
                return None
        return binding if isinstance(binding, Module) else None

    def name(self, node: ast.expr, name: str) -> Expr:
        if name in self.local:
            return Name(self.own(name), span=span_of(node))
        binding = self.unit.scope.lookup(name)
        if isinstance(binding, Library) and "." in binding.dotted:
            self.program.spelling.name(binding.dotted, name)
        return self.meaning(node, name, binding)

    def meaning(self, node: ast.expr, name: str, binding: Binding) -> Expr:
        span = span_of(node)
        match binding:
            case Library(dotted=dotted):
                return Global(dotted, span=span)
            case User(unit=unit):
                self.found.append(unit)
                return Routine(unit.key, span=span)
            case Data():
                return Name(self.data(binding), span=span)
            case Module(dotted=dotted):
                raise self.refusal(
                    node, "S103", f"the module `{dotted}` is used as a value", "call its functions by name"
                )
            case Unresolved(reason=reason):
                raise self.refusal(
                    node, "S103", f"cannot resolve `{name}`: {reason}", "define it, or pass it as an argument"
                )
        raise AssertionError(binding)

    def data(self, data: Data) -> str:
        """The name of a global of the generated module that holds `data`."""
        for name, item in self.program.data.items():
            if item.data is data or (data.slot and item.data.slot == data.slot):
                return name
        taken = {*self.program.data, *_CALLED}
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
        inner = _Lowering(unit, self.program, self.found)
        return inner.expression(data.expression)

    # ---------------------------------------------------------------- refusals

    def refusal(self, node: ast.AST, code: str, reason: str, rewrite: str = "") -> DifferentiationError:
        return DifferentiationError(code, reason, self.unit.place(span_of(node)), rewrite)

    def unsupported(self, node: ast.AST, what: str) -> DifferentiationError:
        words = _WORDS.get(what, what)
        return self.refusal(node, "S201", f"cannot differentiate {words}", _ADVICE.get(what, ""))


_WORDS = {
    "Break": "`break`", "Continue": "`continue`", "Try": "`try`", "With": "`with`", "Match": "`match`",
    "FunctionDef": "a function defined inside the function", "ClassDef": "a class defined inside the function",
    "NamedExpr": "an assignment inside an expression (`:=`)", "Delete": "`del`", "Global": "`global`",
    "Nonlocal": "`nonlocal`", "Yield": "a generator", "YieldFrom": "a generator", "Await": "`await`",
    "Starred": "a starred target", "Import": "an import inside the function",
    "ImportFrom": "an import inside the function",
}  # fmt: skip


def _literal(value: object) -> Expr | None:
    """A value written as a literal, where it has one that says all."""
    match value:
        case bool() | int() | float() | str() | None if type(value) in (bool, int, float, str, type(None)):
            return Const(value)
        case tuple() if type(value) is tuple:
            items = tuple(map(_literal, value))
            return TupleOf(tuple(item for item in items if item is not None)) if None not in items else None
    return None
