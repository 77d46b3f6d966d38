"""The one family of exceptions: every refusal has a code, a place, a reason and a rewrite."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CODES", "ArgumentError", "ArgumentValueError", "DifferentiationError", "Place", "RuleError", "S2sadError"]

#: Every code with the sentence that heads its page in the documentation.
CODES = {
    "S101": "the source of a function cannot be found",
    "S102": "the source found is not the code that runs",
    "S103": "a name cannot be resolved",
    "S104": "an argument of the operator does not fit the function",
    "S201": "a statement or expression outside the language s2sad differentiates",
    "S202": "an active value goes where no derivative can follow",
    "S204": "a function without a rule is applied to an active value",
    "S205": "an argument of a function that its rule does not cover",
    "S206": "a derivative given by hand does not fit its function",
    "S301": "an array is changed in place",
    "S401": "a derivative is asked with respect to something that is no float",
    "S402": "a result of the wrong kind for the operator",
    "S601": "a file of the cache cannot be trusted",
}


@dataclass(frozen=True)
class Place:
    """Where in a source file: line from 1, columns from 0, as `ast` counts them."""

    file: str
    line: int
    column: int
    end_column: int
    text: str = ""

    def caret(self) -> str:
        """The source line with carets under the columns meant, indented for a message."""
        if not self.text:
            return ""
        number = f"{self.line:>5} | "
        width = max(1, min(self.end_column, len(self.text)) - self.column)
        blank = " " * (len(number) - 2) + "| " + " " * self.column
        return f"{number}{self.text}\n{blank}{'^' * width}"


class S2sadError(Exception):
    """What s2sad refuses. `code` is stable, `place` may be None, `rewrite` says what works instead."""

    def __init__(self, code: str, reason: str, place: Place | None = None, rewrite: str = "") -> None:
        self.code, self.reason, self.place, self.rewrite = code, reason, place, rewrite
        super().__init__(code, reason, place, rewrite)

    def __str__(self) -> str:
        where = f"{self.place.file}:{self.place.line}:{self.place.column + 1}: " if self.place else ""
        lines = [f"{where}{self.code} {self.reason}"]
        if self.place and self.place.text:
            lines.append(self.place.caret())
        if self.rewrite:
            lines.append(f"   {self.rewrite}")
        return "\n".join(lines)


class DifferentiationError(S2sadError):
    """The function contains something that s2sad does not differentiate."""


class ArgumentError(S2sadError, TypeError):
    """An argument, or a result, is of a type that the operator cannot take."""


class ArgumentValueError(S2sadError, ValueError):
    """A tangent or cotangent does not have the shape or structure of its primal."""


class RuleError(ValueError):
    """The text of a rule is malformed."""
