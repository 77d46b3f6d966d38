"""A program in which functions are values becomes one in which they are only called.

Which function a variable holds is its kind (`FunctionValue`), so every call is of a known function: of one of the program,
to which it passes what was captured, or of a derivative, which is derived here for the kinds of the arguments. At run time
a function value is the tuple of what it captured. Functions that take or make functions are written once for each kind of
their arguments (defunctionalisation by specialisation: Reynolds 1972). So are those that take any number of arguments: what
`*args` and `**kwargs` catch is passed as one tuple and one dict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from s2sad.analysis.calls import CATCHING, bind_call, catches, without_stars
from s2sad.analysis.evaluation import library_function
from s2sad.analysis.infer import Kinds, infer
from s2sad.analysis.kinds import is_library_function, kind_of
from s2sad.analysis.webs import rename
from s2sad.errors import ArgumentError, DifferentiationError
from s2sad.ir import (
    Assign,
    Attribute,
    Block,
    Call,
    Closure,
    Const,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    Name,
    Opaque,
    Operator,
    Param,
    Routine,
    Starred,
    Statement,
    TupleOf,
    noted,
)
from s2sad.kind import Derived, FunctionValue, Kind, Library, Never, Record, Sequence, Unknown, join, with_integers
from s2sad.naming import Names
from s2sad.options import Mode, Options
from s2sad.program import Hand, Program
from s2sad.rules.registry import Rule
from s2sad.simplify.in_place import in_place
from s2sad.transform.alone import calls_alone, has_call
from s2sad.transform.containers import adjoint_kind
from s2sad.transform.handfit import tangent_kind
from s2sad.transform.inout import in_values
from s2sad.transform.known import with_known
from s2sad.transform.unroll import makes_dicts, unrolled
from s2sad.transform.values import with_values
from s2sad.traversal import (
    bound_names,
    children,
    expressions,
    heads,
    map_blocks,
    map_children,
    map_heads,
    rebuild,
    walk,
)

__all__ = ["first_order"]

#: Derives the first function of a program: a new program, whose first function is the derivative.
Derive = Callable[[Program, Options, Mapping[str, Kind]], Program]

Returns = Callable[[Call, Mapping[str, Kind]], Kind]
Target = str | Library | Derived


def first_order(
    program: Program, kinds: Mapping[str, Kind], data: Mapping[str, Kind], plain: Returns, derive: Derive
) -> tuple[Program, dict[str, Kind]]:
    """The program without function values, for parameters of the first function of these kinds; and their kinds in it.

    `data` are the kinds of what the program reads, `plain` those of calls where functions are no values.
    """
    root = next(iter(program.functions))
    tainted = {key for key, function in program.functions.items() if _depends_on_kinds(function)}
    if not tainted and not any(isinstance(kind, FunctionValue) for kind in kinds.values()):
        return program, dict(kinds)
    work = replace(program, functions=dict(program.functions), units=dict(program.units), names=dict(program.names))
    done = _Specialiser(work, data, plain, derive)
    made = done.made(root, dict(kinds))
    params = done.parameters[made.key]
    for key in sorted(_called_by_rules(program)):
        if done.is_higher(key, {}):
            # A rule calls it by its own key.
            work.functions[key] = work.functions[done.made(key, {}).key]
    functions = {made.key: work.functions[made.key], **{k: f for k, f in work.functions.items() if k != made.key}}
    work.names[made.key] = program.names[root]
    work.functions = functions
    return work, {name: runtime(kind) for name, kind in params.items()}


def _called_by_rules(program: Program) -> set[str]:
    """The functions of the program that are called in the texts of rules."""
    texts: list[Expr] = []
    for rule in program.rules:
        texts += (
            [rule.differential]
            if isinstance(rule, Rule)
            else [*rule.transposes.values(), *filter(None, (rule.forward,))]
        )
    return {part.key for text in texts for part in walk(text) if isinstance(part, Routine)}


@noted
def _depends_on_kinds(function: Function) -> bool:
    """True if the function is written once for each kind of its arguments."""
    return _has_values(function) or catches(function) or makes_dicts(function)


def _has_values(function: Function) -> bool:
    """True if the function makes a function, or a derivative of one, or has one as a value."""
    return any(isinstance(part, Closure | Operator) or _is_function(part) for part in _values(function.body))


def _values(block: Block) -> Iterator[Expr]:
    """The expressions in a block, but not what is called, in text neither, and no arguments of a library's functions."""
    waiting = list(expressions(block))
    while waiting:
        node = waiting.pop()
        match node:
            case Call(func=Global() | Attribute() as func):
                waiting += [part for part in children(node) if not _is_function(part)]
                waiting += children(func)
            case Call(func=Routine()):
                waiting += children(node)[1:]
            case Opaque():
                waiting += [part for part in children(node) if not _is_function(part)]
            case _:
                yield node
                waiting += children(node)


