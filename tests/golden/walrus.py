"""An assignment in a test is done before the first round and at the end of each."""

at = {"x": 0.7, "rate": 1.5}


def walrus(x, rate):
    while (y := rate * x * (1.2 - x)) > 0.1:
        x = x - 0.5 * y
    return x * y


# --- forward ---
def walrus_jvp(x, rate, x_dot, rate_dot):
    y_dot = (rate_dot * x + rate * x_dot) * (1.2 - x) - rate * x * x_dot
    y = rate * x * (1.2 - x)
    while y > 0.1:
        x_dot -= 0.5 * y_dot
        x = x - 0.5 * y
        y_dot = (rate_dot * x + rate * x_dot) * (1.2 - x) - rate * x * x_dot
        y = rate * x * (1.2 - x)
    return x * y, x_dot * y + x * y_dot


# --- reverse ---
def walrus_grad(x, rate):
    # primal
    x_1 = x
    y = rate * x * (1.2 - x)
    x_saved = []
    while y > 0.1:
        x = x - 0.5 * y
        x_saved.append(x)
        y = rate * x * (1.2 - x)
    # adjoint
    x_bar = y
    y_bar = x
    rate_bar = 0.0
    for x in reversed(x_saved):
        t_bar = y_bar * (1.2 - x)  # (y := rate * x * (1.2 - x)) > 0.1
        rate_bar += t_bar * x
        x_bar += rate * t_bar - rate * x * y_bar
        y_bar = -0.5 * x_bar  # x = x - 0.5 * y
    t_bar_1 = y_bar * (1.2 - x_1)  # return x * y; (y := rate * x * (1.2 - x)) > 0.1
    rate_bar += t_bar_1 * x_1
    x_bar += rate * t_bar_1 - rate * x_1 * y_bar
    return x_bar, rate_bar
