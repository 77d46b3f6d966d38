"""A loop in a loop makes a list in each round, which is saved in a list itself."""

import math

at = {"x": 0.3}


def nested_loops(x):
    for i in range(2):
        for j in range(3):
            x = x * x + 0.1 * j
        x = math.sin(x)
    return x


# --- forward ---
import math


def nested_loops_jvp(x, x_dot):
    for i in range(2):
        for j in range(3):
            x_dot *= 2 * x
            x = x * x + 0.1 * j
        x_dot *= math.cos(x)
        x = math.sin(x)
    return x, x_dot


# --- reverse ---
import math


def nested_loops_grad(x):
    # primal
    x_saved = []
    x_saved_1 = []
    for i in range(2):
        x_inner = []
        for j in range(3):
            x_inner.append(x)
            x = x * x + 0.1 * j
        x_saved_1.append(x)
        x_saved.append(x_inner)
        x = math.sin(x)
    # adjoint
    x_bar = 1.0
    for x_1, x_inner in zip(reversed(x_saved_1), reversed(x_saved)):
        x_bar *= math.cos(x_1)  # x = math.sin(x)
        for x in reversed(x_inner):
            x_bar *= 2 * x  # x = x * x + 0.1 * j
    return x_bar
