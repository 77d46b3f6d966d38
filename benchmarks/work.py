"""What is measured: a function and its derivative written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["LIMIT", "Work"]

#: Generated ÷ by hand, at most.
LIMIT = 1.15


@dataclass(frozen=True)
class Work:
    """One row of the table.

    `operator` is the name of what is measured; `by_hand` is called with the arguments and, for forward mode, the tangents.
    `wrt` is one position or a tuple of them. `jax_primal` is the same function as a user of JAX writes it, where
    plain NumPy will not do. `without` names the peers that would take minutes. `limit` is what the generated
    derivative may take, by hand being 1.
    """

    name: str
    primal: Callable[..., Any]
    by_hand: Callable[..., Any]
    arguments: tuple[Any, ...]
    wrt: int | tuple[int, ...] = 0
    tangents: tuple[Any, ...] = ()
    jax_primal: Callable[..., Any] | None = None
    without: tuple[str, ...] = ()
    operator: str = "grad"
    limit: float = LIMIT
