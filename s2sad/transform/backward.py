"""The adjoint program, written from the last step of the primal to the first.

It speaks of primal values by the tokens of their versions. Where a region of the primal is mirrored stands a `Restore`, for
a loop stands a `Backwards`: transform/residuals.py replaces both when it knows what is needed and how it gets there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from s2sad.analysis.changes import changed_variables
from s2sad.analysis.context import Context
from s2sad.ir import (
    Assign,
    Block,
    D,
    Expr,
    For,
    If,
    Index,
    ListOf,
    Name,
    Result,
    Statement,
    TupleOf,
    Unary,
    With,
)
from s2sad.kind import Array, Kind, List, Sequence, Unknown
from s2sad.naming import Names, root_name
from s2sad.syntax import template
from s2sad.transform.adjoints import Adjoints, Bar, is_fresh, is_full
from s2sad.transform.changes import Changes
from s2sad.transform.containers import bar_name
from s2sad.transform.differential import leaves
from s2sad.transform.elements import empty_adjoints, filled, filled_sequences, turned_adjoints
from s2sad.transform.hoist import is_expensive
from s2sad.transform.leaving import ways_out
from s2sad.transform.pulled import Calls, PairOf
from s2sad.transform.steps import (
    Branching,
    CallStep,
    Change,
    Line,
    Loop,
    Step,
    Within,
    all_leaves,
    all_steps,
    leaves_of,
    linears,
)
from s2sad.transform.transpose import Add, Branch, Contribution, Let, Scatter, merged, substituted, transpose
from s2sad.transform.versions import Region, Versions, tokenised
from s2sad.traversal import assigned, names_in, substitute, target_names, walk

__all__ = ["Backward", "Backwards", "Restore", "is_active"]


@dataclass(frozen=True, eq=False)
class Restore(Statement):
    """Here the values of a region's versions are brought back."""

    region: Region


@dataclass(frozen=True, eq=False)
class Backwards(Statement):
    """A loop of the primal, run backwards; `whole` says that a round in which it was left is not run."""

    loop: Loop
    body: Block
    whole: bool = False


def is_active(step: Step) -> bool:
    """True if a derivative flows through the step."""
    match step:
        case Line(parts=parts):
            return bool(parts)
        case Change():
            return True
        case CallStep(active=active):
            return bool(active)
        case Branching(then=then, orelse=orelse):
            return any(map(is_active, (*then, *orelse)))
        case Within(body=body):
            return any(map(is_active, body))
        case Loop(body=body, elements=elements):
            return bool(elements) or any(map(is_active, body))
    return False


