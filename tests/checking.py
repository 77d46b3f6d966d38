"""Every derivative of a function, with known and with unknown kinds, against finite differences and one another."""

from __future__ import annotations

import inspect
import io
import itertools
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from copy import copy, deepcopy
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from s2sad.errors import S2sadError
from s2sad.frontend.live import unit_of
from s2sad.kind import Pattern
from s2sad.observed import kind_of_value
from s2sad.options import Options
from s2sad.pipeline import derive
from s2sad.slots import resolve_slot
from s2sad.trees import children

__all__ = ["Case", "Examples", "Wrong", "check_case", "check_derivative", "check_modes", "check_refused", "generated"]

Values = dict[str, Any]

#: The operators that are one pass; all others are made of these.
MODES = ("jvp", "vjp", "grad", "value_and_grad")


class Wrong(AssertionError):
    """A derivative that is not right."""


@dataclass(frozen=True)
class Case:
    """A function with its arguments, all parameters given, and those to differentiate with respect to.

    `or_refused` is the code of a refusal that is as good as a right derivative. The value need not be that of the primal
    in each bit if it is not `exact`: there are derivatives in it, which may be written in two ways.
    """

    function: Callable[..., Any]
    values: Values
    wrt: tuple[str, ...]
    known: bool = True
    or_refused: str = ""
    exact: bool = True


def check_derivative(
    function: Callable[..., Any], *args: Any, wrt: object = None, rtol: float = 1e-6, **keywords: Any
) -> None:
    """Fails unless all derivatives of the function at these arguments are right; by default by all that are floats."""
    for known in (True, False):
        check_case(case_of(function, args, keywords, wrt, known), rtol)


def check_refused(
    function: Callable[..., Any],
    *args: Any,
    code: str,
    at: str,
    wrt: object = None,
    modes: tuple[str, ...] = MODES,
    kinds: tuple[bool, ...] = (True, False),
) -> None:
    """Fails unless every mode refuses the function with this code, the carets under the text `at`."""
    for known, mode in itertools.product(kinds, modes):
        case = case_of(function, args, {}, wrt, known)
        with pytest.raises(S2sadError) as refused:
            generated(case, mode)
        error = refused.value
        assert error.place is not None, error
        found = error.place.text[error.place.column : error.place.end_column]
        assert (error.code, found) == (code, at), f"{mode}, {known}: {error}"
        assert error.rewrite, error


def case_of(function: Callable[..., Any], args: tuple[Any, ...], keywords: Values, wrt: object, known: bool) -> Case:
    bound = inspect.signature(function).bind(*args, **keywords)
    bound.apply_defaults()
    values = dict(bound.arguments)
    if wrt is None:
        wrt = tuple(name for name, value in values.items() if _is_active(value))
    names = (wrt,) if isinstance(wrt, str) else tuple(wrt)
    floats = {name: float(values[name]) for name in names if type(values[name]) is int}
    return Case(function, {**values, **floats}, names, known)


def _is_active(value: Any) -> bool:
    return bool(list(leaves(value))) and all(np.asarray(leaf).dtype.kind in "fc" for leaf in leaves(value))


# ---------------------------------------------------------------- what is tested


def generated(case: Case, mode: str) -> tuple[str, Callable[..., Any]]:
    """The text of a derivative and the function in it, printed without black, which takes most of the time."""
    pattern = Pattern()
    kinds = {name: kind_of_value(value, pattern) for name, value in case.values.items()} if case.known else {}
    with patch("black.format_str", lambda text, mode: text):
        made = derive(unit_of(case.function), options_of(mode, case), kinds, pattern)
    space: Values = {"__name__": "generated"}
    exec(compile(made.text, f"<{mode} of {case.function.__name__}>", "exec"), space)
    space |= {one.name: resolve_slot(case.function, one.slot) for one in made.data}
    return made.text, space[made.name]


def options_of(mode: str, case: Case) -> Options:
    """An operator, or several one after the other: `grad vjp` is the vjp of the gradient."""
    options = None
    for step in mode.split():
        options = Options(step, case.wrt, len(case.wrt) == 1, inner=options)  # type: ignore[arg-type]
    assert options is not None
    return options


def check_case(case: Case, rtol: float = 1e-6) -> None:
    """Fails with the generated text if a derivative is wrong."""
    try:
        check_modes(case, rtol)
    except S2sadError as error:
        if error.code != case.or_refused:
            raise
    except Wrong as wrong:
        # Of an array of unknown kind that others may see it is refused at run time.
        if case.known or case.or_refused != "S301" or "is updated in place" not in str(wrong):
            raise


