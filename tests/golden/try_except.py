"""The primal part remembers which way a `try` went; no handler catches what only a tangent raises."""

import math

at = {"x": 2.5, "shifts": [1.0, 3.0, 0.5]}


def try_except(x, shifts):
    total = 0.0
    for shift in shifts:
        try:
            root = math.sqrt(x - shift)
        except ValueError:
            continue
        total += root * x
    return total


# --- forward ---
import math


def try_except_jvp(x, shifts, x_dot, shifts_dot):
    total_dot = 0.0
    total = 0.0
    for shift, shift_dot in zip(shifts, shifts_dot):
        try:
            root = math.sqrt(x - shift)
            root_dot = (x_dot - shift_dot) * (0.5 / root if root else math.inf)
        except ValueError:
            continue
        else:
            total_dot += root_dot * x + root * x_dot
            total += root * x
    return total, total_dot


# --- reverse ---
import math


def try_except_grad(x, shifts):
    # primal
    caught_saved = []
    for shift in shifts:
        caught = False
        try:
            root = math.sqrt(x - shift)
        except ValueError:
            caught = True
        caught_saved.append(caught)
    # adjoint
    shifts_bar = []
    x_bar = 0.0
    for k in range(len(shifts) - 1, -1, -1):
        caught = caught_saved[k]
        shift = shifts[k]
        if caught:
            shift_bar = 0.0
        else:
            root = math.sqrt(x - shift)
            x_bar += root  # total += root * x
            t_bar_1 = x * (0.5 / root if root else math.inf)  # root = math.sqrt(x - shift)
            x_bar += t_bar_1
            shift_bar = -t_bar_1
        shifts_bar.append(shift_bar)
    shifts_bar = shifts_bar[::-1]
    return x_bar, shifts_bar
