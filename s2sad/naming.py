"""Names for what the transforms add: deterministic, never one that is taken."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

__all__ = ["Names", "base_name"]

_RESERVED = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | {"np", "math"}


def base_name(name: str) -> str:
    """`x` for `x_3`: the name without the number that made it unique."""
    return re.sub(r"_\d+$", "", name)


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
