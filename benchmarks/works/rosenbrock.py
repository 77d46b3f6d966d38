"""The product of Rosenbrock's Hessian with a vector."""

import numpy as np

from benchmarks.work import Work

__all__ = ["WORKS", "rosenbrock", "rosenbrock_hvp"]


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_hvp(x, x_dot):
    a, a_dot = x[:-1], x_dot[:-1]
    t = x[1:] - a**2
    t_dot = x_dot[1:] - 2 * a * a_dot
    # adjoint: t_bar = 200 * t, a_bar = -2 * t_bar * a - 2 * (1 - a)
    t_bar_dot = 200 * t_dot
    product = np.zeros_like(x)
    product[1:] = t_bar_dot
    product[:-1] += 2 * a_dot - 400 * t * a_dot - 2 * t_bar_dot * a
    return product


rng = np.random.default_rng(0)
x, x_dot = rng.normal(size=(2, 1000))

WORKS = (
    Work("Rosenbrock H·v, n = 1000", rosenbrock, rosenbrock_hvp, (x,), tangents=(x_dot,), operator="hvp", limit=1.2),
)
