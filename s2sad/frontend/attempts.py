"""What is known of a `try`: which handler goes on, and what is read when the body fails."""

from __future__ import annotations

from dataclasses import replace

from s2sad.ir import Block, Expr, Global, Handler, If, Raise, Try, TupleOf
from s2sad.traversal import expressions, heads, names_in

__all__ = [
    "always_raises",
    "catches_domains_alone",
    "handler_of",
    "may_catch",
    "may_catch_arithmetic",
    "read_on_failure",
]


def always_raises(block: Block) -> bool:
    """True if the block ends in an exception, whatever way it takes."""
    match block:
        case (*_, Raise()):
            return True
        case (*_, If(then=then, orelse=orelse)):
            return always_raises(then) and always_raises(orelse)
    return False


def handler_of(s: Try) -> Handler | None:
    """The handler after which the function goes on; None if every exception leaves it. There is one at most."""
    return next((handler for handler in s.handlers if not always_raises(handler.body)), None)


def read_on_failure(s: Try) -> set[str]:
    """The variables that are read before an exception leaves the function: as they are then, whatever they are."""
    raising = [_raising(handler.body) for handler in s.handlers]
    found = [*heads(s), *(expression for block in (*raising, s.final) for expression in expressions(block))]
    return {name for expression in found for name in names_in(expression)}


def _raising(block: Block) -> Block:
    """The part of a handler that is executed where it raises an exception."""
    match block:
        case (If(then=then) as first, *_) if always_raises(then):
            return (replace(first, orelse=()),)
    return block if always_raises(block) else ()


#: Exceptions that arithmetic does not raise.
_NOT_ARITHMETIC = frozenset(
    "AssertionError AttributeError EOFError FileExistsError FileNotFoundError ImportError IndexError InterruptedError "
    "KeyError KeyboardInterrupt LookupError ModuleNotFoundError NameError NotImplementedError OSError PermissionError "
    "RecursionError StopIteration TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeError".split()
)


def may_catch_arithmetic(handler: Handler) -> bool:
    """True for a handler that catches what arithmetic raises, such as a division by zero; classes of the user are not raised by
    it.
    """
    return bool(_arithmetic(handler))


def catches_domains_alone(handler: Handler) -> bool:
    """True for a handler that of what arithmetic raises catches nothing but ValueError."""
    return set(_arithmetic(handler)) <= {"ValueError"}


def _arithmetic(handler: Handler) -> list[str | None]:
    """The exceptions of arithmetic in what a handler catches; None for all."""
    kinds = [
        kind.dotted if isinstance(kind, Global) else None for kind in _types(handler) if isinstance(kind, Global | None)
    ]
    return [name for name in kinds if name not in _NOT_ARITHMETIC]


def may_catch(handler: Handler, error: type[Exception]) -> bool:
    """True for a handler that may catch a builtin exception of this type."""
    names = {base.__name__ for base in error.__mro__}
    return any(not isinstance(kind, Global) or kind.dotted in names for kind in _types(handler))


def _types(handler: Handler) -> tuple[Expr | None, ...]:
    return handler.type.items if isinstance(handler.type, TupleOf) else (handler.type,)
