"""Correctness is asserted always; times only with `--strict-ratios`, and then as ratios within this run."""

import pytest
from rich.console import Console

from benchmarks.costs import costs
from benchmarks.measure import check
from benchmarks.peers import contenders
from benchmarks.table import costs_table, measure, ratios_table, too_slow
from benchmarks.works import WORKS


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_derivatives_agree(work):
    check(contenders(work))


def test_table(request, capsys):
    rows = [measure(work) for work in WORKS]
    with capsys.disabled():
        console = Console(width=120)
        console.print()
        console.print(ratios_table(rows))
        console.print(costs_table(costs()))
    if request.config.getoption("--strict-ratios"):
        assert not [row.name for row in rows if too_slow(row)]
