"""A program as lines of text with arguments: run, and made smaller."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.checking import Case

__all__ = ["Line", "Program", "smaller"]

#: The operators that a program may call.
OPERATORS = ("grad", "hvp", "jvp", "value_and_grad", "vjp")


@dataclass(frozen=True)
class Line:
    """A statement: its text, and of a compound one the statements under it."""

    text: str
    body: tuple[Line, ...] | None = None

    def lines(self, indent: str = "") -> Iterator[str]:
        yield indent + self.text
        for inner in self.body or ():
            yield from inner.lines(indent + "    ")
        if self.body == ():
            yield indent + "    pass"


@dataclass(frozen=True)
class Program:
    """Functions, the last of which is differentiated, with arguments for it."""

    functions: tuple[Line, ...]
    values: tuple[tuple[str, Any], ...]
    wrt: tuple[str, ...]

    @property
    def operators(self) -> list[str]:
        """The operators that are called in it."""
        return [name for name in OPERATORS if any(f"{name}(" in line for one in self.functions for line in one.lines())]

    @property
    def text(self) -> str:
        imported = [f"from s2sad import {', '.join(self.operators)}"] if self.operators else []
        head = ["import math", "import numpy as np", *imported, ""]
        return "\n".join([*head, *(line for function in self.functions for line in (*function.lines(), ""))])

    def function(self) -> Callable[..., Any]:
        """The function itself, its source where `inspect` finds it."""
        file = f"<random {hash(self.text)}>"
        linecache.cache[file] = (len(self.text), None, self.text.splitlines(True), file)
        space: dict[str, Any] = {"__name__": file}
        exec(compile(self.text, file, "exec"), space)
        return space["f"]  # type: ignore[no-any-return]

    def case(self, known: bool = True) -> Case:
        return Case(self.function(), dict(self.values), self.wrt, known, exact=not self.operators)


def smaller(program: Program) -> Iterator[Program]:
    if len(program.wrt) > 1:
        yield from (replace(program, wrt=(name,)) for name in program.wrt)
    for position, function in enumerate(program.functions):
        before, after = program.functions[:position], program.functions[position + 1 :]
        if after:
            yield replace(program, functions=before + after)
        for body in smaller_blocks(function.body or ()):
            yield replace(program, functions=(*before, replace(function, body=body), *after))


def smaller_blocks(block: tuple[Line, ...]) -> Iterator[tuple[Line, ...]]:
    for position, line in enumerate(block):
        before, after = block[:position], block[position + 1 :]
        yield before + after
        if line.body is not None:
            yield before + line.body + after
            yield from (before + (replace(line, body=body),) + after for body in smaller_blocks(line.body))
