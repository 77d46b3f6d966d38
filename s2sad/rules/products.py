"""Products of vectors, matrices and stacks of them.

With known ranks the transposes are what one writes by hand: `x.T @ y_bar`, `np.outer(y_bar, x)`, `y_bar * b`.
"""

from __future__ import annotations

from s2sad.ir import Attribute, Call, Const, Expr, Global, TupleOf
from s2sad.kind import Array, Number
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import linear, method, rule
from s2sad.rules.when import real
from s2sad.syntax import template

__all__: list[str] = []

linear("y = a @ b", "a_bar = _matmul_left(y_bar, a, b)", "b_bar = _matmul_right(y_bar, a, b)")
linear("y = np.dot(a, b, out=...)", "a_bar = _dot_left(y_bar, a, b)", "b_bar = _dot_right(y_bar, a, b)")
linear("y = np.inner(a, b)", "a_bar = _inner_left(y_bar, a, b)", "b_bar = _inner_right(y_bar, a, b)")
linear("y = np.outer(a, b, out=...)", "a_bar = _outer_left(y_bar, a, b)", "b_bar = _outer_right(y_bar, a, b)")
linear("y = np.vdot(a, b)", "a_bar = _reshape(b * y_bar, a)", "b_bar = _reshape(a * y_bar, b)", when=real("a", "b"))
rule(
    "y = np.vdot(a, b)", "dy = np.dot(np.ravel(np.conj(da)), np.ravel(b)) + np.dot(np.ravel(np.conj(a)), np.ravel(db))"
)
linear(
    "y = np.tensordot(a, b, axes=2)",
    "a_bar = _tensordot_left(y_bar, a, b, axes)",
    "b_bar = _tensordot_right(y_bar, a, b, axes)",
)
linear("y = np.kron(a, b)", "a_bar = _kron_left(y_bar, a, b)", "b_bar = _kron_right(y_bar, a, b)")
linear(
    "y = np.cross(a, b)",
    "a_bar = _unbroadcast(np.cross(b, y_bar), y_bar, a)",
    "b_bar = _unbroadcast(np.cross(y_bar, a), y_bar, b)",
)
linear("y = np.trace(x, offset=0)", "x_bar = _trace_back(y_bar, x, offset)")
method("dot", "trace")

# The transposes are themselves products of the adjoint and the other factor; the factor's own place gives its shape.
for _name, _call in (
    ("matmul", "{a} @ {b}"),
    ("dot", "np.dot({a}, {b})"),
    ("inner", "np.inner({a}, {b})"),
    ("outer", "np.outer({a}, {b})"),
    ("kron", "np.kron({a}, {b})"),
    ("tensordot", "np.tensordot({a}, {b}, axes)"),
):
    _more = ", axes" if "axes" in _call else ""
    linear(
        f"y = _{_name}_left(t, a, b{_more})",
        f"t_bar = {_call.format(a='y_bar', b='b')}",
        f"b_bar = _{_name}_right(t, y_bar, b{_more})",
        "a_bar = 0",
    )
    linear(
        f"y = _{_name}_right(t, a, b{_more})",
        f"t_bar = {_call.format(a='a', b='y_bar')}",
        f"a_bar = _{_name}_left(t, a, y_bar{_more})",
        "b_bar = 0",
    )
linear("y = _trace_back(t, x, offset)", "t_bar = np.trace(y_bar, offset)", "x_bar = 0")


def _rank(node: Expr, kind_of: KindOf) -> int | None:
    match kind_of(node):
        case Array(shape=shape):
            return len(shape)
        case Number():
            return 0
    return None


def _swapped(node: Expr, rank: int) -> Expr:
    """The transposed matrix, or stack of matrices."""
    return transposed(node) if rank == 2 else template("np.swapaxes(x, -1, -2)", x=node)


def transposed(node: Expr) -> Expr:
    """The transpose of a matrix."""
    return node.value if isinstance(node, Attribute) and node.attr == "T" else Attribute(node, "T")


