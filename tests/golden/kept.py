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
    t = math.sin(x)
    y_dot = (t + x * math.cos(x)) * x_dot
    y = x * t
    for i in range(n):
        x_dot *= 0.5
        x = 0.5 * x
    return x * y, x_dot * y + x * y_dot


# --- reverse ---
import math


def kept_grad(x, n):
    x_1 = x
    # primal
    t = math.sin(x)
    y = x * t
    for i in range(n):
        x = 0.5 * x
    # adjoint
    x_bar = y  # return x * y
    y_bar = x
    for _ in range(n):
        x_bar *= 0.5  # x = 0.5 * x
    x_bar += (t + x_1 * math.cos(x_1)) * y_bar  # y = x * math.sin(x)
    return x_bar
