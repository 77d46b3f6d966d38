"""Of the test that leaves a loop one value is kept, not one for each round."""

import numpy as np

at = {"x": 0.9, "n": 5}


def break_after_work(x, n):
    y = x
    for i in range(n):
        s = np.sin(y)
        if s < 0.5:
            y = s * x
            break
        y = y * s
    return y


# --- forward ---
import numpy as np


def break_after_work_jvp(x, n, x_dot):
    y_dot = x_dot
    y = x
    for i in range(n):
        s_dot = y_dot * np.cos(y)
        s = np.sin(y)
        if s < 0.5:
            y_dot = s_dot * x + s * x_dot
            y = s * x
            break
        y_dot = y_dot * s + y * s_dot
        y = y * s
    return y, y_dot


# --- reverse ---
import numpy as np


def break_after_work_grad(x, n):
    # primal
    y = x
    stop = False
    y_saved = []
    s_saved = []
    for i in range(n):
        y_saved.append(y)
        s = np.sin(y)
        s_saved.append(s)
        if s < 0.5:
            y = s * x
            stop = True
            break
        y = y * s
    # adjoint
    x_bar = 0.0
    y_bar = 1.0
    for y, s in zip(reversed(y_saved), reversed(s_saved)):
        if stop:
            s_bar = y_bar * x  # y = s * x
            x_bar += s * y_bar
            y_bar = 0.0
        else:
            s_bar = y * y_bar  # y = y * s
            y_bar *= s
        y_bar += s_bar * np.cos(y)  # s = np.sin(y)
        stop = False
    x_bar += y_bar  # y = x
    return x_bar
