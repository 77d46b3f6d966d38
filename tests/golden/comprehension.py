"""A comprehension is a loop where a derivative stands in it, and itself again where none does."""

import numpy as np

at = {"widths": [0.3, 0.7, 1.1], "x": np.array([0.2, -0.4]), "n": 3}
wrt = ("widths", "x")


def comprehension(widths, x, n):
    centres = [k / n for k in range(n)]
    bumps = [np.exp(-w * np.sum((x - c) ** 2)) for w, c in zip(widths, centres)]
    return np.mean(bumps) * max(centres)


# --- forward ---
import numpy as np


def comprehension_jvp(widths, x, n, widths_dot, x_dot):
    """x: (m,)"""
    centres = [k / n for k in range(n)]
    bumps_dot = []
    bumps = []
    for w, w_dot, c in zip(widths, widths_dot, centres):
        t = x - c
        t_1 = np.sum(t**2)
        t_2 = np.exp(-w * t_1)
        bumps_dot.append((-w_dot * t_1 - 2 * w * np.sum(t * x_dot)) * t_2)
        bumps.append(t_2)
    max_centres = max(centres)
    return np.mean(bumps) * max_centres, np.mean(bumps_dot) * max_centres


# --- reverse ---
import numpy as np


def comprehension_grad(widths, x, n):
    """x: (m,)"""
    # primal
    centres = [k / n for k in range(n)]
    bumps = []
    t_saved = []
    t_1_saved = []
    for w, c in zip(widths, centres):
        t = x - c
        t_saved.append(t)
        t_1 = np.sum(t**2)
        t_1_saved.append(t_1)
        t_2 = np.exp(-w * t_1)
        bumps.append(t_2)
    max_centres = max(centres)
    # adjoint
    bumps_bar = [max_centres / len(bumps)] * len(bumps)  # return np.mean(bumps) * max(centres)
    widths_bar = [0.0] * len(widths)
    x_bar = np.zeros_like(x)
    for k_2 in range(len(t_saved) - 1, -1, -1):
        t = t_saved[k_2]
        t_1 = t_1_saved[k_2]
        t_2 = bumps[k_2]
        w = widths[k_2]
        # bumps = [np.exp(-w * np.sum((x - c) ** 2)) for w, c in zip(widths, centres)]
        t_bar = bumps_bar.pop()
        t_bar_1 = t_bar * t_2
        w_bar = -t_bar_1 * t_1
        x_bar -= 2 * t * (w * t_bar_1)
        widths_bar[k_2] += w_bar
    return widths_bar, x_bar
