import os
import shlex
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from s2sad import __version__


@pytest.mark.usefixtures("fake")
def test_without_output_only_the_code_goes_to_stdout(run):
    result = run("gen", "model.py:loss")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"# made by s2sad {__version__} from model.py:loss\n")
    assert result.stdout.endswith("\n")
    assert "loss_grad" in result.stderr
    assert "saves      w before line 6" in result.stderr
    assert "recomputes 4 * w" in result.stderr


def test_writes_the_file_and_says_so(fake, run):
    result = run("gen", "model.py:loss", "-o", "deep/er/loss_grad.py")
    text = (fake / "deep/er/loss_grad.py").read_text()
    assert "def loss_grad(w):" in text
    assert result.stdout.splitlines()[0].startswith(f"wrote      deep/er/loss_grad.py  {text.count(chr(10))} lines")
    assert os.listdir(fake / "deep/er") == ["loss_grad.py"]


def test_header(fake, run):
    run(
        "gen",
        "model.py:loss",
        "--wrt",
        "x,w",
        "--arg",
        "x:float[ n ]",
        "--arg",
        "w : float",
        "--mode",
        "vjp",
        "-o",
        "g/",
    )
    function = (fake / "model.py").read_text().split("\n\n\n")[1] + "\n"
    assert (fake / "g/loss_vjp.py").read_text().splitlines()[:4] == [
        f"# made by s2sad {__version__} from model.py:loss",
        f"# source: sha256 {sha256(function.encode()).hexdigest()[:16]}",
        "# options: vjp; wrt x,w; w: float; x: float[n]",
        '# again: s2sad gen model.py:loss --mode vjp --wrt x,w --arg "w: float" --arg "x: float[n]" -o g/loss_vjp.py',
    ]


@pytest.mark.parametrize(("name", "same"), [("reverse", "grad"), ("forward", "jvp")])
def test_two_names_of_a_mode_give_the_same_bytes(fake, run, name, same):
    texts = []
    for mode in (name, same):
        run("gen", "model.py:loss", "--mode", mode, "-o", "out.py")
        texts.append((fake / "out.py").read_bytes())
    assert texts[0] == texts[1]
    assert f"--mode {name}".encode() in texts[0]


def test_the_same_bytes_from_everywhere(fake, run, monkeypatch, tmp_path_factory):
    run("gen", "model.py:loss", "-o", "generated/loss_grad.py")
    here = (fake / "generated/loss_grad.py").read_bytes()
    (fake / "generated/loss_grad.py").unlink()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    run("gen", f"{fake}/model.py:loss", "-o", f"{fake}/generated/loss_grad.py")
    assert (fake / "generated/loss_grad.py").read_bytes() == here
    assert str(fake).encode() not in here


def test_the_command_in_the_header_makes_the_file_again(fake, run):
    run("gen", "model.py:loss", "--wrt", "w,x", "--has-aux", "--arg", "w: (float, float[n])", "-o", "generated/a b.py")
    file = fake / "generated/a b.py"
    first = file.read_bytes()
    command = next(line for line in file.read_text().splitlines() if line.startswith("# again: "))
    file.unlink()
    words = shlex.split(command.removeprefix("# again: s2sad "))
    assert run(*words).exit_code == 0
    assert file.read_bytes() == first


def test_an_unchanged_file_is_not_touched(fake, run):
    run("gen", "model.py:loss", "-o", "a.py")
    os.utime(fake / "a.py", (1, 1))
    result = run("gen", "model.py:loss", "-o", "a.py")
    assert result.stdout.startswith("unchanged  a.py")
    assert (fake / "a.py").stat().st_mtime == 1


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_the_mode_of_a_file_is_kept(fake, run):
    run("gen", "model.py:loss", "-o", "a.py")
    (fake / "a.py").chmod(0o640)
    run("gen", "model.py:loss", "--wrt", "x", "-o", "a.py")
    assert stat.S_IMODE((fake / "a.py").stat().st_mode) == 0o640


def test_a_file_of_somebody_else_is_not_overwritten(fake, run):
    (fake / "mine.py").write_text("x = 1\n")
    result = run("gen", "model.py:loss", "-o", "mine.py")
    assert result.exit_code == 2
    assert "mine.py was not made by s2sad: --force" in result.stderr
    assert (fake / "mine.py").read_text() == "x = 1\n"
    assert run("gen", "model.py:loss", "-o", "mine.py", "--force").exit_code == 0
    assert "made by s2sad" in (fake / "mine.py").read_text()


@pytest.mark.usefixtures("fake")
def test_the_source_itself_is_never_overwritten(run):
    result = run("gen", "model.py:loss", "-o", "model.py", "--force")
    assert result.exit_code == 2
    assert "model.py is the file of the function itself" in result.stderr


def test_several_targets_go_to_a_directory(fake, run):
    result = run("gen", "model.py:loss", "model.py:other", "-o", "out")
    assert result.exit_code == 0
    assert sorted(os.listdir(fake / "out")) == ["loss_grad.py", "other_grad.py"]
    assert run("gen", "model.py:loss", "model.py:other", "-o", "out.py").exit_code == 2


