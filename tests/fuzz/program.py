"""A program as text with arguments: run, and printed so that it can be pasted into a test."""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from types import ModuleType
from typing import Any

from tests.checking import Case

__all__ = ["OPERATORS", "Program"]

#: The operators of s2sad that a program may call.
OPERATORS = ("grad", "hvp", "jvp", "value_and_grad", "vjp")

#: What a program imports, by the word that shows that it is used.
IMPORTS = {
    "functools": "import functools",
    "itertools": "import itertools",
    "logging": "import logging",
    "math": "import math",
    "operator": "import operator",
    **{name: f"from collections import {name}" for name in ("Counter", "defaultdict", "deque", "namedtuple")},
    "dataclass": "from dataclasses import dataclass",
    **{name: f"from s2sad import {name}" for name in OPERATORS},
}


@dataclass(frozen=True)
class Program:
    """Definitions, the last of which is `f`, with expressions for its arguments; `wrt` are those to differentiate by."""

    definitions: tuple[str, ...]
    arguments: tuple[tuple[str, str], ...]
    wrt: tuple[str, ...]

    @cached_property
    def text(self) -> str:
        body = "\n\n\n".join(self.definitions)
        imports = [line for word, line in IMPORTS.items() if re.search(rf"\b{word}\b", body)]
        return "\n".join([*sorted({*imports, "import numpy as np"}), "", "", body, ""])

    @property
    def with_check(self) -> str:
        """The program with a call that fails where its derivatives are wrong."""
        given = "".join(f", {text}" for _, text in self.arguments)
        return f"{self.text}\n\ncheck_derivative(f{given}, wrt={self.wrt!r})  # of tests.checking\n"

    def __repr__(self) -> str:
        return f"\n{self.with_check}"

    @property
    def uses_operators(self) -> bool:
        return any(re.search(rf"\b{name}\b", self.text) for name in OPERATORS)

    def load(self) -> tuple[Callable[..., Any], dict[str, Any]]:
        """The function, in a module of its own and its source where `inspect` finds it, and its arguments."""
        file = f"<fuzz {sha256(self.text.encode()).hexdigest()[:16]}>"
        linecache.cache[file] = (len(self.text), None, self.text.splitlines(True), file)
        module = sys.modules["fuzzed"] = ModuleType("fuzzed")
        exec(compile(self.text, file, "exec"), vars(module))
        return module.f, {name: eval(text, vars(module)) for name, text in self.arguments}

    def case(self, known: bool = True) -> Case:
        function, values = self.load()
        return Case(function, values, self.wrt, known, exact=not self.uses_operators)
