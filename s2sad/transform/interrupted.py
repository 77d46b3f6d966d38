"""A `try` that may have changed what is read later when its body fails: a flag knows whether it had.

The derivative takes a body that failed as not executed. Where that cannot be seen in the program, it is found out where the
body fails, and the derivative is refused there:

    changed = False
    try:
        for k in range(n):
            changed = True
            y = y * x[k]
    except IndexError:
        if changed:
            raise RuntimeError("…")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import replace

from s2sad.ir import Assign, Attribute, Block, Call, Const, For, If, Name, Statement, Try, While, With
from s2sad.simplify.dead import assigned_in_place
from s2sad.transform.refusing import refused_if
from s2sad.traversal import heads, map_blocks, target_names, walk

__all__ = ["flagged", "test_of"]


def flagged(block: Block, watched: Set[str], flag: Name, split: Callable[[Statement], Block]) -> Block:
    """The block, in which `flag` is true as soon as one of the `watched` variables has changed; `split` takes what may fail in
    a statement apart from the change.
    """

    def raised() -> Statement:
        return Assign(flag, Const(True))

    def lines(block: Block) -> Block:
        return tuple(line for s in block for line in statement(s))

    def statement(s: Statement) -> Block:
        if not isinstance(s, If | For | While | With | Try):
            return tuple(line for part in split(s) for line in change(part))
        inside = map_blocks(s, lines)
        if isinstance(inside, For | With) and inside.target is not None and watched & set(target_names(inside.target)):
            inside = replace(inside, body=(raised(), *inside.body))
        return (raised(), inside) if watched & set(_asked(s)) else (inside,)

    def change(s: Statement) -> Block:
        return (raised(), s) if watched & {*assigned_in_place(s), *_asked(s)} else (s,)

    return lines(block)


def _asked(s: Statement) -> Iterator[str]:
    """The variables of which a method is called in a statement itself, such as `items.pop()`."""
    for part in (part for head in heads(s) for part in walk(head)):
        match part:
            case Call(func=Attribute(value=Name(id=name))):
                yield name


def test_of(flag: Name, watched: Set[str]) -> Block:
    """What raises an exception where the flag is true."""
    names = ", ".join(f"`{name}`" for name in sorted(watched))
    text = f"the body of a `try` has failed after a change of {names}: change it in the `else` of the `try`"
    return (refused_if(flag, text, RuntimeError),)