def _is_function(node: Expr) -> bool:
    return isinstance(node, Routine) or (isinstance(node, Global) and is_library_function(node.dotted))


def runtime(kind: Kind) -> Kind:
    """The kind of what stands for a value at run time: for a function the tuple of what it captured."""
    match kind:
        case FunctionValue():
            return Sequence("tuple", tuple(runtime(part) for _, part in flat(kind)))
        case Sequence(items=items) | Record(items=items):
            return replace(kind, items=tuple(map(runtime, items)))
    return kind


def flat(kind: FunctionValue) -> list[tuple[str, Kind]]:
    """What a function captured, by name; of a function that it captured, what that captured."""
    found: list[tuple[str, Kind]] = []
    for name, part in zip(kind.names, kind.captured, strict=True):
        if isinstance(part, FunctionValue):
            found += [(f"{name}_{inner}", own) for inner, own in flat(part)]
        else:
            found.append((name, part))
    return found


@dataclass
class _Made:
    """A function for arguments of certain kinds: its key, and the kind of its result."""

    key: str
    result: Kind


@dataclass(frozen=True)
class _Given:
    """The arguments of a call under names, and the kinds of these."""

    args: tuple[Expr, ...]
    keywords: tuple[tuple[str | None, Expr], ...]
    kinds: dict[str, Kind]

    @property
    def key(self) -> tuple[object, ...]:
        return self.args, self.keywords, tuple(self.kinds.items())


