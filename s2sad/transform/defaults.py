"""Functions with a parameter that is None or written into: one function for each of the two, where the calls tell them apart.

    def f(x, out=None):                      def f(x, out=None):          def f_1(x, out=None):
        if out is None:                          out = np.empty(3)            out[0] = x[0]
            out = np.empty(3)           →        out[0] = x[0]                return out
        out[0] = x[0]                            return out
        return out

Only of the second one the caller sees what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from s2sad.analysis.calls import bind_call
from s2sad.analysis.changes import functional
from s2sad.analysis.infer import infer
from s2sad.analysis.inout import parameter_kinds
from s2sad.analysis.kinds import decided, kinds_in
from s2sad.ir import (
    Assign,
    Aug,
    Block,
    Call,
    Closure,
    Conditional,
    Evaluate,
    Expr,
    Function,
    If,
    Index,
    Name,
    Return,
    Routine,
    Statement,
    TupleOf,
    noted,
)
from s2sad.kind import Kind, List, Other, Unknown
from s2sad.naming import Names
from s2sad.program import Program
from s2sad.syntax import template
from s2sad.traversal import (
    binds,
    bound_names,
    children,
    expressions,
    map_children,
    map_statement,
    names_in,
    statements,
    walk,
)

__all__ = ["with_decided_defaults"]

Returns = Callable[[Call, Mapping[str, Kind]], Kind]

_NONE = template("x is None", x=Name("x"))
#: The kind of what is not None: of that nothing else is told.
_SOMETHING = List(Unknown())


def with_decided_defaults(
    program: Program, kinds: Mapping[str, Kind], data: Mapping[str, Kind], returns: Returns
) -> Program:
    """The program with functions of their own for calls with None and without; `kinds` are those of the parameters of its
    first function.
    """
    if not any(map(_tested, program.functions.values())):
        return program
    variants = _Variants(program, data, returns)
    variants.decide_root(kinds)
    values = _called_elsewhere(program)
    while True:
        before = dict(variants.functions)
        variants.optional = _handing_on(before)
        for key, given in parameter_kinds(before, kinds, data, returns).items():
            if key not in values:
                variants.functions[key] = variants.with_calls(variants.functions[key], given)
        if variants.functions == before:
            return replace(program, functions=variants.functions, names=variants.names, units=variants.units)


def _called_elsewhere(program: Program) -> set[str]:
    """The functions that are values or parts of a derivative by hand, and what they call: with what is not seen here."""
    found = {key for hand in program.by_hand.values() for key in hand.keys}
    for function in program.functions.values():
        defaults = TupleOf(tuple(param.default for param in function.params if param.default is not None))
        for node in (*expressions(function.body), defaults):
            found |= {key for part in walk(TupleOf((node,))) for key in _values_in(part)}
    waiting = list(found)
    while waiting:
        body = program.functions[waiting.pop()].body
        calls = {part.key for node in expressions(body) for part in walk(node) if isinstance(part, Routine)}
        waiting += calls - found
        found |= calls
    return found


def _values_in(node: Expr) -> Iterator[str]:
    """The functions that are direct parts of an expression and not called by it."""
    match node:
        case Call(func=Routine(), args=args, keywords=keywords):
            parts: tuple[Expr, ...] = (*args, *(value for _, value in keywords))
        case Closure(key=key):
            yield key
            parts = children(node)
        case _:
            parts = children(node)
    yield from (part.key for part in parts if isinstance(part, Routine))


@noted
def _tested(function: Function) -> frozenset[str]:
    """The parameters that may be None, which gives them another value, and that are written into."""
    names = (param.name for param in function.params)
    none = {name: _decided(function, {name: Other("NoneType")}) for name in names if _is_written(name, function.body)}
    return frozenset(name for name, own in none.items() if own != function)


def _handing_on(functions: Mapping[str, Function]) -> dict[str, frozenset[str]]:
    """By function the parameters that are tested, and those that are handed on to such."""
    found = {key: _tested(function) for key, function in functions.items()}
    while True:
        before = dict(found)
        for key, function in functions.items():
            params = {param.name for param in function.params}
            found[key] |= params.intersection(_handed_on(function, functions, before))
        if found == before:
            return found


def _handed_on(
    function: Function, functions: Mapping[str, Function], optional: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    """The variables that a function hands on as a parameter that is optional."""
    for node in expressions(function.body):
        for part in walk(node):
            if isinstance(part, Call) and isinstance(part.func, Routine) and optional.get(part.func.key):
                bound = bind_call(functions[part.func.key], part)
                args = {} if isinstance(bound, str) else bound
                yield from (
                    arg.id for name, arg in args.items() if name in optional[part.func.key] and isinstance(arg, Name)
                )


def _is_written(name: str, block: Block) -> bool:
    """True if something may be written into the object of a parameter."""
    for s in statements(block):
        match s:
            case Assign(target=target) | Aug(target=target) if not isinstance(target, Name):
                if any(isinstance(part, Index) and name in names_in(part.value) for part in walk(target)):
                    return True
            case Aug(target=Name(id=own)) if own == name:
                return True
            case Evaluate(value=value) if name in names_in(value):
                return True
    calls = (part for node in expressions(block) for part in walk(node) if isinstance(part, Call))
    return any(_may_write(call, name) for call in calls)


def _may_write(call: Call, name: str) -> bool:
    if isinstance(call.func, Routine):
        return name in names_in(call)
    return any(key == "out" and name in names_in(value) for key, value in call.keywords)


def _decided(function: Function, given: Mapping[str, Kind]) -> Function:
    """The function without the tests for None that these kinds of parameters decide, up to where they have other values."""
    given = {name: kind if kind == Other("NoneType") else _SOMETHING for name, kind in given.items()}
    return replace(function, body=tuple(_lines(function.body, dict(given))))


def _lines(block: Block, given: dict[str, Kind]) -> Iterator[Statement]:
    for s in block:
        lines: Block = (s,)
        match s:
            case If(test=test, then=then, orelse=orelse) if (taken := _taken(test, given)) is not None:
                lines = tuple(_lines(then if taken else orelse, given))
            case Assign(value=Conditional(test=test, then=then, orelse=orelse)) if (
                taken := _taken(test, given)
            ) is not None:
                own = replace(s, value=then if taken else orelse)
                lines = () if own.target == own.value else (own,)
        yield from lines
        if lines and isinstance(lines[-1], Return):
            return
        for name in {name for inner in statements(lines) for name in binds(inner)}:
            given.pop(name, None)


def _taken(test: Expr, given: Mapping[str, Kind]) -> bool | None:
    if not any(name in given for name in names_in(test)):
        return None
    return decided(test, lambda node: given.get(node.id, Unknown()) if isinstance(node, Name) else Unknown())


@dataclass
class _Variants:
    """The functions of a program, and those that are made of them; `made` are their keys, by which parameters are None, and
    `optional` the parameters that this is asked of.
    """

    program: Program
    data: Mapping[str, Kind]
    returns: Returns
    made: dict[tuple[str, tuple[tuple[str, bool], ...]], str] = field(default_factory=dict)
    optional: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.functions = dict(self.program.functions)
        self.names, self.units = dict(self.program.names), dict(self.program.units)

    def decide_root(self, kinds: Mapping[str, Kind]) -> None:
        """Decide the tests of the first function, unless it is called, too."""
        root = next(iter(self.functions))
        every = (node for function in self.functions.values() for node in expressions(function.body))
        if not any(isinstance(part, Routine) and part.key == root for node in every for part in walk(node)):
            given = {name: kinds[name] for name in _tested(self.functions[root]) if name in kinds}
            self.functions[root] = _decided(self.functions[root], given)

    def with_calls(self, function: Function, given: Mapping[str, Kind]) -> Function:
        """A function whose parameters are of these kinds, with calls of what is made for their arguments."""
        called = {part.key for node in expressions(function.body) for part in walk(node) if isinstance(part, Routine)}
        if not any(map(self.optional.get, called)):
            return function
        body = tuple(map(functional, function.body))
        kind = kinds_in(infer(replace(function, body=body), given, self.data, self.returns).variables, self.returns)

        def visit(node: Expr) -> Expr:
            match map_children(node, visit):
                case Call(func=Routine(key=key) as func) as call if key in self.functions:
                    return replace(call, func=replace(func, key=self.variant(key, call, kind)))
                case other:
                    return other

        return replace(function, body=tuple(map_statement(s, visit) for s in function.body))

    def variant(self, key: str, call: Call, kind: Callable[[Expr], Kind]) -> str:
        """The key of the function for a call."""
        function = self.functions[key]
        bound = bind_call(function, call)
        if isinstance(bound, str) or key in self.program.by_hand or key in self.made.values():
            return key
        asked = sorted(self.optional.get(key, frozenset()).intersection(bound))
        kinds = {name: found for name in asked if _tells(found := kind(bound[name]))}
        if not kinds:
            return key
        which = tuple((name, found == Other("NoneType")) for name, found in kinds.items())
        if (key, which) not in self.made:
            new = f"{key} {which}"
            self.made[key, which] = new
            self.functions[new], self.units[new] = _decided(function, kinds), self.units[key]
            self.names[new] = self.names[key]
            local = [name for function in self.functions.values() for name in bound_names(function)]
            self.names[key] = Names([*self.names.values(), *local]).unique(self.names[key])
        return self.made[key, which]


def _tells(kind: Kind) -> bool:
    """True for the kind of what is None, or is not."""
    return decided(_NONE, lambda node: kind) is not None
