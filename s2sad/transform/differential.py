"""The differential of an expression: what the rules say, put together by the chain rule.

The result is an expression linear in its leaves `D(name)`. Its tangent is the expression itself, read with tangents for
the leaves; its adjoint is its transpose (transform/transpose.py). Where the differential vanishes it is None.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace

from s2sad.analysis.changes import INCREASES, POPPED, is_change
from s2sad.analysis.comprehensions import comprehension
from s2sad.analysis.context import Context
from s2sad.analysis.kinds import is_elementwise
from s2sad.analysis.parts import construction, key_of, part_of, replacement, slice_of
from s2sad.analysis.shapes import agree, drops
from s2sad.ir import (
    Attribute,
    Binary,
    Bool,
    Call,
    Compare,
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
    Routine,
    Slice,
    Starred,
    TupleOf,
    Unary,
)
from s2sad.kind import (
    Array,
    Key,
    Kind,
    List,
    Number,
    Other,
    Record,
    RecordClass,
    Sequence,
    Unknown,
    dtype_of,
    items_of,
    may_be_active,
)
from s2sad.rules import helpers, registry
from s2sad.rules.complexes import makes_complex
from s2sad.rules.registry import Arguments, Linear, Rule
from s2sad.simplify.joined import CONCATENATED, REPEATED
from s2sad.syntax import template, to_ast
from s2sad.transform.containers import assembled, zero_of
from s2sad.traversal import children, map_children, rebuild, substitute, walk

__all__ = ["differential", "is_linear", "leaves", "part", "spread", "text_of"]


def differential(node: Expr, context: Context) -> Expr | None:
    """The differential of `node`, of the shape of `node`; None where it is zero. Refuses what has no rule."""
    if isinstance(node, Call) and is_change(node):
        return _of_change(node, context)
    result = _differential(node, context)
    return None if result is None else _of_type(_of_shape(result, node, context), node, context)


def is_linear(node: Expr) -> bool:
    """True if the expression contains a differential."""
    known: bool | None = getattr(node, "_is_linear", None)
    if known is None:
        known = isinstance(node, D) or any(map(is_linear, children(node)))
        object.__setattr__(node, "_is_linear", known)
    return known


def leaves(node: Expr) -> list[str]:
    """The variables whose differentials occur, in order, with repetitions."""
    return [part.id for part in walk(node) if isinstance(part, D)]


def text_of(node: Expr) -> str:
    """An expression as a person would read it in a message."""
    return ast.unparse(to_ast(node, _spelled))


def _spelled(ref: Global | Routine) -> str:
    """The name of a function as one calls it."""
    if isinstance(ref, Global):
        return ref.dotted
    name = re.split(r"[@$]", ref.key.split(":")[-1])[0].rpartition(".")[2]
    return name if name.isidentifier() else "lambda_"


def _of_change(node: Call, context: Context) -> Expr | None:
    """The differential of an object after a change: that of the object, changed likewise."""
    if not context.is_active(node):
        return None
    old, *rest = node.args
    own = _differential(old, context) or zero_of(old, context.kind(old))
    if node.func == POPPED:
        return Call(node.func, (own, *rest))
    *index, new = rest
    part = differential(new, context)
    is_kept = is_change(new) and (part is None or not is_change(part))
    if is_kept or (part is None and node.func in INCREASES):
        # What is added to the object, or to an element of it, carries no derivative.
        return own
    if part is None:
        part = Const(0.0) if isinstance(context.kind(old), Array) else zero_of(new, context.kind(new))
    return Call(node.func, (own, *index, part))


def _differential(node: Expr, context: Context) -> Expr | None:
    if not context.is_active(node):
        return None
    match node:
        case Name(id=name):
            return D(name)
        case Index(value=value) | Attribute(value=value) if (key := key_of(node, context.kind)) is not None:
            return _of_part(node, value, key, context)
        case Call() if (made := construction(node, context.kind)) is not None:
            return _of_construction(node, *made, context)
        case Call() if (found := replacement(node)) is not None and isinstance(context.kind(found[0]), Record):
            return _of_replacement(*found, context)
        case Conditional(test=test, then=then, orelse=orelse):
            return _of_choice(test, then, orelse, context)
        case TupleOf(items=items) | ListOf(items=items) | DictOf(items=items):
            return _of_items(node, items, context)
        case Index(value=value, index=index) if not isinstance(value, Global):
            whole = differential(value, context)
            return None if whole is None else _of_index(whole, value, index, context)
        case Compare() | Slice() | Unary(op="not"):
            return None
        case Binary() | Call() if _is_complex_of_unknown(node, context):
            # Real and imaginary parts are told apart by kinds alone.
            reason = "cannot differentiate complex values of unknown kind"
            raise context.refusal("S202", reason, node, "declare the kinds of the arguments: --arg or annotations")
        case Call(func=Global(dotted="operator.add"), args=(left, right)) if _is_list(left, context):
            return _differential(Binary("+", left, right, span=node.span), context)
        case Binary(left=left, right=right) if any(_is_list(part, context) for part in (node, left, right)):
            return _of_lists(node, context)
        case Binary(op="|", left=left, right=right) if any(_differential(part, context) for part in (left, right)):
            reason = f"cannot differentiate `{text_of(node)}`: the keys of these dicts are not known"
            raise context.refusal("S202", reason, node, "assign one key after the other")
        case Opaque() if _is_constant_comprehension(node, context):
            return None
        case Bool(op=op, values=(first, *rest)):
            # The value of one of the operands: the first that decides.
            other = Bool(op, tuple(rest), span=node.span) if len(rest) > 1 else rest[0]
            sides = (first, other) if op == "or" else (other, first)
            return _of_choice(first, *sides, context)
        case Opaque():
            _check_inactive(node, context)
            return None
        case Starred(value=value) if _differential(value, context) is None:
            return None
        case Starred():
            raise context.refusal(
                "S202",
                f"cannot differentiate `*` of `{text_of(node.value)}`, which is active",
                node,
                "name each element",
            )
        case Call(func=Routine(key=key)) if not registry.has_rule(node):
            name = key.split(":")[-1]
            raise context.refusal(
                "S202", f"cannot differentiate the call of `{name}` in this place", node, "give it a name first"
            )
    return _by_rule(node, context)


def _is_constant_comprehension(node: Opaque, context: Context) -> bool:
    """True for a list each of whose elements is a constant, such as `[np.zeros_like(x) for x in xs]`."""
    parts = comprehension(node)
    if parts is None:
        return False
    item = Index(parts.iterable, Const(0))
    return _differential(substitute(parts.element, {Name(parts.target): item}), context) is None


def _of_part(node: Expr, value: Expr, key: Key, context: Context) -> Expr | None:
    """The differential of a part of a container."""
    if not may_be_active(context.kind(node)):
        return None
    kind = context.kind(value)
    if isinstance(value, TupleOf | ListOf | DictOf):
        return _differential(part_of(value, key, kind), context)
    whole = differential(value, context)
    return None if whole is None else part(whole, key, kind, context)


def _of_construction(node: Call, made: RecordClass, parts: dict[str, Expr], context: Context) -> Expr | None:
    """The differential of a dataclass or namedtuple that is made by its class: of the same class, all fields given."""
    own = {key: differential(value, context) for key, value in parts.items()}
    if not any(part is not None for part in own.values()):
        return None
    zeros = {key: zero_of(value, context.kind(value)) for key, value in parts.items()}
    for key, default in zip(made.keys, made.defaults, strict=True):
        if key not in parts:
            if not isinstance(default, Number | Other):
                reason = f"cannot differentiate `{text_of(node)}`: the default of `{key}` is no number"
                raise context.refusal("S202", reason, node, "give each field")
            zeros[key] = zero_of(node, default)
    fields = tuple((key, own.get(key) or zeros[key]) for key in made.keys)
    return replace(node, args=node.args if isinstance(node.func, Global) else (), keywords=fields)


def _of_replacement(record: Expr, parts: dict[str, Expr], context: Context) -> Expr | None:
    """The differential of a dataclass or namedtuple with some fields replaced."""
    whole = differential(record, context)
    fields = {key: differential(value, context) for key, value in parts.items()}
    if whole is None and not any(part is not None for part in fields.values()):
        return None
    kind = context.kind(record)
    zeros = {key: zero_of(value, context.kind(value)) for key, value in parts.items()}
    new: dict[Key, Expr] = {key: part or zeros[key] for key, part in fields.items()}
    return assembled(kind, whole or zero_of(record, kind), new)


def _of_index(whole: Expr, value: Expr, index: Expr, context: Context) -> Expr | None:
    """An element or a slice of a differential; of one that is taken apart or written out, its parts."""
    match whole, index:
        case TupleOf(items=items) | ListOf(items=items), Const(value=int() as k) if -len(items) <= k < len(items):
            return items[k] if is_linear(items[k]) else None
    numbers, kind = slice_of(index), context.kind(value)
    is_apart = not isinstance(whole, D | Index | Attribute) or (isinstance(whole, D) and context.is_split(whole.id))
    if numbers is None or not isinstance(kind, Sequence) or not is_apart:
        return Index(whole, index)
    found = [(k, part(whole, k, kind, context)) for k in range(len(kind.items))[numbers]]
    items = tuple(zero_of(part_of(value, k, kind), kind.items[k]) if own is None else own for k, own in found)
    return TupleOf(items) if kind.type == "tuple" else ListOf(items)


def part(linear: Expr, key: Key, kind: Kind, context: Context) -> Expr | None:
    """The differential of a part of a container of the kind `kind` from that of the container; None where it is zero."""
    match linear:
        case D(id=name) if context.is_split(name):
            return D(context.part(name, key))
        case TupleOf() | ListOf() | DictOf():
            found = part_of(linear, key, kind)
            return found if is_linear(found) else None
        case Conditional(test=test, then=then, orelse=orelse):
            sides = (part(side, key, kind, context) if is_linear(side) else None for side in (then, orelse))
            return _choice(test, *sides)
        case Call() if (made := construction(linear, context.kind)) is not None:
            field = made[1][str(key)]
            return field if is_linear(field) else None
        case Call() if (replaced := replacement(linear)) is not None:
            record, fields = replaced
            own = fields.get(str(key)) if str(key) in fields else part(record, key, kind, context)
            return own if own is not None and is_linear(own) else None
    return part_of(linear, key, kind)


def spread(name: str, linear: Expr, context: Context) -> list[tuple[str, Expr]]:
    """What is assigned to a variable: its differential, or those of the parts of a container that is taken apart."""
    if not context.is_split(name):
        return [(name, linear)]
    kind = context.kind_of_name(name)
    found = ((key, part(linear, key, kind, context)) for key, item in items_of(kind) or () if may_be_active(item))
    return [pair for key, own in found if own is not None for pair in spread(context.part(name, key), own, context)]


def _of_choice(test: Expr, then: Expr, orelse: Expr, context: Context) -> Expr | None:
    """A choice between differentials; where the values are containers, zero is a container of zeros."""
    parts = [differential(side, context) for side in (then, orelse)]
    if not any(part is not None for part in parts):
        return None
    zeros = (_zero_side(side, context.kind(side)) for side in (then, orelse))
    return Conditional(test, *(zero if part is None else part for part, zero in zip(parts, zeros, strict=True)))


def _zero_side(side: Expr, kind: Kind) -> Expr:
    if isinstance(kind, Array):
        # What is done with the choice may look at the shape: an index, a product of matrices.
        return template("np.zeros_like(x)", x=side)
    return zero_of(side, kind)


def _is_complex_of_unknown(node: Expr, context: Context) -> bool:
    """True where a complex number enters an expression whose kind is unknown."""
    if not isinstance(context.kind(node), Unknown):
        return False
    kinds = (dtype_of(context.kind(part)) or "" for part in children(node))
    return makes_complex(node) or any(dtype.startswith(("complex", "clongdouble")) for dtype in kinds)


def _is_list(node: Expr, context: Context) -> bool:
    return isinstance(context.kind(node), Sequence | List)


def _of_lists(node: Binary, context: Context) -> Expr | None:
    """The differential of two lists or tuples one after the other, or of one some times."""
    parts = [differential(operand, context) for operand in (node.left, node.right)]
    if parts == [None, None]:
        return None
    match node.op, node.left, node.right:
        case "+", left, right if _is_list(left, context) and _is_list(right, context):
            pairs = zip(parts, (left, right), strict=True)
            own = tuple(zero_of(operand, context.kind(operand)) if part is None else part for part, operand in pairs)
            known = _elements_of(own, (left, right), node, context)
            return Call(CONCATENATED, own) if known is None else known
        case "*", whole, times if _is_list(whole, context) and parts[0] is not None:
            pass
        case "*", times, whole if _is_list(whole, context) and parts[1] is not None:
            parts.reverse()
        case _:
            reason = f"cannot differentiate `{node.op}` of lists or tuples"
            raise context.refusal("S202", reason, node, "make them arrays: np.array, np.concatenate")
    assert parts[0] is not None
    kind, length = context.kind(node), context.kind(whole)
    if isinstance(kind, Sequence) and isinstance(length, Sequence) and length.items:
        count = len(kind.items) // len(length.items)
        known = _elements_of((parts[0],) * count, (whole,) * count, node, context)
        if known is not None:
            return known
    return Call(REPEATED, (parts[0], times))


def _elements_of(linears: tuple[Expr, ...], operands: tuple[Expr, ...], node: Expr, context: Context) -> Expr | None:
    """What the differentials of these lists have as elements, all in one; None where they are not known one by one."""
    items: list[Expr] = []
    for linear, operand in zip(linears, operands, strict=True):
        kind = context.kind(operand)
        is_known = isinstance(linear, TupleOf | ListOf) or (isinstance(linear, D) and context.is_split(linear.id))
        if not is_known or not isinstance(kind, Sequence):
            return None
        parts = ((k, part(linear, k, kind, context)) for k in range(len(kind.items)))
        items += [zero_of(part_of(operand, k, kind), kind.items[k]) if own is None else own for k, own in parts]
    made = TupleOf if isinstance(kind := context.kind(node), Sequence) and kind.type == "tuple" else ListOf
    return made(tuple(items))


def _choice(test: Expr, then: Expr | None, orelse: Expr | None) -> Expr | None:
    if then is None and orelse is None:
        return None
    zero = Const(0.0)
    return Conditional(test, then or zero, orelse or zero)


def _of_items(node: TupleOf | ListOf | DictOf, items: tuple[Expr, ...], context: Context) -> Expr | None:
    parts = [differential(item, context) for item in items]
    if not any(part is not None for part in parts):
        return None
    filled = tuple(
        zero_of(item, context.kind(item)) if part is None else part for item, part in zip(items, parts, strict=True)
    )
    return replace(node, items=filled, span=None)


def _check_inactive(node: Opaque, context: Context) -> None:
    """Carried text has no derivative: its value must not be one that could."""
    if isinstance(context.kind(node), Other):
        return
    word = node.text.split("\n")[0]
    raise context.refusal(
        "S202", f"cannot differentiate through `{word}`, which reads active values", node, "write it as a loop"
    )


# ------------------------------------------------------------------- by rules


def _by_rule(node: Expr, context: Context) -> Expr | None:
    key = registry.key_of(node)
    args, _ = registry.operands(node)
    if _is_foreign(node, context):
        key = None
    if key is not None and registry.is_constant(key):
        return None
    if any(isinstance(context.kind(arg), Record) for arg in args) and not helpers.known(key or ""):
        key = None
    if not may_be_active(context.kind(node)):
        return None
    misfits = []
    entries: tuple[Rule | Linear, ...] = (*registry.rules_for(key or ""), *registry.linear_rules(key or ""))
    for entry in entries:
        bound = registry.bind(entry.signature, node)
        if isinstance(bound, str):
            misfits.append(bound)
        elif _applies(entry, bound, node, context):
            if isinstance(entry, Rule):
                return _like_the_value(_by_differential(entry, bound, node, context), node, context)
            return _by_linearity(entry, bound, node, context)
    raise _misfit(node, misfits[0], context) if misfits else _no_rule(node, args, context)


def _like_the_value(linear: Expr | None, node: Expr, context: Context) -> Expr | None:
    """The differentials of a namedtuple's fields, which a rule gives as a tuple, under their names."""
    kind = context.kind(node)
    if isinstance(linear, TupleOf) and isinstance(kind, Record):
        return assembled(kind, node, dict(zip(kind.keys, linear.items, strict=True)))
    return linear


