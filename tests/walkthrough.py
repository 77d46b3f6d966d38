"""The stages of one derivative as text: what ARCHITECTURE.md quotes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from s2sad.emit import emit
from s2sad.frontend.annotations import kinds_of
from s2sad.frontend.lower import lower
from s2sad.frontend.static import static_unit
from s2sad.ir import (
    Assign,
    Block,
    Comment,
    D,
    Expr,
    For,
    Function,
    Global,
    If,
    Name,
    Result,
    Return,
    Routine,
    Statement,
)
from s2sad.kind import Pattern
from s2sad.options import Options
from s2sad.pipeline import derive
from s2sad.program import Program, Spelling
from s2sad.specialise import shown
from s2sad.syntax import to_ast
from s2sad.transform.backward import Backwards, Restore
from s2sad.transform.operators import derive_module
from s2sad.transform.residuals import Inline, Plan, Recomputed, Stacked
from s2sad.transform.reverse import PrimalOf, Reverse
from s2sad.transform.steps import Branching, CallStep, Line, Loop, Step
from s2sad.traversal import map_children, map_statement

__all__ = ["stage"]


def stage(name: str, source: str) -> str:
    """The result of one stage of the gradient of the last function in `source`, by all its float parameters."""
    return str(getattr(_walk(source), name)())


@cache
def _walk(source: str) -> _Walk:
    with TemporaryDirectory() as folder:
        return _Walk(Path(folder) / "growth.py", source)


class _Walk:
    def __init__(self, file: Path, source: str) -> None:
        file.write_text(source, encoding="utf-8")
        unit, pattern = static_unit(file, "growth"), Pattern()
        self.kinds, _ = kinds_of(unit, {}, pattern)
        options = Options("grad", ("u", "k"), bare=False)
        self.program: Program = lower(unit)
        found = _captured(lambda: derive_module(lower(unit), options, self.kinds, pattern))
        self.reverse, self.block, self.plan = found
        self.text = derive(unit, options, self.kinds, pattern).text

    def lowered(self) -> str:
        functions = (replace(f, name=self.program.names[key]) for key, f in self.program.functions.items())
        return "\n\n".join(map(_function, functions))

    def tree(self) -> str:
        """The last statement of the helper as the dataclasses that it is."""
        helper = list(self.program.functions.values())[-1]
        return _indented(helper.body[-1])

    def prepared(self) -> str:
        return _function(self.reverse.primal.function)

    def variables(self) -> str:
        primal = self.reverse.primal
        kinds = primal.kinds.variables
        names = [name for name in kinds if name in primal.original]
        lines = [shown(((name, kinds[name]),)) for name in names]
        marks = ("active" if name in primal.context.active else "" for name in names)
        return "\n".join(f"{line:<20} {mark}".rstrip() for line, mark in zip(lines, marks, strict=True))

    def steps(self) -> str:
        return "\n".join(_steps(self.reverse.steps))

    def versions(self) -> str:
        table = self.reverse.versions.table.values()
        return "\n".join(f"{v.token:<14} {v.how:<7} {_origin(v.value, v.operands)}".rstrip() for v in table)

    def adjoint(self) -> str:
        return "\n".join(line for line in _adjoint(self.block) if line)

    def decisions(self) -> str:
        tokens = [version.token for version in self.plan.in_order()]
        return "\n".join(f"{token:<14} {_decision(self.plan, token)}" for token in tokens)

    def emitted(self) -> str:
        return self.text


def _captured(run: Any) -> tuple[Reverse, Block, Plan]:
    """The transform of the outer function, its adjoint block, and the plan for it, while `run` runs."""
    found: list[tuple[Reverse, Block, Plan]] = []
    original = Reverse.plan

    def plan(reverse: Reverse, block: Block, **keywords: Any) -> Plan:
        found.append((reverse, block, original(reverse, block, **keywords)))
        return found[-1][2]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reverse, "plan", plan)
        run()
    # The callees come first: the plan of the outer function is the last.
    return found[-1]


# ------------------------------------------------------------------------ text


def _readable(node: Expr) -> Expr:
    """Differentials, results and functions as names."""
    match node:
        case D(id=name):
            return Name(f"d{name}")
        case Result():
            return Name("y")
        case Routine(key=key):
            return Name(key.split(":")[-1])
        case Global(dotted=dotted):
            return Name(dotted.replace("numpy.", "np."))
    return map_children(node, _readable)


def _text(node: Expr) -> str:
    return ast.unparse(to_ast(_readable(node), lambda ref: str(ref)))


def _function(function: Function) -> str:
    body = tuple(map_statement(s, _readable) for s in function.body)
    return emit((), [], [replace(function, body=body)], Spelling())


def _indented(node: object, depth: int = 0) -> str:
    match node:
        case Return(value=value):
            return f"Return(\n{_indented(value, 1)}\n)"
        case Expr() if depth < 3 and hasattr(node, "left"):
            left, right = _indented(node.left, depth + 1), _indented(node.right, depth + 1)
            return f"{'    ' * depth}{type(node).__name__}({node.op!r},\n{left},\n{right})"
    return f"{'    ' * depth}{node!r}"


def _steps(steps: tuple[Step, ...], depth: int = 0) -> Iterator[str]:
    indent = "    " * depth
    for step in steps:
        match step:
            case Line(statement=s, parts=parts):
                found = ", ".join(f"d{name or 'y'} = {_text(linear)}" for name, linear in parts)
                yield f"{indent}Line      {_head(s):<32}{found}".rstrip()
            case CallStep(statement=s, active=active):
                found = ", ".join(f"d{name} = {_text(linear)}" for name, linear in active)
                yield f"{indent}CallStep  {_head(s):<32}{found}"
            case Loop(statement=s, body=body) | Branching(statement=s, then=body):
                yield f"{indent}{type(step).__name__:<9} {_head(s)}"
                yield from _steps(body, depth + 1)
            case Step(statement=s):
                yield f"{indent}Plain     {_head(s)}"


def _head(s: Statement) -> str:
    match s:
        case For(target=target, iterable=iterable):
            return f"for {_text(target)} in {_text(iterable)}"
        case Assign(target=target, value=value):
            return f"{_text(target)} = {_text(value)}"
        case Return(value=Expr() as value):
            return f"return {_text(value)}"
    return type(s).__name__


def _origin(value: Expr | None, operands: list[str]) -> str:
    return _tokens(value) if value is not None else " or ".join(operands)


def _tokens(node: Expr) -> str:
    """An expression whose variables are tokens."""
    return _text(_masked(node)).replace("__at__", "@")


def _masked(node: Expr) -> Expr:
    return Name(node.id.replace("@", "__at__")) if isinstance(node, Name) else map_children(node, _masked)


def _adjoint(block: Block, depth: int = 0) -> Iterator[str]:
    indent = "    " * depth
    for s in block:
        match s:
            case PrimalOf():
                yield f"{indent}PrimalOf(…)"
            case Backwards(body=body):
                yield f"{indent}Backwards(for step)"
                yield from _adjoint(body, depth + 1)
            case Restore():
                yield f"{indent}Restore(the loop's body)"
            case Comment():
                continue
            case If():
                yield f"{indent}if {_tokens(s.test)}: …"
            case Assign(target=target, value=value):
                yield f"{indent}{_tokens(target)} = {_tokens(value)}"
            case Return(value=Expr() as value):
                yield f"{indent}return {_tokens(value)}"
            case _ if hasattr(s, "op"):
                yield f"{indent}{_tokens(s.target)} {s.op}= {_tokens(s.value)}"


def _decision(plan: Plan, token: str) -> str:
    match plan.decisions[token]:
        case Recomputed(value=value) | Inline(value=value) as found:
            return f"{type(found).__name__}({_tokens(value)})"
        case Stacked(list_token=inner):
            return f"Stacked in {inner}"
        case found:
            return type(found).__name__
