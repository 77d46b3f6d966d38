"""Jacobians: functions that send blocks of unit directions through a derivative and put together what comes out.

By forward mode a block of tangents goes through, for each argument in turn; by reverse mode a block of adjoints of the
result, through the adjoint part only: the primal part runs once. A block of the result has the shape of the result of the
function and then that of the argument, as in JAX; containers are nested in the same order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from s2sad.analysis.parts import part_of
from s2sad.ir import (
    Assign,
    Attribute,
    Block,
    Call,
    Comment,
    Const,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    Index,
    ListOf,
    Name,
    Result,
    Return,
    Routine,
    Statement,
    TupleOf,
)
from s2sad.kind import Array, Kind, Record, Unknown, dtype_of, items_of, may_be_active
from s2sad.naming import Names
from s2sad.syntax import template
from s2sad.transform.containers import adjoint_kind, assembled
from s2sad.transform.inline import Inlined, changed_by, inlined, names_of, split
from s2sad.transform.refusing import refused_if
from s2sad.traversal import bound_names, substitute

__all__ = ["Backward", "Forward", "Sweep", "jacfwd", "jacrev", "leaves"]


@dataclass(frozen=True)
class Sweep:
    """How directions go through a function: `at_once` in a block, in which the variables `differing` are others than in the
    next; without it one by one. `casts` are the types that its results must be given, where they do not have them already.
    """

    at_once: Expr | None = None
    differing: frozenset[str] = frozenset()
    casts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Forward:
    """The tangent of a function with respect to the argument `wrt`, as a function of the arguments and of the tangent `dot`.

    Without `dot` it takes no tangent: the argument is a number, and the tangent that for the direction 1.
    """

    function: Function
    wrt: str
    kind: Kind
    dot: str = ""
    sweep: Sweep = Sweep()


@dataclass(frozen=True)
class Backward:
    """The primal part of a function, which returns the value and, if it `saves`, what it saves; and the adjoint part, a
    function of the adjoint of the value, of what was saved and of arguments, to the adjoints of the arguments `wrt`.
    """

    forward: Function
    backward: Function
    saves: bool
    wrt: tuple[tuple[str, Kind], ...]
    sweep: Sweep = Sweep()


def jacfwd(function: Function, parts: tuple[Forward, ...], result: Kind, bare: bool, names: Names) -> Function:
    """`function` with a body that computes its derivatives with respect to the arguments of `parts`, in that order."""
    writer = _writer(names, *(part.function for part in parts))
    columns = [_forward(writer, part, result, alone=len(parts) == 1) for part in parts]
    found = [[column[k] for column in columns] for k in range(len(columns[0]))]
    return _finished(function, writer, found, [(part.wrt, part.kind) for part in parts], result, bare)


def jacrev(function: Function, part: Backward, result: Kind, bare: bool, names: Names) -> Function:
    """The same by reverse mode."""
    writer = _writer(names, part.forward, part.backward)
    return _finished(function, writer, _backward(writer, part, result), list(part.wrt), result, bare)


def _finished(
    function: Function,
    writer: _Writer,
    found: list[list[list[Expr]]],
    wrt: list[tuple[str, Kind]],
    result: Kind,
    bare: bool,
) -> Function:
    """The function that returns what was found: for each leaf of the result, for each argument, for each leaf of that."""
    rows: list[Expr] = []
    for row in found:
        parts = [nested(kind, Name(name), iter(own)) for (name, kind), own in zip(wrt, row, strict=True)]
        rows.append(parts[0] if bare else TupleOf(tuple(parts)))
    value = nested(result, writer.like, iter(rows))
    return Function(function.name, function.params, (*writer.lines, Return(value)), function.doc)


# ------------------------------------------------------------------ containers


#: A part of a value that carries a derivative.
Leaf = tuple[Expr, Kind]


def leaves(node: Expr, kind: Kind) -> Iterator[Leaf]:
    """The parts of a value that carry derivatives."""
    items = items_of(kind)
    if items is None:
        if may_be_active(kind):
            yield node, kind
        return
    for key, item in items:
        yield from leaves(part_of(node, key, kind), item)


def nested(kind: Kind, like: Expr, parts: Iterator[Expr]) -> Expr:
    """The parts put together as the leaves of `like` are."""
    items = items_of(kind)
    if items is None:
        return next(parts) if may_be_active(kind) else Const(None)
    made = {key: nested(item, part_of(like, key, kind), parts) for key, item in items}
    if isinstance(kind, Record) and kind.has_attributes:
        # A copy of `like` keeps the parts that carry no derivative.
        made = {key: made[key] for key, item in items if may_be_active(item)}
    return assembled(kind, like, made)


# ---------------------------------------------------------------------- sweeps


@dataclass
class _Writer:
    """The lines of a Jacobian. `like` is a value in the form of the result; `moved` are the lines that stand in front of
    loops because they are the same in each round.
    """

    names: Names
    lines: list[Statement] = field(default_factory=list)
    moved: list[Statement] = field(default_factory=list)
    like: Expr = field(default_factory=lambda: Const(None))

    def in_front(self, lines: Block) -> None:
        """Lines that stand in front of a loop; not again where they would do the same again."""
        others = {name for s in self.lines if s not in self.moved for name in changed_by(s)}
        bound = Counter(name for s in {*self.moved, *lines} for name in changed_by(s))
        for s in lines:
            again = s in self.moved and not names_of(s) & others
            if not again or any(bound[name] > 1 for name in changed_by(s)):
                self.lines.append(s)
                self.moved.append(s)

    def picked(self, value: Expr, kind: Kind, lines: list[Statement], wish: str) -> list[Expr]:
        """The leaves of a value, which gets a name if it is more than one."""
        if items_of(kind) is None:
            return [value]
        if not isinstance(value, Name | TupleOf | ListOf):
            target = Name(self.names.unique(wish))
            lines.append(Assign(target, value))
            value = target
        return [leaf for leaf, _ in leaves(value, kind)]

    def loop(
        self, sweep: Sweep, target: Expr, leaf: Leaf, lines: list[Statement], values: list[tuple[str, Expr]]
    ) -> list[Expr]:
        """A loop over blocks of directions in the space of a leaf; what it gives for each of the values, which go by the
        names given with them, in the rows of an array.
        """
        node, kind = leaf
        what = "blocks" if sweep.at_once else "rows"
        lists = [Name(self.names.unique(f"{wish}_{what}" if wish else what)) for wish, _ in values]
        self.lines += [Assign(one, ListOf(())) for one in lists]
        count, first = self.count(sweep), Name(self.names.unique("first"))
        block = Assign(target, template("_directions(x, first, n)", x=node, first=first, n=count))
        pairs = zip(values, lists, strict=True)
        appends = [Evaluate(Call(Attribute(one, "append"), (value,))) for (_, value), one in pairs]
        size = template("np.size(x)", x=node) if not isinstance(kind, Array) else Attribute(node, "size")
        starts = template("range(0, max(size, 1), n)", size=size, n=count)
        self.lines.append(For(first, starts, (block, *lines, *appends)))
        return [template("np.concatenate(x)" if sweep.at_once else "np.stack(x)", x=one) for one in lists]

    def count(self, sweep: Sweep) -> Expr:
        """The number of directions in a block, as a number or a variable."""
        if sweep.at_once is None or isinstance(sweep.at_once, Const):
            return sweep.at_once or Const(1)
        count = Name(self.names.unique("at_once"))
        self.lines.append(Assign(count, sweep.at_once))
        return count


def _writer(names: Names, *functions: Function) -> _Writer:
    """A writer that leaves the variables of the functions alone."""
    for function in functions:
        for name in bound_names(function):
            names.reserve(name)
    return _Writer(names)


def _rows_of(joined: Expr) -> Expr:
    """The list of what is joined."""
    assert isinstance(joined, Call)
    return joined.args[0]


def _check(node: Expr, what: str) -> Statement:
    """Of what nothing is known it is found out at run time whether it is one array or number, and real."""
    test = template("isinstance(x, (dict, list, tuple)) or np.iscomplexobj(x)", x=node)
    return refused_if(test, f"{what} of a Jacobian must be a real array or number")


def _cast(values: list[Expr], casts: tuple[str, ...]) -> list[Expr]:
    """Values in the types that they have to have."""
    types = casts or ("",) * len(values)
    pairs = zip(values, types, strict=True)
    return [_of_type(value, one) if one else value for value, one in pairs]


def _of_type(value: Expr, dtype: str) -> Expr:
    """A number or an array in another type; a number that is written out has no methods."""
    if isinstance(value, Const):
        return Call(Global(f"numpy.{dtype}"), (value,))
    return Call(Attribute(value, "astype"), (Global(f"numpy.{dtype}"),))


def _call(function: Function, alone: str = "") -> Expr:
    """A call of a function with variables of the names of its parameters; of the one named `alone`, the only row."""

    def argument(name: str) -> Expr:
        return Index(Name(name), Const(0)) if name == alone else Name(name)

    args = tuple(argument(param.name) for param in function.params if param.form != "keyword")
    keywords = tuple((param.name, argument(param.name)) for param in function.params if param.form == "keyword")
    return Call(Routine(function.name), args, keywords)


def _direction(kind: Kind, form: Kind, whole: Expr, leaf: Expr, block: Expr, at_once: bool) -> Expr:
    """A value in the form `form` that is a direction in one leaf of `whole`, which is of the kind `kind`, and zero in the
    others.
    """
    own = block if at_once else Index(block, Const(0))
    shape = "(len(t), *np.shape(x))" if at_once else "np.shape(x)"

    def zeros(node: Expr, kind: Kind) -> Expr:
        is_single = dtype_of(kind) in ("float32", "float16")
        return template(f"np.zeros({shape}, x.dtype)" if is_single else f"np.zeros({shape})", t=block, x=node)

    parts = (own if node == leaf else zeros(node, one) for node, one in leaves(whole, kind))
    return nested(form, whole, parts)


# ---------------------------------------------------------------- forward mode


def _forward(writer: _Writer, part: Forward, result: Kind, alone: bool) -> list[list[Expr]]:
    """For each leaf of the result, the derivatives by each leaf of an argument."""
    if isinstance(part.kind, Unknown):
        writer.lines.append(_check(Name(part.wrt), f"the argument {part.wrt}"))
    if not part.dot:
        return [[value] for value in _for_a_number(writer, part, result, alone)]
    found = [_column(writer, part, result, leaf, alone) for leaf in leaves(Name(part.wrt), part.kind)]
    return [[column[k] for column in found] for k in range(len(found[0]))]


def _for_a_number(writer: _Writer, part: Forward, result: Kind, alone: bool) -> list[Expr]:
    """The derivatives by a number, which takes one run of the tangent."""
    body = inlined(part.function, ()) if alone else None
    if body is None:
        column = Name(writer.names.unique(f"{part.wrt}_column"))
        writer.lines.append(Assign(column, _call(part.function)))
        body = Inlined((), column)
    writer.lines += body.lines
    return _cast(writer.picked(body.value, result, writer.lines, "column"), part.sweep.casts)


def _column(writer: _Writer, part: Forward, result: Kind, leaf: Leaf, alone: bool) -> list[Expr]:
    """The derivatives of each leaf of the result by one leaf of an argument."""
    body = _tangent(writer, part)
    lines: list[Statement] = []
    target = Name(part.dot)
    if items_of(part.kind) is not None:
        target = Name(writer.names.unique("direction"))
        whole = _direction(part.kind, part.kind, Name(part.wrt), leaf[0], target, part.sweep.at_once is not None)
        lines.append(Assign(Name(part.dot), whole))
    lines += body.lines
    count = len(lines)
    values = writer.picked(body.value, result, lines, "column")
    named = lines[-1] if len(lines) > count else None
    writer.like = named.target if isinstance(named, Assign) and items_of(result) else body.value
    wish = "" if alone else part.wrt
    rows = writer.loop(part.sweep, target, leaf, lines, [(wish, value) for value in values])
    if isinstance(result, Unknown):
        writer.lines.append(_check(Index(_rows_of(rows[0]), Const(0)), "the result"))
    return _cast([template("_columns(t, x)", t=one, x=leaf[0]) for one in rows], part.sweep.casts)


def _tangent(writer: _Writer, part: Forward) -> Inlined:
    """The lines that compute a block of tangents; those that are the same for all blocks go in front."""
    given = {param.name for param in part.function.params} - {part.dot}
    whole = items_of(part.kind) is None
    body = inlined(part.function, given) if part.sweep.at_once and whole else None
    if body is None:
        return Inlined((), _call(part.function, part.dot if whole and part.sweep.at_once is None else ""))
    before, rest = split(body.lines, {*part.sweep.differing, part.dot})
    writer.in_front(before)
    return Inlined(rest, body.value)


# ---------------------------------------------------------------- reverse mode


def _backward(writer: _Writer, part: Backward, result: Kind) -> list[list[list[Expr]]]:
    """For each leaf of the result, for each argument, the derivatives by each of its leaves."""
    writer.lines += [_check(Name(name), f"the argument {name}") for name, kind in part.wrt if isinstance(kind, Unknown)]
    value, body = _primal(writer, part, result)
    writer.like = value
    if isinstance(result, Unknown):
        writer.lines.append(_check(value, "the result"))
    if part.sweep.at_once is not None:
        part = replace(part, sweep=replace(part.sweep, at_once=substitute(part.sweep.at_once, {Result(): value})))
    return [_row(writer, part, result, value, body, leaf) for leaf in leaves(value, result)]


def _row(writer: _Writer, part: Backward, result: Kind, value: Expr, body: Inlined, leaf: Leaf) -> list[list[Expr]]:
    seed, at_once = Name(part.backward.params[0].name), part.sweep.at_once is not None
    lines: list[Statement] = []
    target = seed
    if items_of(result) is not None:
        target = Name(writer.names.unique("direction"))
        lines.append(Assign(seed, _direction(result, adjoint_kind(result), value, leaf[0], target, at_once)))
    lines += body.lines
    bars = body.value.items if len(part.wrt) > 1 and isinstance(body.value, TupleOf) else (body.value,)
    if len(bars) < len(part.wrt):
        names = tuple(Name(writer.names.unique(f"{name}_bar")) for name, _ in part.wrt)
        lines.append(Assign(TupleOf(names), body.value))
        bars = names
    picked = [
        writer.picked(bar, adjoint_kind(kind), lines, f"{name}_bar")
        for bar, (name, kind) in zip(bars, part.wrt, strict=True)
    ]
    wishes = [name if len(part.wrt) > 1 else "" for name, _ in part.wrt]
    values = [(wish, one) for wish, own in zip(wishes, picked, strict=True) for one in own]
    rows = writer.loop(part.sweep, target, leaf, lines, values)
    every = iter(_cast([template("_rows(t, y)", t=one, y=leaf[0]) for one in rows], part.sweep.casts))
    return [[next(every) for _ in own] for own in picked]


def _primal(writer: _Writer, part: Backward, result: Kind) -> tuple[Expr, Inlined]:
    """Writes the primal part; the value, and the lines that compute a block of adjoints."""
    whole = items_of(result) is None
    found = _both_inlined(part) if part.sweep.at_once and whole else None
    if found is None:
        y = Name(writer.names.unique("y"))
        target = TupleOf((y, Name(part.backward.params[1].name))) if part.saves else y
        writer.lines.append(Assign(target, _call(part.forward)))
        alone = part.backward.params[0].name if whole and part.sweep.at_once is None else ""
        return y, Inlined((), _call(part.backward, alone))
    primal, adjoint = found
    before, rest = split(adjoint.lines, part.sweep.differing)
    lines, value = _with_named_value(primal, adjoint, writer.names)
    writer.lines += [Comment("primal"), *lines]
    writer.lines += [Comment("adjoint, one row for each direction"), *before]
    return value, Inlined(rest, adjoint.value)


def _with_named_value(primal: Inlined, adjoint: Inlined, names: Names) -> tuple[Block, Expr]:
    """The primal part, and a variable that holds its value as long as there are blocks of adjoints."""
    match primal:
        case Inlined(lines=(*lines, Assign(target=target, value=Name(id=name) as source)), value=value) if (
            target == value and not any(name in changed_by(s) for s in adjoint.lines)
        ):
            return tuple(lines), source
        case Inlined(lines=lines, value=Name() as value):
            return lines, value
    y = Name(names.unique("y"))
    return (*primal.lines, Assign(y, primal.value)), y


def _both_inlined(part: Backward) -> tuple[Inlined, Inlined] | None:
    """The primal and the adjoint part where both can stand in one function, in which what is saved just stays there."""
    primal = inlined(part.forward, ())
    if primal is None:
        return None
    saved: tuple[Expr, ...] = ()
    params = [param.name for param in part.backward.params]
    backward = part.backward
    if part.saves:
        assert isinstance(primal.value, TupleOf)
        value, packed = primal.value.items
        primal = Inlined(primal.lines, value)
        saved = packed.items if isinstance(packed, TupleOf) else (packed,)
        unpack = Assign(packed, Name(params[1]))
        backward = Function(backward.name, backward.params, tuple(s for s in backward.body if s != unpack))
    kept = {*params[1 + part.saves :], *(name.id for name in saved if isinstance(name, Name))}
    adjoint = inlined(backward, kept)
    return None if adjoint is None else (primal, adjoint)
