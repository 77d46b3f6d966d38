"""Helpers for unknown shapes give way to plain NumPy where the shapes are known."""

from __future__ import annotations

from collections.abc import Callable

from s2sad.ir import Expr, map_children
from s2sad.kind import Kind
from s2sad.rules import helpers

__all__ = ["without_helpers"]


def without_helpers(node: Expr, kind_of: Callable[[Expr], Kind]) -> Expr:
    """`node` with every call of a helper that the kinds make superfluous replaced by what it does."""
    current = map_children(node, lambda child: without_helpers(child, kind_of))
    for _ in range(8):
        simpler = helpers.simplify(current, kind_of)
        if simpler is None or simpler == current:
            return current
        current = map_children(simpler, lambda child: without_helpers(child, kind_of))
    return current
