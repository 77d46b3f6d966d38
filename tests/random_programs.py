"""Random programs of the language that s2sad differentiates; the only outcomes accepted are right and refused.

`python -m tests.random_programs --count 2000 --seed 7` runs on from a seed and prints what fails, shrunk.
"""

from __future__ import annotations

import argparse
import linecache
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from s2sad.errors import S2sadError
from tests.checking import Case, Wrong, call, check_case, difference_quotient, leaves, like

__all__ = ["Program", "outcome", "program", "shrunk"]

Scope = dict[str, str]


@dataclass(frozen=True)
class Line:
    """A statement: its text, and of a compound one the statements under it."""

    text: str
    body: tuple[Line, ...] | None = None

    def lines(self, indent: str = "") -> Iterator[str]:
        yield indent + self.text
        for inner in self.body or ():
            yield from inner.lines(indent + "    ")
        if self.body == ():
            yield indent + "    pass"


@dataclass(frozen=True)
class Program:
    """Functions, the last of which is differentiated, with arguments for it."""

    functions: tuple[Line, ...]
    values: tuple[tuple[str, Any], ...]
    wrt: tuple[str, ...]

    @property
    def text(self) -> str:
        head = ["import math", "import numpy as np", ""]
        return "\n".join([*head, *(line for function in self.functions for line in (*function.lines(), ""))])

    def function(self) -> Callable[..., Any]:
        """The function itself, its source where `inspect` finds it."""
        file = f"<random {hash(self.text)}>"
        linecache.cache[file] = (len(self.text), None, self.text.splitlines(True), file)
        space: dict[str, Any] = {"__name__": file}
        exec(compile(self.text, file, "exec"), space)
        return space["f"]  # type: ignore[no-any-return]

    def case(self, known: bool = True) -> Case:
        return Case(self.function(), dict(self.values), self.wrt, known)


# -------------------------------------------------------------------- outcomes


def outcome(program: Program) -> tuple[str, str]:
    """`right`, `refused`, `rough` (no derivative to compare with), `wrong` or `crash`, and what there is to say."""
    case = program.case()
    try:
        if not smooth(case):
            return "rough", ""
    except (ArithmeticError, ValueError, UnboundLocalError, TypeError, IndexError) as error:
        return "rough", repr(error)
    refusal = None
    for known in (True, False):
        try:
            check_case(replace(case, known=known), rtol=1e-5)
        except S2sadError as error:
            refusal = refusal or (("" if known else "unknown kinds: ") + f"{error.code} {error.reason}")
        except Wrong as error:
            return "wrong", str(error)
        except Exception as error:
            return "crash", f"{type(error).__name__}: {error} ({'known' if known else 'unknown'} kinds)"
    return ("refused", refusal) if refusal else ("right", "")


def smooth(case: Case) -> bool:
    """True if the result is moderate and differences with two steps agree: no branch changes sides nearby."""
    value, _ = call(case.function, deepcopy(case.values))
    if not all(np.all(np.abs(leaf) < 1e4) for leaf in leaves(value)):
        return False
    draw = np.random.default_rng(0).standard_normal
    direction = tuple(like(case.values[name], draw) for name in case.wrt)
    coarse, fine = (difference_quotient(case, direction, step) for step in (1e-3, 2e-4))
    return all(np.allclose(a, b, 1e-7, 1e-7) and np.all(np.abs(a) < 1e4) for a, b in zip(coarse, fine, strict=True))


def shrunk(program: Program) -> Program:
    """A smaller program with the same outcome and the same complaint, but for numbers and names."""
    wanted = complaint(program)
    while True:
        for candidate in smaller(program):
            try:
                found = complaint(candidate)
            except (SyntaxError, NameError, KeyError):
                continue
            if found == wanted:
                program = candidate
                break
        else:
            return program


def complaint(program: Program) -> list[str]:
    found, message = outcome(program)
    return [found, *re.findall(r"[A-Za-z]{4,}", message.partition("\n")[0])[:4]]


