"""A variable that is assigned again in a straight line becomes two."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1])}


def live_ranges(x):
    x = np.tanh(x)
    x = x * x + 1
    return np.sum(np.log(x))


# --- forward ---
import numpy as np


def live_ranges_jvp(x, x_dot):
    """x: (m,)"""
    x = np.tanh(x)
    x_dot = x_dot * (1 - x * x)
    x_dot = 2 * x * x_dot
    x = x * x + 1
    return np.sum(np.log(x)), np.sum(x_dot / x)


# --- reverse ---
import numpy as np


def live_ranges_grad(x):
    """x: (m,)"""
    # primal
    x_1 = np.tanh(x)
    x_2 = x_1 * x_1 + 1
    # adjoint
    x_2_bar = 1.0 / x_2  # return np.sum(np.log(x))
    x_1_bar = 2 * x_1 * x_2_bar  # x = x * x + 1
    return x_1_bar * (1 - x_1 * x_1)  # x = np.tanh(x)
