"""Derivatives by a part of an argument: the part is a parameter of its own, until the derivative is made.

`wrt="params.W"` gives the function one more parameter, which it reads in the place of the part. So nothing is computed for
the other parts, and every operator takes it for a parameter like others.

    def loss(params, x):                  def loss(params, x, W):
        return np.sum(params["W"] * x) →      return np.sum(W * x)

What reads the whole argument reads one put together with the part. The derivative has the user's parameters again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from s2sad.analysis.changes import stored_variables
from s2sad.analysis.parts import key_of, part_of
from s2sad.errors import ArgumentError, DifferentiationError
from s2sad.ir import Assign, Block, Def, Expr, Function, Name, Param, Routine, Statement
from s2sad.kind import Key, Kind, Unknown, described, item_of, items_of
from s2sad.naming import Names
from s2sad.options import Options
from s2sad.paths import Path, path_of, plain_name
from s2sad.program import Program
from s2sad.syntax import span_of
from s2sad.transform.byhand import called
from s2sad.transform.closures import lifted
from s2sad.transform.containers import assembled
from s2sad.transform.module import Module, documented
from s2sad.traversal import (
    assigned,
    binds,
    bound_names,
    expressions,
    map_blocks,
    map_children,
    map_heads,
    statements,
    walk,
)
from s2sad.traversal import children as children_of

__all__ = ["Selected", "selected"]


#: A program with what its functions do to their arguments noted, for parameters of these kinds.
Noted = Callable[[Program, Mapping[str, Kind]], Program]

#: The operators that run the function once for each block of directions.
_REPEATED = ("jacfwd", "jacrev", "jacobian", "hessian")


@dataclass(frozen=True)
class _Part:
    """The part of a parameter with its expression, and the parameter `name` that stands for it."""

    path: Path
    node: Expr
    kind: Kind
    name: str


@dataclass(frozen=True)
class Selected:
    """A program whose first function has parameters of its own for the `parts` that `wrt` names."""

    program: Program
    options: Options
    kinds: dict[str, Kind]
    parts: tuple[_Part, ...] = ()
    whole: Mapping[str, Expr] = field(default_factory=dict)
    own: Mapping[str, Kind] = field(default_factory=dict)

    def restored(self, module: Module) -> Module:
        """The module of the derivative, which takes the arguments of the user's function again."""
        if not self.parts:
            return module
        functions, parts = (
            tuple(self.without(f) if f.name == module.name else f for f in found)
            for found in (module.functions, module.parts)
        )
        active = tuple(dict.fromkeys(self.shown(name) for name in module.active))
        return replace(module, functions=functions, parts=parts, active=active)

    def without_copy(self, block: Block, root: str, whole: Expr) -> Block:
        """The derivative reads the argument, which has the same parts as the one put together."""
        bound = list(_bound(block))
        for s in block:
            match s:
                case Assign(target=Name(id=name), value=value) if value == whole and bound.count(name) == 1:
                    if name == root or root not in bound:
                        rest = tuple(line for line in block if line is not s)
                        return _mapped(rest, partial(_exchanged, nodes={Name(name): Name(root)}))
        _check_not_stored(self.program, {root: root})
        return block

    def shown(self, name: str) -> str:
        """A variable as the user calls it."""
        return next((_text(part.path) for part in self.parts if part.name == name), name)

    def without(self, derivative: Function) -> Function:
        """The derivative without the parameters that stand for parts."""
        names = {part.name for part in self.parts}
        params = tuple(param for param in derivative.params if param.name not in names)
        body = derivative.body
        for name, whole in self.whole.items():
            body = self.without_copy(body, name, whole)
        bound = set(_bound(body))
        nodes: dict[Expr, Expr] = {}
        lines: list[Statement] = []
        for part in self.parts:
            if part.name in bound or part.path.root in bound:
                lines.append(Assign(Name(part.name), part.node))
            else:
                nodes[Name(part.name)] = part.node
        body = _mapped((*lines, *body), lambda node: _exchanged(node, nodes)) if nodes else (*lines, *body)
        doc = documented(_root(self.program).doc, self.own) if derivative.doc else ""
        return replace(derivative, params=params, body=body, doc=doc)


