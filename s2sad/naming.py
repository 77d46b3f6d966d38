"""Names for what the transforms add, deterministic, never one that is taken; and names of parts, which are their text."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

__all__ = ["Names", "base_name", "part_name", "root_name"]

_RESERVED = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | {"np", "math"}


def base_name(name: str) -> str:
    """`x` for `x_3`: the name without the number that made it unique."""
    return re.sub(r"_\d+$", "", name)


def part_name(whole: str, key: str | int, is_attribute: bool) -> str:
    """The name of a part of a container, as one writes it.

    >>> part_name("params", "W", is_attribute=False)
    'params["W"]'
    """
    if is_attribute:
        return f"{whole}.{key}"
    plain = isinstance(key, str) and key.isprintable() and not set('"\\') & set(key)
    return f'{whole}["{key}"]' if plain else f"{whole}[{key!r}]"


def root_name(name: str) -> str:
    """The variable that a part belongs to.

    >>> root_name('params["layers"][0].W')
    'params'
    """
    return re.split(r"[.\[]", name, maxsplit=1)[0]


class Names:
    """The names taken so far in one generated function or module."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def taken(self, name: str) -> bool:
        return name in self._taken or name in _RESERVED

    def reserve(self, name: str) -> str:
        self._taken.add(name)
        return name

    def unique(self, wish: str) -> str:
        """`wish` if it is free, else `wish_1`, `wish_2`, …"""
        if not self.taken(wish):
            return self.reserve(wish)
        number = 1
        while self.taken(f"{wish}_{number}"):
            number += 1
        return self.reserve(f"{wish}_{number}")

    def copy(self) -> Names:
        return Names(self._taken)
