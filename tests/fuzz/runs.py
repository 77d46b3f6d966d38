"""The programs of a seed are judged, and those that fail shrunk.

The choices that make a program come from random bytes, which Hypothesis takes as it takes those of any fuzzer: generating
examples by itself it would mostly repeat parts of those that it had.
"""

from __future__ import annotations

import gc
import os
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.database import InMemoryExampleDatabase

from tests.fuzz.outcome import Outcome, outcome
from tests.fuzz.program import Program
from tests.fuzz.sharing import shared
from tests.fuzz.strategy import programs

__all__ = ["Failure", "Run", "run"]

#: Bytes for the choices of one program, more than it takes.
BYTES = 8192

#: Programs take long, and some are left out: no reason to complain.
QUIET = settings(
    phases=[Phase.reuse, Phase.shrink],
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
    verbosity=Verbosity.quiet,
)


class Fails(Exception):
    """A program has the complaint that is looked for."""


@dataclass(frozen=True)
class Failure:
    """A program that is not differentiated right, and what it says."""

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


def run(seed: int, count: int, shrink: bool = True) -> Run:
    """Judges the programs of a seed, and shrinks one for each complaint."""
    random = Random(seed)
    found: list[tuple[Program, Outcome]] = []
    failures: dict[tuple[str, ...], Failure] = {}

    @settings(QUIET, database=None)
    @given(programs())
    def judge(program: Program) -> None:
        found.append((program, outcome(program)))

    with apart():
        while len(found) < count:
            choices = random.randbytes(BYTES)
            before = len(found)
            judge.hypothesis.fuzz_one_input(choices)
            for program, result in found[before:]:
                if result.fails and complaint(result) not in failures:
                    small = shrunk(choices, program, result) if shrink else program
                    again = outcome(small, result.stage)
                    # What fails once and not again has failed.
                    failures[complaint(result)] = Failure(seed, small, again if again.fails else result)
    refusals = Counter(
        f"{result.kind}: {result.message.splitlines()[0]}"
        for _, result in found
        if result.kind in ("partly", "refused")
    )
    return Run(Counter(result.kind for _, result in found), refusals, tuple(failures.values()))


def shrunk(choices: bytes, program: Program, result: Outcome) -> Program:
    """The smallest program that Hypothesis finds with the same complaint."""
    wanted, small = complaint(result), program

    @settings(QUIET, database=InMemoryExampleDatabase())
    @given(programs())
    def judge(one: Program) -> None:
        nonlocal small
        if complaint(outcome(one, result.stage)) == wanted:
            small = one
            raise Fails

    # The first puts the choices into the database, the second shrinks what it finds there.
    for attempt in (lambda: judge.hypothesis.fuzz_one_input(choices), judge):
        _fails(attempt)
    return small


def _fails(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except Fails:
        return True
    return False


def complaint(result: Outcome) -> tuple[str, ...]:
    """What is wrong, but for numbers and names."""
    return (result.kind, *re.findall(r"[A-Za-z]{4,}", result.message.partition("\n")[0])[:4])


@contextmanager
def apart() -> Iterator[None]:
    """A cache of its own for what programs derive while they run, without formatting, which takes most of the time, and with
    what all derivatives of a program have in common made once.
    """
    with TemporaryDirectory() as directory, patch.dict(os.environ, S2SAD_CACHE_DIR=directory), shared():
        with patch("black.format_str", lambda text, mode: text), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # What is there already stays: the garbage collector need not look at it each time.
            gc.freeze()
            yield
            gc.unfreeze()
