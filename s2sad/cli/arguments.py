"""The arguments that several commands take, and their way from text to a Request."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer

from s2sad.cli.problems import UsageError
from s2sad.cli.request import Request
from s2sad.options import MODES, Mode

__all__ = [
    "Aux",
    "Kinds",
    "ModeName",
    "Target",
    "Targets",
    "WithRespectTo",
    "Written",
    "mode_named",
    "request_of",
    "split_kinds",
    "split_target",
]

#: `reverse` and `forward` are the everyday names of two modes.
_MODES: dict[str, Mode] = {"reverse": "grad", "forward": "jvp", **{mode: mode for mode in MODES}}


def complete_target(incomplete: str) -> list[str]:
    """Files that could be meant, and after the colon the functions in one."""
    file, colon, _ = incomplete.partition(":")
    found = [f"{file}:{name}" for name in _functions(Path(file))] if colon else _paths(incomplete)
    return [target for target in found if target.startswith(incomplete)]


def _paths(incomplete: str) -> list[str]:
    folder = Path(incomplete) if incomplete.endswith("/") else Path(incomplete).parent
    if not folder.is_dir():
        return []
    files = [f"{path.as_posix()}:" for path in sorted(folder.glob("*.py"))]
    return files + [f"{path.as_posix()}/" for path in sorted(folder.iterdir()) if path.is_dir()]


def _functions(file: Path) -> list[str]:
    try:
        body = ast.parse(file.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return []
    return [node.name for node in body if isinstance(node, ast.FunctionDef)]


_TARGET = typer.Argument(
    metavar="FILE.py:FUNCTION",
    help="A function in a file, for example model.py:loss. The file is read, never imported or run.",
    show_default=False,
    autocompletion=complete_target,
)
_TARGETS = typer.Argument(
    metavar="FILE.py:FUNCTION",
    help="Functions in files, for example model.py:loss. The files are read, never imported or run. "
    "Without any, everything that pyproject.toml lists.",
    show_default=False,
    autocompletion=complete_target,
)

Target = Annotated[str, _TARGET]
Targets = Annotated[list[str] | None, _TARGETS]
ModeName = Annotated[
    str,
    typer.Option(
        "--mode",
        "-m",
        metavar="MODE",
        help="reverse (the same as grad), forward (jvp), value_and_grad, vjp, jacfwd, jacrev, jacobian, hessian, hvp, "
        "derivative or elementwise_grad.",
        autocompletion=lambda incomplete: [name for name in _MODES if name.startswith(incomplete)],
    ),
]
WithRespectTo = Annotated[
    str,
    typer.Option(
        "--wrt",
        "-w",
        metavar="NAMES",
        help="The parameters to differentiate with respect to, by name or position: w,b. By default the first.",
        show_default=False,
    ),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--arg",
        "-a",
        metavar="'NAME: KIND'",
        help=r"What a parameter is: 'x: float', 'W: float\[m, n]', 'y: float32\[3, n]'. May be repeated.",
        show_default=False,
    ),
]
Written = Annotated[
    str,
    typer.Option("--outputs", help="Parameters that the function writes its results into: u,v.", show_default=False),
]
Aux = Annotated[bool, typer.Option("--has-aux", help="The function returns (value, aux).")]


def mode_named(name: str) -> Mode:
    """The mode of that name."""
    if name not in _MODES:
        near = get_close_matches(name, _MODES, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_MODES)}"
        raise UsageError(f"there is no mode `{name}`: {hint}")
    return _MODES[name]


def split_target(text: str, base: Path = Path()) -> tuple[Path, str]:
    """The file, seen from the directory `base`, and the function in `file.py:function`."""
    file, colon, function = text.rpartition(":")
    if not colon or not file or not all(part.isidentifier() for part in function.split(".")):
        raise UsageError(f"`{text}` does not name a function: write FILE.py:FUNCTION, for example model.py:loss")
    path = base / file
    if not path.is_file():
        raise UsageError(f"there is no file {path.as_posix()}")
    return path, function


def request_of(
    target: str,
    mode: str,
    wrt: str,
    kinds: Iterable[str],
    has_aux: bool,
    output: Path | None = None,
    outputs: str = "",
) -> Request:
    """The request that these arguments make."""
    file, function = split_target(target)
    return Request(file, function, mode_named(mode), wrt, split_kinds(kinds), has_aux, output, outputs=outputs)


def split_kinds(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The texts of `--arg`, each as a name and a kind."""
    return tuple(map(_split_kind, texts))


def _split_kind(text: str) -> tuple[str, str]:
    name, colon, kind = text.partition(":")
    if not colon or not name.strip().isidentifier() or not kind.strip():
        raise UsageError(f"`--arg {text}` is not understood: write 'NAME: KIND', for example --arg 'W: float[m, n]'")
    return name.strip(), kind.strip()
