"""Derivatives in files: which function one belongs to, and how it was made, from its header or its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from s2sad.cli.arguments import mode_named, split_target
from s2sad.cli.files import is_generated, shown
from s2sad.cli.problems import UsageError
from s2sad.cli.project import project_root
from s2sad.options import MODES, Mode

__all__ = ["Origin", "origin_of"]

_FROM = re.compile(r"^# made by s2sad \S+ from (.+)$", re.M)
_OPTIONS = re.compile(r"^# options: (.+)$", re.M)


@dataclass(frozen=True)
class Origin:
    """What a derivative is of: a function in a file, with respect to what."""

    file: Path
    function: str
    mode: Mode
    wrt: str
    has_aux: bool = False


def origin_of(file: Path, name: str, against: str, wrt: str) -> Origin | None:
    """Where a function in a file comes from, if it is a derivative.

    The header of a generated file says so. For others the function is named by `against`, and the name of the
    derivative ends as that of a generated one does.
    """
    text = file.read_text(encoding="utf-8", errors="replace")
    target, options = _FROM.search(text), _OPTIONS.search(text)
    if target and options and is_generated(text.encode()):
        mode, by, *rest = options[1].split("; ")
        root = project_root(file)
        if not against and not (root / target[1].rpartition(":")[0]).is_file():
            raise UsageError(
                f"{shown(file)} was made from {target[1]}, which is not below {root}: name it by --against"
            )
        if any(part.startswith("outputs ") for part in rest):
            raise UsageError(f"{shown(file)} has outputs: write a test that calls it")
        path, function = split_target(against) if against else split_target(target[1], root)
        return Origin(path, function, mode_named(mode), by.removeprefix("wrt "), "has_aux" in rest)
    if not against:
        return None
    found = [mode for mode in MODES if name.endswith(f"_{mode}")]
    if not found:
        endings = ", ".join(f"_{mode}" for mode in MODES)
        raise UsageError(
            f"which derivative `{name}` in {shown(file)} is, is not known: let its name end with {endings}"
        )
    return Origin(*split_target(against), max(found, key=len), wrt)
