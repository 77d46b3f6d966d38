"""What one call settles about a function: the functions among its arguments, and how many there are for `*args`, by which
names for `**kwargs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from s2sad.applied import is_function
from s2sad.errors import ArgumentError
from s2sad.naming import Names
from s2sad.parameters import Parameters

__all__ = ["Settled", "settled"]


@dataclass(frozen=True, eq=False)
class Settled:
    """The parameters `given` to the function for good, and those that what it catches has now: `args` and `keywords`.

    `names` are the former by what they are called in `wrt`.
    """

    inputs: Parameters
    given: dict[str, object]
    args: tuple[str, ...] | None
    keywords: tuple[str, ...] | None
    names: dict[str, str]

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from others; functions are the same only if they are one object."""
        return tuple((name, _Same(value)) for name, value in self.given.items()), self.args, self.keywords

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values of all parameters, what is caught by itself."""
        caught = {} if self.args is None else dict(zip(self.args, given[str(self.inputs.args)], strict=True))
        return {**given, **caught, **({} if self.keywords is None else given[str(self.inputs.kwargs)])}


@dataclass(frozen=True, eq=False)
class _Same:
    """A value compared by identity."""

    value: object

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value


def settled(inputs: Parameters, given: Mapping[str, Any], wrt: tuple[str, ...]) -> Settled | None:
    """What a call with the arguments `given` settles; None where there is nothing to be settled."""
    whole = {name: given[name] for name in (*inputs.positional, *inputs.keyword) if name not in wrt}
    surplus = given[inputs.args] if inputs.args is not None and inputs.args not in wrt else ()
    others = given[inputs.kwargs] if inputs.kwargs is not None and inputs.kwargs not in wrt else {}
    caught = (*surplus, *others.values())
    parts = [name for name in wrt if name not in inputs.names]
    spread = bool(parts) or any(map(is_function, caught))
    if not spread and not any(map(is_function, whole.values())):
        return None
    names = Names((*inputs.names, *others))
    args = tuple(names.unique(f"{inputs.args}_{number}") for number in range(len(surplus)))
    called = {inputs.part_of_args(number): name for number, name in enumerate(args)}
    _check_given(inputs, parts, {*called, *others})
    values = {**whole, **(dict(zip(args, surplus, strict=True)) | others if spread else {})}
    functions = {name: value for name, value in values.items() if is_function(value)}
    takes_args = spread and inputs.args is not None and inputs.args not in wrt
    takes_keywords = spread and inputs.kwargs is not None and inputs.kwargs not in wrt
    return Settled(inputs, functions, args if takes_args else None, tuple(others) if takes_keywords else None, called)


def _check_given(inputs: Parameters, parts: list[str], given: set[str]) -> None:
    for name in parts:
        if name not in given:
            reason = f"`wrt` names `{name}`, and this call of `{inputs.function}` gives no such argument"
            raise ArgumentError("S104", reason, rewrite="give the argument, by position or by name")
