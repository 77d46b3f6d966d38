"""A function with arguments given beforehand, as a function of the others: its tree with other parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from s2sad.frontend.unit import Binding, Imported, Module, Scope, Unit, User
from s2sad.naming import Names

__all__ = ["Given", "applied"]


@dataclass(frozen=True)
class Given:
    """What is given to a function: `positional` in front, `values` of other parameters for good, `defaults` of those that
    a call may still give by name. `args` and `keywords` are new parameters, whose values `*args` and `**kwargs` catch.
    """

    positional: tuple[Binding, ...] = ()
    values: Mapping[str, Binding] = field(default_factory=dict)
    defaults: Mapping[str, Binding] = field(default_factory=dict)
    args: tuple[str, ...] | None = None
    keywords: tuple[str, ...] | None = None


def applied(unit: Unit, given: Given, key: str) -> Unit:
    """The function `unit` with these arguments, under another key."""
    node = unit.node
    names = Names(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
    for part in ast.walk(node.args):
        if isinstance(part, ast.arg):
            names.reserve(part.arg)
    own = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    values = dict(zip(own, given.positional, strict=False)) | dict(given.values)
    rest = given.positional[len(own) :]
    others = {name: value for name, value in given.defaults.items() if not _takes(node.args, name)}
    if unit.by_hand is not None or rest or others:
        return _calling(unit, replace(given, values=values), rest, others, names, key)
    return _substituted(unit, given, values, names, key)


def _takes(args: ast.arguments, name: str) -> bool:
    return any(arg.arg == name for arg in (*args.args, *args.kwonlyargs))


def _substituted(unit: Unit, given: Given, values: dict[str, Binding], names: Names, key: str) -> Unit:
    """The body itself, in which what is given are names like those of the module."""
    node, found = unit.node, {}
    before: list[ast.stmt] = []
    for name, value in values.items():
        if name in _assigned(node):
            free = names.unique(f"{name}_given")
            before.append(_assign(name, ast.Name(free, ast.Load())))
            found[free] = value
        else:
            found[name] = value
    if node.args.vararg and given.args is not None:
        before.append(_assign(node.args.vararg.arg, _tuple(given.args)))
    if node.args.kwarg and given.keywords is not None:
        before.append(_assign(node.args.kwarg.arg, _dict(given.keywords)))
    body = _behind_docstring(node, before)
    args = _arguments(node.args, given, values)
    new = ast.copy_location(ast.FunctionDef(**{**vars(node), "args": args, "body": body}), node)
    return replace(unit, key=key, node=new, scope=_GivenScope(unit.scope, found, given.defaults))


def _calling(
    unit: Unit, given: Given, rest: tuple[Binding, ...], others: dict[str, Binding], names: Names, key: str
) -> Unit:
    """A function that calls it: one with a derivative by hand keeps its parameters."""
    args = unit.node.args
    found: dict[str, Binding] = {unit.name: User(unit)}

    def bound(wish: str, value: Binding) -> ast.expr:
        free = names.unique(wish)
        found[free] = value
        return ast.Name(free, ast.Load())

    def passed(name: str) -> ast.expr:
        return bound(f"{name}_given", given.values[name]) if name in given.values else ast.Name(name, ast.Load())

    positional: list[ast.expr] = [passed(arg.arg) for arg in (*args.posonlyargs, *args.args)]
    positional += [bound(f"{unit.name}_given", value) for value in rest]
    keywords = [ast.keyword(arg.arg, passed(arg.arg)) for arg in args.kwonlyargs]
    keywords += [ast.keyword(name, bound(f"{name}_given", value)) for name, value in others.items()]
    if args.vararg:
        inner: list[ast.expr] = [ast.Starred(ast.Name(args.vararg.arg, ast.Load()), ast.Load())]
        positional += inner if given.args is None else [passed(name) for name in given.args]
    if args.kwarg:
        whole = [ast.keyword(None, ast.Name(args.kwarg.arg, ast.Load()))]
        keywords += whole if given.keywords is None else [ast.keyword(name, passed(name)) for name in given.keywords]
    call = ast.Call(ast.Name(unit.name, ast.Load()), positional, keywords)
    body: list[ast.stmt] = [_placed(ast.Return(call))]
    new = ast.FunctionDef(**{**vars(unit.node), "args": _arguments(args, given, given.values), "body": body})
    scope = _GivenScope(unit.scope, found, given.defaults)
    return replace(unit, key=key, node=ast.copy_location(new, unit.node), scope=scope, by_hand=None)


# ------------------------------------------------------------------ parameters


def _arguments(args: ast.arguments, given: Given, values: Mapping[str, Binding]) -> ast.arguments:
    """The parameters that are left: behind one that has a value by name, all are given by name."""
    by_position = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [*[None] * (len(by_position) - len(args.defaults)), *args.defaults]
    left = [
        (arg, ast.Name(arg.arg, ast.Load()) if arg.arg in given.defaults else default)
        for arg, default in zip(by_position, defaults, strict=True)
        if arg.arg not in values
    ]
    cut = next((k for k, (arg, _) in enumerate(left) if arg.arg in given.defaults), len(left))
    front = [(arg, None if given.args else default) for arg, default in left[:cut]]
    front += [(ast.arg(name), None) for name in given.args or () if name not in values]
    named = [
        (arg, ast.Name(arg.arg, ast.Load()) if arg.arg in given.defaults else default)
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
        if arg.arg not in values
    ]
    named = [*left[cut:], *named, *((ast.arg(name), None) for name in given.keywords or () if name not in values)]
    only = [arg for arg, _ in front if arg in args.posonlyargs]
    return ast.arguments(
        only,
        [arg for arg, _ in front if arg not in only],
        args.vararg if given.args is None else None,
        [arg for arg, _ in named],
        [default for _, default in named],
        args.kwarg if given.keywords is None else None,
        [default for _, default in front if default is not None],
    )


def _assigned(node: ast.FunctionDef) -> set[str]:
    """The names that are assigned anywhere in the function."""
    stored = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)}
    return stored | {part.name for s in node.body for part in ast.walk(s) if isinstance(part, ast.FunctionDef)}


# ------------------------------------------------------------------------ trees


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return _placed(ast.Assign([ast.Name(name, ast.Store())], value))


def _tuple(names: Iterable[str]) -> ast.expr:
    return ast.Tuple([ast.Name(name, ast.Load()) for name in names], ast.Load())


def _dict(names: tuple[str, ...]) -> ast.expr:
    return ast.Dict([ast.Constant(name) for name in names], [ast.Name(name, ast.Load()) for name in names])


def _placed(node: ast.stmt) -> ast.stmt:
    """A statement that stands nowhere in the file."""
    for part in ast.walk(node):
        if isinstance(part, ast.stmt | ast.expr | ast.keyword):
            part.lineno = part.end_lineno = part.col_offset = part.end_col_offset = 0
    return node


def _behind_docstring(node: ast.FunctionDef, before: list[ast.stmt]) -> list[ast.stmt]:
    first = 1 if ast.get_docstring(node, clean=False) is not None else 0
    return [*node.body[:first], *before, *node.body[first:]]


@dataclass(frozen=True)
class _GivenScope:
    """The names of a function in which some have been given a meaning."""

    base: Scope
    found: Mapping[str, Binding]
    defaults: Mapping[str, Binding]

    def lookup(self, name: str) -> Binding:
        return self.found[name] if name in self.found else self.base.lookup(name)

    def member(self, module: Module, attr: str) -> Binding:
        return self.base.member(module, attr)

    def default(self, parameter: str) -> Binding:
        return self.defaults[parameter] if parameter in self.defaults else self.base.default(parameter)

    def imported(self, what: Imported) -> Binding:
        return self.base.imported(what)
