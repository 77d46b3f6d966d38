"""float32 stays float32."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1], dtype=np.float32), "a": np.array([1.0, 2.0, 0.5])}


def single_precision(x, a):
    return np.sum(np.sin(x) * a)


# --- forward ---
import numpy as np


def single_precision_jvp(x, a, x_dot, a_dot):
    """x: (m,), a: (m,)"""
    sin_x = np.sin(x)
    return np.sum(sin_x * a), np.sum(x_dot * np.cos(x) * a + sin_x * a_dot)


# --- reverse ---
import numpy as np


def single_precision_grad(x, a):
    """x: (m,), a: (m,)"""
    # primal
    sin_x = np.sin(x)
    # adjoint
    x_bar = (a * np.cos(x)).astype(np.float32)  # return np.sum(np.sin(x) * a)
    a_bar = sin_x
    return x_bar, a_bar.astype(np.float64)
