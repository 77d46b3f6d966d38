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
# --- grad ---
