"""What a check found, one line for each comparison, and how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["CheckError", "Finding", "Report", "headline", "table"]

_MOST_ROWS = 40


class CheckError(AssertionError):
    """A derivative is not what differences say, or cannot be compared with them. `report` has all that was found."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(report)

    def __str__(self) -> str:
        return self.report.failures()


@dataclass(frozen=True)
class Finding:
    """One comparison, of the elements that agree least; or, without numbers, what else is wrong.

    `of` is the derivative, `mode` fwd, rev or both (one against the other), `argument` what it is by and `result` what it
    is of. `error` bounds the error of `difference`.
    """

    of: str
    mode: str
    ok: bool
    argument: str = ""
    result: str = ""
    derivative: complex | None = None
    difference: complex | None = None
    error: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Report:
    """What was checked of a function, and how."""

    function: str
    how: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)

    @property
    def problems(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.ok)

    def failures(self) -> str:
        """The message of a CheckError: what is wrong, then a table of what disagrees."""
        said = [f"  {finding.of}: {finding.note}" for finding in self.problems if finding.derivative is None]
        compared = [finding for finding in self.problems if finding.derivative is not None]
        left = len(compared) - _MOST_ROWS
        more = [f"  … and {left} more"] if left > 0 else []
        return "\n".join([headline(self), *said, *_indented(table(compared[:_MOST_ROWS])), *more])

    def __str__(self) -> str:
        said = [f"  {finding.of}: {finding.note}" for finding in self.findings if finding.derivative is None]
        compared = [finding for finding in self.findings if finding.derivative is not None]
        return "\n".join([headline(self), *said, *_indented(table(compared))])

    def __repr__(self) -> str:
        return f"<{headline(self)}>"


def headline(report: Report) -> str:
    """The result in one line."""
    bad, number = len(report.problems), len(report.findings)
    agree = "1 comparison agrees" if number == 1 else f"{number} comparisons agree"
    verdict = f"{bad} of {number} comparisons fail" if bad else agree
    return f"{report.function}: {verdict} ({report.how})"


_HEADINGS = ("mode", "in", "of", "by", "derivative", "difference", "error", "ratio", "")
_RIGHT = (4, 5, 6, 7)


def table(findings: Sequence[Finding]) -> list[str]:
    """The lines of the table, from its headings on; without columns that would be empty."""
    if not findings:
        return []
    columns = []
    for number, cells in enumerate(zip(_HEADINGS, *map(_cells, findings), strict=True)):
        width = max(map(len, cells))
        if any(cells[1:]):
            columns.append([cell.rjust(width) if number in _RIGHT else cell.ljust(width) for cell in cells])
    return ["  ".join(row).rstrip() for row in zip(*columns, strict=True)]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _cells(finding: Finding) -> tuple[str, ...]:
    derivative, difference = finding.derivative, finding.difference
    assert derivative is not None and difference is not None
    ratio = f"{_ratio(derivative, difference):.4g}"
    numbers = _number(derivative), _number(difference), f"±{finding.error:.0e}" if finding.error else "±0", ratio
    return finding.mode, finding.of, finding.result, finding.argument, *numbers, finding.note


def _number(value: complex) -> str:
    return f"{value + 0.0:.9g}"  # no -0


def _ratio(derivative: complex, difference: complex) -> complex:
    if difference == derivative:
        return 1.0
    return derivative / difference + 0.0 if difference else float("inf")
