"""A round in which the loop is left and nothing flows is not saved, and not run backwards."""

at = {"x": 1.3, "a": 2.0, "n": 20}


def loop_break(x, a, n):
    for i in range(n):
        d = (x * x - a) / (2 * x)
        if abs(d) < 1e-2:
            break
        x = x - d
    return x


# --- forward ---
def loop_break_jvp(x, a, n, x_dot, a_dot):
    for i in range(n):
        d = (x * x - a) / (2 * x)
        d_dot = 0.5 * ((2 * x - 2 * d) * x_dot - a_dot) / x
        if abs(d) < 0.01:
            break
        x_dot -= d_dot
        x = x - d
    return x, x_dot


# --- reverse ---
def loop_break_grad(x, a, n):
    # primal
    x_saved = []
    d_saved = []
    for i in range(n):
        d = (x * x - a) / (2 * x)
        if abs(d) < 0.01:
            break
        x_saved.append(x)
        d_saved.append(d)
        x = x - d
    # adjoint
    a_bar = 0.0
    x_bar = 1.0
    for x, d in zip(reversed(x_saved), reversed(d_saved)):
        d_bar = -x_bar  # x = x - d
        t_bar_1 = 0.5 * d_bar / x  # d = (x * x - a) / (2 * x)
        x_bar += (2 * x - 2 * d) * t_bar_1
        a_bar -= t_bar_1
    return x_bar, a_bar
