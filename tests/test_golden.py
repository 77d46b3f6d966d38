"""The style of generated code: each file in tests/golden is a function with the derivatives that are made of it.

A file holds the arguments at which its last function is checked (`at`), perhaps with respect to which (`wrt`) and that
nothing is to be known of them (`known = False`), and below a heading for each mode the text expected.
`pytest --update-golden` writes the texts anew: read the diff as you would read code that you review.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from s2sad.cli.arguments import mode_named
from s2sad.frontend.live import unit_of
from s2sad.kind import Pattern
from s2sad.observed import kind_of_value
from s2sad.options import Options
from s2sad.pipeline import derive
from tests.checking import Case, case_of, check_case

FILES = sorted(path for path in (Path(__file__).parent / "golden").glob("*.py") if path.name != "conftest.py")
HEADING = re.compile(r"^# --- (\w+) ---\n", re.M)


@dataclass(frozen=True)
class Golden:
    """A file of tests/golden: the text above its first heading, and the texts expected by mode."""

    path: Path
    input: str
    expected: dict[str, str]

    @cached_property
    def case(self) -> Case:
        """The last function of the input, with its arguments."""
        space: dict[str, Any] = {"__name__": f"golden_{self.path.stem}"}
        exec(compile(self.input, str(self.path), "exec"), space)
        function = [value for value in space.values() if isinstance(value, FunctionType)][-1]
        return case_of(function, (), space["at"], space.get("wrt"), space.get("known", True))

    def made(self, mode: str) -> str:
        """The text that the generator makes today."""
        case, pattern = self.case, Pattern()
        kinds = {name: kind_of_value(value, pattern) for name, value in case.values.items()} if case.known else {}
        options = Options(mode_named(mode), case.wrt, bare=len(case.wrt) == 1)
        return derive(unit_of(case.function), options, kinds, pattern).text

    def text(self, made: dict[str, str]) -> str:
        """The file with these texts."""
        sections = (f"# --- {mode} ---\n{text.strip()}\n" for mode, text in made.items())
        return "\n\n".join([f"{self.input.strip()}\n", *sections])


def read(path: Path) -> Golden:
    before, *rest = HEADING.split(path.read_text(encoding="utf-8"))
    texts = (text.strip() + "\n" for text in rest[1::2])
    return Golden(path, before, dict(zip(rest[::2], texts, strict=True)))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def golden(request):
    return read(request.param)


def test_text(golden, request):
    now = golden.text({mode: golden.made(mode) for mode in golden.expected})
    if request.config.getoption("--update-golden"):
        golden.path.write_text(now, encoding="utf-8")
    else:
        assert golden.path.read_text(encoding="utf-8") == now


def test_derivatives_are_right(golden):
    check_case(golden.case)
