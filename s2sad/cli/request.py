"""A derivative that is asked for, and making it: the same for every command, so that the bytes are the same."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from textwrap import dedent

from s2sad import __version__
from s2sad.cli.project import project_root
from s2sad.frontend.annotations import check_wrt, kinds_of, normal_form, parameters
from s2sad.frontend.caught import caught
from s2sad.frontend.static import static_unit
from s2sad.frontend.unit import Unit
from s2sad.kind import Kind, Pattern
from s2sad.options import Mode, Options
from s2sad.parameters import Parameters, select
from s2sad.pipeline import Generated, derive

__all__ = [
    "Made",
    "Request",
    "Subject",
    "first_line",
    "header_lines",
    "make",
    "primal_text",
    "relative",
    "subject_of",
    "wrt_of",
]

_COMMAND_MODES: Mapping[Mode, str] = {"grad": "reverse", "jvp": "forward"}


@dataclass(frozen=True)
class Request:
    """One derivative, as it is asked for on the command line or in pyproject.toml.

    `wrt` is text such as `w,b`, empty for the first parameter, and so are `outputs`, parameters that the function changes;
    `args` are kinds by parameter; `output` is a file or a directory. `tests` asks for a test file, too, with the values
    `at` of parameters, as text.
    """

    file: Path
    function: str
    mode: Mode = "grad"
    wrt: str = ""
    args: tuple[tuple[str, str], ...] = ()
    has_aux: bool = False
    output: Path | None = None
    tests: bool = False
    at: tuple[tuple[str, str], ...] = ()
    outputs: str = ""

    @property
    def path(self) -> Path | None:
        """The file to write."""
        if self.output is None or (self.output.suffix == ".py" and not self.output.is_dir()):
            return self.output
        return self.output / f"{self.function.replace('.', '_')}_{self.mode}.py"

    @property
    def tests_path(self) -> Path | None:
        """The test file to write: in `tests/` of the project, called after the file of the derivative."""
        if not self.tests or self.path is None:
            return None
        return project_root(self.file) / "tests" / f"test_{self.path.stem}.py"


@dataclass(frozen=True)
class Subject:
    """A request after a look at its function: everything that `derive` takes, and the shapes as text."""

    unit: Unit
    options: Options
    kinds: dict[str, Kind]
    shapes: dict[str, str]
    pattern: Pattern


@dataclass(frozen=True)
class Made:
    """A request and what came of it."""

    request: Request
    subject: Subject
    generated: Generated


def subject_of(request: Request) -> Subject:
    """The function of a request, with its options and kinds checked."""
    found = caught(static_unit(request.file, request.function), dict(request.args))
    unit, pattern = found.unit, Pattern()
    kinds, shapes = kinds_of(unit, found.kinds, pattern)
    wrt, bare = select(_parameters(unit), wrt_of(request.wrt, found.names))
    check_wrt(unit, wrt, kinds)
    outputs = select(_parameters(unit), tuple(_names(request.outputs)))[0] if request.outputs else ()
    return Subject(unit, Options(request.mode, wrt, bare, request.has_aux, outputs), kinds, shapes, pattern)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def make(request: Request, with_header: bool = True) -> Made:
    """The derivative of a request."""
    subject = subject_of(request)
    header = header_lines(request, subject) if with_header else ()
    generated = derive(subject.unit, subject.options, subject.kinds, subject.pattern, header)
    return Made(request, subject, generated)


def primal_text(unit: Unit) -> str:
    """The function as it stands in its file, from its first decorator on; a method without its indentation."""
    return dedent("".join(unit.lines[first_line(unit) - 1 : unit.node.end_lineno]))


def first_line(unit: Unit) -> int:
    """The number of the line where `primal_text` begins."""
    return min([unit.node.lineno, *(decorator.lineno for decorator in unit.node.decorator_list)])


def _parameters(unit: Unit) -> Parameters:
    arguments = unit.node.args
    keyword = tuple(param.arg for param in arguments.kwonlyargs)
    positional = tuple(name for name in parameters(unit) if name not in keyword)
    bound = unit.receiver is not None
    return Parameters(unit.node.name, positional, max(len(arguments.posonlyargs) - bound, 0), keyword)


def wrt_of(text: str, names: Mapping[str, str] | None = None) -> object:
    """What the API takes: `w` alone gives one gradient, `w,b` a tuple, and `w,` a tuple of one, as in Python.

    `names` are those of parameters by what they may be called, too.
    """
    words = [_position_or_name((names or {}).get(word, word)) for word in _names(text)]
    if not words:
        return 0
    return tuple(words) if len(words) > 1 or text.rstrip().endswith(",") else words[0]


def _position_or_name(word: str) -> int | str:
    return int(word) if re.fullmatch(r"-?\d+", word) else word


# ------------------------------------------------------------------------ header


def header_lines(request: Request, subject: Subject, *more: str) -> tuple[str, ...]:
    """The lines at the top of a file: the same wherever and whenever it is made. `more` are words of the command."""
    root = project_root(request.file)
    target = f"{relative(request.file, root)}:{request.function}"
    args = _normal_args(request, subject.unit)
    return (
        f"made by s2sad {__version__} from {target}",
        f"source: sha256 {_hash(subject.unit)}",
        f"options: {_options_text(subject.options, args)}",
        f"again: {_command(request, subject.options, target, args, root, more)}",
    )


def relative(path: Path, root: Path) -> str:
    """A path as it is seen from the directory `root`."""
    return Path(os.path.relpath(path.resolve(), root)).as_posix()


def _normal_args(request: Request, unit: Unit) -> list[str]:
    """The kinds that were given, in the order of the parameters and in one spelling."""
    given = dict(request.args)
    names = dict.fromkeys((*parameters(unit), *sorted(given)))
    return [f"{name}: {normal_form(given[name])}" for name in names if name in given]


def _hash(unit: Unit) -> str:
    return sha256(primal_text(unit).encode()).hexdigest()[:16]


def _options_text(options: Options, args: list[str]) -> str:
    aux = ["has_aux"] if options.has_aux else []
    outputs = [f"outputs {','.join(options.outputs)}"] if options.outputs else []
    return "; ".join([options.mode, f"wrt {_wrt_text(options)}", *aux, *outputs, *args])


def _wrt_text(options: Options) -> str:
    return ",".join(options.wrt) + ("," if len(options.wrt) == 1 and not options.bare else "")


def _command(
    request: Request, options: Options, target: str, args: list[str], root: Path, more: tuple[str, ...]
) -> str:
    words = ["s2sad", "gen", target, "--mode", _COMMAND_MODES.get(options.mode, options.mode)]
    words += ["--wrt", _wrt_text(options), *(["--has-aux"] if options.has_aux else [])]
    words += ["--outputs", ",".join(options.outputs)] if options.outputs else []
    words += [word for arg in args for word in ("--arg", arg)]
    words += ["-o", relative(request.path, root)] if request.path else []
    words += more
    return " ".join(map(_shell_quoted, words))


def _shell_quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w@%+=:,./-]+", word) else f'"{word}"'
