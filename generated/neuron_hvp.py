# made by s2sad 0.1.0 from examples/neuron.py:neuron
# source: sha256 1725045917fc616e
# options: hvp; wrt w,x,b
# again: s2sad gen examples/neuron.py:neuron --mode hvp --wrt w,x,b -o generated/neuron_hvp.py

import numpy as np


def neuron_hvp(w, x, b, t, w_dot, x_dot, b_dot):
    """w: (m,), x: (m,)"""
    z_dot = np.dot(w_dot, x) + np.dot(w, x_dot) + b_dot
    z = np.dot(w, x) + b
    exp_z = np.exp(-z)
    exp_z_dot = -z_dot * exp_z
    y = 1 / (1 + exp_z)
    y_dot = -y * y * exp_z_dot
    y_bar_dot = y_dot
    y_bar = y - t
    z_bar_dot = (2 * y * y_dot * y_bar + y * y * y_bar_dot) * exp_z + y * y * y_bar * exp_z_dot
    z_bar = y * y * y_bar * exp_z
    w_bar_dot = z_bar_dot * x + z_bar * x_dot
    x_bar_dot = w_dot * z_bar + w * z_bar_dot
    b_bar_dot = z_bar_dot
    return w_bar_dot, x_bar_dot, b_bar_dot
