"""The kind of every expression, found by evaluating it on small arrays.

No function's shape rule is written down: NumPy itself is asked, once in each world of sizes. What depends on contents (a
boolean mask, an integer nobody knows) is evaluated with two different fillings; where the sizes then differ, they are
unknown.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from s2sad.ir import (
    Attribute,
    Binary,
    Bool,
    Call,
    Compare,
    Conditional,
    Const,
    D,
    Expr,
    Global,
    Index,
    ListOf,
    Name,
    Opaque,
    Result,
    Routine,
    Slice,
    Starred,
    TupleOf,
    Unary,
    children,
    rebuild,
    walk,
)
from s2sad.kind import (
    WORLDS,
    Array,
    Dim,
    Kind,
    List,
    Never,
    Number,
    Other,
    Sequence,
    Unknown,
    constant_dim,
    dims_of,
    join,
    map_dims,
)
from s2sad.rules import helpers, registry
from s2sad.syntax import to_ast

__all__ = ["KindOf", "kind_of", "library_function"]

Returns = Callable[[Call, Mapping[str, Kind]], Kind]
KindOf = Callable[[Expr], Kind]

_CONSTRUCTORS = (TupleOf, ListOf, Slice, Starred)


def kind_of(
    node: Expr, env: Mapping[str, Kind], returns: Returns | None = None, known: dict[Expr, Kind] | None = None
) -> Kind:
    """The kind of an expression whose variables have the kinds `env`; `returns` knows the program's own functions.

    `known` remembers the kinds of subexpressions, as long as `env` stays as it is.
    """
    if known is None:
        return _kind_of(node, env, returns, {})
    found = known.get(node)
    if found is None:
        found = known[node] = _kind_of(node, env, returns, known)
    return found


def _kind_of(node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]) -> Kind:
    match node:
        case Name(id=name) | D(id=name):
            return env.get(name, Unknown())
        case Const(value=value):
            return _kind_of_constant(value)
        case Conditional(then=then, orelse=orelse):
            return join(kind_of(then, env, returns, known), kind_of(orelse, env, returns, known))
        case Call(func=Routine()):
            return returns(node, env) if returns else Unknown()
        case Compare() | Bool() | Unary(op="not"):
            return _kind_of_test(node, env, returns, known)
        case TupleOf(items=items) | ListOf(items=items):
            if any(isinstance(item, Starred) for item in items):
                return Unknown()
            kind = "tuple" if isinstance(node, TupleOf) else "list"
            return Sequence(kind, tuple(kind_of(item, env, returns, known) for item in items))
        case Starred():
            return Unknown()
        case Opaque(text=text):
            return Other("str") if text.startswith(("f'", 'f"')) else Unknown()
        case Global(dotted=dotted):
            return _kind_of_global(dotted)
        case Result():
            return Unknown()
    return _kind_of_operation(node, env, returns, known)


def _kind_of_constant(value: object) -> Kind:
    if type(value) is int:
        return Number("int", (value,) * WORLDS)
    if isinstance(value, bool | float | complex):
        return Number(type(value).__name__)
    return Other(type(value).__name__)


@lru_cache(maxsize=1024)
def _kind_of_global(dotted: str) -> Kind:
    return _kind_of_constant(library_function(dotted))


def _kind_of_test(node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]) -> Kind:
    """Comparisons of scalars are bools, of arrays arrays; `and`, `or` give one of their operands."""
    match node:
        case Unary():
            return Number("bool")
        case Bool(values=values):
            kind = kind_of(values[0], env, returns, known)
            for value in values[1:]:
                kind = join(kind, kind_of(value, env, returns, known))
            return kind
        case Compare(ops=ops) if len(ops) > 1 or ops[0] in ("is", "is not", "in", "not in"):
            return Number("bool")
    return _kind_of_operation(node, env, returns, known)


def _kind_of_operation(node: Expr, env: Mapping[str, Kind], returns: Returns | None, known: dict[Expr, Kind]) -> Kind:
    leaves: list[Expr] = []
    skeleton = _skeleton(node, leaves)
    kinds = tuple(kind_of(leaf, env, returns, known) for leaf in leaves)
    if any(isinstance(kind, Never) for kind in kinds):
        return Never()
    if any(isinstance(kind, Unknown) for kind in kinds):
        return _kind_of_unknown(node, kinds)
    if not _may_evaluate(node, kinds):
        return Unknown()
    found = _evaluate(skeleton, kinds)
    return _unified(skeleton, kinds) if found is None else found


def _may_evaluate(node: Expr, kinds: tuple[Kind, ...]) -> bool:
    """Only what has rules is evaluated: it has no effect. Objects of other types may do anything."""
    match node:
        case Call(func=Global(dotted=dotted)):
            return registry.known(dotted) or helpers.known(dotted)
        case Call(func=Attribute(attr=attr)):
            key = registry.method_key(attr)
            return key is not None and registry.known(key) and not isinstance(kinds[0], Other)
        case Attribute():
            return not isinstance(kinds[0], Other)
        case Call():
            return False
    return not any(isinstance(kind, Other) for kind in kinds)


def _kind_of_unknown(node: Expr, kinds: tuple[Kind, ...]) -> Kind:
    """An elementwise operation on values of one unknown shape, and scalars, has that shape."""
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


def _skeleton(node: Expr, leaves: list[Expr]) -> Expr:
    """The operation at the root with its operands replaced by placeholders; the operands go to `leaves`."""

    def leaf(child: Expr) -> Expr:
        if isinstance(child, Global):
            return replace(child, dotted=registry.stand_in_for(child.dotted))
        if isinstance(child, Const):
            return child
        if isinstance(child, _CONSTRUCTORS):
            return rebuild(child, tuple(map(leaf, children(child))))
        leaves.append(child)
        return Name(f"_{len(leaves) - 1}")

    match node:
        case Call(func=Attribute(value=value, attr=attr), args=args, keywords=keywords):
            receiver = leaf(value)
            named = tuple((key, leaf(item)) for key, item in keywords)
            return Call(Attribute(receiver, attr), tuple(map(leaf, args)), named)
    return rebuild(node, tuple(map(leaf, children(node))))


@lru_cache(maxsize=1)
def _namespace() -> dict[str, Any]:
    import cmath
    import copy
    import operator

    space: dict[str, Any] = {"numpy": np, "math": math, "cmath": cmath, "copy": copy, "operator": operator}
    space.update(helpers.functions())
    return space


@lru_cache(maxsize=4096)
def library_function(dotted: str) -> object:
    """What a dotted name of the core libraries, or a builtin, refers to; None if there is none."""
    try:
        return eval(dotted, _namespace())
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
    return _kind_of_results(results)


@lru_cache(maxsize=4096)
def _unified(skeleton: Expr, kinds: tuple[Kind, ...]) -> Kind:
    """The kind if an operation only succeeds where a size of the pattern is one that is written in the program.

    `np.zeros(3) + x` tells that `x` has 3 elements, or else that the function fails.
    """
    symbols = {dim for kind in kinds for dim in dims_of(kind) if dim is not None and len(set(dim)) > 1}
    numbers = [part.value for part in walk(skeleton) if isinstance(part, Const) and type(part.value) is int]
    written = {*numbers, math.prod(numbers)} | {
        dim[0] for kind in kinds for dim in dims_of(kind) if dim is not None and len(set(dim)) == 1
    }
    found = set()
    for old in sorted(symbols):
        for size in sorted(size for size in written if size > 1):
            result = _evaluate(skeleton, tuple(_with_size(kind, old, size) for kind in kinds))
            if result is not None:
                found.add(result)
    return found.pop() if len(found) == 1 else Unknown()


def _with_size(kind: Kind, old: Dim, size: int) -> Kind:
    return map_dims(kind, lambda dim: constant_dim(size) if dim == old else dim)


def _evaluate_in(code: Any, kinds: tuple[Kind, ...], world: int, filling: int) -> Any:
    rng = np.random.default_rng(world)
    values = {f"_{i}": _sample(kind, world, filling, rng) for i, kind in enumerate(kinds)}
    return eval(code, _namespace(), values)


def _has_contents(kind: Kind) -> bool:
    """True if a value's contents, or its unknown sizes, can decide a shape."""
    match kind:
        case Number(dtype=dtype, values=values):
            return values is None and "int" in dtype
        case Array(dtype=dtype, shape=shape):
            return None in shape or dtype.startswith(("int", "uint", "bool"))
        case Sequence(items=items):
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
            items = ([[value[i] for value in fillings] for fillings in results] for i in range(len(first)))
            return Sequence("list" if isinstance(first, list) else "tuple", tuple(map(_kind_of_results, items)))
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
