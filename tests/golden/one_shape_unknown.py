"""Nothing is known of x, but that everything has its shape: no helper."""

import numpy as np

at = {"x": np.array([0.3, 0.8])}
known = False


def one_shape_unknown(x):
    return 4 * x * (1 - x)


# --- forward ---
import numpy as np


def _is_complex(x):
    """True for a complex number or array, and for a list, tuple or dict of such."""
    if isinstance(x, (list, tuple, dict)):
        return any(map(_is_complex, x.values() if isinstance(x, dict) else x))
    return isinstance(x, (complex, np.complexfloating)) or (
        isinstance(x, np.ndarray) and np.iscomplexobj(x)
    )


def one_shape_unknown_jvp(x, x_dot):
    if _is_complex(x):
        raise TypeError("complex arguments have to be declared: x: complex")
    return 4 * x * (1 - x), (4 * (1 - x) - 4 * x) * x_dot


# --- vjp ---
import numpy as np


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


def one_shape_unknown_vjp(x):
    if _is_complex(x):
        raise TypeError("complex arguments have to be declared: x: complex")
    # primal
    y = 4 * x * (1 - x)
    # adjoint

    def pullback(y_bar):
        x_bar = (4 * (1 - x) - 4 * x) * y_bar  # return 4 * x * (1 - x)
        return _like(x_bar, x)

    return y, pullback
