"""A function that calls itself: a forward and a backward function."""

import math

at = {"x": 0.3, "n": 3}


def recursion(x, n):
    if n == 0:
        return x
    return math.sin(recursion(x, n - 1)) * x


# --- forward ---
import math


def recursion_jvp(x, n, x_dot):
    if n == 0:
        return x, x_dot
    t, t_dot = recursion_jvp(x, n - 1, x_dot)
    sin_t = math.sin(t)
    return sin_t * x, t_dot * math.cos(t) * x + sin_t * x_dot


# --- reverse ---
import math


def recursion_fwd(x, n):
    t = 0.0
    recursion_saved = None
    sin_t = 0.0
    if n == 0:
        y = x
    else:
        t, recursion_saved = recursion_fwd(x, n - 1)
        sin_t = math.sin(t)
        y = sin_t * x
    return y, (x, n, t, recursion_saved, sin_t)


def recursion_bwd(y_bar, saved):
    x, n, t, recursion_saved, sin_t = saved
    if n == 0:
        x_bar = y_bar
    else:
        t_bar = y_bar * x * math.cos(t)  # return math.sin(recursion(x, n - 1)) * x
        x_bar = sin_t * y_bar
        x_bar += recursion_bwd(t_bar, recursion_saved)
    return x_bar


def recursion_grad(x, n):
    # primal
    if n == 0:
        return 1.0
    t, recursion_saved = recursion_fwd(x, n - 1)
    sin_t = math.sin(t)
    # adjoint
    t_bar = x * math.cos(t)  # return math.sin(recursion(x, n - 1)) * x
    return sin_t + recursion_bwd(t_bar, recursion_saved)
