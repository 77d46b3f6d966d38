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
    exp_b = np.exp(b)
    c_dot = b_dot * exp_b * s + exp_b * s_dot
    c = exp_b * s
    return s * c + a, s_dot * c + s * c_dot + a_dot


# --- reverse ---
import numpy as np


def held_grad(a, b):
    # primal
    s = np.sin(a * b)
    exp_b = np.exp(b)
    c = exp_b * s
    # adjoint
    b_bar = s * s * exp_b  # return s * c + a; c = np.exp(b) * s
    s_bar = c + exp_b * s
    t_bar = s_bar * np.cos(a * b)  # s = np.sin(a * b)
    a_bar = 1.0 + t_bar * b
    b_bar += a * t_bar
    return a_bar, b_bar
