"""Deques, dicts with defaults, counters and sets that stay in the function that makes them, as lists and dicts.

    recent = deque(maxlen=3)        recent = []
    recent.append(x)           →    recent.append(x)
                                    if len(recent) > 3:
                                        recent.pop(0)

    total = defaultdict(float)      total = {}
    total[key] += x            →    if key not in total:
                                        total[key] = 0.0
                                    total[key] += x

    seen = set()                    seen = {}
    seen.add(i)                →    seen[i] = True

One that is passed on, returned or kept in something else stays what it is.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import indent

from s2sad.frontend.binding import parts_of, with_parts
from s2sad.frontend.pieces import changed, lines_at, map_blocks, name_node
from s2sad.naming import Names

__all__ = ["without_collections"]

Library = Callable[[ast.expr], str | None]
Block = list[ast.stmt]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_SOMETIMES = (ast.IfExp, ast.BoolOp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
#: Functions that only read the elements of what they are given.
_READERS = frozenset("len list tuple set sum sorted min max enumerate zip reversed any all dict".split())
_DEQUE_STATEMENTS = frozenset("append appendleft extend extendleft rotate clear".split())
_DICT_METHODS = frozenset("items keys values get pop".split())
_DEFAULTS = {"float": "0.0", "int": "0", "list": "[]", "dict": "{}"}


@dataclass(frozen=True)
class _Deque:
    """A deque: how many elements it has at most, if that is limited."""

    most: ast.expr | None


@dataclass(frozen=True)
class _Defaults:
    """A dict with what it has under keys that are not in it; `adds` tells that reading adds it."""

    value: ast.expr
    adds: bool


@dataclass(frozen=True)
class _Members:
    """A set of which is only asked what is in it, and how much."""


_Kind = _Deque | _Defaults | _Members


def without_collections(body: Block, library: Library, names: Names) -> Block:
    """The statements of a function with lists and dicts for its deques, default dicts, counters and sets."""
    kinds = dict(_made(body, library))
    kinds = {name: kind for name, kind in kinds.items() if _stays(name, kind, body, library)}
    return _Rewriting(kinds, library, names).block(body) if kinds else body


def _made(body: Block, library: Library) -> Iterator[tuple[str, _Kind]]:
    """The variables that are bound once, to a new deque, default dict, counter or set."""
    nodes = [part for s in body for part in ast.walk(s)]
    bound = Counter(part.id for part in nodes if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load))
    for node in nodes:
        found = _making(node, library)
        if found is not None and bound[found[0]] == 1:
            yield found


def _making(node: ast.AST, library: Library) -> tuple[str, _Kind] | None:
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call)
        ):
            kind = _kind(call, library)
            return None if kind is None else (name, kind)
    return None


def _kind(call: ast.Call, library: Library) -> _Kind | None:
    match library(call.func), call.args, call.keywords:
        case "collections.deque", [] | [_], []:
            return _Deque(None)
        case ("collections.deque", [_, most], []) | (
            "collections.deque",
            [] | [_],
            [ast.keyword(arg="maxlen", value=most)],
        ):
            is_number = isinstance(most, ast.Constant) and isinstance(most.value, int) and most.value > 0
            return _Deque(most) if is_number or isinstance(most, ast.Name) else None
        case "collections.defaultdict", [ast.Lambda(args=ast.arguments(args=[], kwonlyargs=[]), body=value)], []:
            return _Defaults(value, True) if _is_plain(value, library) and not _reads(value, library) else None
        case "collections.defaultdict", [factory], [] if (text := _DEFAULTS.get(library(factory) or "")) is not None:
            return _Defaults(ast.parse(text, mode="eval").body, True)
        case "collections.Counter", [], []:
            return _Defaults(ast.Constant(0), False)
        case "set", [], []:
            return _Members()
    return None


def _is_plain(node: ast.expr, library: Library) -> bool:
    """True for what may be computed again: no calls but of libraries."""
    calls = (part for part in ast.walk(node) if isinstance(part, ast.Call))
    return all(library(call.func) is not None for call in calls) and not any(
        isinstance(part, ast.NamedExpr | ast.Await | ast.Lambda) for part in ast.walk(node)
    )


def _reads(node: ast.AST, library: Library) -> bool:
    """True if an expression reads variables."""
    if isinstance(node, ast.Name | ast.Attribute) and library(node) is not None:
        return False
    return isinstance(node, ast.Name) or any(_reads(child, library) for child in ast.iter_child_nodes(node))


# ------------------------------------------------------------------------ uses


def _stays(name: str, kind: _Kind, body: Block, library: Library) -> bool:
    """True if nothing happens to the variable but what is known here."""
    every = [part for s in body for part in ast.walk(s) if isinstance(part, ast.Name) and part.id == name]
    known = [part for s in body for part in _known(s, kind, library) if isinstance(part, ast.Name) and part.id == name]
    if (
        isinstance(kind, _Defaults)
        and not kind.adds
        and any(_sees_itself(part, name) for s in body for part in ast.walk(s))
    ):
        return False
    return len(every) == len({id(part) for part in known}) + 1


def _sees_itself(node: ast.AST, name: str) -> bool:
    """True for `c[k] += …` whose value is computed from the counter before it has the key."""
    return isinstance(node, ast.AugAssign) and name in _names(node.target) and name in _names(node.value)


def _names(node: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def _known(node: ast.AST, kind: _Kind, library: Library) -> Iterator[ast.AST]:
    """The variables in a piece of code that are used as a deque or dict of this kind may be."""
    if isinstance(node, (*_FUNCTIONS, ast.withitem, ast.pattern)):
        return
    if isinstance(node, ast.match_case):
        for s in node.body:
            yield from _known(s, kind, library)
        return
    if isinstance(kind, _Members):
        yield from _known_of_members(node, library)
    else:
        yield from _known_of_others(node, kind, library)
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[value]):
            yield value
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield from _tested(test)
    for child in ast.iter_child_nodes(node):
        yield from _known(child, kind, library)


def _known_of_members(node: ast.AST, library: Library) -> Iterator[ast.AST]:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr="add"), args=[key], keywords=[])) if (
            not isinstance(key, ast.Starred)
        ):
            yield value
        case ast.Call(func=func, args=[value]) if library(func) == "len":
            yield value


def _known_of_others(node: ast.AST, kind: _Kind, library: Library) -> Iterator[ast.AST]:
    match node:
        case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice) and _is_plain(index, library):
            yield value
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr=attr), args=args, keywords=[])) if (
            _is_statement(kind, attr, args)
        ):
            yield value
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=args, keywords=[]) if _is_method(
            kind, attr, args
        ):
            yield value
        case ast.Call(func=func, args=args) if (library(func) or "") in _READERS:
            yield from args
        case ast.For(iter=value) | ast.comprehension(iter=value):
            yield value


def _is_statement(kind: _Kind, attr: str, args: list[ast.expr]) -> bool:
    if isinstance(kind, _Defaults) or attr not in _DEQUE_STATEMENTS:
        return False
    match attr, args:
        case "rotate", [] | [ast.Constant(value=int())] | [ast.UnaryOp(op=ast.USub(), operand=ast.Constant())]:
            return True
        case "clear", []:
            return True
    return attr not in ("rotate", "clear") and len(args) == 1


def _is_method(kind: _Kind, attr: str, args: list[ast.expr]) -> bool:
    return attr in _DICT_METHODS if isinstance(kind, _Defaults) else attr in ("pop", "popleft") and not args


def _tested(test: ast.expr) -> Iterator[ast.expr]:
    """The parts of a test of which only is asked whether they hold."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _tested(operand)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _tested(value)
        case ast.Name():
            yield test


