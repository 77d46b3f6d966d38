"""Forward mode: the primal program with its tangents interleaved.

Each statement is preceded by the one that computes the tangent of what it assigns, or followed by it where the tangent is
shorter in terms of the new value. A variable `x` has the tangent `x_dot`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from s2sad.analysis.calls import bind_call, without_stars
from s2sad.analysis.changes import changed_variables, is_change, renews, result_target
from s2sad.analysis.liveness import always_leaves
from s2sad.analysis.loops import Elements, Enumerated, Iteration, Reversed, Zipped, iteration
from s2sad.analysis.ownership import is_new
from s2sad.ir import (
    Assign,
    Block,
    Call,
    Compare,
    Const,
    D,
    DictOf,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    If,
    ListOf,
    Name,
    Param,
    Result,
    Return,
    Routine,
    Statement,
    Try,
    TupleOf,
    Unary,
    While,
    With,
)
from s2sad.kind import Array, Kind, List, Number, Sequence, Unknown, described, may_be_active
from s2sad.naming import Names, root_name
from s2sad.rules import registry
from s2sad.rules.contexts import holds_for_derivatives
from s2sad.simplify.algebra import simplify
from s2sad.simplify.in_place import in_place
from s2sad.simplify.joined import with_joined_lists
from s2sad.simplify.products import with_plain_products
from s2sad.simplify.shapes import without_helpers
from s2sad.simplify.updates import with_updates
from s2sad.syntax import template, variable
from s2sad.transform.apart import apart, guarded_variables, is_tangent, tangents_are_guarded
from s2sad.transform.byhand import HandTangent, in_forward_mode
from s2sad.transform.containers import copied, unpacked, zero_of
from s2sad.transform.differential import differential, leaves
from s2sad.transform.factor import factor
from s2sad.transform.hoist import is_work, with_names
from s2sad.transform.primal import Primal, as_written
from s2sad.transform.typed import typed
from s2sad.traversal import map_children, map_statement, names_in, rebuild, substitute, target_names, walk

__all__ = ["CalleeTangent", "tangent_function"]

#: The tangent function of a callee, for a call and the parameters that are active in it: its name, or one given by hand.
CalleeTangent = Callable[[Call, tuple[str, ...], Mapping[str, Kind]], str | HandTangent]


def tangent_function(
    primal: Primal,
    name: str,
    inputs: tuple[str, ...],
    callee: CalleeTangent,
    functions: Callable[[str], Function],
    is_pure: Callable[[str], bool],
    outermost: bool = False,
) -> Function:
    """`name(*args, *tangents) -> (y, y_dot)`, the tangents being those of the parameters `inputs`."""
    # A tangent has the form of its primal: nothing is taken apart.
    forward = _Forward(
        replace(primal, context=replace(primal.context, apart=False)), callee, functions, is_pure, outermost
    )
    dots = {wrt: forward.dot(wrt) for wrt in inputs}
    body = (*forward.unmoved(inputs), *forward.own_tangents(inputs), *forward.block(primal.function.body))
    if not always_leaves(body):
        body = (*body, *forward.returned(Return(Const(None))))
    if body[-1:] == (Return(),):
        body = body[:-1]
    params = tuple(
        replace(param, default=None) if param.form != "keyword" else param for param in primal.function.params
    )
    positional = tuple(param for param in params if param.form != "keyword")
    keyword = tuple(param for param in params if param.form == "keyword")
    tangents = tuple(Param(dots[wrt]) for wrt in inputs)
    body = with_updates(forward.restored(body), forward.is_number)
    changes = primal.function.changes
    dotted = tuple(dots[wrt] for wrt in inputs if wrt in changes and not outermost)
    return Function(name, (*positional, *tangents, *keyword), body, primal.function.doc, (*changes, *dotted))


@dataclass
class _Forward:
    primal: Primal
    callee: CalleeTangent
    functions: Callable[[str], Function]
    is_pure: Callable[[str], bool]
    outermost: bool = False
    dots: dict[str, str] = field(default_factory=dict)
    results: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context = self.primal.context
        self.names: Names = self.primal.names
        self.own_names = guarded_variables(self.primal.function, self.primal.original)

    def original(self, name: str) -> str:
        """The user's name of a variable, which several of them may have."""
        return name if name in self.own_names else self.primal.original.get(name, name)

    def dot(self, name: str) -> str:
        """The name of a variable's tangent."""
        user = self.original(name)
        if user not in self.dots:
            self.dots[user] = self.names.unique(f"{user}_dot")
        return self.dots[user]

    def unmoved(self, inputs: tuple[str, ...]) -> list[Statement]:
        """Parameters that become active later begin with a tangent of zero."""
        others = [p.name for p in self.primal.function.params if p.name in self.context.active and p.name not in inputs]
        return [Assign(Name(self.dot(name)), zero_of(Name(name), self.context.kind_of_name(name))) for name in others]

    def own_tangents(self, inputs: tuple[str, ...]) -> list[Statement]:
        """The tangents of what the outermost function changes are not the caller's: they would change with it."""
        changes = [name for name in inputs if self.outermost and name in self.primal.function.changes]
        return [
            Assign(Name(self.dot(name)), copied(Name(self.dot(name)), self.context.kind_of_name(name)))
            for name in changes
        ]

    def is_number(self, name: str) -> bool:
        """True for the user's variable, or its tangent, if every variable of that name is a number."""
        users = {dot: user for user, dot in self.dots.items()}
        user = users.get(name, name)
        kinds = [kind for own, kind in self.context.kinds.items() if self.original(own) == user]
        return bool(kinds) and all(isinstance(kind, Number) for kind in kinds)

    def restored(self, block: Block) -> Block:
        """The user's names again: in forward mode a variable may be overwritten."""
        renamed = (map_statement(s, lambda node: _renamed(node, self.original)) for s in block)
        return in_place(with_joined_lists(tuple(map(as_written, renamed))))

    # ------------------------------------------------------------- statements

    def block(self, block: Block) -> Block:
        return tuple(result for s in block for result in self.statement(s))

    def statement(self, s: Statement) -> list[Statement]:
        match s:
            case Assign(target=target, value=Call(func=Routine()) as call) if self.context.flows(
                target, call
            ) and not registry.has_rule(call):
                return self.call(s, target, call)
            case Assign(target=TupleOf() as target, value=Call() as value) if is_change(value):
                return self.pop(s, target, value)
            case Assign(target=Name(id=name), value=value):
                return self.assign(s, name, value)
            case Assign(target=TupleOf() as target, value=value):
                return self.unpack(s, target, value)
            case If(then=then, orelse=orelse):
                return [replace(s, then=self.block(then), orelse=self.block(orelse))]
            case While(body=body):
                return [replace(s, body=self.block(body))]
            case Try():
                return [self.attempt(s)]
            case With(body=body):
                self.context.check_bound(s)
                return [replace(s, body=self.block(body))]
            case For():
                return [self.loop(s)]
            case Return():
                return self.returned(s)
        return [s]

    # ---------------------------------------------------------------- attempts

    def attempt(self, s: Try) -> Statement:
        """The tangents of the body stand in the `else`, if the handler might catch what only they raise."""
        self.context.check_attempt(s)
        handlers = tuple(replace(handler, body=self.block(handler.body)) for handler in s.handlers)
        done = replace(s, handlers=handlers, orelse=self.block(s.orelse), final=self.block(s.final))
        if not tangents_are_guarded(s):
            return replace(done, body=self.block(s.body))
        lines = [line for inner in s.body for line in self.guarded_lines(inner)]
        found = apart(lines, self.original)
        if found is None:
            raise self.context.refused_attempt(s)
        body, tangents = found
        return replace(done, body=body, orelse=(*tangents, *done.orelse))

    def guarded_branch(self, s: If) -> list[tuple[Statement, bool]]:
        """A branch in two: the primal's, and that of the tangents."""
        test = Name(self.names.unique("branch"))
        self.context.note(test.id, Number("bool"))
        sides = [[line for inner in side for line in self.guarded_lines(inner)] for side in (s.then, s.orelse)]
        split = [apart(side, self.original) for side in sides]
        found = [pair for pair in split if pair is not None]
        if len(found) < len(split):
            raise self.context.refused_attempt(s)
        (then, then_dots), (orelse, orelse_dots) = found
        if not then_dots and not orelse_dots:
            return [(replace(s, then=then, orelse=orelse), False)]
        primal = replace(s, test=test, then=then, orelse=orelse)
        tangents = If(test, then_dots, orelse_dots) if then_dots else If(Unary("not", test), orelse_dots)
        return [(Assign(test, s.test), False), (primal, False), (tangents, True)]

    def guarded_context(self, s: With) -> list[tuple[Statement, bool]]:
        """A context that holds for both the primal's lines and the tangent's."""
        found = apart([line for inner in s.body for line in self.guarded_lines(inner)], self.original)
        if found is None:
            raise self.context.refused_attempt(s)
        body, dots = found
        return [(replace(s, body=body), False), *([(replace(s, body=dots), True)] if dots else [])]

    def guarded_lines(self, s: Statement) -> list[tuple[Statement, bool]]:
        """The lines of a statement, and which of them are the tangent's."""
        match s:
            case If():
                return self.guarded_branch(s)
            case With(context=context) if holds_for_derivatives(context):
                return self.guarded_context(s)
        lines = self.statement(s)
        found = [(line, is_tangent(line, self.dots.values())) for line in lines]
        certain = [(line, own) for line, own in found if own is not None]
        if len(certain) == len(found):
            return certain
        match s, lines:
            case Assign(value=Call(func=Routine(key=key))), [
                Assign(target=TupleOf(items=(_, dots))) as call,
                *rest,
            ] if self.is_pure(key):
                # The callee runs twice: once where its exceptions are caught, and once for the tangent.
                alone = replace(call, target=TupleOf((Name("_"), dots)))
                return [(s, False), (alone, True), *((line, True) for line in rest)]
        raise self.context.refused_attempt(s)

    def tangent(self, value: Expr) -> Expr | None:
        """The differential of an expression, read as its tangent."""
        linear = differential(value, self.context)
        if linear is None:
            return None
        linear = in_forward_mode(linear, self.context)
        linear = factor(without_helpers(linear, self.context.kind), value, self.context)
        return self.apart(typed(linear, value, self.context.kind), value)

    def apart(self, linear: Expr, value: Expr) -> Expr:
        """The tangent of a new object: not that of another one, which changes with it."""
        match linear, value:
            case Call(args=(*before, new)), Call(args=(*_, added)) if is_change(linear) and is_change(value):
                return replace(linear, args=(*before, self.apart(new, added)))
            case (
                (ListOf(items=items), ListOf(items=values))
                | (DictOf(items=items), DictOf(items=values))
                | (TupleOf(items=items), TupleOf(items=values))
            ) if len(items) == len(values):
                return rebuild(linear, tuple(map(self.apart, items, values)))
        kind = self.context.kind(value)
        changes = any(root_name(leaf) in self.context.changing for leaf in leaves(linear))
        if not changes or isinstance(kind, Number) or is_new(linear) or not is_new(value):
            return linear
        return copied(linear, kind)

    def dotted(self, linear: Expr) -> Expr:
        """A differential as the tangent's expression."""
        return self.with_dots(with_plain_products(linear, self.context.kind))

    def with_dots(self, linear: Expr) -> Expr:
        if isinstance(linear, D):
            root = root_name(linear.id)
            return substitute(variable(linear.id), {Name(root): Name(self.dot(root))})
        return map_children(linear, self.with_dots)

    def assign(self, s: Assign, name: str, value: Expr) -> list[Statement]:
        if name not in self.context.active:
            return [s]
        linear = self.tangent(value)
        target = Name(self.dot(name))
        if is_change(value) and linear in (None, D(name)):
            return [s]
        if linear is None:
            if registry.is_zero(registry.key_of(value)) and may_be_active(self.context.kind(value)):
                return [Assign(target, value), s]
            whole = value if isinstance(value, ListOf) else Name(name)
            zero = zero_of(whole, self.context.kind(whole))
            return [s, Assign(target, zero)] if reads_any(zero) else [Assign(target, zero), s]
        if renews(value, self.context.kind) and (lines := self.renewed(s, name, linear)):
            return lines
        before, value, linear = self.named(value, linear, Result())
        if name in self.context.changing:
            linear = self.own(linear, s.value)
        if Result() not in walk(linear):
            return [*before, Assign(target, self.dotted(linear)), replace(s, value=value)]
        if self.reads_old(linear, name):
            new = Name(self.names.unique(f"{self.original(name)}_new"))
            tangent = self.dotted(substitute(linear, {Result(): new}))
            return [*before, Assign(new, value), Assign(target, tangent), replace(s, value=new)]
        return [
            *before,
            replace(s, value=value),
            Assign(target, self.dotted(substitute(linear, {Result(): Name(name)}))),
        ]

    def renewed(self, s: Assign, name: str, linear: Expr) -> list[Statement]:
        """An array whose elements all get new values, and behind it its tangent, if that is in terms of these."""
        assert isinstance(s.value, Call) and isinstance(linear, Call)
        before, new, tangent = self.named(s.value.args[2], linear.args[2], Result())
        if Result() not in walk(tangent) or self.reads_old(tangent, name):
            return []
        changed = replace(linear, args=(*linear.args[:2], substitute(tangent, {Result(): Name(name)})))
        value = replace(s.value, args=(*s.value.args[:2], new))
        return [*before, replace(s, value=value), Assign(Name(self.dot(name)), self.dotted(changed))]

    def own(self, linear: Expr, value: Expr) -> Expr:
        """The tangent of what is changed in place, or put into it: an object of its own where the value is one."""
        match linear, value:
            case Call(args=(*_, new)), Call(args=(old, *_, added)) if is_change(linear):
                if isinstance(self.context.kind(old), Array):
                    return linear
                own = self.own(new, added) if is_change(new) else self.own_element(new, added)
                return replace(linear, args=(*linear.args[:-1], own))
            case ListOf(items=items), ListOf(items=values):
                return replace(linear, items=tuple(map(self.own_element, items, values)))
            case DictOf(items=items), DictOf(items=values):
                return replace(linear, items=tuple(map(self.own_element, items, values)))
        return linear if is_new(linear) else copied(linear, self.context.kind(value))

    def own_element(self, linear: Expr, value: Expr) -> Expr:
        made = is_new(value) or (isinstance(value, Name) and value.id in self.results)
        return self.own(linear, value) if made else linear

    def pop(self, s: Assign, target: TupleOf, value: Call) -> list[Statement]:
        """The last element of a list and the list without it."""
        linear = self.tangent(value)
        if linear is not None:
            return [Assign(self.dotted_target(target), self.dotted(linear)), s]
        taken = target.items[0]
        if not isinstance(taken, Name) or taken.id not in self.context.active:
            return [s]
        # It becomes the sum, say, of what carries a derivative.
        return [s, Assign(Name(self.dot(taken.id)), zero_of(taken, self.context.kind(taken)))]

    def reads_old(self, linear: Expr, name: str) -> bool:
        """True if the tangent reads, beside the new value, the one that the assignment overwrites."""
        user = self.original(name)
        return any(self.original(other) == user for other in names_in(linear))

    def named(self, value: Expr, linear: Expr, result: Expr | None) -> tuple[list[Statement], Expr, Expr]:
        """Give names to what both the value and its tangent need; the whole value is the Result, if there is one."""
        found = with_names(value, (linear,), result, self.context, self.names.unique, is_work)
        before: list[Statement] = [Assign(Name(name), part) for name, part in found.parts]
        return before, found.value, simplify(found.linear[0], self.context.kind)

    def unpack(self, s: Assign, target: TupleOf, value: Expr) -> list[Statement]:
        pairs = [(item, part) for item, part in unpacked(target, value) if isinstance(item, Name)]
        linears = [(item, self.unpacked_tangent(item, part)) for item, part in pairs if item.id in self.context.active]
        zeros = [
            Assign(Name(self.dot(item.id)), zero_of(item, self.context.kind(item)))
            for item, linear in linears
            if linear is None
        ]
        moving = [(Name(self.dot(item.id)), self.dotted(linear)) for item, linear in linears if linear is not None]
        if not moving:
            return [s, *zeros]
        whole = differential(value, self.context) if len(moving) == len(pairs) else None
        if isinstance(whole, D):
            return [Assign(self.dotted_target(target), self.dotted(whole)), s]
        if len(moving) == 1:
            return [Assign(*moving[0]), s, *zeros]
        dots, tangents = zip(*moving, strict=True)
        return [Assign(TupleOf(dots), TupleOf(tangents)), s, *zeros]

    def unpacked_tangent(self, item: Name, part: Expr) -> Expr | None:
        linear = self.tangent(part)
        return linear if linear is None or item.id not in self.context.changing else self.own(linear, part)

    # ------------------------------------------------------------------ calls

    def call(self, s: Assign, target: Expr, call: Call) -> list[Statement]:
        assert isinstance(call.func, Routine)
        function = self.functions(call.func.key)
        bound = bind_call(function, without_stars(call, self.context.kind))
        if isinstance(bound, str):
            raise self.context.refusal(
                "S201", f"cannot differentiate this call: {bound}", call, "give each argument by position or name"
            )
        active = tuple(name for name, arg in bound.items() if self.context.carries(arg))
        tangents = []
        for name in active:
            linear = self.tangent(bound[name])
            zero = zero_of(bound[name], self.context.kind(bound[name]))
            tangents.append(zero if linear is None else self.dotted(linear))
        forms = {param.name: param.form for param in function.params}
        args = tuple(arg for name, arg in bound.items() if forms[name] != "keyword")
        keywords = tuple((name, arg) for name, arg in bound.items() if forms[name] == "keyword")
        callee = self.callee(call, active, self.context.kinds)
        changed = changed_variables(s)
        result = result_target(s) if changed else target
        target = Name("_") if result is None else result
        dots = self.dotted_target(target)
        self.results.update(target_names(target))
        if isinstance(callee, HandTangent):
            zeros = {name: zero_of(arg, self.context.kind(arg)) for name, arg in bound.items()}
            given = {name: zeros[name] for name in zeros if name not in callee.hand.nondiff}
            by_hand = callee.call(bound, {**given, **dict(zip(active, tangents, strict=True))})
            made = [Assign(TupleOf((target, dots)), by_hand, origin=s.origin), *callee.test(dots, target)]
        else:
            derivative = Call(Routine(self.names.reserve(callee)), (*args, *tangents), keywords)
            both = target == dots == Name("_")
            made = [
                Evaluate(derivative, origin=s.origin)
                if both
                else Assign(TupleOf((target, dots)), derivative, origin=s.origin)
            ]
        return [*made, *self.own_results(target)]

    def own_results(self, target: Expr) -> list[Statement]:
        """The tangents of results that are changed in place: a callee may hand back a tangent that it was given."""
        found = [name for name in target_names(target) if name in self.context.changing & self.context.active]
        return [
            Assign(Name(self.dot(name)), copied(Name(self.dot(name)), self.context.kind_of_name(name)))
            for name in found
        ]

    def dotted_target(self, target: Expr) -> Expr:
        """The tangents of a target; what carries none is thrown away."""
        match target:
            case Name(id=name) if name in self.context.active:
                return Name(self.dot(name))
            case TupleOf(items=items):
                return TupleOf(tuple(map(self.dotted_target, items)))
        return Name("_")

    # ------------------------------------------------------------------ loops

    def loop(self, s: For) -> Statement:
        target, iterable = self.iterate(s.target, s.iterable, iteration(s.iterable))
        return replace(s, target=target, iterable=iterable, body=self.block(s.body))

    def iterate(self, target: Expr, iterable: Expr, way: Iteration) -> tuple[Expr, Expr]:
        """The loop's head with the tangents of its elements beside them."""
        if not any(name in self.context.active for name in names_in(target)):
            return target, iterable
        assert isinstance(iterable, Expr)
        match way, iterable:
            case Elements(sequence=sequence), _:
                linear = self.elements_tangent(sequence)
                return TupleOf((target, self.dotted_target(target))), _zip(sequence, self.dotted(linear))
            case Enumerated(inner=inner), Call(args=(part, *rest)) if isinstance(target, TupleOf):
                position, item = target.items
                item, part = self.iterate(item, part, inner)
                return TupleOf((position, item)), replace(iterable, args=(part, *rest))
            case Zipped(parts=parts), Call(args=args) if isinstance(target, TupleOf):
                target, zipped = self.iterate_zip(target, args, parts)
                return target, replace(zipped, keywords=iterable.keywords)
            case Reversed(inner=Elements(sequence=sequence)), Call():
                linear = self.elements_tangent(sequence)
                pair = (Call(Global("reversed"), (part,)) for part in (sequence, self.dotted(linear)))
                return TupleOf((target, self.dotted_target(target))), _zip(*pair)
        raise self.context.refusal("S201", "cannot differentiate this loop over active values", iterable)

    def elements_tangent(self, sequence: Expr) -> Expr:
        """The tangent of what a loop runs over, zeros for what does not vary."""
        linear, kind = self.tangent(sequence), self.context.kind(sequence)
        if linear is not None:
            return linear
        return (
            zero_of(sequence, kind) if isinstance(kind, List | Sequence) else template("np.zeros_like(x)", x=sequence)
        )

    def iterate_zip(self, target: TupleOf, args: tuple[Expr, ...], parts: tuple[Iteration, ...]) -> tuple[Expr, Call]:
        targets: list[Expr] = []
        iterables: list[Expr] = []
        for item, arg, way in zip(target.items, args, parts, strict=True):
            inner_target, inner = self.iterate(item, arg, way)
            if inner is not arg and isinstance(inner, Call) and isinstance(way, Elements | Reversed):
                targets += inner_target.items if isinstance(inner_target, TupleOf) else ()
                iterables += inner.args
            else:
                targets.append(inner_target)
                iterables.append(inner)
        return TupleOf(tuple(targets)), _zip(*iterables)

    # ---------------------------------------------------------------- returns

    def returned(self, s: Return) -> list[Statement]:
        value = s.value or Const(None)
        if not self.outermost and self.primal.function.changes:
            if self.primal.function.gives != "value":
                return [Return()]
            if not may_be_active(self.context.kind(value)):
                return [replace(s, value=TupleOf((value, Const(0.0))))]
        kind = Number("bool") if isinstance(value, Compare) else self.context.kind(value)
        if not may_be_active(kind):
            raise self.context.refusal(
                "S402",
                f"the result is no float but {described(kind)}: it has no derivative",
                value,
                "return a float or an array",
            )
        linear = self.tangent(value)
        if linear is None:
            zero = zero_of(value, kind)
            if self.outermost and isinstance(kind, Unknown):
                # The zeros of a tuple are a list, to which parts can be added: nothing is here.
                zero = template("_like(t, x)", t=zero, x=value)
            if isinstance(value, Name) or not reads_any(zero):
                return [replace(s, value=TupleOf((value, zero)))]
            name = Name(self.names.unique("y"))
            return [Assign(name, value), replace(s, value=TupleOf((name, substitute(zero, {value: name}))))]
        if _size(value) + _size(linear) < 28:
            before, value, linear = self.named(value, linear, None)
            return [*before, replace(s, value=TupleOf((value, self.dotted(linear))))]
        own = self.names.unique("value" if self.names.taken("y") else "y")
        self.context.note(own, self.context.kind(value))
        before, value, linear = self.named(value, linear, Name(own))
        lines: list[Statement] = [*before, Assign(Name(own), value), Assign(Name(self.dot(own)), self.dotted(linear))]
        return [*lines, replace(s, value=TupleOf((Name(own), Name(self.dot(own)))))]


def _size(node: Expr) -> int:
    """The number of parts of an expression."""
    return sum(1 for _ in walk(node))


def reads_any(node: Expr) -> bool:
    """True if `node` reads a variable."""
    return bool(names_in(node))


def _zip(*parts: Expr) -> Call:
    return Call(Global("zip"), tuple(parts))


def _renamed(node: Expr, original: Callable[[str], str]) -> Expr:
    if isinstance(node, Name):
        return replace(node, id=original(node.id))
    return map_children(node, lambda child: _renamed(child, original))
