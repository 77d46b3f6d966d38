"""Operations evaluated on small arrays, once in each world of sizes: what NumPy makes of operands of these kinds.

What depends on contents (a boolean mask, an integer nobody knows) is evaluated with different fillings; where the sizes then
differ, they are unknown.
"""

from __future__ import annotations

import ast
import math
import operator
import sys
import warnings
from dataclasses import replace
from functools import lru_cache
from itertools import combinations, count
from types import SimpleNamespace
from typing import Any

import numpy as np

from s2sad.ir import Binary, Call, Const, Expr, Index
from s2sad.kind import (
    WORLDS,
    Array,
    Dim,
    Kind,
    List,
    Number,
    Other,
    Record,
    Sequence,
    Unknown,
    constant_dim,
    dims_of,
    join,
    map_dims,
    may_be_one,
)
from s2sad.observed import fields_of, may_hold_objects
from s2sad.rules import helpers
from s2sad.syntax import to_ast
from s2sad.traversal import walk

__all__ = ["evaluated", "library_function", "unified"]


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
def evaluated(skeleton: Expr, kinds: tuple[Kind, ...]) -> Kind | None:
    """The kind of an operation on operands of these kinds; None if it fails in some world."""
    found = _evaluated(skeleton, kinds, far=False)
    if isinstance(found, Number) and _is_rounded(skeleton, kinds, found):
        return Number(found.dtype)
    if found is None or not any(map(_has_numbers, kinds)) or not _may_tell_numbers(skeleton, found):
        return found
    # A number that was cut off, or an array that is no longer, would have other sizes with other numbers.
    other = _evaluated(skeleton, kinds, far=True)
    return found if other is None else join(found, other)


def _evaluated(skeleton: Expr, kinds: tuple[Kind, ...], far: bool) -> Kind | None:
    """The same with samples for numbers that are near to each other, or far from each other."""
    tree = ast.fix_missing_locations(ast.Expression(to_ast(skeleton, lambda node: getattr(node, "dotted", ""))))
    code = compile(tree, "<kind>", "eval")
    results: list[list[Any]] = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for world in range(WORLDS):
            fillings = (0, 1, 2) if any(map(_has_contents, kinds)) else (0,)
            try:
                results.append([_evaluate_in(code, kinds, world, filling, far) for filling in fillings])
            except Exception:
                # Sizes that do not fit, or sample values outside of a function's domain.
                return None
    found = _kind_of_results(results)
    if isinstance(found, Number) and any(map(_is_float, kinds)):
        # A number that was rounded, say: which one depends on more than the samples tell.
        return Number(found.dtype)
    return found


def _is_rounded(skeleton: Expr, kinds: tuple[Kind, ...], found: Number) -> bool:
    """True for a number of blocks, `(len(x) + 63) // 64`, that is only one since the sizes are small."""
    if not isinstance(skeleton, Binary) or skeleton.op != "//" or _varies(found) or not any(map(_varies, kinds)):
        return False
    rest = evaluated(replace(skeleton, op="%"), kinds)
    return not isinstance(rest, Number) or rest.values is None or any(rest.values)


def _varies(kind: Kind) -> bool:
    """True for a number that is another one in each world, or not known."""
    return isinstance(kind, Number) and (kind.values is None or len(set(kind.values)) > 1)


def _has_numbers(kind: Kind) -> bool:
    """True if there is a number in a value of which nothing is known."""
    match kind:
        case Number(dtype=dtype, values=values):
            return values is None and "bool" not in dtype
        case Sequence(items=items) | Record(items=items):
            return any(map(_has_numbers, items))
    return False


def _may_tell_numbers(skeleton: Expr, found: Kind) -> bool:
    """True if the kind of a result tells a size or a number that may depend on the values of numbers."""
    if isinstance(found, Number):
        return found.values is not None
    return isinstance(skeleton, Call | Index) and any(dim is not None for dim in dims_of(found))


def _is_float(kind: Kind) -> bool:
    match kind:
        case Number(dtype=dtype) | Array(dtype=dtype, shape=()):
            return dtype.startswith(("float", "longdouble"))
    return False


