"""The kind of every expression, found by evaluating it on small arrays.

No function's shape rule is written down: NumPy itself is asked, once in each world of sizes. What depends on contents (a
boolean mask, an integer nobody knows) is evaluated with two different fillings; where the sizes then differ, they are
unknown.
"""

from __future__ import annotations

import ast
import math
import operator
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import combinations, count
from types import SimpleNamespace
from typing import Any

import numpy as np

from s2sad.analysis.changes import is_change, kind_of_change
from s2sad.analysis.comprehensions import comprehension
from s2sad.analysis.loops import Elements, element_kind, is_iterator, iteration
from s2sad.analysis.parts import construction, looked_up, merged, replacement, slice_of
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
    children,
    names_in,
    noted,
    rebuild,
    walk,
)
from s2sad.kind import (
    WORLDS,
    Array,
    Derived,
    Dim,
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
    dims_of,
    fields_of,
    item_of,
    items_of,
    join,
    join_all,
    map_dims,
    may_be_one,
    taken,
)
from s2sad.rules import helpers, registry
from s2sad.rules.sizes import kind_for_all
from s2sad.syntax import to_ast, variable

__all__ = ["NOTHING", "KindOf", "decided", "is_library_function", "kind_of", "kinds_in", "library_function"]

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
            return Other("str")
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
        case Call(func=Global(dotted="list"), args=(iterator,), keywords=()) if is_iterator(iterator):
            return List(element_kind(iteration(iterator), kind_of))
        case Call(func=Global(dotted="sorted"), args=(part,)) if isinstance(kind_of(part), List | Sequence | Array):
            return List(element_kind(iteration(part), kind_of))
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
    return kind_for_all(node) or found if isinstance(found, Unknown) else found


def _kind_by_operands(node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]) -> Kind:
    skeleton, leaves = _skeleton(node)
    kinds = tuple(kind_of(leaf, env, returns, known) for leaf in leaves)
    joined = _kind_of_lists_joined(node, env, returns, known)
    if joined is not None:
        return joined
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
        case Index(index=index), (Array(dtype=dtype, shape=(_, *rest)), Number(dtype="int")) if not (
            isinstance(index, _CONSTRUCTORS)
        ):
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
    found = _evaluate(skeleton, kinds)
    return _unified(skeleton, kinds) if found is None else found


def _kind_of_lists_joined(
    node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]
) -> Kind | None:
    """The kind of two lists or tuples one after the other, or of one some times, whatever their elements are."""
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
            return not isinstance(kinds[0], Other)
        case Call():
            return False
    return not any(isinstance(kind, Other) for kind in kinds)


#: What functions return whatever they are given.
_ALWAYS = {
    "len": Number("int"),
    "int": Number("int"),
    "float": Number("float"),
    "bool": Number("bool"),
    "str": Other("str"),
}


def _kind_of_unknown(node: Expr, kinds: tuple[Kind, ...]) -> Kind:
    """An elementwise operation on values of one unknown shape, and scalars, has that shape; a length is an integer."""
    match node:
        case Call(func=Global(dotted=dotted)) if dotted in _ALWAYS:
            return _ALWAYS[dotted]
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


# ------------------------------------------------------------------ evaluation


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


@lru_cache(maxsize=1)
def _namespace() -> dict[str, Any]:
    import cmath
    import copy

    space: dict[str, Any] = {"numpy": np, "math": math, "cmath": cmath, "copy": copy, "operator": operator}
    space.update(helpers.functions())
    return space


def _with_scipy() -> dict[str, Any]:
    """The same with what the user has imported: functions of SciPy have rules only of his own."""
    space = _namespace()
    if "scipy" in sys.modules:
        space["scipy"] = sys.modules["scipy"]
    return space


@lru_cache(maxsize=4096)
def library_function(dotted: str) -> object:
    """What a dotted name of the core libraries, or a builtin, refers to; None if there is none."""
    try:
        return eval(dotted, _with_scipy())
    except (NameError, AttributeError, SyntaxError):
        return None


@lru_cache(maxsize=65536)
def _evaluate(skeleton: Expr, kinds: tuple[Kind, ...]) -> Kind | None:
    """The kind of an operation on operands of these kinds; None if it fails in some world."""
    tree = ast.fix_missing_locations(ast.Expression(to_ast(skeleton, lambda node: getattr(node, "dotted", ""))))
    code = compile(tree, "<kind>", "eval")
    results: list[list[Any]] = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for world in range(WORLDS):
            fillings = (0, 1, 2) if any(map(_has_contents, kinds)) else (0,)
            try:
                results.append([_evaluate_in(code, kinds, world, filling) for filling in fillings])
            except Exception:
                # Sizes that do not fit, or sample values outside of a function's domain.
                return None
    found = _kind_of_results(results)
    if isinstance(found, Number) and any(map(_is_float, kinds)):
        # A number that was rounded, say: which one depends on more than the samples tell.
        return Number(found.dtype)
    return found


