"""The core language: what the frontend makes of Python and what every pass reads and writes.

Structured (`If`, `For`, `While`, `With` and `Try` stay what they are), made of frozen values that compare by content. Where a
node came from (`span`, `origin`) does not take part in comparison. Kinds are not stored in the tree: `analysis.kinds`
computes the kind of any expression from those of its variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import is_
from typing import Any, Literal, TypeVar

__all__ = [
    "Assert", "Assign", "Attribute", "Aug", "Binary", "Block", "Bool", "Break", "Call", "ClassRef", "Closure",
    "Comment", "Compare", "Conditional", "Const", "Continue", "D", "Def", "DictOf", "Evaluate", "Expr", "For",
    "Function", "Gives", "Global", "Handler", "If", "Index", "Lambda", "ListOf", "Name", "Opaque", "Operator", "Origin",
    "Param", "Pass", "Raise", "Result", "Return", "Routine", "Slice", "Span", "Starred", "Statement", "Try", "TupleOf", "Unary",
    "While", "With", "assigned", "binds", "blocks", "bound_names", "children", "expressions", "heads", "map_blocks",
    "map_children", "map_heads", "map_statement", "names_in", "noted", "reads", "rebuild", "statements", "substitute",
    "target_names", "walk",
]  # fmt: skip


@dataclass(frozen=True)
class Span:
    """A range of one source line: line from 1, columns from 0."""

    line: int
    column: int
    end_column: int


@dataclass(frozen=True)
class Origin:
    """The source statement a statement stands for: its text on one line, and where it is."""

    text: str
    span: Span


#: What a function returns beside the arguments that it changes.
Gives = Literal["value", "nothing", "argument"]

T = TypeVar("T")
N = TypeVar("N")


def noted(compute: Callable[[Any], T]) -> Callable[[Any], T]:
    """A function of a node alone that is asked again and again: the answer is noted on the node, and not on its copies."""
    note = f"_{compute.__module__}.{compute.__qualname__}"

    def found(node: Any) -> T:
        notes = node.__dict__
        if note not in notes:
            notes[note] = compute(node)
        return notes[note]  # type: ignore[no-any-return]

    return found


# ------------------------------------------------------------------ expressions


@dataclass(frozen=True)
class Expr:
    span: Span | None = field(default=None, compare=False, kw_only=True, repr=False)


@dataclass(frozen=True)
class Name(Expr):
    """A variable: local, or data at the module's top level."""

    id: str


@dataclass(frozen=True)
class Const(Expr):
    value: Any
    # 1, 1.0 and True are equal in Python and different here.
    type: str = field(default="", init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", type(self.value).__name__)


@dataclass(frozen=True)
class Global(Expr):
    """Something in a library, by its dotted name: `numpy.exp`, `math.pi`, `float`."""

    dotted: str


@dataclass(frozen=True)
class Routine(Expr):
    """A function of the program, by its key in the program's table.

    Where it is called, `changes` are the arguments that it changes in place, by position or keyword, and `deep` those in
    whose elements it does. `gives` is what the call returns beside: see `Function`. In terms of values (`spread`) the call
    is assigned to what it returns and to what it changes: `y, u = f(u, v)`.
    """

    key: str
    changes: tuple[int | str, ...] = ()
    deep: tuple[int | str, ...] = ()
    gives: Gives = "value"
    spread: bool = False


@dataclass(frozen=True)
class ClassRef(Expr):
    """A class of the program, by its key."""

    key: str


@dataclass(frozen=True)
class Unary(Expr):
    op: str
    operand: Expr


@dataclass(frozen=True)
class Binary(Expr):
    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Compare(Expr):
    left: Expr
    ops: tuple[str, ...]
    rights: tuple[Expr, ...]


@dataclass(frozen=True)
class Bool(Expr):
    op: str
    values: tuple[Expr, ...]


@dataclass(frozen=True)
class Conditional(Expr):
    test: Expr
    then: Expr
    orelse: Expr


@dataclass(frozen=True)
class Call(Expr):
    func: Expr
    args: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str | None, Expr], ...] = ()


@dataclass(frozen=True)
class Attribute(Expr):
    value: Expr
    attr: str


