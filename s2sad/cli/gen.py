"""`s2sad gen`: derivatives as files, or on stdout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from s2sad.cli.arguments import Aux, Kinds, ModeName, Targets, WithRespectTo, request_of
from s2sad.cli.console import print_error, stderr, stdout
from s2sad.cli.files import shown, write
from s2sad.cli.problems import UsageError, exit_code
from s2sad.cli.request import Made, Request, make
from s2sad.cli.work import Outcome, check_outputs, listed_requests, work_through
from s2sad.view import coloured

__all__ = ["gen"]

_MARGIN = 11


@dataclass(frozen=True)
class _Written:
    made: Made
    changed: bool


def gen(
    targets: Targets = None,
    mode: ModeName = "reverse",
    wrt: WithRespectTo = "",
    arg: Kinds = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="A file or a directory. By default the code is printed.", show_default=False
        ),
    ] = None,
    has_aux: Aux = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that s2sad did not make.")] = False,
) -> None:
    """Generate derivatives as files that need NumPy and nothing else.

    Without a function, everything is generated that pyproject.toml lists.
    """
    if not targets:
        _check_alone(wrt, arg, output, has_aux, mode)
        _write_all(listed_requests(), force)
        return
    requests = [request_of(target, mode, wrt, arg or (), has_aux, _place(output, targets)) for target in targets]
    if output is None:
        _print_all(requests)
    else:
        _write_all(requests, force)


def _check_alone(wrt: str, arg: list[str] | None, output: Path | None, has_aux: bool, mode: str) -> None:
    given = {"--wrt": wrt, "--arg": arg, "-o": output, "--has-aux": has_aux, "--mode": mode != "reverse"}
    for option, value in given.items():
        if value:
            raise UsageError(f"{option} belongs to a function: name one, for example s2sad gen model.py:loss")


def _place(output: Path | None, targets: list[str]) -> Path | None:
    if output is not None and len(targets) > 1 and output.suffix == ".py":
        raise UsageError(f"{output.as_posix()} is one file for {len(targets)} functions: give -o a directory")
    return output


def _print_all(requests: list[Request]) -> None:
    outcomes = work_through(requests, make)
    for outcome in outcomes:
        if outcome.result:
            _print_code(stdout(), outcome.result.generated.text)
            _print_summary(stderr(), "made", outcome.result, outcome.result.generated.name)
    _finish(outcomes)


def _print_code(console: Console, text: str) -> None:
    if console.is_terminal:
        console.print(coloured(text))
    else:
        typer.echo(text, nl=False)


def _write_all(requests: list[Request], force: bool) -> None:
    check_outputs(requests)
    outcomes = work_through(requests, lambda request: _write_one(request, force))
    for outcome in outcomes:
        if outcome.result and outcome.request.path:
            verb = "wrote" if outcome.result.changed else "unchanged"
            _print_summary(stdout(), verb, outcome.result.made, shown(outcome.request.path))
    _finish(outcomes)


def _write_one(request: Request, force: bool) -> _Written:
    made = make(request)
    assert request.path is not None
    return _Written(made, write(request.path, made.generated.text, force))


def _finish(outcomes: list[Outcome[Made]] | list[Outcome[_Written]]) -> None:
    errors = [outcome.error for outcome in outcomes if outcome.error]
    for error in errors:
        print_error(error)
    if errors:
        raise typer.Exit(max(map(exit_code, errors)))


# ----------------------------------------------------------------------- summary


def _print_summary(console: Console, verb: str, made: Made, where: str) -> None:
    """What was made, how long it is, what it saves and computes again."""
    generated = made.generated
    lines = generated.text.count("\n")
    style = "green" if verb != "unchanged" else "dim"
    head = Text.assemble((verb.ljust(_MARGIN), style), (where, "bold"), f"  {lines} lines")
    wrt = ", ".join(made.subject.options.wrt)
    head.append(f", {made.subject.options.mode} of {made.request.function} with respect to {wrt}", "dim")
    console.print(head)
    for heading, items in _headings(made):
        console.print(Text.assemble(" " * _MARGIN, (heading.ljust(11), "dim"), ", ".join(items) or "nothing"))


def _headings(made: Made) -> list[tuple[str, tuple[str, ...]]]:
    """Forward mode saves nothing by its nature, so nothing is said of it."""
    report = made.generated.report
    found = [("saves", report.saved), ("recomputes", report.recomputed)]
    return [(heading, items) for heading, items in found if items or made.subject.options.mode != "jvp"]
