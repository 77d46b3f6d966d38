"""A function that changes its argument: the caller's array is changed as by the original, the gradient is by what it was."""

import numpy as np

at = {"u": np.array([0.3, -0.8, 1.1, 0.5]), "c": 0.4}
wrt = ("u", "c")


def changes_its_argument(u, c):
    u[0] = np.sin(u[1])
    u[1:] += c
    return np.sum(u * u)


# --- forward ---
import numpy as np


def changes_its_argument_jvp(u, c, u_dot, c_dot):
    """u: (m,)"""
    u_dot = u_dot.copy()
    u_dot[0] = u_dot[1] * np.cos(u[1])
    u[0] = np.sin(u[1])
    u_dot[1:] += c_dot
    u[1:] += c
    return np.sum(u * u), 2 * np.sum(u * u_dot)


# --- reverse ---
import numpy as np


def changes_its_argument_grad(u, c):
    """u: (m,)"""
    # primal
    t = u[1]
    u[0] = np.sin(t)
    u[1:] += c
    # adjoint
    u_bar = 2.0 * u  # return np.sum(u * u)
    c_bar = np.sum(u_bar[1:])  # u[1:] += c
    t_bar = u_bar[0]  # u[0] = np.sin(u[1])
    u_bar[0] = 0.0
    u_bar[1] += t_bar * np.cos(t)
    return u_bar, c_bar
