"""Vector forms of products: the direction's axis goes in front, and the rest is one product of larger arrays."""

from __future__ import annotations

from s2sad.ir import Const, Expr, ListOf, TupleOf
from s2sad.rules import products
from s2sad.rules.batching import Operands, align, aligned, batched, maker
from s2sad.rules.broadcasting import literal_axes
from s2sad.rules.when import any_of, literal, rank, scalar
from s2sad.syntax import template

__all__: list[str] = []

_SCALAR = any_of(scalar("a"), scalar("b"), rank(a=0), rank(b=0))
_VECTORS, _MATRIX_VECTOR, _MATRICES = rank(a=1, b=1), rank(a=2, b=1), rank(a=2, b=2)

aligned("np.kron")
batched("y = np.cross(a, b)", "a", "np.cross(_raised(a, b), b)")
batched("y = np.cross(a, b)", "b", "np.cross(a, _raised(b, a))")

batched("y = a @ b", "a", "a @ b", when=any_of(rank(b=1), rank(b=2)))
batched("y = a @ b", "a", "(_raised(a, b) @ b)[..., 0, :]", when=rank(a=1))
batched("y = a @ b", "a", "_raised(a, b) @ b")
batched("y = a @ b", "b", "b @ a", when=_VECTORS)
batched("y = a @ b", "b", "b @ _transpose(a)", when=_MATRIX_VECTOR)
batched("y = a @ b", "b", "np.moveaxis(a @ b.T, -1, 0)", when=rank(b=1))
batched("y = a @ b", "b", "a @ _raised(b, a)")

# `np.dot` of more than two axes does not use BLAS, `@` does.
batched("y = np.dot(a, b)", "a", "_aligned(a) * b", when=_SCALAR)
batched("y = np.dot(a, b)", "a", "a @ b", when=any_of(rank(b=1), rank(b=2)))
batched("y = np.dot(a, b)", "a", "np.dot(a, b)")
batched("y = np.dot(a, b)", "b", "a * _aligned(b)", when=_SCALAR)
batched("y = np.dot(a, b)", "b", "b @ a", when=_VECTORS)
batched("y = np.dot(a, b)", "b", "b @ _transpose(a)", when=_MATRIX_VECTOR)
batched("y = np.dot(a, b)", "b", "np.moveaxis(a @ b.T, -1, 0)", when=rank(b=1))
batched("y = np.dot(a, b)", "b", "a @ b", when=any_of(rank(a=1, b=2), _MATRICES))
batched("y = np.dot(a, b)", "b", "_in_front(np.dot(a, b), a, 1)")

batched("y = np.inner(a, b)", "a", "_aligned(a) * b", when=_SCALAR)
batched("y = np.inner(a, b)", "a", "a @ b", when=rank(b=1))
batched("y = np.inner(a, b)", "a", "a @ _transpose(b)", when=rank(b=2))
batched("y = np.inner(a, b)", "a", "np.inner(a, b)")
batched("y = np.inner(a, b)", "b", "a * _aligned(b)", when=_SCALAR)
batched("y = np.inner(a, b)", "b", "b @ a", when=rank(a=1))
batched("y = np.inner(a, b)", "b", "b @ _transpose(a)", when=_MATRIX_VECTOR)
batched("y = np.inner(a, b)", "b", "a @ b.swapaxes(1, 2)", when=_MATRICES)
batched("y = np.inner(a, b)", "b", "_in_front(np.inner(a, b), a, 1)")

batched("y = np.outer(a, b)", "a", "_vectors(a)[:, :, None] * _vector(b)")
batched("y = np.outer(a, b)", "b", "_vector(a)[:, None] * _vectors(b)[:, None]")
batched("y = np.vdot(a, b)", "a", "_vectors(a) @ _vector(b)")
batched("y = np.vdot(a, b)", "b", "_vectors(b) @ _vector(a)")
batched("y = np.tensordot(a, b, axes=2)", "a", "np.tensordot(a, b, axes)", when=literal("axes"))
batched("y = np.tensordot(a, b, axes=2)", "a", "np.tensordot(a, b, _left_axes(a, b, axes))")
batched("y = np.tensordot(a, b, axes=2)", "b", "_in_front(np.tensordot(a, b, _right_axes(a, b, axes)), a, axes)")
batched("y = np.trace(x, offset=0)", "x", "np.trace(x, offset, 1, 2)")

for _names in ("a, b, c, d", "a, b, c", "a, b", "a"):
    for _position, _name in enumerate(_names.split(", ")):
        batched(
            f"y = np.einsum(subscripts, {_names})",
            _name,
            f"np.einsum(_with_letter(subscripts, {_position}), {_names})",
        )

