"""Derivatives by hand in files that are read, never run: the files generated never import s2sad."""

from __future__ import annotations

import importlib.util
import sys
import textwrap

import numpy as np
import pytest

import s2sad
from s2sad.errors import DifferentiationError
from s2sad.frontend.static import static_unit
from s2sad.options import Options
from s2sad.pipeline import derive

X = np.array([0.3, 0.8])


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A function that writes a file of an otherwise empty working directory, from which Python imports."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def to_file(text, name="model.py"):
        path = tmp_path / name
        path.write_text("import numpy as np\nimport s2sad\n\n" + textwrap.dedent(text), encoding="utf-8")
        return path

    yield to_file
    for name in ("model", "rules"):
        sys.modules.pop(name, None)


def module_at(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def check(path, *modes, name="f"):
    """The derivatives made of the text are those made of the live function; returns their texts."""
    live = getattr(module_at(path), name)
    texts = []
    for mode in modes or ("jvp", "grad"):
        made = derive(static_unit(path, name), Options(mode, ("x",)), {})
        assert "import s2sad" not in made.text
        space = {}
        exec(made.text, space)
        args = (X, np.ones(2)) if mode == "jvp" else (X,)
        expected = getattr(s2sad, mode)(live)(*args)
        np.testing.assert_allclose(space[made.name](*args), expected, rtol=1e-13)
        texts.append(made.text)
    return texts


def test_a_jvp_by_a_decorator(write):
    path = write(
        """
        @s2sad.custom_jvp
        def g(x):
            return np.log1p(np.exp(x))

        @g.defjvp
        def g_jvp(primals, tangents):
            (x,), (x_dot,) = primals, tangents
            return g(x), x_dot / (1 + np.exp(-x))

        def f(x):
            return np.sum(g(2 * x))
        """
    )
    forward, reverse = check(path)
    assert "g_jvp(" in forward and "def g_bwd(" in reverse


@pytest.mark.parametrize(
    "decorator",
    [
        "s2sad.custom_vjp(nondiff_argnums=(1,))",
        "s2sad.custom_vjp(nondiff_argnames='n')",
        "partial(s2sad.custom_vjp, nondiff_argnums=1)",
    ],
)
def test_a_vjp_by_a_method(write, decorator):
    path = write(
        f"""
        from functools import partial

        @{decorator}
        def g(x, n):
            return x**n

        def g_fwd(x, n):
            return x**n, x

        def g_bwd(n, x, y_bar):
            return (n * x ** (n - 1) * y_bar,)

        g.defvjp(g_fwd, bwd if False else g_bwd) if False else g.defvjp(g_fwd, g_bwd)
        """.replace("g.defvjp(g_fwd, bwd if False else g_bwd) if False else ", "")
        + textwrap.indent("\ndef f(x):\n    return np.sum(g(x, 3))\n", " " * 8)
    )
    (text,) = check(path, "grad")
    assert "g_bwd(3, g_saved, t_bar)" in text


def test_under_names_of_an_import(write):
    path = write(
        """
        from s2sad import custom_jvp as by_hand, rule, defvjp

        @by_hand
        def g(x):
            return x * x

        g.defjvp(lambda p, t: (p[0] * p[0], 2 * p[0] * t[0]))

        def h(x):
            return x**3

        rule("y = h(x)", "dy = GAIN * dx * x")
        GAIN = 3.0

        def f(x):
            return np.sum(g(x) * h(x))
        """
    )
    check(path)


def test_an_assignment(write):
    path = write(
        """
        def plain(x):
            return x * x

        g = s2sad.custom_jvp(plain)
        g.defjvp(lambda p, t: (plain(*p), 5.0 * p[0] * t[0]))
        c = s2sad.checkpoint(plain)

        def f(x):
            return np.sum(g(x) + c(x) + plain(x))
        """
    )
    _, reverse = check(path)
    assert "(checkpoint)" in reverse


def test_rules_of_another_file(write):
    write(
        """
        def power(x, n):
            return x**n

        s2sad.rule("y = power(x, n)", "dy = n * dx * power(x, n - 1)")
        """,
        "rules.py",
    )
    path = write(
        """
        import rules
        from rules import power as to_the

        def f(x):
            return np.sum(to_the(x, 3) + rules.power(x, 2))
        """
    )
    _, reverse = check(path)
    assert "power_bwd" not in reverse


def test_a_rule_for_a_function_of_another_file(write):
    write("def power(x, n):\n    return x**n\n", "rules.py")
    path = write(
        """
        import rules

        s2sad.defvjp(rules.power, lambda ans, x, n: lambda g: g * n * x ** (n - 1), None)

        def f(x):
            return np.sum(rules.power(x, 3))
        """
    )
    check(path, "grad")


def test_a_rule_for_a_librarys_function(write):
    path = write(
        """
        s2sad.rule("y = np.rint(x)", "dy = dx")

        def f(x):
            return np.sum(np.rint(x) * x)
        """
    )
    try:
        check(path)
    finally:
        s2sad.custom._DECLARED.pop(id(np.rint), None)


def test_a_rule_for_an_object_that_can_be_called(write):
    path = write(
        """
        power = np.vectorize(pow)
        s2sad.rule("y = power(x, n)", "dy = n * x ** (n - 1) * dx")

        def f(x):
            return np.sum(power(x, 2) * x)
        """
    )
    made = derive(static_unit(path, "f"), Options("grad", ("x",)), {})
    space = {}
    exec(made.text, space)
    np.testing.assert_allclose(space[made.name](X), 3 * X * X)


def test_functions_for_each_argument(write):
    path = write(
        """
        def ratio(x, y):
            return x / y

        def by_x(g, ans, x, y):
            return g / y

        s2sad.defjvp(ratio, by_x, lambda g, ans, x, y: -g * ans / y)
        s2sad.defvjp(ratio, lambda ans, x, y: lambda g: g / y, lambda ans, x, y: lambda g: -g * ans / y, argnums=(0, 1))

        def f(x):
            return np.sum(ratio(x, 1 + x))
        """
    )
    check(path)


def test_the_function_itself(write):
    path = write(
        """
        @s2sad.custom_jvp
        def f(x):
            return np.sum(x * x)

        @f.defjvp
        def f_jvp(primals, tangents):
            (x,), (x_dot,) = primals, tangents
            return f(x), 7 * np.sum(x_dot)
        """
    )
    made = derive(static_unit(path, "f"), Options("grad", ("x",)), {})
    space = {}
    exec(made.text, space)
    np.testing.assert_array_equal(space[made.name](X), 7 * np.ones(2))


def refused(path, name="f"):
    with pytest.raises(DifferentiationError) as caught:
        derive(static_unit(path, name), Options("grad", ("x",)), {})
    return caught.value


def test_what_cannot_be_told_from_the_text(write):
    number = write(
        """
        N = 1

        @s2sad.custom_jvp(nondiff_argnums=N)
        def f(x):
            return x
        """
    )
    assert refused(number).code == "S103"
    rule = write(
        """
        import json

        @s2sad.custom_jvp
        def f(x):
            return x

        f.defjvp(json.loads)
        """
    )
    assert "no function that can be found" in refused(rule).reason


def test_other_decorators_are_refused_still(write):
    path = write(
        """
        @s2sad.custom_jvp
        @np.vectorize
        def f(x):
            return x
        """
    )
    assert refused(path).code == "S103"
