"""From Python's syntax tree to the core language: names resolved, every construct either understood or refused."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from s2sad.errors import DifferentiationError
from s2sad.frontend.binding import bound_in_scope
from s2sad.frontend.blank import is_read_around_loops, without_blank
from s2sad.frontend.byhand import bring, function_or_value
from s2sad.frontend.collected import without_collections
from s2sad.frontend.deleted import read_after_deletion
from s2sad.frontend.endless import without_endless
from s2sad.frontend.generators import collecting, consumers, is_generator, yields_in
from s2sad.frontend.guards import guarded
from s2sad.frontend.held import held_iterators
from s2sad.frontend.imports import imports_of, is_known, with_imports
from s2sad.frontend.jumps import with_whole_rounds
from s2sad.frontend.kept import with_generators_in_place
from s2sad.frontend.meanings import ADVICE, CALLED, Bound, Meanings
from s2sad.frontend.nonlocals import without_nonlocals
from s2sad.frontend.patterns import as_branches
from s2sad.frontend.rebound import without_rebound
from s2sad.frontend.remarks import snapshots, unknown_remark
from s2sad.frontend.repeats import without_repeats
from s2sad.frontend.resumed import Generator, routines, with_rounds_inside
from s2sad.frontend.turns import in_turn
from s2sad.frontend.unfold import Gathering, Unfolding, names_outside
from s2sad.frontend.unit import (
    Binding,
    Unit,
    Unresolved,
)
from s2sad.ir import (
    Assert,
    Assign,
    Attribute,
    Aug,
    Block,
    Break,
    Call,
    Continue,
    Def,
    Evaluate,
    Expr,
    For,
    Function,
    Handler,
    If,
    Lambda,
    Name,
    Origin,
    Param,
    Pass,
    Raise,
    Return,
    Span,
    Statement,
    Try,
    TupleOf,
    While,
    With,
)
from s2sad.naming import Names
from s2sad.program import Program
from s2sad.rules import helpers
from s2sad.rules.contexts import catches_nothing, is_transparent
from s2sad.syntax import BINARY, Unsupported, span_of
from s2sad.traversal import bound_names, walk

__all__ = ["include", "lower", "meaning"]


_ALONE: dict[type[ast.stmt], type[Statement]] = {ast.Break: Break, ast.Continue: Continue, ast.Pass: Pass}


def lower(root: Unit) -> Program:
    """The program reached from `root`; its functions in the order they were found, `root` first."""
    program = Program()
    for place in yields_in(root.node):
        span = root.place(span_of(place))
        raise DifferentiationError("S201", "cannot differentiate a generator", span, ADVICE["Yield"])
    include(program, root)
    return program


def include(program: Program, root: Unit) -> None:
    """Bring a function, and what is reached from it, into the program."""
    # With `_` derivatives count rounds.
    names = Names(["_", *helpers.names(), *program.names.values()])
    waiting = [root]
    while waiting:
        unit = waiting.pop(0)
        if unit.key in program.functions:
            continue
        program.units[unit.key] = unit
        program.names[unit.key] = names.unique(unit.name)
        lowering = _Lowering(with_imports(unit, unit.node.body), program)
        function = _with_rounds_inside(guarded(function_or_value(lowering), unit), lowering)
        program.functions[unit.key] = with_whole_rounds(
            without_rebound(without_endless(without_repeats(function), unit))
        )
        bring(lowering, names)
        waiting += lowering.found
        if unit.receiver is not None:
            program.receiver = lowering.meaning(unit.node, unit.name, unit.receiver)
    _keep_apart(program)


def _with_rounds_inside(function: Function, lowering: _Lowering) -> Function:
    """The function without loops over generator functions that may be left; what is not called any more is not found."""

    def find(key: str) -> Generator | None:
        unit = next((unit for unit in lowering.found if unit.key == key and is_generator(unit.node)), None)
        if unit is None:
            return None
        inner = _Lowering(with_imports(unit, unit.node.body), lowering.program, lowering.found)
        return Generator(guarded(inner.function(), unit), unit)

    done = with_rounds_inside(function, lowering.unit, find)
    if done is not function:
        called = routines(done)
        lowering.found = [u for u in lowering.found if u.key in called or not is_generator(u.node)]
    return done


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


def _without(params: tuple[Param, ...], bound: Container[str]) -> tuple[Param, ...]:
    """The parameters but those that are `bound`. What stands behind one of these is given by name alone: an argument in its
    place may be one place further to the left, that of another one.
    """
    before = list(itertools.takewhile(lambda param: param.name not in bound, params))
    behind = (param for param in params[len(before) :] if param.name not in bound)
    return (
        *before,
        *(replace(param, form="keyword") if param.form.startswith("positional") else param for param in behind),
    )


def _is_made(default: Expr) -> bool:
    """True for a default that reads variables, or calls a lambda."""
    return any(isinstance(part, Name | Lambda) for part in walk(default))


@dataclass
class _Lowering(Meanings):
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

    def in_turn(self, body: list[ast.stmt], names: Names) -> list[ast.stmt]:
        """The statements without loops over what may change before its turn comes."""
        try:
            return in_turn(body, self.library, names)
        except Unsupported as refused:
            raise self.unsupported(refused.node, refused.what) from None

    def unfolded(self, body: list[ast.stmt], params: set[str]) -> list[ast.stmt]:
        """The statements of a function without those that hide in expressions; from now on its variables are known."""
        if "_" in params and is_read_around_loops(body):
            reason = "cannot differentiate loops in a function that reads its parameter `_`"
            raise self.refusal(self.unit.node, "S201", reason, "give the parameter another name")
        body = without_blank(body, Names([*(name for s in body for name in _words(s)), *params, *self.enclosing]))
        own = (part for s in body for part in ast.walk(s))
        self.generators |= {part.name for part in own if isinstance(part, ast.FunctionDef) and is_generator(part)}
        self.local = _variables(body) | params
        names = Names([*(name for part in body for name in _words(part)), *params, *self.enclosing])
        body = self.in_turn(body, names)
        body = with_generators_in_place(body, self.makes, self.library, names)
        body = without_collections(body, self.library, names)
        self.local = _variables(body) | params
        held = held_iterators(body, self.library, names)
        unfolding = Unfolding(self.library, names, names_outside(body) | params, _read_inside(body), self.makes, held)
        try:
            new = unfolding.block(body)
        except Unsupported as refused:
            raise self.unsupported(refused.node, refused.what) from None
        self.local = _variables(new) | params
        return new

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
            (param.name, param.default) for param in every if param.default is not None and _is_made(param.default)
        )
        caught = node.args.kwarg is not None or (node.args.vararg is not None and node.args.args)
        if caught and any(param.name in dict(bound) for param in every if node.args.kwarg or param.form != "keyword"):
            # An argument in its place would be taken for one of those.
            reason = "cannot differentiate a default that is computed beside `*args` or `**kwargs`"
            raise self.refusal(node, "S201", reason, "pass it as an argument")
        params = _without(every, dict(bound))
        if isinstance(node, ast.Lambda):
            body: list[ast.stmt] = [ast.copy_location(ast.Return(node.body), node.body)]
        else:
            body = inner.collected(node, ast.get_docstring(node) is not None)
        function = Function(name, params, inner.block(inner.unfolded(body, own)), yields=is_generator(node))
        return function, bound

    def params(self, args: ast.arguments, inside: bool = False) -> Iterator[Param]:
        """The parameters of this function, or of one `inside` it, whose defaults are computed here."""
        positional = [*args.posonlyargs, *args.args]
        defaults = [None] * (len(positional) - len(args.defaults)) + list(args.defaults)
        for arg, default in zip(positional, defaults, strict=True):
            form = "positional-only" if arg in args.posonlyargs else "positional"
            yield Param(arg.arg, form, self.default(arg.arg, default, inside))
        catching = [(arg, form) for arg, form in ((args.vararg, "args"), (args.kwarg, "kwargs")) if arg is not None]
        for arg in (*positional, *args.kwonlyargs, *(arg for arg, _ in catching)):
            if arg.arg in CALLED or helpers.known(arg.arg):
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
                error, source = (None if part is None else self.expression(part) for part in (exc, cause))
                yield Raise(error, source, origin=origin)
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
        return Names([*filter(None, used), *self.local, *self.enclosing, *CALLED]).unique(wish)

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
