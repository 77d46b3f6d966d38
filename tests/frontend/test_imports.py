"""Imports of the user's own modules inside of functions, live and from text."""

import os
import subprocess
import sys
import textwrap
from importlib import import_module

import numpy as np
import pytest

import s2sad
from s2sad.frontend.static import static_unit
from s2sad.options import Options
from s2sad.pipeline import derive

FILES = {
    "near.py": """
        import numpy as np

        scale = 3.0
        weights = np.array([1.0, 2.0, 4.0])

        def rate(x):
            return scale * np.sin(x)
        """,
    "pack/__init__.py": "",
    "pack/deep/__init__.py": "",
    "pack/deep/inner.py": """
        def cubed(x):
            return x**3

        def far(x):
            from ..other import squared
            return 2 * squared(x)
        """,
    "pack/other.py": """
        def squared(x):
            from . import constants
            return constants.c * x * x
        """,
    "pack/constants.py": "c = 7.0",
    "colorsys.py": """
        def rgb_to_yiq(x):
            return x**4
        """,
    "model.py": """
        import numpy as np

        def a_function(x):
            from near import rate
            return rate(x) ** 2

        def a_module(x):
            import near
            return near.rate(x) * near.scale

        def under_other_names(x):
            import near as one
            import near as two
            from near import rate as r, scale as s
            return one.rate(x) * two.scale + s * r(x)

        def data(x):
            from near import weights
            return np.sum(weights * x) ** 2

        def a_submodule(x):
            import pack.deep.inner
            return pack.deep.inner.cubed(x)

        def a_submodule_by_name(x):
            import pack.deep.inner as inner
            from pack.deep import inner as again
            return inner.cubed(x) * again.far(x)

        def in_a_branch(x):
            if x > 0.0:
                from near import rate
                return rate(x)
            return x

        def in_a_function_inside(x):
            def own(y):
                from near import rate
                return rate(y)
            return own(x) + own(2 * x)

        def read_by_a_function_inside(x):
            from near import rate
            return (lambda y: rate(y))(x)

        def same_name_inside(x):
            from math import cos as f
            def own(y):
                from near import rate as f
                return f(y)
            return own(x) + f(x)

        def from_two(x):
            if x > 0.0:
                from near import rate
            else:
                from pack.other import squared as rate
            return rate(x)

        def a_library_by_name(x):
            from colorsys import rgb_to_yiq
            return rgb_to_yiq(x)

        def not_there(x):
            from near import nothing
            return nothing(x)

        def no_module(x):
            import s2sad_has_no_such_module
            return x

        def assigned_too(x):
            from near import rate
            rate = rate(x)
            return rate
        """,
}
#: What is imported under these names is a test's own.
OWN = ("model", "near", "pack", "colorsys")
RIGHT = [
    "a_function",
    "a_module",
    "under_other_names",
    "data",
    "a_submodule",
    "a_submodule_by_name",
    "in_a_branch",
    "in_a_function_inside",
    "read_by_a_function_inside",
    "same_name_inside",
]
REFUSED = {
    "from_two": ("S103", "`rate` is imported from several modules"),
    "not_there": ("S103", "nothing"),
    "no_module": ("S103", "s2sad_has_no_such_module"),
    "assigned_too": ("S201", "import"),
}
X = 0.7


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(textwrap.dedent(text))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("S2SAD_CACHE_DIR", str(tmp_path / "cache"))
    own = [name for name in sys.modules if name.partition(".")[0] in OWN]
    kept = {name: sys.modules.pop(name) for name in own}
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] in OWN]:
        del sys.modules[name]
    sys.modules.update(kept)


def slope(function):
    return (function(X + 1e-6) - function(X - 1e-6)) / 2e-6


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.usefixtures("folder")
def test_live(name):
    function = getattr(import_module("model"), name)
    value, gradient = s2sad.value_and_grad(function)(X)
    assert value == function(X)
    assert gradient == pytest.approx(slope(function), rel=1e-8)
    assert s2sad.jvp(function)(X, 1.0)[1] == pytest.approx(gradient, rel=1e-14)


@pytest.mark.parametrize("name", RIGHT)
def test_text(folder, name):
    made = derive(static_unit(folder / "model.py", name), Options("grad", ("x",), True), {})
    assert not made.data
    assert "near" not in sys.modules
    space = {"__name__": "generated"}
    exec(made.text, space)
    assert space[made.name](X) == pytest.approx(slope(getattr(import_module("model"), name)), rel=1e-8)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(folder, name):
    code, reason = REFUSED[name]
    with pytest.raises(s2sad.DifferentiationError, match=reason) as live:
        s2sad.grad(getattr(import_module("model"), name))(X)
    with pytest.raises(s2sad.DifferentiationError, match=reason) as text:
        derive(static_unit(folder / "model.py", name), Options("grad", ("x",), True), {})
    assert live.value.code == text.value.code == code


@pytest.mark.usefixtures("folder")
def test_changes_are_noticed():
    model = import_module("model")
    gradient = s2sad.grad(model.a_module)
    near = import_module("near")
    assert gradient(X) == pytest.approx(9.0 * np.cos(X))
    near.scale = 2.0
    assert gradient(X) == pytest.approx(4.0 * np.cos(X))
    near.rate = lambda x: x * x
    assert gradient(X) == pytest.approx(4.0 * X)


def test_other_processes(folder):
    """What is in the cache finds its data, and a changed file of the module makes it anew."""
    text = "import model, s2sad; print(s2sad.grad(model.data)(0.5), s2sad.grad(model.a_submodule_by_name)(0.5))"

    def printed():
        found = subprocess.run(
            [sys.executable, "-c", text],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        return [float(word) for word in found.stdout.split()]

    expected = [2 * 0.5 * 49.0, 14.0 * 5 * 0.5**4]
    assert printed() == pytest.approx(expected)
    files = sorted(folder.glob("cache/**/*.py"))
    assert printed() == pytest.approx(expected)
    assert sorted(folder.glob("cache/**/*.py")) == files
    (folder / "pack/constants.py").write_text("c = 70.0")
    near = folder / "near.py"
    near.write_text(near.read_text().replace("4.0", "40.0"))
    assert printed() == pytest.approx([2 * 0.5 * 43.0**2, 140.0 * 5 * 0.5**4])


@pytest.mark.usefixtures("folder")
def test_a_module_called_like_one_of_the_library():
    function = import_module("model").a_library_by_name
    assert s2sad.grad(function)(X) == pytest.approx(slope(function))
