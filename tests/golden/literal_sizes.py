"""A size that is a literal: what is reshaped to it is unknown, and helpers test at run time."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1, 0.6]), "y": np.array([0.5, 1.0])}


def literal_sizes(x, y):
    A = x.reshape(2, 2)
    z = np.concatenate([A.T @ y, y])
    return np.sum(z[:, None] * A.ravel())


# --- forward ---
import numpy as np


def literal_sizes_jvp(x, y, x_dot, y_dot):
    A_dot = x_dot.reshape(2, 2)
    A = x.reshape(2, 2)
    z_dot = np.concatenate([A_dot.T @ y + A.T @ y_dot, y_dot])
    z = np.concatenate([A.T @ y, y])
    value = np.sum(z[:, None] * A.ravel())
    value_dot = np.sum(z_dot[:, None] * A.ravel() + z[:, None] * A_dot.ravel())
    return value, value_dot


# --- reverse ---
import numpy as np


def _add(x, y):
    """The sum of two adjoints, element by element of a list."""
    if isinstance(x, (list, tuple)):
        return [_add(a, b) for a, b in zip(x, y)]
    return x + y


def _broadcast(t, y):
    """Stretch `t` to the shape of `y`; a number gets the type of `y`."""
    if isinstance(t, float):
        t = np.asarray(t, np.result_type(np.asarray(y), np.float16))
    return np.broadcast_to(t, np.shape(y))


def _concatenate_back(t, arrays, axis):
    """The parts of `t` that belong to the joined `arrays`."""
    if axis is None:
        parts = _concatenate_back(t, [np.ravel(x) for x in arrays], 0)
        return [np.reshape(part, np.shape(x)) for part, x in zip(parts, arrays)]
    ends = np.cumsum([np.shape(x)[axis] for x in arrays])
    return np.split(t, ends[:-1], axis)


def _matmul_left(t, a, b):
    """The adjoint of `a` for the adjoint `t` of `a @ b`."""
    if np.ndim(b) == 1:
        t, b = np.expand_dims(t, -1), np.expand_dims(b, -1)
    if np.ndim(a) == 1:
        return _unbroadcast((np.expand_dims(t, -2) @ np.swapaxes(b, -1, -2))[..., 0, :], a)
    return _unbroadcast(t @ np.swapaxes(b, -1, -2), a)


def _matmul_right(t, a, b):
    """The adjoint of `b` for the adjoint `t` of `a @ b`."""
    if np.ndim(a) == 1:
        t, a = np.expand_dims(t, -1 if np.ndim(b) == 1 else -2), np.expand_dims(a, 0)
    if np.ndim(b) == 1:
        return _unbroadcast((np.swapaxes(a, -1, -2) @ np.expand_dims(t, -1))[..., 0], b)
    return _unbroadcast(np.swapaxes(a, -1, -2) @ t, b)


def _unbroadcast(t, x):
    """Sum `t` over the axes along which broadcasting stretched `x`."""
    shape = np.shape(x)
    if np.shape(t) == shape:
        return t
    lead = np.ndim(t) - len(shape)
    t = np.sum(t, axis=tuple(range(lead)))
    stretched = tuple(k for k, n in enumerate(shape) if n == 1 != np.shape(t)[k])
    return np.sum(t, axis=stretched, keepdims=True) if stretched else t


def _zeros(x):
    """Zeros of the shape and type of `x`; a list for a list or tuple, so that its elements can be added to."""
    if isinstance(x, (list, tuple)):
        return [_zeros(item) for item in x]
    return np.zeros_like(x) if isinstance(x, np.ndarray) else 0.0


def literal_sizes_grad(x, y):
    # primal
    A = x.reshape(2, 2)
    z = np.concatenate([A.T @ y, y])
    value = np.sum(z[:, None] * A.ravel())
    if np.size(value) != 1:
        raise TypeError("grad needs a scalar result: use vjp or jacrev, or return a sum")
    # adjoint
    t_bar = _broadcast(1.0, 2 * z[:, None] * A.ravel())  # return np.sum(z[:, None] * A.ravel())
    z_bar = _zeros(z)
    z_bar[:, None] += _unbroadcast(t_bar * A.ravel(), z[:, None])
    A_bar = np.reshape(_unbroadcast(z[:, None] * t_bar, A.ravel()), np.shape(A))
    t_bar_1 = _concatenate_back(z_bar, [2 * (A.T @ y), y], 0)  # z = np.concatenate([A.T @ y, y])
    A_bar = _add(A_bar, np.transpose(_matmul_left(t_bar_1[0], A.T, y)))
    y_bar = _matmul_right(t_bar_1[0], A.T, y) + t_bar_1[1]
    x_bar = np.reshape(A_bar, np.shape(x))  # A = x.reshape(2, 2)
    return +x_bar, y_bar
