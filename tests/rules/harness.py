"""Derivatives of one expression, made and checked without a cache and without formatting."""

from __future__ import annotations

import linecache
from collections.abc import Mapping
from functools import cache
from itertools import count
from typing import Any

import numpy as np

from s2sad import emit
from s2sad.frontend.live import unit_of
from s2sad.ir import Expr
from s2sad.kind import Pattern
from s2sad.observed import kind_of_value
from s2sad.options import Options
from s2sad.pipeline import derive
from s2sad.rules import registry
from s2sad.syntax import parse
from s2sad.traversal import children

_NUMBERS = count()


def function_of(text: str, names: tuple[str, ...]) -> Any:
    """`def f(*names): return text`, with source that the frontend finds; text of several lines is the whole body."""
    body = text if "\n" in text or text.startswith("return") else f"return {text}"
    source = f"def f({', '.join(names)}):\n" + "\n".join(f"    {line}" for line in body.splitlines()) + "\n"
    file = f"<rule sample {next(_NUMBERS)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    import cmath
    import math

    space: dict[str, Any] = {"np": np, "math": math, "cmath": cmath}
    exec(compile(source, file, "exec"), space)
    return space["f"]


class _NoFormat:
    """In the place of black: a file is the same program before it is formatted."""

    Mode = staticmethod(lambda **options: None)
    format_str = staticmethod(lambda text, mode: text)


def derivative(function: Any, mode: str, wrt: tuple[str, ...], args: Mapping[str, Any], known: bool) -> tuple[Any, str]:
    """The derivative as a function, which can be differentiated again, and its text."""
    pattern = Pattern()
    kinds = {name: kind_of_value(value, pattern) for name, value in args.items()} if known else {}
    black, emit.black = emit.black, _NoFormat
    try:
        made = derive(unit_of(function), Options(mode, wrt, len(wrt) == 1), kinds, pattern)
    finally:
        emit.black = black
    file = f"<derivative {next(_NUMBERS)}>"
    linecache.cache[file] = (len(made.text), None, made.text.splitlines(keepends=True), file)
    space: dict[str, Any] = {"__name__": "derivative"}
    exec(compile(made.text, file, "exec"), space)
    return space[made.name], made.text


@cache
def keys_of(text: str) -> frozenset[str]:
    """The rules that an expression needs."""
    if "\n" in text or text.startswith("return"):
        return frozenset()
    return frozenset(_keys(parse(text)))


def _keys(node: Expr) -> set[str]:
    key = registry.key_of(node)
    found = set() if key is None else {registry.canonical(key)}
    return found.union(*map(_keys, children(node)))


# ------------------------------------------------------------- values as vectors


def leaves(value: Any) -> list[np.ndarray]:
    if isinstance(value, tuple | list):
        return [leaf for item in value for leaf in leaves(item)]
    return [np.asarray(value)]


def like(value: Any, rng: np.random.Generator) -> Any:
    """A random direction in the space of `value`."""
    if isinstance(value, tuple | list):
        items = [like(item, rng) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, float | int):
        return float(rng.normal())
    if isinstance(value, complex):
        return complex(rng.normal(), rng.normal())
    direction = rng.normal(size=np.shape(value))
    if np.iscomplexobj(value):
        direction = direction + 1j * rng.normal(size=np.shape(value))
    made = np.asarray(direction).astype(value.dtype if np.issubdtype(value.dtype, np.inexact) else float)
    return made if isinstance(value, np.ndarray) else made[()]


def moved(value: Any, direction: Any, step: float) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(moved(v, d, step) for v, d in zip(value, direction, strict=True))
    return value + step * direction


def pairing(a: Any, b: Any) -> float:
    """Re Σ a·b, without conjugation: JAX's convention."""
    parts = zip(leaves(a), leaves(b), strict=True)
    return float(sum(np.real(np.sum(p * q)) for p, q in parts))


def vector(value: Any) -> np.ndarray:
    parts = [np.ravel(leaf) for leaf in leaves(value)]
    return np.concatenate(parts) if parts else np.zeros(0)


def slope(function: Any, args: Mapping[str, Any], direction: Mapping[str, Any], step: float = 1e-4) -> np.ndarray:
    """The directional derivative by differences of fourth order."""

    def at(h: float) -> np.ndarray:
        return vector(function(*({**args, **{n: moved(args[n], d, h) for n, d in direction.items()}}.values())))

    return (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step)


def tangent(function: Any, args: Mapping[str, Any], direction: Mapping[str, Any], known: bool = True) -> Any:
    jvp, _ = derivative(function, "jvp", tuple(direction), args, known)
    return jvp(*args.values(), *direction.values())


def adjoint(function: Any, args: Mapping[str, Any], wrt: tuple[str, ...], known: bool = True) -> Any:
    """The value and the pullback, which gives a tuple."""
    vjp, _ = derivative(function, "vjp", wrt, args, known)
    value, pullback = vjp(*args.values())
    return value, lambda y_bar: (pullback(y_bar),) if len(wrt) == 1 else pullback(y_bar)
