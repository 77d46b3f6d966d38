"""What stands around the numbers: imports, globals, random draws, logging, checks of types, text."""

import logging
import random
import time
import warnings
from contextlib import contextmanager

import numpy as np
import pytest

import s2sad
from s2sad.errors import S2sadError
from tests.checking import Examples, check_case, check_refused
from tests.second_order import check_second_order

right = Examples()
X = np.array([0.3, -0.8, 1.1])
SCALE = 3.0
COUNT = 0
TABLE = {"a": 2.0, "b": 3.0}
log = logging.getLogger(__name__)


@right(0.7)
def imports(x):
    import math
    from math import cos
    from math import sin as sine

    import numpy as numerics
    import numpy.linalg as la

    return math.exp(x) * cos(sine(x)) * la.norm(numerics.array([x, 1.0]))


@right(0.7)
def import_in_a_branch(x):
    y = x
    if x > 0:
        import math

        y = math.sin(x)
    return y * x


@right(0.7)
def reads_a_global(x):
    global SCALE
    return x * SCALE


@right(0.7)
def reads_what_is_not_local(x):
    k = 2.0

    def inner(y):
        nonlocal k
        return y * k

    return inner(x) * x


@right(0.7)
def draws(x):
    rng = np.random.default_rng(3)
    e = rng.normal(size=3)
    y = x * rng.random()
    for _ in range(2):
        y = y * x + rng.normal()
        rng.uniform(0, 1)
    return y * rng.standard_normal() + np.sum(e * x)


@right(0.7)
def draws_without_numpy(x):
    rng = random.Random(5)
    return x * rng.random() + rng.gauss(0.0, 1.0) * x * x


@right(0.7)
def tells(x):
    log.info("x is %s", x)
    logging.debug(f"{x:.3f}")
    logging.getLogger("numbers").debug("%s", x * x)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("careful", stacklevel=2)
    print(f"{x!r}", end="")
    started = time.perf_counter()
    y = x * x
    print("took", time.perf_counter() >= started)
    return y


@right(0.7)
def flags(x, method="Newton"):
    if method.lower() in ("a", "newton"):
        y = x * x
    elif method == "b" and method.startswith("b"):
        y = x
    else:
        raise ValueError(f"unknown method {method!r} at {x}")
    return y * TABLE["a"] * TABLE.get("b", 1.0)


@right(0.7)
@right(X)
def checks(x, w=None):
    if w is None:
        w = 2.0
    if isinstance(x, (int, float)):
        return x * x * w
    if hasattr(x, "shape") and x.ndim > 1:
        return np.sum(x)
    if not np.isscalar(x) or np.iterable(x):
        return np.sum(x.reshape(-1) ** 3)
    return x * w


@right(0.7)
def notes(x):
    assert x > 0, f"x is {x}"
    if x < 0:
        raise ValueError(f"negative x: {x}")
    y: float = x * x
    "A remark in the place of a comment."
    mask = 6 & 3 | 1 << 2
    return y * mask


@contextmanager
def timer(name):
    print("start", name)
    yield
    print("end", name)


@right(0.7)
def in_a_context_of_the_users(x):
    with timer("square"):
        y = x * x
    return y * x


@right.parametrize()
def test_surroundings(case):
    check_case(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.function.__name__) for case in right if case.known])
def test_second_order(case):
    check_second_order(case)


def test_a_generator_that_is_an_argument_is_drawn_from_once():
    def f(x, rng):
        return x * rng.normal() + rng.uniform(0, 1) * x * x

    rng, other = np.random.default_rng(1), np.random.default_rng(1)
    a, b = other.normal(), other.uniform(0, 1)
    assert s2sad.grad(f)(0.7, rng) == a + 2 * b * 0.7
    assert rng.bit_generator.state == other.bit_generator.state


def test_the_modules_own_draws_are_made_in_order():
    def f(x):
        return x * random.random() + np.random.rand() * x * x

    random.seed(3)
    np.random.seed(3)
    a, b = random.random(), np.random.rand()
    random.seed(3)
    np.random.seed(3)
    assert s2sad.jvp(f)(0.7, 1.0) == (0.7 * a + b * 0.7 * 0.7, a + (b * 0.7 + b * 0.7))


# ------------------------------------------------------------------ refusals


def writes_a_global(x):
    global COUNT
    COUNT += 1
    return x * x


def writes_an_attribute_of_a_function(x):
    checks.count = x
    return x * x


def attribute_of_a_function(x):
    from tests.checking import label

    return x * len(label.__name__)


def imports_what_is_not_there(x):
    from tests.checking import nothing

    return nothing(x)


def executes_text(x):
    exec("y = 1")
    return x


def draws_around_a_mean(x):
    rng = np.random.default_rng(3)
    return rng.normal(x) * x


@pytest.mark.parametrize(
    ("function", "code", "at"),
    [
        (writes_a_global, "S201", "global COUNT"),
        (attribute_of_a_function, "S201", "label.__name__"),
        (imports_what_is_not_there, "S103", "from tests.checking import nothing"),
        (executes_text, "S201", 'exec("y = 1")'),
        (draws_around_a_mean, "S204", "rng.normal(x)"),
    ],
)
def test_refused(function, code, at):
    check_refused(function, 0.7, code=code, at=at)


def test_a_generator_function_is_refused():
    def f(x):
        yield x

    with pytest.raises(S2sadError):
        s2sad.grad(f)(0.7)
