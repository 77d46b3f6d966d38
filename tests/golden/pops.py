"""A value that only some rounds save: the joint form pops it, a pullback pops from a copy."""

import math

at = {"x": 0.4, "n": 4}


def pops(x, n):
    s = 0.0
    for i in range(n):
        if i % 2 == 0:
            t = math.sin(s + x)
            s = t * t
        s = s + x
    return s


# --- reverse ---
import math


def pops_grad(x, n):
    # primal
    s = 0.0
    s_saved = []
    t_saved = []
    for i in range(n):
        s_saved.append(s)
        if i % 2 == 0:
            t = math.sin(s + x)
            t_saved.append(t)
            s = t * t
        s = s + x
    # adjoint
    s_bar = 1.0
    x_bar = 0.0
    for i in range(n - 1, -1, -1):
        s = s_saved[i]
        x_bar += s_bar  # s = s + x
        if i % 2 == 0:
            t = t_saved.pop()
            t_bar = 2 * t * s_bar  # s = t * t
            t_bar_3 = t_bar * math.cos(s + x)  # t = math.sin(s + x)
            x_bar += t_bar_3
            s_bar = t_bar_3
    return x_bar


# --- vjp ---
import math


def pops_vjp(x, n):
    # primal
    s = 0.0
    s_saved = []
    t_saved = []
    for i in range(n):
        s_saved.append(s)
        if i % 2 == 0:
            t = math.sin(s + x)
            t_saved.append(t)
            s = t * t
        s = s + x
    # adjoint

    def pullback(s_bar):
        x_bar = 0.0
        t_saved_left = t_saved.copy()
        for i in range(n - 1, -1, -1):
            s_1 = s_saved[i]
            x_bar += s_bar  # s = s + x
            if i % 2 == 0:
                t = t_saved_left.pop()
                t_bar = 2 * t * s_bar  # s = t * t
                t_bar_1 = t_bar * math.cos(s_1 + x)  # t = math.sin(s + x)
                x_bar += t_bar_1
                s_bar = t_bar_1
        return x_bar

    return s, pullback
