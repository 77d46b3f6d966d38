"""A rule that a user declares is spliced into the code like those that are built in."""

import numpy as np

import s2sad

at = {"x": np.array([0.3, 0.8, 1.1]), "n": 2.0}
wrt = ("x", "n")


def logarithm(x):
    return np.log(np.where(x > 0, x, 1.0))


def power(x, n):
    return np.exp(n * logarithm(x))


s2sad.rule("y = power(x, n)", "dy = dx * n * power(x, n - 1) + dn * y * logarithm(x)")


def moment(x, n):
    return np.sum(power(x, 2 * n) * x)


# --- forward ---
import numpy as np


def power(x, n):
    return np.exp(n * logarithm(x))


def logarithm(x):
    return np.log(np.where(x > 0, x, 1.0))


def moment_jvp(x, n, x_dot, n_dot):
    """x: (m,)"""
    t = power(x, 2 * n)
    t_dot = 2 * x_dot * n * power(x, 2 * n - 1) + 2 * n_dot * t * logarithm(x)
    return np.sum(t * x), np.sum(t_dot * x + t * x_dot)


# --- reverse ---
import numpy as np


def power(x, n):
    return np.exp(n * logarithm(x))


def logarithm(x):
    return np.log(np.where(x > 0, x, 1.0))


def moment_grad(x, n):
    """x: (m,)"""
    # primal
    t = power(x, 2 * n)
    # adjoint
    x_bar = t + 2 * x * power(x, 2 * n - 1) * n  # return np.sum(power(x, 2 * n) * x)
    n_bar = 2 * (t @ (x * logarithm(x)))
    return x_bar, n_bar
