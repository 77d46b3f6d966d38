# made by s2sad 0.1.0 from examples/composition.py:mvm
# source: sha256 103fffc1ccd0178e
# options: jvp; wrt x,W; x: float[n]; W: float[m, n]
# again: s2sad gen examples/composition.py:mvm --mode forward --wrt x,W --arg "x: float[n]" --arg "W: float[m, n]" -o generated/mvm_jvp.py

import numpy as np


def mvm_jvp(x, W, x_dot, W_dot):
    """x: (m,), W: (n, m)"""
    return np.dot(W, x), np.dot(W_dot, x) + np.dot(W, x_dot)
