"""The derivative rules, one file per part of NumPy; importing the package registers them."""

from s2sad.rules import (
    broadcasting,
    creation,
    einsum,
    elementwise,
    joining,
    linalg,
    marks,
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
    "creation",
    "einsum",
    "elementwise",
    "joining",
    "linalg",
    "marks",
    "operators",
    "polynomials",
    "products",
    "reductions",
    "scalars",
    "shapes",
    "zeros",
]
