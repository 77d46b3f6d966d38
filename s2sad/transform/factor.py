"""Terms of a differential that scale the same variable are put together: `4*dx*(1 - x) - 4*x*dx` is `(4*(1 - x) - 4*x)*dx`.

One multiplication of the tangent or adjoint instead of several, and for scalars the one preaccumulated factor that one
would write by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from s2sad.analysis.context import Context
from s2sad.ir import (
    Binary,
    Call,
    Conditional,
    Const,
    D,
    DictOf,
    Expr,
    Global,
    Index,
    ListOf,
    Name,
    Opaque,
    Slice,
    TupleOf,
    Unary,
)
from s2sad.kind import Kind, dtype_of
from s2sad.rules import registry
from s2sad.simplify.algebra import is_mask, simplify
from s2sad.transform.differential import is_linear
from s2sad.traversal import map_children, rebuild, substitute, walk

__all__ = ["factor", "scaling"]

_ONE = Const(1)
_ZERO = Const(0)


@dataclass(frozen=True)
class Scaling:
    """A linear expression of the form `coefficient * atom`, the atom being a differential or elements of one."""

    atom: Expr | None
    coefficient: Expr


def factor(node: Expr, value: Expr, context: Context) -> Expr:
    """The differential `node` of `value` with terms in the same variable collected, and simplified.

    The user's own subexpressions stay as they are: their values may be there already, under a name.
    """
    own: dict[Expr, Expr] = {}
    for part in walk(value):
        if not isinstance(
            part, Name | Const | Global | Slice | TupleOf | ListOf | DictOf | Opaque
        ) and not _is_negative(part):
            own.setdefault(part, Name(f"@{len(own)}"))
    kinds = {name.id: context.kind(part) for part, name in own.items() if isinstance(name, Name)}
    known: dict[Expr, Kind] = {}

    def kind_of(expr: Expr) -> Kind:
        return context.kind_with(expr, kinds, known)

    short = substitute(node, own)
    done = simplify(_factor(short, kind_of), kind_of)
    return substitute(done, {name: part for part, name in own.items()})


def _is_negative(node: Expr) -> bool:
    """`-x` in the user's code: its sign may go elsewhere."""
    return isinstance(node, Unary) and node.op == "-"


def _factor(node: Expr, kind_of: Callable[[Expr], Kind]) -> Expr:
    if _is_atom(node) or not is_linear(node):
        return node
    inner = map_children(node, lambda child: _factor(child, kind_of))
    match inner:
        case Binary(op="+" | "-"):
            return _collected(inner, kind_of)
        case Conditional() | Call():
            found = scaling(inner, kind_of)
            return Binary("*", found.coefficient, found.atom) if found and found.atom is not None else inner
    return inner


def _terms(node: Expr, sign: str) -> list[tuple[str, Expr]]:
    match node:
        case Binary(op="+" | "-" as op, left=left, right=right):
            flipped = sign if op == "+" else {"+": "-", "-": "+"}[sign]
            return _terms(left, sign) + _terms(right, flipped)
        case Unary(op="-", operand=operand):
            return _terms(operand, {"+": "-", "-": "+"}[sign])
    return [(sign, node)]


def _added(total: Expr | None, sign: str, term: Expr) -> Expr:
    if total is None:
        return term if sign == "+" else Unary("-", term)
    return Binary(sign, total, term)


def _collected(node: Expr, kind_of: Callable[[Expr], Kind]) -> Expr:
    """A sum with the scalings of one variable added up; as it was if nothing comes together."""
    terms = [(sign, term, scaling(term, kind_of)) for sign, term in _terms(node, "+")]
    atoms = [found.atom for _, _, found in terms if found]
    if len(atoms) == len(set(atoms)):
        return node
    total: Expr | None = None
    done: set[Expr] = set()
    for sign, term, found in terms:
        if found is None or found.atom is None or atoms.count(found.atom) == 1:
            total = _added(total, sign, term)
        elif found.atom not in done:
            done.add(found.atom)
            total = _added(total, "+", Binary("*", _sum_of(found.atom, terms, kind_of), found.atom))
    assert total is not None
    return total


