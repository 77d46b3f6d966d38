"""Where loops are left: in their last round, and in no other.

So the condition under which a loop is left is no value of each round: one variable says whether the round that the adjoint
begins with is one in which the loop was left, and where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from s2sad.ir import Assign, Compare, Const, Expr, For, If, Name, TupleOf, While
from s2sad.transform.steps import Branching, Loop, Step, all_steps

__all__ = ["Exit", "exits", "ways_out"]

Tags = frozenset[int]


@dataclass(frozen=True)
class Exit:
    """A branch at the end of a round, on one side of which (0 or 1) the loop is left; `tags` is what the variable that ends the
    loop may be set to there, `every` says that there is no other exit.
    """

    branching: Branching
    side: int
    tags: Tags
    every: bool

    def condition(self, last: Expr) -> Expr:
        """The branch's test in a round, for the value of the variable after it."""
        numbers = tuple(map(Const, sorted(self.tags)))
        if self.every:
            return last
        if len(numbers) == 1:
            return Compare(last, ("==",), numbers)
        return Compare(last, ("in",), (TupleOf(numbers),))


def exits(loop: Loop) -> tuple[Exit, ...]:
    """The exits of a loop, where they can be told apart by the variable that ends it."""
    assert isinstance(loop.statement, For | While)
    until = loop.statement.until
    if not isinstance(until, Name):
        return ()
    every = _tags(loop.body, until)
    found = list(_at_the_end(loop.body, until))
    told = [tag for _, _, tags in found for tag in tags]
    if sorted(told) != sorted(every) or len(set(told)) < len(told):
        return ()
    return tuple(Exit(step, side, frozenset(tags), set(tags) == set(every)) for step, side, tags in found if tags)


def _tags(steps: Iterable[Step], until: Name) -> list[int]:
    """What a variable is set to."""
    assignments = (step.statement for step in all_steps(steps))
    values = [s.value for s in assignments if isinstance(s, Assign) and s.target == until]
    return [int(value.value) if isinstance(value, Const) else 0 for value in values]


def _at_the_end(steps: tuple[Step, ...], until: Name) -> Iterator[tuple[Branching, int, list[int]]]:
    if not steps or not isinstance(last := steps[-1], Branching) or not isinstance(last.statement, If):
        return
    if last.statement.test == until:
        yield last, 0, _tags(steps[:-1], until)
        yield from _at_the_end(last.orelse, until)
        return
    for side, block in enumerate((last.then, last.orelse)):
        match block[-1:]:
            case (Step(statement=Assign(target=target)),) if target == until:
                yield last, side, _tags(block, until)
            case _:
                yield from _at_the_end(block, until)


def ways_out(loop: Loop) -> list[tuple[Step, ...]]:
    """What runs in a last round, for each exit; nothing where an exit is not behind what the whole rounds do."""
    places = {exit_.branching: exit_.side for exit_ in exits(loop)}
    found: list[tuple[Step, ...]] = []
    before: tuple[Step, ...] = ()
    block = loop.body
    while block and isinstance(step := block[-1], Branching) and step in places:
        if any(isinstance(inner, Branching) for inner in block[:-1]):
            # What is saved on one side of it alone could not be taken back.
            return []
        before = (*before, *block[:-1])
        sides = (step.then, step.orelse)
        found.append((*before, *sides[places[step]]))
        block = sides[1 - places[step]]
    return found if len(found) == len(places) else []
