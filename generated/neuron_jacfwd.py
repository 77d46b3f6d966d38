# made by s2sad 0.1.0 from examples/neuron.py:neuron
# source: sha256 1725045917fc616e
# options: jacfwd; wrt w,x,b
# again: s2sad gen examples/neuron.py:neuron --mode jacfwd --wrt w,x,b -o generated/neuron_jacfwd.py

import numpy as np


def _columns(rows, x):
    """The derivatives by the elements of `x`, of which each row holds one, with the axes of `x` last."""
    rows = rows[: np.size(x)]
    return rows.transpose(*range(1, rows.ndim), 0).reshape((*rows.shape[1:], *np.shape(x)))[()]


def _directions(x, first, count):
    """Unit directions of the shape of `x`, one in each row: `count` of them, or what is left, from the number `first` on."""
    x = np.asarray(x)
    dtype = x.dtype if x.dtype.kind == "f" else float
    rows = max(min(count, x.size - first), 1)  # An empty `x` has one direction, without elements.
    return np.eye(rows, x.size, first, dtype).reshape(rows, *x.shape)


def neuron_tangent_b(w, x, b, t):
    z_dot = 1.0
    z = np.dot(w, x) + b
    exp_z = np.exp(-z)
    y = 1 / (1 + exp_z)
    y_dot = y * y * z_dot * exp_z
    return (y - t) * y_dot


def neuron_jacfwd(w, x, b, t):
    """w: (m,), x: (m,)"""
    z = np.dot(w, x) + b
    exp_z = np.exp(-z)
    y = 1 / (1 + exp_z)
    w_blocks = []
    at_once = max(1, 2**24 // max(w.size, 1))
    for first in range(0, max(w.size, 1), at_once):
        w_dot = _directions(w, first, at_once)
        z_dot = w_dot @ x
        y_dot = y * y * z_dot * exp_z
        w_blocks.append((y - t) * y_dot)
    x_blocks = []
    at_once_1 = max(1, 2**24 // max(w.size, 1))
    for first_1 in range(0, max(x.size, 1), at_once_1):
        x_dot = _directions(x, first_1, at_once_1)
        z_dot = x_dot @ w
        y_dot = y * y * z_dot * exp_z
        x_blocks.append((y - t) * y_dot)
    b_column = neuron_tangent_b(w, x, b, t)
    return _columns(np.concatenate(w_blocks), w), _columns(np.concatenate(x_blocks), x), b_column
