"""Rewrites as data: patterns written in Python, matched against expressions.

In a pattern every name stands for anything; `a` and `b` stand for numbers, `n` for a negative one. Arithmetic on numbers in
a replacement is done at once.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from s2sad.ir import Binary, Const, Expr, Name, Unary
from s2sad.traversal import children, rebuild

__all__ = ["filled", "fold", "is_number", "matches", "tidy_number"]

_FOLD: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
}  # fmt: skip


def is_number(node: Expr) -> bool:
    """True for an integer or float that is written out."""
    return isinstance(node, Const) and node.type in ("int", "float")


def fold(node: Expr) -> Expr | None:
    """Arithmetic on two numbers, where the result is exact or as exact as at run time."""
    match node:
        case Binary(op=op, left=Const(value=a) as p, right=Const(value=b) as q) if (
            op in _FOLD and is_number(p) and is_number(q)
        ):
            if (op == "/" and b == 0) or (op == "**" and (a <= 0 or abs(b) > 64)):
                return None
            return Const(tidy_number(_FOLD[op](a, b), op, a, b))
        case Unary(op="-", operand=Const(value=a) as p) if is_number(p):
            return Const(-a)
    return None


def tidy_number(value: float, op: str, a: float, b: float) -> float:
    """Whole quotients of integers stay integers, as one would write them."""
    if op == "/" and type(a) is int and type(b) is int and a % b == 0:
        return a // b
    return value


def matches(pattern: Expr, node: Expr, found: dict[str, Expr]) -> bool:
    """True if `node` has the form of `pattern`; `found` gets what its names stand for."""
    if isinstance(pattern, Name):
        if pattern.id in "abn" and not is_number(node):
            return False
        if pattern.id == "n" and not (isinstance(node, Const) and node.value < 0):
            return False
        return found.setdefault(pattern.id, node) == node
    if isinstance(pattern, Const):
        return is_number(node) and isinstance(node, Const) and node.value == pattern.value
    if type(pattern) is not type(node) or getattr(pattern, "op", None) != getattr(node, "op", None):
        return False
    parts, others = children(pattern), children(node)
    if not parts:
        return pattern == node
    return len(parts) == len(others) and all(matches(p, n, found) for p, n in zip(parts, others, strict=True))


def filled(replacement: Expr, found: dict[str, Expr]) -> Expr:
    """The replacement with what was found for its names."""
    if isinstance(replacement, Name):
        return found[replacement.id]
    parts = tuple(filled(child, found) for child in children(replacement))
    node = rebuild(replacement, parts) if parts else replacement
    return fold(node) or node
