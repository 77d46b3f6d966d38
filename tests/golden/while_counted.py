"""Where the rounds of a while loop save nothing, they are counted."""

at = {"x": 9.0, "limit": 1.0}
wrt = "x"


def while_counted(x, limit):
    while x > limit:
        x = 0.5 * x
    return x


# --- forward ---
def while_counted_jvp(x, limit, x_dot):
    while x > limit:
        x_dot *= 0.5
        x = 0.5 * x
    return x, x_dot


# --- reverse ---
def while_counted_grad(x, limit):
    # primal
    rounds = 0
    while x > limit:
        x = 0.5 * x
        rounds += 1
    # adjoint
    x_bar = 1.0
    for _ in range(rounds):
        x_bar *= 0.5  # x = 0.5 * x
    return x_bar
