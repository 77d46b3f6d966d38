"""Functions written out where they are called, in a loop; what is the same in each round stands in front of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from s2sad.ir import Attribute, Block, Call, Comment, Def, Expr, Function, Return, Routine, Statement
from s2sad.simplify.dead import assigned_in_place
from s2sad.traversal import assigned, expressions, names_in, statements, walk

__all__ = ["Inlined", "changed_by", "inlined", "names_of", "reached", "split"]


@dataclass(frozen=True)
class Inlined:
    """The statements of a function, and the expression that it returns."""

    lines: Block
    value: Expr


def inlined(function: Function, given: Collection[str]) -> Inlined | None:
    """What can stand in the place of a call in a loop, its parameters being variables of the same names; None if it
    returns early, or binds one of `given`, which the next round reads.
    """
    *lines, last = function.body
    if not isinstance(last, Return) or last.value is None or _returns(tuple(lines)):
        return None
    if any(changed_by(s) & set(given) for s in lines):
        return None
    return Inlined(tuple(lines), last.value)


def _returns(block: Block) -> bool:
    return any(isinstance(s, Return | Def) for s in statements(block))


def split(lines: Block, differing: Collection[str]) -> tuple[Block, Block]:
    """The statements that may run once before a loop, and those that stay in it, for the variables `differing` are others
    in each round. What moves is assigned once, and depends on nothing that stays.
    """
    changes = Counter(name for s in lines for name in changed_by(s))
    staying = [not _is_same(s, differing) for s in lines]
    while True:
        kept = {name for s, stays in zip(lines, staying, strict=True) if stays for name in changed_by(s)}
        now = [
            stays or bool(names_of(s) & kept) or any(changes[name] > 1 for name in changed_by(s))
            for s, stays in zip(lines, staying, strict=True)
        ]
        if now == staying:
            break
        staying = now
    pairs = list(zip(lines, staying, strict=True))
    return tuple(s for s, stays in pairs if not stays), tuple(s for s, stays in pairs if stays)


def _is_same(s: Statement, differing: Collection[str]) -> bool:
    return not isinstance(s, Comment) and not names_of(s) & set(differing)


#: Methods that change their object.
_CHANGING = frozenset("append clear extend fill insert pop popitem remove reverse setdefault sort update".split())


def changed_by(s: Statement) -> set[str]:
    """The variables that a statement binds, or whose objects it changes."""
    found = set(assigned_in_place(s))
    for expression in expressions((s,)):
        for part in walk(expression):
            match part:
                case Call(func=Attribute(value=value, attr=attr)) if attr in _CHANGING:
                    found.update(names_in(value))
    return found


def names_of(s: Statement) -> set[str]:
    """All variables that occur in a statement."""
    return assigned(s) | {name for expression in expressions((s,)) for name in names_in(expression)}


def reached(functions: Mapping[str, Function], roots: Iterable[str]) -> list[str]:
    """The functions that the roots call, directly or not, each behind those that it calls."""
    done: dict[str, None] = {}

    def visit(key: str, around: frozenset[str]) -> None:
        for expression in expressions(functions[key].body):
            for part in walk(expression):
                if isinstance(part, Routine) and part.key in functions and part.key not in around | done.keys():
                    visit(part.key, around | {part.key})
        done[key] = None

    for root in roots:
        visit(root, frozenset({root}))
    return list(done)
