"""Versions: which assignment's value a variable holds at each point of the primal program.

Static single assignment without rewriting the program (Cytron et al. 1991, on structured code): every definition, every
join after a branch, the value at a loop's head and the value after a loop is a version with a token of its own. The adjoint
is generated in terms of tokens; transform/residuals.py then decides how each value gets there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from s2sad.analysis.changes import changed_variables
from s2sad.analysis.context import Context
from s2sad.analysis.loops import is_endless
from s2sad.analysis.ownership import KindOf, is_immutable, may_refer_to
from s2sad.ir import Assign, Expr, For, Function, If, Index, Name, Try, Unary, While, With
from s2sad.kind import Array, Kind, List, Number, Sequence
from s2sad.transform.leaving import Exit, exits
from s2sad.transform.loops import index_target
from s2sad.transform.steps import Branching, CallStep, Change, Line, Loop, Plain, Step, Within, bound_elements
from s2sad.traversal import assigned, binds, map_children, names_in, target_names

__all__ = ["Region", "Version", "Versions", "number", "tokenised"]


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the program that runs as a whole: the function, a loop's body, one side of a branch."""

    parent: Region | None = None
    loop: Loop | None = None
    branch: Branching | None = None
    side: int = 0

    def path(self) -> tuple[Region, ...]:
        """From the function to this region."""
        return (*(self.parent.path() if self.parent else ()), self)

    def loops(self) -> tuple[Loop, ...]:
        """The loops around, outermost first."""
        return tuple(region.loop for region in self.path() if region.loop is not None)

    def inner_loop(self) -> Region | None:
        """The region of the innermost loop around."""
        return next((region for region in reversed(self.path()) if region.loop is not None), None)


@dataclass(frozen=True, eq=False)
class Version:
    """One value of one variable. `how`: param, assign, join, head, exit, index (of a range), element, test, list, and last
    (what ended the loop in this round).

    `value` is the defining expression in tokens, where there is one; `operands` the versions that are joined here; `unset`
    that the variable may not be bound on some way to here.
    """

    token: str
    name: str
    how: str
    region: Region
    position: int
    step: Step | None
    value: Expr | None = None
    operands: list[str] = field(default_factory=list)
    unset: bool = False


def tokenised(node: Expr, env: dict[str, str]) -> Expr:
    """`node` with the token of its version for every variable."""
    if isinstance(node, Name):
        return Name(env.get(node.id, node.id), span=node.span)
    return map_children(node, lambda child: tokenised(child, env))


