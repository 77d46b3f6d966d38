"""Several targets at once."""

at = {"a": 0.7, "b": 0.2}


def swap(a, b):
    for i in range(3):
        a, b = b, a * b
    return a + 2 * b


# --- forward ---
def swap_jvp(a, b, a_dot, b_dot):
    for i in range(3):
        a_dot, b_dot = b_dot, a_dot * b + a * b_dot
        a, b = b, a * b
    return a + 2 * b, a_dot + 2 * b_dot


# --- reverse ---
def swap_grad(a, b):
    # primal
    a_saved = []
    b_saved = []
    for i in range(3):
        a_saved.append(a)
        b_saved.append(b)
        a, b = b, a * b
    # adjoint
    a_bar = 1.0
    b_bar = 2.0
    for a, b in zip(reversed(a_saved), reversed(b_saved)):
        a_bar, b_bar = b_bar * b, a_bar + a * b_bar  # a, b = b, a * b
    return a_bar, b_bar
