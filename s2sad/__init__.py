"""Source-to-source automatic differentiation of plain Python and NumPy."""

__version__ = "0.1.0"

from s2sad.api import grad, jvp, source, value_and_grad, vjp
from s2sad.cache import CacheWarning
from s2sad.errors import ArgumentError, ArgumentValueError, DifferentiationError, S2sadError

__all__ = [
    "ArgumentError",
    "ArgumentValueError",
    "CacheWarning",
    "DifferentiationError",
    "S2sadError",
    "grad",
    "jvp",
    "source",
    "value_and_grad",
    "vjp",
]
