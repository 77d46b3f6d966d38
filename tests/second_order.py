"""Derivatives of gradients, in all combinations of modes, against finite differences of the gradient."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from s2sad.errors import S2sadError
from tests.checking import Case, Wrong, call, double, generated, leaves, like, move, quietly, split

__all__ = ["check_second_order"]

MODES = ("hvp", "grad jvp", "grad vjp")


def check_second_order(case: Case, rtol: float = 1e-5, modes: tuple[str, ...] = MODES) -> None:
    """Fails unless forward over reverse and reverse over reverse give the product of the Hessian with a vector, as well as
    differences can tell; a function whose result is no float has none.
    """
    value, _ = call(case.function, deepcopy(case.values))
    if not isinstance(value, float | np.floating | np.ndarray) or np.size(value) != 1 or np.iscomplexobj(value):
        return
    case = replace(case, values={name: double(value) for name, value in case.values.items()})
    direction = tuple(like(case.values[name], np.random.default_rng(1).standard_normal) for name in case.wrt)
    try:
        gradient = generated(case, "grad")[1]
    except S2sadError as error:
        if error.code != case.or_refused:
            raise
        return
    expected, errors = _difference(gradient, case, direction)
    for mode in modes:
        try:
            text, function = generated(case, mode)
        except S2sadError as error:
            if not case.or_refused or error.code not in ("S301", case.or_refused):
                raise
            continue
        found = _product(function, mode, case, direction)
        rows = zip(leaves(found), expected, errors, strict=True)
        if not all(np.allclose(a, b, rtol=rtol, atol=rtol + 10 * error, equal_nan=True) for a, b, error in rows):
            raise Wrong(f"{mode} gives {found!r}, not {expected!r}\n\n{text}")


def _product(function: Any, mode: str, case: Case, direction: tuple[Any, ...]) -> Any:
    positional, keyword = split(case.function, deepcopy(case.values))
    given = direction if mode != "grad vjp" else ()
    result, _ = quietly(function, *positional, *deepcopy(given), **keyword)
    if mode == "grad jvp":
        return result[1]
    if mode == "grad vjp":
        with np.errstate(all="ignore"):
            return result[1](deepcopy(direction[0] if len(direction) == 1 else direction))
    return result


def _difference(
    gradient: Any, case: Case, direction: tuple[Any, ...], step: float = 1e-3
) -> tuple[list[Any], list[Any]]:
    """The derivative of the gradient in a direction, by central differences extrapolated (Richardson), and its error."""

    def at(distance: float) -> list[Any]:
        moved = {name: move(case.values[name], dot, distance) for name, dot in zip(case.wrt, direction, strict=True)}
        positional, keyword = split(case.function, {**deepcopy(case.values), **moved})
        result, _ = quietly(gradient, *positional, **keyword)
        return [np.asarray(leaf) for leaf in leaves(result)]

    def central(h: float) -> list[Any]:
        return [(after - before) / (2 * h) for after, before in zip(at(h), at(-h), strict=True)]

    table = [central(step / 2**k) for k in range(3)]
    errors = []
    for order in (4, 16):
        errors = [np.nan_to_num(np.abs(b - a)) for a, b in zip(*table[-2:], strict=True)]
        pairs = list(pairwise(table))
        table = [[(order * b - a) / (order - 1) for a, b in zip(*pair, strict=True)] for pair in pairs]
    return table[0], errors
