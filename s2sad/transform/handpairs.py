"""Forward and backward functions of callees whose derivative is given by hand, or that are computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from s2sad.analysis.changes import is_change
from s2sad.errors import DifferentiationError
from s2sad.ir import Call, Function, Routine
from s2sad.kind import Kind, Unknown
from s2sad.naming import Names
from s2sad.options import Options
from s2sad.program import Hand, Program
from s2sad.simplify.dead import is_pure
from s2sad.transform.byhand import HandPair, tangent_function_of, without_parameters
from s2sad.transform.handfit import RulesFit, tangent_kind
from s2sad.transform.pulled import Pair
from s2sad.transform.residuals import Plan
from s2sad.transform.reverse import Reverse
from s2sad.transform.snapshots import with_snapshots
from s2sad.transform.values import values_of
from s2sad.traversal import expressions, walk

__all__ = ["HandPairs"]


class _Builder(Protocol):
    """What is used of `transform.module.Builder`."""

    program: Program
    names: Names
    data: dict[str, Kind]
    pairs: dict[tuple[object, ...], Pair]
    written: dict[str, Function]
    plans: list[Plan]

    def reverse(self, key: str, inputs: tuple[str, ...], kinds: Mapping[str, Kind]) -> Reverse: ...
    def result(self, key: str, kinds: dict[str, Kind]) -> Kind: ...
    def hint(self, function: Function, kinds: Mapping[str, Kind]) -> None: ...


@dataclass
class HandPairs:
    """Those of the function `key` for arguments of certain kinds."""

    builder: _Builder
    key: str
    kinds: dict[str, Kind]

    @property
    def hand(self) -> Hand:
        return self.builder.program.by_hand[self.key]

    @cached_property
    def rules(self) -> RulesFit:
        program = self.builder.program
        return RulesFit(self.hand, self.key, self.kinds, program.functions, program.units, self.builder.result)

    @property
    def function(self) -> Function:
        return self.builder.program.functions[self.key]

    @property
    def name(self) -> str:
        return self.builder.program.names[self.key]

    def make(self, memo: tuple[object, ...], active: tuple[str, ...]) -> None:
        """Note the pair under `memo`, if nothing is to be derived from the function itself."""
        builder = self.builder
        if self.key not in builder.program.by_hand:
            return
        if self.hand.forward is not None and self.hand.backward is not None:
            self.rules.check_active(active)
            own = HandPair(self.hand, *self.rules.backward(active))
            builder.pairs[memo] = Pair(self.hand.forward, self.hand.backward, True, self.hand.nondiff, hand=own)
        elif self.hand.jvp is not None or self.hand.recompute:
            name = builder.names.unique(f"{self.name}_bwd")
            params = tuple(param.name for param in self.function.params)
            # Before it is made: a recursive function calls it.
            builder.pairs[memo] = Pair(self.name, name, False, params)
            made = self.recomputed(name, active) if self.hand.jvp is None else self.transposed(name, active)
            builder.written[name] = made
            builder.hint(made, {**self.kinds, made.params[0].name: self.rules.own_result()})

    def recomputed(self, name: str, active: tuple[str, ...]) -> Function:
        """`(y_bar, *args)`, which computes the function again before it goes back: nothing of it was saved."""
        self.check_repeatable()
        adjoint = self.adjoint_of(name, self.key, active, self.kinds)
        doc = f"The adjoint of `{self.name}`, which is computed again here (checkpoint)."
        adjoint = replace(adjoint, doc=doc)
        if self.hand.snapshots is not None:
            names = self.builder.names.copy()
            adjoint = with_snapshots(adjoint, self.key, self.function, self.hand.snapshots, names)
        params = tuple(param.name for param in self.function.params)
        return without_parameters(adjoint, {}, self.kinds, params)

    def check_repeatable(self) -> None:
        """Refuse what may give another value, or has an effect, when it is computed a second time."""
        program = self.builder.program
        reached = [self.key]
        for key in reached:
            function = program.functions[key]
            values = values_of(function)
            for call in (part for node in expressions(values.body) for part in walk(node) if isinstance(part, Call)):
                if isinstance(call.func, Routine):
                    reached += [call.func.key] if call.func.key not in reached else []
                elif not is_change(call) and not is_pure(call, lambda _: True):
                    reason = "a checkpoint is computed again, and this call may have an effect or give another value"
                    place = program.units[key].place(call.span)
                    raise DifferentiationError("S201", reason, place, "call it outside of the checkpoint")

    def transposed(self, name: str, active: tuple[str, ...]) -> Function:
        """`(y_bar, *args)`: the adjoint of the jvp by hand, which is a linear function of the tangents."""
        self.rules.check_active(active)
        self.rules.tangent()
        program, jvp = self.builder.program, str(self.hand.jvp)
        tangent, dots = tangent_function_of(
            program.functions[jvp], self.hand, self.function, active, self.kinds, self.builder.data
        )
        key = f"{jvp}@{','.join(active)}"
        program.functions[key], program.units[key] = tangent, program.units[jvp]
        program.names[key] = tangent.name
        values = [self.kinds.get(param.name, Unknown()) for param in self.function.params]
        values += [tangent_kind(self.kinds.get(param, Unknown())) for param in active]
        kinds = {param.name: kind for param, kind in zip(tangent.params, values, strict=True)}
        adjoint = self.adjoint_of(name, key, tuple(dots.values()), kinds)
        params = tuple(param.name for param in self.function.params)
        doc = f"The adjoint of `{self.name}`: that of its jvp, which is linear in the tangents."
        return replace(without_parameters(adjoint, dots, self.kinds, params), doc=doc)

    def adjoint_of(self, name: str, key: str, inputs: tuple[str, ...], kinds: Mapping[str, Kind]) -> Function:
        """The primal part and the adjoint part in one function, for an adjoint of the result that is its last argument."""
        reverse = self.builder.reverse(key, inputs, kinds)
        function, plan = reverse.joint(name, Options("adjoint", inputs, len(inputs) == 1))
        self.builder.plans.append(plan)
        return function
