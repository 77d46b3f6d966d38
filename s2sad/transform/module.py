"""All functions that make up a derivative: of the function asked for, and of those it calls, each once per pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from typing import Any

from s2sad.analysis.calls import bind_call, without_stars
from s2sad.analysis.effects import check_effects
from s2sad.analysis.infer import infer
from s2sad.analysis.kinds import kind_of, kinds_in
from s2sad.analysis.ownership import Callees, Kept, Shared, kept_parameters, shared_results
from s2sad.analysis.webs import rename
from s2sad.errors import ArgumentError, DifferentiationError
from s2sad.ir import Call, Def, Expr, Function, Name, Routine, Statement
from s2sad.kind import (
    Array,
    Dim,
    Kind,
    Never,
    Number,
    Other,
    Pattern,
    Unknown,
    canonical,
    constant_dim,
    dims_of,
    is_basic_size,
    join,
    leaves_of,
    map_dims,
    with_integers,
    with_sizes,
)
from s2sad.naming import Names
from s2sad.observed import kind_of_data
from s2sad.options import Options
from s2sad.program import Program
from s2sad.simplify.attributes import with_attributes
from s2sad.simplify.dead import has_effect
from s2sad.simplify.in_place import in_place
from s2sad.simplify.jumps import with_jumps
from s2sad.simplify.outs import with_outs
from s2sad.syntax import span_of
from s2sad.transform.aux import CONSTANT, with_constant_aux
from s2sad.transform.byhand import HandTangent, with_positions
from s2sad.transform.exits import with_returns_behind_loops, without_nothing
from s2sad.transform.forward import tangent_function
from s2sad.transform.handpairs import HandPairs
from s2sad.transform.inout import in_values, real, result_of_call, without_results
from s2sad.transform.memory import memory_lines
from s2sad.transform.overlaps import apart
from s2sad.transform.primal import Primal, prepare
from s2sad.transform.pulled import Pair
from s2sad.transform.refusing import uncaught
from s2sad.transform.report import recomputed_lines, saved_lines
from s2sad.transform.residuals import Plan
from s2sad.transform.reverse import Reverse
from s2sad.transform.seeds import FORWARD, seeded, tangent_alone
from s2sad.transform.sequences import with_named_sequences
from s2sad.transform.steps import CallStep
from s2sad.transform.updates import check, tested
from s2sad.transform.values import values_of
from s2sad.transform.vector_modes import JACOBIANS, jacobian_root
from s2sad.traversal import bound_names, expressions, map_blocks, map_children, map_heads, names_in, walk

__all__ = ["Builder", "Module"]


@dataclass(frozen=True)
class Module:
    """The functions of a generated module in the order they are written, and what is worth telling about them.

    `parts` are those that were generated, in the terms of the program: with references to its functions and with marks;
    `hints` the kinds of the parameters of some of them.
    """

    name: str
    functions: tuple[Function, ...]
    parts: tuple[Function, ...] = ()
    hints: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    active: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()
    memory: tuple[str, ...] = ()
    recomputed: tuple[str, ...] = ()
    one_by_one: tuple[str, ...] = ()


@dataclass
class Builder:
    """Derives the first function of a program without function values."""

    program: Program
    pattern: Pattern
    results: dict[tuple[str, tuple[Kind, ...]], Kind] = field(default_factory=dict)
    derived: dict[tuple[object, ...], str] = field(default_factory=dict)
    written: dict[str, Function] = field(default_factory=dict)
    primals: dict[str, bool] = field(default_factory=dict)
    pairs: dict[tuple[object, ...], Pair] = field(default_factory=dict)
    purity: dict[str, bool] = field(default_factory=dict)
    own: dict[tuple[str, tuple[Kind, ...]], Shared] = field(default_factory=dict)
    recursive: dict[str, bool] = field(default_factory=dict)
    doubtful: dict[str, frozenset[int]] = field(default_factory=dict)
    checks: bool = True
    kept: dict[tuple[str, tuple[Kind, ...]], Kept] = field(default_factory=dict)
    hints: dict[str, dict[str, Kind]] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    active: tuple[str, ...] = ()
    one_by_one: list[str] = field(default_factory=list)
    called: dict[tuple[str, tuple[Kind, ...]], dict[str, Kind]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = next(iter(self.program.functions))
        self.data: dict[str, Kind] = {}
        for name in self.program.data:
            self.data[name] = self.data_kind(name)
        local = [name for function in self.program.functions.values() for name in bound_names(function)]
        self.taken = (*self.program.names.values(), *self.data)
        self.names = Names([*self.taken, *local])
        self.callees = Callees(self.returns, self.shares, self.keeps)

    def data_kind(self, name: str) -> Kind:
        item = self.program.data[name]
        if item.data.has_value:
            return kind_of_data(item.data.value, self.pattern)
        # Data is behind what it is computed from.
        return Unknown() if item.value is None else kind_of(item.value, self.data)

    # ------------------------------------------------------------------ module

    def module(self, options: Options, kinds: Mapping[str, Kind], name: str) -> Module:
        """The derivative as a function called `name`, or nearly so, and everything it needs."""
        function = without_nothing(self.program.functions[self.root])
        function = self.with_outputs(function, options)
        self.program.functions[self.root] = function
        given = {param.name: kinds.get(param.name, Unknown(param.name)) for param in function.params}
        wished = {
            name: Number("float") if kind == Number("int") and name in options.wrt else kind
            for name, kind in given.items()
        }
        wished = with_integers(wished)
        name = self.names.unique(name)
        derivative = self.derive_root(name, function, options, wished)
        known = {**{name: self.kind_in_memory(name) for name in self.data}, **wished}
        checks = (
            *real(function, wished),
            *apart(function, lambda node: kind_of(node, known), self.data_in(derivative)),
        )
        derivative = replace(derivative, body=(*checks, *derivative.body))
        derivative = replace(derivative, doc=documented(function.doc, wished))
        functions = [*self.needed(derivative), derivative]
        self.called[self.root, tuple(wished.values())] = wished
        for (key, _), found in list(self.called.items()):
            self.check_effects(key, found)
        return self.finished(name, functions)

    def with_outputs(self, function: Function, options: Options) -> Function:
        """The function with the outputs that were asked for, if it changes them and returns nothing else."""
        if not options.outputs:
            return function
        unit = self.program.units[self.root]
        missing = next((name for name in options.outputs if name not in function.changes), None)
        reason = f"`outputs` names `{missing}`, which `{function.name}` does not change in place"
        if missing is None and function.gives == "value":
            reason = f"`outputs` is given, and `{function.name}` returns a value"
        elif missing is None:
            return replace(function, outputs=options.outputs)
        raise ArgumentError(
            "S104", reason, unit.place(span_of(unit.node)), "name arrays that it writes its results into"
        )

    def kind_in_memory(self, name: str) -> Kind:
        """The kind of data in a question about memory: of a dict or dataclass no more is known than that it holds something."""
        kind, value = self.data[name], self.program.data[name].data.value
        return Unknown() if isinstance(kind, Other) and (isinstance(value, dict) or is_dataclass(value)) else kind

    def data_in(self, derivative: Function) -> list[str]:
        """The user's own data that the derivative reads."""
        bodies = [function.body for function in (derivative, *self.needed(derivative))]
        read = {name for body in bodies for expression in expressions(body) for name in names_in(expression)}
        return [name for name, item in self.program.data.items() if name in read and item.data.has_value]

    def needed(self, derivative: Function) -> list[Function]:
        """The functions written that the derivative reaches: for a loop more may be tried than are called in the end."""
        reached = _reached(derivative, self.written)
        return [function for name, function in self.written.items() if name in reached]

    def check_effects(self, key: str, kinds: Mapping[str, Kind]) -> None:
        """Refuse calls that could change a value that a derivative reads."""
        function = self.program.functions[key]
        function = values_of(function)
        variables = infer(function, kinds, self.data, self.returns).variables
        check_effects(function, self.program.units[key], kinds_in(variables, self.returns))

    def derive_root(self, name: str, function: Function, options: Options, kinds: dict[str, Kind]) -> Function:
        if options.mode in JACOBIANS:
            return jacobian_root(self, name, function, options, kinds)
        if options.mode in FORWARD:
            return self.forward_root(name, options, kinds)
        if options.has_aux:
            unit = self.program.units[self.root]
            self.program.functions[self.root] = with_constant_aux(self.program.functions[self.root], unit)
        reverse = self.reverse(self.root, options.wrt, kinds, outermost=True)
        self.active = users_names(reverse.primal)
        function, plan = reverse.pullback(name, options) if options.mode == "vjp" else reverse.joint(name, options)
        self.plans.append(plan)
        return function

    def forward_root(self, name: str, options: Options, kinds: dict[str, Kind]) -> Function:
        primal = self.primal(self.root, options.wrt, kinds, outermost=True)
        self.active = users_names(primal)
        if options.mode == "jvp" and not primal.function.changes:
            self.derived["jvp", self.root, options.wrt, tuple(kinds.values())] = name
        functions = self.program.functions.__getitem__
        function = tangent_function(primal, name, options.wrt, self.tangent_of, functions, self.is_pure, True)
        if options.mode == "jvp":
            return function
        alone = tangent_alone(function, self.is_pure, primal.function.changes)
        return (
            alone if options.mode == "tangent" else seeded(alone, options, primal, self.program.functions.__getitem__)
        )

    def note_active(self, primal: Primal) -> None:
        """Remember which variables are active, for the report."""
        self.active = tuple(dict.fromkeys((*self.active, *users_names(primal))))

    def reverse(self, key: str, inputs: tuple[str, ...], kinds: Mapping[str, Kind], outermost: bool = False) -> Reverse:
        function = with_returns_behind_loops(with_named_sequences(self.program.functions[key], self.taken))
        primal = self.prepared(function, key, inputs, kinds, outermost)

        def pair_of(step: CallStep, with_result: bool) -> Pair:
            pair = self.pair_of(step, {**primal.context.kinds, **primal.context.extra}, with_result)
            primal.names.reserve(pair.forward)
            primal.names.reserve(pair.backward)
            return pair

        return Reverse(primal, inputs, self.program.functions.__getitem__, pair_of, self.is_pure)

    def pair_of(self, step: CallStep, env: Mapping[str, Kind], with_result: bool) -> Pair:
        """The forward and backward function of a callee, made when they are first called; `with_result` says whether there
        is an adjoint of what it returns.
        """
        assert isinstance(step.call.func, Routine)
        key = step.call.func.key
        active = tuple(name for name, _ in step.active)
        kinds = self.shared_kinds(key, self.argument_kinds(step.call, env) or {})
        memo = (key, active, tuple(kinds.values()), with_result)
        if memo not in self.pairs:
            HandPairs(self, key, kinds).make(memo, active)
        if memo not in self.pairs:
            name = self.program.names[key]
            changed = tuple(one for one in self.program.functions[key].changes if one in active)
            ahead, back = (self.names.unique(f"{name}_{part}") for part in ("fwd", "bwd"))
            for returned in ((), changed):
                known = set(self.pairs)
                pair = self.pairs[memo] = Pair(ahead, back, True, changed=changed, returned=returned)
                reverse = self.reverse(key, active, kinds)
                found, forward, backward, plan = reverse.pair(pair, self.is_recursive(key), with_result)
                if found.returned == returned or not self.is_recursive(key):
                    break
                # It called itself as a function that does not return them.
                keep(self.pairs, known)
            self.hint(forward, reverse.context.kinds)
            self.hint(backward, {**reverse.context.kinds, **reverse.seed_kinds(changed)})
            self.pairs[memo] = found
            self.plans.append(plan)
            if found.saves:
                self.written[forward.name] = forward
            self.written[backward.name] = backward
        return self.pairs[memo]

    def hint(self, function: Function, kinds: Mapping[str, Kind]) -> None:
        """Remember the kinds of the parameters of a generated function, for its own derivative."""
        own = {param.name: kinds[param.name] for param in function.params if param.name in kinds}
        self.hints[function.name] = {
            name: map_dims(kind, lambda dim: dim if dim == constant_dim(1) else None) for name, kind in own.items()
        }

    def shared_kinds(self, key: str, kinds: dict[str, Kind]) -> dict[str, Kind]:
        """The kinds that calls of one pattern share. Sizes that are made of others, as `n - 1`, are told apart."""
        if self.is_recursive(key):
            return canonical(kinds)[0]
        if all(dim is None or is_basic_size(dim) for k in kinds.values() for dim in dims_of(k)):
            return canonical(kinds, with_numbers=True)[0]
        return kinds

    def is_pure(self, key: str) -> bool:
        """True if calling the function has no effect but its result."""
        if key not in self.program.functions:
            key = next((k for k, name in self.program.names.items() if key in (f"{name}_fwd", f"{name}_bwd")), key)
        if key not in self.purity:
            self.purity[key] = True
            known = set(self.purity)
            function = self.program.functions.get(key)
            self.purity[key] = self.does_nothing_else(function)
            if not self.purity[key]:
                keep(self.purity, known)
        return self.purity[key]

    def does_nothing_else(self, function: Function | None) -> bool:
        return function is not None and not function.changes and not has_effect(function.body, self.is_pure)

    def finished(self, name: str, functions: list[Function]) -> Module:
        """References to functions become names; the primal functions still called are written too."""
        done: list[Function] = []
        waiting = parts = list(functions)
        while waiting:
            named = (replace(f, body=tuple(_with_names(s, self.named) for s in f.body)) for f in waiting)
            done += (with_outs(with_attributes(with_jumps(function))) for function in named)
            new = [key for key, is_written in self.primals.items() if not is_written]
            waiting = [self.written_primal(key) for key in new]
            self.primals = dict.fromkeys(self.primals, True)
        count = len(functions)
        saved = tuple(line for plan in self.plans for line in saved_lines(plan))
        memory = tuple(line for plan in self.plans for line in memory_lines(plan))
        recomputed = tuple(line for plan in self.plans for line in recomputed_lines(plan))
        told = (self.active, saved, memory, recomputed, tuple(self.one_by_one))
        return Module(name, tuple(uncaught([*done[count:], *done[:count]])), tuple(parts), self.hints, *told)

    def written_primal(self, key: str) -> Function:
        function = self.program.plain.get(key, self.program.functions[key])
        function = tested(function, self.doubtful.get(key, frozenset()))
        return replace(function, body=in_place(function.body), name=self.program.names[key])

    def named(self, node: Expr) -> Expr:
        if isinstance(node, Call) and node.func == CONSTANT:
            return self.named(node.args[0])
        if isinstance(node, Routine):
            if node.key in self.program.functions:
                self.primals.setdefault(node.key, False)
                return Name(self.program.names[node.key])
            return Name(node.key)
        return map_children(node, self.named)

    # --------------------------------------------------------------- functions

    def primal(self, key: str, inputs: tuple[str, ...], kinds: Mapping[str, Kind], outermost: bool = False) -> Primal:
        function = self.program.plain.get(key, self.program.functions[key])
        return self.prepared(function, key, inputs, kinds, outermost)

    def prepared(
        self, function: Function, key: str, inputs: tuple[str, ...], kinds: Mapping[str, Kind], outermost: bool
    ) -> Primal:
        function = with_positions(function, self.program.functions.__getitem__)
        looped = self.program.looped.get(key.partition("$")[0])
        if looped is not None:
            check(looped, self.program.units[key], kinds, self.data, self.callees)
        return prepare(
            function,
            self.program.units[key],
            inputs,
            kinds,
            self.data,
            self.callees,
            self.program.names.values(),
            outermost,
        )

    def shares(self, call: Call, kind: Callable[[Expr], Kind]) -> Shared:
        """To what of the results of a function of the program something else may refer."""
        assert isinstance(call.func, Routine)
        key = call.func.key
        if self.is_cached(key):
            return Shared(whole=True)
        kinds = self.kinds_in_call(call, kind)
        memo = (key, tuple(kinds.values()))
        if memo not in self.own:
            self.own[memo] = Shared()
            known = set(self.own)
            function = values_of(self.program.functions[key])
            self.own[memo] = shared_results(function, self.asked_kind_of(function, kinds), self.callees)
            if self.own[memo] != Shared():
                keep(self.own, known)
        return self.own[memo]

    def keeps(self, call: Call, kind: Callable[[Expr], Kind]) -> Kept:
        """The arguments of a call to which something else may refer afterwards."""
        assert isinstance(call.func, Routine)
        every = frozenset((*call.args, *(value for _, value in call.keywords)))
        if call.func.key not in self.program.functions:
            return Kept(every, every)
        bound = bind_call(self.program.functions[call.func.key], call)
        if isinstance(bound, str):
            return Kept(every, every)
        kept = self.kept_by(call.func.key, self.kinds_in_call(call, kind))
        objects, elements = (
            frozenset(bound[name.id] for name in names if isinstance(name, Name))
            for names in (kept.objects, kept.elements)
        )
        return Kept(objects, elements)

    def kinds_in_call(self, call: Call, kind: Callable[[Expr], Kind]) -> dict[str, Kind]:
        """The kinds of the arguments of a call; of a function that calls itself those that hold for all calls."""
        assert isinstance(call.func, Routine)
        found = None if self.is_recursive(call.func.key) else self.kinds_of_arguments(call, kind)
        return self.program.hints.get(call.func.key, {}) if found is None else found

    def asked_kind_of(self, function: Function, kinds: Mapping[str, Kind]) -> Callable[[Expr], Kind]:
        """The kinds of a function's expressions for arguments of these kinds. Nothing is refused for what is only asked."""

        def returns(call: Call, env: Mapping[str, Kind]) -> Kind:
            checks, self.checks = self.checks, False
            found = self.returns(call, env)
            self.checks = checks
            return found

        return kinds_in(infer(function, kinds, self.data, returns).variables, returns)

    def kept_by(self, key: str, kinds: Mapping[str, Kind]) -> Kept:
        """The parameters of a function to which something else may refer when it is done."""
        memo = (key, tuple(kinds.values()))
        if memo not in self.kept:
            self.kept[memo] = Kept()
            known = set(self.kept)
            values = in_values(self.program.functions[key])
            values = rename(values, Names(bound_names(values))).function
            asked = self.asked_kind_of(values, kinds)
            function = without_results(values)
            while True:
                before = self.kept[memo]
                self.kept[memo] = kept_parameters(function, asked, self.callees)
                if self.kept[memo] == before:
                    break
                keep(self.kept, known)
        return self.kept[memo]

    def returns(self, call: Call, env: Mapping[str, Kind]) -> Kind:
        """The kind of the result of calling a function of the program."""
        if not isinstance(call.func, Routine) or call.func.key not in self.program.functions:
            # A function as a value, or a generated one: its results' kinds are noted where it is called.
            return Unknown()
        key = call.func.key
        kinds = self.argument_kinds(call, env)
        if kinds is None:
            return Unknown()
        if any(isinstance(kind, Never) for kind in kinds.values()):
            return Never()
        result = self.results_for(key, kinds)
        return result_of_call(result, call, self.program.functions[key], lambda node: kind_of(node, env, self.returns))

    def results_for(self, key: str, kinds: dict[str, Kind]) -> Kind:
        """The kind of what a function returns and changes for arguments of these kinds."""
        if not self.is_recursive(key):
            return self.result(key, kinds)
        # Sizes may change from call to call without end: only which are equal is followed.
        general, sizes = canonical(kinds)
        return with_sizes(self.result(key, general), {new: old for old, new in sizes.items()})

    def result(self, key: str, kinds: dict[str, Kind]) -> Kind:
        memo = (key, tuple(kinds.values()))
        if memo in self.results:
            self.check_once(key, kinds)
        else:
            # Nothing, while the kind is being found: then recursive calls contribute nothing to it.
            self.results[memo] = Never()
            known = set(self.results)
            function = self.program.functions[key]
            self.check_once(key, kinds)
            function = in_values(function)
            for _ in range(4 if self.is_recursive(key) else 1):
                before = self.results[memo]
                self.results[memo] = join(before, infer(function, kinds, self.data, self.returns).result)
                if self.results[memo] == before:
                    break
                if self.is_recursive(key):
                    keep(self.results, known)
            else:
                if self.is_recursive(key):
                    self.results[memo] = Unknown()
        return self.results[memo]

    def check_once(self, key: str, kinds: dict[str, Kind]) -> None:
        """Refuse changes in place that others may see, in a function that is called with arguments of these kinds."""
        memo = (key, tuple(kinds.values()))
        if self.checks and memo not in self.called:
            self.called[memo] = kinds
            self.check_cached(key)
            hand = self.program.by_hand.get(key)
            if hand is not None and not hand.recompute:
                # It is only called, and may do what it likes to what is not its argument.
                return
            found = check(self.program.functions[key], self.program.units[key], kinds, self.data, self.callees)
            self.doubtful[key] = self.doubtful.get(key, frozenset()) | found.doubtful

    def is_cached(self, key: str) -> bool:
        unit = self.program.units.get(key.partition("$")[0])
        return unit is not None and unit.cached

    def check_cached(self, key: str) -> None:
        """Refuse a function that is run only once for the same arguments, if that makes a difference."""
        if self.is_cached(key) and not self.is_pure(key):
            unit = self.program.units[key.partition("$")[0]]
            reason = f"cannot differentiate the cached function `{unit.name}`, which does more than give its value"
            rewrite = "leave the cache away, or the effects"
            raise DifferentiationError("S201", reason, unit.place(span_of(unit.node)), rewrite)

    def is_recursive(self, key: str) -> bool:
        """True if the function reaches itself through calls."""
        if key not in self.recursive:
            self.recursive[key] = self.reaches_itself(key)
        return self.recursive[key]

    def reaches_itself(self, key: str) -> bool:
        seen: set[str] = set()
        waiting = [key]
        while waiting:
            for expression in expressions(self.program.functions[waiting.pop()].body):
                for part in walk(expression):
                    if isinstance(part, Routine) and part.key not in seen:
                        seen.add(part.key)
                        waiting.append(part.key)
        return key in seen

    def argument_kinds(self, call: Call, env: Mapping[str, Kind]) -> dict[str, Kind] | None:
        return self.kinds_of_arguments(call, lambda node: kind_of(node, env, self.returns))

    def kinds_of_arguments(self, call: Call, kind: Callable[[Expr], Kind]) -> dict[str, Kind] | None:
        assert isinstance(call.func, Routine)
        bound = bind_call(self.program.functions[call.func.key], without_stars(call, kind))
        if isinstance(bound, str):
            return None
        hints = self.program.hints.get(call.func.key, {})
        kinds = {name: kind(arg) for name, arg in bound.items()}
        return {name: hints.get(name, found) if isinstance(found, Unknown) else found for name, found in kinds.items()}

    def tangent_of(self, call: Call, active: tuple[str, ...], env: Mapping[str, Kind]) -> str | HandTangent:
        assert isinstance(call.func, Routine)
        key = call.func.key
        kinds = self.shared_kinds(key, self.argument_kinds(call, env) or {})
        hand = self.program.by_hand.get(key)
        if hand is not None and (hand.jvp is not None or hand.forward is not None):
            rules = HandPairs(self, key, kinds).rules
            rules.check_active(active)
            return HandTangent(hand, rules.tangent())
        memo = ("jvp", key, active, tuple(kinds.values()))
        if memo not in self.derived:
            name = self.names.unique(f"{self.program.names[key]}_jvp")
            self.derived[memo] = name
            primal = self.primal(key, active, kinds)
            self.written[name] = tangent_function(
                primal, name, active, self.tangent_of, self.program.functions.__getitem__, self.is_pure
            )
        return self.derived[memo]


