"""Two sequences side by side."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1]), "w": [0.5, 2.0, 1.0]}


def zipped(x, w):
    s = 0.0
    for a, b in zip(x, w):
        s = s * a + a * b
    return s


# --- forward ---
def zipped_jvp(x, w, x_dot, w_dot):
    """x: (m,)"""
    s_dot = 0.0
    s = 0.0
    for a, a_dot, b, b_dot in zip(x, x_dot, w, w_dot):
        s_dot = s_dot * a + (s + b) * a_dot + a * b_dot
        s = s * a + a * b
    return s, s_dot


# --- reverse ---
import numpy as np


def zipped_grad(x, w):
    """x: (m,)"""
    # primal
    s = 0.0
    s_saved = []
    for a, b in zip(x, w):
        s_saved.append(s)
        s = s * a + a * b
    # adjoint
    w_bar = []
    s_bar = 1.0
    x_bar = np.zeros_like(x)
    for k in range(len(s_saved) - 1, -1, -1):
        s = s_saved[k]
        a = x[k]
        b = w[k]
        a_bar = (s + b) * s_bar  # s = s * a + a * b
        b_bar = a * s_bar
        s_bar *= a
        w_bar.append(b_bar)
        x_bar[k] += a_bar
    w_bar = w_bar[::-1]
    return x_bar, w_bar