def _applies(entry: Rule | Linear, bound: Arguments, node: Expr, context: Context) -> bool:
    """True if the condition of a rule, on its arguments and its result, holds."""
    if entry.when is None:
        return True
    kinds = {name: context.kind(arg) for name, arg in bound.items()}
    return entry.when(bound, {**kinds, entry.signature.result: context.kind(node)})


def _is_foreign(node: Expr, context: Context) -> bool:
    """A method or attribute of something that is certainly no array."""
    match node:
        case Call(func=Attribute(value=value)) | Attribute(value=value):
            return isinstance(context.kind(value), Other | Record)
    return False


def _no_rule(node: Expr, args: tuple[Expr, ...], context: Context) -> Exception:
    active = next((text_of(arg) for arg in args if context.is_active(arg)), text_of(node))
    match node:
        case Call(func=func):
            what = f"through `{text_of(func)}`"
        case Attribute(attr=attr):
            what = f"the attribute `.{attr}`"
        case _:
            what = f"`{text_of(node)}`"
    reason = f"cannot differentiate {what}: s2sad has no rule for it and `{active}` is active"
    rewrite = (
        "write it with functions that have a rule, give it one (s2sad.rule), or mark it constant (s2sad.stop_gradient)"
    )
    return context.refusal("S204", reason, node, rewrite)


