"""What a loop returns is computed behind it in reverse mode."""

import numpy as np

at = {"x": 0.9, "n": 5}


def return_in_loop(x, n):
    for i in range(n):
        for j in range(i):
            x = x * np.sin(x) + 0.5
            if x > 1.3:
                return x * x
        x = x + 0.1
    return x


# --- forward ---
import numpy as np


def return_in_loop_jvp(x, n, x_dot):
    for i in range(n):
        for j in range(i):
            sin_x = np.sin(x)
            x_dot *= sin_x + x * np.cos(x)
            x = x * sin_x + 0.5
            if x > 1.3:
                return x * x, 2 * x * x_dot
        x = x + 0.1
    return x, x_dot


# --- reverse ---
import numpy as np


def return_in_loop_grad(x, n):
    # primal
    returned = False
    x_saved = []
    sin_x_saved = []
    for i in range(n):
        x_inner = []
        sin_x_inner = []
        for j in range(i):
            x_inner.append(x)
            sin_x = np.sin(x)
            sin_x_inner.append(sin_x)
            x = x * sin_x + 0.5
            if x > 1.3:
                returned = True
                break
        x_saved.append(x_inner)
        sin_x_saved.append(sin_x_inner)
        if returned:
            break
        x = x + 0.1
    # adjoint
    if returned:
        x_bar = 2.0 * x  # return x * x
    else:
        x_bar = 1.0
    for x_inner, sin_x_inner in zip(reversed(x_saved), reversed(sin_x_saved)):
        for x, sin_x in zip(reversed(x_inner), reversed(sin_x_inner)):
            x_bar *= sin_x + x * np.cos(x)  # x = x * np.sin(x) + 0.5
    return x_bar
