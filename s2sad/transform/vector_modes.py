"""`jacfwd` and `jacrev` of a program: their derivatives for many directions at once, and the functions around these."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from s2sad.analysis.changes import stored_variables
from s2sad.errors import ArgumentError, DifferentiationError
from s2sad.ir import Attribute, Binary, Call, Const, Expr, Function, Global, Index, Name, Result, Routine
from s2sad.kind import (
    Array,
    Dim,
    Kind,
    List,
    Number,
    Sequence,
    Unknown,
    constant_dim,
    described,
    dtype_of,
    items_of,
    may_be_active,
)
from s2sad.naming import Names
from s2sad.options import Options
from s2sad.syntax import span_of, template, to_ast
from s2sad.transform.containers import adjoint_kind
from s2sad.transform.forward import tangent_function
from s2sad.transform.inline import reached
from s2sad.transform.jacobian import Backward, Forward, Sweep, jacfwd, jacrev, leaves
from s2sad.transform.pulled import Pair
from s2sad.transform.seeds import seeded, tangent_alone
from s2sad.transform.vector import NoVectorForm, Vectorised, Wanted, result_of, vectorised

if TYPE_CHECKING:
    from s2sad.transform.module import Builder

__all__ = ["JACOBIANS", "jacobian_root"]

#: The operators that make a Jacobian by one mode.
JACOBIANS = ("jacfwd", "jacrev")
#: How many numbers a block of directions may have where the number of directions is not given.
_MOST = Binary("**", Const(2), Const(24))


def jacobian_root(
    builder: Builder, name: str, function: Function, options: Options, kinds: dict[str, Kind]
) -> Function:
    """The Jacobian of the builder's first function by one mode; what it calls goes to what the builder has written."""
    changed = (*function.changes, *stored_variables(function.body))
    changed = tuple(param.name for param in function.params if param.name in changed)
    if changed:
        # It would be called once for each block of directions.
        reason = f"a Jacobian of a function that changes its argument `{changed[0]}` in place"
        unit = builder.program.units[builder.root]
        raise DifferentiationError("S301", reason, unit.place(span_of(unit.node)), "let it change a copy")
    result = builder.result(builder.root, dict(kinds))
    for wrt in options.wrt:
        _check(f"the argument `{wrt}` of a Jacobian", "S401", kinds[wrt])
    _check("the result of a function with a Jacobian", "S402", result)
    if not may_be_active(result):
        raise ArgumentError(
            "S402", f"the result is no float but {described(result)}", rewrite="return a float or an array"
        )
    made = _forward if options.mode == "jacfwd" else _backward
    root, functions = made(builder, replace(function, name=name, doc=""), options, kinds, result)
    every = {**builder.program.functions, **functions, root.name: root}
    own = set(builder.program.functions) | {root.name}
    builder.written = {key: every[key] for key in reached(every, [root.name]) if key not in own}
    return root


def _check(what: str, code: str, kind: Kind) -> None:
    """Refuse values whose parts are not known one by one, and complex ones."""
    if isinstance(kind, List) or any(isinstance(leaf, List) for leaf in _every_kind(kind)):
        raise ArgumentError(code, f"{what} is a list of unknown length", rewrite="use an array or a tuple")
    for leaf in _every_kind(kind):
        if (dtype_of(leaf) or "").startswith(("complex", "clongdouble")):
            raise ArgumentError(code, f"{what} is {described(leaf)}", rewrite="use its real and imaginary part")


def _every_kind(kind: Kind) -> Iterator[Kind]:
    yield kind
    for _, item in items_of(kind) or ():
        yield from _every_kind(item)


# ---------------------------------------------------------------- forward mode


def _forward(
    builder: Builder, function: Function, options: Options, kinds: dict[str, Kind], result: Kind
) -> tuple[Function, Mapping[str, Function]]:
    parts = [_tangent(builder, wrt, kinds, several=len(options.wrt) > 1) for wrt in options.wrt]
    wanted = {
        part.function.name: Wanted(kinds | {part.dot: part.kind}, (part.dot,))
        for part in parts
        if part.dot and not isinstance(part.kind, Unknown)
    }
    functions = {
        **builder.program.functions,
        **builder.written,
        **{part.function.name: part.function for part in parts},
    }
    plain = [part.function.name for part in parts if part.function.name not in wanted]
    vector = vectorised(functions, wanted, builder.data, plain)
    _hint(builder, functions, wanted, vector)
    swept = tuple(_swept(builder, part, vector, result, kinds, functions) for part in parts)
    return jacfwd(function, swept, result, options.bare, _names(builder, function)), {**functions, **vector.functions}


