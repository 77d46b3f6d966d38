"""The derivatives that s2sad makes of a function, of these derivatives, and so on: what is claimed at each order."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np

from s2sad.api import grad, jvp, vjp
from s2sad.derivatives import Derivative, inputs_of
from s2sad.errors import ArgumentError
from s2sad.naming import Names
from s2sad.parameters import Parameters, part_at, tangent_names, with_parts
from s2sad.testing.claims import Claim, Values
from s2sad.testing.coordinates import Leaf, coordinates, is_float, random_vector
from s2sad.testing.examine import SEED

__all__ = ["Modes", "Subject", "claims_of", "random_values"]

Modes = tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """A function with the values of all its parameters, and what to differentiate with respect to."""

    function: Callable[..., Any]
    values: dict[str, Any]
    wrt: tuple[str, ...]
    title: str

    @property
    def inputs(self) -> Parameters:
        return inputs_of(self.function)

    @property
    def point(self) -> Values:
        return tuple(part_at(self.title, name, self.values) for name in self.wrt)

    def call(self, function: Callable[..., Any], values: Values, tangents: Values = ()) -> Any:
        """Call a function with the arguments of this one, some of them replaced, and tangents behind them."""
        inputs = self.inputs
        given = with_parts(self.title, self.values, dict(zip(self.wrt, values, strict=True)))
        positional = [given[name] for name in inputs.positional]
        more = given[inputs.args] if inputs.args else ()
        named = {name: given[name] for name in inputs.keyword}
        others = given[inputs.kwargs] if inputs.kwargs else {}
        return function(*positional, *more, *tangents, **named, **others)


def claims_of(subject: Subject, order: int, modes: Modes) -> Iterator[Claim]:
    """The claims of all orders up to `order`, each derivative in all modes of each derivative in all modes."""
    yield _claim(subject, modes)
    if order > 1:
        for mode in modes:
            yield from claims_of(_next(subject, mode), order - 1, modes)


def _claim(subject: Subject, modes: Modes) -> Claim:
    function, wrt, title = subject.function, subject.wrt, subject.title
    forward = jvp(function, wrt=wrt) if "fwd" in modes else None
    reverse = vjp(function, wrt=wrt) if "rev" in modes else None
    gradient = grad(function, wrt=wrt) if "rev" in modes and _is_scalar(_value(subject)) else None
    return Claim(
        lambda values: subject.call(function, values),
        wrt,
        subject.point,
        title,
        (f"jvp({title})", f"vjp({title})", f"grad({title})"),
        forward and (lambda values, tangents: subject.call(forward, values, tangents)),
        reverse and (lambda values: subject.call(reverse, values)),
        gradient and (lambda values: (None, subject.call(gradient, values))),
    )


def _value(subject: Subject) -> Any:
    return subject.call(subject.function, deepcopy(subject.point))


def _is_scalar(value: Any) -> bool:
    return is_float(value) and np.size(value) == 1 and np.isrealobj(value)


# ------------------------------------------------------------------ the next order


def _next(subject: Subject, mode: str) -> Subject:
    """The derivative itself as a function, of the tangents or cotangents too."""
    if mode == "fwd":
        names = tangent_names(subject.inputs, subject.wrt)
        values = {**subject.values, **dict(zip(names.values(), random_values(subject.point), strict=True))}
        made = jvp(subject.function, wrt=subject.wrt)
        return Subject(made, values, (*subject.wrt, *names.values()), f"jvp({subject.title})")
    if not _is_scalar(_value(subject)):
        subject = _weighted(subject)
    return replace(subject, function=grad(subject.function, wrt=subject.wrt), title=f"grad({subject.title})")


def _weighted(subject: Subject) -> Subject:
    """The sum of all results with weights: a number, whose gradient is the pullback, as a function of cotangents."""
    y, inputs = coordinates(_value(subject)), subject.inputs
    if inputs.args or inputs.kwargs:
        reason = (
            f"`{inputs.function}` takes any number of arguments: its second derivatives in reverse mode are not checked"
        )
        raise ArgumentError("S104", reason, rewrite='modes="fwd", or a function with a parameter for each argument')
    names = Names(inputs.names)
    function, result = names.unique(_identifier(subject)), names.unique("y")
    y_bars = tuple(names.unique("y_bar") for _ in y.leaves)
    terms = [_term(leaf, result, y_bar) for leaf, y_bar in zip(y.leaves, y_bars, strict=True)]
    positional = ", ".join((*inputs.positional, *y_bars))
    keyword = "".join(f", {name}" for name in inputs.keyword)
    passed = ", ".join((*inputs.positional, *(f"{name}={name}" for name in inputs.keyword)))
    text = (
        f"def {function}_weighted({positional}{', *' * bool(keyword)}{keyword}):\n"
        f"    {result} = {function}({passed})\n"
        f"    return {' + '.join(terms)}\n"
    )
    made = _defined(text, f"{function}_weighted", {"np": np, function: _plain(subject)})
    weights = random_values(tuple(leaf.value for leaf in y.leaves))
    values = {**subject.values, **dict(zip(y_bars, weights, strict=True))}
    return Subject(made, values, (*subject.wrt, *y_bars), f"{subject.title} · y_bar")


def _term(leaf: Leaf, result: str, y_bar: str) -> str:
    product = f"{y_bar} * {result}{leaf.path}"
    if leaf.dtype.kind == "c":
        product = f"np.real({product})"
    return f"np.sum({product})" if np.shape(leaf.value) else product


def _identifier(subject: Subject) -> str:
    name = str(getattr(subject.function, "__name__", ""))
    return name if name.isidentifier() else "function"


def _plain(subject: Subject) -> Callable[..., Any]:
    """The function itself; of a derivative the generated one."""
    function = subject.function
    if isinstance(function, Derivative):
        made: Callable[..., Any] = function.specialise(function.prepare(subject.values)).function
        return made
    return function


def _defined(text: str, name: str, space: dict[str, Any]) -> Callable[..., Any]:
    """The function that a text defines; its source can be found."""
    file = f"<{name} {sha256(text.encode()).hexdigest()[:8]}>"
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    exec(compile(text, file, "exec"), space)
    made: Callable[..., Any] = space[name]
    return made


def random_values(values: Values) -> Values:
    """Numbers of the form of these values."""
    found = coordinates(values)
    made: Values = found.tree_of(random_vector(found, np.random.default_rng(SEED)))
    return made
