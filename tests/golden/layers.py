"""Two layers and a mean square."""

import numpy as np

at = {
    "x": np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4]]),
    "W": np.linspace(-0.5, 0.6, 12).reshape(3, 4),
    "b": np.array([0.1, -0.2, 0.0, 0.3]),
    "t": np.array([[0.3, 1.0, 0.0, 0.5], [0.0, 0.5, -0.4, 1.0]]),
}
wrt = ("W", "b")


def layers(x, W, b, t):
    y = np.tanh(x @ W + b)
    return np.mean((y - t) ** 2)


# --- forward ---
import numpy as np


def layers_jvp(x, W, b, t, W_dot, b_dot):
    """x: (m, n), W: (n, p), b: (p,), t: (m, p)"""
    y = np.tanh(x @ W + b)
    y_dot = (x @ W_dot + b_dot) * (1 - y * y)
    t_1 = y - t
    return np.mean(t_1**2), 2 * np.mean(t_1 * y_dot)


# --- reverse ---
import numpy as np


def layers_grad(x, W, b, t):
    """x: (m, n), W: (n, p), b: (p,), t: (m, p)"""
    # primal
    y = np.tanh(x @ W + b)
    t_1 = y - t
    # adjoint
    y_bar = t_1 * (2.0 / t_1.size)  # return np.mean((y - t) ** 2)
    t_bar = y_bar * (1 - y * y)  # y = np.tanh(x @ W + b)
    W_bar = x.T @ t_bar
    b_bar = np.sum(t_bar, axis=0)
    return W_bar, b_bar


# --- value_and_grad ---
import numpy as np


def layers_value_and_grad(x, W, b, t):
    """x: (m, n), W: (n, p), b: (p,), t: (m, p)"""
    # primal
    y = np.tanh(x @ W + b)
    t_1 = y - t
    value = np.mean(t_1**2)
    # adjoint
    y_bar = t_1 * (2.0 / t_1.size)  # return np.mean((y - t) ** 2)
    t_bar = y_bar * (1 - y * y)  # y = np.tanh(x @ W + b)
    W_bar = x.T @ t_bar
    b_bar = np.sum(t_bar, axis=0)
    return value, (W_bar, b_bar)


# --- vjp ---
import numpy as np


def layers_vjp(x, W, b, t):
    """x: (m, n), W: (n, p), b: (p,), t: (m, p)"""
    # primal
    y = np.tanh(x @ W + b)
    t_1 = y - t
    value = np.mean(t_1**2)
    # adjoint

    def pullback(value_bar):
        y_bar = 2 * t_1 * (value_bar / t_1.size)  # return np.mean((y - t) ** 2)
        t_bar = y_bar * (1 - y * y)  # y = np.tanh(x @ W + b)
        W_bar = x.T @ t_bar
        b_bar = np.sum(t_bar, axis=0)
        return W_bar, b_bar

    return value, pullback
