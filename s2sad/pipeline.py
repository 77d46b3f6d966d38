"""All stages in order: a function's unit goes in, the text of a module with its derivative comes out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from s2sad.frontend.lower import lower
from s2sad.frontend.unit import Unit
from s2sad.kind import Kind, Pattern
from s2sad.options import Mode, Options
from s2sad.program import DataItem, Program
from s2sad.rules.registry import extended
from s2sad.simplify.gathered import with_comprehensions
from s2sad.transform.module import Module
from s2sad.transform.operators import cheaper_mode, derive_module
from s2sad.transform.watched import watched
from s2sad.traversal import names_in, reads

__all__ = ["DataSlot", "Generated", "Report", "cheaper_jacobian", "derive"]


@dataclass(frozen=True)
class DataSlot:
    """A global of the generated module whose value the loader gives: see `frontend.unit.Data.slot`."""

    name: str
    slot: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What a person wants to know of a derivative: what is active, saved, recomputed, what goes one direction at a time where
    others go in blocks, and how much memory what is saved in loops takes; one line each.
    """

    active: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()
    recomputed: tuple[str, ...] = ()
    one_by_one: tuple[str, ...] = ()
    memory: tuple[str, ...] = ()


@dataclass(frozen=True)
class Generated:
    """A formatted module: its text, the function in it that is the derivative, and what a loader must bind."""

    text: str
    name: str
    data: tuple[DataSlot, ...]
    report: Report


def derive(
    unit: Unit,
    options: Options,
    kinds: Mapping[str, Kind],
    pattern: Pattern | None = None,
    header: tuple[str, ...] = (),
) -> Generated:
    """The module that holds the derivative of `unit`.

    `kinds` gives the kinds of the parameters that are known (others are unknown); `pattern` is the numbering of sizes that
    `kinds` was made with, so that live data is seen in the same symbols. `header` are the comment lines at the top.
    """
    with _deep_expressions():
        return _derive(unit, options, kinds, pattern or Pattern(), header)


def _derive(
    unit: Unit, options: Options, kinds: Mapping[str, Kind], pattern: Pattern, header: tuple[str, ...]
) -> Generated:
    from s2sad.emit import emit

    program = lower(unit)
    with extended(program.rules):
        module = derive_module(program, options, kinds, pattern)
    functions = tuple(watched(with_comprehensions(function)) for function in module.functions)
    items = _needed(program, {name for function in functions for name in reads(function)})
    constants = [(item.name, item.value, "" if item.value else "given when s2sad loads this file") for item in items]
    text = emit(header, constants, functions, program.spelling)
    slots = tuple(DataSlot(item.name, item.data.slot) for item in items if item.data.slot)
    return Generated(text, module.name, slots, _report(module))


def _needed(program: Program, read: set[str]) -> list[DataItem]:
    """The data that a module needs whose functions read these names: also what other data is computed from, which stands
    before it.
    """
    for item in reversed(program.data.values()):
        if item.name in read and item.value is not None:
            read = read.union(names_in(item.value))
    return [item for name, item in program.data.items() if name in read]


def _report(module: Module) -> Report:
    return Report(module.active, module.saved, module.recomputed, module.one_by_one, module.memory)


def cheaper_jacobian(unit: Unit, options: Options, kinds: Mapping[str, Kind]) -> Mode:
    """The mode that takes fewer passes for a Jacobian of `unit` with arguments of these kinds."""
    with _deep_expressions():
        program = lower(unit)
        with extended(program.rules):
            return cheaper_mode(program, options, kinds, Pattern())


@contextmanager
def _deep_expressions() -> Iterator[None]:
    """Passes recurse over expressions: a sum of a thousand terms is a tree a thousand levels deep."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 30_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
