"""A check that is asked for on the command line: what is claimed of which function, at which values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from s2sad.cli.against import Origin, origin_of
from s2sad.cli.arguments import split_target
from s2sad.cli.files import shown
from s2sad.cli.load import load_function, load_module
from s2sad.cli.problems import UsageError
from s2sad.cli.request import wrt_of
from s2sad.cli.samples import sample_values
from s2sad.derivatives import Derivative, inputs_of
from s2sad.frontend.live import unit_of
from s2sad.options import Options
from s2sad.parameters import select
from s2sad.testing.check import report_on, subject_at
from s2sad.testing.claims import Claim
from s2sad.testing.given import as_function, claim_of
from s2sad.testing.orders import Subject, claims_of
from s2sad.testing.point import Tolerance
from s2sad.testing.report import Report

__all__ = ["Asked", "checked"]


@dataclass(frozen=True)
class Asked:
    """What the options say: `at` are values as text by parameter, `args` kinds, `sizes` those of letters in kinds."""

    target: str
    against: str
    order: int
    modes: tuple[str, ...]
    wrt: str
    at: Mapping[str, str]
    args: Mapping[str, str]
    sizes: Mapping[str, int]


def checked(asked: Asked) -> tuple[Subject, Report]:
    """The function with the values of its parameters, and what was found."""
    file, name = split_target(asked.target)
    origin = origin_of(file, name, asked.against, asked.wrt)
    if origin is None:
        subject = _subject(file, name, asked, asked.wrt)
        how = f"order {asked.order}, {' and '.join(asked.modes)}"
        return subject, report_on(name, how, claims_of(subject, asked.order, asked.modes), Tolerance())
    subject = _subject(origin.file, origin.function, asked, origin.wrt or "0")
    derivative = load_function(load_module(file), file, name)
    how = f"{origin.mode} of {shown(origin.file)}:{origin.function}"
    return subject, report_on(name, how, _claims(subject, derivative, origin, asked), Tolerance())


def _claims(subject: Subject, derivative: Any, origin: Origin, asked: Asked) -> Iterator[Claim]:
    """What a derivative in a file says, and what s2sad says of that derivative."""
    wrt, bare = select(subject.inputs, wrt_of(origin.wrt))
    yield claim_of(subject, derivative, Options(origin.mode, wrt, bare, origin.has_aux), derivative.__name__)
    if asked.order > 1:
        if origin.mode == "vjp":
            raise UsageError("--order 2: a vjp returns a function, which cannot be differentiated")
        yield from claims_of(as_function(subject, derivative), asked.order - 1, asked.modes)


def _subject(file: Path, name: str, asked: Asked, wrt: str) -> Subject:
    """The function in a file, with values for all its parameters."""
    module = load_module(file)
    function = load_function(module, file, name)
    if isinstance(function, Derivative):
        function = function.root
    values = sample_values(unit_of(function), asked.args, asked.at, asked.sizes, lambda *one: _evaluated(module, *one))
    inputs = inputs_of(function)
    catching: dict[str, Any] = {name: empty for name, empty in ((inputs.args, ()), (inputs.kwargs, {})) if name}
    subject = subject_at(
        function, {**inputs.defaults, **catching, **values}, tuple(values), wrt_of(wrt) if wrt else None
    )
    _check_runs(subject, file)
    return subject


def _evaluated(module: ModuleType, name: str, text: str) -> Any:
    """The value of an expression in a module."""
    try:
        return eval(text, {"np": np, **vars(module)})
    except Exception as error:
        raise UsageError(f"`--at {name}={text}` raises {type(error).__name__}: {error}") from error


def _check_runs(subject: Subject, file: Path) -> None:
    try:
        subject.call(subject.function, subject.point)
    except Exception as error:
        where = f"{shown(file)}:{subject.title}"
        reason = f"{where} raises {type(error).__name__} at this point: {error}. Choose another by --at"
        raise UsageError(reason) from error
