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
    """x: (m, n)"""
    max_x = np.max(x, axis=1, keepdims=True)
    z_dot = x_dot - np.sum(x_dot * (x == max_x), axis=1, keepdims=True) / np.sum(
        x == max_x, axis=1, keepdims=True
    )
    z = x - max_x
    exp_z = np.exp(z)
    s_dot = np.sum(z_dot * exp_z, axis=1)
    s = np.sum(exp_z, axis=1)
    return np.sum(np.log(s)), np.sum(s_dot / s)


# --- reverse ---
import numpy as np


def axes_grad(x):
    """x: (m, n)"""
    # primal
    max_x = np.max(x, axis=1, keepdims=True)
    z = x - max_x
    exp_z = np.exp(z)
    s = np.sum(exp_z, axis=1)
    # adjoint
    s_bar = 1.0 / s  # return np.sum(np.log(s))
    z_bar = s_bar[:, None] * exp_z  # s = np.sum(np.exp(z), axis=1)
    t = x == max_x  # z = x - np.max(x, axis=1, keepdims=True)
    return z_bar - np.sum(z_bar, axis=1, keepdims=True) / np.sum(t, axis=1, keepdims=True) * t
