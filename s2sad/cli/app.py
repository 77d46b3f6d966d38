"""The commands in one place, and what happens when one of them refuses."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from s2sad import __version__
from s2sad.cli.cache import cache
from s2sad.cli.check import check
from s2sad.cli.console import print_error, print_usage
from s2sad.cli.explain import explain
from s2sad.cli.gen import gen
from s2sad.cli.problems import UsageError, exit_code
from s2sad.cli.show import show
from s2sad.cli.test import compare
from s2sad.errors import S2sadError

__all__ = ["app", "main"]


class _Commands(TyperGroup):
    """The commands; an error ends with its text and exit code, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except S2sadError as error:
            print_error(error)
            raise typer.Exit(exit_code(error)) from None
        except UsageError as error:
            print_usage(error)
            raise typer.Exit(2) from None


app = typer.Typer(
    cls=_Commands,
    name="s2sad",
    help="Derivatives of plain Python and NumPy functions, as code that you can read and keep.",
    epilog="Exit codes: 0 ok, 1 drift or a failed check, 2 usage, 3 not differentiable.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(gen)
app.command()(check)
app.command()(show)
app.command()(explain)
app.command("test")(compare)
app.add_typer(cache, name="cache")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"s2sad {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of the program itself."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    app(prog_name="s2sad")