@lru_cache(maxsize=4096)
def unified(skeleton: Expr, kinds: tuple[Kind, ...]) -> Kind:
    """The kind if an operation only succeeds where a size of the pattern is one that is written in the program.

    `np.zeros(3) + x` tells that `x` has 3 elements, or else that the function fails.
    """
    symbols = {dim for kind in kinds for dim in dims_of(kind) if dim is not None and len(set(dim)) > 1}
    found = set()
    for old in sorted(symbols):
        for size in sorted(size for size in _written(skeleton, kinds) if size > 1):
            result = evaluated(skeleton, tuple(_with_size(kind, old, size) for kind in kinds))
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
        other = evaluated(skeleton, tuple(_with_size(kind, old, factor * size) for kind in kinds))
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
        certain = sorted(dim for dim in dims if dim is not None and not may_be_one(dim))
        found = {_of_forced_sizes(skeleton, kinds, size) for size in certain} - {None}
        if len(found) == 1:
            return found.pop() or Unknown()
    for size in sizes:
        kinds = _replaced(kinds, size, None)
    return evaluated(skeleton, kinds) or Unknown()


#: A size that nothing else has.
_OTHER = (33, 37, 35)


def _of_forced_sizes(skeleton: Expr, kinds: tuple[Kind, ...], size: Dim) -> Kind | None:
    """The kind if all unknown sizes are `size`, less what may as well be different: of `W @ x` the length of `x` is one
    size of `W`, and nothing is known of the other.
    """
    result = evaluated(skeleton, _replaced(kinds, None, size))
    unknown = sum(dim is None for kind in kinds for dim in dims_of(kind))
    groups = [group for k in (1, 2) for group in combinations(range(unknown), k)]
    for group in groups if result is not None else ():
        other = evaluated(skeleton, _with_others(kinds, group, size))
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


def _evaluate_in(code: Any, kinds: tuple[Kind, ...], world: int, filling: int, far: bool) -> Any:
    rng = np.random.default_rng(world)
    values = {f"_{i}": _sample(kind, world, _turned(kind, i, filling), rng, far) for i, kind in enumerate(kinds)}
    return eval(code, _with_scipy(), values)


def _turned(kind: Kind, position: int, filling: int) -> int:
    """The filling for one of several operands: two numbers of which nothing is known do not always have the same difference."""
    return _TURNS[position % len(_TURNS)][filling] if isinstance(kind, Number) else filling


_TURNS = ((0, 1, 2), (0, 2, 1), (1, 0, 2))


def _has_contents(kind: Kind) -> bool:
    """True if a value's contents, or its unknown sizes, can decide a shape."""
    match kind:
        case Number(dtype=dtype, values=values):
            return values is None and ("int" in dtype or "bool" in dtype)
        case Array(dtype=dtype, shape=shape):
            return None in shape or dtype.startswith(("int", "uint", "bool"))
        case Sequence(items=items) | Record(items=items):
            return any(map(_has_contents, items))
        case List(item=item, length=length):
            return length is None or _has_contents(item)
    return False


def _sample(kind: Kind, world: int, filling: int, rng: np.random.Generator, far: bool) -> Any:
    match kind:
        case Number(dtype=dtype, values=values):
            if values is not None:
                return _number(dtype, values[world])
            if "bool" in dtype:
                return _number(dtype, filling != 1)
            if "int" in dtype:
                return _number(dtype, (0, 1, 9)[filling] if far else 2 + filling)
            return _number(dtype, rng.uniform(3, 30) if far else rng.uniform(0.3, 0.9))
        case Array(dtype=dtype, shape=shape):
            return _array(dtype, tuple(_size(dim, world, filling) for dim in shape), filling, rng)
        case Sequence(type=name, items=items):
            samples = [_sample(item, world, filling, rng, far) for item in items]
            return tuple(samples) if name == "tuple" else samples
        case Record(type=name, keys=keys, items=items):
            parts: dict[Any, Any] = {
                key: _sample(item, world, filling, rng, far) for key, item in zip(keys, items, strict=True)
            }
            return parts if name == "dict" else SimpleNamespace(**parts)
        case Other(name="NoneType"):
            return None
        case List(item=item, length=length):
            return [_sample(item, world, filling, rng, far) for _ in range(_size(length, world, filling))]
    raise TypeError(kind)


def _size(dim: Dim, world: int, filling: int) -> int:
    return dim[world] if dim is not None else 5 + 3 * filling + world


def _number(dtype: str, value: Any) -> Any:
    if dtype in ("float", "int", "bool", "complex"):
        return {"float": float, "int": int, "bool": bool, "complex": complex}[dtype](value)
    return np.dtype(dtype).type(value)


def _array(dtype: str, shape: tuple[int, ...], filling: int, rng: np.random.Generator) -> Any:
    if dtype.startswith("bool"):
        # How many are True differs, of two elements too.
        size = math.prod(shape)
        return rng.permutation(size).reshape(shape) < round(size * (0.25, 0.5, 0.75)[filling])
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
        case np.ndarray() | np.generic() if may_hold_objects(first.dtype):
            return Unknown()
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