def check_modes(case: Case, rtol: float, modes: tuple[str, ...] = MODES, slope: Any = None) -> None:
    """Fails if the derivative by one of `modes` is wrong; `slope` is the derivative in the first direction that is drawn, by
    default by differences.
    """
    random = np.random.default_rng(0)
    after = deepcopy(case.values)
    result, printed = call(case.function, after)
    expected = deepcopy(result)
    direction = tuple(like(case.values[name], random.standard_normal) for name in case.wrt)
    if slope is None:
        slope = difference_quotient(case, direction)
    y_bar = like(expected, random.standard_normal)
    is_number = isinstance(y_bar, float | np.floating | np.ndarray) and np.size(y_bar) == 1
    for mode in (mode for mode in modes if is_number or mode in ("jvp", "vjp")):
        text, function = generated(case, mode)
        judge = _Judge(case, mode, text, expected, after, printed, rtol)
        with np.errstate(all="ignore"):
            judge.check(function, direction, slope, y_bar)


@dataclass(frozen=True)
class _Judge:
    case: Case
    mode: str
    text: str
    expected: Any
    after: Values
    printed: str
    rtol: float

    def check(self, function: Callable[..., Any], direction: tuple[Any, ...], slope: Any, y_bar: Any) -> None:
        match self.mode:
            case "jvp":
                value, tangent = self.run(function, *direction)
                self.same_value(value)
                self.alike(tangent, self.expected, "the tangent")
                self.close(tangent, slope, "the tangent")
            case "vjp":
                value, pullback = self.run(function)
                self.same_value(value)
                self.pulled_back(pullback, y_bar, direction, slope)
            case "value_and_grad":
                value, bars = self.run(function)
                self.same_value(value)
                self.adjoints(bars, direction, slope, np.ones_like(y_bar))
            case "grad":
                self.adjoints(self.run(function), direction, slope, np.ones_like(y_bar))

    def wrong(self, what: str) -> Wrong:
        known = "known" if self.case.known else "unknown"
        return Wrong(f"{self.mode} by {', '.join(self.case.wrt)} with {known} kinds: {what}\n\n{self.text}")

    def run(self, function: Callable[..., Any], *tangents: Any) -> Any:
        """The result; the arguments must be as the primal leaves them, the output that of the primal."""
        values = deepcopy(self.case.values)
        given_arrays = list(zip(leaves(values), leaves(self.case.values), strict=True))
        positional, keyword = split(self.case.function, values)
        given = deepcopy(tangents)
        try:
            result, printed = quietly(function, *positional, *given, **keyword)
        except Exception as error:
            raise self.wrong(f"raises {type(error).__name__}: {error}") from error
        if not identical(values, self.after):
            raise self.wrong(f"leaves the arguments {values!r}, not {self.after!r}")
        if not identical(given, tangents):
            raise self.wrong("changes the tangents")
        if printed != self.printed:
            raise self.wrong(f"prints {printed!r}, not {self.printed!r}")
        for leaf in leaves(result):
            if isinstance(leaf, np.ndarray) and self.mode in ("grad",):
                if any(np.may_share_memory(leaf, own) for own in leaves(values) if isinstance(own, np.ndarray)):
                    raise self.wrong("returns an argument's memory")
        if identical(self.after, self.case.values):
            return result
        # What was changed goes on changing: nothing may rest on it any more.
        kept = (deepcopy(result[0]), result[1]) if self.mode == "vjp" else deepcopy(result)
        self.scribble(values, given_arrays)
        return kept

    def scribble(self, values: Values, given: list[tuple[Any, Any]]) -> None:
        """Overwrite the arrays, and empty the lists, that the function has changed; `given` are those that it was given, with
        what was in them. What it has put into others are results, or arguments that it has not changed: they stay what they
        are until the pullback was called.
        """
        for name, value in values.items():
            is_plain = isinstance(value, list) and all(parts(item) is None or type(item) is list for item in value)
            if is_plain and not identical(self.after[name], self.case.values[name]):
                value.clear()
                return
        for leaf, before in given:
            if isinstance(leaf, np.ndarray) and not identical(leaf, before):
                leaf[...] = np.nan

    def same_value(self, value: Any) -> None:
        pairs = zip(leaves(value), leaves(self.expected), strict=True)
        rounded = not self.case.exact and all(np.allclose(a, b, rtol=1e-12, atol=1e-12) for a, b in pairs)
        if not rounded and not identical(value, self.expected):
            raise self.wrong(f"the value is {value!r}, not {self.expected!r}")

    def pulled_back(self, pullback: Callable[..., Any], y_bar: Any, direction: tuple[Any, ...], slope: Any) -> None:
        given = deepcopy(y_bar)
        try:
            first = pullback(given)
            kept = deepcopy(first)
            second = pullback(given)
        except Exception as error:
            raise self.wrong(f"the pullback raises {type(error).__name__}: {error}") from error
        if not identical(given, y_bar):
            raise self.wrong("the pullback changes its argument")
        if not identical(kept, second) or not identical(kept, first):
            raise self.wrong(f"the pullback gives {kept!r}, then {second!r}")
        shared = (leaf for leaf in leaves(first) if isinstance(leaf, np.ndarray))
        if any(
            np.may_share_memory(one, other) for one, other in itertools.product(shared, map(np.asarray, leaves(given)))
        ):
            raise self.wrong("the pullback returns its argument's memory")
        self.adjoints(first, direction, slope, y_bar)

    def adjoints(self, bars: Any, direction: tuple[Any, ...], slope: Any, y_bar: Any) -> None:
        bars = (bars,) if len(self.case.wrt) == 1 else bars
        arrays = [leaf for leaf in leaves(bars) if isinstance(leaf, np.ndarray)]
        if any(np.may_share_memory(a, b) for a, b in itertools.combinations(arrays, 2)):
            raise self.wrong("two adjoints share their memory")
        for name, bar in zip(self.case.wrt, bars, strict=True):
            self.alike(bar, self.case.values[name], f"{name}_bar")
        self.close(
            inner(bars, direction), inner(y_bar, slope), f"the adjoint {bars!r} times the direction {direction!r}"
        )

    def alike(self, value: Any, model: Any, what: str) -> None:
        """The shape, dtype and structure of the model; a Python float may be NumPy's, what belongs to an integer is a float."""
        if structure(value) != structure(floating(model)):
            raise self.wrong(f"{what} is {value!r}, its primal {model!r}")

    def close(self, found: Any, expected: Any, what: str) -> None:
        pairs = zip(leaves(found), leaves(expected), strict=True)
        if not all(np.allclose(a, b, rtol=self.rtol, atol=self.rtol, equal_nan=False) for a, b in pairs):
            raise self.wrong(f"{what} is {found!r}, not {expected!r}")


