"""The kind of every expression, found by evaluating it on small arrays.

No function's shape rule is written down: NumPy itself is asked, once in each world of sizes. What depends on contents (a
boolean mask, an integer nobody knows) is evaluated with two different fillings; where the sizes then differ, they are
unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from s2sad.analysis.changes import is_change, kind_of_change
from s2sad.analysis.comprehensions import comprehension
from s2sad.analysis.cuts import with_sizes_of_uncut
from s2sad.analysis.evaluation import evaluated, library_function, unified
from s2sad.analysis.loops import Elements, Range, element_kind, is_iterator, iteration
from s2sad.analysis.parts import construction, looked_up, merged, replacement, slice_of
from s2sad.analysis.text import TEXT, kind_of_text
from s2sad.ir import (
    Attribute,
    Binary,
    Bool,
    Call,
    ClassRef,
    Closure,
    Compare,
    Conditional,
    Const,
    D,
    DictOf,
    Expr,
    Global,
    Index,
    Lambda,
    ListOf,
    Name,
    Opaque,
    Operator,
    Result,
    Routine,
    Slice,
    Starred,
    TupleOf,
    Unary,
    noted,
)
from s2sad.kind import (
    WORLDS,
    Array,
    Derived,
    FunctionValue,
    Kind,
    Library,
    List,
    Never,
    Number,
    Other,
    Record,
    Sequence,
    Unknown,
    constant_dim,
    item_of,
    items_of,
    join,
    join_all,
    taken,
)
from s2sad.rules import helpers, registry
from s2sad.rules.contexts import gives_object
from s2sad.rules.sizes import kind_for_all
from s2sad.syntax import variable
from s2sad.traversal import children, names_in, rebuild

__all__ = [
    "NOTHING",
    "KindOf",
    "decided",
    "is_library_function",
    "kind_of",
    "kinds_in",
]

#: None where a variable has no value yet: nothing is known of it by that.
NOTHING = Global("None")

Returns = Callable[[Call, Mapping[str, Kind]], Kind]
KindOf = Callable[[Expr], Kind]

_CONSTRUCTORS = (TupleOf, ListOf, Slice, Starred)
#: Calls that are evaluated with what they are an argument of: what is unknown in a shape is so for both.
_PARTS = ("slice", "numpy.shape")


def kind_of(
    node: Expr, env: Mapping[str, Kind], returns: Returns | None = None, known: dict[Expr, Kind] | None = None
) -> Kind:
    """The kind of an expression whose variables have the kinds `env`; `returns` knows the program's own functions.

    `known` remembers the kinds of subexpressions, as long as `env` stays as it is.
    """
    if known is None:
        known = {}
    found = known.get(node)
    if found is None:
        names = _decides(node)
        if names is None:
            found = _kind_of(node, env, returns, known)
        else:
            kinds = tuple([env.get(name, _ANYTHING) for name in names])
            found = _kind_by_itself(node, names, kinds, registry.edition())
        known[node] = found
    return found


def kinds_in(env: Mapping[str, Kind], returns: Returns | None = None) -> KindOf:
    """The kind of an expression as a function, where `env` stays as it is: each is found once."""
    known: dict[Expr, Kind] = {}
    return lambda node: kind_of(node, env, returns, known)


_ANYTHING = Unknown()


@noted
def _decides(node: Expr) -> tuple[str, ...] | None:
    """The variables whose kinds decide that of an operation; None where there is more, such as functions of the program, and
    where there is nothing to find out.
    """
    return None if isinstance(node, Name | Const | Global) or _asks_more(node) else tuple(dict.fromkeys(names_in(node)))


@noted
def _asks_more(node: Expr) -> bool:
    """True if the kind depends on more than those of the variables, such as functions of the program."""
    if isinstance(node, D | Result | Opaque | Lambda | Closure | Operator | Routine | ClassRef):
        return True
    if isinstance(node, Call) and not isinstance(node.func, Global | Attribute):
        return True
    return any(map(_asks_more, children(node)))


@lru_cache(maxsize=32768)
def _kind_by_itself(node: Expr, names: tuple[str, ...], kinds: tuple[Kind, ...], rules: int) -> Kind:
    """The kind of an operation on variables of these kinds; `rules` is the edition of those that hold."""
    return _kind_of(node, dict(zip(names, kinds, strict=True)), None, {})


def _kind_of(node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]) -> Kind:
    match node:
        case D(id=name) if name not in env and not name.isidentifier():
            return kind_of(variable(name), env, returns, known)
        case Name(id=name) | D(id=name):
            return env.get(name, Unknown())
        case Const(value=value):
            return _kind_of_constant(value)
        case Call() if is_change(node):
            return kind_of_change(node, lambda part: kind_of(part, env, returns, known))
        case Call() | Binary(op="|") if (
            made := _kind_of_made(node, lambda part: kind_of(part, env, returns, known))
        ) is not None:
            return made
        case Conditional():
            return _kind_of_choice(node, lambda part: kind_of(part, env, returns, known))
        case Call(func=Routine()):
            return returns(node, env) if returns else Unknown()
        case Call(func=Global(dotted=dotted), args=args) if (position := registry.like(dotted)) is not None:
            return kind_of(args[position], env, returns, known)
        case Call(args=(_, _, *_) as args, keywords=()) if registry.is_choice(node):
            kinds = tuple(kind_of(arg, env, returns, known) for arg in args)
            if all(isinstance(kind, Number) for kind in kinds):
                return join_all(kinds)
            return _kind_of_operation(node, env, returns, known)
        case Closure() | Operator() | Routine():
            return _kind_of_function(node, env, returns, known)
        case Call(func=Name() | Closure() | Operator() | Call() | Index() as func) if returns and isinstance(
            kind_of(func, env, returns, known), FunctionValue
        ):
            return returns(node, env)
        case Compare() | Bool() | Unary(op="not"):
            return _kind_of_test(node, env, returns, known)
        case TupleOf() | ListOf() | DictOf() | Index() | Attribute():
            return _kind_of_container(node, env, returns, known)
        case Opaque(text=text) if text.startswith(("f'", 'f"')):
            return TEXT
        case Opaque():
            return _kind_of_comprehension(node, env, returns)
        case Global() if node == NOTHING:
            return Never()
        case Global(dotted=dotted):
            return _kind_of_global(dotted)
        case Starred() | Result() | ClassRef():
            return Unknown()
    return _kind_of_operation(node, env, returns, known)


def _kind_of_choice(node: Conditional, kind_of: KindOf) -> Kind:
    taken = decided(node.test, kind_of)
    if taken is not None:
        return kind_of(node.then if taken else node.orelse)
    return join(kind_of(node.then), kind_of(node.orelse))


def _kind_of_container(node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]) -> Kind:
    """The kind of a tuple, list or dict that is written out, and of a part of something."""

    def kind(part: Expr) -> Kind:
        return kind_of(part, env, returns, known)

    match node:
        case TupleOf(items=items) | ListOf(items=items) if any(isinstance(item, Starred) for item in items):
            return _kind_of_spread(node, items, kind)
        case TupleOf(items=items):
            return Sequence("tuple", tuple(map(kind, items)))
        case ListOf(items=items):
            return Sequence("list", tuple(map(kind, items)))
        case DictOf(keys=keys, items=items):
            return Record("dict", "", keys, tuple(map(kind, items)))
        case Index() | Attribute():
            part = _kind_of_part(node, kind(node.value), kind)
            return _kind_of_operation(node, env, returns, known) if part is None else part
    raise TypeError(node)


_NEVER_NONE = Number | Array | Sequence | List | Record | FunctionValue
_COMPARED: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _kind_of_spread(node: Expr, items: tuple[Expr, ...], kind_of: KindOf) -> Kind:
    """The kind of a display with stars in it."""
    found: list[Kind] = []
    known = True
    for item in items:
        whole = kind_of(item.value) if isinstance(item, Starred) else Sequence("tuple", (kind_of(item),))
        match whole:
            case Sequence(items=own):
                found += own
            case List() | Array(shape=(_, *_)):
                found.append(element_kind(Elements(item.value if isinstance(item, Starred) else item), kind_of))
                known = False
            case _:
                return Unknown()
    if known:
        return Sequence("tuple" if isinstance(node, TupleOf) else "list", tuple(found))
    return List(join_all(tuple(found))) if isinstance(node, ListOf) else Unknown()


def decided(test: Expr, kind_of: KindOf) -> bool | None:
    """What a test for None, for a key of a dict, or for the length of a tuple or dict gives, where the kinds tell; None where
    they do not.
    """
    match test:
        case Compare(left=Call(func=Global("len"), args=(value,)), ops=(op,), rights=(Const(value=int(number)),)):
            length = _length(kind_of(value))
            return _COMPARED[op](length, number) if length is not None and op in _COMPARED else None
        case Name() | Index() | Attribute():
            length = _length(kind_of(test))
            return None if length is None else length > 0
        case Call(func=Global("isinstance"), args=(value, Global("numpy.ndarray"))):
            return False if isinstance(kind_of(value), Number) else None
        case Compare(left=value, ops=("is" | "is not" as op,), rights=(Const(value=None),)):
            kind = kind_of(value)
            if kind == Other("NoneType"):
                return op == "is"
            return op == "is not" if isinstance(kind, _NEVER_NONE) else None
        case Compare(left=Const(value=key), ops=("in" | "not in" as op,), rights=(record,)):
            kind = kind_of(record)
            is_dict = isinstance(kind, Record) and kind.type == "dict"
            return (item_of(kind, key) is not None) == (op == "in") if is_dict else None
        case Unary(op="not", operand=operand):
            inner = decided(operand, kind_of)
            return None if inner is None else not inner
        case Bool(op=op, values=(first, *rest)):
            inner = decided(first, kind_of)
            if inner is not None and inner == (op == "or"):
                return inner
            others = [decided(value, kind_of) for value in rest]
            return None if inner is None or None in others else (any(others) if op == "or" else all(others))
    return None


def _length(kind: Kind) -> int | None:
    """The number of elements of a tuple or dict; None for what has none, and for a list, which may grow."""
    match kind:
        case Sequence(type="tuple", items=items) | Record(type="dict", items=items):
            return len(items)
    return None


def _kind_of_part(node: Index | Attribute, whole: Kind, kind_of: KindOf) -> Kind | None:
    """The kind of an element of a list or a part of a container; None for parts of anything else, and for slices."""
    parts = items_of(whole)
    match node:
        case Attribute(attr=attr):
            own = isinstance(whole, Record) and whole.has_attributes and item_of(whole, attr) is not None
            return dict(parts or ())[attr] if own else None
        case Index(index=Const(value=value)) if parts is not None:
            key = item_of(whole, value)
            return Unknown() if key is None else dict(parts)[key]
        case Index(index=Slice() as index):
            return _kind_of_slice(index, whole)
        case Index(index=index) if parts is not None and isinstance(kind_of(index), Number | Other):
            return join_all(tuple(item for _, item in parts))
        case Index(index=index) if isinstance(whole, List) and isinstance(kind_of(index), Number):
            return whole.item
    return None


def _kind_of_function(node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]) -> Kind:
    """The kind of a function as a value."""
    match node:
        case Routine(key=key):
            return FunctionValue(key)
        case Closure(key=key, captures=captures):
            kinds = tuple(kind_of(value, env, returns, known) for _, value in captures)
            return FunctionValue(key, tuple(name for name, _ in captures), kinds)
        case Operator(mode=mode, wrt=wrt, has_aux=has_aux, function=function):
            base = kind_of(function, env, returns, known)
            if isinstance(function, Global):
                base = FunctionValue(Library(function.dotted))
            if isinstance(base, FunctionValue):
                return replace(base, target=Derived(mode, wrt, has_aux, base.target))
    return Unknown()


def _kind_of_comprehension(node: Opaque, env: Mapping[str, Kind], returns: Returns | None) -> Kind:
    parts = comprehension(node)
    if parts is None:
        return Unknown()
    sequence = kind_of(parts.iterable, env, returns)
    inner = element_kind(iteration(parts.iterable), lambda part: kind_of(part, env, returns))
    item = kind_of(parts.element, {**env, parts.target: inner}, returns)
    return List(item, sequence.length if isinstance(sequence, List) else None)


def _kind_of_slice(index: Slice, whole: Kind) -> Kind | None:
    """The kind of some consecutive elements of a list or tuple; None for a slice of anything else."""
    match whole:
        case Sequence(items=items) if (numbers := slice_of(index)) is not None:
            return replace(whole, items=items[numbers])
        case Sequence(type="list", items=items):
            return List(join_all(items))
        case Sequence():
            return Unknown()
        case List(item=item) if not isinstance(item, Number | Array):
            return List(item)
    return None


def _kind_of_made(node: Expr, kind_of: KindOf) -> Kind | None:
    """The kind of a dataclass or namedtuple that is made by its class, or with some fields replaced; of a part of a dict that
    is looked up; of a list of what an iterator hands out, and of a
    sorted one.
    """
    match node:
        case Call(func=Global(dotted="list" | "sorted"), args=(part,)) if is_iterator(part) or isinstance(
            iteration(part), Range
        ):
            return List(element_kind(iteration(part), kind_of))
        case Call(func=Global(dotted="sorted"), args=(part,)) if isinstance(kind_of(part), List | Sequence | Array):
            return List(element_kind(iteration(part), kind_of))
        case Call(func=Global(dotted="list" | "tuple" as form), args=(TupleOf() | ListOf() as part,), keywords=()):
            # That what is in it is not known is no reason not to know how many it has.
            display = kind_of(part)
            return Sequence(form, display.items) if isinstance(display, Sequence) else None
    found = looked_up(node, kind_of) or merged(node, kind_of)
    if found is not None:
        return kind_of(found)
    match construction(node, kind_of), replacement(node):
        case (made, parts), _:
            pairs = zip(made.keys, made.defaults, strict=True)
            items = tuple(kind_of(parts[key]) if key in parts else default or Unknown() for key, default in pairs)
            return Record(made.type, made.name, made.keys, items, made.made)
        case _, (record, parts) if isinstance(whole := kind_of(record), Record):
            own = ((key, kind_of(parts[str(key)]) if key in parts else item) for key, item in items_of(whole) or ())
            return replace(whole, items=tuple(kind for _, kind in own))
    return None


def _kind_of_constant(value: object) -> Kind:
    if type(value) is int:
        return Number("int", (value,) * WORLDS)
    if isinstance(value, bool | float | complex):
        return Number(type(value).__name__)
    return Other(type(value).__name__)


@lru_cache(maxsize=1024)
def _kind_of_global(dotted: str) -> Kind:
    if is_library_function(dotted):
        return FunctionValue(Library(dotted))
    return _kind_of_constant(library_function(dotted))


def is_library_function(dotted: str) -> bool:
    """True for a function of a library, but for a class."""
    found = library_function(dotted)
    return callable(found) and not isinstance(found, type)


def _kind_of_test(node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]) -> Kind:
    """Comparisons of scalars are bools, of arrays arrays; `and`, `or` give one of their operands."""
    match node:
        case Unary():
            return Number("bool")
        case Bool(op=op, values=values):
            kinds = tuple(kind_of(value, env, returns, known) for value in values)
            nothing = Other("NoneType")
            return join_all(tuple(kind for kind in kinds[:-1] if op == "and" or kind != nothing) + kinds[-1:])
        case Compare(ops=ops) if len(ops) > 1 or ops[0] in ("is", "is not", "in", "not in"):
            return Number("bool")
    return _kind_of_operation(node, env, returns, known)


def _kind_of_operation(node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]) -> Kind:
    found = _kind_by_operands(node, env, returns, known)
    if isinstance(found, Unknown) and isinstance(node, Binary) and node.updates:
        own = kind_of(node.left, env, returns, known)
        is_list = isinstance(kind_of(node.right, env, returns, known), List | Sequence)
        return own if isinstance(own, Array) and own.shape and not is_list else found
    return kind_for_all(node) or found if isinstance(found, Unknown) else found


def _kind_by_operands(node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]) -> Kind:
    if gives_object(node):
        return Other("object")
    skeleton, leaves = _skeleton(node)
    kinds = tuple(kind_of(leaf, env, returns, known) for leaf in leaves)
    joined = _kind_of_lists_joined(node, env, returns, known)
    if joined is not None:
        return joined
    text = kind_of_text(node, lambda part: kind_of(part, env, returns, known))
    if text is not None:
        return text
    if any(isinstance(kind, Never) for kind in kinds):
        return Never()
    if any(isinstance(kind, Unknown) for kind in kinds):
        return _kind_of_unknown(node, kinds)
    match node, kinds:
        case Call(func=Attribute(attr="pop"), args=()), (List(item=item),) | (Sequence(type="list", items=(*_, item)),):
            return item
    args = node.args if isinstance(node, Call) else ()
    declared = helpers.kind_of_result(node, tuple(kind_of(arg, env, returns, known) for arg in args))
    if declared is not None:
        return declared
    if not _may_evaluate(node, kinds):
        return Unknown()
    match node, kinds:
        case Index(index=Slice()), (List(item=item), *_):
            return List(item)
        case Index(index=index), (Array(dtype=dtype, shape=(_, *rest)), Number() as place) if _is_position(
            place
        ) and not isinstance(index, _CONSTRUCTORS):
            # The positions in the worlds may lie outside of a small array.
            return Array(dtype, tuple(rest)) if rest else Number(dtype)
        case Index(index=index), (Array(dtype=dtype, shape=(_, *rest)), Array(dtype=other, shape=places)) if (
            other.startswith("int") and not isinstance(index, _CONSTRUCTORS)
        ):
            return Array(dtype, (*places, *rest))
        case Index(index=TupleOf(items=items)), (Array() as whole, *_):
            elements = taken(whole, tuple(kind_of(item, env, returns, known) for item in items))
            if elements is not None:
                return elements
            first = tuple(_first(item, kind_of(item, env, returns, known)) for item in items)
            if first != items:
                # As above: which position it is decides nothing.
                return kind_of(Index(node.value, TupleOf(first)), env, returns, known)
    found = evaluated(skeleton, kinds)
    if isinstance(node, Index) and kinds:
        found = with_sizes_of_uncut(found, skeleton, node.index, kinds, lambda part: kind_of(part, env, returns, known))
    return unified(skeleton, kinds) if found is None else found


def _first(index: Expr, kind: Kind) -> Expr:
    """0 for an index that is a number."""
    return Const(0) if _is_position(kind) and not isinstance(index, Const | Unary) else index


def _is_position(kind: Kind) -> bool:
    return isinstance(kind, Number) and kind.dtype.startswith(("int", "uint"))


def _kind_of_lists_joined(
    node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]
) -> Kind | None:
    """The kind of two lists or tuples one after the other, of one some times, of a copy, whatever their elements are."""
    if isinstance(node, Call) and node.func == Global("list") and len(node.args) == 1:
        whole = kind_of(node.args[0], env, returns, known)
        return whole if isinstance(whole, List) else None
    if not isinstance(node, Binary) or node.op not in ("+", "*"):
        return None
    match node.op, *(kind_of(part, env, returns, known) for part in (node.left, node.right)):
        case "+", Sequence(type=name, items=first), Sequence(type=other, items=second) if name == other:
            return Sequence(name, (*first, *second))
        case "+", List() | Sequence(type="list") as first, List() | Sequence(type="list") as second:
            return List(join_all((*_elements(first), *_elements(second))))
        case "*", Sequence(type=name, items=items), Number(values=(int() as times, *rest)) if {*rest} <= {times}:
            return Sequence(name, items * times)
        case "*", List() | Sequence(type="list") as whole, Number(values=times):
            size = constant_dim(len(whole.items)) if isinstance(whole, Sequence) else whole.length
            known_size = size is not None and times is not None
            length = tuple(m * n for m, n in zip(size or (), times or (), strict=True)) if known_size else None
            return List(join_all(_elements(whole)), length)
        case "*", Number(), List() | Sequence(type="list"):
            return _kind_of_lists_joined(Binary("*", node.right, node.left), env, returns, known)
    return None


def _elements(kind: List | Sequence) -> tuple[Kind, ...]:
    return (kind.item,) if isinstance(kind, List) else kind.items


def _may_evaluate(node: Expr, kinds: tuple[Kind, ...]) -> bool:
    """Only what has rules is evaluated: it has no effect. Objects of other types may do anything."""
    match node:
        case Call(func=Global(dotted=dotted)):
            pure = registry.known(dotted) or helpers.known(dotted)
            return pure or isinstance(library_function(dotted), np.ufunc)
        case Call(func=Attribute(attr=attr)):
            key = registry.method_key(attr)
            return key is not None and registry.known(key) and not isinstance(kinds[0], Other)
        case Attribute():
            # One of a library's own objects, as `np.add.at`, has no operands.
            return bool(kinds) and not isinstance(kinds[0], Other)
        case Call():
            return False
    return not any(isinstance(kind, Other) for kind in kinds)


#: What functions return whatever they are given.
_ALWAYS = {
    "len": Number("int"),
    "int": Number("int"),
    "float": Number("float"),
    "bool": Number("bool"),
    "str": TEXT,
    "repr": TEXT,
    "format": TEXT,
}


def _kind_of_unknown(node: Expr, kinds: tuple[Kind, ...]) -> Kind:
    """An elementwise operation on values of one unknown shape, and scalars, has that shape; a length is an integer."""
    match node:
        case Call(func=Global(dotted=dotted)) if dotted in _ALWAYS:
            return _ALWAYS[dotted]
        case Call(func=Global(dotted="min" | "max"), args=(Call(func=Global(dotted="range")),), keywords=(("key", _),)):
            return Number("int")
        case Index(value=Attribute(value=Name(), attr="shape"), index=Const()):
            return Number("int")
    tokens = {kind.token for kind in kinds if isinstance(kind, Unknown)}
    others = all(isinstance(kind, Number) for kind in kinds if not isinstance(kind, Unknown))
    if is_elementwise(node) and others and len(tokens) == 1:
        return Unknown(tokens.pop())
    return Unknown()


def is_elementwise(node: Expr) -> bool:
    """True for an operation that acts on each element by itself: arithmetic and NumPy's ufuncs."""
    match node:
        case Call(func=Global(dotted=dotted), keywords=()):
            function = library_function(dotted)
            return isinstance(function, np.ufunc) and function.signature is None
        case Unary(op=op):
            return op in "+-~"
        case Compare(ops=(op,)):
            return op not in ("is", "is not", "in", "not in")
        case Call() | Attribute() | Index():
            return False
        case Binary(op=op):
            return op != "@"
    return False


@noted
def _skeleton(node: Expr) -> tuple[Expr, tuple[Expr, ...]]:
    """The operation at the root with its operands replaced by placeholders, and the operands."""
    leaves: list[Expr] = []

    def leaf(child: Expr) -> Expr:
        if isinstance(child, Global):
            return replace(child, dotted=registry.stand_in_for(child.dotted))
        if isinstance(child, Const):
            return child
        if isinstance(child, _CONSTRUCTORS) or registry.key_of(child) in _PARTS:
            return rebuild(child, tuple(map(leaf, children(child))))
        leaves.append(child)
        return Name(f"_{len(leaves) - 1}")

    match node:
        case Call(func=Attribute(value=value, attr=attr), args=args, keywords=keywords):
            receiver = leaf(value)
            named = tuple((key, leaf(item)) for key, item in keywords)
            return Call(Attribute(receiver, attr), tuple(map(leaf, args)), named), tuple(leaves)
    return rebuild(node, tuple(map(leaf, children(node)))), tuple(leaves)
