"""`s2sad check`: are the generated files what would be generated now?"""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from s2sad.cli.console import print_error, stdout
from s2sad.cli.emit_tests import emitted_tests
from s2sad.cli.files import shown
from s2sad.cli.problems import UsageError, exit_code
from s2sad.cli.request import Request, make
from s2sad.cli.work import Outcome, listed_requests, work_through

__all__ = ["check"]

_STYLES = {"ok": "green", "drift": "bold yellow", "missing": "bold yellow", "refused": "bold red"}
_DIFF_STYLES = {"+++": "bold", "---": "bold", "@@": "cyan", "+": "green", "-": "red"}


@dataclass(frozen=True)
class _Comparison:
    """A file as it is (None: missing) and as it would be generated."""

    path: str
    old: bytes | None
    new: bytes

    @property
    def state(self) -> str:
        if self.old is None:
            return "missing"
        return "ok" if self.old == self.new else "drift"


def check(
    diff: Annotated[bool, typer.Option("--diff", help="Show how the files differ.")] = False,
) -> None:
    """Compare the files that pyproject.toml lists with what would be generated now.

    Ends with exit code 1 if a file is missing or would come out different.
    """
    requests = listed_requests()
    outcomes = work_through(requests, lambda request: _compare(request, requests))
    console = stdout()
    for outcome in outcomes:
        _print_outcome(console, outcome, diff)
    _print_total(console, outcomes)
    code = _code(outcomes)
    if code:
        raise typer.Exit(code)


def _compare(request: Request, requests: list[Request]) -> list[_Comparison]:
    """The derivative's file and, where there is one, that of its tests."""
    made = make(request)
    assert request.path is not None
    found = [_comparison(request.path, made.generated.text)]
    if request.tests_path is not None:
        found.append(_comparison(request.tests_path, emitted_tests(made, requests)))
    return found


def _comparison(path: Path, text: str) -> _Comparison:
    try:
        old = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise UsageError(f"cannot read {shown(path)}: {error.strerror}") from None
    return _Comparison(shown(path), old, text.encode())


def _states(outcome: Outcome[list[_Comparison]]) -> list[str]:
    return ["refused"] if outcome.result is None else [comparison.state for comparison in outcome.result]


def _print_outcome(console: Console, outcome: Outcome[list[_Comparison]], diff: bool) -> None:
    if outcome.error:
        path = shown(outcome.request.path) if outcome.request.path else ""
        console.print(Text.assemble(("refused".ljust(9), _STYLES["refused"]), path))
        print_error(outcome.error)
    for comparison in outcome.result or ():
        console.print(Text.assemble((comparison.state.ljust(9), _STYLES[comparison.state]), comparison.path))
        if diff and comparison.state != "ok":
            _print_diff(console, comparison)


def _print_diff(console: Console, comparison: _Comparison) -> None:
    path = comparison.path
    old, new = ((data or b"").decode(errors="replace").splitlines() for data in (comparison.old, comparison.new))
    for line in difflib.unified_diff(old, new, path, f"{path} (generated now)", lineterm=""):
        style = next((style for start, style in _DIFF_STYLES.items() if line.startswith(start)), "")
        console.print(Text(line, style))


def _print_total(console: Console, outcomes: list[Outcome[list[_Comparison]]]) -> None:
    counts = Counter(state for outcome in outcomes for state in _states(outcome))
    total = ", ".join(f"{counts[state]} {state}" for state in _STYLES if counts[state])
    hint = "; `s2sad gen` writes them" if counts["drift"] or counts["missing"] else ""
    console.print(Text(f"{total}{hint}", "dim"))


def _code(outcomes: list[Outcome[list[_Comparison]]]) -> int:
    errors = [exit_code(outcome.error) for outcome in outcomes if outcome.error]
    return max(errors) if errors else int(any(state != "ok" for outcome in outcomes for state in _states(outcome)))
