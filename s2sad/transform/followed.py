"""Names followed along the statements, as long as they refer to the same path: this takes their place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from s2sad.analysis.changes import changed, changed_arguments, changed_variables, functional, is_change
from s2sad.analysis.holders import holders
from s2sad.analysis.paths import (
    base_of,
    is_simple,
    leaves_of_path,
    levels,
    normal,
    path_of,
    through,
    with_changed_part,
    with_leaves,
)
from s2sad.ir import (
    Assign,
    Attribute,
    Aug,
    Block,
    Call,
    Compare,
    Const,
    Def,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    Lambda,
    Name,
    Opaque,
    Statement,
    Try,
    TupleOf,
    While,
    With,
)
from s2sad.kind import Array, Dict, Kind, List, Number, Record, Sequence
from s2sad.naming import Names
from s2sad.rules.views import reshaped
from s2sad.syntax import template
from s2sad.transform.refusing import refused_if
from s2sad.traversal import (
    binds,
    expressions,
    map_blocks,
    map_children,
    map_heads,
    names_in,
    statements,
    substitute,
    target_names,
)

__all__ = ["followed"]

KindOf = Callable[[Expr], Kind]


def followed(
    function: Function, group: frozenset[str], names: Names, kinds_at: Callable[[Statement], KindOf | None]
) -> Block | None:
    """The body of a function with paths in the place of the names of `group`, where they can be followed; None if none can."""
    excluded: set[str] = set()
    captured: dict[str, dict[int, str]] = {}
    while True:
        params = frozenset(param.name for param in function.params)
        plain = dict.fromkeys(params, _PLAIN)
        walk = _Walk(function.body, kinds_at, params, frozenset(group - excluded), captured, names, dict(plain))
        body = walk.block(function.body)
        if walk.lost <= excluded and walk.moving <= captured.keys():
            return body if walk.has_followed else None
        excluded |= walk.lost
        captured |= {name: {} for name in walk.moving}


@dataclass(frozen=True)
class _Lost:
    """What a name refers to that is no path any more; `moving`: a variable in an index has changed, or has other values."""

    moving: bool = False


#: A variable that is the only name of what it refers to, as far as this pass knows.
_PLAIN = "plain"

State = Expr | _Lost | str


@dataclass
class _Walk:
    """Follows the statements with what the names refer to. `captured` are the names whose indices are kept in variables, and
    these by position. What is read and cannot be followed is noted in `lost`, or in `moving` if keeping indices helps.
    """

    body: Block
    kinds_at: Callable[[Statement], KindOf | None]
    params: frozenset[str]
    group: frozenset[str]
    captured: dict[str, dict[int, str]]
    names: Names
    env: dict[str, State] = field(default_factory=dict)
    kind: KindOf = field(default=lambda node: Number("int"))
    lost: set[str] = field(default_factory=set)
    moving: set[str] = field(default_factory=set)
    has_followed: bool = False

    def block(self, block: Block) -> Block:
        return tuple(line for s in block for line in self.statement(s))

    def statement(self, s: Statement) -> Block:
        around = self.kind
        self.kind = self.kinds_at(s) or around
        done = self.dispatched(s)
        self.kind = around
        return done

    def dispatched(self, s: Statement) -> Block:
        match s:
            case Assign(value=Call() as call) if changed_arguments(call):
                return self.called(s, call)
            case Assign(target=Name(id=name), value=value) if name in self.group and changed(s) is None:
                path = path_of(value, self.kind)
                if path is None:
                    return self.reshaped(s, name) or self.plain(s)
                return self.named(s, name, normal(self.read(path), self.kind_of))
            case Assign(value=Call() as value) if (changing := changed(s)) is not None:
                return self.changed(s, changing, value)
            case Assign():
                return self.plain(s)
            case Aug(target=Name(id=name)):
                return self.updated(s, name)
            case If(then=then, orelse=orelse):
                return self.branch(map_heads(s, self.read), then, orelse)
            case For() | While():
                return self.loop(s)
            case With():
                head = map_heads(s, self.read)
                self.bind(binds(s))
                return (map_blocks(head, self.block),)
            case Try():
                return self.attempt(s)
            case Evaluate(value=value):
                # A list may get other elements.
                self.lose_elements([name for name in names_in(value) if not isinstance(self.kind(Name(name)), Array)])
            case Def(function=inner):
                self.lost |= self.group & {name for e in expressions(inner.body) for name in names_in(e)}
        return (map_heads(s, self.read),)

    def plain(self, s: Assign) -> Block:
        done = replace(s, value=self.read(s.value))
        self.bind(target_names(s.target))
        return (done,)

    # ---------------------------------------------------------------- reading

    def read(self, node: Expr) -> Expr:
        """An expression with paths in the place of names."""
        match node:
            case Name(id=name):
                return self.path(node, self.env.get(name))
            case Opaque(text=text):
                done = map_children(node, self.read)
                # A name in a path could mean something else in a text that binds it.
                words = set(re.findall(r"\w+", text))
                self.lost |= {name for name in names_in(node) if words & set(names_in(self.read(Name(name)))) - {name}}
                return done
            case Lambda():
                self.lost |= {name for name in names_in(node) if self.env.get(name, _PLAIN) != _PLAIN}
                return node
            case Compare(ops=ops) if {"is", "is not"} & set(ops):
                # A view that is made again is another object.
                self.lost |= {name for name in names_in(node) if self.is_view(self.env.get(name))}
            case Index(value=value, index=index):
                inner, index = self.read(value), self.read(index)
                done = replace(node, value=inner, index=index)
                return done if inner is value else through(inner, index, self.kind_of)
        return map_children(node, self.read)

    def is_view(self, state: State | None) -> bool:
        """True for a path that may be a part of an array."""
        kinds = Sequence | List | Record | Dict
        return isinstance(state, Index) and not isinstance(self.kind_of(state.value), kinds)

    def kind_of(self, node: Expr) -> Kind:
        """The kind of an expression in which variables of this pass stand for numbers."""
        own = {name for places in self.captured.values() for name in places.values()}
        if isinstance(node, Name) and node.id in own:
            return Number("int")
        return self.kind(node)

    def path(self, node: Name, state: State | None) -> Expr:
        if isinstance(state, _Lost):
            (self.moving if state.moving and node.id not in self.captured else self.lost).add(node.id)
        return replace(state, span=node.span) if isinstance(state, Expr) else node

    # ---------------------------------------------------------------- binding

    def bind(self, names: list[str]) -> None:
        """Variables that get something else: what went through them is no path any more."""
        for name, state in self.env.items():
            if not isinstance(state, Expr):
                continue
            if base_of(state) in names:
                self.env[name] = _Lost()
            elif not set(names).isdisjoint(names_in(state)):
                self.env[name] = _Lost(moving=True)
        self.env.update(dict.fromkeys(names, _PLAIN))

    def named(self, s: Assign, name: str, path: Expr) -> Block:
        """A name gets a path."""
        if base_of(path) == name:
            return self.plain(replace(s, value=path))
        if name in self.captured or not all(map(is_simple, leaves_of_path(path))):
            lines, path = self.kept(name, path)
        else:
            lines = ()
        self.bind([name])
        self.env[name] = path
        self.has_followed = True
        return lines

    def kept(self, name: str, path: Expr) -> tuple[Block, Expr]:
        """A path whose indices are variables that belong to the name, and the lines that give them their values."""
        own = self.captured.setdefault(name, {})
        lines: list[Statement] = []

        def variable(leaf: Expr) -> Expr:
            place = len(lines)
            if place not in own:
                own[place] = self.names.unique(f"{name}_at")
            lines.append(Assign(Name(own[place]), leaf))
            return Name(own[place])

        path = with_leaves(path, variable)
        return tuple(lines), path

    # --------------------------------------------------------------- changing

    def changed(self, s: Assign, name: str, value: Call) -> Block:
        """A change of the object of a variable: of a path it is one of the path's root."""
        path = self.read(Name(name))
        self.replaced_in(path, value)
        done = self.read(value)
        if isinstance(s.target, TupleOf):
            return self.popped(s, name, path, done)
        assert isinstance(done, Call)
        found = with_changed_part(s, path, done, self.kind_of)
        if found is None:
            self.lost.add(name if base_of(path) != name else str(base_of(path)))
        return (found or s,)

    def popped(self, s: Assign, name: str, path: Expr, value: Expr) -> Block:
        """What is taken out of a list gets a name, too."""
        assert isinstance(s.target, TupleOf)
        taken = s.target.items[0]
        if not isinstance(path, Name):
            self.lost.add(name)
        self.bind(target_names(taken))
        return (replace(s, target=replace(s.target, items=(taken, path)), value=value),)

    def updated(self, s: Aug, name: str) -> Block:
        done = replace(s, value=self.read(s.value), target=self.read(s.target))
        if not isinstance(self.kind(s.target), Array):
            # It is another number then.
            self.bind([name])
            return (replace(done, target=s.target),)
        if isinstance(done.target, Name | Index):
            return (functional(done),)
        whole = functional(replace(s, target=Index(s.target, Const(...))))
        assert isinstance(whole, Assign) and isinstance(whole.value, Call)
        return self.changed(whole, name, whole.value)

    def called(self, s: Assign, call: Call) -> Block:
        """A call that changes arguments, in terms of values assigned to what it changes."""
        own = changed_variables(s)
        done = self.read(call)
        roots = [base_of(part) for part in changed_arguments(done)]
        if len(set(roots)) < len(roots):
            # Which of the paths is changed last would decide.
            self.lost |= {name for name in own if isinstance(self.env.get(name), Expr)}
        self.lose_elements([str(root) for root in roots if not isinstance(self.kind(Name(str(root))), Array)])
        targets = list(s.target.items) if isinstance(s.target, TupleOf) else [s.target]
        first = len(targets) - len(own)
        self.bind([name for target in targets[:first] for name in target_names(target)])
        new = (*targets[:first], *(Name(str(root)) for root in roots))
        return (replace(s, target=new[0] if len(new) == 1 else TupleOf(new), value=done),)

    def replaced_in(self, path: Expr, value: Call) -> None:
        """A list or dict at a path gets other elements."""
        while isinstance(inner := value.args[-1], Call) and is_change(inner):
            path, value = Index(path, value.args[1]), inner
        root = base_of(path)
        if not isinstance(self.kind(value.args[0]), Array) and root is not None:
            self.lose_elements([root], len(levels(path)))

    def lose_elements(self, roots: list[str], depth: int = 0) -> None:
        """Paths through lists and dicts that got other elements may be paths to something else."""
        for name, state in self.env.items():
            if isinstance(state, Expr) and base_of(state) in roots and len(levels(state)) > depth:
                self.env[name] = _Lost()

    def reshaped(self, s: Assign, name: str) -> Block | None:
        """The array that has all elements of another one in another shape takes its place: what is read of that later is read
        of this. Whether it is a view depends on how the elements lie in memory, which is tested.
        """
        old = reshaped(s.value)
        kind = self.kind(old) if old is not None else None
        if not isinstance(old, Name) or old.id not in self.group or not isinstance(kind, Array):
            return None
        if self.env.get(old.id) != _PLAIN or old.id in self.params or old.id == name:
            return None
        held = holders(self.body, old.id, self.kinds_at) & self.env.keys() - {old.id, name}
        if held - {view for view, _ in self.views_of(old.id)}:
            # They would go on with what the array was.
            return None
        lines: list[Statement] = []
        shape: Expr = Const(-1)
        if len(kind.shape) != 1:
            shape = Name(self.names.unique(f"{old.id}_shape"))
            lines.append(Assign(shape, Attribute(old, "shape")))
        text = f"`{name}` is a copy of `{old.id}` here, whose elements lie in another order in memory"
        test = template("not np.may_share_memory(x, y)", x=old, y=s.value)
        lines.append(refused_if(test, text, ValueError))
        lines.append(replace(s, value=Call(Global("numpy.copy"), (self.read(s.value),))))
        self.bind([name])
        now = Call(Attribute(Name(name), "reshape"), (shape,))
        self.env |= {view: substitute(path, {old: now}) for view, path in self.views_of(old.id)}
        self.env[old.id] = now
        self.has_followed = True
        return tuple(lines)

    def views_of(self, array: str) -> list[tuple[str, Expr]]:
        """The names that are followed to parts of an array."""
        paths = [(name, state) for name, state in self.env.items() if isinstance(state, Expr)]
        return [(name, path) for name, path in paths if base_of(path) == array]

    # ------------------------------------------------------------------ blocks

    def branch(self, s: Statement, then: Block, orelse: Block) -> Block:
        assert isinstance(s, If)
        before = dict(self.env)
        then = self.block(then)
        after, self.env = self.env, before
        orelse = self.block(orelse)
        self.env = _joined(self.env, after)
        return (replace(s, then=then, orelse=orelse),)

    def loop(self, s: For | While) -> Block:
        if isinstance(s, For):
            s = replace(s, iterable=self.read(s.iterable))
        while True:
            before = dict(self.env)
            done = self.round(s)
            after, self.env = self.env, _joined(before, self.env)
            if self.env == before:
                break
        if s.until is not None:
            # It is asked at the end of a round.
            around, self.env = self.env, after
            done = replace(done, until=self.read(s.until))
            self.env = around
        return (done,)

    def round(self, s: For | While) -> For | While:
        if isinstance(s, While):
            test = self.read(s.test)
            return replace(s, test=test, body=self.block(s.body), orelse=())
        self.bind(target_names(s.target))
        return replace(s, body=self.block(s.body))

    def attempt(self, s: Try) -> Block:
        before = dict(self.env)
        body = self.block(s.body)
        orelse = self.block(s.orelse)
        after = self.env
        handlers = []
        for handler in s.handlers:
            self.env = _joined(before, after)
            self.bind(sorted({name for inner in statements(s.body) for name in binds(inner)} - self.group))
            handlers.append(replace(handler, body=self.block(handler.body)))
            after = _joined(after, self.env)
        self.env = after
        return (replace(s, body=body, orelse=orelse, handlers=tuple(handlers), final=self.block(s.final)),)


def _joined(a: dict[str, State], b: dict[str, State]) -> dict[str, State]:
    """What the names refer to where two ways meet; a name that one way does not bind is not read there."""
    done = {**a, **b}
    for name in a.keys() & b.keys():
        if a[name] != b[name]:
            both = a[name], b[name]
            alike = [with_leaves(state, lambda leaf: Const(0)) for state in both if isinstance(state, Expr)]
            moving = [state for state in both if isinstance(state, _Lost)]
            keeps = (len(alike) == 2 and alike[0] == alike[1]) or (len(alike) == 1 and len(moving) == 1)
            done[name] = _Lost(moving=keeps and all(state.moving for state in moving))
    return done
