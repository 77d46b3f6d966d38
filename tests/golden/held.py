"""Values that nothing overwrites are still there in the adjoint."""

import numpy as np

at = {"a": 0.4, "b": 1.3}


def held(a, b):
    s = np.sin(a * b)
    c = np.exp(b) * s
    return s * c + a


# --- forward ---
import numpy as np


def held_jvp(a, b, a_dot, b_dot):
    s_dot = (a_dot * b + a * b_dot) * np.cos(a * b)
    s = np.sin(a * b)
    t = np.exp(b)
    c_dot = b_dot * t * s + t * s_dot
    c = t * s
    return s * c + a, s_dot * c + s * c_dot + a_dot


# --- reverse ---
import numpy as np


def held_grad(a, b):
    # primal
    s = np.sin(a * b)
    t = np.exp(b)
    c = t * s
    # adjoint
    s_bar = c  # return s * c + a
    c_bar = s
    b_bar = c_bar * s * t  # c = np.exp(b) * s
    s_bar += t * c_bar
    t_bar = s_bar * np.cos(a * b)  # s = np.sin(a * b)
    a_bar = 1.0 + t_bar * b
    b_bar += a * t_bar
    return a_bar, b_bar
