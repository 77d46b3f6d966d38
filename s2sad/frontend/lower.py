"""From Python's syntax tree to the core language: names resolved, every construct either understood or refused."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from s2sad.errors import DifferentiationError
from s2sad.frontend.binding import bound_in_scope
from s2sad.frontend.builtin import library_unit
from s2sad.frontend.byhand import bring, declare, function_or_value
from s2sad.frontend.carried import rule_name
from s2sad.frontend.deleted import read_after_deletion
from s2sad.frontend.generators import collecting, consumers, is_generator, yields_in
from s2sad.frontend.guards import guarded
from s2sad.frontend.imports import imports_of, is_known, with_imports
from s2sad.frontend.jumps import with_whole_rounds
from s2sad.frontend.nonlocals import without_nonlocals
from s2sad.frontend.operators import with_operators
from s2sad.frontend.partials import with_partials
from s2sad.frontend.patterns import as_branches
from s2sad.frontend.remarks import snapshots, unknown_remark
from s2sad.frontend.repeats import without_repeats
from s2sad.frontend.rules import Target
from s2sad.frontend.unfold import Gathering, Unfolding, names_outside
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
    Assert,
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Break,
    Call,
    ClassRef,
    Closure,
    Const,
    Continue,
    Def,
    DictOf,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    Handler,
    If,
    Lambda,
    ListOf,
    Name,
    Opaque,
    Operator,
    Origin,
    Param,
    Pass,
    Raise,
    Return,
    Routine,
    Span,
    Statement,
    Try,
    TupleOf,
    While,
    With,
    bound_names,
    map_children,
    names_in,
)
from s2sad.naming import Names
from s2sad.program import DataItem, Program
from s2sad.rules import helpers, registry
from s2sad.rules.contexts import catches_nothing, is_transparent
from s2sad.syntax import BINARY, Unsupported, carried, from_ast, span_of

__all__ = ["include", "lower", "meaning"]

_ADVICE = {
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
    "Delete": "take out one element after the other: `x.pop(i)`",
    "AsyncFunctionDef": "write a plain function",
    "Await": "write a plain function",
}


#: What generated code calls by these names.
_CALLED = frozenset(
    "range len reversed zip enumerate min tuple list slice float int TypeError isinstance np numpy math".split()
)


_ALONE: dict[type[ast.stmt], type[Statement]] = {ast.Break: Break, ast.Continue: Continue, ast.Pass: Pass}

#: Parameters of a function inside a function with what they are bound to when it is made.
Bound = tuple[tuple[str, Expr], ...]


def lower(root: Unit) -> Program:
    """The program reached from `root`; its functions in the order they were found, `root` first."""
    program = Program()
    for place in yields_in(root.node):
        span = root.place(span_of(place))
        raise DifferentiationError("S201", "cannot differentiate a generator", span, _ADVICE["Yield"])
    include(program, root)
    return program


def include(program: Program, root: Unit) -> None:
    """Bring a function, and what is reached from it, into the program."""
    names = Names([*helpers.names(), *program.names.values()])
    waiting = [root]
    while waiting:
        unit = waiting.pop(0)
        if unit.key in program.functions:
            continue
        program.units[unit.key] = unit
        program.names[unit.key] = names.unique(unit.name)
        lowering = _Lowering(with_imports(unit, unit.node.body), program)
        function = without_repeats(guarded(function_or_value(lowering), unit))
        program.functions[unit.key] = with_whole_rounds(function)
        bring(lowering, names)
        waiting += lowering.found
        if unit.receiver is not None:
            program.receiver = lowering.meaning(unit.node, unit.name, unit.receiver)
    _keep_apart(program)


def meaning(program: Program, name: str, binding: Binding) -> Expr:
    """What a binding that is found later stands for in the program; `name` is what it is called."""
    unit = next(iter(program.units.values()))
    lowering = _Lowering(unit, program)
    found = lowering.meaning(unit.node, name, binding)
    for one in lowering.found:
        include(program, one)
    return found


def _keep_apart(program: Program) -> None:
    """No function is called like a local variable of any: where one is meant the other would be found."""
    local = {name for function in program.functions.values() for name in bound_names(function)}
    names = Names([*local, *program.names.values()])
    for key, name in program.names.items():
        if name in local:
            program.names[key] = names.unique(name)


def _variables(body: list[ast.stmt]) -> frozenset[str]:
    return frozenset(bound_in_scope(ast.Module(body, [])))


def _words(node: ast.AST) -> Iterator[str]:
    """Every name in a piece of code, whatever it stands for."""
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                yield name


def _read_inside(body: list[ast.stmt]) -> frozenset[str]:
    """The names in functions inside the function."""
    parts = (part for s in body for part in ast.walk(s) if isinstance(part, ast.FunctionDef | ast.Lambda))
    return frozenset(name for part in parts for name in _words(part))


@dataclass
class _Lowering:
    unit: Unit
    program: Program
    found: list[Unit] = field(default_factory=list)
    local: frozenset[str] = frozenset()
    enclosing: frozenset[str] = frozenset()
    #: The generator functions inside of this function or around it, by name.
    generators: frozenset[str] = frozenset()
    #: Where a generator function is called for all its elements.
    consumed: dict[int, ast.expr] = field(default_factory=dict)

    def function(self) -> Function:
        node = self.unit.node
        params = tuple(self.params(node.args))
        doc = ast.get_docstring(node) or ""
        own = {param.name for param in params}
        body = self.unfolded(self.local_only(self.collected(node, bool(doc)), own), own)
        return Function(node.name, params, self.block(body), doc, yields=is_generator(node))

    def collected(self, node: ast.FunctionDef, has_doc: bool) -> list[ast.stmt]:
        """The statements of a function; those of a generator return a list."""
        body = node.body[1:] if has_doc else node.body
        if (found := read_after_deletion(body)) is not None:
            reason = f"cannot differentiate the use of `{found.id}`, which may have been deleted"
            raise self.refusal(found, "S201", reason, "assign it before, or do not delete it")
        if not is_generator(node):
            return body
        try:
            return collecting(body, Names([*_words(node), *self.enclosing]).unique("items"))
        except Unsupported as refused:
            raise self.unsupported(refused.node, refused.what) from None

    def local_only(self, body: list[ast.stmt], params: set[str]) -> list[ast.stmt]:
        """The statements of a function in which none inside it assigns variables of another one."""
        names = Names([*(name for s in body for name in _words(s)), *params])
        try:
            return without_nonlocals(body, _variables(body) | params, names)
        except Unsupported as refused:
            raise self.unsupported(refused.node, refused.what) from None

    def unfolded(self, body: list[ast.stmt], params: set[str]) -> list[ast.stmt]:
        """The statements of a function without those that hide in expressions; from now on its variables are known."""
        own = (part for s in body for part in ast.walk(s))
        self.generators |= {part.name for part in own if isinstance(part, ast.FunctionDef) and is_generator(part)}
        self.local = _variables(body) | params
        taken = {name for part in body for name in _words(part)}
        unfolding = Unfolding(
            self.library, Names([*taken, *params, *self.enclosing]), names_outside(body) | params, _read_inside(body)
        )
        try:
            new = unfolding.block(body)
        except Unsupported as refused:
            raise self.unsupported(refused.node, refused.what) from None
        self.local = _variables(new) | params
        return new

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

    def elsewhere(self, node: ast.expr, scope: Scope, local: frozenset[str], text: str) -> Expr:
        """An expression that stands in another place, with these local names."""
        lines = (text,) if text else self.unit.lines
        inner = _Lowering(replace(self.unit, scope=scope, lines=lines), self.program, self.found, local)
        for name in sorted(local):
            if inner.own(name) != name:
                raise self.refusal(node, "S206", f"a rule has the parameter `{name}`", f"call it `{name}_`")
        return inner.expression(node)

    def nested(self, node: ast.FunctionDef | ast.Lambda, name: str) -> tuple[Function, Bound]:
        """A function inside the function; its free names are variables of this one, or what they are here. Also the
        parameters whose defaults are computed when it is made: they are no parameters of calls.
        """
        unit = with_imports(self.unit, node.body) if isinstance(node, ast.FunctionDef) else self.unit
        inner = _Lowering(unit, self.program, self.found, enclosing=self.local | self.enclosing)
        inner.generators = self.generators
        own = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
        every = tuple(self.params(node.args, inside=True))
        bound = tuple(
            (param.name, param.default) for param in every if param.default is not None and names_in(param.default)
        )
        params = tuple(param for param in every if param.name not in dict(bound))
        if isinstance(node, ast.Lambda):
            body: list[ast.stmt] = [ast.copy_location(ast.Return(node.body), node.body)]
        else:
            body = inner.collected(node, ast.get_docstring(node) is not None)
        function = Function(name, params, inner.block(inner.unfolded(body, own)), yields=is_generator(node))
        return function, bound

    def own(self, name: str) -> str:
        """The name of a local variable: another one for a local that hides what generated code calls."""
        if name not in _CALLED and not helpers.known(name):
            return name
        new = f"{name}_"
        while new in self.local:
            new += "_"
        return new

    def params(self, args: ast.arguments, inside: bool = False) -> Iterator[Param]:
        """The parameters of this function, or of one `inside` it, whose defaults are computed here."""
        positional = [*args.posonlyargs, *args.args]
        defaults = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
        for arg, default in zip(positional, defaults, strict=True):
            form = "positional-only" if arg in args.posonlyargs else "positional"
            yield Param(arg.arg, form, self.default(arg.arg, default, inside))
        catching = [(arg, form) for arg, form in ((args.vararg, "args"), (args.kwarg, "kwargs")) if arg is not None]
        for arg in (*positional, *args.kwonlyargs, *(arg for arg, _ in catching)):
            if arg.arg in _CALLED or helpers.known(arg.arg):
                reason = f"the parameter `{arg.arg}` hides a name that derivatives call"
                raise self.refusal(arg, "S201", reason, f"call it `{arg.arg}_`")
        yield from (Param(arg.arg, form) for arg, form in catching)
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            yield Param(arg.arg, "keyword", self.default(arg.arg, default, inside))

    def default(self, name: str, node: ast.expr | None, inside: bool) -> Expr | None:
        """A default value: what it was when the function was defined, whatever its names stand for now."""
        if node is None:
            return None
        if inside or not any(isinstance(part, ast.Name) for part in ast.walk(node)):
            return self.expression(node)
        return self.meaning(node, name, self.unit.scope.default(name))

    # ------------------------------------------------------------- statements

    def block(self, nodes: list[ast.stmt]) -> Block:
        return tuple(statement for node in nodes for statement in self.statement(node))

    def statement(self, node: ast.stmt) -> Iterator[Statement]:
        origin = self.origin(node)
        self.consumed |= {id(func): func for func in consumers(node, self.library)}
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
            case ast.For(target=target, iter=iterable, body=body, orelse=orelse):
                head = self.target(target), self.expression(iterable)
                kept = self.snapshots(node)
                loop = For(*head, self.block(body), orelse=self.block(orelse), origin=origin, snapshots=kept)
                yield replace(loop, gathers=node.use) if isinstance(node, Gathering) else loop
            case ast.While(test=test, body=body, orelse=orelse):
                yield While(self.expression(test), self.block(body), orelse=self.block(orelse), origin=origin)
            case ast.Break() | ast.Continue() | ast.Pass():
                yield _ALONE[type(node)](origin=origin)
            case ast.Return(value=value):
                yield Return(None if value is None else self.expression(value), origin=origin)
            case ast.Expr(value=value):
                yield Evaluate(self.expression(value), origin=origin)
            case ast.Assert(test=test, msg=msg):
                yield Assert(self.expression(test), None if msg is None else self.expression(msg), origin=origin)
            case ast.Raise(exc=exc, cause=cause):
                parts = (None if part is None else self.expression(part) for part in (exc, cause))
                yield Raise(*parts, origin=origin)
            case ast.FunctionDef(name=name, decorator_list=[]):
                yield Def(*self.nested(node, name), origin=origin)
            case ast.Delete(targets=targets):
                for target in targets:
                    # What has no name any more is not read.
                    if not isinstance(target, ast.Name):
                        yield self.deleted(target, origin)
            case ast.Match() | ast.With() | ast.Try():
                yield from self.compound(node, origin)
            case ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal():
                self.check_names(node)
            case _:
                raise self.unsupported(node, type(node).__name__)

    def snapshots(self, node: ast.For) -> int | None:
        """What a remark at a loop says of checkpoints."""
        unknown = unknown_remark(self.unit.lines, node.lineno)
        if unknown is not None:
            raise self.refusal(
                node, "S201", f"`{unknown}` says nothing that is known", "write `# s2sad: checkpoint(20)`"
            )
        return snapshots(self.unit.lines, node.lineno)

    def check_names(self, node: ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal) -> None:
        """Refuse a statement about names that are written, or that mean something else in this function."""
        if isinstance(node, ast.Global | ast.Nonlocal):
            if self.local & set(node.names):
                raise self.unsupported(node, type(node).__name__)
            return
        for name, what in imports_of(node):
            scope = self.unit.scope
            if name in self.local or name in self.enclosing or not is_known(scope, name, what):
                raise self.unsupported(node, type(node).__name__)
            found = scope.lookup(name)
            if isinstance(found, Unresolved):
                raise self.refusal(node, "S103", f"cannot resolve `{name}`: {found.reason}", "import it at the top")

    def compound(self, node: ast.Match | ast.With | ast.Try, origin: Origin) -> Block:
        match node:
            case ast.Match():
                return self.branches(node)
            case ast.With(items=items, body=body):
                return (self.contexts(items, self.block(body), origin),)
        tried, handlers = self.block(node.body), tuple(map(self.handler, node.handlers))
        return (Try(tried, handlers, self.block(node.orelse), self.block(node.finalbody), origin=origin),)

    def branches(self, node: ast.Match) -> Block:
        """A `match` as what it stands for."""
        subject = self.free_name("subject")
        try:
            made = as_branches(node, self.unit.node, subject)
        except Unsupported as refused:
            raise self.unsupported(refused.node, refused.what) from None
        self.local |= {subject}
        return self.block(made)

    def free_name(self, wish: str) -> str:
        """A name that occurs nowhere in the function."""
        parts = ast.walk(self.unit.node)
        used = {part.id if isinstance(part, ast.Name) else getattr(part, "attr", None) for part in parts}
        return Names([*filter(None, used), *self.local, *self.enclosing, *_CALLED]).unique(wish)

    def contexts(self, items: list[ast.withitem], body: Block, origin: Origin) -> With:
        """Contexts of one statement as one in the other."""
        first, *rest = items
        target = None if first.optional_vars is None else self.target(first.optional_vars)
        inner = (self.contexts(rest, body, origin),) if rest else body
        context = self.expression(first.context_expr)
        return With(context, target, inner, self.is_trusted(context), origin=origin)

    def is_trusted(self, context: Expr) -> bool:
        """True for a context that is known to let exceptions pass: made here, or at the module's level."""
        item = self.program.data.get(context.id) if isinstance(context, Name) else None
        if item is None:
            return catches_nothing(context)
        return is_transparent(item.data.value) if item.data.has_value else catches_nothing(item.value or context)

    def handler(self, node: ast.ExceptHandler) -> Handler:
        kind = None if node.type is None else self.expression(node.type)
        name = None if node.name is None else Name(self.own(node.name), span=span_of(node))
        return Handler(kind, name, self.block(node.body))

    def assignment(self, targets: list[ast.expr], value: Expr, origin: Origin) -> Iterator[Statement]:
        """`a = b = value` is `a = value; b = a`: the value is evaluated once, the targets bound from left to right."""
        first, *rest = map(self.target, targets)
        if rest and not isinstance(first, Name):
            name = self.free_name("t")
            self.local |= {name}
            first, rest = Name(name), [first, *rest]
        yield Assign(first, value, origin=origin)
        for target in rest:
            yield Assign(target, first, origin=origin)

    def deleted(self, node: ast.expr, origin: Origin) -> Statement:
        """`del x[i]` is `x.pop(i)`."""
        match node:
            case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice):
                call = Call(Attribute(self.expression(value), "pop"), (self.expression(index),), span=span_of(node))
                return Evaluate(call, origin=origin)
        raise self.unsupported(node, "Delete")

    def target(self, node: ast.expr) -> Expr:
        match node:
            case ast.Name(id=name):
                return Name(self.own(name), span=span_of(node))
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                return TupleOf(tuple(map(self.target, elts)), span=span_of(node))
            case ast.Subscript():
                return self.expression(node)
            case ast.Attribute():
                return self.expression(node)
        raise self.unsupported(node, type(node).__name__)

    def origin(self, node: ast.stmt | ast.expr) -> Origin:
        span = span_of(node) or Span(0, 0, 0)
        return Origin(self.text(node), span)

    def text(self, node: ast.stmt | ast.expr) -> str:
        """The statement on one line as the user wrote it; of a compound statement its head."""
        match node:
            case ast.If(test=test):
                return f"if {self.segment(test)}:"
            case ast.While(test=test):
                return f"while {self.segment(test)}:"
            case ast.FunctionDef(name=name):
                return f"def {name}(...):"
            case ast.With(items=items):
                return f"with {', '.join(map(self.with_item, items))}:"
            case ast.Try():
                return "try:"
            case ast.For(target=target, iter=iterable):
                return f"for {self.segment(target)} in {self.segment(iterable)}:"
        return self.segment(node)

    def with_item(self, item: ast.withitem) -> str:
        context = self.segment(item.context_expr)
        return context if item.optional_vars is None else f"{context} as {self.segment(item.optional_vars)}"

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
        taken = {*self.program.data, *_CALLED, *helpers.names()}
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
    "TryStar": "`except*`", "Pattern": "this pattern",
    "GuardedPattern": "a pattern with a guard whose variables are read elsewhere",
    "FunctionDef": "a function defined inside the function", "ClassDef": "a class defined inside the function",
    "NamedExpr": "an assignment inside an expression (`:=`)", "Delete": "`del`", "Global": "writing a `global` variable",
    "Nonlocal": "writing a `nonlocal` variable", "Yield": "a generator", "YieldFrom": "a generator", "Await": "`await`",
    "Starred": "a starred target", "Import": "an import of a name that means something else here",
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
