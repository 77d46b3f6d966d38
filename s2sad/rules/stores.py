"""Calls that write into an array, each as the assignment that it is.

`store("np.copyto(x, v)", "x[...] = v")` says that the two do the same. Where the places are told by a mask or by their
number, what is assigned calls one of the small functions below, which give way to plain indices where kinds are known.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from s2sad.ir import Attribute, Call, Const, Expr, Global, Index, Slice
from s2sad.kind import Array, Kind, List, Number, Sequence, constant_dim, same_shape, taken
from s2sad.rules.broadcasting import shape_of
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import Signature, bind, canonical, constant, linear, read_signature
from s2sad.syntax import parse, template

__all__ = ["FLAT", "HELPERS", "IN_TURN", "Store", "chosen", "is_careful", "masked", "store", "stored"]

#: The functions below that tell places and what is put there.
HELPERS = frozenset({"_chosen", "_diagonal", "_mask", "_nth", "_numbers", "_cycled", "_in_turn", "_picked"})
#: Functions that know when `out` is a part of an argument, beside ufuncs.
_CAREFUL = frozenset(
    "numpy.all numpy.any numpy.clip numpy.cumprod numpy.cumsum numpy.dot numpy.max numpy.mean numpy.median numpy.min "
    "numpy.outer numpy.prod numpy.round numpy.std numpy.sum numpy.take numpy.var".split()
)
#: Writes one value after the other: what is a part of the array has changed when its turn comes.
IN_TURN = Global("_in_turn")
#: An attribute of an array whose elements are those of the array in one row.
FLAT = "flat"


@dataclass(frozen=True)
class Store:
    """What a call writes, `value`, and into which part of its argument; both in terms of the call's parameters."""

    signature: Signature
    target: Index
    value: Expr

    @property
    def array(self) -> str:
        """The parameter for the array that is written into."""
        return self.signature.params[0]


_STORES: dict[str, list[Store]] = {}


def is_careful(key: str) -> bool:
    """True for a function that computes the same if `out` is a part of an argument."""
    return canonical(key) in _CAREFUL


def store(call: str, statement: str) -> None:
    """Declare that a call is this assignment to a part of its first argument."""
    signature = read_signature(f"y = {call}")
    target, value = (parse(ast.unparse(part)) for part in _sides(statement))
    assert isinstance(target, Index)
    _STORES.setdefault(signature.key, []).append(Store(signature, target, value))


def _sides(statement: str) -> tuple[ast.expr, ast.expr]:
    tree = ast.parse(statement).body[0]
    assert isinstance(tree, ast.Assign)
    return tree.targets[0], tree.value


def stored(call: Call) -> tuple[Store, Mapping[str, Expr]] | None:
    """What a call writes, with its arguments by parameter; None where that is not known."""
    if isinstance(call.func, Attribute):
        # A method is the function of this name, as in `np.ndarray.fill(x, v)`.
        call = Call(Global(f"numpy.ndarray.{call.func.attr}"), (call.func.value, *call.args), call.keywords)
    for entry in _STORES.get(call.func.dotted if isinstance(call.func, Global) else "", ()):
        bound = bind(entry.signature, call)
        if not isinstance(bound, str):
            return entry, bound
    return None


# ----------------------------------------------------------------------- calls

store("np.ndarray.fill(x, value)", "x[...] = value")
store("np.copyto(dst, src, casting=...)", "dst[...] = src")
store("np.copyto(dst, src, casting=..., where=True)", "dst[_mask(where, dst)] = _chosen(src, _mask(where, dst), dst)")
store("np.ndarray.sort(x, axis=-1, kind=..., order=...)", "x[...] = np.sort(x, axis=axis)")
store("np.put(a, ind, v)", "a[_nth(_numbers(ind), a)] = _cycled(v, ind)")
store("np.ndarray.put(x, indices, values)", "x[_nth(_numbers(indices), x)] = _cycled(values, indices)")
store("np.place(arr, mask, vals)", "arr[_mask(mask, arr)] = _in_turn(vals, arr[_mask(mask, arr)])")
store("np.putmask(a, mask, values)", "a[_mask(mask, a)] = _chosen(_cycled(values, a), _mask(mask, a), a)")
store("np.fill_diagonal(a, val, wrap=...)", "a[_diagonal(a)] = _in_turn(val, a[_diagonal(a)])")


# ---------------------------------------------------------------------- helpers


def masked(mask: Expr, x: Expr) -> Expr:
    """The mask of `x` that the argument `where` of a function stands for."""
    return template("_mask(m, x)", m=mask, x=x)


def chosen(value: Expr, mask: Expr, x: Expr) -> Expr:
    """What is put where `mask` is true, of a value that is broadcast to the shape of `x`."""
    return template("_chosen(v, m, x)", v=value, m=mask, x=x)


