"""Vector mode: a generated function that takes many directions at once, one in each row of a leading axis.

What depends on the directions has the axis, everything else is computed once, as before. The functions called get a
vector form for those of their arguments that have the axis. What cannot be computed so raises NoVectorForm: the caller
then goes one direction at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from s2sad.analysis.changes import changing_variables
from s2sad.analysis.kinds import kind_of
from s2sad.ir import Assign, Attribute, Aug, Block, Call, Const, Expr, Function, Index, Name, Routine, Statement
from s2sad.kind import (
    Array,
    Dim,
    Kind,
    List,
    Number,
    Record,
    Sequence,
    canonical,
    items_of,
)
from s2sad.naming import Names
from s2sad.syntax import template
from s2sad.transform.inline import reached
from s2sad.transform.vector_batch import Batch, Batches, batches_of, depth, is_batched, part_of, with_axis
from s2sad.transform.vector_forms import Expressions, NoVectorForm
from s2sad.transform.vector_kinds import MOST_FORMS, FunctionKinds, KindsAt
from s2sad.transform.vector_lines import Lines
from s2sad.traversal import assigned, bound_names, expressions, map_children, map_statement, names_in, statements

__all__ = ["NoVectorForm", "Vectorised", "Wanted", "result_of", "vectorised"]

KindOf = Callable[[Expr], Kind]
BatchOf = Callable[[Expr], Batch]


@dataclass(frozen=True)
class Wanted:
    """A function that is wanted for many directions: the kinds of its parameters for one, and which have the axis."""

    kinds: Mapping[str, Kind]
    batched: Collection[str]

    def with_axis(self) -> dict[str, Kind]:
        """The kinds of the parameters for many directions."""
        return {name: with_axis(kind, name in self.batched) for name, kind in self.kinds.items()}


@dataclass(frozen=True)
class Vectorised:
    """`functions` are what the wanted ones need, themselves included, callees first; `refused` says why some of them are
    left for one direction at a time. A wanted function keeps its name. `results` are the kinds of what the wanted ones
    return, `shapes` those of their variables that have the axis, without it, and `differing` the names of these.
    """

    functions: dict[str, Function]
    refused: dict[str, NoVectorForm]
    results: dict[str, Kind]
    shapes: dict[str, tuple[tuple[Dim, ...], ...]]
    differing: dict[str, frozenset[str]]


def vectorised(
    functions: Mapping[str, Function],
    wanted: Mapping[str, Wanted],
    data: Mapping[str, Kind],
    plain: Collection[str] = (),
) -> Vectorised:
    """Vector forms of some of the `functions`, in which everything that they return has the axis; `plain` are others that
    are needed as they are.

    The functions refer to each other by Routines, and so do the forms. `data` are the kinds of the data that they read.
    """
    module = _Module(FunctionKinds(functions, data))
    refused: dict[str, NoVectorForm] = {}
    forms: dict[str, str] = {}
    for name, want in wanted.items():
        try:
            forms[name] = module.add(name, want)
        except NoVectorForm as reason:
            refused[name] = reason
    done = module.named(forms | {name: name for name in (*refused, *plain)})
    found = {name: module.labels[label] for name, label in forms.items()}
    shapes = {name: tuple(module.shapes(form)) for name, form in found.items()}
    differing = {name: frozenset(module.found[form].differing()) for name, form in found.items()}
    return Vectorised(done, refused, module.results, shapes, differing)


def result_of(
    functions: Mapping[str, Function], name: str, kinds: Mapping[str, Kind], data: Mapping[str, Kind]
) -> Kind:
    """The kind of what one of the functions returns."""
    return FunctionKinds(functions, data).result(name, dict(kinds))


@dataclass(frozen=True)
class _Form:
    """A function with the kinds and batches of its parameters."""

    name: str
    kinds: tuple[tuple[str, Kind], ...]
    batches: tuple[tuple[str, Batch], ...]

    def pairs(self) -> Iterator[tuple[tuple[str, Kind], tuple[str, Batch]]]:
        """The parameters with their kinds and batches."""
        return zip(self.kinds, self.batches, strict=True)


@dataclass
class _Module:
    """The functions, and their forms found so far: `labels` is what they are called until all of them are known."""

    kinds: FunctionKinds
    found: dict[_Form, Batches] = field(default_factory=dict)
    visited: dict[_Form, KindsAt] = field(default_factory=dict)
    changes: bool = False
    root: _Form | None = None
    labels: dict[str, _Form] = field(default_factory=dict)
    forms: dict[str, Function] = field(default_factory=dict)
    kinds_at: dict[_Form, KindsAt] = field(default_factory=dict)
    results: dict[str, Kind] = field(default_factory=dict)

    @property
    def functions(self) -> Mapping[str, Function]:
        return self.kinds.functions

    @cached_property
    def changes_arrays(self) -> bool:
        """True if a function changes what a view may be of: what one returns, another one may change."""
        return any(map(_changes_objects, self.kinds.values.values()))

    def add(self, root: str, wanted: Wanted) -> str:
        """Make the vector form of a function, and of those that it calls; what it is called until all forms are known."""
        batches = {name: name in wanted.batched for name in wanted.kinds}
        form = self.root = _Form(root, tuple(wanted.kinds.items()), tuple(batches.items()))
        self.changes = True
        while self.changes:
            self.changes = False
            self.visited.clear()
            self.visit(form)
        self.forms |= self.all_written()
        self.kinds_at |= self.visited
        self.check(form, wanted)
        return self.label(form)

    def all_written(self) -> dict[str, Function]:
        """The vector forms of all functions visited; of a recursive one more may be known than when it was visited first."""
        done: dict[str, Function] = {}
        while len(done) < len(self.visited):
            while self.changes:
                self.changes = False
                for one in tuple(self.visited):
                    self.follow(one)
            done = {self.label(one): self.written(one) for one in tuple(self.visited)}
        return done

    def check(self, form: _Form, wanted: Wanted) -> None:
        """Refuse a form whose result certainly is not the one for one direction with the axis in front."""
        found = result_of({**self.functions, **self.forms}, self.label(form), wanted.with_axis(), self.kinds.data)
        if not _fits(found, with_axis(self.kinds.result(form.name, dict(wanted.kinds)), True)):
            raise NoVectorForm(Name(form.name), "its result would have another shape")
        self.results[form.name] = found

    def named(self, roots: Mapping[str, str]) -> dict[str, Function]:
        """The functions that the roots reach, by their final names: a form is called as its function is, if that is not
        needed.
        """
        every = {**self.functions, **self.forms}
        needed = reached(every, roots.values())
        names = Names([*(key for key in needed if key not in self.labels), *roots])
        final = {label: name for name, label in roots.items()}
        for key in needed:
            if key in self.labels and key not in final:
                own = self.labels[key].name
                wish = self.functions[own].name
                # A function of the user's, which has a key, stays beside its form.
                final[key] = names.unique(f"{wish}_rows" if names.taken(wish) or own != wish else wish)

        def renamed(node: Expr) -> Expr:
            if isinstance(node, Routine):
                return Routine(final.get(node.key, node.key))
            return map_children(node, renamed)

        return {
            final.get(key, key): replace(
                every[key],
                name=final.get(key, every[key].name),
                body=tuple(map_statement(s, renamed) for s in every[key].body),
            )
            for key in needed
        }

    def shapes(self, form: _Form) -> Iterator[tuple[Dim, ...]]:
        """The shapes of the variables of a function that have the axis, without it."""
        batches, kinds = self.found[form].variables, self.kinds_at[form]
        every = dict.fromkeys((name, kind) for env in kinds.values() for name, kind in env.items())
        for name, kind in every:
            if batches.get(name) is True and isinstance(kind, Array):
                yield kind.shape

    def label(self, form: _Form) -> str:
        """What a form is called until all forms are known."""
        label = next(
            (label for label, other in self.labels.items() if other == form), f"{form.name}@{len(self.labels)}"
        )
        self.labels[label] = form
        return label

    # ------------------------------------------------------------------ batches

    def visit(self, form: _Form) -> None:
        """Find the kinds and batches of a function from what is known so far of those that it calls."""
        if form in self.visited:
            return
        is_deep = any(depth(batch) > MOST_FORMS for _, batch in form.batches)
        if is_deep or sum(other.name == form.name for other in self.visited) > MOST_FORMS:
            raise NoVectorForm(Name(form.name), "it calls itself with arguments of ever other kinds")
        if self.functions[form.name].changes:
            raise NoVectorForm(Name(form.name), "it changes its argument")
        self.visited[form] = self.kinds.at(form.name, dict(form.kinds))
        self.follow(form)

    def follow(self, form: _Form) -> None:
        """Find the batches of a function that is visited."""
        kinds = self.visited[form]

        def kind_at(s: object, node: Expr) -> Kind:
            return kind_of(node, kinds.get(id(s), {}), self.kinds.returns)

        def of_call(call: Call, kind: KindOf, batch: BatchOf) -> Batch:
            return self.specialise(call, kind, batch)[1]

        found = batches_of(self.kinds.values[form.name], dict(form.batches), kind_at, of_call)
        if form == self.root:
            found.result = True
        if found != self.found.get(form):
            self.found[form] = found
            self.changes = True

    def specialise(self, call: Call, kind: KindOf, batch: BatchOf) -> tuple[str, Batch]:
        """The form of a called function for these arguments, and the batch of its result."""
        assert isinstance(call.func, Routine)
        batches = {name: batch(arg) for name, arg in self.kinds.bound(call).items()}
        if not any(map(is_batched, batches.values())):
            return call.func.key, False
        kinds, _ = canonical(self.kinds.of_arguments(call, kind))
        form = _Form(call.func.key, tuple(kinds.items()), tuple(batches.items()))
        self.visit(form)
        return self.label(form), self.found[form].result if form in self.found else False

    # ------------------------------------------------------------------ writing

    def written(self, form: _Form) -> Function:
        """The vector form of a function."""
        function, kinds, batches = self.functions[form.name], self.visited[form], self.found[form]
        names = Names([*self.functions, *self.kinds.data, *bound_names(function)])
        count = self.count(form, names)
        writer = Lines(
            batches,
            lambda s: kinds.get(id(s), {}),
            count,
            names,
            self.kinds.returns,
            self.specialise,
            self.changes_arrays,
        )
        before = tuple(self.lifted_parameters(form, batches, writer))
        body = (*before, *writer.block(function.body, self.kinds.values[form.name]))
        if isinstance(count, Name) and any(count.id in names_in(part) for part in expressions(body)):
            body = (Assign(count, self.length(form)), *body)
        return replace(function, body=body)

    def count(self, form: _Form, names: Names) -> Expr:
        """The number of directions: the length of a parameter, or a variable if all of them are bound anew."""
        bound = {name for s in self.functions[form.name].body for name in assigned(s)}
        parts = [(name, kind) for (name, kind), (_, batch) in form.pairs() if is_batched(batch) and name not in bound]
        if not parts:
            return Name(names.unique("count"))
        name, kind = parts[0]
        return _length(Name(name), kind, dict(form.batches)[name])

    def length(self, form: _Form) -> Expr:
        return next(_length(Name(name), kind, batch) for (name, kind), (_, batch) in form.pairs() if is_batched(batch))

    def lifted_parameters(self, form: _Form, batches: Batches, writer: Lines) -> Iterator[Statement]:
        """Parameters that come without the axis and have it later."""
        made = Expressions(
            dict(form.kinds), batches.variables, writer.count, writer.names, self.kinds.returns, self.specialise
        )
        for (name, _), (_, batch) in form.pairs():
            wanted = batches.variables[name]
            if wanted != batch:
                yield Assign(Name(name), made.lifted(Name(name), Name(name), batch, wanted))


def _changes_objects(block: Block) -> bool:
    """True if lists or arrays may be changed in place."""
    return any(isinstance(s, Aug) for s in statements(block)) or bool(changing_variables(block))


def _fits(found: Kind, wanted: Kind) -> bool:
    """True if a value of the first kind may have the axes of the second."""
    match found, wanted:
        case Array(shape=s), Array(shape=t):
            return len(s) == len(t) and all(m == n or m is None or n is None for m, n in zip(s, t, strict=True))
        case (Array(), Number()) | (Number(), Array()):
            return False
        case (Sequence(items=a), Sequence(items=b)) | (Record(items=a), Record(items=b)):
            return len(a) == len(b) and all(map(_fits, a, b))
    return True


def _length(node: Expr, kind: Kind, batch: Batch) -> Expr:
    """The number of directions, read off a batched value."""
    if isinstance(kind, Array | Number):
        return template("len(x)", x=node)
    for key, item in items_of(kind) or ():
        part = part_of(batch, kind, key)
        if is_batched(part):
            has_attributes = isinstance(kind, Record) and kind.has_attributes
            return _length(Attribute(node, str(key)) if has_attributes else Index(node, Const(key)), item, part)
    if isinstance(kind, List):
        return _length(Index(node, Const(0)), kind.item, batch)
    raise NoVectorForm(node, "a value of unknown kind")
