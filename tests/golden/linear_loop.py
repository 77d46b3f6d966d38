"""A loop that is linear in what is differentiated saves nothing."""

import numpy as np

at = {"u": np.array([0.3, -0.8, 1.1, 0.6]), "c": 0.1, "n": 3}
wrt = "u"


def linear_loop(u, c, n):
    for i in range(n):
        u = u + c * (np.roll(u, 1) - 2 * u + np.roll(u, -1))
    return np.sum(u**2)


# --- forward ---
import numpy as np


def linear_loop_jvp(u, c, n, u_dot):
    """u: (m,)"""
    for i in range(n):
        u_dot = u_dot + c * (np.roll(u_dot, 1) - 2 * u_dot + np.roll(u_dot, -1))
        u = u + c * (np.roll(u, 1) - 2 * u + np.roll(u, -1))
    return np.sum(u**2), 2 * np.sum(u * u_dot)


# --- reverse ---
import numpy as np


def linear_loop_grad(u, c, n):
    """u: (m,)"""
    # primal
    for i in range(n):
        u = u + c * (np.roll(u, 1) - 2 * u + np.roll(u, -1))
    # adjoint
    u_bar = 2.0 * u  # return np.sum(u**2)
    for _ in range(n):
        t_bar = c * u_bar  # u = u + c * (np.roll(u, 1) - 2 * u + np.roll(u, -1))
        u_bar = u_bar + np.roll(t_bar, -1) - 2 * t_bar + np.roll(t_bar, 1)
    return u_bar
