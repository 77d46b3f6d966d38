"""What runs if a loop is not left."""

import numpy as np

at = {"x": 0.9, "n": 3}


def loop_else(x, n):
    y = x
    for i in range(n):
        y = y * np.cos(x)
        if y < 0.3:
            break
    else:
        y = y * x
    return y


# --- forward ---
import numpy as np


def loop_else_jvp(x, n, x_dot):
    y_dot = x_dot
    y = x
    for i in range(n):
        cos_x = np.cos(x)
        y_dot = y_dot * cos_x - y * x_dot * np.sin(x)
        y = y * cos_x
        if y < 0.3:
            break
    else:
        y_dot = y_dot * x + y * x_dot
        y = y * x
    return y, y_dot


# --- reverse ---
import numpy as np


def loop_else_grad(x, n):
    # primal
    y = x
    stop = False
    y_saved = []
    cos_x_saved = []
    for i in range(n):
        y_saved.append(y)
        cos_x = np.cos(x)
        cos_x_saved.append(cos_x)
        y = y * cos_x
        if y < 0.3:
            stop = True
            break
    y_1 = y
    # adjoint
    if not stop:
        x_bar = y_1
        y_bar = x
    else:
        x_bar = 0.0
        y_bar = 1.0
    for y, cos_x in zip(reversed(y_saved), reversed(cos_x_saved)):
        x_bar -= y * y_bar * np.sin(x)  # y = y * np.cos(x)
        y_bar *= cos_x
    x_bar += y_bar  # y = x
    return x_bar
