"""Sums along an axis."""

import numpy as np

at = {"x": np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4]])}


def axes(x):
    z = x - np.max(x, axis=1, keepdims=True)
    s = np.sum(np.exp(z), axis=1)
    return np.sum(np.log(s))


# --- forward ---
import numpy as np


def axes_jvp(x, x_dot):
    t = np.max(x, axis=1, keepdims=True)
    z_dot = x_dot - np.sum(x_dot * (x == t), axis=1, keepdims=True) / np.sum(
        x == t, axis=1, keepdims=True
    )
    z = x - t
    t_1 = np.exp(z)
    s_dot = np.sum(z_dot * t_1, axis=1)
    s = np.sum(t_1, axis=1)
    return np.sum(np.log(s)), np.sum(s_dot / s)


# --- reverse ---
import numpy as np


def axes_grad(x):
    # primal
    t = np.max(x, axis=1, keepdims=True)
    z = x - t
    t_1 = np.exp(z)
    s = np.sum(t_1, axis=1)
    # adjoint
    s_bar = 1.0 / s  # return np.sum(np.log(s))
    z_bar = s_bar[:, None] * t_1  # s = np.sum(np.exp(z), axis=1)
    # z = x - np.max(x, axis=1, keepdims=True)
    return z_bar - np.sum(z_bar, axis=1, keepdims=True) / np.sum(x == t, axis=1, keepdims=True) * (
        x == t
    )
