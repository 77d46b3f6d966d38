"""The adjoints of what a loop runs over, where each round makes the adjoint of its own element and nothing else is added.

Then no zeros are needed: the rounds append to a list, the last element first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import permutations

from s2sad.analysis.context import Context
from s2sad.analysis.loops import Elements, Enumerated, Iteration, Reversed, Zipped
from s2sad.analysis.parts import part_of
from s2sad.ir import (
    Assign,
    Attribute,
    Call,
    Const,
    Evaluate,
    Expr,
    For,
    Index,
    ListOf,
    Name,
    Slice,
    Statement,
)
from s2sad.kind import Array, Key, Kind, List, Number, Record, Sequence, item_of, items_of, may_be_active
from s2sad.naming import root_name
from s2sad.syntax import variable
from s2sad.transform.adjoints import Adjoints, Bar, is_alike
from s2sad.transform.containers import adjoint_kind, assembled, copied, zero_of, zeros_like
from s2sad.transform.differential import differential, leaves
from s2sad.transform.steps import Loop, Step, all_leaves, all_steps, bound_elements
from s2sad.transform.transpose import selection
from s2sad.transform.versions import tokenised

__all__ = ["empty_adjoints", "filled", "filled_once", "filled_sequences", "turned_adjoints"]

Path = tuple[Expr, ...]


def filled_sequences(step: Loop, read: Iterable[str], adjoints: Adjoints) -> frozenset[str]:
    """The sequences that the loop runs over from end to end, `read` being the variables that its rounds add to otherwise."""
    context = adjoints.context
    others = set(read)
    names = {found[0] for _, linear in step.elements if (found := selection(linear, context)) is not None}
    candidates = names - others - set(adjoints.state) if not step.ends_early else set()
    return frozenset(
        name for name in candidates if _is_list(context.kind_of_name(name)) and _is_filled(name, step, context)
    )


def filled_once(steps: Iterable[Step], inputs: Iterable[str], context: Context) -> frozenset[str]:
    """The sequences among the inputs that one loop runs over and that are read nowhere else."""
    read = Counter(part for name in all_leaves(steps) for part in context.leaves(name))
    found: set[str] = set()
    for step in all_steps(steps):
        if isinstance(step, Loop):
            own = Counter(name for _, linear in step.elements for name in leaves(linear))
            found |= {name for name, count in own.items() if read[name] == count and root_name(name) in inputs}
    return frozenset(found)


def _is_list(kind: Kind) -> bool:
    return isinstance(kind, List | Sequence)


def _is_filled(name: str, step: Loop, context: Context) -> bool:
    """True if every element is reached, and nothing of it twice."""
    assert step.way is not None
    if any(selection(linear, context) is None for _, linear in step.elements):
        return False
    if _is_shared(name, step, context):
        return False
    found = [path for _, linear in step.elements if (path := _path(name, linear, context)) is not None]
    once = len({path[0] for path in found}) == 1 and len(set(found)) == len(found)
    return once and all(_is_part(name, path, context) for path in found) and _is_whole(step.way, context)


def _is_part(name: str, path: Path, context: Context) -> bool:
    """True for an element, and for a part of one that is a container and no array."""
    whole: Expr = Index(variable(name), path[0])
    for index in path[1:]:
        kind = context.kind(whole)
        if not isinstance(index, Const) or item_of(kind, index.value) is None:
            return False
        whole = part_of(whole, index.value, kind)
    return True


def _path(name: str, linear: Expr, context: Context) -> Path | None:
    found = selection(linear, context)
    return found[1] if found is not None and found[0] == name else None


def _is_whole(way: Iteration, context: Context) -> bool:
    """True if the loop reaches the end of every sequence that it runs over."""
    match way:
        case Elements():
            return True
        case Enumerated(inner=inner) | Reversed(inner=inner):
            return _is_whole(inner, context)
        case Zipped(parts=parts):
            lengths = [_length(part.sequence, context) for part in parts if isinstance(part, Elements)]
            return len(lengths) == len(parts) and None not in lengths and len(set(lengths)) == 1
    return False


def _length(sequence: Expr, context: Context) -> object:
    match context.kind(sequence):
        case List(length=length):
            return length
        case Sequence(items=items):
            return len(items)
        case Array(shape=(length, *_)):
            return length
    return None


def empty_adjoints(names: Iterable[str], final: Container[str], adjoints: Adjoints) -> list[Statement]:
    """The adjoints of these sequences before they are filled; those in `final` get the form in which they are returned."""
    lines: list[Statement] = []
    for name in sorted(names):
        kind = _as_list(adjoints.kind(name)) if name in final else adjoint_kind(adjoints.kind(name))
        bar = adjoints.bar(name)
        adjoints.state[name] = Bar(kind, owned=True)
        adjoints.context.note(bar.id, kind)
        lines.append(Assign(bar, ListOf(())))
    return lines


def turned_adjoints(step: Loop, names: Iterable[str], adjoints: Adjoints) -> list[Statement]:
    """The adjoints of these sequences in the order of their elements: the loop ran backwards."""
    lines: list[Statement] = []
    for name in sorted(names):
        if next(iter(_targets(name, step, adjoints.context)))[0] == Name(step.counter):
            bar = adjoints.bar(name)
            lines.append(Assign(bar, Index(bar, Slice(step=Const(-1)))))
    return lines


def _as_list(kind: Kind) -> Kind:
    return replace(kind, type="list") if isinstance(kind, Sequence) else kind


def filled(
    step: Loop, names: Iterable[str], final: Container[str], env: dict[str, str], adjoints: Adjoints
) -> Iterator[Statement]:
    """The adjoints of the elements of this round."""
    context = adjoints.context
    for name in sorted(names):
        targets = _targets(name, step, context)
        position = next(iter(targets))[0]
        lines: list[Statement] = []
        form_of = _same if name in final else adjoint_kind
        value = _Element(targets, env, adjoints, form_of, lines).value(Index(variable(name), position), (position,))
        yield from (*lines, Evaluate(Call(Attribute(adjoints.bar(name), "append"), (value,))))


def _same(kind: Kind) -> Kind:
    return kind


def _targets(name: str, step: Loop, context: Context) -> dict[Path, str]:
    """The loop's variables by the part of the element of `name` that they are."""
    return dict(_bound(name, step, context))


