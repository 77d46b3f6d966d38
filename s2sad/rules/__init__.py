"""The derivative rules, one file per part of NumPy; importing the package registers them."""

from s2sad.rules import (
    broadcasting,
    einsum,
    elementwise,
    linalg,
    operators,
    polynomials,
    products,
    reductions,
    scalars,
    shapes,
    zeros,
)

__all__ = [
    "broadcasting",
    "einsum",
    "elementwise",
    "linalg",
    "operators",
    "polynomials",
    "products",
    "reductions",
    "scalars",
    "shapes",
    "zeros",
]
