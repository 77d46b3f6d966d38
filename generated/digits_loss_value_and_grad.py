# made by s2sad 0.1.0 from examples/digits.py:loss
# source: sha256 8bb94dc7720754d3
# options: value_and_grad; wrt W1,b1,W2,b2
# again: s2sad gen examples/digits.py:loss --mode value_and_grad --wrt W1,b1,W2,b2 -o generated/digits_loss_value_and_grad.py

import numpy as np


def loss_value_and_grad(W1, b1, W2, b2, x, targets):
    """The mean cross-entropy of softmax(tanh(x W1 + b1) W2 + b2) and the targets, one row per image.

    W1: (m, n), b1: (n,), W2: (n, p), b2: (p,), x: (q, m), targets: (q, p)
    """
    # primal
    hidden = np.tanh(x @ W1 + b1)
    scores = hidden @ W2 + b2
    max_scores = np.max(scores, axis=1, keepdims=True)
    scores_1 = scores - max_scores
    exp_scores_1 = np.exp(scores_1)
    t = np.sum(exp_scores_1, axis=1)
    log_total = np.log(t)
    y = np.mean(log_total - np.sum(targets * scores_1, axis=1))
    # adjoint
    t_bar = 1.0 / log_total.size  # return np.mean(log_total - np.sum(targets * scores, axis=1))
    scores_1_bar = targets * -t_bar
    # log_total = np.log(np.sum(np.exp(scores), axis=1))
    scores_1_bar += (t_bar / t)[:, None] * exp_scores_1
    t_1 = scores == max_scores  # scores = scores - np.max(scores, axis=1, keepdims=True)
    scores_bar = (
        scores_1_bar
        - np.sum(scores_1_bar, axis=1, keepdims=True) / np.sum(t_1, axis=1, keepdims=True) * t_1
    )
    hidden_bar = scores_bar @ W2.T  # scores = hidden @ W2 + b2
    W2_bar = hidden.T @ scores_bar
    b2_bar = np.sum(scores_bar, axis=0)
    t_bar_1 = hidden_bar * (1 - hidden * hidden)  # hidden = np.tanh(x @ W1 + b1)
    W1_bar = x.T @ t_bar_1
    b1_bar = np.sum(t_bar_1, axis=0)
    return y, (W1_bar, b1_bar, W2_bar, b2_bar)
