"""The tests in an emitted test file, one function of the file for each argument, by the operator of the derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from s2sad.cli.problems import UsageError
from s2sad.options import Mode, Options
from s2sad.trees import children, leaves

__all__ = ["CASES", "Cases", "Param"]


@dataclass(frozen=True)
class Param:
    """A parameter with its value, and what this and two directions are called in the file."""

    name: str
    constant: str
    dot: str
    other: str
    value: Any
    is_keyword: bool

    def moved(self, start: str, step: str, direction: str) -> str:
        """Some steps further in a direction."""
        nested = children(self.value) is not None
        return f"moved({start}, {direction}, {step})" if nested else f"{start} + {step} * {direction}"

    @property
    def still(self) -> str:
        """A direction in which it does not move."""
        return f"moved({self.dot}, {self.dot}, -1)" if children(self.value) is not None else f"0 * {self.dot}"


@dataclass(frozen=True)
class Cases:
    """A function, its derivative and perhaps its jvp by their names in the file, and the parameters."""

    function: str
    derivative: str
    jvp: str
    options: Options
    params: tuple[Param, ...]

    @property
    def wrt(self) -> list[Param]:
        found = {param.name: param for param in self.params}
        return [found[name] for name in self.options.wrt]

    def arguments(self, moved: Mapping[str, str], tangents: tuple[str, ...] = ()) -> str:
        """The arguments of a call, some parameters `moved`."""
        texts = [(param, moved.get(param.name, param.constant)) for param in self.params]
        positional = [text for param, text in texts if not param.is_keyword]
        named = [f"{param.name}={text}" for param, text in texts if param.is_keyword]
        return ", ".join((*positional, *tangents, *named))

    def primal(self, moved: Mapping[str, str] | None = None) -> str:
        """A call of the function; with `has_aux` its value alone."""
        return f"{self.function}({self.arguments(moved or {})})" + "[0]" * self.options.has_aux

    def call(self, *tangents: str) -> str:
        """A call of the derivative."""
        return f"{self.derivative}({self.arguments({}, tangents)})"

    def part(self, param: Param) -> str:
        """Selects what belongs to an argument."""
        return "" if self.options.bare else f"[{self.options.wrt.index(param.name)}]"

    def slope(self, *moves: tuple[Param, str]) -> str:
        """The slope of the function when an argument moves; of its slope, when a second one does."""
        texts: dict[str, str] = {}
        for (param, direction), step in zip(moves, "hk", strict=False):
            texts[param.name] = param.moved(texts.get(param.name, param.constant), step, direction)
        inner = self.primal(texts)
        return f"slope(lambda h: {inner})" if len(moves) == 1 else f"slope(lambda h: slope(lambda k: {inner})[0])"

    def inner(self, left: str, right: str) -> str:
        """The product of two values of one form."""
        text = f"{left} @ {right}"
        return (
            f"np.real({text})" if any(np.iscomplexobj(leaf) for p in self.wrt for _, leaf in leaves(p.value)) else text
        )


def _test(name: str, about: str, *lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f'\n\ndef test_{name}():\n    """{about}"""\n{body}'


def _value(cases: Cases, value: str) -> str:
    same = f"assert np.array_equal(numbers({value}), numbers({cases.primal()}))"
    return _test("value", "The value that comes with the derivative is that of the function.", same)


def _expected(cases: Cases, *moves: tuple[Param, str]) -> str:
    return f"expected, error = {cases.slope(*moves)}"


def _gradient(cases: Cases, gradient: str) -> Iterator[str]:
    for param in cases.wrt:
        yield _test(
            f"by_{param.name}",
            f"The gradient with respect to {param.name}.",
            f"gradient = {gradient}{cases.part(param)}",
            _expected(cases, (param, param.dot)),
            f"assert form(gradient) == form({param.constant})",
            f"assert_close({cases.inner('numbers(gradient)', f'numbers({param.dot})')}, expected, error)",
        )


def _grad(cases: Cases) -> Iterator[str]:
    yield from _gradient(cases, cases.call() + "[0]" * cases.options.has_aux)
    yield from _both(cases, [f"bars = {cases.call()}{'[0]' * cases.options.has_aux}"], "numbers(y_dot)[0]")


def _value_and_grad(cases: Cases) -> Iterator[str]:
    yield _value(cases, f"{cases.call()}[0]" + "[0]" * cases.options.has_aux)
    yield from _gradient(cases, f"{cases.call()}[1]")
    yield from _both(cases, [f"bars = {cases.call()}[1]"], "numbers(y_dot)[0]")


def _vjp(cases: Cases) -> Iterator[str]:
    yield _value(cases, f"{cases.call()}[0]")
    for param in cases.wrt:
        weighted = cases.inner("numbers(y_bar)", "expected")
        yield _test(
            f"by_{param.name}",
            f"The adjoint of {param.name}.",
            f"y, pullback = {cases.call()}",
            "y_bar = like(y)",
            f"adjoint = pullback(y_bar){cases.part(param)}",
            _expected(cases, (param, param.dot)),
            f"assert form(adjoint) == form({param.constant})",
            f"found = {cases.inner('numbers(adjoint)', f'numbers({param.dot})')}",
            f"assert_close(found, {weighted}, abs(numbers(y_bar)) @ error)",
        )
    bars = [f"y, pullback = {cases.call()}", "y_bar = like(y)", "bars = pullback(y_bar)"]
    yield from _both(cases, bars, cases.inner("numbers(y_bar)", "numbers(y_dot)"))


def _both(cases: Cases, bars: list[str], forward: str) -> Iterator[str]:
    """Forward against reverse mode, where both are there."""
    if cases.jvp:
        dots = tuple(param.dot for param in cases.wrt)
        terms = [cases.inner(f"numbers(bars{cases.part(p)})", f"numbers({p.dot})") for p in cases.wrt]
        yield _test(
            "forward_against_reverse",
            "The adjoint times a direction is the cotangent times its tangent.",
            f"_, y_dot = {cases.jvp}({cases.arguments({}, dots)})",
            *bars,
            f"assert_close({' + '.join(terms)}, {forward}, 0.0)",
        )


def _jvp(cases: Cases) -> Iterator[str]:
    yield _value(cases, f"{cases.call(*(param.dot for param in cases.wrt))}[0]")
    for param in cases.wrt:
        tangents = [one.dot if one is param else one.still for one in cases.wrt]
        yield _test(
            f"by_{param.name}",
            f"The tangent when {param.name} moves.",
            f"tangent = {cases.call(*tangents)}[1]",
            _expected(cases, (param, param.dot)),
            f"assert form(tangent) == form({cases.primal()})",
            "assert_close(numbers(tangent), expected, error)",
        )


def _jacobian(cases: Cases) -> Iterator[str]:
    for param in cases.wrt:
        _check_flat(cases, param)
        yield _test(
            f"by_{param.name}",
            f"The Jacobian with respect to {param.name} times a direction.",
            f"tangent = times({cases.primal()}, {cases.call()}, {_with_part(cases, param)})",
            _expected(cases, (param, param.dot)),
            "assert_close(numbers(tangent), expected, error)",
        )


def _hessian(cases: Cases) -> Iterator[str]:
    for one, two in product(cases.wrt, repeat=2):
        _check_flat(cases, one)
        direction = two.other if two is one else two.dot
        part = "" if cases.options.bare else f", {cases.options.wrt.index(two.name)}"
        yield _test(
            f"by_{one.name}_and_{two.name}",
            f"The derivatives with respect to {one.name} and {two.name}, times two directions.",
            f"row = times({one.constant}, {cases.call()}{cases.part(one)}, {direction}{part})",
            _expected(cases, (one, one.dot), (two, direction)),
            f"assert_close({cases.inner('numbers(row)', f'numbers({one.dot})')}, expected, error + {_roughly(cases)})",
        )


def _hvp(cases: Cases) -> Iterator[str]:
    for one, two in product(cases.wrt, repeat=2):
        vectors = [param.other if param is two else param.still for param in cases.wrt]
        yield _test(
            f"by_{one.name}_and_{two.name}",
            f"What a vector in the place of {two.name} gives in that of {one.name}, times a direction.",
            f"row = {cases.call(*vectors)}{cases.part(one)}",
            _expected(cases, (one, one.dot), (two, two.other)),
            f"assert form(row) == form({one.constant})",
            f"assert_close({cases.inner('numbers(row)', f'numbers({one.dot})')}, expected, error + {_roughly(cases)})",
        )


def _derivative(cases: Cases) -> Iterator[str]:
    for param in cases.wrt:
        yield _test(
            f"by_{param.name}",
            f"The derivative with respect to {param.name}.",
            f"derivative = {cases.call()}{cases.part(param)}",
            _expected(cases, (param, param.dot)),
            f"assert form(derivative) == form({cases.primal()})",
            f"assert_close(numbers(derivative) * {param.dot}, expected, error)",
        )


def _elementwise(cases: Cases) -> Iterator[str]:
    for param in cases.wrt:
        yield _test(
            f"by_{param.name}",
            f"The derivative with respect to {param.name}, element by element.",
            f"derivative = {cases.call()}{cases.part(param)}",
            _expected(cases, (param, param.dot)),
            f"assert form(derivative) == form({param.constant})",
            f"assert_close(numbers(derivative) * numbers({param.dot}), expected, error)",
        )


def _roughly(cases: Cases) -> str:
    """What is lost when slopes are taken of slopes."""
    return f"RTOL * abs({cases.primal()})"


def _with_part(cases: Cases, param: Param) -> str:
    return param.dot if cases.options.bare else f"{param.dot}, {cases.options.wrt.index(param.name)}"


def _check_flat(cases: Cases, param: Param) -> None:
    if children(param.value) is not None:
        reason = f"there are no tests of a {cases.options.mode} with respect to a container, as `{param.name}` is"
        raise UsageError(f"{reason}: `s2sad test` can check it")


CASES: Mapping[Mode, Callable[[Cases], Iterator[str]]] = {
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
