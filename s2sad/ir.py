"""The core language: what the frontend makes of Python and what every pass reads and writes.

Structured (`If`, `For`, `While`, `With` and `Try` stay what they are), made of frozen values that compare by content. Where a
node came from (`span`, `origin`) does not take part in comparison. Kinds are not stored in the tree: `analysis.kinds`
computes the kind of any expression from those of its variables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

__all__ = [
    "Assert", "Assign", "Attribute", "Aug", "Binary", "Block", "Bool", "Break", "Call", "ClassRef", "Closure",
    "Comment", "Compare", "Conditional", "Const", "Continue", "D", "Def", "DictOf", "Evaluate", "Expr", "For",
    "Function", "Gives", "Global", "Handler", "If", "Index", "Lambda", "ListOf", "Name", "Opaque", "Operator", "Origin",
    "Param", "Pass", "Raise", "Result", "Return", "Routine", "Slice", "Span", "Starred", "Statement", "Try", "TupleOf", "Unary",
    "While", "With", "noted",
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
    """An operation. What `updates` an array, `x_bar += y` in a derivative that is differentiated again, has its kind."""

    op: str
    left: Expr
    right: Expr
    updates: bool = field(default=False, repr=False)


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
    """`raise`. What `refuses` says that the derivative is not known for what is found at run time; no `except` of the
    function's catches it.
    """

    exception: Expr | None = None
    cause: Expr | None = None
    refuses: bool = False


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
