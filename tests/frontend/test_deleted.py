"""Reads of variables that `del` may have taken away."""

import ast
import textwrap

import pytest

from s2sad.frontend.deleted import read_after_deletion
from tests.checking import Examples, check_case, check_refused, label

right = Examples()

FINE = [
    "y = x\ndel y\nreturn x",
    "y = x\ndel y\ny = 2\nreturn y",
    "for k in r:\n    y = k\n    del y\nreturn x",
    "for k in r:\n    y = k\n    if y:\n        del y\n        continue\n    x = y\nreturn x",
    "if x:\n    y = 1\n    del y\n    return x\ny = 2\nreturn y",
    "y = 1\nif x:\n    del y\n    return x\nreturn y",
    "y = 1\nif x:\n    del y\n    y = 2\nreturn y",
    "try:\n    y = x\nexcept ValueError as e:\n    y = str(e)\nreturn y",
    "y = 1\ntry:\n    del y\n    y = 2\nfinally:\n    x = 1\nreturn y",
    "y = 1\nz = [y for y in r]\ndel y\nreturn [y for y in z]",
    "y = 1\ndel y\nreturn (lambda y: y)(x)",
    "y = 1\ndel y\nif (y := x):\n    return y",
    "del x[0], x.a\nreturn x",
    "y = 1\ndel y\nimport y\nreturn y",
    "y = 1\ndel y\nmatch x:\n    case [y]:\n        return y",
    "y = 1\ndel y\nwith x as y:\n    return y",
    "while x:\n    y = x\n    x = y - 1\n    del y\nreturn x",
]
WRONG = [
    "y = x\ndel y\nreturn y",
    "y = x\ndel y\ny += 1",
    "y = x\ndel y\ndel y",
    "y = x\nif x:\n    del y\nreturn y",
    "y = x\nfor k in r:\n    del y\nreturn x",
    "for k in r:\n    x = k\ndel k\nreturn k",
    "y = 1\nfor k in r:\n    z = y\n    if z:\n        del y\n        break\nreturn y",
    "y = 1\nfor k in r:\n    z = y\n    if z:\n        del y\n        continue\nreturn x",
    "y = 1\ntry:\n    del y\n    z = x\n    y = 2\nexcept ValueError:\n    z = y\nreturn z",
    "try:\n    y = x\nexcept ValueError as e:\n    y = 1\nreturn e",
    "y = 1\ntry:\n    del y\nfinally:\n    x = y\nreturn x",
    "y = x\ndel y\nreturn [y for k in r]",
    "def f():\n    return y\ny = 1\nz = f()\ndel y\nreturn z",
    "y = x\ndel y\nwhile y:\n    pass",
    "y = x\ndel y\nmatch y:\n    case _:\n        pass",
]


def tree(text):
    return ast.parse(textwrap.indent("def g():\n" + textwrap.indent(text, "    "), "")).body[0].body


@pytest.mark.parametrize("text", FINE)
def test_fine(text):
    assert read_after_deletion(tree(text)) is None


@pytest.mark.parametrize("text", WRONG)
def test_wrong(text):
    assert read_after_deletion(tree(text)) is not None


@right(0.7)
def assigned_again(x):
    y = x * x
    z = y * x
    del y
    for k in range(2):
        y = z * k
        z = z + y
        del y
    return z


@pytest.mark.parametrize("case", [pytest.param(case, id=label(case)) for case in right])
def test_derivatives(case):
    check_case(case)


def read_later(x):
    y = x * x
    del y
    return y * x


def test_refused():
    check_refused(read_later, 0.7, code="S201", at="y")
