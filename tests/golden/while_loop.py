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
        sqrt_y = math.sqrt(y)
        y_dot = (y_dot * (0.5 / sqrt_y if sqrt_y else math.inf) * x + sqrt_y * x_dot) / 9
        y = sqrt_y * x / 9
    return y, y_dot


# --- reverse ---
import math


def while_loop_grad(x):
    # primal
    y = x
    sqrt_y_saved = []
    while y > 2:
        sqrt_y = math.sqrt(y)
        sqrt_y_saved.append(sqrt_y)
        y = sqrt_y * x / 9
    # adjoint
    x_bar = 0.0
    y_bar = 1.0
    for sqrt_y in reversed(sqrt_y_saved):
        t_bar = y_bar / 9  # y = math.sqrt(y) * x / 9
        x_bar += sqrt_y * t_bar
        y_bar = t_bar * x * (0.5 / sqrt_y if sqrt_y else math.inf)
    x_bar += y_bar  # y = x
    return x_bar
