"""What becomes of a program: right, refused, rough (nothing to compare with), or a failure."""

from __future__ import annotations

import io
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from traceback import extract_tb
from types import FrameType
from typing import Any

import numpy as np

import s2sad
from s2sad.errors import S2sadError
from tests.checking import (
    Case,
    Wrong,
    call,
    check_modes,
    difference_quotient,
    double,
    generated,
    identical,
    leaves,
    like,
    mapped,
    move,
    split,
)
from tests.fuzz.program import Program
from tests.second_order import check_second_order

__all__ = ["FAILURES", "Outcome", "outcome"]

#: What a program may raise by itself: it has no derivative there.
ERRORS = (
    *(ArithmeticError, ValueError, NameError, TypeError, IndexError, KeyError, RecursionError, AssertionError),
    StopIteration,
)

FAILURES = ("wrong", "crash", "hang")

#: Ways to differentiate in which a refusal is one of s2sad, not of the program.
BESIDES = ("forward and reverse, unknown kinds", "reverse, then forward, unknown kinds", "jacfwd", "jacrev")

#: What generated code says where it finds at run time, its kinds being unknown, that it cannot be right.
AT_RUN_TIME = (
    "is updated in place, and other names may refer to the same array",
    "to be declared where",
    "has failed after a change of",
)

#: How long one derivative may take to be made and to run.
SECONDS = 30


class Hang(Exception):
    """A derivative takes too long."""


class Rough(Exception):
    """A program has no derivative at its point, or none that can be measured."""


@dataclass(frozen=True)
class Outcome:
    """`kind` is right, partly (refused only in ways `BESIDES`), refused, rough, wrong, crash or hang; `stage` is what was
    tried.
    """

    kind: str
    stage: str = ""
    message: str = ""

    @property
    def fails(self) -> bool:
        return self.kind in FAILURES


def outcome(program: Program, only: str = "") -> Outcome:
    """Differentiates a program forward, reverse, reverse-then-forward, and in some further ways that its text decides, or in
    the `only` way of this name.
    """
    refused: list[Outcome] = []
    try:
        case = program.case()
        slope = smooth_slope(case)
    except S2sadError as error:
        return Outcome("refused", "as it stands", f"{error.code} {error.reason}")
    except (Rough, *ERRORS) as error:
        return Outcome("crash" if _of_a_derivative(error) else "rough", "as it stands", repr(error))
    for stage, often, check in stages(case, slope):
        if only != stage and (only or Random(stage + program.text).random() > often):
            continue
        try:
            with time_limit():
                check()
        except S2sadError as error:
            refused.append(Outcome(of_refusal(stage), stage, f"{error.code} {error.reason}"))
        except Hang:
            return Outcome("hang", stage, f"more than {SECONDS} s")
        except Exception as error:
            found = [text for text in AT_RUN_TIME if text in str(error)]
            if not found:
                wrong = isinstance(error, Wrong)
                return Outcome("wrong" if wrong else "crash", stage, str(error) if wrong else repr(error))
            refused.append(Outcome(of_refusal(stage), stage, found[0]))
    return min(refused, key=lambda one: one.kind != "refused", default=Outcome("right"))


def of_refusal(stage: str) -> str:
    """The kind of a program that is refused there."""
    return "partly" if stage in BESIDES else "refused"


def stages(case: Case, slope: Slope) -> Iterator[tuple[str, float, Callable[[], None]]]:
    """All ways to differentiate: name, how often it is tried, and what fails where it is wrong."""
    unknown = replace(case, known=False)
    first = partial(check_modes, rtol=slope.tolerance, slope=slope.value)
    yield "forward and reverse", 1, partial(first, case, modes=("jvp", "vjp"))
    yield "forward and reverse, unknown kinds", 0.5, partial(first, unknown, modes=("jvp", "vjp"))
    yield "gradient", 0.6, partial(first, case, modes=("grad",))
    yield "value and gradient", 0.3, partial(first, case, modes=("value_and_grad",))
    yield "reverse, then forward", 1, partial(check_second_order, case, 1e-4, ("grad jvp",))
    yield "reverse, then forward, unknown kinds", 0.1, partial(check_second_order, unknown, 1e-4, ("grad jvp",))
    yield "reverse, then reverse", 0.2, partial(check_second_order, case, 1e-4, ("grad vjp",))
    if not changes_arguments(case):
        yield "jacfwd", 0.1, partial(check_jacobian, case, "jacfwd")
        yield "jacrev", 0.1, partial(check_jacobian, case, "jacrev")


def changes_arguments(case: Case) -> bool:
    """True for a function that changes what it is called with: it has no Jacobian."""
    after = deepcopy(case.values)
    call(case.function, after)
    return not identical(after, case.values)


# --------------------------------------------------------------------- slopes


