"""A program: the functions reached from one function, the data and the imports they read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from s2sad.frontend.unit import Class, Data, Unit
from s2sad.ir import Expr, Function, Global, Routine
from s2sad.kind import Kind
from s2sad.rules.registry import Linear, Rule

__all__ = ["DataItem", "Hand", "Program", "Spelling"]


_MODULES = ("numpy", "math")


@dataclass(frozen=True)
class DataItem:
    """A global of the generated module: its defining expression where it has one that can be written down."""

    name: str
    data: Data
    value: Expr | None = None


@dataclass
class Spelling:
    """How the user's code names what it imports, so that generated code names it alike."""

    modules: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def module(self, dotted: str, name: str) -> None:
        """`import dotted as name`."""
        self.modules.setdefault(dotted, name)

    def name(self, dotted: str, name: str) -> None:
        """`from … import … as name`."""
        self.names.setdefault(dotted, name)

    def without(self, taken: Iterable[str]) -> Spelling:
        """The spelling that uses none of the names in `taken`."""
        used = set(taken)
        return Spelling(
            {dotted: name for dotted, name in self.modules.items() if name not in used},
            {dotted: name for dotted, name in self.names.items() if name not in used},
        )

    def spell(self, node: Global | Routine) -> tuple[str, str | None]:
        """The text of a reference and the import line that it needs."""
        dotted = node.key if isinstance(node, Routine) else node.dotted
        if dotted in _MODULES or dotted in self.modules:
            name = self.modules.get(dotted, "np" if dotted == "numpy" else dotted)
            return name, f"import {dotted}" + (f" as {name}" if name != dotted else "")
        if "." not in dotted:
            return dotted, None
        if dotted in self.names:
            name = self.names[dotted]
            module, _, last = dotted.rpartition(".")
            return name, f"from {module} import {last}" + (f" as {name}" if name != last else "")
        module, _, rest = dotted.rpartition(".")
        while module and module not in self.modules and "." in module:
            module, _, more = module.rpartition(".")
            rest = f"{more}.{rest}"
        name = self.modules.get(module, "np" if module == "numpy" and "np" not in self.modules.values() else module)
        return f"{name}.{rest}", f"import {module}" + (f" as {name}" if name != module else "")


@dataclass(frozen=True)
class Hand:
    """The derivative of the function `name` by functions of the program, which are given by their keys.

    `nondiff` are the parameters that no derivative is taken of. With `recompute` nothing of it is saved for reverse mode.
    `snapshots` is how many states are kept in the adjoint of a function that is a loop, 0 for the square root of its rounds.
    """

    name: str
    nondiff: tuple[str, ...] = ()
    jvp: str | None = None
    forward: str | None = None
    backward: str | None = None
    recompute: bool = False
    snapshots: int | None = None

    @property
    def keys(self) -> list[str]:
        """The functions."""
        return [key for key in (self.jvp, self.forward, self.backward) if key is not None]


@dataclass
class Program:
    """What the frontend found: functions by key, with their units, and the names at the module's top level.

    `by_hand` are the derivatives that are given as functions, `rules` those that are given as text.
    `hints` are kinds of parameters, where it is known that all calls have them, `looped` functions as they were before the
    rounds of their loops became functions, `plain` what is written of functions that have another form for reverse mode.
    `classes` are those met so far, and `receiver` is what the first parameter of the
    first function is bound to, of a bound method.
    """

    functions: dict[str, Function] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    data: dict[str, DataItem] = field(default_factory=dict)
    spelling: Spelling = field(default_factory=Spelling)
    by_hand: dict[str, Hand] = field(default_factory=dict)
    rules: list[Rule | Linear] = field(default_factory=list)
    hints: dict[str, dict[str, Kind]] = field(default_factory=dict)
    looped: dict[str, Function] = field(default_factory=dict)
    plain: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    receiver: Expr | None = None
