"""Functions whose derivative is given by hand, and what is given for them, brought into a program."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from s2sad.errors import DifferentiationError
from s2sad.frontend.rules import Lower, Target, declared_rules
from s2sad.frontend.unit import Data, Rules, Unit
from s2sad.ir import Call, Function, Name, Param, Return
from s2sad.naming import Names
from s2sad.program import Hand, Program
from s2sad.rules import registry

__all__ = ["bring", "declare", "function_or_value"]


class _Meanings(Protocol):
    """What is used of `frontend.meanings`."""

    program: Program
    found: list[Unit]

    @property
    def elsewhere(self) -> Lower: ...


class _Lowering(_Meanings, Protocol):
    """What is used of `frontend.lower`."""

    unit: Unit

    def function(self) -> Function: ...
    def params(self, args: ast.arguments) -> Iterator[Param]: ...
    def data(self, data: Data) -> str: ...
    def refusal(self, node: ast.AST, code: str, reason: str, rewrite: str = "") -> DifferentiationError: ...


def function_or_value(lowering: _Lowering) -> Function:
    """The function; of one that is outside of the language, but has derivatives by hand, a call of its value."""
    hand = lowering.unit.by_hand
    if hand is None or hand.value is None or not (hand.units or hand.declared):
        return lowering.function()
    try:
        return lowering.function()
    except DifferentiationError:
        # It is called, never differentiated.
        lowering.found.clear()
        return _calling(lowering, hand.value)


def _calling(lowering: _Lowering, data: Data) -> Function:
    """A function that calls the user's own, which the loader gives."""
    node, program = lowering.unit.node, lowering.program
    params = tuple(lowering.params(node.args))
    value = Name(lowering.data(replace(data, name=f"{lowering.unit.name}_itself")))
    signature = registry.Signature(registry.data_key(value.id), tuple(param.name for param in params), {}, "y")
    program.rules.append(registry.Linear(signature, {}, text=f"`{lowering.unit.name}` itself"))
    args = tuple(Name(param.name) for param in params if param.form != "keyword")
    keywords = tuple((param.name, Name(param.name)) for param in params if param.form == "keyword")
    return Function(node.name, params, (Return(Call(value, args, keywords)),))


def bring(lowering: _Lowering, names: Names) -> None:
    """Bring what is given by hand for the function just lowered into the program."""
    unit, program = lowering.unit, lowering.program
    hand, params = unit.by_hand, program.functions[unit.key].params
    if hand is None:
        return
    if not (hand.units or hand.recompute or hand.declared):
        reason = f"no derivative is given for `{unit.name}`, which is declared to have one by hand"
        raise lowering.refusal(unit.node, "S206", reason, f"{unit.name}.defjvp(...) or {unit.name}.defvjp(...)")
    caught = next((param.name for param in params if param.form in ("args", "kwargs")), None)
    if hand.units and caught is not None:
        reason = f"`{unit.name}` has a derivative by hand and takes any number of arguments, in `{caught}`"
        raise lowering.refusal(unit.node, "S206", reason, "give each argument a parameter")
    if hand.units or hand.recompute:
        nondiff = tuple(_parameter(lowering, one, params) for one in hand.nondiff)
        given = (hand.jvp, hand.forward, hand.backward)
        jvp, forward, backward = (None if one is None else one.key for one in given)
        program.by_hand[unit.key] = Hand(unit.name, nondiff, jvp, forward, backward, hand.recompute)
        lowering.found += hand.units
    declare(lowering, Target(unit.key, unit.name, params), hand.declared, names)


def _parameter(lowering: _Lowering, one: int | str, params: tuple[Param, ...]) -> str:
    """The parameter that an entry of `nondiff_argnums` means."""
    found = [param.name for param in params]
    if isinstance(one, int) and -len(found) <= one < len(found):
        return found[one]
    if one in found:
        return str(one)
    reason = f"`{one}` among what is not differentiated is no parameter of `{lowering.unit.name}`"
    raise lowering.refusal(lowering.unit.node, "S206", reason, f"it has {', '.join(found)}")


def declare(lowering: _Meanings, target: Target, rules: Rules, names: Names) -> None:
    """Bring the rules that are declared for a function into the program."""
    _Declaring(lowering, target, names).declare(rules)


@dataclass
class _Declaring:
    lowering: _Meanings
    target: Target
    names: Names

    def declare(self, rules: Rules) -> None:
        found = declared_rules(self.target, rules, self.lowering.elsewhere, self.reach, self.add)
        self.lowering.program.rules += found

    def reach(self, unit: Unit) -> str:
        """The key of a function of the user's."""
        self.lowering.found.append(unit)
        return unit.key

    def add(self, function: Function, unit: Unit) -> str:
        """The key of a function that is made for a rule."""
        key, program = f"{self.target.key}@{function.name}", self.lowering.program
        program.functions[key], program.units[key] = function, unit
        program.names[key] = self.names.unique(function.name)
        return key