def _is_shared(name: str, step: Loop, context: Context) -> bool:
    """True if two of the loop's variables are the same element of `name`, or one is a part of the other."""
    paths = [path for path, _ in _bound(name, step, context)]
    return any(path == other[: len(path)] for path, other in permutations(paths, 2))


def _bound(name: str, step: Loop, context: Context) -> Iterator[tuple[Path, str]]:
    assert isinstance(step.statement, For) and step.way is not None
    for target, element in bound_elements(step.statement.target, step.way, Name(step.counter)):
        linear = differential(element, context)
        path = None if linear is None else _path(name, linear, context)
        if path is not None and isinstance(target, Name):
            yield path, target.id


@dataclass
class _Element:
    """Puts the adjoint of an element together, in the form that `form_of` makes of its kind."""

    targets: dict[Path, str]
    env: dict[str, str]
    adjoints: Adjoints
    form_of: Callable[[Kind], Kind]
    lines: list[Statement]

    def value(self, element: Expr, path: Path) -> Expr:
        """The adjoint of the element, or of a part of it."""
        if path in self.targets:
            return self.of_variable(self.targets[path], Name(self.targets[path]))
        if not any(other[: len(path)] == path for other in self.targets):
            return self.zeros(element)
        kind = self.adjoints.context.kind(element)
        return self.together(element, lambda key: self.value(part_of(element, key, kind), (*path, Const(key))))

    def of_variable(self, name: str, element: Expr) -> Expr:
        """The adjoint of a variable, or a part of one, whose value is `element`."""
        adjoints, kind = self.adjoints, self.adjoints.kind(name)
        if adjoints.is_zero(name):
            return self.zeros(element)
        whole = adjoints.received(name)
        if whole is not None and is_alike(adjoints.context.kind(whole), self.form_of(kind)):
            return whole
        if not adjoints.context.is_split(name):
            return self.own(name)
        part = adjoints.context.part
        return self.together(element, lambda key: self.of_variable(part(name, key), part_of(element, key, kind)))

    def together(self, element: Expr, part: Callable[[Key], Expr]) -> Expr:
        kind = self.adjoints.context.kind(element)
        form = self.form_of(kind)
        keeps = isinstance(form, Record) and form.has_attributes
        parts = {
            key: part(key) if may_be_active(item) else Const(None)
            for key, item in items_of(kind) or ()
            if may_be_active(item) or not keeps
        }
        return assembled(form, tokenised(element, self.env), parts)

    def own(self, name: str) -> Expr:
        """An adjoint of full shape that nobody else holds."""
        found = self.adjoints.state[name]
        if isinstance(self.adjoints.kind(name), Number) and isinstance(found.kind, Number) and found.value is not None:
            return found.value
        self.lines += self.adjoints.full(name)
        found, bar = self.adjoints.state[name], self.adjoints.bar(name)
        return bar if found.owned or isinstance(found.kind, Number) else copied(bar, found.kind)

    def zeros(self, element: Expr) -> Expr:
        zeros = zero_of if self.form_of is _same else zeros_like
        return zeros(tokenised(element, self.env), self.adjoints.context.kind(element))
