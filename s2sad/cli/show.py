"""`s2sad show`: the primal beside its derivative, in the terminal or as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from s2sad.cli.arguments import Aux, Kinds, ModeName, Target, WithRespectTo, Written, request_of
from s2sad.cli.console import stdout
from s2sad.cli.files import shown
from s2sad.cli.problems import UsageError
from s2sad.cli.request import Made, first_line, make, primal_text
from s2sad.view import page, terminal

__all__ = ["show"]


def show(
    target: Target,
    mode: ModeName = "reverse",
    wrt: WithRespectTo = "",
    arg: Kinds = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page instead.", show_default=False)
    ] = None,
    has_aux: Aux = False,
    outputs: Written = "",
) -> None:
    """Show a function beside its derivative."""
    made = make(request_of(target, mode, wrt, arg or (), has_aux, outputs=outputs), with_header=False)
    if html is None:
        _print(made)
    else:
        _write_page(html, made)


def _print(made: Made) -> None:
    console = stdout()
    titles = f"{shown(made.request.file)}:{made.request.function}", made.generated.name
    # A pipe has no width of its own: one below the other is what the next program can read.
    width = console.width if console.is_terminal else 0
    console.print(terminal(primal_text(made.subject.unit), made.generated.text, titles, width))


def _write_page(path: Path, made: Made) -> None:
    unit = made.subject.unit
    title = f"{shown(made.request.file)}:{made.request.function}"
    text = page(primal_text(unit), made.generated.text, title, first_line(unit))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write {shown(path)}: {error.strerror}") from None
    stdout().print(f"wrote [bold]{shown(path)}[/]")
