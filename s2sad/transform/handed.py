"""Objects that go from hand to hand and are then changed in place.

What was `np.exp(x)` may be needed by the adjoint under the name that it had first, a callee may have saved what it
returned. So the variable, or the list, in which an object is changed gets a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from s2sad.analysis.changes import (
    APPENDED,
    POPPED,
    REPLACED,
    changed,
    changed_variables,
    changes_elements,
    changing_variables,
    is_change,
    result_target,
)
from s2sad.analysis.liveness import renamed
from s2sad.ir import (
    Assign,
    Attribute,
    Block,
    Call,
    DictOf,
    Expr,
    Function,
    Global,
    Index,
    ListOf,
    Name,
    Routine,
    Statement,
    TupleOf,
)
from s2sad.kind import Array, Kind, Number, Unknown
from s2sad.naming import Names
from s2sad.rules import registry
from s2sad.traversal import map_blocks, statements, target_names

__all__ = ["put_in", "refilled", "with_copies"]

KindOf = Callable[[Expr], Kind]


def refilled(block: Block, kind_of: KindOf) -> frozenset[str]:
    """The lists and dicts in whose elements something is changed in place, perhaps after it was taken out."""
    changing = changing_variables(block)
    return frozenset(s.value.args[0].id for s in _changes(block) if _reaches_elements(s, changing, kind_of))  # type: ignore[attr-defined]


def _changes(block: Block) -> list[Assign]:
    return [s for s in statements(block) if isinstance(s, Assign) and changed(s) is not None]


def _reaches_elements(s: Assign, changing: frozenset[str], kind_of: KindOf) -> bool:
    assert isinstance(s.value, Call)
    if s.value.func == POPPED:
        return not changing.isdisjoint(target_names(s.target)[:1])
    return changes_elements(s.value, s.origin, kind_of)


def with_copies(function: Function, kind_of: KindOf, names: Names) -> Function:
    """The function with copies of what comes from another variable, or from a callee, and is then changed in place."""
    changing, lists = changing_variables(function.body), refilled(function.body, kind_of)
    return replace(function, body=_Copies(changing, lists, kind_of, names).block(function.body))


def put_in(value: Expr, kind_of: KindOf) -> Expr:
    """A value whose elements are changed in place, with copies of what has a name already."""
    match value:
        case ListOf(items=items) | DictOf(items=items):
            return replace(value, items=tuple(put_in(item, kind_of) for item in items))
        case Call(func=func, args=(old, *index, added)) if is_change(value):
            is_stored = func in (APPENDED, REPLACED) and not isinstance(kind_of(old), Array)
            return replace(value, args=(old, *index, put_in(added, kind_of))) if is_stored else value
        case Name() if not isinstance(kind_of(value), Number):
            return _copy(value, kind_of(value))
    return value


def _copy(value: Expr, kind: Kind) -> Expr:
    """A copy of an array with its elements in the same order in memory, or of a list."""
    if isinstance(kind, Array):
        return Call(Global("numpy.copy"), (value,), span=value.span)
    if isinstance(kind, Unknown):
        # It may be a number.
        return Call(Global("copy.copy"), (value,), span=value.span)
    return Call(Attribute(value, "copy"), span=value.span)


def _views_result(value: Expr) -> bool:
    """True for a view of what is computed in the same expression, and may be needed by the adjoint under a name of its own."""
    if not _is_view(value):
        return False
    while _is_view(value):
        value = registry.operands(value)[0][0] if not isinstance(value, Index) else value.value
    key = registry.key_of(value)
    return not isinstance(value, Name) and not (key is not None and registry.is_constant(key))


def _is_view(value: Expr) -> bool:
    return isinstance(value, Index) or registry.is_view(registry.key_of(value))


@dataclass(frozen=True)
class _Copies:
    """`changing` are the variables whose objects are changed in place, `lists` those whose elements are."""

    changing: frozenset[str]
    lists: frozenset[str]
    kind_of: KindOf
    names: Names

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        match s:
            case Assign(target=target, value=Call(func=Routine())):
                return self.called(s, target)
            case Assign(target=Name(id=name), value=Name() as value) if self.changes(name):
                return (replace(s, value=_copy(value, self.kind_of(value))),)
            case Assign(target=Name(id=name), value=value) if self.changes(name) and _views_result(value):
                return (replace(s, value=_copy(value, self.kind_of(value))),)
            case Assign(target=TupleOf() as target, value=Call() as value) if _views_result(value):
                return self.called(s, target)
            case Assign(target=TupleOf(items=targets), value=TupleOf(items=values) as value) if renamed(s):
                new = tuple(
                    _copy(old, self.kind_of(old)) if isinstance(target, Name) and self.changes(target.id) else old
                    for target, old in zip(targets, values, strict=True)
                )
                return (replace(s, value=replace(value, items=new)),)
            case Assign(target=target, value=value) if not self.lists.isdisjoint(target_names(target)):
                return (replace(s, value=put_in(value, self.kind_of)),)
        return (map_blocks(s, self.block),)

    def changes(self, name: str) -> bool:
        return name in self.changing and not isinstance(self.kind_of(Name(name)), Number)

    def called(self, s: Assign, target: Expr) -> Block:
        """A call whose results get names of their own if they are changed."""
        copies: list[Statement] = []
        if changed_variables(s):
            return self.changed_by_call(s)
        new = self.own(target, s, copies)
        return (replace(s, target=new), *copies)

    def changed_by_call(self, s: Assign) -> Block:
        """The same for a call that changes arguments: these stay what they are."""
        copies: list[Statement] = []
        result = result_target(s)
        if result is None:
            return (s,)
        assert isinstance(s.target, TupleOf)
        items = (self.own(result, s, copies), *s.target.items[1:])
        return (replace(s, target=replace(s.target, items=items)), *copies)

    def own(self, target: Expr, s: Assign, copies: list[Statement]) -> Expr:
        match target:
            case Name(id=name) if self.changes(name):
                own = Name(self.names.unique("t"))
                copies.append(Assign(target, _copy(own, self.kind_of(target)), origin=s.origin))
                return own
            case TupleOf(items=items):
                return replace(target, items=tuple(self.own(item, s, copies) for item in items))
        return target