def selected(program: Program, options: Options, kinds: Mapping[str, Kind], noted: Noted) -> Selected:
    """The program where each path in `wrt` is a parameter; `noted` finds what functions do to their arguments.

    ArgumentError (S104) for a path that leads nowhere, DifferentiationError (S301) where the function changes what is
    selected.
    """
    root = _root(program)
    paths = {text: path for text in options.wrt if (path := _path(text, root)) is not None}
    if not paths:
        return Selected(program, options, dict(kinds))
    program = noted(lifted(program), kinds)
    _check_unchanged(program, {path.root: text for text, path in paths.items()})
    if options.mode in _REPEATED:
        _check_not_stored(program, {path.root: text for text, path in paths.items()})
    if _calls_itself(program):
        program = called(program, next(iter(program.functions)))
    names = Names([*bound_names(root), *program.names.values(), *program.data])
    found = {text: _part(text, path, kinds, root, names) for text, path in paths.items()}
    parts = tuple(found.values())
    _check_apart(options.wrt, parts)
    own = {param.name: kinds.get(param.name, Unknown(param.name)) for param in root.params}
    function, whole = _with_parameters(_root(program), parts, own)
    program = replace(program, functions={**program.functions, next(iter(program.functions)): function})
    options = replace(options, wrt=tuple(found[text].name if text in found else text for text in options.wrt))
    known = {**kinds, **{part.name: part.kind for part in parts}}
    _check_unchanged(noted(program, known), {part.name: text for text, part in found.items()})
    return Selected(program, options, known, parts, whole, own)


def _root(program: Program) -> Function:
    return program.functions[next(iter(program.functions))]


def _path(text: str, root: Function) -> Path | None:
    path = path_of(text)
    return path if path is not None and path.keys and path.root in {param.name for param in root.params} else None


def _text(path: Path) -> str:
    return path.root + "".join(f"[{key!r}]".replace("'", '"') for key in path.keys)


# ---------------------------------------------------------------------- checks


def _part(text: str, path: Path, kinds: Mapping[str, Kind], root: Function, names: Names) -> _Part:
    """The part that a path leads to."""
    node: Expr = Name(path.root)
    kind = kinds.get(path.root, Unknown(path.root))
    keys: list[Key] = []
    for wished in path.keys:
        key = item_of(kind, wished)
        if key is None:
            raise _no_part(text, root.name, path.root, keys, kind)
        node, kind = part_of(node, key, kind), dict(items_of(kind) or ())[key]
        keys.append(key)
    return _Part(Path(path.root, tuple(keys)), node, kind, names.unique(_name(text, path, names)))


def _name(text: str, path: Path, names: Names) -> str:
    wish = plain_name(text)
    return f"{path.root}_{wish}" if names.taken(wish) and not wish.startswith(f"{path.root}_") else wish


def _no_part(text: str, function: str, root: str, keys: list[Key], kind: Kind) -> ArgumentError:
    whole = _text(Path(root, tuple(keys)))
    parts = items_of(kind)
    if parts is None:
        has = f"`{whole}` is {described(kind)}, whose parts are not known"
        rewrite = "name a part of a tuple, list, dict or object of floats; annotate it where a file is read"
    else:
        has = f"`{whole}` has {', '.join(repr(key) for key, _ in parts) or 'no parts'}"
        rewrite = "name a part that is there"
    return ArgumentError("S104", f"`wrt={text!r}` names no part of an argument of `{function}`: {has}", rewrite=rewrite)


def _check_apart(wrt: tuple[str, ...], parts: tuple[_Part, ...]) -> None:
    """Refuse two selections of one thing."""
    paths = [part.path for part in parts] + [Path(name) for name in wrt if name.isidentifier()]
    for number, path in enumerate(paths):
        if any(path.overlaps(other) for other in paths[:number]):
            reason = f"`wrt={wrt!r}` selects `{_text(path)}` twice"
            raise ArgumentError("S104", reason, rewrite="select each part once, by itself or with what it is in")


def _check_unchanged(program: Program, texts: Mapping[str, str]) -> None:
    """Refuse functions that change what is selected: the derivative has it under two names."""
    root = _root(program)
    for name, text in texts.items():
        if name in root.changes:
            raise _changed(program, text)


def _check_not_stored(program: Program, texts: Mapping[str, str]) -> None:
    """Refuse what would be stored into a copy of the argument, or more than once."""
    for name in stored_variables(_root(program).body):
        if name in texts:
            raise _changed(program, texts[name])


def _changed(program: Program, text: str) -> DifferentiationError:
    unit = program.units[next(iter(program.functions))]
    reason = f"`wrt` names `{text}`, and `{_root(program).name}` changes that argument in place"
    rewrite = "let it change a copy, or differentiate by the whole argument"
    return DifferentiationError("S301", reason, unit.place(span_of(unit.node)), rewrite)


