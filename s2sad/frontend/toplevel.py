"""What a module's text binds at its top level, and where the text says too little to know the value."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from s2sad.frontend.unit import Imported

__all__ = ["Bound", "ClassDefinition", "Definition", "Other", "TopLevel", "Value", "top_level"]


@dataclass(frozen=True, eq=False)
class Definition:
    """`def name(...)`."""

    node: ast.FunctionDef


@dataclass(frozen=True, eq=False)
class ClassDefinition:
    """`class name: ...`."""

    node: ast.ClassDef


@dataclass(frozen=True, eq=False)
class Value:
    """`name = expression`."""

    expression: ast.expr


@dataclass(frozen=True, eq=False)
class Other:
    """Anything else that binds a name; `what` names it in a sentence."""

    what: str


@dataclass(frozen=True, eq=False)
class Bound:
    """One binding of a name. `condition` says inside what it stands; `otherwise` is bound if the import fails."""

    name: str
    by: Definition | ClassDefinition | Value | Imported | Other
    line: int
    condition: str = ""
    otherwise: Imported | None = None


@dataclass(frozen=True, eq=False)
class TopLevel:
    """All bindings by name in order, star imports by line, and the lines that change a name's value behind them.

    `rebound`: a function declares the name `global`; `changed`: an element or attribute is assigned; `passed`: a
    statement calls something with it, which may change it. `calls` are the statements that are calls. `read` are the lines
    on which a name is read while the module is loaded.
    """

    names: dict[str, list[Bound]]
    stars: list[tuple[int, Imported]]
    rebound: dict[str, int]
    changed: dict[str, int]
    passed: dict[str, int]
    calls: tuple[ast.Call, ...] = ()
    read: dict[str, list[int]] = field(default_factory=dict)


def top_level(tree: ast.Module) -> TopLevel:
    names: dict[str, list[Bound]] = defaultdict(list)
    stars: list[tuple[int, Imported]] = []
    for bound in _block(tree.body, ""):
        if bound.name == "*" and isinstance(bound.by, Imported):
            stars.append((bound.line, bound.by))
        else:
            names[bound.name].append(bound)
    body = [statement for statement in tree.body if not _runs_as_script(statement)]
    calls = tuple(s.value for s in body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call))
    return TopLevel(dict(names), stars, _rebound(body), _changed(body), _passed(calls), calls, _read(body))


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


# ------------------------------------------------------------------ binding


def _block(statements: Iterable[ast.stmt], condition: str) -> Iterator[Bound]:
    for statement in statements:
        for bound in _statement(statement, condition):
            yield bound if bound.condition else replace(bound, condition=condition)


def _statement(s: ast.stmt, condition: str) -> Iterator[Bound]:
    match s:
        case ast.FunctionDef(name=name):
            yield Bound(name, Definition(s), s.lineno)
        case ast.ClassDef(name=name):
            yield Bound(name, ClassDefinition(s), s.lineno)
        case ast.AsyncFunctionDef(name=name):
            yield Bound(name, Other("a coroutine"), s.lineno)
        case ast.Import(names=aliases):
            for alias in aliases:
                imported = Imported(alias.name, is_whole=alias.asname is None)
                yield Bound(alias.asname or imported.bound, imported, s.lineno)
        case ast.ImportFrom(module=module, names=aliases, level=level):
            for alias in aliases:
                yield Bound(alias.asname or alias.name, Imported(module or "", level, alias.name), s.lineno)
        case ast.If(orelse=orelse) if _runs_as_script(s) or _is_type_checking(s.test):
            yield from _block(orelse, condition)
        case ast.Try(handlers=handlers) if handlers and all(map(_catches_import_error, handlers)):
            yield from _import_with_fallback(s, condition)
        case ast.If() | ast.For() | ast.While() | ast.With() | ast.Try() | ast.TryStar() | ast.Match():
            yield from _conditional(s)
        case _:
            yield from _simple(s)


def _simple(s: ast.stmt) -> Iterator[Bound]:
    """The bindings of an assignment, deletion or expression."""
    values = dict(_values(s))
    for name, value in values.items():
        yield Bound(name, Value(value), s.lineno)
    for name in _stored(s):
        if name not in values:
            yield Bound(name, Other("assigned in a way that s2sad does not follow"), s.lineno)


def _values(s: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    match s:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=items)):
            if len(targets) == len(items) and not any(isinstance(x, ast.Starred) for x in [*targets, *items]):
                pairs = zip(targets, items, strict=True)
                yield from ((target.id, item) for target, item in pairs if isinstance(target, ast.Name))
        case ast.Assign(targets=targets, value=ast.Constant() as value):
            for target in targets:
                if isinstance(target, ast.Name):
                    yield target.id, value


def _conditional(s: ast.stmt) -> Iterator[Bound]:
    keyword = type(s).__name__.lower().removesuffix("star")
    condition = f"inside the `{keyword}` at line {s.lineno}"
    for _, part in ast.iter_fields(s):
        for item in part if isinstance(part, list) else [part]:
            match item:
                case ast.stmt():
                    yield from _block([item], condition)
                case ast.ExceptHandler(body=body) | ast.match_case(body=body):
                    header = [child for child in ast.iter_child_nodes(item) if not isinstance(child, ast.stmt)]
                    own = [item.name] if isinstance(item, ast.ExceptHandler) and item.name else []
                    for name in own + [name for child in header for name in _stored(child)]:
                        yield Bound(name, Other(f"bound by `{keyword}`"), s.lineno, condition)
                    yield from _block(body, condition)
                case ast.AST():
                    for name in _stored(item):
                        yield Bound(name, Other(f"bound by `{keyword}`"), s.lineno, condition)


def _import_with_fallback(s: ast.Try, condition: str) -> Iterator[Bound]:
    """`try: import x` / `except ImportError`: the import counts, as on a machine where x is installed."""
    fallback = {bound.name: bound for handler in s.handlers for bound in _block(handler.body, "")}
    for bound in _block([*s.body, *s.orelse], condition):
        other = fallback.get(bound.name)
        if other is None or not isinstance(bound.by, Imported | Definition):
            yield bound
        else:
            fallback.pop(bound.name)
            yield replace(bound, otherwise=other.by if isinstance(other.by, Imported) else None)
    for bound in fallback.values():
        yield replace(bound, condition=f"inside the `try` at line {s.lineno}")
    yield from _block(s.finalbody, condition)


def _stored(node: ast.AST) -> Iterator[str]:
    """The names that a node binds or deletes in its own scope."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name
    if not isinstance(node, ast.Lambda | ast.comprehension):
        for child in ast.iter_child_nodes(node):
            yield from _stored(child)


