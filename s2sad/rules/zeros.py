"""Zeros, sums and copies of values of unknown kind."""

from __future__ import annotations

from s2sad.ir import Const, Expr
from s2sad.kind import Array, Number
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import constant, linear
from s2sad.rules.when import all_of, listed
from s2sad.syntax import template

__all__: list[str] = []


def _zeros(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    match kind_of(args[0]):
        case Number():
            return Const(0.0)
        case Array():
            return template("np.zeros_like(x)", x=args[0])
    return None


helper(
    "_zeros",
    '''
def _zeros(x):
    """Zeros of the shape and type of `x`; a list for a tuple, a dict for a dataclass: their parts can be added to."""
    if isinstance(x, (list, tuple)):
        return [_zeros(item) for item in x]
    if isinstance(x, dict) or hasattr(x, "__dataclass_fields__"):
        parts = x if isinstance(x, dict) else {name: getattr(x, name) for name in x.__dataclass_fields__}
        return {key: _zeros(item) for key, item in parts.items()}
    return np.zeros_like(x) if isinstance(x, np.ndarray) else 0.0
''',
    _zeros,
    fresh=True,
)


def _add(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    zero = Const(0)
    if zero in args:
        return args[0] if args[1] == zero else args[1]
    plain = all(isinstance(kind_of(arg), Number | Array) for arg in args)
    return template("x + y", x=args[0], y=args[1]) if plain else None


helper(
    "_add",
    '''
def _add(x, y):
    """The sum of two adjoints, element by element of a list or dict; None is that of something absent."""
    if x is None or y is None:
        return y if x is None else x
    if isinstance(x, (list, tuple)):
        return [_add(a, b) for a, b in zip(x, y, strict=True)]
    if isinstance(x, dict):
        return {key: _add(x.get(key), y.get(key)) for key in {**x, **y}}
    return x + y
''',
    _add,
    fresh=True,
)

helper(
    "_own",
    '''
def _own(x):
    """A copy of an adjoint down to its arrays, which hold no integers."""
    if isinstance(x, (list, tuple)):
        return [_own(item) for item in x]
    if isinstance(x, dict) or hasattr(x, "__dataclass_fields__"):
        parts = x if isinstance(x, dict) else {name: getattr(x, name) for name in x.__dataclass_fields__}
        return {key: _own(item) for key, item in parts.items()}
    if isinstance(x, np.ndarray):
        return x.astype(float) if x.dtype.kind in "biu" else x.copy()
    return x
''',
    lambda args, kind_of: None,
    fresh=True,
)
linear("y = _own(x)", "x_bar = y_bar", lists=True)

helper(
    "_kept",
    '''
def _kept(x):
    """A copy of a value down to its arrays."""
    if isinstance(x, (list, tuple)):
        items = [_kept(item) for item in x]
        return items if isinstance(x, list) else type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    if isinstance(x, dict):
        return {key: _kept(item) for key, item in x.items()}
    return x.copy() if isinstance(x, np.ndarray) else x
''',
    lambda args, kind_of: None,
    fresh=True,
)
linear("y = _kept(x)", "x_bar = y_bar", lists=True)

helper(
    "_add_at",
    '''
def _add_at(x, index, y):
    """Add `y` to the elements `index` of the adjoint `x`."""
    if isinstance(x, (list, dict)):
        x[index] = _add(x[index], y)
    else:
        np.add.at(x, index, y)
''',
    lambda args, kind_of: None,
    needs=("_add",),
    changes=True,
)


helper(
    "_like",
    '''
def _like(x_bar, x):
    """The adjoint `x_bar` in the type of its variable `x`, shared with nobody."""
    if x is None:
        return None
    if isinstance(x, dict):
        return {key: _like(x_bar[key], item) for key, item in x.items()}
    if hasattr(x, "__dataclass_fields__"):
        get = x_bar.get if isinstance(x_bar, dict) else lambda name: getattr(x_bar, name)
        return type(x)(**{name: _like(get(name), getattr(x, name)) for name in x.__dataclass_fields__})
    if isinstance(x, (list, tuple)):
        items = [_like(a, b) for a, b in zip(x_bar, x, strict=True)]
        return items if isinstance(x, list) else type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    if np.isrealobj(x):
        x_bar = np.real(x_bar)
    if isinstance(x, np.ndarray):
        return np.array(x_bar, x.dtype)
    return type(x)(x_bar) if isinstance(x, (float, complex, np.inexact)) else x_bar
''',
    lambda args, kind_of: None,
    fresh=True,
)

helper(
    "_unlike",
    '''
def _unlike(y_bar, t):
    """The adjoint of `t`, of which `_like` made a value with the adjoint `y_bar`: zero where it left a part out."""
    if t is None:
        return None
    if y_bar is None:
        return _zeros(t)
    if isinstance(t, dict):
        return {key: _unlike(y_bar.get(key), item) for key, item in t.items()}
    if isinstance(t, (list, tuple)):
        return [_unlike(a, b) for a, b in zip(y_bar, t, strict=True)]
    return _like(y_bar, t)
''',
    lambda args, kind_of: None,
    needs=("_like", "_zeros"),
    fresh=True,
)


# -------------------------------------------------- where they are differentiated

constant("_zeros", why="it is zero whatever its argument is")
# The sum of a list and an array is a list: its adjoint goes to the array as one.
linear(
    "s = _add(x, y)",
    "x_bar = s_bar",
    "y_bar = np.array(s_bar)",
    jointly=True,
    lists=True,
    when=all_of(listed("x"), lambda args, kinds: isinstance(kinds["y"], Array)),
)
linear("s = _add(x, y)", "x_bar = s_bar", "y_bar = s_bar", jointly=True, lists=True)
linear("y = _like(t, x)", "t_bar = _unlike(y_bar, t)", "x_bar = 0", lists=True)
linear("y = _unlike(t, x)", "t_bar = _like(y_bar, t)", "x_bar = 0", lists=True)
