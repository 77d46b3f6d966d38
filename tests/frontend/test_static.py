"""Names of functions in files that are read, never run."""

import ast
import sys
import textwrap
import time

import pytest

from s2sad.errors import DifferentiationError
from s2sad.frontend.static import static_unit
from s2sad.frontend.unit import Data, Library, Module, Unresolved, User


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A function that writes a file, by default model.py, in an otherwise empty working directory."""
    monkeypatch.chdir(tmp_path)

    def to_file(text, name="model.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return to_file


def scope_of(path, name="f"):
    return static_unit(path, name).scope


def refused(path, name="f"):
    with pytest.raises(DifferentiationError) as caught:
        static_unit(path, name)
    return caught.value


F = "def f(x):\n    return x\n"


# ----------------------------------------------------------------------- units


def test_nothing_is_run(write):
    path = write(
        """
        import not_installed
        raise SystemExit
        from also_not_installed import thing

        def f(x):
            return 2 * x
        """
    )
    unit = static_unit(path, "f")
    assert (unit.key, unit.name, unit.file, unit.node.lineno) == ("model:f", "f", "model.py", 6)
    assert "not_installed" not in sys.modules
    assert "module not_installed is not found beside model.py" in unit.scope.lookup("not_installed").reason


def test_paths_are_shown_relative(write, tmp_path):
    write(F, "pkg/__init__.py")
    path = write(F, "pkg/model.py")
    unit = static_unit(str(path), "f")
    assert (unit.key, unit.file) == ("pkg.model:f", "pkg/model.py")


def test_lambdas_and_the_last_definition(write):
    path = write("def f(x):\n    return 1\n\ndef f(x):\n    return 2\n\nsquare = lambda x: x * x\n")
    assert ast.unparse(static_unit(path, "f").node) == "def f(x):\n    return 2"
    unit = static_unit(path, "square")
    assert (unit.name, ast.unparse(unit.node)) == ("square", "def square(x):\n    return x * x")


def test_columns_and_an_encoding(tmp_path):
    path = tmp_path / "model.py"
    path.write_bytes("# coding: latin-1\nÄ = 'ä'\ndef f(x):\n    return x\n".encode("latin-1"))
    unit = static_unit(path, "f")
    assert unit.lines[1] == "Ä = 'ä'\n"
    assert (unit.node.lineno, unit.node.body[0].col_offset) == (3, 4)


def test_a_thousand_functions(write):
    path = write("".join(f"def f{i}(x):\n    return f{i + 1}(x)\n\n" for i in range(1000)))
    begin = time.perf_counter()
    unit = static_unit(path, "f0")
    for i in range(1, 1000):
        unit = unit.scope.lookup(f"f{i}").unit
    assert unit.name == "f999"
    assert time.perf_counter() - begin < 5


# ------------------------------------------------------------------- libraries


def test_imports_of_libraries_by_text(write):
    path = write(
        """
        import math
        import numpy as np
        import numpy.linalg
        import numpy.linalg as la
        import os.path
        from numpy import abs as magnitude, linalg
        from numpy.linalg import norm
        from math import sin as s, pi
        import scipy.special as sc
        from scipy import stats
        from operator import mul

        def f(x):
            return x
        """
    )
    scope = scope_of(path)
    modules = {"math": "math", "np": "numpy", "numpy": "numpy", "la": "numpy.linalg", "linalg": "numpy.linalg"}
    modules |= {"os": "os", "sc": "scipy.special", "stats": "scipy.stats"}
    assert {name: scope.lookup(name) for name in modules} == {name: Module(d) for name, d in modules.items()}
    things = {"magnitude": "numpy.absolute", "norm": "numpy.linalg.norm", "s": "math.sin", "pi": "math.pi"}
    things |= {"mul": "operator.mul", "len": "len"}
    assert {name: scope.lookup(name) for name in things} == {name: Library(d) for name, d in things.items()}
    assert scope.member(Module("numpy"), "abs") == Library("numpy.absolute")
    assert scope.member(Module("scipy.special"), "erf") == Library("scipy.special.erf")


def test_star_imports_of_libraries(write):
    scope = scope_of(write("from math import *\nfrom numpy import *\n" + F))
    assert scope.lookup("sin") == Library("numpy.sin")
    assert scope.lookup("erf") == Library("math.erf")
    assert scope.lookup("len") == Library("len")
    assert isinstance(scope.lookup("no_such"), Unresolved)


def test_a_star_import_that_is_not_there_may_bring_anything(write):
    scope = scope_of(write("from not_here import *\n\nG = 1.0\n" + F))
    assert isinstance(scope.lookup("G"), Data)
    assert "from not_here import *" in scope.lookup("len").reason
    scope = scope_of(write("G = 1.0\n" + F + "\nfrom numpy import *\ne = 3.0\n"))
    assert isinstance(scope.lookup("e"), Data)


def test_a_file_beside_that_is_called_as_one_of_the_stdlib(write):
    path = write("import statistics, math\n" + F)
    write("def mean(x):\n    return x\n", "statistics.py")
    write("def sin(x):\n    return x\n", "math.py")
    scope = scope_of(path)
    assert isinstance(scope.member(scope.lookup("statistics"), "mean"), User)
    # `math` may be built into Python, and then no file stands before it.
    if "math" in sys.builtin_module_names:
        assert scope.lookup("math") == Module("math")


# ----------------------------------------------------------------- users' files


def test_files_of_a_package(write):
    write("from .inner import half\n", "pkg/__init__.py")
    write("def half(x):\n    return K * x\n\nK = 0.5\n", "pkg/inner.py")
    write("def g(x):\n    return pkg_wide(x)\n\nfrom pkg.model import f as pkg_wide\n", "pkg/sub/helpers.py")
    write("", "pkg/sub/__init__.py")
    path = write(
        """
        from .sub.helpers import g
        from . import inner, half
        import pkg.sub.helpers as h
        import pkg

        def f(x):
            return g(x)
        """,
        "pkg/model.py",
    )
    unit = static_unit(path, "f")
    scope = unit.scope
    g = scope.lookup("g").unit
    assert (g.key, g.file) == ("pkg.sub.helpers:g", "pkg/sub/helpers.py")
    assert g.scope.lookup("pkg_wide").unit is unit
    assert scope.member(scope.lookup("h"), "g").unit is g
    half = scope.lookup("half").unit
    assert scope.member(scope.lookup("inner"), "half").unit is half
    inner = scope.member(scope.lookup("pkg"), "inner")
    assert inner.dotted == "pkg.inner"
    assert scope.member(inner, "half").unit is half
    assert half.scope.lookup("K").slot == ("global", "half", "global", "K")
    assert scope.member(inner, "K").slot == ("global", "inner", "attr", "K")
    assert scope.member(inner, "no_such") == Unresolved("pkg/inner.py has no `no_such`")


def test_files_beside_a_script(write):
    path = write("from helpers import g\nfrom helpers import *\nimport folder.deep as d\n" + F)
    write("__all__ = ['g', '_h']\ndef g(x):\n    return x\n\n_h = lambda x: x\nother = 3\n", "helpers.py")
    write("def deep(x):\n    return x\n", "folder/deep.py")
    scope = scope_of(path)
    assert scope.lookup("g").unit.key == "helpers:g"
    assert scope.lookup("_h").unit.key == "helpers:_h"
    assert isinstance(scope.lookup("other"), Unresolved)
    assert isinstance(scope.member(scope.lookup("d"), "deep"), User)


def test_imports_that_go_in_a_circle(write):
    path = write("from other import thing\n" + F)
    write("from model import thing\n", "other.py")
    assert "is defined by itself" in scope_of(path).lookup("thing").reason


def test_a_broken_file_matters_only_when_it_is_needed(write):
    path = write("from broken import g\n" + F)
    write("def g(x:\n", "broken.py")
    assert "not valid Python" in scope_of(path).lookup("g").reason
    assert "broken.py:1" in scope_of(path).lookup("g").reason


# ------------------------------------------------------------------------ data


def test_constants(write):
    path = write(
        """
        import numpy as np
        G = 9.81
        A: float = 1.0
        W = np.eye(3)
        M, N = 2, 3
        P = Q = 7
        unset: float
        tau = np.pi
        sin = np.sin
        alias = helper

        def helper(x):
            return x

        def f(x, n=N):
            return x
        """
    )
    scope = scope_of(path)
    texts = {name: ast.unparse(scope.lookup(name).expression) for name in ("G", "A", "W", "M", "N", "P", "Q")}
    assert texts == {"G": "9.81", "A": "1.0", "W": "np.eye(3)", "M": "2", "N": "3", "P": "7", "Q": "7"}
    bound = scope.lookup("W")
    assert (bound.name, bound.has_value, bound.slot) == ("W", False, ("global", "W"))
    assert bound.scope.lookup("np") == Module("numpy")
    assert bound.scope.lookup("G").slot == ("global", "G")
    assert scope.lookup("tau") == Library("numpy.pi")
    assert scope.lookup("sin") == Library("numpy.sin")
    assert scope.lookup("alias").unit.name == "helper"
    assert isinstance(scope.lookup("unset"), Unresolved)
    assert ast.unparse(scope.default("n").expression) == "N"
    assert scope.default("n").scope.lookup("N").expression.value == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("G = 1\nG = 2\n", "bound more than once in model.py (lines 1 and 2)"),
        ("G = 1\nG += 2\n", "bound more than once"),
        ("if True:\n    G = 1\nelse:\n    G = 2\n", "inside the `if` at line 1"),
        ("try:\n    G = 1\nexcept ValueError:\n    pass\n", "inside the `try` at line 1"),
        ("try:\n    G = 1\nexcept ImportError:\n    G = 2\n", "inside the `try` at line 1"),
        ("for G in range(3):\n    pass\n", "inside the `for` at line 1"),
        ("with open('a') as G:\n    pass\n", "inside the `with` at line 1"),
        ("while (G := 1):\n    pass\n", "inside the `while` at line 1"),
        ("match 1:\n    case G:\n        pass\n", "inside the `match` at line 1"),
        ("G = 1\ndef reset():\n    global G\n    G = 2\n", "declared `global` in a function (model.py:3)"),
        ("G = [1, 2]\nG[0] = 3\n", "changed at model.py:2"),
        ("G = [1, 2]\ndef reset():\n    G[0] = 3\n", "changed at model.py:3"),
        ("G = [1, 2]\nG.append(3)\n", "may be changed by the call at model.py:2"),
        ("G = [1]\nclass A:\n    def a(self, G): G[0] = 1\n    def b(self): G[0] = 2\n", "changed at model.py:4"),
        ("G, *H = 1, 2\n", "assigned in a way"),
        ("*G, H = 1, 2\n", "assigned in a way"),
        ("del G\n", "assigned in a way"),
        ("async def G(x):\n    pass\n", "`G` is a coroutine"),
        ("def G(x):\n    return x\nG = timed(G)\n", "bound more than once"),
        ("G = G\n", "is defined by itself"),
        ("def H(x):\n    return x\nG = H\ndef H(x):\n    return 2 * x\n", "bound more than once in model.py"),
        ("from math import sin as H\nG = H\nfrom math import cos as H\n", "bound more than once in model.py"),
    ],
)
def test_a_value_that_the_text_does_not_tell(write, text, reason):
    bound = scope_of(write(text + F)).lookup("G")
    assert isinstance(bound, Unresolved)
    assert reason in bound.reason


@pytest.mark.parametrize(
    "text",
    [
        "G = 1.0\nprint(G)\n",
        "G = 1.0\nrun(G)\n",
        "G = [1]\ndef g(G):\n    G[0] = 1\n",
        "G = [1]\ndef g():\n    G = {}\n    G[0] = 1\n",
        "G = 1.0\nif __name__ == '__main__':\n    G = 2.0\n    run(G)\n",
        "G = 1.0\n[G for G in range(3)]\n",
        "if TYPE_CHECKING:\n    from a import G\nelse:\n    G = 1.0\n",
        "from typing import G\nif typing.TYPE_CHECKING:\n    from a import G\n",
    ],
)
def test_what_does_not_change_a_value(write, text):
    assert isinstance(scope_of(write(text + F)).lookup("G"), Data) or "typing" in text


def test_imports_with_a_fallback(write):
    path = write(
        """
        try:
            import numpy as np
            from numpy import no_such, trapezoid
        except ImportError:
            np = None
            from numpy import sum as no_such, dot as trapezoid
            only_here = 3
        try:
            from fast import g
        except (ImportError, ModuleNotFoundError):
            def g(x):
                return x

        def f(x):
            return x
        """
    )
    scope = scope_of(path)
    assert scope.lookup("np") == Module("numpy")
    assert scope.lookup("no_such") == Library("numpy.sum")
    assert scope.lookup("trapezoid") == Library("numpy.trapezoid")
    assert "inside the `try`" in scope.lookup("only_here").reason
    assert "module fast is not found" in scope.lookup("g").reason


# ------------------------------------------------------------------- decorators


@pytest.mark.parametrize(
    ("text", "decorator"),
    [
        ("import numba", "numba.njit"),
        ("import numba as nb", "nb.njit(fastmath=True)"),
        ("from numba import njit as fast", "fast"),
        ("from numba import jit", "jit(nopython=True)"),
        ("try:\n    from numba import njit\nexcept ImportError:\n    njit = None", "njit"),
        ("import s2sad", "s2sad.grad"),
        ("from s2sad import value_and_grad as vg", "vg(wrt=1)"),
        ("import s2sad as ad", "ad.jvp"),
        ("from s2sad import vjp", "vjp"),
    ],
)
def test_decorators_that_leave_the_function(write, text, decorator):
    path = write(f"{text}\n\n@{decorator}\n{F}")
    unit = static_unit(path, "f")
    assert unit.node.decorator_list == []
    assert unit.lines[unit.node.lineno - 1] == "def f(x):\n"


def test_other_decorators(write):
    path = write("import functools\n\n@functools.lru_cache(maxsize=None)\n" + F)
    error = refused(path)
    assert error.code == "S103"
    assert "decorated with `functools.lru_cache(maxsize=None)`" in error.reason
    assert (error.place.line, error.place.column) == (3, 1)


def test_what_a_decorated_name_means_inside_another_function(write):
    path = write(
        """
        import numba
        from s2sad import grad

        @grad
        def slope(x):
            return x * x

        @numba.njit
        def fast(x):
            return x

        @timed
        def slow(x):
            return x

        def f(x):
            return slope(x) + fast(x) + slow(x)
        """
    )
    scope = scope_of(path)
    assert "the name means a derivative of the function below (model.py:5)" in scope.lookup("slope").reason
    assert isinstance(scope.lookup("fast"), User)
    assert "decorated with `timed`" in scope.lookup("slow").reason


# --------------------------------------------------------------------- refusals


def test_no_such_file(write, tmp_path):
    error = refused(tmp_path / "missing.py")
    assert (error.code, error.reason) == ("S101", "cannot read missing.py: No such file or directory")


def test_a_syntax_error(write):
    error = refused(write("x = 1\ndef f(x):\n    return x +\n"))
    assert error.code == "S101"
    assert (error.place.file, error.place.line, error.place.text) == ("model.py", 3, "    return x +")
    assert refused(write("x = '\0'\n")).code == "S101"


def test_no_such_function(write):
    path = write("def loss(w):\n    return w\n\ndef other(w):\n    return w\n\nclass Model:\n    pass\nG = 3\n")
    error = refused(path, "los")
    assert (error.code, error.rewrite) == ("S101", "did you mean `loss`?")
    assert error.reason == "model.py has no function `los`; it has loss, other"
    assert refused(path, "Model.energy").reason == "`Model.energy` of model.py is no method of a class at its top level"
    assert refused(path, "Model").reason == "`Model` of model.py is not a function"
    assert refused(path, "G").reason == "`G` of model.py is not a function"
    assert refused(write("G = 3\n"), "f").reason == "model.py has no function `f`; it has no functions"


def test_a_function_that_is_defined_conditionally(write):
    error = refused(write("if fast:\n    def f(x):\n        return x\n"))
    assert error.code == "S103"
    assert "inside the `if` at line 1" in error.reason
