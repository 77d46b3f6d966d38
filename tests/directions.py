"""Vector forms of derivatives against the derivatives themselves, for one direction after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from s2sad.emit import emit
from s2sad.frontend.live import unit_of
from s2sad.frontend.lower import lower
from s2sad.ir import Expr, Function, Name, Routine
from s2sad.kind import Kind, Pattern
from s2sad.observed import kind_of_value
from s2sad.options import Mode, Options
from s2sad.program import Program
from s2sad.transform.module import Builder, Module
from s2sad.transform.operators import derive_module
from s2sad.transform.vector import Wanted, vectorised
from s2sad.traversal import map_children, map_statement
from s2sad.trees import leaves, map_leaves

__all__ = ["DIRECTIONS", "check_directions", "stacked"]

DIRECTIONS = 3


def check_directions(function: Callable[..., Any], values: Mapping[str, Any], wrt: tuple[str, ...], mode: Mode) -> str:
    """Fails unless the vector form of a tangent or adjoint gives in each row what it gives for one direction. NoVectorForm
    if there is none. The text of the vector form.
    """
    pattern, random = Pattern(), np.random.default_rng(3)
    kinds = {name: kind_of_value(value, pattern) for name, value in values.items()}
    program = lower(unit_of(function))
    result = Builder(program, pattern).result(next(iter(program.functions)), dict(kinds))
    module = derive_module(program, Options(mode, wrt, bare=len(wrt) == 1), kinds, pattern)
    own = [values[name] for name in wrt] if mode == "tangent" else [function(*values.values())]
    directions = [[map_leaves(lambda leaf: drawn(leaf, random), one) for one in own] for _ in range(DIRECTIONS)]
    one, many, text = both(module, program, kinds, [kinds[name] for name in wrt] if mode == "tangent" else [result])
    expected = stacked([one(*values.values(), *direction) for direction in directions])
    found = many(*values.values(), *map(stacked, zip(*directions, strict=True)))
    for (_, a), (_, b) in zip(leaves(found), leaves(expected), strict=True):
        assert np.shape(a) == np.shape(b), text
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12, err_msg=text)
    return text


def both(
    module: Module, program: Program, kinds: Mapping[str, Kind], added: list[Kind]
) -> tuple[Callable[..., Any], Callable[..., Any], str]:
    """The derivative for one direction and its vector form, whose directions have the kinds `added`; the text of that."""
    functions = {**program.functions, **{function.name: function for function in module.parts}}
    names = [param.name for param in functions[module.name].params][len(kinds) :]
    wanted = Wanted({**kinds, **dict(zip(names, added, strict=True))}, names)
    made = vectorised(functions, {module.name: wanted}, {})
    if made.refused:
        raise made.refused[module.name]
    calls = [with_names(one, program) for one in made.functions.values()]
    many, text = loaded(tuple(calls), module.name, program)
    return loaded(module.functions, module.name, program)[0], many, text


def drawn(leaf: Any, random: np.random.Generator) -> Any:
    """A random direction for a leaf."""
    if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fc":
        parts = random.standard_normal(leaf.shape) + (
            1j * random.standard_normal(leaf.shape) if leaf.dtype.kind == "c" else 0
        )
        return np.asarray(parts).astype(leaf.dtype)
    if isinstance(leaf, complex):
        return complex(*random.standard_normal(2))
    return None if leaf is None else float(random.standard_normal())


def with_names(function: Function, program: Program) -> Function:
    """A function that calls those of the program by their names."""

    def named(node: Expr) -> Expr:
        return Name(program.names.get(node.key, node.key)) if isinstance(node, Routine) else map_children(node, named)

    name = program.names.get(function.name, function.name)
    return replace(function, name=name, body=tuple(map_statement(s, named) for s in function.body))


def loaded(functions: tuple[Function, ...], name: str, program: Program) -> tuple[Callable[..., Any], str]:
    text = emit((), (), functions, program.spelling)
    space: dict[str, Any] = {}
    exec(compile(text, "<vector form>", "exec"), space)
    return space[name], text


def stacked(values: list[Any]) -> Any:
    """Values of one nesting with one more axis in each leaf."""
    return map_leaves(lambda *row: None if row[0] is None else np.stack(row), *values)