# ------------------------------------------------------------------- rewriting


@dataclass
class _Rewriting:
    kinds: dict[str, _Kind]
    library: Library
    names: Names

    def block(self, body: Block) -> Block:
        return [new for s in body for new in self.statement(s)]

    def statement(self, s: ast.stmt) -> Block:
        if isinstance(s, _FUNCTIONS):
            return [s]
        before: Block = []
        match s:
            case ast.Assign() | ast.AnnAssign() if (made := _making(s, self.library)) and made[0] in self.kinds:
                return self.new(made[0], s)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr), args=args)) if (
                attr in _DEQUE_STATEMENTS and isinstance(self.kinds.get(name), _Deque)
            ):
                return self.changing(name, attr, [self.named(arg) for arg in args], s)
            case ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name)) as target) if isinstance(
                kind := self.kinds.get(name), _Defaults
            ):
                target = self.present(target, kind, before, s)
                value = self.expression(s.value, before if self.may_come_first(s) else None, s)
                return [*before, changed(s, target=target, value=value)]
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=[key])) if isinstance(
                self.kinds.get(name), _Members
            ):
                text = ast.unparse(self.expression(key, before, s))
                return [*before, *lines_at(f"{name}[{text}] = True", s)]
        new: dict[str, object] = {}
        hoisted = before if self.may_come_first(s) else None
        for field, parts in ast.iter_fields(s):
            if isinstance(parts, ast.expr):
                new[field] = self.expression(parts, hoisted, s)
            elif isinstance(parts, list) and parts and isinstance(parts[0], ast.expr):
                new[field] = [self.expression(part, hoisted, s) for part in parts]
        return [*before, map_blocks(changed(s, **new), self.block)]

    def may_come_first(self, s: ast.stmt) -> bool:
        """True if what a statement reads of dicts may be put there before: it is evaluated once, and nothing that was evaluated
        before tells when that was.
        """
        if isinstance(s, ast.While | ast.Assert):
            return False
        heads = [part for _, parts in ast.iter_fields(s) for part in (parts if isinstance(parts, list) else [parts])]
        nodes = [node for part in heads if isinstance(part, ast.expr) for node in ast.walk(part)]
        read = {id(node.value): isinstance(node.ctx, ast.Load) for node in nodes if isinstance(node, ast.Subscript)}
        own = [node for node in nodes if isinstance(node, ast.Name) and isinstance(self.kinds.get(node.id), _Defaults)]
        elements = [(node.lineno, node.col_offset) for node in own if read.get(id(node))]
        whole = [(node.lineno, node.col_offset) for node in own if id(node) not in read]
        # The targets of an assignment are evaluated last.
        in_order = not isinstance(s, ast.Assign) or not any(_reads_in(target, own) for target in s.targets)
        return not elements or not whole or (in_order and max(elements) < min(whole))

    def expression(self, node: ast.expr, before: Block | None, place: ast.stmt) -> ast.expr:
        """An expression; what a dict has to have in it for that is put there `before`."""
        is_chain = isinstance(node, ast.Compare) and len(node.ops) > 1
        if before is None or is_chain or isinstance(node, _SOMETIMES):
            new: ast.expr = _InPlace(self.kinds).visit(copy.deepcopy(node))
            return new
        if isinstance(node, _FUNCTIONS):
            return node
        node = with_parts(node, [self.expression(part, before, place) for part in parts_of(node)])
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Load()) if (
                isinstance(kind := self.kinds.get(name), _Defaults) and kind.adds
            ):
                return self.present(node, kind, before, place)
        return _InPlace(self.kinds).own(node)

    def present(self, node: ast.Subscript, kind: _Defaults, before: Block, place: ast.stmt) -> ast.Subscript:
        """An element of a dict, after its default was put there if there was none."""
        key = node.slice
        if not isinstance(key, ast.Name | ast.Constant):
            own = self.names.unique("key")
            (line,) = lines_at(f"{own} = 0", place)
            before.append(changed(line, value=key))
            key = name_node(own, node)
        assert isinstance(node.value, ast.Name)
        name, text, default = node.value.id, ast.unparse(key), ast.unparse(kind.value)
        before += lines_at(f"if {text} not in {name}:\n    {name}[{text}] = {default}", place)
        return changed(node, slice=key)

    def named(self, node: ast.expr) -> ast.expr:
        """An argument of a method that changes a deque, with what is taken from one under a name."""
        node = with_parts(node, [self.named(part) for part in parts_of(node)])
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="pop" | "popleft")) if isinstance(
                self.kinds.get(name), _Deque
            ):
                own = ast.Name(self.names.unique("t"), ast.Store())
                taken = ast.NamedExpr(own, _InPlace(self.kinds).own(node))
                return ast.fix_missing_locations(ast.copy_location(taken, node))
        return node

    def new(self, name: str, s: ast.Assign | ast.AnnAssign) -> Block:
        """The list or dict for a new deque or dict."""
        kind = self.kinds[name]
        if isinstance(kind, _Defaults | _Members):
            return lines_at(f"{name} = {{}}", s)
        assert isinstance(s.value, ast.Call)
        done: Block = []
        if isinstance(kind.most, ast.Name):
            own = self.names.unique(f"{name}_most")
            done += lines_at(f"{own} = {kind.most.id}", s)
            kind = self.kinds[name] = _Deque(name_node(own, kind.most))
        match s.value.args:
            case [] | [ast.List(elts=[]), *_]:
                return [*done, *lines_at(f"{name} = []", s)]
            case [items, *_]:
                text = ast.unparse(self.expression(items, done, s))
                done += lines_at(f"{name} = {text if isinstance(items, ast.List) else f'list({text})'}", s)
        match kind.most:
            case ast.Constant(value=int() as most):
                done += lines_at(f"{name} = list({name}[-{most}:])", s)
            case ast.Name(id=most):
                done += lines_at(f"{name} = list({name}[max(len({name}) - {most}, 0):])", s)
        return done

    def changing(self, name: str, attr: str, args: list[ast.expr], s: ast.stmt) -> Block:
        """A method that changes a deque."""
        match attr:
            case "append" | "appendleft":
                return lines_at(self.added(name, attr, ast.unparse(args[0])), s)
            case "extend" | "extendleft":
                item = self.names.unique("item")
                one = indent(self.added(name, attr.replace("extend", "append"), item), "    ")
                return lines_at(f"for {item} in {ast.unparse(args[0])}:\n{one}", s)
            case "clear":
                return lines_at(f"{name} = []", s)
        times = int(ast.literal_eval(args[0])) if args else 1
        t = self.names.unique("t")
        move = f"{t} = {name}.pop()\n{name}.insert(0, {t})" if times > 0 else f"{t} = {name}.pop(0)\n{name}.append({t})"
        return lines_at(f"if {name}:\n    for _ in range({abs(times)}):\n{indent(move, ' ' * 8)}", s)

    def added(self, name: str, attr: str, value: str) -> str:
        """The text of what puts an element at one end; from the other one falls what is too many."""
        kind = self.kinds[name]
        assert isinstance(kind, _Deque)
        text = f"{name}.append({value})" if attr == "append" else f"{name}.insert(0, {value})"
        if kind.most is None:
            return text
        return f"{text}\nif len({name}) > {ast.unparse(kind.most)}:\n    {name}.pop({'0' if attr == 'append' else ''})"


