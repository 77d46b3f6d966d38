"""A loop of 10 000 rounds with 20 snapshots: memory ÷ that of the snapshots, time ÷ what the schedule predicts."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks.measure import seconds

__all__ = ["Checkpoints", "checkpoints", "checkpoints_table"]

ROUNDS = 10_000
SNAPSHOTS = 20
SIZE = 2000
REPEATS = 3


def marching(u, c, n):
    for _ in range(n):  # s2sad: checkpoint(20)
        u = u + c * np.sin(u)
    return np.sum(u**2)


def marching_with_all_states(u, c, n):
    for _ in range(n):
        u = u + c * np.sin(u)
    return np.sum(u**2)


@dataclass(frozen=True)
class Checkpoints:
    """memory: the peak of the gradient ÷ what the snapshots take
    time: that of the gradient ÷ that of one with all states saved and of the rounds that are run again
    again: how often each round is run again, on average
    """

    memory: float
    time: float
    again: float


def checkpoints() -> Checkpoints:
    import s2sad

    u, c = np.linspace(0, 1, SIZE), 1e-4
    gradient, full = (s2sad.grad(f, wrt=("u", "c")) for f in (marching, marching_with_all_states))
    # The rounds of a shorter loop cost as much, and all their states fit the memory.
    few = ROUNDS // 20
    for one, other in zip(gradient(u, c, few), full(u, c, few), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    space: dict[str, Any] = {}
    exec(gradient.source, space)
    again = rounds_again(ROUNDS, SNAPSHOTS, space["_ahead"])
    times = [
        (
            seconds(lambda: gradient(u, c, ROUNDS), 1),
            seconds(lambda: full(u, c, few), 1),
            seconds(lambda: marching(u, c, few), 1),
        )
        for _ in range(REPEATS)
    ]
    taken, saving, running = map(min, zip(*times, strict=True))
    predicted = saving * ROUNDS / few + running * again / few
    return Checkpoints(peak(lambda: gradient(u, c, ROUNDS)) / (SNAPSHOTS * u.nbytes), taken / predicted, again / ROUNDS)


def rounds_again(rounds: int, snapshots: int, ahead: Callable[[int, int], int]) -> int:
    """How many rounds the schedule runs again."""
    found = 0
    waiting = [(rounds, snapshots)]
    while waiting:
        rounds, snapshots = waiting.pop()
        if rounds > 1:
            first = ahead(rounds, snapshots)
            found += first
            waiting += [(first, snapshots), (rounds - first, snapshots - 1)]
    return found


def peak(call: Callable[[], Any]) -> float:
    tracemalloc.start()
    call()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def checkpoints_table(found: Checkpoints) -> Table:
    table = Table(title=f"a loop of {ROUNDS:,} rounds with {SNAPSHOTS} snapshots")
    table.add_column("what")
    table.add_column("measured", justify="right")
    table.add_column("aim", justify="right")
    table.add_row("memory ÷ that of the snapshots", f"{found.memory:.2f}", "< 1.5")
    table.add_row("time ÷ that of the rounds of the schedule", f"{found.time:.2f}", "< 1.1")
    table.add_row("a round is run again, on average", f"{found.again:.2f} times", "")
    return table
