"""Whether the functions given by hand for a callee fit it: the number of arguments, pairs and tuples, shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import Function
from s2sad.kind import (
    Array,
    Kind,
    List,
    Never,
    Number,
    Other,
    Sequence,
    Unknown,
    described,
    items_of,
    may_be_active,
    same_shape,
)
from s2sad.program import Hand
from s2sad.syntax import span_of
from s2sad.transform.containers import adjoint_kind

__all__ = ["RulesFit", "fit", "tangent_kind"]


def fit(found: Kind, wanted: Kind) -> bool | None:
    """True if a tangent or adjoint of the kind `found` has the form of a value of the kind `wanted`; None if unknown.

    What carries no derivative has any.
    """
    if isinstance(found, Unknown | Never) or isinstance(wanted, Unknown | Never):
        return None
    parts, others = items_of(found), items_of(wanted)
    if others is not None:
        own = dict(parts or ())
        if own.keys() != dict(others).keys():
            return None if isinstance(found, List) else False
        return _all(fit(own[key], other) for key, other in others)
    if not may_be_active(wanted):
        return True
    if not isinstance(wanted, Number | Array):
        return None
    if not isinstance(found, Number | Array):
        return False
    if len(_shape(found)) != len(_shape(wanted)):
        return False
    return True if same_shape(found, wanted) else None if None in (*_shape(found), *_shape(wanted)) else False


def _all(answers: Iterable[bool | None]) -> bool | None:
    every = list(answers)
    return False if False in every else None if None in every else True


def _shape(kind: Kind) -> tuple[object, ...]:
    return kind.shape if isinstance(kind, Array) else ()


@dataclass(frozen=True)
class RulesFit:
    """Whether the functions given by hand for the function `key` fit it, for arguments of certain kinds."""

    hand: Hand
    key: str
    kinds: Mapping[str, Kind]
    functions: Mapping[str, Function]
    units: Mapping[str, Unit]
    result: Callable[[str, dict[str, Kind]], Kind]

    def check_active(self, active: tuple[str, ...]) -> None:
        """Refuse derivatives with respect to what is declared not to be differentiated."""
        for name in active:
            if name in self.hand.nondiff:
                reason = (
                    f"`{self.hand.name}` is not differentiated with respect to `{name}`, and its argument is active"
                )
                unit = self.units[self.key]
                rewrite = "take it from nondiff_argnums, or mark the argument constant: s2sad.stop_gradient"
                raise DifferentiationError("S205", reason, unit.place(span_of(unit.node)), rewrite)

    def params(self) -> tuple[str, ...]:
        """The parameters that are differentiated."""
        return tuple(name for name in self.kinds if name not in self.hand.nondiff)

    def tangent(self) -> bool:
        """True if the jvp certainly fits, False if that is not known."""
        if self.hand.jvp is None:
            unit = self.units[self.key]
            reason = f"`{self.hand.name}` has a derivative by hand for reverse mode alone"
            raise DifferentiationError(
                "S204",
                reason,
                unit.place(span_of(unit.node)),
                f"give one for forward mode too: {self.hand.name}.defjvp",
            )
        values = tuple(self.kinds[name] for name in self.params())
        dots = tuple(map(tangent_kind, values))
        found = self.called(self.hand.jvp, (*self.ahead(), Sequence("tuple", values), Sequence("tuple", dots)))
        value, tangent = self.pair(found, self.hand.jvp, "(value, tangent)")
        own = self.own_result()
        self.require(fit(value, own), self.hand.jvp, "its value has another form than that of the function")
        return self.require(fit(tangent, own), self.hand.jvp, "the tangent has another form than the value")

    def backward(self, active: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str], bool]:
        """The parameters that the backward function has adjoints for, those where it is None, and whether all certainly fit."""
        assert self.hand.forward is not None and self.hand.backward is not None
        found = self.called(self.hand.forward, tuple(self.kinds.values()))
        value, residuals = self.pair(found, self.hand.forward, "(value, residuals)")
        own = self.own_result()
        self.require(fit(value, own), self.hand.forward, "its value has another form than that of the function")
        params = self.params()
        adjoints = self.called(self.hand.backward, (*self.ahead(), residuals, adjoint_kind(own)))
        if not isinstance(adjoints, Unknown | Never) and not _has_items(adjoints, len(params)):
            what = f"it returns {described(adjoints)}, not a tuple of {len(params)}: one adjoint for each parameter"
            raise self.misfit(self.hand.backward, what, f"return ({', '.join(f'{name}_bar' for name in params)},)")
        if not isinstance(adjoints, Sequence):
            return params, frozenset(), False
        by_param = dict(zip(params, adjoints.items, strict=True))
        zeros = frozenset(name for name, kind in by_param.items() if kind == Other("NoneType"))
        fits = [
            self.require(
                fit(by_param[name], self.kinds[name]), self.hand.backward, f"the adjoint of `{name}` has another form"
            )
            for name in active
            if name not in zeros
        ]
        return params, zeros, all(fits)

    def ahead(self) -> tuple[Kind, ...]:
        return tuple(self.kinds[name] for name in self.hand.nondiff)

    def own_result(self) -> Kind:
        return self.result(self.key, dict(self.kinds))

    def called(self, key: str, kinds: tuple[Kind, ...]) -> Kind:
        """The kind of the result of a function given by hand."""
        names = [param.name for param in self.functions[key].params]
        required = [param for param in self.functions[key].params if param.default is None]
        if not len(required) <= len(kinds) <= len(names):
            raise self.misfit(key, f"it takes {len(names)} arguments where {len(kinds)} are given")
        return self.result(key, dict(zip(names, kinds, strict=False)))

    def pair(self, found: Kind, key: str, what: str) -> tuple[Kind, Kind]:
        if isinstance(found, Unknown | Never):
            return Unknown(), Unknown()
        if not _has_items(found, 2):
            raise self.misfit(key, f"it returns {described(found)}, not a pair {what}", f"return {what}")
        first, second = found.items  # type: ignore[attr-defined]
        return first, second

    def require(self, fits: bool | None, key: str, what: str) -> bool:
        if fits is False:
            raise self.misfit(key, what)
        return bool(fits)

    def misfit(self, key: str, what: str, rewrite: str = "") -> DifferentiationError:
        unit = self.units[key]
        reason = f"`{unit.name}`, by which `{self.hand.name}` is differentiated, does not fit it: {what}"
        rewrite = rewrite or "give it the form of what it belongs to: np.shape(x)"
        return DifferentiationError("S206", reason, unit.place(span_of(unit.node)), rewrite)


def _has_items(kind: Kind, count: int) -> bool:
    return isinstance(kind, Sequence) and len(kind.items) == count


def tangent_kind(kind: Kind) -> Kind:
    """The kind of the tangent of a value."""
    match kind:
        case Number(dtype=dtype):
            return Number(dtype if may_be_active(kind) else "float")
        case Sequence(items=items):
            return replace(kind, items=tuple(map(tangent_kind, items)))
    return kind
