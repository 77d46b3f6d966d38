"""A piece of code for a notebook: HTML that brings its colours with it."""

from __future__ import annotations

from html import escape

from s2sad.view.roles import pieces

__all__ = ["html"]

#: A fragment cannot ask for the theme of the page it stands in, so these colours are readable on white and on black.
STYLES = {
    "comment": "color:#74797f;font-style:italic",
    "keyword": "color:#a35fd0",
    "string": "color:#3b8a4b",
    "number": "color:#b86a0e",
    "function": "color:#2b80d6;font-weight:600",
    "builtin": "color:#1b8797",
    "adjoint": "color:#d6455d",
    "tangent": "color:#c05a12",
    "saved": "color:#a5741a",
}
_PRE = (
    "background:transparent;color:inherit;border-left:3px solid #d6455d;margin:.4em 0;padding:.2em 0 .2em 1em;"
    "overflow-x:auto;line-height:1.45;font-family:ui-monospace,'SF Mono',Menlo,Consolas,monospace;white-space:pre"
)


def html(text: str) -> str:
    """The code as a `<pre>` with inline styles, for `_repr_html_`."""
    return f'<pre style="{_PRE}">{"".join(_span(role, value) for role, value in pieces(text.rstrip()))}</pre>'


def _span(role: str, value: str) -> str:
    style = STYLES.get(role)
    return f'<span style="{style}">{escape(value)}</span>' if style else escape(value)
