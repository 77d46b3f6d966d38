"""The transpose of a linear expression: from the adjoint of its value to those of its leaves.

The walk goes from the root to each differential, as in Griewank & Walther, Evaluating Derivatives, ch. 3: a sum hands the
cotangent to its terms, a product multiplies it by the other factor, a linear function applies the transpose that its rule
names. The result says what is added to which adjoint; how (assigned, added, in place) is decided where it is placed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from s2sad.analysis.context import Context
from s2sad.analysis.parts import construction, key_of, part_of, replacement, slice_of
from s2sad.analysis.shapes import agree, covers, primal_of, shortest
from s2sad.ir import (
    Attribute,
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
    Slice,
    TupleOf,
    Unary,
)
from s2sad.kind import (
    Array,
    Kind,
    List,
    Number,
    Other,
    Record,
    Sequence,
    Unknown,
    dtype_of,
    is_complex,
    items_of,
    leaves_of,
    may_be_active,
    may_be_stretched,
)
from s2sad.naming import Names
from s2sad.rules import registry
from s2sad.rules.registry import Linear
from s2sad.simplify.algebra import simplify
from s2sad.simplify.shapes import with_simple_shapes, without_broadcasts, without_helpers
from s2sad.syntax import template
from s2sad.transform.containers import adjoint_kind, assembled, part_of_adjoint, zeros_like
from s2sad.transform.differential import is_linear, part, text_of
from s2sad.traversal import is_part, map_children, substitute
from s2sad.traversal import walk as parts_of

__all__ = [
    "Add",
    "Branch",
    "Contribution",
    "Let",
    "Scatter",
    "as_value",
    "merged",
    "pull",
    "selection",
    "substituted",
    "transpose",
]


@dataclass(frozen=True)
class Contribution:
    """One line of a pullback."""


@dataclass(frozen=True)
class Let(Contribution):
    """A cotangent that several contributions share gets a name."""

    name: str
    value: Expr


@dataclass(frozen=True)
class Add(Contribution):
    """`value` is added to the adjoint of the variable `name`; if `full`, it certainly has the shape of the variable."""

    name: str
    value: Expr
    full: bool = False


@dataclass(frozen=True)
class Scatter(Contribution):
    """`value` is added to the elements of the adjoint of `name` that the chain of indices selects."""

    name: str
    path: tuple[Expr, ...]
    value: Expr


@dataclass(frozen=True)
class Branch(Contribution):
    """Contributions that depend on a condition of the primal."""

    test: Expr
    then: tuple[Contribution, ...]
    orelse: tuple[Contribution, ...]


@dataclass(frozen=True)
class _Mask:
    """Where a cotangent counts: the elements at which `test` is `when`."""

    test: Expr
    when: bool


@dataclass
class _Walk:
    context: Context
    names: Names
    root: Expr | None = None
    lines: list[Contribution] = field(default_factory=list)


def transpose(linear: Expr, cotangent: Expr, context: Context, names: Names) -> tuple[Contribution, ...]:
    """What the adjoints of the leaves of `linear` receive for `cotangent`, the adjoint of its value."""
    walk = _Walk(context, names, linear)
    _pull(linear, cotangent, (), walk)
    return merged(walk.lines, context)


def pull(whole: Expr, linear: Expr, cotangent: Expr, context: Context, names: Names) -> tuple[Contribution, ...]:
    """The same where `cotangent` has the shape of `whole`, to which the value of `linear` is broadcast."""
    walk = _Walk(context, names, linear)
    if isinstance(linear, TupleOf | ListOf | DictOf) or isinstance(context.kind(linear), Sequence | List | Record):
        _pull(linear, cotangent, (), walk)
    else:
        _pull_operand(whole, linear, cotangent, (), walk)
    return merged(walk.lines, context)


def merged(lines: Iterable[Contribution], context: Context) -> tuple[Contribution, ...]:
    """Contributions to one place added up, where the last of them stands, and one name for what has several."""
    done: list[Contribution] = []
    for line in _named_once(lines):
        match line:
            case Add(name=name):
                old = next((i for i, other in enumerate(done) if isinstance(other, Add) and other.name == name), None)
            case Scatter(name=name, path=path):
                same = (i for i, other in enumerate(done) if isinstance(other, Scatter))
                old = next((i for i in same if (done[i].name, done[i].path) == (name, path)), None)  # type: ignore[attr-defined]
            case _:
                old = None
        if old is not None:
            before = done.pop(old)
            assert isinstance(before, Add | Scatter) and isinstance(line, Add | Scatter)
            if isinstance(before, Add) and isinstance(line, Add):
                line = replace(line, full=before.full or line.full)
            line = replace(line, value=_added(before.value, line.value, context.kind_of_name(line.name), context))
        done.append(line)
    return tuple(done)


def _named_once(lines: Iterable[Contribution]) -> Iterator[Contribution]:
    """The lines with one name for what has several."""
    found: dict[Expr, Name] = {}
    names: dict[Expr, Expr] = {}
    for line in lines:
        line = substituted(line, names)
        if isinstance(line, Let) and line.value in found:
            names[Name(line.name)] = found[line.value]
            continue
        if isinstance(line, Let):
            found[line.value] = Name(line.name)
        yield line


def substituted(line: Contribution, kept: dict[Expr, Expr]) -> Contribution:
    """The contribution with expressions in what it adds replaced."""
    match line:
        case Let() | Add() | Scatter():
            return replace(line, value=substitute(line.value, kept))
        case Branch(then=then, orelse=orelse):
            sides = (tuple(substituted(inner, kept) for inner in side) for side in (then, orelse))
            return Branch(line.test, *sides)
    return line


def _added(a: Expr, b: Expr, kind: Kind, context: Context) -> Expr:
    """The sum of two contributions; of lists element by element."""
    listed = isinstance(kind, Sequence | List | Record)
    match a:
        case Binary(op="+", left=first, right=Binary(op="*", left=left, right=right) as last) if b == Binary(
            "*", right, left
        ):
            return Binary("+", first, _twice(last, context))
        case Binary(op="*", left=left, right=right) if b == Binary("*", right, left):
            return _twice(a, context)
    unclear = isinstance(kind, Unknown) and not any(isinstance(value, Binary | Unary) for value in (a, b))
    total = template("_add(x, y)", x=a, y=b) if listed or unclear else Binary("+", a, b)
    return simplify(without_helpers(total, context.kind), context.kind)


def _twice(product: Binary, context: Context) -> Expr:
    """`a * b + b * a`, with what is a number in front: that is multiplied first."""
    if not isinstance(context.kind(product.left), Number):
        product = Binary("*", product.right, product.left)
    return Binary("*", Const(2), product)


def _pull(node: Expr, ct: Expr, masks: tuple[_Mask, ...], walk: _Walk) -> None:
    match node:
        case D(id=name) if walk.context.is_split(name):
            _pull_parts(name, _masked(ct, masks, walk), walk)
        case D(id=name):
            walk.lines.append(Add(name, _cast(_masked(ct, masks, walk), node, walk)))
        case Unary(op="-", operand=operand):
            _pull(operand, _tidy(Unary("-", ct), walk), masks, walk)
        case Binary(op="+" | "-" as op, left=left, right=right):
            _pull_sum(node, op, left, right, ct, masks, walk)
        case Conditional(test=test, then=then, orelse=orelse):
            _pull_choice(test, then, orelse, ct, masks, walk)
        case Call() if registry.is_selection(registry.key_of(node)):
            _pull_where(node, ct, masks, walk)
        case Index():
            _pull_index(node, _masked(ct, masks, walk), walk)
        case Attribute() if key_of(node, walk.context.kind) is not None:
            _pull_index(node, _masked(ct, masks, walk), walk)
        case TupleOf() | ListOf() | DictOf():
            _pull_items(node, _masked(ct, masks, walk), walk)
        case Call() if (made := construction(node, walk.context.kind)) is not None:
            _pull_construction(node, made[1], _masked(ct, masks, walk), walk)
        case Call() if (found := replacement(node)) is not None:
            _pull_replacement(*found, _masked(ct, masks, walk), walk)
        case _:
            _pull_linear(node, ct, masks, walk)


def _pull_parts(name: str, ct: Expr, walk: _Walk) -> None:
    """Each part of a container that is taken apart has its part of the cotangent."""
    shared, kind = _shared(ct, walk), walk.context.kind_of_name(name)
    for key, item in items_of(kind) or ():
        if may_be_active(item):
            own = part_of_adjoint(shared, key, kind, walk.context.kind(shared))
            _pull(D(walk.context.part(name, key)), own, (), walk)


def _pull_items(node: TupleOf | ListOf | DictOf, ct: Expr, walk: _Walk) -> None:
    """Each element of a tuple, list or dict has its element of the cotangent."""
    is_list = isinstance(node, ListOf) and _is_end(ct)
    shared = _shared(ct, walk) if len(node.items) > 1 and not is_list else ct
    keys = node.keys if isinstance(node, DictOf) else range(len(node.items))
    for key, item in zip(keys, node.items, strict=True):
        if is_linear(item):
            own = _of_end(ct, key, walk) if is_list else part_of(shared, key, walk.context.kind(shared))
            _pull(item, own, (), walk)


def _is_end(ct: Expr) -> bool:
    """True for the elements of a variable from some place on, `x[len(y):]`."""
    match ct:
        case Index(
            value=Name(), index=Slice(lower=Call(func=Global(dotted="len"), args=(Name(),)), upper=None, step=None)
        ):
            return True
    return False


def _of_end(ct: Expr, position: str | int, walk: _Walk) -> Expr:
    assert isinstance(ct, Index) and isinstance(ct.index, Slice) and ct.index.lower is not None
    start = ct.index.lower
    return Index(ct.value, Binary("+", start, Const(position)) if position else start)


def _pull_construction(node: Expr, parts: dict[str, Expr], ct: Expr, walk: _Walk) -> None:
    """Each field of a dataclass or namedtuple has its part of the cotangent."""
    shared, kind = _shared(ct, walk), walk.context.kind(node)
    for key, own in parts.items():
        if is_linear(own):
            _pull(own, part_of_adjoint(shared, key, kind, walk.context.kind(shared)), (), walk)


def _pull_replacement(record: Expr, parts: dict[str, Expr], ct: Expr, walk: _Walk) -> None:
    """The fields that are replaced have their parts of the cotangent, the record has the others."""
    shared, kind = _shared(ct, walk), walk.context.kind(record)
    for key, _ in items_of(kind) or ():
        own = (
            parts[str(key)]
            if str(key) in parts
            else part(record, key, kind, walk.context)
            if is_linear(record)
            else None
        )
        if own is not None and is_linear(own):
            _pull(own, part_of_adjoint(shared, key, kind, walk.context.kind(shared)), (), walk)


def _pull_sum(node: Expr, op: str, left: Expr, right: Expr, ct: Expr, masks: tuple[_Mask, ...], walk: _Walk) -> None:
    both = is_linear(left) and is_linear(right)
    shared = _shared(ct, walk) if both else ct
    if is_linear(left):
        _pull_operand(node, left, shared, masks, walk)
    if is_linear(right):
        _pull_operand(node, right if op == "+" else Unary("-", right), shared, masks, walk)


def _pull_choice(test: Expr, then: Expr, orelse: Expr, ct: Expr, masks: tuple[_Mask, ...], walk: _Walk) -> None:
    shared = _shared(ct, walk)
    sides = []
    for side in (then, orelse):
        inner = _Walk(walk.context, walk.names)
        if is_linear(side):
            _pull(side, shared, masks, inner)
        sides.append(tuple(inner.lines))
    walk.lines.append(Branch(test, *sides))


def _pull_where(node: Call, ct: Expr, masks: tuple[_Mask, ...], walk: _Walk) -> None:
    """The mask is applied where the cotangent arrives: an infinity in the branch not taken never meets a zero."""
    test, then, orelse = node.args
    shared = _shared(ct, walk) if is_linear(then) and is_linear(orelse) else ct
    for side, when in ((then, True), (orelse, False)):
        if is_linear(side):
            _pull_operand(node, side, shared, (*masks, _Mask(test, when)), walk)


def _masked(ct: Expr, masks: tuple[_Mask, ...], walk: _Walk) -> Expr:
    for mask in masks:
        text = "np.where(c, t, 0)" if mask.when else "np.where(c, 0, t)"
        ct = template(text, c=mask.test, t=ct)
    return _tidy(ct, walk)


def _pull_operand(node: Expr, operand: Expr, ct: Expr, masks: tuple[_Mask, ...], walk: _Walk) -> None:
    """Hand a cotangent of the shape of `node` to its operand: sum over what was broadcast."""
    if agree(node, operand, walk.context):
        _pull(operand, ct, masks, walk)
        return
    like = primal_of(operand)
    full = template("_unbroadcast(t, y, x)", t=_masked(ct, masks, walk), y=primal_of(node), x=like)
    _pull(operand, _tidy(full, walk), (), walk)


# ------------------------------------------------------------- linear functions


def _pull_linear(node: Expr, ct: Expr, masks: tuple[_Mask, ...], walk: _Walk) -> None:
    key = registry.key_of(node)
    for entry in registry.linear_rules(key or ""):
        bound = registry.bind(entry.signature, node)
        if isinstance(bound, str):
            continue
        active = [name for name, arg in bound.items() if is_linear(arg)]
        kinds = {name: walk.context.kind(arg) for name, arg in bound.items()}
        if set(active) <= set(entry.transposes) and (entry.when is None or entry.when(bound, kinds)):
            _apply(entry, active, dict(bound), node, ct, masks, walk)
            return
    raise walk.context.refusal("S204", f"s2sad has no transpose for `{text_of(primal_of(node))}`", node)


def _apply(
    entry: Linear,
    active: list[str],
    bound: dict[str, Expr],
    node: Expr,
    ct: Expr,
    masks: tuple[_Mask, ...],
    walk: _Walk,
) -> None:
    primal = {name: primal_of(arg) for name, arg in bound.items()}
    if not entry.elementwise:
        ct, masks = _masked(ct, masks, walk), ()
        if not (
            entry.lazy and isinstance(walk.context.kind(ct), Number) and isinstance(walk.context.kind(node), Array)
        ):
            ct = _full(ct, node, walk)
    if len(active) > 1 or any(isinstance(bound[name], TupleOf | ListOf) for name in active):
        ct = _shared(ct, walk)
    for name in active:
        parts = {**primal, f"{entry.signature.result}_bar": ct, entry.signature.result: primal_of(node)}
        back = _tidy(template_of(entry.transposes[name], parts), walk)
        operand = bound[name]
        if entry.elementwise:
            _pull_operand(node, operand, back, masks, walk)
        elif isinstance(operand, D) and not walk.context.is_split(operand.id):
            walk.lines.append(Add(operand.id, _cast(back, operand, walk), full=not entry.lazy))
        else:
            _pull(operand, back, (), walk)


def template_of(expression: Expr, parts: dict[str, Expr]) -> Expr:
    """A rule's expression with its names replaced."""
    if isinstance(expression, Name):
        return parts.get(expression.id, expression)
    return registry.without_defaults(map_children(expression, lambda child: template_of(child, parts)))


