"""Where the values of a round are saved in a loop whose adjoint runs over whole rounds only: behind the last exit.

What is overwritten before that is saved where it comes about, and taken back where the loop is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from s2sad.transform.leaving import exits
from s2sad.transform.residuals import Plan, Stacked
from s2sad.transform.steps import Branching, Loop
from s2sad.transform.versions import Region, Version

__all__ = ["Places", "list_of", "places"]


@dataclass
class Places:
    """`late` are the versions that are saved at the start of a region, `all_late` their tokens; `taken_back` those that are
    taken back on the side of a branch on which a loop is left; `counted` are the loops whose rounds are counted in a region.
    """

    late: dict[Region, list[Version]] = field(default_factory=dict)
    all_late: set[str] = field(default_factory=set)
    taken_back: dict[Branching, list[Version]] = field(default_factory=dict)
    counted: dict[Region, Loop] = field(default_factory=dict)


def places(plan: Plan) -> Places:
    """Where the versions that go to lists of loops with whole rounds are saved."""
    found = Places()
    for loop, backwards in plan.loops.items():
        if backwards.whole:
            _place(loop, plan, found)
    return found


def _place(loop: Loop, plan: Plan, found: Places) -> None:
    sites = exits(loop)
    *_, last = sites
    rest = plan.versions.regions[last.branching][1 - last.side]
    found.counted[rest] = loop
    before = [version for version in plan.lists(loop, conditional=False) if version.region is not rest]
    for version in before:
        if _is_overwritten(version, rest, plan):
            for site in sites:
                if plan.versions.table[site.branching.test].position > version.position:
                    found.taken_back.setdefault(site.branching, []).append(version)
        else:
            found.late.setdefault(rest, []).append(version)
            found.all_late.add(version.token)


def _is_overwritten(version: Version, rest: Region, plan: Plan) -> bool:
    """True if the variable is assigned again before the rest of the round begins."""
    return any(write.position > version.position for write in _writes(version, rest, plan))


def _writes(version: Version, rest: Region, plan: Plan) -> Iterator[Version]:
    """The versions of the same variable that come about in the same round outside of `rest`."""
    around = version.region.inner_loop()
    for write in plan.versions.writes.get(version.name, ()):
        if around in write.region.path() and rest not in write.region.path():
            yield write


def list_of(version: Version, plan: Plan) -> str:
    """The name of the list that a version goes to."""
    decision = plan.decisions[version.token]
    assert isinstance(decision, Stacked)
    return plan.versions.table[decision.list_token].name
