"""An array that only its variable knows is updated in place."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1]), "n": 3}


def in_place(x, n):
    y = np.zeros(3)
    for i in range(n):
        y += x * i
        y *= 2
    return np.sum(y * x)


# --- forward ---
import numpy as np


def in_place_jvp(x, n, x_dot):
    """x: (m,)"""
    y_dot = np.zeros(3)
    y = np.zeros(3)
    for i in range(n):
        y_dot = y_dot + x_dot * i
        y += x * i
        y_dot = 2 * y_dot
        y *= 2
    return np.sum(y * x), np.sum(y_dot * x + y * x_dot)


# --- reverse ---
import numpy as np


def in_place_grad(x, n):
    """x: (m,)"""
    # primal
    y = np.zeros(3)
    for i in range(n):
        y_1 = y + x * i
        y = y_1 * 2
    # adjoint
    y_bar = x
    x_bar = y
    for i in range(n - 1, -1, -1):
        y_1_bar = 2 * y_bar  # y *= 2
        x_bar = x_bar + y_1_bar * i  # y += x * i
        y_bar = y_1_bar
    return x_bar.copy()
