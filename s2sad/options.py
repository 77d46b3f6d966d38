"""What a derivative is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

__all__ = ["MODES", "WITH_TANGENTS", "Mode", "Options"]

Mode = Literal[
    "jvp",
    "vjp",
    "grad",
    "value_and_grad",
    "jacfwd",
    "jacrev",
    "jacobian",
    "hessian",
    "hvp",
    "derivative",
    "elementwise_grad",
    "tangent",
    "adjoint",
]
#: The operators. `tangent` and `adjoint` are steps of others: a jvp without the value, and a gradient for a given adjoint of
#: the result, which is one more argument.
MODES: tuple[Mode, ...] = tuple(mode for mode in get_args(Mode) if mode not in ("tangent", "adjoint"))


#: The operators whose derivative takes a tangent for each argument of `wrt`, behind the arguments.
WITH_TANGENTS = ("jvp", "hvp", "tangent")


@dataclass(frozen=True)
class Options:
    """The operator and its arguments, as far as the generated text depends on them.

    `wrt` holds parameter names in the order of the results; `bare` says that one gradient is returned as it is, not in a
    tuple. `has_aux`: the function returns (value, aux) and only the value is differentiated. `outputs` are parameters that the
    function changes, which are its results. `inner` is the derivative that
    this one is taken of, None for one of the function itself. `asked` is the operator of which this one is a step.
    """

    mode: Mode
    wrt: tuple[str, ...]
    bare: bool = True
    has_aux: bool = False
    outputs: tuple[str, ...] = ()
    inner: Options | None = None
    asked: Mode | None = field(default=None, compare=False, repr=False)
