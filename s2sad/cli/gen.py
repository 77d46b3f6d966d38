"""`s2sad gen`: derivatives as files, or on stdout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from s2sad.cli.arguments import Aux, Kinds, ModeName, Targets, WithRespectTo, Written, request_of
from s2sad.cli.console import print_error, stderr, stdout
from s2sad.cli.emit_tests import emitted_tests
from s2sad.cli.files import shown, write
from s2sad.cli.problems import UsageError, exit_code
from s2sad.cli.request import Made, Request, make
from s2sad.cli.samples import split_assignments
from s2sad.cli.work import Outcome, check_outputs, listed_requests, work_through
from s2sad.view import coloured

__all__ = ["gen"]

_MARGIN = 11

_AT = typer.Option(
    "--at",
    metavar="NAME=VALUE",
    help=r"The value of a parameter in the tests, a literal: 'x=\[1.0, 2.0]', 'n=3'. May be repeated.",
    show_default=False,
)


@dataclass(frozen=True)
class _Written:
    """A file that was written, and the test file that goes with it."""

    made: Made
    changed: bool
    tests: str = ""
    tests_changed: bool = False


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
    outputs: Written = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that s2sad did not make.")] = False,
    emit_tests: Annotated[
        bool,
        typer.Option(
            "--emit-tests",
            help="Write a test file for the derivative, too, to tests/ of the project. It needs no s2sad.",
        ),
    ] = False,
    at: Annotated[list[str] | None, _AT] = None,
) -> None:
    """Generate derivatives as files that need NumPy and nothing else.

    Without a function, everything is generated that pyproject.toml lists.
    """
    if not targets:
        given = {
            "--wrt": wrt,
            "--arg": arg,
            "-o": output,
            "--has-aux": has_aux,
            "--outputs": outputs,
            "--mode": mode != "reverse",
        }
        _check_alone({**given, "--emit-tests": emit_tests, "--at": at})
        _write_all(listed_requests(), force)
        return
    requests = [
        request_of(target, mode, wrt, arg or (), has_aux, _place(output, targets), outputs) for target in targets
    ]
    if output is None:
        _check_no_tests(emit_tests, at)
        _print_all(requests)
    else:
        _write_all([_with_tests(request, emit_tests, at or ()) for request in requests], force)


def _with_tests(request: Request, emit_tests: bool, at: Sequence[str]) -> Request:
    if at and not emit_tests:
        raise UsageError("--at gives values for tests: it goes with --emit-tests")
    return replace(request, tests=emit_tests, at=tuple(split_assignments(at).items()))


def _check_no_tests(emit_tests: bool, at: list[str] | None) -> None:
    if emit_tests or at:
        raise UsageError("--emit-tests goes with a file: name it by -o")


def _check_alone(given: Mapping[str, object]) -> None:
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
    outcomes = work_through(requests, lambda request: _write_one(request, requests, force))
    for outcome in outcomes:
        if outcome.result and outcome.request.path:
            verb = "wrote" if outcome.result.changed else "unchanged"
            _print_summary(stdout(), verb, outcome.result.made, shown(outcome.request.path))
            _print_tests(stdout(), outcome.result, outcome.request)
    _finish(outcomes)


def _write_one(request: Request, requests: list[Request], force: bool) -> _Written:
    made = make(request)
    assert request.path is not None
    if request.tests_path is None:
        return _Written(made, write(request.path, made.generated.text, force))
    # Both or none: values may be missing for the tests.
    tests = emitted_tests(made, requests)
    changed = write(request.path, made.generated.text, force)
    return _Written(made, changed, tests, write(request.tests_path, tests, force))


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


def _print_tests(console: Console, written: _Written, request: Request) -> None:
    if request.tests_path is None:
        return
    verb, style = ("wrote", "green") if written.tests_changed else ("unchanged", "dim")
    lines = written.tests.count("\n")
    head = Text.assemble((verb.ljust(_MARGIN), style), (shown(request.tests_path), "bold"), f"  {lines} lines")
    head.append(f", compares it with differences of {request.function}", "dim")
    console.print(head)


def _headings(made: Made) -> list[tuple[str, tuple[str, ...]]]:
    """Forward mode saves nothing by its nature, so nothing is said of it."""
    report = made.generated.report
    found = [("saves", report.saved), ("recomputes", report.recomputed)]
    return [(heading, items) for heading, items in found if items or made.subject.options.mode != "jvp"]
