"""Time as ratios: everybody runs once in every round, and what counts is the median over the rounds.

Absolute times drift by up to 80 % on a shared machine; ratios within a round stay within a few per cent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from itertools import repeat
from statistics import median
from typing import Any

import numpy as np

__all__ = ["check", "flatten", "median_ratio", "rounds"]

ROUND_SECONDS = 0.02
ROUNDS = 15
#: Somebody who needs longer than this for one call runs in a few rounds only.
SLOW_SECONDS = 0.2
SLOW_ROUNDS = 3

Times = dict[str, list[float]]


def seconds(call: Callable[[], Any], calls: int) -> float:
    """The time of one call, over `calls` of them."""
    start = time.perf_counter()
    for _ in repeat(None, calls):
        call()
    return (time.perf_counter() - start) / calls


def calls_per_round(call: Callable[[], Any]) -> int:
    call()
    return max(1, round(ROUND_SECONDS / max(seconds(call, 3), 1e-9)))


def rounds(contenders: Mapping[str, Callable[[], Any]]) -> Times:
    """The time of everybody in every round; the first run of each, which may compile or generate, is left out."""
    calls = {name: calls_per_round(call) for name, call in contenders.items()}
    times: Times = {name: [] for name in contenders}
    for number in range(ROUNDS):
        for name, call in contenders.items():
            slow = times[name] and times[name][0] > SLOW_SECONDS
            if not (slow and number >= SLOW_ROUNDS):
                times[name].append(seconds(call, calls[name]))
    return times


def median_ratio(times: Times, above: str, below: str) -> float | None:
    """The median of the ratios round by round; None where one of the two did not run."""
    if above not in times or below not in times:
        return None
    return median(a / b for a, b in zip(times[above], times[below], strict=False))


def check(contenders: Mapping[str, Callable[[], Any]], tolerance: float = 1e-8) -> None:
    """Raises AssertionError where a derivative is not the one by hand."""
    expected = flatten(contenders["by hand"]())
    for name, call in contenders.items():
        if name in ("primal", "by hand"):
            continue
        got = flatten(call())
        assert len(got) == len(expected), f"{name}: {len(got)} results in place of {len(expected)}"
        for one, other in zip(got, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance, err_msg=name)


def flatten(result: Any) -> list[Any]:
    """The arrays and numbers of a result in order, however it is nested."""
    if isinstance(result, tuple | list):
        return [leaf for item in result for leaf in flatten(item)]
    return [np.asarray(result)]
