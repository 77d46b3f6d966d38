"""A generated module as a program, to be differentiated again."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace

from s2sad.ir import (
    Assign,
    Aug,
    Binary,
    Block,
    Call,
    Comment,
    Def,
    Evaluate,
    Expr,
    For,
    Global,
    If,
    Name,
    Origin,
    Return,
    Routine,
    Span,
    Statement,
    Try,
    While,
    With,
)
from s2sad.program import Program
from s2sad.syntax import to_ast
from s2sad.transform.aux import CONSTANT
from s2sad.transform.module import Module
from s2sad.traversal import expressions, map_blocks, map_children, map_statement, walk

__all__ = ["as_program"]


def as_program(module: Module, program: Program) -> Program:
    """The program whose first function is the derivative, of generated functions and those of `program` that they call."""
    root, functions = module.name, module.parts
    first = next(iter(program.functions))
    unit = program.units[first]
    texts = {f.name: _Texts(program.names, f.changes) for f in functions}
    own = {f.name: replace(f, body=texts[f.name].block(_without_aux_marks(f.body)), doc="") for f in functions}
    own[root] = replace(own[root], doc=program.functions[first].doc)
    ordered = {root: own[root], **{name: f for name, f in own.items() if name != root}}
    return replace(
        program,
        functions=ordered | program.functions,
        units=dict.fromkeys(ordered, unit) | program.units,
        names={name: name for name in ordered} | program.names,
        hints={**program.hints, **{key: dict(kinds) for key, kinds in module.hints.items()}},
    )


def _without_aux_marks(block: Block) -> Block:
    """An auxiliary result is a result like others to a derivative of the next order."""
    return tuple(map_statement(s, _unmarked) for s in block)


def _unmarked(node: Expr) -> Expr:
    if isinstance(node, Call) and node.func == CONSTANT:
        return _unmarked(node.args[0])
    return map_children(node, _unmarked)


@dataclass(frozen=True)
class _Texts:
    """Statements as a user would have written them: without remarks, each with its own text as its origin. `names` are the
    functions of the program as they are called, `changes` the parameters that this one changes.
    """

    names: Mapping[str, str]
    changes: tuple[str, ...]

    def block(self, block: Block) -> Block:
        return tuple(self.statement(s) for s in block if not isinstance(s, Comment))

    def statement(self, s: Statement) -> Statement:
        span = s.origin.span if s.origin is not None else _span(s)
        if isinstance(s, Aug) and isinstance(s.target, Name) and s.target.id not in self.changes:
            # Nobody else sees the array that an adjoint is added to: that was made sure of when this was generated.
            s = Assign(s.target, Binary(s.op, s.target, s.value, updates=True))
        s = replace(s, remark="", origin=Origin(self.text(s), span))
        match s:
            case Def(function=function):
                return replace(s, function=replace(function, body=self.block(function.body)))
        return map_blocks(s, self.block)

    def text(self, s: Statement) -> str:
        match s:
            case Assign(target=target, value=value):
                return f"{self.written(target)} = {self.written(value)}"
            case Aug(target=target, op=op, value=value):
                return f"{self.written(target)} {op}= {self.written(value)}"
            case If(test=test):
                return f"if {self.written(test)}:"
            case While(test=test):
                return f"while {self.written(test)}:"
            case For(target=target, iterable=iterable):
                return f"for {self.written(target)} in {self.written(iterable)}:"
            case With(context=context, target=target):
                bound = "" if target is None else f" as {self.written(target)}"
                return f"with {self.written(context)}{bound}:"
            case Try():
                return "try:"
            case Return(value=value):
                return "return" if value is None else f"return {self.written(value)}"
            case Evaluate(value=value):
                return self.written(value)
        return type(s).__name__.lower()

    def written(self, node: Expr) -> str:
        tree = to_ast(node, self.reference)
        text = ast.unparse(tree)
        return text[1:-1] if isinstance(tree, ast.Tuple) and text.startswith("(") else text

    def reference(self, node: Global | Routine) -> str:
        """A function as one writes it: `np.sin`, `helper`."""
        if isinstance(node, Routine):
            return self.names.get(node.key, node.key)
        return f"np.{node.dotted.removeprefix('numpy.')}" if node.dotted.startswith("numpy.") else node.dotted


def _span(s: Statement) -> Span:
    """Where the first part of the statement stands that the user wrote."""
    parts = (part.span for expression in expressions((s,)) for part in walk(expression))
    return next((span for span in parts if span is not None), Span(0, 0, 0))
