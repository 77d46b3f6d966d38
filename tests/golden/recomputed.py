"""Cheap arithmetic is done again where what it reads is there."""

at = {"x": 0.7, "a": 0.2}


def recomputed(x, a):
    for i in range(3):
        h = a * x
        k = 1 + h
        x = h * k * k
    return x


# --- forward ---
def recomputed_jvp(x, a, x_dot, a_dot):
    for i in range(3):
        h_dot = a_dot * x + a * x_dot
        h = a * x
        k_dot = h_dot
        k = 1 + h
        x_dot = (h_dot * k + h * k_dot) * k + h * k * k_dot
        x = h * k * k
    return x, x_dot


# --- reverse ---
def recomputed_grad(x, a):
    # primal
    x_saved = []
    for i in range(3):
        x_saved.append(x)
        h = a * x
        k = 1 + h
        x = h * k * k
    # adjoint
    a_bar = 0.0
    x_bar = 1.0
    for x in reversed(x_saved):
        h = a * x
        k = 1 + h
        t_bar = x_bar * k  # x = h * k * k
        h_bar = t_bar * k
        k_bar = h * t_bar + h * k * x_bar
        h_bar += k_bar  # k = 1 + h
        a_bar += h_bar * x  # h = a * x
        x_bar = a * h_bar
    return x_bar, a_bar
