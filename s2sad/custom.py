"""Derivatives by hand and marks: what a user writes into code that is differentiated.

Here stands only what is said of a function, and the functions behave as without it; the frontend reads it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import MethodType
from typing import Any, TypeVar

from s2sad.errors import RuleError

__all__ = [
    "ByHand",
    "Declared",
    "all_declared",
    "checkpoint",
    "custom_jvp",
    "custom_vjp",
    "declared_for",
    "defjvp",
    "defvjp",
    "rule",
    "stop_gradient",
]

T = TypeVar("T")
Function = Callable[..., Any]


def stop_gradient(x: T) -> T:
    """`x` itself, which counts as a constant in derivatives, also in derivatives of derivatives.

    >>> import s2sad
    >>> s2sad.grad(lambda x: x * s2sad.stop_gradient(x))(3.0)
    3.0
    """
    return x


# ------------------------------------------------------------ functions with rules


class ByHand:
    """A function of which something is said for its derivatives. Called, it is the function itself.

    `nondiff` are the parameters, by position or name, that no derivative is taken of. `jvp`, `forward` and `backward` are
    the functions given for it. With `recompute` nothing of a call is saved for reverse mode.
    """

    recompute = False

    def __init__(
        self,
        function: Function,
        nondiff_argnums: int | tuple[int, ...] = (),
        nondiff_argnames: str | tuple[str, ...] = (),
    ) -> None:
        if not callable(function):
            raise TypeError(f"{type(self).__name__} takes a function, {function!r} is none")
        self.__wrapped__ = function
        self.__module__ = str(getattr(function, "__module__", None))
        self.__name__ = str(getattr(function, "__name__", type(function).__name__))
        self.__qualname__ = str(getattr(function, "__qualname__", self.__name__))
        self.__doc__ = getattr(function, "__doc__", None)
        numbers = (nondiff_argnums,) if isinstance(nondiff_argnums, int) else tuple(nondiff_argnums)
        names = (nondiff_argnames,) if isinstance(nondiff_argnames, str) else tuple(nondiff_argnames)
        self.nondiff: tuple[int | str, ...] = (*numbers, *names)
        self.jvp: Function | None = None
        self.forward: Function | None = None
        self.backward: Function | None = None

    def __call__(self, /, *args: Any, **keywords: Any) -> Any:
        """The function's value."""
        return self.__wrapped__(*args, **keywords)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """As a function does in a class: a bound method."""
        return self if instance is None else MethodType(self, instance)

    @property
    def __defaults__(self) -> Any:
        return getattr(self.__wrapped__, "__defaults__", None)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.__qualname__}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        """By name if it stands in its module under its name, as a decorated function does; else by its parts."""
        found: object = sys.modules.get(self.__module__)
        for part in self.__qualname__.split("."):
            found = getattr(found, part, None)
        return self.__qualname__ if found is self else (_rebuilt, (type(self), dict(vars(self))))

    def defjvp(self, jvp: T) -> T:
        """Give the derivative in a direction: `jvp(primals, tangents) -> (value, tangent)`.

        `primals` and `tangents` are tuples with one element for each parameter; parameters that are not to be
        differentiated come in front of them instead. The tangent has to be linear in `tangents`: then reverse mode is its
        transpose, if there is no rule for it. Can be used as a decorator.
        """
        self.jvp = _function(jvp, "defjvp")
        return jvp

    def defvjp(self, forward: Function, backward: Function) -> None:
        """Give reverse mode: `forward(*args) -> (value, residuals)` and `backward(residuals, y_bar) -> adjoints`.

        `adjoints` is a tuple with one element for each parameter. `backward` takes parameters that are not to be
        differentiated in front, and returns nothing for them.
        """
        self.forward, self.backward = _function(forward, "defvjp"), _function(backward, "defvjp")


class _Custom(ByHand):
    def __new__(cls, function: Function | None = None, *args: Any, **keywords: Any) -> Any:
        """`@custom_jvp(nondiff_argnums=...)` is a decorator that makes one."""
        return super().__new__(cls) if function is not None else partial(cls, *args, **keywords)


class custom_jvp(_Custom):  # noqa: N801  as JAX calls it
    """A function whose derivative in a direction is given by hand, with `defjvp`; `defvjp` may give reverse mode as well.

    >>> import math, s2sad
    >>> @s2sad.custom_jvp
    ... def f(x):
    ...     return math.exp(-x)
    >>> @f.defjvp
    ... def f_jvp(primals, tangents):
    ...     (x,), (x_dot,) = primals, tangents
    ...     y = f(x)
    ...     return y, -y * x_dot
    >>> s2sad.jvp(f)(0.0, 2.0)
    (1.0, -2.0)
    """


class custom_vjp(_Custom):  # noqa: N801  as JAX calls it
    """A function whose reverse mode is given by hand, with `defvjp`; `defjvp` may give forward mode, which it has not else.

    >>> import math, s2sad
    >>> @s2sad.custom_vjp
    ... def f(x):
    ...     return math.exp(-x)
    >>> def f_fwd(x):
    ...     y = f(x)
    ...     return y, y
    >>> def f_bwd(y, y_bar):
    ...     return (-y * y_bar,)
    >>> f.defvjp(f_fwd, f_bwd)
    >>> s2sad.grad(f)(0.0)
    -1.0
    """


class _Checkpointed(ByHand):
    recompute = True


