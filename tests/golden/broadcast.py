"""Known shapes: what was broadcast is summed along the right axis."""

import numpy as np

at = {"x": np.ones((2, 3)), "w": np.array([0.3, -0.8, 1.1]), "b": 0.5}


def broadcast(x, w, b):
    return np.sum(np.exp(x * w + b))


# --- forward ---
import numpy as np


def broadcast_jvp(x, w, b, x_dot, w_dot, b_dot):
    """x: (m, n), w: (n,)"""
    t = np.exp(x * w + b)
    y = np.sum(t)
    y_dot = np.sum((x_dot * w + x * w_dot + b_dot) * t)
    return y, y_dot


# --- reverse ---
import numpy as np


def broadcast_grad(x, w, b):
    """x: (m, n), w: (n,)"""
    # primal
    t = np.exp(x * w + b)
    # adjoint
    x_bar = t * w  # return np.sum(np.exp(x * w + b))
    w_bar = np.sum(x * t, axis=0)
    b_bar = np.sum(t)
    return x_bar, w_bar, b_bar
