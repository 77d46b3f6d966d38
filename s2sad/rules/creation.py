"""Functions that make arrays, of numbers, lists and other arrays."""

from __future__ import annotations

from s2sad.ir import Expr
from s2sad.kind import Array, List, Sequence, Unknown
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import alias, attribute, constant, linear, method, rule, shallow, sharing, view, zero
from s2sad.rules.when import any_of, floating_type, integer_type, none, scalar
from s2sad.syntax import template

__all__: list[str] = []

_DTYPES = any_of(none("dtype"), floating_type("dtype"))
linear("y = np.copy(x)", "x_bar = y_bar", lists=True)
for _name in ("np.array", "np.asarray", "np.asanyarray", "np.ascontiguousarray"):
    _more = ", copy=True" if _name == "np.array" else ""
    rule(f"y = {_name}(x, dtype=None{_more})", "dy = 0 * dx", when=integer_type("dtype"))
    linear(f"y = {_name}(x, dtype=None{_more})", "x_bar = y_bar", lists=True, when=_DTYPES)
rule("y = np.ndarray.astype(x, dtype, copy=True)", "dy = 0 * dx", when=integer_type("dtype"))
linear("y = np.ndarray.astype(x, dtype, copy=True)", "x_bar = y_bar", when=floating_type("dtype"))
for _name in ("np.float64", "np.float32", "np.float16", "np.longdouble", "np.complex128", "np.complex64"):
    linear(f"y = {_name}(x)", "x_bar = y_bar", lists=True)
linear("y = np.ndarray.item(x)", "x_bar = _reshape(y_bar, x)")
linear("y = list(x)", "x_bar = _as_array(y_bar, x)", lists=True)
linear("y = tuple(x)", "x_bar = _as_array(y_bar, x)", lists=True)
linear("y = np.ndarray.tolist(x)", "x_bar = np.array(y_bar)", lists=True)
rule("y = np.full(shape, fill_value, dtype=None)", "dy = 0 * dfill_value", when=integer_type("dtype"))
linear(
    "y = np.full(shape, fill_value, dtype=None)", "fill_value_bar = _unbroadcast(y_bar, y, fill_value)", when=_DTYPES
)
rule("y = np.full_like(a, fill_value, dtype=None)", "dy = 0 * dfill_value + 0 * da", when=integer_type("dtype"))
rule(
    "y = np.full_like(a, fill_value, dtype=None)",
    "dy = np.broadcast_to(dfill_value, np.shape(a)) + 0 * da",
    when=_DTYPES,
)
linear("y = np.arange(stop, dtype=None)")
rule("y = np.arange(start, stop)", "dy = dstart + np.zeros_like(y)")
rule("y = np.arange(start, stop, step)", "dy = dstart + dstep * np.arange(len(y))")
linear(
    "y = np.linspace(start, stop, num=50, endpoint=True)",
    "start_bar = (1 - np.linspace(0, 1, num, endpoint)) @ y_bar",
    "stop_bar = np.linspace(0, 1, num, endpoint) @ y_bar",
    jointly=True,
    when=scalar("start", "stop"),
)
linear(
    "y = np.linspace(start, stop, num=50, endpoint=True)",
    "start_bar = _unbroadcast(np.tensordot(1 - np.linspace(0, 1, num, endpoint), y_bar, 1), y[0], start)",
    "stop_bar = _unbroadcast(np.tensordot(np.linspace(0, 1, num, endpoint), y_bar, 1), y[0], stop)",
    jointly=True,
)
linear("y = _as_array(t, x)", "t_bar = y_bar", "x_bar = 0", lists=True)
method(astype="np.ndarray.astype", item="np.ndarray.item", tolist="np.ndarray.tolist")
view("np.asarray", "np.asanyarray", "np.ascontiguousarray")
# np.float64(x) is x itself if that is an array of such numbers.
sharing("np.float64", "np.float32", "np.float16", "np.longdouble", "np.complex128", "np.complex64")
sharing("np.int64", "np.int32", "np.intp", "np.bool_")
shallow("dict", "list", "tuple", "sorted", "copy.copy", ".copy")

zero("np.zeros", "np.zeros_like")
constant("np.zeros", "np.ones", "np.empty", "np.zeros_like", "np.ones_like", "np.empty_like", "np.eye", "np.identity")
constant(
    "np.tri", "np.indices", "np.tril_indices", "np.triu_indices", "np.diag_indices", "np.shape", "np.size", "np.ndim"
)
constant("np.ndarray.dtype", "np.isscalar", "np.iterable", "np.finfo", "np.iinfo", "np.result_type", "np.promote_types")
constant("np.dtype", "np.can_cast", "np.issubdtype", "np.int64", "np.int32", "np.intp", "np.bool_", "np.ndarray.nbytes")
constant("np.broadcast_shapes", "np.unravel_index", "np.ravel_multi_index", "np.may_share_memory", "np.shares_memory")
attribute(shape="np.shape", size="np.size", ndim="np.ndim", dtype="np.ndarray.dtype", nbytes="np.ndarray.nbytes")
view("np.shape", "np.size", "np.ndim", "np.ndarray.dtype", "np.isscalar", "len")
alias("np.copy", "copy.copy", "copy.deepcopy")


def _as_array(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x = args
    match kind_of(x):
        case Array():
            return template("np.array(t)", t=t)
        case Sequence() | List() as kind:
            # Of a call of a function that takes anything it may be a tuple.
            is_list = isinstance(kind, Sequence) or not isinstance(kind_of(t), Unknown)
            return t if is_list else template("list(t)", t=t)
    return None


helper(
    "_as_array",
    '''
def _as_array(t, x):
    """The list `t` as an array where `x` is one."""
    return np.array(t) if isinstance(x, np.ndarray) else t
''',
    _as_array,
)
