"""Rosenbrock's function as a loop that reads `x[i]`: gradient ÷ primal must not grow with n."""

import numpy as np

from benchmarks.work import Work

__all__ = ["WORKS", "rosenbrock", "rosenbrock_grad"]


def rosenbrock(x):
    total = 0.0
    for i in range(len(x) - 1):
        step = x[i + 1] - x[i] * x[i]
        rest = 1.0 - x[i]
        total += 100.0 * step * step + rest * rest
    return total


def rosenbrock_grad(x):
    # adjoint
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 2, -1, -1):
        step = x[i + 1] - x[i] * x[i]
        rest = 1.0 - x[i]
        # total += 100.0 * step * step + rest * rest
        step_bar = 200.0 * step
        rest_bar = 2.0 * rest
        x_bar[i + 1] += step_bar  # step = x[i + 1] - x[i] * x[i]
        x_bar[i] -= 2.0 * x[i] * step_bar + rest_bar
    return x_bar


def rosenbrock_jax(x):
    """Unrolled the loop takes JAX minutes to compile."""
    import jax.numpy as jnp
    from jax import lax

    def body(total, i):
        step = x[i + 1] - x[i] * x[i]
        rest = 1.0 - x[i]
        return total + 100.0 * step * step + rest * rest, None

    return lax.scan(body, 0.0, jnp.arange(len(x) - 1))[0]


def work(label, n, without):
    x = np.random.default_rng(0).normal(size=n)
    name = f"loop that reads x[i], n = {label}"
    return Work(name, rosenbrock, rosenbrock_grad, (x,), jax_primal=rosenbrock_jax, without=("JAX eager", *without))


# autograd's adjoint of x[i] is an array as long as x, so that its time grows with the square of n.
WORKS = (work("10³", 10**3, ()), work("10⁵", 10**5, ("autograd",)))