batched("y = np.linalg.solve(a, b)", "b", "np.linalg.solve(a, b.T).T", when=rank(a=2, b=1))
# All right-hand sides side by side: the matrix is factorised once.
batched(
    "y = np.linalg.solve(a, b)",
    "b",
    "np.linalg.solve(a, b.swapaxes(0, 1).reshape(len(a), -1)).reshape(len(a), *b.shape[::2]).swapaxes(0, 1)",
    when=rank(a=2, b=2),
)
batched("y = np.linalg.solve(a, b)", "b", "np.moveaxis(np.linalg.solve(a, b.T), -1, 0)", when=rank(b=1))
batched("y = np.linalg.solve(a, b)", "b", "np.linalg.solve(a, _raised(b, a))")
batched("y = _cofactors_forward(t, a)", "t", "_cofactors_forward(t, a)")
batched("y = np.matrix_transpose(x)", "x", "np.swapaxes(x, -1, -2)")
batched("y = _matrix_transpose(x)", "x", "np.swapaxes(x, -1, -2)")


@maker("_raised")
def _raised(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """The first operand with axes of length 1, so that it has as many as the other one and the leading axis."""
    a, b = args
    m, n = of.rank(a), of.rank(b)
    return None if m is None or n is None else align(a, m, max(m, n))


@maker("_transpose")
def _transpose(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    (matrix,) = args
    return products.transposed(matrix)


@maker("_vector")
def _vector(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """An operand without the leading axis, as a vector."""
    (x,) = args
    return x if of.rank(x) == 1 else template("np.ravel(x)", x=x)


@maker("_in_front")
def _in_front(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """A product in which the axes left of `a` come first, with the axis of the directions before them."""
    product, a, summed = args
    rank_of_a = of.rank(a)
    count = _number_of_axes(summed)
    if rank_of_a is None or count is None:
        return None
    if rank_of_a == count:
        return product
    return template("np.moveaxis(y, k, 0)", y=product, k=Const(rank_of_a - count))


def _number_of_axes(axes: Expr) -> int | None:
    match axes:
        case Const(value=int() as count):
            return count
        case (
            TupleOf(items=(TupleOf(items=p) | ListOf(items=p), _))
            | ListOf(items=(TupleOf(items=p) | ListOf(items=p), _))
        ):
            return len(p)
    return None


def _pair(axes: Expr, a: Expr, b: Expr, of: Operands) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The axes of both operands that `np.tensordot` sums over."""
    m, n = of.rank(a), of.rank(b)
    if m is None or n is None:
        return None
    match axes:
        case Const(value=int() as count):
            return tuple(range(m - count, m)), tuple(range(count))
        case TupleOf(items=(p, q)) | ListOf(items=(p, q)):
            left, right = _in_order(p, m), _in_order(q, n)
            return None if left is None or right is None else (left, right)
    return None


def _in_order(axes: Expr, rank_of_operand: int) -> tuple[int, ...] | None:
    """Literal axes in the order in which they are written."""
    items = axes.items if isinstance(axes, TupleOf | ListOf) else (axes,)
    found = [literal_axes(item, rank_of_operand) for item in items]
    return None if None in found else tuple(one[0] for one in found if one)


def _literal_pair(left: tuple[int, ...], right: tuple[int, ...]) -> Expr:
    return TupleOf(tuple(TupleOf(tuple(map(Const, axes))) for axes in (left, right)))


@maker("_left_axes")
def _left_axes(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    a, b, axes = args
    pair = _pair(axes, a, b, of)
    return None if pair is None else _literal_pair(tuple(axis + 1 for axis in pair[0]), pair[1])


@maker("_right_axes")
def _right_axes(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    a, b, axes = args
    pair = _pair(axes, a, b, of)
    return None if pair is None else _literal_pair(pair[0], tuple(axis + 1 for axis in pair[1]))


@maker("_with_letter")
def _with_letter(args: tuple[Expr, ...], of: Operands) -> Expr | None:
    """The subscripts with one letter more in front of an operand and of the result."""
    subscripts, position = args
    if not isinstance(subscripts, Const) or not isinstance(position, Const) or "." in subscripts.value:
        return None
    inputs, _, output = subscripts.value.replace(" ", "").partition("->")
    if "->" not in subscripts.value:
        output = "".join(sorted(letter for letter in set(inputs) - {","} if inputs.count(letter) == 1))
    free = next(letter for letter in "zyxwvutsrqponmlkjihgfedcba" if letter not in inputs)
    parts = inputs.split(",")
    parts[position.value] = free + parts[position.value]
    return Const(f"{','.join(parts)}->{free}{output}")
