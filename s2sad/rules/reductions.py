"""Sums and their relatives."""

from s2sad.rules.registry import linear, method

linear("y = np.sum(x, axis=None, keepdims=False)", "x_bar = _expand(y_bar, x, axis, keepdims)")
method("sum")
