"""What a derivative is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["MODES", "Mode", "Options"]

Mode = Literal["jvp", "vjp", "grad", "value_and_grad"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class Options:
    """The operator and its arguments, as far as the generated text depends on them.

    `wrt` holds parameter names in the order of the results; `bare` says that one gradient is returned as it is, not in a
    tuple. `has_aux`: the function returns (value, aux) and only the value is differentiated.
    """

    mode: Mode
    wrt: tuple[str, ...]
    bare: bool = True
    has_aux: bool = False
