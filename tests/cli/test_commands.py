"""show, explain, cache, --version, help and completion."""

import importlib.metadata
import os

import pytest

import s2sad.cache
from s2sad import __version__
from s2sad.cli.arguments import complete_target


@pytest.mark.usefixtures("fake")
def test_show_in_a_pipe_is_plain_text_one_below_the_other(run):
    lines = run("show", "model.py:loss").stdout.splitlines()
    assert lines[0].startswith("model.py:loss ─")
    assert lines[1:5] == [
        "def loss(w, x: float, n: int = 3):",
        "    for i in range(n):",
        "        w = 4 * w * (x - w)",
        "    return w",
    ]
    assert lines[6].startswith("loss_grad ─")
    assert lines[7] == "def loss_grad(w):"
    assert not any("made by" in line or "\x1b" in line for line in lines)


def test_show_writes_a_page(fake, run):
    result = run("show", "model.py:loss", "--html", "pages/loss.html")
    assert result.stdout == "wrote pages/loss.html\n"
    page = (fake / "pages/loss.html").read_text(encoding="utf-8")
    assert "<title>model.py:loss</title>" in page
    assert 'data-n="4"' in page


@pytest.mark.usefixtures("fake")
def test_show_of_something_refused(run):
    result = run("show", "model.py:refused")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "S204" in result.stderr


@pytest.mark.usefixtures("fake")
def test_explain(run):
    result = run("explain", "model.py:loss", "--wrt", "w,x")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "model.py:4: loss  grad with respect to w, x",
        "parameters   w: unknown",
        "             x: float",
        "             n: int",
        "             known kinds make shorter code, for example --arg 'w: float[n]'",
        "active       w, x",
        "saved        w before line 6",
        "recomputed   4 * w",
    ]


@pytest.mark.usefixtures("fake")
def test_explain_describes_kinds(run):
    kinds = ["--arg", "w: float32[n, 3]", "--arg", "x: (float, list[float[n]])", "--arg", "n: str"]
    lines = run("explain", "model.py:loss", *kinds).stdout.splitlines()
    assert lines[1:4] == [
        "parameters   w: float32 (n, 3)",
        "             x: (float, list of float64 array of rank 1)",
        "             n: str",
    ]


@pytest.mark.usefixtures("fake")
def test_explain_says_why_not(run):
    result = run("explain", "model.py:refused")
    assert result.exit_code == 3
    assert "refused      a function without a rule is applied to an active value" in result.stderr
    assert "model.py:15:12: S204 no rule for `strange`" in result.stderr


def test_cache(run, monkeypatch, tmp_path):
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    assert run("cache", "dir").stdout.strip() == str(tmp_path / "cache")
    assert run("cache", "list").stdout == ""
    text = "def f_grad(x):\n    return 1.0\n"
    s2sad.cache.store(s2sad.cache.stem("model", "f", "grad", "0" * 64), s2sad.cache.Entry("", "0" * 64, text, "f_grad"))
    assert "2 lines  f_grad" in run("cache", "list").stdout
    assert "removed 1 file " in run("cache", "clear").stdout
    assert "removed 0 files" in run("cache", "clear").stdout


def test_version(run):
    assert run("--version").stdout == f"s2sad {__version__}\n"


@pytest.mark.parametrize(
    "command", ["", "gen", "check", "show", "explain", "cache", "cache dir", "cache list", "cache clear"]
)
def test_help(run, command):
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Usage: s2sad" in result.stdout


def test_help_keeps_the_brackets_of_kinds(run):
    assert "[m, n]" in " ".join(run("gen", "--help").stdout.split())


def test_no_command_shows_the_help(run):
    result = run()
    assert result.exit_code == 2
    assert "Commands" in result.output


def test_an_unknown_command(run):
    result = run("generate")
    assert result.exit_code == 2
    assert "generate" in result.stderr


@pytest.mark.usefixtures("project")
def test_completion_of_targets():
    os.mkdir("more")
    assert complete_target("mo") == ["model.py:", "more/"]
    assert complete_target("model.py:") == ["model.py:loss", "model.py:other", "model.py:refused"]
    assert complete_target("model.py:re") == ["model.py:refused"]
    assert complete_target("gone.py:") == []
    assert complete_target("gone/") == []


def test_the_script_is_installed():
    try:
        scripts = importlib.metadata.distribution("s2sad").entry_points
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("s2sad is not installed")
    assert scripts["s2sad"].value == "s2sad.cli:main"