def _sum_of(atom: Expr, terms: list[tuple[str, Expr, Scaling | None]], kind_of: Callable[[Expr], Kind]) -> Expr:
    total: Expr | None = None
    for sign, _, found in terms:
        if found is not None and found.atom == atom:
            total = _added(total, sign, _as_number(found.coefficient, kind_of))
    assert total is not None
    return total


def _as_number(coefficient: Expr, kind_of: Callable[[Expr], Kind]) -> Expr:
    """A mask as zeros and ones: the sum of two masks is no mask, and their difference is refused by NumPy."""
    if dtype_of(kind_of(coefficient)) == "bool" or is_mask(coefficient):
        return Binary("*", Const(1.0), coefficient)
    return coefficient


def scaling(node: Expr, kind_of: Callable[[Expr], Kind]) -> Scaling | None:
    """`node` as a multiple of one differential, element by element; None if it is anything else."""
    match node:
        case D() | Index() if _is_atom(node):
            return Scaling(node, _ONE)
        case Unary(op="-", operand=operand):
            return _mapped(scaling(operand, kind_of), lambda k: Unary("-", k))
        case Binary(op="*", left=left, right=right) if not is_linear(right):
            return _mapped(scaling(left, kind_of), lambda k: right if k == _ONE else Binary("*", k, right))
        case Binary(op="*", left=left, right=right) if not is_linear(left):
            return _mapped(scaling(right, kind_of), lambda k: left if k == _ONE else Binary("*", left, k))
        case Binary(op="/", left=left, right=right) if not is_linear(right):
            return _mapped(scaling(left, kind_of), lambda k: Binary("/", k, right))
        case Binary(op="+" | "-" as op, left=left, right=right):
            return _joined(scaling(left, kind_of), scaling(right, kind_of), lambda a, b: Binary(op, a, b))
        case Conditional(then=then, orelse=orelse):
            return _choice(node, then, orelse, kind_of)
        case Call(args=(_, then, orelse)) if registry.is_selection(registry.key_of(node)):
            return _choice(node, then, orelse, kind_of)
    return None


def _mapped(found: Scaling | None, function: Callable[[Expr], Expr]) -> Scaling | None:
    return None if found is None else Scaling(found.atom, function(found.coefficient))


def _joined(a: Scaling | None, b: Scaling | None, function: Callable[[Expr, Expr], Expr]) -> Scaling | None:
    if a is None or b is None or a.atom != b.atom:
        return None
    return Scaling(a.atom, function(a.coefficient, b.coefficient))


def _choice(node: Expr, then: Expr, orelse: Expr, kind_of: Callable[[Expr], Kind]) -> Scaling | None:
    """A choice between multiples of one variable, or a multiple and zero, is a multiple by a choice."""
    sides = [Scaling(None, _ZERO) if _is_zero(side) else scaling(side, kind_of) for side in (then, orelse)]
    atoms = {side.atom for side in sides if side is not None and side.atom is not None}
    if None in sides or len(atoms) != 1:
        return None
    if not isinstance(atom := atoms.pop(), D) and any(map(_is_zero, (then, orelse))):
        # An element may only be there where it is taken: `u[i - 1] if i > 0 else 0.0`.
        return None
    if isinstance(node, Call) and any(map(_is_zero, (then, orelse))):
        # A mask, not a factor 0: what is not taken stays 0 though it is multiplied by an infinity elsewhere.
        return None
    coefficients = tuple(side.coefficient for side in sides if side is not None)
    if isinstance(node, Call) and all(isinstance(coefficient, Const) for coefficient in coefficients):
        # An array of two numbers would be of double precision whatever it multiplies.
        return None
    if isinstance(node, Conditional):
        # Chosen from whole numbers alone, a derivative would be one.
        return Scaling(atom, Conditional(node.test, *map(_as_float, coefficients)))
    assert isinstance(node, Call)
    return Scaling(atom, rebuild(node, (node.func, node.args[0], *coefficients)))


def _as_float(coefficient: Expr) -> Expr:
    match coefficient:
        case Const(value=int() as number):
            return Const(float(number))
    return coefficient


def _is_atom(node: Expr) -> bool:
    """True for a differential, and for elements of one."""
    match node:
        case D():
            return True
        case Index(value=value, index=index):
            return _is_atom(value) and not is_linear(index)
    return False


def _is_zero(node: Expr) -> bool:
    return isinstance(node, Const) and node.value == 0
