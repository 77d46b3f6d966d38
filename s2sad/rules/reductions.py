"""Sums and their relatives, with axis and keepdims. Ties of a maximum share its derivative; a norm at 0 has 0."""

from __future__ import annotations

from s2sad.ir import Call, Const, Expr, Slice, Unary
from s2sad.kind import Array
from s2sad.rules.broadcasting import index_along, literal_axes
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import alias, constant, linear, method, rule, sharing
from s2sad.rules.when import all_of, any_of, complex_valued, given, integer, literal, none, number, scalar, vector
from s2sad.syntax import template

__all__: list[str] = []

linear(
    "y = np.sum(x, axis=None, dtype=..., out=..., keepdims=False)",
    "x_bar = _expand(y_bar, x, axis, keepdims)",
    lazy=True,
    lists=True,
)
linear(
    "y = np.mean(x, axis=None, dtype=..., out=..., keepdims=False)",
    "x_bar = _expand(y_bar / _count(x, axis), x, axis, keepdims)",
    lazy=True,
    lists=True,
)
rule(
    "y = np.nansum(x, axis=None, dtype=..., out=..., keepdims=False)",
    "dy = np.sum(np.where(np.isnan(x), 0, dx), axis=axis, keepdims=keepdims)",
)
_LARGEST = "(x == _align(y, x, axis, keepdims))"
for _name in ("max", "min"):
    rule(
        f"y = np.{_name}(x, axis=None, out=..., keepdims=False)",
        f"dy = np.sum(dx * {_LARGEST}, axis=axis, keepdims=keepdims)"
        f" / np.sum({_LARGEST}, axis=axis, keepdims=keepdims)",
    )
for _name in ("nanmax", "nanmin"):
    rule(
        f"y = np.{_name}(x, axis=None, out=..., keepdims=False)",
        f"dy = np.sum(np.where({_LARGEST}, dx, 0), axis=axis, keepdims=keepdims)"
        f" / np.sum({_LARGEST}, axis=axis, keepdims=keepdims)",
    )
linear("y = np.bincount(x, weights=None, minlength=0)", "weights_bar = np.take(y_bar, x)")
linear("y = np.cumsum(x, axis=None, dtype=..., out=...)", "x_bar = _cumsum_back(y_bar, x, axis)")
# np.diff(x, 0) is x itself.
sharing("np.diff", when=lambda call: len(call.args) > 1 or any(name == "n" for name, _ in call.keywords))
linear("y = np.diff(x, n=1, axis=-1, prepend=..., append=...)", "x_bar = _diff_back(y_bar, n, axis)")
linear(
    "y = np.trapezoid(f, x=None, dx=1.0, axis=-1)",
    "f_bar = _trapezoid_back(y_bar, f, x, dx, axis)",
    "x_bar = _trapezoid_back_x(y_bar, f, x, axis)",
)
_SMALLEST = "(x == _align(np.min(x, axis=axis, keepdims=keepdims), x, axis, keepdims))"
_GREATEST = "(x == _align(np.max(x, axis=axis, keepdims=keepdims), x, axis, keepdims))"
rule(
    "y = np.ptp(x, axis=None, out=..., keepdims=False)",
    f"dy = np.sum(dx * {_GREATEST}, axis=axis, keepdims=keepdims) / np.sum({_GREATEST}, axis=axis, keepdims=keepdims)"
    f" - np.sum(dx * {_SMALLEST}, axis=axis, keepdims=keepdims) / np.sum({_SMALLEST}, axis=axis, keepdims=keepdims)",
)
rule(
    "y = np.nanmean(x, axis=None, dtype=..., out=..., keepdims=False)",
    "dy = np.sum(np.where(np.isnan(x), 0, dx), axis=axis, keepdims=keepdims)"
    " / np.sum(~np.isnan(x), axis=axis, keepdims=keepdims)",
)
rule(
    "y = np.median(x, axis=None, out=..., overwrite_input=..., keepdims=False)",
    "dy = np.sum(dx * _median_weights(x, axis), axis=axis, keepdims=keepdims)",
    when=any_of(none("axis"), integer("axis")),
)
alias("np.max", "np.amax")
alias("np.min", "np.amin")
method("sum", "mean", "max", "min", "cumsum")

