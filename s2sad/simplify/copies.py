"""`b = e` followed by `a = b`, where `b` is read nowhere else, is `a = e`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from s2sad.ir import Assign, Aug, Block, Def, For, If, Name, Statement, While, expressions, map_statement, names_in, substitute

__all__ = ["without_copies"]


def without_copies(block: Block, is_own: Callable[[str], bool]) -> Block:
    """The body of a function without copies between variables that the transform made (`is_own`)."""
    return _block(block, is_own, _uses(block))


def _uses(block: Block) -> Counter[str]:
    return Counter(name for expression in expressions(block) for name in names_in(expression))


def _block(block: Block, is_own: Callable[[str], bool], everywhere: Counter[str]) -> Block:
    lines = [_inside(s, is_own, everywhere) for s in block]
    position = 0
    while position < len(lines):
        match lines[position]:
            case Assign(target=Name(id=new), value=Name(id=old)) if is_own(old) and is_own(new):
                start = _definition(lines, position, new, old, everywhere)
                if start is not None:
                    remark = lines[position].remark
                    lines[start:position] = [_renamed(s, old, new) for s in lines[start:position]]
                    last = lines[position - 1]
                    del lines[position]
                    both = "; ".join(text for text in (last.remark, remark) if text)
                    lines[position - 1] = replace(lines[position - 1], remark=both)
                    position -= 1
        position += 1
    return tuple(lines)


def _inside(s: Statement, is_own: Callable[[str], bool], everywhere: Counter[str]) -> Statement:
    match s:
        case If(then=then, orelse=orelse):
            return replace(s, then=_block(then, is_own, everywhere), orelse=_block(orelse, is_own, everywhere))
        case For(body=body) | While(body=body):
            return replace(s, body=_block(body, is_own, everywhere))
        case Def(function=function):
            return replace(s, function=replace(function, body=_block(function.body, is_own, everywhere)))
    return s


def _definition(lines: list[Statement], position: int, new: str, old: str, everywhere: Counter[str]) -> int | None:
    """Where the copied variable is bound, if all its life lies between there and the copy, in plain statements."""
    found = 1
    reads = 0
    for start in range(position - 1, -1, -1):
        s = lines[start]
        uses = _uses((s,))
        if new in uses:
            return None
        if old not in uses:
            continue
        if not isinstance(s, Assign | Aug):
            return None
        found += uses[old]
        match s:
            case Assign(target=Name(id=name), value=value) if name == old and old not in names_in(value):
                return start if found == everywhere[old] and not reads else None
            case Assign():
                reads += 1
    return None


def _renamed(s: Statement, old: str, new: str) -> Statement:
    return map_statement(s, lambda node: substitute(node, {Name(old): Name(new)}))
