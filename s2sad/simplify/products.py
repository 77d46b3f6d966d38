"""Products as one writes them: from left to right, the sign on a number or in front, so that it costs nothing; a sum of
products of two vectors as their inner product.

The last digits may be others, so what is compared stays as it is: where the largest element is looked for, it has to be equal.
"""

from __future__ import annotations

from collections.abc import Callable

from s2sad.ir import Binary, Call, Compare, Const, Expr, Global, Name, Unary
from s2sad.kind import Array, Kind, Number, same_shape
from s2sad.rules import registry
from s2sad.traversal import map_children

__all__ = ["with_inner_products", "with_plain_products"]

KindOf = Callable[[Expr], Kind]


def with_plain_products(node: Expr, kind_of: KindOf) -> Expr:
    """`-(a * (b * c))` as `-a * b * c`, where that takes no more operations on arrays."""
    if _jumps(node):
        return node
    current = map_children(node, lambda child: with_plain_products(child, kind_of))
    match current:
        case Unary(op="-", operand=Binary(op="*" | "/") as product):
            return _negative(product, kind_of)
        case Binary(op="*", left=left, right=Binary(op="*" as op, left=middle, right=right)):
            if _is_number(left, kind_of) or not _is_number(middle, kind_of):
                return Binary(op, Binary("*", left, middle), right)
    return current


def with_inner_products(node: Expr, kind_of: KindOf) -> Expr:
    """`np.sum(a * b)` of two vectors of one length as `a @ b`, which makes no third one."""
    if _jumps(node):
        return node
    current = map_children(node, lambda child: with_inner_products(child, kind_of))
    match current:
        case Call(func=Global(dotted="numpy.sum"), args=(Binary(op="*", left=left, right=right),), keywords=()):
            if _are_vectors(kind_of(left), kind_of(right)):
                return Binary("@", right, left) if isinstance(left, Binary) else Binary("@", left, right)
        case Binary(op="*", left=Binary(op="@") as inner, right=Name() as number) if _is_number(number, kind_of):
            return Binary("*", number, inner)
    return current


def _jumps(node: Expr) -> bool:
    """True for what the last digit of an operand may decide."""
    return isinstance(node, Compare) or (isinstance(node, Call) and registry.is_constant(registry.key_of(node) or ""))


def _are_vectors(a: Kind, b: Kind) -> bool:
    match a, b:
        case Array(dtype="float64", shape=(_,)), Array(dtype="float64"):
            return same_shape(a, b)
    return False


def _is_number(node: Expr, kind_of: KindOf) -> bool:
    return isinstance(kind_of(node), Number)


def _negative(product: Expr, kind_of: KindOf) -> Expr:
    """The sign on the first factor that is a number, else on the first factor."""
    return _on_number(product, kind_of) or _on_first(product)


def _on_number(node: Expr, kind_of: KindOf) -> Expr | None:
    match node:
        case Const(value=value):
            return Const(-value)
        case Binary(op="*" | "/" as op, left=left, right=right):
            found = _on_number(left, kind_of)
            if found is not None:
                return Binary(op, found, right)
            if op == "*" and (other := _on_number(right, kind_of)) is not None:
                return Binary(op, left, other)
            return None
    return Unary("-", node) if _is_number(node, kind_of) and not isinstance(node, Binary) else None


def _on_first(node: Expr) -> Expr:
    match node:
        case Binary(op="*" | "/" as op, left=left, right=right):
            return Binary(op, _on_first(left), right)
    return Unary("-", node)