def _misfit(node: Expr, what: str, context: Context) -> Exception:
    return context.refusal(
        "S205", f"cannot differentiate `{text_of(node)}`: its rule does not cover {what}", node, "leave it out"
    )


def _check_covered(covered: set[str], bound: Arguments, node: Expr, context: Context) -> None:
    for name, arg in bound.items():
        if name not in covered and context.carries(arg) and _differential(arg, context) is not None:
            reason = f"cannot differentiate `{text_of(node)}` with respect to its argument `{name}`, which is active"
            raise context.refusal("S205", reason, arg if arg.span else node, "make that argument a constant")


def _by_linearity(entry: Linear, bound: Arguments, node: Expr, context: Context) -> Expr | None:
    """The call itself with differentials for its arguments: all at once, or one after the other."""
    _check_covered({*entry.transposes, *entry.ignored}, bound, node, context)
    if isinstance(node, Call) and not entry.lists:
        node, bound = _with_arrays(node, bound, entry, context)
    parts = {name: _argument(bound[name], entry.elementwise, context) for name in entry.transposes}
    if all(part is None for part in parts.values()):
        return None
    if entry.jointly:
        for name, part in parts.items():
            node = _replaced(node, bound[name], part or _no_part(bound[name], entry, context))
        return node
    total: Expr | None = None
    for name, part in parts.items():
        if part is not None:
            term = _replaced(node, bound[name], part)
            total = term if total is None else Binary("+", total, term)
    return total


