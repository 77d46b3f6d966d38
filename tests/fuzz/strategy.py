"""The strategy: whole programs, with arguments at which they are differentiated."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from tests.fuzz.classes import CLASSES, METHODS, OBJECTS
from tests.fuzz.definitions import DEFINITIONS, Definition
from tests.fuzz.grammar import FORMS, NAMES
from tests.fuzz.held import HELD
from tests.fuzz.program import Program
from tests.fuzz.stores import STORES
from tests.fuzz.writer import BLOCK, Draw, Form, Scope, Writer

__all__ = ["programs"]

#: The parameters of `f`: name, kind, the feature that it needs.
PARAMETERS = (
    ("a", "float", ""),
    ("x", "array", ""),
    ("b", "float", ""),
    ("n", "int", ""),
    ("A", "matrix", "matrices"),
    ("p", "dict", "dicts"),
    ("l", "list", "lists"),
    ("c", "pair", "pairs"),
    ("data", "buffer", "stores"),
    ("M", "grid", "grids"),
    ("r", "counts", "integers"),
)
#: All forms of which some are drawn for a program.
ALL_FORMS = (*FORMS, *STORES, *HELD)
FEATURES = tuple(sorted({one.feature for one in (*ALL_FORMS, *DEFINITIONS)} - {""} | {"objects"}))
RESULTS = (*["float"] * 9, "array", "pair", "dict", "list")

#: How many statements a program has at most, and how many features.
SIZE, MOST_FEATURES = 10, 4


@st.composite
def programs(draw: Draw) -> Program:
    """A program, well defined where it is differentiated but for few that the caller has to leave out."""
    features = draw(st.lists(st.sampled_from(FEATURES), max_size=MOST_FEATURES, unique=True))
    return _Composer(draw, {"", *features}).program()


class _Composer:
    """Puts together helper functions, classes, and `f`."""

    def __init__(self, draw: Draw, features: set[str]) -> None:
        self.features = features
        self.writer = Writer(draw, [form for form in ALL_FORMS if form.feature in features], NAMES)
        self.definitions: list[str] = []
        self.classes: list[str] = []

    def program(self) -> Program:
        writer = self.writer
        if writer.below(4) == 3:
            self.definitions.append("K = 0.8")
            writer.forms += [Form("float", "K", 3)]
        if "objects" in self.features:
            self.class_("Body")
        available = [one for one in DEFINITIONS if one.feature in self.features]
        for name in ("g", "h", "q")[: writer.below(3)]:
            self.function(self.drawn(available), name)
        return self.root()

    def drawn(self, definitions: list[Definition]) -> Definition:
        return self.writer.chosen([one for one in definitions for _ in range(one.weight)])

    def function(self, definition: Definition, name: str) -> None:
        self.definitions.append("\n".join(self.written(definition, name)))

    def class_(self, name: str) -> None:
        head = self.writer.chosen(CLASSES)
        lines = self.written(head, name)
        self.writer.forms += [named(form, name) for form in OBJECTS]
        for _ in range(self.writer.below(4)):
            method = self.drawn(METHODS)
            if method.template.partition("(")[0] not in "\n".join(lines):
                lines += ["", *self.written(method, name)]
        self.definitions.append("\n".join(lines))
        if head is CLASSES[0]:
            self.classes.append(name)

    def written(self, definition: Definition, name: str) -> list[str]:
        """The lines of a definition; from now on what it gives can be written."""
        self.writer.left = 4
        inside = [named(Form(*form), name) for form in definition.inside]
        self.writer.forms += inside
        lines = self.lines(definition.template.replace("NAME", name), {})
        self.writer.forms = [form for form in self.writer.forms if form not in inside]
        self.writer.forms += [named(Form(kind, text, 10), name) for kind, text in definition.gives]
        return lines

    def lines(self, template: str, scope: Scope) -> list[str]:
        lines: list[str] = []
        for line in template.splitlines():
            found = BLOCK.match(line)
            if found:
                inner, _ = self.writer.inner(found, scope, {}, 3)
                lines += [found["indent"] + one for one in inner]
            else:
                lines.append(self.writer.filled(line, scope, {}, {}, {}, 0))
        return lines

    def root(self) -> Program:
        writer = self.writer
        given = [one for one in PARAMETERS if one[2] in self.features]
        if self.classes and writer.below(2):
            given.append(("o", self.classes[0], ""))
        taken = given[: 1 + writer.below(2)] + [one for one in given[2:] if writer.below(2)]
        arguments = tuple((name, self.argument(kind)) for name, kind, _ in taken)
        names = [name for name, kind, _ in taken if kind not in ("int", "counts")]
        wrt = tuple(name for name in names if len(names) == 1 or writer.below(4)) or (names[0],)
        writer.left = 2 + writer.below(SIZE)
        result = writer.chosen([kind for kind in RESULTS if self.can_make(kind)])
        params = ", ".join(name for name, _, _ in taken)
        body = f"def f({params}):\n    <body {result} {' '.join(f'{name}={kind}' for name, kind, _ in taken)}>"
        self.definitions.append("\n".join(self.lines(body, {})))
        return Program(tuple(self.definitions), arguments, wrt)

    def can_make(self, kind: str) -> bool:
        return any(form.kind == kind and not form.needs for form in self.writer.forms)

    # -------------------------------------------------------------- arguments

    def argument(self, kind: str) -> str:
        """An expression for an argument."""
        match kind:
            case "float":
                return self.number()
            case "int":
                return str(self.writer.below(4))
            case "array" | "buffer":
                return f"np.array([{self.numbers(3)}])"
            case "counts":
                return f"np.array([{', '.join(str(self.writer.below(4)) for _ in range(3))}])"
            case "matrix" | "grid":
                return f"np.array([[{self.numbers(3)}], [{self.numbers(3)}]])"
            case "list":
                return f"[{self.numbers(1 + self.writer.below(3))}]"
            case "dict":
                return f"{{'w': {self.argument('array')}, 'c': {self.number()}}}"
            case "pair":
                return f"({self.numbers(2)})"
        return f"{kind}({self.number()}, {self.argument('array')})"

    def numbers(self, count: int) -> str:
        return ", ".join(self.number() for _ in range(count))

    def number(self) -> str:
        """A number with two decimals; those at which the programs have constants do not occur."""
        tenths, last = self.writer.below(12), 1 + self.writer.below(4)
        return f"{'-' if self.writer.below(3) == 2 else ''}{tenths // 10}.{tenths % 10}{last}"


def named(form: Form, name: str) -> Form:
    """A form of the function or class that has this name."""
    return replace(form, kind=form.kind.replace("NAME", name), template=form.template.replace("NAME", name))
