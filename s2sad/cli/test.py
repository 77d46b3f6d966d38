"""`s2sad test`: derivatives against finite differences, and forward against reverse mode."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.text import Text

from s2sad.cli.arguments import Kinds, complete_target, split_kinds
from s2sad.cli.checking import Asked, checked
from s2sad.cli.console import stderr, stdout
from s2sad.cli.samples import split_assignments, split_sizes
from s2sad.testing.check import checked_modes
from s2sad.testing.orders import Subject
from s2sad.testing.report import Report, table

__all__ = ["compare"]

_MARGIN, _WIDTH = 7, 80

_TARGET = typer.Argument(
    metavar="FILE.py:FUNCTION",
    help="A function in a file, or a derivative in a generated file. The file is imported, and the function is run.",
    show_default=False,
    autocompletion=complete_target,
)
_WRT = typer.Option(
    "--wrt",
    "-w",
    metavar="NAMES",
    help="The parameters to differentiate with respect to: w,b. By default all that consist of floats.",
    show_default=False,
)
_AT = typer.Option(
    "--at",
    metavar="NAME=VALUE",
    help=r"The value of a parameter, an expression in the module of the function: 'x=\[1.0, 2.0]', 'n=3', "
    "'p=Params(1.0)'. A list of numbers is an array. May be repeated.",
    show_default=False,
)
_SIZE = typer.Option(
    "--size", metavar="LETTER=N", help="The size that a letter in a kind stands for: m=3.", show_default=False
)
_AGAINST = typer.Option(
    "--against",
    metavar="FILE.py:FUNCTION",
    help="What FUNCTION is a derivative of. The header of a generated file says it.",
    show_default=False,
    autocompletion=complete_target,
)


def compare(
    target: Annotated[str, _TARGET],
    order: Annotated[int, typer.Option("--order", min=1, help="Check derivatives up to this order.")] = 1,
    modes: Annotated[str, typer.Option("--modes", metavar="MODES", help="fwd, rev, or fwd,rev.")] = "fwd,rev",
    wrt: Annotated[str, _WRT] = "",
    at: Annotated[list[str] | None, _AT] = None,
    arg: Kinds = None,
    size: Annotated[list[str] | None, _SIZE] = None,
    against: Annotated[str, _AGAINST] = "",
) -> None:
    """Compare derivatives with finite differences, and forward with reverse mode, at one point.

    Unlike the other commands it imports the file and runs the function. Parameters without a value or a default get
    random values between 0.1 and 0.9, of the kinds that --arg or annotations declare.

    Ends with exit code 1 if something disagrees.
    """
    asked = Asked(
        target,
        against,
        order,
        checked_modes(tuple(word.strip() for word in modes.split(",") if word.strip())),
        wrt,
        split_assignments(at or ()),
        dict(split_kinds(arg or ())),
        split_sizes(size or ()),
    )
    with _waiting(target):
        subject, report = checked(asked)
    console = stdout()
    _print_point(console, target, subject, report)
    _print_report(console, report)
    if not report.ok:
        raise typer.Exit(1)


def _waiting(target: str) -> AbstractContextManager[object]:
    """Something that moves, on terminals."""
    console = stderr()
    return console.status(f"checking {target}") if console.is_terminal else nullcontext()


def _print_point(console: Console, target: str, subject: Subject, report: Report) -> None:
    wrt = ", ".join(subject.wrt)
    console.print(Text.assemble((target, "bold"), (f"  {report.how}, with respect to {wrt}", "dim")))
    for index, (name, value) in enumerate(subject.values.items()):
        heading = "at" if index == 0 else ""
        console.print(Text.assemble((heading.ljust(_MARGIN), "cyan"), f"{name} = {_short(value)}"))


def _print_report(console: Console, report: Report) -> None:
    headings, *lines = table([finding for finding in report.findings if finding.derivative is not None]) or [""]
    left = iter(lines)
    if lines:
        console.print(Text(" " * _MARGIN + headings, "dim"))
    for finding in report.findings:
        line = next(left) if finding.derivative is not None else f"{finding.of}: {finding.note}"
        state, style = ("ok", "green") if finding.ok else ("wrong", "bold red")
        console.print(Text.assemble((state.ljust(_MARGIN), style), line))
    bad = len(report.problems)
    good = len(report.findings) - bad
    console.print(Text(f"{good} ok, {bad} wrong" if bad else f"{good} ok", "dim"))


def _short(value: Any) -> str:
    """A value in one line."""
    with np.printoptions(threshold=8, edgeitems=3, precision=6):
        text = " ".join(repr(value).split())
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."
