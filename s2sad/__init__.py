"""Source-to-source automatic differentiation of plain Python and NumPy."""

__version__ = "0.1.0"

from s2sad.api import (
    derivative,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    source,
    value_and_grad,
    vjp,
)
from s2sad.cache import CacheWarning
from s2sad.custom import checkpoint, custom_jvp, custom_vjp, defjvp, defvjp, rule, stop_gradient
from s2sad.errors import ArgumentError, ArgumentValueError, DifferentiationError, S2sadError

__all__ = [
    "ArgumentError",
    "ArgumentValueError",
    "CacheWarning",
    "DifferentiationError",
    "S2sadError",
    "checkpoint",
    "custom_jvp",
    "custom_vjp",
    "defjvp",
    "defvjp",
    "derivative",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "rule",
    "source",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]