@dataclass
class _Specialiser:
    program: Program
    data: Mapping[str, Kind]
    plain: Returns
    derive: Derive
    memo: dict[tuple[object, ...], _Made] = field(default_factory=dict)
    parameters: dict[str, dict[str, Kind]] = field(default_factory=dict)
    #: By function, the parameters that hold what `*args` and `**kwargs` catch.
    caught: dict[str, frozenset[str]] = field(default_factory=dict)
    #: The variables of the functions as they are rewritten, and of those that stay what they are: no function is called so.
    local: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.local |= {name for function in self.program.functions.values() for name in bound_names(function)}

    # -------------------------------------------------------------- functions

    def made(self, key: str, kinds: dict[str, Kind]) -> _Made:
        """The function `key` for parameters of these kinds, without function values."""
        memo = (key, *kinds.items())
        if memo not in self.memo:
            function = self.program.functions[key]
            new = self.new_key(key) if self.is_higher(key, kinds) else key
            if new.endswith("$40"):
                reason = f"cannot differentiate `{function.name}`, which calls itself with ever new functions"
                raise DifferentiationError("S201", reason, rewrite="write it as a loop")
            self.memo[memo] = found = _Made(new, Never())
            self.parameters[new] = self.exploded(function, kinds)
            self.caught[new] = frozenset(param.name for param in function.params if param.form in CATCHING)
            for _ in range(4):
                before = found.result
                plain = unrolled(in_values(function), kinds, self.data, self.returns)
                found.result = join(before, infer(plain, kinds, self.data, self.returns).result)
                if found.result == before:
                    break
            if new != key:
                self.program.functions[new] = self.rewritten(key, new, function, kinds)
            if key in self.program.by_hand:
                self.program.by_hand[new] = self.hand(self.program.by_hand[key], function, kinds, found.result)
        return self.memo[memo]

    def hand(self, hand: Hand, function: Function, kinds: Mapping[str, Kind], result: Kind) -> Hand:
        """The derivative by hand of a function for parameters of these kinds."""
        given = {param.name: kinds.get(param.name, Unknown(param.name)) for param in function.params}
        ahead = [given[name] for name in hand.nondiff]
        values = tuple(kind for name, kind in given.items() if name not in hand.nondiff)
        if any(map(_holds_function, values)) and (hand.jvp or hand.forward):
            reason = f"`{hand.name}` has a derivative by hand and takes a function"
            raise DifferentiationError("S206", reason, rewrite="name that parameter in nondiff_argnums")
        jvp = self.rule(
            hand.jvp, (*ahead, Sequence("tuple", values), Sequence("tuple", tuple(map(tangent_kind, values))))
        )
        forward = self.rule(hand.forward, tuple(given.values()))
        saved = (
            forward.result.items[1] if isinstance(forward.result, Sequence) and forward.result.items[1:] else Unknown()
        )
        backward = self.rule(hand.backward, (*ahead, saved, adjoint_kind(result)))
        nondiff = tuple(own for name in hand.nondiff for own in self.exploded_names(name, given[name]))
        return replace(
            hand,
            nondiff=nondiff,
            jvp=jvp.key or None,
            forward=forward.key or None,
            backward=backward.key or None,
        )

    def rule(self, key: str | None, kinds: tuple[Kind, ...]) -> _Made:
        """A function given by hand, for arguments of these kinds."""
        if key is None:
            return _Made("", Unknown())
        params = [param.name for param in self.program.functions[key].params]
        return self.made(key, dict(zip(params, kinds, strict=False)))

    def exploded_names(self, name: str, kind: Kind) -> list[str]:
        return _captured_names(name, kind) if isinstance(kind, FunctionValue) else [name]

    def is_higher(self, key: str, kinds: Mapping[str, Kind]) -> bool:
        """True if function values play a part in the function or in what it calls."""
        if any(_holds_function(kind) for kind in kinds.values()):
            return True
        seen: set[str] = set()
        own = self.program.by_hand.get(key)
        waiting = [key, *(own.keys if own is not None else ())]
        while waiting:
            function = self.program.functions[waiting.pop()]
            if _depends_on_kinds(function):
                return True
            for expression in expressions(function.body):
                for part in walk(expression):
                    if isinstance(part, Routine) and part.key not in seen:
                        seen.add(part.key)
                        waiting.append(part.key)
                        rules = self.program.by_hand.get(part.key)
                        waiting += rules.keys if rules is not None else ()
        return False

    def new_key(self, key: str) -> str:
        count = 1
        while f"{key}${count}" in self.program.functions:
            count += 1
        new = f"{key}${count}"
        names = Names([*self.program.names.values(), *self.local])
        own = self.program.names[key]
        self.program.names[new] = own if count == 1 and own not in self.used_names() else names.unique(own)
        self.program.units[new] = self.program.units[key]
        # A placeholder, for calls of itself.
        self.program.functions[new] = self.program.functions[key]
        return new

    def used_names(self) -> set[str]:
        return {name for key, name in self.program.names.items() if "$" in key}

    def exploded(self, function: Function, kinds: Mapping[str, Kind]) -> dict[str, Kind]:
        """The parameters with what a function among them captured in its place."""
        done: dict[str, Kind] = {}
        for param in function.params:
            kind = kinds.get(param.name, Unknown(param.name))
            if isinstance(kind, FunctionValue):
                done |= {f"{param.name}_{name}": part for name, part in flat(kind)}
            else:
                done[param.name] = kind
        return done

    def rewritten(self, key: str, new: str, function: Function, kinds: Mapping[str, Kind]) -> Function:
        names = Names([*self.data, *self.program.names.values(), *bound_names(function)])
        plain = unrolled(with_values(function, names), kinds, self.data, self.returns)
        renamed = self.with_named_functions(rename(plain, names).function, kinds, names)
        self.local.update(bound_names(renamed))
        variables = infer(renamed, kinds, self.data, self.returns).variables
        ready = with_known(renamed, lambda node: self.kind(node, variables), names)
        found = infer(ready, kinds, self.data, self.returns)
        return _Rewriter(self, new, found, dict(kinds)).function(ready)

    def with_named_functions(self, function: Function, kinds: Mapping[str, Kind], names: Names) -> Function:
        """The function with names for the functions that calls give: `make(a)(x)` is `t = make(a); t(x)`, for the call of
        `t` reads each thing that it captured.
        """
        variables = infer(function, kinds, self.data, self.returns).variables

        def gives_function(node: Expr) -> bool:
            return has_call(node) and isinstance(self.kind(node, variables), FunctionValue)

        def block(lines: Block) -> Block:
            return tuple(line for s in lines for line in statement(map_blocks(s, block)))

        def statement(s: Statement) -> Block:
            inner = (part for head in heads(s) for child in children(head) for part in walk(child))
            if not any(map(gives_function, inner)):
                return (s,)
            if isinstance(s, Evaluate):
                return calls_alone((Assign(Name(names.unique("t")), s.value, origin=s.origin),), names)
            if isinstance(s, If):
                test = Name(names.unique("t"))
                return (*calls_alone((Assign(test, s.test, origin=s.origin),), names), replace(s, test=test))
            return calls_alone((s,), names)

        return replace(function, body=block(function.body))

    # ------------------------------------------------------------------ calls

    def returns(self, call: Call, env: Mapping[str, Kind]) -> Kind:
        """The kind of the result of a call of a function of the program, or of a function value."""
        if isinstance(call.func, Routine) and not self.is_higher(call.func.key, kinds := self.kinds_of(call, env)):
            # Under names, because among the arguments may be calls of function values.
            names = tuple(map(Name, kinds))
            count = len(call.args)
            keywords = tuple((key, name) for (key, _), name in zip(call.keywords, names[count:], strict=True))
            return self.plain(replace(call, args=names[:count], keywords=keywords), {**env, **kinds})
        kind = FunctionValue(call.func.key) if isinstance(call.func, Routine) else kind_of(call.func, env, self.returns)
        assert isinstance(kind, FunctionValue)
        if isinstance(kind.target, Library):
            return kind_of(replace(call, func=Global(kind.target.dotted)), env, self.returns)
        found = self.resolved(kind, call, env)
        return found.result if found is not None else Unknown()

    def kinds_of(self, call: Call, env: Mapping[str, Kind]) -> dict[str, Kind]:
        values = (*call.args, *(value for _, value in call.keywords))
        return {f"#{i}": self.kind(value, env) for i, value in enumerate(values)}

    def kind(self, node: Expr, env: Mapping[str, Kind]) -> Kind:
        """The kind of an argument, which may be a library's function."""
        if isinstance(node, Global) and callable(library_function(node.dotted)):
            return FunctionValue(Library(node.dotted))
        return kind_of(node, env, self.returns)

    def resolved(self, kind: FunctionValue, call: Call, env: Mapping[str, Kind]) -> _Made | None:
        """The function that a call reaches, for the kinds of its arguments; None if they do not fit its parameters."""
        assert not isinstance(kind.target, Library)
        given = self.given(without_stars(call, lambda node: self.kind(node, env)), env)
        if any(isinstance(found, Never) for found in given.kinds.values()):
            return _Made("", Never())
        return self.target(kind.target, kind, given, call)

    def given(self, call: Call, env: Mapping[str, Kind]) -> _Given:
        """The arguments of a call."""
        values = (*call.args, *(value for _, value in call.keywords))
        names = tuple(Name(f"#{i}") for i in range(len(values)))
        kinds = {
            name.id: self.kind(value.value if isinstance(value, Starred) else value, env)
            for name, value in zip(names, values, strict=True)
        }
        count = len(call.args)
        args = tuple(
            Starred(name) if isinstance(arg, Starred) else name
            for arg, name in zip(call.args, names[:count], strict=True)
        )
        keywords = tuple((key, name) for (key, _), name in zip(call.keywords, names[count:], strict=True))
        return _Given(args, keywords, kinds)

    def target(self, target: Target, kind: FunctionValue, given: _Given, call: Call) -> _Made | None:
        match target:
            case Library(dotted=dotted):
                reason = f"cannot differentiate a derivative of `{dotted}`"
                place = self.program.units[next(iter(self.program.functions))].place(call.span)
                raise DifferentiationError("S201", reason, place, f"wrap it in a function: `lambda x: {dotted}(x)`")
            case Derived():
                return self.derived(target, kind, given, call)
        bound = self.bound(target, kind, given)
        return None if bound is None else self.made(target, bound)

    def bound(self, key: str, kind: FunctionValue, given: _Given) -> dict[str, Kind] | None:
        """The kinds of the parameters of a function; None if the arguments do not fit."""
        captured = {f"#captured{i}": part for i, part in enumerate(kind.captured)}
        called = Call(Routine(key), (*map(Name, captured), *given.args), given.keywords)
        found = bind_call(self.program.functions[key], called)
        if isinstance(found, str):
            return None
        known = {**self.data, **captured, **given.kinds}
        kinds = {name: self.kind(arg, known) for name, arg in found.items()}
        return with_integers(kinds) if not any(map(_holds_function, kinds.values())) else kinds

    def derived(self, target: Derived, kind: FunctionValue, given: _Given, call: Call) -> _Made | None:
        """The derivative of a function, for the kinds of its arguments."""
        count = self.tangents(target)
        primal = replace(given, args=given.args[: len(given.args) - count])
        base = self.target(target.target, kind, primal, call)
        if base is None or isinstance(base.result, Never):
            return base
        memo = ("derived", target.mode, repr(target.wrt), target.has_aux, base.key, *given.key)
        if memo not in self.memo:
            checkpoint = target.mode == "checkpoint"
            self.memo[memo] = self.recomputed(base) if checkpoint else self.derive_now(target, kind, base.key, call)
        return self.memo[memo]

    def recomputed(self, base: _Made) -> _Made:
        """The same function under a key of its own, of which reverse mode saves nothing."""
        key = self.new_key(base.key)
        old = self.program.by_hand.get(base.key)
        hand = old or Hand(self.program.names[base.key])
        self.program.by_hand[key] = replace(hand, recompute=True)
        self.parameters[key] = self.parameters[base.key]
        return _Made(key, base.result)

    def tangents(self, target: Derived) -> int:
        """How many tangents a derivative takes behind its arguments."""
        if target.mode not in ("jvp", "hvp"):
            return 0
        return len(target.wrt) if isinstance(target.wrt, tuple | list) else 1

    def derive_now(self, target: Derived, kind: FunctionValue, key: str, call: Call) -> _Made:
        function = self.program.functions[key]
        wrt, bare = _selected(target.wrt, function, _length(kind))
        if any(wanted in self.caught.get(key, ()) for wanted in wrt):
            reason = (
                f"cannot differentiate `{function.name}` here by some of the arguments that it has no parameter for"
            )
            place = self.program.units[key].place(call.span)
            raise DifferentiationError("S201", reason, place, "put a function with a parameter for each around it")
        kinds = {name: runtime(found) for name, found in self.parameters[key].items()}
        options = Options(_mode(target.mode), wrt, bare, target.has_aux)
        inner = replace(self.program, functions={key: function, **self.program.functions})
        made = self.derive(inner, options, kinds)
        new, *_ = made.functions
        self.caught[new] = self.caught.get(key, frozenset())
        self.program.functions |= {k: f for k, f in made.functions.items() if k not in self.program.functions}
        self.program.units |= {k: u for k, u in made.units.items() if k not in self.program.units}
        self.program.names |= {k: n for k, n in made.names.items() if k not in self.program.names}
        params = [param.name for param in made.functions[new].params]
        tangents = {name: kinds[own] for name, own in zip([p for p in params if p not in kinds], wrt, strict=False)}
        return self.made(new, {name: {**kinds, **tangents}.get(name, Unknown(name)) for name in params})


