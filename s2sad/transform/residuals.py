"""How each primal value that the adjoint reads gets there: it is still held, computed again, or saved.

What is saved in a loop goes to a list, one element a round, that the adjoint reads backwards; a loop inside a loop makes a
list for each of its runs, which is itself a value to be saved. Cheap scalar arithmetic and views are computed again when
what they read is there anyway ("to be recorded" and recomputation: Hascoët & Pascual 2013; Griewank & Walther ch. 12).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from s2sad.analysis.context import Context
from s2sad.analysis.loops import Zipped
from s2sad.ir import (
    Attribute,
    Binary,
    Block,
    Bool,
    Call,
    Compare,
    Conditional,
    Const,
    Def,
    Expr,
    For,
    Global,
    Index,
    Name,
    Opaque,
    Routine,
    Slice,
    TupleOf,
    Unary,
)
from s2sad.kind import Number, Other
from s2sad.naming import Names
from s2sad.rules import registry
from s2sad.transform.backward import Backwards
from s2sad.transform.loops import backwards, counts_from_zero, rounds
from s2sad.transform.sizes import Sizes
from s2sad.transform.steps import Loop
from s2sad.transform.transpose import is_basic
from s2sad.transform.versions import Region, Version, Versions, tokenised
from s2sad.traversal import blocks, children, expressions, names_in

__all__ = ["Decision", "Held", "Inline", "Kept", "LastRound", "LoopIndex", "Plan", "Recomputed", "Stacked", "decide"]


@dataclass(frozen=True)
class Decision:
    """Where the adjoint finds a version."""


@dataclass(frozen=True)
class Held(Decision):
    """In its variable: nothing overwrites it."""


@dataclass(frozen=True)
class Kept(Decision):
    """In a variable of its own, which the primal part binds before the value is overwritten."""

    name: str


@dataclass(frozen=True)
class LoopIndex(Decision):
    """It is the loop's own index."""


@dataclass(frozen=True)
class LastRound(Decision):
    """In the first round of the loop that runs backwards it is `ended`, what ended the loop, or True, and nothing in those
    after it.
    """

    ended: str | None


@dataclass(frozen=True)
class Recomputed(Decision):
    """It is computed again from `value`."""

    value: Expr


@dataclass(frozen=True)
class Inline(Decision):
    """Its expression stands in its place."""

    value: Expr


@dataclass(frozen=True)
class Stacked(Decision):
    """In the list `list_token` of the innermost loop; `conditional` if not every round adds to it."""

    list_token: str
    conditional: bool