def smaller(program: Program) -> Iterator[Program]:
    if len(program.wrt) > 1:
        yield from (replace(program, wrt=(name,)) for name in program.wrt)
    for position, function in enumerate(program.functions):
        before, after = program.functions[:position], program.functions[position + 1 :]
        if after:
            yield replace(program, functions=before + after)
        for body in smaller_blocks(function.body or ()):
            yield replace(program, functions=(*before, replace(function, body=body), *after))


def smaller_blocks(block: tuple[Line, ...]) -> Iterator[tuple[Line, ...]]:
    for position, line in enumerate(block):
        before, after = block[:position], block[position + 1 :]
        yield before + after
        if line.body is not None:
            yield before + line.body + after
            yield from (before + (replace(line, body=body),) + after for body in smaller_blocks(line.body))


# ------------------------------------------------------------------- generator

PARAMETERS = {"a": "scalar", "b": "scalar", "x": "array", "n": "int"}
NAMES = {"scalar": "abstyz", "array": "xuvw", "int": "ijkn"}
UNARY = ("np.sin({})", "np.cos({})", "np.tanh({})", "np.exp(np.sin({}))", "-{}", "np.sin({}) ** 2", "({}) * 0.7")
BINARY = ("{} * {}", "{} + {}", "{} - {}", "{} * np.sin({})", "({}) / (2.0 + np.sin({}))", "np.tanh({} * {})")
OVER = ("x", "u", "v", "w")


def program(seed: int) -> Program:
    """The program with this number."""
    return Generator(random.Random(seed)).program()


