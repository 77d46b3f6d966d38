"""Live ranges: a variable that is assigned again and again becomes several, one for each range of its life.

Definitions that reach a common use through a branch or a loop belong together (the webs of Muchnick, Advanced Compiler
Design, ch. 16); all others get a name of their own, so that straight-line code never overwrites a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from s2sad.analysis.changes import changed_variables
from s2sad.analysis.loops import is_endless
from s2sad.frontend.attempts import always_raises, read_on_failure
from s2sad.ir import (
    Assert,
    Assign,
    Aug,
    Block,
    Evaluate,
    Expr,
    For,
    Function,
    Handler,
    If,
    Name,
    Raise,
    Return,
    Statement,
    Try,
    TupleOf,
    While,
    With,
)
from s2sad.naming import Names
from s2sad.traversal import assigned, map_children, map_statement

__all__ = ["Renamed", "rename"]


@dataclass(frozen=True)
class Renamed:
    """A function with one name for each web; `original` maps the new names to the user's."""

    function: Function
    original: dict[str, str]


def rename(function: Function, names: Names) -> Renamed:
    """Give every web of definitions its own name; a parameter's keeps the parameter's."""
    webs = _Webs()
    env = {param.name: webs.define(param.name) for param in function.params}
    body = webs.block(function.body, env)
    new_names = webs.names([param.name for param in function.params], names)
    final = _renamed_block(body, lambda name: new_names.get(name, name))
    return Renamed(replace(function, body=final), {new: webs.variable(token) for token, new in new_names.items()})