def _is_float(kind: Kind) -> bool:
    match kind:
        case Number(dtype=dtype) | Array(dtype=dtype, shape=()):
            return dtype.startswith(("float", "longdouble"))
    return False


@lru_cache(maxsize=4096)
def _unified(skeleton: Expr, kinds: tuple[Kind, ...]) -> Kind:
    """The kind if an operation only succeeds where a size of the pattern is one that is written in the program.

    `np.zeros(3) + x` tells that `x` has 3 elements, or else that the function fails.
    """
    symbols = {dim for kind in kinds for dim in dims_of(kind) if dim is not None and len(set(dim)) > 1}
    found = set()
    for old in sorted(symbols):
        for size in sorted(size for size in _written(skeleton, kinds) if size > 1):
            result = _evaluate(skeleton, tuple(_with_size(kind, old, size) for kind in kinds))
            if result is not None:
                found.add(_of_multiples(skeleton, kinds, old, size, result))
    return found.pop() if len(found) == 1 else _of_unknown_sizes(skeleton, kinds)


def _written(skeleton: Expr, kinds: tuple[Kind, ...]) -> set[int]:
    """The sizes that are written in the program, as numbers or as shapes of operands, and how many elements these have."""
    numbers = [part.value for part in walk(skeleton) if isinstance(part, Const) and type(part.value) is int]
    shapes = [kind.shape for kind in kinds if isinstance(kind, Array)]
    known = [[dim[0] for dim in shape if dim is not None and len(set(dim)) == 1] for shape in shapes]
    counts = {math.prod(sizes) for sizes, shape in zip(known, shapes, strict=True) if len(sizes) == len(shape)}
    return {*numbers, math.prod(numbers)} | {size for sizes in known for size in sizes} | counts


def _of_multiples(skeleton: Expr, kinds: tuple[Kind, ...], old: Dim, size: int, result: Kind) -> Kind:
    """The kind, less what is different where a size is not `size` but a multiple of it, as in `x.reshape(-1, 2)`."""
    for factor in (2, 3, 5):
        other = _evaluate(skeleton, tuple(_with_size(kind, old, factor * size) for kind in kinds))
        result = result if other is None else join(result, other)
    return result


def _with_size(kind: Kind, old: Dim, size: int) -> Kind:
    return map_dims(kind, lambda dim: constant_dim(size) if dim == old else dim)


def _of_unknown_sizes(skeleton: Expr, kinds: tuple[Kind, ...]) -> Kind:
    """The kind if an operation only succeeds where an unknown size is one of those known, as that of `x` in `W @ x`; if it
    succeeds where all sizes are alike, its rank is known at least.
    """
    dims = {dim for kind in kinds for dim in dims_of(kind)}
    sizes = sorted(dim for dim in dims if dim is not None and len(set(dim)) > 1)
    if None in dims:
        # An axis of size 1 may be stretched to what an unknown size is.
        found = {_of_forced_sizes(skeleton, kinds, size) for size in sizes if not may_be_one(size)} - {None}
        if len(found) == 1:
            return found.pop() or Unknown()
    for size in sizes:
        kinds = _replaced(kinds, size, None)
    return _evaluate(skeleton, kinds) or Unknown()


#: A size that nothing else has.
_OTHER = (33, 37, 35)


def _of_forced_sizes(skeleton: Expr, kinds: tuple[Kind, ...], size: Dim) -> Kind | None:
    """The kind if all unknown sizes are `size`, less what may as well be different: of `W @ x` the length of `x` is one
    size of `W`, and nothing is known of the other.
    """
    result = _evaluate(skeleton, _replaced(kinds, None, size))
    unknown = sum(dim is None for kind in kinds for dim in dims_of(kind))
    groups = [group for k in (1, 2) for group in combinations(range(unknown), k)]
    for group in groups if result is not None else ():
        other = _evaluate(skeleton, _with_others(kinds, group, size))
        result = join(result, other) if result is not None and other is not None else result
    return result


def _with_others(kinds: tuple[Kind, ...], group: tuple[int, ...], size: Dim) -> tuple[Kind, ...]:
    """The kinds with `_OTHER` for the unknown sizes whose numbers are in `group`, and `size` for the rest."""
    numbers = count()

    def known(dim: Dim) -> Dim:
        if dim is not None:
            return dim
        return _OTHER if next(numbers) in group else size

    return tuple(map_dims(kind, known) for kind in kinds)


def _replaced(kinds: tuple[Kind, ...], old: Dim, new: Dim) -> tuple[Kind, ...]:
    return tuple(map_dims(kind, lambda dim: new if dim == old else dim) for kind in kinds)


def _evaluate_in(code: Any, kinds: tuple[Kind, ...], world: int, filling: int) -> Any:
    rng = np.random.default_rng(world)
    values = {f"_{i}": _sample(kind, world, _turned(kind, i, filling), rng) for i, kind in enumerate(kinds)}
    return eval(code, _with_scipy(), values)


def _turned(kind: Kind, position: int, filling: int) -> int:
    """The filling for one of several operands: two numbers of which nothing is known do not always have the same difference."""
    return _TURNS[position % len(_TURNS)][filling] if isinstance(kind, Number) else filling


