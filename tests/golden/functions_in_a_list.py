"""A loop over functions is written out: which function is called is known in each round."""

import math

at = {"x": 0.4, "a": 0.9}


def functions_in_a_list(x, a):
    def scaled(t):
        return a * t

    for f in [math.sin, scaled, math.exp]:
        x = f(x)
    return x


# --- forward ---
import math


def scaled_jvp(a, t, a_dot, t_dot):
    return a * t, a_dot * t + a * t_dot


def functions_in_a_list_jvp(x, a, x_dot, a_dot):
    x_1_dot = x_dot * math.cos(x)
    x_1 = math.sin(x)
    x_2, x_2_dot = scaled_jvp(a, x_1, a_dot, x_1_dot)
    x_3 = math.exp(x_2)
    x_3_dot = x_2_dot * x_3
    return x_3, x_3_dot


# --- reverse ---
import math


def scaled(a, t):
    return a * t


def scaled_bwd(y_bar, a, t):
    a_bar = y_bar * t  # return a * t
    t_bar = a * y_bar
    return a_bar, t_bar


def functions_in_a_list_grad(x, a):
    # primal
    x_1 = math.sin(x)
    x_2 = scaled(a, x_1)
    x_3 = math.exp(x_2)
    # adjoint
    x_2_bar = x_3  # x = f(x)
    a_bar, x_1_bar = scaled_bwd(x_2_bar, a, x_1)
    x_bar = x_1_bar * math.cos(x)
    return x_bar, a_bar
