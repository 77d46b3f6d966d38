"""The derivative rules, one file per part of NumPy; importing the package registers them."""

from s2sad.rules import broadcasting, elementwise, operators, products, reductions, scalars, shapes, zeros

__all__ = ["broadcasting", "elementwise", "operators", "products", "reductions", "scalars", "shapes", "zeros"]
