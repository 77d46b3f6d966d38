"""Values nested in tuples, lists, dictionaries, dataclasses and objects: their leaves, and the same nesting around others.

What is no container is a leaf, None and strings too. The path of a leaf is the text that is written behind a name to
get there: `["W"][0]`, `.bias`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import fields, is_dataclass
from typing import Any

from s2sad.observed import attributes_of

__all__ = ["NestingError", "children", "leaves", "map_leaves", "pairs", "rebuild"]


class NestingError(ValueError):
    """Two values are not nested alike, or not of one form: at `path`, `reason` says what there is instead."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(path, reason)

    def __str__(self) -> str:
        return f"`{self.path}` {self.reason}" if self.path else f"it {self.reason}"


def children(tree: Any) -> list[tuple[str, Any]] | None:
    """The parts of a container with their paths, None for a leaf.

    >>> children({"W": 1.0, 2: (3.0,)})
    [('["W"]', 1.0), ('[2]', (3.0,))]
    """
    match tree:
        case dict():
            return [(f"[{_quoted(key)}]", item) for key, item in tree.items()]
        case tuple() if hasattr(tree, "_fields"):
            return [(f".{name}", item) for name, item in zip(tree._fields, tree, strict=True)]
        case tuple() | list():
            return [(f"[{index}]", item) for index, item in enumerate(tree)]
    if is_dataclass(tree) and not isinstance(tree, type):
        return [(f".{field.name}", getattr(tree, field.name)) for field in fields(tree)]
    attributes = attributes_of(tree)
    if attributes is None:
        return None
    return [(f".{name}", part) for name, part in attributes.items() if _has_floats(part)]


def _has_floats(value: Any, inside: tuple[int, ...] = ()) -> bool:
    """True for what may be differentiated by, or holds such. Of an object the other attributes are no parts."""
    attributes = attributes_of(value)
    if attributes is not None:
        around = (*inside, id(value))
        return id(value) not in inside and any(_has_floats(part, around) for part in attributes.values())
    found = children(value)
    if found is not None:
        return any(_has_floats(part, inside) for _, part in found)
    dtype = getattr(value, "dtype", None)
    return isinstance(value, float | complex) or getattr(dtype, "kind", "") in ("f", "c")


def _quoted(key: object) -> str:
    return f'"{key}"' if isinstance(key, str) else repr(key)


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """All leaves with their paths.

    >>> list(leaves({"W": [1.0, None], "b": 2.0}))
    [('["W"][0]', 1.0), ('["W"][1]', None), ('["b"]', 2.0)]
    """
    parts = children(tree)
    if parts is None:
        yield path, tree
    for step, part in parts or ():
        yield from leaves(part, path + step)


def pairs(model: Any, other: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The leaves of two values that are nested alike, in the order of the first, with their paths.

    >>> list(pairs({"a": 1, "b": 2}, {"b": 20, "a": 10}))
    [('["a"]', 1, 10), ('["b"]', 2, 20)]

    NestingError where the nesting differs.
    """
    parts = children(model)
    if parts is None:
        if children(other) is not None:
            raise NestingError(path, f"is {_described(other)}, not {_described(model)}")
        yield path, model, other
        return
    found = dict(children(other) or ())
    if type(other) is not type(model) or found.keys() != dict(parts).keys():
        raise NestingError(path, f"is {_described(other)}, not {_described(model)}")
    for step, part in parts:
        yield from pairs(part, found[step], path + step)


def _described(tree: Any) -> str:
    parts = children(tree)
    name = "None" if tree is None else type(tree).__name__
    article = "" if tree is None else "an " if name[0] in "aeiou" else "a "
    if not parts:
        return f"{article}{name}" if parts is None else f"an empty {name}"
    return f"{article}{name} of {', '.join(step for step, _ in parts)}"


def rebuild(tree: Any, new: Iterable[Any]) -> Any:
    """The nesting of `tree` around new leaves.

    >>> rebuild({"W": [1.0, 2.0], "b": 3.0}, "xyz")
    {'W': ['x', 'y'], 'b': 'z'}
    """
    return _rebuilt(tree, iter(new))


def _rebuilt(tree: Any, new: Iterator[Any]) -> Any:
    parts = children(tree)
    if parts is None:
        return next(new)
    items = [_rebuilt(part, new) for _, part in parts]
    match tree:
        case dict():
            made = copy(tree)
            made.update(zip(tree, items, strict=True))
            return made
        case tuple() if hasattr(tree, "_fields"):
            return type(tree)(*items)
        case tuple() | list():
            return type(tree)(items)
    # Not through __init__, which may compute or refuse.
    made = copy(tree)
    for (step, _), item in zip(parts, items, strict=True):
        object.__setattr__(made, step.removeprefix("."), item)
    return made


def map_leaves(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The nesting of `tree` around what `function` makes of its leaves and those of `others`.

    >>> map_leaves(lambda a, b: a + b, {"x": (1, 2)}, {"x": (10, 20)})
    {'x': (11, 22)}

    NestingError where the nesting differs.
    """
    columns = [[leaf for _, leaf in leaves(tree)], *([leaf for _, _, leaf in pairs(tree, other)] for other in others)]
    return rebuild(tree, [function(*row) for row in zip(*columns, strict=True)])