def _mask(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    mask, x = args
    kind = kind_of(mask)
    return mask if isinstance(kind, Array) and kind.dtype == "bool" and same_shape(kind, kind_of(x)) else None


helper(
    "_mask",
    '''
def _mask(m, x):
    """The truth of `m` for each element of `x`."""
    return np.broadcast_to(np.asarray(m, bool), np.shape(x))
''',
    _mask,
    fresh=True,
)


def _chosen(args: tuple[Expr, ...], kind_of: KindOf) -> Expr:
    value, mask, x = args
    if isinstance(kind_of(value), Number):
        return value
    if isinstance(kind_of(x), Array) and same_shape(kind_of(value), kind_of(x)):
        return Index(value, mask)
    return template("np.broadcast_to(v, s)[m]", v=value, s=shape_of(x, kind_of), m=mask)


helper(
    "_chosen",
    '''
def _chosen(v, m, x):
    """The elements of `v`, stretched to the shape of `x`, where `m` is true."""
    return np.broadcast_to(v, np.shape(x))[m]
''',
    _chosen,
    fresh=True,
)


def _numbers(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    match kind_of(args[0]):
        case Number(dtype=dtype) | Array(dtype=dtype) | List(item=Number(dtype=dtype)) if _is_integer(dtype):
            return args[0]
        case Sequence(type="list", items=items) if all(isinstance(k, Number) and _is_integer(k.dtype) for k in items):
            return args[0]
    return None


def _is_integer(dtype: str) -> bool:
    return dtype.startswith(("int", "uint"))


helper(
    "_numbers",
    '''
def _numbers(i):
    """Numbers of elements as an array."""
    return np.asarray(i).astype(int)
''',
    _numbers,
    fresh=True,
)


def _nth(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    i, x = args
    kind = kind_of(x)
    if isinstance(kind, Array) and len(kind.shape) == 1:
        return _as_index(i)
    if isinstance(kind, Array) and isinstance(i, Const) and type(i.value) is int and i.value >= 0:
        return template("np.unravel_index(i, s)", i=i, s=Attribute(x, "shape"))
    return None


def _as_index(i: Expr) -> Expr:
    """`x[1:3]` rather than `x[slice(1, 3)]`."""
    match i:
        case Call(func=Global(dotted="slice"), args=args):
            return Slice(*(None if part == Const(None) else part for part in args))
    return i


helper(
    "_nth",
    '''
def _nth(i, x):
    """The index in `x` of the elements that have these numbers, counted row by row."""
    return np.unravel_index(np.arange(np.size(x))[i], np.shape(x))
''',
    _nth,
    fresh=True,
)


def _diagonal(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    match kind_of(args[0]):
        case Array(shape=(m, n)) if m == n and m is not None:
            return template("np.diag_indices(len(x))", x=args[0])
    return None


helper(
    "_diagonal",
    '''
def _diagonal(x):
    """The index of the elements of `x` whose indices are equal."""
    return (np.arange(min(np.shape(x))),) * np.ndim(x)
''',
    _diagonal,
    fresh=True,
)


def _cycled(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    value, like = args
    kind, want = kind_of(value), kind_of(like)
    if isinstance(want, Sequence) and want.type == "list":
        want = Array("int", (constant_dim(len(want.items)),))
    return value if isinstance(kind, Number) or same_shape(kind, want) else None


helper(
    "_cycled",
    '''
def _cycled(v, like):
    """The elements of `v`, over and over, in the shape of `like`."""
    return np.reshape(np.ravel(v)[np.arange(np.size(like)) % np.size(v)], np.shape(like))
''',
    _cycled,
    fresh=True,
)
helper(
    "_in_turn",
    '''
def _in_turn(v, like):
    """The elements of `v`, which is no part of what they are put into, over and over, in the shape of `like`."""
    return _cycled(v, like)
''',
    lambda args, kind_of: _cycled(args, kind_of) or Call(Global("_cycled"), args),
    needs=("_cycled",),
    fresh=True,
)
helper(
    "_uncycled",
    '''
def _uncycled(t, v):
    """The sum of the elements of `t` that are the same element of `v` over and over."""
    z = np.zeros(np.size(v), np.result_type(t))
    np.add.at(z, np.arange(np.size(t)) % np.size(v), np.ravel(t))
    return np.reshape(z, np.shape(v))[()]
''',
    lambda args, kind_of: None,
    fresh=True,
)


def _kind_of_stored(kinds: tuple[Kind, ...]) -> Kind | None:
    whole, index = kinds
    return taken(whole, index.items if isinstance(index, Sequence) and index.type == "tuple" else (index,))


helper(
    "_stored",
    '''
def _stored(x, i):
    """The elements of `x` for the values assigned to `x[i]`; zero for one over which a later one was assigned."""
    t = x[i]
    if not isinstance(x, np.ndarray):
        return t
    order = np.reshape(np.arange(np.size(t)), np.shape(t))
    last = np.empty(np.shape(x), int)
    last[i] = order
    return np.where(last[i] == order, t, 0)[()]
''',
    lambda args, kind_of: None,
    fresh=True,
    kind=_kind_of_stored,
)
helper(
    "_assigned",
    '''
def _assigned(t, i, x):
    """Zeros in the form of `x` with `t` assigned at the index `i`."""
    z = np.zeros_like(x)
    z[i] = t
    return z
''',
    lambda args, kind_of: None,
    fresh=True,
)

constant("_mask", "_numbers", "_nth", "_diagonal", why="an index")
linear("y = _cycled(v, like)", "v_bar = _uncycled(y_bar, v)", "like_bar = 0")
linear("y = _in_turn(v, like)", "v_bar = _uncycled(y_bar, v)", "like_bar = 0")
linear("y = _uncycled(t, v)", "t_bar = _cycled(y_bar, t)", "v_bar = 0")
linear("y = _stored(x, i)", "x_bar = _assigned(y_bar, i, x)")
linear("y = _assigned(t, i, x)", "t_bar = _stored(y_bar, i)", "x_bar = 0")
linear("y = _chosen(v, where, x)", "v_bar = _unbroadcast(_scatter(y_bar, where, x), v)", "x_bar = 0")
