"""Elements and slices: what was read is added to its place."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1, 0.6])}


def indexing(x):
    d = x[1:] - x[:-1]
    return np.sum(d * d) + x[0] * x[-1]


# --- forward ---
import numpy as np


def indexing_jvp(x, x_dot):
    """x: (m,)"""
    d_dot = x_dot[1:] - x_dot[:-1]
    d = x[1:] - x[:-1]
    y = np.sum(d * d) + x[0] * x[-1]
    y_dot = 2 * np.sum(d * d_dot) + (x_dot[0] * x[-1] + x[0] * x_dot[-1])
    return y, y_dot


# --- reverse ---
import numpy as np


def indexing_grad(x):
    """x: (m,)"""
    # primal
    d = x[1:] - x[:-1]
    # adjoint
    d_bar = 2.0 * d  # return np.sum(d * d) + x[0] * x[-1]
    x_bar = np.zeros_like(x)
    x_bar[0] += x[-1]
    x_bar[-1] += x[0]
    x_bar[1:] += d_bar  # d = x[1:] - x[:-1]
    x_bar[:-1] -= d_bar
    return x_bar
