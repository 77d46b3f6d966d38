"""What the frontend knows of a function before it is lowered: its tree, its text, and what its free names mean."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from s2sad.errors import Place
from s2sad.ir import Span

__all__ = [
    "Binding",
    "BoundMethod",
    "ByHand",
    "Class",
    "ClassScope",
    "Data",
    "Derived",
    "Field",
    "Imported",
    "Instance",
    "Items",
    "Library",
    "Makers",
    "Method",
    "Module",
    "Ruled",
    "Rules",
    "Scope",
    "TextRule",
    "Unit",
    "Unresolved",
    "User",
]


@dataclass(frozen=True)
class Binding:
    """What a free name of a function stands for."""


@dataclass(frozen=True)
class Library(Binding):
    """A function, class or constant of a library or of the builtins: `numpy.exp`, `math.pi`, `len`.

    `spelled` is false if what the user calls it is not its name: a parameter that it was given to.
    """

    dotted: str
    spelled: bool = True


@dataclass(frozen=True)
class Module(Binding):
    """A module; `key` tells a scope which one, `dotted` is its import name."""

    dotted: str
    key: str = ""


@dataclass(frozen=True)
class User(Binding):
    """A Python function that can itself be differentiated."""

    unit: Unit


@dataclass(frozen=True)
class Derived(Binding):
    """A derivative of a function, made outside of the program: `mode` is the operator."""

    mode: str
    wrt: object
    has_aux: bool
    function: Binding


@dataclass(frozen=True, eq=False)
class Data(Binding):
    """A value that is not a function: a module's constant or a variable of an enclosing function.

    `name` is a good name for it in generated code. `value` is the value now, where the function is alive; `expression`
    the tree of its defining expression, where only text is known, read in `scope`. `slot` says how a loader finds the
    value again: the path of names from the differentiated function, such as ("global", "G") or ("closure", "w").
    """

    name: str
    value: object = None
    has_value: bool = False
    expression: ast.expr | None = None
    scope: Scope | None = None
    slot: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Items(Binding):
    """A tuple, list or dict that holds functions; `keys` are those of a dict."""

    type: str
    keys: tuple[str | int, ...]
    items: tuple[Binding, ...]


@dataclass(frozen=True, eq=False)
class Ruled(Binding):
    """Something that is called, with the rules declared for it."""

    binding: Binding
    rules: Rules


@dataclass(frozen=True, eq=False)
class Method(Binding):
    """A function that stands in a class; `form` is method, static, class or property. `setter` is the function that assigns
    a property.
    """

    unit: Unit
    form: str
    setter: Method | None = None


@dataclass(frozen=True, eq=False)
class Field:
    """What the constructor of a dataclass or namedtuple sets: the default is a value, or made anew by `factory`; `by_name` is
    true for what it is given by name alone.
    """

    name: str
    default: Binding | None = None
    factory: Binding | None = None
    is_argument: bool = True
    by_name: bool = False


@dataclass(frozen=True, eq=False)
class Class(Binding):
    """A class of the user's. `form` is dataclass or namedtuple for those whose constructor was written for them, with their
    `fields`, else object. `lineage` are the keys of the class and its bases, in the order in which names are looked up, and
    `data` is the class itself as a value. `trouble` says why its objects cannot be followed, if they cannot; `has_members`
    is true where more is defined in it than what its objects hold.
    """

    key: str
    name: str
    form: str
    fields: tuple[Field, ...]
    lineage: tuple[str, ...]
    scope: ClassScope
    data: Data
    frozen: bool = False
    trouble: str = ""
    has_members: bool = False


class ClassScope(Protocol):
    """Looks names up in a class and its bases."""

    def member(self, name: str, after: str = "") -> Binding | None:
        """What the class has under a name; with `after`, what the bases behind the class with that key have."""
        ...


@dataclass(frozen=True, eq=False)
class Instance(Data):
    """An object that is there when the program starts: of which class, and what its own attributes are."""

    made: Class | None = None
    attributes: Callable[[str], Binding | None] = lambda name: None


@dataclass(frozen=True, eq=False)
class BoundMethod(Binding):
    """A method of an object that is there when the program starts, as a value."""

    receiver: Binding
    name: str


@dataclass(frozen=True)
class Unresolved(Binding):
    """A name with no meaning that s2sad can find, and why."""

    reason: str


@dataclass(frozen=True)
class Imported:
    """`import dotted as name`, or `from ...dotted import attr` with `level` dots. `import a.b`, which `is_whole`, is `a`."""

    dotted: str
    level: int = 0
    attr: str | None = None
    is_whole: bool = False

    @property
    def bound(self) -> str:
        """The module that is bound, or that has what is."""
        return self.dotted.partition(".")[0] if self.is_whole else self.dotted


class Scope(Protocol):
    """Resolves the free names of one function."""

    def lookup(self, name: str) -> Binding:
        """What the free name `name` stands for."""
        ...

    def member(self, module: Module, attr: str) -> Binding:
        """What `module.attr` stands for."""
        ...

    def default(self, parameter: str) -> Binding:
        """The default value of a parameter."""
        ...

    def imported(self, what: Imported) -> Binding:
        """What an import in the function brings."""
        ...


@dataclass(frozen=True, eq=False)
class Unit:
    """One function: `node` is its definition (a lambda is given as a function with one return).

    `key` names the function uniquely in a program (`module:qualname`), `name` is an identifier for generated code, `file`
    the path shown to people (never absolute), `lines` the whole file, for carets. `inside` is the class in whose body it
    stands; `receiver` what its first parameter is bound to, of a bound method. One that is `cached` runs once for arguments.
    """

    key: str
    name: str
    node: ast.FunctionDef
    file: str
    lines: tuple[str, ...]
    scope: Scope
    by_hand: ByHand | None = None
    inside: str = ""
    receiver: Binding | None = None
    cached: bool = False

    def place(self, span: Span | None) -> Place | None:
        """The place of a span of this function, with its source line."""
        if span is None:
            return None
        text = self.lines[span.line - 1] if 0 < span.line <= len(self.lines) else ""
        return Place(self.file, span.line, span.column, span.end_column, text.rstrip("\n"))


# ------------------------------------------------------------ derivatives by hand


@dataclass(frozen=True, eq=False)
class TextRule:
    """A differential as text, whose names mean what they mean in `scope`."""

    signature: str
    text: str
    scope: Scope


@dataclass(frozen=True, eq=False)
class Makers:
    """Derivatives as functions, one for each of the arguments `argnums`, None where it is zero: see `s2sad.defvjp`."""

    kind: str
    makers: tuple[Unit | None, ...]
    argnums: tuple[int, ...]


Rules = tuple[TextRule | Makers, ...]


@dataclass(frozen=True, eq=False)
class ByHand:
    """The derivatives of a function that its author gives: see `s2sad.custom.ByHand`, and the rules declared for it.

    `value` is the function itself, for one that is outside of the language.
    """

    nondiff: tuple[int | str, ...] = ()
    jvp: Unit | None = None
    forward: Unit | None = None
    backward: Unit | None = None
    recompute: bool = False
    declared: Rules = ()
    value: Data | None = None

    @property
    def units(self) -> list[Unit]:
        return [unit for unit in (self.jvp, self.forward, self.backward) if unit is not None]
