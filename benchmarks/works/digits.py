"""The network of examples/digits.py on one batch: 64 images of 64 pixels, 128 hidden units, 10 classes."""

import numpy as np

from benchmarks.work import Work

__all__ = ["WORKS", "loss", "loss_grad"]


def loss(W1, b1, W2, b2, x, targets):
    hidden = np.tanh(x @ W1 + b1)
    scores = hidden @ W2 + b2
    scores = scores - np.max(scores, axis=1, keepdims=True)
    log_total = np.log(np.sum(np.exp(scores), axis=1))
    return np.mean(log_total - np.sum(targets * scores, axis=1))


def loss_grad(W1, b1, W2, b2, x, targets):
    # primal
    hidden = np.tanh(x @ W1 + b1)
    scores = hidden @ W2 + b2
    scores = scores - np.max(scores, axis=1, keepdims=True)
    e = np.exp(scores)
    # adjoint
    mean_bar = 1 / len(x)
    # What comes through the maximum cancels: the loss does not change when a number is added to a row of scores.
    scores_bar = e * (mean_bar / np.sum(e, axis=1, keepdims=True)) - mean_bar * targets
    b2_bar = np.sum(scores_bar, axis=0)  # scores = hidden @ W2 + b2
    W2_bar = hidden.T @ scores_bar
    hidden_bar = scores_bar @ W2.T
    t_bar = hidden_bar * (1 - hidden * hidden)  # hidden = np.tanh(x @ W1 + b1)
    b1_bar = np.sum(t_bar, axis=0)
    W1_bar = x.T @ t_bar
    return W1_bar, b1_bar, W2_bar, b2_bar


def batch(hidden=128, pixels=64, classes=10, size=64):
    """Arguments of the sizes in the example."""
    rng = np.random.default_rng(0)
    W1 = rng.normal(size=(pixels, hidden)) / np.sqrt(pixels)
    W2 = rng.normal(size=(hidden, classes)) / np.sqrt(hidden)
    images = rng.uniform(size=(size, pixels))
    targets = np.eye(classes)[rng.integers(classes, size=size)]
    return W1, rng.normal(size=hidden), W2, rng.normal(size=classes), images, targets


WORKS = (Work("digits network", loss, loss_grad, batch(), wrt=(0, 1, 2, 3)),)