@dataclass(frozen=True)
class Slope:
    """The derivative in the direction that `check_modes` takes, and how well it is known."""

    value: tuple[Any, ...]
    tolerance: float


def smooth_slope(case: Case) -> Slope:
    """The derivative by a complex step where the program takes complex numbers, else by differences.

    Rough where these do not settle: the result is large, or a branch changes sides nearby.
    """
    check_finite(case)
    value, _ = call(case.function, deepcopy(case.values))
    if any(isinstance(leaf, bool | int) for leaf in leaves(value)) or not list(leaves(value)):
        raise Rough("no float")
    if not all(np.all(np.abs(leaf) < 1e4) for leaf in leaves(value)):
        raise Rough("a large value")
    random = np.random.default_rng(0)
    direction = tuple(like(case.values[name], random.standard_normal) for name in case.wrt)
    coarse = difference_quotient(case, direction, 1e-3)
    fine = difference_quotient(case, direction, 2e-4)
    for one, other in zip(coarse, fine, strict=True):
        if not (np.allclose(one, other, 1e-7, 1e-7) and np.all(np.abs(one) < 1e4)):
            raise Rough("differences do not settle")
    for right, left in zip(one_sided(case, direction, 1), one_sided(case, direction, -1), strict=True):
        if not np.allclose(right, left, 1e-3, 1e-3):
            raise Rough("a kink")
    exact = complex_step(case, direction)
    if exact is not None and all(np.allclose(*pair, 1e-8, 1e-9) for pair in zip(exact, fine, strict=True)):
        # Where it takes an absolute value, it is off by as much as differences allow.
        return Slope(exact, 1e-7)
    return Slope(fine, 1e-5)


def check_finite(case: Case) -> None:
    """FloatingPointError where a number on the way to the result is infinite, or none: 0 times that is no derivative."""
    positional, keyword = split(case.function, deepcopy(case.values))
    with redirect_stdout(io.StringIO()), np.errstate(over="raise", divide="raise", invalid="raise"):
        case.function(*positional, **keyword)


def one_sided(case: Case, direction: tuple[Any, ...], side: int) -> list[Any]:
    """The derivative on one side of the point, from slopes nearby: at a kink differences around it settle, too."""
    slopes = []
    for distance in (1e-3, 2e-3):
        steps = zip(case.wrt, direction, strict=True)
        moved = {name: move(double(case.values[name]), dot, side * distance) for name, dot in steps}
        slopes.append(difference_quotient(replace(case, values={**case.values, **moved}), direction, 4e-4))
    return [2 * near - far for near, far in zip(*slopes, strict=True)]


def complex_step(case: Case, direction: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The derivative by a step into the imaginary, exact to rounding; None where the program does not take it."""
    step = 1e-30
    moved = {
        name: mapped(lambda leaf, dot: leaf + step * 1j * dot, case.values[name], dot)
        for name, dot in zip(case.wrt, direction, strict=True)
    }
    try:
        with warnings.catch_warnings():
            # Where NumPy takes the real part, what comes out is no derivative.
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            result, _ = call(case.function, {**deepcopy(case.values), **moved})
        return tuple(np.imag(np.asarray(leaf)) / step for leaf in leaves(mapped(np.asarray, result)))
    except Exception:
        # It compares them, or gives them to `math`.
        return None


def check_jacobian(case: Case, mode: str) -> None:
    """Fails unless the Jacobian times a direction is the derivative in this direction."""
    direction = tuple(like(case.values[name], np.random.default_rng(0).standard_normal) for name in case.wrt)
    slope = difference_quotient(case, direction)
    value, _ = call(case.function, deepcopy(case.values))
    text, function = generated(case, mode)
    found, _ = call(function, deepcopy(case.values))
    blocks = iter([np.asarray(block) for block in leaves(found)])
    for part, expected in zip(leaves(value), slope, strict=True):
        product = np.zeros(np.shape(part))
        for v in map(np.asarray, leaves(direction)):
            block = next(blocks)
            if block.shape != np.shape(part) + v.shape:
                raise Wrong(f"{mode}: a block has the shape {block.shape}\n\n{text}")
            product = product + np.tensordot(block, v, v.ndim)
        if not np.allclose(product, expected, 1e-5, 1e-5):
            raise Wrong(f"{mode} times a direction is {product!r}, not {expected!r}\n\n{text}")


# -------------------------------------------------------------------- failures


@contextmanager
def time_limit() -> Iterator[None]:
    """Raises Hang inside after some seconds of computing; where the system has no such alarm, never."""

    def expired(number: int, frame: FrameType | None) -> None:
        raise Hang

    if not hasattr(signal, "SIGVTALRM"):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, expired)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _of_a_derivative(error: BaseException) -> bool:
    """True if s2sad stands between the program and the error."""
    package = Path(s2sad.__file__).parent
    return any(package in Path(frame.filename).parents for frame in extract_tb(error.__traceback__))
