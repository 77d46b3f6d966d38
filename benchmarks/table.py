"""The table of ratios."""

from __future__ import annotations

from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

from benchmarks.costs import Costs
from benchmarks.measure import Times, check, median_ratio, rounds
from benchmarks.peers import contenders
from benchmarks.work import LIMIT, Work

__all__ = ["Row", "costs_table", "measure", "ratios_table", "too_slow"]

RATIOS = {
    "by hand": ("by hand", "primal"),
    "s2sad": ("s2sad", "primal"),
    "generated ÷ by hand": ("generated", "by hand"),
    "autograd": ("autograd", "primal"),
    "JAX jit": ("JAX jit", "primal"),
    "JAX eager": ("JAX eager", "primal"),
}


@dataclass(frozen=True)
class Row:
    name: str
    ratios: dict[str, float | None]
    limit: float = LIMIT


def measure(work: Work) -> Row:
    """Checks every derivative of the work against the one by hand, then times them."""
    competing = contenders(work)
    check(competing)
    times: Times = rounds(competing)
    return Row(work.name, {title: median_ratio(times, *pair) for title, pair in RATIOS.items()}, work.limit)


def too_slow(row: Row) -> bool:
    ratio = row.ratios["generated ÷ by hand"]
    return ratio is not None and ratio > row.limit


def ratios_table(rows: list[Row]) -> Table:
    table = Table(
        title="time ÷ time of the primal, medians of ratios",
        caption=f"generated ÷ by hand, without dispatch: at most {LIMIT}, of Jacobians and Hessians 1.3",
    )
    table.add_column("work")
    for title in RATIOS:
        table.add_column(title, justify="right")
    for row in rows:
        colour = "red" if too_slow(row) else "green"
        cells = [shown(ratio) for ratio in row.ratios.values()]
        cells[2] = f"[{colour}]{cells[2]}[/]"
        table.add_row(escape(row.name), *cells)
    return table


def shown(ratio: float | None) -> str:
    if ratio is None:
        return "–"
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def costs_table(costs: Costs) -> Table:
    table = Table(title="beside the run itself")
    table.add_column("what")
    table.add_column("measured", justify="right")
    table.add_column("aim", justify="right")
    table.add_row("first gradient of the digits network, cold cache", f"{costs.generate:.2f} s", "< 1 s")
    table.add_row("the same in the next process", f"{costs.cached:.3f} s", "")
    table.add_row("dispatch per call, three arrays", f"{costs.dispatch * 1e6:.2f} µs", "< 2 µs")
    table.add_row("process with a cached gradient ÷ import numpy", f"{costs.start:.2f}", "< 1.3")
    return table
