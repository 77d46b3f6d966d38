"""A derivative that is there already, in a file for example, as a claim about its function."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from s2sad.api import grad
from s2sad.derivatives import inputs_of
from s2sad.options import Mode, Options
from s2sad.testing.claims import Claim, Values
from s2sad.testing.orders import Subject, random_values
from s2sad.trees import NestingError, children, map_leaves, pairs, rebuild

__all__ = ["as_function", "claim_of"]

Function = Callable[..., Any]


def claim_of(subject: Subject, derivative: Function, options: Options, label: str) -> Claim:
    """What `derivative` says of the function of `subject`, being made as `options` say."""
    given = _Given(subject, derivative, options)
    claim = Claim(given.value, subject.wrt, subject.point, subject.title, (label, label, label))
    return _CLAIMS[options.mode](claim, given)


def as_function(subject: Subject, derivative: Function) -> Subject:
    """The derivative as a function of its own, of the tangents behind the arguments of `subject` too."""
    more = inputs_of(derivative).positional[len(subject.inputs.positional) :]
    values = {**subject.values, **dict(zip(more, random_values(subject.point), strict=bool(more)))}
    return Subject(derivative, values, (*subject.wrt, *more), inputs_of(derivative).function)


class _Given:
    """Calls a derivative, and brings what it returns to one form."""

    def __init__(self, subject: Subject, derivative: Function, options: Options) -> None:
        self.subject, self.derivative, self.options = subject, derivative, options

    def value(self, point: Values) -> Any:
        """The function's own value."""
        return self.without_aux(self.subject.call(self.subject.function, point))

    def __call__(self, point: Values, tangents: Values = ()) -> Any:
        return self.subject.call(self.derivative, point, tangents)

    def without_aux(self, result: Any) -> Any:
        return result[0] if self.options.has_aux else result

    def as_tuple(self, result: Any) -> Values:
        """One result for each argument."""
        return (result,) if self.options.bare else result


def _jvp(claim: Claim, given: _Given) -> Claim:
    return replace(claim, jvp=given)


def _vjp(claim: Claim, given: _Given) -> Claim:
    def vjp(point: Values) -> tuple[Any, Callable[[Any], Values]]:
        value, pullback = given(point)
        return value, lambda y_bar: given.as_tuple(pullback(y_bar))

    return replace(claim, vjp=vjp)


def _grad(claim: Claim, given: _Given) -> Claim:
    return replace(claim, gradient=lambda point: (None, given.as_tuple(given.without_aux(given(point)))))


def _value_and_grad(claim: Claim, given: _Given) -> Claim:
    def gradient(point: Values) -> tuple[Any, Values]:
        value, bars = given(point)
        return given.without_aux(value), given.as_tuple(bars)

    return replace(claim, gradient=gradient)


def _jacobian(claim: Claim, given: _Given) -> Claim:
    def jvp(point: Values, tangents: Values) -> tuple[Any, Any]:
        value, moved = claim.function(point), tangents[0] if given.options.bare else tangents
        return None, rebuild(value, _products(value, given(point), moved))

    return replace(claim, jvp=jvp)


def _products(value: Any, jacobian: Any, tangents: Any) -> Iterator[Any]:
    """A Jacobian times tangents, for each leaf of the value: in its place stands the nesting of the arguments."""
    parts, blocks = children(value), dict(children(jacobian) or ())
    if parts is None:
        terms = [_product(path, value, block, tangent) for path, tangent, block in pairs(tangents, jacobian)]
        yield np.sum(terms, axis=0, dtype=terms[0].dtype) if isinstance(value, np.ndarray) else sum(terms)[()]
    for step, part in parts or ():
        if step not in blocks:
            raise NestingError(step, "is missing")
        yield from _products(part, blocks[step], tangents)


def _product(path: str, value: Any, block: Any, tangent: Any) -> Any:
    shape = np.shape(value) + np.shape(tangent)
    if np.shape(block) != shape:
        raise NestingError(path, f"has the shape {np.shape(block)}, not {shape}")
    return np.tensordot(block, tangent, np.ndim(tangent))


def _hessian(claim: Claim, given: _Given) -> Claim:
    return _jacobian(_of_gradient(claim, given), given)


def _hvp(claim: Claim, given: _Given) -> Claim:
    return replace(_of_gradient(claim, given), jvp=lambda point, tangents: (None, given(point, tangents)))


def _of_gradient(claim: Claim, given: _Given) -> Claim:
    """The same point of the gradient, as s2sad makes it."""
    gradient = grad(given.subject.function, wrt=_wrt(given.options))
    return replace(claim, function=lambda point: given.subject.call(gradient, point))


def _derivative(claim: Claim, given: _Given) -> Claim:
    def jvp(point: Values, tangents: Values) -> tuple[Any, Any]:
        return None, map_leaves(lambda leaf: leaf * tangents[0], given(point))

    return replace(claim, jvp=jvp)


def _elementwise(claim: Claim, given: _Given) -> Claim:
    def jvp(point: Values, tangents: Values) -> tuple[Any, Any]:
        return None, sum(map(operator.mul, given.as_tuple(given(point)), tangents))

    return replace(claim, jvp=jvp)


def _wrt(options: Options) -> str | tuple[str, ...]:
    return options.wrt[0] if options.bare else options.wrt


_CLAIMS: Mapping[Mode, Callable[[Claim, _Given], Claim]] = {
    "jvp": _jvp,
    "vjp": _vjp,
    "grad": _grad,
    "value_and_grad": _value_and_grad,
    "jacfwd": _jacobian,
    "jacrev": _jacobian,
    "jacobian": _jacobian,
    "hessian": _hessian,
    "hvp": _hvp,
    "derivative": _derivative,
    "elementwise_grad": _elementwise,
}
