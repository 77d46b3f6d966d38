"""What the documents quote is what the code does today: README.md, ARCHITECTURE.md and docs/.

A block that follows a line `<!-- shown: NAME -->` is compared with what NAME gives here; `pytest --update-golden`
writes it anew. On a page of docs/errors/ an example is followed by its message, and by what to write instead.
"""

import math
import os
import re
import runpy
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from typer.testing import CliRunner

import s2sad
from s2sad.cache import CacheWarning
from s2sad.cli import app
from s2sad.errors import CODES, S2sadError
from s2sad.frontend.annotations import kinds_of
from s2sad.frontend.static import static_unit
from s2sad.kind import Pattern
from s2sad.options import Mode, Options
from s2sad.pipeline import derive
from tests.walkthrough import stage

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "s2sad"
DOCUMENTS = [PROJECT / "README.md", PROJECT / "ARCHITECTURE.md", *sorted((PROJECT / "docs").rglob("*.md"))]
SHOWN = re.compile(r"<!-- shown: (?P<name>[^>]+) -->\n```(?P<language>\w*)\n(?P<text>.*?)```\n", re.S)
PAGE = re.compile(
    r"# (?P<title>[^\n]*)\n.*?```py\n(?P<source>.*?)```\n\n```text\n(?P<message>.*?)```\n\n"
    r"## Instead\n.*?```py\n(?P<instead>.*?)```\n",
    re.S,
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_shown(document, request, monkeypatch):
    monkeypatch.chdir(PROJECT)
    for name in ("FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS"):
        monkeypatch.delenv(name, raising=False)
    text = document.read_text(encoding="utf-8")
    now = SHOWN.sub(lambda found: _block(found["name"], found["language"]), text)
    if request.config.getoption("--update-golden"):
        document.write_text(now, encoding="utf-8")
    else:
        assert text == now


def _block(name: str, language: str) -> str:
    kind, _, rest = name.partition(": ")
    return f"<!-- shown: {name} -->\n```{language}\n{GIVEN[kind](rest).strip()}\n```\n"


TEXTS = {path.name: path.read_text(encoding="utf-8") for path in (*DOCUMENTS, PROJECT / "CONTRIBUTING.md")}


@pytest.mark.parametrize("name", TEXTS)
def test_files_named_are_there(name):
    named = re.findall(r"`((?:[\w.]+/)+[\w.]*|[\w]+\.(?:py|md))`", TEXTS[name])
    places = PROJECT, PACKAGE, PACKAGE / "simplify"
    missing = [file for file in named if not any((place / file).exists() for place in places)]
    assert set(missing) <= {"model.py"}


@pytest.mark.parametrize("name", TEXTS)
def test_rules_quoted_are_rules(name):
    quoted = re.findall(r"(?:rule|linear)\((\"[^`]+?\")\)", TEXTS[name])
    rules = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "rules").glob("*.py"))
    assert not [rule for rule in quoted if rule not in rules]


# ---------------------------------------------------------------------- errors


PAGES = PROJECT / "docs" / "errors"


def page(code: str) -> re.Match[str]:
    found = PAGE.fullmatch((PAGES / f"{code}.md").read_text(encoding="utf-8"))
    assert found, f"docs/errors/{code}.md: a title, an example, its message, and what to write instead"
    return found


def raised() -> list[str]:
    """The codes that occur in the package."""
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py") if path.name != "errors.py"]
    return [code for code in CODES if any(code in text for text in texts)]


def test_every_code_has_a_page():
    assert sorted(path.stem for path in PAGES.glob("*.md")) == raised()
    titles = [f"{code}: {CODES[code]}" for code in raised()]
    assert [page(code)["title"] for code in raised()] == titles
    rows = [f"| [{code}](errors/{code}.md) | {CODES[code]} |" for code in raised()]
    assert "\n".join(rows) in (PROJECT / "docs" / "errors.md").read_text(encoding="utf-8")


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A directory to run an example in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delitem(sys.modules, "changing", raising=False)
    return tmp_path


@pytest.mark.parametrize("code", raised())
def test_message(code, alone, request):
    found = page(code)
    message = message_of(found["source"], alone / "model.py")
    if request.config.getoption("--update-golden"):
        start, end = found.span("message")
        (PAGES / f"{code}.md").write_text(found.string[:start] + message + found.string[end:], encoding="utf-8")
    else:
        assert found["message"] == message
        assert code in message


@pytest.mark.parametrize("code", raised())
def test_what_to_write_instead(code, alone):
    assert message_of(page(code)["instead"], alone / "model.py") == "\n"


def message_of(source: str, file: Path) -> str:
    """What an example says, with the directory it stands in left out."""
    file.write_text(source, encoding="utf-8")
    said: list[str] = []
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", CacheWarning)
        try:
            exec(compile(source, str(file), "exec"), {"__name__": "model", "__file__": str(file)})
        except S2sadError as error:
            said.append(str(error))
    said += [str(warning.message) for warning in warned]
    return "\n".join(said).replace(f"{file.parent}{os.sep}", "") + "\n"


# ------------------------------------------------------------ what is generated

MODES: dict[str, Mode] = {"forward": "jvp", "reverse": "grad"}


def derivative(words: str) -> str:
    """The text of a derivative: `examples/logistic.py:logistic reverse`, by the first parameter."""
    target, mode = words.split()
    file, _, function = target.partition(":")
    unit, pattern = static_unit(PROJECT / file, function), Pattern()
    kinds, _ = kinds_of(unit, {}, pattern)
    options = Options(MODES.get(mode, mode), (unit.node.args.args[0].arg,))
    return derive(unit, options, kinds, pattern).text


def command(words: str) -> str:
    """What a command prints."""
    return CliRunner().invoke(app, words.split(), prog_name="s2sad").output


def error(code: str) -> str:
    """The message of the example on a page of docs/errors."""
    with TemporaryDirectory() as folder:
        return message_of(page(code)["source"], Path(folder) / "model.py")


def walkthrough(name: str) -> str:
    """A stage of the function in the first block of Python in ARCHITECTURE.md."""
    text = (PROJECT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    return stage(name, re.findall(r"```python\n(.*?)```", text, re.S)[0])


GIVEN: dict[str, Callable[[str], str]] = {
    "derivative": derivative,
    "command": command,
    "error": error,
    "stage": walkthrough,
}


# ----------------------------------------------------------------------- kinks

ROW = re.compile(r"^\| `(.+)` \| `(.+)` \| `(.+)` \|$", re.M)
KINKS = ROW.findall((PROJECT / "README.md").read_text(encoding="utf-8"))


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value):RuntimeWarning")
@pytest.mark.parametrize("row", KINKS, ids=lambda row: f"{row[0]} at {row[1]}")
def test_kink(row, tmp_path, monkeypatch):
    text, at, expected = row
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    file = tmp_path / "kink.py"
    file.write_text(f"import math\nimport numpy as np\n\ndef kink(x):\n    return {text}\n", encoding="utf-8")
    function = runpy.run_path(str(file))["kink"]
    point, slope = (eval(value, {"math": math}) for value in (at, expected))
    point = np.array(point) if isinstance(point, list) else point
    x_dot = np.ones_like(point) if isinstance(point, np.ndarray) else 1.0
    np.testing.assert_array_equal(s2sad.grad(function)(point), slope)
    np.testing.assert_allclose(s2sad.jvp(function)(point, x_dot)[1], np.sum(slope))
