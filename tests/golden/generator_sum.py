"""A generator that is summed: its adjoint is the same for each element."""

import math

at = {"xs": [0.3, 0.7, 1.1], "k": 1.3}


def generator_sum(xs, k):
    return math.sqrt(sum(math.sin(k * x) for x in xs if x > 0.5))


# --- forward ---
# --- grad ---
