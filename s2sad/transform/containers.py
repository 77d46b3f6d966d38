"""Containers in expressions: the parts of one, one put together from its parts, zeros in the form of one."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from s2sad.analysis.parts import part_of
from s2sad.ir import Attribute, Call, Const, DictOf, Expr, Global, Index, ListOf, Name, Opaque, Slice, TupleOf
from s2sad.kind import Array, Dim, Key, Kind, List, Number, Other, Record, Sequence, items_of, may_be_active
from s2sad.naming import Names
from s2sad.syntax import template, to_ast
from s2sad.traversal import names_in, substitute, walk

__all__ = [
    "REPLACE",
    "adjoint_key",
    "adjoint_kind",
    "assembled",
    "bar_name",
    "converted",
    "copied",
    "part_of_adjoint",
    "unpacked",
    "zero_of",
    "zeros_like",
]

REPLACE = Global("dataclasses.replace")
_WITH = Global("_with")


def unpacked(target: Expr, value: Expr) -> list[tuple[Expr, Expr]]:
    """What an assignment to `target` binds, tuples in tuples too, with the expressions of the values."""
    match target, value:
        case TupleOf(items=targets), TupleOf(items=values) if len(targets) == len(values):
            pairs = list(zip(targets, values, strict=True))
        case TupleOf(items=targets), _:
            pairs = [(item, Index(value, Const(k))) for k, item in enumerate(targets)]
        case _:
            return [(target, value)]
    return [pair for item, part in pairs for pair in unpacked(item, part)]


def assembled(kind: Kind, like: Expr, parts: Mapping[Key, Expr]) -> Expr:
    """A container of the kind of `like` made of `parts`. A dataclass or namedtuple is made from `like` itself, so that its
    class need not be named.
    """
    items = tuple(parts.values())
    keywords = tuple((str(key), value) for key, value in parts.items())
    match kind:
        case Sequence(type="tuple"):
            return TupleOf(items)
        case Sequence():
            return ListOf(items)
        case Record(type="namedtuple"):
            return Call(Attribute(like, "_replace"), (), keywords)
        case Record(type="dataclass"):
            while isinstance(like, Call) and like.func == REPLACE and {key for key, _ in like.keywords} <= {*parts}:
                like = like.args[0]
            return Call(REPLACE, (like,), keywords)
        case Record(type="object"):
            return Call(_WITH, (like,), keywords)
    return DictOf(tuple(parts), items)


# ----------------------------------------------------------------------- zeros


def zero_of(node: Expr, kind: Kind) -> Expr:
    """A zero tangent for the value of `node`, in the form of the value."""
    match kind:
        case Number(dtype=dtype):
            return Const(0j if dtype.startswith("complex") else 0.0)
        case Array():
            return template("np.zeros_like(x)", x=node)
        case Other():
            return Const(None)
        case Sequence() | Record():
            parts = {key: zero_of(part_of(node, key, kind), item) for key, item in items_of(kind) or ()}
            return assembled(kind, node, parts)
        case List(item=Number()):
            return template("[0.0] * len(x)", x=node)
        case List(item=item):
            return _for_each(node, item, zero_of)
    return template("_zeros(x)", x=node)


def zeros_like(node: Expr, kind: Kind) -> Expr:
    """Zeros for the adjoint of `node`, in the form in which that is kept: see `adjoint_kind`."""
    match kind:
        case Sequence() | Record():
            parts = {key: zeros_like(part_of(node, key, kind), item) for key, item in items_of(kind) or ()}
            return assembled(adjoint_kind(kind), node, parts)
        case List(item=item) if not isinstance(item, Number):
            return _for_each(node, item, zeros_like)
        case Array(dtype="float64", shape=shape) if shape and (sizes := _written(shape)) is not None:
            return Call(Global("numpy.zeros"), (sizes[0] if len(sizes) == 1 else TupleOf(sizes),))
    return zero_of(node, kind)


def _written(shape: tuple[Dim, ...]) -> tuple[Expr, ...] | None:
    """The sizes of a shape, if each is one number in all worlds."""
    numbers = tuple(dim[0] for dim in shape if dim is not None and len(set(dim)) == 1)
    return tuple(map(Const, numbers)) if len(numbers) == len(shape) else None


def copied(node: Expr, kind: Kind, helper: str = "_own") -> Expr:
    """A copy of the adjoint `node` down to its arrays, in the form in which adjoints are kept; `helper` makes one of what
    is not known.
    """
    match kind:
        case Array():
            return Call(Attribute(node, "copy"))
        case Sequence(type="list", items=items) if _is_slice(node) and all(isinstance(k, Number) for k in items):
            return node
        case List(item=Number()) if _is_slice(node):
            return node
        case Sequence() | Record():
            parts = {key: copied(part_of(node, key, kind), item, helper) for key, item in items_of(kind) or ()}
            return assembled(adjoint_kind(kind), node, parts)
        case List(item=Number()):
            return Call(Attribute(node, "copy"))
        case List(item=Array() as item):
            return _for_each(node, item, copied)
        case Number() if helper == "_own" and not may_be_active(kind):
            # From elsewhere the adjoint of an integer may be None.
            return Const(0.0)
        case Number() | Other():
            return node
    # A part of an element may have no adjoint, which is None there.
    return Call(Global(helper), (node,))


def kept(node: Expr, kind: Kind) -> Expr:
    """A copy of the value `node` down to its arrays."""
    return copied(node, kind, "_kept")


def _is_slice(node: Expr) -> bool:
    return isinstance(node, Index) and isinstance(node.index, Slice)


def converted(bar: Expr, kind: Kind, primal: Expr) -> Expr:
    """The adjoint `bar` of `primal` from the form in which it is kept in that of `kind`."""
    if _is_kept(kind):
        return bar
    match kind:
        case Number(dtype=dtype):
            return Call(Global(f"numpy.{dtype}"), (bar,))
        case Sequence(type="tuple", items=items) if all(map(_is_kept, items)):
            return Call(Global("tuple"), (bar,))
        case List(item=item):
            return _converted_list(bar, item, primal)
        case Sequence() | Record():
            own = adjoint_kind(kind)
            pairs = zip(items_of(kind) or (), items_of(own) or (), strict=True)
            parts = {
                key: converted(part_of(bar, place, own), item, part_of(primal, key, kind))
                for (key, item), (place, _) in pairs
                if may_be_active(item) or not _has_attributes(kind)
            }
            return assembled(kind, primal, parts)
    return template("_like(t, x)", t=bar, x=primal)


def _converted_list(bar: Expr, item: Kind, primal: Expr) -> Expr:
    names = Names([*names_in(bar), *names_in(primal)])
    element, own = Name(names.unique("item")), Name(names.unique("item_bar"))
    value = converted(own, item, element)
    if element in walk(value):
        pairs = Call(Global("zip"), (primal, bar))
        return _comprehension(value, f"{element.id}, {own.id}", pairs)
    return _comprehension(substitute(value, {own: element}), element.id, bar)


def _has_attributes(kind: Kind) -> bool:
    return isinstance(kind, Record) and kind.has_attributes


def _is_kept(kind: Kind) -> bool:
    """True for what has the form of its adjoint."""
    match kind:
        case Number(dtype=dtype):
            return not may_be_active(kind) or dtype in ("float", "float64", "complex", "complex128")
        case Sequence() | Record() | List():
            return adjoint_kind(kind) == kind and all(map(_is_kept, _items(kind)))
    return isinstance(kind, Array | Other)


def _items(kind: Kind) -> tuple[Kind, ...]:
    return (kind.item,) if isinstance(kind, List) else tuple(item for _, item in items_of(kind) or ())


def _for_each(node: Expr, item: Kind, made: Callable[[Expr, Kind], Expr]) -> Expr:
    """A list of what is made of each element of the list `node`, which are of the kind `item`."""
    element = Names(names_in(node)).unique("item")
    value = made(Name(element), item)
    return _comprehension(value, element if element in names_in(value) else "_", node)


def _comprehension(value: Expr, element: str, sequence: Expr) -> Expr:
    """`[value for element in sequence]`."""
    called = dict.fromkeys(part for part in walk(value) if isinstance(part, Global))
    reads = tuple((f"f{number}", part) for number, part in enumerate(called))
    named: dict[Expr, Expr] = {part: Name(name) for name, part in reads}
    text = ast.unparse(to_ast(substitute(value, named), lambda ref: ""))
    return Opaque(f"[{text} for {element} in sequence]", (*reads, ("sequence", sequence)))


def adjoint_kind(kind: Kind) -> Kind:
    """The form in which the adjoint of a container is kept, so that its parts can be changed: a list for a tuple, named or
    not, a dict for a dataclass.
    """
    match kind:
        case Sequence(items=items) | Record(type="namedtuple", items=items):
            return Sequence("list", tuple(map(adjoint_kind, items)))
        case Record(items=items):
            return replace(kind, type="dict", name="", made="", items=tuple(map(adjoint_kind, items)))
        case List(item=item):
            return replace(kind, item=adjoint_kind(item))
    return kind


def adjoint_key(kind: Kind, key: Key) -> Key:
    """What the part `key` of a container of this kind goes by in its adjoint."""
    return kind.keys.index(key) if isinstance(kind, Record) and kind.type == "namedtuple" and key in kind.keys else key


def part_of_adjoint(bar: Expr, key: Key, of: Kind, kind: Kind) -> Expr:
    """The part of the adjoint `bar`, which has the kind `kind`, that belongs to the part `key` of a value of the kind `of`."""
    return part_of(bar, key if isinstance(kind, Record) and key in kind.keys else adjoint_key(of, key), kind)


def bar_name(name: str, others: Iterable[str], names: Names) -> str:
    """A name for the adjoint of a variable or of a part of one: `W_bar` for `params["W"]`, `hidden_W_bar` for
    `params["hidden"]["W"]` if another of the `others`, the parts of the same variable, ends like it, `pair_0_bar` for
    `pair[0]`.
    """
    root, *path = words = re.findall(r"\w+", name)
    if not path or path[0].isdigit():
        return names.unique(f"{'_'.join(words)}_bar")
    alone = not path[-1].isdigit() and [re.findall(r"\w+", other)[-1] for other in others].count(path[-1]) == 1
    wish = f"{path[-1] if alone else '_'.join(path)}_bar"
    return names.unique(f"{root}_{wish}" if names.taken(wish) else wish)
