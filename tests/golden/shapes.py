"""Views, joins and products of known shapes."""

import numpy as np

at = {"A": np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4]]), "y": np.array([0.5, 1.0])}


def shapes(A, y):
    z = np.concatenate([A.T @ y, y])
    B = np.stack([A.ravel(), 2 * A.ravel()], axis=1)
    return np.sum(z[:, None] * z) + np.sum(B.reshape(-1))


# --- forward ---
import numpy as np


def shapes_jvp(A, y, A_dot, y_dot):
    """A: (m, n), y: (m,)"""
    z_dot = np.concatenate([A_dot.T @ y + A.T @ y_dot, y_dot])
    z = np.concatenate([A.T @ y, y])
    B_dot = np.stack([A_dot.ravel(), 2 * A_dot.ravel()], axis=1)
    B = np.stack([A.ravel(), 2 * A.ravel()], axis=1)
    value = np.sum(z[:, None] * z) + np.sum(B.reshape(-1))
    value_dot = np.sum(z_dot[:, None] * z + z[:, None] * z_dot) + np.sum(B_dot.reshape(-1))
    return value, value_dot


# --- reverse ---
import numpy as np


def shapes_grad(A, y):
    """A: (m, n), y: (m,)"""
    # primal
    z = np.concatenate([A.T @ y, y])
    B = np.stack([A.ravel(), 2 * A.ravel()], axis=1)
    # adjoint
    z_bar = np.zeros_like(z)  # return np.sum(z[:, None] * z) + np.sum(B.reshape(-1))
    z_bar[:, None] += np.sum(np.broadcast_to(z, (z.shape[0], z.shape[0])), axis=1, keepdims=True)
    z_bar += np.sum(np.broadcast_to(z[:, None], (z.shape[0], z.shape[0])), axis=0)
    B_bar = np.broadcast_to(1.0, np.shape(B.reshape(-1))).reshape(B.shape)
    # B = np.stack([A.ravel(), 2 * A.ravel()], axis=1)
    A_bar = B_bar[:, 0].reshape(A.shape) + (2 * B_bar[:, 1]).reshape(A.shape)
    t = 2 * (A.T @ y)  # z = np.concatenate([A.T @ y, y])
    t_bar = z_bar[: len(t)]
    A_bar += np.outer(t_bar, y).T
    y_bar = A @ t_bar + z_bar[len(t) :]
    return A_bar, y_bar
