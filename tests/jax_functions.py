"""Functions with arguments and results of every nesting, and points at which their derivatives are compared with JAX's.

They are plain NumPy. `tests/test_against_jax.py` runs the same code with `np` and the operators bound to JAX's as well, so
they use only what both have; functions that write into arrays stand beside a twin for JAX.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2sad import grad, hvp, jvp, value_and_grad, vjp

__all__ = ["CASES", "TWINS", "Body", "Case", "M", "Pair", "X", "forward", "number", "reverse"]

Function = Callable[..., Any]


@dataclass
class Body:
    """An argument and a result that is a dataclass."""

    position: Any
    mass: Any


@dataclass
class Pair:
    """A dataclass with parts that are containers."""

    first: Any
    second: Any


@dataclass(frozen=True)
class Case:
    """A function at a point, and the arguments to differentiate with respect to, by position."""

    function: Function
    args: tuple[Any, ...]
    wrt: int | tuple[int, ...] = 0

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def chosen(self) -> tuple[Any, ...]:
        return tuple(self.args[i] for i in ((self.wrt,) if isinstance(self.wrt, int) else self.wrt))


X = np.array([0.3, -0.8, 1.1])
M = np.array([[0.2, -0.4, 0.7], [0.9, 0.1, -0.3]])

CASES: list[Case] = []
#: What JAX has to be given instead of a function that writes into arrays.
TWINS: dict[str, Function] = {}


def at(*args: Any, wrt: int | tuple[int, ...] = 0) -> Callable[[Function], Function]:
    """The function is compared at these arguments."""

    def collect(function: Function) -> Function:
        CASES.append(Case(function, args, wrt))
        return function

    return collect


def twin_of(function: Function) -> Callable[[Function], Function]:
    def collect(twin: Function) -> Function:
        TWINS[function.__name__] = twin
        return twin

    return collect


# ----------------------------------------------------------- numbers and arrays


@at(0.3)
def logistic(x):
    for _ in range(3):
        x = 3.7 * x * (1 - x)
    return x


@at(0.6, 1.3, wrt=(1, 0))
def power(x, y):
    return x**y / (1 + y * y)


@at(X)
def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@at(0.4)
def curve(t):
    return np.array([np.cos(t), np.sin(t) * t, t**3])


@at(X)
def field(x):
    return np.sin(x) * x[0] + np.roll(x, 1) ** 2


@at(M, X, wrt=(0, 1))
def layer(w, x):
    return np.tanh(w @ x)


@at(M, X, 0.5, wrt=(1, 2))
def loss(w, x, c):
    y = w @ x
    return np.mean((y - c) ** 2) + c * np.max(x)


@at(M)
def gram(w):
    return w @ w.T


@at(X)
def branches(x):
    if np.sum(x) > 0:
        x = x * x
    y = x[0]
    for k in range(3):
        y = y * x[k] if k % 2 else y + np.exp(x[k])
    return y


# ------------------------------------------------------------------- containers


@at({"w": M, "b": np.array([0.1, -0.2])}, X)
def network(params, x):
    return np.sum(np.tanh(params["w"] @ x + params["b"]) ** 2)


@at([(M, np.array([0.1, -0.2])), (M.T, X)], X)
def layers(params, x):
    for w, b in params:
        x = np.tanh(w @ x + b)
    return np.sum(x * x)


@at((0.3, X))
def pair(p):
    q, x = p
    return np.cos(q * x), q * np.sum(x)


@at(Body(X, 1.5))
def energy(body):
    return 0.5 * body.mass * np.sum(body.position**2) + body.mass**3


@at(Body(X, 1.5))
def momentum(body):
    return {"p": body.mass * np.sin(body.position), "m": [body.mass**2, body.mass]}


@at({"a": [0.7, (X, 0.2)], "b": Pair({"c": M}, [1.1])})
def nested(tree):
    scale, (x, shift) = tree["a"]
    c = tree["b"].first["c"] @ x * scale
    return [c, (shift * np.sum(x), {"z": np.exp(tree["b"].second[0] * x)})]


@at({"w": X, "b": None})
def optional(params):
    y = np.sum(params["w"] ** 3)
    if params["b"] is not None:
        y = y + params["b"]
    return y


@at(X, {"scale": 0.8, "n": 2}, wrt=0)
def with_settings(x, settings):
    for _ in range(settings["n"]):
        x = np.sin(settings["scale"] * x) + x * x
    return {"last": x, "total": np.sum(x)}


@at((X, [0.5, 0.7]), Body(X, 2.0), wrt=(0, 1))
def interaction(p, body):
    x, (a, b) = p
    return a * np.vdot(x, body.position) ** 2 + b * body.mass * np.sum(np.exp(x))


@at(X)
def unused(x):
    return {"zero": np.zeros(2), "x": x[1] * x, "one": 1.0}


def number(w, shift, x, *, power=2):
    """Several arguments, one of them by keyword."""
    return np.sum(np.tanh(w @ x + shift) ** power) * shift


# ----------------------------------------------------------------------- writes


@at(X)
def filled(x):
    y = np.zeros(3)
    for i in range(3):
        y[i] = np.sin(x[i]) * x[0]
    return np.sum(y * y)


@twin_of(filled)
def _filled(x):
    return np.sum((np.sin(x) * x[0]) ** 2)


@at(X)
def recurrence(x):
    y = np.empty(4)
    y[0] = x[0]
    for i in range(3):
        y[i + 1] = y[i] * x[i] + np.cos(y[i])
    return y


@twin_of(recurrence)
def _recurrence(x):
    y = [x[0]]
    for i in range(3):
        y = [*y, y[-1] * x[i] + np.cos(y[-1])]
    return np.stack(y)


@at(X)
def appended(x):
    y = []
    for i in range(3):
        y.append(x[i] * np.sin(x[0]))
    return y[0] * y[2] + y[1]


@twin_of(appended)
def _appended(x):
    y = x * np.sin(x[0])
    return y[0] * y[2] + y[1]


# ---------------------------------------------------- operators in the function


def forward(f, v):
    """The derivative of `f` in the direction `v`, by forward mode."""

    def pushed(x):
        return jvp(f, (x,), (v,))[1]

    return pushed


def reverse(f, w):
    """The derivative of the product of `f` with `w`, by reverse mode."""

    def pulled(x):
        _, pullback = vjp(f, x)
        return pullback(w)[0]

    return pulled


@at(0.7)
def gradients_of_gradients(x):
    return grad(lambda y: x * grad(lambda z: np.sin(z * y) * x)(y))(x * x)


@at(X)
def newton_direction(x):
    g = grad(rosenbrock)(x)
    return np.vdot(g, g) / np.vdot(g, hvp(rosenbrock)(x, g))


@at({"w": M, "b": np.array([0.1, -0.2])}, X, 0.1, wrt=(0, 2))
def after_a_step(params, x, rate):
    slope = grad(network)(params, x)
    params = {"w": params["w"] - rate * slope["w"], "b": params["b"] - rate * slope["b"]}
    value, slope = value_and_grad(network)(params, x)
    return value + np.sum(slope["w"] ** 2)
