"""One run of Hypothesis: all programs of a seed are judged, and those that fail shrunk."""

from __future__ import annotations

import os
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from tests.fuzz.outcome import Outcome, outcome
from tests.fuzz.program import Program
from tests.fuzz.strategy import programs

__all__ = ["QUIET", "Failure", "Run", "apart", "run"]

#: Programs take long, and some are left out: no reason to complain.
QUIET = settings(
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
    verbosity=Verbosity.quiet,
)


@dataclass(frozen=True)
class Failure:
    """A program that is not differentiated right, shrunk, and what it says."""

    seed: int
    program: Program
    outcome: Outcome

    @property
    def text(self) -> str:
        said = "\n".join(f"# {line}".rstrip() for line in self.outcome.message.splitlines())
        return f"# seed {self.seed}: {self.outcome.kind}, {self.outcome.stage}\n{self.program.with_check}\n{said}\n"


@dataclass(frozen=True)
class Run:
    """How many programs had each outcome, why others were refused, and what failed."""

    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    failures: tuple[Failure, ...] = ()


def run(number: int, count: int, shrink: bool) -> Run:
    """Judges the programs of a seed."""
    found: list[tuple[Program, Outcome]] = []

    @seed(number)
    @settings(QUIET, max_examples=count, phases=[Phase.generate])
    @given(programs())
    def judge(program: Program) -> None:
        found.append((program, outcome(program)))

    with apart():
        judge()
        failing = {complaint(result): (program, result) for program, result in found if result.fails}
        failures = [shrunk(number, count, *one) if shrink else Failure(number, *one) for one in failing.values()]
    refusals = Counter(
        f"{result.kind}: {result.message.splitlines()[0]}"
        for _, result in found
        if result.kind in ("partly", "refused")
    )
    return Run(Counter(result.kind for _, result in found), refusals, tuple(failures))


def shrunk(number: int, count: int, program: Program, result: Outcome) -> Failure:
    """The smallest program that Hypothesis finds with the same complaint."""
    wanted, small = complaint(result), program

    @seed(number)
    @settings(QUIET, max_examples=count, phases=[Phase.generate, Phase.shrink])
    @given(programs())
    def again(one: Program) -> None:
        nonlocal small
        if complaint(outcome(one, result.stage)) == wanted:
            small = one
            raise Found

    with suppress(Found):
        again()
    return Failure(number, small, outcome(small, result.stage))


class Found(Exception):
    """A program has the complaint that is looked for."""


def complaint(result: Outcome) -> tuple[str, ...]:
    """What is wrong, but for numbers and names."""
    return (result.kind, *re.findall(r"[A-Za-z]{4,}", result.message.partition("\n")[0])[:4])


@contextmanager
def apart() -> Iterator[None]:
    """A cache of its own for what programs derive while they run, without formatting, which takes most of the time."""
    with TemporaryDirectory() as directory, patch.dict(os.environ, S2SAD_CACHE_DIR=directory):
        with patch("black.format_str", lambda text, mode: text), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
