"""Code in a terminal: coloured with the terminal's own colours, two columns where there is room."""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from s2sad.view.roles import pieces

__all__ = ["coloured", "terminal"]

#: The first eight colours of a terminal's palette are readable on its background, whatever that is.
STYLES = {
    "comment": "dim italic",
    "keyword": "magenta",
    "string": "green",
    "number": "cyan",
    "function": "bold blue",
    "builtin": "cyan",
    "adjoint": "red",
    "tangent": "yellow",
    "saved": "yellow",
}
_GAP = 3


def coloured(text: str) -> Text:
    """The code as rich text; printed without colours it is the same text."""
    code = Text(no_wrap=True, overflow="ignore")
    for role, value in pieces(text.rstrip("\n")):
        code.append(value, STYLES.get(role))
    return code


def terminal(primal: str, derivative: str, titles: tuple[str, str], width: int) -> RenderableType:
    """The primal and its derivative: two columns where both fit into `width`, else one below the other."""
    left, right = coloured(primal), coloured(derivative)
    widths = [max(_width(text), len(title)) for text, title in zip((primal, derivative), titles, strict=True)]
    if sum(widths) + _GAP > width:
        return Group(_title(titles[0]), left, Text(), _title(titles[1]), right)
    columns = Table.grid(padding=(0, _GAP, 0, 0))
    for column in widths:
        columns.add_column(width=column, no_wrap=True)
    columns.add_row(*map(_title, titles))
    columns.add_row(left, right)
    return columns


def _width(text: str) -> int:
    return max(map(cell_len, text.splitlines()), default=0)


def _title(title: str) -> Rule:
    return Rule(Text(title, style="bold"), align="left", style="dim")
