"""What is assumed of values of unknown kind, and a test at run time makes sure of where an array was not meant.

What is run over, and whose elements carry a derivative, is no dict: that would give its keys. What an attribute of arrays is
read of, `x.size` or `x.T`, or a method of theirs is called of, is no object of a class: that may have another one of this
name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from s2sad.analysis.activity import parts_of_rounds
from s2sad.analysis.context import Context
from s2sad.analysis.loops import iteration
from s2sad.frontend.generators import TAKING_ALL
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Bool,
    Call,
    Compare,
    Conditional,
    Const,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    ListOf,
    Name,
    Return,
    Starred,
    Statement,
    TupleOf,
    Unary,
    While,
)
from s2sad.kind import Dict, Unknown
from s2sad.rules import registry
from s2sad.syntax import template
from s2sad.transform.refusing import refused_if
from s2sad.traversal import assigned, children, heads, map_blocks, names_in, statements, target_names

__all__ = ["with_tests"]

#: Builtin functions that run over their argument and give, or add up, what they find.
_RUNNING = TAKING_ALL | {"enumerate", "reversed", "zip"}
#: Expressions whose values are no dicts.
_NO_DICTS = (Binary, Compare, Const, ListOf, TupleOf, Unary)


def with_tests(function: Function, context: Context, varied: frozenset[str]) -> Function:
    """The function with tests of what is assumed of values of unknown kind; `varied` are the variables that depend on what
    it is differentiated by, though only by what is taken for a shape.
    """
    return replace(function, body=_Testing(context, varied, _computed(function)).block(function.body, frozenset()))


@dataclass(frozen=True)
class _Testing:
    """Puts tests before statements; `computed` are variables that hold results of arithmetic."""

    context: Context
    varied: frozenset[str]
    computed: frozenset[str]

    def block(self, block: Block, tested: frozenset[If]) -> Block:
        """A block behind tests that need not be made again."""
        lines: list[Statement] = []
        for s in block:
            bound = assigned(s)
            tests = dict.fromkeys(test for test in self.tests(s) if test not in tested)
            lines += tests
            tested |= tests.keys()
            inside = tested if not isinstance(s, For | While) else _lasting(tested, bound)
            lines.append(map_blocks(s, partial(self.block, tested=inside)))
            tested = _lasting(tested, bound)
        return tuple(lines)

    def tests(self, s: Statement) -> Iterator[If]:
        for node in _run_over(s, self.context):
            if isinstance(node, Name | Index | Attribute) and isinstance(self.context.kind(node), Dict):
                self.check_keys(node)
            if self.context.is_active(node) and self.may_be_any(node):
                yield _no_dict(node)
        for head in heads(s):
            for node in _read_as_arrays(head):
                if not self.varied.isdisjoint(names_in(node)) and self.may_be_any(node):
                    yield _no_object(node)

    def check_keys(self, node: Expr) -> None:
        if self.context.is_active(node):
            reason = "cannot differentiate the keys of a dict of which they are not known"
            raise self.context.refusal("S202", reason, node, "run over the dict itself: `for key in …`")

    def may_be_any(self, node: Expr) -> bool:
        """True for a variable, or a part of one, of which nothing is known."""
        if not isinstance(node, Name | Index | Attribute) or (isinstance(node, Name) and node.id in self.computed):
            return False
        kind = self.context.kind(node)
        return isinstance(kind, Unknown) and not isinstance(kind, Dict)


def _lasting(tested: frozenset[If], bound: set[str]) -> frozenset[If]:
    return frozenset(test for test in tested if bound.isdisjoint(names_in(test.test)))


def _computed(function: Function) -> frozenset[str]:
    """The variables that hold nothing but results of arithmetic."""
    values = [s for s in statements(function.body) if isinstance(s, Assign)]
    computed = {s.target.id for s in values if isinstance(s.target, Name) and isinstance(s.value, _NO_DICTS)}
    others = {name for s in values if not isinstance(s.value, _NO_DICTS) for name in target_names(s.target)}
    loops = (name for s in statements(function.body) if isinstance(s, For) for name in target_names(s.target))
    return frozenset(computed - others).difference(loops, (p.name for p in function.params))


def _run_over(s: Statement, context: Context) -> Iterator[Expr]:
    """What a statement runs over to get elements that carry a derivative."""
    match s:
        case For(target=target, iterable=iterable):
            for part, sequence in parts_of_rounds(target, iteration(iterable)):
                if not context.active.isdisjoint(target_names(part)):
                    yield sequence
                    yield from _run_over_in(sequence)
        case Assign(target=target, value=value) | Aug(target=target, value=value):
            if not context.active.isdisjoint(names_in(target)):
                if isinstance(target, TupleOf):
                    yield value
                yield from _run_over_in(value)
        case Return(value=value) if value is not None:
            yield from _run_over_in(value)


def _run_over_in(node: Expr) -> Iterator[Expr]:
    match node:
        case Call(func=Global(dotted=dotted), args=args) if dotted in _RUNNING:
            yield from args
        case Starred(value=inner):
            yield inner
        case Index(value=value):
            # An index carries no derivative.
            yield from _run_over_in(value)
            return
        case Conditional() | Bool():
            # A variable can be looked at wherever it is read, a part of one only where it is there.
            yield from (part for child in children(node) for part in _run_over_in(child) if isinstance(part, Name))
            return
    for child in children(node):
        yield from _run_over_in(child)


def _read_as_arrays(node: Expr) -> Iterator[Expr]:
    """Of what attributes and methods of arrays are read."""
    match node:
        case Attribute(value=value, attr=attr) if registry.attribute_key(attr) is not None:
            yield value
        case Call(func=Attribute(value=value)) if registry.known(registry.key_of(node) or ""):
            yield value
        case Conditional() | Bool():
            yield from (part for child in children(node) for part in _read_as_arrays(child) if isinstance(part, Name))
            return
    for child in children(node):
        yield from _read_as_arrays(child)


def _no_dict(node: Expr) -> If:
    what = f"`{node.id}` is a dict" if isinstance(node, Name) else "found a dict"
    text = f"{what}: dicts have to be declared where their keys would be taken for elements"
    return refused_if(template("isinstance(x, dict)", x=node), text)


def _no_object(node: Expr) -> If:
    what = f"`{node.id}` is" if isinstance(node, Name) else "found"
    text = f"{what} an object of a class: it has to be declared where what it has is called as what arrays have"
    test = Compare(template("type(x).__module__", x=node), ("not in",), (TupleOf((Const("builtins"), Const("numpy"))),))
    return refused_if(test, text)
