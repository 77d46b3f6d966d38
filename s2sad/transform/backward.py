"""The adjoint program, written from the last step of the primal to the first.

It speaks of primal values by the tokens of their versions. Where a region of the primal is mirrored stands a `Restore`, for
a loop stands a `Backwards`: transform/residuals.py replaces both when it knows what is needed and how it gets there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from s2sad.analysis.context import Context
from s2sad.ir import (
    Assign,
    Block,
    Call,
    Const,
    D,
    Expr,
    For,
    Function,
    If,
    Index,
    Name,
    Result,
    Routine,
    Statement,
    TupleOf,
    Unary,
    assigned,
    names_in,
    substitute,
    target_names,
    walk,
)
from s2sad.kind import Kind
from s2sad.naming import Names
from s2sad.transform.adjoints import Adjoints, Bar, is_fresh, is_full, zeros_like
from s2sad.transform.differential import leaves
from s2sad.transform.hoist import is_expensive
from s2sad.transform.steps import Branching, CallStep, Line, Loop, Step
from s2sad.transform.transpose import Add, Branch, Contribution, Let, Scatter, transpose
from s2sad.transform.versions import Region, Versions, tokenised

__all__ = ["Backward", "Backwards", "Pair", "Restore", "is_active"]


@dataclass(frozen=True, eq=False)
class Restore(Statement):
    """Here the values of a region's versions are brought back."""

    region: Region


@dataclass(frozen=True, eq=False)
class Backwards(Statement):
    """A loop of the primal, run backwards."""

    loop: Loop
    body: Block


@dataclass(frozen=True)
class Pair:
    """The forward and backward function of a callee.

    `saves` is false if nothing goes from one to the other; `params` are the parameters that the backward one takes as
    they were.
    """

    forward: str
    backward: str
    saves: bool
    params: tuple[str, ...] = ()


def is_active(step: Step) -> bool:
    """True if a derivative flows through the step."""
    match step:
        case Line(parts=parts):
            return bool(parts)
        case CallStep(active=active):
            return bool(active)
        case Branching(then=then, orelse=orelse):
            return any(map(is_active, (*then, *orelse)))
        case Loop(body=body, elements=elements):
            return bool(elements) or any(map(is_active, body))
    return False


