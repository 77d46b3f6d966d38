"""The module in a file of the user's, imported: only what runs a function needs this."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from s2sad.cli.files import shown
from s2sad.cli.problems import UsageError

__all__ = ["import_root", "load_function", "load_module"]


def import_root(path: Path) -> tuple[Path, str]:
    """The directory to import a file from, and its name there: that in its package, if it is in one."""
    folder, names = path.resolve().parent, [path.stem]
    while (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(names)


def load_module(path: Path) -> ModuleType:
    """The module in a file, imported as Python does it where the file's directory is on the path.

    UsageError if that raises.
    """
    root, name = import_root(path)
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        # The packages around it, for relative imports.
        package = name.rpartition(".")[0]
        if package:
            __import__(package)
        spec = spec_from_file_location(name, path.resolve())
        assert spec is not None and spec.loader is not None
        module = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{shown(path)} cannot be imported: {type(error).__name__}: {error}") from error
    return module


def load_function(module: ModuleType, path: Path, dotted: str) -> Any:
    """A function of a module, or a method of a class in it."""
    found: Any = module
    for part in dotted.split("."):
        if not hasattr(found, part):
            raise UsageError(f"there is no function `{dotted}` in {shown(path)}")
        found = getattr(found, part)
    if not callable(found):
        raise UsageError(f"`{dotted}` in {shown(path)} is {found!r}, no function")
    return found
