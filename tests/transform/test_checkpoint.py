"""`checkpoint`: a call saves its arguments alone, and the adjoint part computes the function again."""

from __future__ import annotations

import re
import tracemalloc

import numpy as np
import pytest

import s2sad
from s2sad.frontend.static import static_unit
from s2sad.options import Options
from s2sad.pipeline import derive
from tests.checking import Examples, case_of, check_case, check_derivative, generated
from tests.second_order import check_second_order

X = np.array([0.3, -0.8, 1.1])


@s2sad.checkpoint
def step(u, k):
    for _ in range(3):
        u = u + k * np.sin(u) * u
    return u


def plain_step(u, k):
    v = np.sin(u)
    return u + k * v * np.exp(-v)


again = s2sad.checkpoint(plain_step)


@s2sad.checkpoint
def nested(u, k):
    return step(again(u, k), k) * u


@s2sad.checkpoint
def recursive(u, n):
    if n == 0:
        return np.sin(u)
    return recursive(0.5 * u * u, n - 1) * u


@s2sad.checkpoint
def two_results(u, k):
    s = np.sin(u)
    return s * k, np.sum(s * s)


@s2sad.checkpoint
@s2sad.custom_jvp
def with_rule(u):
    return np.exp(u)


with_rule.defjvp(lambda p, t: (np.exp(p[0]), np.exp(p[0]) * t[0]))

right = Examples()


@right(X, 0.1)
def once(u, k):
    return np.sum(step(u, k) ** 2)


@right(X, 0.1, wrt="k")
def by_one_argument(u, k):
    return np.sum(step(u, k) ** 2)


@right(X, 0.1, 4)
def in_a_loop(u, k, n):
    for _ in range(n):
        u = step(u, k)
    return np.sum(u * u)


@right(X, 0.1)
def by_assignment(u, k):
    return np.sum(again(u, k) * u)


@right(X, 0.1)
def inside_of_one_another(u, k):
    return np.sum(nested(u, k))


@right(X, 3)
def in_recursion(u, n):
    return np.sum(recursive(u, n))


@right(X, 0.1)
def of_two_results(u, k):
    s, t = two_results(u, k)
    return np.sum(s * u) * t


@right(X)
def with_a_rule(u):
    return np.sum(with_rule(u) * u)


@right(X, 0.1)
def where_it_is_called(u, k):
    return np.sum(s2sad.checkpoint(plain_step)(u, k) * s2sad.checkpoint(np.cos)(u))


@right(X, 0.1)
def of_a_lambda(u, k):
    return np.sum(s2sad.checkpoint(lambda t: np.sin(t) * k * u)(u * u))


def applied(f, u):
    return s2sad.checkpoint(f)(u) * u


@right(X, 0.1)
def of_an_argument(u, k):
    return np.sum(applied(lambda t: plain_step(t, k), u))


@right(X, 0.1)
def in_a_branch(u, k):
    if k > 0:
        u = step(u, k)
    return np.sum(u)


@right(0.3, 0.1)
def of_a_number(u, k):
    return step(u, k) * u


@right.parametrize()
def test_right(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.function.__name__) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


@pytest.mark.parametrize("function", [step, again, nested])
def test_of_the_function_itself(function):
    check_derivative(function, X, 0.1)


def test_called_it_is_the_function():
    np.testing.assert_array_equal(again(X, 0.1), plain_step(X, 0.1))
    assert again.__name__ == "plain_step"


def test_nothing_is_saved_but_arguments():
    text = generated(case_of(in_a_loop, (X, 0.1, 4), {}, "u", True), "grad")[0]
    outer = text[text.index("def in_a_loop_grad") :]
    assert set(re.findall(r"\w+_saved", outer)) == {"u_saved"}
    assert "step_fwd" not in text
    assert "computed again here (checkpoint)" in text


def test_memory():
    def run(u, k, n):
        for _ in range(n):
            u = step(u, k)
        return np.sum(u * u)

    def run_plainly(u, k, n):
        for _ in range(n):
            for _ in range(3):
                u = u + k * np.sin(u) * u
        return np.sum(u * u)

    u = np.linspace(0.0, 1.0, 20_000)
    peaks = []
    for function in (run, run_plainly):
        gradient = s2sad.grad(function)
        gradient(u, 0.1, 2)
        tracemalloc.start()
        gradient(u, 0.1, 20)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < 0.6 * peaks[1]


def test_in_a_file(tmp_path):
    path = tmp_path / "model.py"
    path.write_text(
        "import numpy as np\nfrom s2sad import checkpoint\n\n\n"
        "@checkpoint\ndef step(u):\n    return np.sin(u) * u\n\n\n"
        "def f(u):\n    return step(step(u)) + checkpoint(np.sin)(u) + checkpoint(lambda t: t * u)(u)\n"
    )
    made = derive(static_unit(path, "f"), Options("grad", ("u",)), {})
    assert "import s2sad" not in made.text and "(checkpoint)" in made.text
    space = {}
    exec(made.text, space)
    step = 1e-6
    f = {}
    exec(path.read_text(), f)
    expected = (f["f"](0.7 + step) - f["f"](0.7 - step)) / (2 * step)
    assert space[made.name](0.7) == pytest.approx(expected, rel=1e-8)
