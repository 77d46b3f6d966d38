"""The operators: what a user calls with a function, or writes above one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

from s2sad.derivative import Derivative, in_python, inputs_of
from s2sad.errors import ArgumentError
from s2sad.options import Mode, Options
from s2sad.parameters import Wrt, select

__all__ = ["grad", "jvp", "source", "value_and_grad", "vjp"]

Function = Callable[..., Any]
Decorator = Callable[[Function], Derivative]


@overload
def grad(function: Function, wrt: Wrt = 0, has_aux: bool = False) -> Derivative: ...
@overload
def grad(function: None = None, wrt: Wrt = 0, has_aux: bool = False) -> Decorator: ...
def grad(function: Function | None = None, wrt: Wrt = 0, has_aux: bool = False) -> Derivative | Decorator:
    """The gradient of a function that returns a number.

    `wrt` selects the arguments to differentiate with respect to: a position, a name, or a tuple of them; the derivative
    returns one gradient for one argument and a tuple for a tuple, each with the shape and dtype of its argument. With
    `has_aux` the function returns a pair (value, aux) and the derivative a pair (gradient, aux). Can be used as a
    decorator, with or without arguments.

    >>> import s2sad
    >>> def area(width, height):
    ...     return width * height
    >>> s2sad.grad(area, wrt="height").expression
    's2sad.grad(area, wrt="height")'

    ArgumentError (S104) if `wrt` selects none of the parameters. Calling it raises ArgumentError (S401) for an argument
    that is no float, DifferentiationError for code that cannot be differentiated.
    """
    return _derivative("grad", function, wrt, has_aux)


@overload
def value_and_grad(function: Function, wrt: Wrt = 0, has_aux: bool = False) -> Derivative: ...
@overload
def value_and_grad(function: None = None, wrt: Wrt = 0, has_aux: bool = False) -> Decorator: ...
def value_and_grad(function: Function | None = None, wrt: Wrt = 0, has_aux: bool = False) -> Derivative | Decorator:
    """A function's value together with its gradient: a pair (value, gradient). Arguments and errors as for `grad`.

    With `has_aux` the pair is ((value, aux), gradient).
    """
    return _derivative("value_and_grad", function, wrt, has_aux)


@overload
def jvp(function: Function, /, *, wrt: Wrt = 0) -> Derivative: ...
@overload
def jvp(*, wrt: Wrt = 0) -> Decorator: ...
@overload
def jvp(function: Function, primals: Any, tangents: Any, /) -> Any: ...
def jvp(function: Function | None = None, /, *point: Any, wrt: Wrt | None = None) -> Any:
    """The derivative of a function in a direction: forward mode.

    `jvp(f, wrt=...)` is a function of the arguments of `f` followed by one tangent for each argument that `wrt`
    selects, in its order; it returns (value, tangent). A tangent has the shape of its argument. Can be used as a
    decorator.

    `jvp(f, primals, tangents)`, with tuples of arguments and of their tangents, returns (value, tangent) at once.

    Errors as for `grad`; calling it with a tangent of another shape raises ArgumentValueError (S104).
    """
    if not point:
        return _derivative("jvp", function, 0 if wrt is None else wrt)
    if len(point) != 2 or not all(isinstance(part, tuple | list) for part in point):
        raise _usage("`jvp(f, primals, tangents)` takes two tuples", "jvp(f, (x,), (x_dot,)), or jvp(f)(x, x_dot)")
    primals, tangents = point
    if len(primals) != len(tangents):
        reason = f"there are {len(primals)} primals and {len(tangents)} tangents"
        raise _usage(reason, "give one tangent for each primal")
    return _at_once("jvp", function, len(primals), wrt)(*primals, *tangents)


@overload
def vjp(function: Function, /, *, wrt: Wrt = 0) -> Derivative: ...
@overload
def vjp(*, wrt: Wrt = 0) -> Decorator: ...
@overload
def vjp(function: Function, primal: Any, /, *primals: Any) -> Any: ...
def vjp(function: Function | None = None, /, *primals: Any, wrt: Wrt | None = None) -> Any:
    """The value of a function and its pullback: reverse mode.

    `vjp(f, wrt=...)` is a function of the arguments of `f` that returns (value, pullback). `pullback(y_bar)` takes the
    adjoint of the value and returns that of the argument that `wrt` selects, or a tuple; it can be called many times.
    Can be used as a decorator.

    `vjp(f, *primals)` returns (value, pullback) at once; the pullback returns a tuple with one adjoint for each primal.

    Errors as for `grad`.
    """
    if not primals:
        return _derivative("vjp", function, 0 if wrt is None else wrt)
    return _at_once("vjp", function, len(primals), wrt)(*primals)


def source(derivative: Derivative) -> str:
    """The text of the module that was generated last for a derivative; see `Derivative.source`.

    ArgumentError (S104) for anything but a derivative.
    """
    if not isinstance(derivative, Derivative):
        raise _usage(f"a {type(derivative).__name__} has no generated source", "source(grad(f))")
    return derivative.source


def _derivative(mode: Mode, function: Function | None, wrt: object, has_aux: bool = False) -> Derivative | Decorator:
    if function is None:
        return lambda decorated: _made(mode, decorated, wrt, has_aux)
    return _made(mode, function, wrt, has_aux)


def _made(mode: Mode, function: Function, wrt: object, has_aux: bool) -> Derivative:
    _check_callable(mode, function)
    names, bare = select(inputs_of(function), wrt)
    return Derivative(function, Options(mode, names, bare, has_aux))


def _at_once(mode: Mode, function: Function | None, count: int, wrt: object) -> Derivative:
    """The derivative with respect to the first `count` parameters."""
    _check_callable(mode, function)
    assert function is not None
    if wrt is not None:
        raise _usage("`wrt` cannot be given together with primals", f"{mode}(f, wrt=...)(...)")
    inputs = inputs_of(function)
    if count > len(inputs.positional):
        takes = len(inputs.positional)
        raise _usage(f"{count} primals are given, `{inputs.function}` takes {takes}", "give one for each parameter")
    return Derivative(function, Options(mode, inputs.positional[:count], bare=False))


def _check_callable(mode: Mode, function: object) -> None:
    if not callable(function):
        given = f"{mode} takes a function, {function!r} is none"
        raise _usage(given, f"name what to differentiate by: {mode}(f, wrt=...) or @{mode}(wrt=...)")
    if isinstance(function, type) and in_python(function) is function:
        reason = f"`{function.__name__}` is a class"
        raise ArgumentError(
            "S101", reason, rewrite="differentiate a function that makes the object and returns a number"
        )


def _usage(reason: str, rewrite: str) -> ArgumentError:
    return ArgumentError("S104", reason, rewrite=rewrite)
