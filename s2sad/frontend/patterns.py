"""`match` as the `if`s and assignments that it stands for.

match shape:                           if isinstance(shape, (tuple, list, range)) and len(shape) == 2:
    case (w, h) if w > 0:                  w = shape[0] …
        area = w * h            becomes    area = w * h
    case None:                         elif shape is None:
        area = 0.0                         area = 0.0
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from s2sad.syntax import Unsupported

__all__ = ["as_branches"]

T = TypeVar("T", bound=ast.AST)

#: Classes whose pattern `float(x)` captures the object itself.
_WHOLE = frozenset("bool bytearray bytes dict float frozenset int list set str tuple".split())


@dataclass(frozen=True)
class _Found:
    """When a pattern fits, and what it binds then."""

    tests: tuple[ast.expr, ...] = ()
    bindings: tuple[tuple[str, ast.expr], ...] = ()


def _captured(node: ast.AST) -> str | None:
    """The variable that a pattern binds."""
    match node:
        case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
            return name
    return None


def as_branches(node: ast.Match, function: ast.AST, subject: str) -> list[ast.stmt]:
    """The statements that a `match` in `function` stands for; `subject` is a free name for what is matched."""
    bound = {name for case in node.cases for name in _names(case)}
    before: list[ast.stmt] = []
    value = node.subject
    if not isinstance(value, ast.Name) or value.id in bound:
        before = [_assignment(subject, value, value)]
        value = _at(ast.Name(subject, ast.Load()), value)
    chain: list[ast.stmt] = []
    for case in reversed(node.cases):
        chain = _branch(case, value, function, node, chain)
    return [*before, *chain]


def _branch(
    case: ast.match_case, subject: ast.expr, function: ast.AST, node: ast.Match, orelse: list[ast.stmt]
) -> list[ast.stmt]:
    found = _found(case.pattern, subject)
    tests = list(found.tests)
    if case.guard is not None:
        _check_guard(case, function, node)
        tests.append(_Put(dict(found.bindings)).visit(ast.parse(ast.unparse(case.guard), mode="eval").body))
    body = [_assignment(name, value, case.pattern) for name, value in found.bindings] + case.body
    if not tests:
        return body
    test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)
    return [_at(ast.If(_at(test, case.pattern), body, orelse), case.pattern)]


def _check_guard(case: ast.match_case, function: ast.AST, node: ast.Match) -> None:
    """Refuse what a pattern binds although its guard is false, if that is read later."""
    for name in _names(case):
        own = {part for one in node.cases if name in _names(one) for part in _loads(one)}
        if any(part.id == name and part not in own for part in _loads(function)):
            raise Unsupported(case.pattern, "GuardedPattern")


def _names(case: ast.match_case) -> set[str]:
    """The variables that a case binds."""
    return {name for part in ast.walk(case.pattern) if (name := _captured(part))}


def _loads(node: ast.AST) -> Iterator[ast.Name]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load))


@dataclass
class _Put(ast.NodeTransformer):
    """Puts expressions in the place of variables."""

    values: dict[str, ast.expr]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


# ------------------------------------------------------------------- patterns


def _found(pattern: ast.pattern, value: ast.expr) -> _Found:
    match pattern:
        case ast.MatchValue(value=wanted):
            return _Found((_compare(value, ast.Eq(), wanted),))
        case ast.MatchSingleton(value=wanted):
            return _Found((_compare(value, ast.Is(), ast.Constant(wanted)),))
        case ast.MatchAs(pattern=None, name=None):
            return _Found()
        case ast.MatchAs(pattern=None, name=str() as name):
            return _Found((), ((name, value),))
        case ast.MatchAs(pattern=ast.pattern() as inner, name=str() as name):
            found = _found(inner, value)
            return _Found(found.tests, (*found.bindings, (name, value)))
        case ast.MatchOr(patterns=patterns):
            return _either(pattern, [_found(one, value) for one in patterns])
        case ast.MatchSequence(patterns=patterns):
            return _sequence(patterns, value)
        case ast.MatchMapping(keys=keys, patterns=patterns, rest=None):
            present = tuple(_compare(key, ast.In(), value) for key in keys)
            items = zip(patterns, (_item(value, key) for key in keys), strict=True)
            return _all((_is(value, "dict"), *present), *(_found(*item) for item in items))
        case ast.MatchClass(cls=cls, patterns=positional, kwd_attrs=attrs, kwd_patterns=patterns):
            return _object(pattern, cls, positional, list(zip(attrs, patterns, strict=True)), value)
    raise Unsupported(pattern, "Pattern")


def _all(tests: tuple[ast.expr, ...], *found: _Found) -> _Found:
    """Everything that has to hold, tested from left to right."""
    inner = tuple(test for one in found for test in one.tests)
    return _Found((*tests, *inner), tuple(pair for one in found for pair in one.bindings))


def _either(pattern: ast.pattern, found: list[_Found]) -> _Found:
    if any(one.bindings for one in found):
        raise Unsupported(pattern, "Pattern")
    if not all(one.tests for one in found):
        return _Found()
    sides = [one.tests[0] if len(one.tests) == 1 else ast.BoolOp(ast.And(), list(one.tests)) for one in found]
    return _Found((ast.BoolOp(ast.Or(), sides),))


def _sequence(patterns: list[ast.pattern], value: ast.expr) -> _Found:
    stars = [position for position, one in enumerate(patterns) if isinstance(one, ast.MatchStar)]
    length = ast.Call(ast.Name("len", ast.Load()), [value], [])
    count = ast.Constant(len(patterns) - len(stars))
    tests = (_is(value, "tuple", "list", "range"), _compare(length, ast.GtE() if stars else ast.Eq(), count))
    found: list[_Found] = []
    for position, one in enumerate(patterns):
        behind = len(patterns) - position
        if isinstance(one, ast.MatchStar):
            upper = ast.Constant(1 - behind) if behind > 1 else None
            rest = ast.Subscript(value, ast.Slice(ast.Constant(position), upper, None), ast.Load())
            whole = ast.Call(ast.Name("list", ast.Load()), [rest], [])
            found.append(_Found((), ((one.name, whole),) if one.name else ()))
        else:
            index = -behind if stars and position > stars[0] else position
            found.append(_found(one, _item(value, ast.Constant(index))))
    return _all(tests, *found)


def _object(
    pattern: ast.pattern,
    cls: ast.expr,
    positional: list[ast.pattern],
    named: list[tuple[str, ast.pattern]],
    value: ast.expr,
) -> _Found:
    is_whole = isinstance(cls, ast.Name) and cls.id in _WHOLE
    if len(positional) > is_whole:
        raise Unsupported(pattern, "Pattern")
    inner = [_found(one, value) for one in positional]
    inner += [_found(one, ast.Attribute(value, attr, ast.Load())) for attr, one in named]
    return _all((ast.Call(ast.Name("isinstance", ast.Load()), [value, cls], []),), *inner)


# ----------------------------------------------------------------- small trees


def _compare(left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [op], [right])


def _item(value: ast.expr, index: ast.expr) -> ast.expr:
    return ast.Subscript(value, index, ast.Load())


def _is(value: ast.expr, *classes: str) -> ast.expr:
    names: list[ast.expr] = [ast.Name(name, ast.Load()) for name in classes]
    given = names[0] if len(names) == 1 else ast.Tuple(names, ast.Load())
    return ast.Call(ast.Name("isinstance", ast.Load()), [value, given], [])


def _assignment(name: str, value: ast.expr, place: ast.expr | ast.pattern) -> ast.stmt:
    return _at(ast.Assign([ast.Name(name, ast.Store())], value), place)


def _at(node: T, place: ast.expr | ast.pattern) -> T:
    """A tree with the place of another wherever it has none."""
    for part in ast.walk(node):
        if "lineno" in part._attributes and not hasattr(part, "lineno"):
            ast.copy_location(part, place)
    return node
