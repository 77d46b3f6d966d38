"""Loops over generator functions that they may leave: the function's own loops, with a round in the place of each `yield`.

    def halves(x):                  for value in halves(y):         x = y
        while True:                     total += value              while True:
            yield x                     if value < 0.1:        →        value = x
            x = x / 2                       break                       total += value
                                                                        if value < 0.1:
                                                                            break
                                                                        x = x / 2

What the function would do after the last element that is taken is not done. Other loops take all elements at once: see
`frontend/generators.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from s2sad.errors import DifferentiationError
from s2sad.frontend.jumps import whole_rounds
from s2sad.frontend.leaving import Leave, exits_in, left
from s2sad.frontend.unit import Unit
from s2sad.ir import (
    Assert,
    Assign,
    Attribute,
    Aug,
    Binary,
    Block,
    Break,
    Call,
    Const,
    Continue,
    Def,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    Lambda,
    Name,
    Operator,
    Origin,
    Raise,
    Return,
    Routine,
    Starred,
    Statement,
    Try,
    TupleOf,
    While,
    With,
)
from s2sad.naming import Names
from s2sad.traversal import (
    assigned,
    bound_names,
    expressions,
    heads,
    map_blocks,
    map_children,
    map_heads,
    names_in,
    reads,
    statements,
    walk,
)

__all__ = ["Generator", "routines", "with_rounds_inside", "written_out"]

#: So many times the rounds of a loop are written.
_MOST = 4


@dataclass(frozen=True)
class Generator:
    """A generator function as it is lowered (`frontend/generators.py`), and where it stands; `known` unless its name may stand
    for another one.
    """

    function: Function
    unit: Unit
    known: bool = True

    @property
    def items(self) -> str:
        """The list of what it yields."""
        last = self.function.body[-1]
        assert isinstance(last, Return) and isinstance(last.value, Name)
        return last.value.id

    @property
    def body(self) -> Block:
        """What it does."""
        made = Assign(Name(self.items), self.function.body[0].value)  # type: ignore[attr-defined]
        assert self.function.body[0] == made
        return self.function.body[1:-1]

    def yielded(self, s: Statement) -> Expr | None:
        """What a statement yields; None for any other statement."""
        match s:
            case Evaluate(value=Call(func=Attribute(value=Name(id=name), attr="append"), args=(value,))) if (
                name == self.items
            ):
                return value
        return None


Find = Callable[[str], Generator | None]


def with_rounds_inside(
    function: Function, unit: Unit, find: Find, around: Mapping[str, Generator] | None = None
) -> Function:
    """The function without loops over generator functions that may be left, or that would tell that all elements are made
    first; `find` gives what a key stands for, `around` are the generator functions of the functions around this one.
    """
    local = frozenset(bound_names(function))
    own = _made_here(function, unit)
    outer = {name: one for name, one in (around or {}).items() if name not in local}
    names = Names([*reads(function), *local, *_functions_in(function.body)])
    return replace(function, body=_Writing(unit, find, names, local, own, outer | own).block(function.body))


def written_out(
    s: For, call: Call, found: Generator, unit: Unit, names: Names, local: frozenset[str], find: Find
) -> Block:
    """A loop over a call of a generator function in a function with these variables whose loops have whole rounds."""
    if s.until is not None:
        s = replace(s, body=(*s.body, If(s.until, (Break(),))), until=None)
    writing = _Writing(unit, find, names, local, {}, {})
    writing.check(s, call, found)
    block = writing.loop(s, call, found) if s.iterable == call else writing.counted(s, call, found)
    return whole_rounds(block, names)


def routines(function: Function) -> set[str]:
    """The keys of the functions of the program that a function names."""
    parts = [part for node in expressions(function.body) for part in walk(node)]
    inner = [part.function for part in parts if isinstance(part, Lambda)]
    return {part.key for part in parts if isinstance(part, Routine)}.union(*map(routines, inner))


def _everywhere(block: Block) -> Iterable[Statement]:
    for s in statements(block):
        yield s
        if isinstance(s, Def):
            yield from _everywhere(s.function.body)


def _functions_in(block: Block) -> list[str]:
    return [s.function.name for s in _everywhere(block) if isinstance(s, Def)]


def _made_here(function: Function, unit: Unit) -> dict[str, Generator]:
    """The generator functions that are defined in the function."""
    own = [s for s in statements(function.body) if isinstance(s, Def)]
    count = Counter(s.function.name for s in own)
    return {
        s.function.name: Generator(s.function, unit, count[s.function.name] == 1 and not s.bound)
        for s in own
        if s.function.yields
    }


def _may_be_left(s: For) -> bool:
    return any(not isinstance(one, Continue) for one in exits_in(s.body))


@dataclass
class _Writing:
    """`local` are the function's variables, `own` the generator functions inside of it, `made` those around it, too; `around`
    are those whose rounds are being written. `guarded` is true where an error may be caught.
    """

    unit: Unit
    find: Find
    names: Names
    local: frozenset[str]
    own: dict[str, Generator]
    made: dict[str, Generator]
    around: tuple[Generator, ...] = ()
    labels: list[int] = field(default_factory=list)
    guarded: bool = False

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        if isinstance(s, Def):
            return (replace(s, function=with_rounds_inside(s.function, self.unit, self.find, self.made)),)
        self.check_lambdas(s)
        inside = replace(self, guarded=self.guarded or isinstance(s, Try | With))
        s = map_blocks(s, inside.block)
        match s:
            case (
                For(iterable=Call(func=Global(dotted="enumerate"), args=(Call() as call, *_)))
                | For(iterable=Call() as call)
            ) if found := self.generator(call):
                return self.consumed(s, call, found)
        return (s,)

    def check_lambdas(self, s: Statement) -> None:
        """Refuse what would have to be written out in a lambda."""
        for part in (part for node in heads(s) for part in walk(node) if isinstance(part, Lambda)):
            for inner in statements(part.function.body):
                match inner:
                    case For(iterable=Call() as call) if _may_be_left(inner) and (found := self.generator(call)):
                        raise self.refused(call, found, "which may not run to its end, in a lambda")

    def consumed(self, s: For, call: Call, found: Generator) -> Block:
        """A loop over a generator function."""
        told = _tells(s, found)
        if not _may_be_left(s) and not (self.guarded or told or _may_tell(s, found)):
            return (s,)
        try:
            self.check(s, call, found)
            return self.counted(s, call, found) if s.iterable != call else self.loop(s, call, found)
        except DifferentiationError:
            if _may_be_left(s) or told:
                raise
            # Its elements may be made first.
            return (s,)

    def generator(self, call: Call) -> Generator | None:
        match call.func:
            case Routine(key=key):
                return self.find(key)
            case Name(id=name):
                return self.made.get(name)
        return None

    def refused(self, call: Call, found: Generator, why: str) -> DifferentiationError:
        reason = f"cannot differentiate this use of the generator `{found.function.name}`, {why}"
        rewrite = "let a loop without `break` and `return` run over the call, or take the list of it"
        return DifferentiationError("S201", reason, self.unit.place(call.func.span), rewrite)

    # ------------------------------------------------------------------ loops

    def counted(self, s: For, call: Call, found: Generator) -> Block:
        """A loop over `enumerate`."""
        assert isinstance(s.iterable, Call)
        start = s.iterable.args[1] if len(s.iterable.args) > 1 else Const(0)
        match s.target:
            case TupleOf(items=(Name() as number, target)) if not s.iterable.keywords:
                place = Name(self.names.unique(f"next_{number.id}"))
                first = (Assign(number, place), Assign(place, Binary("+", place, Const(1))))
                return (Assign(place, start), *self.loop(replace(s, target=target), call, found, first))
        raise self.refused(call, found, "which may not run to its end")

    def loop(self, s: For, call: Call, found: Generator, first: Block = ()) -> Block:
        """The statements of the generator, with rounds of the loop in them that begin with `first`."""
        given, values = self.given(s, call, found)
        stop, end = self.label(), self.label()
        is_near = found.unit.file == self.unit.file
        rest = self.rest(s, stop)
        origin = None if is_near else s.origin
        rounds = _Rounds(found, values, origin, first, s.target, rest, end if s.orelse else stop)
        body = rounds.block(found.body)
        # The generator may itself run over others.
        inside = replace(self, around=(*self.around, found))
        body = inside.block(body)
        if s.orelse:
            body = (*left(body, end, self.names), *s.orelse)
        return (*given, *left(body, stop, self.names))

    def rest(self, s: For, stop: int) -> Block:
        """What a round does when the target has its value."""
        label = self.label()
        return left(_jumping(s.body, stop, label), label, self.names)

    def label(self) -> int:
        self.labels.append(len(self.labels))
        return self.labels[-1]

    def check(self, s: For, call: Call, found: Generator) -> None:
        """Refuse what cannot be written out."""
        function = found.function
        free = _free(found) & self.local if found.function.name not in self.own else frozenset()
        if free:
            raise self.refused(call, found, f"which reads another `{min(free)}` than this function")
        if s.snapshots is not None or not found.known:
            raise self.refused(call, found, "which may not run to its end")
        inner = [part for node in expressions(function.body) for part in walk(node)]
        places = [s for s in statements(function.body) if found.yielded(s) is not None]
        if found in self.around:
            raise self.refused(call, found, "which calls itself and may not run to its end")
        if any(isinstance(part, Lambda | Operator) for part in inner) or _functions_in(function.body):
            raise self.refused(call, found, "which may not run to its end and makes functions")
        if len(places) > _MOST:
            raise self.refused(call, found, f"which may not run to its end and yields in more than {_MOST} places")
        if any(isinstance(one, Raise) and "StopIteration" in repr(one.exception) for one in statements(function.body)):
            # Out of a generator comes a RuntimeError in its place.
            raise self.refused(call, found, "which may not run to its end and raises `StopIteration`")

    def given(self, s: For, call: Call, found: Generator) -> tuple[Block, dict[str, Expr]]:
        """What the parameters are assigned, and what stands for the variables of the generator."""
        function = found.function
        params = self.arguments(call, found)
        rebound = {name for line in found.body for name in assigned(line)}
        changed = {name for line in (*s.body, Assign(s.target, s.target)) for name in assigned(line)}
        lines: list[Statement] = []
        values: dict[str, Expr] = {}
        for name, value in params.items():
            stays = isinstance(value, Const) or (isinstance(value, Name) and value.id not in changed)
            if stays and name not in rebound:
                values[name] = value
            else:
                values[name] = Name(self.names.unique(name))
                lines.append(Assign(values[name], value, origin=s.origin))
        for name in dict.fromkeys(bound_names(function)):
            values.setdefault(name, Name(self.names.unique(name)))
        return tuple(lines), values

    def arguments(self, call: Call, found: Generator) -> dict[str, Expr]:
        """The parameters with what they are given."""
        function = found.function
        positional = [param.name for param in function.params if param.form in ("positional", "positional-only")]
        given = dict(zip(positional, call.args, strict=False))
        named = {name: value for name, value in call.keywords if name is not None}
        twice = len(named) < len(call.keywords) or bool(named.keys() & given.keys())
        given |= named
        for param in function.params:
            if isinstance(param.default, Const):
                given.setdefault(param.name, param.default)
        plain = all(param.form in ("positional", "positional-only", "keyword") for param in function.params)
        plain = plain and not any(isinstance(arg, Starred) for arg in call.args)
        known = {param.name for param in function.params}
        if twice or not plain or given.keys() != known or len(call.args) > len(positional):
            raise self.refused(call, found, "which may not run to its end: its arguments are not written out")
        return given


def _free(found: Generator) -> frozenset[str]:
    """The variables of others that a generator function reads."""
    read = {name for node in expressions(found.body) for name in names_in(node)}
    return frozenset(read - set(bound_names(found.function)))


def _tells(s: For, found: Generator) -> bool:
    """True if it may be seen when the elements of a generator function are made."""
    rebound = {name for line in s.body for name in assigned(line)}
    lines = [line for line in (*statements(s.body), *statements(found.body)) if found.yielded(line) is None]
    given = set(names_in(s.iterable))
    shared = (given | _free(found)) & _read_from_outside(s)
    calls = _calls_others(s.body) or _calls_others(found.body)
    return bool(rebound & _free(found)) or any(_acts(line, given) for line in lines) or (calls and bool(shared))


def _may_tell(s: For, found: Generator) -> bool:
    """True if it may be seen where one of the functions called here or there changes something."""
    return _calls_others(s.body) or (_calls_others(found.body) and bool(_read_from_outside(s)))


def _read_from_outside(s: For) -> set[str]:
    """The variables that the rounds of a loop read and do not assign."""
    return {name for node in expressions(s.body) for name in names_in(node)} - set(assigned(s))


def _calls_others(block: Block) -> bool:
    """True if a function is called that is none of a library."""
    return any(
        isinstance(part, Call) and not isinstance(part.func, Global) and not _is_append(part)
        for node in expressions(block)
        for part in walk(node)
    )


def _is_append(call: Call) -> bool:
    """True for what a `yield` became."""
    return isinstance(call.func, Attribute) and call.func.attr == "append"


def _acts(s: Statement, given: set[str]) -> bool:
    """True for a statement that may do more than bind variables, and for one that may change what is `given`."""
    match s:
        case Evaluate(value=value):
            return not isinstance(value, Const)
        case Assign(target=target):
            return any(isinstance(part, Index | Attribute) for part in walk(target))
        case Aug(target=target):
            return not isinstance(target, Name) or target.id in given
    return isinstance(s, Raise | Assert)


def _jumping(block: Block, stop: int, label: int) -> Block:
    """The body of a loop, with `break` leaving `stop` and `continue` leaving `label`."""
    done: list[Statement] = []
    for s in block:
        match s:
            case Break():
                done.append(Leave(stop, origin=s.origin))
            case Continue():
                done.append(Leave(label, origin=s.origin))
            case For(orelse=orelse) | While(orelse=orelse):
                done.append(replace(s, orelse=_jumping(orelse, stop, label)))
            case _:
                done.append(map_blocks(s, lambda inner: _jumping(inner, stop, label)))
    return tuple(done)


@dataclass
class _Rounds:
    """Writes what the generator does, its variables being `values`: where it yields a round, which is `first`, the assignment
    of what is yielded to `target`, and the `rest`; where it returns that it leaves `end`.

    Where `origin` is given, that is the place of what stands in another file.
    """

    found: Generator
    values: dict[str, Expr]
    origin: Origin | None
    first: Block
    target: Expr
    rest: Block
    end: int

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        value = self.found.yielded(s)
        if value is not None:
            given = Assign(self.target, self.expression(value), origin=self.place(s))
            return (*self.first, *(() if given.target == given.value else (given,)), *self.rest)
        match s:
            case Return():
                return (Leave(self.end, origin=self.place(s)),)
            case For(target=Name(id=part), iterable=iterable) if part.startswith(f"{self.found.items}_part"):
                # `yield from`: nobody else sees this variable.
                over, body = self.expression(iterable), (*self.first, *self.rest)
                return (replace(s, target=self.target, iterable=over, body=body, origin=self.place(s)),)
        return (map_blocks(replace(map_heads(s, self.expression), origin=self.place(s)), self.block),)

    def place(self, s: Statement) -> Origin | None:
        if self.origin is None or s.origin is None:
            return s.origin
        return replace(s.origin, span=self.origin.span)

    def expression(self, node: Expr) -> Expr:
        span = node.span if self.origin is None else None
        if isinstance(node, Name) and node.id in self.values:
            return replace(self.values[node.id], span=span)
        return replace(map_children(node, self.expression), span=span)
