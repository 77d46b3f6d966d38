"""The logistic map over 10⁴ steps: a loop over plain Python floats."""

from benchmarks.work import Work

__all__ = ["WORKS", "logistic", "logistic_grad", "logistic_jvp"]


def logistic(x: float, n: int):
    # Just below the onset of chaos: the derivative neither explodes nor vanishes.
    for i in range(n):
        x = 3.5699 * x * (1.0 - x)
    return x


def logistic_grad(x, n):
    # primal
    x_saved = []
    for i in range(n):
        x_saved.append(x)
        x = 3.5699 * x * (1.0 - x)
    # adjoint
    x_bar = 1.0
    for x in reversed(x_saved):
        x_bar *= 3.5699 * (1.0 - x) - 3.5699 * x
    return x_bar


def logistic_jvp(x, n, x_dot):
    for i in range(n):
        x_dot *= 3.5699 * (1.0 - x) - 3.5699 * x
        x = 3.5699 * x * (1.0 - x)
    return x, x_dot


def logistic_jax(x, n):
    """Unrolled 10⁴ times the loop takes JAX minutes to compile."""
    from jax import lax

    return lax.scan(lambda x, _: (3.5699 * x * (1.0 - x), None), x, None, length=n)[0]


WORKS = (
    Work(
        "logistic loop, 10⁴ steps",
        logistic,
        logistic_grad,
        (0.3, 10_000),
        jax_primal=logistic_jax,
        without=("JAX eager",),
    ),
    Work(
        "its forward mode",
        logistic,
        logistic_jvp,
        (0.3, 10_000),
        tangents=(1.0,),
        operator="jvp",
        jax_primal=logistic_jax,
        without=("JAX eager",),
    ),
)
