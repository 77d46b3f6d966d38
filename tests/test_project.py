"""The repository as a whole: what must not stand in it, and what it promises on its front page."""

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import s2sad

PROJECT = Path(__file__).parents[1]
VERSION = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
DOCUMENTS = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
EXAMPLES = sorted((PROJECT / "examples").glob("*.py"))
NEEDED = {
    "digits": ("sklearn", "matplotlib", "tqdm"),
    "rosenbrock": ("matplotlib", "scipy"),
    "scipy_optimize": ("scipy",),
    "seismic": ("scipy", "tqdm"),
}
FOLDERS = ("s2sad", "tests", "examples", "benchmarks", "generated", "docs", ".ci")

# Letters in brackets keep these lines from finding themselves.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.~-])/(?:[h]ome|[r]oot|[U]sers|[w]ork|[t]mp)/\w|\b[C]:\\",
    "a host of a package registry": r"[p]ypi\.org|[p]ythonhosted|[c]onda\.anaconda",
    "work left in a comment": r"\b(?:[T]ODO|[F]IXME|[X]XX|[H]ACK)\b",
}


def texts():
    """Every text file of the project with its content."""
    paths = [path for path in PROJECT.iterdir() if path.is_file() and path.suffix in (".md", ".toml", "")]
    paths += [path for folder in FOLDERS for path in (PROJECT / folder).rglob("*") if path.is_file()]
    for path in sorted(paths):
        if "__pycache__" not in path.parts and path.suffix not in (".png", ".pyc"):
            yield path.relative_to(PROJECT).as_posix(), path.read_text(encoding="utf-8")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_forbidden(what):
    pattern = re.compile(FORBIDDEN[what])
    lines = ((name, number, line) for name, text in texts() for number, line in enumerate(text.splitlines(), 1))
    assert not [f"{name}:{number}: {line}" for name, number, line in lines if pattern.search(line)]


def python_blocks(text: str) -> str:
    """A module of the ```python blocks of a document, every line where it stands in the document."""
    inside, lines = False, []
    for line in text.splitlines():
        if line.startswith("```"):
            inside = line.strip() == "```python"
            lines.append("")
        else:
            lines.append(line if inside else "")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_blocks_run(document, tmp_path, monkeypatch):
    module = tmp_path / f"{document.stem}.py"
    module.write_text(python_blocks(document.read_text(encoding="utf-8")), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(module))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_example_runs(example, tmp_path):
    for package in NEEDED.get(example.stem, ()):
        pytest.importorskip(package)
    command = [sys.executable, example]
    assert subprocess.run(command, check=True, cwd=tmp_path, stdout=subprocess.PIPE).stdout


def test_package_has_this_version():
    assert s2sad.__version__ == VERSION


def test_changelog_has_this_version():
    assert re.search(rf"^## .*\b{re.escape(VERSION)}\b", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)


def test_ci_and_readme_run_the_tests_alike():
    command = "python -m pytest"
    assert command in (PROJECT / "README.md").read_text(encoding="utf-8")
    assert command in (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
