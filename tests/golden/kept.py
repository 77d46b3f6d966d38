"""The value of a parameter that a loop overwrites is kept under another name."""

import math

at = {"x": 0.7, "n": 3}


def kept(x, n):
    y = x * math.sin(x)
    for i in range(n):
        x = 0.5 * x
    return x * y


# --- forward ---
import math


def kept_jvp(x, n, x_dot):
    sin_x = math.sin(x)
    y_dot = (sin_x + x * math.cos(x)) * x_dot
    y = x * sin_x
    for i in range(n):
        x_dot *= 0.5
        x = 0.5 * x
    return x * y, x_dot * y + x * y_dot


# --- reverse ---
import math


def kept_grad(x, n):
    # primal
    x_1 = x
    sin_x = math.sin(x)
    y = x * sin_x
    for i in range(n):
        x = 0.5 * x
    # adjoint
    x_bar = y
    y_bar = x
    for _ in range(n):
        x_bar *= 0.5  # x = 0.5 * x
    x_bar += (sin_x + x_1 * math.cos(x_1)) * y_bar  # return x * y; y = x * math.sin(x)
    return x_bar
