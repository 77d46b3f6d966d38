"""Rules that a user declares for functions, in the terms of the rules that are built in.

The names in them mean what they mean where the rule stands: functions and data that they read come into the program.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from s2sad.errors import DifferentiationError
from s2sad.frontend.unit import Makers, Rules, Scope, TextRule, Unit
from s2sad.ir import Binary, Call, Const, Expr, Function, Global, Lambda, Name, Param, Return, Routine
from s2sad.rules.registry import Linear, Rule, Signature
from s2sad.traversal import substitute, walk

__all__ = ["Target", "declared_rules"]

#: The expression for a tree whose local names are those given; other names are resolved in the scope.
Lower = Callable[[ast.expr, Scope, frozenset[str], str], Expr]


@dataclass(frozen=True)
class Target:
    """The function that rules are for: its key, its name in messages, its parameters where they are known."""

    key: str
    name: str
    params: tuple[Param, ...] | None = None


def declared_rules(
    target: Target, rules: Rules, lower: Lower, reach: Callable[[Unit], str], add: Callable[[Function, Unit], str]
) -> list[Rule | Linear]:
    """The rules in terms of the program. `reach` brings a function into it, `add` one that is made here; both give its key."""
    found: list[Rule | Linear] = []
    makers = {one.kind: one for one in rules if isinstance(one, Makers)}
    for one in rules:
        if isinstance(one, TextRule):
            found.append(_text_rule(target, one, lower))
    if makers:
        found += _Made(target, makers, lower, reach, add).rules()
    return found


# ------------------------------------------------------------------------ texts


def _text_rule(target: Target, one: TextRule, lower: Lower) -> Rule:
    signature = _signature(target, one.signature)
    line = ast.parse(one.text).body[0]
    assert isinstance(line, ast.Assign)
    names = {*signature.params, *(f"d{name}" for name in signature.params), signature.result}
    value = lower(line.value, one.scope, frozenset(names), one.text)
    label = f"the rule of `{target.name}`"
    return Rule(
        signature, _tested("_fitting", value, Name(signature.result), label), text=f"{one.signature};  {one.text}"
    )


def _signature(target: Target, text: str) -> Signature:
    """The left part of a rule; parameters of the function that it does not name come behind those that it names."""
    statement = ast.parse(text).body[0]
    assert isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)
    call, result = statement.value, statement.targets[0]
    assert isinstance(result, ast.Name)
    names = [arg.id for arg in call.args if isinstance(arg, ast.Name)]
    defaults = {keyword.arg: keyword.value for keyword in call.keywords}
    if len(names) < len(call.args) or not all(name and isinstance(v, ast.Constant) for name, v in defaults.items()):
        raise _misfit(target, f"`{text}` has to name the parameters, and defaults that are literals")
    given = {str(name): Const(value.value) for name, value in defaults.items() if isinstance(value, ast.Constant)}
    names += given
    if _apart(names) != tuple(names):
        raise _misfit(target, f"in `{text}` one parameter is called like the differential of another")
    if target.params is None:
        return Signature(target.key, tuple(names), given, result.id)
    if len(names) > len(target.params):
        raise _misfit(target, f"`{text}` has {len(names)} parameters, the function has {len(target.params)}")
    return Signature(target.key, (*names, *_others(names, target.params[len(names) :])), given, result.id)


def _others(taken: list[str], params: tuple[Param, ...]) -> list[str]:
    """Parameters under names that are not taken."""
    names: list[str] = []
    for param in params:
        name = param.name
        while name in (*taken, *names):
            name += "_"
        names.append(name)
    return names


def _tested(helper: str, value: Expr, model: Expr, label: str) -> Expr:
    """A derivative by hand with a test of its shape, which goes where the kinds tell it."""
    return Call(Global(helper), (value, model, Const(label)))


def _misfit(target: Target, reason: str) -> DifferentiationError:
    reason = f"a rule does not fit `{target.name}`: {reason}"
    return DifferentiationError("S206", reason, rewrite="give it the parameters of the function, in their order")


# --------------------------------------------------------- functions per argument


@dataclass
class _Made:
    """Rules of the form that autograd has: `jvps` and `vjps` are one function for each argument."""

    target: Target
    makers: dict[str, Makers]
    lower: Lower
    reach: Callable[[Unit], str]
    add: Callable[[Function, Unit], str]

    def rules(self) -> list[Rule | Linear]:
        params = self.params()
        signature = Signature(self.target.key, params, {}, self.free("y", params))
        forward = {k: self.jvp(unit, k, signature) for k, unit in self.each("jvp")}
        backward = {k: self.vjp(unit, k, signature) for k, unit in self.each("vjp")}
        if not backward:
            total = _tested("_fitting", self.sum(signature, forward), Name(signature.result), self.label)
            return [Rule(signature, total, text=self.label)]
        marks = [self.mark(k, signature, backward[k], forward.get(k)) for k in backward]
        parts: dict[int, Expr] = {k: _call(mark) for k, mark in zip(backward, marks, strict=True)}
        return [Rule(signature, self.sum(signature, parts), text=self.label), *marks]

    @property
    def label(self) -> str:
        return f"the derivative of `{self.target.name}` by hand"

    def each(self, kind: str) -> list[tuple[int, Unit]]:
        found = self.makers.get(kind)
        if found is None:
            return []
        return [(k, unit) for k, unit in zip(found.argnums, found.makers, strict=True) if unit is not None]

    def params(self) -> tuple[str, ...]:
        """The parameters of the function, by the names that one of the makers has for them."""
        if self.target.params is not None:
            return _apart(param.name for param in self.target.params)
        skipped = {"jvp": 2, "vjp": 1}
        for kind, number in skipped.items():
            for _, unit in self.each(kind):
                return _apart(_arguments(unit.node)[number:])
        return ()

    def free(self, wish: str, taken: tuple[str, ...]) -> str:
        while wish in taken:
            wish += "_"
        return wish

    def sum(self, signature: Signature, parts: dict[int, Expr]) -> Expr:
        """The differential: the parts, and zero for what is declared to have none."""
        zeros = {k for one in self.makers.values() for k in one.argnums} - set(parts)
        terms = [*parts.values(), *(Binary("*", Const(0), Name(f"d{signature.params[k]}")) for k in sorted(zeros))]
        total, *rest = terms or [Const(0)]
        for term in rest:
            total = Binary("+", total, term)
        return total

    def mark(self, k: int, signature: Signature, back: Expr, forward: Expr | None) -> Linear:
        """What stands for the derivative with respect to argument k until it is transposed."""
        name = signature.params[k]
        params = (f"d{name}", signature.result, *signature.params)
        plain = re.sub(r"\W", "_", self.target.key)
        own = Signature(f"_d{k}_{plain}", params, {}, "out")
        label = f"the vjp of `{self.target.name}` by its argument `{name}`"
        checked = _tested("_checked", back, Name(name), label)
        if forward is not None:
            forward = _tested("_fitting", forward, Name(signature.result), self.label)
        return Linear(own, {f"d{name}": checked}, lists=True, of=self.target.name, forward=forward, text=label)

    def jvp(self, unit: Unit, k: int, signature: Signature) -> Expr:
        """`jvp(g, ans, *args)` in the names of the signature."""
        values = (Name(f"d{signature.params[k]}"), Name(signature.result), *map(Name, signature.params))
        inlined = self.inlined(unit, values)
        return inlined if inlined is not None else Call(Routine(self.reach(unit)), values)

    def vjp(self, unit: Unit, k: int, signature: Signature) -> Expr:
        """`vjp(ans, *args)(g)` in the names of the signature, with `out_bar` for the adjoint of the value."""
        values = (Name(signature.result), *map(Name, signature.params))
        inner = self.inlined(unit, values)
        if isinstance(inner, Lambda) and _is_plain(inner.function):
            (param,), (returned,) = inner.function.params, inner.function.body
            assert isinstance(returned, Return) and returned.value is not None
            own = {param.name} - {name.id for name in values}
            if own:
                return substitute(returned.value, {Name(param.name): Name("out_bar")})
        return Call(Routine(self.adapter(unit, k, signature)), (Name("out_bar"), *values))

    def inlined(self, unit: Unit, values: tuple[Name, ...]) -> Expr | None:
        """The body of a lambda with its parameters replaced; None for what is more than an expression."""
        names = _arguments(unit.node)
        match unit.node.body:
            case [ast.Return(value=ast.expr() as value)] if len(names) == len(values):
                body = self.lower(value, unit.scope, frozenset(names), "")
                nested = [part for part in walk(body) if isinstance(part, Lambda) and part is not body]
                if nested or (isinstance(body, Lambda) and {p.name for p in body.function.params} & set(names)):
                    return None
                renamed: dict[Expr, Expr] = {Name(name): value for name, value in zip(names, values, strict=True)}
                return _renamed(body, renamed)
        return None

    def adapter(self, unit: Unit, k: int, signature: Signature) -> str:
        """A function `(g, ans, *args) -> vjp(ans, *args)(g)`."""
        maker = self.reach(unit)
        params = ("g", "ans", *signature.params)
        call = Call(Call(Routine(maker), tuple(map(Name, params[1:]))), (Name("g"),))
        name = f"{self.target.name}_vjp_{signature.params[k]}"
        return self.add(Function(name, tuple(map(Param, params)), (Return(call),)), unit)


def _apart(names: Iterable[str]) -> tuple[str, ...]:
    """The names, none of which is that of another's differential."""
    found = list(names)
    while clash := next((name for name in found if name[:1] == "d" and name[1:] in found), None):
        found[found.index(clash)] = f"{clash}_"
    return tuple(found)


def _call(mark: Linear) -> Expr:
    return Call(Global(mark.signature.key), tuple(map(Name, mark.signature.params)))


def _renamed(body: Expr, names: dict[Expr, Expr]) -> Expr:
    if not isinstance(body, Lambda):
        return substitute(body, names)
    (returned,) = body.function.body
    assert isinstance(returned, Return) and returned.value is not None
    inner = Function(body.function.name, body.function.params, (Return(substitute(returned.value, names)),))
    return Lambda(inner, body.carried)


def _is_plain(function: Function) -> bool:
    return len(function.params) == 1 and len(function.body) == 1


def _arguments(node: ast.FunctionDef) -> list[str]:
    """The names of the positional parameters; none where there are others."""
    args = node.args
    if args.vararg or args.kwarg or args.kwonlyargs:
        return []
    return [arg.arg for arg in (*args.posonlyargs, *args.args)]