@dataclass
class Versions:
    """All versions by token, and the positions at which each variable is written. `told` are those that follow from what ended
    a loop, with what they are then, and `exits` the branches on which that happens; `bars` the adjoints of parameters that are
    changed in place, which have their shapes all the time; `exposed` the versions whose objects, or parts of them, may be
    changed when the primal part is done.
    """

    context: Context
    table: dict[str, Version] = field(default_factory=dict)
    writes: dict[str, list[Version]] = field(default_factory=dict)
    entry: dict[str, str] = field(default_factory=dict)
    regions: dict[Step, tuple[Region, ...]] = field(default_factory=dict)
    top: Region = field(default_factory=Region)
    told: dict[str, Expr] = field(default_factory=dict)
    exits: dict[Branching, tuple[Loop, Exit]] = field(default_factory=dict)
    bars: dict[str, str] = field(default_factory=dict)
    exposed: frozenset[str] = frozenset()

    def add(
        self,
        name: str,
        how: str,
        region: Region,
        step: Step | None = None,
        value: Expr | None = None,
        operands: list[str] | None = None,
        kind: Kind | None = None,
        unset: bool = False,
    ) -> str:
        """A new version of `name`."""
        token = f"{name}@{len(self.table)}"
        version = Version(token, name, how, region, len(self.table), step, value, operands or [], unset)
        self.table[token] = version
        self.context.note(token, kind or self.context.kind_of_name(name))
        if how in ("param", "assign", "index", "element", "item"):
            self.writes.setdefault(name, []).append(version)
        return token

    def change_afterwards(self, names: Iterable[str]) -> None:
        """Remember that the objects of these parameters may be changed when the primal part is done: under every name."""
        self.exposed = frozenset(self.entry[name] for name in names)
        while self.exposed != (grown := self.exposed.union(*map(self.referring, self.table.values()))):
            self.exposed = grown

    def referring(self, version: Version) -> frozenset[str]:
        """The version, if it may refer to an object that is changed afterwards, or to a part of one."""
        may_change = not is_immutable(self.context.kind_of_name(version.token))
        return frozenset({version.token} if may_change and self.exposed & _sources(version, self.context.kind) else ())

    def is_overwritten(self, version: Version) -> bool:
        """True if its variable may be assigned again before the adjoint part begins, its object be changed, or is unbound."""
        if version.step is not None and isinstance(s := version.step.statement, Try) and version.name in binds(s):
            return True
        return version.token in self.exposed or any(
            write.position > version.position and not _exclusive(write.region, version.region)
            for write in self.writes.get(version.name, ())
        )

    def is_changed_later(self, version: Version) -> bool:
        """True if the version's object may be changed in place after it came about."""
        if version.token in self.exposed:
            return True
        if version.name not in self.context.changing:
            return False
        return self.is_overwritten(version) or version.token in self.changed_objects

    @cached_property
    def changed_objects(self) -> frozenset[str]:
        """The versions whose objects are changed in place, perhaps in the next round of a loop."""
        found: set[str] = set()
        waiting = [token for writes in self.writes.values() for write in writes if (token := _changed_by(write))]
        while waiting:
            version = self.table[waiting.pop()]
            if version.token not in found:
                found.add(version.token)
                before = _changed_by(version)
                waiting += version.operands if before is None else (*version.operands, before)
        return frozenset(found)

    def may_be_unset(self, token: str) -> bool:
        """True if the variable may not be bound where the version is read."""
        seen: set[str] = set()
        waiting = [token] if token in self.table else []
        while waiting:
            current = self.table[waiting.pop()]
            if current.unset:
                return True
            if current.token not in seen:
                seen.add(current.token)
                waiting += current.operands
        return False

    def ended(self, last: Version) -> str | None:
        """The value, behind its loop, of the variable that `last` tells of; None where it is True whatever happens."""
        assert isinstance(last.step, Loop) and isinstance(last.step.statement, For | While)
        until = last.step.statement.until
        assert isinstance(until, Name)
        is_certain = is_endless(last.step.statement) and self.context.kind_of_name(last.token) == Number("bool")
        return None if is_certain else last.step.after[until.id]

    def reaches(self, token: str, loop: Loop) -> bool:
        """True if the value may come from before the current round of `loop`."""
        seen: set[str] = set()
        waiting = [token]
        while waiting:
            version = self.table[waiting.pop()]
            if loop not in version.region.loops() or (version.how == "head" and version.step is loop):
                return True
            if version.token not in seen:
                seen.add(version.token)
                waiting += version.operands
        return False


def _changed_by(version: Version) -> str | None:
    """The version of the same object before a change in place that has made this one."""
    if version.step is None or version.how != "assign" or version.name not in changed_variables(version.step.statement):
        return None
    return version.step.before.get(version.name)


def _sources(version: Version, kind_of: KindOf) -> frozenset[str]:
    """The versions to whose objects, or to parts of them, a version may refer."""
    found = frozenset(version.operands)
    if version.value is not None:
        return found | may_refer_to(version.value, kind_of)
    match version.step:
        case CallStep(saved=saved) if version.name == saved:
            # The callee keeps copies of what may change.
            return found
        case Step(statement=Assign(value=value), before=before) if version.how == "assign":
            return found | may_refer_to(tokenised(value, before), kind_of)
        case Loop(statement=For(iterable=value), before=before) if version.how == "item":
            return found | frozenset(names_in(tokenised(value, before)))
        case Step(statement=With(context=value), before=before):
            return found | frozenset(names_in(tokenised(value, before)))
    return found


def _exclusive(a: Region, b: Region) -> bool:
    """True if the regions lie on different sides of one branch."""
    sides = {region.branch: region.side for region in a.path() if region.branch is not None}
    return any(
        region.branch in sides and sides[region.branch] != region.side
        for region in b.path()
        if region.branch is not None
    )


def number(steps: tuple[Step, ...], function: Function, context: Context) -> Versions:
    """Find the versions and write them into the steps."""
    versions = Versions(context)
    env = {param.name: versions.add(param.name, "param", versions.top) for param in function.params}
    versions.entry = dict(env)
    _block(steps, env, versions.top, versions)
    return versions


def _block(steps: tuple[Step, ...], env: dict[str, str], region: Region, versions: Versions) -> None:
    for step in steps:
        step.before = dict(env)
        match step:
            case Branching():
                _branching(step, env, region, versions)
            case Loop():
                _loop(step, env, region, versions)
            case Within():
                _within(step, env, region, versions)
            case Plain() | Line() | CallStep() | Change():
                _assign(step, env, region, versions)
        step.after = dict(env)


def _assign(step: Step, env: dict[str, str], region: Region, versions: Versions) -> None:
    match step.statement:
        case Assign(target=Name(id=name), value=value):
            tokens = tokenised(value, env)
            env[name] = versions.add(name, "assign", region, step, tokens, kind=_kind(name, value, versions.context))
        case s:
            for name in sorted(assigned(s)):
                env[name] = versions.add(name, "assign", region, step)
    if isinstance(step, CallStep):
        for param, name in step.names.items():
            env[name] = versions.add(name, "assign", region, step, tokenised(step.arguments[param], step.before))
        env[step.saved] = versions.add(step.saved, "assign", region, step)