@dataclass
class Generator:
    random: random.Random
    helpers: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)
    loops: int = 0
    size: int = 0
    updates: bool = False

    def program(self) -> Program:
        self.updates = self.chance(0.3)
        functions = [self.helper(name) for name in ("g", "h")[: self.random.randrange(3)]]
        self.size = 0
        scope = dict(PARAMETERS)
        body = self.body(scope, self.random.choice(("scalar", "scalar", "scalar", "array", "pair")))
        functions.append(Line("def f(a, b, x, n):", body))
        draw = np.random.default_rng(self.random.randrange(1000))
        values = {
            "a": float(draw.uniform(0.3, 1.2)),
            "b": float(draw.uniform(-1, 1)),
            "x": draw.uniform(-1, 1, 3),
            "n": self.random.randrange(4),
        }
        floats = ["a", "b", "x"]
        self.random.shuffle(floats)
        return Program(tuple(functions), tuple(values.items()), tuple(floats[: self.random.randint(1, 3)]))

    def helper(self, name: str) -> Line:
        params = self.random.choice((("a", "b"), ("a",), ("a", "x"), ("x", "n")))
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

    # ------------------------------------------------------------- statements

    def block(self, scope: Scope, depth: int, count: int) -> tuple[Line, ...]:
        return tuple(line for _ in range(count) for line in self.statement(scope, depth))

    def statement(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        self.size += 1
        compound = [self.branch, self.for_loop, self.for_loop, self.while_loop] if depth and self.size < 25 else []
        simple = [self.assign, self.assign, self.assign, self.copied, self.pair, self.swap, self.printed, self.call]
        simple += [self.update] if self.updates else []
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
        bound = [name for name in scope if scope[name] == kind]
        if len(bound) < 2:
            return ()
        names = self.random.sample(bound, min(len(bound), self.random.choice((2, 2, 3))))
        return (Line(f"{', '.join(names)} = {', '.join(names[1:] + names[:1])}"),)

    def copied(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        kind = self.random.choice(("scalar", "scalar", "array"))
        bound = [name for name in scope if scope[name] == kind]
        if not bound:
            return ()
        name = self.target(scope, kind)
        scope[name] = kind
        return (Line(f"{name} = {self.random.choice(bound)}"),)

    def update(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        kind = self.random.choice(("scalar", "scalar", "scalar", "array"))
        bound = [name for name in scope if scope[name] == kind]
        if not bound:
            return ()
        name, op = self.random.choice(bound), self.random.choice(("+=", "-=", "*="))
        return (Line(f"{name} {op} {self.expression(scope, self.random.choice(('scalar', kind)), 1)}"),)

    def printed(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        return (Line(f"print({self.random.choice(sorted(scope))})"),) if self.chance(0.3) else ()

    def call(self, scope: Scope, depth: int) -> tuple[Line, ...]:
        pairs = [name for name, (_, result) in self.helpers.items() if result == "pair"]
        names = self.random.sample(NAMES["scalar"], 2)
        if not pairs or any(scope.get(name, "scalar") != "scalar" for name in names):
            return ()
        line = Line(f"{', '.join(names)} = {self.called(scope, self.random.choice(pairs))}")
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
        arrays = [name for name in scope if scope[name] == "array"]
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
        ints = [name for name in scope if scope[name] == "int"]
        if ints and self.chance(0.4):
            return f"{self.random.choice(ints)} % 2 == 0"
        if self.chance(0.2):
            return f"{limit} < {self.expression(scope, 'scalar', 1)} < 2.0"
        return f"{self.expression(scope, 'scalar', 1)} {self.random.choice('<>')} {limit}"

    def expression(self, scope: Scope, kind: str, depth: int) -> str:
        bound = [name for name in scope if scope[name] == kind]
        if kind == "int":
            return self.integer(bound)
        if depth == 0 or self.chance(0.2):
            return self.random.choice(bound) if bound and self.chance(0.85) else self.constant(kind)
        if self.chance(0.4):
            return f"({self.random.choice(UNARY).format(self.expression(scope, kind, depth - 1))})"
        if self.chance(0.3):
            return self.scalar(scope, depth) if kind == "scalar" else self.array(scope, depth)
        sides = [kind, kind if self.chance(0.7) or kind == "scalar" else "scalar"]
        self.random.shuffle(sides)
        left, right = (self.expression(scope, side, depth - 1) for side in sides)
        return f"({self.random.choice(BINARY).format(left, right)})"

    def constant(self, kind: str) -> str:
        number = f"{self.random.uniform(-2, 2):.1f}"
        return number if kind == "scalar" else f"np.array([{number}, 0.5, -0.4])"

    def integer(self, bound: list[str]) -> str:
        if not bound:
            return str(self.random.randrange(3))
        return f"({self.random.choice(bound)} * 2 + {self.random.randrange(3)}) % 3"

    def scalar(self, scope: Scope, depth: int) -> str:
        arrays = [name for name in scope if scope[name] == "array"]
        ints = [name for name in scope if scope[name] == "int"]
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
            forms += [self.called(scope, self.random.choice(singles))] * 2
        then, orelse = (self.expression(scope, "scalar", depth - 1) for _ in range(2))
        forms.append(f"({then} if {self.condition(scope)} else {orelse})")
        return self.random.choice(forms)

    def array(self, scope: Scope, depth: int) -> str:
        inner = self.expression(scope, "array", depth - 1)
        return f"({inner}){self.random.choice(('[::-1]', '[[0, 2, 0]]', '[np.array([1, 1, 2])]'))}"

    def called(self, scope: Scope, name: str) -> str:
        params, _ = self.helpers[name]
        return f"{name}({', '.join(self.expression(scope, PARAMETERS[param], 1) for param in params)})"


# ------------------------------------------------------------------ command line


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    begin, counts, refusals = time.time(), Counter[str](), Counter[str]()
    for seed in range(options.seed, options.seed + options.count):
        found, message = outcome(program(seed))
        counts[found] += 1
        if found == "refused":
            refusals[message] += 1
        if found in ("wrong", "crash"):
            small = shrunk(program(seed))
            print(
                f"# seed {seed}: {found}, by {small.wrt} at {dict(small.values)}\n{small.text}\n{outcome(small)[1]}\n"
            )
    print(dict(counts), *refusals.most_common(20), f"{time.time() - begin:.0f} s", sep="\n")
    return 1 if counts["wrong"] + counts["crash"] else 0


if __name__ == "__main__":
    sys.exit(main())
