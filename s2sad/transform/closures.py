"""Functions inside functions become functions of the program, with what they read of the outer one as parameters in front.

A nested function reads a variable of the outer one as it is when the function is called, not when it is made. Where it is
called by name that is so by itself, for the variable is an argument of the call; where it goes elsewhere as a value its
variables have to be such as no longer change (lambda lifting: Johnsson 1985).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from s2sad.analysis.calls import bind_call
from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import (
    Assign,
    Attribute,
    Block,
    Call,
    Closure,
    Def,
    Expr,
    For,
    Function,
    Lambda,
    Name,
    Param,
    Return,
    Routine,
    Statement,
    While,
    noted,
)
from s2sad.naming import Names
from s2sad.program import Program
from s2sad.transform.free import definitions, free_names, own_names
from s2sad.transform.outliving import outliving
from s2sad.traversal import (
    binds,
    blocks,
    bound_names,
    expressions,
    map_blocks,
    map_children,
    map_heads,
    map_statement,
    names_in,
    statements,
    substitute,
    walk,
)

__all__ = ["lifted"]

#: Parameters with defaults that are computed when the function is made.
Bound = tuple[tuple[str, Expr], ...]


def lifted(program: Program) -> Program:
    """The program without functions inside functions."""
    if not any(map(_has_nested, program.functions.values())):
        return program
    done = replace(program, functions={}, units=dict(program.units), names=dict(program.names))
    for key, function in program.functions.items():
        done.functions[key] = function
    waiting: dict[str, dict[str, Closure]] = {key: {} for key in program.functions}
    while waiting:
        key, outer = next(iter(waiting.items()))
        lifting = _Lifting(key, done, outer)
        done.functions[key] = lifting.function(done.functions[key])
        del waiting[key]
        waiting |= lifting.found
    _keep_apart(done, [key for key in done.functions if key not in program.functions])
    return done


def _keep_apart(program: Program, lifted: list[str]) -> None:
    """No lifted function is called like a variable of any function: where one is meant the other would be found."""
    local = {name for function in program.functions.values() for name in bound_names(function)}
    names = Names([*local, *program.names.values()])
    for key in lifted:
        if program.names[key] in local:
            program.names[key] = names.unique(program.names[key])


@noted
def _has_nested(function: Function) -> bool:
    return _defines(function.body) or any(isinstance(p, Lambda) for e in expressions(function.body) for p in walk(e))


def _defines(block: Block) -> bool:
    return any(isinstance(s, Def) or any(map(_defines, blocks(s))) for s in block)


@dataclass
class _Lifting:
    """Lifts the functions right inside one function; `closures` are those that go by a name, those of the functions around
    it to begin with. `found` are the lifted ones, with those that go by a name in them.
    """

    key: str
    program: Program
    closures: dict[str, Closure]
    found: dict[str, dict[str, Closure]] = field(default_factory=dict)
    defaults: dict[str, Bound] = field(default_factory=dict)

    def function(self, function: Function) -> Function:
        self.bindings = Counter(param.name for param in function.params) + Counter(_bindings(function.body))
        self.places = dict(_places(function.body))
        self.local = {*bound_names(function), *self.bindings}
        self.check_defined_once(function)
        made = {s.function.name: (s.function, s.bound) for s in definitions(function.body)}
        made |= self.lambdas(function.body)
        self.defaults = {name: self.named_defaults(name, bound) for name, (_, bound) in made.items()}
        self.bindings.update(name for bound in self.defaults.values() for name in _mentioned(bound))
        captured = self.captured(made)
        for name, (inner, _) in made.items():
            self.closures[name] = self.closure(inner, captured[name], self.defaults[name])
        for name, (inner, _) in made.items():
            self.lift(inner, self.closures[name])
        return replace(function, body=self.block(function.body))

    def captured(self, made: Mapping[str, tuple[Function, Bound]]) -> dict[str, list[str]]:
        """What each function captures: what it reads itself, and what the functions capture that it calls."""
        known = self.local | made.keys() | self.closures.keys()
        found = {name: _mentioned(closure.captures) for name, closure in self.closures.items()}
        found |= {name: (free_names(inner) & known) - dict(bound).keys() for name, (inner, bound) in made.items()}
        kept = {name: _mentioned(bound) for name, bound in self.defaults.items()}
        changed = True
        while changed:
            changed = False
            for own in found.values():
                for other in own & found.keys():
                    if not found[other] | kept.get(other, set()) <= own:
                        own |= found[other] | kept.get(other, set())
                        changed = True
        return {name: sorted(found[name] - found.keys()) for name in made}

    def check_defined_once(self, function: Function) -> None:
        """Refuse a name that stands for one function here and for something else there."""
        counts = Counter(s.function.name for s in definitions(function.body))
        for s in definitions(function.body):
            if counts[s.function.name] > 1 or self.bindings[s.function.name]:
                reason = f"cannot differentiate the function `{s.function.name}`, whose name is bound more than once"
                place = self.unit.place(s.origin.span if s.origin else None)
                raise DifferentiationError("S201", reason, place, "give each function a name of its own")

    @property
    def unit(self) -> Unit:
        return self.program.units[self.key]

    def lambdas(self, block: Block) -> dict[str, tuple[Function, Bound]]:
        """The lambdas that go by the name of a variable, which never is anything else, and their defaults."""
        found: dict[str, tuple[Function, Bound]] = {}
        for s in statements(block):
            match s:
                case Assign(target=Name(id=name), value=Lambda(function=inner, bound=bound)) if self.is_function(name):
                    found[name] = (inner, bound)
        return found

    def is_function(self, name: str) -> bool:
        """True for a variable that is bound once: where that is to a lambda, it stands for the function."""
        return self.bindings[name] == 1

    def named_defaults(self, function: str, bound: Bound) -> Bound:
        """The defaults of a function, under the names of variables that hold what they were when it was defined."""
        names = Names([*self.local, *self.program.names.values()])
        return tuple((name, Name(names.unique(f"{function}_{name}"))) for name, _ in bound)

    def closure(self, inner: Function, captured: list[str], bound: Bound = ()) -> Closure:
        key = f"{self.key}.<locals>.{inner.name}"
        while key in self.program.functions:
            key += "'"
        self.program.functions[key] = inner
        own = own_names(inner) | dict(bound).keys()
        names = Names([*own, *free_names(inner), *captured])
        # What only a function that it calls captures may be called like a variable of its own.
        params = (names.unique(name) if name in own else name for name in captured)
        return Closure(key, (*bound, *((param, Name(name)) for param, name in zip(params, captured, strict=True))))

    def lift(self, inner: Function, closure: Closure) -> None:
        """Put the function into the program: what it captures comes first; its siblings are closures there as well."""
        inside = {value.id: param for param, value in closure.captures if isinstance(value, Name)}
        own = own_names(inner) | dict(closure.captures).keys()
        self.found[closure.key] = {
            name: replace(sibling, captures=_renamed(sibling.captures, inside))
            for name, sibling in self.closures.items()
            if name not in own
        }
        params = (*(Param(name) for name, _ in closure.captures), *inner.params)
        self.program.functions[closure.key] = replace(inner, params=params)
        self.program.units[closure.key] = self.unit
        taken = {*self.program.names.values(), *self.local}
        name = inner.name
        while name in taken:
            name += "_"
        self.program.names[closure.key] = name

    # ---------------------------------------------------------------- outside

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        self.here = self.places[id(s)]
        match s:
            case Def(function=function, bound=bound):
                return self.defined(function.name, bound)
            case Assign(target=Name(id=name), value=Lambda(bound=bound)) if name in self.defaults:
                return self.defined(name, bound)
            case For(iterable=iterable):
                return (map_blocks(replace(s, iterable=self.value(iterable)), self.block),)
            case Return():
                # After a return no variable changes any more.
                return (map_statement(s, lambda node: self.expression(node, stays=True)),)
        return (map_blocks(map_heads(s, self.value), self.block),)

    def defined(self, name: str, bound: Bound) -> Block:
        """A function gets its name: its defaults are what they are now."""
        values = dict(bound)
        return tuple(Assign(variable, self.value(values[own])) for own, variable in self.defaults[name])

    def value(self, node: Expr) -> Expr:
        """An expression whose value stays: a function that it is, or has in it, must not change its meaning."""
        return self.expression(node, stays=False)

    def expression(self, node: Expr, stays: bool) -> Expr:
        match node:
            case Name(id=name) if name in self.closures:
                return self.kept(replace(self.closures[name], span=node.span), stays)
            case Lambda():
                bound = tuple((name, self.expression(value, stays)) for name, value in node.bound)
                return self.kept(self.lambda_closure(replace(node, bound=bound)), stays, dict(node.bound).keys())
            case Call(func=Attribute(attr="append" | "insert")):
                return map_children(node, lambda child: self.expression(child, stays))
            case Call(func=func, args=args, keywords=keywords) if not _is_library(func):
                # During the call no variable of this function changes.
                kept = () if stays else self.outliving(node)
                passed = tuple(self.expression(arg, arg not in kept) for arg in args)
                named = tuple((key, self.expression(arg, arg not in kept)) for key, arg in keywords)
                return replace(node, func=self.expression(func, stays=True), args=passed, keywords=named)
            case Call(args=args, keywords=keywords):
                carried = tuple(self.for_library(arg, stays) for arg in args)
                named = tuple((key, self.for_library(arg, stays)) for key, arg in keywords)
                return replace(node, func=self.expression(node.func, stays), args=carried, keywords=named)
        return map_children(node, lambda child: self.expression(child, stays))

    def for_library(self, arg: Expr, stays: bool) -> Expr:
        """An argument of a library's function; a lambda stays text, but for one that calls a function inside of this one."""
        if (
            isinstance(arg, Lambda)
            and arg.carried is not None
            and self.closures.keys().isdisjoint(names_in(arg.carried))
        ):
            return arg.carried
        return self.expression(arg, stays)

    def kept(self, closure: Closure, stays: bool, bound: Container[str] = ()) -> Closure:
        """A closure as a value, some parameters of which were `bound` when it was made; refused if a variable that it reads
        may change while it lives.
        """
        if not stays:
            self.check_kept(
                (name for name, value in closure.captures if name not in bound and value == Name(name)), closure
            )
        return closure

    def check_kept(self, names: Iterable[str], node: Expr) -> None:
        """Refuse a function value, which stays, if one of these variables that it reads changes behind this place."""
        changing = next((name for name in names if self.changes_later(name)), None)
        if changing is not None:
            reason = f"cannot differentiate a function kept as a value: it reads `{changing}`, which changes"
            rewrite = "call it where it is defined, or pass the variable as an argument"
            raise DifferentiationError("S201", reason, self.unit.place(node.span), rewrite)

    def changes_later(self, name: str) -> bool:
        """True for a variable that is bound behind this place, or in a loop around it."""
        return any(
            place.number >= self.here.number or place.loops & self.here.loops
            for place in self.places.values()
            if name in place.binds
        )

    def outliving(self, call: Call) -> tuple[Expr, ...]:
        """The arguments of a call that may stay, if they are functions. Refused is what the function called makes itself, and
        leaves behind, if a variable that it reads changes later.
        """
        every = (*call.args, *(value for _, value in call.keywords))
        known = {
            name: replace(inner, params=inner.params[len(closure.captures) :])
            for name, closure in self.closures.items()
            if (inner := self.program.functions[closure.key])
        }
        match call.func:
            case Name(id=name) if name in known:
                function = known[name]
            case Lambda(function=inner):
                function = inner
            case Routine(key=key) if key in self.program.functions:
                function = self.program.functions[key]
            case _:
                return every
        left = outliving(function, known, self.program.functions)
        captured = {
            name for sibling in left & self.closures.keys() for name in _mentioned(self.closures[sibling].captures)
        }
        params = {param.name for param in function.params}
        self.check_kept(sorted((left - params) | captured), call)
        bound = bind_call(function, call)
        return every if isinstance(bound, str) else tuple(arg for name, arg in bound.items() if name in left)

    def lambda_closure(self, node: Lambda) -> Closure:
        free = free_names(node.function)
        siblings = {name for name in free if name in self.closures}
        reads = free & self.local - siblings
        reads |= {name for sibling in siblings for name in _mentioned(self.closures[sibling].captures)}
        reads -= dict(node.bound).keys()
        closure = self.closure(node.function, sorted(reads, key=self.position), node.bound)
        self.lift(node.function, closure)
        return replace(closure, span=node.span)

    def position(self, name: str) -> int:
        """Where a variable is bound first: the order in which functions take what they capture."""
        order = list(self.bindings)
        return order.index(name) if name in order else len(order)