def _length(kind: FunctionValue) -> int:
    """How many parameters stand for what a function captured."""
    return len(flat(kind))


def _mode(name: str) -> Mode:
    return name  # type: ignore[return-value]


def _selected(wrt: object, function: Function, captured: int) -> tuple[tuple[str, ...], bool]:
    """The names of the parameters that `wrt` selects, and whether it is a single one; the first are those `captured`."""
    own = [param.name for param in function.params[captured:]]
    positional = [param.name for param in function.params[captured:] if param.form != "keyword"]
    bare = not isinstance(wrt, tuple | list)
    given: tuple[object, ...] = (wrt,) if bare else tuple(wrt)  # type: ignore[arg-type]
    try:
        names = tuple(positional[one] if isinstance(one, int) else own[own.index(str(one))] for one in given)
    except (IndexError, ValueError):
        reason = f"`wrt={wrt!r}` names no parameter of `{function.name}`"
        raise ArgumentError("S104", reason, rewrite=f"it has {', '.join(own)}") from None
    return names, bare


def _holds_function(kind: Kind) -> bool:
    match kind:
        case FunctionValue():
            return True
        case Sequence(items=items) | Record(items=items):
            return any(map(_holds_function, items))
    return False


def _captured_names(param: str, kind: FunctionValue) -> list[str]:
    """The parameters that stand for what the function `param` captured."""
    return [f"{param}_{name}" for name, _ in flat(kind)]