@dataclass
class _Webs:
    """Tokens `name#k` stand for definitions and joins; `parent` is a union-find forest over them."""

    parent: dict[str, str] = field(default_factory=dict)
    operands: dict[str, list[str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    @staticmethod
    def variable(token: str) -> str:
        return token.partition("#")[0]

    def define(self, name: str) -> str:
        token = f"{name}#{len(self.parent)}"
        self.parent[token] = token
        return token

    def join(self, name: str, tokens: list[str]) -> str:
        token = self.define(name)
        self.operands[token] = tokens
        return token

    def add_operand(self, join: str, token: str) -> None:
        self.operands[join].append(token)
        if join in self.used:
            self.union(join, token)

    def find(self, token: str) -> str:
        while self.parent[token] != token:
            self.parent[token] = self.parent[self.parent[token]]
            token = self.parent[token]
        return token

    def union(self, a: str, b: str) -> None:
        self.use(b)
        first, second = sorted((self.find(a), self.find(b)), key=lambda token: int(token.partition("#")[2]))
        self.parent[second] = first

    def use(self, token: str) -> None:
        """A use of a join makes one web of everything that is joined there."""
        waiting = [token]
        while waiting:
            current = waiting.pop()
            if current in self.used:
                continue
            self.used.add(current)
            for operand in self.operands.get(current, ()):
                first, second = sorted((self.find(current), self.find(operand)), key=lambda t: int(t.partition("#")[2]))
                self.parent[second] = first
                waiting.append(operand)

    def names(self, params: list[str], names: Names) -> dict[str, str]:
        """A name for every token: the user's for the first web of a variable (a parameter's if it is one)."""
        roots: dict[str, str] = {}
        for token in self.parent:
            if token not in self.operands or token in self.used:
                roots.setdefault(self.find(token), self.variable(token))
        taken: set[str] = set()
        chosen: dict[str, str] = {}
        for root, variable in roots.items():
            chosen[root] = names.unique(variable) if variable in taken else names.reserve(variable)
            taken.add(variable)
        return {token: chosen[self.find(token)] for token in self.parent if self.find(token) in chosen}

    # ------------------------------------------------------------------ walk

    def expression(self, node: Expr, env: dict[str, str]) -> Expr:
        if isinstance(node, Name):
            token = env.get(node.id)
            if token is None:
                return node
            self.use(token)
            return Name(token, span=node.span)
        return map_children(node, lambda child: self.expression(child, env))

    def optional(self, node: Expr | None, env: dict[str, str]) -> Expr | None:
        return None if node is None else self.expression(node, env)

    def target(self, node: Expr, env: dict[str, str]) -> Expr:
        match node:
            case Name(id=name):
                env[name] = self.define(name)
                return replace(node, id=env[name])
            case TupleOf(items=items):
                return replace(node, items=tuple(self.target(item, env) for item in items))
        return self.expression(node, env)

    def block(self, block: Block, env: dict[str, str]) -> Block:
        return tuple(self.statement(statement, env) for statement in block)

    def statement(self, s: Statement, env: dict[str, str]) -> Statement:
        match s:
            case Assign(target=target, value=value) if names := changed_variables(s):
                return self.change(s, target, value, names, env)
            case Assign(target=target, value=value):
                value = self.expression(value, env)
                return replace(s, target=self.target(target, env), value=value)
            case Aug(target=Name() as target, value=value):
                return self.update(s, target, value, env)
            case If(test=test, then=then, orelse=orelse):
                return self.branch(s, test, then, orelse, env)
            case For() | While():
                return self.loop(s, env)
            case Try():
                return self.attempt(s, env)
            case With(context=context, target=target, body=body):
                context = self.expression(context, env)
                target = None if target is None else self.target(target, env)
                return replace(s, context=context, target=target, body=self.block(body, env))
            case Return(value=value):
                return replace(s, value=self.optional(value, env))
            case Evaluate(value=value):
                return replace(s, value=self.expression(value, env))
            case Assert(test=test, message=message):
                return replace(s, test=self.expression(test, env), message=self.optional(message, env))
            case Raise(exception=exception, cause=cause):
                return replace(s, exception=self.optional(exception, env), cause=self.optional(cause, env))
        return s

    def update(self, s: Aug, target: Name, value: Expr, env: dict[str, str]) -> Statement:
        """An array that is updated in place stays the same variable."""
        value = self.expression(value, env)
        before = env.get(target.id)
        env[target.id] = self.define(target.id)
        if before is not None:
            self.union(env[target.id], before)
        return replace(s, target=replace(target, id=env[target.id]), value=value)

    def change(self, s: Assign, target: Expr, value: Expr, names: tuple[str, ...], env: dict[str, str]) -> Statement:
        """An object that is changed in place stays the value of the same variable."""
        before = {name: env[name] for name in names if name in env}
        value = self.expression(value, env)
        result = replace(s, target=self.target(target, env), value=value)
        for name, token in before.items():
            self.union(env[name], token)
        return result

    def attempt(self, s: Try, env: dict[str, str]) -> Statement:
        first, before = len(self.parent), dict(env)
        body, orelse = self.block(s.body, env), self.block(s.orelse, env)
        handlers = tuple(self.handler(handler, before, env) for handler in s.handlers)
        done = replace(s, body=body, orelse=orelse, handlers=handlers, final=self.block(s.final, env))
        # What is read while an exception passes is the one variable, whichever value it has.
        found = read_on_failure(s)
        for token in list(self.parent)[first:]:
            name = self.variable(token)
            if name in found and token not in self.operands:
                self.union(before.get(name, token), token)
        return done

    def handler(self, handler: Handler, before: dict[str, str], after: dict[str, str]) -> Handler:
        """An `except`; where the function goes on behind it, its definitions are joined with those of `after`."""
        own = dict(before)
        kind = self.optional(handler.type, own)
        name = None if handler.name is None else self.target(handler.name, own)
        body = self.block(handler.body, own)
        if not always_raises(handler.body):
            self.joined(after, own)
        return Handler(kind, name, body)

    def joined(self, env: dict[str, str], other: dict[str, str]) -> None:
        """Make `env` what holds behind two ways."""
        for name in sorted({*env, *other}):
            sides = [side[name] for side in (env, other) if name in side]
            env[name] = sides[0] if len(set(sides)) == 1 else self.join(name, sides)

    def branch(self, s: If, test: Expr, then: Block, orelse: Block, env: dict[str, str]) -> Statement:
        test = self.expression(test, env)
        right = dict(env)
        result = replace(s, test=test, then=self.block(then, env), orelse=self.block(orelse, right))
        self.joined(env, right)
        return result

    def loop(self, s: For | While, env: dict[str, str]) -> Statement:
        iterable = self.expression(s.iterable, env) if isinstance(s, For) else None
        heads = {name: self.join(name, [env[name]] if name in env else []) for name in sorted(assigned(s))}
        env.update(heads)
        inside = dict(env)
        if isinstance(s, For) and iterable is not None:
            target = self.target(s.target, inside)
            result: For | While = replace(s, target=target, iterable=iterable, body=self.block(s.body, inside))
        else:
            assert isinstance(s, While)
            test = self.expression(s.test, inside)
            result = replace(s, test=test, body=self.block(s.body, inside))
        if s.until is not None:
            result = replace(result, until=self.expression(s.until, inside))
        for name, head in heads.items():
            self.add_operand(head, inside[name])
        if is_endless(s):
            env.update(inside)
        return result


def _renamed_block(block: Block, new: Callable[[str], str]) -> Block:
    return tuple(_renamed(statement, new) for statement in block)


def _renamed(s: Statement, new: Callable[[str], str]) -> Statement:
    return map_statement(s, lambda node: _renamed_expression(node, new))


def _renamed_expression(node: Expr, new: Callable[[str], str]) -> Expr:
    if isinstance(node, Name):
        return Name(new(node.id), span=node.span)
    return map_children(node, lambda child: _renamed_expression(child, new))