@dataclass
class Backward:
    """Writes adjoint statements; `seed` is the adjoint of the function's result."""

    context: Context
    names: Names
    versions: Versions
    functions: Callable[[str], Function]
    pair_of: Callable[[CallStep], Pair]
    seed: Expr
    bars: dict[str, str] = field(default_factory=dict)

    def bar_name(self, name: str) -> str:
        if name not in self.bars:
            self.bars[name] = self.names.unique(f"{name}_bar")
        return self.bars[name]

    def adjoints(self) -> Adjoints:
        """Adjoints that are all zero."""
        return Adjoints(self.context, self.bar_name)

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
            case CallStep():
                return self.call(step, adjoints)
            case Branching():
                return self.branching(step, adjoints)
            case Loop():
                return self.loop(step, adjoints)
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
                cotangents[name] = ct
                linear = substitute(linear, {Result(): Name(step.after[name])})
            contributions += transpose(linear, ct, self.context, self.names)
        contributions = self.with_shared_parts(contributions)
        owned = {self.bar_name(name) for name in cotangents if adjoints.state[name].owned}
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
            replaced = [_substituted(line, {part: Name(name)}) for line in contributions]
            contributions = [*replaced[:first], Let(name, part), *replaced[first:]]
        return contributions

    def inherit(self, contributions: list[Contribution], owned: set[str], adjoints: Adjoints) -> None:
        """An array that its variable no longer needs belongs to the one variable that it is handed on to."""
        passed = [line for line in contributions if isinstance(line, Add) and isinstance(line.value, Name)]
        for line in passed:
            assert isinstance(line.value, Name)
            alone = sum(line.value in walk(other.value) for other in passed) == 1
            views = any(not is_fresh(o.value) for o in contributions if isinstance(o, Add | Let) and o is not line)
            if line.value.id in owned and alone and not views and line.name in adjoints.state:
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
        return before + self.contributions([_substituted(line, kept) for line in lines], env, adjoints)

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
                case Add(name=name, value=value):
                    done += adjoints.add(name, tokenised(value, env))
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

    # ---------------------------------------------------------------- branches

    def branching(self, step: Branching, adjoints: Adjoints) -> list[Statement]:
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
        if not is_active(step) and not written & set(adjoints.state):
            return []
        exposed = self.exposed(step)
        carried = sorted(exposed | {name for name in adjoints.state if name in written})
        scattered = self.scattered(step)
        adjoints.here = {**step.before, **step.after}
        before: list[Statement] = adjoints.settle()
        carried = self.changing(step, carried, adjoints)
        for name in carried:
            before += adjoints.writable(name) if name in scattered else adjoints.full(name)
        body, after = self.round(step, carried, adjoints)
        weaker = [name for name in carried if adjoints.state[name].owned and not after.state[name].owned]
        if weaker:
            for name in weaker:
                adjoints.state[name] = replace(adjoints.state[name], owned=False)
            body, after = self.round(step, carried, adjoints)
        adjoints.here = step.before
        region = self.versions.regions[step][0]
        return [*before, *_remarked([Backwards(step, (Restore(region), *body))], step)]

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
        lines = self.block(step.body, inner)
        heads = {**step.before, **step.inside}
        for part, linear in step.elements:
            lines += self.element(part, linear, step, inner)
        lines += inner.settle()
        for name in target_names(step.statement.target) if isinstance(step.statement, For) else ():
            inner.drop(name)
        # Zeros take their shape from the values of this round: before the first one there may be none.
        inner.here = {**heads, **(step.body[-1].after if step.body else {})}
        for name in carried:
            lines += inner.full(name)
        return lines, inner

    def element(self, part: Expr, linear: Expr, step: Loop, adjoints: Adjoints) -> list[Statement]:
        """The adjoint of a loop's target goes to the element that it is."""
        env = {**step.before, **step.inside}
        cotangents: dict[str, Expr] = {}
        if isinstance(part, Name):
            ct = adjoints.cotangent(part.id)
            adjoints.drop(part.id)
        else:
            items = part.items if isinstance(part, TupleOf) else ()
            found = [adjoints.cotangent(item.id) if isinstance(item, Name) else None for item in items]
            for item in items:
                if isinstance(item, Name):
                    adjoints.drop(item.id)
            ct = None if not any(found) else TupleOf(tuple(Const(0.0) if c is None else c for c in found))
        if ct is None:
            return []
        adjoints.here = step.before
        return self.placed(list(transpose(linear, ct, self.context, self.names)), cotangents, env, adjoints)

    def exposed(self, step: Loop) -> set[str]:
        """The variables to whose values from before a round something in it contributes."""
        found: set[str] = set()
        for inner in _all_steps(step.body):
            for name in _leaves(inner):
                if name in inner.before and self.versions.reaches(inner.before[name], step):
                    found.add(name)
        for _, linear in step.elements:
            found.update(leaves(linear))
        return found

    def scattered(self, step: Loop) -> set[str]:
        """The variables whose elements are read in the loop: their adjoints are added to in place."""
        found = {leaf for _, linear in step.elements for leaf in _indexed(linear)}
        for inner in _all_steps(step.body):
            for linear in _linears(inner):
                found.update(_indexed(linear))
            if isinstance(inner, Loop):
                found.update(leaf for _, linear in inner.elements for leaf in _indexed(linear))
        return found

    # ------------------------------------------------------------------- calls

    def call(self, step: CallStep, adjoints: Adjoints) -> list[Statement]:
        adjoints.here = step.after
        ct, lines = self.result_cotangent(step.target, adjoints)
        for name in assigned(step.statement):
            adjoints.drop(name)
        if ct is None:
            return []
        pair = self.pair_of(step)
        saved = (Name(step.after[step.saved]),) if pair.saves else ()
        handed = tuple(self.argument(step, name) for name in pair.params)
        backward = Call(Routine(pair.backward), (ct, *saved, *handed))
        adjoints.here = step.before
        kinds = {name: self.context.kind(arg) for name, arg in step.arguments.items()}
        lines += self.distributed(step, backward, kinds, adjoints)
        return _remarked(lines, step)

    def argument(self, step: CallStep, param: str) -> Expr:
        """An argument of a call, for the backward function."""
        if param in step.names:
            step.used.add(param)
            return Name(step.after[step.names[param]])
        return tokenised(step.arguments[param], step.before)

    def result_cotangent(self, target: Expr, adjoints: Adjoints) -> tuple[Expr | None, list[Statement]]:
        """The adjoint of a call's result, of full shape; None if it is zero."""
        match target:
            case Name(id=name):
                if name not in adjoints.state:
                    return None, []
                lines = adjoints.full(name)
                return adjoints.cotangent(name), lines
            case TupleOf(items=items):
                found = [self.result_cotangent(item, adjoints) for item in items]
                if all(ct is None for ct, _ in found):
                    return None, []
                lines = [line for _, inner in found for line in inner]
                cts = (
                    self.zero_item(item, adjoints) if ct is None else ct
                    for item, (ct, _) in zip(items, found, strict=True)
                )
                return TupleOf(tuple(cts)), lines
        return None, []

    def zero_item(self, item: Expr, adjoints: Adjoints) -> Expr:
        kind = self.context.kind(item)
        return zeros_like(adjoints.primal(item.id), kind) if isinstance(item, Name) else Const(0.0)

    def distributed(
        self, step: CallStep, backward: Expr, kinds: dict[str, Kind], adjoints: Adjoints
    ) -> list[Statement]:
        """The adjoints of a call's arguments, handed on to what the arguments are."""
        variables = [linear.id if isinstance(linear, D) else None for _, linear in step.active]
        if len(variables) == 1 and variables[0] is not None and variables[0] in adjoints.state:
            return adjoints.add(variables[0], backward)
        targets: list[Expr] = []
        after: list[Contribution] = []
        before = adjoints.settle(*(self.bar_name(v) for v in variables if v is not None and v not in adjoints.state))
        for (param, _), variable in zip(step.active, variables, strict=True):
            if variable is not None and variable not in adjoints.state and variables.count(variable) == 1:
                adjoints.state[variable] = Bar(kinds[param], True)
                targets.append(adjoints.bar(variable))
            else:
                targets.append(Name(self.names.unique(f"{param}_bar")))
                after.append(Let("", targets[-1]))
            assert isinstance(targets[-1], Name)
            self.context.note(targets[-1].id, kinds[param])
        target = targets[0] if len(targets) == 1 else TupleOf(tuple(targets))
        lines: list[Statement] = [*before, Assign(target, backward)]
        temporaries = [line.value for line in after if isinstance(line, Let)]
        for (_, linear), bar in zip(step.active, targets, strict=True):
            if bar in temporaries:
                lines += self.contributions(transpose(linear, bar, self.context, self.names), step.before, adjoints)
        return lines