@dataclass
class Plan:
    """The decisions by token, and the names by which the adjoint part knows the values.

    `tests` are the names of saved conditions; `sources` the variables whose values a list holds; `handed` what
    `function` hands to its backward function.
    """

    versions: Versions
    names: Names
    decisions: dict[str, Decision] = field(default_factory=dict)
    adjoint_names: dict[str, str] = field(default_factory=dict)
    loops: dict[Loop, Backwards] = field(default_factory=dict)
    counts: dict[Loop, str] = field(default_factory=dict)
    tests: dict[str, str] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    function: str = ""
    handed: list[str] = field(default_factory=list)

    def primal_name(self, version: Version) -> str:
        """The name of a version in the primal part; a condition that is saved gets one, and what tells of the last round."""
        if version.how in ("test", "last"):
            if version.token not in self.tests:
                self.tests[version.token] = self.names.unique(version.name)
            return self.tests[version.token]
        return version.name

    def in_order(self) -> list[Version]:
        """The versions decided on, in program order."""
        return sorted((self.versions.table[token] for token in self.decisions), key=lambda version: version.position)

    def lists(self, loop: Loop, conditional: bool) -> list[Version]:
        """The versions saved in lists of `loop`, in program order."""
        return [
            version
            for version in self.in_order()
            if isinstance(found := self.decisions[version.token], Stacked)
            and found.conditional == conditional
            and version.region.loops()[-1] is loop
        ]

    def is_in_every_round(self, version: Version) -> bool:
        """True if every round that the adjoint runs over has the version's value."""
        region = version.region
        while region.loop is None:
            found = self.versions.exits.get(region.branch) if region.branch else None
            if found is None or not self.loops[found[0]].whole or region.parent is None:
                return False
            region = region.parent
        return True

    def has_counted(self, loop: Loop) -> bool:
        """True if the length of a list tells how many rounds a loop has had, which its head would only tell by the lengths of
        several sequences.
        """
        return isinstance(loop.way, Zipped) and bool(self.lists(loop, conditional=False))

    def needs_index(self, loop: Loop) -> bool:
        """True if the adjoint of the loop reads the number of the round."""
        return any(
            isinstance(decision, LoopIndex) and self.versions.table[token].step is loop
            for token, decision in self.decisions.items()
        )

    def spelled(self, token: str) -> Expr:
        """What stands for a token in the adjoint part."""
        match self.decisions[token]:
            case Inline(value=value):
                return value
        return Name(self.adjoint_names[token])

    def is_held(self, version: Version) -> bool:
        """True if the adjoint finds the version in its variable."""
        return isinstance(self.decisions[version.token], Held)

    def captured(self) -> list[str]:
        """The names of the primal part that the adjoint part reads, in program order."""
        found: dict[str, None] = {}
        for version in self.in_order():
            if isinstance(self.decisions[version.token], Held | Kept):
                found[self.adjoint_names[version.token]] = None
        return list(found)


def decide(
    adjoint: Block,
    versions: Versions,
    context: Context,
    names: Names,
    *,
    split: bool,
    drops_loops: bool,
    reserved: Iterable[str],
) -> Plan:
    """Decide for every token that the adjoint reads. `split`: the adjoint is a function of its own, whose local variables
    must not be called like those of the primal part that it reads; `drops_loops`: the primal part computes nothing but
    what the adjoint needs; `reserved` are names that the adjoint must not bind.
    """
    plan = Plan(versions, names)
    plan.loops = {statement.loop: statement for statement in _loops(adjoint)}
    chooser = _Chooser(plan, context, drops_loops)
    chooser.need(dict.fromkeys(_tokens(adjoint)))
    while chooser.heads():
        pass
    _name(plan, split, set(reserved))
    return plan


def _loops(block: Block) -> Iterator[Backwards]:
    for s in block:
        match s:
            case Backwards(body=body):
                yield s
                yield from _loops(body)
            case Def(function=function):
                yield from _loops(function.body)
        for inner in blocks(s):
            yield from _loops(inner)


def _tokens(block: Block) -> Iterator[str]:
    for expression in expressions(block):
        yield from (name for name in names_in(expression) if "@" in name)
    for loop in _loops(block):
        yield from _tokens(loop.body)
    for s in block:
        for inner in blocks(s):
            yield from _tokens(inner)


