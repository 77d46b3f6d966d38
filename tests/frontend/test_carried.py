"""Helpers in generated files are known by their text."""

from __future__ import annotations

import linecache

import black
import numpy as np
import pytest

import s2sad
from s2sad.frontend.live import unit_of
from s2sad.frontend.static import static_unit
from s2sad.frontend.unit import Library, User
from s2sad.options import Options
from s2sad.pipeline import derive
from s2sad.rules import helpers

FUNCTION = "def f(t, x):\n    return _unbroadcast(t, x)\n"
UNBROADCAST = helpers.source("_unbroadcast").source


def live(text):
    """The function `f` of a module with this text."""
    file = f"<carried {len(text)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space = {"__name__": "carried"}
    exec(compile(text, file, "exec"), space)
    return space["f"]


def bindings(text, name, folder):
    path = folder / "model.py"
    path.write_text(text)
    return unit_of(live(text)).scope.lookup(name), static_unit(path, "f").scope.lookup(name)


@pytest.mark.parametrize("name", helpers.names())
def test_every_helper_is_known_as_it_is_printed(name, tmp_path):
    needed, waiting = {name}, [name]
    while waiting:
        new = set(helpers.source(waiting.pop()).needs) - needed
        needed |= new
        waiting += new
    texts = [helpers.source(helper).source for helper in sorted(needed)]
    text = "\n\n".join(["import numpy as np", *texts, f"def f(x):\n    return {name}(x)\n"])
    text = black.format_str(text, mode=black.Mode(line_length=100))
    assert bindings(text, name, tmp_path) == (Library(name), Library(name))


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np\n\ndef _unbroadcast(t, x):\n    return t\n",
        f"import numpy as np\n\n{UNBROADCAST.replace('stretched', 'widened')}\n",
        f"import math as np\n\n{UNBROADCAST}\n",
    ],
)
def test_other_functions_of_the_name_are_the_users(text, tmp_path):
    assert all(isinstance(found, User) for found in bindings(text + "\n\n" + FUNCTION, "_unbroadcast", tmp_path))


def test_a_helper_that_calls_another_function_is_the_users(tmp_path):
    text = f"import numpy as np\n\ndef _add(x, y):\n    return x\n\n{helpers.source('_add_at').source}\n\n"
    text += "def f(x):\n    _add_at(x, 0, 1.0)\n    return x\n"
    assert all(isinstance(found, User) for found in bindings(text, "_add_at", tmp_path))


def _add(a, b):
    return a * b


def _unbroadcast(t, x):
    return t + x * x


def calls_functions_named_like_helpers(x, y):
    _like = x * y
    return _add(np.sum(_unbroadcast(_like, x)), 1.0)


def test_functions_and_variables_of_the_user_that_are_called_like_helpers():
    x, y = np.array([0.3, 0.7]), 2.0
    made = derive(unit_of(calls_functions_named_like_helpers), Options("grad", ("x", "y"), False), {})
    space = {}
    exec(made.text, space)
    x_bar, y_bar = space[made.name](x, y)
    np.testing.assert_allclose(x_bar, y + 2 * x)
    np.testing.assert_allclose(y_bar, np.sum(x))


# -------------------------------------------------------------- stop_gradient


def stopped(x):
    y = s2sad.stop_gradient(np.sin(x)) * x
    return np.sum(y * s2sad.stop_gradient(y))


def test_a_constant_for_derivatives():
    x = np.array([0.3, 0.7])
    s = np.sin(x)
    assert s2sad.stop_gradient(x) is x
    np.testing.assert_allclose(s2sad.grad(stopped)(x), s * s * x)
    value, tangent = s2sad.jvp(stopped)(x, np.ones(2))
    assert value == stopped(x)
    np.testing.assert_allclose(tangent, np.sum(s * s * x))


def test_a_constant_for_derivatives_of_derivatives():
    """The derivative is sin(x)**2 * x with both sines stopped, and y is stopped as well."""
    x = np.array([0.3, 0.7])
    gradient = s2sad.grad(stopped)
    np.testing.assert_array_equal(s2sad.jvp(gradient)(x, np.ones(2))[1], np.zeros(2))

    def half(x):
        return np.sum(s2sad.stop_gradient(x) * x**2)

    second = s2sad.jvp(s2sad.grad(half))
    np.testing.assert_allclose(second(x, np.ones(2))[1], 2 * x)


def test_the_mark_stays_in_a_file(tmp_path):
    """A derivative of a file read back is that of the function: there is no s2sad in the file."""

    def half(x):
        return x * s2sad.stop_gradient(x)

    first = derive(unit_of(half), Options("grad", ("x",)), {})
    assert "import s2sad" not in first.text
    path = tmp_path / "half_grad.py"
    path.write_text(first.text)
    second = derive(static_unit(path, first.name), Options("jvp", ("x",)), {})
    space = {}
    exec(second.text, space)
    assert space[second.name](3.0, 1.0) == (3.0, 0.0)


def test_on_any_nesting_and_kept_in_loops():
    def f(x, n):
        pair = s2sad.stop_gradient((x, [2 * x, x]))
        total = 0.0
        for _ in range(n):
            total = total + pair[1][0] * x
        return total + pair[0] * x

    gradient = s2sad.grad(f)
    assert gradient(3.0, 4) == pytest.approx(4 * 6.0 + 3.0)
    assert s2sad.jvp(f)(3.0, 4, 1.0)[1] == pytest.approx(27.0)


def test_from_a_module_under_another_name(tmp_path):
    path = tmp_path / "model.py"
    path.write_text("from s2sad import stop_gradient as sg\n\n\ndef f(x):\n    return sg(x) * x\n")
    made = derive(static_unit(path, "f"), Options("grad", ("x",)), {})
    assert "import s2sad" not in made.text
    space = {}
    exec(made.text, space)
    assert space[made.name](3.0) == 3.0
