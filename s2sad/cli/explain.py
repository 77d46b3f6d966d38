"""`s2sad explain`: what is known of a function and done for its derivative, or why it is refused."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from s2sad.cli.arguments import Aux, Kinds, ModeName, Target, WithRespectTo, Written, request_of
from s2sad.cli.console import stderr, stdout
from s2sad.cli.request import Subject, subject_of
from s2sad.errors import CODES, S2sadError
from s2sad.frontend.annotations import parameters
from s2sad.kind import Array, Kind, List, Number, Other, Record, Sequence, Unknown
from s2sad.pipeline import Report, derive

__all__ = ["explain"]

_MARGIN = 13


def explain(
    target: Target,
    mode: ModeName = "reverse",
    wrt: WithRespectTo = "",
    arg: Kinds = None,
    has_aux: Aux = False,
    outputs: Written = "",
) -> None:
    """Say what is active, saved and recomputed in a derivative, or why there is none."""
    subject = subject_of(request_of(target, mode, wrt, arg or (), has_aux, outputs=outputs))
    console = stdout()
    _print_subject(console, subject)
    try:
        report = derive(subject.unit, subject.options, subject.kinds, subject.pattern).report
    except S2sadError as error:
        stderr().print(Text.assemble(("refused".ljust(_MARGIN), "bold red"), CODES.get(error.code, "")))
        raise
    _print_report(console, report)


def _print_subject(console: Console, subject: Subject) -> None:
    unit, options = subject.unit, subject.options
    mode = f"{options.mode} with respect to {', '.join(options.wrt)}"
    console.print(Text.assemble((f"{unit.file}:{unit.node.lineno}: {unit.node.name}", "bold"), (f"  {mode}", "dim")))
    names = parameters(unit)
    for index, name in enumerate(names):
        known = _describe(subject.kinds.get(name, Unknown()), subject.shapes.get(name))
        _row(console, "parameters" if index == 0 else "", f"{name}: {known}")
    unknown = [name for name in names if isinstance(subject.kinds.get(name, Unknown()), Unknown)]
    if unknown:
        _row(console, "", f"known kinds make shorter code, for example --arg '{unknown[0]}: float[n]'", "dim")


def _print_report(console: Console, report: Report) -> None:
    for heading in ("active", "saved", "recomputed"):
        items: tuple[str, ...] = getattr(report, heading)
        for index, item in enumerate(items or ("nothing",)):
            _row(console, heading if index == 0 else "", item)
    for heading, items in (("memory", report.memory), ("one by one", report.one_by_one)):
        for index, item in enumerate(items):
            _row(console, heading if index == 0 else "", item)


def _row(console: Console, heading: str, text: str, style: str = "") -> None:
    console.print(Text.assemble((heading.ljust(_MARGIN), "cyan"), (text, style)))


def _describe(kind: Kind, shape: str | None = None) -> str:
    """A kind in words."""
    match kind:
        case Number(dtype=dtype) | Other(name=dtype):
            return dtype
        case Array(dtype=dtype, shape=dims):
            return f"{dtype} {shape}" if shape else f"{dtype} array of rank {len(dims)}"
        case Sequence(items=items):
            return f"({', '.join(map(_describe, items))})"
        case List(item=item):
            return f"list of {_describe(item)}"
        case Record(type=form, name=name, keys=keys, items=items):
            parts = ", ".join(f"{key}: {_describe(item)}" for key, item in zip(keys, items, strict=True))
            return f"{{{parts}}}" if form == "dict" else f"{name}({parts})"
    return "unknown"
