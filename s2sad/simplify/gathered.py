"""Loops that stand for comprehensions are comprehensions again, where a derivative has put nothing into them."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from s2sad.analysis.effects import is_known_pure
from s2sad.analysis.liveness import live_around
from s2sad.ir import (
    Assign,
    Attribute,
    Block,
    Call,
    Const,
    DictOf,
    Evaluate,
    Expr,
    For,
    Function,
    Global,
    If,
    Index,
    ListOf,
    Name,
    Opaque,
    Return,
    Statement,
)
from s2sad.naming import Names
from s2sad.syntax import to_ast
from s2sad.traversal import (
    assigned,
    children,
    expressions,
    map_blocks,
    map_children,
    map_statement,
    names_in,
    statements,
    substitute,
    target_names,
    walk,
)

__all__ = ["with_comprehensions"]

#: Functions that one gives a generator.
_CONSUMERS = frozenset("sum tuple set frozenset sorted min max any all math.fsum math.prod".split())


def with_comprehensions(function: Function) -> Function:
    """The function with comprehensions for the loops that stand for them."""
    if not any(isinstance(s, For) and s.gathers for s in statements(function.body)):
        return function
    after = {place: live.after for place, live in live_around(function.body).items()}
    read = Counter(name for expression in expressions(function.body) for name in names_in(expression))
    return replace(function, body=_Writer(after, read).block(function.body))


@dataclass(frozen=True)
class _Generator:
    """`for target in iterable if tests`."""

    target: Expr
    iterable: Expr
    tests: tuple[Expr, ...]


@dataclass(frozen=True)
class _Writer:
    """`after` is what is read behind each loop, `read` how often each variable occurs."""

    after: dict[int, frozenset[str]]
    read: Counter[str]

    def block(self, block: Block) -> Block:
        done: list[Statement] = []
        uses: dict[str, str] = {}
        for s in block:
            if done and uses:
                s = self.with_parts(s, done, uses)
            own = map_blocks(s, self.block)
            match done, own:
                case [*_, Assign(target=Name(id=name), value=ListOf(items=()) | DictOf(items=())) as start], For() if (
                    own.gathers and (value := self.value(name, own, self.after.get(id(s)))) is not None
                ):
                    done[-1] = replace(start, value=value)
                    uses[name] = own.gathers
                case _:
                    done.append(own)
        return tuple(done)

    def value(self, name: str, loop: For, after: frozenset[str] | None) -> Expr | None:
        """The comprehension whose value the list or dict `name` has after the loop; `after` are the variables read then."""
        generators: list[_Generator] = []
        element = _inside(loop, generators, name)
        bound = assigned(loop)
        if element is None or after is None or bound & after:
            return None
        parts = [*element, *(part for one in generators for part in (one.iterable, *one.tests))]
        if any(name in names_in(part) for part in parts):
            return None
        return _listed(element, generators) or _comprehension(element, generators)

    def with_parts(self, s: Statement, done: list[Statement], uses: dict[str, str]) -> Statement:
        """A statement with the comprehensions in front of it that were parts of it; they are taken from `done`."""
        while done:
            match done[-1], _head(s):
                case Assign(target=Name(id=own) as name, value=Opaque() as value), Expr() as head if (
                    uses.get(own, "variable") != "variable" and self.read[own] == 3 and _may_move(name, value, head)
                ):
                    s = _with_head(s, _filled(head, name, value, uses[own]))
                    done.pop()
                case _:
                    break
        return s


def _listed(element: tuple[Expr, ...], generators: list[_Generator]) -> Expr | None:
    """`list(xs)` for `[x for x in xs]`."""
    one, *more = generators
    is_plain = element == (one.target,) and not more and not one.tests
    return Call(Global("list"), (one.iterable,)) if is_plain else None


def _inside(loop: For, generators: list[_Generator], name: str) -> tuple[Expr, ...] | None:
    """What a loop adds to the list or dict `name` in each round; its heads go to `generators`."""
    if loop.until is not None or loop.orelse:
        return None
    tests: list[Expr] = []
    block = loop.body
    while len(block) == 1 and isinstance(block[0], If) and not block[0].orelse:
        tests.append(block[0].test)
        block = block[0].then
    block = _without_names(block)
    generators.append(_Generator(loop.target, loop.iterable, tuple(tests)))
    match block:
        case (For() as inner,):
            return _inside(inner, generators, name)
        case (Evaluate(value=Call(func=Attribute(value=Name(id=own), attr="append"), args=(element,))),) if own == name:
            return (element,)
        case (Assign(target=Index(value=Name(id=own), index=key), value=element),) if own == name:
            return key, element
    return None


def _without_names(block: Block) -> Block:
    """A block in which what is added has no name first: `t = e; xs.append(t)` as `xs.append(e)`."""
    match block:
        case (Assign(target=Name() as name, value=value), last):
            read = [part for part in _parts(last) if part == name]
            return (map_statement(last, lambda node: substitute(node, {name: value})),) if len(read) == 1 else block
    return block


def _parts(s: Statement) -> Iterator[Expr]:
    return (part for expression in expressions((s,)) for part in walk(expression))


def _comprehension(elements: tuple[Expr, ...], generators: list[_Generator]) -> Opaque:
    parts = [*elements, *(part for one in generators for part in (one.iterable, *one.tests))]
    words = {name for part in parts for name in names_in(part)}
    words |= {name for one in generators for name in target_names(one.target)}
    names = Names([*words, *_words(parts)])
    called = {part: names.unique("f") for whole in parts for part in walk(whole) if isinstance(part, Global)}

    def tree(node: Expr) -> ast.expr:
        return to_ast(node, lambda ref: called[ref] if isinstance(ref, Global) else "")

    heads = [
        ast.comprehension(tree(one.target), tree(one.iterable), [tree(test) for test in one.tests], 0)
        for one in generators
    ]
    *key, element = [tree(part) for part in elements]
    made: ast.expr = ast.DictComp(key[0], element, heads) if key else ast.ListComp(element, heads)
    bound = {name for one in generators for name in target_names(one.target)}
    reads = [(name, part) for part, name in called.items()]
    return Opaque(ast.unparse(made), (*reads, *((name, Name(name)) for name in sorted(words - bound))))


def _words(parts: list[Expr]) -> set[str]:
    """The names that occur in carried text."""
    texts = [part.text for whole in parts for part in walk(whole) if isinstance(part, Opaque)]
    return {node.id for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


# ------------------------------------------------------------------- in its place


def _head(s: Statement) -> Expr | None:
    """The expression that a statement evaluates once, before anything else."""
    match s:
        case Assign(target=Name(), value=value) | Return(value=Expr() as value) | Evaluate(value=value):
            return value
        case If(test=test):
            return test
        case For(iterable=iterable):
            return iterable
    return None


def _with_head(s: Statement, head: Expr) -> Statement:
    match s:
        case Assign() | Return() | Evaluate():
            return replace(s, value=head)
        case If():
            return replace(s, test=head)
        case For():
            return replace(s, iterable=head)
    raise TypeError(s)


def _may_move(name: Name, value: Expr, head: Expr) -> bool:
    """True if `head` reads the variable, and evaluates nothing in front of it that could matter."""
    if name not in walk(head):
        return False
    return _is_first(name, head) or (_is_pure(value) and _is_pure(head))


def _is_first(name: Name, node: Expr) -> bool:
    """True if the variable is what an expression evaluates first, beside constants and other variables."""
    for part in children(node):
        if name in walk(part):
            return part == name or _is_first(name, part)
        if not isinstance(part, Name | Const | Global):
            return False
    return node == name


def _is_pure(node: Expr) -> bool:
    return all(not isinstance(part, Call) or is_known_pure(part) for part in walk(node))


def _filled(node: Expr, name: Name, value: Opaque, use: str) -> Expr:
    """An expression with the comprehension in the place of the variable."""
    match node:
        case Call(func=Global(dotted=dotted), args=(argument,), keywords=()) if argument == name:
            if use == "generator" and dotted in _CONSUMERS:
                return replace(node, args=(replace(value, text=f"({value.text[1:-1]})"),))
    return value if node == name else map_children(node, lambda child: _filled(child, name, value, use))
