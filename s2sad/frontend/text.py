"""Modules as texts: parsed, never imported, and found beside each other as Python would find them."""

from __future__ import annotations

import ast
import io
import sys
from dataclasses import dataclass
from importlib.util import decode_source
from pathlib import Path

from s2sad.errors import DifferentiationError, Place
from s2sad.frontend.definition import parse
from s2sad.frontend.library import is_always_library, is_library
from s2sad.frontend.source import shown_path
from s2sad.frontend.toplevel import TopLevel, top_level
from s2sad.frontend.unit import Imported

__all__ = ["TextModule", "find_module", "module_name", "read_module"]


@dataclass(frozen=True, eq=False)
class TextModule:
    """A module's text: its file, or a folder without `__init__.py`, which has no lines.

    `root` is the folder that absolute imports start from, `dotted` the module's name there, `top` what it binds.
    """

    path: Path
    root: Path
    dotted: str
    file: str
    lines: tuple[str, ...]
    top: TopLevel

    @property
    def folder(self) -> Path:
        """Where relative imports start."""
        return self.path if self.path.is_dir() else self.path.parent

    @property
    def is_package(self) -> bool:
        """True if files beside it are its submodules."""
        return self.path.is_dir() or self.path.name == "__init__.py"


def read_module(path: Path) -> TextModule:
    """The module in a file; S101 if there is none or it is not Python."""
    path = path.resolve()
    file = shown_path(str(path))
    text = "" if path.is_dir() else _text(path, file)
    root, dotted = module_name(path)
    lines = tuple(io.StringIO(text).readlines())
    return TextModule(path, root, dotted, file, lines, top_level(_tree(text, file, lines)))


def module_name(path: Path) -> tuple[Path, str]:
    """The folder around the outermost package of a file, and the file's dotted name below it."""
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)


def find_module(importer: TextModule, imported: Imported) -> Path | str | None:
    """The file of a user's module, the dotted name of a library's, or None if it is neither."""
    dotted, level = imported.bound, imported.level
    parts = dotted.split(".") if dotted else []
    if level:
        folder = importer.folder
        for _ in range(level - 1):
            folder = folder.parent
        return _search(folder, parts)
    if is_library(dotted) and not _is_shadowed(importer, parts[0]):
        return dotted
    return _search(importer.root, parts) or _search(importer.folder, parts)


# ------------------------------------------------------------------ reading


def _text(path: Path, file: str) -> str:
    try:
        return decode_source(path.read_bytes())
    except OSError as error:
        raise DifferentiationError("S101", f"cannot read {file}: {error.strerror}") from None
    except (SyntaxError, UnicodeDecodeError) as error:
        raise DifferentiationError("S101", f"cannot read {file}: {error}") from None


def _tree(text: str, file: str, lines: tuple[str, ...]) -> ast.Module:
    try:
        return parse(text)
    except SyntaxError as error:
        line, column = error.lineno or 1, (error.offset or 1) - 1
        shown = lines[line - 1].rstrip("\n") if line <= len(lines) else ""
        end = (error.end_offset or 0) - 1 if error.end_lineno == error.lineno else column + 1
        place = Place(file, line, column, max(end, column + 1), shown)
        raise DifferentiationError("S101", f"the file is not valid Python: {error.msg}", place) from None
    except ValueError as error:
        raise DifferentiationError("S101", f"cannot read {file}: {error}") from None


# ------------------------------------------------------------------ finding


def _search(folder: Path, parts: list[str]) -> Path | None:
    path = folder.joinpath(*parts)
    return _regular(path) or (path if path.is_dir() else None)


def _regular(path: Path) -> Path | None:
    """The file of a package or module at `path`, in the order in which Python looks."""
    candidates = (path / "__init__.py", path.with_name(f"{path.name}.py"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _is_shadowed(importer: TextModule, top: str) -> bool:
    """True if a file of the user's is found before the library's: a `statistics.py` beside the script."""
    if is_always_library(top) or top in sys.builtin_module_names:
        return False
    return _regular(importer.root / top) is not None