def _full(ct: Expr, node: Expr, walk: _Walk) -> Expr:
    """A cotangent may be a scalar that stands for an array of equal elements; a linear function needs the array."""
    context = walk.context
    if node is walk.root and isinstance(context.kind(node), Unknown):
        # The adjoint of the whole has its full shape, a number where the whole is one.
        return ct
    if isinstance(context.kind(node), Number) or agree_with_cotangent(ct, node, walk):
        return ct
    return _tidy(template("_broadcast(t, y)", t=ct, y=primal_of(node)), walk)


def agree_with_cotangent(ct: Expr, node: Expr, walk: _Walk) -> bool:
    """True if the cotangent has the full shape of the value it belongs to."""
    kind, wanted = walk.context.kind(ct), walk.context.kind(node)
    match kind, wanted:
        case Number(), Array(shape=shape):
            return shape == ()
        case Array(shape=s), Array(shape=t):
            return len(s) == len(t) and not any(map(may_be_stretched, s, t))
        case Number(), _:
            return False
    return True


# --------------------------------------------------------------------- indices


def _pull_index(node: Index | Attribute, ct: Expr, walk: _Walk) -> None:
    found = selection(node, walk.context)
    if found is not None:
        walk.lines.append(Scatter(*found, _cast(ct, node, walk)))
        return
    index = _index_of(node, walk.context)
    assert index is not None
    _pull(node.value, _among_zeros(node, index, ct, walk), (), walk)


