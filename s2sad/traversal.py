"""How passes go through expressions and statements: what is in them, and with parts replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import is_
from typing import Any

from s2sad.ir import (
    Assert,
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Bool,
    Call,
    Closure,
    Compare,
    Conditional,
    Const,
    Def,
    DictOf,
    Evaluate,
    Expr,
    For,
    Function,
    If,
    Index,
    Lambda,
    ListOf,
    N,
    Name,
    Opaque,
    Operator,
    Raise,
    Return,
    Slice,
    Starred,
    Statement,
    Try,
    TupleOf,
    Unary,
    While,
    With,
    noted,
)

__all__ = [
    "assigned",
    "binds",
    "blocks",
    "bound_names",
    "captured",
    "children",
    "expressions",
    "heads",
    "is_part",
    "map_blocks",
    "map_children",
    "map_heads",
    "map_statement",
    "names_in",
    "reads",
    "rebuild",
    "statements",
    "substitute",
    "target_names",
    "walk",
]


#: How the direct subexpressions of each class are found: passes ask for them all the time, and a table is faster than cases.
_CHILDREN: dict[type[Expr], Callable[[Any], tuple[Expr, ...]]] = {
    Unary: lambda node: (node.operand,),
    Attribute: lambda node: (node.value,),
    Starred: lambda node: (node.value,),
    Binary: lambda node: (node.left, node.right),
    Index: lambda node: (node.value, node.index),
    Compare: lambda node: (node.left, *node.rights),
    Bool: lambda node: node.values,
    TupleOf: lambda node: node.items,
    ListOf: lambda node: node.items,
    DictOf: lambda node: node.items,
    Conditional: lambda node: (node.test, node.then, node.orelse),
    Call: lambda node: (node.func, *node.args, *(value for _, value in node.keywords)),
    Slice: lambda node: tuple(x for x in (node.lower, node.upper, node.step) if x is not None),
    Opaque: lambda node: tuple(value for _, value in node.reads),
    Closure: lambda node: tuple(value for _, value in node.captures),
    Lambda: lambda node: tuple(value for _, value in node.bound),
    Operator: lambda node: (node.function,),
}


@noted
def children(node: Expr) -> tuple[Expr, ...]:
    """The direct subexpressions, in order of evaluation."""
    found = _CHILDREN.get(type(node))
    return found(node) if found else ()


def _with(node: N, **fields: Any) -> N:
    """`dataclasses.replace` for a node or a statement, without the time that takes."""
    new = object.__new__(type(node))
    # What is noted of the old node, under names with an underscore, need not be so for the new one.
    new.__dict__.update({name: value for name, value in node.__dict__.items() if name[0] != "_"}, **fields)
    return new


def rebuild(node: Expr, parts: tuple[Expr, ...]) -> Expr:
    """`node` with its children replaced by `parts`, in the order of `children`."""
    match node:
        case Unary():
            return _with(node, operand=parts[0])
        case Attribute() | Starred():
            return _with(node, value=parts[0])
        case Binary():
            return _with(node, left=parts[0], right=parts[1])
        case Index():
            return _with(node, value=parts[0], index=parts[1])
        case Compare():
            return _with(node, left=parts[0], rights=parts[1:])
        case Bool():
            return _with(node, values=parts)
        case TupleOf() | ListOf() | DictOf():
            return _with(node, items=parts)
        case Conditional():
            return _with(node, test=parts[0], then=parts[1], orelse=parts[2])
        case Call(args=args, keywords=keywords):
            cut = 1 + len(args)
            named = tuple((key, value) for (key, _), value in zip(keywords, parts[cut:], strict=True))
            return _with(node, func=parts[0], args=parts[1:cut], keywords=named)
        case Slice(lower=a, upper=b, step=c):
            rest = iter(parts)
            lower, upper, step = (None if x is None else next(rest) for x in (a, b, c))
            return _with(node, lower=lower, upper=upper, step=step)
        case Opaque(reads=reads):
            return _with(node, reads=tuple((key, value) for (key, _), value in zip(reads, parts, strict=True)))
        case Closure(captures=captures):
            return _with(node, captures=tuple((key, value) for (key, _), value in zip(captures, parts, strict=True)))
        case Lambda(bound=bound):
            return _with(node, bound=tuple((key, value) for (key, _), value in zip(bound, parts, strict=True)))
        case Operator():
            return _with(node, function=parts[0])
    return node


def map_children(node: Expr, function: Callable[[Expr], Expr]) -> Expr:
    """`node` with `function` applied to its direct children; `node` itself where nothing changed."""
    parts = children(node)
    if not parts:
        return node
    mapped = tuple(map(function, parts))
    if all(map(is_, mapped, parts)):
        return node
    return rebuild(node, mapped)


def walk(node: Expr) -> Iterator[Expr]:
    """The expression and everything in it, outermost first."""
    left = [node]
    while left:
        part = left.pop()
        yield part
        left.extend(reversed(children(part)))


def is_part(node: Expr) -> bool:
    """True for a variable, and for a part of one that is selected by a key or a field's name."""
    match node:
        case Index(value=value, index=Const()) | Attribute(value=value):
            return is_part(value)
    return isinstance(node, Name)


