"""The methods by which lists and dicts are changed, in terms of the few changes that have an adjoint (analysis/changes.py).

    x.extend([a, b])        x.append(a); x.append(b)
    x.extend(y), x += y     for item in y: x.append(item)
    x.reverse(), .sort()    x = x[::-1], x = sorted(x): assignments, once it is clear that nobody else sees the object
    d.update(a=u, b=v)      d["a"] = u; d["b"] = v
    v = d.setdefault(k, w)  if k not in d: d[k] = w
                            v = d[k]
    d.get(k, w)             d[k] if k in d else w
    v = d.pop(k, w)         v = d[k] if k in d else w
                            if k in d: d.pop(k)

Which variables hold lists is read off what is assigned to them: `x += y` means something else for an array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from s2sad.analysis.changes import REBOUND
from s2sad.analysis.effects import is_known_pure
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Call,
    Compare,
    Conditional,
    Const,
    DictOf,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    ListOf,
    Name,
    Opaque,
    Origin,
    Slice,
    Starred,
    Statement,
    TupleOf,
    noted,
)
from s2sad.naming import Names
from s2sad.traversal import map_blocks, map_children, map_statement, names_in, statements, target_names, walk

__all__ = ["with_few_changes"]

#: What keys are made of that may be computed twice.
_PLAIN = Name | Const | Binary | TupleOf


def with_few_changes(function: Function, names: Names) -> Function:
    """The function with the methods above written out."""
    dicts = _certain(function, _is_dict) | _subscripted(function)
    body = tuple(map_statement(s, lambda node: _expression(node, dicts)) for s in function.body)
    function = replace(function, body=body)
    return replace(function, body=_Methods(_certain(function, _is_list), names).block(body))


def _expression(node: Expr, dicts: frozenset[str]) -> Expr:
    """`dict(a=u)` as a display, `d.get(k, w)` as a choice."""
    if not _has_call(node):
        return node
    match map_children(node, lambda child: _expression(child, dicts)):
        case Call(func=Attribute(value=Name(id=name) as d, attr="get"), args=(key, *default)) if (
            name in dicts and not isinstance(key, Const) and all(isinstance(part, _PLAIN) for part in walk(key))
        ):
            return Conditional(Compare(key, ("in",), (d,)), Index(d, key), default[0] if default else Const(None))
        case Call(func=Global(dotted="dict"), args=(), keywords=keywords) if all(
            key is not None for key, _ in keywords
        ):
            return DictOf(tuple(str(key) for key, _ in keywords), tuple(value for _, value in keywords), span=node.span)
        case done:
            return done


def _subscripted(function: Function) -> frozenset[str]:
    """The variables of which an element is assigned: what has a method `get` beside is a dict."""
    targets = (s.target for s in statements(function.body) if isinstance(s, Assign | Aug))
    return frozenset(
        target.value.id for target in targets if isinstance(target, Index) and isinstance(target.value, Name)
    )


@noted
def _has_call(node: Expr) -> bool:
    return any(isinstance(part, Call) for part in walk(node))


# --------------------------------------------------------------- lists and dicts


def _certain(function: Function, is_such: Callable[[Expr | None, Iterable[str]], bool]) -> frozenset[str]:
    """The variables to which nothing is assigned but what is a list, or a dict."""
    given = list(_given(function))
    found = {name for name, _ in given} - {param.name for param in function.params}
    while True:
        left = found - {name for name, value in given if name in found and not is_such(value, found)}
        if left == found:
            return frozenset(found)
        found = left


def _given(function: Function) -> Iterator[tuple[str, Expr | None]]:
    """The variables with what is assigned to them; None for what is none of the expressions below."""
    for s in statements(function.body):
        match s:
            case Assign(target=Name(id=name), value=value):
                yield name, value
            case Assign(target=TupleOf(items=targets), value=TupleOf(items=values)) if len(targets) == len(values):
                for target, value in zip(targets, values, strict=True):
                    is_name = isinstance(target, Name)
                    yield from ((name, value if is_name else None) for name in target_names(target))
            case Assign(target=target) | For(target=target):
                yield from ((name, None) for name in target_names(target))


def _is_list(value: Expr | None, lists: Iterable[str]) -> bool:
    match value:
        case Name(id=name):
            return name in lists
        case ListOf() | Call(func=Global(dotted="list" | "sorted")):
            return True
        case Opaque(text=text):
            return text.startswith("[")
        case Binary(op="+" | "*", left=left, right=right):
            return _is_list(left, lists) or _is_list(right, lists)
        case Index(value=value, index=Slice()) | Call(func=Attribute(value=value, attr="copy"), args=()):
            return _is_list(value, lists)
    return False


def _is_dict(value: Expr | None, dicts: Iterable[str]) -> bool:
    match value:
        case Name(id=name):
            return name in dicts
        case DictOf() | Call(func=Global(dotted="dict")):
            return True
    return False


# ------------------------------------------------------------------- statements


@dataclass(frozen=True)
class _Methods:
    lists: frozenset[str]
    names: Names

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        match s:
            case Aug(target=Name(id=name) as target, op="+", value=value) if name in self.lists:
                return self.extended(target, value, s.origin)
            case Assign(target=Index(value=Name(id=name) as x, index=Slice(None, None, None)), value=value) if (
                name in self.lists
            ):
                return self.refilled(x, value, s.origin)
            case Evaluate(value=Call(func=Attribute(value=value, attr=attr), args=args, keywords=keywords)):
                found = self.called(value, attr, args, keywords, s.origin)
                return (s,) if found is None else found
            case Assign(
                target=target, value=Call(func=Attribute(value=x, attr="setdefault"), args=(key, value), keywords=())
            ):
                return (*self.defaulted(x, key, value, s.origin), replace(s, value=Index(x, key)))
            case Assign(target=target, value=Call(func=Attribute(value=x, attr="pop"), args=(key, value), keywords=())):
                return self.popped(target, x, key, value, s.origin)
        return (map_blocks(s, self.block),)

    def called(
        self,
        x: Expr,
        attr: str,
        args: tuple[Expr, ...],
        keywords: tuple[tuple[str | None, Expr], ...],
        origin: Origin | None,
    ) -> Block | None:
        """A method that is called for its effect; None for any other."""
        match attr, args, keywords:
            case "extend", (value,), ():
                return self.extended(x, value, origin)
            case "reverse", (), () if self.is_list(x):
                return (Assign(x, Call(REBOUND, (x, Index(x, Slice(step=Const(-1))))), origin=origin),)
            case "sort", (), _ if self.is_list(x):
                return (
                    Assign(
                        x,
                        Call(
                            REBOUND, (x, Call(Global("sorted"), (x,), keywords, span=origin.span if origin else None))
                        ),
                        origin=origin,
                    ),
                )
            case "clear", (), () if self.is_list(x):
                return (Assign(x, Call(REBOUND, (x, ListOf(()))), origin=origin),)
            case "update", (), _ if all(key is not None for key, _ in keywords):
                return self.updated(x, [(Const(key), value) for key, value in keywords], origin)
            case "update", (DictOf(keys=keys, items=items),), ():
                return self.updated(x, [(Const(key), value) for key, value in zip(keys, items, strict=True)], origin)
            case "update", (Name(id=name) as other,), () if name not in names_in(x):
                key = Name(self.names.unique("key"))
                return (For(key, other, (Assign(Index(x, key), Index(other, key), origin=origin),), origin=origin),)
            case "setdefault", (key, value), ():
                return self.defaulted(x, key, value, origin)
            case "pop", (key, value), ():
                return self.popped(Name("_"), x, key, value, origin)
        return None

    def is_list(self, x: Expr) -> bool:
        return isinstance(x, Name) and x.id in self.lists

    def extended(self, x: Expr, value: Expr, origin: Origin | None) -> Block:
        """Each element of `value` appended to `x`."""
        append = Attribute(x, "append")
        if isinstance(value, ListOf | TupleOf) and not any(isinstance(item, Starred) for item in value.items):
            before, items = self.computed(x, value.items, origin)
            return (*before, *(Evaluate(Call(append, (item,)), origin=origin) for item in items))
        source = value if isinstance(value, Name) else Name(self.names.unique("items"))
        named = () if value is source else (Assign(source, value, origin=origin),)
        item = Name(self.names.unique("item"))
        return (*named, For(item, source, (Evaluate(Call(append, (item,)), origin=origin),), origin=origin))

    def refilled(self, x: Name, value: Expr, origin: Origin | None) -> Block:
        """`x[:] = value`."""
        return (
            Assign(
                x, Call(REBOUND, (x, value if _is_new_list(value) else Call(Global("list"), (value,)))), origin=origin
            ),
        )

    def updated(self, x: Expr, pairs: list[tuple[Expr, Expr]], origin: Origin | None) -> Block:
        before, values = self.computed(x, tuple(value for _, value in pairs), origin)
        keys = (key for key, _ in pairs)
        lines = (Assign(Index(x, key), value, origin=origin) for key, value in zip(keys, values, strict=True))
        return (*before, *lines)

    def computed(self, x: Expr, values: tuple[Expr, ...], origin: Origin | None) -> tuple[Block, tuple[Expr, ...]]:
        """Values under names where they have to be known before the first change of `x`."""
        root = set(names_in(x))
        if not any(root & set(names_in(value)) for value in values[1:]):
            return (), values
        own = tuple(value if isinstance(value, Const) else Name(self.names.unique("t")) for value in values)
        pairs = zip(own, values, strict=True)
        return tuple(Assign(name, value, origin=origin) for name, value in pairs if name is not value), own

    def defaulted(self, x: Expr, key: Expr, value: Expr, origin: Origin | None) -> Block:
        before, (value,) = self.evaluated((value,), origin)
        absent = Compare(key, ("not in",), (x,))
        return (*before, If(absent, (Assign(Index(x, key), value, origin=origin),), origin=origin))

    def popped(self, target: Expr, x: Expr, key: Expr, value: Expr, origin: Origin | None) -> Block:
        before, (value,) = self.evaluated((value,), origin)
        present = Compare(key, ("in",), (x,))
        taken = (
            () if target == Name("_") else (Assign(target, Conditional(present, Index(x, key), value), origin=origin),)
        )
        drop = Evaluate(Call(Attribute(x, "pop"), (key,)), origin=origin)
        return (*before, *taken, If(present, (drop,), origin=origin))

    def evaluated(self, values: tuple[Expr, ...], origin: Origin | None) -> tuple[Block, tuple[Expr, ...]]:
        """Values under names where their evaluation may be noticed: it happens in any case."""
        if all(is_known_pure(part) for value in values for part in walk(value) if isinstance(part, Call)):
            return (), values
        own = tuple(Name(self.names.unique("t")) for _ in values)
        return tuple(Assign(name, value, origin=origin) for name, value in zip(own, values, strict=True)), own


def _is_new_list(value: Expr) -> bool:
    return isinstance(value, ListOf | Opaque) or (isinstance(value, Call) and value.func == Global("list"))
