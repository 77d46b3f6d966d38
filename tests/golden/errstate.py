"""The adjoint of what is computed in `np.errstate` is computed in it, too."""

import numpy as np

at = {"x": np.array([0.5, 2.0, 3.0])}


def errstate(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(x > 0, x * np.log(x), 0.0)
    return np.sum(y * y)


# --- forward ---
import numpy as np


def errstate_jvp(x, x_dot):
    """x: (m,)"""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = x > 0
        log_x = np.log(x)
        y_dot = np.where(t, (log_x + x / x) * x_dot, 0)
        y = np.where(t, x * log_x, 0.0)
    return np.sum(y * y), 2 * np.sum(y * y_dot)


# --- reverse ---
import numpy as np


def errstate_grad(x):
    """x: (m,)"""
    # primal
    with np.errstate(divide="ignore", invalid="ignore"):
        t = x > 0
        log_x = np.log(x)
        y = np.where(t, x * log_x, 0.0)
    # adjoint
    y_bar = 2.0 * y  # return np.sum(y * y)
    with np.errstate(divide="ignore", invalid="ignore"):
        x_bar = np.where(t, (log_x + x / x) * y_bar, 0)  # y = np.where(x > 0, x * np.log(x), 0.0)
    return x_bar
