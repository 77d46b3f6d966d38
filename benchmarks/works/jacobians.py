"""The Jacobian of a network R¹⁰⁰ → R¹⁰⁰ of two layers, forward and reverse, and the Hessian of its loss with 50 inputs."""

import numpy as np

from benchmarks.work import Work

__all__ = ["WORKS", "loss", "loss_hessian", "network", "network_jacfwd", "network_jacrev"]


def network(x, W1, b1, W2, b2):
    h = np.tanh(W1 @ x + b1)
    return np.tanh(W2 @ h + b2)


def network_jacfwd(x, W1, b1, W2, b2):
    x_dot = np.eye(len(x))  # one direction in each row
    h = np.tanh(W1 @ x + b1)
    h_dot = x_dot @ W1.T * (1 - h * h)
    y = np.tanh(W2 @ h + b2)
    y_dot = h_dot @ W2.T * (1 - y * y)
    return y_dot.T


def network_jacrev(x, W1, b1, W2, b2):
    # primal
    h = np.tanh(W1 @ x + b1)
    y = np.tanh(W2 @ h + b2)
    # adjoint
    y_bar = np.eye(len(y))  # one direction in each row
    h_bar = y_bar * (1 - y * y) @ W2  # y = np.tanh(W2 @ h + b2)
    return h_bar * (1 - h * h) @ W1  # h = np.tanh(W1 @ x + b1)


def loss(x, W1, b1, W2, b2):
    h = np.tanh(W1 @ x + b1)
    y = np.tanh(W2 @ h + b2)
    return np.sum(y * y)


def loss_hessian(x, W1, b1, W2, b2):
    # primal
    h = np.tanh(W1 @ x + b1)
    y = np.tanh(W2 @ h + b2)
    h_slope = 1 - h * h
    y_slope = 1 - y * y
    # adjoint
    t_bar = 2 * y * y_slope
    h_bar = t_bar @ W2
    # tangents of the adjoint, one direction in each row
    x_dot = np.eye(len(x))
    h_dot = x_dot @ W1.T * h_slope
    y_dot = h_dot @ W2.T * y_slope
    t_bar_dot = y_dot * (2 * y_slope - 4 * y * y)
    h_bar_dot = t_bar_dot @ W2
    return (h_bar_dot * h_slope - 2 * h_bar * h * h_dot) @ W1


def arguments(n):
    rng = np.random.default_rng(0)
    weights = (rng.normal(size=(n, n)) / np.sqrt(n) for _ in range(2))
    W1, W2 = weights
    return rng.normal(size=n), W1, rng.normal(size=n), W2, rng.normal(size=n)


WORKS = (
    Work("Jacobian R¹⁰⁰ → R¹⁰⁰, forward", network, network_jacfwd, arguments(100), operator="jacfwd", limit=1.3),
    Work("Jacobian R¹⁰⁰ → R¹⁰⁰, reverse", network, network_jacrev, arguments(100), operator="jacrev", limit=1.3),
    Work("Hessian, n = 50", loss, loss_hessian, arguments(50), operator="hessian", limit=1.3),
)
