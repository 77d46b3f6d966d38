"""A function that fills an array it is given, and one that changes it from step to step."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1, 0.5]), "n": 3}


def fill(out, x):
    for i in range(len(x)):
        out[i] = x[i] ** 2


def smooth(u):
    for i in range(1, len(u) - 1):
        u[i] = (u[i - 1] + u[i] + u[i + 1]) / 3


def callee_fills_array(x, n):
    u = np.zeros(4)
    fill(u, x)
    for _ in range(n):
        smooth(u)
    return np.sum(u * u)


# --- forward ---
import numpy as np


def fill_jvp(out, x, out_dot, x_dot):
    for i in range(len(x)):
        out_dot[i] = 2 * x[i] * x_dot[i]
        out[i] = x[i] ** 2


def smooth_jvp(u, u_dot):
    for i in range(1, len(u) - 1):
        u_dot[i] = (u_dot[i - 1] + u_dot[i] + u_dot[i + 1]) / 3
        u[i] = (u[i - 1] + u[i] + u[i + 1]) / 3


def callee_fills_array_jvp(x, n, x_dot):
    """x: (m,)"""
    u_dot = np.zeros(4)
    u = np.zeros(4)
    fill_jvp(u, x, u_dot, x_dot)
    for _ in range(n):
        smooth_jvp(u, u_dot)
    return np.sum(u * u), 2 * np.sum(u * u_dot)


# --- reverse ---
import numpy as np


def fill(out, x):
    for i in range(len(x)):
        out[i] = x[i] ** 2


def smooth(u):
    for i in range(1, len(u) - 1):
        u[i] = (u[i - 1] + u[i] + u[i + 1]) / 3


def smooth_bwd(u_bar):
    for i in range(len(u_bar) - 2, 0, -1):
        t_bar = u_bar[i]  # u[i] = (u[i - 1] + u[i] + u[i + 1]) / 3
        u_bar[i] = 0.0
        t_bar_1 = t_bar / 3
        u_bar[i - 1] += t_bar_1
        u_bar[i] += t_bar_1
        u_bar[i + 1] += t_bar_1


def fill_bwd(out_bar, x):
    x_bar = np.zeros_like(x)
    for i in range(len(x) - 1, -1, -1):
        t_bar = out_bar[i]  # out[i] = x[i] ** 2
        out_bar[i] = 0.0
        x_bar[i] += 2 * x[i] * t_bar
    return x_bar


def callee_fills_array_grad(x, n):
    """x: (m,)"""
    # primal
    u = np.zeros(4)
    fill(u, x)
    for _ in range(n):
        smooth(u)
    # adjoint
    u_bar = 2.0 * u  # return np.sum(u * u)
    for _ in range(n):
        smooth_bwd(u_bar)  # smooth(u)
    return fill_bwd(u_bar, x)  # fill(u, x)
