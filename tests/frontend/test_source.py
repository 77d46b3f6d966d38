"""From a live function to the source that really runs."""

import ast
import functools
import importlib
import linecache
import os
import sys
import textwrap

import numpy as np
import pytest

from s2sad.errors import DifferentiationError
from s2sad.frontend.source import place_of, shown_path, source_of


def loaded(monkeypatch, folder, name, text):
    """The module called `name`, imported from a new file in `folder`."""
    (folder / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, name, raising=False)
    importlib.invalidate_caches()
    return importlib.import_module(name)


def typed(text, name, file="<ipython-input-7>", **space):
    """The function `name` of a text that is registered with linecache, as notebooks do."""
    text = textwrap.dedent(text)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), space)
    return space[name]


def written(function):
    return ast.unparse(source_of(function).node)


def refused(function):
    with pytest.raises(DifferentiationError) as caught:
        source_of(function)
    return caught.value


def square(x):
    """Its docstring."""
    return x * x


# ------------------------------------------------------------------- functions


def test_a_function_with_its_real_lines():
    source = source_of(square)
    assert source.node.name == "square"
    assert source.node.lineno == square.__code__.co_firstlineno
    assert source.lines[source.node.lineno - 1] == "def square(x):\n"
    assert not os.path.isabs(source.file)
    assert source.file.endswith("test_source.py")


def test_decorators_are_dropped():
    def same(function):
        return function

    @same
    @same
    def triple(x):
        return 3 * x

    source = source_of(triple)
    assert source.node.decorator_list == []
    assert source.node.lineno == triple.__code__.co_firstlineno + 2
    assert ast.unparse(source.node) == "def triple(x):\n    return 3 * x"


def test_a_nested_function_keeps_its_columns():
    scale = 2.0

    def inner(x):
        return scale * x

    node = source_of(inner).node
    assert node.col_offset == 4
    assert node.body[0].col_offset == 8


def test_functions_of_one_name_are_told_apart():
    def make(flag):
        if flag:

            def f(x):
                return x + 1
        else:

            def f(x):
                return x - 1

        return f

    assert "x + 1" in written(make(True))
    assert "x - 1" in written(make(False))


class Model:
    def energy(self, x):
        return self.__scale(x)

    def __scale(self, x):
        return 2 * x

    def parent(self):
        return __class__


def test_methods_and_private_names():
    assert written(Model.energy).startswith("def energy(self, x)")
    assert written(Model._Model__scale).startswith("def __scale(self, x)")
    assert written(Model.parent).startswith("def parent(self)")


def test_a_function_with_an_assert_that_pytest_rewrote():
    def positive(x, limit=3):
        y = x - 1
        assert x > 0, "negative"
        assert y < limit or np.isnan(y), f"too large: {y}"
        return [z * y for z in (1, 2)]

    assert "@pytest_ar" in positive.__code__.co_names
    assert "x > 0" in written(positive)


def test_an_edit_beside_a_rewritten_assert_is_seen(tmp_path):
    from s2sad.frontend.definition import definitions

    def positive(x):
        assert x > 0
        return x * 2

    text = "".join(source_of(positive).lines)
    assert definitions(positive.__code__, text)
    assert not definitions(positive.__code__, text.replace("x * 2", "x / 2"))


def test_future_annotations(monkeypatch, tmp_path):
    text = """
    from __future__ import annotations
    import math

    def outer():
        def f(x: Unknown[3], *, n: int = 3) -> Nowhere:
            return math.sin(x) * n
        return f
    """
    assert written(loaded(monkeypatch, tmp_path, "s2sad_future", text).outer()).startswith("def f(x: Unknown[3]")


def test_the_standard_library_and_numpy():
    for function in (textwrap.indent, functools.wraps, ast.dump, np.eye):
        assert source_of(function).node.name == function.__name__


# --------------------------------------------------------------------- lambdas


def test_lambdas_on_one_line():
    functions = [lambda x: x + 1, lambda x: x + 2, lambda x: x + 1, lambda: 3, lambda: 4, lambda x, n=2: x**n]
    columns = [source_of(function).node.col_offset for function in functions]
    assert columns == sorted(set(columns))
    assert [written(function).splitlines()[1].strip() for function in functions] == [
        "return x + 1", "return x + 2", "return x + 1", "return 3", "return 4", "return x ** n"
    ]  # fmt: skip


def test_nested_lambdas_on_one_line():
    outer = lambda x: lambda y: x * y
    assert written(outer) == "def outer(x):\n    return lambda y: x * y"
    assert written(outer(2)) == "def lambda_(y):\n    return x * y"
    with_default = lambda x, inner=lambda x: x + 1: x + 1
    assert source_of(with_default).node.name == "with_default"
    assert source_of(with_default.__defaults__[0]).node.name == "lambda_"


def test_a_lambda_takes_the_name_it_is_assigned_to():
    cube = lambda x: x**3
    typed_one: object = lambda x: x**4
    assert source_of(cube).node.name == "cube"
    assert source_of(typed_one).node.name == "typed_one"
    assert source_of(walrus := lambda x: x).node.name == "walrus"
    assert source_of(max([lambda x: x], key=id)).node.name == "lambda_"
    assert walrus(1) == 1


