"""A comprehension is a loop where a derivative stands in it, and itself again where none does."""

import numpy as np

at = {"widths": [0.3, 0.7, 1.1], "x": np.array([0.2, -0.4]), "n": 3}
wrt = ("widths", "x")


def comprehension(widths, x, n):
    centres = [k / n for k in range(n)]
    bumps = [np.exp(-w * np.sum((x - c) ** 2)) for w, c in zip(widths, centres)]
    return np.mean(bumps) * max(centres)


# --- forward ---
# --- reverse ---
# --- grad ---
