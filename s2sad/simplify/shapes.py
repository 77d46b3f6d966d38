"""Helpers for unknown shapes give way to plain NumPy where the shapes are known, and broadcasts that happen anyway go."""

from __future__ import annotations

from collections.abc import Callable

from s2sad.ir import Expr
from s2sad.kind import Kind
from s2sad.rules import helpers
from s2sad.simplify.patterns import filled, matches
from s2sad.syntax import parse
from s2sad.traversal import map_children

__all__ = ["with_simple_shapes", "without_broadcasts", "without_helpers"]

#: Tells whether the first expression has every shape that the second one broadcasts.
Covers = Callable[[Expr, Expr], bool]
#: An expression of the same shape that is shorter.
Shorter = Callable[[Expr], Expr]

_BROADCASTS = tuple(
    (parse(pattern), parse(replacement))
    for pattern, replacement in (
        ("_broadcast(_broadcast(t, r), y)", "_broadcast(t, y)"),
        ("x * _broadcast(t, y)", "x * t"),
        ("_broadcast(t, y) * x", "t * x"),
        ("_broadcast(t, y) / x", "t / x"),
    )
)
_SHAPES = (parse("np.shape(y)"), parse("np.size(y)"), parse("_broadcast(t, y)"))


def without_helpers(node: Expr, kind_of: Callable[[Expr], Kind]) -> Expr:
    """`node` with every call of a helper that the kinds make superfluous replaced by what it does."""
    current = map_children(node, lambda child: without_helpers(child, kind_of))
    for _ in range(8):
        simpler = helpers.simplify(current, kind_of)
        if simpler is None or simpler == current:
            return current
        current = map_children(simpler, lambda child: without_helpers(child, kind_of))
    return current


def without_broadcasts(node: Expr, covers: Covers) -> Expr:
    """`node` without the broadcasts that the other factor of a product brings about anyway."""
    current = map_children(node, lambda child: without_broadcasts(child, covers))
    for pattern, replacement in _BROADCASTS:
        found: dict[str, Expr] = {}
        if matches(pattern, current, found) and ("x" not in found or covers(found["x"], found["y"])):
            return filled(replacement, found)
    return current


def with_simple_shapes(node: Expr, shorter: Shorter) -> Expr:
    """Where only a shape is read, it is that of something shorter."""
    current = map_children(node, lambda child: with_simple_shapes(child, shorter))
    for pattern in _SHAPES:
        found: dict[str, Expr] = {}
        if matches(pattern, current, found):
            return filled(pattern, {**found, "y": shorter(found["y"])})
    return current
