"""Choices between values."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1]), "y": np.array([0.5, 1.0, -2.0])}


def kinks(x, y):
    return np.sum(np.maximum(x, 0) + np.where(x > y, x * y, y) + abs(x))


# --- forward ---
import numpy as np


def kinks_jvp(x, y, x_dot, y_dot):
    """x: (m,), y: (m,)"""
    t = x > y
    value = np.sum(np.maximum(x, 0) + np.where(t, x * y, y) + abs(x))
    value_dot = np.sum(
        (np.heaviside(x, 0.5) + np.sign(x)) * x_dot + np.where(t, x_dot * y + x * y_dot, y_dot)
    )
    return value, value_dot


# --- reverse ---
import numpy as np


def kinks_grad(x, y):
    """x: (m,), y: (m,)"""
    # primal
    t = x > y
    # adjoint
    # return np.sum(np.maximum(x, 0) + np.where(x > y, x * y, y) + abs(x))
    x_bar = np.heaviside(x, 0.5) + np.sign(x) + np.where(t, y, 0)
    y_bar = np.where(t, x, 0) + np.where(t, 0, 1.0)
    return x_bar, y_bar