def _reads_in(target: ast.expr, names: list[ast.Name]) -> bool:
    inner = target.slice if isinstance(target, ast.Subscript) else target
    return bool({id(node) for node in ast.walk(inner)} & {id(node) for node in names})


class _InPlace(ast.NodeTransformer):
    """Elements of dicts and of deques without a statement before."""

    def __init__(self, kinds: dict[str, _Kind]) -> None:
        self.kinds = kinds

    def own(self, node: ast.expr) -> ast.expr:
        """A node by itself, whose parts are what they should be."""
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="popleft")) if name in self.kinds:
                text = f"{name}.pop(0)"
            case ast.Subscript(value=ast.Name(id=name), slice=key, ctx=ast.Load()) if isinstance(
                kind := self.kinds.get(name), _Defaults
            ):
                at, default = ast.unparse(key), ast.unparse(kind.value)
                text = (
                    f"{name}.setdefault({at}, {default})"
                    if kind.adds
                    else f"{name}[{at}] if {at} in {name} else {default}"
                )
            case _:
                return node
        new = ast.parse(text, mode="eval").body
        for part in ast.walk(new):
            ast.copy_location(part, node)
        return new

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return self.own(self.generic_visit(node))  # type: ignore[arg-type]

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return self.own(self.generic_visit(node))  # type: ignore[arg-type]
