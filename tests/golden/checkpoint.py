"""A loop that saves one array a round: a step is computed again in the adjoint part, nothing inside of it is saved."""

import numpy as np

import s2sad

at = {"u": np.array([0.3, -0.8, 1.1]), "k": 0.1, "n": 3}
wrt = "u"


@s2sad.checkpoint
def step(u, k):
    for _ in range(2):
        u = u + k * np.sin(u) * u
    return u


def energy(u, k, n):
    for _ in range(n):
        u = step(u, k)
    return np.sum(u**2)


# --- forward ---
import numpy as np


def step_jvp(u, k, u_dot):
    for _ in range(2):
        t = k * np.sin(u)
        u_dot = (1 + (k * np.cos(u) * u + t)) * u_dot
        u = u + t * u
    return u, u_dot


def energy_jvp(u, k, n, u_dot):
    """u: (m,)"""
    for _ in range(n):
        u, u_dot = step_jvp(u, k, u_dot)
    return np.sum(u**2), 2 * np.sum(u * u_dot)


# --- reverse ---
import numpy as np


def step(u, k):
    for _ in range(2):
        u = u + k * np.sin(u) * u
    return u


def step_bwd(y_bar, u, k):
    """The adjoint of `step`, which is computed again here (checkpoint)."""
    # primal
    u_saved = []
    t_saved = []
    for _ in range(2):
        u_saved.append(u)
        t = k * np.sin(u)
        t_saved.append(t)
        u = u + t * u
    # adjoint
    u_bar = y_bar
    for u, t in zip(reversed(u_saved), reversed(t_saved)):
        u_bar = (1 + (k * np.cos(u) * u + t)) * u_bar  # u = u + k * np.sin(u) * u
    return u_bar.copy()


def energy_grad(u, k, n):
    """u: (m,)"""
    # primal
    u_saved = []
    for _ in range(n):
        u_saved.append(u)
        u = step(u, k)
    # adjoint
    u_bar = 2.0 * u  # return np.sum(u**2)
    for u in reversed(u_saved):
        u_bar = step_bwd(u_bar, u, k)  # u = step(u, k)
    return u_bar
