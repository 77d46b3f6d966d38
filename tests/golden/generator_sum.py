"""A generator that is summed: its adjoint is the same for each element."""

import math

at = {"xs": [0.3, 0.7, 1.1], "k": 1.3}


def generator_sum(xs, k):
    return math.sqrt(sum(math.sin(k * x) for x in xs if x > 0.5))


# --- forward ---
import math


def generator_sum_jvp(xs, k, xs_dot, k_dot):
    items_dot = []
    items = []
    for x, x_dot in zip(xs, xs_dot):
        if x > 0.5:
            items_dot.append((k_dot * x + k * x_dot) * math.cos(k * x))
            items.append(math.sin(k * x))
    t = math.sqrt(sum(items))
    return t, sum(items_dot) * (0.5 / t if t else math.inf)


# --- reverse ---
import math


def generator_sum_grad(xs, k):
    # primal
    items = [math.sin(k * x) for x in xs if x > 0.5]
    t = math.sqrt(sum(items))
    # adjoint
    # return math.sqrt(sum(math.sin(k * x) for x in xs if x > 0.5))
    items_bar = [0.5 / t if t else math.inf] * len(items)
    xs_bar = []
    k_bar = 0.0
    for k_1 in range(len(xs) - 1, -1, -1):
        x = xs[k_1]
        if x > 0.5:
            t_bar = items_bar.pop()  # return math.sqrt(sum(math.sin(k * x) for x in xs if x > 0.5))
            t_bar_1 = t_bar * math.cos(k * x)
            k_bar += t_bar_1 * x
            x_bar = k * t_bar_1
        else:
            x_bar = 0.0
        xs_bar.append(x_bar)
    xs_bar = xs_bar[::-1]
    return xs_bar, k_bar