def _among_zeros(node: Index | Attribute, index: Expr, ct: Expr, walk: _Walk) -> Expr:
    """The cotangent of a value of which only the element `index` has one."""
    whole = primal_of(node.value)
    kind = walk.context.kind(whole)
    match kind, index:
        case Sequence() | Record(), Const(value=key) if key in dict(items_of(kind) or ()):
            full = _full(ct, node, walk)
            parts = {
                own: full if own == key else zeros_like(part_of(whole, own, kind), item)
                for own, item in items_of(kind) or ()
            }
            return assembled(adjoint_kind(kind), whole, parts)
        case Sequence() | Record(), _:
            reason = f"cannot differentiate an element of `{text_of(whole)}`, which has no name"
            raise walk.context.refusal("S202", reason, whole, "assign it to a variable first")
    return template("_scatter(t, i, x)", t=ct, i=as_value(index), x=whole)


def selection(node: Expr, context: Context) -> tuple[str, tuple[Expr, ...]] | None:
    """The variable whose differential `node` selects elements of, and the indices from outside in; of an array all but the
    last select a view.
    """
    path: tuple[Expr, ...] = ()
    while isinstance(node, Index | Attribute):
        index = _index_of(node, context)
        if index is None or (path and not is_basic(index, context)):
            return None
        path = _of_slice(context.kind(node.value), index, path) or (index, *path)
        node = node.value
    return (node.id, path) if isinstance(node, D) else None


