"""The kinds of a function's variables and of its result: kinds followed along the statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from s2sad.analysis.kinds import decided, kind_of
from s2sad.analysis.loops import carried, iteration, rounds_of
from s2sad.frontend.attempts import always_raises
from s2sad.ir import (
    Assign,
    Aug,
    Binary,
    Block,
    Call,
    Evaluate,
    Expr,
    For,
    Function,
    If,
    Name,
    Return,
    Statement,
    Try,
    TupleOf,
    While,
    With,
)
from s2sad.kind import (
    Array,
    Kind,
    List,
    Never,
    Number,
    Other,
    Record,
    Sequence,
    Unknown,
    common,
    dims_of,
    first_varying,
    is_basic_size,
    join,
    with_sizes,
    without_varying,
)
from s2sad.rules.contexts import gives_object
from s2sad.traversal import assigned, binds, blocks

__all__ = ["Kinds", "Returns", "infer"]

Returns = Callable[[Call, Mapping[str, Kind]], Kind]
Seen = Callable[[Statement, Mapping[str, Kind]], None]


@dataclass(frozen=True)
class Kinds:
    """`variables`: the kind of each variable wherever it is bound; `result`: of what is returned."""

    variables: Mapping[str, Kind]
    result: Kind


def infer(
    function: Function,
    params: Mapping[str, Kind],
    data: Mapping[str, Kind],
    returns: Returns,
    seen: Seen = lambda s, kinds: None,
) -> Kinds:
    """Kinds of the variables of `function` when its parameters and the data it reads have the given kinds.

    `seen` is told the kinds before each statement, in a loop more than once.
    """
    first = first_varying([*params.values(), *data.values()])
    walk = _Walk(returns, seen, first)
    walk.env.update(data)
    for param in function.params:
        walk.bind(param.name, params.get(param.name, Unknown(param.name)))
    walk.block(function.body)
    result = without_varying(walk.result or Other("NoneType"), first)
    return Kinds({**data, **walk.variables}, result)


#: How many sizes that vary from round to round a loop may have.
_SIZES = 12


@dataclass
class _Walk:
    """`varying` are the numbers of the sizes that vary in a loop, by its identity; `first` is the first number."""

    returns: Returns
    seen: Seen
    first: int
    varying: dict[int, range] = field(default_factory=dict)
    env: dict[str, Kind] = field(default_factory=dict)
    variables: dict[str, Kind] = field(default_factory=dict)
    result: Kind | None = None

    def kind(self, node: Expr) -> Kind:
        return kind_of(node, self.env, self.returns)

    def bind(self, name: str, kind: Kind) -> None:
        self.env[name] = kind
        self.variables[name] = join(self.variables[name], kind) if name in self.variables else kind

    def bind_target(self, target: Expr, kind: Kind) -> None:
        match target:
            case Name(id=name):
                self.bind(name, kind)
            case TupleOf(items=items):
                for position, item in enumerate(items):
                    self.bind_target(item, self.item(kind, position, len(items)))

    @staticmethod
    def item(kind: Kind, position: int, count: int) -> Kind:
        match kind:
            case Sequence(items=items) | Record(type="namedtuple", items=items) if len(items) == count:
                return items[position]
            case Record(type="dict", keys=keys) if len(keys) == count:
                return Number("int") if isinstance(keys[position], int) else Other("str")
            case List(item=item):
                return item
            case Array(dtype=dtype, shape=shape) if shape:
                return Array(dtype, shape[1:]) if len(shape) > 1 else Number(dtype)
            case Never():
                return kind
        return Unknown()

    def block(self, block: Block) -> None:
        for s in block:
            self.seen(s, self.env)
            match s:
                case Assign(target=target, value=value):
                    self.bind_target(target, self.kind(value))
                case Aug(target=Name(id=name) as target, op=op, value=value):
                    own = self.kind(target)
                    # An array is changed itself, and keeps its shape and type.
                    self.bind(name, own if isinstance(own, Array) else self.kind(Binary(op, target, value)))
                case If(test=test, then=then, orelse=orelse):
                    self.branch(decided(test, self.kind), then, orelse)
                case For() | While():
                    self.loop(s)
                case Try():
                    self.attempt(s)
                case With(context=context, target=target, body=body):
                    given = self.kind(context)
                    if target is not None:
                        self.bind_target(target, given if gives_object(context) else Unknown())
                    self.block(body)
                case Evaluate(value=value):
                    # What is called here has to be looked at, too.
                    self.kind(value)
                case Return(value=value):
                    kind = Other("NoneType") if value is None else self.kind(value)
                    self.result = kind if self.result is None else join(self.result, kind)

    def attempt(self, s: Try) -> None:
        before = dict(self.env)
        self.block(s.body)
        failed = dict(self.env)
        self.block(s.orelse)
        after = self.env
        for handler in s.handlers:
            self.env = dict(before)
            self.merge(failed)
            if handler.name is not None:
                self.bind_target(handler.name, Unknown())
            self.block(handler.body)
            if not always_raises(handler.body):
                done, self.env = self.env, after
                self.merge(done)
        self.env = after
        self.block(s.final)

    def branch(self, taken: bool | None, then: Block, orelse: Block) -> None:
        if taken is not None:
            self.block(then if taken else orelse)
            return
        before = dict(self.env)
        self.block(then)
        after_then, self.env = self.env, before
        self.block(orelse)
        self.merge(after_then)

    def merge(self, other: dict[str, Kind]) -> None:
        for name, kind in other.items():
            self.env[name] = join(self.env[name], kind) if name in self.env else kind

    def loop(self, s: For | While) -> None:
        variables, around = self.variables, frozenset(self.env)
        for _ in range(6):
            before = dict(self.env)
            # What is bound in the last of these rounds holds for all of them.
            self.variables = dict(variables)
            self.iterate(s, around)
            self.merge(before)
            if self.env == before:
                return
        changed = [name for name, kind in self.env.items() if before.get(name) != kind]
        for name in changed:
            self.env[name] = Unknown()
            self.variables[name] = Unknown()
        self.iterate(s, around)
        self.merge({name: Unknown() for name in changed})

    def iterate(self, s: For | While, around: frozenset[str]) -> None:
        """A round of a loop; `around` are the variables that have a value before it."""
        start = self.first + _SIZES * len(self.varying)
        numbers = self.varying.setdefault(id(s), range(start, start + _SIZES))
        others = set(carried(s))
        if isinstance(s, For):
            element = common(rounds_of(iteration(s.iterable), self.kind), numbers)
            self.bind_target(s.target, element)
            if element != without_varying(element, numbers.start):
                # After the last round it may be what an earlier one has left.
                others |= _bound_in_some_rounds(s.body)
        self.block(s.body)
        for name in sorted(others):
            # In the next round the sizes are others, and those made of them: a variable from before the loop has these anyway.
            if name in self.env:
                kind = without_varying(self.env[name], numbers.start)
                self.bind(name, kind if name in around else _settled(kind))


def _bound_in_some_rounds(block: Block) -> set[str]:
    """The variables that are only bound in blocks inside of the block."""
    inside = {name for s in block for inner in blocks(s) for line in inner for name in assigned(line)}
    return inside - {name for s in block for name in binds(s)}


def _settled(kind: Kind) -> Kind:
    """What is known of a kind but for sizes and numbers that were computed."""
    return with_sizes(kind, {dim: dim for dim in dims_of(kind) if is_basic_size(dim)})
