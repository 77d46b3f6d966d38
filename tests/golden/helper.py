"""A function that is called gets a derivative for the arguments that carry one."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1]), "k": 2.0}
wrt = "x"


def wave(t, k, phase=0.5):
    return np.sin(k * t + phase)


def helper(x, k):
    y = wave(x, k)
    return np.sum(y * wave(y, k, phase=0.1))


# --- forward ---
import numpy as np


def wave_jvp(t, k, phase, t_dot):
    t_1 = k * t + phase
    return np.sin(t_1), k * t_dot * np.cos(t_1)


def helper_jvp(x, k, x_dot):
    """x: (m,)"""
    y, y_dot = wave_jvp(x, k, 0.5, x_dot)
    t, t_dot = wave_jvp(y, k, 0.1, y_dot)
    return np.sum(y * t), np.sum(y_dot * t + y * t_dot)


# --- reverse ---
import numpy as np


def wave_fwd(t, k, phase=0.5):
    t_1 = k * t + phase
    y = np.sin(t_1)
    return y, t_1


def wave_bwd(y_bar, t_1, k):
    return k * y_bar * np.cos(t_1)  # return np.sin(k * t + phase)


def helper_grad(x, k):
    """x: (m,)"""
    # primal
    y, wave_saved = wave_fwd(x, k)
    t, wave_saved_1 = wave_fwd(y, k, phase=0.1)
    # adjoint
    t_bar = y  # return np.sum(y * wave(y, k, phase=0.1))
    y_bar = t + wave_bwd(t_bar, wave_saved_1, k)
    # return np.sum(y * wave(y, k, phase=0.1)); y = wave(x, k)
    return wave_bwd(y_bar, wave_saved, k)