def _of_slice(kind: Kind, index: Expr, path: tuple[Expr, ...]) -> tuple[Expr, ...] | None:
    """The path to an element of some consecutive elements of a list: a slice of a list is a copy."""
    numbers = slice_of(index)
    if numbers is None or not path or not isinstance(kind, Sequence) or not isinstance(path[0], Const):
        return None
    places = range(len(kind.items))[numbers]
    position = path[0].value
    is_inside = type(position) is int and -len(places) <= position < len(places)
    return (Const(places[position]), *path[1:]) if is_inside else None


def _index_of(node: Index | Attribute, context: Context) -> Expr | None:
    """The index of an element; a part of a container by its key."""
    key = key_of(node, context.kind)
    if key is not None:
        return Const(key)
    return node.index if isinstance(node, Index) else None


def as_value(index: Expr) -> Expr:
    """An index as an argument: slices become calls of `slice`."""
    match index:
        case Slice(lower=lower, upper=upper, step=step):
            parts = tuple(Const(None) if part is None else part for part in (lower, upper, step))
            return Call(Global("slice"), parts if step is not None else parts[:2])
        case TupleOf(items=items):
            return TupleOf(tuple(map(as_value, items)))
    return index


def is_basic(index: Expr, context: Context) -> bool:
    """True for an index that NumPy answers with a view or an element: slices, integers, None and Ellipsis."""
    match index:
        case Slice() | Const():
            return True
        case TupleOf(items=items):
            return all(is_basic(item, context) for item in items)
    return isinstance(context.kind(index), Number) or context.kind(index) == Other("str")