linear("y = _cumsum_back(t, x, axis)", "t_bar = np.cumsum(y_bar, axis=axis)", "x_bar = 0")
linear("y = _diff_back(t, n, axis)", "t_bar = np.diff(y_bar, n=n, axis=axis)")
linear(
    "y = np.diff(x, n=1, axis=-1, prepend=None, append=None)",
    "x_bar = -np.diff(y_bar, axis=axis)",
    when=all_of(number("n", 1), number("prepend", 0), number("append", 0)),
)
linear(
    "y = _trapezoid_back(t, f, x, dx, axis)",
    "t_bar = np.trapezoid(y_bar, x=x, dx=dx, axis=axis)",
    "x_bar = _trapezoid_back_x(t, y_bar, x, axis)",
    "f_bar = 0",
)
linear(
    "y = _trapezoid_back_x(t, f, x, axis)",
    "t_bar = np.trapezoid(f, x=y_bar, axis=axis)",
    "f_bar = _trapezoid_back(t, f, y_bar, 1.0, axis)",
    "x_bar = 0",
)

# --------------------------------------------------------------------- moments

_CENTRED = "(x - np.mean(x, axis=axis, keepdims=True))"
_VAR = f"np.sum(dx * {_CENTRED}, axis=axis, keepdims=keepdims)"
_COMPLEX_VAR = f"np.sum(np.real(np.conj({_CENTRED}) * dx), axis=axis, keepdims=keepdims)"
_SAFE = "np.where(y == 0, 1, y)"
_SAFE_SCALAR = "(y if y else 1)"
_ARGUMENTS = "(x, axis=None, dtype=..., out=..., ddof=0, keepdims=False)"
for _count, _when in (("_count(x, axis)", number("ddof", 0)), ("(_count(x, axis) - ddof)", given("ddof"))):
    _complex, _scalar = all_of(_when, complex_valued("x")), all_of(_when, scalar("y"))
    rule(f"y = np.var{_ARGUMENTS}", f"dy = 2 * {_COMPLEX_VAR} / {_count}", when=_complex)
    rule(f"y = np.var{_ARGUMENTS}", f"dy = 2 * {_VAR} / {_count}", when=_when)
    rule(f"y = np.std{_ARGUMENTS}", f"dy = {_COMPLEX_VAR} / ({_count} * {_SAFE})", when=_complex)
    rule(f"y = np.std{_ARGUMENTS}", f"dy = {_VAR} / ({_count} * {_SAFE_SCALAR})", when=_scalar)
    rule(f"y = np.std{_ARGUMENTS}", f"dy = {_VAR} / ({_count} * {_SAFE})", when=_when)
method("var", "std")

linear(
    "y = np.average(x, axis=None, weights=None, returned=..., keepdims=False)",
    "x_bar = _expand(y_bar / _count(x, axis), x, axis, keepdims)",
    when=none("weights"),
)
rule(
    "y = np.average(x, axis=None, weights=None)",
    "dy = np.sum(dx * weights + (x - y) * dweights) / np.sum(weights)",
    when=all_of(none("axis"), given("weights")),
)

# ----------------------------------------------------------------------- norms

_NORM = "y = np.linalg.norm(x, ord=None, axis=None, keepdims=False)"
_TWO = any_of(none("ord"), all_of(number("ord", 2), vector("x", "axis")), number("ord", "fro"))
_DOT = "np.sum(x * dx, axis=axis, keepdims=keepdims)"
_COMPLEX_DOT = "np.sum(np.real(np.conj(x) * dx), axis=axis, keepdims=keepdims)"
rule(_NORM, f"dy = {_COMPLEX_DOT} / {_SAFE}", when=all_of(_TWO, complex_valued("x")))
rule(_NORM, f"dy = {_DOT} / {_SAFE_SCALAR}", when=all_of(_TWO, scalar("y")))
rule(_NORM, f"dy = {_DOT} / {_SAFE}", when=_TWO)
rule(
    _NORM,
    "dy = np.sum(dx * np.sign(x), axis=axis, keepdims=keepdims)",
    when=all_of(number("ord", 1), vector("x", "axis")),
)
_LARGEST_MAGNITUDE = "(np.abs(x) == _align(y, x, axis, keepdims))"
rule(
    _NORM,
    f"dy = np.sum(dx * np.sign(x) * {_LARGEST_MAGNITUDE}, axis=axis, keepdims=keepdims)"
    f" / np.sum({_LARGEST_MAGNITUDE}, axis=axis, keepdims=keepdims)",
    when=all_of(number("ord", float("inf")), vector("x", "axis")),
)
rule(
    _NORM,
    f"dy = np.sum(dx * np.sign(x) * np.abs(x)**(ord - 1), axis=axis, keepdims=keepdims) / {_SAFE}**(ord - 1)",
    when=all_of(literal("ord"), vector("x", "axis")),
)

