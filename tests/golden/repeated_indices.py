"""An index array may name an element twice, a mask cannot."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1])}


def repeated_indices(x):
    y = x[[0, 0, 2]]
    z = x[x > 0]
    return np.sum(y * y) + np.prod(z)


# --- forward ---
import numpy as np


def _product_of_others(x, axis):
    """For each element of `x` the product of the others along `axis`, right also where some are zero."""
    if axis is None:
        return np.reshape(_product_of_others(np.ravel(x), 0), np.shape(x))
    if isinstance(axis, tuple):
        last = tuple(range(-len(axis), 0))
        moved = np.moveaxis(x, axis, last)
        flat = np.reshape(moved, (*np.shape(moved)[: -len(axis)], -1))
        return np.moveaxis(np.reshape(_product_of_others(flat, -1), np.shape(moved)), last, axis)
    x = np.moveaxis(x, axis, 0)
    before = np.ones_like(x)
    after = np.ones_like(x)
    before[1:] = np.cumprod(x[:-1], axis=0)
    after[:-1] = np.cumprod(x[:0:-1], axis=0)[::-1]
    return np.moveaxis(before * after, 0, axis)


def repeated_indices_jvp(x, x_dot):
    """x: (m,)"""
    y_dot = x_dot[[0, 0, 2]]
    y = x[[0, 0, 2]]
    t = x > 0
    z_dot = x_dot[t]
    z = x[t]
    return np.sum(y * y) + np.prod(z), 2 * np.sum(y * y_dot) + np.sum(
        z_dot * _product_of_others(z, None)
    )


# --- reverse ---
import numpy as np


def _product_of_others(x, axis):
    """For each element of `x` the product of the others along `axis`, right also where some are zero."""
    if axis is None:
        return np.reshape(_product_of_others(np.ravel(x), 0), np.shape(x))
    if isinstance(axis, tuple):
        last = tuple(range(-len(axis), 0))
        moved = np.moveaxis(x, axis, last)
        flat = np.reshape(moved, (*np.shape(moved)[: -len(axis)], -1))
        return np.moveaxis(np.reshape(_product_of_others(flat, -1), np.shape(moved)), last, axis)
    x = np.moveaxis(x, axis, 0)
    before = np.ones_like(x)
    after = np.ones_like(x)
    before[1:] = np.cumprod(x[:-1], axis=0)
    after[:-1] = np.cumprod(x[:0:-1], axis=0)[::-1]
    return np.moveaxis(before * after, 0, axis)


def _unbroadcast(t, x):
    """Sum `t` over the axes along which broadcasting stretched `x`."""
    shape = np.shape(x)
    if np.shape(t) == shape:
        return t
    lead = np.ndim(t) - len(shape)
    if lead < 0:
        return np.broadcast_to(t, shape)
    t = np.sum(t, axis=tuple(range(lead)))
    full = np.shape(t)
    stretched = tuple(k for k, n in enumerate(shape) if n == 1 != full[k])
    return np.sum(t, axis=stretched, keepdims=True) if stretched else t


def repeated_indices_grad(x):
    """x: (m,)"""
    # primal
    y = x[[0, 0, 2]]
    t = x > 0
    z = x[t]
    # adjoint
    y_bar = 2.0 * y  # return np.sum(y * y) + np.prod(z)
    z_bar = _unbroadcast(_product_of_others(z, None), z)
    x_bar = np.zeros_like(x)  # z = x[x > 0]
    x_bar[t] += z_bar
    np.add.at(x_bar, [0, 0, 2], y_bar)  # y = x[[0, 0, 2]]
    return x_bar
