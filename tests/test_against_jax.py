"""Every operator, nesting and order against JAX: the same code, once with NumPy and s2sad, once with jax.numpy and JAX.

Values, structures, shapes and dtypes are compared. One difference is meant: JAX has arrays without axes where we have the
numbers of Python and NumPy.
"""

import itertools
from dataclasses import fields
from types import FunctionType, SimpleNamespace

import numpy as np
import pytest

import s2sad
from s2sad.testing import check_grads
from tests import jax_functions
from tests.checking import like
from tests.jax_functions import CASES, TWINS, Body, M, Pair, X

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_most_optimizations", True)
for container in (Body, Pair):
    jax.tree_util.register_dataclass(container, [field.name for field in fields(container)], [])


@pytest.fixture(autouse=True, scope="module")
def _apart(tmp_path_factory):
    """A cache of its own, for files that are not formatted, which takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("S2SAD_CACHE_DIR", str(tmp_path_factory.mktemp("cache", numbered=True)))
        patch.setattr("black.format_str", lambda text, mode: text)
        yield


# --------------------------------------------------------- JAX, called as s2sad is


def several(wrt):
    return wrt if isinstance(wrt, tuple) else (wrt,)


def at_the_rest(f, args, wrt):
    """`f` as a function of the arguments that `wrt` selects alone, and these."""

    def of_the_chosen(*values):
        given = dict(enumerate(args)) | dict(zip(several(wrt), values, strict=True))
        return f(*given.values())

    return of_the_chosen, tuple(args[position] for position in several(wrt))


def jax_jvp(f, *point, wrt=0):
    if point:
        return jax.jvp(f, *point)
    count = len(several(wrt))
    return lambda *args: jax.jvp(*at_the_rest(f, args[:-count], wrt), args[-count:])


def jax_vjp(f, *point, wrt=0):
    if point:
        return jax.vjp(f, *point)

    def value_and_pullback(*args):
        of_the_chosen, primals = at_the_rest(f, args, wrt)
        value, pullback = jax.vjp(of_the_chosen, *primals)
        return value, pullback if isinstance(wrt, tuple) else lambda y_bar: pullback(y_bar)[0]

    return value_and_pullback


def jax_hvp(f, wrt=0):
    return lambda *args: jax_jvp(jax.grad(f, wrt), wrt=wrt)(*args)[1]


def by_position(operator):
    return lambda f, wrt=0, has_aux=False: operator(f, wrt, has_aux=has_aux)


JAX = SimpleNamespace(
    jvp=jax_jvp,
    vjp=jax_vjp,
    hvp=jax_hvp,
    elementwise_grad=lambda f: jax.vmap(jax.grad(f)),
    derivative=by_position(jax.jacfwd),
    **{name: by_position(getattr(jax, name)) for name in ("grad", "value_and_grad")},
    **{name: by_position(getattr(jax, name)) for name in ("jacfwd", "jacrev", "jacobian", "hessian")},
)
SPACE = {**vars(jax_functions), **vars(JAX), "np": jax.numpy}


def for_jax(f):
    """The same code, or that of its twin, with `np` and the operators bound to JAX's."""
    f = TWINS.get(f.__name__, f)
    made = FunctionType(f.__code__, SPACE, f.__name__, f.__defaults__)
    made.__kwdefaults__ = f.__kwdefaults__
    return made


SPACE |= {
    name: for_jax(value)
    for name, value in vars(jax_functions).items()
    if isinstance(value, FunctionType) and value.__module__ == jax_functions.__name__
}


# ------------------------------------------------------------------- comparing


def check_same(ours, theirs, rtol=1e-9):
    """Fails unless values, structures, shapes and dtypes agree."""
    assert jax.tree.structure(ours) == jax.tree.structure(theirs)
    found = jax.tree_util.tree_leaves_with_path(ours)
    for (path, a), b in zip(found, jax.tree.leaves(theirs), strict=True):
        where = jax.tree_util.keystr(path)
        assert isinstance(a, float | np.ndarray | np.generic), (where, a)
        assert (where, np.shape(a), np.asarray(a).dtype) == (where, np.shape(b), np.asarray(b).dtype)
        np.testing.assert_allclose(a, b, rtol, rtol, err_msg=where)


def random_like(value, seed=1):
    """A direction for a value of NumPy's or JAX's."""
    value = jax.tree.map(lambda leaf: float(leaf) if np.ndim(leaf) == 0 else np.asarray(leaf), value)
    return like(value, np.random.default_rng(seed).standard_normal)


def tangents(case):
    return tuple(random_like(case.args[position], position) for position in several(case.wrt))


def is_a_number(case):
    return isinstance(case.function(*case.args), float | np.floating)


