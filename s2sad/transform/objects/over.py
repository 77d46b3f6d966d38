"""Loops over objects that have `__iter__`, and over methods that are generators.

for v in grid:              →    for v in grid.points:         where `__iter__` returns iter(self.points)
for v in grid.halves(x):    →    the method's own loop, with a round in the place of each `yield`
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from s2sad.frontend.generators import is_generator
from s2sad.frontend.resumed import Generator, written_out
from s2sad.frontend.unit import Method
from s2sad.ir import (
    Assign,
    Attribute,
    Block,
    Call,
    ClassRef,
    Const,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    ListOf,
    Name,
    Return,
    Routine,
)
from s2sad.transform.objects.values import Ref, Runtime, There
from s2sad.traversal import expressions, map_children, walk

if TYPE_CHECKING:
    from s2sad.transform.objects.statements import Statements

__all__ = ["elements_of_object", "rounds_of_object"]


def rounds_of_object(walk: Statements, s: For) -> Block | None:
    """What a loop becomes that runs over an object of a class with `__iter__`, or a method that is a generator; None for other
    loops.
    """
    match s.iterable:
        case Call(func=Global(dotted="enumerate"), args=(inner, *rest), keywords=()):
            call = _asked(walk, inner)
            over = None if call is None else replace(s.iterable, args=(call, *rest))
        case _:
            call = over = _asked(walk, s.iterable)
    if call is None or over is None or not isinstance(call.func, Attribute):
        return None
    if isinstance(call.func.value, Call):
        # The object is made once.
        made = Assign(Name(walk.names.unique("t")), call.func.value, origin=s.origin)
        named = replace(call, func=replace(call.func, value=made.target))
        return (made, replace(s, iterable=named if over == call else replace(over, args=(named, *over.args[1:]))))
    method = walk.method_of(walk.quiet(call.func.value), call.func.attr)
    assert method is not None
    return _written(walk, replace(s, iterable=over), call, method)


def elements_of_object(walk: Statements, node: Call) -> tuple[Name, Block] | None:
    """The list of the elements of an object that a function is given, with the lines that make it; None for other calls."""
    match node:
        case Call(args=(first, *rest), keywords=()) if all(isinstance(one, Const | Name) for one in rest):
            if not isinstance(first, Name | Attribute | Call) or _asked(walk, first) is None:
                return None
            items, item = Name(walk.names.unique("items")), Name(walk.names.unique("item"))
            added = Evaluate(Call(Attribute(items, "append"), (item,)))
            return items, (Assign(items, ListOf(())), For(item, first, (added,), gathers="generator"))
    return None


def _asked(walk: Statements, node: Expr) -> Call | None:
    """What is run over, as a call of a method that this is about; None for anything else."""
    match node:
        case Call(func=Attribute(value=owner, attr=attr)) if _is_simple(owner):
            method = _method(walk, owner, attr)
            is_about = method is not None and (attr == "__iter__" or is_generator(method.unit.node))
            return node if is_about else None
        case _ if _is_simple(node) and _method(walk, node, "__iter__") is not None:
            return Call(Attribute(node, "__iter__", span=node.span), (), span=node.span)
    return None


def _is_simple(node: Expr) -> bool:
    """True for a chain of names, and for an object that is made."""
    match node:
        case Attribute(value=value):
            return _is_simple(value)
        case Call(func=ClassRef()):
            return True
    return isinstance(node, Name)


def _method(walk: Statements, owner: Expr, attr: str) -> Method | None:
    """The method of an object under a name."""
    match owner:
        case Call(func=ClassRef(key=key)):
            made = walk.whole.class_of(key)
            found = made.scope.member(attr) if made is not None and made.form != "namedtuple" else None
        case _:
            one = walk.quiet(owner)
            found = walk.method_of(one, attr) if isinstance(one.value, Ref | Runtime | There) else None
    return found if isinstance(found, Method) and found.form == "method" else None


def _written(walk: Statements, s: For, call: Call, method: Method) -> Block:
    program, unit = walk.whole.program, method.unit
    function = walk.whole.brought(unit)
    _check(walk, function, call)
    assert isinstance(call.func, Attribute)
    own = replace(call, func=Routine(unit.key, span=call.func.span), args=(call.func.value, *call.args))
    if function.yields:
        enumerated = s.iterable != call
        assert isinstance(s.iterable, Call)
        s = replace(s, iterable=replace(s.iterable, args=(own, *s.iterable.args[1:])) if enumerated else own)

        def find(key: str) -> Generator | None:
            found = program.functions.get(key)
            return Generator(found, program.units[key]) if found is not None and found.yields else None

        return written_out(s, own, Generator(function, unit), walk.unit, walk.names, walk.local, find)
    over = _iterated(function)
    if over is None or call.args or call.keywords:
        reason = f"this use of an object, over which `{function.name}` of its class runs"
        raise walk.refusal(call, reason, "return `iter(…)` of what it holds, or yield its elements")
    own_place = unit.file == walk.unit.file
    over = _for_object(over, function.params[0].name, call.func.value, own_place)
    if s.iterable == call:
        return (replace(s, iterable=over),)
    assert isinstance(s.iterable, Call)
    return (replace(s, iterable=replace(s.iterable, args=(over, *s.iterable.args[1:]))),)


def _iterated(function: Function) -> Expr | None:
    """What `__iter__` returns the iterator of."""
    match function.body:
        case (Return(value=Call(func=Global(dotted="iter"), args=(over,), keywords=())),):
            return over
    return None


def _for_object(node: Expr, param: str, owner: Expr, keeps_places: bool) -> Expr:
    """An expression of a method, for an object."""
    if node == Name(param):
        return owner
    new = map_children(node, lambda child: _for_object(child, param, owner, keeps_places))
    return new if keeps_places else replace(new, span=None)


def _check(walk_: Statements, function: Function, call: Call) -> None:
    """Refuse what means something else outside of the class."""
    parts = [part for node in expressions(function.body) for part in walk(node)]
    if any(part == Global("super") for part in parts):
        reason = f"a loop over `{function.name}`, which calls `super()`"
        raise walk_.refusal(call, reason, "call the method of the other class by its name")
