"""The checks that a user calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from s2sad.derivatives import inputs_of
from s2sad.errors import ArgumentError
from s2sad.parameters import Wrt, select
from s2sad.testing.claims import Claim
from s2sad.testing.coordinates import is_float
from s2sad.testing.examine import examine
from s2sad.testing.orders import Subject, claims_of
from s2sad.testing.point import Tolerance
from s2sad.testing.report import CheckError, Finding, Report
from s2sad.trees import leaves

__all__ = ["check_grads", "check_jvp", "check_vjp", "checked_modes", "report_on", "subject_at"]

_MODES = ("fwd", "rev")


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = _MODES,
    wrt: Wrt | None = None,
    *,
    rtol: float | None = None,
    atol: float = 0.0,
    keywords: Mapping[str, Any] | None = None,
) -> Report:
    """Check the derivatives of `f` at the arguments `args` and `keywords`, up to `order`, in forward and reverse mode.

    Each derivative is compared with finite differences, forward mode with reverse mode, and its structure, shapes and
    dtypes with those of what it belongs to. At order 2 the derivatives in all modes are checked as functions
    themselves, and so on. `wrt` selects arguments by position or name, or parts of them by path, by default all that consist
    of floats; they may be nested in dicts, lists, tuples and dataclasses in any way.

    A derivative passes if it is within the error that is estimated for the difference, `atol`, and `rtol` of the
    difference. `rtol` is by default what the precision allows: 5e-7 where all is in double, 2e-3 where some is in single
    precision. Where differences cannot tell, because they are too rough or the function is not finite, the check fails.
    Directions are random, the same in every run.

    Returns a report, which can be printed. Raises CheckError, an AssertionError with a table of what disagrees, an
    S2sadError for what cannot be differentiated, and what `f` raises.

    >>> def model(w, x):
    ...     return w[0] * x**2 + w[1]
    >>> check_grads(model, ((2.0, 1.0), 3.0), order=1)
    <model: 10 comparisons agree (order 1, fwd and rev)>
    """
    chosen = checked_modes(modes)
    if order < 1:
        raise _usage(f"`order={order}`: there are the orders 1, 2, 3", "order=2 checks first and second derivatives")
    subject = _subject_of(f, args, wrt, keywords or {})
    how = f"order {order}, {' and '.join(chosen)}"
    claims = claims_of(subject, order, chosen)
    return _passed(report_on(subject.title, how, claims, Tolerance(rtol, atol)))


def check_jvp(
    f: Callable[..., Any],
    f_jvp: Callable[[tuple[Any, ...], tuple[Any, ...]], tuple[Any, Any]],
    args: Sequence[Any],
    *,
    rtol: float | None = None,
    atol: float = 0.0,
) -> Report:
    """Check a forward derivative of `f`, whoever made it, at the arguments `args`; the rest as for `check_grads`.

    `f_jvp(primals, tangents)` returns (value, tangent), as `functools.partial(s2sad.jvp, f)` does.

    >>> check_jvp(lambda x: x * x, lambda x, x_dot: (x[0] * x[0], 2 * x[0] * x_dot[0]), (3.0,))
    <<lambda>: 1 comparison agrees (fwd)>
    """
    claim = _claim(f, args, "jvp")
    return _passed(report_on(claim.title, "fwd", [replace(claim, jvp=f_jvp)], Tolerance(rtol, atol)))


def check_vjp(
    f: Callable[..., Any],
    f_vjp: Callable[..., tuple[Any, Callable[[Any], tuple[Any, ...]]]],
    args: Sequence[Any],
    *,
    rtol: float | None = None,
    atol: float = 0.0,
) -> Report:
    """Check a reverse derivative of `f`, whoever made it, at the arguments `args`; the rest as for `check_grads`.

    `f_vjp(*args)` returns (value, pullback), as `functools.partial(s2sad.vjp, f)` does; the pullback returns a tuple with
    one adjoint for each argument.

    >>> check_vjp(lambda x: x * x, lambda x: (x * x, lambda y_bar: (2 * x * y_bar,)), (3.0,))
    <<lambda>: 1 comparison agrees (rev)>
    """
    claim = replace(_claim(f, args, "vjp"), vjp=lambda values: f_vjp(*values))
    return _passed(report_on(claim.title, "rev", [claim], Tolerance(rtol, atol)))


def report_on(function: str, how: str, claims: Iterable[Claim], tolerance: Tolerance) -> Report:
    """All findings about claims, up to a function that cannot be compared with anything."""
    findings: list[Finding] = []
    with np.errstate(all="ignore"):
        for claim in claims:
            findings += examine(claim, tolerance)
            if any(not finding.mode for finding in findings):
                break
    return Report(function, how, tuple(findings))


def _passed(report: Report) -> Report:
    if not report.ok:
        raise CheckError(report)
    return report


# -------------------------------------------------------------------- arguments


def _subject_of(f: Callable[..., Any], args: Sequence[Any], wrt: Wrt | None, keywords: Mapping[str, Any]) -> Subject:
    """What is to be checked."""
    inputs, positional = inputs_of(f), _tuple(args)
    given = (*inputs.positional[: len(positional)], *(name for name in keywords if name in inputs.names))
    return subject_at(f, inputs.bind(positional, keywords), given, wrt)


def subject_at(f: Callable[..., Any], values: Mapping[str, Any], given: Sequence[str], wrt: object) -> Subject:
    """The same where the values of all parameters are known, and which of them are `given`.

    ArgumentError (S104) if none of these is a float, or `wrt` selects none of the parameters.
    """
    inputs = inputs_of(f)
    chosen = (
        tuple(name for name in given if _is_differentiable(values[name])) if wrt is None else select(inputs, wrt)[0]
    )
    if not chosen:
        raise _usage("none of the arguments consists of floats", "give some, or select arguments with `wrt`")
    promoted = {name: float(values[name]) for name in chosen if type(values.get(name)) is int}
    return Subject(f, {name: promoted.get(name, values[name]) for name in inputs.names}, chosen, inputs.function)


def _claim(f: Callable[..., Any], args: Sequence[Any], derivative: str) -> Claim:
    values, title = _tuple(args), str(getattr(f, "__name__", "f"))
    names = tuple(name for name, _ in zip(_positional(f), values, strict=False))
    names += tuple(f"args[{index}]" for index in range(len(names), len(values)))
    label = f"{derivative}({title})"
    return Claim(lambda point: f(*point), names, values, title, (label, label, label))


def _positional(f: Callable[..., Any]) -> tuple[str, ...]:
    """The names of parameters as far as they are known; builtins may have none."""
    try:
        return inputs_of(f).positional
    except ArgumentError:
        return ()


def _is_differentiable(value: Any) -> bool:
    found = [leaf for _, leaf in leaves(value) if leaf is not None]
    return bool(found) and all(map(is_float, found))


def _tuple(args: Sequence[Any]) -> tuple[Any, ...]:
    if not isinstance(args, tuple | list):
        raise _usage(f"the arguments are a {type(args).__name__}, not a tuple of them", "check_grads(f, (x,))")
    return tuple(args)


def checked_modes(modes: Sequence[str]) -> tuple[str, ...]:
    """The modes, each once. ArgumentError (S104) for others than fwd and rev."""
    chosen = (modes,) if isinstance(modes, str) else tuple(modes)
    if not chosen or not set(chosen) <= set(_MODES):
        raise _usage(f"`modes={modes!r}`: there are fwd and rev", 'modes=("fwd", "rev"), or one of them')
    return tuple(dict.fromkeys(chosen))


def _usage(reason: str, rewrite: str) -> ArgumentError:
    return ArgumentError("S104", reason, rewrite=rewrite)
