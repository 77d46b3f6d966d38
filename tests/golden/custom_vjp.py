"""Reverse mode by hand saves what its author says, and is called as he has written it."""

import numpy as np

import s2sad

at = {"x": np.array([0.3, -0.8, 1.1]), "k": 2.0}
wrt = "x"


@s2sad.custom_vjp
def softplus(x, k):
    return np.log1p(np.exp(k * x)) / k


@softplus.defjvp
def softplus_jvp(primals, tangents):
    x, k = primals
    x_dot, k_dot = tangents
    y, p = softplus(x, k), 1 / (1 + np.exp(-k * x))
    return y, p * x_dot + (p * x - y) / k * k_dot


def softplus_fwd(x, k):
    y = softplus(x, k)
    return y, (x, y, k)


def softplus_bwd(saved, y_bar):
    x, y, k = saved
    p = 1 / (1 + np.exp(-k * x))
    return p * y_bar, np.sum((p * x - y) / k * y_bar)


softplus.defvjp(softplus_fwd, softplus_bwd)


def hinge(x, k):
    return np.sum(softplus(1 - x, k) ** 2)


# --- forward ---
import numpy as np


def softplus_jvp(primals, tangents):
    x, k = primals
    x_dot, k_dot = tangents
    y, p = softplus(x, k), 1 / (1 + np.exp(-k * x))
    return y, p * x_dot + (p * x - y) / k * k_dot


def softplus(x, k):
    return np.log1p(np.exp(k * x)) / k


def hinge_jvp(x, k, x_dot):
    """x: (m,)"""
    t, t_dot = softplus_jvp((1 - x, k), (-x_dot, 0.0))
    return np.sum(t**2), 2 * np.sum(t * t_dot)


# --- reverse ---
import numpy as np


def softplus_fwd(x, k):
    y = softplus(x, k)
    return y, (x, y, k)


def softplus_bwd(saved, y_bar):
    x, y, k = saved
    p = 1 / (1 + np.exp(-k * x))
    return p * y_bar, np.sum((p * x - y) / k * y_bar)


def softplus(x, k):
    return np.log1p(np.exp(k * x)) / k


def hinge_grad(x, k):
    """x: (m,)"""
    # primal
    t, softplus_saved = softplus_fwd(1 - x, k)
    # adjoint
    t_bar = 2.0 * t  # return np.sum(softplus(1 - x, k) ** 2)
    x_bar, _ = softplus_bwd(softplus_saved, t_bar)
    return -x_bar
