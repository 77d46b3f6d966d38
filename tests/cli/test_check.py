import pytest


@pytest.mark.usefixtures("fake")
def test_missing_then_ok(run):
    result = run("check")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "missing  generated/loss_grad.py",
        "missing  generated/other_jvp.py",
        "2 missing; `s2sad gen` writes them",
    ]
    run("gen")
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["ok       generated/loss_grad.py", "ok       generated/other_jvp.py", "2 ok"]


def test_drift(fake, run):
    run("gen")
    file = fake / "generated/loss_grad.py"
    file.write_text(file.read_text().replace("return", "return  0,"))
    result = run("check")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "drift    generated/loss_grad.py"
    assert "@@" not in result.stdout


def test_a_change_of_the_function_is_drift(fake, run):
    run("gen")
    model = fake / "model.py"
    model.write_text(model.read_text().replace("4 * w", "5 * w"))
    result = run("check")
    assert result.exit_code == 1
    assert [line.split()[0] for line in result.stdout.splitlines()[:2]] == ["drift", "ok"]


def test_diff(fake, run):
    run("gen")
    file = fake / "generated/loss_grad.py"
    file.write_text(file.read_text().replace("return", "return  0,"))
    lines = run("check", "--diff").stdout.splitlines()
    assert "--- generated/loss_grad.py" in lines
    assert "+++ generated/loss_grad.py (generated now)" in lines
    assert sum(line.startswith("-    return  0,") for line in lines) == 1


def test_line_ends_count(fake, run):
    run("gen")
    file = fake / "generated/loss_grad.py"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert run("check").exit_code == 1


def test_from_a_directory_below(fake, run, monkeypatch):
    run("gen")
    monkeypatch.chdir(fake / "generated")
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "ok       loss_grad.py"


def test_a_refusal(fake, run):
    with (fake / "pyproject.toml").open("a") as file:
        file.write('\n[[tool.s2sad.derivative]]\nfunction = "model.py:refused"\noutput = "generated/refused_grad.py"\n')
    result = run("check")
    assert result.exit_code == 3
    assert "refused  generated/refused_grad.py" in result.stdout
    assert "1 refused" in result.stdout
    assert "S204" in result.stderr


ENTRY = '[[tool.s2sad.derivative]]\nfunction = "model.py:loss"\noutput = "a.py"\n'
BAD = {
    "": "lists no derivatives",
    "[tool.s2sad]\n": "lists no derivatives",
    "[tool.s2sad]\nderivatives = 1\n": "unknown key `derivatives`: did you mean `derivative`?",
    "[tool.s2sad]\nderivative = 1\n": "must be a list of tables",
    "tool = 1\n": "cannot read",
    "[tool\n": "cannot read",
    '[[tool.s2sad.derivative]]\noutput = "a.py"\n': "derivative 1 in",
    '[[tool.s2sad.derivative]]\nfunction = "model.py:loss"\n': "has no `output`",
    ENTRY + "wrt = 1.5\n": "`wrt` of derivative 1",
    ENTRY + "wrt = [true]\n": "must be names or positions",
    ENTRY + "args = 3\n": "must be a table",
    ENTRY + "args = { w = 3 }\n": "must be text by parameter",
    ENTRY + 'has_aux = "yes"\n': "must be true or false",
    ENTRY + 'mode = "revrse"\n': "did you mean reverse?",
    ENTRY + 'moed = "reverse"\n': "unknown key `moed`: did you mean `mode`?",
    ENTRY + ENTRY: "two derivatives would go to a.py",
    ENTRY.replace("a.py", "model.py"): "model.py is the file of the function itself",
    ENTRY.replace("model.py:", "gone.py:"): "there is no file",
    ENTRY.replace("model.py:", ""): "does not name a function",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_pyproject(fake, run, text):
    (fake / "pyproject.toml").write_text(text)
    result = run("check")
    assert result.exit_code == 2
    assert BAD[text] in result.stderr


def test_no_pyproject(fake, run):
    (fake / "pyproject.toml").unlink()
    result = run("check")
    assert result.exit_code == 2
    assert "there is no pyproject.toml" in result.stderr
    assert "[[tool.s2sad.derivative]]" in result.stderr


@pytest.mark.parametrize(
    ("wrt", "text"),
    [('"w"', "wrt w;"), ('["w"]', "wrt w;"), ("0", "wrt w;"), ('["x", "w"]', "wrt x,w;"), ("[1, 0]", "wrt x,w;")],
)
def test_wrt(fake, run, wrt, text):
    (fake / "pyproject.toml").write_text(f'{ENTRY}wrt = {wrt}\nargs = {{ w = "float" }}\n')
    assert run("gen").exit_code == 0
    assert text in (fake / "a.py").read_text()
