# made by s2sad 0.1.0 from examples/digits.py:loss
# source: sha256 8bb94dc7720754d3
# options: jvp; wrt W1,b1,W2,b2
# again: s2sad gen examples/digits.py:loss --mode forward --wrt W1,b1,W2,b2 -o generated/digits_loss_jvp.py

import numpy as np


def loss_jvp(W1, b1, W2, b2, x, targets, W1_dot, b1_dot, W2_dot, b2_dot):
    """The mean cross-entropy of softmax(tanh(x W1 + b1) W2 + b2) and the targets, one row per image.

    W1: (m, n), b1: (n,), W2: (n, p), b2: (p,), x: (q, m), targets: (q, p)
    """
    hidden = np.tanh(x @ W1 + b1)
    hidden_dot = (x @ W1_dot + b1_dot) * (1 - hidden * hidden)
    scores_dot = hidden_dot @ W2 + hidden @ W2_dot + b2_dot
    scores = hidden @ W2 + b2
    max_scores = np.max(scores, axis=1, keepdims=True)
    scores_dot = scores_dot - np.sum(
        scores_dot * (scores == max_scores), axis=1, keepdims=True
    ) / np.sum(scores == max_scores, axis=1, keepdims=True)
    scores = scores - max_scores
    exp_scores_1 = np.exp(scores)
    t = np.sum(exp_scores_1, axis=1)
    log_total_dot = np.sum(scores_dot * exp_scores_1, axis=1) / t
    log_total = np.log(t)
    return np.mean(log_total - np.sum(targets * scores, axis=1)), np.mean(
        log_total_dot - np.sum(targets * scores_dot, axis=1)
    )
