"""A return before the rest has a short derivative of its own."""

import math

at = {"x": 0.7}


def early_return(x):
    if x < 0:
        return -x
    y = math.sqrt(x)
    return y * y * y


# --- forward ---
import math


def early_return_jvp(x, x_dot):
    if x < 0:
        return -x, -x_dot
    y = math.sqrt(x)
    y_dot = x_dot * (0.5 / y if y else math.inf)
    return y * y * y, (2 * y * y + y * y) * y_dot


# --- reverse ---
import math


def early_return_grad(x):
    # primal
    if x < 0:
        return -1.0
    y = math.sqrt(x)
    # adjoint
    y_bar = 2 * y * y + y * y  # return y * y * y
    return y_bar * (0.5 / y if y else math.inf)  # y = math.sqrt(x)


# --- vjp ---
import math


def early_return_vjp(x):
    # primal
    if x < 0:
        # primal
        value = -x
        # adjoint

        def pullback(value_bar):
            return -value_bar

        return value, pullback
    y = math.sqrt(x)
    value_1 = y * y * y
    # adjoint

    def pullback_1(value_1_bar):
        y_bar = (2 * y * y + y * y) * value_1_bar  # return y * y * y
        return y_bar * (0.5 / y if y else math.inf)  # y = math.sqrt(x)

    return value_1, pullback_1
