"""The adjoint of a sum is one number until an array is needed."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1]), "y": np.array([0.5, 1.0, 2.0])}


def sums(x, y):
    e = x - y
    return np.mean(e**2) + np.sum(y)


# --- forward ---
import numpy as np


def sums_jvp(x, y, x_dot, y_dot):
    """x: (m,), y: (m,)"""
    e_dot = x_dot - y_dot
    e = x - y
    return np.mean(e**2) + np.sum(y), 2 * np.mean(e * e_dot) + np.sum(y_dot)


# --- reverse ---
def sums_grad(x, y):
    """x: (m,), y: (m,)"""
    # primal
    e = x - y
    # adjoint
    e_bar = e * (2.0 / e.size)  # return np.mean(e**2) + np.sum(y)
    y_bar = 1.0 - e_bar  # e = x - y
    return e_bar, y_bar
