"""From the core language to the text of a module: Python's tree, astor, comments, black. The only importer of both."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import astor
import black
from astor.code_gen import SourceGenerator
from astor.op_util import Precedence

from s2sad.ir import (
    Assert,
    Assign,
    Aug,
    Block,
    Break,
    Comment,
    Const,
    Continue,
    Def,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    Handler,
    If,
    Name,
    Pass,
    Raise,
    Return,
    Routine,
    Statement,
    Try,
    While,
    With,
)
from s2sad.program import Spelling
from s2sad.rules import helpers
from s2sad.syntax import BINARY, to_ast
from s2sad.traversal import blocks

__all__ = ["LINE_LENGTH", "emit", "formatted"]

LINE_LENGTH = 100
_LONGEST_REMARK = 120
_OPERATORS = {op: cls for cls, op in BINARY.items()}


class CommentLine(ast.stmt):
    """A comment on a line of its own."""

    _fields = ("text",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Remark(ast.stmt):
    """A statement with a comment behind it."""

    _fields = ("body", "text")

    def __init__(self, body: ast.stmt, text: str) -> None:
        super().__init__()
        self.body, self.text = body, text


def emit(
    header: Sequence[str],
    constants: Sequence[tuple[str, Expr | None, str]],
    functions: Sequence[Function],
    spelling: Spelling,
) -> str:
    """The text of a module: header comments, imports, data, helpers, functions.

    `constants` are (name, value, remark); a value of None is one that the loader gives.
    """
    writer = _Writer(spelling)
    definitions = [writer.function(function) for function in functions]
    data = [writer.constant(*item) for item in constants]
    parts = ["\n".join(f"# {line}" for line in header)]
    parts.append("\n".join(sorted(writer.imports)))
    parts += data
    parts += [helpers.source(name).source for name in sorted(writer.helpers)]
    parts += [_print(tree) for tree in definitions]
    return formatted("\n\n".join(part for part in parts if part))


def formatted(text: str) -> str:
    """The text of a module as black writes it."""
    return black.format_str(text, mode=black.Mode(line_length=LINE_LENGTH, magic_trailing_comma=False))


class Docstring(ast.stmt):
    """The docstring of a function, in three quotes."""

    _fields = ("text",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


@dataclass
class _Writer:
    spelling: Spelling
    imports: set[str] = field(default_factory=set)
    helpers: set[str] = field(default_factory=set)
    depth: int = 0

    def spell(self, node: Global | Routine) -> str:
        if isinstance(node, Global) and helpers.known(node.dotted):
            self.need(node.dotted)
            return node.dotted
        text, line = self.spelling.spell(node)
        if line:
            self.imports.add(line)
        return text

    def need(self, name: str) -> None:
        self.helpers.add(name)
        if helpers.source(name).reads_numpy:
            self.imports.add("import numpy as np")
        for other in helpers.source(name).needs:
            self.need(other)

    def expression(self, node: Expr) -> ast.expr:
        return to_ast(node, self.spell)

    def constant(self, name: str, value: Expr | None, remark: str) -> str:
        right = "None" if value is None else ast.unparse(self.expression(value))
        return f"{name} = {right}" + (f"  # {remark}" if remark else "")

    # -------------------------------------------------------------- functions

    def function(self, function: Function) -> ast.FunctionDef:
        body: list[ast.stmt] = []
        if function.doc:
            body.append(Docstring(function.doc))
        body += self.block(function.body)
        return ast.FunctionDef(function.name, self.arguments(function), body or [ast.Pass()], [], None)

    def arguments(self, function: Function) -> ast.arguments:
        forms = ("positional-only", "positional", "args", "keyword", "kwargs")
        by_form: dict[str, list[ast.arg]] = {form: [] for form in forms}
        defaults: list[ast.expr] = []
        keyword_defaults: list[ast.expr | None] = []
        for param in function.params:
            by_form[param.form].append(ast.arg(param.name))
            default = None if param.default is None else self.expression(param.default)
            if param.form == "keyword":
                keyword_defaults.append(default)
            elif default is not None:
                defaults.append(default)
        args, kwargs = (next(iter(by_form[form]), None) for form in ("args", "kwargs"))
        by_position = by_form["positional-only"], by_form["positional"]
        return ast.arguments(*by_position, args, by_form["keyword"], keyword_defaults, kwargs, defaults)

    # ------------------------------------------------------------- statements

    def block(self, block: Block) -> list[ast.stmt]:
        self.depth += 1
        trees = [tree for statement in _remarked_once(block) for tree in self.statement(statement)]
        self.depth -= 1
        return trees

    def nested(self, block: Block) -> list[ast.stmt]:
        trees = self.block(block)
        if all(isinstance(tree, CommentLine) for tree in trees):
            trees.append(ast.Pass())
        return trees

    def statement(self, s: Statement) -> list[ast.stmt]:
        trees = self.plain(s)
        if not s.remark:
            return trees
        length = 4 * self.depth + len(ast.unparse(ast.fix_missing_locations(trees[0]))) + len(s.remark) + 4
        if isinstance(s, If | For | While | With | Try | Def) or length > LINE_LENGTH:
            return [CommentLine(s.remark), *trees]
        return [Remark(trees[0], s.remark)]

    def plain(self, s: Statement) -> list[ast.stmt]:
        match s:
            case Assign(target=target, value=value):
                return [ast.Assign([_stored(self.expression(target))], self.expression(value))]
            case Aug(target=target, op=op, value=value):
                return [ast.AugAssign(_target(self.expression(target)), _OPERATORS[op](), self.expression(value))]
            case If(test=test, then=then, orelse=orelse):
                return [ast.If(self.expression(test), self.nested(then), self.block(orelse))]
            case For(target=target, iterable=iterable, body=body, orelse=orelse):
                head = _stored(self.expression(target)), self.expression(iterable)
                return [ast.For(*head, self.nested(body), self.block(orelse))]
            case While(test=test, body=body, orelse=orelse):
                return [ast.While(self.expression(test), self.nested(body), self.block(orelse))]
            case With():
                return [self.with_block(s)]
            case Try(body=(*first, Try(final=()) as inner), handlers=(), final=final) if all(map(_is_constant, first)):
                return [*self.block(tuple(first)), self.try_block(replace(inner, final=final))]
            case Try():
                return [self.try_block(s)]
            case Break():
                return [ast.Break()]
            case Continue():
                return [ast.Continue()]
            case Return(value=value):
                return [ast.Return(None if value is None else self.expression(value))]
            case Evaluate(value=value):
                return [ast.Expr(self.expression(value))]
            case Assert(test=test, message=message):
                return [ast.Assert(self.expression(test), None if message is None else self.expression(message))]
            case Raise(exception=exception, cause=cause):
                parts = (None if part is None else self.expression(part) for part in (exception, cause))
                return [ast.Raise(*parts)]
            case Comment(text=text):
                return [CommentLine(text)]
            case Def(function=function):
                return [self.function(function)]
            case Pass():
                return [ast.Pass()]
        raise TypeError(f"no text for {s!r}")

    def with_block(self, s: With) -> ast.With:
        """Contexts that the user wrote in one statement stand in one."""
        items = [self.context(s)]
        match s.body:
            case (With(origin=origin) as inner,) if origin is not None and origin == s.origin:
                tree = self.with_block(inner)
                return ast.With([*items, *tree.items], tree.body)
        return ast.With(items, self.nested(s.body))

    def context(self, s: With) -> ast.withitem:
        return ast.withitem(
            self.expression(s.context), None if s.target is None else _stored(self.expression(s.target))
        )

    def try_block(self, s: Try) -> ast.Try:
        handlers = [self.handler(handler) for handler in s.handlers]
        return ast.Try(self.nested(s.body), handlers, self.block(s.orelse), self.block(s.final))

    def handler(self, handler: Handler) -> ast.ExceptHandler:
        own = None if handler.type is None else self.expression(handler.type)
        name = handler.name.id if isinstance(handler.name, Name) else None
        return ast.ExceptHandler(own, name, self.nested(handler.body))


def _is_constant(s: Statement) -> bool:
    """True for an assignment that may as well stand in front of a `try`."""
    return isinstance(s, Assign) and isinstance(s.target, Name) and isinstance(s.value, Const)


def _remarked_once(block: Block) -> Iterator[Statement]:
    """Statements that belong to one line of the primal, one after the other, with that line at the first of them; of a long
    one its beginning.
    """
    last = ""
    for s in block:
        yield replace(s, remark="" if s.remark == last else _shortened(s.remark)) if s.remark else s
        last = "" if blocks(s) else s.remark or last


def _shortened(remark: str) -> str:
    if len(remark) <= _LONGEST_REMARK:
        return remark
    start = remark[:_LONGEST_REMARK].rpartition(" ")[0] or remark[:_LONGEST_REMARK]
    return f"{start} …"


def _target(node: ast.expr) -> ast.Name | ast.Attribute | ast.Subscript:
    """An expression as the target of an update."""
    stored = _stored(node)
    assert isinstance(stored, ast.Name | ast.Attribute | ast.Subscript)
    return stored


def _stored(node: ast.expr) -> ast.expr:
    """An expression as the target of an assignment."""
    if isinstance(node, ast.Tuple | ast.List):
        return ast.Tuple([_stored(item) for item in node.elts], ast.Store())
    if isinstance(node, ast.Name | ast.Subscript | ast.Attribute):
        node.ctx = ast.Store()
    return node


# ---------------------------------------------------------------------- text


class _Printer(SourceGenerator):  # type: ignore[misc]
    """astor's printer with comments, and with literals as `repr` gives them."""

    def visit_CommentLine(self, node: CommentLine) -> None:
        self.statement(node, f"# {node.text}")

    def visit_Docstring(self, node: Docstring) -> None:
        text = node.text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        lines = text.split("\n")
        self.statement(node, f'"""{lines[0]}')
        for line in lines[1:]:
            self.write("\n" + "    " * self.indentation + line if line else "\n")
        self.write('"""' if len(lines) == 1 else "\n" + "    " * self.indentation + '"""')

    def visit_Remark(self, node: Remark) -> None:
        self.visit(node.body)
        self.write(f"  # {node.text}")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.write(ast.unparse(node))

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self.write(ast.unparse(node))

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self.write(ast.unparse(node))

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        with self.delimit(node) as brackets:
            brackets.discard = brackets.pp == Precedence.call_one_arg
            self.write(ast.unparse(node)[1:-1])

    def visit_Constant(self, node: ast.Constant) -> None:
        self.write(repr(node.value) if node.value is not Ellipsis else "...")


def _print(tree: ast.stmt) -> str:
    return str(astor.to_source(ast.fix_missing_locations(tree), source_generator_class=_Printer, pretty_source="".join))
