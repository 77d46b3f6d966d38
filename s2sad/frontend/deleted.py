"""Variables that are read though `del`, or the end of an `except ... as`, may have taken them away: Python raises there.

A derivative has no such variables: it goes on with the old value. So functions that might read one are refused.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from s2sad.frontend.binding import free_names, stored_names

__all__ = ["read_after_deletion"]

#: The variables that may be deleted at a place; None behind a statement that never ends there.
_State = frozenset[str] | None

_INSIDE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def read_after_deletion(body: list[ast.stmt]) -> ast.Name | None:
    """A place where a variable is read that may have been deleted; None if there is none."""
    if not any(True for part in _walk(body) for _ in _taken_by(part)):
        return None
    flow = _Flow(body)
    flow.block(body, frozenset())
    return flow.found


def _walk(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All parts, those of functions inside left out."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, _INSIDE):
            waiting += ast.iter_child_nodes(part)


def _taken_by(part: ast.AST) -> Iterator[str]:
    match part:
        case ast.Name(id=name, ctx=ast.Del()) | ast.ExceptHandler(name=str(name)):
            yield name


class _Flow:
    """Follows a body in the order in which it may run."""

    def __init__(self, body: list[ast.stmt]) -> None:
        self.found: ast.Name | None = None
        self.inside = {name for part in _walk(body) if isinstance(part, _INSIDE) for name in free_names(part)}
        self.jumps: list[list[_State]] = []

    def block(self, body: list[ast.stmt], state: _State) -> _State:
        for s in body:
            if state is None:
                return None
            state = self.statement(s, state)
        return state

    def statement(self, s: ast.stmt, state: frozenset[str]) -> _State:
        match s:
            case ast.Delete(targets=targets):
                return self.delete(targets, state)
            case ast.Return() | ast.Raise():
                self.read(ast.iter_child_nodes(s), state)
                return None
            case ast.Break() | ast.Continue():
                self.jumps[-1].append(state)
                return None
            case ast.If(test=test, body=body, orelse=orelse):
                state = self.read([test], state)
                return _join(self.block(body, state), self.block(orelse, state))
            case ast.For() | ast.While():
                return self.loop(s, state)
            case ast.With(items=items, body=body):
                return self.block(body, self.read(items, state))
            case ast.Match(subject=subject, cases=cases):
                state = self.read([subject], state)
                return _join(state, *(self.block(one.body, self.read([one.pattern], state)) for one in cases))
            case ast.Try():
                return self.tried(s, state)
        return self.read([s], state)

    def delete(self, targets: list[ast.expr], state: frozenset[str]) -> frozenset[str]:
        for target in targets:
            state = self.read([target], state)
            names = set(_taken_by(target))
            if isinstance(target, ast.Name) and target.id in self.inside:
                self.note(target)
            state |= names
        return state

    def loop(self, s: ast.For | ast.While, state: frozenset[str]) -> _State:
        begin: _State = self.read([s.iter], state) if isinstance(s, ast.For) else state
        while True:
            assert begin is not None
            self.jumps.append([])
            inner = self.read([s.target] if isinstance(s, ast.For) else [s.test], begin)
            end = self.block(s.body, inner)
            again = _join(begin, end, *self.jumps.pop())
            if again == begin:
                return self.block(s.orelse, begin)
            begin = again

    def tried(self, s: ast.Try, state: frozenset[str]) -> _State:
        """A handler may begin behind any statement of the body, and `finally` behind any of all."""
        ends = [self.block(s.orelse, self.block(s.body, state))]
        for handler in s.handlers:
            own = {handler.name} if handler.name else set()
            begin = self.read([handler.type] if handler.type else [], state | _taken_in(s.body))
            after = self.block(handler.body, begin - own)
            ends.append(None if after is None else after | own)
        end = _join(*ends)
        if s.finalbody:
            self.block(s.finalbody, state | _taken_in([s]))
        return self.block(s.finalbody, end)

    def read(self, parts: Iterable[ast.AST], state: frozenset[str]) -> frozenset[str]:
        """What is left when parts have been read, and what they bind is bound."""
        for part in parts:
            for one in _loaded(part) if state else ():
                if one.id in state:
                    self.note(one)
            state -= _bound(part)
        return state

    def note(self, one: ast.Name) -> None:
        self.found = self.found or one


def _join(*states: _State) -> _State:
    known = [state for state in states if state is not None]
    return frozenset().union(*known) if known else None


def _taken_in(body: Iterable[ast.AST]) -> set[str]:
    return {name for part in _walk(body) for name in _taken_by(part)}


def _loaded(part: ast.AST) -> list[ast.Name]:
    """The variables whose values a piece of code reads; one that is deleted has to be there, too."""
    free = set(free_names(part))
    updated = part.target if isinstance(part, ast.AugAssign) else None
    names = (one for one in _walk([part]) if isinstance(one, ast.Name) and one.id in free)
    return [one for one in names if one is updated or not isinstance(one.ctx, ast.Store)]


def _bound(part: ast.AST) -> set[str]:
    match part:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return {alias.asname or alias.name.partition(".")[0] for alias in aliases}
        case ast.pattern():
            names = (getattr(one, "name", None) or getattr(one, "rest", None) for one in ast.walk(part))
            return set(filter(None, names))
    return stored_names(part)
