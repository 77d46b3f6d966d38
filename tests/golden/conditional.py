"""A conditional expression."""

at = {"x": 0.7, "y": 0.2}


def conditional(x, y):
    z = x * y if x > y else x - y
    return z * z


# --- forward ---
def conditional_jvp(x, y, x_dot, y_dot):
    z_dot = x_dot * y + x * y_dot if x > y else x_dot - y_dot
    z = x * y if x > y else x - y
    return z * z, 2 * z * z_dot


# --- reverse ---
def conditional_grad(x, y):
    # primal
    z = x * y if x > y else x - y
    # adjoint
    z_bar = 2.0 * z  # return z * z
    if x > y:
        x_bar = z_bar * y
        y_bar = x * z_bar
    else:
        x_bar = z_bar
        y_bar = -z_bar
    return x_bar, y_bar
