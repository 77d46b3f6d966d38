"""Comments that say something to s2sad: `# s2sad: checkpoint` at a loop, with a number of snapshots or without."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["snapshots", "unknown_remark"]

_REMARK = re.compile(r"#\s*s2sad:\s*(?P<word>\w+)\s*(?:\(\s*(?P<number>\d+)\s*\)|(?P<rest>.*))$")


def snapshots(lines: Sequence[str], line: int) -> int | None:
    """How many snapshots the loop whose head is in this line (from 1) is to be kept in: 0 if that is left open, None for a
    loop without a remark.
    """
    found = _remark(lines, line)
    return None if found is None or found["word"] != "checkpoint" else int(found["number"] or 0)


def unknown_remark(lines: Sequence[str], line: int) -> str | None:
    """A remark to s2sad that it does not know."""
    found = _remark(lines, line)
    if found is None or (found["word"] == "checkpoint" and not (found["rest"] or "").strip()):
        return None
    return found[0]


def _remark(lines: Sequence[str], line: int) -> re.Match[str] | None:
    """The remark behind the head of a loop, or alone in the line before."""
    for number in (line - 1, line - 2):
        if 0 <= number < len(lines):
            found = _REMARK.search(lines[number].rstrip())
            if found is not None and (number == line - 1 or not lines[number][: found.start()].strip()):
                return found
    return None