def _calls_itself(program: Program) -> bool:
    first = next(iter(program.functions))
    nodes = (part for f in program.functions.values() for node in expressions(f.body) for part in walk(node))
    return any(isinstance(part, Routine) and part.key == first for part in nodes)


# ------------------------------------------------------------------ parameters


def _with_parameters(
    function: Function, parts: tuple[_Part, ...], kinds: Mapping[str, Kind]
) -> tuple[Function, dict[str, Expr]]:
    """The function with a parameter for each part, and the arguments that are put together from these."""
    by_position = [param for param in function.params if param.form not in ("keyword", "args", "kwargs")]
    others = [param for param in function.params if param not in by_position]
    params = (*by_position, *(Param(part.name) for part in parts), *others)
    bound = {name for s in function.body for name in assigned(s)}
    roots = dict.fromkeys(part.path.root for part in parts)
    reader = _Reader(parts, kinds)
    whole = {
        root: reader.rebuilt(Path(root), Name(root), kinds[root])
        for root in roots
        if root in bound or any(root in reader.read_whole(node) for node in expressions(function.body))
    }
    reader = replace(reader, parts=tuple(part for part in parts if part.path.root not in whole))
    body = (*(Assign(Name(root), value) for root, value in whole.items()), *_mapped(function.body, reader.read))
    return replace(function, params=params, body=body), whole


@dataclass(frozen=True)
class _Reader:
    """How a function reads the parts, for parameters of these kinds."""

    parts: tuple[_Part, ...]
    kinds: Mapping[str, Kind]

    def at(self, node: Expr) -> tuple[Path, Kind] | None:
        """The part of a parameter that an expression is, with its kind."""
        if isinstance(node, Name):
            kind = self.kinds.get(node.id)
            return None if kind is None else (Path(node.id), kind)
        inner = self.at(children_of(node)[0]) if children_of(node) else None
        if inner is None:
            return None
        path, whole = inner
        key = key_of(node, lambda _: whole)
        return None if key is None else (Path(path.root, (*path.keys, key)), dict(items_of(whole) or ())[key])

    def read(self, node: Expr) -> Expr:
        """An expression that reads the parameters for the parts."""
        found = self.at(node)
        if found is not None:
            for part in self.parts:
                if part.path == found[0]:
                    return Name(part.name, span=node.span)
        return map_children(node, self.read)

    def read_whole(self, node: Expr) -> Iterator[str]:
        """The parameters that an expression reads with a part in them, not by that alone."""
        found = self.at(node)
        if found is None:
            for child in children_of(node):
                yield from self.read_whole(child)
        elif any(part.path.overlaps(found[0]) and len(part.path.keys) > len(found[0].keys) for part in self.parts):
            yield found[0].root

    def rebuilt(self, path: Path, node: Expr, kind: Kind) -> Expr:
        """A container with the parameters for its parts."""
        inside = [part for part in self.parts if part.path.overlaps(path)]
        if not inside:
            return node
        if inside[0].path == path:
            return Name(inside[0].name)
        pairs = [(key, item, Path(path.root, (*path.keys, key))) for key, item in items_of(kind) or ()]
        keeps = getattr(kind, "has_attributes", False)
        made = {
            key: self.rebuilt(own, part_of(node, key, kind), item)
            for key, item, own in pairs
            if not keeps or any(part.path.overlaps(own) for part in inside)
        }
        return assembled(kind, node, made)


# --------------------------------------------------------------------- results


def _mapped(block: Block, function: Callable[[Expr], Expr]) -> Block:
    """A block with `function` applied to every expression in it, those of functions defined in it too."""
    return tuple(_mapped_statement(s, function) for s in block)


def _mapped_statement(s: Statement, function: Callable[[Expr], Expr]) -> Statement:
    match s:
        case Def(function=inner):
            return replace(s, function=replace(inner, body=_mapped(inner.body, function)))
    return map_blocks(map_heads(s, function), lambda block: _mapped(block, function))


def _exchanged(node: Expr, nodes: Mapping[Expr, Expr]) -> Expr:
    return nodes.get(node) or map_children(node, lambda child: _exchanged(child, nodes))


def _bound(block: Block) -> Iterator[str]:
    """The variables that a block binds, as often as it does, those of functions defined in it too."""
    for s in statements(block):
        yield from binds(s)
        if isinstance(s, Def):
            yield from (param.name for param in s.function.params)
            yield from _bound(s.function.body)