def checkpoint(function: Function) -> Function:
    """The function, of which reverse mode saves nothing but the arguments: the adjoint part computes it again.

    As a decorator, or where it is called: `checkpoint(f)(x)`. That takes time and frees memory.
    """
    return _Checkpointed(function)


def _function(value: Any, method: str) -> Any:
    if not callable(value):
        raise TypeError(f"{method} takes functions, {value!r} is none")
    return value


def _rebuilt(kind: type[ByHand], facts: dict[str, Any]) -> ByHand:
    made = object.__new__(kind)
    vars(made).update(facts)
    return made


# ------------------------------------------------------ rules declared for functions


@dataclass(frozen=True, eq=False)
class Declared:
    """What is declared for a function by `rule`, `defjvp` or `defvjp`.

    A rule is a `signature` and a `text`, whose names mean what they mean in `space`; the others are functions, `makers`, one
    for each of the arguments `argnums`, None where the derivative is zero.
    """

    function: Any
    kind: str
    space: dict[str, Any]
    signature: str = ""
    text: str = ""
    makers: tuple[Function | None, ...] = ()
    argnums: tuple[int, ...] = ()


#: By the identity of a function, which is kept so that no other can take its place: what is declared for it, by kind.
_DECLARED: dict[int, dict[str, Declared]] = {}
#: The last declaration, for those who watch whether there was another one.
LATEST: dict[str, object] = {"declared": None}


def declared_for(function: object) -> tuple[Declared, ...]:
    """What is declared for a function."""
    return tuple(_DECLARED.get(id(function), {}).values())


def all_declared() -> tuple[Declared, ...]:
    """Everything that was declared, in the order in which functions first had something declared."""
    return tuple(one for declared in _DECLARED.values() for one in declared.values())


def rule(signature: str, differential: str) -> None:
    """Declare the differential of a function: `rule("y = f(x, n)", "dy = dx * g(x, n)")`.

    It is an expression linear in the differentials of the arguments, `dx` for `x`, and gives both modes. `y` is the value.
    The names in it, and that of the function, mean what they mean in the module where the call stands. An argument whose
    differential does not occur is not differentiated; `0 * dn` says that the derivative with respect to `n` is zero.
    Arguments broadcast as they do in the expression. `f` may be any function, also one that is not written in Python.

    RuleError if the text is malformed.
    """
    name = _called(signature, differential)
    frame = sys._getframe(1)
    _declare(Declared(_named(name, frame), "rule", frame.f_globals, signature, differential))


def defjvp(function: Function, *jvps: Function | None, argnums: tuple[int, ...] | None = None) -> None:
    """Declare the derivative of a function in a direction, one function for each argument, as autograd has it.

    `jvps[k](g, ans, *args)` is what the tangent `g` of argument k contributes to that of the value `ans`; None for nothing.
    """
    _declare_makers("jvp", function, jvps, argnums)


def defvjp(function: Function, *vjps: Function | None, argnums: tuple[int, ...] | None = None) -> None:
    """Declare the reverse mode of a function, one function for each argument, as autograd has it.

    `vjps[k](ans, *args)(g)` is the adjoint of argument k for the adjoint `g` of the value `ans`; None for zero.

    >>> import s2sad
    >>> def product(x, y):
    ...     return x * y
    >>> s2sad.defvjp(product, lambda ans, x, y: lambda g: g * y, lambda ans, x, y: lambda g: g * x)
    >>> s2sad.grad(product, wrt=(0, 1))(2.0, 3.0)
    (3.0, 2.0)
    """
    _declare_makers("vjp", function, vjps, argnums)


def _declare_makers(
    kind: str, function: Function, makers: tuple[Function | None, ...], argnums: tuple[int, ...] | None
) -> None:
    for maker in (function, *makers):
        if maker is not None:
            _function(maker, f"def{kind}")
    positions = tuple(range(len(makers))) if argnums is None else tuple(argnums)
    if len(positions) != len(makers):
        raise RuleError(f"def{kind}: {len(makers)} functions for {len(positions)} arguments")
    space = getattr(function, "__globals__", {})
    _declare(Declared(function, kind, space, makers=makers, argnums=positions))


def _declare(declared: Declared) -> None:
    _DECLARED.setdefault(id(declared.function), {})[declared.kind] = declared
    LATEST["declared"] = declared


def _called(signature: str, differential: str) -> str:
    """The name of the function that a rule is for."""
    import ast

    try:
        statement, line = ast.parse(signature).body[0], ast.parse(differential).body[0]
    except (SyntaxError, IndexError) as error:
        raise RuleError(f"{signature!r}, {differential!r}: {error}") from None
    match statement, line:
        case (
            ast.Assign(targets=[ast.Name(id=result)], value=ast.Call(func=ast.Name() | ast.Attribute() as func)),
            ast.Assign(targets=[ast.Name(id=target)]),
        ) if target == f"d{result}":
            return ast.unparse(func)
    raise RuleError(f"{signature!r}, {differential!r}: a rule reads `y = f(x)`, `dy = ...`")


def _named(dotted: str, frame: Any) -> object:
    first, *rest = dotted.split(".")
    spaces = (frame.f_locals, frame.f_globals, frame.f_builtins)
    found = next((space[first] for space in spaces if first in space), None)
    for attr in rest:
        found = getattr(found, attr, None)
    if not callable(found):
        raise RuleError(f"`{dotted}` is no function where its rule stands")
    return found
