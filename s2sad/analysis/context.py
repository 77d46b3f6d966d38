"""What the transforms know of the function at hand: its kinds, what is active, where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from s2sad.analysis.kinds import kind_of
from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import Call, Expr, names_in
from s2sad.kind import Kind, Unknown, may_be_active

__all__ = ["Context"]


@dataclass(frozen=True)
class Context:
    """Facts of one function: kinds of its variables (and data), the active ones, what its callees return."""

    unit: Unit
    kinds: Mapping[str, Kind]
    active: frozenset[str]
    returns: Callable[[Call, Mapping[str, Kind]], Kind]
    extra: dict[str, Kind] = field(default_factory=dict)

    def kind(self, node: Expr) -> Kind:
        """The kind of an expression; variables made by the transform are known through `note`."""
        return kind_of(node, {**self.kinds, **self.extra} if self.extra else self.kinds, self.returns)

    def kind_with(self, node: Expr, kinds: Mapping[str, Kind]) -> Kind:
        """The kind of an expression with some more variables."""
        return kind_of(node, {**self.kinds, **self.extra, **kinds}, self.returns)

    def note(self, name: str, kind: Kind) -> None:
        """Remember the kind of a variable that the transform made."""
        self.extra[name] = kind

    def kind_of_name(self, name: str) -> Kind:
        return self.extra.get(name) or self.kinds.get(name, Unknown())

    def is_active(self, node: Expr) -> bool:
        """True if the expression reads an active variable."""
        return any(name in self.active for name in names_in(node))

    def carries(self, node: Expr) -> bool:
        """True if the expression may have a derivative."""
        return self.is_active(node) and may_be_active(self.kind(node))

    def refusal(self, code: str, reason: str, node: Expr, rewrite: str = "") -> DifferentiationError:
        return DifferentiationError(code, reason, self.unit.place(node.span), rewrite)