@noted
def names_in(node: Expr) -> tuple[str, ...]:
    """The variables an expression reads, in order, with repetitions."""
    return tuple(part.id for part in walk(node) if isinstance(part, Name))


def substitute(node: Expr, replacements: dict[Expr, Expr]) -> Expr:
    """`node` with every outermost occurrence of a key replaced by its value."""
    if not replacements:
        return node
    found = replacements.get(node)
    if found is not None:
        return found
    return map_children(node, lambda child: substitute(child, replacements))


def heads(s: Statement) -> tuple[Expr, ...]:
    """The expressions and targets of a statement itself, not those of the blocks in it."""
    match s:
        case Assign() | Aug():
            return (s.target, s.value)
        case If(test=test):
            return (test,)
        case While(test=test, until=until):
            return (test,) if until is None else (test, until)
        case For(target=target, iterable=iterable, until=until):
            return (target, iterable) if until is None else (target, iterable, until)
        case Evaluate(value=value):
            return (value,)
        case Def(bound=bound):
            return tuple(value for _, value in bound)
        case Return() | Assert() | Raise() | With() | Try():
            return tuple(part for part in _optional_heads(s) if part is not None)
    return ()


def _optional_heads(s: Return | Assert | Raise | With | Try) -> tuple[Expr | None, ...]:
    match s:
        case Return(value=value):
            return (value,)
        case Assert(test=test, message=message):
            return (test, message)
        case Raise(exception=exception, cause=cause):
            return (exception, cause)
        case With(context=context, target=target):
            return (context, target)
        case Try(handlers=handlers):
            return tuple(part for handler in handlers for part in (handler.type, handler.name))


def map_heads(s: Statement, function: Callable[[Expr], Expr]) -> Statement:
    """A statement with `function` applied to its own expressions and targets; the blocks in it stay."""

    def optional(node: Expr | None) -> Expr | None:
        return None if node is None else function(node)

    match s:
        case Assign() | Aug():
            return _with(s, target=function(s.target), value=function(s.value))
        case If():
            return _with(s, test=function(s.test))
        case While(test=test, until=until):
            return _with(s, test=function(test), until=optional(until))
        case For(target=target, iterable=iterable, until=until):
            return _with(s, target=function(target), iterable=function(iterable), until=optional(until))
        case With(context=context, target=target):
            return _with(s, context=function(context), target=optional(target))
        case Try(handlers=handlers):
            own = (_with(h, type=optional(h.type), name=optional(h.name)) for h in handlers)
            return _with(s, handlers=tuple(own))
        case Return(value=value):
            return _with(s, value=optional(value))
        case Evaluate(value=value):
            return _with(s, value=function(value))
        case Assert(test=test, message=message):
            return _with(s, test=function(test), message=optional(message))
        case Raise(exception=exception, cause=cause):
            return _with(s, exception=optional(exception), cause=optional(cause))
    return s


