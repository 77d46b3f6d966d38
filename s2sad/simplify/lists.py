"""Lists that hold the same: of two to which the same values are appended, and that nothing else changes, one is enough."""

from __future__ import annotations

from dataclasses import dataclass, replace

from s2sad.ir import Assign, Attribute, Aug, Block, Call, Def, Evaluate, Expr, For, ListOf, Name, Statement, With
from s2sad.traversal import blocks, heads, map_blocks, map_children, map_statement, walk

__all__ = ["without_twins"]


@dataclass(frozen=True)
class _List:
    """A list that is made empty in one place and appended to in one place."""

    made: int
    appended: int
    value: Expr


def without_twins(block: Block) -> Block:
    """The block of a function in which no two lists hold the same."""
    found = _lists(block)
    twins: dict[Expr, Expr] = {}
    first: dict[_List, str] = {}
    for name, facts in found.items():
        if facts in first:
            twins[Name(name)] = Name(first[facts])
        else:
            first[facts] = name
    return _merged(block, twins) if twins else block


def _lists(block: Block) -> dict[str, _List]:
    """The lists whose whole history is an empty list and appends in one place, by name."""
    made: dict[str, list[int]] = {}
    appended: dict[str, list[tuple[int, Expr]]] = {}
    spoilt: set[str] = set()
    _survey(block, [0], made, appended, spoilt)
    return {
        name: _List(places[0], appended[name][0][0], appended[name][0][1])
        for name, places in made.items()
        if name not in spoilt and len(places) == 1 and len(appended.get(name, ())) == 1
    }


def _survey(
    block: Block,
    count: list[int],
    made: dict[str, list[int]],
    appended: dict[str, list[tuple[int, Expr]]],
    spoilt: set[str],
) -> None:
    """Note where lists are made and appended to. A run of such statements is one place: `count` numbers these."""
    for s in block:
        match s:
            case Assign(target=Name(id=name), value=ListOf(items=())):
                made.setdefault(name, []).append(count[0])
                continue
            case Evaluate(value=Call(func=Attribute(value=Name(id=name), attr="append"), args=(Name() as value,))):
                appended.setdefault(name, []).append((count[0], value))
                continue
        count[0] += 1
        spoilt |= _spoilt(s)
        for inner in _blocks(s):
            _survey(inner, count, made, appended, spoilt)
            count[0] += 1


def _spoilt(s: Statement) -> set[str]:
    """The lists that a statement may change, or hand to somebody who may."""
    found: set[str] = set()
    match s:
        case Assign(target=target, value=value):
            found |= {part.id for part in walk(target) if isinstance(part, Name)}
            found |= {value.id} if isinstance(value, Name) else set()
        case Aug(target=target):
            found |= {part.id for part in walk(target) if isinstance(part, Name)}
        case For(target=target) | With(target=Expr() as target):
            found |= {part.id for part in walk(target) if isinstance(part, Name)}
    for expression in heads(s):
        for part in walk(expression):
            match part:
                case Call(func=Attribute(value=Name(id=name))):
                    found.add(name)
    return found


def _blocks(s: Statement) -> tuple[Block, ...]:
    return (s.function.body,) if isinstance(s, Def) else blocks(s)


def _merged(block: Block, twins: dict[Expr, Expr]) -> Block:
    """The block with each twin replaced by the list that stays."""

    def renamed(node: Expr) -> Expr:
        return twins[node] if node in twins else map_children(node, renamed)

    done: list[Statement] = []
    for s in block:
        match s:
            case Assign(target=Name() as target, value=ListOf()) if target in twins:
                continue
            case Evaluate(value=Call(func=Attribute(value=Name() as target, attr="append"))) if target in twins:
                continue
            case Def(function=function):
                s = replace(s, function=replace(function, body=_merged(function.body, twins)))
        s = map_blocks(s, lambda inner: _merged(inner, twins))
        done.append(map_statement(s, renamed))
    return tuple(done)