def both(case, operator):
    """A derivative of a case, made by s2sad and by JAX."""
    ours = getattr(s2sad, operator)(case.function, wrt=case.wrt)
    return ours, getattr(JAX, operator)(for_jax(case.function), wrt=case.wrt)


def of(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


NUMBERS = [case for case in CASES if is_a_number(case)]


# ------------------------------------------------------------------ first order


@of(CASES)
def test_jvp(case):
    ours, theirs = both(case, "jvp")
    check_same(ours(*case.args, *tangents(case)), theirs(*case.args, *tangents(case)))


@of(CASES)
def test_vjp(case):
    ours, theirs = both(case, "vjp")
    (value, pullback), (expected, expected_pullback) = ours(*case.args), theirs(*case.args)
    check_same(value, expected)
    y_bar = random_like(expected)
    check_same(pullback(y_bar), expected_pullback(y_bar))


@of(NUMBERS)
@pytest.mark.parametrize("operator", ["grad", "value_and_grad"])
def test_gradient(case, operator):
    ours, theirs = both(case, operator)
    check_same(ours(*case.args), theirs(*case.args))


@of(CASES)
@pytest.mark.parametrize("operator", ["jacfwd", "jacrev", "jacobian"])
def test_jacobian(case, operator):
    ours, theirs = both(case, operator)
    check_same(ours(*case.args), theirs(*case.args))


@of([case for case in CASES if isinstance(case.args[0], float) and case.wrt == 0])
def test_derivative(case):
    ours, theirs = both(case, "derivative")
    check_same(ours(*case.args), theirs(*case.args))


@pytest.mark.parametrize("f", [np.tanh, lambda x: np.exp(-x) * x**3], ids=["tanh", "lambda"])
def test_elementwise_grad(f):
    named = jax.numpy.tanh if f is np.tanh else lambda x: jax.numpy.exp(-x) * x**3
    check_same(s2sad.elementwise_grad(f)(X), JAX.elementwise_grad(named)(X))


# ----------------------------------------------------------------- second order


@of(NUMBERS)
def test_hvp(case):
    ours, theirs = both(case, "hvp")
    check_same(ours(*case.args, *tangents(case)), theirs(*case.args, *tangents(case)))


@of(NUMBERS)
def test_hessian(case):
    ours, theirs = both(case, "hessian")
    check_same(ours(*case.args), theirs(*case.args))


@of(CASES)
@pytest.mark.parametrize("outer", ["jvp", "vjp"])
def test_of_jvp(case, outer):
    ours, theirs = both(case, "jvp")
    given = (*case.args, *tangents(case))
    ours, theirs = getattr(s2sad, outer)(ours, wrt=case.wrt), getattr(JAX, outer)(theirs, wrt=case.wrt)
    if outer == "jvp":
        check_same(ours(*given, *tangents(case)), theirs(*given, *tangents(case)))
        return
    (value, pullback), (expected, expected_pullback) = ours(*given), theirs(*given)
    check_same(value, expected)
    check_same(pullback(random_like(expected)), expected_pullback(random_like(expected)))


@of(NUMBERS)
def test_vjp_of_grad(case):
    ours, theirs = both(case, "grad")
    ours, theirs = s2sad.vjp(ours, wrt=case.wrt), JAX.vjp(theirs, wrt=case.wrt)
    (value, pullback), (expected, expected_pullback) = ours(*case.args), theirs(*case.args)
    check_same(value, expected)
    check_same(pullback(random_like(expected)), expected_pullback(random_like(expected)))


# ------------------------------------------------------------------- all orders

WORDS = ["".join(word) for order in (2, 3) for word in itertools.product("fr", repeat=order)]


@of([case for case in CASES if case.name in ("logistic", "field", "network", "nested", "gradients_of_gradients")])
@pytest.mark.parametrize("word", WORDS)
def test_jacobians_of_jacobians(case, word):
    ours, theirs = case.function, for_jax(case.function)
    for letter in word:
        operator = "jacfwd" if letter == "f" else "jacrev"
        ours, theirs = getattr(s2sad, operator)(ours), getattr(JAX, operator)(theirs)
    check_same(ours(*case.args), theirs(*case.args), 1e-8)


@of([case for case in CASES if len(case.args) == 1])
@pytest.mark.parametrize("word", WORDS)
def test_directions_in_functions(case, word):
    """`forward` and `reverse` call the operators themselves."""
    ours, theirs = case.function, for_jax(case.function)
    for letter in word:
        name = "forward" if letter == "f" else "reverse"
        along = random_like(case.args[0] if letter == "f" else theirs(*case.args), len(word))
        ours, theirs = getattr(jax_functions, name)(ours, along), SPACE[name](theirs, along)
    ours, theirs = s2sad.jvp(ours), JAX.jvp(theirs)
    check_same(ours(*case.args, *tangents(case)), theirs(*case.args, *tangents(case)), 1e-8)