def _runs_as_script(s: ast.stmt) -> bool:
    match s:
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()])):
            return True
    return False


def _is_type_checking(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
    return False


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return all(isinstance(c, ast.Name) and c.id in ("ImportError", "ModuleNotFoundError") for c in caught)


# ----------------------------------------------------------------- changing


def _rebound(body: list[ast.stmt]) -> dict[str, int]:
    """The names that are declared `global` and assigned where they are declared, with the line of the declaration."""
    found: dict[str, int] = {}
    for function in _walk(body):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            stored = _bound_in(function)
            declared = [node for node in ast.walk(function) if isinstance(node, ast.Global)]
            found |= {name: node.lineno for node in declared for name in node.names if name in stored}
    return found


def _bound_in(function: ast.AST) -> set[str]:
    """The names that are bound anywhere in a function or class."""
    found: set[str] = set()
    for node in ast.walk(function):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.ExceptHandler(name=str() as name):
                found.add(name)
            case ast.alias(name=name, asname=asname):
                found.add(asname or name.partition(".")[0])
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                found.add(name)
    return found


def _changed(body: list[ast.stmt]) -> dict[str, int]:
    """The names of the module of which an element or an attribute is assigned."""
    found: dict[str, int] = {}
    waiting: list[tuple[ast.AST, frozenset[str]]] = [(statement, frozenset()) for statement in reversed(body)]
    while waiting:
        node, local = waiting.pop()
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            name = _base(node)
            if name is not None and name not in local:
                found.setdefault(name, node.lineno)
        inside = local | _locals(node) if isinstance(node, _FUNCTIONS) else local
        waiting += [(child, inside) for child in ast.iter_child_nodes(node)]
    return found


def _locals(function: ast.AST) -> frozenset[str]:
    """The names that a function binds itself."""
    names: set[str] = set()
    rebound: set[str] = set()
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        match node:
            case ast.Global(names=declared):
                rebound.update(declared)
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            waiting += ast.iter_child_nodes(node)
    return frozenset(names - rebound)


def _passed(calls: tuple[ast.Call, ...]) -> dict[str, int]:
    """The names that stand in a call which is a statement, since what is called for its effect may have one on them."""
    found: dict[str, int] = {}
    for call in calls:
        match call.func:
            case ast.Name(id="print") | ast.Attribute(attr="defjvp" | "defvjp"):
                continue
        names = [node.id for node in ast.walk(call) if isinstance(node, ast.Name)]
        found = dict.fromkeys(names, call.lineno) | found
    return found


def _read(body: list[ast.stmt]) -> dict[str, list[int]]:
    """The lines on which names are read while the module is loaded, by name."""
    found: dict[str, list[int]] = defaultdict(list)
    waiting: list[ast.AST] = list(body)
    while waiting:
        match node := waiting.pop():
            case ast.Name(id=name, ctx=ast.Load(), lineno=line):
                found[name].append(line)
            case (
                ast.FunctionDef(args=args, decorator_list=decorators)
                | ast.AsyncFunctionDef(args=args, decorator_list=decorators)
            ):
                waiting += [*decorators, *args.defaults, *(one for one in args.kw_defaults if one is not None)]
            case ast.Lambda(args=args):
                waiting += [*args.defaults, *(one for one in args.kw_defaults if one is not None)]
            case _:
                waiting += ast.iter_child_nodes(node)
    return dict(found)


def _base(node: ast.expr) -> str | None:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _walk(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)
