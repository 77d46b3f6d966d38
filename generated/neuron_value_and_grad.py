# made by s2sad 0.1.0 from examples/neuron.py:neuron
# source: sha256 1725045917fc616e
# options: value_and_grad; wrt w,x,b
# again: s2sad gen examples/neuron.py:neuron --mode value_and_grad --wrt w,x,b -o generated/neuron_value_and_grad.py

import numpy as np


def neuron_value_and_grad(w, x, b, t):
    """w: (m,), x: (m,)"""
    # primal
    z = np.dot(w, x) + b
    exp_z = np.exp(-z)
    y = 1 / (1 + exp_z)
    value = (y - t) ** 2 / 2
    # adjoint
    y_bar = y - t  # return (y - t) ** 2 / 2
    z_bar = y * y * y_bar * exp_z  # y = 1 / (1 + np.exp(-z))
    w_bar = z_bar * x  # z = np.dot(w, x) + b
    x_bar = w * z_bar
    b_bar = z_bar
    return value, (w_bar, x_bar, b_bar)
