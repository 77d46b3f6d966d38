"""A branch in a loop: the condition is evaluated again, or saved; only some rounds save in the branch."""

import math

at = {"x": 0.4, "n": 4}


def branch_in_loop(x, n):
    for i in range(n):
        if x > 0.5:
            y = math.exp(-x)
            x = y * y
        else:
            x = x + 0.3
    return x


# --- forward ---
import math


def branch_in_loop_jvp(x, n, x_dot):
    for i in range(n):
        if x > 0.5:
            y = math.exp(-x)
            y_dot = -x_dot * y
            x_dot = 2 * y * y_dot
            x = y * y
        else:
            x = x + 0.3
    return x, x_dot


# --- reverse ---
import math


def branch_in_loop_grad(x, n):
    # primal
    branch_saved = []
    y_saved = []
    for i in range(n):
        branch = x > 0.5
        branch_saved.append(branch)
        if branch:
            y = math.exp(-x)
            y_saved.append(y)
            x = y * y
        else:
            x = x + 0.3
    # adjoint
    x_bar = 1.0
    for branch in reversed(branch_saved):
        if branch:
            y = y_saved.pop()
            y_bar = 2 * y * x_bar  # x = y * y
            x_bar = -y_bar * y  # y = math.exp(-x)
    return x_bar
