"""The derivative rules, one file per part of NumPy; importing the package registers them."""

from s2sad.rules import broadcasting, elementwise, operators, reductions

__all__ = ["broadcasting", "elementwise", "operators", "reductions"]
