"""Several returns after active code: one adjoint part, which takes the branch again."""

import math

at = {"x": 0.7, "y": 0.2}


def return_after_work(x, y):
    z = math.exp(x) * y
    if z > 1:
        return z
    w = z * z
    if w > y:
        return w + x
    return w * x


# --- forward ---
import math


def return_after_work_jvp(x, y, x_dot, y_dot):
    exp_x = math.exp(x)
    z_dot = x_dot * exp_x * y + exp_x * y_dot
    z = exp_x * y
    if z > 1:
        return z, z_dot
    w_dot = 2 * z * z_dot
    w = z * z
    if w > y:
        return w + x, w_dot + x_dot
    return w * x, w_dot * x + w * x_dot


# --- reverse ---
import math


def return_after_work_grad(x, y):
    # primal
    exp_x = math.exp(x)
    z = exp_x * y
    if not z > 1:
        w = z * z
    # adjoint
    if z > 1:
        x_bar = 0.0
        z_bar = 1.0
    else:
        if w > y:
            w_bar = 1.0
            x_bar = 1.0
        else:
            w_bar = x
            x_bar = w
        z_bar = 2 * z * w_bar  # w = z * z
    x_bar += z_bar * y * exp_x  # z = math.exp(x) * y
    y_bar = exp_x * z_bar
    return x_bar, y_bar
