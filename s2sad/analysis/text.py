"""The kinds of what is made of text: by its operators and methods."""

from __future__ import annotations

from collections.abc import Callable

from s2sad.ir import Attribute, Binary, Call, Const, Expr, Index
from s2sad.kind import Kind, List, Number, Other

__all__ = ["TEXT", "kind_of_text"]

TEXT = Other("str")
#: What the methods of `str` return.
_METHODS: dict[str, Kind] = {
    **dict.fromkeys(
        "capitalize casefold center expandtabs format format_map join ljust lower lstrip removeprefix removesuffix replace "
        "rjust rstrip strip swapcase title translate upper zfill".split(),
        TEXT,
    ),
    **dict.fromkeys("split rsplit splitlines".split(), List(TEXT)),
    **dict.fromkeys("count find index rfind rindex".split(), Number("int")),
    **dict.fromkeys(
        "endswith isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle "
        "isupper startswith".split(),
        Number("bool"),
    ),
}


def kind_of_text(node: Expr, kind_of: Callable[[Expr], Kind]) -> Kind | None:
    """The kind of an operation on text, None for every other."""
    match node:
        case Call(func=Attribute(value=value, attr=attr)) if attr in _METHODS and _is_text(value, kind_of):
            return _METHODS[attr]
        case Binary(op="%", left=left) if _is_text(left, kind_of):
            return TEXT
        case Binary(op="+" | "*", left=left, right=right) if _is_text(left, kind_of) or _is_text(right, kind_of):
            return TEXT
        case Index(value=value) if _is_text(value, kind_of):
            return TEXT
    return None


def _is_text(node: Expr, kind_of: Callable[[Expr], Kind]) -> bool:
    return isinstance(node.value, str) if isinstance(node, Const) else kind_of(node) == TEXT
