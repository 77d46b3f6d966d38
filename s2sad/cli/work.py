"""Many requests, one after the other: with progress, and with one refusal not keeping the others from their turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from s2sad.cli.arguments import mode_named, split_target
from s2sad.cli.console import stderr
from s2sad.cli.files import shown
from s2sad.cli.problems import UsageError
from s2sad.cli.project import listed_derivatives
from s2sad.cli.request import Request
from s2sad.errors import S2sadError

__all__ = ["Outcome", "check_outputs", "listed_requests", "work_through"]

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What came of a request: a result, or the error that refused it."""

    request: Request
    result: T | None = None
    error: S2sadError | None = None


def listed_requests() -> list[Request]:
    """The requests that the nearest pyproject.toml lists."""
    requests = []
    for listed in listed_derivatives(Path.cwd()):
        file, function = split_target(listed.function, listed.root)
        request = Request(file, function, mode_named(listed.mode), listed.wrt, listed.args, listed.has_aux)
        output = listed.root / listed.output
        requests.append(replace(request, output=output, tests=listed.tests, at=listed.at, outputs=listed.outputs))
    check_outputs(requests)
    return requests


def check_outputs(requests: Sequence[Request]) -> None:
    """Refuse two derivatives, or their tests, in one file, and a derivative in the place of its primal."""
    seen = set()
    for request in requests:
        for path in filter(None, (request.path, request.tests_path)):
            place = path.resolve()
            if place == request.file.resolve():
                raise UsageError(f"{shown(path)} is the file of the function itself: choose another with -o")
            if place in seen:
                what = "two derivatives" if path == request.path else "the tests of two derivatives"
                raise UsageError(f"{what} would go to {shown(path)}: give each derivative a file of its own")
            seen.add(place)


def work_through(requests: Sequence[Request], work: Callable[[Request], T]) -> list[Outcome[T]]:
    """`work` done on all requests. Progress is shown on terminals, if there are several."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    console = stderr()
    hidden = len(requests) < 2 or not console.is_terminal
    # rich would otherwise send what is printed to stdout meanwhile to stderr.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, disable=hidden) as progress:
        task = progress.add_task("", total=len(requests))
        outcomes = []
        for request in requests:
            progress.update(task, description=f"{shown(request.file)}:{request.function}")
            outcomes.append(_outcome(request, work))
            progress.advance(task)
    return outcomes


def _outcome(request: Request, work: Callable[[Request], T]) -> Outcome[T]:
    try:
        return Outcome(request, work(request))
    except S2sadError as error:
        return Outcome(request, error=error)
