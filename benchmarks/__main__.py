"""Prints the tables; `--strict` exits with 1 where a generated derivative is slower than its limit."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import track

from benchmarks.checkpoints import checkpoints, checkpoints_table
from benchmarks.costs import costs
from benchmarks.table import costs_table, measure, ratios_table, too_slow
from benchmarks.works import WORKS


def main() -> int:
    console = Console()
    rows = [measure(work) for work in track(WORKS, "measuring", console=console, transient=True)]
    console.print(ratios_table(rows))
    console.print(costs_table(costs()))
    console.print(checkpoints_table(checkpoints()))
    return int("--strict" in sys.argv[1:] and any(map(too_slow, rows)))


if __name__ == "__main__":
    sys.exit(main())