def blocks(s: Statement) -> tuple[Block, ...]:
    """The blocks inside a statement, in the order in which they stand; not those of a nested function."""
    match s:
        case If(then=then, orelse=orelse):
            return (then, orelse)
        case For(body=body, orelse=orelse) | While(body=body, orelse=orelse):
            return (body, orelse) if orelse else (body,)
        case With(body=body):
            return (body,)
        case Try(body=body, handlers=handlers, orelse=orelse, final=final):
            return (body, *(handler.body for handler in handlers), orelse, final)
    return ()


def map_blocks(s: Statement, function: Callable[[Block], Block]) -> Statement:
    """A statement with `function` applied to each of its blocks; `s` itself where it has none."""
    match s:
        case If(then=then, orelse=orelse):
            return _with(s, then=function(then), orelse=function(orelse))
        case For(body=body, orelse=orelse) | While(body=body, orelse=orelse):
            return _with(s, body=function(body), orelse=function(orelse))
        case With(body=body):
            return _with(s, body=function(body))
        case Try(body=body, handlers=handlers, orelse=orelse, final=final):
            body = function(body)
            handlers = tuple(_with(handler, body=function(handler.body)) for handler in handlers)
            return _with(s, body=body, handlers=handlers, orelse=function(orelse), final=function(final))
    return s


def statements(block: Block) -> Iterator[Statement]:
    """The statements of a block and all inside them, each before what is in it."""
    for s in block:
        yield s
        for inner in blocks(s):
            yield from statements(inner)


def binds(s: Statement) -> list[str]:
    """The variables that a statement itself binds, not those of the blocks in it."""
    match s:
        case Assign(target=target) | For(target=target):
            return target_names(target)
        case Aug(target=Name(id=name)):
            return [name]
        case With(target=Expr() as target):
            return target_names(target)
        case Try(handlers=handlers):
            return [name for handler in handlers if handler.name for name in target_names(handler.name)]
    return []


def assigned(s: Statement) -> set[str]:
    """The variables that a statement, or one inside it, assigns."""
    return {name for inner in statements((s,)) for name in binds(inner)}


def target_names(target: Expr) -> list[str]:
    """The variables that an assignment to `target` binds."""
    match target:
        case Name(id=name):
            return [name]
        case TupleOf(items=items):
            return [name for item in items for name in target_names(item)]
    return []


def map_statement(s: Statement, function: Callable[[Expr], Expr]) -> Statement:
    """A statement with `function` applied to every expression and target in it, nested blocks included."""
    return map_blocks(map_heads(s, function), lambda block: tuple(map_statement(inner, function) for inner in block))


def expressions(block: Block) -> Iterator[Expr]:
    """Every expression and target of the statements, nested blocks and functions included."""
    for s in block:
        yield from heads(s)
        for inner in blocks(s):
            yield from expressions(inner)
        if isinstance(s, Def):
            yield from expressions(s.function.body)


def captured(block: Block) -> set[str]:
    """The names that occur in the functions inside of a block."""
    inner = [s.function for s in statements(block) if isinstance(s, Def)]
    inner += [part.function for node in expressions(block) for part in walk(node) if isinstance(part, Lambda)]
    return {name for function in inner for node in expressions(function.body) for name in names_in(node)}


def reads(function: Function) -> Iterator[str]:
    """The names that occur in a function, its own variables included."""
    for param in function.params:
        if param.default is not None:
            yield from names_in(param.default)
    for expression in expressions(function.body):
        yield from names_in(expression)


def bound_names(function: Function) -> list[str]:
    """The names that a function binds."""
    names = [param.name for param in function.params]
    for s in function.body:
        names += sorted(assigned(s))
    return names
