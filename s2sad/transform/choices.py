"""A variable that holds one of several functions holds the name of one, and where it is called that is asked.

    f = np.sin if fast else slow    →    f = "sin" if fast else "slow"
    y = f(x)                             y = np.sin(x) if f == "sin" else slow(x)

So is what a branch assigns, what is looked up in a dict of functions by a key that is not known, and what a function returns
that returns one of several. A function that is passed on is asked for where it is passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from s2sad.analysis.kinds import is_library_function
from s2sad.analysis.webs import rename
from s2sad.ir import (
    Assign,
    Attribute,
    Block,
    Bool,
    Call,
    Closure,
    Compare,
    Conditional,
    Const,
    DictOf,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    Lambda,
    ListOf,
    Name,
    Opaque,
    Return,
    Routine,
    Statement,
    TupleOf,
    While,
)
from s2sad.naming import Names
from s2sad.program import Program
from s2sad.traversal import binds, bound_names, children, heads, map_blocks, map_children, map_heads, statements, walk

__all__ = ["with_choices"]

#: The functions that a value may be, by the names that stand for them.
Options = dict[str, Expr]
#: A dict, list or tuple of functions.
Table = DictOf | ListOf | TupleOf
#: What stands for no function.
_NONE = "None"


def with_choices(program: Program) -> Program:
    """The program in which no variable holds one of several functions."""
    if not any(map(_may_choose, program.functions.values())):
        return program
    others = list(program.functions)[1:]
    choosers = {key: options for key in others if len(options := _returned(program, key)) > 1}
    while True:
        done = {key: _Function(program, function, choosers) for key, function in program.functions.items()}
        misused = {key for one in done.values() for key in one.misused()} | (choosers.keys() & program.by_hand.keys())
        if not misused:
            break
        choosers = {key: options for key, options in choosers.items() if key not in misused}
    return replace(program, functions={key: one.rewritten(key in choosers) for key, one in done.items()})


def _may_choose(function: Function) -> bool:
    """True if a function is a value somewhere that a branch may decide about."""
    every = list(statements(function.body))
    values = [s.value for s in every if isinstance(s, Assign | Return) and s.value is not None]
    values += [s.iterable for s in every if isinstance(s, For) and _may_end(s)]
    found = (part for value in values for part in (value, *children(value)) if part is not getattr(value, "func", None))
    looked_up = (part.value for s in every for part in _parts(s) if isinstance(part, Index))
    return any(map(_is_function, found)) or any(map(_table, looked_up))


def _parts(s: Statement) -> Iterator[Expr]:
    for head in heads(s):
        yield from walk(head)


def _is_function(node: Expr) -> bool:
    is_library = isinstance(node, Global) and is_library_function(node.dotted)
    return isinstance(node, Routine | Closure) or is_library


def _table(node: Expr) -> bool:
    """True for a dict, list or tuple of functions."""
    return isinstance(node, DictOf | ListOf | TupleOf) and bool(node.items) and all(map(_is_function, node.items))


def _returned(program: Program, key: str) -> Options:
    """The functions that a function returns one of; none if it returns anything else, or what has captured its variables."""
    found = _Function(program, program.functions[key], {})
    options: Options = {}
    for s in statements(found.function.body):
        if isinstance(s, Return):
            own = found.options(s.value) if s.value is not None else {}
            if not own or any(isinstance(one, Closure) and one.captures for one in own.values()):
                return {}
            options = _together(options, own) if options else own
    return options


@dataclass
class _Function:
    """One function, its live ranges under names: which of its variables hold one of several functions."""

    program: Program
    original: Function
    choosers: Mapping[str, Options]
    tables: dict[str, Table] = field(default_factory=dict)
    chosen: dict[str, Options] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = Names([*bound_names(self.original), *self.program.names.values(), *self.program.data])
        self.function = rename(self.original, self.names).function
        self.bindings = dict(self.bound())
        for name, values in self.bindings.items():
            if len(values) == 1 and _table(values[0]) and name not in _changed(self.function):
                assert isinstance(values[0], Table)
                self.tables[name] = values[0]
        loops = (s for s in statements(self.function.body) if isinstance(s, For) and self.runs_over_table(s.iterable))
        self.looped = {name for s in loops for name in binds(s)}
        self.chosen = {name: {} for name in self.bindings}
        while True:
            before = dict(self.chosen)
            for name in before:
                self.chosen[name] = self.all_options(name)
            self.chosen = {name: own for name, own in self.chosen.items() if own}
            if self.chosen == before:
                break
        several = {name for name, own in self.chosen.items() if len(own) > 1 and set(own) != {_NONE}}
        free = set(self.otherwise_used())
        self.chosen = {name: own for name, own in self.chosen.items() if name in several - free}

    def bound(self) -> Iterator[tuple[str, list[Expr]]]:
        """The variables that nothing but plain assignments bind, with what they are assigned."""
        found: dict[str, list[Expr]] = {}
        other = {param.name for param in self.function.params}
        for s in statements(self.function.body):
            match s:
                case Assign(target=Name(id=name), value=value):
                    found.setdefault(name, []).append(value)
                case For(target=Name(id=name), iterable=ListOf(items=items) | TupleOf(items=items)) if _may_end(s):
                    found.setdefault(name, []).extend(items)
                case _:
                    other |= set(binds(s))
        return ((name, values) for name, values in found.items() if name not in other)

    def all_options(self, name: str) -> Options:
        found: Options = {}
        for value in self.bindings[name]:
            own = self.options(value)
            if not own and value != Name(name):
                return {}
            found = _together(found, own) if found and own else found or own
        return found

    # --------------------------------------------------------------- questions

    def options(self, node: Expr | None) -> Options:
        """The functions that an expression may give; none if that is not known."""
        match node:
            case Conditional(then=then, orelse=orelse):
                first, second = self.options(then), self.options(orelse)
                return _together(first, second)
            case Name(id=name):
                return self.chosen.get(name, {})
            case Index(index=index) if (table := self.table(node)) is not None and self.is_open(index):
                return self.options_of(table)
            case Call(func=Attribute(attr="get") as func, args=(_, default)) if (table := self.table(func)) is not None:
                rest = self.options(default)
                return _together(self.options_of(table), rest)
            case Call(func=Routine(key=key)) if key in self.choosers:
                return self.choosers[key]
            case Const(value=None):
                return {_NONE: node}
            case Expr() if _is_function(node):
                return {self.tag(node): node}
        return {}

    def options_of(self, table: Table) -> Options:
        found: Options = {}
        for item in table.items:
            own = {self.tag(item): item}
            found = _together(found, own) if found else own
        return found

    def table(self, node: Index | Attribute) -> Table | None:
        """The dict or list of functions in which something is looked up."""
        found = self.tables.get(node.value.id) if isinstance(node.value, Name) else node.value
        return found if isinstance(found, Table) and _table(found) else None

    def runs_over_table(self, iterable: Expr) -> bool:
        """True for a loop over functions or their places, which is written out."""
        match iterable:
            case Call(func=Global(dotted="range"), args=args) if all(isinstance(arg, Const) for arg in args):
                return True
        return any(_table(part) or (isinstance(part, Name) and part.id in self.tables) for part in walk(iterable))

    def is_open(self, index: Expr) -> bool:
        """True for a key that is not known, and that no loop runs over keys for."""
        return not isinstance(index, Const) and not (isinstance(index, Name) and index.id in self.looped)

    def tag(self, node: Expr) -> str:
        """The name that stands for a function."""
        if isinstance(node, Routine | Closure):
            return self.program.names[node.key]
        assert isinstance(node, Global)
        return node.dotted.rpartition(".")[2] if node.dotted.startswith(("numpy.", "math.")) else node.dotted

    def otherwise_used(self) -> Iterator[str]:
        """The variables that are read in another way than by calling, passing or assigning them on."""
        for s in statements(self.function.body):
            if isinstance(s, Assign) and isinstance(s.target, Name) and self.options(s.value):
                continue
            if isinstance(s, For) and isinstance(s.target, Name) and s.target.id in self.chosen:
                continue
            for head in heads(s):
                if not isinstance(head, Name) or not isinstance(s, If | While):
                    yield from self.used(head)

    def used(self, node: Expr) -> Iterator[str]:
        match node:
            case Name(id=name):
                yield name
            case Compare(left=Name(), ops=("is" | "is not",), rights=(Const(value=None),)):
                pass
            case Call():
                for part in _functions_in(node):
                    if not isinstance(part, Name):
                        yield from self.used(part)
            case _:
                for child in children(node):
                    yield from self.used(child)

    def misused(self) -> Iterator[str]:
        """The choosers whose result is not called or assigned to a variable that is only called."""
        for s in statements(self.function.body):
            if not (isinstance(s, Assign) and isinstance(s.target, Name) and s.target.id in self.chosen):
                for head in heads(s):
                    yield from self.loose(head, not isinstance(s, While))

    def loose(self, node: Expr, is_first: bool) -> Iterator[str]:
        """The choosers in an expression whose result is not called where something can be done before (`is_first`)."""
        match node:
            case Call(func=Call(func=Routine(key=key), args=args, keywords=())) if (
                is_first and key in self.choosers and all(isinstance(arg, Name | Const) for arg in args)
            ):
                parts: tuple[Expr, ...] = children(node)[1:]
            case Routine(key=key) | Closure(key=key) if key in self.choosers:
                yield key
                return
            case _:
                parts = children(node)
        for part in parts:
            yield from self.loose(part, is_first and not _may_skip(node))

    # --------------------------------------------------------------- rewriting

    def rewritten(self, is_chooser: bool) -> Function:
        body = self.block(self.function.body, is_chooser)
        return replace(self.function, body=body) if body != self.function.body else self.original

    def block(self, block: Block, is_chooser: bool) -> Block:
        done: list[Statement] = []
        for s in block:
            done += self.statement(map_blocks(s, lambda inner: self.block(inner, is_chooser)), is_chooser)
        return tuple(done)

    def statement(self, s: Statement, is_chooser: bool) -> list[Statement]:
        before: list[Statement] = []
        match s:
            case For(target=Name(id=name), iterable=ListOf() | TupleOf() as items) if name in self.chosen:
                return [replace(s, iterable=map_children(items, self.tags))]
            case Assign(target=Name(id=name), value=value) if name in self.chosen:
                return [replace(s, value=self.tags(value))]
            case Return(value=Expr() as value) if is_chooser:
                return [replace(s, value=self.tags(value))]
            case While():
                return [map_heads(s, lambda node: self.called(node, None))]
        new = map_heads(s, lambda node: self.called(node, before))
        return [*(replace(line, origin=s.origin) for line in before), new]

    def tags(self, node: Expr) -> Expr:
        """The name of the function that an expression gives."""
        match node:
            case Conditional(then=then, orelse=orelse):
                return replace(node, then=self.tags(then), orelse=self.tags(orelse))
            case Index() if (table := self.table(node)) is not None:
                return replace(node, value=self.names_of(table))
            case Call(func=Attribute() as func, args=(key, default)) if (table := self.table(func)) is not None:
                got = replace(func, value=self.names_of(table))
                return replace(node, func=got, args=(key, self.tags(default)))
        return Const(self.tag(node)) if _is_function(node) else node

    def names_of(self, table: Table) -> Table:
        """A dict or list of functions with their names in it."""
        return replace(table, items=tuple(Const(self.tag(item)) for item in table.items))

    def called(self, node: Expr, before: list[Statement] | None) -> Expr:
        """An expression in which it is known which functions are called and passed; `before` gets what comes first."""
        if not isinstance(node, Call):
            inner = None if _may_skip(node) else before
            return map_children(node, lambda child: self.called(child, inner))
        if before is not None and not isinstance(node.func, Name) and len(self.options(node.func)) > 1:
            tag = Name(self.names.unique("choice"))
            self.chosen[tag.id] = self.options(node.func)
            before.append(Assign(tag, self.tags(node.func)))
            node = replace(node, func=tag)
        found = map_children(node, lambda child: self.called(child, before))
        assert isinstance(found, Call)
        for part in _functions_in(found):
            if isinstance(part, Name) and part.id in self.chosen:
                return self.asked(found, part)
        return found

    def asked(self, node: Call, part: Name) -> Expr:
        """A call for each of the functions that a variable may hold."""
        *tests, (_, last) = (pair for pair in self.chosen[part.id].items() if pair[0] != _NONE)
        found = self.called(_with(node, part, last), None)
        for tag, function in reversed(tests):
            test = Compare(part, ("==",), (Const(tag),))
            found = Conditional(test, self.called(_with(node, part, function), None), found, span=node.span)
        return found


def _together(first: Options, second: Options) -> Options:
    """All options; none if two functions have one name, or nothing is known of one side."""
    alike = all(second.get(tag, function) == function for tag, function in first.items())
    return {**first, **second} if first and second and alike else {}


def _may_end(s: For) -> bool:
    """True for a loop that may end early: others over functions are written out."""
    return s.until is not None


def _functions_in(node: Call) -> tuple[Expr, ...]:
    """What is called or passed: what a closure has captured, too."""
    captured = tuple(value for _, value in node.func.captures) if isinstance(node.func, Closure) else (node.func,)
    return (*captured, *node.args, *(value for _, value in node.keywords))


def _may_skip(node: Expr) -> bool:
    """True for an expression that may not evaluate all its parts, or evaluate them later."""
    return isinstance(node, Conditional | Bool | Opaque | Lambda)


def _with(node: Call, part: Name, function: Expr) -> Call:
    """A call with a function in the place of the variable."""

    def known(own: Expr) -> Expr:
        return function if own == part else own

    func = node.func
    if isinstance(func, Closure):
        func = replace(func, captures=tuple((name, known(value)) for name, value in func.captures))
    keywords = tuple((name, known(value)) for name, value in node.keywords)
    return replace(node, func=known(func), args=tuple(map(known, node.args)), keywords=keywords)


def _changed(function: Function) -> set[str]:
    """The variables of which more is done than looking something up."""
    found: set[str] = set()

    def note(node: Expr) -> None:
        match node:
            case Index(value=Name(), index=index):
                note(index)
            case Call(func=Attribute(value=Name(), attr="get"), args=args):
                for arg in args:
                    note(arg)
            case Name(id=name):
                found.add(name)
            case _:
                for child in children(node):
                    note(child)

    for s in statements(function.body):
        match s:
            case Assign(target=Name(), value=value):
                note(value)
            case Assign(target=Index(value=Name(id=name))):
                found.add(name)
            case _:
                for head in heads(s):
                    note(head)
    return found