def _tangent(builder: Builder, wrt: str, kinds: dict[str, Kind], several: bool) -> Forward:
    primal = builder.primal(builder.root, (wrt,), kinds, outermost=True)
    builder.note_active(primal)
    base = builder.program.names[builder.root]
    name = builder.names.unique(f"{base}_tangent_{wrt}" if several else f"{base}_tangent")
    routine = builder.program.functions.__getitem__
    tangent = tangent_alone(
        tangent_function(primal, name, (wrt,), builder.tangent_of, routine, builder.is_pure), builder.is_pure
    )
    if isinstance(kinds[wrt], Number):
        alone = seeded(tangent, Options("derivative", (wrt,)), primal, routine)
        return Forward(replace(alone, doc=""), wrt, kinds[wrt])
    dot = next(param.name for param in tangent.params if param.name not in kinds)
    return Forward(replace(tangent, doc=""), wrt, kinds[wrt], dot)


def _swept(
    builder: Builder,
    part: Forward,
    vector: Vectorised,
    result: Kind,
    kinds: Mapping[str, Kind],
    functions: Mapping[str, Function],
) -> Forward:
    """The tangent with the way in which directions go through it."""
    name = part.function.name
    if name in vector.refused:
        builder.one_by_one.append(_explained(name, vector.refused[name]))
    if name not in vector.results:
        found = result_of(functions, name, dict(kinds) | ({part.dot: part.kind} if part.dot else {}), builder.data)
        return replace(part, sweep=Sweep(casts=_casts(found, result)))
    at_once = _at_once((*vector.shapes[name], *_shapes(result)), kinds)
    sweep = Sweep(at_once, vector.differing[name], _casts(vector.results[name], result))
    return replace(part, function=vector.functions[name], sweep=sweep)


# ---------------------------------------------------------------- reverse mode


def _backward(
    builder: Builder, function: Function, options: Options, kinds: dict[str, Kind], result: Kind
) -> tuple[Function, Mapping[str, Function]]:
    reverse = builder.reverse(builder.root, options.wrt, kinds, outermost=True)
    builder.note_active(reverse.primal)
    if isinstance(result, Number):
        joint, plan = reverse.joint(function.name, replace(options, mode="grad"))
        builder.plans.append(plan)
        return joint, builder.written
    base = builder.program.names[builder.root]
    pair = Pair(builder.names.unique(f"{base}_fwd"), builder.names.unique(f"{base}_bwd"), True)
    found, forward, backward, plan = reverse.pair(pair, builder.is_recursive(builder.root), with_result=True)
    builder.plans.append(plan)
    functions = {**builder.program.functions, **builder.written, forward.name: forward, backward.name: backward}
    saved = result_of(functions, forward.name, kinds, builder.data)
    wanted = Wanted(_kinds_of_backward(backward, found, kinds, result, saved), (backward.params[0].name,))
    known = {} if isinstance(result, Unknown) else {backward.name: wanted}
    vector = vectorised(functions, known, builder.data)
    _hint(builder, functions, known, vector)
    part = Backward(forward, backward, found.saves, tuple((name, kinds[name]) for name in options.wrt))
    part = _swept_back(builder, part, vector, result, kinds)
    return jacrev(function, part, result, options.bare, _names(builder, function)), {**functions, **vector.functions}


def _swept_back(
    builder: Builder, part: Backward, vector: Vectorised, result: Kind, kinds: Mapping[str, Kind]
) -> Backward:
    """The adjoint part with the way in which directions go through it."""
    name = part.backward.name
    if name in vector.refused:
        builder.one_by_one.append(_explained(name, vector.refused[name]))
    if name not in vector.results:
        return part
    own = tuple(kind for _, kind in part.wrt)
    shapes = (*vector.shapes[name], *(shape for kind in own for shape in _shapes(kind)))
    casts = _casts(vector.results[name], Sequence("tuple", own) if len(own) > 1 else own[0])
    sweep = Sweep(_at_once(shapes, kinds, result), vector.differing[name], casts)
    return replace(part, backward=vector.functions[name], sweep=sweep)


def _kinds_of_backward(
    backward: Function, pair: Pair, kinds: Mapping[str, Kind], result: Kind, forward: Kind
) -> dict[str, Kind]:
    """The kinds of the parameters of an adjoint part."""
    seed, *others = (param.name for param in backward.params)
    known = {seed: adjoint_kind(result)}
    if pair.saves:
        saved, *others = others
        known[saved] = forward.items[1] if isinstance(forward, Sequence) else Unknown()
    return known | {name: kinds.get(name, Unknown()) for name in others}


