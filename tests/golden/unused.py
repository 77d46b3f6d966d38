"""An argument that the result does not depend on has a zero adjoint of its shape."""

import numpy as np

at = {"x": 0.7, "y": np.array([0.5, 1.0])}


def unused(x, y):
    n = len(y)
    return x * n


# --- forward ---
def unused_jvp(x, y, x_dot, y_dot):
    """y: (m,)"""
    n = len(y)
    return x * n, x_dot * n


# --- reverse ---
import numpy as np


def unused_grad(x, y):
    """y: (m,)"""
    # primal
    n = len(y)
    # adjoint
    x_bar = 1.0 * n  # return x * n
    return x_bar, np.zeros_like(y)
