"""Reverse mode of a function with a jvp by hand: the jvp is linear in the tangents, its adjoint is what is called."""

import numpy as np

import s2sad

at = {"x": np.array([0.3, -0.8, 1.1]), "k": 2.0}
wrt = ("x", "k")


@s2sad.custom_jvp
def softplus(x, k):
    return np.log1p(np.exp(k * x)) / k


@softplus.defjvp
def softplus_jvp(primals, tangents):
    x, k = primals
    x_dot, k_dot = tangents
    y, p = softplus(x, k), 1 / (1 + np.exp(-k * x))
    return y, p * x_dot + (p * x - y) / k * k_dot


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


def hinge_jvp(x, k, x_dot, k_dot):
    """x: (m,)"""
    t, t_dot = softplus_jvp((1 - x, k), (-x_dot, k_dot))
    return np.sum(t**2), 2 * np.sum(t * t_dot)


# --- reverse ---
import numpy as np


def softplus(x, k):
    return np.log1p(np.exp(k * x)) / k


def softplus_bwd(y_bar, x, k):
    """The adjoint of `softplus`: that of its jvp, which is linear in the tangents."""
    # primal
    t = softplus(x, k)
    y, p = t, 1 / (1 + np.exp(-k * x))
    t_1 = (p * x - y) / k
    # adjoint
    x_dot_bar = p * y_bar  # return y, p * x_dot + (p * x - y) / k * k_dot
    k_dot_bar = t_1 @ y_bar
    return x_dot_bar, k_dot_bar


def hinge_grad(x, k):
    """x: (m,)"""
    # primal
    t_1 = 1 - x
    t = softplus(t_1, k)
    # adjoint
    t_bar = 2.0 * t  # return np.sum(softplus(1 - x, k) ** 2)
    x_bar, k_bar = softplus_bwd(t_bar, t_1, k)
    x_bar_1 = -x_bar
    return x_bar_1, k_bar