# --------------------------------------------------------------------- details


def _hint(
    builder: Builder, functions: Mapping[str, Function], wanted: Mapping[str, Wanted], vector: Vectorised
) -> None:
    """Remember the kinds of the parameters, for derivatives of the Jacobian."""
    for name, want in wanted.items():
        builder.hint(functions[name], want.with_axis() if name in vector.results else want.kinds)


def _names(builder: Builder, function: Function) -> Names:
    taken = builder.names.copy()
    for param in function.params:
        taken.reserve(param.name)
    return taken


def _shapes(kind: Kind) -> Iterator[tuple[Dim, ...]]:
    for _, leaf in leaves(Name("x"), kind):
        if isinstance(leaf, Array):
            yield leaf.shape


def _casts(found: Kind, wanted: Kind) -> tuple[str, ...]:
    """For each leaf the type that it has to be given."""
    have = [dtype_of(kind) for _, kind in leaves(Name("x"), found)]
    want = [_own_type(dtype_of(kind)) for _, kind in leaves(Name("x"), wanted)]
    if len(have) != len(want):
        have = [None] * len(want)
    return tuple(
        one if one and _own_type(other) != one and not (other is None and one == "float64") else ""
        for one, other in zip(want, have, strict=True)
    )


def _own_type(dtype: str | None) -> str | None:
    """The type of an array of such numbers."""
    return {"float": "float64", "int": "float64", "complex": "complex128"}.get(dtype or "", dtype)


def _at_once(shapes: tuple[tuple[Dim, ...], ...], kinds: Mapping[str, Kind], result: Kind | None = None) -> Expr:
    """How many directions go through at once: as many as keep the largest variable below a number of elements. The sizes
    are read off arguments, and off the Result where its kind is given.
    """
    operands: list[tuple[Expr, Kind]] = [(Name(name), kind) for name, kind in kinds.items()]
    operands += [(Result(), result)] if result is not None else []
    arrays = [(node, kind.shape) for node, kind in operands if isinstance(kind, Array)]
    sizes = [size for shape in _largest(shapes) if (size := _size(shape, arrays)) is not None]
    if not sizes:
        return _MOST
    return template("max(1, n // size)", n=_MOST, size=Call(Global("max"), (*dict.fromkeys(sizes), Const(1))))


def _largest(shapes: tuple[tuple[Dim, ...], ...]) -> list[tuple[Dim, ...]]:
    """The shapes that are not certainly smaller than another one."""
    bare = dict.fromkeys(_bare(shape) for shape in shapes if None not in shape)
    return [one for one in bare if not any(one != other and _contains(other, one) for other in bare)]


def _contains(whole: tuple[Dim, ...], part: tuple[Dim, ...]) -> bool:
    rest = list(whole)
    for dim in part:
        if dim not in rest:
            return False
        rest.remove(dim)
    return True


def _bare(shape: tuple[Dim, ...]) -> tuple[tuple[int, ...], ...]:
    """The dimensions that matter for the size, in an order of their own."""
    return tuple(sorted(dim for dim in shape if dim is not None and dim != constant_dim(1)))


def _size(shape: tuple[Dim, ...], arrays: list[tuple[Expr, tuple[Dim, ...]]]) -> Expr | None:
    """The number of elements of a shape, read off arrays; None where it cannot be."""
    for node, own in arrays:
        if shape and None not in own and _bare(own) == shape:
            return Attribute(node, "size")
    sizes = [_length(dim, arrays) for dim in shape]
    if None in sizes or not sizes:
        return None
    product, *rest = (size for size in sizes if size is not None)
    for size in rest:
        product = Binary("*", product, size)
    return product


def _length(dim: Dim, arrays: list[tuple[Expr, tuple[Dim, ...]]]) -> Expr | None:
    if dim is not None and len(set(dim)) == 1:
        return Const(dim[0])
    for node, own in arrays:
        if dim in own:
            axis = own.index(dim)
            return template("len(x)", x=node) if axis == 0 else Index(Attribute(node, "shape"), Const(axis))
    return None


def _explained(name: str, reason: NoVectorForm) -> str:
    """Why a function takes one direction at a time."""
    text = ast.unparse(to_ast(reason.node, _spelled))
    return f"{name} takes one direction at a time: `{text}`: {reason.reason}"


def _spelled(node: Global | Routine) -> str:
    name = node.key.split(":")[-1] if isinstance(node, Routine) else node.dotted
    return name.replace("numpy.", "np.", 1)
