"""What is measured: a function and its derivative written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Work"]


@dataclass(frozen=True)
class Work:
    """One row of the table.

    `by_hand` is called with the arguments and the tangents; without tangents the work is a gradient, with them forward
    mode. `wrt` is one position or a tuple of them. `jax_primal` is the same function as a user of JAX writes it, where
    plain NumPy will not do. `without` names the peers that would take minutes.
    """

    name: str
    primal: Callable[..., Any]
    by_hand: Callable[..., Any]
    arguments: tuple[Any, ...]
    wrt: int | tuple[int, ...] = 0
    tangents: tuple[Any, ...] = ()
    jax_primal: Callable[..., Any] | None = None
    without: tuple[str, ...] = ()
