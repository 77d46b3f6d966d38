"""An array that only its variable knows is updated in place."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1]), "n": 3}


def in_place(x, n):
    y = np.zeros(3)
    for i in range(n):
        y += x * i
        y *= 2
    return np.sum(y * x)


# --- forward ---
import numpy as np


def _zeros(x):
    """Zeros of the shape and type of `x`; a list for a list or tuple, so that its elements can be added to."""
    if isinstance(x, (list, tuple)):
        return [_zeros(item) for item in x]
    return np.zeros_like(x) if isinstance(x, np.ndarray) else 0.0


def in_place_jvp(x, n, x_dot):
    y = np.zeros(3)
    y_dot = _zeros(y)
    for i in range(n):
        y_dot = y_dot + x_dot * i
        y += x * i
        y_dot = 2 * y_dot
        y *= 2
    return np.sum(y * x), np.sum(y_dot * x + y * x_dot)


# --- reverse ---
import numpy as np


def _unbroadcast(t, x):
    """Sum `t` over the axes along which broadcasting stretched `x`."""
    shape = np.shape(x)
    if np.shape(t) == shape:
        return t
    lead = np.ndim(t) - len(shape)
    t = np.sum(t, axis=tuple(range(lead)))
    stretched = tuple(k for k, n in enumerate(shape) if n == 1 != np.shape(t)[k])
    return np.sum(t, axis=stretched, keepdims=True) if stretched else t


def in_place_grad(x, n):
    # primal
    y = np.zeros(3)
    y_saved = []
    for i in range(n):
        y_saved.append(y)
        y_1 = y + x * i
        y = y_1 * 2
    y_2 = np.sum(y * x)
    if np.size(y_2) != 1:
        raise TypeError("grad needs a scalar result: use vjp or jacrev, or return a sum")
    # adjoint
    t_bar = np.broadcast_to(1.0, np.shape(2 * y * x))  # return np.sum(y * x)
    y_bar = _unbroadcast(t_bar * x, y)
    x_bar = _unbroadcast(y * t_bar, x)
    for i in range(n - 1, -1, -1):
        y = y_saved[i]
        y_1_bar = 2 * y_bar  # y *= 2
        y_bar = _unbroadcast(y_1_bar, y)  # y += x * i
        x_bar = x_bar + _unbroadcast(y_1_bar, x * i) * i
    return +x_bar
