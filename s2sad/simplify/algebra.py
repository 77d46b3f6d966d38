"""Algebra on the expressions that rules leave: the zeros, ones and signs that nobody would have written.

Applied to derivative code only, never to the user's own expressions. `x * 0` stays what it is: NaN, infinities, shapes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache

from s2sad.ir import Binary, Const, Expr, Name, Unary, children, map_children, rebuild
from s2sad.kind import Array, Kind, Number
from s2sad.syntax import parse

__all__ = ["simplify"]

KindOf = Callable[[Expr], Kind]

# In a pattern `x`, `y`, `z` stand for anything, `a`, `b` for numbers, `n` for a negative one; arithmetic on numbers in a
# replacement is done at once.
_REWRITES = (
    ("1 * x", "x"),
    ("x * 1", "x"),
    ("x / 1", "x"),
    ("0 + x", "x"),
    ("x + 0", "x"),
    ("x - 0", "x"),
    ("0 - x", "-x"),
    ("x**1", "x"),
    ("--x", "x"),
    ("+x", "x"),
    ("-1 * x", "-x"),
    ("x * -1", "-x"),
    ("x / -1", "-x"),
    ("x + -y", "x - y"),
    ("x - -y", "x + y"),
    ("-x + y", "y - x"),
    ("(-x) * y", "-(x * y)"),
    ("x * (-y)", "-(x * y)"),
    ("(-x) / y", "-(x / y)"),
    ("x / (-y)", "-(x / y)"),
    ("-(x - y)", "y - x"),
    ("-(x * y) * z", "-(x * y * z)"),
    ("(-x) @ y", "-(x @ y)"),
    ("x @ (-y)", "-(x @ y)"),
    ("-(a * x)", "(-a) * x"),
    ("-(x / y) * z", "-(x / y * z)"),
    ("a * (b * x)", "(a * b) * x"),
    ("x * a", "a * x"),
    ("a * (x * y)", "a * x * y"),
    ("x * (a * y)", "a * x * y"),
    ("(a * x) / b", "(a / b) * x"),
    ("x + n * y", "x - (-n) * y"),
    ("x - n * y", "x + (-n) * y"),
    ("x + n * y * z", "x - (-n) * y * z"),
    ("x - n * y * z", "x + (-n) * y * z"),
    ("x * (1 / y)", "x / y"),
    ("(1 / x) * y", "y / x"),
    ("(a / x) * y", "a * y / x"),
    ("x * (a / y)", "a * x / y"),
    ("a * (x / a)", "x"),
    ("(a * x) / a", "x"),
)
_DROPS_A_NUMBER = {"1 * x", "x * 1", "x / 1", "0 + x", "x + 0", "x - 0", "x**1"}
_FOLD: dict[str, Callable[[float, float], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
}  # fmt: skip
_NUMBERS = frozenset("abn")


def simplify(node: Expr, kind_of: KindOf) -> Expr:
    """The expression without superfluous zeros, ones and signs, its numbers folded."""
    done: dict[Expr, Expr] = {}
    return _simplify(node, kind_of, done)


def _simplify(node: Expr, kind_of: KindOf, done: dict[Expr, Expr]) -> Expr:
    if node in done:
        return done[node]
    current = map_children(node, lambda child: _simplify(child, kind_of, done))
    for _ in range(20):
        changed = _fold(current) or _rewritten(current, kind_of)
        if changed is None:
            break
        current = map_children(changed, lambda child: _simplify(child, kind_of, done))
    done[node] = current
    return current


def _number(node: Expr) -> bool:
    return isinstance(node, Const) and node.type in ("int", "float")


def _fold(node: Expr) -> Expr | None:
    """Arithmetic on two numbers, where the result is exact or as exact as at run time."""
    match node:
        case Binary(op=op, left=Const(value=a) as p, right=Const(value=b) as q) if op in _FOLD and _number(p) and _number(q):
            if (op == "/" and b == 0) or (op == "**" and (a <= 0 or abs(b) > 64)):
                return None
            return Const(_tidy(_FOLD[op](a, b), op, a, b))
        case Unary(op="-", operand=Const(value=a) as p) if _number(p):
            return Const(-a)
    return None


def _tidy(value: float, op: str, a: float, b: float) -> float:
    """Whole quotients of integers stay integers, as one would write them."""
    if op == "/" and type(a) is int and type(b) is int and a % b == 0:
        return a // b
    return value


def _rewritten(node: Expr, kind_of: KindOf) -> Expr | None:
    for text, pattern, replacement in _rules().get(_root(node), ()):
        found: dict[str, Expr] = {}
        if _matches(pattern, node, found) and not (text in _DROPS_A_NUMBER and _is_integer(found["x"], kind_of)):
            return _filled(replacement, found)
    return None


def _is_integer(node: Expr, kind_of: KindOf) -> bool:
    """`1.0 * n` is a float, `n` is not."""
    if isinstance(node, Const):
        return False
    match kind_of(node):
        case Number(dtype=dtype) | Array(dtype=dtype):
            return "int" in dtype or "bool" in dtype
    return False


def _root(node: Expr) -> str:
    match node:
        case Binary(op=op):
            return op
        case Unary(op=op):
            return f"unary {op}"
    return ""


@lru_cache(maxsize=1)
def _rules() -> dict[str, list[tuple[str, Expr, Expr]]]:
    table: dict[str, list[tuple[str, Expr, Expr]]] = {}
    for text, replacement in _REWRITES:
        pattern = parse(text)
        table.setdefault(_root(pattern), []).append((text, pattern, parse(replacement)))
    return table


def _matches(pattern: Expr, node: Expr, found: dict[str, Expr]) -> bool:
    if isinstance(pattern, Name):
        if pattern.id in _NUMBERS and not (isinstance(node, Const) and _number(node)):
            return False
        if pattern.id == "n" and not (isinstance(node, Const) and node.value < 0):
            return False
        return found.setdefault(pattern.id, node) == node
    if isinstance(pattern, Const):
        return _number(node) and isinstance(node, Const) and node.value == pattern.value
    if type(pattern) is not type(node) or getattr(pattern, "op", None) != getattr(node, "op", None):
        return False
    return all(_matches(p, n, found) for p, n in zip(children(pattern), children(node), strict=True))


def _filled(replacement: Expr, found: dict[str, Expr]) -> Expr:
    if isinstance(replacement, Name):
        return found[replacement.id]
    parts = tuple(_filled(child, found) for child in children(replacement))
    node = rebuild(replacement, parts) if parts else replacement
    return _fold(node) or node
