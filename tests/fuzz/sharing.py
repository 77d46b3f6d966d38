"""What the ways to differentiate one program have in common is done once: reading it, and its gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any
from unittest.mock import patch

from s2sad import pipeline
from s2sad.kind import Kind, Pattern
from s2sad.options import Options
from s2sad.program import Program, Spelling
from s2sad.transform import operators
from tests import checking

__all__ = ["shared"]


@contextmanager
def shared() -> Iterator[None]:
    """Inside, a function is read and lowered once, and a derivative of which others are taken is made once."""
    lowered = lru_cache(maxsize=8)(pipeline.lower)
    levels: dict[object, Any] = {}
    derived = operators._derived

    def lower_once(root: Any) -> Program:
        return _copied(lowered(root))

    def derive_once(program: Program, options: Options, kinds: Mapping[str, Kind], pattern: Pattern) -> Any:
        unit = program.units[next(iter(program.functions))]
        key = (unit, options, tuple(kinds.items()))
        if key not in levels:
            made = derived(program, options, kinds, pattern)
            for old in [old for old in levels if old[0] is not unit]:  # type: ignore[index]
                del levels[old]
            levels[key] = made
        level = levels[key]
        # What passes find of data and spellings they add to the program that was lowered.
        program.data.update(level.of.data)
        for dotted, name in level.of.spelling.modules.items():
            program.spelling.module(dotted, name)
        for dotted, name in level.of.spelling.names.items():
            program.spelling.name(dotted, name)
        return replace(level, of=replace(level.of, data=program.data, spelling=program.spelling))

    with ExitStack() as stack:
        stack.enter_context(patch.object(checking, "unit_of", lru_cache(maxsize=8)(checking.unit_of)))
        stack.enter_context(patch.object(pipeline, "lower", lower_once))
        stack.enter_context(patch.object(operators, "_derived", derive_once))
        yield


def _copied(program: Program) -> Program:
    """A program to which passes may add."""
    tables: dict[str, Any] = {}
    for field in fields(program):
        value = getattr(program, field.name)
        if isinstance(value, dict | list):
            tables[field.name] = value.copy()
    spelling = Spelling(dict(program.spelling.modules), dict(program.spelling.names))
    return replace(program, **tables, spelling=spelling)