def _no_part(arg: Expr, entry: Linear, context: Context) -> Expr:
    """A zero for an argument that is constant, of its shape where no broadcasting gives it that."""
    kind = context.kind(arg)
    return Const(0) if entry.elementwise or isinstance(kind, Number) else zero_of(arg, kind)


def _with_arrays(node: Expr, bound: Arguments, entry: Linear, context: Context) -> tuple[Expr, Arguments]:
    """A call whose arguments that are lists are made arrays; an index or axes stay what they are."""
    counts = entry.transposes.keys()
    arrays = {name: _as_array(arg, context) if name in counts else arg for name, arg in bound.items()}
    for name, arg in bound.items():
        if arrays[name] is not arg:
            node = _replaced(node, arg, arrays[name])
    return node, arrays


def _argument(arg: Expr, elementwise: bool, context: Context) -> Expr | None:
    """The differential of an argument; an elementwise function broadcasts it, others need its full shape."""
    return _differential(arg, context) if elementwise else differential(arg, context)


def _replaced(node: Expr, old: Expr, new: Expr) -> Expr:
    """`node` with the operand `old` (that very object) replaced."""

    def swap(child: Expr) -> Expr:
        if child is old:
            return new
        if isinstance(child, Attribute) and child.value is old and isinstance(node, Call):
            return Attribute(new, child.attr)
        return child

    if isinstance(old, ListOf) and not any(child is old for child in children(node)) and isinstance(node, Call):
        return Call(
            node.func, (*node.args[: len(node.args) - len(old.items)], *getattr(new, "items", ())), node.keywords
        )
    return map_children(node, swap)