@dataclass(frozen=True)
class Index(Expr):
    value: Expr
    index: Expr


@dataclass(frozen=True)
class Slice(Expr):
    lower: Expr | None = None
    upper: Expr | None = None
    step: Expr | None = None


@dataclass(frozen=True)
class TupleOf(Expr):
    items: tuple[Expr, ...]


@dataclass(frozen=True)
class ListOf(Expr):
    items: tuple[Expr, ...]


@dataclass(frozen=True)
class DictOf(Expr):
    """A dict display whose keys are strings and integers that are written out."""

    keys: tuple[str | int, ...]
    items: tuple[Expr, ...]


@dataclass(frozen=True)
class Starred(Expr):
    value: Expr


@dataclass(frozen=True)
class Opaque(Expr):
    """Python text that s2sad only carries along: f-strings, sets, comprehensions, lambdas.

    `reads` maps the free names of `text` to what they are; such an expression is never active.
    """

    text: str
    reads: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True)
class Lambda(Expr):
    """A function without a name, in the place where it is made; `carried` is it as text, for a library to call, `bound` are
    the parameters with defaults that are computed when it is made.
    """

    function: Function
    carried: Opaque | None
    bound: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True)
class Closure(Expr):
    """A function of the program as a value; `captures` are the parameters that it has in front of its own, with the values
    that it was made with.
    """

    key: str
    captures: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True)
class Operator(Expr):
    """A derivative of a function, as a value: `grad(f, wrt=0)`. `wrt` is as it was written."""

    mode: str
    function: Expr
    wrt: Any = 0
    has_aux: bool = False


@dataclass(frozen=True)
class D(Expr):
    """The differential of a variable, or of a part of one under its name (`params["W"]`): a leaf of a linear expression."""

    id: str


@dataclass(frozen=True)
class Result(Expr):
    """In a differential: the value that the statement assigns."""


# Expressions are looked up all the time; without this a sum of n terms costs n squared.
for _class in Expr.__subclasses__():
    _class.__hash__ = noted(_class.__hash__)  # type: ignore[method-assign, assignment]


# ------------------------------------------------------------------- statements


@dataclass(frozen=True)
class Statement:
    """`remark` is a comment printed behind the statement."""

    origin: Origin | None = field(default=None, compare=False, kw_only=True, repr=False)
    remark: str = field(default="", compare=False, kw_only=True)


Block = tuple[Statement, ...]


@dataclass(frozen=True)
class Assign(Statement):
    """`target = value`; the target is a Name, Index, Attribute or a TupleOf of them. `out` is the name of the function
    if it was written as a call that writes its result into the target.
    """

    target: Expr
    value: Expr
    out: str = field(default="", compare=False, kw_only=True)


@dataclass(frozen=True)
class Aug(Statement):
    """`target op= value`."""

    target: Expr
    op: str
    value: Expr


@dataclass(frozen=True)
class If(Statement):
    test: Expr
    then: Block
    orelse: Block = ()


@dataclass(frozen=True)
class For(Statement):
    """The loop ends after a round that leaves `until` true. `orelse` runs if it does not end so: only the frontend and the
    printed form have that, see `Break`. `snapshots` is how many states of a loop with checkpoints are kept, 0 for the square
    root of its rounds. `gathers` tells of a loop that stands for a comprehension what that was: the value of a "variable", a
    "part" of an expression or a "generator".
    """

    target: Expr
    iterable: Expr
    body: Block
    until: Expr | None = None
    orelse: Block = ()
    snapshots: int | None = field(default=None, kw_only=True)
    gathers: str = field(default="", compare=False, kw_only=True)


@dataclass(frozen=True)
class While(Statement):
    """`until` and `orelse` are those of `For`; `test` is not evaluated again where `until` is true."""

    test: Expr
    body: Block
    until: Expr | None = None
    orelse: Block = ()


@dataclass(frozen=True)
class Break(Statement):
    """Leaves the loop. What passes see has no such statement: frontend/jumps.py makes `until` of it, and simplify/jumps.py
    turns that back when the program is written.
    """