def _is_library(func: Expr) -> bool:
    """True for what is certainly no function of the program: a library's function, a method."""
    return type(func).__name__ in ("Global", "Attribute")


def _mentioned(bound: Bound) -> set[str]:
    """The variables in the values that parameters are bound to."""
    return {name for _, value in bound for name in names_in(value)}


def _renamed(bound: Bound, new: Mapping[str, str]) -> Bound:
    """The same parameters bound to variables by other names."""
    return tuple(
        (param, substitute(value, {Name(name): Name(own) for name, own in new.items()})) for param, value in bound
    )


def _bindings(block: Block) -> list[str]:
    """The variables bound in a block, once for each place."""
    return [name for s in statements(block) for name in sorted(set(binds(s)))]


@dataclass(frozen=True)
class _Place:
    """Where a statement stands: its number in order, those of the loops around it, itself among them; and what it binds."""

    number: int
    loops: frozenset[int]
    binds: frozenset[str]


def _places(block: Block) -> Iterator[tuple[int, _Place]]:
    """The places of the statements, by their identity."""
    numbers = count()

    def of(block: Block, loops: frozenset[int]) -> Iterator[tuple[int, _Place]]:
        for s in block:
            number = next(numbers)
            own = loops | {number} if isinstance(s, For | While) else loops
            yield id(s), _Place(number, own, frozenset(binds(s)))
            for inner in blocks(s):
                yield from of(inner, own)

    yield from of(block, frozenset())
