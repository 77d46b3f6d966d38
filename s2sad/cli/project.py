"""Projects: where one begins, and the derivatives that its pyproject.toml lists.

    [[tool.s2sad.derivative]]
    function = "examples/logistic.py:logistic"      # required
    output = "generated/logistic_grad.py"           # required: a file, or a directory
    mode = "reverse"                                # what `s2sad gen --help` lists: reverse, forward, hessian, …
    wrt = ["x"]                                     # names or positions; also "x" or "w,b"; by default the first
    args = { x = "float" }                          # kinds, as with --arg
    has_aux = false
    outputs = ["u"]                                 # parameters that the function writes its results into
    tests = true                                    # a test file, too: tests/test_logistic_grad.py
    at = { x = "0.3" }                              # values for the tests, as with --at

All paths are seen from the directory of pyproject.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from s2sad.cli.problems import UsageError

__all__ = ["EXAMPLE", "Listed", "listed_derivatives", "project_root"]

EXAMPLE = """\
[[tool.s2sad.derivative]]
function = "model.py:loss"
mode = "reverse"
wrt = ["w"]
args = { w = "float[n]" }
output = "generated/loss_grad.py"
"""


@dataclass(frozen=True)
class Listed:
    """One table of pyproject.toml, its values checked for their types; `root` is the directory it stands in."""

    root: Path
    function: str
    output: str
    mode: str
    wrt: str
    args: tuple[tuple[str, str], ...]
    has_aux: bool
    tests: bool
    at: tuple[tuple[str, str], ...]
    outputs: str


def project_root(path: Path) -> Path:
    """The directory that paths in generated files are seen from: the nearest one above `path` with a pyproject.toml.

    Where there is none: the top of the git repository, else the directory of the file.
    """
    folders = list(path.resolve().parents)
    for mark in ("pyproject.toml", ".git"):
        for folder in folders:
            if (folder / mark).exists():
                return folder
    return folders[0]


def listed_derivatives(start: Path) -> list[Listed]:
    """The derivatives listed in the nearest pyproject.toml at or above the directory `start`."""
    file = next((f for folder in (start, *start.parents) if (f := folder / "pyproject.toml").is_file()), None)
    if file is None:
        raise UsageError(f"there is no pyproject.toml in {start.as_posix()} or above it. {_hint()}")
    tables = _tables(file)
    if not tables:
        raise UsageError(f"{file.as_posix()} lists no derivatives. {_hint()}")
    return [_listed(table, f"derivative {number} in {file.as_posix()}", file.parent) for number, table in tables]


def _hint() -> str:
    return f"Name a function (s2sad gen model.py:loss), or list what to generate:\n\n{EXAMPLE}"


def _tables(file: Path) -> list[tuple[int, dict[str, Any]]]:
    try:
        tool = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("s2sad", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise UsageError(f"cannot read {file.as_posix()}: {error}") from None
    where = f"[tool.s2sad] in {file.as_posix()}"
    _check_keys(tool, ("derivative",), where)
    tables = tool.get("derivative", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f"`derivative` of {where} must be a list of tables, for example\n\n{EXAMPLE}")
    return list(enumerate(tables, 1))


_KEYS = ("function", "output", "mode", "wrt", "args", "has_aux", "outputs", "tests", "at")


def _listed(table: dict[str, Any], where: str, root: Path) -> Listed:
    _check_keys(table, _KEYS, where)
    return Listed(
        root,
        _typed(table, "function", str, None, where),
        _typed(table, "output", str, None, where),
        _typed(table, "mode", str, "reverse", where),
        ",".join(_names(table.get("wrt", ""), where)),
        _texts(table, "args", "float[n]", where),
        _typed(table, "has_aux", bool, False, where),
        _typed(table, "tests", bool, False, where),
        _texts(table, "at", "[1.0, 2.0]", where),
        ",".join(_names(table.get("outputs", ""), where)),
    )


def _texts(table: dict[str, Any], key: str, example: str, where: str) -> tuple[tuple[str, str], ...]:
    """A table of texts by parameter."""
    found: dict[str, Any] = _typed(table, key, dict, {}, where)
    for value in found.values():
        if not isinstance(value, str):
            raise UsageError(
                f'`{key}` of {where} must be text by parameter, as in {{ x = "{example}" }}, not {value!r}'
            )
    return tuple(found.items())


def _check_keys(table: object, known: tuple[str, ...], where: str) -> None:
    if not isinstance(table, dict):
        raise UsageError(f"{where} must be a table")
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}"
            raise UsageError(f"{where} has an unknown key `{key}`: {hint}")


def _typed(table: dict[str, Any], key: str, wanted: type, default: Any, where: str) -> Any:
    value = table.get(key, default)
    if value is None:
        raise UsageError(f"{where} has no `{key}`. An entry looks like this:\n\n{EXAMPLE}")
    if not isinstance(value, wanted):
        names = {str: "text", dict: "a table", bool: "true or false"}
        raise UsageError(f"`{key}` of {where} must be {names[wanted]}, not {value!r}")
    return value


def _names(wrt: object, where: str) -> Iterator[str]:
    """The words of `wrt`: of a list its items, else the text."""
    for word in wrt if isinstance(wrt, list) else [wrt]:
        if isinstance(word, bool) or not isinstance(word, str | int):
            raise UsageError(f"`wrt` of {where} must be names or positions, not {wrt!r}")
        yield str(word)
