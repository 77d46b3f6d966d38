"""What `wrt` may name beside a parameter: a part of one, by the path that one writes to get there."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from s2sad.kind import Key
from s2sad.naming import root_name

__all__ = ["Path", "path_of", "plain_name", "with_root"]


@dataclass(frozen=True)
class Path:
    """A part of the parameter `root`, by keys, indices and attributes from the outside in; no keys mean all of it."""

    root: str
    keys: tuple[Key, ...] = ()

    def overlaps(self, other: Path) -> bool:
        """True if one is the other, or a part of it."""
        count = min(len(self.keys), len(other.keys))
        return self.root == other.root and self.keys[:count] == other.keys[:count]


def path_of(text: str) -> Path | None:
    """The path that a text means, None if it is none.

    >>> path_of('params["layers"][-1].W')
    Path(root='params', keys=('layers', -1, 'W'))
    """
    try:
        found = _steps(ast.parse(text, mode="eval").body)
    except SyntaxError:
        return None
    return None if found is None else Path(found[0], found[1])


def _steps(node: ast.expr) -> tuple[str, tuple[Key, ...]] | None:
    match node:
        case ast.Name(id=name):
            return name, ()
        case ast.Attribute(value=value, attr=key):
            pass
        case ast.Subscript(value=value, slice=index):
            try:
                key = ast.literal_eval(index)
            except ValueError:
                return None
            if type(key) not in (str, int):
                return None
        case _:
            return None
    inner = _steps(value)
    return None if inner is None else (inner[0], (*inner[1], key))


def plain_name(text: str) -> str:
    """A name for what a path means, in the names of its tangent and of variables.

    >>> plain_name('params["W"]'), plain_name("layers[0].W"), plain_name("x")
    ('W', 'layers_0_W', 'x')
    """
    path = path_of(text)
    if path is None or not path.keys:
        return text
    last = str(path.keys[-1])
    if last.isidentifier() and not any(isinstance(key, int) for key in path.keys):
        return last
    return "_".join(word for key in (path.root, *path.keys) for word in re.findall(r"\w+", str(key)))


def with_root(text: str, root: str) -> str:
    """The same path from a parameter of another name.

    >>> with_root("params.W", "p")
    'p.W'
    """
    return root + text[len(root_name(text)) :]
