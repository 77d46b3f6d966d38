"""Algebra on the expressions that rules leave: the zeros, ones and signs that nobody would have written.

Applied to derivative code only, never to the user's own expressions. `x * 0` stays what it is: NaN, infinities, shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from s2sad.ir import Binary, Call, Compare, Conditional, Const, Expr, Unary
from s2sad.kind import Array, Kind, Number, dtype_of
from s2sad.rules import registry
from s2sad.simplify.patterns import filled, fold, is_number, matches, tidy_number
from s2sad.syntax import parse
from s2sad.traversal import map_children

__all__ = ["is_mask", "is_negative", "negated", "simplify"]

KindOf = Callable[[Expr], Kind]

_REWRITES = (
    ("0 + x", "x"),
    ("x + 0", "x"),
    ("x - 0", "x"),
    ("0 - x", "-x"),
    ("x**1", "x"),
    ("x + x", "2 * x"),
    ("--x", "x"),
    ("+x", "x"),
    ("x / 1", "x"),
    ("x + -y", "x - y"),
    ("x - -y", "x + y"),
    ("-x + y", "y - x"),
    ("-(x - y)", "y - x"),
    ("(-x) @ y", "-(x @ y)"),
    ("x @ (-y)", "-(x @ y)"),
    ("x - a - b", "x - (a + b)"),
    ("x * (1 / y)", "x / y"),
    ("(1 / x) * y", "y / x"),
)
_DROPS_A_NUMBER = {"x / 1", "0 + x", "x + 0", "x - 0", "x**1"}


def simplify(node: Expr, kind_of: KindOf) -> Expr:
    """The expression without superfluous zeros, ones and signs, its numbers folded."""
    done: dict[Expr, Expr] = {}
    return _simplify(node, kind_of, done)


def _simplify(node: Expr, kind_of: KindOf, done: dict[Expr, Expr]) -> Expr:
    if node in done:
        return done[node]
    current = map_children(node, lambda child: _simplify(child, kind_of, done))
    for _ in range(20):
        changed = fold(current) or _collected(current, kind_of) or _signed(current) or _rewritten(current, kind_of)
        changed = changed or _as_floats(current, kind_of)
        if changed is None:
            break
        current = map_children(changed, lambda child: _simplify(child, kind_of, done))
    done[node] = current
    return current


def _rewritten(node: Expr, kind_of: KindOf) -> Expr | None:
    for text, pattern, replacement in _rules().get(_root(node), ()):
        found: dict[str, Expr] = {}
        if matches(pattern, node, found) and not (text in _DROPS_A_NUMBER and _is_integer(found["x"], kind_of)):
            return filled(replacement, found)
    return None


def _as_floats(node: Expr, kind_of: KindOf) -> Expr | None:
    """`x if c else 0` is `x if c else 0.0` where `x` is a float: the one as the other is of the same type."""
    match node:
        case Conditional(then=then, orelse=orelse):
            sides = (side for side in _sides(node) if not isinstance(side, Const) or type(side.value) is float)
            if not any(isinstance(kind := kind_of(side), Number) and kind.dtype.startswith("float") for side in sides):
                return None
            changed = replace(node, then=_as_float(then), orelse=_as_float(orelse))
            return None if changed == node else changed
    return None


def _sides(node: Expr) -> tuple[Expr, ...]:
    """What a conditional expression gives, one of which may be one again."""
    return (*_sides(node.then), *_sides(node.orelse)) if isinstance(node, Conditional) else (node,)


def _as_float(side: Expr) -> Expr:
    match side:
        case Const(value=value) if type(value) is int:
            return Const(float(value))
        case Conditional(then=then, orelse=orelse):
            return replace(side, then=_as_float(then), orelse=_as_float(orelse))
    return side


# ---------------------------------------------------------------- the numbers of a product


def _collected(node: Expr, kind_of: KindOf) -> Expr | None:
    """The numbers and signs in a product multiplied, and written at its left end."""
    if not _is_product(node, kind_of):
        return None
    numbers: list[float] = []
    rest = _without_numbers(node, numbers, False, kind_of)
    if rest is None or not numbers or any(number == 0 for number in numbers):
        return None
    product = 1
    for number in numbers:
        product = tidy_number(product * number, "*", product, number)  # type: ignore[assignment]
    if product == int(product) and all(isinstance(number, int) for number in numbers):
        product = int(product)
    if abs(product) == 1 and _is_integer(rest, kind_of):
        return None
    result = _scaled(rest, product)
    return None if result == node else result


def _is_product(node: Expr, kind_of: KindOf) -> bool:
    match node:
        case Binary(op="*" | "/") | Unary(op="-"):
            return True
        case Call(args=(Binary() | Unary(), *_)):
            # A number times an array without axes is a number and no array.
            return _is_linear_in_first(node) and kind_of(node) != Array(dtype_of(kind_of(node)) or "", ())
    return False


def _is_linear_in_first(node: Call) -> bool:
    """True for a function of one linear argument: a factor of it is a factor of the result, unless that is a list."""
    key = registry.key_of(node) or ""
    # Python's own functions of lists, and helpers that give several adjoints, return lists.
    gives_list = "." not in key or key.endswith(".tolist")
    return any(
        tuple(entry.transposes) == entry.signature.params[:1] and not (entry.lists and gives_list)
        for entry in registry.linear_rules(key)
    )


def _without_numbers(node: Expr, numbers: list[float], divides: bool, kind_of: KindOf) -> Expr | None:
    """A product without its numbers, which go to `numbers`; None if nothing else is left."""
    match node:
        case Const(value=value) if is_number(node) and value != 0:
            if divides and isinstance(value, int) and abs(value) & (abs(value) - 1):
                return node
            numbers.append(_inverse(value) if divides else value)
            return None
        case Unary(op="-", operand=operand):
            numbers.append(-1)
            return _without_numbers(operand, numbers, divides, kind_of)
        case Call(args=(first, *others)) if _is_product(node, kind_of) and _is_product(first, kind_of):
            inner = _without_numbers(first, numbers, divides, kind_of)
            return node if inner is None else replace(node, args=(inner, *others))
        case Binary(op="*", left=left, right=right):
            a, b = _without_numbers(left, numbers, divides, kind_of), _without_numbers(right, numbers, divides, kind_of)
            return b if a is None else a if b is None else Binary("*", a, b)
        case Binary(op="/", left=left, right=right):
            b = _without_numbers(right, numbers, not divides, kind_of)
            if b is None:
                return _without_numbers(left, numbers, divides, kind_of)
            a = _without_numbers(left, numbers, divides, kind_of) if not isinstance(left, Const) else None
            if a is None and not isinstance(left, Const):
                a = Const(1)
            return Binary("/", left if a is None else a, b)
    return node


def _inverse(value: float) -> float:
    return 1 if value == 1 else -1 if value == -1 else 1 / value


def _scaled(node: Expr, number: float) -> Expr:
    """`number * node`, the number at the left end of the product."""
    if number == 1:
        return node
    if number == -1:
        return Unary("-", node)
    return _with_left_end(node, number)


def _with_left_end(node: Expr, number: float) -> Expr:
    match node:
        case Binary(op="*" | "/" as op, left=left, right=right):
            if isinstance(left, Const) and is_number(left):
                return Binary(op, Const(tidy_number(left.value * number, "*", left.value, number)), right)
            return Binary(op, _with_left_end(left, number), right)
    return Binary("*", Const(number), node)


def _signed(node: Expr) -> Expr | None:
    """`x + -2 * y` is `x - 2 * y`."""
    match node:
        case Binary(op="+" | "-" as op, left=left, right=right) if is_negative(right):
            return Binary("-" if op == "+" else "+", left, negated(right))
    return None


def is_negative(node: Expr) -> bool:
    """True for a product that begins with a negative number."""
    number = _left_end(node)
    return number is not None and number < 0


def _left_end(node: Expr) -> float | None:
    while isinstance(node, Binary) and node.op in ("*", "/"):
        node = node.left
        if isinstance(node, Const) and is_number(node):
            return float(node.value)
    return None


def negated(node: Expr) -> Expr:
    """A product with a number at its left end, with the sign of the number changed."""
    assert isinstance(node, Binary)
    if isinstance(node.left, Const):
        number = -node.left.value
        return node.right if number == 1 and node.op == "*" else Binary(node.op, Const(number), node.right)
    return Binary(node.op, negated(node.left), node.right)


def is_mask(node: Expr) -> bool:
    """True for comparisons, and what is put together from them."""
    return isinstance(node, Compare) or (isinstance(node, Binary) and node.op in ("&", "|", "^") and is_mask(node.left))


def _is_integer(node: Expr, kind_of: KindOf) -> bool:
    """`1.0 * n` is a float, `n` is not."""
    if isinstance(node, Const):
        return isinstance(node.value, bool)
    if is_mask(node):
        return True
    if isinstance(node, Conditional):
        sides = (node.then, node.orelse)
        return any(type(side.value) is int if isinstance(side, Const) else _is_integer(side, kind_of) for side in sides)
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
