"""The table of supported constructs in docs/constructs.md: each row is a program that is differentiated when the table is made.

`python -m tests.constructs` prints the page; `tests/test_constructs.py` compares it with what is there, and `--update-golden`
writes it. The programs stand in `tests/constructs.txt`: sections, and in them rows with a name and code, which is the body of a
function of those names of `AT` that it reads, or defines `f` itself.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from types import ModuleType
from typing import Any

import numpy as np

from s2sad.errors import S2sadError
from tests.checking import Case, check_modes, generated
from tests.second_order import check_second_order

__all__ = ["page"]

MODES = ("jvp", "vjp")

#: The arguments, by the names that rows use.
AT: dict[str, Any] = {
    "x": 0.7,
    "y": 0.4,
    "u": np.array([0.3, -0.8, 1.1]),
    "A": np.array([[0.3, -0.8, 1.1], [0.6, 0.2, -0.4]]),
    "n": 3,
    "items": [0.3, 0.7, 1.1],
    "params": {"w": np.array([0.3, -0.8, 1.1]), "c": 0.6},
}

HEAD = """import contextlib, functools, itertools, logging, math, warnings
from collections import namedtuple
from dataclasses import dataclass
import numpy as np
"""

ROWS = Path(__file__).with_suffix(".txt")


HEADING = """# What is differentiated

What s2sad does with each construct of Python. The table is made by differentiating a small program for each row; they stand
in `tests/constructs.txt`. ✓ where the derivative is right in forward and in reverse mode, the error where it is refused. First
order is tried with known and with unknown kinds of arguments, second order is the derivative of a gradient.
"""


def page() -> str:
    """The text of docs/constructs.md."""
    return "\n".join([HEADING, *(section(title, rows) for title, rows in sections().items())])


def sections() -> dict[str, dict[str, str]]:
    """The code of each row by its name, in sections."""
    _, *parts = re.split(r"^## ", ROWS.read_text(encoding="utf-8"), flags=re.M)
    found = {}
    for part in parts:
        title, *rows = re.split(r"^### ", part, flags=re.M)
        found[title.strip()] = {name: code.strip() for name, _, code in (row.partition("\n") for row in rows)}
    return found


def section(title: str, rows: dict[str, str]) -> str:
    lines = [f"| {name} | {' | '.join(judged(code))} |" for name, code in rows.items()]
    return "\n".join([f"## {title}\n", "| construct | first order | second order |", "|---|---|---|", *lines, ""])


def judged(code: str) -> tuple[str, str]:
    """What becomes of a row at first and at second order."""
    case = loaded(code)
    # What is called below would be a generator or a coroutine where these are refused.
    first = tried(lambda: generated(case, "vjp"))
    first = tried(lambda: check_modes(case, 1e-6, MODES)) if first == "✓" else first
    if first != "✓":
        return first, ""
    unknown = tried(lambda: check_modes(replace(case, known=False), 1e-6, MODES))
    second = tried(lambda: check_second_order(case, 1e-5, ("hvp", "grad vjp")))
    return (first if unknown == "✓" else f"✓, {unknown} where kinds are unknown"), second


def tried(check: Callable[[], object]) -> str:
    """✓, or the error with which it is refused."""
    try:
        check()
    except S2sadError as error:
        return f"[{error.code}](errors/{error.code}.md)"
    return "✓"


def loaded(code: str) -> Case:
    """The function of a row, in a module of its own, with its arguments."""
    source = f"{HEAD}\n{code if 'def f(' in code else wrapped(code)}\n"
    file = f"<construct {hash(code)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    module = sys.modules["construct"] = ModuleType("construct")
    exec(compile(source, file, "exec"), vars(module))
    function: Any = module.f
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return Case(function, {name: AT[name] for name in names}, tuple(name for name in names if name != "n"))


def wrapped(body: str) -> str:
    """A function with this body, of the arguments that it reads."""
    read = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    return f"def f({', '.join(name for name in AT if name in read)}):\n{indent(body, '    ')}"


if __name__ == "__main__":
    print(page())
