"""The form in which both transforms take a function: updates of numbers are assignments, live ranges have names, calls
of active functions stand alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.activity import active_variables
from s2sad.analysis.changes import changing_variables, increases, settled
from s2sad.analysis.context import Context
from s2sad.analysis.infer import Kinds, infer
from s2sad.analysis.kinds import kind_of
from s2sad.analysis.ownership import ReturnsOwn
from s2sad.analysis.parts import whole_containers
from s2sad.analysis.webs import rename
from s2sad.frontend.unit import Unit
from s2sad.ir import Assign, Aug, Binary, Call, Expr, Function, Name, Origin, Statement, bound_names, map_blocks
from s2sad.kind import Kind
from s2sad.naming import Names
from s2sad.transform.alone import calls_alone
from s2sad.transform.displays import without_stars_in_displays
from s2sad.transform.handed import refilled, with_copies
from s2sad.transform.iterators import without_iterators
from s2sad.transform.known import with_known
from s2sad.transform.updates import check
from s2sad.transform.values import with_values

__all__ = ["Primal", "as_written", "prepare"]

Returns = Callable[[Call, Mapping[str, Kind]], Kind]


@dataclass(frozen=True)
class Primal:
    """A function ready to be differentiated, and what is known of it. `original` gives the user's name of a variable."""

    function: Function
    context: Context
    kinds: Kinds
    original: Mapping[str, str]
    names: Names


def prepare(
    function: Function,
    unit: Unit,
    inputs: tuple[str, ...],
    params: Mapping[str, Kind],
    data: Mapping[str, Kind],
    returns: Returns,
    returns_own: ReturnsOwn,
    taken: Iterable[str],
) -> Primal:
    """The function in the transforms' form, differentiated with respect to the parameters `inputs`; `taken` are the names
    that the module's functions have.
    """
    names = Names([*data, *taken, *bound_names(function)])
    function = with_values(function, names)
    check(function, unit, params, data, returns, returns_own)
    plain = replace(function, body=tuple(_as_assignment(settled(s)) for s in function.body))
    named = replace(plain, body=calls_alone(plain.body, names))
    renamed = rename(named, names)
    kinds = infer(renamed.function, params, data, returns)

    def kind(node: Expr) -> Kind:
        return kind_of(node, kinds.variables, returns)

    ready = without_iterators(with_known(renamed.function, kind, names), kind, names)
    ready = without_stars_in_displays(ready, kind, names)
    ready = replace(ready, body=tuple(increases(s, kind) for s in ready.body))
    ready = with_copies(ready, kind, names)
    kinds = infer(ready, params, data, returns)
    active = active_variables(ready, inputs, kinds.variables, kind)
    changing = changing_variables(ready.body)
    whole = whole_containers(ready, kind)
    context = Context(unit, kinds.variables, active, returns, changing, refilled(ready.body, kind), whole)
    return Primal(ready, context, kinds, renamed.original, names)


def _as_assignment(s: Statement) -> Statement:
    match s:
        case Aug(target=Name() as target, op=op, value=value):
            return Assign(target, Binary(op, target, value), origin=s.origin)
    return map_blocks(s, lambda block: tuple(map(_as_assignment, block)))


def as_written(s: Statement) -> Statement:
    """The update that the user wrote, where nothing but its variable holds the old value."""
    match s:
        case Assign(
            target=Name(id=name) as target,
            value=Binary(op=op, left=Name(id=left), right=right),
            origin=Origin(text=text),
        ) if left == name and text.startswith(f"{text.partition(op)[0]}{op}="):
            return Aug(target, op, right, origin=s.origin)
    return map_blocks(s, lambda block: tuple(map(as_written, block)))