@dataclass
class Backward:
    """Writes adjoint statements; `seed` is the adjoint of the function's result, if it has one, `final` are the sequences
    whose adjoints are made in the form in which they are returned.
    """

    context: Context
    names: Names
    versions: Versions
    pair_of: PairOf
    seed: Expr | None
    bars: dict[str, str] = field(default_factory=dict)
    final: frozenset[str] = frozenset()
    filled: dict[Step, frozenset[str]] = field(default_factory=dict)
    renewed: dict[Step, frozenset[str]] = field(default_factory=dict)
    whole: set[Loop] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.changes = Changes(self.context, self.names, self.contributions)
        self.calls = Calls(self.context, self.names, self.versions, self.pair_of, self.contributions, self.inherit)

    def bar_name(self, name: str) -> str:
        if name not in self.bars:
            self.bars[name] = bar_name(name, self.context.leaves(root_name(name)), self.names)
        return self.bars[name]

    def adjoints(self) -> Adjoints:
        """Adjoints that are all zero."""
        return Adjoints(self.context, self.bar_name, self.versions.may_be_unset)

    def block(self, steps: Iterable[Step], adjoints: Adjoints) -> list[Statement]:
        """The adjoint of a block; `adjoints` go from those after it to those before it.

        A step that leaves nothing but another name for an adjoint is remarked on at the next line.
        """
        done: list[Statement] = []
        silent: list[str] = []
        for step in reversed(tuple(steps)):
            lines = self.step(step, adjoints)
            if lines and silent and lines[0].remark and lines[0].remark not in silent:
                lines[0] = replace(lines[0], remark="; ".join((*silent, lines[0].remark)))
                silent = []
            if not lines and _is_remarkable(step):
                assert step.statement.origin is not None
                silent.append(step.statement.origin.text)
            done += lines
        return done

    def step(self, step: Step, adjoints: Adjoints) -> list[Statement]:
        match step:
            case Line():
                return self.line(step, adjoints)
            case Change():
                return _remarked(self.changes.change(step, adjoints), step)
            case CallStep():
                return _remarked(self.calls.call(step, adjoints), step)
            case Branching():
                return self.branching(step, adjoints)
            case Loop():
                return self.loop(step, adjoints)
            case Within(body=body, around=None):
                return self.block(body, adjoints)
            case Within():
                return self.in_context(step, adjoints)
        for name in assigned(step.statement):
            adjoints.drop(name)
        return []

    # -------------------------------------------------------------- statements

    def line(self, step: Line, adjoints: Adjoints) -> list[Statement]:
        contributions: list[Contribution] = []
        cotangents: dict[str, Expr] = {}
        before = [s for name, _ in step.parts if name is not None for s in self.untangled(name, adjoints)]
        for name, linear in step.parts:
            ct = self.seed if name is None else adjoints.cotangent(name)
            if ct is None:
                continue
            if name is not None:
                # It has the full shape, which is known best where the variable is assigned.
                if is_full(adjoints.state[name].kind, adjoints.kind(name)):
                    adjoints.sharpen(name, self.context.kind_of_name(step.after.get(name, name)))
                elif isinstance(self.context.kind(linear), Unknown) and root_name(name) in step.after:
                    # More is known of the variable than of its value, as of what a branch has assigned, and its parts cannot
                    # tell how often the number counts for them.
                    ct = template("_broadcast(t, x)", t=ct, x=Name(step.after[root_name(name)]))
                cotangents[name] = ct
                linear = substitute(linear, {Result(): Name(step.after[root_name(name)])})
            contributions += transpose(linear, ct, self.context, self.names)
        contributions = self.with_shared_parts(list(merged(contributions, self.context)))
        owned = {ct for name, ct in cotangents.items() if adjoints.state[name].owned}
        owned |= {Name(line.name) for line in contributions if isinstance(line, Let) and is_fresh(line.value)}
        for name in assigned(step.statement):
            adjoints.drop(name)
        adjoints.here = step.before
        held = {**cotangents, **self.borrowed(cotangents)}
        lines = self.placed(_ordered(contributions, held), held, step.before, adjoints)
        self.inherit(contributions, owned, adjoints)
        return [*before, *_remarked(lines, step)]

    def untangled(self, name: str, adjoints: Adjoints) -> list[Statement]:
        """Write the adjoint down if it stands for that of a variable which has a new one waiting."""
        found = adjoints.state.get(name)
        read = set() if found is None or found.value is None else set(names_in(found.value))
        if any(self.bars.get(other) in read for other in adjoints.state if other != name):
            return adjoints.settle(*read)
        return []

    def borrowed(self, cotangents: dict[str, Expr]) -> dict[str, Expr]:
        """Other variables whose adjoint variables the cotangents read: one that was assigned from them has their value."""
        read = {bar for ct in cotangents.values() for bar in names_in(ct)}
        return {name: Name(bar) for name, bar in self.bars.items() if bar in read and name not in cotangents}

    def with_shared_parts(self, contributions: list[Contribution]) -> list[Contribution]:
        """What the contributions of one statement compute more than once gets a name."""
        counts: Counter[Expr] = Counter()
        for line in contributions:
            if isinstance(line, Let | Add | Scatter):
                counts.update(part for part in walk(line.value) if is_expensive(part, self.context))
        repeated = [part for part, count in counts.items() if count > 1]
        outer = [
            p for p in repeated if not any(p is not q and p in walk(q) and counts[p] == counts[q] for q in repeated)
        ]
        for part in sorted(outer, key=lambda p: sum(1 for _ in walk(p)), reverse=True):
            name = self.names.unique("t")
            self.context.note(name, self.context.kind(part))
            first = next(i for i, line in enumerate(contributions) if part in _values(line))
            # What stands before it, in a branch, computes it only there.
            replaced = [substituted(line, {part: Name(name)}) for line in contributions[first:]]
            contributions = [*contributions[:first], Let(name, part), *replaced]
        return contributions

    def inherit(self, contributions: Iterable[Contribution], owned: set[Expr], adjoints: Adjoints) -> None:
        """An array that its variable no longer needs, or that is part of a container which nobody needs, belongs to the one
        variable that it is handed on to.
        """
        contributions = list(contributions)
        for line in contributions:
            if isinstance(line, Add) and adjoints.is_part(line.value) and owned & set(walk(line.value)):
                held = any(_holds(other, line.value) for other in contributions if other is not line)
                if not held and line.name in adjoints.state:
                    adjoints.state[line.name] = replace(adjoints.state[line.name], owned=True)

    def placed(
        self, lines: list[Contribution], cotangents: dict[str, Expr], env: dict[str, str], adjoints: Adjoints
    ) -> list[Statement]:
        """Contributions as statements. The adjoint of a variable that is read and assigned is kept while it is needed."""
        own = [line for line in lines if _names(line) & set(cotangents)]
        simple = len(own) == 1 and isinstance(own[0], Add) and own[0] is lines[-1]
        targets = {name for line in own for name in _names(line)}
        swap = len(own) == len(targets) > 1 and all(isinstance(line, Add) for line in own)
        if not own or simple:
            return self.contributions(lines, env, adjoints)
        if swap and lines[-len(own) :] == own and not any(_names(line) & set(adjoints.state) for line in own):
            return self.contributions(lines[: -len(own)], env, adjoints) + self.swapped(own, env, adjoints)
        kept: dict[Expr, Expr] = {}
        before: list[Statement] = []
        for name, ct in cotangents.items():
            if isinstance(ct, Name) and any(name in _names(line) for line in own):
                temporary = Name(self.names.unique("t_bar"))
                self.context.note(temporary.id, self.context.kind(ct))
                before.append(Assign(temporary, ct))
                kept[ct] = temporary
        return before + self.contributions([substituted(line, kept) for line in lines], env, adjoints)

    def swapped(self, own: list[Contribution], env: dict[str, str], adjoints: Adjoints) -> list[Statement]:
        """Several variables that are assigned from each other: their adjoints change at once."""
        pairs = [(line.name, tokenised(line.value, env)) for line in own if isinstance(line, Add)]
        kinds = [self.context.kind(value) for _, value in pairs]
        before = adjoints.settle(*(self.bar_name(name) for name, _ in pairs))
        for (name, _), kind in zip(pairs, kinds, strict=True):
            adjoints.state[name] = Bar(kind, False)
            self.context.note(self.bar_name(name), kind)
        targets = TupleOf(tuple(adjoints.bar(name) for name, _ in pairs))
        return [*before, Assign(targets, TupleOf(tuple(value for _, value in pairs)))]

    def contributions(self, lines: Iterable[Contribution], env: dict[str, str], adjoints: Adjoints) -> list[Statement]:
        done: list[Statement] = []
        for line in lines:
            match line:
                case Let(name=name, value=value):
                    value = tokenised(value, env)
                    adjoints.share(value)
                    done.append(Assign(Name(name), value))
                case Add(name=name, value=value, full=full):
                    done += adjoints.add(name, tokenised(value, env))
                    if full:
                        adjoints.sharpen(name, adjoints.kind(name))
                case Scatter(name=name, path=path, value=value):
                    tokens = tuple(tokenised(index, env) for index in path)
                    done += adjoints.scatter(name, tokens, tokenised(value, env))
                case Branch(test=test, then=then, orelse=orelse):
                    sides = []
                    done += adjoints.settle()
                    for side in (then, orelse):
                        inner = adjoints.copy()
                        sides.append((self.contributions(side, env, inner), inner))
                    done += self.joined(tokenised(test, env), sides, adjoints)
        return done

    def in_context(self, step: Within, adjoints: Adjoints) -> list[Statement]:
        """The adjoint of a body that is computed under the same conditions as the body."""
        assert step.around is not None
        before = adjoints.settle()
        lines = self.block(step.body, adjoints)
        lines += adjoints.settle()
        if not lines:
            return before
        return [*before, With(tokenised(step.around, step.before), None, tuple(lines))]

    # ---------------------------------------------------------------- branches

    def branching(self, step: Branching, adjoints: Adjoints) -> list[Statement]:
        found = self.versions.exits.get(step)
        if found is not None and found[0] in self.whole:
            return self.rest_of_round(step, 1 - found[1].side, adjoints)
        before = adjoints.settle()
        sides = []
        for block, env, region in zip((step.then, step.orelse), step.envs, self.versions.regions[step], strict=True):
            inner = adjoints.copy()
            inner.here = env
            lines = self.block(block, inner)
            inner.here = step.before
            sides.append(([Restore(region), *lines] if lines else [], inner))
        lines = self.joined(Name(step.test), sides, adjoints)
        return [*before, *_remarked(lines, step)]

    def rest_of_round(self, step: Branching, side: int, adjoints: Adjoints) -> list[Statement]:
        """The side of a branch on which a loop is not left, in a whole round."""
        adjoints.here = step.envs[side]
        lines = self.block((step.then, step.orelse)[side], adjoints)
        adjoints.here = step.before
        return [Restore(self.versions.regions[step][side]), *lines]

    def joined(self, test: Expr, sides: list[tuple[list[Statement], Adjoints]], adjoints: Adjoints) -> list[Statement]:
        """An if whose sides leave the same adjoints behind: where one has none, it is written down as zero."""
        (then, a), (orelse, b) = sides
        then += a.settle()
        orelse += b.settle()
        for name in sorted({*a.state, *b.state}):
            if a.state.get(name) == b.state.get(name):
                continue
            for lines, side in ((then, a), (orelse, b)):
                lines += side.full(name)
            for lines, side, other in ((then, a, b), (orelse, b, a)):
                if isinstance(other.state[name].kind, List | Sequence):
                    lines += side.listed(name)
            owned = a.state[name].owned and b.state[name].owned
            kind = adjoints.kind(name) if is_full(a.state[name].kind, b.state[name].kind) else a.state[name].kind
            a.state[name] = b.state[name] = Bar(_common(a.state[name].kind, b.state[name].kind, kind), owned)
            self.context.note(self.bar_name(name), a.state[name].kind)
        adjoints.state = a.state
        if not then and not orelse:
            return []
        if not then:
            return [If(Unary("not", test), tuple(orelse))]
        return [If(test, tuple(then), tuple(orelse))]

    # ------------------------------------------------------------------- loops

    def loop(self, step: Loop, adjoints: Adjoints) -> list[Statement]:
        written = assigned(step.statement)
        # Even where nothing flows: a variable that is overwritten in no round keeps its adjoint.
        overwritten = {name for name in adjoints.state if root_name(name) in written}
        if not is_active(step) and not overwritten:
            return []
        self.whole = self.whole - {step} | ({step} if self.leaves_nothing(step, adjoints) else set())
        self.filled[step] = filled_sequences(step, self.added_to(step), adjoints)
        exposed = self.exposed(step)
        renewed = {name for name in overwritten - exposed if not self.passes(root_name(name), step)}
        self.renewed[step] = frozenset(name for name in renewed if adjoints.may_vary(name))
        carried = sorted((exposed - self.filled[step]) | overwritten)
        scattered = self.scattered(step)
        adjoints.here = {**step.before, **step.after}
        before: list[Statement] = [*adjoints.settle(), *empty_adjoints(self.filled[step], self.final, adjoints)]
        carried = self.changing(step, carried, adjoints)
        for name in carried:
            before += adjoints.writable(name) if name in scattered else adjoints.full(name)
        body, after = self.round(step, carried, adjoints)
        arrays = [name for name in carried if isinstance(adjoints.state[name].kind, Array)]
        became = [name for name in arrays if _is_list(after.state[name])]
        if became:
            before += [line for name in became for line in adjoints.listed(name)]
            body, after = self.round(step, carried, adjoints)
        weaker = [name for name in carried if adjoints.state[name].owned and not after.state[name].owned]
        if weaker:
            for name in weaker:
                adjoints.state[name] = replace(adjoints.state[name], owned=False)
            body, after = self.round(step, carried, adjoints)
        adjoints.here = step.before
        region = self.versions.regions[step][0]
        rounds = Backwards(step, (Restore(region), *body), whole=step in self.whole)
        lines = [*before, *_remarked([rounds], step)]
        lines += turned_adjoints(step, self.filled[step], adjoints)
        for name in sorted(self.renewed[step] & set(carried)):
            lines += adjoints.stretched(name) if root_name(name) in step.before else []
        return lines

    def leaves_nothing(self, step: Loop, adjoints: Adjoints) -> bool:
        """True if nothing flows through a round in which the loop is left: then the adjoint has whole rounds only."""
        ways = ways_out(step)
        trials = [adjoints.copy() for _ in ways]
        if any(self.block(way, trial) for way, trial in zip(ways, trials, strict=True)):
            return False
        targets = target_names(step.statement.target) if isinstance(step.statement, For) else []
        is_bound = any(root_name(name) in targets for name in adjoints.state)
        return bool(ways) and not is_bound and all(trial.state == adjoints.state for trial in trials)

    def passes(self, name: str, step: Loop) -> bool:
        """True if the value that a variable has before a round may be the one that it has after it."""
        after = step.body[-1].after if step.body else step.inside
        return name not in after or self.versions.reaches(after[name], step)

    def changing(self, step: Loop, carried: list[str], adjoints: Adjoints) -> list[str]:
        """`carried` without the adjoints that are a number before the loop and, in every round, the same number after."""
        constant = [name for name in carried if name in adjoints.state and adjoints.state[name].value is not None]
        while constant:
            trial = adjoints.copy()
            others = [name for name in carried if name not in constant]
            for name in others:
                trial.full(name)
            _, after = self.round(step, others, trial)
            same = [name for name in constant if after.state.get(name) == adjoints.state[name]]
            if same == constant:
                return others
            constant = same
        return carried

    def round(self, step: Loop, carried: list[str], adjoints: Adjoints) -> tuple[list[Statement], Adjoints]:
        """The adjoint of one round: it begins and ends with the adjoints `carried` written down, and no others."""
        inner = adjoints.copy()
        inner.here = step.body[-1].after if step.body else step.inside
        # What each round binds anew may have another shape than in the round before.
        renewed = [name for name in carried if name in self.renewed[step]]
        lines = [line for name in renewed for line in inner.stretched(name)]
        lines += self.block(step.body, inner)
        heads = {**step.before, **step.inside}
        lines += self.elements(step, inner)
        lines += inner.settle()
        for name in target_names(step.statement.target) if isinstance(step.statement, For) else ():
            inner.drop(name)
        # Zeros take their shape from the values of this round: before the first one there may be none.
        after = step.body[-1].after if step.body else {}
        read = [name for name in self.exposed(step) if inner.may_vary(name)]
        for name in carried:
            # What is read before it is bound again has the shape that it had then.
            inner.here = heads if name in read else {**heads, **after}
            lines += inner.number_zero(name) if name in renewed else inner.full(name)
            if name in adjoints.state and _is_list(adjoints.state[name]):
                lines += inner.listed(name)
        return lines, inner

    def elements(self, step: Loop, adjoints: Adjoints) -> list[Statement]:
        """The adjoints of a loop's targets go to the elements that they are."""
        env = {**step.before, **step.inside}
        adjoints.here = env
        lines = list(filled(step, self.filled[step], self.final, env, adjoints))
        found = [(linear, adjoints.cotangent(name)) for name, linear in step.elements]
        for name in target_names(step.statement.target) if isinstance(step.statement, For) else ():
            adjoints.drop(name)
        adjoints.here = step.before
        contributions = [
            line
            for linear, ct in found
            if ct is not None and not set(leaves(linear)) & self.filled[step]
            for line in transpose(linear, ct, self.context, self.names)
        ]
        return lines + self.placed(contributions, {}, env, adjoints)

    def added_to(self, step: Loop) -> set[str]:
        """The variables to whose adjoints the statements in the loop add."""
        return {part for name in all_leaves(step.body) for part in self.context.leaves(name)}

    def exposed(self, step: Loop) -> set[str]:
        """The variables to whose values from before a round something in it contributes."""
        found: set[str] = set()
        for inner in all_steps(step.body):
            for name in leaves_of(inner):
                if root_name(name) in inner.before and self.versions.reaches(inner.before[root_name(name)], step):
                    found.update(self.context.leaves(name))
        for _, linear in step.elements:
            found.update(part for name in leaves(linear) for part in self.context.leaves(name))
        return found

    def scattered(self, step: Loop) -> set[str]:
        """The variables whose elements are read in the loop: their adjoints are added to in place."""
        found = {leaf for _, linear in step.elements for leaf in _indexed(linear)}
        for inner in all_steps(step.body):
            for linear in linears(inner):
                found.update(_indexed(linear))
            found.update(changed_variables(inner.statement))
            if isinstance(inner, Loop):
                found.update(leaf for _, linear in inner.elements for leaf in _indexed(linear))
        return found