@dataclass
class _Chooser:
    """`carrying` are the loops that the primal part must run; `drops_loops` says that it runs no others."""

    plan: Plan
    context: Context
    drops_loops: bool
    carrying: set[Loop] = field(default_factory=set)

    def need(self, tokens: Iterable[str]) -> None:
        """Decide on these versions, earlier ones first, so that later ones can be computed from them."""
        tokens = list(tokens)
        table = self.plan.versions.table
        self.carrying |= {loop for token in tokens for loop in self.carriers(table[token])}
        waiting = sorted(
            {token for token in tokens if token not in self.plan.decisions}, key=lambda t: table[t].position
        )
        for token in waiting:
            self.choose(token)

    def carriers(self, version: Version) -> Iterator[Loop]:
        """The loops that have to run in the primal part for this value: what a round leaves to the next, or behind."""
        if version.how in ("head", "item", "join", "exit", "list", "count"):
            yield from version.region.loops()
            if isinstance(version.step, Loop):
                yield version.step

    def choose(self, token: str) -> None:
        if token in self.plan.decisions:
            return
        version = self.plan.versions.table[token]
        self.plan.decisions[token] = self.choice(version)
        match self.plan.decisions[token]:
            case Stacked(list_token=inner):
                self.choose(inner)
            case LastRound(ended=str() as ended):
                self.need([ended])
            case Recomputed(value=value) | Inline(value=value):
                self.need(name for name in names_in(value) if "@" in name)

    def choice(self, version: Version) -> Decision:
        if version.token in self.plan.versions.told:
            return Inline(self.plan.versions.told[version.token])
        match version:
            case Version(how="test", value=Name() as value):
                return Inline(value)
        if version.how == "last":
            return LastRound(self.plan.versions.ended(version))
        if not version.region.loops():
            return self.outside_loops(version)
        if version.how == "index":
            return LoopIndex()
        if version.value is not None and self.is_cheap(version) and self.is_ready(version.value):
            return Inline(version.value) if version.how == "test" else Recomputed(version.value)
        return self.stacked(version)

    def outside_loops(self, version: Version) -> Decision:
        if version.how == "test":
            if (
                version.value is None
                or not _repeatable(version.value)
                or not all(map(self.is_held, _operands(version.value)))
            ):
                return Kept(self.plan.primal_name(version))
            return Inline(version.value)
        if version.how == "list" or not self.plan.versions.is_overwritten(version):
            return Held()
        return Kept(self.plan.names.unique(version.name))

    def is_held(self, token: str) -> bool:
        """True for a value that the adjoint can read at no cost."""
        version = self.plan.versions.table[token]
        if version.region.loops():
            return False
        return token in self.plan.decisions or not self.plan.versions.is_overwritten(version)

    def is_ready(self, value: Expr) -> bool:
        return all(map(self.is_available, _operands(value)))

    def is_available(self, token: str) -> bool:
        """True for a value that is there anyway, or follows cheaply from such values."""
        version = self.plan.versions.table[token]
        if token in self.plan.decisions or not version.region.loops() or version.how == "index":
            return True
        return version.value is not None and self.is_cheap(version) and self.is_ready(version.value)

    def is_cheap(self, version: Version) -> bool:
        """True for what is computed again: what costs less than a list, or spares the primal part a loop."""
        assert version.value is not None
        if version.how == "element":
            return True
        if self.drops_loops and not set(version.region.loops()) & self.carrying:
            return _repeatable(version.value)
        return _is_cheap(version.value, self.context)

    def stacked(self, version: Version) -> Decision:
        region = version.region.inner_loop()
        assert region is not None and region.parent is not None
        nested = bool(region.parent.loops())
        base = self.plan.sources.get(version.token) or self.plan.primal_name(version)
        name = self.plan.names.unique(f"{base}_inner" if nested else f"{base}_saved")
        token = self.plan.versions.add(name, "list", region.parent, region.loop, kind=Other("list"))
        self.plan.sources[token] = base
        return Stacked(token, not self.plan.is_in_every_round(version))

    def heads(self) -> bool:
        """Decide on what the heads of the backward loops read; True if that was anything new."""
        needed: list[str] = []
        for loop in self.plan.loops:
            if loop.ends_early:
                self.count(loop)
                needed += self.bounds(loop) if self.is_numbered(loop) else ()
            elif not self.plan.has_counted(loop) and (
                not self.plan.lists(loop, conditional=False) or self.plan.needs_index(loop)
            ):
                needed += self.bounds(loop)
        new = [token for token in needed if token not in self.plan.decisions]
        self.need(new)
        return bool(new)

    def is_numbered(self, loop: Loop) -> bool:
        """True if the adjoint reads numbers that a loop runs over, which are not those of its rounds."""
        return loop.way is not None and self.plan.needs_index(loop) and not counts_from_zero(loop.way)

    def bounds(self, loop: Loop) -> list[str]:
        """What the head of the loop that runs backwards reads: that is written in transform/weave.py."""
        assert loop.way is not None and isinstance(loop.statement, For)
        kind_of = self.context.kind
        if loop.ends_early:
            node = loop.statement.iterable
        else:
            node = backwards(loop.way, kind_of) if self.plan.needs_index(loop) else rounds(loop.way, kind_of)
        return _operands(Sizes(self.plan.versions).expression(tokenised(node, loop.before)))

    def count(self, loop: Loop) -> None:
        """A loop that ends when it will, and whose rounds leave nothing behind, is counted."""
        if self.plan.lists(loop, conditional=False) or loop in self.plan.counts:
            return
        region = self.plan.versions.regions[loop][0].parent
        assert region is not None
        name = self.plan.names.unique("rounds")
        token = self.plan.versions.add(name, "count", region, loop, kind=Number("int"))
        self.plan.counts[loop] = token
        self.choose(token)


