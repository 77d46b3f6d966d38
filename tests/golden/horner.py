"""A loop that reads x[i]: O(1) in each round."""

import numpy as np

at = {"c": np.array([0.3, -0.8, 1.1]), "x": 0.4}


def horner(c, x):
    y = 0.0
    for i in range(len(c) - 1, -1, -1):
        y = y * x + c[i]
    return y


# --- forward ---
def horner_jvp(c, x, c_dot, x_dot):
    """c: (m,)"""
    y_dot = 0.0
    y = 0.0
    for i in range(len(c) - 1, -1, -1):
        y_dot = y_dot * x + y * x_dot + c_dot[i]
        y = y * x + c[i]
    return y, y_dot


# --- reverse ---
import numpy as np


def horner_grad(c, x):
    """c: (m,)"""
    # primal
    y = 0.0
    y_saved = []
    for i in range(len(c) - 1, -1, -1):
        y_saved.append(y)
        y = y * x + c[i]
    # adjoint
    c_bar = np.zeros_like(c)
    x_bar = 0.0
    y_bar = 1.0
    for i, y in zip(reversed(range(len(c) - 1, -1, -1)), reversed(y_saved)):
        x_bar += y * y_bar  # y = y * x + c[i]
        c_bar[i] += y_bar
        y_bar *= x
    return c_bar, x_bar
