"""`s2sad cache`: the files that the decorators keep."""

from __future__ import annotations

import os

import typer
from rich.text import Text

from s2sad.cli.console import stderr, stdout

__all__ = ["cache"]

cache = typer.Typer(help="The generated files that the decorators keep.", no_args_is_help=True)


@cache.command("dir")
def directory() -> None:
    """Print the directory of the cache."""
    from s2sad.cache import directory

    typer.echo(directory())


@cache.command("list")
def entries() -> None:
    """List the files in the cache, with their size."""
    from s2sad.cache import directory, entries

    found = entries()
    for entry in found:
        lines = f"{entry.text.count(chr(10)):>5} lines  "
        stdout().print(Text.assemble((lines, "dim"), (entry.name, "bold"), f"  {entry.path}"))
    stderr().print(Text(f"{_files(len(found))} in {directory()}{os.sep}", "dim"))


@cache.command("clear")
def clear() -> None:
    """Remove the files in the cache; they are generated again when they are needed."""
    from s2sad.cache import clear, directory

    typer.echo(f"removed {_files(clear())} from {directory()}")


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"
