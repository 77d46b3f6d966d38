"""The rounds of a while loop are counted by what they save."""

import math

at = {"x": 9.0}


def while_loop(x):
    y = x
    while y > 2:
        y = math.sqrt(y) * x / 9
    return y


# --- forward ---
import math


def while_loop_jvp(x, x_dot):
    y_dot = x_dot
    y = x
    while y > 2:
        t = math.sqrt(y)
        y_dot = (y_dot * (0.5 / t if t else math.inf) * x + t * x_dot) / 9
        y = t * x / 9
    return y, y_dot


# --- reverse ---
import math


def while_loop_grad(x):
    # primal
    y = x
    t_saved = []
    while y > 2:
        t = math.sqrt(y)
        t_saved.append(t)
        y = t * x / 9
    # adjoint
    x_bar = 0.0
    y_bar = 1.0
    for t in reversed(t_saved):
        t_bar = y_bar / 9  # y = math.sqrt(y) * x / 9
        x_bar += t * t_bar
        y_bar = t_bar * x * (0.5 / t if t else math.inf)
    x_bar += y_bar  # y = x
    return x_bar
