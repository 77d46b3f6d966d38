"""Arguments that a function changes in place are results of it.

In terms of values `y = f(u, v)` is `y, u = f(u, v)` where `f` changes `u`, and `f` returns `u` as well. What is written is
the call as it was, of a function that changes its argument; the tangent and the adjoint of `u` are changed likewise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from s2sad.analysis.calls import bind_call
from s2sad.analysis.changes import changed_arguments, changed_variables, result_target, root_of
from s2sad.analysis.infer import Returns
from s2sad.analysis.inout import Effect, array_parameters, effect_of, unknown_results
from s2sad.analysis.liveness import always_leaves
from s2sad.analysis.webs import rename
from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Unit
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
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
    Name,
    Opaque,
    Return,
    Routine,
    Statement,
    TupleOf,
    While,
    noted,
)
from s2sad.kind import Array, Dict, Kind, Other, Sequence, Unknown
from s2sad.naming import Names
from s2sad.program import Program
from s2sad.syntax import template
from s2sad.transform.alone import calls_alone
from s2sad.transform.refusing import refused_if
from s2sad.transform.returned import without_returned
from s2sad.transform.values import values_of
from s2sad.traversal import (
    bound_names,
    children,
    expressions,
    map_blocks,
    map_children,
    map_statement,
    names_in,
    statements,
    target_names,
    walk,
)

__all__ = [
    "in_values",
    "real",
    "result_alone",
    "result_of_call",
    "with_effects",
    "with_outputs",
    "with_results",
    "without_results",
]


_PLAIN = ".<plain>"

# ----------------------------------------------------------------- what changes


def with_effects(program: Program, kinds: Mapping[str, Kind], results: Returns = unknown_results) -> Program:
    """The program with what its functions do to their arguments noted in them and where they are called; `kinds` are those
    of the parameters of its first function, `results` gives those of calls.
    """
    if not any(map(_may_change_parameters, program.functions.values())):
        return program
    arrays = array_parameters(program.functions, kinds, results)
    program = _with_plain(program)
    while True:
        noted, effects = _with_effects(program, arrays)
        slim = without_returned(program.functions, effects)
        if slim == program.functions:
            return _without_plain(noted)
        program = replace(program, functions=slim)


def _with_plain(program: Program) -> Program:
    """The program with the other forms of functions as functions of their own."""
    plain = {f"{key}{_PLAIN}": function for key, function in program.plain.items()}
    units = {f"{key}{_PLAIN}": program.units[key] for key in program.plain}
    return replace(program, functions=program.functions | plain, units=program.units | units)


def _without_plain(program: Program) -> Program:
    functions = {key: function for key, function in program.functions.items() if not key.endswith(_PLAIN)}
    units = {key: unit for key, unit in program.units.items() if not key.endswith(_PLAIN)}
    plain = {key: program.functions[f"{key}{_PLAIN}"] for key in program.plain}
    return replace(program, functions=functions, units=units, plain=plain)


def _with_effects(program: Program, arrays: Mapping[str, frozenset[str]]) -> tuple[Program, dict[str, Effect]]:
    effects: dict[str, Effect] = {}
    functions = program.functions
    for _ in range(3 * len(functions) + 3):
        functions = {key: _noted(key, program, effects) for key in program.functions}
        found = {
            key: effect for key, f in functions.items() if (effect := _effect(f, arrays.get(key, frozenset()))).changes
        }
        if found == effects:
            return replace(program, functions=functions), effects
        effects = found
    raise DifferentiationError("S301", "cannot tell which functions change their arguments", None, "return new values")


@noted
def _may_change_parameters(function: Function) -> bool:
    values = values_of(function).body
    params = {param.name for param in function.params}
    updated = {s.target.id for s in statements(values) if isinstance(s, Aug) and isinstance(s.target, Name)}
    return bool(params & updated) or any(not params.isdisjoint(changed_variables(s)) for s in statements(values))


def _effect(function: Function, arrays: frozenset[str]) -> Effect:
    params = {param.name for param in function.params}
    if not any(params & set(names_in(arg)) for arg in _all_changed(function)) and not _may_change_parameters(function):
        return Effect()
    values = values_of(function)
    return effect_of(rename(values, Names(bound_names(values))).function, arrays)


def _all_changed(function: Function) -> Iterator[Expr]:
    """The arguments that calls in the function change."""
    for expression in expressions(function.body):
        for part in walk(expression):
            yield from changed_arguments(part)


def _noted(key: str, program: Program, effects: Mapping[str, Effect]) -> Function:
    """A function with these effects noted; calls that change arguments stand alone."""
    function, own = program.functions[key], effects.get(key, Effect())
    notes = _Notes(program, program.units[key], effects, Names(bound_names(function)))
    return replace(function, body=notes.block(function.body), changes=own.changes, deep=own.deep, gives=own.gives)


@dataclass(frozen=True)
class _Notes:
    program: Program
    unit: Unit
    effects: Mapping[str, Effect]
    names: Names

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        s = self.told_again(s)
        alone = map_statement(map_blocks(s, lambda block: ()), self.noted)
        if not any(changed_arguments(part) for part in _parts(alone)):
            return (map_blocks(s, self.block),)
        self.check_order(alone)
        match alone:
            case If(test=test):
                name = Name(self.names.unique("t"))
                before = self.lines(Assign(name, test, origin=s.origin))
                return (*before, map_blocks(replace(s, test=name), self.block))  # type: ignore[call-arg]
            case For(iterable=iterable):
                self.check_generator(iterable)
                name = Name(self.names.unique("items"))
                before = self.lines(Assign(name, iterable, origin=s.origin))
                return (*before, map_blocks(replace(s, iterable=name), self.block))  # type: ignore[call-arg]
            case While():
                calls = [part for part in _parts(alone) if changed_arguments(part)]
                raise self.refusal(calls[0], "an argument in each round", "call it in the loop's body")
        return self.lines(alone)

    def told_again(self, s: Statement) -> Statement:
        """A call in terms of values whose result is, as is known by now, what it changes: as it was written."""
        match s:
            case Assign(
                target=target, value=Call(func=Routine(key=key, gives="value", spread=True) as func) as call
            ) if self.effects.get(key, Effect()).gives != "value":
                plain = replace(call, func=replace(func, spread=False))
                if target_names(target)[-len(func.changes) :] != [root_of(arg) for arg in changed_arguments(call)]:
                    raise self.refusal(call, "an argument that has two names", "return new values")
                result = result_target(s)
                if result is None or result == Name("_"):
                    return Evaluate(plain, origin=s.origin)
                return replace(s, target=result, value=plain)
        return s

    def check_generator(self, iterable: Expr) -> None:
        """Refuse a loop over a generator function that changes an argument between two rounds."""
        call = iterable.args[0] if isinstance(iterable, Call) and iterable.func == Global("enumerate") else iterable
        key = call.func.key if isinstance(call, Call) and isinstance(call.func, Routine) else ""
        if changed_arguments(call) and self.program.functions[key].yields:
            raise self.refusal(call, "an argument from round to round", "let the loop run over a list of it")

    def noted(self, node: Expr) -> Expr:
        """An expression with the arguments noted that the calls in it change."""
        node = map_children(node, self.noted)
        match node:
            case Call(func=Routine(key=key) as func) if key in self.effects:
                effect = self.effects[key]
                if key in self.program.by_hand:
                    raise self.refusal(
                        node, "an argument, and whose derivative is no ordinary one,", "return new values"
                    )
                changes, deep = (self.places(node, names) for names in (effect.changes, effect.deep))
                return replace(node, func=replace(func, changes=changes, deep=deep, gives=effect.gives))
            case Opaque() | Call(func=Global() | Attribute()):
                for part in children(node):
                    self.check_given(part, node)
        return node

    def check_given(self, part: Expr, node: Expr) -> None:
        """Refuse a function that changes something where a library calls it, or a text: when it does is not followed."""
        match part:
            case Closure(key=key) | Routine(key=key) if key in self.effects:
                reason = f"cannot differentiate this use of a function that changes `{self.effects[key].changes[0]}` in place"
                place = self.unit.place(part.span or node.span)
                raise DifferentiationError("S301", reason, place, "use a function that changes nothing")

    def places(self, call: Call, changed: tuple[str, ...]) -> tuple[int | str, ...]:
        """Where in the call the arguments for these parameters stand."""
        assert isinstance(call.func, Routine)
        function = self.program.functions[call.func.key]
        bound = bind_call(function, call)
        if isinstance(bound, str):
            raise self.refusal(call, bound, "give each argument by position or name")
        positional = [param.name for param in function.params if param.form != "keyword"][: len(call.args)]
        given: dict[str, int | str] = {name: place for place, name in enumerate(positional)}
        given |= {str(name): str(name) for name, _ in call.keywords}
        missing = next((name for name in changed if name not in given), None)
        if missing is not None:
            raise self.refusal(call, f"the default of `{missing}`", f"give `{missing}`")
        return tuple(given[name] for name in changed)

    def check_order(self, s: Statement) -> None:
        """Refuse a statement that reads what a call in it changes then: the call would come first."""
        read: Counter[str] = Counter()
        for part in _in_order(s):
            read.update([part.id] if isinstance(part, Name) else [])
            inside = Counter(own.id for own in _operands_first(part) if isinstance(own, Name))
            if any(read[name] > inside[name] for name in map(root_of, changed_arguments(part)) if name is not None):
                reason = "what the statement has read before"
                raise self.refusal(part, reason, "make the call a statement of its own")

    def lines(self, s: Statement) -> Block:
        """The statement with its calls that change arguments as statements of their own."""
        if isinstance(s, Evaluate) and not changed_arguments(s.value):
            s = Assign(Name(self.names.unique("t")), s.value, origin=s.origin)
        found = self.evaluated(s) if isinstance(s, Evaluate) else calls_alone((s,), self.names)
        return self.calls(found)

    def calls(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.call(map_blocks(s, self.calls)))

    def evaluated(self, s: Evaluate) -> Block:
        """A call for its effect, with those in its arguments as statements of their own."""
        *before, last = calls_alone((Assign(Name("_"), s.value, origin=s.origin),), self.names)
        assert isinstance(last, Assign)
        return (*before, replace(s, value=last.value))

    def call(self, s: Statement) -> Block:
        """A call that changes arguments, and what its result is assigned to."""
        nested = [part for part in _parts(s) if changed_arguments(part)]
        value = s.value if isinstance(s, Assign | Evaluate) else None
        if any(part is not value for part in nested):
            raise self.refusal(
                nested[-1], "an argument where it may not be evaluated", "make it a statement of its own"
            )
        if not isinstance(value, Call) or not nested:
            return (s,)
        assert isinstance(value.func, Routine)
        if value.func.spread:
            return (s,)
        before, call = self.with_variables(value, s)
        alone = Evaluate(call, origin=s.origin)
        assert isinstance(call.func, Routine)
        if not isinstance(s, Assign):
            return (*before, alone)
        if call.func.gives == "value":
            return (*before, *self.bound_apart(replace(s, value=call)))
        result = changed_arguments(call)[0] if call.func.gives == "argument" else Const(None)
        return (*before, alone if s.target != result else replace(s, value=call), *self.result(s, result))

    def result(self, s: Assign, result: Expr) -> Block:
        return () if s.target == result else (Assign(s.target, result, origin=s.origin),)

    def bound_apart(self, s: Assign) -> Block:
        """`u = f(u)`, which loses what it changes, in two steps."""
        if set(names_in(s.target)).isdisjoint(changed_variables(s)):
            return (s,)
        name = Name(self.names.unique("t"))
        return (replace(s, target=name), Assign(s.target, name, origin=s.origin))

    def with_variables(self, call: Call, s: Statement) -> tuple[Block, Call]:
        """A call in which what is changed has a name."""
        changed = changed_arguments(call)
        roots = [root_of(arg) for arg in changed]
        named = {arg: Name(self.names.unique("t")) for arg, root in zip(changed, roots, strict=True) if root is None}
        if named:
            last = max(position for position, arg in enumerate(call.args) if arg in named) if call.args else -1
            for arg in call.args[:last]:
                if any(isinstance(part, Call) for part in walk(arg)):
                    named.setdefault(arg, Name(self.names.unique("t")))
        lines = tuple(Assign(named[arg], arg, origin=s.origin) for arg in call.args if arg in named)
        lines += tuple(Assign(named[arg], arg, origin=s.origin) for _, arg in call.keywords if arg in named)
        args = tuple(named.get(arg, arg) for arg in call.args)
        return lines, replace(call, args=args, keywords=tuple((key, named.get(arg, arg)) for key, arg in call.keywords))

    def refusal(self, node: Expr, what: str, rewrite: str) -> DifferentiationError:
        reason = f"cannot differentiate a call that changes {what} in place"
        return DifferentiationError("S301", reason, self.unit.place(node.span), rewrite)


def _in_order(s: Statement) -> Iterator[Expr]:
    """All expressions that a statement evaluates itself, in this order, operands first."""
    heads = iter((s.value,)) if isinstance(s, Assign) else expressions((map_blocks(s, lambda block: ()),))
    for expression in heads:
        yield from _operands_first(expression)


def _operands_first(node: Expr) -> Iterator[Expr]:
    # An object that is passed on as it is may change until the call: calls of the program come in their order.
    is_call = isinstance(node, Call) and isinstance(node.func, Routine)
    for child in children(node):
        if not (is_call and isinstance(child, Name)):
            yield from _operands_first(child)
    yield node


def _parts(s: Statement) -> Iterator[Expr]:
    """All expressions in a statement, without those of the statements in it."""
    for expression in expressions((map_blocks(s, lambda block: ()),)):
        yield from walk(expression)


# --------------------------------------------------------------------- results


def real(function: Function, kinds: Mapping[str, Kind]) -> Block:
    """A statement that refuses complex arguments of the outermost function where their kinds are not known: it is written for
    real ones.
    """
    unknown = tuple(
        Name(name) for name, kind in kinds.items() if isinstance(kind, Unknown) and not isinstance(kind, Dict)
    )
    if not unknown:
        return ()
    test = template("_is_complex(x)", x=unknown[0] if len(unknown) == 1 else TupleOf(unknown))
    text = "complex arguments have to be declared: " + ", ".join(f"{name.id}: complex" for name in unknown)
    line = refused_if(test, text)
    return () if line in function.body else (line,)


@noted
def in_values(function: Function) -> Function:
    """A function in terms of values, which returns what it changes."""
    values = values_of(function)
    return with_results(rename(values, Names(bound_names(values))).function) if function.changes else values


def with_results(function: Function) -> Function:
    """The function with the parameters that it changes among its results."""
    if not function.changes:
        return function
    body = function.body if always_leaves(function.body) else (*function.body, Return(Const(None)))
    return replace(function, body=tuple(_with_results(s, function) for s in body))


def _with_results(s: Statement, function: Function) -> Statement:
    if not isinstance(s, Return):
        return map_blocks(s, lambda block: tuple(_with_results(inner, function) for inner in block))
    own = (s.value or Const(None),) if function.gives == "value" else ()
    items: tuple[Expr, ...] = (*own, *map(Name, function.changes))
    return replace(s, value=items[0] if len(items) == 1 else TupleOf(items))


def with_outputs(function: Function) -> Function:
    """The differentiated function returning those parameters that are its outputs."""
    returning = with_results(replace(function, changes=function.outputs, gives="nothing"))
    return replace(function, body=returning.body)


def without_results(function: Function) -> Function:
    """The function that changes its parameters again, and returns nothing but its result."""
    if not function.changes:
        return function
    return replace(function, body=tuple(_without_results(s, function) for s in function.body))


def _without_results(s: Statement, function: Function) -> Statement:
    if not isinstance(s, Return):
        return map_blocks(s, lambda block: tuple(_without_results(inner, function) for inner in block))
    if function.gives != "value":
        return replace(s, value=Const(None))
    assert isinstance(s.value, TupleOf)
    return replace(s, value=s.value.items[0])


def result_alone(result: Kind, function: Function) -> Kind:
    """The kind of what a function returns, of that of all its results."""
    if not function.changes:
        return result
    if function.gives != "value":
        return Other("NoneType")
    return result.items[0] if isinstance(result, Sequence) and result.items else Unknown()


def result_of_call(result: Kind, call: Call, function: Function, kind_of: Callable[[Expr], Kind]) -> Kind:
    """The kind of a call in terms of values, from that of all results of the function: an array stays what it was."""
    assert isinstance(call.func, Routine)
    if not function.changes:
        return result
    alone = result_alone(result, function)
    if not call.func.spread:
        return alone
    first = (alone,) if function.gives == "value" else ()
    count = len(first) + len(function.changes)
    found = result.items if isinstance(result, Sequence) and count > 1 else (result,)
    given = found[len(first) :] if len(found) == count else (Unknown(),) * len(function.changes)
    changed = tuple(_changed_kind(arg, kind, kind_of) for arg, kind in zip(changed_arguments(call), given, strict=True))
    kinds = (*first, *changed)
    return kinds[0] if count == 1 else Sequence("tuple", kinds)


def _changed_kind(arg: Expr, kind: Kind, kind_of: Callable[[Expr], Kind]) -> Kind:
    """The kind of the variable of which `arg` is a part that a call has changed, and left as something of this kind."""
    whole = Name(root_of(arg) or "")
    own = kind_of(whole)
    return own if isinstance(own, Array | Unknown) or arg != whole else kind
