"""A loop with checkpoints: two states are kept while it is reversed, however many rounds there are."""

import numpy as np

at = {"u": np.array([0.3, -0.8, 1.1]), "k": 0.1, "n": 7}
wrt = ("u", "k")


def energy(u, k, n):
    for _ in range(n):  # s2sad: checkpoint(2)
        u = u + k * np.sin(u) * u
    return np.sum(u**2)


# --- forward ---
import numpy as np


def energy_jvp(u, k, n, u_dot, k_dot):
    """u: (m,)"""
    for _ in range(n):
        sin_u = np.sin(u)
        t = k * sin_u
        u_dot = (1 + t) * u_dot + (k_dot * sin_u + k * u_dot * np.cos(u)) * u
        u = u + t * u
    return np.sum(u**2), 2 * np.sum(u * u_dot)


# --- reverse ---
import numpy as np


def _ahead(rounds, snapshots):
    """How many of `rounds` rounds to go before the next snapshot is taken, with room for `snapshots` of them: then the
    fewest are run again (Griewank and Walther 2000, Algorithm 799).
    """
    snapshots += 1  # The state at the beginning is one.
    repeats, before, reach = 1, 1, snapshots + 1
    while reach < rounds:
        repeats += 1
        before, reach = reach, reach * (snapshots + repeats) // repeats
    return min(before, rounds - before * snapshots // (snapshots + repeats - 1))


def energy_rounds(u, k, first, last, snapshots):
    """The rounds `first` to `last` of a loop, of which reverse mode keeps `snapshots` snapshots."""
    if last - first > 1:
        middle = first + _ahead(last - first, snapshots)
        u = energy_rounds(u, k, first, middle, snapshots)
        u = energy_rounds(u, k, middle, last, snapshots - 1)
    else:
        u = energy_round(u, k, first)
    return u


def energy_round(u, k, _):
    u = u + k * np.sin(u) * u
    return u


def energy_round_bwd(y_bar, u, k, _):
    """The adjoint of `energy_round`, which is computed again here (checkpoint)."""
    # primal
    sin_u = np.sin(u)
    t = k * sin_u
    # adjoint
    t_bar = y_bar * u  # u = u + k * np.sin(u) * u
    k_bar = np.sum(t_bar * sin_u)
    u_bar = (1 + t) * y_bar + k * t_bar * np.cos(u)
    return u_bar, k_bar


def energy_rounds_bwd(y_bar, u, k, first, last, snapshots):
    """The adjoint of `energy_rounds`, which is computed again here (checkpoint)."""
    # primal
    if last - first > 1:
        middle = first + _ahead(last - first, snapshots)
        u_1 = energy_rounds(u, k, first, middle, snapshots)
        t = snapshots - 1
    # adjoint
    u_2_bar = y_bar
    if last - first > 1:
        u_1_bar, k_bar = energy_rounds_bwd(u_2_bar, u_1, k, middle, last, t)
        u_bar, k_bar_1 = energy_rounds_bwd(u_1_bar, u, k, first, middle, snapshots)
        k_bar += k_bar_1
    else:
        u_bar, k_bar = energy_round_bwd(u_2_bar, u, k, first)
    return u_bar, k_bar


def energy_grad(u, k, n):
    """u: (m,)"""
    # primal
    u_1 = u
    if 0 < n:
        u = energy_rounds(u, k, 0, n, 2)
    # adjoint
    u_bar = 2.0 * u  # return np.sum(u**2)
    if 0 < n:
        u_bar, k_bar = energy_rounds_bwd(u_bar, u_1, k, 0, n, 2)  # for _ in range(n):
    else:
        k_bar = 0.0
    return u_bar, k_bar
