# made by s2sad 0.1.0 from examples/composition.py:chain
# source: sha256 57c087a2aa48d4e8
# options: jvp; wrt x
# again: s2sad gen examples/composition.py:chain --mode forward --wrt x -o generated/chain_jvp.py

import numpy as np


def mvm_jvp(x, W, x_dot):
    return np.dot(W, x), np.dot(W, x_dot)


def chain_jvp(x, W1, W2, W3, x_dot):
    """x: (m,), W1: (n, m), W2: (p, n), W3: (q, p)"""
    t, t_dot = mvm_jvp(x, W1, x_dot)
    t_1, t_1_dot = mvm_jvp(t, W2, t_dot)
    y, y_dot = mvm_jvp(t_1, W3, t_1_dot)
    return np.dot(y, y) / 2, 0.5 * (np.dot(y_dot, y) + np.dot(y, y_dot))