# ------------------------------------------------------------------- plumbing


def _is_list(bar: Bar) -> bool:
    return isinstance(bar.kind, List | Sequence)


def _common(a: Kind, b: Kind, wanted: Kind) -> Kind:
    return a if a == b else wanted


def _ordered(lines: list[Contribution], cotangents: dict[str, Expr]) -> list[Contribution]:
    """Contributions to what the statement itself assigns come last: until then their adjoint is still needed."""
    own = [line for line in lines if _names(line) & set(cotangents)]
    return [line for line in lines if line not in own] + own


def _names(line: Contribution) -> set[str]:
    """The variables that a contribution goes to."""
    match line:
        case Add(name=name) | Scatter(name=name):
            return {name}
        case Branch(then=then, orelse=orelse):
            return {name for inner in (*then, *orelse) for name in _names(inner)}
    return set()


def _holds(line: Contribution, array: Expr) -> bool:
    """True if what a contribution adds may be the array itself, or a part or the whole of what it is a part of."""
    match line:
        case Branch(then=then, orelse=orelse):
            return any(_holds(inner, array) for inner in (*then, *orelse))
        case Let(value=value) | Add(value=value) | Scatter(value=value):
            read = array in walk(value) or value in walk(array)
            return read and (isinstance(value, ListOf) or not is_fresh(value))
    return False


def _values(line: Contribution) -> list[Expr]:
    """All expressions in what a contribution adds."""
    return list(walk(line.value)) if isinstance(line, Let | Add | Scatter) else []


def _indexed(linear: Expr) -> set[str]:
    """The variables of whose differential only elements are read somewhere in the expression."""
    return {leaf for part in walk(linear) if isinstance(part, Index) for leaf in leaves(part.value)}


def _is_remarkable(step: Step) -> bool:
    """True for a statement whose differential is more than another name for a variable."""
    if not isinstance(step, Line) or step.statement.origin is None:
        return False
    return any(not isinstance(linear, D) for _, linear in step.parts)


def _remarked(lines: list[Statement], step: Step) -> list[Statement]:
    """The first adjoint line of a statement says which statement it belongs to."""
    origin = step.statement.origin
    if not lines or origin is None or isinstance(lines[0], If | Backwards):
        return lines
    return [replace(lines[0], remark=origin.text), *lines[1:]]
