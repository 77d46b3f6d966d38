"""Every operator, nesting and order against JAX: the same code, once with NumPy and s2sad, once with jax.numpy and JAX.

Values, structures, shapes and dtypes are compared. One difference is meant: JAX has arrays without axes where we have the
numbers of Python and NumPy.
"""

import itertools
from dataclasses import fields, replace
from functools import cache
from types import FunctionType, SimpleNamespace

import numpy as np
import pytest

import s2sad
from s2sad.testing import check_grads
from tests import jax_functions
from tests.checking import like
from tests.jax_functions import CASES, TWINS, Body, M, Pair, X, number

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


def both(case, *operators):
    """A derivative of a case, made by s2sad and by JAX; several operators one after the other."""
    ours, theirs = case.function, for_jax(case.function)
    for operator in operators:
        ours = getattr(s2sad, operator)(ours, wrt=case.wrt)
        theirs = getattr(JAX, operator)(theirs, wrt=case.wrt)
    return ours, theirs


@cache
def jacobians_of_jax(name, order):
    """The Jacobian of a case, of its Jacobian, …: all modes have the same value, in the same structure."""
    (case,) = named(name)
    _, theirs = both(case, *["jacfwd"] * order)
    return theirs(*case.args)


def check_pullbacks(ours, theirs, args):
    (value, pullback), (expected, expected_pullback) = ours(*args), theirs(*args)
    check_same(value, expected)
    y_bar = random_like(expected)
    check_same(pullback(y_bar), expected_pullback(y_bar))


def named(*names):
    return [case for case in CASES if case.name in names]