def _by_differential(rule: Rule, bound: Arguments, node: Expr, context: Context) -> Expr | None:
    names = {f"d{name}": name for name in rule.signature.names}
    used = {names[part.id] for part in walk(rule.differential) if isinstance(part, Name) and part.id in names}
    _check_covered(used, bound, node, context)
    elementwise = is_elementwise(node)
    if isinstance(node, Call):
        bound = {name: _as_array(arg, context) for name, arg in bound.items()}
    parts = {f"d{name}": _argument(bound[name], elementwise, context) for name in used}
    return _splice(rule.differential, parts, {**bound, rule.signature.result: node})


def _as_array(arg: Expr, context: Context) -> Expr:
    """The list that a function is given as the array it makes of it, so that the rule may calculate with it."""
    kind = context.kind(arg)
    if isinstance(kind, Sequence | List) and may_be_active(kind):
        return template("np.array(x)", x=arg)
    return arg


def _splice(node: Expr, parts: Mapping[str, Expr | None], values: Mapping[str, Expr]) -> Expr | None:
    """A rule's right-hand side with the user's expressions; None where the differentials in it are zero."""
    if isinstance(node, Name):
        return parts[node.id] if node.id in parts else values.get(node.id, node)
    if not any(isinstance(part, Name) and part.id in parts for part in walk(node)):
        return registry.without_defaults(map_children(node, lambda child: _splice(child, parts, values) or child))
    match node:
        case Binary(op="+" | "-" as op, left=left, right=right):
            return _sum(op, _splice(left, parts, values), _splice(right, parts, values))
        case Binary(op="*", left=Const(value=0)):
            return None
        case Conditional(test=test, then=then, orelse=orelse):
            choice = _splice(then, parts, values), _splice(orelse, parts, values)
            return _choice(_splice(test, parts, values) or test, *choice)
    spliced = [_splice(child, parts, values) for child in children(node)]
    if registry.is_selection(registry.key_of(node)) or isinstance(node, TupleOf):
        # A choice or a tuple of several differentials is zero only where all of them are.
        linear = [part for part in spliced if part is not None and is_linear(part)]
        spliced = [part or Const(0) for part in spliced] if linear else [None]
    if any(part is None for part in spliced):
        return None
    return registry.without_defaults(rebuild(node, tuple(part for part in spliced if part is not None)))


def _sum(op: str, left: Expr | None, right: Expr | None) -> Expr | None:
    if right is None:
        return left
    if left is None:
        return right if op == "+" else Unary("-", right)
    return Binary(op, left, right)


# ------------------------------------------------------------ shapes and types


def _of_type(linear: Expr, node: Expr, context: Context) -> Expr:
    """A differential in single precision where its primal is, though a mask or a constant has made it double."""
    have, want = context.kind(linear), context.kind(node)
    match have, want:
        case Array(dtype="float64"), Array(dtype="float32" | "float16" as single):
            return Call(Attribute(linear, "astype"), (Global(f"numpy.{single}"),))
    return linear


def _of_shape(linear: Expr, node: Expr, context: Context) -> Expr:
    """A differential broadcast to the shape of its primal, where an inactive operand gave it that shape."""
    kind = context.kind(node)
    if isinstance(kind, Number | List) or items_of(kind) is not None:
        return linear
    if agree(linear, node, context):
        return linear
    known = isinstance(context.kind(linear), Array | Number) and isinstance(context.kind(node), Array)
    if known or drops(linear, node, context):
        return template("_broadcast(x, y)", x=linear, y=node)
    return linear
