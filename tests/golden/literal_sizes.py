"""A size that is a literal says how many elements an array has."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1, 0.6]), "y": np.array([0.5, 1.0])}


def literal_sizes(x, y):
    A = x.reshape(2, 2)
    z = np.concatenate([A.T @ y, y])
    return np.sum(z[:, None] * A.ravel())


# --- forward ---
import numpy as np


def literal_sizes_jvp(x, y, x_dot, y_dot):
    """x: (m,), y: (n,)"""
    A_dot = x_dot.reshape(2, 2)
    A = x.reshape(2, 2)
    z_dot = np.concatenate([A_dot.T @ y + A.T @ y_dot, y_dot])
    z = np.concatenate([A.T @ y, y])
    value = np.sum(z[:, None] * A.ravel())
    value_dot = np.sum(z_dot[:, None] * A.ravel() + z[:, None] * A_dot.ravel())
    return value, value_dot


# --- reverse ---
import numpy as np


def literal_sizes_grad(x, y):
    """x: (m,), y: (n,)"""
    # primal
    A = x.reshape(2, 2)
    z = np.concatenate([A.T @ y, y])
    # adjoint
    t = z[:, None] * A.ravel()  # return np.sum(z[:, None] * A.ravel())
    z_bar = np.zeros_like(z)
    z_bar[:, None] += np.sum(np.broadcast_to(A.ravel(), np.shape(t)), axis=1, keepdims=True)
    A_bar = np.sum(np.broadcast_to(z[:, None], np.shape(t)), axis=0).reshape(A.shape)
    t_1 = 2 * (A.T @ y)  # z = np.concatenate([A.T @ y, y])
    t_bar = z_bar[: len(t_1)]
    A_bar += np.outer(t_bar, y).T
    y_bar = A @ t_bar + z_bar[len(t_1) :]
    x_bar = A_bar.reshape(x.shape)  # A = x.reshape(2, 2)
    return x_bar.copy(), y_bar
