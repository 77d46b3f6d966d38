"""Writes random programs of the language that s2sad differentiates, for `tests.random_programs`."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np

from tests.programs import Line, Program

__all__ = ["program"]

#: The kinds of the variables that are bound: numbers, arrays of three, lists of numbers, dicts of both, and functions of
#: a number ("curve") or an array ("loss") that return a number.
Scope = dict[str, str]

#: What a program is drawn with, and how often; operators only where there are functions.
FEATURES = {"updates": 0.3, "lists": 0.25, "stores": 0.25, "functions": 0.4, "operators": 0.4, "dicts": 0.3}

PARAMETERS = {"a": "scalar", "b": "scalar", "x": "array", "n": "int", "p": "dict"}
NAMES = {
    "scalar": ("a", "b", "s", "t", "y", "z"),
    "array": ("x", "u", "v", "w"),
    "int": ("i", "j", "k", "n"),
    "dict": ("p", "o"),
    "list": ("l", "m"),
}
UNARY = ("np.sin({})", "np.cos({})", "np.tanh({})", "np.exp(np.sin({}))", "-{}", "np.sin({}) ** 2", "({}) * 0.7")
BINARY = ("{} * {}", "{} + {}", "{} - {}", "{} * np.sin({})", "({}) / (2.0 + np.sin({}))", "np.tanh({} * {})")
#: How a derivative of a curve or a loss is called.
CURVES = ("grad({f})({x})", "jvp({f}, ({x},), ({v},))[1]", "value_and_grad({f})({x})[1]", "vjp({f}, {x})[1]({v})[0]")
CURVES += ("grad(grad({f}))({x})", "hvp({f})({x}, {v})", "grad(lambda r: {f}(r) * {v})({x})")
LOSSES = ("grad({f})({x})", "vjp({f}, {x})[1](0.5)[0]", "hvp({f})({x}, {v})", "jvp(grad({f}), ({x},), ({v},))[1]")


def program(seed: int) -> Program:
    """The program with this number."""
    return Writer(random.Random(seed)).program()


@dataclass
class Writer:
    """Draws statements and expressions from what is in scope."""

    random: random.Random
    features: frozenset[str] = frozenset()
    helpers: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    loops: int = 0
    size: int = 0

    def program(self) -> Program:
        self.features = frozenset(name for name, often in FEATURES.items() if self.chance(often))
        functions = [self.helper(name) for name in ("g", "h")[: self.random.randrange(3)]]
        self.size = 0
        draw = np.random.default_rng(self.random.randrange(1000))
        values = {
            "a": float(draw.uniform(0.3, 1.2)),
            "b": float(draw.uniform(-1, 1)),
            "x": draw.uniform(-1, 1, 3),
            "n": self.random.randrange(4),
        }
        if "dicts" in self.features:
            values["p"] = {"w": draw.uniform(-1, 1, 3), "c": float(draw.uniform(-1, 1))}
        body = self.body({name: PARAMETERS[name] for name in values}, self.result())
        functions.append(Line(f"def f({', '.join(values)}):", body))
        floats = [name for name in values if name != "n"]
        self.random.shuffle(floats)
        return Program(tuple(functions), tuple(values.items()), tuple(floats[: self.random.randint(1, 3)]))

    def result(self) -> str:
        return self.random.choice(("scalar", "scalar", "scalar", "scalar", "array", "pair", "dict"))

    def helper(self, name: str) -> Line:
        forms = [("a", "b"), ("a",), ("a", "x"), ("x", "n")] + [("p", "a")] * ("dicts" in self.features)
        params = self.random.choice(forms)
        result = self.random.choice(("scalar", "scalar", "pair"))
        self.size = 12
        body = self.body({param: PARAMETERS[param] for param in params}, result)
        self.helpers[name] = (params, result)
        return Line(f"def {name}({', '.join(params)}):", body)

    def body(self, scope: Scope, result: str) -> tuple[Line, ...]:
        lines = self.block(scope, 3, self.random.randint(2, 7))
        if self.chance(0.3):
            test = self.condition(scope)
            inner = dict(scope)
            early = (*self.block(inner, 1, self.random.randrange(3)), self.returned(inner, result))
            lines = (*lines, Line(f"if {test}:", early), *self.block(scope, 2, self.random.randint(1, 4)))
        return (*lines, self.returned(scope, result))

    def returned(self, scope: Scope, result: str) -> Line:
        if result == "pair":
            return Line(f"return {self.expression(scope, 'scalar', 2)}, {self.expression(scope, 'scalar', 2)}")
        return Line(f"return {self.expression(scope, result, 3)}")

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def bound(self, scope: Scope, kind: str) -> list[str]:
        return [name for name in scope if scope[name] == kind]

    # ------------------------------------------------------------- statements

    def block(self, scope: Scope, depth: int, count: int) -> tuple[Line, ...]:
        return tuple(line for _ in range(count) for line in self.statement(scope, depth))

    def statement(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        self.size += 1
        compound = [self.branch, self.for_loop, self.for_loop, self.while_loop] if depth and self.size < 25 else []
        simple = [self.assign, self.assign, self.assign, self.copied, self.pair, self.swap, self.printed, self.call]
        features = {
            "updates": [self.update],
            "lists": [self.listed, self.appended, self.appended],
            "stores": [self.stored, self.stored],
            "functions": [self.defined, self.defined],
            "dicts": [self.regrouped],
        }
        simple += [draw for name, draws in features.items() if name in self.features for draw in draws]
        return self.random.choice([*simple, *compound])(scope, depth)

    def assign(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        kind = self.random.choice(("scalar", "scalar", "array", "int"))
        name = self.target(scope, kind)
        line = Line(f"{name} = {self.expression(scope, kind, 2)}")
        scope[name] = kind
        return (line,)

    def target(self, scope: Scope, kind: str) -> str:
        """A name to assign; in a loop a variable keeps its kind."""
        free = [name for name in NAMES[kind] if scope.get(name, kind) == kind]
        if not self.loops and self.chance(0.1):
            free += [name for name in "xya" if kind != "int"]
        return self.random.choice(free)

    def pair(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        kind = self.random.choice(("scalar", "array"))
        names = self.random.sample(NAMES[kind], 2)
        if any(scope.get(name, kind) != kind for name in names):
            return ()
        line = Line(f"{', '.join(names)} = {self.expression(scope, kind, 1)}, {self.expression(scope, kind, 1)}")
        scope.update(dict.fromkeys(names, kind))
        return (line,)

    def swap(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        kind = self.random.choice(("scalar", "array"))
        bound = self.bound(scope, kind)
        if len(bound) < 2:
            return ()
        names = self.random.sample(bound, min(len(bound), self.random.choice((2, 2, 3))))
        return (Line(f"{', '.join(names)} = {', '.join(names[1:] + names[:1])}"),)

    def copied(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        kind = self.random.choice(("scalar", "scalar", "array"))
        bound = self.bound(scope, kind)
        if not bound:
            return ()
        name = self.target(scope, kind)
        scope[name] = kind
        return (Line(f"{name} = {self.random.choice(bound)}"),)

    def update(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        kind = self.random.choice(("scalar", "scalar", "scalar", "array"))
        bound = self.bound(scope, kind)
        if not bound:
            return ()
        name, op = self.random.choice(bound), self.random.choice(("+=", "-=", "*="))
        return (Line(f"{name} {op} {self.expression(scope, self.random.choice(('scalar', kind)), 1)}"),)

    def listed(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        return self.bind(scope, "list", self.random.choice(NAMES["list"]))

    def appended(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        bound = self.bound(scope, "list")
        if not bound:
            return self.listed(scope, depth)
        name, item = self.random.choice(bound), self.expression(scope, "scalar", 2)
        others = (f"{name}[-1] = {item}", f"{name} += [{item}]", f"{name} = [*{name}, {item}]")
        return (Line(f"{name}.append({item})" if self.chance(0.8) else self.random.choice(others)),)

    def stored(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        """An element or a slice of an array that the function made."""
        name = self.random.choice(("q", "r"))
        if name not in scope:
            scope[name] = "array"
            return (Line(f"{name} = {self.random.choice(('np.zeros(3)', 'np.ones(3)', 'np.array([0.1, 0.2, 0.3])'))}"),)
        ints = self.bound(scope, "int")
        index = f"{self.random.choice(ints)} % 3" if ints and self.chance(0.6) else self.random.choice("012")
        if self.chance(0.3):
            part = self.random.choice(("1:", ":-1", "::2", "::-1"))
            return (Line(f"{name}[{part}] = {self.expression(scope, 'array', 1)}[{part}]"),)
        op = self.random.choice(("=", "=", "=", "+=", "*=", "-="))
        return (Line(f"{name}[{index}] {op} {self.expression(scope, 'scalar', 2)}"),)

    def regrouped(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        return self.bind(scope, "dict", self.target(scope, "dict"))

    def bind(self, scope: Scope, kind: str, name: str) -> tuple[Line, ...]:
        line = Line(f"{name} = {self.expression(scope, kind, 2)}")
        scope[name] = kind
        return (line,)

    def defined(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        """A function in the function, which reads what is in scope. Only a lambda may take another's name."""
        kind = self.random.choice(("curve", "curve", "loss"))
        bound = self.bound(scope, kind)
        inner = {**scope, "e": "scalar" if kind == "curve" else "array"}
        name, again = f"{kind}_{self.size}", bool(bound) and self.chance(0.2)
        if again:
            name = self.random.choice(bound)
            inner = {other: of for other, of in inner.items() if of not in ("curve", "loss")}
        default = f", c={self.expression(scope, 'scalar', 1)}" if self.chance(0.2) else ""
        inner |= {"c": "scalar"} if default else {}
        value = f"np.sin(e) * {self.expression(inner, 'scalar', 2)}" if kind == "curve" else self.norm(inner)
        scope[name] = kind
        if again or self.chance(0.4):
            return (Line(f"{name} = lambda e{default}: {value}"),)
        step = Line(f"e = e * {self.expression(inner, 'scalar', 1)}")
        return (Line(f"def {name}(e{default}):", (*([step] if self.chance(0.3) else []), Line(f"return {value}"))),)

    def norm(self, scope: Scope) -> str:
        return f"np.sum(np.sin(e) * {self.expression(scope, 'array', 2)})"

    def printed(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        shown = [name for name, kind in sorted(scope.items()) if kind not in ("curve", "loss")]
        return (Line(f"print({self.random.choice(shown)})"),) if self.chance(0.3) else ()

    def call(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        pairs = [name for name, (_, result) in self.helpers.items() if result == "pair"]
        names = self.random.sample(NAMES["scalar"], 2)
        if not pairs or any(scope.get(name, "scalar") != "scalar" for name in names):
            return ()
        line = Line(f"{', '.join(names)} = {self.called(scope, self.random.choice(pairs), 1)}")
        scope.update(dict.fromkeys(names, "scalar"))
        return (line,)

    def branch(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        sides = [f"if {self.condition(scope)}:"]
        if self.chance(0.3):
            sides.append(f"elif {self.condition(scope)}:")
        if self.chance(0.6):
            sides.append("else:")
        scopes, lines = [], []
        for side in sides:
            scopes.append(dict(scope))
            lines.append(Line(side, self.block(scopes[-1], depth - 1, self.random.randint(1, 3))))
        if sides[-1] != "else:":
            scopes.append(dict(scope))
        common = {name: kind for name, kind in scopes[0].items() if all(one.get(name) == kind for one in scopes)}
        scope.clear()
        scope.update(common)
        return tuple(lines)

    def for_loop(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        arrays, lists = self.bound(scope, "array"), self.bound(scope, "list")
        index, element = self.random.choice("ijk"), self.random.choice("stz")
        if scope.get(index, "int") != "int" or scope.get(element, "scalar") != "scalar":
            return ()
        trips = "n" if scope.get("n") == "int" else str(self.random.randrange(4))
        ranges = (
            f"range({trips})",
            "range(2)",
            "range(1, 6, 2)",
            "range(3, 0, -1)",
            f"range({trips}, 5)",
            "reversed(range(3))",
        )
        head, bound = f"for {index} in {self.random.choice(ranges)}:", {index: "int"}
        if arrays and self.chance(0.6):
            one, other = self.random.choice(arrays), self.random.choice(arrays)
            second = self.random.choice([name for name in "stz" if name != element])
            forms = (
                (f"for {element} in {one}:", {element: "scalar"}),
                (f"for {element} in reversed({one}):", {element: "scalar"}),
                (f"for {element} in {one}[1:] * {other}[:-1]:", {element: "scalar"}),
                (f"for {index}, {element} in enumerate({one}):", {index: "int", element: "scalar"}),
                (f"for {index}, {element} in enumerate({one}, 2):", {index: "int", element: "scalar"}),
                (f"for {element}, {second} in zip({one}, {other}[::-1]):", {element: "scalar", second: "scalar"}),
                (f"for {index}, {element} in zip(range({trips}), {one}):", {index: "int", element: "scalar"}),
            )
            head, bound = self.random.choice(forms)
        if lists and self.chance(0.3):
            head, bound = f"for {element} in {self.random.choice(lists)}[:3]:", {element: "scalar"}
        if any(scope.get(name, kind) != kind for name, kind in bound.items()):
            return ()
        inner = {**scope, **bound}
        self.loops += 1
        body = self.block(inner, depth - 1, self.random.randint(1, 4))
        self.loops -= 1
        runs = "range(n" not in head and "range(0)" not in head
        scope.update({name: kind for name, kind in inner.items() if runs or name in scope})
        return (Line(head, body),)

    def while_loop(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        counter = f"c{self.size}"
        test = f"{counter} < {self.random.randrange(4)}"
        if self.chance(0.5):
            test += f" and {self.condition(scope)}"
        inner = dict(scope)
        self.loops += 1
        body = self.block(inner, depth - 1, self.random.randint(1, 4))
        self.loops -= 1
        return (Line(f"{counter} = 0"), Line(f"while {test}:", (*body, Line(f"{counter} += 1"))))

    # ------------------------------------------------------------ expressions

    def condition(self, scope: Scope) -> str:
        limit = f"{self.random.uniform(-1, 1):.2f}"
        ints = self.bound(scope, "int")
        if ints and self.chance(0.4):
            return f"{self.random.choice(ints)} % 2 == 0"
        if self.chance(0.2):
            return f"{limit} < {self.expression(scope, 'scalar', 1)} < 2.0"
        return f"{self.expression(scope, 'scalar', 1)} {self.random.choice('<>')} {limit}"

    def expression(self, scope: Scope, kind: str, depth: int) -> str:
        bound = self.bound(scope, kind)
        if kind == "int":
            return self.integer(bound)
        if kind in ("list", "dict"):
            return self.container(scope, kind, bound)
        if depth == 0 or self.chance(0.2):
            return self.random.choice(bound) if bound and self.chance(0.85) else self.constant(kind)
        if self.chance(0.4):
            return f"({self.random.choice(UNARY).format(self.expression(scope, kind, depth - 1))})"
        if self.chance(0.45):
            return self.scalar(scope, depth) if kind == "scalar" else self.array(scope, depth)
        sides = [kind, kind if self.chance(0.7) or kind == "scalar" else "scalar"]
        self.random.shuffle(sides)
        left, right = (self.expression(scope, side, depth - 1) for side in sides)
        return f"({self.random.choice(BINARY).format(left, right)})"

    def container(self, scope: Scope, kind: str, bound: list[str]) -> str:
        if bound and self.chance(0.2):
            return self.random.choice(bound)
        if kind == "dict":
            return f"{{'w': {self.expression(scope, 'array', 2)}, 'c': {self.expression(scope, 'scalar', 2)}}}"
        return f"[{', '.join(self.expression(scope, 'scalar', 1) for _ in range(self.random.randint(1, 2)))}]"

    def constant(self, kind: str) -> str:
        number = f"{self.random.uniform(-2, 2):.1f}"
        return number if kind == "scalar" else f"np.array([{number}, 0.5, -0.4])"

    def integer(self, bound: list[str]) -> str:
        if not bound:
            return str(self.random.randrange(3))
        return f"({self.random.choice(bound)} * 2 + {self.random.randrange(3)}) % 3"

    def scalar(self, scope: Scope, depth: int) -> str:
        arrays = self.bound(scope, "array")
        ints = self.bound(scope, "int")
        forms = []
        if arrays:
            one = self.random.choice(arrays)
            index = (
                f"{self.random.choice(ints)} % 3" if ints and self.chance(0.5) else self.random.choice(("0", "-1", "2"))
            )
            forms += [f"{one}[{index}]", f"np.sum({self.expression(scope, 'array', depth - 1)})", f"{one}[1:][0]"]
            forms += [f"np.sum({one}[{self.random.choice(('::2', '1:', ':-1', '[0, 0, 2]', f'{one} > 0'))}])"]
        singles = [name for name, (_, result) in self.helpers.items() if result == "scalar"]
        if singles:
            forms += [self.called(scope, self.random.choice(singles), depth - 1)] * 2
        forms += self.parts(scope, depth)
        then, orelse = (self.expression(scope, "scalar", depth - 1) for _ in range(2))
        forms.append(f"({then} if {self.condition(scope)} else {orelse})")
        return self.random.choice(forms)

    def parts(self, scope: Scope, depth: int) -> list[str]:
        """Numbers from lists, dicts and functions."""
        forms = []
        for name in self.bound(scope, "list"):
            forms += [f"{name}[0]", f"{name}[-1]", f"sum({name})", f"np.sum(np.array({name}) ** 2)"]
        forms += [f"{name}['c']" for name in self.bound(scope, "dict")] * 2
        for kind, of in (("curve", "scalar"), ("loss", "array")):
            forms += [f"{name}({self.expression(scope, of, depth - 1)})" for name in self.bound(scope, kind)] * 2
        if "operators" in self.features:
            forms += [self.derived(scope, CURVES, name, "scalar", depth - 1) for name in self.bound(scope, "curve")] * 3
        return forms

    def derived(self, scope: Scope, forms: tuple[str, ...], name: str, kind: str, depth: int) -> str:
        x, v = self.expression(scope, kind, depth), self.expression(scope, kind, depth)
        return self.random.choice(forms).format(f=name, x=x, v=v)

    def array(self, scope: Scope, depth: int) -> str:
        dicts, losses = self.bound(scope, "dict"), self.bound(scope, "loss")
        if dicts and self.chance(0.4):
            return f"{self.random.choice(dicts)}['w']"
        if losses and "operators" in self.features and self.chance(0.6):
            return self.derived(scope, LOSSES, self.random.choice(losses), "array", depth - 1)
        inner = self.expression(scope, "array", depth - 1)
        return f"({inner}){self.random.choice(('[::-1]', '[[0, 2, 0]]', '[np.array([1, 1, 2])]'))}"

    def called(self, scope: Scope, name: str, depth: int) -> str:
        params, _ = self.helpers[name]
        return f"{name}({', '.join(self.expression(scope, PARAMETERS[param], depth) for param in params)})"
