"""What each piece of a text is: a keyword, a comment, an adjoint. The views give colours to these roles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped, unused-ignore]
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType  # type: ignore[import-untyped, unused-ignore]

__all__ = ["LEGEND", "Piece", "pieces", "pieces_by_line"]

#: A role ("" for plain text) and the text that has it.
Piece = tuple[str, str]

#: Variables that only derivatives have; the generator numbers them where a name is taken.
_DERIVED = re.compile(r"_(bar|dot|saved)(_\d+)?$")
_DERIVED_ROLES = {"bar": "adjoint", "dot": "tangent", "saved": "saved"}
LEGEND = {"adjoint": "x_bar", "tangent": "x_dot", "saved": "x_saved"}

_ROLES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "comment"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (String, "string"),
    (Number, "number"),
    (Name.Function, "function"),
    (Name.Class, "function"),
    (Name.Decorator, "function"),
    (Name.Builtin.Pseudo, "plain"),
    (Name.Builtin, "builtin"),
    (Name.Exception, "builtin"),
)


def pieces(text: str) -> Iterator[Piece]:
    """The text cut into pieces of one role each; joined, they are the text again."""
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    for token, value in lexer.get_tokens(text):
        yield _role(token, value), value


def _role(token: _TokenType, value: str) -> str:
    if token is Name:
        found = _DERIVED.search(value)
        return _DERIVED_ROLES[found[1]] if found else ""
    return next((role for kind, role in _ROLES if token in kind), "")


def pieces_by_line(text: str) -> list[list[Piece]]:
    """The pieces of each line, without the line ends."""
    lines: list[list[Piece]] = [[]]
    for role, value in pieces(text.rstrip("\n")):
        first, *rest = value.split("\n")
        lines[-1].append((role, first))
        lines.extend([(role, part)] for part in rest)
    return [[piece for piece in line if piece[1]] for line in lines]
