"""A list of numbers: its adjoint is a list."""

at = {"x": [0.3, -0.8, 1.1]}


def list_of_numbers(x):
    a, b, c = x
    s = a * b
    for v in x[1:]:
        s += v * c
    return s


# --- forward ---
def list_of_numbers_jvp(x, x_dot):
    a_dot, b_dot, c_dot = x_dot[0], x_dot[1], x_dot[2]
    a, b, c = x
    s_dot = a_dot * b + a * b_dot
    s = a * b
    for v, v_dot in zip(x[1:], x_dot[1:]):
        s_dot += v_dot * c + v * c_dot
        s += v * c
    return s, s_dot


# --- reverse ---
def list_of_numbers_grad(x):
    # primal
    a, b, c = x
    items = x[1:]
    # adjoint
    c_bar = 0.0
    items_bar = [0.0] * len(items)
    for k in range(len(items) - 1, -1, -1):
        v = items[k]
        v_bar = c  # s += v * c
        c_bar += v
        items_bar[k] += v_bar
    x_bar = [0.0] * len(x)
    x_bar[1:] += items_bar
    a_bar = b  # s = a * b
    b_bar = a
    x_bar[0] += a_bar  # a, b, c = x
    x_bar[1] += b_bar
    x_bar[2] += c_bar
    return x_bar
