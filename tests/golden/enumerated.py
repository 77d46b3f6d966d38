"""An index beside an element."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1])}


def enumerated(x):
    s = 0.0
    for i, a in enumerate(x):
        s = s + a ** (i + 1)
    return s


# --- forward ---
def enumerated_jvp(x, x_dot):
    """x: (m,)"""
    s_dot = 0.0
    s = 0.0
    for i, (a, a_dot) in enumerate(zip(x, x_dot)):
        s_dot += a_dot * ((i + 1) * a ** (i + 1 - 1) if i + 1 else 0.0)
        s = s + a ** (i + 1)
    return s, s_dot


# --- reverse ---
import numpy as np


def enumerated_grad(x):
    """x: (m,)"""
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 1, -1, -1):
        a = x[i]
        a_bar = (i + 1) * a ** (i + 1 - 1) if i + 1 else 0.0  # s = s + a ** (i + 1)
        x_bar[i] += a_bar
    return x_bar
