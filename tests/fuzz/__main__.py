"""`python -m tests.fuzz --minutes 10 --jobs 2`: random programs until the time is over; what fails is shrunk and written down.

Prints how many programs were right and refused, the reasons of refusals by frequency, and the failures. Exits with 1 if there
are any.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from tests.fuzz.runs import Failure, Run, run

#: Programs drawn with one seed.
BATCH = 36


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, help="how long to run; by default until --count programs were judged")
    parser.add_argument("--count", type=int, default=1000, help="how many programs")
    parser.add_argument("--seed", type=int, default=0, help="of the first batch; the next has the next seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument(
        "--output", type=Path, default=Path("fuzz-failures"), help="where programs that fail are written"
    )
    parser.add_argument("--no-shrink", action="store_true", help="write failing programs as they were drawn")
    parser.add_argument("--first", action="store_true", help="stop at the first batch in which a program fails")
    options = parser.parse_args()
    total = Total(options.output)
    end = time.time() + 60 * options.minutes if options.minutes else None
    for one in runs(options.seed, options.jobs, not options.no_shrink):
        total.add(one)
        is_over = time.time() > end if end else total.programs >= options.count
        if is_over or (options.first and total.failures):
            break
    print(total.text())
    return 1 if total.failures else 0


def runs(seed: int, jobs: int, shrink: bool) -> Iterator[Run]:
    """The runs of all seeds from the first, in as many processes."""
    seeds = ((number, BATCH, shrink) for number in range(seed, sys.maxsize))
    if jobs == 1:
        yield from (run(*one) for one in seeds)
        return
    with get_context("spawn").Pool(jobs) as pool:
        waiting = [pool.apply_async(run, next(seeds)) for _ in range(jobs)]
        while True:
            yield waiting.pop(0).get()
            waiting.append(pool.apply_async(run, next(seeds)))


@dataclass
class Total:
    """What all runs found."""

    output: Path
    begin: float = field(default_factory=time.time)
    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    @property
    def programs(self) -> int:
        """Those that were judged: rough ones are not counted."""
        return self.counts.total() - self.counts["rough"]

    def add(self, one: Run) -> None:
        self.counts.update(one.counts)
        self.refusals.update(one.refusals)
        for failure in one.failures:
            self.failures.append(failure)
            self.output.mkdir(parents=True, exist_ok=True)
            name = f"{failure.outcome.kind}-{failure.seed}-{len(self.failures)}.py"
            (self.output / name).write_text(failure.text, encoding="utf-8")
            print(f"{self.output / name}\n{failure.text}\n", flush=True)
        print(f"{self.line()}", file=sys.stderr, flush=True)

    def line(self) -> str:
        seconds = time.time() - self.begin
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))
        share = self.counts["refused"] / max(self.programs, 1)
        return f"{self.programs} programs in {seconds:.0f} s: {counts}; {share:.1%} refused"

    def text(self) -> str:
        lines = [f"{count:>6}  {reason}" for reason, count in grouped(self.refusals).most_common(40)]
        return "\n".join([self.line(), *lines])


def grouped(refusals: Counter[str]) -> Counter[str]:
    """Reasons without what is quoted in them, which differs from program to program."""
    groups: Counter[str] = Counter()
    for reason, count in refusals.items():
        groups[re.sub(r"`[^`]*`", "`…`", reason.splitlines()[0])] += count
    return groups


if __name__ == "__main__":
    sys.exit(main())
