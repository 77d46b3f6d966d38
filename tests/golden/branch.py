"""A branch at the top is taken again by its condition, which can still be evaluated."""

at = {"x": 0.7, "y": 0.3}


def branch(x, y):
    if x > y:
        z = x * x
    else:
        z = x * y
    return z * y


# --- forward ---
def branch_jvp(x, y, x_dot, y_dot):
    if x > y:
        z_dot = 2 * x * x_dot
        z = x * x
    else:
        z_dot = x_dot * y + x * y_dot
        z = x * y
    return z * y, z_dot * y + z * y_dot


# --- reverse ---
def branch_grad(x, y):
    # primal
    if x > y:
        z = x * x
    else:
        z = x * y
    # adjoint
    z_bar = y
    y_bar = z
    if x > y:
        x_bar = 2 * x * z_bar  # z = x * x
    else:
        x_bar = z_bar * y  # z = x * y
        y_bar += x * z_bar
    return x_bar, y_bar