def _operands(value: Expr) -> list[str]:
    return [name for name in names_in(value) if "@" in name]


def _repeatable(node: Expr) -> bool:
    """True if evaluating the expression again has no effect and gives the same."""
    match node:
        case Call(func=Global(dotted=dotted)):
            own = registry.known(dotted) or dotted in (
                "len",
                "range",
                "isinstance",
                "float",
                "int",
                "bool",
                "abs",
                "min",
                "max",
            )
        case Call(func=Attribute(attr=attr)):
            own = registry.method_key(attr) is not None
        case Call() | Routine() | Opaque():
            own = False
        case _:
            own = True
    return own and all(map(_repeatable, children(node)))


def _is_cheap(node: Expr, context: Context) -> bool:
    """True for scalar arithmetic, comparisons, elements and views: less than a list's append and read."""
    match node:
        case Name() | Const() | Global():
            return True
        case Binary() | Unary() | Compare() | Bool() | Conditional():
            is_number = isinstance(context.kind(node), Number)
            return is_number and _size(node) <= 8 and all(_is_cheap(child, context) for child in children(node))
        case Index() | Slice() | TupleOf():
            return _is_view(node, context) and all(_is_cheap(child, context) for child in children(node))
        case Attribute():
            return all(_is_cheap(child, context) for child in children(node))
        case Call(func=Global(dotted="len")):
            return True
        case Call():
            return registry.is_view(registry.key_of(node)) and all(
                _is_cheap(child, context) for child in children(node)
            )
    return False


def _is_view(node: Expr, context: Context) -> bool:
    return not isinstance(node, Index) or is_basic(node.index, context)


def _size(node: Expr) -> int:
    return 1 + sum(map(_size, children(node)))


# --------------------------------------------------------------------- names


def _name(plan: Plan, split: bool, reserved: set[str]) -> None:
    """Each version's name in the adjoint part: its own, unless two that are alive at once would share it."""
    for version in plan.in_order():
        match plan.decisions[version.token]:
            case Held():
                plan.adjoint_names[version.token] = version.name
            case Kept(name=name):
                plan.adjoint_names[version.token] = name
            case LastRound(ended=str() as ended) if not split and plan.is_held(plan.versions.table[ended]):
                # Nobody reads it again: the adjoint forgets it after the first round.
                plan.adjoint_names[version.token] = plan.versions.table[ended].name
    if split:
        reserved |= set(plan.adjoint_names.values())
    claims: dict[str, list[Region]] = {}
    for version in plan.in_order():
        if version.token in plan.adjoint_names or isinstance(plan.decisions[version.token], Inline):
            continue
        name = plan.primal_name(version)
        region = version.region.inner_loop()
        assert region is not None
        if name in reserved or any(_nested(region, other) for other in claims.get(name, ())):
            name = plan.names.unique(name)
        claims.setdefault(name, []).append(region)
        plan.adjoint_names[version.token] = name


def _nested(a: Region, b: Region) -> bool:
    """True if one region lies in the other."""
    return a in b.path() or b in a.path()