_TURNS = ((0, 1, 2), (0, 2, 1), (1, 0, 2))


def _has_contents(kind: Kind) -> bool:
    """True if a value's contents, or its unknown sizes, can decide a shape."""
    match kind:
        case Number(dtype=dtype, values=values):
            return values is None and "int" in dtype
        case Array(dtype=dtype, shape=shape):
            return None in shape or dtype.startswith(("int", "uint", "bool"))
        case Sequence(items=items) | Record(items=items):
            return any(map(_has_contents, items))
        case List(item=item, length=length):
            return length is None or _has_contents(item)
    return False


def _sample(kind: Kind, world: int, filling: int, rng: np.random.Generator) -> Any:
    match kind:
        case Number(dtype=dtype, values=values):
            if values is not None:
                return _number(dtype, values[world])
            return _number(dtype, 2 + filling if "int" in dtype else rng.uniform(0.3, 0.9))
        case Array(dtype=dtype, shape=shape):
            return _array(dtype, tuple(_size(dim, world, filling) for dim in shape), filling, rng)
        case Sequence(type=name, items=items):
            samples = [_sample(item, world, filling, rng) for item in items]
            return tuple(samples) if name == "tuple" else samples
        case Record(type=name, keys=keys, items=items):
            parts: dict[Any, Any] = {
                key: _sample(item, world, filling, rng) for key, item in zip(keys, items, strict=True)
            }
            return parts if name == "dict" else SimpleNamespace(**parts)
        case Other(name="NoneType"):
            return None
        case List(item=item, length=length):
            return [_sample(item, world, filling, rng) for _ in range(_size(length, world, filling))]
    raise TypeError(kind)


def _size(dim: Dim, world: int, filling: int) -> int:
    return dim[world] if dim is not None else 5 + 3 * filling + world


def _number(dtype: str, value: Any) -> Any:
    if dtype in ("float", "int", "bool", "complex"):
        return {"float": float, "int": int, "bool": bool, "complex": complex}[dtype](value)
    return np.dtype(dtype).type(value)


def _array(dtype: str, shape: tuple[int, ...], filling: int, rng: np.random.Generator) -> Any:
    if dtype.startswith("bool"):
        return rng.uniform(size=shape) < (0.25, 0.5, 0.75)[filling]
    if dtype.startswith(("int", "uint")):
        return np.full(shape, 1 + filling, dtype)
    if dtype.startswith(("float", "complex")):
        return rng.uniform(0.3, 0.9, shape).astype(dtype)
    raise TypeError(dtype)


def _kind_of_results(results: list[list[Any]]) -> Kind:
    """What the results in all worlds, with all fillings, have in common."""
    every = [value for fillings in results for value in fillings]
    first = every[0]
    if any(type(value) is not type(first) for value in every):
        return Unknown()
    match first:
        case np.ndarray():
            if any(value.dtype != first.dtype or value.ndim != first.ndim for value in every):
                return Unknown()
            return Array(first.dtype.name, tuple(_dim(results, axis) for axis in range(first.ndim)))
        case np.generic():
            if any(value.dtype != first.dtype for value in every):
                return Unknown()
            return Number(first.dtype.name)
        case bool() | int() | float() | complex():
            name = type(first).__name__
            known = name == "int" and all(len(set(fillings)) == 1 for fillings in results)
            return Number(name, tuple(fillings[0] for fillings in results) if known else None)
        case tuple() | list():
            if any(len(value) != len(first) for value in every):
                return _kind_of_lists(results) if isinstance(first, list) else Unknown()
            columns = ([[value[i] for value in fillings] for fillings in results] for i in range(len(first)))
            items = tuple(map(_kind_of_results, columns))
            names = fields_of(type(first))
            if names is not None:
                return Record("namedtuple", type(first).__name__, names, items)
            return Sequence("list" if isinstance(first, list) else "tuple", items)
    # Anything else may hold what it was made from: an iterator over an array, say.
    inert = isinstance(first, str | bytes | type | np.dtype | slice | type(None))
    return Other(type(first).__name__) if inert else Unknown()


def _kind_of_lists(results: list[list[Any]]) -> Kind:
    """Lists whose length depends on the sizes."""
    items = {_kind_of_results([[item]]) for fillings in results for value in fillings for item in value}
    sizes = [{len(value) for value in fillings} for fillings in results]
    length = tuple(size.pop() for size in sizes) if all(len(size) == 1 for size in sizes) else None
    scalar = len(items) == 1 and all(isinstance(item, Number) for item in items)
    return List(items.pop(), length) if scalar else Unknown()


def _dim(results: list[list[Any]], axis: int) -> Dim:
    """The size of an axis in every world; unknown if it depends on contents, or is so small that a slice was cut off."""
    sizes = [{value.shape[axis] for value in fillings} for fillings in results]
    if any(len(size) != 1 for size in sizes):
        return None
    dim = tuple(size.pop() for size in sizes)
    return None if 0 in dim else dim
