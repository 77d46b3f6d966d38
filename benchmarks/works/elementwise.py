"""Ten elementwise operations and a sum, on 10 to 10⁶ elements."""

import numpy as np

from benchmarks.work import Work

__all__ = ["WORKS", "chain", "chain_grad"]


def chain(x, y):
    a = x * y
    b = np.sin(a) + x
    c = np.exp(-b)
    d = c / (1.0 + c)
    e = np.tanh(d - y)
    return np.sum(e * a)


def chain_grad(x, y):
    # primal
    a = x * y
    b = np.sin(a) + x
    c = np.exp(-b)
    t = 1.0 + c
    d = c / t
    e = np.tanh(d - y)
    # adjoint
    d_bar = a * (1.0 - e * e)  # e = np.tanh(d - y)
    c_bar = d_bar * (1.0 - d) / t  # d = c / (1.0 + c)
    b_bar = -c_bar * c  # c = np.exp(-b)
    a_bar = e + b_bar * np.cos(a)  # b = np.sin(a) + x
    x_bar = b_bar + a_bar * y  # a = x * y
    y_bar = a_bar * x - d_bar
    return x_bar, y_bar


def arguments(n):
    rng = np.random.default_rng(0)
    return rng.normal(size=n), rng.normal(size=n)


WORKS = tuple(
    Work(f"ten elementwise operations, n = {label}", chain, chain_grad, arguments(n), wrt=(0, 1))
    for label, n in (("10", 10), ("10³", 10**3), ("10⁶", 10**6))
)
