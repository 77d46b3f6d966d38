# made by s2sad 0.1.0 from examples/composition.py:mvm
# source: sha256 103fffc1ccd0178e
# options: vjp; wrt x,W; x: float[n]; W: float[m, n]
# again: s2sad gen examples/composition.py:mvm --mode vjp --wrt x,W --arg "x: float[n]" --arg "W: float[m, n]" -o generated/mvm_vjp.py

import numpy as np


def mvm_vjp(x, W):
    """x: (m,), W: (n, m)"""
    # primal
    y = np.dot(W, x)
    # adjoint

    def pullback(y_bar):
        W_bar = np.outer(y_bar, x)  # return np.dot(W, x)
        x_bar = W.T @ y_bar
        return x_bar, W_bar

    return y, pullback
