"""The rest of a round is the side that goes on."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1, 0.6])}


def continue_(x):
    total = 1.0
    for i, v in enumerate(x):
        if i % 3 == 1:
            continue
        total = total * v
    return total


# --- forward ---
def continue__jvp(x, x_dot):
    """x: (m,)"""
    total_dot = 0.0
    total = 1.0
    for i, (v, v_dot) in enumerate(zip(x, x_dot)):
        if i % 3 == 1:
            continue
        total_dot = total_dot * v + total * v_dot
        total = total * v
    return total, total_dot


# --- reverse ---
import numpy as np


def continue__grad(x):
    """x: (m,)"""
    # primal
    total = 1.0
    total_saved = []
    for i, v in enumerate(x):
        total_saved.append(total)
        if i % 3 == 1:
            continue
        total = total * v
    # adjoint
    total_bar = 1.0
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 1, -1, -1):
        total = total_saved[i]
        v = x[i]
        if i % 3 == 1:
            v_bar = 0.0
        else:
            v_bar = total * total_bar  # total = total * v
            total_bar *= v
        x_bar[i] += v_bar
    return x_bar