def _with_names(s: Statement, named: Callable[[Expr], Expr]) -> Statement:
    """A statement with names for references, also in a function defined by it."""
    match s:
        case Def(function=inner):
            return replace(s, function=replace(inner, body=tuple(_with_names(line, named) for line in inner.body)))
    return map_blocks(map_heads(s, named), lambda block: tuple(_with_names(line, named) for line in block))


def _reached(function: Function, functions: Mapping[str, Function]) -> set[str]:
    """The functions among `functions` that a function calls, directly or not."""
    seen: set[str] = set()
    waiting = [function]
    while waiting:
        for expression in expressions(waiting.pop().body):
            for part in walk(expression):
                if isinstance(part, Routine) and part.key in functions and part.key not in seen:
                    seen.add(part.key)
                    waiting.append(functions[part.key])
    return seen


def keep(found: dict[Any, Any], known: set[Any]) -> None:
    """Forget what was found after `known`: it may rest on a guess about a function that calls itself through others."""
    for key in found.keys() - known:
        del found[key]


def users_names(primal: Primal) -> tuple[str, ...]:
    """The active variables as the user calls them, in the order they come about."""
    return tuple(dict.fromkeys(user for name, user in primal.original.items() if name in primal.context.active))


def documented(doc: str, kinds: Mapping[str, Kind]) -> str:
    """The user's docstring with the shapes of the arguments that are arrays."""
    letters = (letter for letter in "mnpqrstuvwklhij" if letter not in kinds)
    names: dict[Dim, str] = {}
    parts = []
    for name, kind in (leaf for whole in kinds.items() for leaf in leaves_of(*whole)):
        if isinstance(kind, Array):
            sizes = [_size(dim, names, letters) for dim in kind.shape]
            parts.append(f"{name}: ({', '.join(sizes)}{',' if len(sizes) == 1 else ''})")
    shapes = ", ".join(parts)
    return f"{doc}\n\n{shapes}" if doc and shapes else doc or shapes


def _size(dim: Dim, names: dict[Dim, str], letters: Iterator[str]) -> str:
    """A dimension by its letter; a number where it is one."""
    if dim is None:
        return "?"
    if len(set(dim)) == 1:
        return str(dim[0])
    if dim not in names:
        names[dim] = next(letters, "?")
    return names[dim]
