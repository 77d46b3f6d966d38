"""A loop over an array; the adjoint of an element is added in its place."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1])}


def elements(x):
    s = 1.0
    for v in x:
        s = s * v + v
    return s


# --- forward ---
def elements_jvp(x, x_dot):
    """x: (m,)"""
    s_dot = 0.0
    s = 1.0
    for v, v_dot in zip(x, x_dot):
        s_dot = s_dot * v + (s + 1) * v_dot
        s = s * v + v
    return s, s_dot


# --- reverse ---
import numpy as np


def elements_grad(x):
    """x: (m,)"""
    # primal
    s = 1.0
    s_saved = []
    for v in x:
        s_saved.append(s)
        s = s * v + v
    # adjoint
    s_bar = 1.0
    x_bar = np.zeros_like(x)
    for k in range(len(x) - 1, -1, -1):
        s = s_saved[k]
        v = x[k]
        v_bar = (s + 1) * s_bar  # s = s * v + v
        s_bar *= v
        x_bar[k] += v_bar
    return x_bar
