"""float32 stays float32."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1], dtype=np.float32), "a": np.array([1.0, 2.0, 0.5])}


def single_precision(x, a):
    return np.sum(np.sin(x) * a)


# --- forward ---
import numpy as np


def single_precision_jvp(x, a, x_dot, a_dot):
    t = np.sin(x)
    return np.sum(t * a), np.sum(x_dot * np.cos(x) * a + t * a_dot)


# --- reverse ---
import numpy as np


def single_precision_grad(x, a):
    # primal
    t = np.sin(x)
    # adjoint
    x_bar = (a * np.cos(x)).astype(np.float32)  # return np.sum(np.sin(x) * a)
    a_bar = t
    return x_bar, a_bar.copy()
