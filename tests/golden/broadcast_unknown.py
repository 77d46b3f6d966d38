"""Unknown shapes: the file carries a helper that sums what was broadcast."""

import numpy as np

at = {"x": np.ones((2, 3)), "w": np.array([0.3, -0.8, 1.1])}
known = False


def broadcast_unknown(x, w):
    return np.sum(x * w)


# --- forward ---
import numpy as np


def _is_complex(x):
    """True for a complex number or array, and for a list, tuple or dict of such."""
    if isinstance(x, (list, tuple, dict)):
        return any(map(_is_complex, x.values() if isinstance(x, dict) else x))
    return isinstance(x, (complex, np.complexfloating)) or (
        isinstance(x, np.ndarray) and np.iscomplexobj(x)
    )


def broadcast_unknown_jvp(x, w, x_dot, w_dot):
    if _is_complex((x, w)):
        raise TypeError("complex arguments have to be declared: x: complex, w: complex")
    return np.sum(x * w), np.sum(x_dot * w + x * w_dot)


# --- reverse ---
import numpy as np


def _broadcast(t, y):
    """Stretch `t` to the shape of `y`; a number gets the type of `y`."""
    if np.shape(t) == np.shape(y):
        return t
    if isinstance(t, (int, float, np.integer)):
        t = np.asarray(t, np.result_type(np.asarray(y), np.float16))
    return np.broadcast_to(t, np.shape(y))


def _is_complex(x):
    """True for a complex number or array, and for a list, tuple or dict of such."""
    if isinstance(x, (list, tuple, dict)):
        return any(map(_is_complex, x.values() if isinstance(x, dict) else x))
    return isinstance(x, (complex, np.complexfloating)) or (
        isinstance(x, np.ndarray) and np.iscomplexobj(x)
    )


def _like(x_bar, x):
    """The adjoint `x_bar` in the type of its variable `x`, shared with nobody."""
    if x is None:
        return None
    if isinstance(x, dict):
        return {key: _like(x_bar[key], item) for key, item in x.items()}
    if hasattr(x, "__dataclass_fields__"):
        get = x_bar.get if isinstance(x_bar, dict) else lambda name: getattr(x_bar, name)
        return type(x)(
            **{name: _like(get(name), getattr(x, name)) for name in x.__dataclass_fields__}
        )
    if isinstance(x, (list, tuple)):
        items = [_like(a, b) for a, b in zip(x_bar, x, strict=True)]
        return (
            items
            if isinstance(x, list)
            else type(x)(*items) if hasattr(x, "_fields") else tuple(items)
        )
    if np.isrealobj(x):
        x_bar = np.real(x_bar)
    if isinstance(x, np.ndarray):
        return np.array(x_bar, x.dtype)
    return type(x)(x_bar) if isinstance(x, (float, complex, np.inexact)) else x_bar


def _unbroadcast(t, x):
    """Sum `t` over the axes along which broadcasting stretched `x`; stretch it where it is smaller than `x`."""
    shape = np.shape(x)
    if np.shape(t) == shape:
        return t
    t = np.sum(t, axis=tuple(range(np.ndim(t) - len(shape))))
    stretched = tuple(k for k in range(-np.ndim(t), 0) if shape[k] == 1 != np.shape(t)[k])
    t = np.sum(t, axis=stretched, keepdims=True)
    return t if np.shape(t) == shape else np.broadcast_to(t, shape)


def broadcast_unknown_grad(x, w):
    if _is_complex((x, w)):
        raise TypeError("complex arguments have to be declared: x: complex, w: complex")
    # primal
    y = np.sum(x * w)
    if np.size(y) != 1:
        raise TypeError("grad needs a scalar result: use vjp, or return a sum")
    # adjoint
    t_bar = _broadcast(1.0, 2 * x * w)  # return np.sum(x * w)
    x_bar = _unbroadcast(t_bar * w, x)
    w_bar = _unbroadcast(x * t_bar, w)
    return _like(x_bar, x), _like(w_bar, w)
