"""What the transforms know of the function at hand: its kinds, what is active, where it came from."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from s2sad.analysis.kinds import kind_of
from s2sad.analysis.parts import name_of_part
from s2sad.analysis.repeats import may_repeat
from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import Call, Expr, Name, Statement, Try, With
from s2sad.kind import Key, Kind, Number, Unknown, items_of, may_be_active
from s2sad.naming import root_name
from s2sad.syntax import variable
from s2sad.traversal import binds, children, names_in, statements, target_names

__all__ = ["Context"]


@dataclass(frozen=True)
class Context:
    """Facts of one function: kinds of its variables (and data), the active ones, what its callees return, the variables
    whose objects are changed in place, those whose elements are, the containers that stay whole where containers are taken
    `apart`, the variables that hold indices which are `distinct`, those that hold lists of constants which are `filled`, and
    those that are `lists` whatever is known of their kinds. Of variables that the transform makes `extra` are the kinds that
    they have now; `varying` are those that are a number in one place and none in another.
    """

    unit: Unit
    kinds: Mapping[str, Kind]
    active: frozenset[str]
    returns: Callable[[Call, Mapping[str, Kind]], Kind]
    changing: frozenset[str] = frozenset()
    refilled: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    distinct: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    apart: bool = True
    extra: dict[str, Kind] = field(default_factory=dict)
    varying: set[str] = field(default_factory=set)
    own_distinct: set[str] = field(default_factory=set)
    maps: tuple[dict[str, Kind], ...] = field(init=False)
    known: dict[Expr, Kind] = field(default_factory=dict)
    reads_active: dict[Expr, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "maps", (self.extra, dict(self.kinds)))

    def kind(self, node: Expr) -> Kind:
        """The kind of an expression; variables made by the transform are known through `note`."""
        found = self.known.get(node)
        return kind_of(node, ChainMap(*self.maps), self.returns, self.known) if found is None else found

    def kind_with(self, node: Expr, kinds: dict[str, Kind], known: dict[Expr, Kind]) -> Kind:
        """The kind of an expression with some more variables; `known` remembers those of its parts."""
        return kind_of(node, ChainMap(kinds, *self.maps), self.returns, known)

    def lasting_kind(self, node: Expr) -> Kind:
        """The kind of an expression wherever it stands: an adjoint may be a number here, and an array of equal ones there."""
        varying: dict[str, Kind] = {name: Unknown() for name in names_in(node) if name in self.varying}
        return self.kind_with(node, varying, {}) if varying else self.kind(node)

    def note(self, name: str, kind: Kind) -> None:
        """Remember the kind of a variable that the transform made, from now on."""
        if self.extra.get(name) != kind:
            if isinstance(self.extra.get(name), Number) != isinstance(kind, Number) and name in self.extra:
                self.varying.add(name)
            self.extra[name] = kind
            self.known.clear()

    def kind_of_name(self, name: str) -> Kind:
        """The kind of a variable, or of a part of one."""
        found = self.extra.get(name) or self.kinds.get(name)
        return self.kind(variable(name)) if found is None else found

    def may_repeat(self, index: Expr) -> bool:
        """True if an index may select an element of an array more than once."""
        return may_repeat(index, self.kind, self.distinct | self.own_distinct)

    def name(self, name: str, value: Expr) -> None:
        """Remember what is known of a variable that the transform gives this value."""
        self.note(name, self.kind(value))
        if not self.may_repeat(value):
            self.own_distinct.add(name)

    def is_split(self, name: str) -> bool:
        """True for a container whose parts are treated as variables of their own."""
        is_container = self.apart and items_of(self.kind_of_name(name)) is not None
        return is_container and name not in self.whole and root_name(name) not in self.changing

    def part(self, name: str, key: Key) -> str:
        """The name of a part of the container `name`."""
        return name_of_part(name, key, self.kind_of_name(name))

    def leaves(self, name: str) -> Iterator[str]:
        """What `name` is made of and carries derivatives: itself, or the parts of a container that is taken apart."""
        kind = self.kind_of_name(name)
        if not self.is_split(name):
            yield name
            return
        for key, item in items_of(kind) or ():
            if may_be_active(item):
                yield from self.leaves(self.part(name, key))

    def is_active(self, node: Expr) -> bool:
        """True if the expression reads an active variable."""
        found = self.reads_active.get(node)
        if found is None:
            found = node.id in self.active if isinstance(node, Name) else any(map(self.is_active, children(node)))
            self.reads_active[node] = found
        return found

    def carries(self, node: Expr) -> bool:
        """True if the expression may have a derivative."""
        return self.is_active(node) and may_be_active(self.kind(node))

    def flows(self, target: Expr, value: Expr) -> bool:
        """True if a derivative flows from `value` to what it is assigned to."""
        return any(name in self.active for name in target_names(target)) and self.carries(value)

    def check_bound(self, s: With) -> None:
        """Refuse a context of which a derivative depends on what it gives."""
        if s.target is not None and any(name in self.active for name in target_names(s.target)):
            reason = "cannot differentiate what a context manager gives: it depends on a differentiated value"
            raise self.refusal("S202", reason, s.context, "compute it outside of the `with`")

    def check_attempt(self, s: Try) -> None:
        """Refuse an exception that carries a value on which the derivative depends, and a `finally` that computes one."""
        for inner in statements(s.final):
            if any(name in self.active for name in binds(inner)):
                reason = "cannot differentiate a `finally` that computes what the result depends on"
                place = self.unit.place(inner.origin.span if inner.origin else None)
                raise DifferentiationError("S201", reason, place, "compute it behind the `try`")
        for handler in s.handlers:
            if handler.name is not None and any(name in self.active for name in target_names(handler.name)):
                reason = "cannot differentiate through an exception: the result depends on what it carries"
                raise self.refusal("S202", reason, handler.name, "assign the value to a variable before it is raised")

    def refused_attempt(self, s: Statement) -> DifferentiationError:
        """The refusal of a body whose tangents cannot be told from it."""
        reason = "cannot differentiate this in the body of a `try`: its handler could catch what the derivative raises"
        place = self.unit.place(s.origin.span if s.origin else None)
        rewrite = "catch an exception of your own, or put what may fail into a function"
        return DifferentiationError("S201", reason, place, rewrite)

    def refusal(self, code: str, reason: str, node: Expr, rewrite: str = "") -> DifferentiationError:
        return DifferentiationError(code, reason, self.unit.place(node.span), rewrite)