# -------------------------------------------------------------------- constant

constant("np.argmax", "np.argmin", "np.nanargmax", "np.nanargmin", "np.any", "np.all", "np.count_nonzero", "np.argsort")
constant(
    "np.argwhere", "np.nonzero", "np.flatnonzero", "np.searchsorted", "np.digitize", "np.allclose", "np.array_equal"
)
constant("np.argpartition", "np.lexsort", "np.isin", "_median_weights")
method("any", "all", "argmax", "argmin", "argsort", "nonzero", "searchsorted")


# --------------------------------------------------------------------- helpers

helper(
    "_median_weights",
    '''
def _median_weights(x, axis):
    """The share of each element of `x` in the median along `axis`."""
    if axis is None:
        return np.reshape(_median_weights(np.ravel(x), 0), np.shape(x))
    n = np.shape(x)[axis]
    place = np.argsort(np.argsort(x, axis=axis, kind="stable"), axis=axis)
    return 0.5 * (place == (n - 1) // 2) + 0.5 * (place == n // 2)
''',
    lambda args, kind_of: None,
)


def _reversed(node: Expr, axis: int) -> Expr:
    return index_along(node, axis, Slice(step=Const(-1)))


def _cumsum_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x, axis = args
    kind = kind_of(x)
    if not isinstance(kind, Array):
        return None
    rank = len(kind.shape)
    if axis == Const(None) and rank > 1:
        return template("_reshape(np.cumsum(t[::-1])[::-1], x)", t=t, x=x)
    axes = (0,) if axis == Const(None) else literal_axes(axis, rank)
    if axes is None or rank == 0:
        return None
    keywords = (("axis", axis),) if rank > 1 else ()
    return _reversed(Call(template("np.cumsum"), (_reversed(t, axes[0]),), keywords), axes[0])


helper(
    "_cumsum_back",
    '''
def _cumsum_back(t, x, axis):
    """The sums of `t` from each element to the last."""
    if axis is None:
        return np.reshape(np.cumsum(t[::-1])[::-1], np.shape(x))
    return np.flip(np.cumsum(np.flip(t, axis), axis), axis)
''',
    _cumsum_back,
)


def _diff_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, n, axis = args
    if n != Const(1):
        return None
    keywords = (("axis", axis),) if axis != Const(-1) else ()
    call = template("np.diff(t, prepend=0, append=0)", t=t)
    assert isinstance(call, Call)
    return Unary("-", Call(call.func, call.args, (*keywords, *call.keywords)))


helper(
    "_diff_back",
    '''
def _diff_back(t, n, axis):
    """The transpose of taking differences `n` times."""
    for _ in range(n):
        t = -np.diff(t, axis=axis, prepend=0, append=0)
    return t
''',
    _diff_back,
)

_WIDTHS = '''
def _trapezoid_back(t, f, x, dx, axis):
    """The weights of the trapezoidal rule, times `t`."""
    f = np.moveaxis(f, axis, -1)
    if x is not None:
        dx = np.diff(x) if np.ndim(x) == 1 else np.diff(np.moveaxis(x, axis, -1))
    halves = np.broadcast_to(dx / 2, (*np.shape(f)[:-1], np.shape(f)[-1] - 1))
    weights = np.zeros(np.shape(f))
    weights[..., 1:] += halves
    weights[..., :-1] += halves
    return np.moveaxis(weights * np.expand_dims(t, -1), -1, axis)
'''
helper("_trapezoid_back", _WIDTHS, lambda args, kind_of: None)
helper(
    "_trapezoid_back_x",
    '''
def _trapezoid_back_x(t, f, x, axis):
    """The adjoint of the places `x` of a trapezoidal rule."""
    f = np.moveaxis(f, axis, -1)
    means = np.expand_dims(t, -1) * (f[..., 1:] + f[..., :-1]) / 2
    back = -np.diff(means, prepend=0, append=0)
    if np.ndim(x) == 1:
        return np.sum(back, axis=tuple(range(np.ndim(back) - 1)))
    return np.moveaxis(back, -1, axis)
''',
    lambda args, kind_of: None,
)
