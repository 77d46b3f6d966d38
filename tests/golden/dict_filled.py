"""A dict that is filled under keys that are written out is one variable for each."""

import numpy as np

at = {"x": np.array([0.3, -0.8]), "k": 0.4}
wrt = ("x", "k")


def dict_filled(x, k):
    parts = {}
    parts["scaled"] = k * x
    parts["wave"] = np.sin(parts["scaled"])
    parts["scaled"] += 1
    parts["sum"] = np.sum(parts["wave"] * parts["scaled"])
    return parts["sum"] ** 2


# --- forward ---
import numpy as np


def dict_filled_jvp(x, k, x_dot, k_dot):
    """x: (m,)"""
    parts_scaled_dot = k_dot * x + k * x_dot
    parts_scaled = k * x
    parts_wave_dot = parts_scaled_dot * np.cos(parts_scaled)
    parts_wave = np.sin(parts_scaled)
    parts_scaled += 1
    parts_sum_dot = np.sum(parts_wave_dot * parts_scaled + parts_wave * parts_scaled_dot)
    parts_sum = np.sum(parts_wave * parts_scaled)
    return parts_sum**2, 2 * parts_sum * parts_sum_dot


# --- reverse ---
import numpy as np


def dict_filled_grad(x, k):
    """x: (m,)"""
    # primal
    parts_scaled = k * x
    parts_wave = np.sin(parts_scaled)
    parts_scaled_1 = parts_scaled + 1
    parts_sum = np.sum(parts_wave * parts_scaled_1)
    # adjoint
    parts_sum_bar = 2.0 * parts_sum  # return parts["sum"] ** 2
    # parts["sum"] = np.sum(parts["wave"] * parts["scaled"])
    parts_wave_bar = parts_sum_bar * parts_scaled_1
    parts_scaled_1_bar = parts_wave * parts_sum_bar
    # parts["wave"] = np.sin(parts["scaled"])
    parts_scaled_bar = parts_scaled_1_bar + parts_wave_bar * np.cos(parts_scaled)
    k_bar = parts_scaled_bar @ x  # parts["scaled"] = k * x
    x_bar = k * parts_scaled_bar
    return x_bar, k_bar
