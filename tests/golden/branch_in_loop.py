"""A branch in a loop: the condition is evaluated again, or saved; only some rounds save in the branch."""

import math

at = {"x": 0.4, "n": 4}


def branch_in_loop(x, n):
    for i in range(n):
        if x > 0.5:
            y = math.exp(-x)
            x = y * y
        else:
            x = x + 0.3
    return x


# --- forward ---


# --- reverse ---
