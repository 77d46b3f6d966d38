"""Which lines of a derivative belong to which statement of its primal.

The generator writes the primal statement as a comment at the first line of each group of adjoint lines, and copies
primal statements as they are; both are found again by comparing normalised text. This needs nothing but the two texts,
so it works on any file that was ever generated.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Links", "link"]

Ids = tuple[int, ...]


@dataclass(frozen=True)
class Links:
    """The primal statements, as the lines where they begin, that each line of the two texts belongs to."""

    primal: dict[int, Ids] = field(default_factory=dict)
    derivative: dict[int, Ids] = field(default_factory=dict)


def link(primal: str, derivative: str) -> Links:
    """The links between the lines (from 1) of two texts; none where one of them cannot be parsed."""
    try:
        statements = list(_statements(ast.parse(primal).body))
        tree = ast.parse(derivative)
    except SyntaxError:
        return Links()
    known: dict[str, Ids] = {}
    for statement in statements:
        for text in _normal(statement):
            known[text] = (*known.get(text, ()), statement.lineno)
    found = dict(_derivative_lines(tree.body, _Text(tuple(derivative.splitlines()), _comments(derivative), known)))
    met = {number for ids in found.values() for number in ids}
    lines: dict[int, Ids] = {line: (s.lineno,) for s in statements if s.lineno in met for line in _lines(s)}
    return Links(lines, found)


@dataclass(frozen=True)
class _Text:
    """A derivative with the comments at its lines, and the primal statements known by their text."""

    lines: tuple[str, ...]
    comments: dict[int, str]
    known: dict[str, Ids]

    def ids(self, texts: list[str]) -> Ids:
        return tuple(dict.fromkeys(number for text in texts for number in self.known.get(text, ())))

    def above(self, line: int) -> str:
        """The line above a line."""
        return self.lines[line - 2].strip() if line > 1 else ""


def _statements(block: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements of a block and of the blocks in it, without definitions and docstrings."""
    for statement in block:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef) and not _is_text(statement):
            yield statement
        for inner in _blocks(statement):
            yield from _statements(inner)


def _is_text(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(statement, name, None)
        if block:
            yield block


def _lines(statement: ast.stmt) -> range:
    """The lines of a statement, of a compound one those of its head."""
    body = getattr(statement, "body", None)
    end = max(body[0].lineno, statement.lineno + 1) if body else (statement.end_lineno or statement.lineno) + 1
    return range(statement.lineno, end)


def _derivative_lines(block: list[ast.stmt], text: _Text) -> Iterator[tuple[int, Ids]]:
    """The lines of a block with what they belong to. A comment holds for the lines that follow it in its group."""
    group: Ids = ()
    for statement in block:
        copied = text.ids(_normal(statement))
        group = text.ids(_comments_of(statement, text)) or (() if copied or _ends_group(statement, text) else group)
        yield from ((line, group or copied) for line in _lines(statement) if group or copied)
        for inner in _blocks(statement):
            yield from _derivative_lines(inner, text)


def _ends_group(statement: ast.stmt, text: _Text) -> bool:
    return isinstance(statement, ast.Return) or any(_blocks(statement)) or not text.above(statement.lineno)


def _comments_of(statement: ast.stmt, text: _Text) -> list[str]:
    """The statements quoted by the comments at a statement and by the one on a line of its own above it."""
    comments = [text.comments[line] for line in _lines(statement) if line in text.comments]
    if text.above(statement.lineno).startswith("#"):
        comments.append(text.comments[statement.lineno - 1])
    return [part for comment in comments for part in _quoted(comment)]


def _normal(statement: ast.stmt) -> list[str]:
    """The text of a statement as `ast` prints it, of a compound one the head."""
    return ast.unparse(statement).splitlines()[:1]


def _quoted(comment: str) -> list[str]:
    """The normalised statements that a comment quotes; a head of a loop or branch lacks its body."""
    source = comment.removeprefix("el") if comment.startswith("elif ") else comment
    for text in (source, source + " pass"):
        try:
            return [part for statement in ast.parse(text).body for part in _normal(statement)]
        except (SyntaxError, ValueError):
            continue
    return []


def _comments(text: str) -> dict[int, str]:
    """The comments by line, without their `#`."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
