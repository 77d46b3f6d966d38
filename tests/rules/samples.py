"""At least one use of every rule: an expression of the arguments beside it.

Upper-case names are data, not differentiated. Expressions run at the places given and around them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["SAMPLES", "Sample"]


@dataclass(frozen=True)
class Sample:
    text: str
    args: dict[str, Any]
    #: False where nothing but the kinds tells that the derivative is another one: complex numbers, lists.
    unknown: bool = True

    def __str__(self) -> str:
        shapes = ",".join("x".join(map(str, np.shape(value))) or "s" for value in self.args.values())
        return f"{self.text} [{shapes}]"

    @property
    def wrt(self) -> tuple[str, ...]:
        return tuple(name for name in self.args if not name.isupper())


_RNG = np.random.default_rng(5)


def _positive(*shape: int) -> Any:
    return _RNG.uniform(0.3, 0.9, shape)


def _any(*shape: int) -> Any:
    return np.where(_RNG.uniform(size=shape) < 0.5, -1, 1) * _RNG.uniform(0.3, 1.9, shape)


def _complex(*shape: int) -> Any:
    return _any(*shape) + 1j * _any(*shape)


SAMPLES: list[Sample] = []
_KINDS_NEEDED = (
    "fft",
    "correlate",
    "gradient",
    "meshgrid",
    "complex",
    "norm(x, ord=",
    "norm(x, 3)",
    "eig",
    "qr(",
    "svd(",
    "pinv(",
)


def sample(text: str, **args: Any) -> None:
    plain = not any(np.iscomplexobj(value) or isinstance(value, list) for value in args.values())
    SAMPLES.append(Sample(text, args, plain and not any(part in text for part in _KINDS_NEEDED)))


def each(texts: str, **args: Any) -> None:
    """Several expressions of the same arguments, one per line."""
    for text in texts.strip().splitlines():
        sample(text.strip(), **args)


# ---------------------------------------------------------------- elementwise

UNARY = """
+x
-x
x**2
x**3
x**0.5
x**-1.5
x**1
np.exp(x)
np.exp2(x)
np.expm1(x)
np.log(x)
np.log2(x)
np.log10(x)
np.log1p(x)
np.sqrt(x)
np.cbrt(x)
np.square(x)
np.reciprocal(x)
np.sin(x)
np.cos(x)
np.tan(x)
np.arcsin(x)
np.arccos(x)
np.arctan(x)
np.sinh(x)
np.cosh(x)
np.tanh(x)
np.arcsinh(x)
np.arccosh(1 + x)
np.arctanh(x)
np.radians(x)
np.degrees(x)
np.sinc(x)
np.abs(x)
abs(-x)
np.maximum(x, 0.5)
np.maximum(0.5, x)
np.minimum(x, 0.5)
np.minimum(0.5, x)
np.clip(x, 0.4, 0.7)
np.clip(x, None, 0.7)
np.clip(x, 0.4, None)
np.clip(x, min=0.4)
np.clip(x, max=0.6)
np.clip(x, min=0.4, max=0.6)
np.where(x > 0.5, x, 0.5)
np.where(x > 0.5, x**2, np.sin(x))
np.heaviside(x - 0.5, 0.5) * x
np.sign(x - 0.5) * x
np.nan_to_num(x)
np.real(x)
np.imag(x) + x
np.conjugate(x)
np.angle(x) * x
np.floor(5 * x) * x
2 / x
x / 2
3 - x
2**x
x % 0.35
2.5 % x
x // 0.35 * x
np.round(x, 1) * x
np.copysign(x, -1.0)
"""
BINARY = """
x + y
x - y
x * y
x / y
x**y
x % y
np.logaddexp(x, y)
np.logaddexp2(x, y)
np.arctan2(x, y)
np.hypot(x, y)
np.maximum(x, y)
np.minimum(x, y)
np.fmax(x, y)
np.fmin(x, y)
np.copysign(x, y - 0.5)
np.fmod(x, y)
np.where(x > y, x, y)
np.where(x > 0.5, x * y, x)
np.where(x > 0.5, 1.0, y)
np.clip(x, y, 0.8)
np.clip(x, 0.2, y)
divmod(x, y)
x + 1 - y * 2
(x - y) / (x + y)
"""
each(UNARY, x=_positive(4))
each(BINARY, x=_positive(4), y=_positive(4))
each("np.exp(x)\nnp.sin(x)\nx**3\n1 / x\nnp.sqrt(x)\nnp.log(x)\nnp.tanh(x)\nx * (1 - 2j)\nnp.square(x)", x=_complex(3))
each(
    """
    np.abs(x)
    np.abs(x)**2
    np.real(x)
    np.imag(x)
    np.conj(x)
    np.conj(x) * x
    np.angle(x)
    np.sign(x)
    x.real * x.imag
    x.conj()
    x.conjugate() * 1j
    np.real(x * np.conj(x))
    np.var(x)
    np.std(x)
    np.linalg.norm(x)
    """,
    x=_complex(3),
)
each("x * y\nx / y\nnp.vdot(x, y)\nnp.vdot(y, x)\nx @ y\nnp.abs(x * y)", x=_complex(3), y=_any(3))
each("abs(z)\nabs(z)**2\nz * z\nnp.real(z)\nz.real\nz.imag * z", z=3 + 4j)
each("x**P\nx**P + P", x=_positive(3), P=3)
each("x**P", x=_positive(3), P=2.5)
each("x**P", x=0.7, P=0)

# --------------------------------------------------------------------- scalars

each(
    """
    math.exp(x)
    math.exp2(x)
    math.expm1(x)
    math.log(x)
    math.log(x, 3)
    math.log2(x)
    math.log10(x)
    math.log1p(x)
    math.sqrt(x)
    math.cbrt(x)
    math.sin(x)
    math.cos(x)
    math.tan(x)
    math.asin(x)
    math.acos(x)
    math.atan(x)
    math.sinh(x)
    math.cosh(x)
    math.tanh(x)
    math.asinh(x)
    math.acosh(1 + x)
    math.atanh(x)
    math.erf(x)
    math.erfc(x)
    math.radians(x)
    math.degrees(x)
    math.fabs(-x)
    math.hypot(x)
    math.copysign(x, -2.0)
    math.floor(3 * x) * x
    float(x)
    complex(x)
    complex(x, 2 * x)
    abs(x - 1)
    abs(x)
    int(3 * x) * x
    round(x, 1) * x
    np.float64(x)
    np.longdouble(x)
    np.float64(0 * np.float32(x)) + x
    np.float64(0 * np.float16(x)) + x
    np.complex128(x)
    np.complex128(0 * np.complex64(x)) + x
    np.sin(x)
    x**0.5
    x**0.3
    x**-0.5
    """,
    x=0.7,
)
each(
    """
    math.atan2(x, y)
    math.hypot(x, y)
    math.hypot(x, y, x * y)
    math.copysign(x, y)
    math.fmod(y, x)
    math.remainder(y, x)
    math.pow(x, y)
    math.log(x, y)
    math.fsum([x, y, x * y])
    math.prod([x, y, x * y])
    pow(x, y)
    x**y
    y % x
    divmod(y, x)
    max(x, y)
    min(x, y)
    max(x, y, 0.9)
    min(x, y, x * y)
    max([x, y])
    min([x, y, 0.1])
    max(x, 0)
    sum([x, y])
    sum([x, y], x)
    np.array([x, y, x * y])
    np.array([[x, 0.0], [y, x]])
    np.array([x, y], dtype=float)
    np.asarray([x, 2 * y])
    np.sum([x, y])
    np.mean([x, y])
    np.max([x, y])
    np.prod([x, y, 3.0])
    np.linalg.norm([x, y])
    np.exp([x, y])
    np.hstack([x, y])
    np.stack([x, y])
    np.linspace(x, y, 5)
    np.linspace(x, y, num=5, endpoint=False)
    np.arange(x, 3.0)
    np.arange(x, 3.0, y)
    np.full(3, x)
    np.full((2, 3), x * y, dtype=float)
    """,
    x=0.7,
    y=1.9,
)
each(
    "np.array(x)\nnp.asarray(x)\nsum(x)\nmax(x)\nnp.sum(x)\nmath.fsum(x)\n"
    "np.array(x) ** 2\nnp.linalg.norm(x)\nnp.dot(x, x)",
    x=[0.3, 0.9, -0.4],
)
sample("list(x)", x=_any(3))
sample("tuple(x)", x=_any(3))
sample("np.array(list(x))", x=[0.3, 0.9, -0.4])

# ------------------------------------------------------------------ reductions

_REDUCTIONS = """
np.sum(x{})
np.mean(x{})
np.max(x{})
np.min(x{})
np.prod(x{})
np.var(x{})
np.std(x{})
np.nansum(x{})
"""
for _axes in (
    "",
    ", axis=0",
    ", axis=-1",
    ", axis=(0, 2)",
    ", axis=1, keepdims=True",
    ", keepdims=True",
    ", axis=None",
):
    each(_REDUCTIONS.replace("{}", _axes), x=_any(2, 3, 4))
for _axes in ("", ", axis=0", ", axis=1", ", axis=1, keepdims=True"):
    each(_REDUCTIONS.replace("{}", _axes), x=_any(3, 4))
each(_REDUCTIONS.replace("{}", ""), x=_any(5))
each(_REDUCTIONS.replace("{}", ", 0"), x=_any(5))
each(
    """
    x.sum()
    x.sum(0)
    x.sum(axis=1, keepdims=True)
    x.mean(axis=0)
    x.max()
    x.max(axis=1)
    x.min(axis=0)
    x.prod(axis=1)
    x.var(axis=1)
    x.std(axis=0)
    x.std(ddof=1)
    np.var(x, ddof=1)
    np.std(x, axis=1, ddof=1)
    np.amax(x, axis=0)
    x.cumsum()
    x.cumsum(axis=0)
    np.cumsum(x)
    np.cumsum(x, axis=1)
    np.cumsum(x, axis=-1)
    np.diff(x)
    np.diff(x, axis=0)
    np.diff(x, n=2)
    np.trapezoid(x)
    np.trapezoid(x, dx=0.3, axis=0)
    np.average(x)
    np.average(x, axis=1)
    x.max(axis=1)[x.argmax(axis=0)[0] % 3]
    x.trace()
    x.clip(-0.5, 0.5)
    x.clip(min=0.1)
    x.round(1) * x
    """,
    x=_any(3, 4),
)
each("np.cumsum(x)\nx.cumsum()\nnp.diff(x)\nx.dot(x)\nnp.trapezoid(x)", x=_any(5))
each("np.average(x, weights=y)\nnp.trapezoid(x, y)\nnp.trapezoid(y=x, x=y)".splitlines()[0], x=_any(5), y=_positive(5))
sample("np.trapezoid(x, y)", x=_any(5), y=np.sort(_positive(5)))
sample("np.trapezoid(x, y)", x=_any(3, 5), y=np.sort(_positive(5)))
sample("np.trapezoid(x, y, axis=0)", x=_any(5, 3), y=np.sort(_positive(5)))
_NORMS = """
np.linalg.norm(x)
np.linalg.norm(x, axis={})
np.linalg.norm(x, 2, axis={})
np.linalg.norm(x, 1, axis={})
np.linalg.norm(x, np.inf, axis={})
np.linalg.norm(x, 3, axis={})
np.linalg.norm(x, axis={}, keepdims=True)
"""
each(_NORMS.replace("{}", "0"), x=_any(4))
each(_NORMS.replace("{}", "1"), x=_any(3, 4))
each("np.linalg.norm(x, 'fro')\nnp.linalg.norm(x, axis=(0, 1))\nnp.linalg.norm(x, keepdims=True)", x=_any(3, 4))
each("np.linalg.norm(x, ord=2)\nnp.linalg.norm(x, ord=1)\nnp.linalg.norm(x, 3)", x=_any(4))

# -------------------------------------------------------------------- products

_SHAPES = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4))]
_STACKS = [((5, 2, 3), (3,)), ((3,), (5, 3, 2)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (5, 3, 4))]
_STACKS += [
    ((1, 2, 3), (5, 3, 4)),
    ((6, 1, 2, 3), (5, 3, 4)),
    ((6, 5, 2, 3), (3, 4)),
    ((3,), (6, 5, 3, 2)),
    ((6, 5, 2, 3), (3,)),
]
for _a, _b in _SHAPES + _STACKS:
    each("a @ b\nnp.matmul(a, b)", a=_any(*_a), b=_any(*_b))
for _a, _b in [
    *_SHAPES,
    ((), (3,)),
    ((2, 3), ()),
    ((5, 2, 3), (3,)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (6, 3, 4)),
    ((3,), (5, 3, 2)),
]:
    each("np.dot(a, b)", a=_any(*_a), b=_any(*_b))
each("np.dot(a, b)\nnp.inner(a, b)\nnp.outer(a, b)", a=0.3, b=0.7)
for _a, _b in [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (2, 3)),
    ((2, 3), (4, 3)),
    ((5, 2, 3), (4, 3)),
    ((2, 3), (5, 4, 3)),
]:
    each("np.inner(a, b)", a=_any(*_a), b=_any(*_b))
for _a, _b in [((3,), (4,)), ((2, 3), (4,)), ((2, 3), (4, 2))]:
    each("np.outer(a, b)\nnp.kron(a, b)", a=_any(*_a), b=_any(*_b))
each("np.vdot(a, b)", a=_any(3), b=_any(3))
each("np.vdot(a, b)\na.dot(b.T)", a=_any(2, 3), b=_any(2, 3))
each(
    "np.tensordot(a, b)\nnp.tensordot(a, b, 1)\nnp.tensordot(a, b, axes=([0, 1], [0, 1]))\n"
    "np.tensordot(a, b, axes=([2, 0], [1, 2]))",
    a=_any(3, 3, 3),
    b=_any(3, 3, 3),
)
sample("np.tensordot(a, b, axes=((2, 0), (0, 2)))", a=_any(2, 3, 4), b=_any(4, 5, 2))
each("np.cross(a, b)", a=_any(3), b=_any(3))
each("np.cross(a, b)", a=_any(4, 3), b=_any(3))
each("np.trace(a)\nnp.trace(a, 1)\nnp.trace(a @ a)", a=_any(3, 3))
each("np.trace(a)\nnp.trace(a, offset=-1)", a=_any(3, 4))
sample("np.trace(a)", a=_any(3, 4, 2))

# ---------------------------------------------------------------------- shapes

each(
    """
    np.reshape(x, (6, 4))
    np.reshape(x, -1)
    np.reshape(x, (4, 6), order='F')
    x.reshape(4, 6)
    x.reshape((2, -1))
    x.reshape(-1)
    np.ravel(x)
    x.ravel()
    x.ravel(order='F')
    x.flatten()
    np.transpose(x)
    np.transpose(x, (1, 2, 0))
    np.transpose(x, (-1, 0, 1))
    x.transpose(1, 2, 0)
    x.transpose((2, 0, 1))
    x.transpose()
    x.T
    np.expand_dims(x, 1)
    np.expand_dims(x, (0, -1))
    np.squeeze(x[:, :1])
    np.squeeze(x[:, :1], axis=1)
    x[:1].squeeze()
    np.broadcast_to(x, (5, 2, 3, 4))
    np.broadcast_to(x[:, :1], (2, 3, 4))
    np.atleast_1d(x)
    np.atleast_2d(x)
    np.atleast_3d(x)
    np.swapaxes(x, 0, 2)
    x.swapaxes(1, 2)
    np.moveaxis(x, 0, -1)
    np.moveaxis(x, (0, 1), (-1, 0))
    np.flip(x)
    np.flip(x, 1)
    np.flip(x, axis=(0, 2))
    np.fliplr(x)
    np.flipud(x)
    np.roll(x, 2)
    np.roll(x, 2, axis=1)
    np.roll(x, (1, 2), axis=(0, 2))
    np.rot90(x)
    np.rot90(x, 3, (1, 2))
    np.tril(x)
    np.triu(x, 1)
    np.tril(x, k=-1)
    np.diagonal(x)
    np.diagonal(x, 1)
    x.diagonal()
    np.tile(x, 2)
    np.tile(x, (2, 1, 3))
    np.tile(x, (3, 1, 1, 2))
    np.repeat(x, 2)
    np.repeat(x, 3, axis=1)
    x.repeat(2, axis=-1)
    np.repeat(x, [1, 0, 2], axis=1)
    np.bincount([2, 0, 2, 5], x[0, 0])
    np.take_along_axis(x, np.argsort(x, axis=None), None)
    np.sort(x, axis=None)
    np.take(x, [1, 0, 1])
    np.take(x, [2, 0, 2], axis=1)
    x.take([[0, 1], [1, 1]], axis=0)
    np.take_along_axis(x, np.argsort(x, axis=1), axis=1)
    np.take_along_axis(x, np.argmax(x, axis=2, keepdims=True), 2)
    np.sort(x)
    np.sort(x, axis=0)
    np.pad(x, 1)
    np.pad(x, ((0, 1), (2, 0), (1, 1)))
    np.split(x, 2)
    np.split(x, [1, 2], axis=2)
    np.array_split(x, 2, axis=2)
    np.hsplit(x, [1])
    np.vsplit(x, 2)
    np.copy(x)
    x.copy()
    np.array(x)
    np.asarray(x)
    np.asanyarray(x)
    np.ascontiguousarray(x)
    np.array(x, dtype=float, copy=True)
    x.astype(float)
    x.astype(np.float64)
    x.astype('float64')
    x.astype(int) * x
    np.append(x, x)
    np.append(x, x[:, :1], axis=1)
    np.concatenate((x, x[:, :1]), axis=1)
    np.concatenate([x, 2 * x])
    np.concatenate([x, x[0]], axis=None)
    np.stack([x, x * x])
    np.stack((x, 2 * x), axis=1)
    np.stack((x, 2 * x), axis=-1)
    np.hstack((x, x[:, :2]))
    np.vstack((x, x[:1]))
    np.full_like(x, x[0, 0, 0])
    np.zeros_like(x) + x
    x.size * x
    x.shape[0] * x
    x * len(x) + x.ndim
    """,
    x=_any(2, 3, 4),
)
each(
    """
    np.diag(x)
    np.diag(x, 1)
    np.diag(x, -2)
    np.diagflat(x)
    np.diagflat(x, -1)
    np.atleast_2d(x)
    np.atleast_3d(x)
    x[:, None] * x
    np.concatenate([x, x[:2], np.ones(2)])
    np.hstack((x, x[:2], 2 * x))
    np.hstack([x, 1.0])
    np.vstack([x, 2 * x])
    np.column_stack((x, x**2))
    np.stack([x, np.ones_like(x)])
    np.append(x, 1.0)
    np.append(x, x[0])
    np.flip(x)
    np.roll(x, -1)
    x[::-1] * np.arange(len(x))
    x.tolist()
    np.array([x, 2 * x])
    np.array([x[0], x[1]])
    np.sort(x)[::-1]
    np.repeat(x, 2)
    np.tile(x, 3)
    np.take(x, 1)
    x.T
    np.transpose(x)
    np.outer(x, x)
    np.triu(np.outer(x, x))
    np.squeeze(x[:, None])
    """,
    x=_any(4),
)
each(
    "np.diag(x)\nnp.diag(x, 1)\nx.T @ x\nnp.column_stack((x, x[:, 0]))\nx.T\nnp.rot90(x)\nnp.vstack((x, x[0]))",
    x=_any(3, 4),
)
each("np.diag(x)\nnp.diag(x @ x)\nnp.diagflat(x)\nnp.diagflat(x, 1)\nx.T * x", x=_any(3, 3))
each("x.item()\nfloat(x[0])\nx[0].item()\nnp.squeeze(x)\nx.reshape(())", x=_any(1))
each(
    "np.full(3, x)\nnp.atleast_1d(x)\nnp.ravel(x)\nnp.reshape(x, (1, 1))\nx.reshape(1)\nfloat(x)\nx.item()",
    x=np.array(0.4),
)
sample("np.full((2, 3), x)", x=_any(3))
each(
    "np.concatenate((x, Y))\nnp.stack((x, Y))\nnp.where(Y > 0, x, Y)\n"
    "x * Y\nnp.maximum(x, Y)\nY % (x + 3)\nnp.clip(x, Y, 5)",
    x=_any(3),
    Y=_any(3),
)
each(
    "x + Y\nx % Y\nnp.where(Y > 0, x, 0)\nnp.clip(x, Y - 3, 5)\nnp.copysign(x, Y)\nx - Y\nY - x\nx * Y",
    x=0.3,
    Y=_any(3),
)

# -------------------------------------------------------------- linear algebra

_SQUARE = _any(3, 3) + 3 * np.eye(3)
_SYMMETRIC = _SQUARE @ _SQUARE.T
each("np.linalg.inv(a)\nnp.linalg.det(a)\nnp.linalg.slogdet(a)[1]\nnp.linalg.slogdet(a)", a=_SQUARE)
each("np.linalg.inv(a)\nnp.linalg.det(a)\nnp.linalg.slogdet(a)[1]", a=np.stack([_SQUARE, 2 * _SQUARE, _SYMMETRIC]))
each("np.linalg.solve(a, b)\nnp.linalg.solve(a, 2 * b) * b", a=_SQUARE, b=_any(3))
each("np.linalg.solve(a, b)", a=_SQUARE, b=_any(3, 2))
each("np.linalg.solve(a, b)", a=np.stack([_SQUARE, _SYMMETRIC]), b=_any(2, 3, 2))
each("np.linalg.solve(a, b)", a=np.stack([_SQUARE, _SYMMETRIC]), b=_any(3, 2))
each("np.linalg.solve(A, b)", A=_SQUARE, b=_any(3))
each("np.linalg.solve(a, B)", a=_SQUARE, B=_any(3))
each("np.linalg.cholesky(a)\nnp.linalg.eigvalsh(a)\nnp.linalg.eigh(a)[0]\nnp.linalg.eigh(a)", a=_SYMMETRIC)
each("np.linalg.cholesky(a)", a=np.stack([_SYMMETRIC, _SQUARE @ _SYMMETRIC @ _SQUARE.T]))
for _power in (1, 2, 3, -1):
    each(f"np.linalg.matrix_power(a, {_power})", a=_SQUARE)
each(
    "np.einsum('ij,jk->ik', a, b)\nnp.einsum('ij,jk', a, b)\nnp.einsum('ij,jk->k', a, b)\nnp.einsum('ij,kl->jl', a, b)",
    a=_any(2, 3),
    b=_any(3, 4),
)
each(
    "np.einsum('ij->ji', a)\nnp.einsum('ij->j', a)\nnp.einsum('ij->', a)\n"
    "np.einsum('ij,ij->i', a, a)\nnp.einsum('ij,kj,lj->ikl', a, a, 2 * a)",
    a=_any(2, 3),
)
sample("np.einsum('a,ab,bc,c->', x, y @ y.T, y, z)", x=_any(3), y=_any(3, 3), z=_any(3))

each("np.linalg.pinv(a)\nnp.linalg.qr(a)\nnp.linalg.qr(a)[1]\nnp.linalg.svd(a, compute_uv=False)", a=_any(4, 3))
each("np.matrix_transpose(a)\na.mT @ a", a=_any(4, 3))
each("np.linalg.pinv(a)\nnp.linalg.svd(a, compute_uv=False)", a=_any(3, 4))
for _shape in ((3, 3), (4, 3), (3, 4)):
    each("np.linalg.svd(a, full_matrices=False)\nnp.linalg.svd(a, full_matrices=False)[2]", a=_any(*_shape))
each("np.linalg.qr(a)\nnp.linalg.pinv(a)", a=_SQUARE)

# ----------------------------------------------------------------------- others

for _axes in ("", ", axis=0", ", axis=-1, keepdims=True"):
    each("np.ptp(x{})\nnp.median(x{})\nnp.nanmean(x{})".replace("{}", _axes), x=_any(3, 4))
each("np.cumprod(x)\nnp.cumprod(x, axis=1)\nnp.cumprod(x, 0)\nx.cumprod(axis=0)", x=_any(3, 4))
each("np.median(x)\nnp.cumprod(x)", x=_any(5))
each("np.polyval(x, 0.3)\nnp.polyval(x, x[:3])\nnp.polyder(x)\nnp.polyval(x, np.outer(x, x))", x=_any(4))
sample("np.polyval(c, x)", c=_any(4), x=0.7)
sample("np.polyval([c, 1.0, x], x)", c=0.3, x=0.7)
sample("np.vander(X, 3) @ a", X=_any(4), a=_any(3))
sample("np.broadcast_arrays(x, y)", x=_any(3, 1), y=_any(4))
sample("np.broadcast_arrays(x, y)[1] * x", x=_any(3, 1), y=_any(4))
sample("np.sum(x[np.where(x > 0)[0]] ** 2)", x=_any(5))
each(
    """
    np.sum(x, axis=AXIS)
    np.mean(x, axis=AXIS) * np.max(x, axis=AXIS)
    np.prod(x, axis=AXIS, keepdims=True)
    np.var(x, axis=AXIS)
    np.cumsum(x, AXIS)
    np.flip(x, AXIS)
    np.concatenate((x, x), AXIS)
    np.stack((x, x), AXIS)
    np.expand_dims(x, AXIS)
    np.linalg.norm(x, axis=AXIS)
    """,
    x=_any(3, 4),
    AXIS=1,
)
sample("np.transpose(x, AXES)", x=_any(2, 3, 4), AXES=(1, 2, 0))
sample("np.roll(x, SHIFT, axis=(0, 1))", x=_any(3, 4), SHIFT=(1, 2))
sample("np.sum(x, axis=AXES)", x=_any(2, 3, 4), AXES=(0, 2))
sample("np.sum(x, KEEP, keepdims=True)", x=_any(2, 3, 4), KEEP=None)
sample("np.sum(x, 1, keepdims=KEEP)", x=_any(2, 3, 4), KEEP=True)

# ------------------------------------------------ signals, special functions, grids

each("math.gamma(1 + x)\nmath.lgamma(x)\nmath.lgamma(x + 30)\nmath.gamma(x - 3)\nmath.modf(3 * x)[0]", x=0.7)
each(
    """
    math.hypot(x, y, x * y, 2.0)
    math.dist([x, y], [0.1, x * y])
    max(x, y, x * y, 2 * x)
    min(x, y, x * y, 2 * x, 0.9)
    """,
    x=0.7,
    y=1.3,
)
for _mode in ("full", "same", "valid"):
    each(
        f"np.convolve(a, v, {_mode!r})\nnp.convolve(v, a, {_mode!r})\nnp.correlate(a, v, {_mode!r})",
        a=_any(6),
        v=_any(3),
    )
    sample(f"np.convolve(a, v, {_mode!r})", a=_any(5), v=_any(4))
    sample(f"np.correlate(a, v, {_mode!r})", a=_any(3), v=_any(5))
each(
    """
    np.real(np.fft.fft(x) * np.arange(6) + np.fft.ifft(x * x))
    np.abs(np.fft.rfft(x)) ** 2
    np.imag(np.fft.fft(x, norm="ortho") * np.fft.fftshift(np.fft.ifft(x * x)))
    np.fft.ifftshift(x) * x
    """,
    x=_any(6),
)
sample("np.abs(np.fft.rfft(x, axis=0)) ** 2", x=_any(5, 2))
each(
    "np.real(np.fft.fft2(x)) * x\nnp.abs(np.fft.fftn(x)) ** 2\nnp.real(np.fft.ifft2(x) * np.fft.ifftn(x))", x=_any(3, 4)
)
sample("np.fft.fft(x) * np.fft.ifft(x)", x=_complex(4))
sample("np.fft.fftfreq(4, d)", d=0.3)
sample("np.fft.rfftfreq(5, d)", d=0.3)
sample("np.nextafter(a, b) * a", a=_any(3), b=_any(3))
sample("np.interp(x, xp, fp)", x=_positive(5), xp=np.array([0.2, 0.41, 0.55, 1.0]), fp=_any(4))
sample("np.interp(x, xp, fp)", x=0.47, xp=np.array([0.2, 0.41, 0.55, 1.0]), fp=_any(4))
sample("np.interp(x, XP, fp)", x=np.array([-0.5, 0.3, 1.7]), XP=np.array([0.2, 0.41, 1.0]), fp=_any(3))
each("np.gradient(f)\nnp.gradient(f, 0.3)\nnp.gradient(f, h)", f=_any(5), h=0.4)
each("np.gradient(f, axis=0)\nnp.gradient(f, h, axis=1)\nnp.gradient(f, axis=-1)", f=_any(3, 4), h=0.4)
each("np.nanmax(x)\nnp.nanmin(x, axis=0)\nnp.nanmax(x, axis=1, keepdims=True)", x=_any(3, 4))
sample("np.unwrap(x)", x=np.array([0.3, 3.0, -2.9, 0.7]))
each("np.dstack([x, y])\nnp.dstack((x, y, x * y))", x=_any(2, 3), y=_any(2, 3))
sample("np.dstack([x, y])", x=_any(3), y=_any(3))
sample("np.meshgrid(x, y)[0] * np.meshgrid(x, y)[1]", x=_any(3), y=_any(4))
sample("np.meshgrid(x, y, indexing='ij')[0] ** 2", x=_any(3), y=_any(4))
sample("np.meshgrid(x, y, x)[2] ** 2", x=_any(3), y=_any(2))
each(
    """
    cmath.exp(z) * cmath.log(z)
    cmath.log10(z) + cmath.sqrt(z)
    cmath.sin(z) * cmath.cos(z) * cmath.tan(z)
    cmath.asin(z) + cmath.acos(z) * cmath.atan(z)
    cmath.sinh(z) * cmath.cosh(z) + cmath.tanh(z)
    cmath.asinh(z) * cmath.atanh(z)
    cmath.phase(z) * z
    """,
    z=0.7 + 0.4j,
)
