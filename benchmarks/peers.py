"""Who takes part: each entry of PEERS makes of a work a call without arguments that returns the derivative.

An ImportError says that the peer is not installed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

from benchmarks.work import Work

__all__ = ["PEERS", "contenders"]

Contender = Callable[[], Any]


def by_hand(work: Work) -> Contender:
    return partial(work.by_hand, *work.arguments, *work.tangents)


def generated(work: Work) -> partial[Any]:
    import s2sad

    operator = getattr(s2sad, work.operator)
    return partial(operator(work.primal, wrt=work.wrt), *work.arguments, *work.tangents)


def generated_file(work: Work) -> Contender:
    """The function in the generated file, called as it stands there: without the dispatch on the arguments' kinds."""
    derivative = generated(work)
    derivative()
    text = derivative.func.source
    space: dict[str, Any] = {}
    exec(compile(text, "generated", "exec"), space)
    name = [line for line in text.splitlines() if line.startswith("def ")][-1].removeprefix("def ").partition("(")[0]
    return partial(space[name], *work.arguments, *work.tangents)


def autograd(work: Work) -> Contender:
    import autograd
    import autograd.numpy

    f = with_numpy(work.primal, autograd.numpy)
    if work.tangents:
        (tangent,) = work.tangents
        if work.operator == "hvp":
            return partial(autograd.hessian_vector_product(f, work.wrt), *work.arguments, tangent)
        return lambda: autograd.make_jvp(f, work.wrt)(*work.arguments)(tangent)
    operator = {"grad": autograd.grad, "hessian": autograd.hessian}.get(work.operator, autograd.jacobian)
    return partial(operator(f, work.wrt), *work.arguments)


def jax_eager(work: Work) -> Contender:
    import jax

    derivative, arguments = jax_derivative(work)
    return lambda: jax.block_until_ready(derivative(*arguments))


def jax_jit(work: Work) -> Contender:
    import jax

    derivative, arguments = jax_derivative(work)
    sizes = tuple(i for i, argument in enumerate(arguments) if isinstance(argument, int))
    compiled = jax.jit(derivative, static_argnums=sizes)
    return lambda: jax.block_until_ready(compiled(*arguments))


def jax_derivative(work: Work) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The derivative by JAX, in double precision as all others, and its arguments as JAX's arrays."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    f = work.jax_primal or with_numpy(work.primal, jnp)
    arguments = tuple(a if isinstance(a, int) else jnp.asarray(a) for a in (*work.arguments, *work.tangents))
    if not work.tangents:
        return getattr(jax, work.operator)(f, work.wrt), arguments

    def forward(x: Any, *rest_and_tangent: Any) -> Any:
        *rest, x_dot = rest_and_tangent
        if work.operator == "hvp":
            return jax.jvp(lambda x: jax.grad(f)(x, *rest), (x,), (x_dot,))[1]
        return jax.jvp(lambda x: f(x, *rest), (x,), (x_dot,))

    return forward, arguments


def with_numpy(f: Callable[..., Any], module: ModuleType) -> Callable[..., Any]:
    """`f` as its user would have to write it: with `module` in the place of NumPy."""
    assert isinstance(f, FunctionType)
    return FunctionType(f.__code__, {**f.__globals__, "np": module}, f.__name__, f.__defaults__, f.__closure__)


PEERS: dict[str, Callable[[Work], Contender]] = {
    "by hand": by_hand,
    "s2sad": generated,
    "generated": generated_file,
    "autograd": autograd,
    "JAX jit": jax_jit,
    "JAX eager": jax_eager,
}


def contenders(work: Work) -> dict[str, Contender]:
    """The primal and every derivative of it that can be had here."""
    found: dict[str, Contender] = {"primal": partial(work.primal, *work.arguments)}
    for name, make in PEERS.items():
        if name in work.without:
            continue
        try:
            found[name] = make(work)
        except ImportError:
            continue
    return found