@dataclass(frozen=True)
class With(Statement):
    """`with context as target:`; several contexts are nested statements. `trusted`: the context is known to let exceptions
    pass.
    """

    context: Expr
    target: Expr | None
    body: Block
    trusted: bool = True


@dataclass(frozen=True)
class Handler:
    """`except type as name:`; the name is a Name."""

    type: Expr | None
    name: Expr | None
    body: Block


@dataclass(frozen=True)
class Try(Statement):
    body: Block
    handlers: tuple[Handler, ...] = ()
    orelse: Block = ()
    final: Block = ()


@dataclass(frozen=True)
class Return(Statement):
    value: Expr | None = None


@dataclass(frozen=True)
class Evaluate(Statement):
    """An expression for its effect."""

    value: Expr


@dataclass(frozen=True)
class Assert(Statement):
    test: Expr
    message: Expr | None = None


@dataclass(frozen=True)
class Raise(Statement):
    exception: Expr | None = None
    cause: Expr | None = None


@dataclass(frozen=True)
class Pass(Statement):
    pass


@dataclass(frozen=True)
class Continue(Pass):
    """The end of a round: nothing of the round comes after it, so that it does nothing."""


@dataclass(frozen=True)
class Comment(Statement):
    text: str


@dataclass(frozen=True)
class Def(Statement):
    """A nested function, such as the pullback of a generated vjp; `bound` are the parameters with defaults that are computed
    when it is defined.
    """

    function: Function
    bound: tuple[tuple[str, Expr], ...] = ()


@dataclass(frozen=True)
class Param:
    """A parameter: `form` is positional-only, positional, keyword, args or kwargs, `default` its default value."""

    name: str
    form: str = "positional"
    default: Expr | None = None


@dataclass(frozen=True)
class Function:
    """`changes` are the parameters whose objects the function changes in place, `deep` those in whose elements it does.
    `gives` is what it returns: a value, nothing, or the first of the arguments that it changes. `outputs` are those of the
    `changes` that are the results of the differentiated function. `yields` tells that it stands for a generator, and
    returns the list of what that yields.
    """

    name: str
    params: tuple[Param, ...]
    body: Block
    doc: str = ""
    changes: tuple[str, ...] = ()
    deep: tuple[str, ...] = ()
    gives: Gives = "value"
    outputs: tuple[str, ...] = ()
    yields: bool = False


# ------------------------------------------------------------------- traversals


#: How the direct subexpressions of each class are found: passes ask for them all the time, and a table is faster than cases.
_CHILDREN: dict[type[Expr], Callable[[Any], tuple[Expr, ...]]] = {
    Unary: lambda node: (node.operand,),
    Attribute: lambda node: (node.value,),
    Starred: lambda node: (node.value,),
    Binary: lambda node: (node.left, node.right),
    Index: lambda node: (node.value, node.index),
    Compare: lambda node: (node.left, *node.rights),
    Bool: lambda node: node.values,
    TupleOf: lambda node: node.items,
    ListOf: lambda node: node.items,
    DictOf: lambda node: node.items,
    Conditional: lambda node: (node.test, node.then, node.orelse),
    Call: lambda node: (node.func, *node.args, *(value for _, value in node.keywords)),
    Slice: lambda node: tuple(x for x in (node.lower, node.upper, node.step) if x is not None),
    Opaque: lambda node: tuple(value for _, value in node.reads),
    Closure: lambda node: tuple(value for _, value in node.captures),
    Lambda: lambda node: tuple(value for _, value in node.bound),
    Operator: lambda node: (node.function,),
}


@noted
def children(node: Expr) -> tuple[Expr, ...]:
    """The direct subexpressions, in order of evaluation."""
    found = _CHILDREN.get(type(node))
    return found(node) if found else ()


def _with(node: N, **fields: Any) -> N:
    """`dataclasses.replace` for a node or a statement, without the time that takes."""
    new = object.__new__(type(node))
    # What is noted of the old node, under names with an underscore, need not be so for the new one.
    new.__dict__.update({name: value for name, value in node.__dict__.items() if name[0] != "_"}, **fields)
    return new


