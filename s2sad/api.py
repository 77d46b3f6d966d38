"""The operators: what a user calls with a function, or writes above one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, overload

from s2sad.derivatives import Derivative, in_python, inputs_of
from s2sad.errors import ArgumentError
from s2sad.options import Mode, Options
from s2sad.parameters import Outputs, Wrt, select

__all__ = [
    "derivative",
    "elementwise_grad",
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "source",
    "value_and_grad",
    "vjp",
]

Function = Callable[..., Any]
Decorator = Callable[[Function], Derivative]


@overload
def grad(function: Function, wrt: Wrt = 0, has_aux: bool = False) -> Derivative: ...
@overload
def grad(function: None = None, wrt: Wrt = 0, has_aux: bool = False) -> Decorator: ...
def grad(
    function: Function | None = None, wrt: Wrt = 0, has_aux: bool = False, **unknown: Any
) -> Derivative | Decorator:
    """The gradient of a function that returns a number.

    `wrt` selects the arguments to differentiate with respect to: a position, a name, the path of a part of an argument
    such as `"params.W"` or `"layers[0].W"`, or a tuple of them; the derivative returns one gradient for one argument and a
    tuple for a tuple, each with the shape and dtype of its argument. With `has_aux` the function returns a pair
    (value, aux) and the derivative a pair (gradient, aux). Can be used as a decorator, with or without arguments.

    >>> import s2sad
    >>> def area(width, height):
    ...     return width * height
    >>> s2sad.grad(area, wrt="height").expression
    's2sad.grad(area, wrt="height")'

    ArgumentError (S104) if `wrt` selects none of the parameters. Calling it raises ArgumentError (S401) for an argument
    that is no float, DifferentiationError for code that cannot be differentiated.
    """
    _check_keywords("grad", unknown)
    return _derivative("grad", function, wrt, has_aux)


@overload
def value_and_grad(function: Function, wrt: Wrt = 0, has_aux: bool = False) -> Derivative: ...
@overload
def value_and_grad(function: None = None, wrt: Wrt = 0, has_aux: bool = False) -> Decorator: ...
def value_and_grad(
    function: Function | None = None, wrt: Wrt = 0, has_aux: bool = False, **unknown: Any
) -> Derivative | Decorator:
    """A function's value together with its gradient: a pair (value, gradient). Arguments and errors as for `grad`.

    With `has_aux` the pair is ((value, aux), gradient).
    """
    _check_keywords("value_and_grad", unknown)
    return _derivative("value_and_grad", function, wrt, has_aux)


@overload
def jvp(function: Function, /, *, wrt: Wrt = 0, outputs: Outputs = ()) -> Derivative: ...
@overload
def jvp(*, wrt: Wrt = 0, outputs: Outputs = ()) -> Decorator: ...
@overload
def jvp(function: Function, primals: Any, tangents: Any, /) -> Any: ...
def jvp(function: Function | None = None, /, *point: Any, wrt: Wrt | None = None, outputs: Outputs = ()) -> Any:
    """The derivative of a function in a direction: forward mode.

    `jvp(f, wrt=...)` is a function of the arguments of `f` followed by one tangent for each argument that `wrt`
    selects, in its order; it returns (value, tangent). A tangent has the shape of its argument. Can be used as a
    decorator.

    A function that writes its results into arguments and returns nothing has these as `outputs`, by name: they are the
    value then, changed in place, and the tangent is a new array.

    `jvp(f, primals, tangents)`, with tuples of arguments and of their tangents, returns (value, tangent) at once.

    Errors as for `grad`; calling it with a tangent of another shape raises ArgumentValueError (S104).
    """
    if not point:
        return _derivative("jvp", function, 0 if wrt is None else wrt, outputs=outputs)
    _check_no_outputs("jvp", outputs)
    if len(point) != 2 or not all(isinstance(part, tuple | list) for part in point):
        raise _usage("`jvp(f, primals, tangents)` takes two tuples", "jvp(f, (x,), (x_dot,)), or jvp(f)(x, x_dot)")
    primals, tangents = point
    if len(primals) != len(tangents):
        reason = f"there are {len(primals)} primals and {len(tangents)} tangents"
        raise _usage(reason, "give one tangent for each primal")
    return _at_once("jvp", function, len(primals), wrt)(*primals, *tangents)


@overload
def vjp(function: Function, /, *, wrt: Wrt = 0, outputs: Outputs = ()) -> Derivative: ...
@overload
def vjp(*, wrt: Wrt = 0, outputs: Outputs = ()) -> Decorator: ...
@overload
def vjp(function: Function, primal: Any, /, *primals: Any) -> Any: ...
def vjp(function: Function | None = None, /, *primals: Any, wrt: Wrt | None = None, outputs: Outputs = ()) -> Any:
    """The value of a function and its pullback: reverse mode.

    `vjp(f, wrt=...)` is a function of the arguments of `f` that returns (value, pullback). `pullback(y_bar)` takes the
    adjoint of the value and returns that of the argument that `wrt` selects, or a tuple; it can be called many times.
    It reads the arguments where they are: an array that is changed between the two calls has to be given as a copy.
    Can be used as a decorator.

    A function that writes its results into arguments and returns nothing has these as `outputs`, by name: the value is one
    of them or a tuple, changed in place, and `pullback` takes their adjoints.

    `vjp(f, *primals)` returns (value, pullback) at once; the pullback returns a tuple with one adjoint for each primal.

    Errors as for `grad`.
    """
    if not primals:
        return _derivative("vjp", function, 0 if wrt is None else wrt, outputs=outputs)
    _check_no_outputs("vjp", outputs)
    return _at_once("vjp", function, len(primals), wrt)(*primals)


@overload
def hvp(function: Function, wrt: Wrt = 0) -> Derivative: ...
@overload
def hvp(function: None = None, wrt: Wrt = 0) -> Decorator: ...
def hvp(function: Function | None = None, wrt: Wrt = 0, **unknown: Any) -> Derivative | Decorator:
    """The product of the Hessian of a function with a vector, without the Hessian: forward over reverse mode.

    `hvp(f, wrt=...)` is a function of all arguments of `f` followed by one vector for each argument that `wrt` selects, in
    its order and of its shape; it returns the product, which has the structure of the gradient. It costs a small multiple
    of the gradient (Pearlmutter 1994). SciPy's `hessp` has the vector in second place:
    `lambda x, p, *args: hvp(f)(x, *args, p)`.

    Errors as for `grad`.
    """
    _check_keywords("hvp", unknown)
    return _derivative("hvp", function, wrt)


@overload
def derivative(function: Function, wrt: Wrt = 0) -> Derivative: ...
@overload
def derivative(function: None = None, wrt: Wrt = 0) -> Decorator: ...
def derivative(function: Function | None = None, wrt: Wrt = 0, **unknown: Any) -> Derivative | Decorator:
    """The derivative of a function of a number, whose result may be anything: forward mode.

    `wrt` selects one argument, which is a float at each call. The derivative has the structure and shape of the result.

    Errors as for `grad`; ArgumentError (S402) for an argument that is an array.
    """
    _check_keywords("derivative", unknown)
    return _derivative("derivative", function, wrt)


@overload
def elementwise_grad(function: Function, wrt: Wrt = 0) -> Derivative: ...
@overload
def elementwise_grad(function: None = None, wrt: Wrt = 0) -> Decorator: ...
def elementwise_grad(function: Function | None = None, wrt: Wrt = 0, **unknown: Any) -> Derivative | Decorator:
    """The derivative of each element of the result with respect to the same element of the argument.

    For functions that act on each element by itself, such as `np.tanh`; others are refused (S402). The derivative has the
    shape of the argument.

    Errors as for `grad`.
    """
    _check_keywords("elementwise_grad", unknown)
    return _derivative("elementwise_grad", function, wrt)


@overload
def jacfwd(function: Function, wrt: Wrt = 0) -> Derivative: ...
@overload
def jacfwd(function: None = None, wrt: Wrt = 0) -> Decorator: ...
def jacfwd(function: Function | None = None, wrt: Wrt = 0, **unknown: Any) -> Derivative | Decorator:
    """The Jacobian of a function, a block of directions at a time through forward mode: for few inputs.

    The Jacobian of a result of shape `s` with respect to an argument of shape `t` has the shape `s + t`. For results or
    arguments that are containers it is one Jacobian for each pair of leaves, in the structure of the result, each of these
    in that of the argument (JAX's convention).

    Errors as for `grad`.
    """
    _check_keywords("jacfwd", unknown)
    return _derivative("jacfwd", function, wrt)


@overload
def jacrev(function: Function, wrt: Wrt = 0) -> Derivative: ...
@overload
def jacrev(function: None = None, wrt: Wrt = 0) -> Decorator: ...
def jacrev(function: Function | None = None, wrt: Wrt = 0, **unknown: Any) -> Derivative | Decorator:
    """The Jacobian of a function, a block of adjoints at a time through reverse mode: for few outputs. See `jacfwd`."""
    _check_keywords("jacrev", unknown)
    return _derivative("jacrev", function, wrt)


@overload
def jacobian(function: Function, wrt: Wrt = 0) -> Derivative: ...
@overload
def jacobian(function: None = None, wrt: Wrt = 0) -> Decorator: ...
def jacobian(function: Function | None = None, wrt: Wrt = 0, **unknown: Any) -> Derivative | Decorator:
    """The Jacobian of a function, by the mode that is cheaper for the shapes of each call: see `jacfwd` and `jacrev`.

    The generated file and `repr` say which it was.
    """
    _check_keywords("jacobian", unknown)
    return _derivative("jacobian", function, wrt)


@overload
def hessian(function: Function, wrt: Wrt = 0) -> Derivative: ...
@overload
def hessian(function: None = None, wrt: Wrt = 0) -> Decorator: ...
def hessian(function: Function | None = None, wrt: Wrt = 0, **unknown: Any) -> Derivative | Decorator:
    """The Hessian of a function that returns a number: the Jacobian of its gradient, forward over reverse mode.

    For an argument of shape `t` it has the shape `t + t`; for several, or for containers, one block for each pair.

    Errors as for `grad`.
    """
    _check_keywords("hessian", unknown)
    return _derivative("hessian", function, wrt)


def source(made: Derivative) -> str:
    """The text of the module that was generated last for a derivative; see `Derivative.source`.

    ArgumentError (S104) for anything but a derivative.
    """
    if not isinstance(made, Derivative):
        raise _usage(f"a {type(made).__name__} has no generated source", "source(grad(f))")
    return made.source


def _derivative(
    mode: Mode, function: Function | None, wrt: object, has_aux: bool = False, outputs: Outputs = ()
) -> Derivative | Decorator:
    if function is None:
        return lambda decorated: _made(mode, decorated, wrt, has_aux, outputs)
    return _made(mode, function, wrt, has_aux, outputs)


def _made(mode: Mode, function: Function, wrt: object, has_aux: bool, outputs: Outputs) -> Derivative:
    _check_callable(mode, function)
    inputs = inputs_of(function)
    names, bare = select(inputs, wrt)
    written = (outputs,) if isinstance(outputs, str) else tuple(outputs)
    for name in written:
        if name not in inputs.names:
            raise _usage(f"`outputs` names `{name}`, which is no parameter", "name parameters that it writes into")
    return Derivative(function, Options(mode, names, bare, has_aux, written))


def _at_once(mode: Mode, function: Function | None, count: int, wrt: object) -> Derivative:
    """The derivative with respect to the first `count` parameters."""
    _check_callable(mode, function)
    assert function is not None
    if wrt is not None:
        raise _usage("`wrt` cannot be given together with primals", f"{mode}(f, wrt=...)(...)")
    inputs = inputs_of(function)
    if count > len(inputs.positional) and inputs.args is None:
        takes = len(inputs.positional)
        raise _usage(f"{count} primals are given, `{inputs.function}` takes {takes}", "give one for each parameter")
    return Derivative(function, Options(mode, select(inputs, tuple(range(count)))[0], bare=False))


def _check_no_outputs(mode: Mode, outputs: Outputs) -> None:
    if outputs:
        raise _usage("`outputs` cannot be given together with primals", f"{mode}(f, outputs=...)(...)")


def _check_callable(mode: Mode, function: object) -> None:
    if not callable(function):
        given = f"{mode} takes a function, {function!r} is none"
        raise _usage(given, f"name what to differentiate by: {mode}(f, wrt=...) or @{mode}(wrt=...)")
    if isinstance(function, type) and in_python(function) is function:
        reason = f"`{function.__name__}` is a class"
        raise ArgumentError(
            "S101", reason, rewrite="differentiate a function that makes the object and returns a number"
        )


def _check_keywords(mode: Mode, unknown: Mapping[str, object]) -> None:
    """Refuse keywords that other libraries have."""
    for name in unknown:
        if name in ("argnum", "argnums"):
            raise _usage(f"`{name}` is called `wrt` here", f"{mode}(f, wrt={unknown[name]!r})")
        raise TypeError(f"{mode}() got an unexpected keyword argument {name!r}")


def _usage(reason: str, rewrite: str) -> ArgumentError:
    return ArgumentError("S104", reason, rewrite=rewrite)
