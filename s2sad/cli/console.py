"""Where the commands print. Colours go to terminals only, and nowhere under NO_COLOR."""

from __future__ import annotations

import os
import sys
from typing import Literal

from rich.console import Console
from rich.text import Text

from s2sad.cli.problems import UsageError
from s2sad.errors import S2sadError

__all__ = ["error_text", "print_error", "print_usage", "stderr", "stdout"]


def stdout() -> Console:
    """For what was asked for. Lines are never wrapped: code and paths stay in one piece."""
    return Console(highlight=False, soft_wrap=True, color_system=_colours())


def stderr() -> Console:
    """For messages."""
    return Console(stderr=True, highlight=False, soft_wrap=True, color_system=_colours())


def _colours() -> Literal["auto"] | None:
    # By itself rich still prints bold and dim under NO_COLOR.
    return None if os.environ.get("NO_COLOR") else "auto"


def print_error(error: S2sadError) -> None:
    sys.stdout.flush()
    stderr().print(error_text(error))


def print_usage(error: UsageError) -> None:
    stderr().print(Text.assemble(("s2sad: ", "bold red"), str(error)))


def error_text(error: S2sadError) -> Text:
    """The text of the error with its parts in colours: place, code, carets, rewrite."""
    text = Text(str(error))
    place, code, _ = text.plain.partition(error.code)
    text.stylize("bold", 0, len(place))
    text.stylize("bold red", len(place), len(place) + len(code))
    text.highlight_regex(r"(?m)^ +\| +\^+$", "red")
    text.highlight_regex(r"(?m)^ +\d+ \|", "dim")
    if error.rewrite:
        text.stylize("green", len(text) - len(error.rewrite))
    return text
