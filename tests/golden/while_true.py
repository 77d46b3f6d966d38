"""A loop that ends in the middle of a round."""

at = {"x": 1.3, "tol": 0.05}


def while_true(x, tol):
    while True:
        better = x - (x**2 - 2) / (2 * x)
        if abs(better - x) < tol:
            break
        x = better
    return better


# --- forward ---
def while_true_jvp(x, tol, x_dot, tol_dot):
    while True:
        better_dot = (1 - 0.5 * (2 * x - (x**2 - 2) / x) / x) * x_dot
        better = x - (x**2 - 2) / (2 * x)
        if abs(better - x) < tol:
            break
        x_dot = better_dot
        x = better
    return better, better_dot


# --- reverse ---
def while_true_grad(x, tol):
    # primal
    x_saved = []
    while True:
        x_saved.append(x)
        better = x - (x**2 - 2) / (2 * x)
        if abs(better - x) < tol:
            break
        x = better
    # adjoint
    better_bar = 1.0
    x_bar = 0.0
    last = True
    for x in reversed(x_saved):
        if not last:
            better_bar += x_bar  # x = better
            x_bar = 0.0
        # better = x - (x**2 - 2) / (2 * x)
        x_bar += (1 - 0.5 * (2 * x - (x**2 - 2) / x) / x) * better_bar
        better_bar = 0.0
        last = False
    return x_bar, 0.0