# ------------------------------------------------------------------- plumbing


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


def _values(line: Contribution) -> list[Expr]:
    """All expressions in what a contribution adds."""
    return list(walk(line.value)) if isinstance(line, Let | Add | Scatter) else []


def _substituted(line: Contribution, kept: dict[Expr, Expr]) -> Contribution:
    match line:
        case Let() | Add():
            return replace(line, value=substitute(line.value, kept))
        case Scatter():
            return replace(line, value=substitute(line.value, kept))
        case Branch(then=then, orelse=orelse):
            sides = (tuple(_substituted(inner, kept) for inner in side) for side in (then, orelse))
            return Branch(line.test, *sides)
    return line


def _all_steps(steps: Iterable[Step]) -> Iterable[Step]:
    for step in steps:
        yield step
        match step:
            case Branching(then=then, orelse=orelse):
                yield from _all_steps((*then, *orelse))
            case Loop(body=body):
                yield from _all_steps(body)


def _linears(step: Step) -> list[Expr]:
    match step:
        case Line(parts=parts):
            return [linear for _, linear in parts]
        case CallStep(active=active):
            return [linear for _, linear in active]
        case Loop(elements=elements):
            return [linear for _, linear in elements]
    return []


def _leaves(step: Step) -> list[str]:
    return [name for linear in _linears(step) for name in leaves(linear)]


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