# ------------------------------------------------------------------- references


def difference_quotient(case: Case, direction: tuple[Any, ...], step: float = 1e-3) -> Any:
    """The derivative in a direction, in double precision: central differences extrapolated twice (Richardson)."""
    values = {name: double(value) for name, value in case.values.items()}

    def at(distance: float) -> list[Any]:
        moved = {name: move(values[name], dot, distance) for name, dot in zip(case.wrt, direction, strict=True)}
        result, _ = call(case.function, {**deepcopy(values), **moved})
        return [np.asarray(leaf) for leaf in leaves(result)]

    def central(h: float) -> list[Any]:
        return [(after - before) / (2 * h) for after, before in zip(at(h), at(-h), strict=True)]

    table = [central(step / 2**k) for k in range(3)]
    for order in (4, 16):
        table = [
            [(order * fine - coarse) / (order - 1) for coarse, fine in zip(*rows, strict=True)]
            for rows in itertools.pairwise(table)
        ]
    return tuple(table[0])


def inner(a: Any, b: Any) -> Any:
    """The real inner product of two values of one structure."""
    return sum(np.sum(np.multiply(x, y)) for x, y in zip(leaves(a), leaves(b), strict=True))


# ------------------------------------------------------------- nested structures


def parts(value: Any) -> dict[Any, Any] | None:
    """The parts of a container by key, None for a leaf."""
    match value:
        case dict():
            return value
        case tuple() if hasattr(value, "_fields"):
            return dict(zip(value._fields, value, strict=True))
        case tuple() | list():
            return dict(enumerate(value))
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    found = children(value)
    return None if found is None else {step.removeprefix("."): part for step, part in found}


def remade(value: Any, found: dict[Any, Any]) -> Any:
    """A container like `value` with other parts."""
    match value:
        case dict():
            return found
        case tuple() if hasattr(value, "_fields"):
            return type(value)(**found)
        case tuple() | list():
            return type(value)(found.values())
    made = copy(value)
    for name, part in found.items():
        object.__setattr__(made, name, part)
    return made


