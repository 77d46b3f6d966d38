"""Writing generated files: whole or not at all, only where something changes, and never over somebody's own work."""

from __future__ import annotations

import os
from pathlib import Path

from s2sad.cli.problems import UsageError

__all__ = ["is_generated", "shown", "write"]

_MARK = "# made by s2sad "


def is_generated(data: bytes) -> bool:
    """True for a file that s2sad made, by its header, and for an empty one."""
    return not data.strip() or data.startswith(_MARK.encode())


def shown(path: Path) -> str:
    """A path as people are shown it: from here where it lies below, with forward slashes."""
    here = Path.cwd()
    absolute = path.resolve()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else path).as_posix()


def write(path: Path, text: str, force: bool = False) -> bool:
    """Write a generated file and return whether that changed anything.

    UsageError if a file is there that s2sad did not make, unless `force`, or if it cannot be written.
    """
    data = text.encode()
    try:
        old = path.read_bytes() if path.exists() else None
        if old is not None and not force and not is_generated(old):
            raise UsageError(f"{shown(path)} was not made by s2sad: --force overwrites it all the same")
        if old != data:
            _replace(path.resolve(), data)
        return old != data
    except OSError as error:
        raise UsageError(f"cannot write {shown(path)}: {error.strerror}") from None


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        new.write_bytes(data)
        if path.exists():
            new.chmod(path.stat().st_mode)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