def test_a_lambda_over_several_lines_and_in_a_decorator():
    def keep(function):
        return lambda decorated: function

    function = (
        lambda x: (
            x
            + 1
        )
    )  # fmt: skip
    assert "return x + 1" in written(function)

    @keep(lambda x: 5 * x)
    def kept():
        pass

    assert "return 5 * x" in written(kept)


# ----------------------------------------------------------------- typed texts


def test_a_cell_of_a_notebook():
    function = typed("import math\n\ndef f(x):\n    return math.sin(x)\n", "f")
    source = source_of(function)
    assert (source.file, source.node.lineno) == ("<ipython-input-7>", 3)


def test_a_notebook_compiles_its_statements_one_by_one():
    # Python compiles `math.sin(x)` differently where the import stands in the same compilation.
    text = "import math\ndef f(x):\n    return math.sin(x) + math.cos(x)\n"
    file = "<ipython-input-8>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space = {}
    for statement in ast.parse(text).body:
        exec(compile(ast.Module([statement], []), file, "exec"), space)
    assert source_of(space["f"]).node.lineno == 2


def test_text_that_is_not_kept():
    space = {}
    exec("def f(x): return x", space)
    error = refused(space["f"])
    assert error.code == "S101"
    assert "prompt" in error.reason
    assert "in a file" in error.rewrite


# --------------------------------------------------------------------- refusals


def test_a_file_that_was_edited(monkeypatch, tmp_path):
    module = loaded(monkeypatch, tmp_path, "s2sad_edited", "def f(x):\n    return x + 1\n")
    (tmp_path / "s2sad_edited.py").write_text("def f(x):\n    return x - 1.0\n", encoding="utf-8")
    error = refused(module.f)
    assert error.code == "S102"
    assert "edited" in error.reason
    assert str(tmp_path) not in str(error)


def test_a_file_that_is_broken_now(monkeypatch, tmp_path):
    module = loaded(monkeypatch, tmp_path, "s2sad_broken", "def f(x):\n    return x + 1\n")
    (tmp_path / "s2sad_broken.py").write_text("def f(x:\n    return x +\n", encoding="utf-8")
    assert refused(module.f).code == "S102"


@pytest.mark.parametrize(("old", "new"), [("2", "2.0"), ("1", "True"), ("0.0", "-0.0"), ("(1, 2)", "(1, 2.0)")])
def test_equal_constants_of_other_types_are_an_edit(monkeypatch, tmp_path, old, new):
    module = loaded(monkeypatch, tmp_path, "s2sad_constant", f"def f(x):\n    return x, {old}\n")
    (tmp_path / "s2sad_constant.py").write_text(f"def f(x):\n    return x, {new}\n", encoding="utf-8")
    assert refused(module.f).code == "S102"


def test_an_edit_elsewhere_does_not_matter(monkeypatch, tmp_path):
    text = "import math\n\ndef f(x):\n    return math.sin(x)\n"
    module = loaded(monkeypatch, tmp_path, "s2sad_moved", text)
    moved = text.replace("\n\n", "\n\nA = 1\n\ndef g(x):\n    return x\n\n")
    (tmp_path / "s2sad_moved.py").write_text(moved, encoding="utf-8")
    source = source_of(module.f)
    assert source.lines[source.node.lineno - 1] == "def f(x):\n"


def test_a_reload_is_followed(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    module = loaded(monkeypatch, tmp_path, "s2sad_reloaded", "def f(x):\n    return x + 1\n")
    assert "x + 1" in written(module.f)
    (tmp_path / "s2sad_reloaded.py").write_text("def f(x):\n    return x * 100\n", encoding="utf-8")
    importlib.reload(module)
    assert "x * 100" in written(module.f)


def test_a_file_that_vanished(monkeypatch, tmp_path):
    module = loaded(monkeypatch, tmp_path, "s2sad_vanished", "def f(x):\n    return x\n")
    (tmp_path / "s2sad_vanished.py").unlink()
    error = refused(module.f)
    assert error.code == "S101"
    assert "s2sad_vanished.py is not there" in error.reason


class Callable:
    def __call__(self, x):
        return x


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (len, "`len` is compiled"),
        (np.exp, "`np.exp` is a NumPy ufunc"),
        (str.upper, "`str.upper` is compiled"),
        (Model, "`Model` is a class"),
        (Model().energy, "bound method"),
        (functools.partial(square, 1), "`partial(square, ...)` is a functools.partial"),
        (Callable(), "`Callable` is an object with `__call__`"),
        (3.0, "an object of type float cannot be called"),
    ],
)
def test_what_has_no_source(thing, words):
    error = refused(thing)
    assert error.code == "S101"
    assert words in error.reason
    assert error.rewrite


def test_a_coroutine():
    async def f(x):
        return x

    error = refused(f)
    assert error.code == "S201"
    assert error.place.text.strip() == "async def f(x):"


# --------------------------------------------------------------------- places


def test_shown_paths(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert shown_path(str(tmp_path / "a" / "model.py")) == "a/model.py"
    assert shown_path(str(tmp_path.parent / "model.py")) == "model.py"
    assert shown_path("<ipython-input-1>") == "<ipython-input-1>"


def test_the_place_of_a_node_of_several_lines():
    lines = ["y = f(x,\n", "      z)\n"]
    place = place_of(ast.parse("".join(lines)).body[0].value, "model.py", lines)
    assert (place.line, place.column, place.end_column, place.text) == (1, 4, 8, "y = f(x,")
