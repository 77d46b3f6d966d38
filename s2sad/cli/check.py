"""`s2sad check`: are the generated files what would be generated now?"""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from s2sad.cli.console import print_error, stdout
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
    outcomes = work_through(listed_requests(), _compare)
    console = stdout()
    for outcome in outcomes:
        _print_outcome(console, outcome, diff)
    _print_total(console, outcomes)
    code = _code(outcomes)
    if code:
        raise typer.Exit(code)


def _compare(request: Request) -> _Comparison:
    assert request.path is not None
    made = make(request)
    try:
        old = request.path.read_bytes() if request.path.exists() else None
    except OSError as error:
        raise UsageError(f"cannot read {shown(request.path)}: {error.strerror}") from None
    return _Comparison(old, made.generated.text.encode())


def _state(outcome: Outcome[_Comparison]) -> str:
    return outcome.result.state if outcome.result else "refused"


def _print_outcome(console: Console, outcome: Outcome[_Comparison], diff: bool) -> None:
    state = _state(outcome)
    path = shown(outcome.request.path) if outcome.request.path else ""
    console.print(Text.assemble((state.ljust(9), _STYLES[state]), path))
    if outcome.error:
        print_error(outcome.error)
    elif diff and outcome.result and state != "ok":
        _print_diff(console, outcome.result, path)


def _print_diff(console: Console, comparison: _Comparison, path: str) -> None:
    old, new = ((data or b"").decode(errors="replace").splitlines() for data in (comparison.old, comparison.new))
    for line in difflib.unified_diff(old, new, path, f"{path} (generated now)", lineterm=""):
        style = next((style for start, style in _DIFF_STYLES.items() if line.startswith(start)), "")
        console.print(Text(line, style))


def _print_total(console: Console, outcomes: list[Outcome[_Comparison]]) -> None:
    counts = Counter(map(_state, outcomes))
    total = ", ".join(f"{counts[state]} {state}" for state in _STYLES if counts[state])
    hint = "; `s2sad gen` writes them" if counts["drift"] or counts["missing"] else ""
    console.print(Text(f"{total}{hint}", "dim"))


def _code(outcomes: list[Outcome[_Comparison]]) -> int:
    errors = [exit_code(outcome.error) for outcome in outcomes if outcome.error]
    return max(errors) if errors else int(any(_state(outcome) != "ok" for outcome in outcomes))