# -------------------------------------------------------------------- plumbing


def _tidy(node: Expr, walk: _Walk) -> Expr:
    context = walk.context
    done = without_broadcasts(without_helpers(node, context.kind), lambda a, b: covers(a, b, context))
    return simplify(with_simple_shapes(done, lambda e: shortest(e, context)), context.kind)


def _shared(ct: Expr, walk: _Walk) -> Expr:
    """A name for a cotangent that is used more than once, unless it is as short as one, or is taken apart."""
    is_short = is_part(ct) or (isinstance(ct, Unary) and isinstance(ct.operand, Name))
    if is_short or isinstance(ct, Const | TupleOf | ListOf | DictOf):
        return ct
    name = walk.names.unique("t_bar")
    walk.context.note(name, walk.context.kind(ct))
    walk.lines.append(Let(name, ct))
    return Name(name)


def _cast(ct: Expr, node: Expr, walk: _Walk) -> Expr:
    """A cotangent in the precision of its variable; the real part of it where the variable is real."""
    have, want = dtype_of(walk.context.kind(ct)), dtype_of(walk.context.kind(node))
    if have is None and want is not None and not is_complex(want) and _meets_complex(ct, walk):
        return template("np.real(t)", t=ct)
    if have is None or want is None or have == want:
        return ct
    if is_complex(have) and not is_complex(want):
        return _cast(template("np.real(t)", t=ct), node, walk)
    if (
        isinstance(walk.context.kind(ct), Array)
        and want.startswith(("float3", "float1", "complex6"))
        and have != "float"
    ):
        return Call(Attribute(ct, "astype"), (Global(f"numpy.{want}"),))
    return ct


def _meets_complex(ct: Expr, walk: _Walk) -> bool:
    """True if a cotangent of unknown kind may be complex: the function has complex variables, or the line computes with
    complex numbers.
    """
    kinds = [*walk.context.kinds.values(), *walk.context.extra.values()]
    kinds += (walk.context.kind(part) for whole in (ct, walk.root) if whole is not None for part in parts_of(whole))
    return any(is_complex(dtype_of(leaf)) for kind in kinds for _, leaf in leaves_of("", kind))
