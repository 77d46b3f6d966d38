"""Two values are saved in each round."""

import math

at = {"x": 0.7, "v": 0.1, "h": 0.05}
wrt = ("x", "v")


def two_lists(x, v, h):
    for step in range(4):
        a = -math.sin(x) * v
        v = v + h * a
        x = x + h * v * x
    return x * v


# --- forward ---
import math


def two_lists_jvp(x, v, h, x_dot, v_dot):
    for step in range(4):
        sin_x = math.sin(x)
        a_dot = -x_dot * math.cos(x) * v - sin_x * v_dot
        a = -sin_x * v
        v_dot += h * a_dot
        v = v + h * a
        x_dot = (1 + h * v) * x_dot + h * v_dot * x
        x = x + h * v * x
    return x * v, x_dot * v + x * v_dot


# --- reverse ---
import math


def two_lists_grad(x, v, h):
    # primal
    v_saved = []
    x_saved = []
    sin_x_saved = []
    for step in range(4):
        v_saved.append(v)
        x_saved.append(x)
        sin_x = math.sin(x)
        sin_x_saved.append(sin_x)
        a = -sin_x * v
        v = v + h * a
        x = x + h * v * x
    # adjoint
    x_bar = v
    v_bar = x
    for v, x, sin_x in zip(reversed(v_saved), reversed(x_saved), reversed(sin_x_saved)):
        a = -sin_x * v
        v_1 = v + h * a
        v_bar += h * x_bar * x  # x = x + h * v * x
        x_bar *= 1 + h * v_1
        a_bar = h * v_bar  # v = v + h * a
        x_bar -= a_bar * v * math.cos(x)  # a = -math.sin(x) * v
        v_bar -= sin_x * a_bar
    return x_bar, v_bar
