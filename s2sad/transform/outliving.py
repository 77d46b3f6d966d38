"""What function values leave a function: it returns them, or puts them into something that stays.

    def make(c):                     leaves a function that reads `b` and `c`
        return lambda e: b * c * e

    def twice(f):                    leaves what is given as `f`
        return lambda v: f(f(v))

Such a function value lives longer than the call, and sees how the variables that it reads change meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from s2sad.ir import (
    Assign,
    Attribute,
    Binary,
    Call,
    Compare,
    Def,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    Index,
    Lambda,
    Name,
    Return,
    Routine,
    Starred,
    Unary,
)
from s2sad.transform.free import free_names
from s2sad.traversal import binds, children, statements

__all__ = ["outliving"]

#: Functions of libraries whose results hold what they are given.
_HOLDERS = frozenset("functools.partial list tuple dict zip map reversed enumerate iter".split())


def outliving(function: Function, known: Mapping[str, Function], routines: Mapping[str, Function]) -> set[str]:
    """The names that functions read which leave `function`, as far as it does not bind them, and its parameters that may
    leave it themselves, if they are functions. `known` are the functions that it knows by name, `routines` those of the
    program by key.
    """
    return _Outliving(function, known, routines, frozenset()).found()


@dataclass
class _Outliving:
    function: Function
    known: Mapping[str, Function]
    routines: Mapping[str, Function]
    above: frozenset[int]

    def __post_init__(self) -> None:
        self.lines = list(statements(self.function.body))
        self.own = {s.function.name: s.function for s in self.lines if isinstance(s, Def)}
        self.params = {param.name for param in self.function.params}
        self.bound: dict[str, list[Expr]] = {}
        for s in self.lines:
            source = s.value if isinstance(s, Assign) else s.iterable if isinstance(s, For) else None
            for name in binds(s):
                self.bound.setdefault(name, []).extend([] if source is None else [source])

    def found(self) -> set[str]:
        seen: set[str] = set()
        waiting = [name for node in self.leaving() for name in self.held_by(node)]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += self.behind(name)
        return seen - ({*self.bound, *self.own} - self.params)

    def leaving(self) -> Iterator[Expr]:
        """What the function gives to others."""
        for s in self.lines:
            match s:
                case Return(value=value) if value is not None:
                    yield value
                case Assign(target=Index() | Attribute(), value=value):
                    yield value
                case Evaluate(value=Call(func=Attribute(), args=args)):
                    yield from args

    def behind(self, name: str) -> Iterator[str]:
        """What is held by what goes by a name."""
        if name in self.own:
            yield from free_names(self.own[name])
        for value in self.bound.get(name, ()):
            yield from self.held_by(value)

    def held_by(self, node: Expr) -> Iterator[str]:
        """The names of the function values, or those that such read, that the value of an expression may hold."""
        match node:
            case Lambda(function=inner, bound=bound):
                yield from free_names(inner) - dict(bound).keys()
                for _, value in bound:
                    yield from self.held_by(value)
            case Name(id=name):
                yield from self.named(name)
            case Call(func=Name() | Routine() | Lambda()):
                yield from self.held_by_result(node)
            case Call(func=Global(dotted=dotted), args=args, keywords=keywords):
                if dotted in _HOLDERS:
                    for part in (*args, *(value for _, value in keywords)):
                        yield from self.held_by(part)
            case Binary() | Unary() | Compare() | Call(func=Attribute()):
                return
            case Call(args=args, keywords=keywords):
                # What a class makes holds what it is given.
                for part in (*args, *(value for _, value in keywords)):
                    yield from self.held_by(part)
            case _:
                for child in children(node):
                    yield from self.held_by(child)

    def named(self, name: str) -> Iterator[str]:
        """A name where it stands for a function, or may: those of other variables hold numbers."""
        if name in self.params or name in self.own or name in self.known or name in self.bound:
            yield name

    def held_by_result(self, call: Call) -> Iterator[str]:
        """What the result of a function of the program may hold."""
        every = (*call.args, *(value for _, value in call.keywords))
        callee = self.callee(call.func)
        if callee is None:
            for arg in every:
                yield from self.held_by(arg.value if isinstance(arg, Starred) else arg)
            return
        if id(callee) in self.above:
            return
        inner = _Outliving(callee, {**self.known, **self.own}, self.routines, self.above | {id(self.function)})
        names = inner.found()
        yield from names - inner.params
        if names & inner.params:
            for arg in every:
                yield from self.held_by(arg.value if isinstance(arg, Starred) else arg)

    def callee(self, func: Expr) -> Function | None:
        match func:
            case Name(id=name):
                return self.own.get(name) or self.known.get(name)
            case Routine(key=key):
                return self.routines.get(key)
            case Lambda(function=function):
                return function
        return None
