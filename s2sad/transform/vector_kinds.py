"""The kinds of a module's generated functions: of what they return, and of their variables before each statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from s2sad.analysis.calls import bind_call, without_stars
from s2sad.analysis.changes import functional
from s2sad.analysis.infer import infer
from s2sad.analysis.kinds import kind_of
from s2sad.ir import Block, Call, Expr, Function, Routine, Statement
from s2sad.kind import Kind, Never, Unknown, canonical, join, with_sizes
from s2sad.transform.inline import names_of
from s2sad.transform.vector_forms import NoVectorForm
from s2sad.traversal import blocks, heads, names_in

__all__ = ["MOST_FORMS", "FunctionKinds", "KindsAt"]

#: The kinds of the variables in a statement, by its identity; there are none of one that is never reached.
KindsAt = dict[int, dict[str, Kind]]

#: A function of this many kinds of arguments is recursive in a way that does not end.
MOST_FORMS = 12


@dataclass
class FunctionKinds:
    """`data` are the kinds of the data that the functions read. `values` are their bodies with changes in place as
    assignments: it is the statements of these that kinds are known of.
    """

    functions: Mapping[str, Function]
    data: Mapping[str, Kind]
    results: dict[tuple[str, tuple[Kind, ...]], Kind] = field(default_factory=dict)
    values: dict[str, Block] = field(init=False)

    def __post_init__(self) -> None:
        self.values = {name: tuple(map(functional, f.body)) for name, f in self.functions.items()}

    def returns(self, call: Call, env: Mapping[str, Kind]) -> Kind:
        """The kind of the result of a call; unknown where it is not seen what its arguments are."""

        def kind(node: Expr) -> Kind:
            return kind_of(node, env, self.returns)

        try:
            kinds = self.of_arguments(without_stars(call, kind), kind)
        except NoVectorForm:
            return Unknown()
        general, sizes = canonical(kinds)
        assert isinstance(call.func, Routine)
        return with_sizes(self.result(call.func.key, general), {new: old for old, new in sizes.items()})

    def of_arguments(self, call: Call, kind: Callable[[Expr], Kind]) -> dict[str, Kind]:
        return {name: kind(arg) for name, arg in self.bound(call).items()}

    def bound(self, call: Call) -> dict[str, Expr]:
        """The arguments of a call by parameter."""
        assert isinstance(call.func, Routine)
        bound = bind_call(self.functions[call.func.key], call)
        if isinstance(bound, str):
            raise NoVectorForm(call, bound)
        return bound

    def result(self, name: str, kinds: dict[str, Kind]) -> Kind:
        """The kind of what a function returns; nothing while it is being found, so that recursion adds nothing to it."""
        memo = (name, tuple(kinds.values()))
        if memo in self.results:
            return self.results[memo]
        if sum(other == name for other, _ in self.results) > MOST_FORMS:
            return Unknown()
        self.results[memo] = Never()
        known = set(self.results)
        function = replace(self.functions[name], body=self.values[name])
        for _ in range(4):
            before = self.results[memo]
            self.results[memo] = join(before, infer(function, kinds, self.data, self.returns).result)
            if self.results[memo] == before:
                return before
            # What was found on the way rests on too little.
            for other in self.results.keys() - known:
                del self.results[other]
        self.results[memo] = Unknown()
        return Unknown()

    def at(self, name: str, kinds: Mapping[str, Kind]) -> KindsAt:
        """The kinds in a function whose parameters have those given, before each statement."""
        found: KindsAt = {}

        def seen(s: Statement, env: Mapping[str, Kind]) -> None:
            known = found.setdefault(id(s), {})
            for variable in _names_at(s):
                if variable in env:
                    kind = env[variable]
                    known[variable] = join(known[variable], kind) if variable in known else kind

        infer(replace(self.functions[name], body=self.values[name]), kinds, self.data, self.returns, seen)
        return found


def _names_at(s: Statement) -> Iterator[str]:
    """The variables in a statement itself, without those of the statements in it."""
    if not blocks(s):
        yield from names_of(s)
    for expression in heads(s) if blocks(s) else ():
        yield from names_in(expression)
