"""What is claimed of a function at a point: its derivatives, whoever made them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Claim", "Gradient", "Jvp", "Values", "Vjp"]

#: One value for each argument that is differentiated with respect to.
Values = tuple[Any, ...]
#: (primals, tangents) → (value, tangent), the value None if it does not come with the tangent
Jvp = Callable[[Values, Values], tuple[Any, Any]]
#: primals → (value, pullback), the pullback from a cotangent to the adjoints
Vjp = Callable[[Values], tuple[Any, Callable[[Any], Values]]]
#: primals → (value, gradients), the value None if it does not come with them
Gradient = Callable[[Values], tuple[Any, Values]]


@dataclass(frozen=True)
class Claim:
    """A function of the arguments `names`, others being fixed, at `values`, with what are said to be its derivatives.

    `labels` names the derivatives in a table: of the mode fwd, of the mode rev, the gradient.
    """

    function: Callable[[Values], Any]
    names: tuple[str, ...]
    values: Values
    title: str
    labels: tuple[str, str, str]
    jvp: Jvp | None = None
    vjp: Vjp | None = None
    gradient: Gradient | None = None
