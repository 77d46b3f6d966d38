"""An index array may name an element twice, a mask cannot."""

import numpy as np

at = {"x": np.array([0.3, -0.8, 1.1])}


def repeated_indices(x):
    y = x[[0, 0, 2]]
    z = x[x > 0]
    return np.sum(y * y) + np.prod(z)


# --- forward ---
import numpy as np


def _flat(x, axis):
    """`x` with the axes `axis`, all for None, made one, the last."""
    if axis is None:
        return np.ravel(x)
    if not isinstance(axis, tuple):
        return np.moveaxis(x, axis, -1)
    kept = np.ndim(x) - len(axis)
    moved = np.moveaxis(x, axis, tuple(range(kept, np.ndim(x))))
    return np.reshape(moved, (*np.shape(moved)[:kept], int(np.prod(np.shape(moved)[kept:]))))


def _product_of_others(x, axis):
    """For each element of `x` the product of the others along `axis`, right also where some are zero."""
    flat = _flat(x, axis)
    return _unflat(_products_before(flat) * _products_after(flat), x, axis)


def _products_after(x):
    """For each element of `x` the product of those behind it along the last axis."""
    return _products_before(x[..., ::-1])[..., ::-1]


def _products_before(x):
    """For each element of `x` the product of those before it along the last axis."""
    return np.cumprod(np.concatenate([np.ones_like(x[..., :1]), x[..., :-1]], axis=-1), axis=-1)


def _unflat(t, x, axis):
    """`t` with its last axis taken apart again into the axes `axis` of `x`."""
    if axis is None:
        return np.reshape(t, np.shape(x))
    if not isinstance(axis, tuple):
        return np.moveaxis(t, -1, axis)
    last = tuple(range(np.ndim(x) - len(axis), np.ndim(x)))
    return np.moveaxis(np.reshape(t, np.shape(np.moveaxis(x, axis, last))), last, axis)


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


def _flat(x, axis):
    """`x` with the axes `axis`, all for None, made one, the last."""
    if axis is None:
        return np.ravel(x)
    if not isinstance(axis, tuple):
        return np.moveaxis(x, axis, -1)
    kept = np.ndim(x) - len(axis)
    moved = np.moveaxis(x, axis, tuple(range(kept, np.ndim(x))))
    return np.reshape(moved, (*np.shape(moved)[:kept], int(np.prod(np.shape(moved)[kept:]))))


def _product_of_others(x, axis):
    """For each element of `x` the product of the others along `axis`, right also where some are zero."""
    flat = _flat(x, axis)
    return _unflat(_products_before(flat) * _products_after(flat), x, axis)


def _products_after(x):
    """For each element of `x` the product of those behind it along the last axis."""
    return _products_before(x[..., ::-1])[..., ::-1]


def _products_before(x):
    """For each element of `x` the product of those before it along the last axis."""
    return np.cumprod(np.concatenate([np.ones_like(x[..., :1]), x[..., :-1]], axis=-1), axis=-1)


def _unbroadcast(t, x):
    """Sum `t` over the axes along which broadcasting stretched `x`; stretch it where it is smaller than `x`."""
    shape = np.shape(x)
    if np.shape(t) == shape:
        return t
    t = np.sum(t, axis=tuple(range(np.ndim(t) - len(shape))))
    stretched = tuple(k for k in range(-np.ndim(t), 0) if shape[k] == 1 != np.shape(t)[k])
    t = np.sum(t, axis=stretched, keepdims=True)
    return t if np.shape(t) == shape else np.broadcast_to(t, shape)


def _unflat(t, x, axis):
    """`t` with its last axis taken apart again into the axes `axis` of `x`."""
    if axis is None:
        return np.reshape(t, np.shape(x))
    if not isinstance(axis, tuple):
        return np.moveaxis(t, -1, axis)
    last = tuple(range(np.ndim(x) - len(axis), np.ndim(x)))
    return np.moveaxis(np.reshape(t, np.shape(np.moveaxis(x, axis, last))), last, axis)


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