def of(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


NUMBERS = [case for case in CASES if is_a_number(case)]


@of(CASES)
def test_finite_differences(case):
    assert check_grads(case.function, case.args, order=2, wrt=case.wrt).ok


# ------------------------------------------------------------------ first order


@of(CASES)
def test_jvp(case):
    ours, theirs = both(case, "jvp")
    check_same(ours(*case.args, *tangents(case)), theirs(*case.args, *tangents(case)))


@of(CASES)
def test_vjp(case):
    check_pullbacks(*both(case, "vjp"), case.args)


@of(NUMBERS)
def test_gradient(case):
    ours, theirs = both(case, "value_and_grad")
    expected = theirs(*case.args)
    check_same(ours(*case.args), expected)
    check_same(s2sad.grad(case.function, wrt=case.wrt)(*case.args), expected[1])


@of(CASES)
@pytest.mark.parametrize("operator", ["jacfwd", "jacrev", "jacobian"])
def test_jacobian(case, operator):
    jacobian = getattr(s2sad, operator)(case.function, wrt=case.wrt)
    check_same(jacobian(*case.args), jacobians_of_jax(case.name, 1))


@of([case for case in CASES if isinstance(case.args[0], float) and case.wrt == 0])
def test_derivative(case):
    check_same(s2sad.derivative(case.function)(*case.args), jacobians_of_jax(case.name, 1))


@pytest.mark.parametrize("f", [np.tanh, lambda x: np.exp(-x) * x**3], ids=["tanh", "lambda"])
def test_elementwise_grad(f):
    g = jax.numpy.tanh if f is np.tanh else lambda x: jax.numpy.exp(-x) * x**3
    check_same(s2sad.elementwise_grad(f)(X), JAX.elementwise_grad(g)(X))


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
def test_jvp_of_jvp(case):
    ours, theirs = both(case, "jvp", "jvp")
    given = (*case.args, *tangents(case), *tangents(case))
    check_same(ours(*given), theirs(*given))


@of(CASES)
def test_vjp_of_jvp(case):
    check_pullbacks(*both(case, "jvp", "vjp"), (*case.args, *tangents(case)))


@of(NUMBERS)
def test_vjp_of_grad(case):
    check_pullbacks(*both(case, "grad", "vjp"), case.args)


# ------------------------------------------------------------------- all orders

WORDS = ["".join(word) for order in (2, 3) for word in itertools.product("fr", repeat=order)]


@of(named("logistic", "field", "network", "momentum"))
@pytest.mark.parametrize("word", WORDS)
def test_jacobians_of_jacobians(case, word):
    ours = case.function
    for letter in word:
        ours = (s2sad.jacfwd if letter == "f" else s2sad.jacrev)(ours)
    check_same(ours(*case.args), jacobians_of_jax(case.name, len(word)), 1e-8)


@of(named("logistic", "rosenbrock", "pair", "recurrence"))
@pytest.mark.parametrize("word", WORDS)
def test_operators_in_functions(case, word):
    """The functions that `forward` and `reverse` return call the operators themselves."""
    ours, theirs = case.function, for_jax(case.function)
    for letter in word:
        name = "forward" if letter == "f" else "reverse"
        along = random_like(case.args[0] if letter == "f" else theirs(*case.args), len(word))
        ours, theirs = getattr(jax_functions, name)(ours, along), SPACE[name](theirs, along)
    check_same(ours(*case.args), theirs(*case.args), 1e-8)


# -------------------------------------------------------------- forms of calling


@pytest.mark.parametrize("wrt", [0, 1, -1, (0, 2), (2, 0), (1,), "shift", ("x", "w")], ids=str)
@pytest.mark.parametrize("operator", ["grad", "value_and_grad", "jacrev", "hessian"])
def test_arguments_selected(operator, wrt):
    places = {"w": 0, "shift": 1, "x": 2}
    argnums = tuple(places.get(one, one) for one in wrt) if isinstance(wrt, tuple) else places.get(wrt, wrt)
    ours, theirs = getattr(s2sad, operator)(number, wrt=wrt), getattr(JAX, operator)(for_jax(number), argnums)
    check_same(ours(M, 0.3, X), theirs(M, 0.3, X))
    check_same(ours(M, 0.3, X, power=3), theirs(M, 0.3, X, power=3))


@pytest.mark.parametrize("operator", ["grad", "value_and_grad"])
def test_aux(operator):
    def with_aux(w, x):
        return number(w, 0.1, x), {"last": (x * 2, 1.5), "w": [w]}

    def with_aux_in_jax(w, x):
        return for_jax(number)(w, 0.1, x), {"last": (x * 2, 1.5), "w": [w]}

    ours = getattr(s2sad, operator)(with_aux, wrt=(1, 0), has_aux=True)
    theirs = getattr(JAX, operator)(with_aux_in_jax, (1, 0), has_aux=True)
    check_same(ours(M, X), theirs(M, jax.numpy.asarray(X)))


def test_at_once():
    """`jvp` and `vjp` evaluated at primals."""
    given, v = (M, 0.3, X), (M, 0.5, X)
    check_same(s2sad.jvp(number, given, v), jax.jvp(for_jax(number), given, v))
    (value, pullback), (expected, expected_pullback) = s2sad.vjp(number, *given), jax.vjp(for_jax(number), *given)
    check_same(value, expected)
    check_same(pullback(0.5), expected_pullback(0.5))


@of(named("rosenbrock", "field", "layer", "network", "layers", "nested"))
def test_single_precision(case):
    """Nothing becomes double; Python's floats take part in either precision."""
    single = lambda leaf: leaf.astype(np.float32) if isinstance(leaf, np.ndarray) else leaf
    case = replace(case, args=jax.tree.map(single, case.args))
    v = jax.tree.map(single, tangents(case))
    ours, theirs = both(case, "jvp")
    check_same(ours(*case.args, *v), theirs(*case.args, *v), 1e-4)
    (value, pullback), (expected, expected_pullback) = (made(*case.args) for made in both(case, "vjp"))
    y_bar = jax.tree.map(lambda leaf: np.ones_like(leaf)[()], expected)
    check_same(value, expected, 1e-4)
    check_same(pullback(y_bar), expected_pullback(y_bar), 1e-4)
    check_same(both(case, "jacfwd")[0](*case.args), both(case, "jacrev")[1](*case.args), 1e-4)


@pytest.mark.parametrize("x", [0.3, np.float64(0.3), np.float32(0.3), np.array(0.3), np.array([0.3]), np.zeros((0, 3))])
def test_forms_of_numbers(x):
    f = lambda x: np.sin(x) * x
    theirs = lambda x: jax.numpy.sin(x) * x
    check_same(s2sad.jvp(f)(x, x), JAX.jvp(theirs)(x, x), 1e-6)
    check_same(s2sad.vjp(f)(x)[1](x), JAX.vjp(theirs)(x)[1](x), 1e-6)
    total, their_total = lambda x: np.sum(x * x), lambda x: jax.numpy.sum(x * x)
    check_same(s2sad.grad(total)(x), jax.grad(their_total)(x), 1e-6)
    check_same(s2sad.hessian(total)(x), jax.hessian(their_total)(x), 1e-6)


@pytest.mark.parametrize(
    "refused",
    [
        lambda ops, f, x: ops.grad(f)(x),
        lambda ops, f, x: ops.grad(f)(np.arange(3)),
        lambda ops, f, x: ops.hvp(f)(x, x),
        lambda ops, f, x: ops.jacrev(f)(np.array([True, False, True])),
        lambda ops, f, x: ops.grad(f, (0, 5))(x),
        lambda ops, f, x: ops.grad(lambda y: y[0] * y[1], has_aux=True)(x),
        lambda ops, f, x: ops.jvp(f)(x, x[:2]),
        lambda ops, f, x: ops.vjp(f)(x)[1](x[:2]),
        lambda ops, f, x: ops.vjp(f)(x)[1]((x, x)),
        lambda ops, f, x: ops.jvp(lambda p: p["a"] * 2)({"a": x}, {"b": x}),
        lambda ops, f, x: ops.jvp(lambda p: p["a"] * 2)({"a": x}, [x]),
    ],
    ids="no_number integers no_number booleans wrt no_pair tangent cotangent structure keys list".split(),
)  # fmt: skip
def test_refused_by_both(refused):
    for ops, f in ((s2sad, lambda x: x * 2), (JAX, lambda x: x * 2)):
        with pytest.raises((TypeError, ValueError)):
            refused(ops, f, X)