def rebuild(node: Expr, parts: tuple[Expr, ...]) -> Expr:
    """`node` with its children replaced by `parts`, in the order of `children`."""
    match node:
        case Unary():
            return _with(node, operand=parts[0])
        case Attribute() | Starred():
            return _with(node, value=parts[0])
        case Binary():
            return _with(node, left=parts[0], right=parts[1])
        case Index():
            return _with(node, value=parts[0], index=parts[1])
        case Compare():
            return _with(node, left=parts[0], rights=parts[1:])
        case Bool():
            return _with(node, values=parts)
        case TupleOf() | ListOf() | DictOf():
            return _with(node, items=parts)
        case Conditional():
            return _with(node, test=parts[0], then=parts[1], orelse=parts[2])
        case Call(args=args, keywords=keywords):
            cut = 1 + len(args)
            named = tuple((key, value) for (key, _), value in zip(keywords, parts[cut:], strict=True))
            return _with(node, func=parts[0], args=parts[1:cut], keywords=named)
        case Slice(lower=a, upper=b, step=c):
            rest = iter(parts)
            lower, upper, step = (None if x is None else next(rest) for x in (a, b, c))
            return _with(node, lower=lower, upper=upper, step=step)
        case Opaque(reads=reads):
            return _with(node, reads=tuple((key, value) for (key, _), value in zip(reads, parts, strict=True)))
        case Closure(captures=captures):
            return _with(node, captures=tuple((key, value) for (key, _), value in zip(captures, parts, strict=True)))
        case Lambda(bound=bound):
            return _with(node, bound=tuple((key, value) for (key, _), value in zip(bound, parts, strict=True)))
        case Operator():
            return _with(node, function=parts[0])
    return node


def map_children(node: Expr, function: Callable[[Expr], Expr]) -> Expr:
    """`node` with `function` applied to its direct children; `node` itself where nothing changed."""
    parts = children(node)
    if not parts:
        return node
    mapped = tuple(map(function, parts))
    if all(map(is_, mapped, parts)):
        return node
    return rebuild(node, mapped)


def walk(node: Expr) -> Iterator[Expr]:
    """The expression and everything in it, outermost first."""
    left = [node]
    while left:
        part = left.pop()
        yield part
        left.extend(reversed(children(part)))


@noted
def names_in(node: Expr) -> tuple[str, ...]:
    """The variables an expression reads, in order, with repetitions."""
    return tuple(part.id for part in walk(node) if isinstance(part, Name))


def substitute(node: Expr, replacements: dict[Expr, Expr]) -> Expr:
    """`node` with every outermost occurrence of a key replaced by its value."""
    if not replacements:
        return node
    found = replacements.get(node)
    if found is not None:
        return found
    return map_children(node, lambda child: substitute(child, replacements))


def heads(s: Statement) -> tuple[Expr, ...]:
    """The expressions and targets of a statement itself, not those of the blocks in it."""
    match s:
        case Assign() | Aug():
            return (s.target, s.value)
        case If(test=test):
            return (test,)
        case While(test=test, until=until):
            return (test,) if until is None else (test, until)
        case For(target=target, iterable=iterable, until=until):
            return (target, iterable) if until is None else (target, iterable, until)
        case Evaluate(value=value):
            return (value,)
        case Def(bound=bound):
            return tuple(value for _, value in bound)
        case Return() | Assert() | Raise() | With() | Try():
            return tuple(part for part in _optional_heads(s) if part is not None)
    return ()


def _optional_heads(s: Return | Assert | Raise | With | Try) -> tuple[Expr | None, ...]:
    match s:
        case Return(value=value):
            return (value,)
        case Assert(test=test, message=message):
            return (test, message)
        case Raise(exception=exception, cause=cause):
            return (exception, cause)
        case With(context=context, target=target):
            return (context, target)
        case Try(handlers=handlers):
            return tuple(part for handler in handlers for part in (handler.type, handler.name))


