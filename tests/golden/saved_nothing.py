"""Counters and sizes are not differentiated; what only they need is not saved."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1]), "h": 0.1}


def saved_nothing(x, h):
    total = 0.0
    k = 0
    for i in range(1, len(x)):
        k += 2
        total += (x[i] - x[i - 1]) / (k * h)
    return total


# --- forward ---
def saved_nothing_jvp(x, h, x_dot, h_dot):
    """x: (m,)"""
    total_dot = 0.0
    total = 0.0
    k = 0
    for i in range(1, len(x)):
        k += 2
        total_dot += (x_dot[i] - x_dot[i - 1] - (x[i] - x[i - 1]) / (k * h) * k * h_dot) / (k * h)
        total += (x[i] - x[i - 1]) / (k * h)
    return total, total_dot


# --- reverse ---
import numpy as np


def saved_nothing_grad(x, h):
    """x: (m,)"""
    # primal
    k = 0
    k_saved = []
    for i in range(1, len(x)):
        k += 2
        k_saved.append(k)
    # adjoint
    h_bar = 0.0
    x_bar = np.zeros_like(x)
    for i, k in zip(range(len(x) - 1, 0, -1), reversed(k_saved)):
        t_bar_1 = 1.0 / (k * h)  # total += (x[i] - x[i - 1]) / (k * h)
        x_bar[i] += t_bar_1
        x_bar[i - 1] -= t_bar_1
        h_bar -= k * ((x[i] - x[i - 1]) / (k * h)) * t_bar_1
    return x_bar, h_bar
