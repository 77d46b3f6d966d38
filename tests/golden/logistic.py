"""A loop that overwrites what its adjoint reads: the values are saved, a list's elements read backwards."""

at = {"x": 0.3}


def logistic(x):
    for i in range(3):
        x = 4 * x * (1 - x)
    return x


# --- forward ---
def logistic_jvp(x, x_dot):
    for i in range(3):
        x_dot *= 4 * (1 - x) - 4 * x
        x = 4 * x * (1 - x)
    return x, x_dot


# --- reverse ---
def logistic_grad(x):
    # primal
    x_saved = []
    for i in range(3):
        x_saved.append(x)
        x = 4 * x * (1 - x)
    # adjoint
    x_bar = 1.0
    for x in reversed(x_saved):
        x_bar *= 4 * (1 - x) - 4 * x  # x = 4 * x * (1 - x)
    return x_bar