def mapped(function: Callable[..., Any], value: Any, *others: Any) -> Any:
    """A container with `function` applied to its numbers and arrays; other leaves stay."""
    own = parts(value)
    if own is not None:
        rest = [parts(other) for other in others]
        return remade(value, {key: mapped(function, own[key], *(more[key] for more in rest)) for key in own})
    return function(value, *others) if isinstance(value, float | complex | np.ndarray | np.generic) else value


def leaves(value: Any) -> Iterator[Any]:
    own = parts(value)
    if own is not None:
        for item in own.values():
            yield from leaves(item)
    elif isinstance(value, bool | int | float | np.ndarray | np.generic):
        yield value


def like(value: Any, draw: Callable[..., Any]) -> Any:
    """Random numbers in the structure of `value`."""

    def drawn(leaf: Any) -> Any:
        if isinstance(leaf, np.ndarray):
            return np.asarray(draw(leaf.shape)).astype(leaf.dtype)
        return leaf.dtype.type(draw()) if isinstance(leaf, np.generic) else float(draw())

    return mapped(drawn, float(value) if type(value) in (int, bool) else value)


def move(value: Any, direction: Any, distance: float) -> Any:
    def moved(leaf: Any, dot: Any) -> Any:
        new = leaf + distance * np.asarray(dot, float)
        return np.asarray(new) if isinstance(leaf, np.ndarray) else type(leaf)(new)

    return mapped(moved, value, direction)


def double(value: Any) -> Any:
    def doubled(leaf: Any) -> Any:
        is_numpy = isinstance(leaf, np.ndarray | np.generic)
        return leaf.astype(np.float64) if is_numpy and leaf.dtype.kind == "f" else leaf

    return mapped(doubled, value)


def floating(value: Any) -> Any:
    """NumPy's integers as floats."""

    def made(leaf: Any) -> Any:
        is_integer = isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind in "iu"
        return leaf.astype(np.float64) if is_integer else leaf

    return mapped(made, value)


def structure(value: Any) -> Any:
    own = parts(value)
    if own is not None:
        return (type(value), *((key, structure(item)) for key, item in own.items()))
    match value:
        case np.ndarray():
            return (value.shape, value.dtype)
        case np.generic() if value.dtype != np.float64:
            return value.dtype
        case None | str():
            return None
    return float


def identical(a: Any, b: Any) -> bool:
    """True for the same types, structures and bits."""
    if type(a) is not type(b):
        return False
    own, other = parts(a), parts(b)
    if own is not None and other is not None:
        return list(own) == list(other) and all(identical(own[key], other[key]) for key in own)
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    return bool(a == b or (a != a and b != b))


def split(function: Callable[..., Any], values: Values) -> tuple[list[Any], Values]:
    """Values by position and by keyword, as the function takes them."""
    parameters = inspect.signature(function).parameters
    keyword = {name: value for name, value in values.items() if parameters[name].kind.name == "KEYWORD_ONLY"}
    return [value for name, value in values.items() if name not in keyword], keyword


def call(function: Callable[..., Any], values: Values) -> tuple[Any, str]:
    positional, keyword = split(function, values)
    return quietly(function, *positional, **keyword)


def quietly(function: Callable[..., Any], *args: Any, **keywords: Any) -> tuple[Any, str]:
    """The result of a call and what it prints."""
    out = io.StringIO()
    with redirect_stdout(out), np.errstate(all="ignore"):
        return function(*args, **keywords), out.getvalue()


class Examples(list[Case]):
    """Functions with the arguments at which they are checked: a decorator collects them.

    `unless_known` and `or_refused` are codes of refusals that are accepted: where the kinds are unknown, and in general.
    """

    def __call__(
        self, *args: Any, wrt: object = None, unless_known: str = "", or_refused: str = "", **keywords: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def collect(function: Callable[..., Any]) -> Callable[..., Any]:
            known = case_of(function, args, keywords, wrt, True)
            self.append(replace(known, or_refused=or_refused))
            self.append(replace(known, known=False, or_refused=or_refused or unless_known))
            return function

        return collect

    def parametrize(self) -> pytest.MarkDecorator:
        """Runs a test of one argument `case` for every example, with known and with unknown kinds."""
        return pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in self])


def label(case: Case) -> str:
    return f"{case.function.__name__}-{'known' if case.known else 'unknown'}"
