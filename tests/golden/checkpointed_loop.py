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


def energy_rounds(u, k, first, last):
    """The rounds `first` to `last` of a loop."""
    for _ in range(first, last):
        u = u + k * np.sin(u) * u
    return u


def energy_round_bwd(y_bar, u, k):
    """The adjoint of `energy_round`, which is computed again here (checkpoint)."""
    # primal
    sin_u = np.sin(u)
    t = k * sin_u
    # adjoint
    t_bar = y_bar * u  # u = u + k * np.sin(u) * u
    k_bar = t_bar @ sin_u
    u_bar = (1 + t) * y_bar + k * t_bar * np.cos(u)
    return u_bar, k_bar


def energy_rounds_bwd(y_bar, u, k, first, last):
    """The adjoint of `energy_rounds`, which keeps at most 2 snapshots and runs rounds again from there."""
    u_saved = [u]
    starts = [first]
    u_bar = y_bar
    k_bar = 0.0
    for i in range(last - 1, first - 1, -1):
        at = starts.pop()
        u = u_saved.pop()
        while at < i:
            middle = at + _ahead(i + 1 - at, 2 - len(starts))
            starts.append(at)
            u_saved.append(u)
            u = energy_rounds(u, k, at, middle)
            at = middle
        u_bar, k_bar_1 = energy_round_bwd(u_bar, u, k)  # for _ in range(n):
        k_bar += k_bar_1
    return u_bar.copy(), k_bar


def energy_grad(u, k, n):
    """u: (m,)"""
    # primal
    u_1 = energy_rounds(u, k, 0, n)
    # adjoint
    u_1_bar = 2.0 * u_1  # return np.sum(u**2)
    u_bar, k_bar = energy_rounds_bwd(u_1_bar, u, k, 0, n)  # for _ in range(n):
    return u_bar, k_bar
