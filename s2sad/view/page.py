"""A page that shows a primal beside its derivative, the lines that belong together linked. It loads nothing."""

from __future__ import annotations

from html import escape
from string import Template

from s2sad.view.links import Ids, link
from s2sad.view.roles import LEGEND, Piece, pieces_by_line
from s2sad.view.template import PAGE

__all__ = ["page"]

#: Neighbouring statements get hues that are far apart: steps of the golden angle.
_HUE_STEP = 137.508


def page(primal_text: str, derivative_text: str, title: str, first_line: int = 1) -> str:
    """A stand-alone HTML page. `first_line` is the number of the primal's first line in its file."""
    links = link(primal_text, derivative_text)
    hues = {number: round(index * _HUE_STEP) % 360 for index, number in enumerate(_linked(links.primal))}
    return Template(PAGE).substitute(
        title=escape(title),
        legend=_legend(derivative_text),
        primal=_lines(primal_text, links.primal, hues, first_line),
        derivative=_lines(derivative_text, links.derivative, hues, 1),
    )


def _linked(lines: dict[int, Ids]) -> list[int]:
    return sorted({number for ids in lines.values() for number in ids})


def _lines(text: str, links: dict[int, Ids], hues: dict[int, int], first_line: int) -> str:
    lines = enumerate(pieces_by_line(text), 1)
    return "".join(_line(line, number + first_line - 1, links.get(number, ()), hues) for number, line in lines)


def _line(line: list[Piece], number: int, ids: Ids, hues: dict[int, int]) -> str:
    code = "".join(_span(role, value) for role, value in line) or "\n"
    linked = f' data-link="{" ".join(map(str, ids))}" style="--hue:{hues[ids[0]]}" tabindex="0"' if ids else ""
    return f'<span class="line" data-n="{number}"{linked}>{code}</span>'


def _span(role: str, value: str) -> str:
    return f'<span class="{role}">{escape(value)}</span>' if role else escape(value)


def _legend(text: str) -> str:
    """The roles that the derivative has, each with a name that shows it."""
    roles = {role for line in pieces_by_line(text) for role, _ in line}
    shown = [f'<li><code class="{role}">{name}</code> {role}</li>' for role, name in LEGEND.items() if role in roles]
    return f"<ul>{''.join(shown)}</ul>" if shown else ""