def _summed(t: Expr, x: Expr) -> Expr:
    return Call(Global("_unbroadcast"), (t, t, x))


# ---------------------------------------------------------------------- matmul


def _matmul_left(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, a, b = args
    match _rank(a, kind_of), _rank(b, kind_of):
        case None, _:
            return None
        case 1, 1:
            return template("t * b", t=t, b=b)
        case 2, 1:
            return template("np.outer(t, b)", t=t, b=b)
        case _, 1:
            return template("t[..., None] * b", t=t, b=b)
        case 1, 2:
            return template("b @ t", t=t, b=b)
        case 1, int():
            return _summed(template("(b @ t[..., None])[..., 0]", t=t, b=b), a)
        case 2, 2:
            return template("t @ b", t=t, b=transposed(b))
        case int(), int() as rank:
            return _summed(template("t @ b", t=t, b=_swapped(b, rank)), a)
    return None


def _matmul_right(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, a, b = args
    match _rank(a, kind_of), _rank(b, kind_of):
        case _, None:
            return None
        case 1, 1:
            return template("a * t", t=t, a=a)
        case 1, 2:
            return template("np.outer(a, t)", t=t, a=a)
        case 1, int():
            return template("a[:, None] * t[..., None, :]", t=t, a=a)
        case 2, 1 | 2:
            return template("a @ t", t=t, a=transposed(a))
        case int() as rank, 1:
            return template("np.tensordot(t, a, n)", t=t, a=a, n=Const(rank - 1))
        case int() as rank, 2:
            lead = TupleOf(tuple(map(Const, range(rank - 1))))
            return template("np.tensordot(a, t, (lead, lead))", t=t, a=a, lead=lead)
        case int() as rank, int():
            return _summed(template("a @ t", t=t, a=_swapped(a, rank)), b)
    return None


helper(
    "_matmul_left",
    '''
def _matmul_left(t, a, b):
    """The adjoint of `a` for the adjoint `t` of `a @ b`."""
    if np.ndim(b) == 1:
        t, b = np.expand_dims(t, -1), np.expand_dims(b, -1)
    if np.ndim(a) == 1:
        return _unbroadcast((np.expand_dims(t, -2) @ np.swapaxes(b, -1, -2))[..., 0, :], a)
    return _unbroadcast(t @ np.swapaxes(b, -1, -2), a)
''',
    _matmul_left,
    needs=("_unbroadcast",),
)
helper(
    "_matmul_right",
    '''
def _matmul_right(t, a, b):
    """The adjoint of `b` for the adjoint `t` of `a @ b`."""
    if np.ndim(a) == 1:
        t, a = np.expand_dims(t, -1 if np.ndim(b) == 1 else -2), np.expand_dims(a, 0)
    if np.ndim(b) == 1:
        return _unbroadcast((np.swapaxes(a, -1, -2) @ np.expand_dims(t, -1))[..., 0], b)
    return _unbroadcast(np.swapaxes(a, -1, -2) @ t, b)
''',
    _matmul_right,
    needs=("_unbroadcast",),
)

# ------------------------------------------------------------------------- dot


def _dot_left(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, a, b = args
    ranks = _rank(a, kind_of), _rank(b, kind_of)
    if None not in ranks and 0 in ranks:
        return _summed(template("t * b", t=t, b=b), a)
    return _matmul_left(args, kind_of) if ranks[0] is not None and ranks[1] in (1, 2) and ranks[0] < 3 else None


def _dot_right(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, a, b = args
    ranks = _rank(a, kind_of), _rank(b, kind_of)
    if None not in ranks and 0 in ranks:
        return _summed(template("a * t", t=t, a=a), b)
    return _matmul_right(args, kind_of) if ranks[0] is not None and ranks[1] in (1, 2) and ranks[0] < 3 else None


helper(
    "_dot_left",
    '''
def _dot_left(t, a, b):
    """The adjoint of `a` for the adjoint `t` of `np.dot(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return _unbroadcast(t * b, a)
    if np.ndim(b) == 1:
        return np.expand_dims(t, -1) * b
    kept = [*range(np.ndim(b) - 2), np.ndim(b) - 1]
    return np.tensordot(t, b, (list(range(np.ndim(a) - 1, np.ndim(t))), kept))
''',
    _dot_left,
    needs=("_unbroadcast",),
)
helper(
    "_dot_right",
    '''
def _dot_right(t, a, b):
    """The adjoint of `b` for the adjoint `t` of `np.dot(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return _unbroadcast(a * t, b)
    lead = list(range(np.ndim(a) - 1))
    back = np.tensordot(a, t, (lead, lead))
    return back if np.ndim(b) == 1 else np.moveaxis(back, 0, -2)
''',
    _dot_right,
    needs=("_unbroadcast",),
)


def _inner_left(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, a, b = args
    match _rank(a, kind_of), _rank(b, kind_of):
        case (0, int()) | (int(), 0):
            return _summed(template("t * b", t=t, b=b), a)
        case 1, 1:
            return template("t * b", t=t, b=b)
        case 2, 1:
            return template("np.outer(t, b)", t=t, b=b)
        case 1 | 2, 2:
            return template("t @ b", t=t, b=b)
    return None


def _inner_right(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, a, b = args
    match _rank(a, kind_of), _rank(b, kind_of):
        case (0, int()) | (int(), 0):
            return _summed(template("a * t", t=t, a=a), b)
        case 1, 1:
            return template("a * t", t=t, a=a)
        case 1, 2:
            return template("np.outer(t, a)", t=t, a=a)
        case 2, 1:
            return template("t @ a", t=t, a=a)
        case 2, 2:
            return template("t @ a", t=transposed(t), a=a)
    return None


helper(
    "_inner_left",
    '''
def _inner_left(t, a, b):
    """The adjoint of `a` for the adjoint `t` of `np.inner(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return _unbroadcast(t * b, a)
    kept = list(range(np.ndim(b) - 1))
    return np.tensordot(t, b, (list(range(np.ndim(a) - 1, np.ndim(t))), kept))
''',
    _inner_left,
    needs=("_unbroadcast",),
)
helper(
    "_inner_right",
    '''
def _inner_right(t, a, b):
    """The adjoint of `b` for the adjoint `t` of `np.inner(a, b)`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return _unbroadcast(a * t, b)
    lead = list(range(np.ndim(a) - 1))
    return np.tensordot(t, a, (lead, lead))
''',
    _inner_right,
    needs=("_unbroadcast",),
)


def _outer_left(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, a, b = args
    match kind_of(a), _rank(b, kind_of):
        case Number(), 0 | 1:
            return template("np.sum(t * b)", t=t, b=b)
        case Array(shape=(_,)), 1:
            return template("t @ b", t=t, b=b)
    return None


def _outer_right(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, a, b = args
    match _rank(a, kind_of), kind_of(b):
        case 0, Number():
            return template("np.sum(a * t)", t=t, a=a)
        case 1, Number():
            return template("np.sum(a @ t)", t=t, a=a)
        case 1, Array(shape=(_,)):
            return template("a @ t", t=t, a=a)
    return None


helper(
    "_outer_left",
    '''
def _outer_left(t, a, b):
    """The adjoint of `a` for the adjoint `t` of `np.outer(a, b)`."""
    t = np.reshape(t @ np.ravel(b), np.shape(a))
    return t if isinstance(a, np.ndarray) else t[()]
''',
    _outer_left,
)
helper(
    "_outer_right",
    '''
def _outer_right(t, a, b):
    """The adjoint of `b` for the adjoint `t` of `np.outer(a, b)`."""
    t = np.reshape(np.ravel(a) @ t, np.shape(b))
    return t if isinstance(b, np.ndarray) else t[()]
''',
    _outer_right,
)

# ------------------------------------------------------------ tensordot and kron

helper(
    "_tensordot_axes",
    '''
def _tensordot_axes(a, b, axes):
    """The axes that `np.tensordot` sums over, and those it keeps, of both arguments."""
    m, n = np.ndim(a), np.ndim(b)
    if isinstance(axes, int):
        p, q = list(range(m - axes, m)), list(range(axes))
    else:
        p, q = [[k] if isinstance(k, int) else list(k) for k in axes]
    p, q = [k % m for k in p], [k % n for k in q]
    return (p, q), ([k for k in range(m) if k not in p], [k for k in range(n) if k not in q])
''',
    lambda args, kind_of: None,
)
helper(
    "_tensordot_left",
    '''
def _tensordot_left(t, a, b, axes):
    """The adjoint of `a` for the adjoint `t` of `np.tensordot(a, b, axes)`."""
    summed, kept = _tensordot_axes(a, b, axes)
    back = np.tensordot(t, b, (list(range(len(kept[0]), np.ndim(t))), kept[1]))
    order = np.argsort(summed[1])
    places = kept[0] + [summed[0][k] for k in order]
    return np.transpose(back, np.argsort(places))
''',
    lambda args, kind_of: None,
    needs=("_tensordot_axes",),
)
helper(
    "_tensordot_right",
    '''
def _tensordot_right(t, a, b, axes):
    """The adjoint of `b` for the adjoint `t` of `np.tensordot(a, b, axes)`."""
    summed, kept = _tensordot_axes(a, b, axes)
    back = np.tensordot(a, t, (kept[0], list(range(len(kept[0])))))
    order = np.argsort(summed[0])
    places = [summed[1][k] for k in order] + kept[1]
    return np.transpose(back, np.argsort(places))
''',
    lambda args, kind_of: None,
    needs=("_tensordot_axes",),
)
helper(
    "_kron_blocks",
    '''
def _kron_blocks(t, a, b):
    """The adjoint of `np.kron(a, b)` with the axes of `a` first, and the shapes of both with equal ranks."""
    rank = max(np.ndim(a), np.ndim(b))
    p = (1,) * (rank - np.ndim(a)) + np.shape(a)
    q = (1,) * (rank - np.ndim(b)) + np.shape(b)
    pairs = [size for pair in zip(p, q) for size in pair]
    return np.transpose(np.reshape(t, pairs), [*range(0, 2 * rank, 2), *range(1, 2 * rank, 2)]), rank
''',
    lambda args, kind_of: None,
)
helper(
    "_kron_left",
    '''
def _kron_left(t, a, b):
    """The adjoint of `a` for the adjoint `t` of `np.kron(a, b)`."""
    blocks, rank = _kron_blocks(t, a, b)
    return np.reshape(np.sum(blocks * b, axis=tuple(range(rank, 2 * rank))), np.shape(a))
''',
    lambda args, kind_of: None,
    needs=("_kron_blocks",),
)
helper(
    "_kron_right",
    '''
def _kron_right(t, a, b):
    """The adjoint of `b` for the adjoint `t` of `np.kron(a, b)`."""
    blocks, rank = _kron_blocks(t, a, b)
    weights = np.reshape(a, np.shape(blocks)[:rank] + (1,) * rank)
    return np.reshape(np.sum(blocks * weights, axis=tuple(range(rank))), np.shape(b))
''',
    lambda args, kind_of: None,
    needs=("_kron_blocks",),
)


# ----------------------------------------------------------------------- trace


def _trace_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x, offset = args
    kind = kind_of(x)
    if not isinstance(kind, Array) or len(kind.shape) != 2:
        return None
    if kind.shape[0] == kind.shape[1] and offset == Const(0):
        return template("t * np.eye(len(x))", t=t, x=x)
    return template("t * np.eye(*np.shape(x), k)", t=t, x=x, k=offset)


helper(
    "_trace_back",
    '''
def _trace_back(t, x, offset):
    """The adjoint of `x` for the adjoint `t` of its trace."""
    m, n = np.shape(x)[:2]
    eye = np.eye(m, n, offset)
    return np.reshape(eye, (m, n) + (1,) * np.ndim(t)) * t
''',
    _trace_back,
)