def test_one_refusal_does_not_keep_the_others(fake, run):
    result = run("gen", "model.py:refused", "model.py:other", "-o", "out")
    assert result.exit_code == 3
    assert os.listdir(fake / "out") == ["other_grad.py"]
    assert "S204" in result.stderr


def test_without_targets_what_pyproject_lists(fake, run, monkeypatch):
    assert run("gen").exit_code == 0
    assert sorted(os.listdir(fake / "generated")) == ["loss_grad.py", "other_jvp.py"]
    listed = (fake / "generated/loss_grad.py").read_bytes()
    run("gen", "model.py:loss", "--wrt", "w", "--arg", "w: float", "-o", "generated/loss_grad.py")
    assert (fake / "generated/loss_grad.py").read_bytes() == listed
    monkeypatch.chdir(fake / "generated")
    assert run("gen").stdout.count("unchanged") == 2


@pytest.mark.usefixtures("fake")
def test_progress_stays_out_of_pipes(run):
    result = run("gen", "model.py:loss", "model.py:other", "-o", "out")
    assert result.stderr == ""
    assert "\x1b" not in result.stdout


@pytest.mark.usefixtures("fake")
def test_a_refusal_is_its_text(run):
    result = run("gen", "model.py:refused")
    assert result.exit_code == 3
    assert result.stdout == ""
    assert result.stderr == (
        "model.py:15:12: S204 no rule for `strange`\n"
        "   15 |     return strange(x)\n"
        "      |            ^^^^^^^\n"
        "   give it a rule\n"
    )


USAGE = {
    "nothing.py:f": "there is no file nothing.py",
    "model.py": "`model.py` does not name a function: write FILE.py:FUNCTION",
    "model.py:": "does not name a function",
    "model.py:1x": "does not name a function",
    "model.py:los": "S101",
    "model.py:loss --mode revers": "there is no mode `revers`: did you mean reverse?",
    "model.py:loss --mode qqq": "there are reverse, forward, jvp, vjp, grad, value_and_grad",
    "model.py:loss --wrt z": "S104",
    "model.py:loss --wrt 7": "S104",
    "model.py:loss --wrt w,w": "S104",
    "model.py:loss --wrt n": "S401",
    "model.py:loss --arg w": "write 'NAME: KIND'",
    "model.py:loss --arg w:": "write 'NAME: KIND'",
    "model.py:loss --arg w:flaot": "did you mean `float`?",
    "model.py:loss --arg q:float": "no parameter `q`",
    "--wrt w": "--wrt belongs to a function",
    "-o out": "-o belongs to a function",
    "model.py:loss --nonsense": "No such option",
}


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize("words", USAGE)
def test_usage(run, words):
    result = run("gen", *words.split())
    assert result.exit_code == 2
    assert USAGE[words] in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize(
    ("wrt", "text"), [("", "wrt w;"), ("w", "wrt w;"), ("w,", "wrt w,;"), ("-1", "wrt n;"), ("1,0", "wrt x,w;")]
)
def test_wrt(run, wrt, text):
    result = run("gen", "model.py:loss", f"--wrt={wrt}", "--arg", "n: float")
    assert text in result.stdout


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_place_that_cannot_be_written(fake, run):
    (fake / "closed").mkdir(mode=0o500)
    assert run("gen", "model.py:loss", "-o", "closed/a.py").exit_code == 2


def test_a_place_that_is_no_directory(fake, run):
    (fake / "file").write_text("")
    result = run("gen", "model.py:loss", "-o", "file/a.py")
    assert result.exit_code == 2
    assert "cannot write file/a.py" in result.stderr


# --------------------------------------------------------- the real generator


