"""The helpers of Jacobians: blocks of unit directions, and the derivatives in all of them put together."""

from __future__ import annotations

from s2sad.kind import Array, Kind, Number, Unknown
from s2sad.rules.batching import batched
from s2sad.rules.helpers import helper
from s2sad.rules.registry import constant, linear

__all__: list[str] = []
helper(
    "_directions",
    '''
def _directions(x, first, count):
    """Unit directions of the shape of `x`, one in each row: `count` of them, or what is left, from the number `first` on."""
    x = np.asarray(x)
    dtype = x.dtype if x.dtype.kind == "f" else float
    rows = max(min(count, x.size - first), 1)  # An empty `x` has one direction, without elements.
    return np.eye(rows, x.size, first, dtype).reshape(rows, *x.shape)
''',
    lambda args, kind_of: None,
)


def _kind_with(rows: Kind, other: Kind, behind: bool) -> Kind:
    """The kind of rows that are given the axes of another value, behind their own or before them."""
    match rows, other:
        case Array(dtype=dtype, shape=(_, *own)), Array() | Number():
            more = other.shape if isinstance(other, Array) else ()
            shape = (*own, *more) if behind else (*more, *own)
            return Array(dtype, shape) if shape else Number(dtype)
    return Unknown()


helper(
    "_columns",
    '''
def _columns(rows, x):
    """The derivatives by the elements of `x`, of which each row holds one, with the axes of `x` last."""
    rows = rows[: np.size(x)]
    return rows.transpose(*range(1, rows.ndim), 0).reshape((*rows.shape[1:], *np.shape(x)))[()]
''',
    lambda args, kind_of: None,
    kind=lambda kinds: _kind_with(kinds[0], kinds[1], behind=True),
)
helper(
    "_rows",
    '''
def _rows(rows, y):
    """The derivatives of the elements of `y`, of which each row holds one, with the axes of `y` first."""
    rows = rows[: np.size(y)]
    return rows.reshape((*np.shape(y), *rows.shape[1:]))[()]
''',
    lambda args, kind_of: None,
    kind=lambda kinds: _kind_with(kinds[0], kinds[1], behind=False),
)

# -------------------------------------------------- where they are differentiated

constant("_directions", why="it depends on the shape alone")
linear("y = _columns(t, x)", "t_bar = _columns_back(y_bar, t, x)", "x_bar = 0")
linear("y = _rows(t, x)", "t_bar = _rows_back(y_bar, t, x)", "x_bar = 0")
helper(
    "_columns_back",
    '''
def _columns_back(y_bar, t, x):
    """The adjoint of rows that were made columns."""
    rows = np.zeros_like(t)
    last = np.reshape(y_bar, (*np.shape(t)[1:], np.size(x)))
    rows[: np.size(x)] = np.moveaxis(last, -1, 0)
    return rows
''',
    lambda args, kind_of: None,
    fresh=True,
    kind=lambda kinds: kinds[1],
)
helper(
    "_rows_back",
    '''
def _rows_back(y_bar, t, x):
    """The adjoint of rows that were given the shape of `x`."""
    rows = np.zeros_like(t)
    rows[: np.size(x)] = np.reshape(y_bar, (np.size(x), *np.shape(t)[1:]))
    return rows
''',
    lambda args, kind_of: None,
    fresh=True,
    kind=lambda kinds: kinds[1],
)
linear("y = _columns_back(u, t, x)", "u_bar = _columns(y_bar, x)", "t_bar = 0", "x_bar = 0")
linear("y = _rows_back(u, t, x)", "u_bar = _rows(y_bar, x)", "t_bar = 0", "x_bar = 0")

# --------------------------------------- where directions go through a Jacobian

batched("y = _columns(t, x)", "t", "_columns(t.swapaxes(0, 1), x)")
batched("y = _rows(t, x)", "t", "np.moveaxis(_rows(t.swapaxes(0, 1), x), np.ndim(x), 0)")
