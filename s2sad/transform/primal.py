"""The form in which both transforms take a function: updates of numbers are assignments, live ranges have names, calls
of active functions stand alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.activity import reach
from s2sad.analysis.changes import changing_variables, increases, list_variables, settled
from s2sad.analysis.context import Context
from s2sad.analysis.fills import filled_variables
from s2sad.analysis.infer import Kinds, infer
from s2sad.analysis.kinds import kinds_in
from s2sad.analysis.ownership import Callees
from s2sad.analysis.parts import whole_containers
from s2sad.analysis.repeats import distinct_variables
from s2sad.analysis.texts import check_texts
from s2sad.analysis.webs import rename
from s2sad.frontend.unit import Unit
from s2sad.ir import Assign, Aug, Binary, Function, Name, Origin, Statement
from s2sad.kind import Kind
from s2sad.naming import Names
from s2sad.transform.alone import calls_alone
from s2sad.transform.assumed import with_tests
from s2sad.transform.attempts import with_certain_attempts
from s2sad.transform.displays import without_stars_in_displays
from s2sad.transform.handed import refilled, with_copies
from s2sad.transform.inout import result_alone, with_outputs, with_results, without_results
from s2sad.transform.integers import without_integers
from s2sad.transform.iterators import without_iterators
from s2sad.transform.known import with_known
from s2sad.transform.orders import without_sorted
from s2sad.transform.stores import with_plain_indices
from s2sad.transform.unpacked import with_named_results
from s2sad.transform.updates import check, tested, with_whole_updates
from s2sad.transform.values import with_values
from s2sad.traversal import bound_names, map_blocks

__all__ = ["Primal", "as_written", "prepare"]


@dataclass(frozen=True)
class Primal:
    """A function ready to be differentiated, and what is known of it. `original` gives the user's name of a variable; it
    `is_tested` if it tests what is assumed of its arguments, which the user's function does not.
    """

    function: Function
    context: Context
    kinds: Kinds
    original: Mapping[str, str]
    names: Names
    is_tested: bool = False


def prepare(
    function: Function,
    unit: Unit,
    inputs: tuple[str, ...],
    params: Mapping[str, Kind],
    data: Mapping[str, Kind],
    callees: Callees,
    taken: Iterable[str],
    outermost: bool = False,
) -> Primal:
    """The function in the transforms' form, differentiated with respect to the parameters `inputs`; `taken` are the names
    that the module's functions have. What an inner function changes is a result of it.
    """
    names = Names([*data, *taken, *bound_names(function)])
    function = with_values(function, names)
    updates = check(function, unit, params, data, callees)
    function = tested(function, updates.doubtful)
    function = replace(function, body=with_whole_updates(function.body, updates.whole))
    function = with_certain_attempts(function, params, data, callees.returns, names)
    plain = replace(function, body=tuple(_as_assignment(settled(s)) for s in function.body))
    named = replace(plain, body=calls_alone(plain.body, names))
    renamed = rename(named, names)
    inner = with_outputs(renamed.function) if outermost else with_results(renamed.function)
    kind = kinds_in(infer(inner, params, data, callees.returns).variables, callees.returns)
    ready = without_sorted(without_iterators(with_known(inner, kind, names), kind, names), kind, names)
    ready = with_named_results(without_stars_in_displays(ready, kind, names), kind, names)
    ready = with_plain_indices(ready, kind)
    ready = replace(ready, body=tuple(increases(s, kind) for s in ready.body))
    ready = with_copies(ready, kind, names)
    kinds = infer(ready, params, data, callees.returns)
    kind = kinds_in(kinds.variables, callees.returns)
    changing = changing_variables(ready.body)
    if not outermost:
        kinds, ready = replace(kinds, result=result_alone(kinds.result, ready)), without_results(ready)
    # What is changed and has no derivative where the function is called is no result for the derivative.
    results = ready if outermost else with_results(replace(ready, changes=_among(ready.changes, inputs)))
    reached = reach(results, inputs, kinds.variables, kind)
    check_texts(results, unit, reached, kind)
    whole = whole_containers(ready, kind)
    filled, distinct = refilled(ready.body, kind), distinct_variables(ready, kind)
    constants, lists = filled_variables(ready.body), list_variables(ready.body)
    context = Context(
        unit, kinds.variables, reached.active, callees.returns, changing, filled, whole, distinct, constants, lists
    )
    checked = with_tests(without_integers(ready, context, inputs), context, reached.varied)
    return Primal(checked, context, kinds, renamed.original, names, checked != ready)


def _among(changes: tuple[str, ...], inputs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in changes if name in inputs)


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