def shell(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    variables = {**os.environ, "PYTHONPATH": paths, **env}
    command = [sys.executable, "-m", "s2sad", *words]
    return subprocess.run(
        command, cwd=cwd, env=variables, capture_output=True, text=True, check=False, encoding="utf-8"
    )


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_for_real(project, mode):
    result = shell("gen", "model.py:loss", "--mode", mode, "--arg", "w: float", "-o", "generated/", cwd=project)
    assert result.returncode == 0, result.stderr
    (file,) = (project / "generated").iterdir()
    space: dict[str, object] = {}
    exec(file.read_text(), space)
    if mode == "reverse":
        assert space["loss_grad"](0.3, 1.0, 1) == pytest.approx(1.6)
    else:
        assert space["loss_jvp"](0.3, 1.0, 1, 1.0) == pytest.approx((0.84, 1.6))


RECORDS = """\
from dataclasses import dataclass

import numpy as np


@dataclass
class Layer:
    W: "float[m, n]"
    b: "float[m]"


def loss(params, x):
    return np.sum((params["W"] @ x + params["b"]) ** 2)


def network(layers: list[Layer], x: "float[k]"):
    for layer in layers:
        x = np.tanh(layer.W @ x + layer.b)
    return np.sum(x)
"""


def test_records(project):
    (project / "records.py").write_text(RECORDS)
    space = {"__name__": "__main__"}
    exec(RECORDS, space)
    W, b, x = np.array([[0.3, -0.8], [0.6, 0.2]]), np.array([0.1, -0.2]), np.array([0.5, 1.5])
    kinds = "--arg", "params: {W: float[m, n], b: float[m]}", "--arg", "x: float[n]"
    text = shell("gen", "records.py:loss", *kinds, cwd=project).stdout
    assert 'return {"W": W_bar, "b": t_bar}' in text
    made = {}
    exec(text, made)
    np.testing.assert_allclose(made["loss_grad"]({"W": W, "b": b}, x)["b"], 2 * (W @ x + b))
    text = shell("gen", "records.py:network", cwd=project).stdout
    assert "import dataclasses" in text
    exec(text, made)
    (gradient,) = made["network_grad"]([space["Layer"](W, b)], x)
    assert type(gradient) is space["Layer"]
    np.testing.assert_allclose(gradient.b, 1 - np.tanh(W @ x + b) ** 2)


def test_a_leaf_of_a_record_that_is_no_float(project):
    (project / "records.py").write_text(RECORDS)
    refused = shell("gen", "records.py:loss", "--arg", "params: {W: float[m, n], b: int[m]}", cwd=project)
    assert refused.returncode == 2
    assert 'with respect to `params["b"]`: it is an array of int64' in refused.stderr


def test_the_same_bytes_in_every_process(project):
    words = "gen", "model.py:loss", "--arg", "w: float"
    texts = {shell(*words, cwd=project, PYTHONHASHSEED=seed).stdout for seed in ("1", "2")}
    assert len(texts) == 1
    assert "def loss_grad" in texts.pop()


def test_the_same_bytes_from_everywhere_for_real(project, tmp_path_factory):
    kinds = "--arg", "w: float"
    shell("gen", "model.py:loss", *kinds, "-o", "loss_grad.py", cwd=project)
    first = (project / "loss_grad.py").read_bytes()
    (project / "loss_grad.py").unlink()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shell("gen", f"{project}/model.py:loss", *kinds, "-o", f"{project}/loss_grad.py", cwd=elsewhere)
    assert (project / "loss_grad.py").read_bytes() == first


def test_generating_twice_writes_once(project):
    assert "wrote" in shell("gen", cwd=project).stdout
    assert shell("gen", cwd=project).stdout.count("unchanged") == 2
    result = shell("check", cwd=project)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(("target", "code"), [("model.py:refused", 3), ("model.py:nothing", 2), ("model.py", 2)])
def test_exit_codes_for_real(project, target, code):
    result = shell("gen", target, cwd=project)
    assert result.returncode == code
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_no_color(project):
    forced = shell("gen", "model.py:refused", cwd=project, FORCE_COLOR="1", NO_COLOR="")
    assert "\x1b[" in forced.stderr
    plain = shell("gen", "model.py:refused", cwd=project, FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b" not in plain.stderr


def test_outputs(project, run):
    (project / "model.py").write_text("def fill(out, x):\n    for i in range(len(x)):\n        out[i] = x[i] ** 2\n")
    result = run(
        "gen", "model.py:fill", "--mode", "vjp", "--wrt", "x", "--outputs", "out", "--arg", "x: float[n]", "-o", "g.py"
    )
    assert result.exit_code == 0, result.output
    text = (project / "g.py").read_text()
    assert "# options: vjp; wrt x; outputs out; x: float[n]" in text
    assert "--mode vjp --wrt x --outputs out --arg" in text
    space = {}
    exec(text, space)
    out = np.zeros(2)
    value, pullback = space["fill_vjp"](out, np.array([2.0, 3.0]))
    assert value is out
    assert np.array_equal(out, [4.0, 9.0])
    assert np.array_equal(pullback(np.array([1.0, 10.0])), [4.0, 60.0])
    assert run("test", "g.py:fill_vjp").exit_code == 2


def test_data_that_is_computed_from_other_data(tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    Path("box.py").write_text(
        "from math import pi\n\nN, WIDTH = 41, 2.0\nSPACING = WIDTH / (N - 1)\n"
        "TABLE = {'area': pi * WIDTH**2, 'steps': [SPACING]}\n\n\n"
        "class Box:\n    AREA = TABLE['area'] * 2\n\n\n"
        "def f(x):\n    return x * SPACING * Box.AREA * TABLE['steps'][0]\n"
    )
    assert run("gen", "box.py:f", "--arg", "x: float", "-o", "g/").exit_code == 0
    text = Path("g/f_grad.py").read_text()
    assert "np" not in text
    found: dict[str, object] = {}
    exec(text, found)
    assert found["f_grad"](0.3) == pytest.approx(0.05 * 2 * np.pi * 4 * 0.05)  # type: ignore[operator]


def test_data_that_a_function_computes_is_refused(tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    Path("grid.py").write_text("def grid(n):\n    return [n]\n\n\nG = grid(3)\n\n\ndef f(x):\n    return x * G[0]\n")
    result = run("gen", "grid.py:f", "-o", "g/")
    assert result.exit_code != 0
    assert "S103" in result.stderr
    assert "`G` is computed by a function of the module, `grid`" in result.stderr
