"""The form in which passes see `with` and `try`: nothing but exceptions leaves them, and at most one handler goes on.

    except ValueError as e:       except (ValueError, KeyError) as e:
        y = 0.0                       if isinstance(e, ValueError):
    except KeyError:                      y = 0.0
        y = 1.0                       else:
                                          y = 1.0

A `try` has a `finally`, or handlers that all raise, or one handler after which the function goes on: then it is a branch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from s2sad.errors import DifferentiationError
from s2sad.frontend.attempts import always_raises, handler_of
from s2sad.frontend.leaving import exits_in, without_exits
from s2sad.frontend.unit import Unit
from s2sad.ir import (
    Assign,
    Aug,
    Binary,
    Block,
    Call,
    Const,
    Def,
    Expr,
    Function,
    Global,
    Handler,
    If,
    Name,
    Pass,
    Statement,
    Try,
    TupleOf,
    Unary,
    With,
)
from s2sad.naming import Names
from s2sad.rules import registry
from s2sad.rules.contexts import swallows
from s2sad.traversal import binds, bound_names, map_blocks, reads, statements, walk

__all__ = ["guarded"]


def guarded(function: Function, unit: Unit) -> Function:
    """The function with every `with` and `try` in this form."""
    if not any(isinstance(s, With | Try | Def) for s in statements(function.body)):
        return function
    names = Names([*bound_names(function), *reads(function)])
    return replace(function, body=_Guards(unit, names, _numbers(function)).block(function.body))


@dataclass
class _Guards:
    unit: Unit
    names: Names
    numbers: frozenset[str]
    tries: int = 0

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        match s:
            case Def(function=function):
                return (replace(s, function=guarded(function, self.unit)),)
            case With():
                return self.context(replace(s, body=self.block(s.body)))
            case Try():
                self.tries += 1
                inner = map_blocks(s, self.block)
                assert isinstance(inner, Try)
                done = self.attempt(inner)
                self.tries -= 1
                return done
        return (map_blocks(s, self.block),)

    def context(self, s: With) -> Block:
        if swallows(s.context):
            rewrite = "write it with `try` and `except`"
            raise self.refusal(s, "cannot differentiate a context that swallows exceptions", rewrite)
        return without_exits(s, self.names)

    def attempt(self, s: Try) -> Block:
        if exits_in(s.final):
            rewrite = "put it behind the `try`"
            raise self.refusal(
                s, "cannot differentiate a `finally` that ends a function, a loop or a round of it", rewrite
            )
        lines = without_exits(s, self.names)
        return tuple(part for line in lines for part in (self.parts(line) if isinstance(line, Try) else (line,)))

    def parts(self, s: Try) -> Block:
        if s.final:
            inner = self.parts(replace(s, final=())) if s.handlers else s.body
            if self.tries == 1 and all(_is_local(line, self.numbers) for line in s.final):
                # Where an exception leaves the function, nobody sees what it has computed.
                return (*inner, *s.final)
            return (replace(s, body=inner, handlers=(), orelse=()),)
        quiet, body = _quiet_start(s.body)
        done = replace(s, body=body, handlers=self.one_handler(s.handlers))
        if handler_of(done) is None:
            return (*quiet, replace(done, orelse=()), *done.orelse)
        return (*quiet, done)

    def one_handler(self, handlers: tuple[Handler, ...]) -> tuple[Handler, ...]:
        """The handlers as one, unless none goes on."""
        if len(handlers) < 2 or all(always_raises(handler.body) for handler in handlers):
            return handlers
        error = next((h.name for h in handlers if h.name is not None), None) or Name(self.names.unique("error"))
        return (Handler(_union([h.type for h in handlers]), error, self.chosen(handlers, error)),)

    def chosen(self, handlers: tuple[Handler, ...], error: Expr) -> Block:
        """The body of the handler that fits the exception."""
        first, *rest = handlers
        bound: Block = () if first.name in (None, error) else (Assign(first.name, error),)
        if not rest or first.type is None:
            return (*bound, *first.body)
        test = Call(Global("isinstance"), (error, first.type))
        return (If(test, (*bound, *first.body), self.chosen(tuple(rest), error)),)

    def refusal(self, s: Statement, reason: str, rewrite: str) -> DifferentiationError:
        return DifferentiationError("S201", reason, self.unit.place(s.origin.span if s.origin else None), rewrite)


def _numbers(function: Function) -> frozenset[str]:
    """The variables that are assigned numbers and sums only: to update them changes no object of anybody else."""
    own, others = set[str](), {param.name for param in function.params}
    for s in statements(function.body):
        match s:
            case Assign(target=Name(id=name), value=Const() | Binary()):
                own.add(name)
            case Aug():
                pass
            case _:
                others |= set(binds(s))
    return frozenset(own - others)


def _is_local(s: Statement, numbers: frozenset[str]) -> bool:
    """True for arithmetic that is assigned to a variable."""
    match s:
        case Aug(target=Name(id=name)) if name not in numbers:
            return False
        case Assign(target=Name(), value=value) | Aug(target=Name(), value=value):
            kinds = Name | Const | Binary | Unary | Global | Call
            calls = [part for part in walk(value) if isinstance(part, Call)]
            pure = all(isinstance(call.func, Global) and registry.known(call.func.dotted) for call in calls)
            return pure and all(isinstance(part, kinds) for part in walk(value))
        case Pass():
            return True
    return False


def _union(types: list[Expr | None]) -> Expr | None:
    """The type of an `except` for exceptions of all these types."""
    if None in types:
        return None
    parts = [item for own in types if own is not None for item in (own.items if isinstance(own, TupleOf) else (own,))]
    return TupleOf(tuple(dict.fromkeys(parts)))


def _quiet_start(body: Block) -> tuple[Block, Block]:
    """What a body begins with and cannot fail need not be guarded."""
    count = 0
    while count < len(body) - 1 and _is_quiet(body[count]):
        count += 1
    return body[:count], body[count:]


def _is_quiet(s: Statement) -> bool:
    """True for a statement that raises no exception."""
    match s:
        case Pass():
            return True
        case Assign(target=Name(), value=Const()):
            return True
    return False
