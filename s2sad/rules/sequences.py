"""Lists one after the other, and some times."""

from __future__ import annotations

from s2sad.ir import Expr, ListOf, TupleOf
from s2sad.kind import Array, Kind, List, Number, Sequence, Unknown, join_all
from s2sad.rules.helpers import KindOf, helper
from s2sad.rules.registry import linear, shallow
from s2sad.syntax import template

__all__: list[str] = []

shallow("_joined", "_repeated")


def _kind_of_repeated(kinds: tuple[Kind, ...]) -> Kind:
    match kinds[0]:
        case Sequence(items=items):
            return List(join_all(items))
        case List(item=item):
            return List(item)
    return kinds[0]


def _kind_of_joined(kinds: tuple[Kind, ...]) -> Kind:
    match kinds:
        case Sequence(type=name, items=first), Sequence(items=second):
            return Sequence(name, (*first, *second))
        case (List() | Sequence(type="list") as first, List() | Sequence(type="list") as second):
            items = [*_items(first), *_items(second)]
            return List(join_all(tuple(items)))
    return Unknown()


def _items(kind: List | Sequence) -> tuple[Kind, ...]:
    return (kind.item,) if isinstance(kind, List) else kind.items


helper(
    "_joined",
    '''
def _joined(x, y):
    """Two lists one after the other."""
    return x + y
''',
    lambda args, kind_of: None,
    fresh=True,
    kind=_kind_of_joined,
)
linear("z = _joined(x, y)", "x_bar = z_bar[:len(x)]", "y_bar = z_bar[len(x):]", jointly=True, lists=True)

helper(
    "_repeated",
    '''
def _repeated(x, n):
    """The list `x`, `n` times."""
    return x * n
''',
    lambda args, kind_of: None,
    fresh=True,
    kind=_kind_of_repeated,
)
linear("y = _repeated(x, n)", "x_bar = _repeated_back(y_bar, x)", "n_bar = 0", lists=True)


def _repeated_back(args: tuple[Expr, ...], kind_of: KindOf) -> Expr | None:
    t, x = args
    match x:
        case TupleOf(items=(item,)) | ListOf(items=(item,)) if isinstance(kind_of(item), Number):
            return ListOf((template("sum(t)", t=t),))
        case TupleOf(items=(item,)) | ListOf(items=(item,)) if isinstance(kind_of(item), Array):
            return ListOf((template("sum(t, np.zeros_like(x))", t=t, x=item),))
    return None


def _kind_of_adjoint(kinds: tuple[Kind, ...]) -> Kind:
    match kinds[1]:
        case Sequence(items=items):
            return Sequence("list", items)
    return kinds[1]


helper(
    "_repeated_back",
    '''
def _repeated_back(t, x):
    """The adjoint of the list `x` from that of `x` some times."""
    return [sum(t[k :: len(x)], _zeros(item)) for k, item in enumerate(x)]
''',
    _repeated_back,
    needs=("_zeros",),
    fresh=True,
    kind=_kind_of_adjoint,
)
linear("y = _repeated_back(t, x)", "t_bar = _repeated(y_bar, len(t) // len(x))", "x_bar = 0", lists=True)
