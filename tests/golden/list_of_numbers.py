"""A list of numbers: its adjoint is a list."""

at = {"x": [0.3, -0.8, 1.1]}


def list_of_numbers(x):
    a, b, c = x
    s = a * b
    for v in x:
        s += v * c
    return s


# --- forward ---
def list_of_numbers_jvp(x, x_dot):
    a_dot, b_dot, c_dot = x_dot
    a, b, c = x
    s_dot = a_dot * b + a * b_dot
    s = a * b
    for v, v_dot in zip(x, x_dot):
        s_dot += v_dot * c + v * c_dot
        s += v * c
    return s, s_dot


# --- reverse ---
def list_of_numbers_grad(x):
    # primal
    a, b, c = x
    # adjoint
    x_bar = []
    c_bar = 0.0
    for k in range(len(x) - 1, -1, -1):
        v = x[k]
        c_bar += v  # s += v * c
        x_bar.append(c)
    x_bar = x_bar[::-1]
    x_bar[0] += b  # s = a * b; a, b, c = x
    x_bar[1] += a
    x_bar[2] += c_bar
    return x_bar
