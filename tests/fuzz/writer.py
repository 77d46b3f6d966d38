"""Fills the templates of the grammar with what is in scope, by what Hypothesis draws.

A template is Python with holes in angle brackets:

    <float>      an expression of this kind
    <float!>     a variable of this kind that is bound
    <=float>     a variable that is bound here: a new one, or one of this kind
    <float!:v>   the same with a label; <:v> repeats what stands there
    <float^>     an expression in which the template's own names are bound
    <block>      on a line of its own: statements; <loop> in a loop; <body float a=float> those of a function, with its return

What is drawn first is the simplest, so that Hypothesis shrinks towards small programs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from hypothesis import strategies as st

__all__ = ["Draw", "Form", "Scope", "Writer"]

Draw = Callable[[st.SearchStrategy[Any]], Any]
#: The kinds of the variables that are bound.
Scope = dict[str, str]

T = TypeVar("T")

HOLE = re.compile(r"<(?P<new>=?)(?P<kind>[a-zA-Z]*)(?P<flag>[!^]?)(?::(?P<label>\w+))?>")
BLOCK = re.compile(r"^(?P<indent> *)<(?P<kind>block|loop|body)(?P<rest>[^>]*)>$", re.M)

#: How deep expressions and blocks are nested.
EXPRESSION_DEPTH, BLOCK_DEPTH = 3, 3


@dataclass(frozen=True)
class Form:
    """One way to write an expression of a kind, or a statement (kind "").

    `feature` is drawn for a program or not; `local` are names that are bound where a hole has the mark `^`. A statement that
    `skips` may leave its blocks out, after one that `keeps` what its first line binds is bound, one that `ends` is the last
    of its block, and `inside` says where alone it may stand: in a loop, nested in anything, or in a function with that result.
    """

    kind: str
    template: str
    weight: int = 4
    feature: str = ""
    local: Mapping[str, str] = field(default_factory=dict)
    skips: bool = False
    keeps: bool = False
    ends: bool = False
    inside: str = ""

    @cached_property
    def holes(self) -> tuple[re.Match[str], ...]:
        return tuple(HOLE.finditer(BLOCK.sub("", self.template)))

    @cached_property
    def has_blocks(self) -> bool:
        return bool(BLOCK.search(self.template))

    @cached_property
    def is_leaf(self) -> bool:
        return all(hole["flag"] == "!" or hole["kind"] in LEAVES for hole in self.holes)

    @cached_property
    def needs(self) -> frozenset[str]:
        """The kinds of which a variable has to be bound."""
        return frozenset(hole["kind"] for hole in self.holes if hole["flag"] == "!")


#: Kinds whose expressions are short.
LEAVES = ("", "number", "limit", "small", "index", "row")

#: Kinds of variables that only the function that makes them may know: those inside of it do not read them.
UNSHARED = ("queue", "window", "totals", "tally", "groups", "sums", "sorts", "feed", "pairs")


@dataclass(frozen=True)
class Context:
    """Where a statement stands: in a function with that result, in how many loops and blocks; `closed` are names of functions
    around, which it may read but not bind, and with `fixed` a name keeps its kind.
    """

    result: str
    closed: frozenset[str] = frozenset()
    loops: int = 0
    nested: int = 0
    fixed: bool = False

    def takes(self, form: Form) -> bool:
        return form.inside in ("", self.result, "loop" if self.loops else "", "nested" if self.nested else "")


def shared(scope: Scope) -> Scope:
    """What functions inside may read of a scope."""
    return {name: kind for name, kind in scope.items() if kind not in UNSHARED}


#: A strategy takes longer to be made than to draw from.
_numbers_below = lru_cache(maxsize=None)(lambda limit: st.integers(0, limit - 1))


@dataclass
class Writer:
    """Draws statements and expressions; `forms` grow with the functions and classes that are defined."""

    draw: Draw
    forms: list[Form]
    names: Mapping[str, Sequence[str]]
    context: Context = field(default_factory=lambda: Context("float"))
    #: How many statements may still be written.
    left: int = 0
    counter: int = 0

    # ---------------------------------------------------------------- drawing

    def below(self, limit: int) -> int:
        return self.draw(_numbers_below(limit)) if limit > 1 else 0  # type: ignore[no-any-return]

    def chosen(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def form(self, kind: str, scope: Scope, fits: Callable[[Form], bool]) -> Form:
        bound = set(scope.values())
        forms = [form for form in self.forms if form.kind == kind and form.needs <= bound]
        # Some kinds have no short form.
        forms = [form for form in forms if fits(form)] or forms
        number = self.below(sum(form.weight for form in forms))
        for form in forms:
            number -= form.weight
            if number < 0:
                return form
        raise AssertionError(f"no form of {kind}")

    def fresh(self, prefix: str) -> str:
        self.counter += 1
        return f"{prefix}_{self.counter}"

    # ------------------------------------------------------------- statements

    def body(self, result: str, scope: Scope, closed: frozenset[str]) -> list[str]:
        """The lines of a function's body; `closed` are names of functions around it."""
        outer, self.context = self.context, Context(result, closed)
        lines, _ = self.block(scope, BLOCK_DEPTH, self.left)
        lines += [f"return {self.expression(result, scope, EXPRESSION_DEPTH)}"]
        self.context = outer
        return lines

    def block(self, scope: Scope, depth: int, most: int) -> tuple[list[str], bool]:
        """Up to `most` statements, which bind names in `scope`; True if the last one leaves the block."""
        lines: list[str] = []
        for _ in range(min(most, self.left)):
            # Built by a strategy of its own, a statement is what Hypothesis takes out or replaces as a whole.
            one, ends = self.draw(st.builds(self.another, st.just(scope), st.just(depth)))
            if not one:
                break
            lines += one
            if ends:
                return lines, True
        return lines, False

    def another(self, scope: Scope, depth: int) -> tuple[list[str], bool]:
        """One more statement, or none."""
        if self.left <= 0 or not self.below(8):
            return [], False
        self.left -= 1
        form = self.form("", scope, lambda form: self.context.takes(form) and not (depth == 0 and form.has_blocks))
        return self.statement(form, scope, depth)

    def statement(self, form: Form, scope: Scope, depth: int) -> tuple[list[str], bool]:
        labels: dict[str, str] = {}
        bound: Scope = {}
        ends: list[Scope] = []
        lines: list[str] = []
        for line in form.template.splitlines():
            found = BLOCK.match(line)
            if found:
                inner, left = self.inner(found, scope, bound, depth)
                ends += [] if left is None else [left]
                lines += [found["indent"] + one for one in inner]
            else:
                with self.within(fixed=form.has_blocks or self.context.fixed):
                    given = {**scope, **bound}
                    lines.append(self.filled(line, given, form.local, labels, bound, EXPRESSION_DEPTH))
        if form.skips:
            ends.append(dict(scope))
        if form.keeps or not form.has_blocks:
            scope.update(bound)
            return lines, form.ends
        if ends:
            common = {name: kind for name, kind in ends[0].items() if all(end.get(name) == kind for end in ends)}
            scope.clear()
            scope.update(common)
        return lines, not ends

    def inner(self, found: re.Match[str], scope: Scope, bound: Scope, depth: int) -> tuple[list[str], Scope | None]:
        """The lines of an inner block and the names bound at its end, None where that is never reached."""
        if found["kind"] == "body":
            result, *params = found["rest"].split()
            given = dict(param.split("=") for param in params)
            return self.body(result, {**shared(scope), **given}, frozenset(scope) - set(given)), scope
        inner, loop = {**scope, **bound}, found["kind"] == "loop"
        fixed = self.context.fixed or loop or "fixed" in found["rest"]
        with self.within(loops=self.context.loops + loop, nested=self.context.nested + 1, fixed=fixed):
            lines, left = self.block(inner, depth - 1, 4)
        return lines or ["pass"], None if left else inner

    @contextmanager
    def within(self, **changes: Any) -> Iterator[None]:
        outer = self.context
        self.context = replace(outer, **changes)
        yield
        self.context = outer

    # ------------------------------------------------------------ expressions

    def expression(self, kind: str, scope: Scope, depth: int) -> str:
        form = self.form(kind, scope, lambda form: depth > 0 or form.is_leaf)
        return self.filled(form.template, scope, form.local, {}, {}, depth - 1)

    def filled(
        self, text: str, scope: Scope, local: Mapping[str, str], labels: dict[str, str], bound: Scope, depth: int
    ) -> str:
        """A line with its holes filled; what it binds is put into `bound`."""

        def fill(hole: re.Match[str]) -> str:
            kind, label = hole["kind"], hole["label"]
            if not kind:
                return labels[label]
            if hole["new"]:
                made = self.target(kind, scope, bound)
                bound[made] = kind
            elif hole["flag"] == "!":
                names = [name for name, of in scope.items() if of == kind]
                made = self.chosen([name for name in names if name not in labels.values()] or names)
            else:
                made = self.expression(kind, {**shared(scope), **local} if hole["flag"] else scope, depth)
            if label:
                labels[label] = made
            return made

        return HOLE.sub(fill, text)

    def target(self, kind: str, scope: Scope, taken: Scope) -> str:
        """A name to bind: one that has this kind already, or a new one; seldom one that held something else."""
        if kind not in self.names:
            return self.fresh(kind)
        known: Scope = scope if self.context.fixed or self.below(8) else {}
        free = [name for name in self.names[kind] if known.get(name, kind) == kind]
        free = [name for name in free if name not in taken and name not in self.context.closed]
        return self.chosen(free) if free else self.fresh(self.names[kind][0])
