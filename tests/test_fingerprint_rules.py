"""Derivatives by hand are part of what a derivative depends on."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import s2sad
from s2sad import custom
from s2sad.fingerprint import fingerprint

FACTOR = 2.0


def by_hand(jvp, **nondiff):
    @s2sad.custom_jvp(**nondiff)
    def f(x, n):
        return x**n

    f.defjvp(jvp)
    return lambda x: f(x, 2)


def test_the_rule_the_mode_and_what_is_not_differentiated():
    first = by_hand(lambda p, t: (p[0] ** 2, 2 * p[0] * t[0]))
    functions = [
        by_hand(lambda p, t: (p[0] ** 2, 3 * p[0] * t[0])),
        by_hand(lambda p, t: (p[0] ** 2, 2 * p[0] * t[0]), nondiff_argnums=(1,)),
    ]
    codes = {fingerprint(f).code for f in (first, *functions)}
    assert len(codes) == 3
    assert fingerprint(first).code in codes


def test_a_rule_that_calls_its_function_and_one_that_reads_data():
    @s2sad.custom_jvp
    def f(x):
        return FACTOR * x

    @f.defjvp
    def f_jvp(primals, tangents):
        return f(*primals), FACTOR * tangents[0]

    assert 2.0 in fingerprint(lambda x: f(x)).data


def test_a_rule_given_later_is_seen():
    @s2sad.custom_vjp
    def f(x):
        return x

    def g(x):
        return f(x)

    watch = fingerprint(g).watch
    assert watch.holds(g)
    f.defvjp(lambda x: (x, None), lambda saved, y_bar: (y_bar,))
    assert not watch.holds(g)


def test_a_declared_rule_is_seen():
    def f(x):
        return x

    def g(x):
        return f(x)

    before = fingerprint(g)
    assert before.watch.holds(g)
    s2sad.rule("y = f(x)", "dy = FACTOR * dx")
    assert not before.watch.holds(g)
    after = fingerprint(g)
    assert before.code != after.code and 2.0 in after.data and after.watch.holds(g)
    s2sad.rule("y = f(x)", "dy = 2 * FACTOR * dx")
    assert fingerprint(g).code != after.code
    s2sad.defvjp(f, lambda ans, x: lambda g: g)
    last = fingerprint(g).code
    s2sad.defvjp(f, lambda ans, x: lambda g: 2 * g)
    assert fingerprint(g).code != last


def test_a_rule_of_a_librarys_function():
    def g(x):
        return np.floor(x)

    def other(x):
        return np.ceil(x)

    before, unconcerned = fingerprint(g), fingerprint(other)
    s2sad.rule("y = np.floor(x)", "dy = dx")
    try:
        assert fingerprint(g).code != before.code
        assert fingerprint(other).code == unconcerned.code
    finally:
        custom._DECLARED.pop(id(np.floor))


PROGRAM = """
import sys
import s2sad

@s2sad.custom_jvp
def f(x):
    return x * x

@f.defjvp
def f_jvp(primals, tangents):
    (x,), (x_dot,) = primals, tangents
    return f(x), {factor} * x * x_dot

print(s2sad.grad(f)(3.0), "s2sad.pipeline" in sys.modules)
"""


@pytest.mark.parametrize("factor", [2, 5])
def test_another_process_finds_it_in_the_cache(tmp_path, factor):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM.replace("{factor}", str(factor)))
    environment = {**os.environ, "S2SAD_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": os.pathsep.join(sys.path)}
    runs = [
        subprocess.run([sys.executable, str(path)], capture_output=True, text=True, env=environment, check=True).stdout
        for _ in range(2)
    ]
    assert [run.split() for run in runs] == [[str(3.0 * factor), "True"], [str(3.0 * factor), "False"]]