def _kind(name: str, value: Expr, context: Context) -> Kind:
    """The kind of a variable where it is assigned, which may tell more of an array's size than it does elsewhere."""
    kind, own = context.kind_of_name(name), context.kind(value)
    is_array = isinstance(kind, Array) and isinstance(own, Array) and kind.dtype == own.dtype
    return own if is_array else kind


def _branching(step: Branching, env: dict[str, str], region: Region, versions: Versions) -> None:
    s = step.statement
    test = tokenised(s.test, env) if isinstance(s, If) else None
    step.test = versions.add(
        "branch" if isinstance(s, If) else "caught", "test", region, step, test, kind=Number("bool")
    )
    if step in versions.exits:
        _tell(step, env, versions)
    sides = []
    regions = []
    for side, block in enumerate((step.then, step.orelse)):
        inner = dict(env)
        own = Region(region, branch=step, side=side)
        for name in binds(s) if side == 0 else ():
            inner[name] = versions.add(name, "assign", own, step)
        _block(block, inner, own, versions)
        sides.append(inner)
        regions.append(own)
    versions.regions[step] = tuple(regions)
    step.envs = tuple(sides)
    for name in sorted({*sides[0], *sides[1]}):
        tokens = [side[name] for side in sides if name in side]
        if len(tokens) == 2 and tokens[0] == tokens[1]:
            env[name] = tokens[0]
        else:
            env[name] = versions.add(name, "join", region, step, operands=tokens, unset=len(tokens) < 2)


def _tell(step: Branching, env: dict[str, str], versions: Versions) -> None:
    """Note what the test of a branch that leaves a loop was, and the variable that it tests if that has left a loop inside."""
    assert isinstance(step.statement, If)
    loop, found = versions.exits[step]
    last = Name(loop.last)
    versions.told[step.test] = found.condition(last) if found.side == 0 else Unary("not", found.condition(last))
    match step.statement.test:
        case Name(id=name) if found.every:
            versions.told[env[name]] = last


def _within(step: Within, env: dict[str, str], region: Region, versions: Versions) -> None:
    for name in binds(step.statement):
        env[name] = versions.add(name, "assign", region, step)
    _block(step.body, env, region, versions)


def _loop(step: Loop, env: dict[str, str], region: Region, versions: Versions) -> None:
    inside = Region(region, loop=step)
    versions.regions[step] = (inside,)
    names = sorted(assigned(step.statement))
    inner = dict(env)
    for name in names:
        operands = [env[name]] if name in env else []
        inner[name] = versions.add(name, "head", inside, step, operands=operands, unset=name not in env)
    heads = dict(inner)
    found = exits(step)
    versions.exits |= {exit_.branching: (step, exit_) for exit_ in found}
    if found:
        step.last = versions.add("last", "last", inside, step, kind=Number("bool" if found[0].every else "int"))
    if isinstance(step.statement, For):
        _bind(step, inner, inside, env, versions)
    assert isinstance(step.statement, For | While)
    step.inside = dict(inner)
    _block(step.body, inner, inside, versions)
    for name in names:
        versions.table[heads[name]].operands.append(inner[name])
        last = inner[name] if is_endless(step.statement) else heads[name]
        env[name] = versions.add(name, "exit", region, step, operands=[last])


def _bind(step: Loop, inner: dict[str, str], inside: Region, env: dict[str, str], versions: Versions) -> None:
    """The versions of a for loop's targets in one round, and of the number of the round."""
    assert isinstance(step.statement, For) and step.way is not None
    target = step.statement.target
    counting = index_target(target, step.way)
    counter = versions.add(counting or step.counter, "index", inside, step, kind=Number("int"))
    inner[step.counter] = counter
    elements = {
        part.id: (element, tokenised(element, {**env, step.counter: counter}))
        for part, element in bound_elements(target, step.way, Name(step.counter))
        if isinstance(part, Name)
    }
    for name in target_names(target):
        element, value = elements.get(name, (None, None))
        if name == counting:
            inner[name] = counter
        elif element is not None and _can_index(element, name, versions.context):
            inner[name] = versions.add(name, "element", inside, step, value)
        else:
            inner[name] = versions.add(name, "item", inside, step)


def _can_index(element: Expr, name: str, context: Context) -> bool:
    """True if what is iterated is known to be a sequence, or is active and must be one."""
    match element:
        case Index(value=sequence):
            return isinstance(context.kind(sequence), Array | List | Sequence) or name in context.active
    return True