def _caught(params: Iterable[Param]) -> list[Param]:
    """Parameters with what `*args` and `**kwargs` hold as parameters like others; each call gives all of them."""
    ahead = [Param(param.name, "positional") for param in params if param.form not in ("keyword", *CATCHING)]
    caught = [Param(param.name) for form in CATCHING for param in params if param.form == form]
    return [*ahead, *caught, *(param for param in params if param.form == "keyword")]


# ------------------------------------------------------------------- rewriting


@dataclass
class _Rewriter:
    """Rewrites one function; `kinds` are those of its parameters as they are given."""

    specialiser: _Specialiser
    key: str
    found: Kinds
    kinds: dict[str, Kind]

    def kind(self, node: Expr) -> Kind:
        return self.specialiser.kind(node, self.found.variables)

    def function(self, function: Function) -> Function:
        params: list[Param] = []
        for param in function.params:
            kind = self.kinds.get(param.name)
            if isinstance(kind, FunctionValue):
                params += [Param(name, param.form) for name in _captured_names(param.name, kind)]
            else:
                params.append(param)
        if catches(function):
            params = _caught(params)
        return replace(function, params=tuple(params), body=self.block(function.body))

    def block(self, block: Block) -> Block:
        return tuple(self.statement(s) for s in block)

    def statement(self, s: Statement) -> Statement:
        match s:
            case Assign(value=Call(func=Routine(spread=True))):
                # What the function it becomes a call of changes is found out again.
                return self.statement(in_place((s,))[0])
            case For(iterable=iterable):
                s = replace(s, iterable=self.value(iterable))
            case Assign(value=value):
                return replace(s, value=self.value(value))
            case _:
                s = map_heads(s, self.value)
        return map_blocks(s, self.block)

    def value(self, node: Expr) -> Expr:
        """An expression with function values as what they captured, and calls of them as calls of functions."""
        match node:
            case Closure() | Operator() | Routine():
                return TupleOf(self.captured(node), span=node.span)
            case Global(dotted=dotted) if is_library_function(dotted):
                return TupleOf((), span=node.span)
            case Name(id=name) if isinstance(self.kinds.get(name), FunctionValue):
                return TupleOf(self.captured(node), span=node.span)
            case Opaque():
                return map_children(node, self.in_text)
            case Attribute(value=Routine() | Closure() | Name() as function) if self.is_function(function):
                raise self.refusal(
                    node, "cannot differentiate an attribute of a function", "read it outside and pass it"
                )
            case Call(func=Global() | Attribute() as func):
                called = func if isinstance(func, Global) else map_children(func, self.value)
                # Methods that lists have, and the helpers that stand for them, keep what they are given.
                calls = func.attr == "sort" if isinstance(func, Attribute) else is_library_function(func.dotted)
                given = self.for_library if calls else self.kept
                return rebuild(node, (called, *(given(arg) for arg in children(node)[1:])))
            case Call(func=func):
                kind = FunctionValue(func.key) if isinstance(func, Routine) else self.kind(func)
                return self.call(node, kind) if isinstance(kind, FunctionValue) else self.unknown(node)
        return map_children(node, self.value)

    def kept(self, node: Expr) -> Expr:
        """An argument of a method, which may be a function that a list keeps."""
        return node if isinstance(node, Global) else self.value(node)

    def for_library(self, node: Expr) -> Expr:
        """An argument of a library's function, which may be another, or one of the program, which it calls."""
        if isinstance(node, Global):
            return node
        kind = self.kind(node) if isinstance(node, Name | Closure | Routine) else None
        if isinstance(kind, FunctionValue) and isinstance(kind.target, Library):
            return Global(kind.target.dotted)
        if not isinstance(kind, FunctionValue) or not isinstance(kind.target, str):
            return self.value(node)
        captured = self.captured(node)
        own = [f"own{k}" for k in range(len(captured))]
        text = f"lambda *args: called({', '.join([*own, '*args'])})"
        called = self.for_any(node, kind.target, kind.captured)
        return Opaque(text, (("called", called), *zip(own, captured, strict=True)), span=node.span)

    def in_text(self, part: Expr) -> Expr:
        """What is read in a text, such as a function of the program that is called there."""
        match part:
            case Routine(key=key):
                return self.for_any(part, key)
        return part if _is_function(part) else self.value(part)

    def for_any(self, node: Expr, key: str, captured: tuple[Kind, ...] = ()) -> Routine:
        """The function `key`, with parameters of these kinds in front, for arguments of any kinds."""
        function = self.specialiser.program.functions[key]
        kinds = {param.name: kind for param, kind in zip(function.params, captured, strict=False)}
        if not self.specialiser.is_higher(key, kinds):
            return Routine(key, span=node.span)
        if catches(function):
            if not _has_values(function) and not any(map(_holds_function, captured)):
                return Routine(key, span=node.span)
            reason = "cannot differentiate a call of a library's function with one that calls another as a value"
            raise self.refusal(node, reason, "write out its parameters")
        return Routine(self.specialiser.made(key, kinds).key, span=node.span)

    def is_function(self, node: Expr) -> bool:
        """True for what names a function of the program."""
        return isinstance(node, Routine | Closure) or isinstance(self.kind(node), FunctionValue)

    def unknown(self, node: Call) -> Expr:
        """A call of what may be one function or another."""
        reason = "cannot differentiate this call: which function it reaches is not known"
        raise self.refusal(node, reason, "call a function by its name, in a branch for each")

    def refusal(self, node: Expr, reason: str, rewrite: str) -> DifferentiationError:
        unit = self.specialiser.program.units[self.key]
        return DifferentiationError("S201", reason, unit.place(node.span), rewrite)

    def captured(self, node: Expr) -> tuple[Expr, ...]:
        """What the function that `node` gives has captured."""
        match node:
            case Closure(captures=captures):
                return tuple(part for _, value in captures for part in self.argument(value))
            case Operator(function=function):
                return self.captured(function)
            case Routine() | Global():
                return ()
            case Name(id=name) if isinstance(kind := self.kinds.get(name), FunctionValue):
                return tuple(map(Name, _captured_names(name, kind)))
        found = self.kind(node)
        assert isinstance(found, FunctionValue)
        if has_call(node):
            reason = "cannot differentiate a call of a function that another call gives where it may not be evaluated"
            raise self.refusal(node, reason, "give that function a name in a statement of its own")
        whole = self.value(node)
        return tuple(Index(whole, Const(k)) for k in range(len(flat(found))))

    def call(self, node: Call, kind: FunctionValue) -> Expr:
        """A call of a known function: it takes what was captured in front of its arguments."""
        captured = self.captured(node.func)
        found = (
            None if isinstance(kind.target, Library) else self.specialiser.resolved(kind, node, self.found.variables)
        )
        node = self.with_caught(without_stars(node, self.kind), kind)
        args = tuple(part for arg in node.args for part in self.argument(arg))
        keywords = tuple(pair for key, value in node.keywords for pair in self.keyword(key, value))
        if isinstance(kind.target, Library):
            return Call(Global(kind.target.dotted), args, keywords, span=node.span)
        key = found.key if found is not None and found.key else kind.target
        if not isinstance(key, str):
            reason = "cannot differentiate this call of a derivative: its arguments do not fit the function"
            raise self.refusal(node, reason, "give each argument by position or name")
        return Call(Routine(key), (*captured, *args), keywords, span=node.span)

    def with_caught(self, node: Call, kind: FunctionValue) -> Call:
        """A call with what `*args` and `**kwargs` catch as a tuple and a dict; tangents come behind that."""
        target, count = kind.target, 0
        while isinstance(target, Derived):
            count += self.specialiser.tangents(target)
            target = target.target
        function = self.specialiser.program.functions[target] if isinstance(target, str) else None
        if function is None or not catches(function):
            return node
        own = replace(function, params=function.params[len(kind.captured) :])
        end = len(node.args) - count
        bound = bind_call(own, replace(node, args=node.args[:end]))
        if isinstance(bound, str):
            reason = f"cannot differentiate a call of `{function.name}` with {bound}"
            raise self.refusal(node, reason, "give each argument by itself")
        params = _caught(own.params)
        args = tuple(bound[param.name] for param in params if param.form != "keyword")
        keywords = tuple((param.name, bound[param.name]) for param in params if param.form == "keyword")
        return replace(node, args=(*args, *node.args[end:]), keywords=keywords)

    def argument(self, node: Expr) -> tuple[Expr, ...]:
        """An argument; what a function captured, for a function."""
        return self.captured(node) if isinstance(self.kind(node), FunctionValue) else (self.value(node),)

    def keyword(self, key: str | None, value: Expr) -> list[tuple[str | None, Expr]]:
        kind = self.kind(value)
        if not isinstance(kind, FunctionValue):
            return [(key, self.value(value))]
        return list(zip(_captured_names(str(key), kind), self.captured(value), strict=True))
