# made by s2sad 0.1.0 from examples/neuron.py:neuron
# source: sha256 1725045917fc616e
# options: jvp; wrt w,x,b
# again: s2sad gen examples/neuron.py:neuron --mode forward --wrt w,x,b -o generated/neuron_jvp.py

import numpy as np


def neuron_jvp(w, x, b, t, w_dot, x_dot, b_dot):
    """w: (m,), x: (m,)"""
    z_dot = np.dot(w_dot, x) + np.dot(w, x_dot) + b_dot
    z = np.dot(w, x) + b
    exp_z = np.exp(-z)
    y = 1 / (1 + exp_z)
    y_dot = y * y * z_dot * exp_z
    return (y - t) ** 2 / 2, (y - t) * y_dot
