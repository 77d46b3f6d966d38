"""Vector forms: what an operation becomes where an operand has one more axis in front, with one direction in each row.

`batched("y = np.cumsum(x, axis=None)", "x", "np.cumsum(x, axis=_axis(axis, x))")`: the text computes, for the `x` with
the leading axis, all results at once. In it `_axis`, `_flat` and their like are *makers*: functions that write a part of
the expression when the ranks are known; none of them is left in generated code. Operations on each element need no text:
`aligned` operands only get axes of length 1 behind the leading one, where their rank is lower than the result's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from s2sad.ir import Call, Const, Expr, Global, Index, Name, Slice, TupleOf
from s2sad.kind import Array, Kind, List, Number, Sequence
from s2sad.rules import registry
from s2sad.rules.registry import Guard, Signature
from s2sad.syntax import parse, template
from s2sad.traversal import map_children, substitute

__all__ = [
    "Form",
    "Maker",
    "Operands",
    "align",
    "aligned",
    "array_of",
    "batched",
    "filled",
    "forms",
    "is_aligned",
    "is_plain",
    "keys",
    "lifted_form",
    "maker",
    "rank_of",
    "written",
]


@dataclass(frozen=True)
class Operands:
    """What is known of the operands of an operation on one direction, by their expressions in vector form.

    `count` is the number of directions, also in the texts.
    """

    kinds: Mapping[Expr, Kind]
    result: Kind
    count: Expr

    def rank(self, node: Expr) -> int | None:
        """The rank of an operand, without the leading axis."""
        return rank_of(self.kinds.get(node))

    def items(self, node: Expr) -> tuple[Kind, ...] | None:
        """The kinds of the elements of a list or tuple of known length."""
        kind = self.kinds.get(node)
        return kind.items if isinstance(kind, Sequence) else None


#: Writes a part of a vector form, from its arguments; None if it cannot.
Maker = Callable[[tuple[Expr, ...], Operands], Expr | None]


@dataclass(frozen=True)
class Form:
    """The vector form of a function where some of the parameters `of`, and no others, have the leading axis.

    `lifted`: the others of `of` are given the axis as well. `plain`: the result does not have it. `lists`: an operand may
    be a list; else it is made an array first.
    """

    signature: Signature
    of: frozenset[str]
    text: Expr
    when: Guard | None = field(default=None, compare=False)
    lifted: bool = False
    plain: bool = False
    lists: bool = False


_FORMS: dict[str, list[Form]] = {}
_LIFTED: dict[str, list[Form]] = {}
_ALIGNED: set[str] = set()
_MAKERS: dict[str, Maker] = {}


def batched(
    signature: str,
    of: str,
    text: str,
    when: Guard | None = None,
    *,
    lifted: bool = False,
    plain: bool = False,
    lists: bool = False,
) -> None:
    """Declare a vector form for the parameters named in `of`; several are tried in the order of their declaration."""
    read = registry.read_signature(signature)
    # `max` is a parameter of np.clip.
    params: dict[Expr, Expr] = {Global(name): Name(name) for name in read.params}
    expression = substitute(parse(text), params)
    form = Form(read, frozenset(of.split()), expression, when, lifted, plain, lists)
    _FORMS.setdefault(read.key, []).append(form)


def filled(signature: str, text: str, when: Guard | None = None) -> None:
    """Declare how an array of equal elements is made with `count` rows."""
    read = registry.read_signature(signature)
    _LIFTED.setdefault(read.key, []).append(Form(read, frozenset(), parse(text), when))


def aligned(*names: str) -> None:
    """Declare functions whose operands are broadcast against each other, each along its leading axis."""
    _ALIGNED.update(name.replace("np.", "numpy.", 1) for name in names)


def maker(name: str) -> Callable[[Maker], Maker]:
    """Declare the function that writes `name(…)` in the texts of forms."""

    def declare(function: Maker) -> Maker:
        _MAKERS[name] = function
        return function

    return declare


def forms(key: str) -> Iterator[Form]:
    """The vector forms of a function, in the order they are tried."""
    yield from _FORMS.get(registry.canonical(key), ())


def keys() -> list[str]:
    """Every function with a vector form, sorted."""
    return sorted(_FORMS)


def lifted_form(node: Expr, kind_of: Callable[[Expr], Kind], count: Expr) -> Expr | None:
    """The array that `node` makes, `count` times; None if that is not declared."""
    for form in _LIFTED.get(registry.canonical(registry.key_of(node) or ""), ()):
        bound = registry.bind(form.signature, node)
        if isinstance(bound, str):
            continue
        kinds = {name: kind_of(arg) for name, arg in bound.items()}
        if form.when is None or form.when(bound, kinds):
            operands = Operands({bound[name]: kind for name, kind in kinds.items()}, kind_of(node), count)
            return written(form.text, bound, operands)
    return None


def is_plain(key: str) -> bool:
    """True for a function that reads no more than the shape or type off an operand."""
    found = _FORMS.get(registry.canonical(key), ())
    return bool(found) and all(form.plain for form in found)


def is_aligned(key: str) -> bool:
    """True for a function of each element by itself, or of broadcast operands."""
    key = registry.canonical(key)
    return (
        key in _ALIGNED or registry.is_selection(key) or any(entry.elementwise for entry in registry.linear_rules(key))
    )


def written(text: Expr, parts: Mapping[str, Expr], operands: Operands) -> Expr | None:
    """The text of a form with its parameters replaced and its makers carried out; None if one of them cannot."""
    try:
        return registry.without_defaults(_written(text, {**parts, "count": operands.count}, operands))
    except _NotMade:
        return None


class _NotMade(Exception):
    pass


def _written(node: Expr, parts: Mapping[str, Expr], operands: Operands) -> Expr:
    match node:
        case Name(id=name):
            return parts.get(name, node)
        case Call(func=Global(dotted=name), args=args) if name in _MAKERS:
            made = _MAKERS[name](tuple(_written(arg, parts, operands) for arg in args), operands)
            if made is None:
                raise _NotMade
            return made
    return map_children(node, lambda child: _written(child, parts, operands))


def rank_of(kind: Kind | None) -> int | None:
    match kind:
        case Array(shape=shape):
            return len(shape)
        case Number():
            return 0
        case Sequence(items=(first, *_)) | List(item=first):
            inner = rank_of(first)
            return None if inner is None else inner + 1
    return None


def align(node: Expr, rank: int, wanted: int) -> Expr:
    """A batch of values of one rank, to be broadcast against a batch of values of a higher one."""
    if rank >= wanted or (rank == 0 and wanted == 0):
        return node
    return Index(node, TupleOf((Slice(), *(Const(None),) * (wanted - rank))))


def array_of(node: Expr, kind: Kind) -> Expr | None:
    """A list, or a list of lists, of batches as a batch of arrays."""
    depth = 0
    while isinstance(kind, Sequence | List):
        items = kind.items if isinstance(kind, Sequence) else (kind.item,)
        if not items:
            return None
        kind, depth = items[0], depth + 1
    if depth == 1:
        return template("np.stack(x, axis=1)", x=node)
    return template("np.moveaxis(np.array(x), n, 0)", x=node, n=Const(depth))
