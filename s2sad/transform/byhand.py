"""Callees whose derivative is given by hand: how the functions given are called, and whether they fit.

A jvp by hand is linear in the tangents. Reverse mode of a function that has no other rule is the adjoint of that linear
function (`tangent_function_of`), as `transform/transpose.py` does it for a rule that is text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.calls import bind_call
from s2sad.analysis.context import Context
from s2sad.ir import (
    Assign,
    Block,
    Call,
    Const,
    Expr,
    Function,
    Global,
    Index,
    Name,
    Origin,
    Param,
    Return,
    Routine,
    Span,
    Statement,
    TupleOf,
)
from s2sad.kind import Kind, Unknown
from s2sad.naming import Names
from s2sad.program import Hand, Program
from s2sad.rules import registry
from s2sad.syntax import span_of
from s2sad.transform.containers import zero_of
from s2sad.traversal import bound_names, map_blocks, map_children, map_statement, reads, substitute

__all__ = [
    "HandPair",
    "HandTangent",
    "called",
    "in_forward_mode",
    "tangent_function_of",
    "with_call",
    "with_positions",
    "without_parameters",
]


def with_call(program: Program) -> Program:
    """The program that begins with a call of its first function, if that has a rule: rules are asked for where it is called."""
    root = next(iter(program.functions))
    if root not in program.by_hand and not registry.has_rule(Call(Routine(root))):
        return program
    return called(program, root)


def called(program: Program, root: str) -> Program:
    """The program that begins with a call of the function `root` and no more."""
    function, key = program.functions[root], f"{root}@call"
    args = tuple(Name(param.name) for param in function.params if param.form != "keyword")
    keywords = tuple((param.name, Name(param.name)) for param in function.params if param.form == "keyword")
    text = ", ".join((*(arg.id for arg in args), *(f"{name}={name}" for name, _ in keywords)))
    span = span_of(program.units[root].node) or Span(0, 0, 0)
    origin = Origin(f"{program.names[root]}({text})", span)
    call = Call(Routine(root, span=span), args, keywords, span=span)
    return replace(
        program,
        functions={key: replace(function, body=(Return(call, origin=origin),)), **program.functions},
        units={key: program.units[root], **program.units},
        names={key: program.names[root], **program.names},
    )


# ---------------------------------------------------------------------- calls


@dataclass(frozen=True)
class HandTangent:
    """`jvp(*nondiff, primals, tangents) -> (value, tangent)`; `fits` where the kinds tell that the tangent has its shape."""

    hand: Hand
    fits: bool

    def call(self, arguments: Mapping[str, Expr], tangents: Mapping[str, Expr]) -> Call:
        assert self.hand.jvp is not None
        ahead = tuple(arguments[name] for name in self.hand.nondiff)
        primals = TupleOf(tuple(arg for name, arg in arguments.items() if name not in self.hand.nondiff))
        return Call(Routine(self.hand.jvp), (*ahead, primals, TupleOf(tuple(tangents.values()))))

    def test(self, tangent: Expr, value: Expr) -> Block:
        """The tangent checked at run time, where that is needed."""
        if self.fits:
            return ()
        return (Assign(tangent, checked(tangent, value, f"the jvp of `{self.hand.name}` by hand")),)


@dataclass(frozen=True)
class HandPair:
    """`backward(*nondiff, residuals, y_bar)`, which returns a tuple with one adjoint for each of `params`.

    `zeros` are those that it returns None for; `fits` where the kinds tell that the others have their shapes.
    """

    hand: Hand
    params: tuple[str, ...]
    zeros: frozenset[str]
    fits: bool

    def target(self, targets: Mapping[str, Expr]) -> Expr:
        """What the adjoints are assigned to; those that nobody asks for are thrown away."""
        return TupleOf(tuple(targets.get(name, Name("_")) for name in self.params))

    def part(self, call: Expr, param: str) -> Expr:
        return Index(call, Const(self.params.index(param)))

    def test(self, adjoint: Expr, value: Expr) -> Expr:
        """The adjoint, checked at run time where that is needed."""
        return adjoint if self.fits else checked(adjoint, value, f"the vjp of `{self.hand.name}` by hand")


def checked(part: Expr, model: Expr, label: str) -> Expr:
    """A tangent or adjoint by hand, with a test that it has the form of what it belongs to."""
    return Call(Global("_checked"), (part, model, Const(label)))


def with_positions(function: Function, functions: Callable[[str], Function]) -> Function:
    """The function with all arguments given by position where it calls functions that have a rule: its text has no names."""

    def given(node: Expr) -> Expr:
        new = map_children(node, given)
        match new:
            case Call(func=Routine(key=key)) if registry.has_rule(new):
                callee = functions(key)
                bound = bind_call(callee, new)
                if isinstance(bound, str):
                    return new
                named = {param.name for param in callee.params if param.form == "keyword"}
                args = tuple(arg for name, arg in bound.items() if name not in named)
                return replace(new, args=args, keywords=tuple((name, bound[name]) for name in bound if name in named))
        return new

    return replace(function, body=tuple(map_statement(s, given) for s in function.body))


def in_forward_mode(linear: Expr, context: Context) -> Expr:
    """A differential where what is given by its transpose stands as the derivative that is given for forward mode."""
    new = map_children(linear, lambda child: in_forward_mode(child, context))
    if not isinstance(new, Call):
        return new
    entry = next((one for one in registry.linear_rules(registry.key_of(new) or "") if one.of), None)
    if entry is None:
        return new
    if entry.forward is None:
        reason = f"`{entry.of}` has a derivative by hand for reverse mode alone"
        raise context.refusal("S204", reason, new.args[1], "give one for forward mode too: s2sad.defjvp")
    names: dict[Expr, Expr] = {Name(name): arg for name, arg in zip(entry.signature.params, new.args, strict=True)}
    return substitute(entry.forward, names)


# ------------------------------------------------- the tangent as a linear function


def tangent_function_of(
    jvp: Function,
    hand: Hand,
    function: Function,
    active: tuple[str, ...],
    kinds: Mapping[str, Kind],
    data: Mapping[str, Kind],
) -> tuple[Function, dict[str, str]]:
    """`(*args, *tangents) -> tangent` made of the jvp by hand, and the names of the tangents of `active` in it.

    The tangents of other parameters are zero.
    """
    own = [param.name for param in jvp.params]
    params = [param.name for param in function.params if param.name not in hand.nondiff]
    *ahead, primals, tangents = own
    named = _named_parts(jvp.body, primals, tangents, len(params))
    if named is None:
        names = Names([*data, *bound_names(jvp)])
        values = tuple(names.unique(name) for name in params)
        dots = tuple(names.unique(f"{name}_dot") for name in params)
        packed = (
            Assign(Name(primals), TupleOf(tuple(map(Name, values)))),
            Assign(Name(tangents), TupleOf(tuple(map(Name, dots)))),
        )
        body: Block = (*packed, *jvp.body)
    else:
        values, dots, body = named
    by_param = dict(zip(hand.nondiff, ahead, strict=True)) | dict(zip(params, values, strict=True))
    dot_of = dict(zip(params, dots, strict=True))
    zeros = tuple(
        Assign(Name(dot_of[name]), zero_of(Name(by_param[name]), kinds.get(name, Unknown())))
        for name in params
        if name not in active
    )
    order = [by_param[param.name] for param in function.params]
    made = tuple(map(Param, (*order, *(dot_of[name] for name in active))))
    return Function(f"{hand.name}_tangent", made, (*zeros, *_tangents(body))), {n: dot_of[n] for n in active}


def _named_parts(
    body: Block, primals: str, tangents: str, count: int
) -> tuple[tuple[str, ...], tuple[str, ...], Block] | None:
    """The names that a jvp gives at once to the parts of its arguments, and the rest of it; None if it does not."""
    found: dict[str, tuple[str, ...]] = {}
    rest: list[Statement] = []
    for s in body:
        pairs = _unpacking(s, (primals, tangents), count)
        if pairs and not rest:
            found |= pairs
        else:
            rest.append(s)
    values, dots = found.get(primals, ()), found.get(tangents, ())
    read = {name for s in rest for name in _names(s)}
    names = (*values, *dots)
    if not values or not dots or len(set(names)) < len(names) or {primals, tangents} & read:
        return None
    return values, dots, tuple(rest)


def _unpacking(s: Statement, packed: tuple[str, str], count: int) -> dict[str, tuple[str, ...]]:
    """The packed variables that a statement does nothing but unpack, with the names of their parts."""
    if not isinstance(s, Assign) or not isinstance(s.target, TupleOf):
        return {}
    whole = s.target.items if isinstance(s.value, TupleOf) else (s.target,)
    values = s.value.items if isinstance(s.value, TupleOf) else (s.value,)
    found: dict[str, tuple[str, ...]] = {}
    for target, value in zip(whole, values, strict=False):
        items = target.items if isinstance(target, TupleOf) else ()
        names = tuple(item.id for item in items if isinstance(item, Name))
        if not isinstance(value, Name) or value.id not in packed or len(names) != count or len(items) != count:
            return {}
        found[value.id] = names
    return found if len(whole) == len(values) else {}


def _names(s: Statement) -> set[str]:
    return {name for part in (Function("", (), (s,)),) for name in reads(part)}


def _tangents(block: Block) -> Block:
    """The second part of every result in its place."""
    return tuple(map(_tangent, block))


def _tangent(s: Statement) -> Statement:
    match s:
        case Return(value=TupleOf(items=(_, tangent))):
            return replace(s, value=tangent)
        case Return(value=Expr() as value):
            return replace(s, value=Index(value, Const(1)))
    return map_blocks(s, _tangents)


def without_parameters(
    function: Function, dots: Mapping[str, str], kinds: Mapping[str, Kind], params: tuple[str, ...]
) -> Function:
    """An adjoint `(*args, *tangents, y_bar)` as `(y_bar, *params)`: it is linear, so the tangents may be zero."""
    *_, seed = (param for param in function.params if param.form != "keyword")
    read = set(reads(replace(function, params=())))
    values = dict(zip(params, (param.name for param in function.params), strict=False))
    zeros = tuple(
        Assign(Name(dot), zero_of(Name(values[name]), kinds.get(name, Unknown())))
        for name, dot in dots.items()
        if dot in read
    )
    return replace(
        function, params=(Param(seed.name), *(Param(values[name]) for name in params)), body=(*zeros, *function.body)
    )
