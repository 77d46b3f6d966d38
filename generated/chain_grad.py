# made by s2sad 0.1.0 from examples/composition.py:chain
# source: sha256 57c087a2aa48d4e8
# options: grad; wrt x
# again: s2sad gen examples/composition.py:chain --mode reverse --wrt x -o generated/chain_grad.py

import numpy as np


def mvm(x, W):
    return np.dot(W, x)


def mvm_bwd(y_bar, W):
    return W.T @ y_bar  # return np.dot(W, x)


def chain_grad(x, W1, W2, W3):
    """x: (m,), W1: (n, m), W2: (p, n), W3: (q, p)"""
    # primal
    t = mvm(x, W1)
    t_1 = mvm(t, W2)
    y = mvm(t_1, W3)
    # adjoint
    y_bar = y  # return np.dot(y, y) / 2; y = mvm(mvm(mvm(x, W1), W2), W3)
    t_1_bar = mvm_bwd(y_bar, W3)
    t_bar = mvm_bwd(t_1_bar, W2)  # y = mvm(mvm(mvm(x, W1), W2), W3)
    return mvm_bwd(t_bar, W1)