def map_heads(s: Statement, function: Callable[[Expr], Expr]) -> Statement:
    """A statement with `function` applied to its own expressions and targets; the blocks in it stay."""

    def optional(node: Expr | None) -> Expr | None:
        return None if node is None else function(node)

    match s:
        case Assign() | Aug():
            return _with(s, target=function(s.target), value=function(s.value))
        case If():
            return _with(s, test=function(s.test))
        case While(test=test, until=until):
            return _with(s, test=function(test), until=optional(until))
        case For(target=target, iterable=iterable, until=until):
            return _with(s, target=function(target), iterable=function(iterable), until=optional(until))
        case With(context=context, target=target):
            return _with(s, context=function(context), target=optional(target))
        case Try(handlers=handlers):
            own = (_with(h, type=optional(h.type), name=optional(h.name)) for h in handlers)
            return _with(s, handlers=tuple(own))
        case Return(value=value):
            return _with(s, value=optional(value))
        case Evaluate(value=value):
            return _with(s, value=function(value))
        case Assert(test=test, message=message):
            return _with(s, test=function(test), message=optional(message))
        case Raise(exception=exception, cause=cause):
            return _with(s, exception=optional(exception), cause=optional(cause))
    return s


def blocks(s: Statement) -> tuple[Block, ...]:
    """The blocks inside a statement, in the order in which they stand; not those of a nested function."""
    match s:
        case If(then=then, orelse=orelse):
            return (then, orelse)
        case For(body=body, orelse=orelse) | While(body=body, orelse=orelse):
            return (body, orelse) if orelse else (body,)
        case With(body=body):
            return (body,)
        case Try(body=body, handlers=handlers, orelse=orelse, final=final):
            return (body, *(handler.body for handler in handlers), orelse, final)
    return ()


def map_blocks(s: Statement, function: Callable[[Block], Block]) -> Statement:
    """A statement with `function` applied to each of its blocks; `s` itself where it has none."""
    match s:
        case If(then=then, orelse=orelse):
            return _with(s, then=function(then), orelse=function(orelse))
        case For(body=body, orelse=orelse) | While(body=body, orelse=orelse):
            return _with(s, body=function(body), orelse=function(orelse))
        case With(body=body):
            return _with(s, body=function(body))
        case Try(body=body, handlers=handlers, orelse=orelse, final=final):
            body = function(body)
            handlers = tuple(_with(handler, body=function(handler.body)) for handler in handlers)
            return _with(s, body=body, handlers=handlers, orelse=function(orelse), final=function(final))
    return s


def statements(block: Block) -> Iterator[Statement]:
    """The statements of a block and all inside them, each before what is in it."""
    for s in block:
        yield s
        for inner in blocks(s):
            yield from statements(inner)


def binds(s: Statement) -> list[str]:
    """The variables that a statement itself binds, not those of the blocks in it."""
    match s:
        case Assign(target=target) | For(target=target):
            return target_names(target)
        case Aug(target=Name(id=name)):
            return [name]
        case With(target=Expr() as target):
            return target_names(target)
        case Try(handlers=handlers):
            return [name for handler in handlers if handler.name for name in target_names(handler.name)]
    return []


def assigned(s: Statement) -> set[str]:
    """The variables that a statement, or one inside it, assigns."""
    return {name for inner in statements((s,)) for name in binds(inner)}


def target_names(target: Expr) -> list[str]:
    """The variables that an assignment to `target` binds."""
    match target:
        case Name(id=name):
            return [name]
        case TupleOf(items=items):
            return [name for item in items for name in target_names(item)]
    return []


def map_statement(s: Statement, function: Callable[[Expr], Expr]) -> Statement:
    """A statement with `function` applied to every expression and target in it, nested blocks included."""
    return map_blocks(map_heads(s, function), lambda block: tuple(map_statement(inner, function) for inner in block))


def expressions(block: Block) -> Iterator[Expr]:
    """Every expression and target of the statements, nested blocks and functions included."""
    for s in block:
        yield from heads(s)
        for inner in blocks(s):
            yield from expressions(inner)
        if isinstance(s, Def):
            yield from expressions(s.function.body)


def reads(function: Function) -> Iterator[str]:
    """The names that occur in a function, its own variables included."""
    for param in function.params:
        if param.default is not None:
            yield from names_in(param.default)
    for expression in expressions(function.body):
        yield from names_in(expression)


def bound_names(function: Function) -> list[str]:
    """The names that a function binds."""
    names = [param.name for param in function.params]
    for s in function.body:
        names += sorted(assigned(s))
    return names
