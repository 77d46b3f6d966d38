"""Arrays that are written into: the heat equation, which saves nothing, and a loop that fills an array element by element."""

import numpy as np

from benchmarks.work import Work

__all__ = ["WORKS", "heat", "heat_grad", "series", "series_grad"]


def heat(u, c, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


def heat_grad(u, c, steps):
    # primal
    u = u.copy()
    for _ in range(steps):
        u[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2])
    # adjoint
    u_bar = 2 * u  # return np.sum(u * u)
    for _ in range(steps):
        t_bar = c * u_bar[1:-1]  # u[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2])
        u_bar[2:] += t_bar
        u_bar[1:-1] -= 2 * t_bar
        u_bar[:-2] += t_bar
    return u_bar


def series(x, n):
    y = np.empty(n)
    y[0] = x
    for i in range(1, n):
        y[i] = 0.9 * y[i - 1] + 0.1 * y[i - 1] * y[i - 1]
    return np.sum(y)


def series_grad(x, n):
    # primal
    y = np.empty(n)
    y[0] = x
    saved = []
    for i in range(1, n):
        t = y[i - 1]
        saved.append(t)
        y[i] = 0.9 * t + 0.1 * t * t
    # adjoint
    y_bar = np.ones(n)  # return np.sum(y)
    for i in range(n - 1, 0, -1):
        # y[i] = 0.9 * y[i - 1] + 0.1 * y[i - 1] * y[i - 1]
        y_bar[i - 1] += (0.9 + 0.2 * saved[i - 1]) * y_bar[i]
    return y_bar[0]


WORKS = (
    Work(
        "heat equation, 1000 × 1000",
        heat,
        heat_grad,
        (np.linspace(0, 1, 1000) ** 2, 0.2, 1000),
        without=("autograd", "JAX eager", "JAX jit"),
    ),
    Work("filling 10⁵ elements", series, series_grad, (0.3, 100_000), without=("autograd", "JAX eager", "JAX jit")),
)
