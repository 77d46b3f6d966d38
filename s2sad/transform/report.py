"""What a person wants to know of a plan: what is saved, and what is computed again."""

from __future__ import annotations

from collections.abc import Iterator

from s2sad.transform.residuals import Kept, Plan, Recomputed, Stacked
from s2sad.transform.steps import Loop
from s2sad.transform.versions import Version

__all__ = ["recomputed_lines", "saved_lines"]


def saved_lines(plan: Plan) -> Iterator[str]:
    """One line for each value that the primal part saves."""
    if plan.handed:
        yield f"{', '.join(plan.handed)}, which {plan.function} hands to its backward function"
    for version in plan.in_order():
        match plan.decisions[version.token]:
            case Kept(name=name):
                yield f"{plan.primal_name(version)} as {name}, before it is overwritten"
            case Stacked() if version.how != "list":
                yield f"{plan.primal_name(version)}, {_rounds(version)}"


def _rounds(version: Version) -> str:
    """How often a value is saved: once for each round of the loops around."""
    heads = [_head(loop) for loop in version.region.loops()]
    return "one value for each round of " + " in ".join(f"`{head}`" for head in reversed(heads))


def _head(loop: Loop) -> str:
    origin = loop.statement.origin
    return origin.text.rstrip(":") if origin else "a loop"


def recomputed_lines(plan: Plan) -> Iterator[str]:
    """One line for each value that the adjoint part computes again."""
    for version in plan.in_order():
        if isinstance(plan.decisions[version.token], Recomputed):
            origin = version.step.statement.origin if version.step else None
            yield origin.text.rstrip(":") if origin else version.name
