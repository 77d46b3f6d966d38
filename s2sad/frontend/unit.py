"""What the frontend knows of a function before it is lowered: its tree, its text, and what its free names mean."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Protocol

from s2sad.errors import Place
from s2sad.ir import Span

__all__ = ["Binding", "Data", "Library", "Module", "Scope", "Unit", "Unresolved", "User"]


@dataclass(frozen=True)
class Binding:
    """What a free name of a function stands for."""


@dataclass(frozen=True)
class Library(Binding):
    """A function, class or constant of a library or of the builtins: `numpy.exp`, `math.pi`, `len`."""

    dotted: str


@dataclass(frozen=True)
class Module(Binding):
    """A module; `key` tells a scope which one, `dotted` is its import name."""

    dotted: str
    key: str = ""


@dataclass(frozen=True)
class User(Binding):
    """A Python function that can itself be differentiated."""

    unit: Unit


@dataclass(frozen=True, eq=False)
class Data(Binding):
    """A value that is not a function: a module's constant or a variable of an enclosing function.

    `name` is a good name for it in generated code. `value` is the value now, where the function is alive; `expression`
    the tree of its defining expression, where only text is known, read in `scope`. `slot` says how a loader finds the
    value again: the path of names from the differentiated function, such as ("global", "G") or ("closure", "w").
    """

    name: str
    value: object = None
    has_value: bool = False
    expression: ast.expr | None = None
    scope: Scope | None = None
    slot: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unresolved(Binding):
    """A name with no meaning that s2sad can find, and why."""

    reason: str


class Scope(Protocol):
    """Resolves the free names of one function."""

    def lookup(self, name: str) -> Binding:
        """What the free name `name` stands for."""
        ...

    def member(self, module: Module, attr: str) -> Binding:
        """What `module.attr` stands for."""
        ...


@dataclass(frozen=True, eq=False)
class Unit:
    """One function: `node` is its definition (a lambda is given as a function with one return).

    `key` names the function uniquely in a program (`module:qualname`), `name` is an identifier for generated code, `file`
    the path shown to people (never absolute), `lines` the whole file, for carets.
    """

    key: str
    name: str
    node: ast.FunctionDef
    file: str
    lines: tuple[str, ...]
    scope: Scope

    def place(self, span: Span | None) -> Place | None:
        """The place of a span of this function, with its source line."""
        if span is None:
            return None
        text = self.lines[span.line - 1] if 0 < span.line <= len(self.lines) else ""
        return Place(self.file, span.line, span.column, span.end_column, text.rstrip("\n"))
