"""Nothing is known of x, but that everything has its shape: no helper."""

import numpy as np

at = {"x": np.array([0.3, 0.8])}
known = False


def one_shape_unknown(x):
    return 4 * x * (1 - x)


# --- forward ---
def one_shape_unknown_jvp(x, x_dot):
    return 4 * x * (1 - x), (4 * (1 - x) - 4 * x) * x_dot


# --- vjp ---
def one_shape_unknown_vjp(x):
    # primal
    y = 4 * x * (1 - x)
    # adjoint

    def pullback(y_bar):
        return (4 * (1 - x) - 4 * x) * y_bar  # return 4 * x * (1 - x)

    return y, pullback
